//! HTML → plain text.

use super::entity::decode_entities;
use super::token::{Token, Tokens};

/// The text of an HTML document as a person would read it aloud: blocks on lines of their own, paragraphs apart,
/// quotations with `> `, list items with `- `, images by their alternative text; nothing invisible.
pub fn html_to_text(html: &str) -> String {
    html_to_text_within(html, usize::MAX)
}

/// As [`html_to_text`]; stops when there are `limit` bytes or a little more.
pub(crate) fn html_to_text_within(html: &str, limit: usize) -> String {
    let mut writer = Writer::default();
    for token in Tokens::new(html) {
        match token {
            Token::Text(text) => writer.text(&decode_entities(text, true)),
            Token::Open { name, mut attributes } => {
                let tag = Tag::from_name(name);
                if tag == Tag::Image {
                    let alt = attributes.find(|(name, _)| name.eq_ignore_ascii_case("alt"));
                    writer.text(&decode_entities(alt.map_or("", |(_, value)| value), false));
                }
                writer.open(tag);
            }
            Token::Close { name } => writer.close(Tag::from_name(name)),
        }
        if writer.out.len() >= limit {
            break;
        }
    }
    writer.out.truncate(writer.out.trim_end().len());
    writer.out
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Tag {
    Inline,
    Image,
    Break,
    Block,
    Paragraph,
    Item,
    Cell,
    Quote,
    Pre,
}

impl Tag {
    fn from_name(name: &str) -> Self {
        let mut lower = [0_u8; 10];
        let Some(lower) = lower.get_mut(..name.len()) else {
            return Self::Inline;
        };
        lower.copy_from_slice(name.as_bytes());
        lower.make_ascii_lowercase();
        match &*lower {
            b"img" => Self::Image,
            b"br" => Self::Break,
            b"div" | b"tr" | b"dd" | b"dt" | b"body" | b"html" | b"head" | b"section" | b"article"
            | b"header" | b"footer" | b"center" | b"address" | b"form" | b"figure" | b"option" | b"main"
            | b"nav" | b"aside" | b"caption" | b"fieldset" | b"tbody" | b"thead" | b"tfoot" => Self::Block,
            b"p" | b"h1" | b"h2" | b"h3" | b"h4" | b"h5" | b"h6" | b"ul" | b"ol" | b"dl" | b"table"
            | b"hr" => Self::Paragraph,
            b"li" => Self::Item,
            b"td" | b"th" => Self::Cell,
            b"blockquote" => Self::Quote,
            b"pre" => Self::Pre,
            _ => Self::Inline,
        }
    }
}

/// Text with the line ends and blanks that are due before the next word.
#[derive(Default)]
struct Writer {
    out: String,
    /// Line ends due.
    breaks: u8,
    blank: bool,
    item: bool,
    quotes: usize,
    preformatted: usize,
}

impl Writer {
    /// Deeper quotations look the same.
    const MAX_QUOTES: usize = 8;

    fn break_lines(&mut self, lines: u8) {
        self.breaks = self.breaks.max(lines);
        self.blank = false;
    }

    fn open(&mut self, tag: Tag) {
        match tag {
            Tag::Inline | Tag::Image => {}
            Tag::Break => {
                self.breaks = if self.out.is_empty() {
                    0
                } else {
                    (self.breaks + 1).min(2)
                };
                self.blank = false;
            }
            Tag::Block => self.break_lines(1),
            Tag::Paragraph => self.break_lines(2),
            Tag::Item => {
                self.break_lines(1);
                self.item = true;
            }
            Tag::Cell => self.blank = true,
            Tag::Quote => {
                self.break_lines(1);
                self.quotes += 1;
            }
            Tag::Pre => {
                self.break_lines(1);
                self.preformatted += 1;
            }
        }
    }

    fn close(&mut self, tag: Tag) {
        match tag {
            Tag::Inline | Tag::Image => {}
            Tag::Break => self.open(tag),
            Tag::Block | Tag::Item => self.break_lines(1),
            Tag::Paragraph => self.break_lines(2),
            Tag::Cell => self.blank = true,
            Tag::Quote => {
                self.break_lines(1);
                self.quotes = self.quotes.saturating_sub(1);
            }
            Tag::Pre => {
                self.break_lines(1);
                self.preformatted = self.preformatted.saturating_sub(1);
            }
        }
    }

    /// Writes what is due before a word.
    fn due(&mut self) {
        let first = self.out.is_empty();
        if !first {
            for _ in 0..self.breaks {
                self.out.push('\n');
            }
        }
        if first || self.breaks > 0 {
            for _ in 0..self.quotes.min(Self::MAX_QUOTES) {
                self.out.push_str("> ");
            }
            if self.item {
                self.out.push_str("- ");
            }
        } else if self.blank {
            self.out.push(' ');
        }
        self.breaks = 0;
        self.blank = false;
        self.item = false;
    }

    fn text(&mut self, text: &str) {
        if self.preformatted > 0 {
            for (index, line) in text.split('\n').enumerate() {
                if index > 0 {
                    self.breaks = (self.breaks + 1).min(3);
                    self.blank = false;
                }
                let line = line.trim_end();
                if !line.is_empty() {
                    self.due();
                    self.out.push_str(line);
                }
            }
            return;
        }
        let is_blank = |c: char| c.is_whitespace() || c == '\u{feff}';
        let mut rest = text;
        loop {
            let trimmed = rest.trim_start_matches(is_blank);
            self.blank |= trimmed.len() != rest.len();
            let end = trimmed.find(is_blank).unwrap_or(trimmed.len());
            let (word, behind) = trimmed.split_at_checked(end).unwrap_or((trimmed, ""));
            if word.is_empty() {
                return;
            }
            self.due();
            if word.chars().any(char::is_control) {
                self.out.extend(word.chars().filter(|c| !c.is_control()));
            } else {
                self.out.push_str(word);
            }
            rest = behind;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn html_becomes_what_a_person_reads() {
        let cases = [
            ("<p>Hello</p><p>World</p>", "Hello\n\nWorld"),
            ("<div>a</div><div>b<br>c<br><br>d</div>", "a\nb\nc\n\nd"),
            ("a <b>b</b>c\n\n d&nbsp;e &lt;x&gt;", "a bc d e <x>"),
            (
                "<html><head><title>T</title><style>p{}</style></head><body>B<script>x</script></body>",
                "B",
            ),
            ("<ul><li>one<li>two</ul>end", "- one\n- two\n\nend"),
            ("<table><tr><td>a</td><td>b</td></tr><tr><td>c</table>", "a b\nc"),
            (
                "new<blockquote>old<blockquote>older</blockquote></blockquote>",
                "new\n> old\n> > older",
            ),
            ("<img alt='Logo &amp; co' src=x>text", "Logo & cotext"),
            ("<pre>a  b\n  c</pre>d", "a  b\n  c\nd"),
            ("<!-- x --><![if !mso]>y<![endif]>", "y"),
            ("Zażółć &lstrok;&#261;ka", "Zażółć łąka"),
            ("", ""),
            ("<><<>>", "<><<>>"),
        ];
        for (html, text) in cases {
            assert_eq!(html_to_text(html), text, "{html}");
        }
    }
}
