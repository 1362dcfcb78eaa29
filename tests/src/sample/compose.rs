//! Writing messages by hand: small, and without a mail library, so that the mail libraries can be tried with it.

use std::fmt::Write as _;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use encoding_rs::Encoding;
use mailroom_model::UnixMillis;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc2822;

/// The `date-time` of RFC 5322 §3.3, in UTC.
pub fn mail_date(at: UnixMillis) -> String {
    let date = OffsetDateTime::from_unix_timestamp(at.seconds()).unwrap_or(OffsetDateTime::UNIX_EPOCH);
    date.format(&Rfc2822).unwrap_or_default()
}

/// A header's words: as they are when ASCII, else as encoded words in UTF-8 (RFC 2047), folded.
pub fn encoded_header(text: &str) -> String {
    encoded_header_in(text, encoding_rs::UTF_8)
}

/// As [`encoded_header`], in another charset.
pub(super) fn encoded_header_in(text: &str, encoding: &'static Encoding) -> String {
    if text.is_ascii() {
        return text.to_owned();
    }
    let letters: Vec<char> = text.chars().collect();
    // An encoded word has at most 75 letters: 12 of four bytes each, in base64, and its frame fit.
    let words: Vec<String> = letters
        .chunks(10)
        .map(|chunk| {
            let chunk: String = chunk.iter().collect();
            format!(
                "=?{}?B?{}?=",
                encoding.name().to_lowercase(),
                STANDARD.encode(encoding.encode(&chunk).0)
            )
        })
        .collect();
    words.join("\n ")
}

/// Quoted-printable (RFC 2045 §6.7) of text with bare LF as line ends.
pub fn quoted_printable(bytes: &[u8]) -> String {
    const HEX: [char; 16] = [
        '0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'A', 'B', 'C', 'D', 'E', 'F',
    ];
    let mut text = String::with_capacity(bytes.len() + bytes.len() / 8);
    let mut length = 0;
    for (index, byte) in bytes.iter().enumerate() {
        if *byte == b'\n' {
            text.push('\n');
            length = 0;
            continue;
        }
        let ends_line = bytes.get(index + 1).is_none_or(|next| *next == b'\n');
        let plain = matches!(byte, b'!'..=b'<' | b'>'..=b'~') || (matches!(byte, b' ' | b'\t') && !ends_line);
        if length + if plain { 1 } else { 3 } > 75 {
            text.push_str("=\n");
            length = 0;
        }
        if plain {
            text.push(char::from(*byte));
            length += 1;
        } else {
            text.push('=');
            for half in [byte >> 4, byte & 15] {
                text.push(HEX.get(usize::from(half)).copied().unwrap_or('0'));
            }
            length += 3;
        }
    }
    text
}

/// Base64 in lines of 76.
pub(super) fn base64_lines(bytes: &[u8]) -> String {
    let encoded = STANDARD.encode(bytes);
    let mut text = String::with_capacity(encoded.len() + encoded.len() / 70);
    let mut rest = encoded.as_str();
    while let Some((line, tail)) = rest.split_at_checked(76) {
        text.push_str(line);
        text.push('\n');
        rest = tail;
    }
    text.push_str(rest);
    text
}

/// How a part's bytes are written.
#[derive(Clone, Copy, Debug)]
pub(super) enum Transfer {
    EightBit,
    QuotedPrintable,
    Base64,
}

/// A MIME part: its headers with their line ends, and its encoded body. Line ends are LF until the very end.
#[derive(Clone, Debug)]
pub(super) struct Part {
    headers: String,
    body: Vec<u8>,
}

impl Part {
    /// Text in a charset.
    pub(super) fn text(kind: &str, content: &str, encoding: &'static Encoding, transfer: Transfer) -> Self {
        let charset = encoding.name().to_lowercase();
        Self::encoded(
            &format!("{kind}; charset={charset}"),
            &encoding.encode(content).0,
            transfer,
        )
    }

    /// Plain text in UTF-8.
    pub(super) fn plain(content: &str) -> Self {
        Self::text(
            "text/plain",
            content,
            encoding_rs::UTF_8,
            Transfer::QuotedPrintable,
        )
    }

    /// HTML in UTF-8.
    pub(super) fn html(content: &str) -> Self {
        Self::text(
            "text/html",
            content,
            encoding_rs::UTF_8,
            Transfer::QuotedPrintable,
        )
    }

