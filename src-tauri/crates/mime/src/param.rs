//! Content-Type and Content-Disposition: values with parameters (RFC 2045 §5.1, RFC 2183, RFC 2231).

use std::collections::BTreeMap;

use crate::charset;
use crate::word::decode_words;

/// A value and its parameters.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Parametrised {
    /// Lower case, without comments.
    pub(crate) value: String,
    /// Names in lower case; continuations joined, charsets decoded. The first of equal names counts.
    params: Vec<(String, String)>,
}

impl Parametrised {
    /// A value without parameters.
    pub(crate) fn of(value: &str) -> Self {
        Self {
            value: value.to_owned(),
            params: Vec::new(),
        }
    }

    pub(crate) fn param(&self, name: &str) -> Option<&str> {
        self.params
            .iter()
            .find(|(known, _)| known == name)
            .map(|(_, value)| value.as_str())
    }
}

/// At most this many parameters (and pieces of parameters) are read.
const MAX_PARAMS: usize = 400;

/// A piece of a parameter as it stands in the field: `name*INDEX*=`.
struct Piece<'a> {
    value: std::borrow::Cow<'a, str>,
    extended: bool,
}

/// Reads an unfolded field. Values need not be quoted where they should be.
pub(crate) fn parse(field: &str) -> Parametrised {
    let mut tokens = split_unquoted(field);
    let value = tokens
        .next()
        .map(strip_comment)
        .unwrap_or_default()
        .trim()
        .trim_matches('"')
        .to_ascii_lowercase();
    let mut plain: Vec<(String, String)> = Vec::new();
    let mut pieces: BTreeMap<(String, u32), Piece<'_>> = BTreeMap::new();
    for token in tokens.take(MAX_PARAMS) {
        let Some((name, value)) = token.split_once('=') else {
            continue;
        };
        let name = name.trim().to_ascii_lowercase();
        let value = unquote(value.trim());
        let (name, extended) = match name.strip_suffix('*') {
            Some(base) => (base.to_owned(), true),
            None => (name, false),
        };
        let numbered = name
            .rsplit_once('*')
            .and_then(|(base, index)| Some((base.to_owned(), index.parse::<u32>().ok()?)));
        match numbered {
            Some(key) => {
                pieces.entry(key).or_insert(Piece { value, extended });
            }
            None if extended => {
                pieces.entry((name, 0)).or_insert(Piece { value, extended });
            }
            None => plain.push((name, decode_words(&value))),
        }
    }
    // RFC 2231 parameters are better than plain ones of the same name, which are for old readers.
    let mut params: Vec<(String, String)> = join(pieces);
    params.extend(plain);
    Parametrised { value, params }
}

fn join(pieces: BTreeMap<(String, u32), Piece<'_>>) -> Vec<(String, String)> {
    struct Open {
        name: String,
        next: u32,
        charset: Option<String>,
        octets: Vec<u8>,
    }
    impl Open {
        fn close(self) -> (String, String) {
            let text = charset::decode(self.charset.as_deref(), &self.octets)
                .text
                .into_owned();
            let text = if self.charset.is_none() {
                decode_words(&text)
            } else {
                text
            };
            (self.name, text)
        }
    }
    let mut params = Vec::new();
    let mut open: Option<Open> = None;
    for ((name, index), piece) in pieces {
        let continues = open
            .as_ref()
            .is_some_and(|open| open.name == name && open.next == index);
        if !continues {
            if open.as_ref().is_some_and(|open| open.name == name) {
                // A piece is missing: what follows the gap means nothing.
                continue;
            }
            params.extend(open.take().map(Open::close));
        }
        let open = open.get_or_insert_with(|| Open {
            name,
            next: index,
            charset: None,
            octets: Vec::new(),
        });
        let mut value: &str = &piece.value;
        if piece.extended {
            if open.octets.is_empty() && open.charset.is_none() {
                let mut parts = value.splitn(3, '\'');
                if let (Some(label), Some(_), Some(rest)) = (parts.next(), parts.next(), parts.next()) {
                    open.charset = Some(label.to_owned());
                    value = rest;
                }
            }
            percent_decode(value, &mut open.octets);
        } else {
            open.octets.extend_from_slice(value.as_bytes());
        }
        open.next = index.saturating_add(1);
    }
    params.extend(open.map(Open::close));
    params
}

fn percent_decode(text: &str, out: &mut Vec<u8>) {
    let mut bytes = text.as_bytes();
    while let Some((byte, rest)) = bytes.split_first() {
        bytes = rest;
        if *byte == b'%'
            && let [high, low, tail @ ..] = rest
            && let (Some(high), Some(low)) = (char::from(*high).to_digit(16), char::from(*low).to_digit(16))
        {
            out.extend(u8::try_from(high << 4 | low));
            bytes = tail;
        } else {
            out.push(*byte);
        }
    }
}

