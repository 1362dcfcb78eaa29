//! Everything a server may say on its own, except FETCH, which streams.

use mailroom_model::{MailboxRights, UidSet};

use super::name;
use super::reply::{ServerReply, uid_set};
use super::token::{Cursor, words};

/// One untagged response.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Untagged {
    Status(ServerReply),
    Capability(Vec<String>),
    Enabled(Vec<String>),
    Flags(Vec<String>),
    Exists(u32),
    Expunge(u32),
    Vanished {
        earlier: bool,
        uids: UidSet,
    },
    Search(UidSet),
    List(ListEntry),
    /// A line of LSUB: the name alone counts.
    Subscribed(String),
    MailboxStatus(StatusEntry),
    Namespaces(Namespaces),
    MyRights {
        wire_name: String,
        rights: MailboxRights,
    },
    /// Well-formed, and of no use here.
    Ignored,
}

/// One line of LIST or XLIST.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct ListEntry {
    pub(super) attributes: Vec<String>,
    pub(super) delimiter: Option<char>,
    pub(super) wire_name: String,
}

impl ListEntry {
    pub(super) fn has(&self, attribute: &str) -> bool {
        self.attributes
            .iter()
            .any(|own| own.eq_ignore_ascii_case(attribute))
    }
}

/// One STATUS response.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct StatusEntry {
    pub(super) wire_name: String,
    pub(super) messages: Option<u32>,
    pub(super) uid_next: Option<u32>,
    pub(super) uid_validity: Option<u32>,
    pub(super) unseen: Option<u32>,
    pub(super) highest_modseq: Option<u64>,
}

/// The three kinds of namespaces (RFC 2342), each a prefix and its delimiter.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Namespaces {
    pub(super) personal: Vec<(String, Option<char>)>,
    pub(super) others: Vec<(String, Option<char>)>,
    pub(super) shared: Vec<(String, Option<char>)>,
}

/// Reads what follows `* `, without the line's end, literals in place. `None` when it cannot be read.
pub(super) fn parse(body: &[u8]) -> Option<Untagged> {
    if let Some(reply) = ServerReply::parse(body) {
        return Some(Untagged::Status(reply));
    }
    let mut cursor = Cursor::new(body);
    if cursor.peek()?.is_ascii_digit() {
        let number = cursor.number_u32()?;
        cursor.spaces();
        return Some(match cursor.keyword()?.as_str() {
            "EXISTS" => Untagged::Exists(number),
            "EXPUNGE" => Untagged::Expunge(number),
            _ => Untagged::Ignored,
        });
    }
    let keyword = cursor.keyword()?;
    cursor.spaces();
    match keyword.as_str() {
        "CAPABILITY" => Some(Untagged::Capability(words(cursor.rest()))),
        "ENABLED" => Some(Untagged::Enabled(words(cursor.rest()))),
        "FLAGS" => Some(Untagged::Flags(words(cursor.list()?))),
        "VANISHED" => vanished(cursor),
        "SEARCH" => Some(Untagged::Search(search(cursor))),
        "ESEARCH" => extended_search(cursor).map(Untagged::Search),
        "LIST" | "XLIST" => list(cursor).map(Untagged::List),
        "LSUB" => Some(Untagged::Subscribed(list(cursor)?.wire_name)),
        "STATUS" => status(cursor).map(Untagged::MailboxStatus),
        "NAMESPACE" => namespaces(cursor).map(Untagged::Namespaces),
        "MYRIGHTS" => {
            let wire_name = name::from_wire(&cursor.astring()?);
            cursor.spaces();
            let letters = cursor.astring().unwrap_or_default();
            Some(Untagged::MyRights {
                wire_name,
                rights: MailboxRights::new(String::from_utf8_lossy(&letters)),
            })
        }
        _ => Some(Untagged::Ignored),
    }
}

fn vanished(mut cursor: Cursor<'_>) -> Option<Untagged> {
    let earlier = cursor.peek() == Some(b'(');
    if earlier {
        cursor.list()?;
        cursor.spaces();
    }
    Some(Untagged::Vanished {
        earlier,
        uids: uid_set(cursor.word()?)?,
    })
}

