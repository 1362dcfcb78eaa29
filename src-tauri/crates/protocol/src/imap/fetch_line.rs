//! FETCH responses, rewritten into the part of the grammar that imap-proto reads without fail. The line comes in
//! segments, each ending where a literal begins; only the attributes that Mailroom asks for are passed on.

use super::token::{Cursor, Value, trailing_literal};

/// What is passed on for a body that came as a literal: a section that Mailroom never asks for, without bytes. The
/// literal itself is kept beside it.
pub(super) const KEPT_BODY: &str = "BODY[TEXT] {0}\r\n";

/// A FETCH response that is being read.
#[derive(Debug, Default)]
pub(super) struct FetchLine {
    head_read: bool,
    attributes: u32,
    broken: bool,
    /// The beginning of a BODYSTRUCTURE with literals in it, literals included.
    unfinished: Vec<u8>,
}

/// Longest BODYSTRUCTURE that literals interrupt.
const STRUCTURE_LIMIT: usize = 1024 * 1024;

/// Where a literal goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Goes {
    /// It is kept beside the response.
    On,
    /// Nowhere.
    Away,
    /// Into the value that it interrupts ([`FetchLine::take_in`]).
    Inside,
}

/// What a segment ended with.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum After {
    /// The response is complete.
    End,
    /// A literal of so many bytes follows.
    Literal { size: u64, goes: Goes },
}

/// True when a line, without `* `, is a FETCH response.
pub(super) fn is_fetch(body: &[u8]) -> bool {
    let mut cursor = Cursor::new(body);
    let digits = cursor.take_while(|byte| byte.is_ascii_digit());
    cursor.spaces();
    !digits.is_empty()
        && cursor
            .word()
            .is_some_and(|word| word.eq_ignore_ascii_case(b"FETCH"))
}

impl FetchLine {
    /// True when something could not be read and was left out.
    pub(super) fn is_broken(&self) -> bool {
        self.broken
    }

    /// Takes bytes of a literal that goes [`Goes::Inside`].
    pub(super) fn take_in(&mut self, bytes: &[u8]) {
        self.unfinished.extend_from_slice(bytes);
    }

    /// Reads one segment (no line end) and appends its rewriting to `out`.
    pub(super) fn segment(&mut self, line: &[u8], out: &mut Vec<u8>) -> After {
        let mut begun = std::mem::take(&mut self.unfinished);
        let line = if begun.is_empty() {
            line
        } else {
            begun.extend_from_slice(line);
            begun.as_slice()
        };
        if !self.broken {
            let kept = out.len();
            let attributes = self.attributes;
            let is_head = !self.head_read;
            if let Some(after) = self.read(line, out) {
                return after;
            }
            out.truncate(kept);
            self.attributes = attributes;
            self.broken = true;
            // A broken head takes the whole response with it: nothing of it has been passed on.
            self.head_read = !is_head;
        }
        if let Some(size) = trailing_literal(line) {
            return After::Literal {
                size,
                goes: Goes::Away,
            };
        }
        if self.head_read {
            self.close(out);
        }
        After::End
    }

    fn read(&mut self, line: &[u8], out: &mut Vec<u8>) -> Option<After> {
        let mut cursor = Cursor::new(line);
        if !self.head_read {
            cursor.eat(b'*')?;
            cursor.spaces();
            let sequence = cursor.number_u32()?;
            cursor.spaces();
            cursor.word()?;
            cursor.spaces();
            cursor.eat(b'(')?;
            out.extend_from_slice(format!("* {sequence} FETCH (").as_bytes());
            self.head_read = true;
        }
        loop {
            cursor.spaces();
            if cursor.eat(b')').is_some() {
                self.close(out);
                return Some(After::End);
            }
            let name = attribute_name(&mut cursor)?;
            cursor.spaces();
            if name == STRUCTURE
                && let Some(size) = self.interrupted(&cursor)
            {
                return Some(After::Literal {
                    size,
                    goes: Goes::Inside,
                });
            }
            let value = cursor.value()?;
            if let Value::LiteralAhead(size) = value {
                let is_wanted = is_body(&name);
                if is_wanted {
                    self.emit(out, kept(&name).as_bytes());
                }
                let goes = if is_wanted { Goes::On } else { Goes::Away };
                return Some(After::Literal { size, goes });
            }
            if let Some(text) = rewritten(&name, &value) {
                self.emit(out, &text);
            }
        }
    }

