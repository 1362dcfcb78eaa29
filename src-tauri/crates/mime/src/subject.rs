//! Subjects: reply and forward prefixes in the languages of the world, found and replaced.

use crate::{Headers, fold_for_search, thread::ThreadKeys};

/// What a prefix says about the message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mark {
    Reply,
    Forward,
}

/// Prefixes that mail programs write, folded for comparison. One-letter and ambiguous ones are in [`AMBIGUOUS`].
const REPLY: &[&str] = &[
    "re",
    "odp",
    "odp.",
    "отв",
    "отв.",
    "ответ",
    "відп",
    "відп.",
    "адк.",
    "адк",
    "aw",
    "antw",
    "antw.",
    "sv",
    "vs",
    "rep",
    "ref",
    "rif",
    "res",
    "va",
    "ynt",
    "yan",
    "rasp",
    "απ",
    "σχετ",
    "odg",
    "одг",
    "ats.",
    "ats",
    "per",
    "תגובה",
    "השב",
    "回复",
    "回覆",
    "答复",
    "主题",
    "返信",
    "회신",
];
const FORWARD: &[&str] = &[
    "fw",
    "fwd",
    "forward",
    "pd",
    "przek",
    "przek.",
    "przekazane",
    "пересл",
    "пересл.",
    "переслать",
    "пер",
    "пер.",
    "переад",
    "прсл.",
    "прсл",
    "wg",
    "vb",
    "vl",
    "edasi",
    "tr",
    "inoltra",
    "rv",
    "enc",
    "doorst",
    "predano",
    "tovabbitas",
    "tov",
    "ilt",
    "redir",
    "πρθ",
    "pos",
    "прос",
    "persiusti",
    "הועבר",
    "转发",
    "轉寄",
    "転送",
    "전달",
];
/// They also start honest subjects (`I: …`, `На: …`): believed only beside another prefix or in a reply.
const AMBIGUOUS: &[(&str, Mark)] = &[
    ("r", Mark::Reply),
    ("на", Mark::Reply),
    ("ha", Mark::Reply),
    ("er", Mark::Reply),
    ("i", Mark::Forward),
];

/// A subject without its prefixes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BaseSubject {
    /// What is left, in its own case, white space collapsed; list tags (`[list]`) stay in place.
    pub text: String,
    /// The outermost prefix is one of a reply.
    pub reply_mark: bool,
    /// The outermost prefix is one of a forwarded message.
    pub forward_mark: bool,
}

/// Takes reply and forward prefixes off a subject (the spirit of RFC 5256 §2.1, in more languages). Prefixes that also
/// start honest subjects are taken only when another one stands beside them.
pub fn base_subject(subject: &str) -> BaseSubject {
    strip(subject, false)
}

/// The subject of a reply: `Re: ` once, whatever stood there (RFC 5322 §3.6.5).
pub fn reply_subject(subject: &str) -> String {
    format!("Re: {}", base_subject(subject).text)
}

/// The subject of a forwarded message: `Fwd: ` once, whatever stood there.
pub fn forward_subject(subject: &str) -> String {
    format!("Fwd: {}", base_subject(subject).text)
}

/// What puts a message into its thread. With References or In-Reply-To there, ambiguous prefixes count too.
pub fn thread_keys(headers: &Headers) -> ThreadKeys {
    let references = crate::thread::references(headers);
    let base = strip(&headers.subject, !references.is_empty());
    ThreadKeys {
        own: headers.message_id.clone(),
        references,
        base_subject: fold_for_search(&base.text),
        has_reply_mark: base.reply_mark,
    }
}

fn strip(subject: &str, is_reply: bool) -> BaseSubject {
    let subject = subject.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut tags = String::new();
    let mut marks: Vec<(Mark, bool)> = Vec::new();
    // What remains, and the tags before it, in front of each prefix: to go back to when a prefix is not believed.
    let mut places: Vec<(&str, usize)> = Vec::new();
    let mut rest = subject.as_str();
    loop {
        if let Some((mark, ambiguous, behind)) = prefix(rest) {
            places.push((rest, tags.len()));
            marks.push((mark, ambiguous));
            rest = behind;
        } else if let Some((tag, behind)) = list_tag(rest)
            && !behind.is_empty()
        {
            // `Re: [list] Re: x`: the tag is written once.
            if !tags.contains(tag) {
                tags.push_str(tag);
                tags.push(' ');
            }
            rest = behind;
        } else {
            break;
        }
    }
    let believed = is_reply || marks.iter().any(|(_, ambiguous)| !ambiguous);
    if !believed && let Some((place, tags_before)) = places.first() {
        rest = place;
        tags.truncate(*tags_before);
        marks.clear();
    }
    let outermost = marks.first().map(|(mark, _)| *mark);
    BaseSubject {
        text: format!("{tags}{rest}"),
        reply_mark: outermost == Some(Mark::Reply),
        forward_mark: outermost == Some(Mark::Forward),
    }
}

/// A prefix with its counter and colon at the start of `text`: `Re[2]:`, `RE (3) :`, `Odp^2：`.
fn prefix(text: &str) -> Option<(Mark, bool, &str)> {
    let colon = text
        .char_indices()
        .take(24)
        .find(|(_, c)| matches!(c, ':' | '：'))?;
    let (head, tail) = text.split_at_checked(colon.0)?;
    let behind = tail.get(colon.1.len_utf8()..)?.trim_start();
    let word = without_counter(head.trim_end())?.trim_end();
    if word.contains(char::is_whitespace) {
        return None;
    }
    let folded = fold_for_search(word);
    let known = |list: &[&str]| list.contains(&folded.as_str());
    if known(REPLY) {
        Some((Mark::Reply, false, behind))
    } else if known(FORWARD) {
        Some((Mark::Forward, false, behind))
    } else {
        let (_, mark) = AMBIGUOUS.iter().find(|(prefix, _)| *prefix == folded)?;
        Some((*mark, true, behind))
    }
}

