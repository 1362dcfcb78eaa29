//! HTML rewritten so that its tags nest and its size is bounded, before a real parser builds a tree from it.
//!
//! The tree construction of HTML takes quadratic time and space for documents that were made for it: thousands of
//! open elements, formatting elements that are reopened in every paragraph, tags with thousands of attributes. This
//! pass lets none of that through. It also does the one thing that a sanitiser cannot: it gives the addresses of
//! remote pictures another attribute's name, so that nothing loads by itself. It is not what makes HTML safe; that is
//! the sanitiser behind it, which believes nothing that stands here.

use std::borrow::Cow;

use super::entity::decode_entities;
use super::token::{Attributes, Token, Tokens};

/// Open elements; what would stand deeper stands at this depth.
const MAX_DEPTH: usize = 160;
/// Attributes of one tag that are looked at.
const MAX_ATTRIBUTES: usize = 60;
/// Bytes of text in one piece. The serialiser of html5ever looks at the rest of a text again for each `&` in it.
const MAX_TEXT_RUN: usize = 4 << 10;
/// Bytes of an attribute's value that need not be free of `&`, for the same reason.
const MAX_VALUE: usize = 16 << 10;

/// Elements that are kept. Of all others the content is kept.
pub(super) const ELEMENTS: [&str; 66] = [
    "a",
    "abbr",
    "address",
    "article",
    "aside",
    "b",
    "bdi",
    "bdo",
    "big",
    "blockquote",
    "br",
    "caption",
    "center",
    "cite",
    "code",
    "col",
    "colgroup",
    "dd",
    "del",
    "details",
    "dfn",
    "div",
    "dl",
    "dt",
    "em",
    "figcaption",
    "figure",
    "font",
    "footer",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "header",
    "hr",
    "i",
    "img",
    "ins",
    "kbd",
    "li",
    "main",
    "mark",
    "ol",
    "p",
    "pre",
    "q",
    "s",
    "samp",
    "section",
    "small",
    "span",
    "strike",
    "strong",
    "sub",
    "summary",
    "sup",
    "table",
    "tbody",
    "td",
    "tfoot",
    "th",
    "thead",
    "tr",
    "tt",
];
/// Kept too; apart from the others to keep the list above in order by what people expect of it.
pub(super) const MORE_ELEMENTS: [&str; 4] = ["time", "u", "ul", "var"];

/// Elements that go with all that stands in them.
pub(super) const DROPPED: [&str; 20] = [
    "applet",
    "audio",
    "canvas",
    "embed",
    "frameset",
    "iframe",
    "math",
    "noembed",
    "noframes",
    "object",
    "plaintext",
    "script",
    "select",
    "style",
    "svg",
    "template",
    "textarea",
    "title",
    "video",
    "xmp",
];

/// Attributes that may be kept on some element; the sanitiser knows on which.
pub(super) const ATTRIBUTES: [&str; 36] = [
    "abbr",
    "align",
    "alt",
    "bgcolor",
    "border",
    "cellpadding",
    "cellspacing",
    "cite",
    "color",
    "colspan",
    "datetime",
    "dir",
    "face",
    "height",
    "href",
    "hspace",
    "lang",
    "noshade",
    "nowrap",
    "open",
    "reversed",
    "rowspan",
    "rules",
    "scope",
    "size",
    "span",
    "src",
    "start",
    "style",
    "summary",
    "title",
    "type",
    "valign",
    "value",
    "vspace",
    "width",
];

/// The attribute that has the address of a remote picture.
pub(super) const REMOTE_SRC: &str = "data-remote-src";
/// The attribute that has the address of a remote picture that nobody can see.
pub(super) const REMOTE_PIXEL: &str = "data-remote-pixel";
/// The attribute that has the address of a remote background.
pub(super) const REMOTE_BACKGROUND: &str = "data-remote-background";

fn is_void(name: &str) -> bool {
    matches!(name, "br" | "hr" | "img" | "col")
}

/// Elements that a closing tag outside of them does not reach.
fn is_barrier(name: &str) -> bool {
    matches!(name, "td" | "th" | "table" | "caption")
}

/// Elements that may stand in a table outside of its cells.
fn is_table_part(name: &str) -> bool {
    matches!(
        name,
        "caption" | "col" | "colgroup" | "tbody" | "thead" | "tfoot" | "tr" | "td" | "th"
    )
}