/// Numbers; a closing `(MODSEQ n)` is passed over.
fn search(mut cursor: Cursor<'_>) -> UidSet {
    let mut uids = Vec::new();
    loop {
        cursor.spaces();
        match cursor.number_u32() {
            Some(uid) => uids.push(uid),
            None => return uids.into_iter().collect(),
        }
    }
}

/// `ESEARCH (TAG "A1") UID ALL 1:3,7` (RFC 4731); without ALL nothing was found.
fn extended_search(mut cursor: Cursor<'_>) -> Option<UidSet> {
    if cursor.peek() == Some(b'(') {
        cursor.list()?;
    }
    loop {
        cursor.spaces();
        if cursor.is_empty() {
            return Some(UidSet::new());
        }
        match cursor.keyword()?.as_str() {
            "UID" => {}
            "ALL" => {
                cursor.spaces();
                return uid_set(cursor.word()?);
            }
            _ => {
                cursor.spaces();
                cursor.value()?;
            }
        }
    }
}

/// Extended data after the name (RFC 5258 §6) is passed over.
fn list(mut cursor: Cursor<'_>) -> Option<ListEntry> {
    let attributes = words(cursor.list()?);
    cursor.spaces();
    let delimiter = delimiter(&mut cursor);
    cursor.spaces();
    let wire_name = cursor.astring()?;
    // Courier and others send unquoted names with spaces.
    let tail = cursor.rest();
    let wire_name = if tail.is_empty() || tail.starts_with(b" (") || tail.starts_with(b"\r") {
        name::from_wire(&wire_name)
    } else {
        name::from_wire(&[&wire_name, tail].concat())
    };
    Some(ListEntry {
        attributes,
        delimiter,
        wire_name,
    })
}

/// `NIL`, and whatever cannot be read, is a flat name.
fn delimiter(cursor: &mut Cursor<'_>) -> Option<char> {
    let text = cursor.astring()?;
    if text.eq_ignore_ascii_case(b"NIL") {
        return None;
    }
    text.first().map(|byte| char::from(*byte))
}

fn status(mut cursor: Cursor<'_>) -> Option<StatusEntry> {
    let mut entry = StatusEntry {
        wire_name: name::from_wire(&cursor.astring()?),
        ..StatusEntry::default()
    };
    cursor.spaces();
    let mut pairs = Cursor::new(cursor.list()?);
    loop {
        pairs.spaces();
        if pairs.is_empty() {
            return Some(entry);
        }
        let key = pairs.keyword()?;
        pairs.spaces();
        let small = |mut cursor: Cursor<'_>| cursor.number_u32();
        match key.as_str() {
            "MESSAGES" => entry.messages = small(pairs),
            "UIDNEXT" => entry.uid_next = small(pairs),
            "UIDVALIDITY" => entry.uid_validity = small(pairs),
            "UNSEEN" => entry.unseen = small(pairs),
            "HIGHESTMODSEQ" => entry.highest_modseq = pairs.clone().number(),
            _ => {}
        }
        pairs.value()?;
    }
}