    /// The size of the literal that interrupts a BODYSTRUCTURE; what is known of it so far is remembered.
    fn interrupted(&mut self, cursor: &Cursor<'_>) -> Option<u64> {
        let rest = cursor.rest();
        if Cursor::new(rest).list().is_some() {
            return None;
        }
        let size = trailing_literal(rest)?;
        let room = STRUCTURE_LIMIT.checked_sub(rest.len())?;
        if usize::try_from(size).ok()? > room {
            return None;
        }
        self.unfinished = [STRUCTURE.as_bytes(), b" ", rest, b"\r\n"].concat();
        Some(size)
    }

    fn emit(&mut self, out: &mut Vec<u8>, text: &[u8]) {
        if self.attributes > 0 {
            out.push(b' ');
        }
        self.attributes += 1;
        out.extend_from_slice(text);
    }

    fn close(&mut self, out: &mut Vec<u8>) {
        if self.attributes == 0 {
            // The grammar wants at least one attribute; no message has this UID.
            self.emit(out, b"UID 0");
        }
        out.extend_from_slice(b")\r\n");
    }
}

/// The name with its section in brackets, if it has one; `BODY[HEADER.FIELDS (TO CC)]<0>` is one name.
fn attribute_name(cursor: &mut Cursor<'_>) -> Option<String> {
    let mut name = cursor
        .take_while(|byte| byte > b' ' && !matches!(byte, b'(' | b')' | b'"' | b'['))
        .to_vec();
    if cursor.peek() == Some(b'[') {
        name.extend_from_slice(cursor.take_while(|byte| byte != b']'));
        cursor.eat(b']')?;
        name.push(b']');
        name.extend_from_slice(cursor.take_while(|byte| byte > b' '));
    }
    let name = String::from_utf8(name).ok()?.to_ascii_uppercase();
    (!name.is_empty()).then_some(name)
}

/// The only value that goes on as its own text: the parser behind reads few structures. It travels as an attribute that
/// is never asked for.
const STRUCTURE: &str = "BODYSTRUCTURE";

/// The name under which a section goes on: a part of a message keeps its number, everything else is what was asked for.
fn section(name: &str) -> String {
    let path = name
        .strip_prefix("BODY[")
        .and_then(|rest| Some(rest.split_once(']')?.0));
    let numbers = path.map(|path| path.strip_suffix(".MIME").unwrap_or(path));
    let is_part =
        numbers.is_some_and(|numbers| numbers.split('.').all(|number| number.parse::<u32>().is_ok()));
    match path.filter(|_| is_part) {
        Some(path) => format!("BODY[{path}]"),
        None => "BODY[]".to_owned(),
    }
}

/// What is passed on for a literal that is kept: a part of a message with the mark that its bytes stand beside it.
fn kept(name: &str) -> String {
    match section(name).as_str() {
        "BODY[]" => KEPT_BODY.to_owned(),
        part => format!("{part}<0> {{0}}\r\n"),
    }
}

fn is_body(name: &str) -> bool {
    name.starts_with("BODY[")
}

