//! The document in a message's window: what is written around the message, and the message.

use std::collections::HashMap;
use std::fmt::Write as _;

use super::{MessageWindow, Scheme, tags};

/// Everything that the document is made of.
pub(super) struct Letter<'a> {
    pub(super) message: &'a MessageWindow,
    /// HTML that the core made safe.
    pub(super) html: Option<&'a str>,
    /// The text, for a message without HTML.
    pub(super) text: &'a str,
    /// The message's own pictures as `data:` addresses, by Content-ID.
    pub(super) pictures: &'a HashMap<String, String>,
}

impl Letter<'_> {
    /// The whole document.
    pub(super) fn document(&self) -> String {
        let words = &self.message.words;
        let mut fields = String::new();
        for field in &words.fields {
            let (label, value) = (escaped(&field.label), escaped(&field.value));
            // Writing to a string does not fail.
            let _ = write!(fields, "<dt>{label}</dt><dd dir=\"auto\">{value}</dd>");
        }
        let title = escaped(&words.title);
        let (class, body) = self.body();
        format!(
            "<!doctype html><html lang=\"{lang}\"><head><meta charset=\"utf-8\">\
             <meta name=\"referrer\" content=\"no-referrer\"><title>{title}</title><style>{style}</style></head>\
             <body><header><h1 dir=\"auto\">{title}</h1><dl>{fields}</dl></header>\
             <main class=\"{class}\" dir=\"auto\">{body}</main></body></html>",
            lang = escaped(&words.lang),
            style = style(self.message.scheme),
        )
    }

    /// The message, and the class that says how it is shown.
    fn body(&self) -> (&'static str, String) {
        match self.html {
            Some(html) if tags::brings_colours(html) => ("letter paper", self.with_pictures(html)),
            Some(html) => ("letter", self.with_pictures(html)),
            None if self.text.trim().is_empty() => ("empty", escaped(&self.message.words.empty)),
            None => ("letter plain", escaped(self.text)),
        }
    }

    /// The HTML with the message's own pictures in their places, and those of the network when they were asked for.
    /// Pictures that nobody can see (`data-remote-pixel`) never load.
    fn with_pictures(&self, html: &str) -> String {
        tags::rewrite(html, |tag, name, value| match (tag, name) {
            ("img", "src") => {
                let id = tags::content_id(value)?;
                // Without the picture its words stand there.
                Some(match self.pictures.get(&id) {
                    Some(data) => format!("src=\"{}\"", escaped(data)),
                    None => String::new(),
                })
            }
            ("img", "data-remote-src") if self.message.pictures => {
                Some(format!("src=\"{value}\" referrerpolicy=\"no-referrer\""))
            }
            (_, "data-remote-background") if self.message.pictures => Some(format!("background=\"{value}\"")),
            _ => None,
        })
    }
}

/// The colours are those of the page's tokens.
fn style(scheme: Option<Scheme>) -> String {
    const LIGHT: &str =
        "color-scheme:light;--paper:#fbfaf8;--ink:#1d1f1e;--ink-2:#5c605d;--line:#e4e0d9;--accent:#1f6f5c";
    const DARK: &str =
        "color-scheme:dark;--paper:#161816;--ink:#eceeec;--ink-2:#a9aeaa;--line:#2e322f;--accent:#69c3a8";
    let colours = match scheme {
        Some(Scheme::Light) => format!(":root{{{LIGHT}}}"),
        Some(Scheme::Dark) => format!(":root{{{DARK}}}"),
        None => format!(":root{{{LIGHT}}}@media (prefers-color-scheme:dark){{:root{{{DARK}}}}}"),
    };
    // The message is contained, so that nothing of it can be drawn over its head.
    format!(
        "{colours}\
         html{{background:var(--paper);color:var(--ink);font:14px/1.5 system-ui,\"Segoe UI\",\"DejaVu Sans\",sans-serif}}\
         body{{margin:0;min-height:100vh;display:flex;flex-direction:column;overflow-wrap:anywhere}}\
         header{{padding:24px 24px 16px;border-bottom:1px solid var(--line)}}\
         h1{{margin:0 0 12px;font-size:1.375rem;line-height:1.3;font-weight:600}}\
         dl{{display:grid;grid-template-columns:max-content 1fr;gap:4px 16px;margin:0}}\
         dt{{color:var(--ink-2)}}dd{{margin:0}}\
         main{{flex:1;padding:24px;contain:layout paint;overflow-x:auto}}\
         .plain{{white-space:pre-wrap;max-width:80ch}}.empty{{color:var(--ink-2)}}\
         .paper{{color-scheme:light;background:#fff;color:#1d1f1e;--accent:#1f6f5c;--line:#d0d0d0}}\
         main a{{color:var(--accent)}}img{{max-width:100%}}img:not([src]){{display:none}}\
         img[alt]:not([src]):not([alt=\"\"]){{display:inline}}\
         blockquote{{margin:8px 0;padding-left:12px;border-left:2px solid var(--line)}}\
         pre{{white-space:pre-wrap}}table{{max-width:100%}}"
    )
}