/// Elements before which an open paragraph ends.
fn ends_paragraph(name: &str) -> bool {
    matches!(
        name,
        "address"
            | "article"
            | "aside"
            | "blockquote"
            | "center"
            | "details"
            | "div"
            | "dl"
            | "figcaption"
            | "figure"
            | "footer"
            | "h1"
            | "h2"
            | "h3"
            | "h4"
            | "h5"
            | "h6"
            | "header"
            | "hr"
            | "li"
            | "dd"
            | "dt"
            | "main"
            | "ol"
            | "p"
            | "pre"
            | "section"
            | "table"
            | "ul"
    )
}

/// The known element of a name in any case.
fn element(name: &str) -> Option<&'static str> {
    if name.eq_ignore_ascii_case("body") {
        // Its colours and fonts hold for the message.
        return Some("div");
    }
    if name.eq_ignore_ascii_case("image") {
        return Some("img");
    }
    ELEMENTS
        .iter()
        .chain(&MORE_ELEMENTS)
        .find(|known| known.eq_ignore_ascii_case(name))
        .copied()
}

/// Rewrites a document.
pub(super) fn nest(html: &str) -> String {
    let mut nester = Nester {
        out: String::with_capacity(html.len() + html.len() / 8),
        open: Vec::new(),
        run: 0,
        skipped: 0,
    };
    let mut dropping: Option<(&str, usize)> = None;
    for token in Tokens::new(html) {
        if let Some((name, depth)) = &mut dropping {
            match token {
                Token::Open { name: inner, .. } if inner.eq_ignore_ascii_case(name) => *depth += 1,
                Token::Close { name: inner } if inner.eq_ignore_ascii_case(name) => *depth -= 1,
                _ => {}
            }
            if *depth == 0 {
                dropping = None;
            }
            continue;
        }
        match token {
            Token::Text(text) => nester.text(text),
            Token::Open { name, attributes } => {
                let dropped = DROPPED.iter().any(|known| known.eq_ignore_ascii_case(name));
                if dropped && !name.eq_ignore_ascii_case("embed") {
                    dropping = Some((name, 1));
                } else if let Some(name) = element(name) {
                    nester.open(name, attributes);
                }
            }
            Token::Close { name } => {
                if let Some(name) = element(name) {
                    nester.close(name);
                }
            }
        }
    }
    while nester.pop() {}
    nester.out
}

struct Nester {
    out: String,
    open: Vec<&'static str>,
    /// Bytes of text since the last tag.
    run: usize,
    /// Elements that were opened beyond the depth and are not closed yet.
    skipped: usize,
}

impl Nester {
    fn text(&mut self, text: &str) {
        if !text.trim().is_empty() {
            self.ensure_cell();
        }
        for c in decode_entities(text, true).chars() {
            if self.run >= MAX_TEXT_RUN {
                // The comment goes, the two texts stay apart.
                self.out.push_str("<!---->");
                self.run = 0;
            }
            self.run += c.len_utf8();
            self.escape(c);
        }
    }

    /// Writes a character so that no parser has to guess: unfinished character references cost html5ever time in
    /// proportion to what stands behind them.
    fn escape(&mut self, c: char) {
        match c {
            '&' => self.out.push_str("&amp;"),
            '<' => self.out.push_str("&lt;"),
            '>' => self.out.push_str("&gt;"),
            '"' => self.out.push_str("&quot;"),
            '\0' => {}
            c => self.out.push(c),
        }
    }

    fn pop(&mut self) -> bool {
        let Some(name) = self.open.pop() else {
            return false;
        };
        self.run = 0;
        self.out.push_str("</");
        self.out.push_str(name);
        self.out.push('>');
        true
    }

    /// Closes the innermost of `names` and what stands in it, unless an element for which `stop` holds is in between.
    fn close_within(&mut self, names: &[&str], stop: impl Fn(&str) -> bool) {
        let found = self
            .open
            .iter()
            .rposition(|open| names.contains(open) || stop(open));
        if let Some(at) = found
            && self.open.get(at).is_some_and(|open| names.contains(open))
        {
            while self.open.len() > at {
                self.pop();
            }
        }
    }

