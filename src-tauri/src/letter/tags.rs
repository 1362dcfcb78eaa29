//! Walking over the tags of HTML that the core has made safe.
//!
//! That HTML is written by a serialiser, so it has one form: in text every `<` is escaped, a tag is
//! `<name attribute="value" …>`, and in a value every `"` is escaped. Nothing here could read HTML from elsewhere, and
//! nothing here decides what is safe.

use std::collections::HashSet;

/// Calls `change` for every attribute with the tag's name, the attribute's and its value as written; what it returns
/// stands in the attribute's place.
pub(super) fn rewrite(html: &str, mut change: impl FnMut(&str, &str, &str) -> Option<String>) -> String {
    let mut out = String::with_capacity(html.len());
    let mut rest = html;
    while let Some((text, tag)) = rest.split_once('<') {
        out.push_str(text);
        out.push('<');
        let name_length = tag.find([' ', '>']).unwrap_or(tag.len());
        let (name, mut attributes) = tag.split_at(name_length);
        out.push_str(name);
        while let Some((attribute, value, after)) = attribute(attributes) {
            match change(name, attribute, value) {
                Some(changed) => {
                    out.push(' ');
                    out.push_str(&changed);
                }
                None => out.push_str(attributes.strip_suffix(after).unwrap_or_default()),
            }
            attributes = after;
        }
        rest = attributes;
    }
    out.push_str(rest);
    out
}

/// The next ` name="value"`, and what follows it.
fn attribute(text: &str) -> Option<(&str, &str, &str)> {
    let (name, rest) = text.strip_prefix(' ')?.split_once("=\"")?;
    if name.contains(['>', '<', ' ', '"']) {
        return None;
    }
    let (value, rest) = rest.split_once('"')?;
    Some((name, value, rest))
}

/// The Content-IDs of the pictures that the HTML shows.
pub(super) fn picture_ids(html: &str) -> HashSet<String> {
    let mut ids = HashSet::new();
    rewrite(html, |tag, name, value| {
        if (tag, name) == ("img", "src") {
            ids.extend(content_id(value));
        }
        None
    });
    ids
}

/// The id in a `cid:` address (RFC 2392) as it is written in an attribute.
pub(super) fn content_id(value: &str) -> Option<String> {
    let (start, id) = value.split_at_checked(4)?;
    start
        .eq_ignore_ascii_case("cid:")
        .then(|| percent_decoded(&unescaped(id)))
}

/// A type that is nothing but points: a browser runs nothing in it.
pub(super) fn is_picture(content_type: &str) -> bool {
    let kind = content_type.to_ascii_lowercase();
    matches!(
        kind.as_str(),
        "image/png" | "image/jpeg" | "image/jpg" | "image/gif" | "image/webp" | "image/bmp"
    )
}

/// True when the HTML brings colours: then it is shown on white, as its sender saw it.
pub(super) fn brings_colours(html: &str) -> bool {
    let mut brings = false;
    rewrite(html, |tag, name, value| {
        brings |= match name {
            "bgcolor" | "data-remote-background" => true,
            "color" => tag == "font",
            "style" => value.split(';').any(|rule| {
                let property = rule.split(':').next().unwrap_or_default().trim();
                property == "color" || property.starts_with("background")
            }),
            _ => false,
        };
        None
    });
    brings
}

/// The character references that the serialiser writes.
fn unescaped(value: &str) -> String {
    value
        .replace("&quot;", "\"")
        .replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&nbsp;", "\u{a0}")
        .replace("&amp;", "&")
}

fn percent_decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, after)) = rest.split_first() {
        let decoded = (first == b'%')
            .then(|| after.get(..2).and_then(|hex| std::str::from_utf8(hex).ok()))
            .flatten()
            .and_then(|hex| u8::from_str_radix(hex, 16).ok());
        if let Some(byte) = decoded {
            bytes.push(byte);
            rest = after.get(2..).unwrap_or_default();
        } else {
            bytes.push(first);
            rest = after;
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rewrite_without_a_change_leaves_every_byte() {
        for html in [
            "",
            "plain &lt;b&gt;",
            "<p>a</p>",
            "<img src=\"cid:x\" alt=\"a > b < c\"><br>",
            "<table background=\"x\"><tbody><tr><td nowrap=\"\">x</td></tr></tbody></table>",
            "<",
            "<p ",
            "<p a=\"",
            "<p a=\"b",
            "a < b = \"c\" >",
        ] {
            assert_eq!(rewrite(html, |_, _, _| None), html);
        }
    }

    #[test]
    fn rewrite_changes_the_attribute_and_no_text_that_looks_like_one() {
        let html = "<p title=\"<img src=&quot;cid:no&quot;>\"> src=\"cid:no\" <img alt=\"x\" src=\"cid:yes\" width=\"1\"></p>";
        let changed = rewrite(html, |tag, name, value| {
            (tag == "img" && name == "src").then(|| format!("src=\"[{value}]\""))
        });
        assert_eq!(
            changed,
            "<p title=\"<img src=&quot;cid:no&quot;>\"> src=\"cid:no\" <img alt=\"x\" src=\"[cid:yes]\" width=\"1\"></p>"
        );
    }

    #[test]
    fn picture_ids_are_those_of_images_decoded() {
        let html = "<img src=\"cid:a%40b\"><img src=\"CID:c&amp;d\"><img src=\"data:image/png;base64,AA\"><a href=\"cid:e\">x</a>";
        let mut ids: Vec<String> = picture_ids(html).into_iter().collect();
        ids.sort();
        assert_eq!(ids, ["a@b", "c&d"]);
        assert_eq!(content_id("cid:100%"), Some("100%".to_owned()));
        assert_eq!(content_id("ci"), None);
    }

    #[test]
    fn colours_are_found_where_they_are() {
        for (html, brings) in [
            ("<p>x</p>", false),
            ("<p style=\"margin:0\">x</p>", false),
            ("<p style=\"border-color:red\">x</p>", false),
            ("<p style=\"margin:0; color:red\">x</p>", true),
            ("<p style=\"background-color:#fff\">x</p>", true),
            ("<td bgcolor=\"#fff\">x</td>", true),
            ("<font color=\"red\">x</font>", true),
            ("<hr color=\"red\">", false),
            ("<p>style=\"color:red\"</p>", false),
        ] {
            assert_eq!(brings_colours(html), brings, "{html}");
        }
    }
}
