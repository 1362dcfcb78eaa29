//! BODYSTRUCTURE (RFC 3501 §7.4.2): the parts of a message without their bytes. Only what it takes to ask for parts is
//! kept; names and charsets are read from the parts' own headers, in one place, by one parser.

use std::borrow::Cow;

use super::token::Cursor;

/// Deeper nesting is not followed.
const DEPTH: u32 = 40;
/// More parts are not counted.
const PARTS: u32 = 2_000;

/// A part of a message on the server.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BodyPart {
    /// As FETCH wants it (RFC 3501 §6.4.5): `1`, `2.1`; empty for a multipart that is the whole message.
    pub path: String,
    /// Type and subtype, lower case: `text/plain`.
    pub media_type: String,
    /// Bytes as they would come, in their transfer encoding; 0 for a multipart, which has no size of its own.
    pub octets: u64,
    /// The part says that it is a file: disposition `attachment`.
    pub is_attachment: bool,
    /// It has a file name.
    pub is_named: bool,
    /// The parts of a multipart. A message inside a message is one part.
    pub children: Vec<BodyPart>,
}

impl BodyPart {
    /// True for a part that is nothing but other parts.
    pub fn is_multipart(&self) -> bool {
        !self.children.is_empty()
    }
}

/// One value of the grammar.
enum Item<'a> {
    Nil,
    Text(Cow<'a, [u8]>),
    List(&'a [u8]),
}

impl Item<'_> {
    fn lower(&self) -> Option<String> {
        match self {
            Self::Text(text) => Some(String::from_utf8_lossy(text).trim().to_ascii_lowercase()),
            _ => None,
        }
    }

    fn number(&self) -> Option<u64> {
        match self {
            Self::Text(text) => std::str::from_utf8(text).ok()?.trim().parse().ok(),
            _ => None,
        }
    }
}

fn item<'a>(cursor: &mut Cursor<'a>) -> Option<Item<'a>> {
    cursor.spaces();
    match cursor.peek()? {
        b'(' => cursor.list().map(Item::List),
        b'"' | b'{' | b'~' => cursor.string().map(Item::Text),
        _ => {
            let word = cursor.word()?;
            Some(if word.eq_ignore_ascii_case(b"NIL") {
                Item::Nil
            } else {
                Item::Text(Cow::Borrowed(word))
            })
        }
    }
}

/// Reads the value of BODYSTRUCTURE, its outer parentheses included. `None` when it cannot be read.
pub(super) fn parse(value: &[u8]) -> Option<BodyPart> {
    let mut cursor = Cursor::new(value);
    cursor.spaces();
    let mut root = body(cursor.list()?, String::new(), 0, &mut 0)?;
    if root.path.is_empty() && !root.is_multipart() {
        "1".clone_into(&mut root.path);
    }
    Some(root)
}

fn body(inside: &[u8], path: String, depth: u32, parts: &mut u32) -> Option<BodyPart> {
    *parts += 1;
    if depth > DEPTH || *parts > PARTS {
        return None;
    }
    let mut cursor = Cursor::new(inside);
    cursor.spaces();
    if cursor.peek()? == b'(' {
        multipart(cursor, path, depth, parts)
    } else {
        leaf(cursor, path)
    }
}

fn multipart(mut cursor: Cursor<'_>, path: String, depth: u32, parts: &mut u32) -> Option<BodyPart> {
    let mut children = Vec::new();
    while cursor.peek() == Some(b'(') {
        let number = children.len() + 1;
        let child = if path.is_empty() {
            number.to_string()
        } else {
            format!("{path}.{number}")
        };
        children.push(body(cursor.list()?, child, depth + 1, parts)?);
        cursor.spaces();
    }
    let subtype = item(&mut cursor).and_then(|subtype| subtype.lower());
    Some(BodyPart {
        path,
        media_type: format!("multipart/{}", subtype.as_deref().unwrap_or("mixed")),
        children,
        ..BodyPart::default()
    })
}

