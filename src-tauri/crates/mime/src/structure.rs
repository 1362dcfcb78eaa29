//! The tree of parts of a message (RFC 2046 §5).

use crate::defect::Defects;
use crate::field::{self, Field};
use crate::param::{self, Parametrised};
use crate::transfer::Encoding;
use crate::{Defect, Limits};

/// A part: a leaf with content, or a multipart with children. Slices of the raw message, nothing decoded.
#[derive(Debug)]
pub(crate) struct Node<'a> {
    /// As IMAP counts (RFC 9051 §6.4.5): `1`, `2.1`; empty for a multipart that is the whole message.
    pub(crate) path: String,
    pub(crate) fields: Vec<Field<'a>>,
    pub(crate) content: Parametrised,
    pub(crate) disposition: Parametrised,
    pub(crate) encoding: Encoding,
    /// Content-Type was there.
    pub(crate) is_typed: bool,
    pub(crate) body: &'a [u8],
    /// Bytes of the body on the server, in a message of which not everything is here ([`read_partial`]).
    pub(crate) octets: Option<u64>,
    pub(crate) children: Vec<Node<'a>>,
}

impl<'a> Node<'a> {
    /// The type and subtype in lower case.
    pub(crate) fn content_type(&self) -> &str {
        &self.content.value
    }

    pub(crate) fn is_multipart(&self) -> bool {
        !self.children.is_empty()
    }

    pub(crate) fn charset(&self) -> Option<&str> {
        self.content.param("charset")
    }

    pub(crate) fn field(&self, name: &str) -> Option<&Field<'a>> {
        self.fields.iter().find(|field| field.is(name))
    }

    /// The name that the sender gave to the part, not yet made safe.
    pub(crate) fn raw_filename(&self) -> Option<&str> {
        [
            self.disposition.param("filename"),
            self.content.param("name"),
            self.disposition.param("name"),
        ]
        .into_iter()
        .flatten()
        .find(|name| !name.trim().is_empty())
    }

    /// Content-ID without angle brackets.
    pub(crate) fn content_id(&self) -> Option<String> {
        let field = self.field("content-id")?.unfolded(None);
        let id: String = field
            .trim()
            .trim_start_matches('<')
            .trim_end_matches('>')
            .chars()
            .filter(|c| !c.is_control() && !c.is_whitespace())
            .collect();
        (!id.is_empty()).then_some(id)
    }

    /// True when less of the part is here than there is.
    pub(crate) fn is_left(&self) -> bool {
        self.octets.is_some_and(|octets| octets > self.body.len() as u64)
    }

    /// The part with a path.
    pub(crate) fn at(&self, path: &str) -> Option<&Node<'a>> {
        if self.path == path {
            return Some(self);
        }
        self.children.iter().find_map(|child| child.at(path))
    }
}

struct State<'l> {
    limits: &'l Limits,
    defects: &'l mut Defects,
    parts: usize,
    is_partial: bool,
}

/// Reads the tree of a message. Every byte of the body is in a leaf, in the text around the parts of a multipart, or
/// in a boundary.
pub(crate) fn read<'a>(raw: &'a [u8], limits: &Limits, defects: &mut Defects) -> Node<'a> {
    read_as(raw, limits, defects, false)
}

/// The same for a message of which not everything is here, as [`crate::skeleton()`] puts it together.
pub(crate) fn read_partial<'a>(raw: &'a [u8], limits: &Limits, defects: &mut Defects) -> Node<'a> {
    read_as(raw, limits, defects, true)
}

fn read_as<'a>(raw: &'a [u8], limits: &Limits, defects: &mut Defects, is_partial: bool) -> Node<'a> {
    let mut state = State {
        limits,
        defects,
        parts: 0,
        is_partial,
    };
    state.part(raw, String::new(), 0, "text/plain")
}

