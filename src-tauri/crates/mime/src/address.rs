//! Address fields (RFC 5322 §3.4), with everything that real mail puts there.

use mailroom_model::Mailbox;

use crate::word::{decode_words, for_display, is_deceptive, word_end};

/// The mailboxes of an unfolded address field; groups are flattened, an empty group gives nothing.
///
/// mailparse reads plain lists. Groups, comments and everything it refuses are read here: it gives up the whole field
/// at the first address that is not one.
pub fn parse_mailboxes(field: &str, limit: usize) -> Vec<Mailbox> {
    let plain = !field.contains(['(', ':', ';', '\\']);
    if plain
        && let Ok(list) = mailparse::addrparse(field)
        && let Some(mailboxes) = believable(&list, limit)
    {
        return mailboxes;
    }
    Tolerant::default().read(field, limit)
}

/// The mailboxes of a list in which every address is one word.
fn believable(list: &[mailparse::MailAddr], limit: usize) -> Option<Vec<Mailbox>> {
    list.iter()
        .take(limit)
        .map(|entry| match entry {
            mailparse::MailAddr::Single(single)
                if !single
                    .addr
                    .trim()
                    .contains(|c: char| c.is_whitespace() || matches!(c, '<' | '>' | '"')) =>
            {
                Some(mailbox(
                    single.display_name.as_deref().unwrap_or_default(),
                    &single.addr,
                ))
            }
            _ => None,
        })
        .collect()
}

fn mailbox(name: &str, address: &str) -> Mailbox {
    let name = for_display(&decode_words(name));
    let name = name
        .strip_prefix('\'')
        .and_then(|inner| inner.strip_suffix('\''))
        .map_or(name.as_str(), str::trim);
    let address = clean_address(address);
    Mailbox {
        // `a@b <a@b>` and `"a@b" <a@b>` have no name.
        name: if name.eq_ignore_ascii_case(&address) {
            String::new()
        } else {
            name.to_owned()
        },
        address,
    }
}

fn clean_address(address: &str) -> String {
    let address = address.trim();
    // RFC 5322 §4.4: an obsolete route is ignored.
    let address = match address.split_once(':') {
        Some((route, rest)) if route.starts_with('@') => rest,
        _ => address,
    };
    address
        .chars()
        .filter(|c| !c.is_control() && !is_deceptive(*c) && (address.starts_with('"') || !c.is_whitespace()))
        .collect()
}

/// One entry while it is read.
#[derive(Default)]
struct Tolerant {
    phrase: String,
    angle: Option<String>,
    comment: String,
    found: Vec<Mailbox>,
}

impl Tolerant {
    fn read(mut self, field: &str, limit: usize) -> Vec<Mailbox> {
        let last_quote = field.rfind('"');
        let mut in_angle = false;
        let mut at = 0;
        while let Some(c) = field.get(at..).and_then(|rest| rest.chars().next()) {
            if self.found.len() >= limit {
                return self.found;
            }
            let mut next = at + c.len_utf8();
            match c {
                '"' if last_quote.is_some_and(|last| last > at) => {
                    next = self.quoted(field, next, in_angle);
                }
                '(' if !in_angle => next = self.comment(field, next),
                '<' => {
                    in_angle = true;
                    self.angle = Some(String::new());
                }
                '>' if self.angle.is_some() => in_angle = false,
                ',' if in_angle && self.angle.as_ref().is_some_and(|angle| angle.starts_with('@')) => {
                    // An obsolete route.
                    if let Some(angle) = &mut self.angle {
                        angle.push(',');
                    }
                }
                ',' | ';' => {
                    in_angle = false;
                    self.finish();
                }
                ':' if !in_angle && !self.phrase.contains('@') => {
                    // The name of a group.
                    self.phrase.clear();
                    self.comment.clear();
                }
                '=' if !in_angle && field.get(at..).is_some_and(|rest| rest.starts_with("=?")) => {
                    // An encoded word is one token, whatever characters it holds.
                    next = word_end(field, at).unwrap_or(next);
                    self.phrase.push_str(field.get(at..next).unwrap_or_default());
                }
                c => match &mut self.angle {
                    Some(angle) if in_angle => angle.push(c),
                    _ => self.phrase.push(c),
                },
            }
            at = next;
        }
        self.finish();
        self.found.truncate(limit);
        self.found
    }

    /// Reads a quoted string; gives the offset behind it.
    fn quoted(&mut self, field: &str, start: usize, in_angle: bool) -> usize {
        let mut inner = String::new();
        let mut chars = field.get(start..).unwrap_or_default().char_indices();
        let mut end = field.len();
        while let Some((offset, c)) = chars.next() {
            match c {
                '"' => {
                    end = start + offset + 1;
                    break;
                }
                '\\' => inner.extend(chars.next().map(|(_, c)| c)),
                c => inner.push(c),
            }
        }
        let local_part = field.get(end..).is_some_and(|rest| rest.starts_with('@'));
        match &mut self.angle {
            Some(angle) if in_angle => angle.extend(["\"", &inner, "\""]),
            _ if local_part => self.phrase.extend(["\"", &inner, "\""]),
            _ => self.phrase.push_str(&inner),
        }
        end
    }