fn leaf(mut cursor: Cursor<'_>, path: String) -> Option<BodyPart> {
    let kind = item(&mut cursor)?.lower().unwrap_or_else(|| "text".to_owned());
    let subtype = item(&mut cursor)?.lower().unwrap_or_else(|| "plain".to_owned());
    let media_type = format!("{kind}/{subtype}");
    let mut is_named = has_name(&item(&mut cursor)?, b"name");
    // Content-ID, description, encoding.
    for _ in 0..3 {
        item(&mut cursor)?;
    }
    let octets = item(&mut cursor)?.number()?;
    // What follows is told by few servers without fail, and is not worth losing the part for.
    if kind == "text" {
        item(&mut cursor);
    } else if media_type == "message/rfc822" || media_type == "message/global" {
        cursor.spaces();
        if cursor.peek() == Some(b'(') {
            for _ in 0..3 {
                item(&mut cursor);
            }
        }
    }
    // MD5.
    item(&mut cursor);
    let mut is_attachment = false;
    match item(&mut cursor) {
        Some(Item::List(disposition)) => {
            let mut inside = Cursor::new(disposition);
            is_attachment = item(&mut inside).and_then(|kind| kind.lower()).as_deref() == Some("attachment");
            is_named |= item(&mut inside).is_some_and(|parameters| has_name(&parameters, b"filename"));
        }
        Some(plain @ Item::Text(_)) => is_attachment = plain.lower().as_deref() == Some("attachment"),
        _ => {}
    }
    Some(BodyPart {
        path,
        media_type,
        octets,
        is_attachment,
        is_named,
        children: Vec::new(),
    })
}

