//! Tokens of IMAP's grammar (RFC 9051 §9), read forgivingly: whatever cannot be read is `None`, never a panic.

use std::borrow::Cow;

/// A place in a response. Literals stand in it in full: `{3}\r\nabc`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Cursor<'a> {
    rest: &'a [u8],
}

/// One value of an attribute list.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Value<'a> {
    /// `NIL`
    Nil,
    /// An atom or number.
    Atom(&'a [u8]),
    /// A quoted string, unescaped, or a literal.
    Text(Cow<'a, [u8]>),
    /// Everything between matching parentheses.
    List(&'a [u8]),
    /// The head of a literal that is not in the buffer: its size.
    LiteralAhead(u64),
}

impl<'a> Cursor<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    pub(super) fn rest(&self) -> &'a [u8] {
        self.rest
    }

    pub(super) fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    pub(super) fn peek(&self) -> Option<u8> {
        self.rest.first().copied()
    }

    pub(super) fn spaces(&mut self) {
        self.rest = self.rest.trim_ascii_start();
    }

    pub(super) fn eat(&mut self, byte: u8) -> Option<()> {
        let (first, rest) = self.rest.split_first()?;
        (*first == byte).then(|| self.rest = rest)
    }

    fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.rest.split_at_checked(count)?;
        self.rest = rest;
        Some(taken)
    }

    pub(super) fn take_while(&mut self, accepts: impl Fn(u8) -> bool) -> &'a [u8] {
        let count = self
            .rest
            .iter()
            .position(|byte| !accepts(*byte))
            .unwrap_or(self.rest.len());
        self.take(count).unwrap_or_default()
    }

    /// A word: everything up to a space, a parenthesis, a quote or the end.
    pub(super) fn word(&mut self) -> Option<&'a [u8]> {
        let word = self.take_while(|byte| !matches!(byte, b' ' | b'(' | b')' | b'"' | b'{') && byte > 0x1f);
        (!word.is_empty()).then_some(word)
    }

    /// A word as upper-case text.
    pub(super) fn keyword(&mut self) -> Option<String> {
        Some(std::str::from_utf8(self.word()?).ok()?.to_ascii_uppercase())
    }

    pub(super) fn number(&mut self) -> Option<u64> {
        let digits = self.take_while(|byte| byte.is_ascii_digit());
        std::str::from_utf8(digits).ok()?.parse().ok()
    }

    pub(super) fn number_u32(&mut self) -> Option<u32> {
        u32::try_from(self.number()?).ok()
    }

    /// A quoted string or a literal.
    pub(super) fn string(&mut self) -> Option<Cow<'a, [u8]>> {
        match self.peek()? {
            b'"' => self.quoted(),
            b'{' | b'~' => {
                let size = self.literal_head()?;
                self.eat(b'\r')?;
                self.eat(b'\n')?;
                self.take(usize::try_from(size).ok()?).map(Cow::Borrowed)
            }
            _ => None,
        }
    }

    /// A string or a word.
    pub(super) fn astring(&mut self) -> Option<Cow<'a, [u8]>> {
        match self.peek()? {
            b'"' | b'{' => self.string(),
            _ => self.word().map(Cow::Borrowed),
        }
    }

    fn quoted(&mut self) -> Option<Cow<'a, [u8]>> {
        self.eat(b'"')?;
        let plain = self.take_while(|byte| !matches!(byte, b'"' | b'\\'));
        if self.eat(b'"').is_some() {
            return Some(Cow::Borrowed(plain));
        }
        let mut text = plain.to_vec();
        loop {
            match self.take(1)? {
                b"\"" => return Some(Cow::Owned(text)),
                b"\\" => text.extend_from_slice(self.take(1)?),
                other => text.extend_from_slice(other),
            }
        }
    }

    fn literal_head(&mut self) -> Option<u64> {
        let _ = self.eat(b'~');
        self.eat(b'{')?;
        let size = self.number()?;
        let _ = self.eat(b'+');
        self.eat(b'}')?;
        Some(size)
    }

    /// Everything between `(` and its `)`; strings inside are skipped as a whole.
    pub(super) fn list(&mut self) -> Option<&'a [u8]> {
        self.eat(b'(')?;
        let inside = self.rest;
        let mut depth = 1_u32;
        loop {
            match self.peek()? {
                b'"' | b'{' => {
                    self.string()?;
                    continue;
                }
                b'(' => depth = depth.checked_add(1)?,
                b')' => depth -= 1,
                _ => {}
            }
            let left = self.rest.len();
            self.take(1)?;
            if depth == 0 {
                return inside.get(..inside.len() - left);
            }
        }
    }

    /// Any value of an attribute list.
    pub(super) fn value(&mut self) -> Option<Value<'a>> {
        match self.peek()? {
            b'(' => self.list().map(Value::List),
            b'"' => self.quoted().map(Value::Text),
            b'{' | b'~' => {
                let size = self.literal_head()?;
                self.is_empty().then_some(Value::LiteralAhead(size))
            }
            _ => {
                let word = self.word()?;
                Some(if word.eq_ignore_ascii_case(b"NIL") {
                    Value::Nil
                } else {
                    Value::Atom(word)
                })
            }
        }
    }
}

/// The size in a literal's head when the line ends with one.
pub(super) fn trailing_literal(line: &[u8]) -> Option<u64> {
    let head = line.strip_suffix(b"}")?;
    let start = head.iter().rposition(|byte| *byte == b'{')?;
    let digits = head.get(start + 1..)?;
    let digits = digits.strip_suffix(b"+").unwrap_or(digits);
    std::str::from_utf8(digits).ok()?.parse().ok()
}

/// Words of a list, separated by spaces, as text.
pub(super) fn words(list: &[u8]) -> Vec<String> {
    list.split(|byte| *byte == b' ')
        .filter(|word| !word.is_empty())
        .map(|word| String::from_utf8_lossy(word).into_owned())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_are_read_in_every_form() {
        let cases: &[(&[u8], Option<&[u8]>)] = &[
            (b"\"a b\" x", Some(b"a b")),
            (b"\"\"", Some(b"")),
            (b"\"a\\\"b\\\\\"", Some(b"a\"b\\")),
            (b"{3}\r\na\"b)", Some(b"a\"b")),
            (b"atom)", Some(b"atom")),
            (b"\"open", None),
            (b"{9}\r\nshort", None),
            (b"{99999999999999999999}\r\n", None),
            (b"", None),
        ];
        for (text, expected) in cases {
            assert_eq!(Cursor::new(text).astring().as_deref(), *expected, "{text:?}");
        }
    }

    #[test]
    fn lists_end_at_their_own_parenthesis() {
        let mut cursor = Cursor::new(b"(a (b \")\" {1}\r\n)) c) d");
        assert_eq!(cursor.list(), Some(&b"a (b \")\" {1}\r\n)) c"[..]));
        assert_eq!(cursor.rest(), b" d");
        assert_eq!(Cursor::new(b"(a (b)").list(), None);
    }

    #[test]
    fn literal_heads_are_found_only_at_the_end() {
        assert_eq!(trailing_literal(b"* LIST () \"/\" {5}"), Some(5));
        assert_eq!(trailing_literal(b"x {5+}"), Some(5));
        assert_eq!(trailing_literal(b"x {5} "), None);
        assert_eq!(trailing_literal(b"x {a}"), None);
    }
}