impl State<'_> {
    fn part<'a>(&mut self, raw: &'a [u8], path: String, depth: usize, default_type: &str) -> Node<'a> {
        self.parts += 1;
        let block = field::split(raw, depth == 0, self.limits, self.defects);
        let find = |name: &str| block.fields.iter().find(|field| field.is(name));
        let typed = find("content-type").map(|field| param::parse(field.unfolded(None).trim()));
        let disposition = find("content-disposition")
            .map(|field| param::parse(field.unfolded(None).trim()))
            .unwrap_or_default();
        let (encoding, is_unknown) = find("content-transfer-encoding")
            .map_or((Encoding::Identity, false), |field| {
                Encoding::from_header(field.unfolded(None).trim())
            });
        if is_unknown {
            self.defects.note(Defect::EncodingUnknown);
        }
        // The first one is ours, whatever the message says.
        let octets = find(crate::skeleton::OCTETS)
            .filter(|_| self.is_partial)
            .and_then(|field| field.unfolded(None).trim().parse().ok());
        let is_typed = typed.is_some();
        let mut content = typed.unwrap_or_default();
        let is_named = disposition.param("filename").is_some() || content.param("name").is_some();
        content.value = normal_type(&content.value, is_named, default_type);
        let mut node = Node {
            path,
            fields: block.fields,
            content,
            disposition,
            encoding,
            is_typed,
            body: block.body,
            octets,
            children: Vec::new(),
        };
        if node.content.value.starts_with("multipart/") && !node.body.is_empty() {
            if depth >= self.limits.max_depth {
                self.defects.note(Defect::DepthExceeded);
            } else {
                self.read_children(&mut node, depth);
            }
        }
        if node.path.is_empty() && node.children.is_empty() {
            "1".clone_into(&mut node.path);
        }
        node
    }

    fn read_children(&mut self, node: &mut Node<'_>, depth: usize) {
        let declared = node
            .content
            .param("boundary")
            .map(str::trim_end)
            .filter(|boundary| !boundary.is_empty() && boundary.len() <= 1_000);
        let room = self.limits.max_parts.saturating_sub(self.parts).max(1);
        let mut sections = Sections::default();
        if let Some(boundary) = declared {
            // Exactly first, because one boundary may be the beginning of another.
            sections = Sections::find(node.body, boundary.as_bytes(), Tail::Exact, room);
            if sections.ranges.is_empty() {
                sections = Sections::find(node.body, boundary.as_bytes(), Tail::Any, room);
            }
        }
        if sections.ranges.is_empty() {
            self.defects.note(Defect::BoundaryMissing);
            if let Some(boundary) = guess_boundary(node.body) {
                sections = Sections::find(node.body, boundary, Tail::Exact, room);
            }
        } else if !sections.closed && sections.rest.is_none() {
            self.defects.note(Defect::BoundaryUnclosed);
        }
        let child_path = |number: usize| {
            if node.path.is_empty() {
                number.to_string()
            } else {
                format!("{}.{number}", node.path)
            }
        };
        let mut children = Vec::new();
        if sections.ranges.is_empty() {
            // Whatever it is, somebody can read it.
            children.push(whole(child_path(1), node.body, "text/plain"));
        }
        let default_type = if node.content.value == "multipart/digest" {
            "message/rfc822"
        } else {
            "text/plain"
        };
        for (start, end) in &sections.ranges {
            let raw = node.body.get(*start..*end).unwrap_or_default();
            let path = child_path(children.len() + 1);
            if self.parts >= self.limits.max_parts {
                // Deeper levels used the room up meanwhile.
                self.defects.note(Defect::PartsExceeded);
                let rest = node.body.get(*start..).unwrap_or_default();
                children.push(whole(path, rest, "application/octet-stream"));
                node.children = children;
                return;
            }
            children.push(self.part(raw, path, depth + 1, default_type));
        }
        if let Some(rest) = sections.rest.and_then(|start| node.body.get(start..)) {
            self.defects.note(Defect::PartsExceeded);
            children.push(whole(
                child_path(children.len() + 1),
                rest,
                "application/octet-stream",
            ));
        }
        node.children = children;
    }
}

/// A leaf without headers.
fn whole<'a>(path: String, body: &'a [u8], content_type: &str) -> Node<'a> {
    Node {
        path,
        fields: Vec::new(),
        content: Parametrised::of(content_type),
        disposition: Parametrised::default(),
        encoding: Encoding::Identity,
        is_typed: false,
        body,
        octets: None,
        children: Vec::new(),
    }
}