/// The attribute in canonical form; `None` when it is not one that Mailroom asks for or its value is odd.
fn rewritten(name: &str, value: &Value<'_>) -> Option<Vec<u8>> {
    let number = |bytes: &[u8]| std::str::from_utf8(bytes).ok()?.trim().parse::<u64>().ok();
    let text = match (name, value) {
        ("UID", Value::Atom(digits)) => format!("UID {}", u32::try_from(number(digits)?).ok()?),
        // The parser behind takes 32 bits; nothing that large is ever fetched whole.
        ("RFC822.SIZE", Value::Atom(digits)) => {
            format!("RFC822.SIZE {}", number(digits)?.min(u32::MAX.into()))
        }
        ("MODSEQ", Value::List(digits)) => format!("MODSEQ ({})", number(digits)?),
        ("X-GM-MSGID", Value::Atom(digits)) => format!("X-GM-MSGID {}", number(digits)?),
        ("EMAILID", Value::List(id)) => {
            // RFC 8474 §7: one to 255 of these.
            let is_id = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
            let is_plain = (1..=255).contains(&id.len()) && id.iter().all(is_id);
            is_plain.then(|| format!("EMAILID ({})", String::from_utf8_lossy(id)))?
        }
        ("INTERNALDATE", Value::Text(date)) => {
            let date = std::str::from_utf8(date).ok()?;
            let is_plain = date
                .bytes()
                .all(|byte| (b' '..=b'~').contains(&byte) && byte != b'"' && byte != b'\\');
            is_plain.then(|| format!("INTERNALDATE \"{date}\""))?
        }
        ("FLAGS", Value::List(flags)) => {
            let flags: Vec<&str> = flags
                .split(|byte| *byte == b' ')
                .filter(|flag| is_flag(flag))
                .filter_map(|flag| std::str::from_utf8(flag).ok())
                .collect();
            format!("FLAGS ({})", flags.join(" "))
        }
        (name, Value::Nil) if is_body(name) => format!("{} NIL", section(name)),
        (name, Value::Text(body)) if is_body(name) => {
            let mut text = format!("{} {{{}}}\r\n", section(name), body.len()).into_bytes();
            text.extend_from_slice(body);
            return Some(text);
        }
        (STRUCTURE, Value::List(inside)) => {
            let mut text = format!("RFC822.HEADER {{{}}}\r\n(", inside.len() + 2).into_bytes();
            text.extend_from_slice(inside);
            text.push(b')');
            return Some(text);
        }
        _ => return None,
    };
    Some(text.into_bytes())
}

/// A flag that the parser behind takes: a backslash at most in front, no specials, not empty.
pub(super) fn is_flag(flag: &[u8]) -> bool {
    let atom = flag.strip_prefix(b"\\").unwrap_or(flag);
    !atom.is_empty()
        && atom
            .iter()
            .all(|byte| *byte > b' ' && *byte != 0x7f && !b"(){%*\"\\".contains(byte))
}

#[cfg(test)]
mod tests {
    use async_imap::imap_proto::Response;
    use proptest::prelude::*;

    use super::*;

    /// Runs segments, between which literals stand, and returns what is passed on.
    fn rewrite(segments: &[&str]) -> (String, bool) {
        let mut line = FetchLine::default();
        let mut out = Vec::new();
        for segment in segments {
            let after = line.segment(segment.as_bytes(), &mut out);
            if let After::Literal {
                size,
                goes: Goes::Inside,
            } = after
            {
                line.take_in(&vec![b'x'; usize::try_from(size).unwrap()]);
            }
        }
        (String::from_utf8(out).unwrap(), line.is_broken())
    }