    /// Bytes under a content type that is given in full.
    pub(super) fn encoded(content_type: &str, bytes: &[u8], transfer: Transfer) -> Self {
        let (name, body) = match transfer {
            Transfer::EightBit => ("8bit", bytes.to_vec()),
            Transfer::QuotedPrintable => ("quoted-printable", quoted_printable(bytes).into_bytes()),
            Transfer::Base64 => ("base64", base64_lines(bytes).into_bytes()),
        };
        Self {
            headers: format!("Content-Type: {content_type}\nContent-Transfer-Encoding: {name}\n"),
            body,
        }
    }

    /// A file; the name is given as RFC 2231 wants it when it is not ASCII.
    pub(super) fn attachment(content_type: &str, name: &str, bytes: &[u8]) -> Self {
        let parameter = if name.is_ascii() {
            format!("filename=\"{name}\"")
        } else {
            let escaped: String = name
                .bytes()
                .map(|byte| {
                    if byte.is_ascii_alphanumeric() || byte == b'.' {
                        char::from(byte).to_string()
                    } else {
                        format!("%{byte:02X}")
                    }
                })
                .collect();
            format!("filename*=UTF-8''{escaped}")
        };
        Self::encoded(content_type, bytes, Transfer::Base64)
            .with("Content-Disposition", &format!("attachment; {parameter}"))
    }

    /// A message as a part (RFC 2046 §5.2.1): it stays as it is.
    pub(super) fn message(raw: &[u8]) -> Self {
        let body = String::from_utf8_lossy(raw).replace("\r\n", "\n").into_bytes();
        Self {
            headers: "Content-Type: message/rfc822\nContent-Disposition: inline\n".to_owned(),
            body,
        }
    }

    /// Several parts in one: `kind` is `mixed`, `alternative`, `related; type="text/html"` ...
    pub(super) fn multipart(kind: &str, boundary: &str, parts: &[Self]) -> Self {
        let mut body = Vec::new();
        for part in parts {
            body.extend_from_slice(format!("--{boundary}\n{}\n", part.headers).as_bytes());
            body.extend_from_slice(&part.body);
            body.push(b'\n');
        }
        body.extend_from_slice(format!("--{boundary}--\n").as_bytes());
        let (kind, parameters) = kind.split_once(';').unwrap_or((kind, ""));
        let parameters = if parameters.is_empty() {
            String::new()
        } else {
            format!(";{parameters}")
        };
        Self {
            headers: format!("Content-Type: multipart/{kind}; boundary=\"{boundary}\"{parameters}\n"),
            body,
        }
    }

    /// Adds a header.
    pub(super) fn with(mut self, name: &str, value: &str) -> Self {
        let _ = writeln!(self.headers, "{name}: {value}");
        self
    }
}

/// A whole message with CRLF. `headers` come first, as they are given.
pub(super) fn letter(headers: &[(&str, &str)], part: &Part) -> Vec<u8> {
    let mut text = String::new();
    for (name, value) in headers {
        let _ = writeln!(text, "{name}: {value}");
    }
    let _ = write!(text, "MIME-Version: 1.0\n{}\n", part.headers);
    let mut raw = text.into_bytes();
    raw.extend_from_slice(&part.body);
    if !raw.ends_with(b"\n") {
        raw.push(b'\n');
    }
    crlf(&raw)
}

/// LF to CRLF.
pub(super) fn crlf(bytes: &[u8]) -> Vec<u8> {
    let mut raw = Vec::with_capacity(bytes.len() + bytes.len() / 30);
    for byte in bytes {
        if *byte == b'\n' {
            raw.push(b'\r');
        }
        raw.push(*byte);
    }
    raw
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_words_and_text_are_written_as_mail_wants() {
        assert_eq!(
            mail_date(UnixMillis(1_795_341_600_000)),
            "Sun, 22 Nov 2026 10:00:00 +0000"
        );
        assert_eq!(encoded_header("plain"), "plain");
        assert_eq!(encoded_header("żółw"), "=?utf-8?B?xbzDs8WCdw==?=");
        assert_eq!(quoted_printable("a=ż \nb".as_bytes()), "a=3D=C5=BC=20\nb");
        let long = quoted_printable(&[b'x'; 200]);
        assert!(long.lines().all(|line| line.len() <= 76));
    }
}