/// True when a list of parameters has one that begins with `name`: RFC 2231 writes `name*0*`.
fn has_name(parameters: &Item<'_>, name: &[u8]) -> bool {
    let Item::List(list) = parameters else {
        return false;
    };
    let mut cursor = Cursor::new(list);
    while let Some(key) = item(&mut cursor) {
        if let Item::Text(key) = key
            && key
                .get(..name.len())
                .is_some_and(|start| start.eq_ignore_ascii_case(name))
        {
            return true;
        }
        item(&mut cursor);
    }
    false
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The tree on one line: `path type octets`, `a` for an attachment, `n` for a name.
    fn line(part: &BodyPart) -> String {
        let mut line = format!("{} {}", part.path, part.media_type);
        if part.is_multipart() {
            let children: Vec<String> = part.children.iter().map(self::line).collect();
            return format!("{line} [{}]", children.join(", "));
        }
        line = format!("{line} {}", part.octets);
        for (is, letter) in [(part.is_attachment, " a"), (part.is_named, " n")] {
            if is {
                line += letter;
            }
        }
        line
    }

    #[test]
    fn structures_are_read_as_servers_write_them() {
        let cases: &[(&str, Option<&str>)] = &[
            (
                "(\"TEXT\" \"PLAIN\" (\"CHARSET\" \"US-ASCII\") NIL NIL \"7BIT\" 3028 92)",
                Some("1 text/plain 3028"),
            ),
            // RFC 3501 §7.4.2's own.
            (
                "((\"TEXT\" \"PLAIN\" (\"CHARSET\" \"US-ASCII\") NIL NIL \"7BIT\" 1152 23)(\"TEXT\" \"PLAIN\" (\"CHARSET\" \
                 \"US-ASCII\" \"NAME\" \"cc.diff\") \"<960723163407.20117h@cac.washington.edu>\" \"Compiler diff\" \"BASE64\" \
                 4554 73) \"MIXED\")",
                Some(" multipart/mixed [1 text/plain 1152, 2 text/plain 4554 n]"),
            ),
            // Dovecot: extension data, a name that is a literal, a nested multipart.
            (
                "(((\"text\" \"plain\" (\"charset\" \"utf-8\") NIL NIL \"quoted-printable\" 10 1 NIL NIL NIL NIL)(\"text\" \
                 \"html\" NIL NIL NIL \"7bit\" 20 2 NIL NIL NIL NIL) \"alternative\" (\"boundary\" \"a)\\\"(\") NIL NIL \
                 NIL)(\"application\" \"pdf\" (\"name\" {6}\r\num)\"(w) NIL NIL \"base64\" 99999999999 NIL (\"attachment\" \
                 (\"filename*0*\" {6}\r\num)\"(w)) NIL NIL) \"mixed\" (\"boundary\" \"b\") NIL NIL NIL)",
                Some(
                    " multipart/mixed [1 multipart/alternative [1.1 text/plain 10, 1.2 text/html 20], 2 application/pdf \
                     99999999999 a n]",
                ),
            ),
            // A message inside is one part, whatever is in it.
            (
                "((\"text\" \"plain\" NIL NIL NIL \"7bit\" 5 1 NIL NIL NIL NIL)(\"message\" \"rfc822\" NIL NIL NIL \"7bit\" \
                 700 (NIL \"subject\" NIL NIL NIL NIL NIL NIL NIL \"<x>\") ((\"text\" \"plain\" NIL NIL NIL \"7bit\" 5 1)\
                 (\"image\" \"png\" NIL NIL NIL \"base64\" 500) \"mixed\") 30 NIL (\"inline\" NIL) NIL NIL) \"digest\")",
                Some(" multipart/digest [1 text/plain 5, 2 message/rfc822 700]"),
            ),
            // As few words as a server can make of it, and a disposition that is no list.
            ("(NIL NIL NIL NIL NIL NIL 12)", Some("1 text/plain 12")),
            (
                "(application octet-stream NIL NIL NIL base64 \"12\" NIL attachment)",
                Some("1 application/octet-stream 12 a"),
            ),
            // A multipart without parts, and things that are none.
            ("(\"mixed\" (\"boundary\" \"x\") NIL NIL)", None),
            ("(\"text\" \"plain\" NIL NIL NIL \"7bit\" many 1)", None),
            ("((\"text\" \"plain\"", None),
            ("()", None),
            ("NIL", None),
            ("", None),
        ];
        for (text, expected) in cases {
            let read = parse(text.as_bytes()).as_ref().map(line);
            assert_eq!(read.as_deref(), *expected, "{text}");
        }
    }

    #[test]
    fn nesting_and_numbers_of_parts_are_limited() {
        let deep = |levels: usize| {
            let leaf = "(\"a\" \"b\" NIL NIL NIL \"7bit\" 1)";
            format!("{}{leaf}{}", "(".repeat(levels), " \"mixed\")".repeat(levels))
        };
        assert!(parse(deep(40).as_bytes()).is_some());
        assert!(parse(deep(41).as_bytes()).is_none());
        let wide = |count: usize| {
            format!(
                "({} \"mixed\")",
                "(\"a\" \"b\" NIL NIL NIL \"7bit\" 1)".repeat(count)
            )
        };
        assert_eq!(parse(wide(1_999).as_bytes()).unwrap().children.len(), 1_999);
        assert!(parse(wide(2_000).as_bytes()).is_none());
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(600))]

        #[test]
        fn structure_bytes_never_panic(
            pieces in prop::collection::vec(prop::sample::select(vec![
                "(", ")", "\"text\"", "\"plain\"", "NIL", " ", "12", "{3}\r\na\")", "{9}", "\"attachment\"", "\"", "\\", "message",
                "rfc822", "(\"name\" \"x\")", "((\"a\" \"b\" NIL NIL NIL \"7bit\" 1)", "é", "\r\n", "~{2}\r\n()",
            ]), 0..40),
        ) {
            let _ = parse(pieces.concat().as_bytes());
            let _ = parse(format!("({})", pieces.concat()).as_bytes());
        }
    }
}