    #[test]
    fn fetch_lines_become_canonical() {
        let cases: &[(&[&str], &str, bool)] = &[
            (
                &["* 12 FETCH (FLAGS (\\Seen) UID 5 MODSEQ (77))"],
                "* 12 FETCH (FLAGS (\\Seen) UID 5 MODSEQ (77))\r\n",
                false,
            ),
            (
                &[
                    "* 1 FETCH (UID 5 BODY[] {3}",
                    " FLAGS (a\\b $X \\*) INTERNALDATE NIL RFC822.SIZE 9999999999)",
                ],
                "* 1 FETCH (UID 5 BODY[TEXT] {0}\r\n FLAGS ($X) RFC822.SIZE 4294967295)\r\n",
                false,
            ),
            (
                &["* 1 fetch (X-GM-LABELS (\"\\\\Inbox\" {3}", "uid 5)"],
                // A literal inside a list is not followed; the response is left out.
                "",
                true,
            ),
            (
                &["* 1 FETCH (BODY[HEADER.FIELDS (TO)]<0> \"a\\\"b\" X (1 (2)) UID 7)"],
                "* 1 FETCH (BODY[] {3}\r\na\"b UID 7)\r\n",
                false,
            ),
            (
                &["* 1 FETCH (BODY[] NIL UID 7)"],
                "* 1 FETCH (BODY[] NIL UID 7)\r\n",
                false,
            ),
            (
                &[
                    "* 1 FETCH (X-GM-MSGID 1278455344230334865 UID 7 EMAILID (M6d99-ac_3) EMAILID () X-GM-MSGID -1)",
                ],
                "* 1 FETCH (X-GM-MSGID 1278455344230334865 UID 7 EMAILID (M6d99-ac_3))\r\n",
                false,
            ),
            (
                &["* 1 FETCH (BODYSTRUCTURE (\"a\" (\"b)\") 1) UID 7)"],
                "* 1 FETCH (RFC822.HEADER {14}\r\n(\"a\" (\"b)\") 1) UID 7)\r\n",
                false,
            ),
            (
                &[
                    "* 1 FETCH (UID 7 BODYSTRUCTURE (\"a\" {2}",
                    " (\"n\" {3}",
                    ") 1) FLAGS ())",
                ],
                "* 1 FETCH (UID 7 RFC822.HEADER {30}\r\n(\"a\" {2}\r\nxx (\"n\" {3}\r\nxxx) 1) FLAGS ())\r\n",
                false,
            ),
            (
                &[
                    "* 1 FETCH (UID 7 BODY[2.1.MIME] {2}",
                    " BODY[1]<0> \"a\" BODY[1.x] \"b\" BODY[2] NIL)",
                ],
                "* 1 FETCH (UID 7 BODY[2.1.MIME]<0> {0}\r\n BODY[1] {1}\r\na BODY[] {1}\r\nb BODY[2] NIL)\r\n",
                false,
            ),
            (&["* 1 FETCH ()"], "* 1 FETCH (UID 0)\r\n", false),
            (&["* 1 FETCH UID 5"], "", true),
            (
                &["* 1 FETCH (UID 5 BODY[] {2}", " FLAGS (((( oops"],
                "* 1 FETCH (UID 5 BODY[TEXT] {0}\r\n)\r\n",
                true,
            ),
            (
                &["* 1 FETCH (UID 5 RFC822 {2}", " FLAGS ())"],
                "* 1 FETCH (UID 5 FLAGS ())\r\n",
                false,
            ),
        ];
        for (segments, expected, broken) in cases {
            let (text, was_broken) = rewrite(segments);
            assert_eq!((text.as_str(), was_broken), (*expected, *broken), "{segments:?}");
            if !text.is_empty() {
                let (rest, _) = Response::parse(text.as_bytes()).unwrap();
                assert!(rest.is_empty(), "{text}");
            }
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(500))]

        #[test]
        fn fetch_bytes_never_panic_and_always_parse(
            tail in prop::collection::vec(prop::sample::select(vec![
                "UID ", "5", "FLAGS ", "(", ")", "\\Seen", " ", "INTERNALDATE ", "NIL", "\"1-Jan\"", "BODY[] ", "\"",
                "{4}", "BODYSTRUCTURE ", "BODY[1.MIME] ", "X-GM-MSGID ", "EMAILID ", "MODSEQ ", "(9)", "RFC822.SIZE ", "[", "]", "é", "\\", "99999999999",
            ]), 0..16),
        ) {
            let line = format!("* 3 FETCH ({}", tail.concat());
            let (text, _) = rewrite(&[&line, " UID 8)"]);
            if text.ends_with(")\r\n") {
                prop_assert!(Response::parse(text.as_bytes()).is_ok(), "{line:?} became {text:?}");
            }
        }
    }
}
