//! The recipients of a message in one line, as rows of lists keep them.

use mailroom_mime::Headers;
use mailroom_model::Mailbox;

const BETWEEN: &str = ", ";

/// Mailboxes in one line.
pub(crate) fn line(mailboxes: &[Mailbox]) -> String {
    let texts: Vec<_> = mailboxes.iter().map(ToString::to_string).collect();
    texts.join(BETWEEN)
}

/// The line of a message: its To, or who else got it when there is none.
pub(crate) fn line_of(headers: &Headers) -> String {
    let lists = [&headers.to, &headers.cc, &headers.bcc];
    lists
        .into_iter()
        .find(|list| !list.is_empty())
        .map(|list| line(list))
        .unwrap_or_default()
}

/// The mailboxes of a line, read as they are asked for. A name may have commas in it: only the end of an address ends a
/// mailbox.
pub(crate) fn mailboxes(line: &str) -> impl Iterator<Item = Mailbox> {
    let mut rest = line;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let (text, after) = rest
            .match_indices(BETWEEN)
            .filter_map(|(at, _)| Some((rest.get(..at)?, rest.get(at + BETWEEN.len()..)?)))
            .find(|(text, _)| {
                text.ends_with('>') || (text.contains('@') && !text.contains(char::is_whitespace))
            })
            .unwrap_or((rest, ""));
        rest = after;
        Some(mailbox(text))
    })
}

fn mailbox(text: &str) -> Mailbox {
    let (name, address) = text
        .strip_suffix('>')
        .and_then(|inner| inner.rsplit_once('<'))
        .unwrap_or(("", text));
    Mailbox {
        name: name.trim().to_owned(),
        address: address.trim().to_owned(),
    }
}

/// Names of a message's recipients, addresses where there are none, each once; 20 at most. `line` is
/// `MessageSummary::to_line`.
pub fn recipient_names(line: &str) -> Vec<String> {
    named(mailboxes(line))
}

/// Names that a row of a list tells at most.
pub(crate) const MOST_NAMED: usize = 20;

/// Each person once, by name or else by address; [`MOST_NAMED`] at most.
pub(crate) fn named(people: impl IntoIterator<Item = Mailbox>) -> Vec<String> {
    let mut addresses = std::collections::HashSet::new();
    let mut names: Vec<String> = Vec::new();
    for person in people {
        let name = [&person.name, &person.address]
            .into_iter()
            .map(|text| text.trim())
            .find(|text| !text.is_empty());
        let is_known = !person.address.is_empty() && !addresses.insert(person.address.to_lowercase());
        let Some(name) = name.filter(|name| !is_known && !names.iter().any(|known| known == name)) else {
            continue;
        };
        names.push(name.to_owned());
        if names.len() == MOST_NAMED {
            break;
        }
    }
    names
}

#[cfg(test)]
mod tests {
    use mailroom_mime::{Limits, parse};

    use super::*;

    fn person(name: &str, address: &str) -> Mailbox {
        Mailbox {
            name: name.to_owned(),
            address: address.to_owned(),
        }
    }

    #[test]
    fn line_of_recipients_is_read_back() {
        let cases = [
            ("To: jan@x.pl", vec![person("", "jan@x.pl")]),
            (
                "To: \"Nowak, Anna\" <anna@x.pl>, jan@x.pl, \"Lis, Ewa, dr\" <ewa@x.pl>",
                vec![
                    person("Nowak, Anna", "anna@x.pl"),
                    person("", "jan@x.pl"),
                    person("Lis, Ewa, dr", "ewa@x.pl"),
                ],
            ),
            ("To: jan@x.pl\r\nCc: ewa@x.pl", vec![person("", "jan@x.pl")]),
            ("Cc: ewa@x.pl\r\nBcc: iza@x.pl", vec![person("", "ewa@x.pl")]),
            ("Bcc: Iza <iza@x.pl>", vec![person("Iza", "iza@x.pl")]),
            ("Subject: nobody", vec![]),
        ];
        for (header, expected) in cases {
            let raw = format!("{header}\r\n\r\n");
            let line = line_of(&parse(raw.as_bytes(), &Limits::default()).headers);
            assert_eq!(mailboxes(&line).collect::<Vec<_>>(), expected, "{header}");
        }
    }

    #[test]
    fn line_that_nobody_wrote_is_read_as_far_as_it_goes() {
        let cases = [
            ("Anna", vec![person("", "Anna")]),
            ("Anna, Jan", vec![person("", "Anna, Jan")]),
            (", , >", vec![person("", ", , >")]),
            ("a@x.pl, ", vec![person("", "a@x.pl")]),
        ];
        for (line, expected) in cases {
            assert_eq!(mailboxes(line).collect::<Vec<_>>(), expected, "{line}");
        }
    }

    #[test]
    fn people_are_named_once_and_only_so_many() {
        let people = [
            person("Anna", "anna@x.pl"),
            person("Ewa", "ewa@x.pl"),
            person("Anna N.", "ANNA@x.pl"),
            person("", "jan@x.pl"),
            person("", ""),
            person("Anna", "anna@other.pl"),
        ];
        assert_eq!(named(people), ["Anna", "Ewa", "jan@x.pl"]);
        assert_eq!(
            named((0..30).map(|n| person("", &format!("{n}@x.pl")))).len(),
            MOST_NAMED
        );
    }
}
