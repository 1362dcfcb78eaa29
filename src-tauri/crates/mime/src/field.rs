//! Header blocks: where they end, and the fields in them.

use std::borrow::Cow;

use crate::defect::Defects;
use crate::{Defect, Limits, charset};

/// One header field as it stands in the message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Field<'a> {
    pub(crate) name: &'a [u8],
    /// Folded, not decoded.
    pub(crate) value: &'a [u8],
}

impl Field<'_> {
    pub(crate) fn is(&self, name: &str) -> bool {
        self.name.eq_ignore_ascii_case(name.as_bytes())
    }

    /// The value on one line. Raw bytes beyond ASCII (RFC 6532, or no standard at all) are UTF-8 if they can be,
    /// else in the charset that the message's text is in.
    pub(crate) fn unfolded(&self, hint: Option<&str>) -> Cow<'_, str> {
        let text = match std::str::from_utf8(self.value) {
            Ok(text) => Cow::Borrowed(text),
            Err(_) => charset::decode(hint.filter(|hint| is_single_byte(hint)), self.value).text,
        };
        if text.contains(['\r', '\n']) {
            let mut line = String::with_capacity(text.len());
            for piece in text.split('\n') {
                line.push_str(piece.trim_end_matches('\r'));
            }
            Cow::Owned(line.replace('\r', " "))
        } else {
            text
        }
    }
}

/// A field that failed to be UTF-8 is not in one of the charsets of Unicode.
fn is_single_byte(label: &str) -> bool {
    charset::is_known(label) && !label.to_ascii_lowercase().contains("utf")
}

/// A header block and the body behind it.
#[derive(Debug)]
pub(crate) struct Block<'a> {
    pub(crate) fields: Vec<Field<'a>>,
    pub(crate) body: &'a [u8],
}

/// What a line is when it is looked at from inside a header block.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Line {
    Empty,
    Field,
    Continuation,
    Garbage,
}

fn classify(line: &[u8]) -> Line {
    match line {
        [] | [b'\r'] => Line::Empty,
        [b' ' | b'\t', ..] => Line::Continuation,
        _ => {
            // A field name is short; what is longer before its colon is text.
            let head = line.get(..line.len().min(200)).unwrap_or(line);
            let name = memchr::memchr(b':', head).and_then(|colon| head.get(..colon));
            match name.map(<[u8]>::trim_ascii_end) {
                Some(name) if !name.is_empty() && name.iter().all(|byte| (33..=126).contains(byte)) => {
                    Line::Field
                }
                _ => Line::Garbage,
            }
        }
    }
}

/// The line at `at` without its `\n`, and where the next one starts.
fn line_at(raw: &[u8], at: usize) -> Option<(&[u8], usize)> {
    let rest = raw.get(at..).filter(|rest| !rest.is_empty())?;
    match memchr::memchr(b'\n', rest) {
        Some(length) => Some((rest.get(..length)?, at + length + 1)),
        None => Some((rest, raw.len())),
    }
}

/// Splits a message or part into its fields and its body. `top` is true for a whole message, where empty lines and
/// an mbox line may precede the headers.
///
/// mailparse reads the fields. It stands behind a scan that finds the end of the block, because it takes any line for
/// a field, and a message without an empty line would have no body; what it refuses is read line by line here.
pub(crate) fn split<'a>(raw: &'a [u8], top: bool, limits: &Limits, defects: &mut Defects) -> Block<'a> {
    let mut at = 0;
    if top {
        at = skip_preface(raw);
    }
    let start = at;
    // Ranges of lines that are fields with their continuations; garbage lies between them.
    let mut runs: Vec<(usize, usize)> = Vec::new();
    let mut count = 0_usize;
    let body_start = loop {
        let Some((line, next)) = line_at(raw, at) else {
            break raw.len();
        };
        match classify(line) {
            Line::Empty => break next,
            Line::Field => {
                count += 1;
                if count > limits.max_headers {
                    defects.note(Defect::HeadersExceeded);
                } else {
                    extend(&mut runs, at, next);
                }
            }
            Line::Continuation if at != start => {
                if count <= limits.max_headers {
                    extend(&mut runs, at, next);
                }
            }
            Line::Continuation | Line::Garbage => {
                let following = line_at(raw, next).map_or(Line::Empty, |(line, _)| classify(line));
                // `Subject: x` + text without a separator: the body has begun.
                if count == 0 && !(top && following == Line::Field)
                    || !matches!(following, Line::Field | Line::Empty)
                {
                    defects.note(Defect::HeaderEndMissing);
                    break at;
                }
                defects.note(Defect::HeaderMalformed);
            }
        }
        at = next;
    };
    let mut fields = Vec::with_capacity(count.min(64));
    for (start, end) in runs {
        read_fields(raw.get(start..end).unwrap_or_default(), &mut fields);
    }
    for field in &mut fields {
        if field.value.len() > limits.max_header_bytes {
            defects.note(Defect::HeaderTruncated);
            field.value = field.value.get(..limits.max_header_bytes).unwrap_or_default();
        }
    }
    Block {
        fields,
        body: raw.get(body_start..).unwrap_or_default(),
    }
}

/// Behind empty lines and the `From ` line of an mbox file, when fields follow.
fn skip_preface(raw: &[u8]) -> usize {
    let mut at = raw.strip_prefix(b"\xef\xbb\xbf").map_or(0, |_| 3);
    let start = at;
    for _ in 0..16 {
        let Some((line, next)) = line_at(raw, at) else {
            return start;
        };
        match classify(line) {
            Line::Field => return at,
            _ if line.starts_with(b"From ") || line.starts_with(b">From ") => at = next,
            Line::Empty => at = next,
            Line::Continuation | Line::Garbage => return start,
        }
    }
    start
}

