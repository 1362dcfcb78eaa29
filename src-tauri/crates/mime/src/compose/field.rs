//! Header fields, folded and encoded.

use std::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use mailroom_model::{EmailAddress, Mailbox};

use super::{ComposeError, ComposeField};

/// A line should not be longer (RFC 5322 §2.1.1).
const LINE: usize = 78;
/// An encoded word must not be longer (RFC 2047 §2).
const WORD: usize = 75;
/// A longer word without blanks is encoded, so that it can be broken.
const MAX_PLAIN_WORD: usize = 60;

/// Writes header fields.
#[derive(Debug, Default)]
pub(super) struct HeaderWriter {
    out: String,
}

impl HeaderWriter {
    pub(super) fn into_bytes(self) -> Vec<u8> {
        self.out.into_bytes()
    }

    /// A field whose value is known to be good and short.
    pub(super) fn raw(&mut self, name: &str, value: &str) {
        self.out.extend([name, ": ", value, "\r\n"]);
    }

    /// A field of tokens that may stand on lines of their own; nothing when there are none.
    fn tokens(&mut self, name: &str, tokens: impl IntoIterator<Item = String>) {
        let mut column = name.len() + 1;
        let mut is_empty = true;
        for token in tokens {
            // A token may be folded inside already.
            let first_line = token.split("\r\n").next().unwrap_or_default().len();
            if is_empty {
                self.out.extend([name, ":"]);
                is_empty = false;
            } else if column + 1 + first_line > LINE {
                self.out.push_str("\r\n");
                column = 0;
            }
            self.out.push(' ');
            self.out.push_str(&token);
            column = match token.rsplit_once("\r\n") {
                Some((_, last)) => last.len(),
                None => column + 1 + token.len(),
            };
        }
        if !is_empty {
            self.out.push_str("\r\n");
        }
    }

    /// An unstructured field; nothing when the text is blank.
    pub(super) fn text(&mut self, field: ComposeField, text: &str) -> Result<(), ComposeError> {
        let text = one_line(field, text)?;
        let text = text.trim();
        if needs_encoding(text) {
            self.tokens(
                field.header(),
                encoded_words(text, LINE - field.header().len() - 2),
            );
        } else {
            self.tokens(field.header(), text.split(' ').map(str::to_owned));
        }
        Ok(())
    }

    /// An address field; nothing when there is no mailbox.
    pub(super) fn mailboxes(
        &mut self,
        field: ComposeField,
        mailboxes: &[Mailbox],
    ) -> Result<(), ComposeError> {
        let mut tokens = Vec::new();
        for (index, mailbox) in mailboxes.iter().enumerate() {
            let name = one_line(field, &mailbox.name)?;
            let name = name.trim();
            let address = address(field, &mailbox.address)?;
            let comma = if index + 1 < mailboxes.len() { "," } else { "" };
            if name.is_empty() {
                tokens.push(format!("{address}{comma}"));
            } else {
                tokens.extend(phrase(name));
                tokens.push(format!("<{address}>{comma}"));
            }
        }
        self.tokens(field.header(), tokens);
        Ok(())
    }

    /// A field of identifiers; nothing when there are none.
    pub(super) fn ids<T: AsRef<str>>(&mut self, field: ComposeField, ids: &[T]) -> Result<(), ComposeError> {
        /// Threads that are longer keep their start and their newest messages.
        const MAX_IDS: usize = 50;
        let kept: Vec<&str> = match ids {
            [first, .., _] if ids.len() > MAX_IDS => {
                let newest = ids.iter().skip(ids.len() - MAX_IDS + 1);
                std::iter::once(first).chain(newest).map(AsRef::as_ref).collect()
            }
            _ => ids.iter().map(AsRef::as_ref).collect(),
        };
        let tokens: Result<Vec<String>, ComposeError> = kept
            .into_iter()
            .map(|id| identifier(field, id).map(|id| format!("<{id}>")))
            .collect();
        self.tokens(field.header(), tokens?);
        Ok(())
    }
}

/// The identifier without angle brackets, when it is one.
pub(super) fn identifier(field: ComposeField, id: &str) -> Result<&str, ComposeError> {
    let inner = id.trim();
    let inner = inner
        .strip_prefix('<')
        .and_then(|inner| inner.strip_suffix('>'))
        .unwrap_or(inner);
    let is_good = !inner.is_empty()
        && inner.len() <= 900
        && !inner
            .chars()
            .any(|c| c.is_control() || c.is_whitespace() || matches!(c, '<' | '>'));
    if is_good {
        Ok(inner)
    } else {
        Err(ComposeError::IdentifierInvalid { field })
    }
}

/// A text on one line: line ends and NUL are refused, other controls become blanks.
pub(super) fn one_line(field: ComposeField, text: &str) -> Result<String, ComposeError> {
    if text.contains(['\r', '\n', '\0']) {
        return Err(ComposeError::LineEnd { field });
    }
    Ok(text
        .chars()
        .map(|c| {
            if c.is_control() || matches!(c, '\u{2028}' | '\u{2029}') {
                ' '
            } else {
                c
            }
        })
        .collect())
}

/// The address with its domain as A-labels. Addresses of machines without a domain (`root@localhost`) are written too.
fn address(field: ComposeField, text: &str) -> Result<String, ComposeError> {
    let text = text.trim();
    if let Ok(address) = text.parse::<EmailAddress>() {
        return Ok(address.to_string());
    }
    let is_atom = |part: &str| {
        !part.is_empty()
            && part
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"!#$%&'*+-/=?^_`{|}~.".contains(&byte))
    };
    match text.rsplit_once('@') {
        Some((local, domain)) if is_atom(local) && is_atom(domain) && text.len() <= 254 => {
            Ok(text.to_owned())
        }
        _ => Err(ComposeError::AddressInvalid {
            field,
            address: text.to_owned(),
        }),
    }
}