/// Text in a document or in an attribute of one.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::super::{Field, Words};
    use super::*;

    fn message(pictures: bool) -> MessageWindow {
        MessageWindow {
            id: 7,
            pictures,
            scheme: None,
            zoom: None,
            words: Words {
                lang: "en".to_owned(),
                title: "A <b>subject</b>".to_owned(),
                fields: vec![Field {
                    label: "From".to_owned(),
                    value: "Anna <anna@example.com>".to_owned(),
                }],
                empty: "No text".to_owned(),
            },
        }
    }

    fn document(message: &MessageWindow, html: Option<&str>, text: &str) -> String {
        let pictures = HashMap::from([("logo@x".to_owned(), "data:image/png;base64,AA".to_owned())]);
        Letter {
            message,
            html,
            text,
            pictures: &pictures,
        }
        .document()
    }

    fn body(html: Option<&str>, text: &str, pictures: bool) -> String {
        let document = document(&message(pictures), html, text);
        let (_, body) = document.split_once("<main").unwrap();
        body.split_once("</main>").unwrap().0.to_owned()
    }

    #[test]
    fn words_around_the_message_are_text() {
        let document = document(&message(false), None, "x");
        assert!(document.contains("<title>A &lt;b&gt;subject&lt;/b&gt;</title>"));
        assert!(document.contains("<dt>From</dt><dd dir=\"auto\">Anna &lt;anna@example.com&gt;</dd>"));
        assert!(!document.contains("<script"));
    }

    #[test]
    fn message_without_html_is_its_text_or_the_word_for_none() {
        assert_eq!(
            body(None, "a <b>\n c", false),
            " class=\"letter plain\" dir=\"auto\">a &lt;b&gt;\n c"
        );
        assert_eq!(body(None, " \n", false), " class=\"empty\" dir=\"auto\">No text");
    }

    #[test]
    fn pictures_of_the_message_are_put_in_and_others_only_when_asked() {
        let html = "<img src=\"cid:logo%40x\"><img src=\"cid:gone\" alt=\"A\"><img data-remote-src=\"https://x/a.png?b&amp;c\">\
                    <img data-remote-pixel=\"https://x/p.gif\"><div data-remote-background=\"https://x/bg.png\">x</div>";
        assert_eq!(
            body(Some(html), "", false),
            " class=\"letter paper\" dir=\"auto\"><img src=\"data:image/png;base64,AA\"><img  alt=\"A\">\
             <img data-remote-src=\"https://x/a.png?b&amp;c\"><img data-remote-pixel=\"https://x/p.gif\">\
             <div data-remote-background=\"https://x/bg.png\">x</div>"
        );
        assert_eq!(
            body(Some(html), "", true),
            " class=\"letter paper\" dir=\"auto\"><img src=\"data:image/png;base64,AA\"><img  alt=\"A\">\
             <img src=\"https://x/a.png?b&amp;c\" referrerpolicy=\"no-referrer\"><img data-remote-pixel=\"https://x/p.gif\">\
             <div background=\"https://x/bg.png\">x</div>"
        );
    }

    #[test]
    fn colours_follow_the_system_unless_one_was_chosen() {
        assert!(style(None).contains("prefers-color-scheme:dark"));
        assert!(style(Some(Scheme::Dark)).starts_with(":root{color-scheme:dark"));
        assert!(!style(Some(Scheme::Light)).contains("prefers-color-scheme"));
    }
}
