//! HTML that can be shown: nothing runs, nothing loads, nothing leaves its place.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError};

use ammonia::{Builder, UrlRelative};
use serde::{Deserialize, Serialize};

use super::css::filter_style;
use super::nesting::{
    ATTRIBUTES, DROPPED, ELEMENTS, MORE_ELEMENTS, REMOTE_BACKGROUND, REMOTE_PIXEL, REMOTE_SRC, nest,
};

/// HTML that was made safe. It has no scripts, forms, frames, style sheets, classes or ids; links open elsewhere;
/// pictures come from the message (`cid:`) or from the HTML itself (`data:`), never from a network.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SafeHtml {
    /// A fragment, to be put into a document of its own.
    pub html: String,
    /// What the sender wanted to be loaded from a network, in order, each address once for each kind.
    pub remote: Vec<RemoteContent>,
}

impl SafeHtml {
    /// Makes HTML of any kind safe.
    pub fn of(html: &str) -> Self {
        sanitise(html)
    }
}

/// Something that would be loaded from a network.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct RemoteContent {
    /// An `http` or `https` address.
    pub url: String,
    /// What it is for.
    pub kind: RemoteKind,
}

/// What remote content is for, and where its address went.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RemoteKind {
    /// A picture; its address is in `data-remote-src`.
    Image,
    /// A picture that nobody can see, which tells the sender that the message was opened; its address is in
    /// `data-remote-pixel`.
    TrackingPixel,
    /// A background; its address is in `data-remote-background`.
    Background,
    /// An address in a style; it was removed.
    Style,
}

impl RemoteKind {
    /// The name on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Image => "image",
            Self::TrackingPixel => "tracking-pixel",
            Self::Background => "background",
            Self::Style => "style",
        }
    }
}

/// No more remote addresses of one message are listed.
const MAX_REMOTE: usize = 1_000;

/// Makes a document safe.
pub(crate) fn sanitise(html: &str) -> SafeHtml {
    let remote = Arc::new(Mutex::new(Remote::default()));
    let sink = Arc::clone(&remote);
    let html = builder()
        .attribute_filter(move |element, attribute, value| filter(element, attribute, value, &sink))
        .clean(&nest(html))
        .to_string();
    let found = std::mem::take(&mut *remote.lock().unwrap_or_else(PoisonError::into_inner));
    SafeHtml {
        html,
        remote: found.list,
    }
}

/// Makes a fragment safe that somebody wrote or pasted. What was safe already stays as it is.
pub fn safe_html(html: &str) -> SafeHtml {
    // The first pass believes nobody who says that a picture was kept back: it finds out by itself.
    let html = html
        .replace(&format!(" {REMOTE_SRC}="), " src=")
        .replace(&format!(" {REMOTE_BACKGROUND}="), " background=");
    sanitise(&html)
}

/// A fragment as a document to be sent: made safe, with the pictures of a network that were kept back while it was
/// written in their places again, except those that only tell that a message was opened.
pub fn outgoing_html(html: &str) -> String {
    let safe = safe_html(html).html;
    let mut out = String::with_capacity(safe.len() + 120);
    out.push_str("<!DOCTYPE html><html><head><meta charset=\"utf-8\"></head><body>");
    let mut rest = safe.as_str();
    while let Some((before, tag, behind)) = next_tag(rest) {
        out.push_str(before);
        out.push_str(&with_remote(tag));
        rest = behind;
    }
    out.push_str(rest);
    out.push_str("</body></html>");
    out
}

/// What is before the next tag, the tag, and what is behind it. In HTML that was made safe every `<` of a text and every
/// `"` of a value is written as a reference; a `>` may stand in a value.
fn next_tag(html: &str) -> Option<(&str, &str, &str)> {
    let (before, from) = html.split_at_checked(html.find('<')?)?;
    let mut quoted = false;
    let end = from.find(|c| {
        quoted ^= c == '"';
        c == '>' && !quoted
    })?;
    let (tag, behind) = from.split_at_checked(end + 1)?;
    Some((before, tag, behind))
}

fn with_remote(tag: &str) -> Cow<'_, str> {
    let pixel = format!(" {REMOTE_PIXEL}=\"");
    if !tag.contains(" data-remote-") {
        return Cow::Borrowed(tag);
    }
    let mut tag = tag
        .replace(&format!(" {REMOTE_SRC}=\""), " src=\"")
        .replace(&format!(" {REMOTE_BACKGROUND}=\""), " background=\"");
    if let Some((before, from)) = tag.split_once(&pixel)
        && let Some((_, behind)) = from.split_once('"')
    {
        tag = format!("{before}{behind}");
    }
    Cow::Owned(tag)
}

