//! The body of a message: entities in each other.

use std::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::field::{identifier, legacy_parameter, one_line, parameter};
use super::{ComposeError, ComposeField, Draft};

/// A MIME entity: header fields and content.
pub(super) enum Entity<'d> {
    /// Text; any line ends.
    Text { subtype: &'static str, text: &'d str },
    File {
        content_type: String,
        filename: String,
        content_id: Option<&'d str>,
        bytes: &'d [u8],
    },
    Multipart {
        subtype: &'static str,
        parts: Vec<Entity<'d>>,
    },
}

impl<'d> Entity<'d> {
    /// The whole body of a draft.
    pub(super) fn of_draft(draft: &'d Draft) -> Result<Self, ComposeError> {
        let mut body = Self::Text {
            subtype: "plain",
            text: &draft.text,
        };
        let mut files = Vec::new();
        if let Some(html) = &draft.html {
            let mut rich = Self::Text {
                subtype: "html",
                text: html,
            };
            if !draft.inline.is_empty() {
                let mut parts = vec![rich];
                for image in &draft.inline {
                    parts.push(Self::File {
                        content_type: content_type(&image.content_type),
                        filename: one_line(ComposeField::Filename, &image.filename)?,
                        content_id: Some(identifier(ComposeField::ContentId, &image.content_id)?),
                        bytes: &image.bytes,
                    });
                }
                rich = Self::Multipart {
                    subtype: "related",
                    parts,
                };
            }
            body = Self::Multipart {
                subtype: "alternative",
                parts: vec![body, rich],
            };
        } else {
            for image in &draft.inline {
                files.push((&image.content_type, &image.filename, &image.bytes));
            }
        }
        files.extend(
            draft
                .attachments
                .iter()
                .map(|file| (&file.content_type, &file.filename, &file.bytes)),
        );
        if files.is_empty() {
            return Ok(body);
        }
        let mut parts = vec![body];
        for (kind, filename, bytes) in files {
            parts.push(Self::File {
                content_type: content_type(kind),
                filename: one_line(ComposeField::Filename, filename)?,
                content_id: None,
                bytes,
            });
        }
        Ok(Self::Multipart {
            subtype: "mixed",
            parts,
        })
    }

    /// Appends header fields, an empty line and the content, which ends with a line end.
    pub(super) fn write(&self, out: &mut Vec<u8>, seed: &[u8; 16]) {
        let mut count = 0;
        self.write_part(out, seed, &mut count);
    }