    /// Reads a comment, which may hold comments; gives the offset behind it.
    fn comment(&mut self, field: &str, start: usize) -> usize {
        let mut depth = 1;
        let mut chars = field.get(start..).unwrap_or_default().char_indices();
        self.comment.clear();
        while let Some((offset, c)) = chars.next() {
            match c {
                '(' => depth += 1,
                ')' => depth -= 1,
                '\\' => {
                    self.comment.extend(chars.next().map(|(_, c)| c));
                    continue;
                }
                _ => {}
            }
            if depth == 0 {
                return start + offset + 1;
            }
            self.comment.push(c);
        }
        field.len()
    }

    fn finish(&mut self) {
        let phrase = std::mem::take(&mut self.phrase);
        let comment = std::mem::take(&mut self.comment);
        let phrase = phrase.trim();
        let found = match self.angle.take() {
            Some(angle) if angle.contains('@') || !phrase.contains('@') => {
                let name = if phrase.is_empty() {
                    comment.as_str()
                } else {
                    phrase
                };
                (!angle.trim().is_empty() || !name.is_empty()).then(|| mailbox(name, &angle))
            }
            _ if phrase.is_empty() => None,
            _ if phrase.starts_with('"') => Some(mailbox(&comment, phrase)),
            _ => {
                let address = phrase.split_whitespace().find(|token| token.contains('@'));
                match address {
                    Some(address) => {
                        let name = phrase.replacen(address, "", 1);
                        let name = if name.trim().is_empty() { comment } else { name };
                        Some(mailbox(&name, address))
                    }
                    // `MAILER-DAEMON`: a local name.
                    None if !phrase.contains(char::is_whitespace) && !phrase.starts_with("=?") => {
                        Some(mailbox(&comment, phrase))
                    }
                    None => Some(mailbox(phrase, "")),
                }
            }
        };
        self.found.extend(found);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn address_field_in_every_form_seen_gives_its_mailboxes() {
        let cases: &[(&str, &[(&str, &str)])] = &[
            ("a@x.pl", &[("", "a@x.pl")]),
            ("Anna Nowak <a@x.pl>", &[("Anna Nowak", "a@x.pl")]),
            (
                "\"Nowak, Anna\" <a@x.pl>, b@x.pl",
                &[("Nowak, Anna", "a@x.pl"), ("", "b@x.pl")],
            ),
            ("\"A \\\"B\\\" C\" <a@x.pl>", &[("A \"B\" C", "a@x.pl")]),
            ("=?utf-8?Q?=C5=81ucja?= <a@x.pl>", &[("Łucja", "a@x.pl")]),
            ("\"=?utf-8?Q?=C5=81ucja?=\" <a@x.pl>", &[("Łucja", "a@x.pl")]),
            ("=?utf-8?Q?Nowak,_Jan?= <a@x.pl>", &[("Nowak, Jan", "a@x.pl")]),
            ("=?utf-8?Q?A_<B>?= <a@x.pl>", &[("A <B>", "a@x.pl")]),
            ("Иван Петров <i@x.ru>", &[("Иван Петров", "i@x.ru")]),
            ("a@x.pl (Anna Nowak)", &[("Anna Nowak", "a@x.pl")]),
            ("(c (nested) d) Anna <a@x.pl>", &[("Anna", "a@x.pl")]),
            (
                "Office: a@x.pl, B <b@x.pl>; c@x.pl",
                &[("", "a@x.pl"), ("B", "b@x.pl"), ("", "c@x.pl")],
            ),
            ("undisclosed-recipients:;", &[]),
            ("A: B: C: a@x.pl;;;", &[("", "a@x.pl")]),
            ("a@x.pl; b@x.pl", &[("", "a@x.pl"), ("", "b@x.pl")]),
            ("Anna Nowak a@x.pl", &[("Anna Nowak", "a@x.pl")]),
            ("Anna <a@x.pl", &[("Anna", "a@x.pl")]),
            ("Anna <a@x.pl>>, <b@x.pl>", &[("Anna", "a@x.pl"), ("", "b@x.pl")]),
            ("\"unclosed <a@x.pl>", &[("\"unclosed", "a@x.pl")]),
            ("<@relay,@other:a@x.pl>", &[("", "a@x.pl")]),
            ("MAILER-DAEMON", &[("", "MAILER-DAEMON")]),
            ("Mail Delivery System", &[("Mail Delivery System", "")]),
            ("'Anna' <a@x.pl>", &[("Anna", "a@x.pl")]),
            ("a@x.pl <a@x.pl>", &[("", "a@x.pl")]),
            ("\"a b\"@x.pl", &[("", "\"a b\"@x.pl")]),
            ("bank@x.pl <evil@y.pl>", &[("bank@x.pl", "evil@y.pl")]),
            ("Anna\u{202e} <a@x.pl>", &[("Anna", "a@x.pl")]),
            ("Anna < a @ x.pl >", &[("Anna", "a@x.pl")]),
            ("", &[]),
            (",,;", &[]),
            ("<>", &[]),
            ("иван@почта.рф", &[("", "иван@почта.рф")]),
        ];
        for (field, mailboxes) in cases {
            let found = parse_mailboxes(field, 100);
            let found: Vec<(&str, &str)> = found
                .iter()
                .map(|mailbox| (mailbox.name.as_str(), mailbox.address.as_str()))
                .collect();
            assert_eq!(found, *mailboxes, "{field}");
        }
        assert_eq!(parse_mailboxes("a@x, b@x, c@x", 2).len(), 2);
        assert_eq!(parse_mailboxes("a@x; b@x; c@x", 2).len(), 2);
    }
}