/// Plain text as a fragment of safe HTML.
pub fn plain_as_html(text: &str) -> String {
    let mut out = String::from("<div style=\"white-space:pre-wrap\">");
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            c => out.push(c),
        }
    }
    out.push_str("</div>");
    out
}

#[derive(Default)]
struct Remote {
    list: Vec<RemoteContent>,
    seen: HashSet<RemoteContent>,
}

impl Remote {
    fn add(&mut self, url: &str, kind: RemoteKind) {
        let content = RemoteContent {
            url: url.to_owned(),
            kind,
        };
        if self.list.len() < MAX_REMOTE && self.seen.insert(content.clone()) {
            self.list.push(content);
        }
    }
}

fn builder() -> Builder<'static> {
    let generic = ["title", "dir", "lang", "align", "valign", "style", "bgcolor"];
    let image = [
        "src",
        "alt",
        "width",
        "height",
        "border",
        "hspace",
        "vspace",
        REMOTE_SRC,
        REMOTE_PIXEL,
    ];
    let cell = [
        "width",
        "height",
        "colspan",
        "rowspan",
        "nowrap",
        "abbr",
        "scope",
        REMOTE_BACKGROUND,
    ];
    let elements: &[(&'static str, &[&'static str])] = &[
        ("a", &["href"]),
        ("img", &image),
        (
            "table",
            &[
                "width",
                "height",
                "border",
                "cellpadding",
                "cellspacing",
                "rules",
                "summary",
                REMOTE_BACKGROUND,
            ],
        ),
        ("td", &cell),
        ("th", &cell),
        ("tr", &["height", REMOTE_BACKGROUND]),
        ("col", &["span", "width"]),
        ("colgroup", &["span", "width"]),
        ("font", &["color", "face", "size"]),
        ("hr", &["size", "width", "noshade", "color"]),
        ("ol", &["start", "type", "reversed"]),
        ("ul", &["type"]),
        ("li", &["value", "type"]),
        ("div", &[REMOTE_BACKGROUND]),
        ("time", &["datetime"]),
        ("details", &["open"]),
        // `cite` is how programs know a quotation.
        ("blockquote", &["type"]),
    ];
    let attributes: HashMap<&'static str, HashSet<&'static str>> = elements
        .iter()
        .map(|(element, attributes)| (*element, attributes.iter().copied().collect()))
        .collect();
    debug_assert!(
        generic.iter().all(|name| ATTRIBUTES.contains(name)),
        "the first pass drops it"
    );
    let mut builder = Builder::empty();
    builder
        .tags(ELEMENTS.iter().chain(&MORE_ELEMENTS).copied().collect())
        .clean_content_tags(DROPPED.iter().copied().collect())
        .generic_attributes(generic.into_iter().collect())
        .tag_attributes(attributes)
        .url_schemes(
            ["http", "https", "mailto", "tel", "cid", "data"]
                .into_iter()
                .collect(),
        )
        .url_relative(UrlRelative::Deny)
        .link_rel(Some("noopener noreferrer nofollow"))
        .set_tag_attribute_value("a", "target", "_blank")
        .strip_comments(true);
    builder
}

/// Decides about one attribute that the lists allow. `value` has its character references replaced.
fn filter<'v>(
    element: &str,
    attribute: &str,
    value: &'v str,
    remote: &Mutex<Remote>,
) -> Option<Cow<'v, str>> {
    let list = |url: &str, kind| {
        remote
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .add(url, kind);
    };
    match (element, attribute) {
        (_, "style") => {
            let style = filter_style(value);
            for url in &style.urls {
                if is_http(url) {
                    list(url, RemoteKind::Style);
                } else if url.starts_with("//") {
                    list(&format!("https:{url}"), RemoteKind::Style);
                }
            }
            (!style.kept.is_empty()).then_some(Cow::Owned(style.kept))
        }
        ("img", "src") => is_inside(value).then_some(Cow::Borrowed(value)),
        (_, REMOTE_SRC | REMOTE_PIXEL | REMOTE_BACKGROUND) => {
            if !is_http(value) {
                return None;
            }
            let kind = match attribute {
                REMOTE_PIXEL => RemoteKind::TrackingPixel,
                REMOTE_BACKGROUND => RemoteKind::Background,
                _ => RemoteKind::Image,
            };
            list(value, kind);
            Some(Cow::Borrowed(value))
        }
        ("a", "href") => is_link(value).then_some(Cow::Borrowed(value)),
        _ => Some(Cow::Borrowed(value)),
    }
}

fn starts_with(value: &str, start: &str) -> bool {
    value
        .get(..start.len())
        .is_some_and(|found| found.eq_ignore_ascii_case(start))
}