    fn close(&mut self, name: &'static str) {
        if is_void(name) {
            if name == "br" {
                self.out.push_str("<br>");
            }
            return;
        }
        if self.skipped > 0 {
            self.skipped -= 1;
            return;
        }
        match name {
            "table" => self.close_within(&[name], |_| false),
            "td" | "th" | "tr" | "tbody" | "thead" | "tfoot" | "caption" | "colgroup" => {
                self.close_within(&[name], |open| open == "table");
            }
            _ => self.close_within(&[name], is_barrier),
        }
    }

    /// Opens a cell when what comes next stands in a table outside of any cell. A parser would move it in front of the
    /// table, which takes time in proportion to everything that it moved there before.
    fn ensure_cell(&mut self) {
        if matches!(self.open.last(), Some(&"colgroup")) {
            self.pop();
        }
        let missing: &[&'static str] = match self.open.last() {
            Some(&("table" | "tbody" | "thead" | "tfoot")) => &["tr", "td"],
            Some(&"tr") => &["td"],
            _ => &[],
        };
        for name in missing {
            self.open.push(name);
            self.out.extend(["<", name, ">"]);
        }
    }

    fn open(&mut self, name: &'static str, attributes: Attributes<'_>) {
        if !is_table_part(name) {
            self.ensure_cell();
        }
        if ends_paragraph(name) {
            self.close_within(&["p"], is_barrier);
        }
        let in_table = |open: &str| open == "table";
        match name {
            "li" => self.close_within(&["li"], |open| matches!(open, "ul" | "ol") || is_barrier(open)),
            "dd" | "dt" => self.close_within(&["dd", "dt"], |open| open == "dl" || is_barrier(open)),
            "td" | "th" => self.close_within(&["td", "th"], |open| matches!(open, "tr" | "table")),
            "tr" => self.close_within(&["tr", "caption", "colgroup"], in_table),
            "tbody" | "thead" | "tfoot" => {
                self.close_within(&["tbody", "thead", "tfoot", "caption", "colgroup"], in_table);
            }
            "a" => self.close_within(&["a"], is_barrier),
            _ => {}
        }
        if !is_void(name) {
            if self.open.len() >= MAX_DEPTH {
                self.skipped += 1;
                return;
            }
            self.open.push(name);
        }
        self.run = 0;
        self.out.push('<');
        self.out.push_str(name);
        self.attributes(name, attributes);
        self.out.push('>');
    }

    fn attributes(&mut self, element: &str, attributes: Attributes<'_>) {
        let attributes = attributes.take(MAX_ATTRIBUTES);
        let is_pixel = element == "img" && is_invisible(attributes.clone());
        for (name, value) in attributes {
            let lower = name.to_ascii_lowercase();
            let is_address = lower == "src" || lower == "background";
            let remote = is_address.then(|| remote_address(value)).flatten();
            let name = match (lower.as_str(), &remote) {
                ("src", Some(_)) if is_pixel => REMOTE_PIXEL,
                ("src", Some(_)) => REMOTE_SRC,
                ("background", Some(_)) => REMOTE_BACKGROUND,
                (lower, _) => match ATTRIBUTES.iter().find(|known| **known == lower) {
                    Some(known) => known,
                    None => continue,
                },
            };
            let value = match &remote {
                Some(address) => Cow::Borrowed(address.as_str()),
                None => decode_entities(value, false),
            };
            if value.len() > MAX_VALUE && (value.contains('&') || !value.is_ascii()) {
                continue;
            }
            self.out.push(' ');
            self.out.push_str(name);
            self.out.push_str("=\"");
            value.chars().for_each(|c| self.escape(c));
            self.out.push('"');
        }
    }
}

/// The address of an attribute when it points out of the message.
fn remote_address(value: &str) -> Option<String> {
    let address: String = decode_entities(value, false)
        .trim()
        .chars()
        .filter(|c| !c.is_control())
        .collect();
    let scheme = address.get(..8).unwrap_or(&address).to_ascii_lowercase();
    if scheme.starts_with("http://") || scheme.starts_with("https://") {
        Some(address)
    } else if address.starts_with("//") {
        Some(format!("https:{address}"))
    } else {
        None
    }
}

