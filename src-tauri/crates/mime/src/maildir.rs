//! Names in a Maildir: flags stand behind `:2,` (cr.yp.to/proto/maildir.html), keywords are lower-case letters explained in
//! a file beside (Dovecot's `dovecot-keywords`).

use mailroom_model::MessageFlags;

use crate::mbox::is_keyword;

/// Letters that there are for keywords.
const LETTERS: usize = 26;

/// The letters behind `:2,` for `flags`, in the order that the format wants. `keywords` gives each keyword its letter by its
/// place; those that have none are left out.
pub fn maildir_letters(flags: &MessageFlags, keywords: &[String]) -> String {
    let forwarded = flags
        .keywords
        .iter()
        .any(|word| word.eq_ignore_ascii_case("$Forwarded"));
    let mut letters: Vec<char> = [
        (flags.draft, 'D'),
        (flags.flagged, 'F'),
        (forwarded, 'P'),
        (flags.answered, 'R'),
        (flags.seen, 'S'),
        (flags.deleted, 'T'),
    ]
    .into_iter()
    .filter(|(set, _)| *set)
    .map(|(_, letter)| letter)
    .collect();
    letters.extend(
        ('a'..='z')
            .zip(keywords)
            .filter(|(_, keyword)| flags.keywords.contains(*keyword))
            .map(|(letter, _)| letter),
    );
    letters.into_iter().collect()
}

/// A file's name without its flags, and the flags as they stand there. `:` cannot stand in a name on Windows, where programs
/// write `;` or `!` instead.
pub fn split_maildir_name(name: &str) -> (&str, &str) {
    for mark in [":2,", ";2,", "!2,"] {
        if let Some((base, letters)) = name.rsplit_once(mark) {
            return (base, letters);
        }
    }
    (name, "")
}

/// The flags that `letters` stand for; the opposite of [`maildir_letters`].
pub fn maildir_flags(letters: &str, keywords: &[String]) -> MessageFlags {
    let mut flags = MessageFlags::default();
    for letter in letters.chars() {
        match letter {
            'D' => flags.draft = true,
            'F' => flags.flagged = true,
            'P' => flags.set("$Forwarded", true),
            'R' => flags.answered = true,
            'S' => flags.seen = true,
            'T' => flags.deleted = true,
            'a'..='z' => {
                let place = u32::from(letter) - u32::from('a');
                let keyword = usize::try_from(place).ok().and_then(|place| keywords.get(place));
                if let Some(keyword) = keyword.filter(|word| is_keyword(word)) {
                    flags.set(keyword, true);
                }
            }
            _ => {}
        }
    }
    flags
}

/// Reads `dovecot-keywords`: one line for each letter, `0 $Junk`. The result's place is the letter.
pub fn read_maildir_keywords(text: &str) -> Vec<String> {
    let mut keywords = vec![String::new(); LETTERS];
    for line in text.lines() {
        let Some((number, keyword)) = line.split_once(' ') else {
            continue;
        };
        let slot = number
            .parse::<usize>()
            .ok()
            .and_then(|number| keywords.get_mut(number));
        if let Some(slot) = slot {
            keyword.trim().clone_into(slot);
        }
    }
    keywords
}

/// Writes `dovecot-keywords` for at most 26 keywords; the opposite of [`read_maildir_keywords`].
pub fn write_maildir_keywords(keywords: &[String]) -> String {
    let lines = keywords.iter().take(LETTERS).enumerate();
    lines.fold(String::new(), |text, (number, keyword)| {
        text + &number.to_string() + " " + keyword + "\n"
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flags_survive_a_maildir() {
        let keywords = ["$Junk".to_owned(), "todo".to_owned()];
        let flags = MessageFlags::from_imap(["\\Seen", "\\Flagged", "\\Draft", "$Forwarded", "todo"]);
        let letters = maildir_letters(&flags, &keywords);
        assert_eq!(letters, "DFPSb");
        assert_eq!(maildir_flags(&letters, &keywords), flags);
        let text = write_maildir_keywords(&keywords);
        assert_eq!(text, "0 $Junk\n1 todo\n");
        assert_eq!(read_maildir_keywords(&text).get(..2), Some(keywords.as_slice()));
        assert_eq!(read_maildir_keywords("x\n99 a\n-1 b\n"), vec![String::new(); 26]);
    }

    #[test]
    fn names_are_taken_apart_on_every_system() {
        for (name, base, letters) in [
            ("1.a.host:2,FS", "1.a.host", "FS"),
            ("1.a.host;2,S", "1.a.host", "S"),
            ("1.a.host!2,", "1.a.host", ""),
            ("1.a.host", "1.a.host", ""),
            ("1.a:b:2,Sz", "1.a:b", "Sz"),
        ] {
            assert_eq!(split_maildir_name(name), (base, letters));
        }
        assert_eq!(maildir_flags("Szż9", &[]).to_imap(), ["\\Seen"]);
    }
}