/// Splits at `;` outside of quotes. A quote that is not closed is a plain character.
fn split_unquoted(text: &str) -> impl Iterator<Item = &str> {
    let last_quote = text.rfind('"');
    let mut rest = Some((text, 0));
    std::iter::from_fn(move || {
        let (text, offset) = rest.take()?;
        let (mut quoted, mut escaped) = (false, false);
        for (at, byte) in text.bytes().enumerate() {
            match byte {
                _ if escaped => escaped = false,
                b'\\' if quoted => escaped = true,
                b'"' => quoted = !quoted && last_quote.is_some_and(|last| last > offset + at),
                b';' if !quoted => {
                    rest = text.get(at + 1..).map(|tail| (tail, offset + at + 1));
                    return text.get(..at);
                }
                _ => {}
            }
        }
        Some(text)
    })
}

fn strip_comment(value: &str) -> &str {
    value.split('(').next().unwrap_or(value)
}

fn unquote(value: &str) -> std::borrow::Cow<'_, str> {
    let Some(inner) = value.strip_prefix('"') else {
        return value.trim_end_matches('"').into();
    };
    // What stands behind the closing quote (a comment, mostly) does not count.
    let mut out = String::with_capacity(inner.len());
    let mut chars = inner.chars();
    while let Some(c) = chars.next() {
        match c {
            '"' => break,
            '\\' => match chars.next() {
                Some(next @ ('"' | '\\')) => out.push(next),
                // Windows paths are written without escaping.
                Some(next) => out.extend(['\\', next]),
                None => out.push('\\'),
            },
            c => out.push(c),
        }
    }
    out.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_in_every_form_seen_are_read() {
        let cases = [
            ("text/plain; charset=utf-8", "text/plain", "charset", "utf-8"),
            (
                "TEXT/HTML;Charset=\"utf-8\" (comment)",
                "text/html",
                "charset",
                "utf-8",
            ),
            ("text/plain (x); charset=utf-8", "text/plain", "charset", "utf-8"),
            ("a; name=my file.pdf", "a", "name", "my file.pdf"),
            ("a; name=\"a;b.pdf\"; x=y", "a", "name", "a;b.pdf"),
            ("a; name=\"a\\\"b.pdf\"", "a", "name", "a\"b.pdf"),
            ("a; name=\"C:\\dir\\x.pdf\"", "a", "name", "C:\\dir\\x.pdf"),
            ("a; name=\"open; x=y", "a", "x", "y"),
            ("a; name==?utf-8?q?=C5=82.pdf?=", "a", "name", "ł.pdf"),
            (
                "a; name=\"=?utf-8?q?=C5=82?= =?utf-8?q?.pdf?=\"",
                "a",
                "name",
                "ł.pdf",
            ),
            (
                "a; filename*=UTF-8''za%C5%BC%C3%B3%C5%82%C4%87.pdf",
                "a",
                "filename",
                "zażółć.pdf",
            ),
            (
                "a; filename*=iso-8859-2'pl'za%BF%F3%B3%E6.pdf",
                "a",
                "filename",
                "zażółć.pdf",
            ),
            (
                "a; filename=plain.pdf; filename*=utf-8''%C5%82.pdf",
                "a",
                "filename",
                "ł.pdf",
            ),
            (
                "a; filename*0=\"long \"; filename*1=name.pdf",
                "a",
                "filename",
                "long name.pdf",
            ),
            ("a; filename*1=b; filename*0=a", "a", "filename", "ab"),
            (
                "a; filename*0*=utf-8''%C5; filename*1*=%82; filename*2=.pdf",
                "a",
                "filename",
                "ł.pdf",
            ),
            (
                "a; filename*0*=koi8-r''%F0%D2; filename*1*=%C9%D7",
                "a",
                "filename",
                "Прив",
            ),
            ("a; filename*0=a; filename*2=c", "a", "filename", "a"),
            ("a; filename*=no-charset.pdf", "a", "filename", "no-charset.pdf"),
            ("a; filename*=utf-8''100%.pdf", "a", "filename", "100%.pdf"),
            ("a; x=1; x=2", "a", "x", "1"),
        ];
        for (field, value, name, param) in cases {
            let parsed = parse(field);
            assert_eq!(
                (parsed.value.as_str(), parsed.param(name)),
                (value, Some(param)),
                "{field}"
            );
        }
        assert_eq!(parse("").value, "");
        assert_eq!(parse(";;;=;*=;*0*=").param("name"), None);
    }
}