/// True when a text cannot stand in a header field as it is: it is not ASCII, looks like an encoded word, has blanks
/// that folding would change, or a word too long for a line.
pub(super) fn needs_encoding(text: &str) -> bool {
    !text.is_ascii()
        || text.contains("=?")
        || text.contains("  ")
        || text.split(' ').any(|word| word.len() > MAX_PLAIN_WORD)
}

/// A display name (RFC 5322 §3.2.5): atoms, a quoted string, or encoded words.
fn phrase(name: &str) -> Vec<String> {
    if needs_encoding(name) {
        return encoded_words(name, LINE - 12);
    }
    let is_atoms = name
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || b"!#$%&'*+-/=?^_`{|}~ ".contains(&byte));
    if is_atoms {
        return name.split(' ').map(str::to_owned).collect();
    }
    let mut quoted = String::with_capacity(name.len() + 2);
    quoted.push('"');
    for c in name.chars() {
        if matches!(c, '"' | '\\') {
            quoted.push('\\');
        }
        quoted.push(c);
    }
    quoted.push('"');
    // Folding before a blank inside quotes keeps the blank.
    quoted.split(' ').map(str::to_owned).collect()
}

/// The text as encoded words (RFC 2047) in UTF-8, each a whole number of characters; the first has at most
/// `first_room` characters. Quoted-printable or base64, whichever is shorter.
pub(super) fn encoded_words(text: &str, first_room: usize) -> Vec<String> {
    let q_len: usize = text.bytes().map(|byte| q_char(byte).len()).sum();
    let is_q = q_len <= text.len().div_ceil(3) * 4;
    let (prefix, suffix) = if is_q {
        ("=?utf-8?Q?", "?=")
    } else {
        ("=?utf-8?B?", "?=")
    };
    let mut room = first_room.min(WORD) - prefix.len() - suffix.len();
    let mut words = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let mut end = 0;
        let mut used = 0;
        for (at, c) in rest.char_indices() {
            let next = at + c.len_utf8();
            if is_q {
                let width: usize = c
                    .encode_utf8(&mut [0; 4])
                    .bytes()
                    .map(|byte| q_char(byte).len())
                    .sum();
                used += width;
            } else {
                used = next.div_ceil(3) * 4;
            }
            if used > room && end > 0 {
                break;
            }
            end = next;
        }
        let (piece, behind) = rest.split_at_checked(end).unwrap_or((rest, ""));
        let encoded: String = if is_q {
            piece.bytes().map(q_char).collect()
        } else {
            STANDARD.encode(piece)
        };
        words.push(format!("{prefix}{encoded}{suffix}"));
        rest = behind;
        room = WORD - prefix.len() - suffix.len();
    }
    words
}

/// A byte in the Q encoding; only what may stand everywhere (RFC 2047 §5 (3)) stays itself.
fn q_char(byte: u8) -> String {
    match byte {
        b' ' => "_".to_owned(),
        b'!' | b'*' | b'+' | b'-' | b'/' => char::from(byte).to_string(),
        _ if byte.is_ascii_alphanumeric() => char::from(byte).to_string(),
        _ => format!("={byte:02X}"),
    }
}

/// A parameter of a MIME field on lines of its own: `;` CRLF SP `name=value`. What is not plain ASCII is written as in
/// RFC 2231, in pieces that fit a line.
pub(super) fn parameter(name: &str, value: &str) -> String {
    let is_plain = value.bytes().all(|byte| (b' '..=b'~').contains(&byte)) && !value.contains("=?");
    let quoted = value.replace('\\', "\\\\").replace('"', "\\\"");
    if is_plain && name.len() + quoted.len() + 4 < LINE {
        return format!(";\r\n {name}=\"{quoted}\"");
    }
    let mut units: Vec<String> = Vec::new();
    for c in value.chars() {
        let mut unit = String::new();
        for byte in c.encode_utf8(&mut [0; 4]).bytes() {
            if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
                unit.push(char::from(byte));
            } else {
                let _ = write!(unit, "%{byte:02X}");
            }
        }
        units.push(unit);
    }
    let total: usize = units.iter().map(String::len).sum();
    if name.len() + total + 12 < LINE {
        return format!(";\r\n {name}*=utf-8''{}", units.concat());
    }
    let room = LINE - name.len() - 16;
    let mut pieces = vec!["utf-8''".to_owned()];
    for unit in units {
        match pieces.last_mut() {
            Some(piece) if piece.len() + unit.len() <= room => piece.push_str(&unit),
            _ => pieces.push(unit),
        }
    }
    let mut out = String::new();
    for (index, piece) in pieces.iter().enumerate() {
        // Writing to a string does not fail.
        let _ = write!(out, ";\r\n {name}*{index}*={piece}");
    }
    out
}

/// The parameter for readers that know RFC 2047 only: encoded words in quotes, which no standard allows and all read.
pub(super) fn legacy_parameter(name: &str, value: &str) -> String {
    let is_plain = value.bytes().all(|byte| (b' '..=b'~').contains(&byte)) && !value.contains("=?");
    if is_plain {
        return parameter(name, value);
    }
    let words = encoded_words(value, WORD - name.len() - 4);
    format!(";\r\n {name}=\"{}\"", words.join("\r\n "))
}