/// Takes `[2]`, `(2)` or `^2` off the end; `None` when there is something in brackets that is no number.
fn without_counter(head: &str) -> Option<&str> {
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    for (open, close) in [('[', "]"), ('(', ")"), ('^', "")] {
        if let Some((word, counter)) = head.split_once(open) {
            return counter
                .strip_suffix(close)
                .filter(|number| is_number(number))
                .map(|_| word);
        }
    }
    Some(head)
}

fn list_tag(text: &str) -> Option<(&str, &str)> {
    let end = text.strip_prefix('[')?.find(['[', ']'])? + 1;
    let (tag, behind) = text.split_at_checked(end + 1)?;
    (tag.ends_with(']') && tag.len() > 2 && tag.len() <= 60).then(|| (tag, behind.trim_start()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn subject_in_every_language_loses_its_prefixes() {
        // subject, what is left, reply, forward
        let cases = [
            ("Oferta", "Oferta", false, false),
            ("Re: Oferta", "Oferta", true, false),
            ("RE:RE: re:Oferta", "Oferta", true, false),
            ("Odp: Oferta", "Oferta", true, false),
            ("ODP.: Re: Oferta", "Oferta", true, false),
            ("PD: Oferta", "Oferta", false, true),
            ("Fwd: Re: Oferta", "Oferta", false, true),
            ("Re: Fwd: Oferta", "Oferta", true, false),
            ("Отв: Счёт", "Счёт", true, false),
            ("Ответ: Счёт", "Счёт", true, false),
            ("Пересл: Счёт", "Счёт", false, true),
            ("Відп: Рахунок", "Рахунок", true, false),
            ("AW: WG: Angebot", "Angebot", true, false),
            ("Rép : Offre", "Offre", true, false),
            ("Vá: Ajánlat", "Ajánlat", true, false),
            ("İLT: Teklif", "Teklif", false, true),
            ("ΑΠ: Προσφορά", "Προσφορά", true, false),
            ("回复：报价", "报价", true, false),
            ("轉寄: 报价", "报价", false, true),
            ("Re[2]: Oferta", "Oferta", true, false),
            ("Re(2): Oferta", "Oferta", true, false),
            ("RE^3: Oferta", "Oferta", true, false),
            ("[list] Re: Oferta", "[list] Oferta", true, false),
            ("Re: [list] Oferta", "[list] Oferta", true, false),
            ("Re: [list] Re: [list] Oferta", "[list] Oferta", true, false),
            ("[list] Oferta", "[list] Oferta", false, false),
            ("[list]", "[list]", false, false),
            ("Re: ", "", true, false),
            ("Re:", "", true, false),
            // Honest subjects.
            ("I: me and mine", "I: me and mine", false, false),
            ("R: a language", "R: a language", false, false),
            ("На: два дня", "На: два дня", false, false),
            ("[x] I: me", "[x] I: me", false, false),
            ("Report: June", "Report: June", false, false),
            ("Re Oferta", "Re Oferta", false, false),
            ("Re [draft]: x", "Re [draft]: x", false, false),
            ("Regarding: re: x", "Regarding: re: x", false, false),
            // Ambiguous ones beside another prefix.
            ("R: Re: Offerta", "Offerta", true, false),
            ("Re: I: Offerta", "Offerta", true, false),
            ("I: R: Offerta", "I: R: Offerta", false, false),
            ("  a   b ", "a b", false, false),
        ];
        for (subject, text, reply_mark, forward_mark) in cases {
            let expected = BaseSubject {
                text: text.to_owned(),
                reply_mark,
                forward_mark,
            };
            assert_eq!(base_subject(subject), expected, "{subject}");
        }
    }

    #[test]
    fn every_prefix_stands_in_its_folded_form_once() {
        let mut seen = std::collections::BTreeSet::new();
        for prefix in REPLY
            .iter()
            .chain(FORWARD)
            .chain(AMBIGUOUS.iter().map(|(prefix, _)| prefix))
        {
            assert_eq!(fold_for_search(prefix), **prefix);
            assert!(seen.insert(*prefix), "{prefix}");
        }
    }

    #[test]
    fn new_subjects_have_one_prefix() {
        let cases = [
            ("Oferta", "Re: Oferta", "Fwd: Oferta"),
            ("Re: Oferta", "Re: Oferta", "Fwd: Oferta"),
            ("Odp: RE[3]: PD: Oferta", "Re: Oferta", "Fwd: Oferta"),
            ("", "Re: ", "Fwd: "),
            ("[list] Re: x", "Re: [list] x", "Fwd: [list] x"),
        ];
        for (subject, reply, forward) in cases {
            assert_eq!(
                (reply_subject(subject).as_str(), forward_subject(subject).as_str()),
                (reply, forward)
            );
            assert_eq!(reply_subject(&reply_subject(subject)), reply);
        }
    }

    #[test]
    fn ambiguous_prefix_counts_in_a_reply() {
        let mut headers = Headers {
            subject: "R: Oferta".to_owned(),
            ..Headers::default()
        };
        let keys = thread_keys(&headers);
        assert_eq!(
            (keys.base_subject.as_str(), keys.has_reply_mark),
            ("r: oferta", false)
        );
        headers.in_reply_to = vec!["a@x".to_owned()];
        let keys = thread_keys(&headers);
        assert_eq!(
            (keys.base_subject.as_str(), keys.has_reply_mark),
            ("oferta", true)
        );
    }
}