fn namespaces(mut cursor: Cursor<'_>) -> Option<Namespaces> {
    let mut group = || -> Option<Vec<(String, Option<char>)>> {
        cursor.spaces();
        if cursor.peek()? != b'(' {
            cursor.word()?;
            return Some(Vec::new());
        }
        let mut inside = Cursor::new(cursor.list()?);
        let mut found = Vec::new();
        loop {
            inside.spaces();
            if inside.is_empty() {
                return Some(found);
            }
            let mut one = Cursor::new(inside.list()?);
            let prefix = name::from_wire(&one.string()?);
            one.spaces();
            found.push((prefix, delimiter(&mut one)));
        }
    };
    Some(Namespaces {
        personal: group()?,
        others: group()?,
        shared: group()?,
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn set(text: &str) -> UidSet {
        text.parse().unwrap()
    }

    #[test]
    fn untagged_lines_are_read_with_their_oddities() {
        let entry = |attributes: &[&str], delimiter, name: &str| {
            Some(Untagged::List(ListEntry {
                attributes: attributes.iter().map(|a| (*a).to_owned()).collect(),
                delimiter,
                wire_name: name.to_owned(),
            }))
        };
        let cases: Vec<(&[u8], Option<Untagged>)> =
            vec![
            (b"23 EXISTS", Some(Untagged::Exists(23))),
            (b"4 expunge", Some(Untagged::Expunge(4))),
            (b"1 RECENT", Some(Untagged::Ignored)),
            (b"SEARCH", Some(Untagged::Search(set("")))),
            (b"SEARCH 5 2 3 (MODSEQ 917)", Some(Untagged::Search(set("2:3,5")))),
            (b"ESEARCH (TAG \"A1\") UID ALL 1:3,7", Some(Untagged::Search(set("1:3,7")))),
            (b"ESEARCH (TAG \"A1\") UID COUNT 4 ALL 1:4", Some(Untagged::Search(set("1:4")))),
            (b"ESEARCH (TAG \"A1\") UID", Some(Untagged::Search(set("")))),
            (
                b"VANISHED (EARLIER) 41,43:116",
                Some(Untagged::Vanished { earlier: true, uids: set("41,43:116") }),
            ),
            (b"VANISHED 5", Some(Untagged::Vanished { earlier: false, uids: set("5") })),
            (
                b"LIST (\\HasNoChildren \\Sent) \".\" \"Wys&AUI-ane\"",
                entry(&["\\HasNoChildren", "\\Sent"], Some('.'), "Wys&AUI-ane"),
            ),
            (b"LIST () \"\\\\\" \"a\\\"b\"", entry(&[], Some('\\'), "a\"b")),
            (b"LIST (\\Noselect) NIL {3}\r\na b", entry(&["\\Noselect"], None, "a b")),
            (b"LIST () \"/\" INBOX (\"CHILDINFO\" (\"SUBSCRIBED\"))", entry(&[], Some('/'), "INBOX")),
            (b"LIST () \"/\" Sent Items", entry(&[], Some('/'), "Sent Items")),
            (b"LIST () \"/\"", None),
            (b"LSUB () \"/\" \"a\"", Some(Untagged::Subscribed("a".into()))),
            (
                b"STATUS \"a b\" (MESSAGES 3 UIDNEXT 9 X-SIZE (1 2) UIDVALIDITY 7 UNSEEN 1 HIGHESTMODSEQ 99)",
                Some(Untagged::MailboxStatus(StatusEntry {
                    wire_name: "a b".into(),
                    messages: Some(3),
                    uid_next: Some(9),
                    uid_validity: Some(7),
                    unseen: Some(1),
                    highest_modseq: Some(99),
                })),
            ),
            (
                b"NAMESPACE ((\"\" \"/\")) ((\"Other Users/\" \"/\")) NIL",
                Some(Untagged::Namespaces(Namespaces {
                    personal: vec![(String::new(), Some('/'))],
                    others: vec![("Other Users/".into(), Some('/'))],
                    shared: vec![],
                })),
            ),
            (
                b"MYRIGHTS INBOX rwiptsldaex",
                Some(Untagged::MyRights {
                    wire_name: "INBOX".into(),
                    rights: MailboxRights::new("rwiptsldaex"),
                }),
            ),
            (b"MYRIGHTS \"x\" \"\"", Some(Untagged::MyRights {
                wire_name: "x".into(),
                rights: MailboxRights::new(""),
            })),
            (b"XNEWS whatever", Some(Untagged::Ignored)),
            (b"((((", None),
        ];
        for (line, expected) in cases {
            assert_eq!(parse(line), expected, "{}", String::from_utf8_lossy(line));
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(400))]

        #[test]
        fn untagged_bytes_never_panic(
            keyword in prop::sample::select(vec![
                "", "LIST ", "STATUS ", "NAMESPACE ", "ESEARCH ", "SEARCH ", "VANISHED ", "MYRIGHTS ", "OK [", "12 ",
            ]),
            bytes in prop::collection::vec(prop::sample::select(b" ()\"\\{}[]0129:,*azNIL\r\n\xff".to_vec()), 0..40),
        ) {
            let _ = parse(&[keyword.as_bytes(), &bytes].concat());
        }
    }
}