fn extend(runs: &mut Vec<(usize, usize)>, start: usize, end: usize) {
    match runs.last_mut() {
        Some(run) if run.1 == start => run.1 = end,
        _ => runs.push((start, end)),
    }
}

fn read_fields<'a>(block: &'a [u8], fields: &mut Vec<Field<'a>>) {
    // A lone CR at the start of a line is the one thing that mailparse gives up on.
    if let Ok((headers, used)) = mailparse::parse_headers(block)
        && used == block.len()
    {
        // mailparse lends the slices of its input only as long as the header lives: find them again by offset.
        let base = block.as_ptr().addr();
        let again = |slice: &[u8]| {
            let start = slice.as_ptr().addr().checked_sub(base)?;
            block.get(start..start.checked_add(slice.len())?)
        };
        fields.extend(headers.iter().filter_map(|header| {
            Some(Field {
                name: again(header.get_key_raw())?.trim_ascii_end(),
                value: again(header.get_value_raw())?,
            })
        }));
        return;
    }
    let mut at = 0;
    while let Some((line, mut next)) = line_at(block, at) {
        while let Some((more, after)) = line_at(block, next)
            && classify(more) == Line::Continuation
        {
            next = after;
        }
        if let Some(colon) = memchr::memchr(b':', line) {
            fields.push(Field {
                name: line.get(..colon).unwrap_or_default().trim_ascii_end(),
                value: block.get(at + colon + 1..next).unwrap_or_default().trim_ascii(),
            });
        }
        at = next;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(raw: &str, top: bool) -> (Vec<(String, String)>, String, Vec<Defect>) {
        let mut defects = Defects::default();
        let block = split(raw.as_bytes(), top, &Limits::default(), &mut defects);
        let fields = block
            .fields
            .iter()
            .map(|field| {
                (
                    String::from_utf8_lossy(field.name).into_owned(),
                    field.unfolded(None).into_owned(),
                )
            })
            .collect();
        (
            fields,
            String::from_utf8_lossy(block.body).into_owned(),
            defects.into_vec(),
        )
    }

    #[test]
    fn header_block_in_any_shape_is_split_from_its_body() {
        type Case = (
            &'static str,
            &'static [(&'static str, &'static str)],
            &'static str,
            &'static [Defect],
        );
        let cases: &[Case] = &[
            (
                "A: 1\r\nB: 2\r\n 3\r\n\r\nbody",
                &[("A", "1"), ("B", "2 3")],
                "body",
                &[],
            ),
            ("A: 1\nB : 2\n\nbody", &[("A", "1"), ("B", "2")], "body", &[]),
            ("\r\n\r\nA: 1\r\n\r\nbody", &[("A", "1")], "body", &[]),
            ("From x@y Mon Jan 1\nA: 1\n\nbody", &[("A", "1")], "body", &[]),
            ("\u{feff}A: 1\n\nbody", &[("A", "1")], "body", &[]),
            (
                "A: 1\ngarbage\nB: 2\n\nbody",
                &[("A", "1"), ("B", "2")],
                "body",
                &[Defect::HeaderMalformed],
            ),
            (
                "A: 1\nHello you\nthere\n",
                &[("A", "1")],
                "Hello you\nthere\n",
                &[Defect::HeaderEndMissing],
            ),
            (
                "Hello you\nthere\n",
                &[],
                "Hello you\nthere\n",
                &[Defect::HeaderEndMissing],
            ),
            ("A: 1", &[("A", "1")], "", &[]),
            ("", &[], "", &[]),
            ("\r\n", &[], "", &[]),
            (
                "A: 1\n\rB: 2\n\nbody",
                &[("A", "1")],
                "body",
                &[Defect::HeaderMalformed],
            ),
        ];
        for (raw, fields, body, defects) in cases {
            let (found, rest, noticed) = read(raw, true);
            let found: Vec<(&str, &str)> = found.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
            assert_eq!(
                (found.as_slice(), rest.as_str(), noticed.as_slice()),
                (*fields, *body, *defects),
                "{raw:?}"
            );
        }
        assert_eq!(read("\r\ntext: not a field", false).1, "text: not a field");
    }

    #[test]
    fn headers_beyond_the_limits_are_cut_and_said() {
        let limits = Limits {
            max_headers: 2,
            max_header_bytes: 4,
            ..Limits::default()
        };
        let mut defects = Defects::default();
        let block = split(
            b"A: 123456\nB: 2\nC: 3\n more\n\nbody",
            true,
            &limits,
            &mut defects,
        );
        let values: Vec<_> = block.fields.iter().map(|field| field.value).collect();
        assert_eq!(values, [b"1234".as_slice(), b"2"]);
        assert_eq!(block.body, b"body");
        assert_eq!(
            defects.into_vec(),
            [Defect::HeadersExceeded, Defect::HeaderTruncated]
        );
    }

    #[test]
    fn raw_bytes_are_read_in_the_charset_of_the_text() {
        let cases: &[(&[u8], Option<&str>, &str)] = &[
            ("zażółć".as_bytes(), Some("koi8-r"), "zażółć"),
            (b"\xf0\xd2\xc9\xd7\xc5\xd4", Some("koi8-r"), "Привет"),
            (b"caf\xe9", Some("utf-8"), "café"),
            (b"caf\xe9", None, "café"),
        ];
        for (value, hint, text) in cases {
            assert_eq!(Field { name: b"X", value }.unfolded(*hint), *text);
        }
    }
}
