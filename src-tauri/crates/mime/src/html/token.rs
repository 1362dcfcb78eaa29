//! Tags and text of an HTML document, in one pass without a tree. Contents of elements that hold no text for people
//! (`script`, `style`, …), comments and declarations are left out.

/// A piece of a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Token<'a> {
    /// Text with character references not yet replaced.
    Text(&'a str),
    Open {
        /// As written: any case.
        name: &'a str,
        attributes: Attributes<'a>,
    },
    Close {
        /// As written: any case.
        name: &'a str,
    },
}

/// Elements whose content is not markup, and not text for people either.
const RAW: [&str; 9] = [
    "script",
    "style",
    "title",
    "textarea",
    "xmp",
    "iframe",
    "noembed",
    "noframes",
    "plaintext",
];

/// The tokens of a document.
pub(crate) struct Tokens<'a> {
    rest: &'a str,
}

impl<'a> Tokens<'a> {
    pub(crate) fn new(html: &'a str) -> Self {
        Self { rest: html }
    }

    /// Goes on behind `bytes` more bytes.
    fn skip(&mut self, bytes: usize) {
        self.rest = self.rest.get(bytes..).unwrap_or_default();
    }

    fn skip_past(&mut self, from: usize, end: &str) {
        let found = self.rest.get(from..).and_then(|rest| rest.find(end));
        self.skip(found.map_or(self.rest.len(), |at| from + at + end.len()));
    }

    /// Skips the content of a raw element up to its closing tag, which is read as a token of its own.
    fn skip_raw(&mut self, name: &str) {
        let bytes = self.rest.as_bytes();
        let end = memchr::memmem::find_iter(bytes, b"</").find(|at| {
            let behind = bytes.get(at + 2..).unwrap_or_default();
            behind
                .get(..name.len())
                .is_some_and(|found| found.eq_ignore_ascii_case(name.as_bytes()))
                && !behind.get(name.len()).is_some_and(u8::is_ascii_alphanumeric)
        });
        self.skip(end.unwrap_or(bytes.len()));
    }
}

impl<'a> Iterator for Tokens<'a> {
    type Item = Token<'a>;

    fn next(&mut self) -> Option<Token<'a>> {
        loop {
            let bytes = self.rest.as_bytes();
            match memchr::memchr(b'<', bytes) {
                Some(0) => {}
                None if bytes.is_empty() => return None,
                stop => {
                    let (text, rest) = self.rest.split_at_checked(stop.unwrap_or(bytes.len()))?;
                    self.rest = rest;
                    return Some(Token::Text(text));
                }
            }
            match bytes {
                [_, b'!', b'-', b'-', ..] => self.skip_past(2, "-->"),
                [_, b'!' | b'?', ..] => self.skip_past(2, ">"),
                [_, b'/', first, ..] if first.is_ascii_alphabetic() => {
                    let name = tag_name(self.rest.get(2..)?);
                    let mut attributes = Attributes {
                        rest: self.rest.get(2 + name.len()..)?,
                    };
                    attributes.by_ref().for_each(drop);
                    self.rest = attributes.behind()?;
                    return Some(Token::Close { name });
                }
                [_, b'/', ..] => self.skip_past(1, ">"),
                [_, first, ..] if first.is_ascii_alphabetic() => {
                    let name = tag_name(self.rest.get(1..)?);
                    let attributes = Attributes {
                        rest: self.rest.get(1 + name.len()..)?,
                    };
                    let mut end = attributes.clone();
                    end.by_ref().for_each(drop);
                    self.rest = end.behind()?;
                    if let Some(raw) = RAW.iter().find(|raw| name.eq_ignore_ascii_case(raw)) {
                        self.skip_raw(raw);
                    }
                    return Some(Token::Open { name, attributes });
                }
                _ => {
                    let text = self.rest.get(..1)?;
                    self.skip(1);
                    return Some(Token::Text(text));
                }
            }
        }
    }
}