/// A type that is one. What has none, or a broken one, is text (RFC 2045 §5.2), unless it has a file name.
fn normal_type(value: &str, is_named: bool, default_type: &str) -> String {
    let is_token = |text: &str| {
        !text.is_empty()
            && text.len() <= 127
            && text
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"!#$&-^_.+%*'`{|}~".contains(&byte))
    };
    let value: String = value.chars().filter(|c| !c.is_whitespace()).collect();
    match value.split_once('/') {
        Some((kind, subtype)) if is_token(kind) && is_token(subtype) => match value.as_str() {
            "text/htm" | "text/xhtml" | "application/xhtml+xml" => "text/html".to_owned(),
            "image/jpg" | "image/pjpeg" => "image/jpeg".to_owned(),
            _ => value,
        },
        None if value == "text" => "text/plain".to_owned(),
        None if value == "html" => "text/html".to_owned(),
        _ if is_named => "application/octet-stream".to_owned(),
        _ if value.is_empty() => default_type.to_owned(),
        _ => "text/plain".to_owned(),
    }
}

/// What may stand behind a boundary on its line.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Tail {
    /// `--`, white space.
    Exact,
    /// Anything.
    Any,
}

/// Where the parts of a multipart stand in its body.
#[derive(Debug, Default)]
struct Sections {
    ranges: Vec<(usize, usize)>,
    /// The closing boundary was found.
    closed: bool,
    /// Where the parts beyond the limit start.
    rest: Option<usize>,
}

impl Sections {
    fn find(body: &[u8], boundary: &[u8], tail: Tail, room: usize) -> Self {
        let mut sections = Self::default();
        let delimiter = [b"--", boundary].concat();
        let mut open: Option<usize> = None;
        for at in memchr::memmem::find_iter(body, &delimiter) {
            let before = at.checked_sub(1).and_then(|before| body.get(before));
            if before.is_some_and(|byte| *byte != b'\n') {
                continue;
            }
            let behind = at + delimiter.len();
            let line_end = body
                .get(behind..)
                .and_then(|rest| memchr::memchr(b'\n', rest.get(..2_000).unwrap_or(rest)))
                .map_or(body.len().min(behind + 2_000), |length| behind + length + 1);
            let rest = body.get(behind..line_end).unwrap_or_default().trim_ascii_end();
            let closes = if tail == Tail::Exact {
                rest == b"--"
            } else {
                rest.starts_with(b"--")
            };
            if !closes && tail == Tail::Exact && !rest.is_empty() {
                continue;
            }
            if let Some(start) = open.take() {
                // The line end before a boundary belongs to it.
                let end = at.saturating_sub(1).max(start);
                let carriage = end > start && body.get(end - 1) == Some(&b'\r');
                sections.ranges.push((start, end - usize::from(carriage)));
            }
            if closes {
                sections.closed = true;
                return sections;
            }
            if sections.ranges.len() >= room {
                sections.rest = Some(line_end);
                return sections;
            }
            open = Some(line_end);
        }
        if let Some(start) = open {
            sections.ranges.push((start, body.len()));
        }
        sections
    }
}