fn is_http(value: &str) -> bool {
    starts_with(value, "http://") || starts_with(value, "https://")
}

fn is_link(value: &str) -> bool {
    let value = value.trim();
    is_http(value) || starts_with(value, "mailto:") || starts_with(value, "tel:")
}

/// A picture of the message itself, or one of a kind that is nothing but points.
fn is_inside(value: &str) -> bool {
    let raster = ["png", "jpeg", "jpg", "gif", "webp", "bmp"];
    starts_with(value, "cid:")
        || raster
            .iter()
            .any(|kind| starts_with(value, &format!("data:image/{kind};base64,")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn remote_content_is_listed_and_not_loaded() {
        let safe = sanitise(
            "<table background=http://x/bg.png><tr><td style='background:url(http://x/s.png);color:red'>\
             <img src=https://x/a.png alt=A><img src=https://x/a.png><img src='http://x/p.gif?u=1&amp;v=2' width=1 height=1>\
             <img src='cid:logo@x'><img src='data:image/png;base64,AAAA'><img src='data:image/svg+xml;base64,AAAA'></table>",
        );
        let list: Vec<(&str, &str)> = safe
            .remote
            .iter()
            .map(|remote| (remote.kind.as_str(), remote.url.as_str()))
            .collect();
        assert_eq!(
            list,
            [
                ("background", "http://x/bg.png"),
                ("style", "http://x/s.png"),
                ("image", "https://x/a.png"),
                ("tracking-pixel", "http://x/p.gif?u=1&v=2"),
            ]
        );
        assert!(!safe.html.contains(" src=\"http"), "{}", safe.html);
        assert!(
            safe.html.contains(" data-remote-src=\"https://x/a.png\""),
            "{}",
            safe.html
        );
        assert!(safe.html.contains("src=\"cid:logo@x\""), "{}", safe.html);
        assert!(
            safe.html.contains("src=\"data:image/png;base64,AAAA\""),
            "{}",
            safe.html
        );
        assert!(!safe.html.contains("svg"), "{}", safe.html);
        assert!(safe.html.contains("style=\"color:red\""), "{}", safe.html);
    }

    #[test]
    fn links_open_elsewhere_and_lead_only_out() {
        let cases = [
            (
                "<a href='https://x/' class=c id=i>t</a>",
                "<a href=\"https://x/\" target=\"_blank\" rel=\"noopener noreferrer nofollow\">t</a>",
            ),
            (
                "<a href='javascript:alert(1)'>t</a>",
                "<a target=\"_blank\" rel=\"noopener noreferrer nofollow\">t</a>",
            ),
            (
                "<a href='data:text/html,x'>t</a>",
                "<a rel=\"noopener noreferrer nofollow\" target=\"_blank\">t</a>",
            ),
            (
                "<a href='cid:x'>t</a>",
                "<a rel=\"noopener noreferrer nofollow\" target=\"_blank\">t</a>",
            ),
            (
                "<a href='/x'>t</a>",
                "<a target=\"_blank\" rel=\"noopener noreferrer nofollow\">t</a>",
            ),
        ];
        for (html, safe) in cases {
            assert_eq!(sanitise(html).html, safe, "{html}");
        }
    }

    #[test]
    fn outgoing_document_has_its_pictures_back_and_no_pixels() {
        let cases = [
            ("<p>a</p>", "<p>a</p>"),
            (
                "<img data-remote-src=\"https://x/a.png?b=1&amp;c=2\" alt=\"a > b\">",
                "<img src=\"https://x/a.png?b=1&amp;c=2\" alt=\"a &gt; b\">",
            ),
            (
                "<img data-remote-pixel=\"https://x/p\" alt=\"\"><p>data-remote-src=\"y\"</p>",
                "<img alt=\"\"><p>data-remote-src=\"y\"</p>",
            ),
            (
                "<blockquote type=\"cite\" class=\"c\" onclick=\"x()\">q<script>x()</script></blockquote>",
                "<blockquote type=\"cite\">q</blockquote>",
            ),
            ("<img src=\"cid:a@b\">", "<img src=\"cid:a@b\">"),
        ];
        for (html, expected) in cases {
            let out = outgoing_html(html);
            let body = out.split("<body>").nth(1).unwrap().strip_suffix("</body></html>");
            assert_eq!(body, Some(expected), "{html}");
            assert_eq!(
                safe_html(html),
                safe_html(&safe_html(html).html),
                "what is safe stays as it is"
            );
        }
    }

    #[test]
    fn plain_text_is_escaped() {
        assert_eq!(
            plain_as_html("a <b> & c"),
            "<div style=\"white-space:pre-wrap\">a &lt;b&gt; &amp; c</div>"
        );
    }
}