fn tag_name(text: &str) -> &str {
    let end = text
        .bytes()
        .position(|byte| byte.is_ascii_whitespace() || matches!(byte, b'/' | b'>'))
        .unwrap_or(text.len());
    text.get(..end).unwrap_or_default()
}

/// The attributes of a tag: name as written, value with character references not yet replaced.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Attributes<'a> {
    rest: &'a str,
}

impl<'a> Attributes<'a> {
    /// What stands behind the tag when all attributes were read; `None` when the document ends inside it.
    fn behind(self) -> Option<&'a str> {
        self.rest.strip_prefix('>')
    }

    /// Takes what stands before the first byte for which `stop` holds.
    fn take_until(&mut self, stop: impl Fn(u8) -> bool) -> &'a str {
        let end = self.rest.bytes().position(stop).unwrap_or(self.rest.len());
        let (taken, rest) = self.rest.split_at_checked(end).unwrap_or_default();
        self.rest = rest;
        taken
    }
}

impl<'a> Iterator for Attributes<'a> {
    type Item = (&'a str, &'a str);

    fn next(&mut self) -> Option<(&'a str, &'a str)> {
        self.take_until(|byte| !byte.is_ascii_whitespace() && byte != b'/');
        if self.rest.is_empty() || self.rest.starts_with('>') {
            return None;
        }
        let before = self.rest;
        // A name may start with `=`.
        if self.rest.starts_with('=') {
            self.rest = self.rest.get(1..)?;
        }
        let tail = self.take_until(|byte| byte.is_ascii_whitespace() || matches!(byte, b'/' | b'>' | b'='));
        let name = before.get(..before.len() - self.rest.len()).unwrap_or(tail);
        let behind_name = self.rest;
        self.take_until(|byte| !byte.is_ascii_whitespace());
        let Some(rest) = self.rest.strip_prefix('=') else {
            self.rest = behind_name;
            return Some((name, ""));
        };
        self.rest = rest;
        self.take_until(|byte| !byte.is_ascii_whitespace());
        for quote in ['"', '\''] {
            if let Some(quoted) = self.rest.strip_prefix(quote) {
                let end = quoted.find(quote);
                self.rest = end.and_then(|end| quoted.get(end + 1..)).unwrap_or_default();
                return Some((name, end.and_then(|end| quoted.get(..end)).unwrap_or_default()));
            }
        }
        Some((
            name,
            self.take_until(|byte| byte.is_ascii_whitespace() || byte == b'>'),
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(html: &str) -> String {
        Tokens::new(html)
            .map(|token| match token {
                Token::Text(text) => format!("[{text}]"),
                Token::Open { name, attributes } => {
                    let attributes: Vec<String> = attributes
                        .map(|(name, value)| format!(" {name}={value}"))
                        .collect();
                    format!("<{name}{}>", attributes.concat())
                }
                Token::Close { name } => format!("</{name}>"),
            })
            .collect()
    }

    #[test]
    fn document_is_cut_where_browsers_cut_it() {
        let cases = [
            ("a<b>c</b>", "[a]<b>[c]</b>"),
            (
                "<a href=x title='y z' checked w=\"q>\">t",
                "<a href=x title=y z checked= w=q>>[t]",
            ),
            ("<br/><img src=a/b>", "<br><img src=a/b>"),
            ("a < b <3 </3> <", "[a ][<][ b ][<][3 ][ ][<]"),
            ("a<!-- <b> -->c<!doctype x>d<?x?>e", "[a][c][d][e]"),
            ("a<!-->b", "[a][b]"),
            ("<script>if (a<b) '</p>'</SCRIPT >x", "<script></SCRIPT>[x]"),
            ("<style>x", "<style>"),
            ("<title>a</titlex></title>b", "<title></title>[b]"),
            ("<p =a=b c = d>", "<p =a=b c=d>"),
            ("x<a href=\"unclosed", "[x]"),
            ("x<!-- unclosed", "[x]"),
            ("", ""),
        ];
        for (html, tokens) in cases {
            assert_eq!(shown(html), tokens, "{html}");
        }
    }
}