/// A boundary that nobody declared: a line that starts with `--` in front of a Content- field.
fn guess_boundary(body: &[u8]) -> Option<&[u8]> {
    let mut lines = body
        .get(..64 << 10)
        .unwrap_or(body)
        .split(|byte| *byte == b'\n')
        .peekable();
    while let Some(line) = lines.next() {
        let line = line.trim_ascii_end();
        let is_delimiter = line.len() > 2 && line.len() <= 200 && line.starts_with(b"--");
        let describes = lines
            .peek()
            .and_then(|next| next.get(..8))
            .is_some_and(|start| start.eq_ignore_ascii_case(b"content-"));
        if is_delimiter && describes {
            return line.get(2..);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The part itself and all below it, in the order of the message.
    fn walk<'n, 'a>(node: &'n Node<'a>, visit: &mut dyn FnMut(&'n Node<'a>)) {
        visit(node);
        for child in &node.children {
            walk(child, visit);
        }
    }

    fn outline(raw: &str, limits: &Limits) -> (String, Vec<Defect>) {
        let mut defects = Defects::default();
        let node = read(raw.as_bytes(), limits, &mut defects);
        let mut lines = Vec::new();
        walk(&node, &mut |node| {
            let body = if node.is_multipart() {
                String::new()
            } else {
                String::from_utf8_lossy(node.body).into_owned()
            };
            lines.push(format!("{}|{}|{}", node.path, node.content_type(), body));
        });
        (lines.join("\n"), defects.into_vec())
    }

    const MIXED: &str = "Content-Type: multipart/mixed; boundary=b\n\n";

    #[test]
    fn multipart_in_any_shape_gives_its_parts() {
        let cases: &[(&str, &str, &[Defect])] = &[
            ("\nhello", "1|text/plain|hello", &[]),
            ("Content-Type: text/html\n\nx", "1|text/html|x", &[]),
            ("Content-Type: nonsense\n\nx", "1|text/plain|x", &[]),
            (
                "Content-Type: nonsense; name=a.bin\n\nx",
                "1|application/octet-stream|x",
                &[],
            ),
            (
                "Content-Type: multipart/mixed; boundary=b\n\npre\n--b\n\none\n--b\nContent-Type: text/html\n\ntwo\n--b--\npost",
                "|multipart/mixed|\n1|text/plain|one\n2|text/html|two",
                &[],
            ),
            // One boundary is the beginning of the other.
            (
                "Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: multipart/alternative; boundary=b1\n\n--b1\n\nx\n--b1--\n--b--",
                "|multipart/mixed|\n1|multipart/alternative|\n1.1|text/plain|x",
                &[],
            ),
            // Not closed, neither the inner nor the outer one.
            (
                "Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: multipart/related; boundary=i\n\n--i\n\nx\n--b\n\ny",
                "|multipart/mixed|\n1|multipart/related|\n1.1|text/plain|x\n2|text/plain|y",
                &[Defect::BoundaryUnclosed],
            ),
            (
                "Content-Type: multipart/mixed\n\n--zz\nContent-Type: text/html\n\nx\n--zz--",
                "|multipart/mixed|\n1|text/html|x",
                &[Defect::BoundaryMissing],
            ),
            (
                "Content-Type: multipart/mixed; boundary=wrong\n\njust text",
                "|multipart/mixed|\n1|text/plain|just text",
                &[Defect::BoundaryMissing],
            ),
            (
                "Content-Type: multipart/mixed; boundary=\"b\"\n\n--b junk\n\nx\n--b-- junk",
                "|multipart/mixed|\n1|text/plain|x",
                &[],
            ),
            (
                "Content-Type: multipart/digest; boundary=b\n\n--b\n\nSubject: x\n\ny\n--b--",
                "|multipart/digest|\n1|message/rfc822|Subject: x\n\ny",
                &[],
            ),
            (
                "Content-Type: multipart/mixed; boundary=b\n\n--b\n--b--",
                "|multipart/mixed|\n1|text/plain|",
                &[],
            ),
        ];
        for (raw, expected, defects) in cases {
            for raw in [(*raw).to_owned(), raw.replace('\n', "\r\n")] {
                let (found, noticed) = outline(&raw, &Limits::default());
                assert_eq!(
                    (found.replace("\r\n", "\n").as_str(), noticed.as_slice()),
                    (*expected, *defects),
                    "{raw}"
                );
            }
        }
    }

    #[test]
    fn depth_and_number_of_parts_are_bounded_and_nothing_is_lost() {
        let limits = Limits {
            max_depth: 1,
            ..Limits::default()
        };
        let raw = format!("{MIXED}--b\nContent-Type: multipart/mixed; boundary=i\n\n--i\n\nx\n--i--\n--b--");
        let (found, defects) = outline(&raw, &limits);
        assert_eq!(found, "|multipart/mixed|\n1|multipart/mixed|--i\n\nx\n--i--");
        assert_eq!(defects, [Defect::DepthExceeded]);

        let limits = Limits {
            max_parts: 3,
            ..Limits::default()
        };
        let raw = format!("{MIXED}--b\n\n1\n--b\n\n2\n--b\n\n3\n--b\n\n4\n--b--\n");
        let (found, defects) = outline(&raw, &limits);
        assert_eq!(
            found,
            "|multipart/mixed|\n1|text/plain|1\n2|text/plain|2\n3|application/octet-stream|\n3\n--b\n\n4\n--b--\n"
        );
        assert_eq!(defects, [Defect::PartsExceeded]);
    }
}