/// A picture of at most two points, or one that is hidden, is there to be counted, not seen.
fn is_invisible<'a>(attributes: impl Iterator<Item = (&'a str, &'a str)>) -> bool {
    let is_tiny = |value: &str| {
        let digits: String = value.trim().chars().take_while(char::is_ascii_digit).collect();
        !value.contains('%') && digits.parse::<u32>().is_ok_and(|points| points <= 2)
    };
    let mut tiny_sides = 0;
    for (name, value) in attributes {
        if name.eq_ignore_ascii_case("width") || name.eq_ignore_ascii_case("height") {
            tiny_sides += u8::from(is_tiny(value));
        } else if name.eq_ignore_ascii_case("style") {
            let style: String = value.to_ascii_lowercase().split_whitespace().collect();
            if style.contains("display:none") || style.contains("visibility:hidden") {
                return true;
            }
            for declaration in style.split(';') {
                if let Some(("width" | "height", value)) = declaration.split_once(':') {
                    tiny_sides += u8::from(is_tiny(value));
                }
            }
        }
    }
    tiny_sides >= 2
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn document_nests_and_keeps_its_look() {
        let cases = [
            ("<p>a<p>b", "<p>a</p><p>b</p>"),
            ("<b>a<i>b</b>c</i>", "<b>a<i>b</i></b>c"),
            ("</div>a</p>", "a"),
            (
                "<ul><li>a<li>b<ul><li>c</ul></ul>",
                "<ul><li>a</li><li>b<ul><li>c</li></ul></li></ul>",
            ),
            (
                "<table><tr><td>a<td>b<tr><td>c</table>d",
                "<table><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></table>d",
            ),
            (
                "<div><table><tr><td>x</div>y</td></tr></table></div>",
                "<div><table><tr><td>xy</td></tr></table></div>",
            ),
            (
                "<font><table><tr><td></font>x</table>",
                "<font><table><tr><td>x</td></tr></table></font>",
            ),
            (
                "<p><table><tr><td><p>x</table>",
                "<p></p><table><tr><td><p>x</p></td></tr></table>",
            ),
            (
                "<body bgcolor=red class=x>a</body>",
                "<div bgcolor=\"red\">a</div>",
            ),
            (
                "<table>x<tr>y<p>z</table>",
                "<table><tr><td>x</td></tr><tr><td>y<p>z</p></td></tr></table>",
            ),
            ("a<br/>b</br><hr>", "a<br>b<br><hr>"),
            ("<svg><p>x</p><svg></svg>y</svg>z", "z"),
            ("<form><input value=x>a<button>b</button></form>", "ab"),
            ("a<embed src=x>b", "ab"),
            ("1 < 2 > 0 &amp; &lt;b&gt;", "1 &lt; 2 &gt; 0 &amp; &lt;b&gt;"),
            ("<a href='x\"y' onclick=z>t</a>", "<a href=\"x&quot;y\">t</a>"),
            (
                "<img src='http://x/a?b&amp;c'>",
                "<img data-remote-src=\"http://x/a?b&amp;c\">",
            ),
            (
                "<img src=//x/a width=1 height=\"1px\">",
                "<img data-remote-pixel=\"https://x/a\" width=\"1\" height=\"1px\">",
            ),
            (
                "<img src=http://x style='width:1px; height:0'>",
                "<img data-remote-pixel=\"http://x\" style=\"width:1px; height:0\">",
            ),
            (
                "<img src=http://x width=1>",
                "<img data-remote-src=\"http://x\" width=\"1\">",
            ),
            ("<img src=cid:a>", "<img src=\"cid:a\">"),
            (
                "<td background='HTTP://x/b'>",
                "<td data-remote-background=\"HTTP://x/b\"></td>",
            ),
        ];
        for (html, nested) in cases {
            assert_eq!(nest(html), nested, "{html}");
        }
    }

    #[test]
    fn hostile_documents_stay_small_and_shallow() {
        let deep = nest(&"<div>".repeat(50_000));
        assert_eq!(deep.matches("<div>").count(), MAX_DEPTH);
        let wide = nest(&format!("<p {}>", "title=x ".repeat(50_000)));
        assert_eq!(wide.matches("title").count(), MAX_ATTRIBUTES);
        let misnested = (0..20_000).fold(String::new(), |html, n| html + &format!("<p><font size={n}></p>"));
        assert!(nest(&misnested).len() < misnested.len() * 2);
    }
}