    fn write_part(&self, out: &mut Vec<u8>, seed: &[u8; 16], count: &mut usize) {
        match self {
            Self::Text { subtype, text } => write_text(out, subtype, text),
            Self::File {
                content_type,
                filename,
                content_id,
                bytes,
            } => {
                let filename = filename.trim();
                let mut header = format!("Content-Type: {content_type}");
                if !filename.is_empty() {
                    header.push_str(&legacy_parameter("name", filename));
                }
                header.push_str("\r\nContent-Transfer-Encoding: base64\r\nContent-Disposition: ");
                header.push_str(if content_id.is_some() {
                    "inline"
                } else {
                    "attachment"
                });
                if !filename.is_empty() {
                    header.push_str(&parameter("filename", filename));
                }
                header.push_str("\r\n");
                if let Some(id) = content_id {
                    header.extend(["Content-ID: <", id, ">\r\n"]);
                }
                header.push_str("\r\n");
                out.extend_from_slice(header.as_bytes());
                write_base64(out, bytes);
            }
            Self::Multipart { subtype, parts } => {
                *count += 1;
                // `=_` can stand in no quoted-printable and no base64, and text that is written as it is never starts
                // a line with `--=_`.
                let boundary = format!("=_{}_{count}", hex(seed));
                let header =
                    format!("Content-Type: multipart/{subtype};\r\n boundary=\"{boundary}\"\r\n\r\n");
                out.extend_from_slice(header.as_bytes());
                for part in parts {
                    out.extend_from_slice(format!("--{boundary}\r\n").as_bytes());
                    part.write_part(out, seed, count);
                    out.extend_from_slice(b"\r\n");
                }
                out.extend_from_slice(format!("--{boundary}--\r\n").as_bytes());
            }
        }
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing to a string does not fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// The type as given when it is one. Types that base64 must not wrap (RFC 2046 §5.2.1) or that would change the
/// structure become bytes; the file's name says what they are.
fn content_type(text: &str) -> String {
    let text = text.trim().to_ascii_lowercase();
    let is_token = |text: &str| {
        !text.is_empty()
            && text.len() <= 100
            && text
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"!#$&-^_.+".contains(&byte))
    };
    match text.split_once('/') {
        Some((kind, subtype))
            if is_token(kind) && is_token(subtype) && kind != "multipart" && kind != "message" =>
        {
            text
        }
        _ => "application/octet-stream".to_owned(),
    }
}

fn write_text(out: &mut Vec<u8>, subtype: &str, text: &str) {
    let lines = LineEnds(text);
    let charset = if text.is_ascii() { "us-ascii" } else { "utf-8" };
    let is_safe = |line: &str| {
        line.is_ascii()
            && line.len() <= 78
            && !line.starts_with("From ")
            && !line.starts_with("--=_")
            && !line.ends_with([' ', '\t'])
            && !line.bytes().any(|byte| byte.is_ascii_control() && byte != b'\t')
    };
    let encoding = if lines.iter().all(is_safe) {
        "7bit"
    } else {
        let escaped: usize = text
            .bytes()
            .filter(|byte| !(b' '..=b'~').contains(byte) && !matches!(byte, b'\n' | b'\r') || *byte == b'=')
            .count();
        // Each costs two more bytes; base64 costs a third of everything, and nobody can read it.
        if escaped * 4 <= text.len() {
            "quoted-printable"
        } else {
            "base64"
        }
    };
    let header = format!(
        "Content-Type: text/{subtype}; charset={charset}\r\nContent-Transfer-Encoding: {encoding}\r\n\r\n"
    );
    out.extend_from_slice(header.as_bytes());
    match encoding {
        "7bit" => {
            for line in lines.iter() {
                out.extend_from_slice(line.as_bytes());
                out.extend_from_slice(b"\r\n");
            }
        }
        "quoted-printable" => {
            for line in lines.iter() {
                write_quoted_line(out, line);
            }
        }
        _ => {
            let joined: Vec<&str> = lines.iter().collect();
            write_base64(out, (joined.join("\r\n") + "\r\n").as_bytes());
        }
    }
}

/// A text's lines, whatever ends them; no empty line behind the last line end.
#[derive(Clone, Copy)]
struct LineEnds<'t>(&'t str);

impl<'t> LineEnds<'t> {
    fn iter(self) -> impl Iterator<Item = &'t str> {
        let mut rest = Some(self.0);
        std::iter::from_fn(move || {
            let text = rest?;
            let Some(at) = text.find(['\r', '\n']) else {
                rest = None;
                return (!text.is_empty()).then_some(text);
            };
            let width = if text.get(at..).is_some_and(|end| end.starts_with("\r\n")) {
                2
            } else {
                1
            };
            rest = text.get(at + width..);
            text.get(..at)
        })
    }
}

/// One line in quoted-printable (RFC 2045 §6.7): at most 76 characters with the soft break, characters are not
/// split between lines.
fn write_quoted_line(out: &mut Vec<u8>, line: &str) {
    let mut column = 0;
    let mut chars = line.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        let is_last = chars.peek().is_none();
        let mut unit = String::new();
        let is_plain = match c {
            ' ' | '\t' => !is_last,
            '=' => false,
            // What transports treat in a special way at the start of a line.
            'F' => !(at == 0 && line.starts_with("From ")),
            '.' => !(at == 0 && line == "."),
            '-' => !(at == 0 && line.starts_with("--=_")),
            c => ('!'..='~').contains(&c),
        };
        if is_plain {
            unit.push(c);
        } else {
            for byte in c.encode_utf8(&mut [0; 4]).bytes() {
                let _ = write!(unit, "={byte:02X}");
            }
        }
        if column + unit.len() > if is_last { 76 } else { 75 } {
            out.extend_from_slice(b"=\r\n");
            column = 0;
        }
        column += unit.len();
        out.extend_from_slice(unit.as_bytes());
    }
    out.extend_from_slice(b"\r\n");
}

/// Lines of 76 digits.
fn write_base64(out: &mut Vec<u8>, bytes: &[u8]) {
    out.reserve(bytes.len() / 57 * 78 + 80);
    for chunk in bytes.chunks(57) {
        out.extend_from_slice(STANDARD.encode(chunk).as_bytes());
        out.extend_from_slice(b"\r\n");
    }
}
