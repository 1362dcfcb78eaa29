//! Inline styles: a list of properties that can neither load, nor run, nor leave their place.

/// Properties whose values are colours, lengths, keywords and fonts. Not here: everything that positions
/// (`position`, `z-index`, `transform`), loads (`content`, `cursor`, `filter`, images of borders and lists) or runs.
const PROPERTIES: [&str; 95] = [
    "background",
    "background-color",
    "border",
    "border-bottom",
    "border-bottom-color",
    "border-bottom-left-radius",
    "border-bottom-right-radius",
    "border-bottom-style",
    "border-bottom-width",
    "border-collapse",
    "border-color",
    "border-left",
    "border-left-color",
    "border-left-style",
    "border-left-width",
    "border-radius",
    "border-right",
    "border-right-color",
    "border-right-style",
    "border-right-width",
    "border-spacing",
    "border-style",
    "border-top",
    "border-top-color",
    "border-top-left-radius",
    "border-top-right-radius",
    "border-top-style",
    "border-top-width",
    "border-width",
    "box-sizing",
    "caption-side",
    "clear",
    "color",
    "direction",
    "display",
    "empty-cells",
    "float",
    "font",
    "font-family",
    "font-size",
    "font-stretch",
    "font-style",
    "font-variant",
    "font-weight",
    "height",
    "letter-spacing",
    "line-height",
    "list-style-type",
    "margin",
    "margin-bottom",
    "margin-left",
    "margin-right",
    "margin-top",
    "max-height",
    "max-width",
    "min-height",
    "min-width",
    "mso-hide",
    "mso-line-height-rule",
    "opacity",
    "outline",
    "outline-color",
    "outline-style",
    "outline-width",
    "overflow",
    "overflow-wrap",
    "padding",
    "padding-bottom",
    "padding-left",
    "padding-right",
    "padding-top",
    "page-break-after",
    "page-break-before",
    "page-break-inside",
    "quotes",
    "table-layout",
    "text-align",
    "text-align-last",
    "text-decoration",
    "text-decoration-color",
    "text-decoration-line",
    "text-decoration-style",
    "text-indent",
    "text-overflow",
    "text-shadow",
    "text-transform",
    "unicode-bidi",
    "vertical-align",
    "visibility",
    "white-space",
    "widows",
    "width",
    "word-break",
    "word-spacing",
    "word-wrap",
];

/// Functions that only compute.
const FUNCTIONS: [&str; 7] = ["rgb", "rgba", "hsl", "hsla", "calc", "min", "max"];

/// A longer style is no style.
const MAX_LEN: usize = 16 << 10;

/// More addresses in one style are not looked for.
const MAX_URLS: usize = 50;

/// What is left of a style attribute, and the addresses that it would have loaded.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Style {
    pub(crate) kept: String,
    pub(crate) urls: Vec<String>,
}

/// Keeps the declarations of the list whose values are plain; `url(…)` is taken out of them and listed.
pub(crate) fn filter_style(style: &str) -> Style {
    let mut result = Style::default();
    if style.len() > MAX_LEN {
        return result;
    }
    for declaration in split_declarations(style) {
        let Some((property, value)) = declaration.split_once(':') else {
            continue;
        };
        let property = property.trim().to_ascii_lowercase();
        let value = take_urls(value, &mut result.urls);
        let value = value.trim();
        if value.is_empty() || !PROPERTIES.contains(&property.as_str()) || !is_plain(value) {
            continue;
        }
        if !result.kept.is_empty() {
            result.kept.push(';');
        }
        result.kept.push_str(&property);
        result.kept.push(':');
        result.kept.push_str(value);
    }
    result
}

/// Splits at `;` outside of quotes and parentheses.
fn split_declarations(style: &str) -> Vec<&str> {
    let mut declarations = Vec::new();
    let (mut quote, mut depth, mut start) = (None, 0_usize, 0);
    for (at, byte) in style.bytes().enumerate() {
        match (quote, byte) {
            (Some(open), _) => quote = Some(open).filter(|open| *open != byte),
            (None, b'"' | b'\'') => quote = Some(byte),
            (None, b'(') => depth += 1,
            (None, b')') => depth = depth.saturating_sub(1),
            (None, b';') if depth == 0 => {
                declarations.extend(style.get(start..at));
                start = at + 1;
            }
            _ => {}
        }
    }
    declarations.extend(style.get(start..));
    declarations
}

fn take_urls(value: &str, urls: &mut Vec<String>) -> String {
    let mut kept = String::new();
    let mut rest = value;
    let mut seen = 0;
    while let Some(at) = rest.to_ascii_lowercase().find("url(") {
        seen += 1;
        if seen > MAX_URLS {
            return String::new();
        }
        kept.push_str(rest.get(..at).unwrap_or_default());
        let inner = rest.get(at + 4..).unwrap_or_default();
        let end = inner.find(')').unwrap_or(inner.len());
        let url = inner
            .get(..end)
            .unwrap_or_default()
            .trim_matches(|c: char| c.is_whitespace() || matches!(c, '"' | '\''));
        if !url.is_empty() && urls.len() < MAX_URLS {
            urls.push(url.to_owned());
        }
        rest = inner.get(end + 1..).unwrap_or_default();
    }
    kept.push_str(rest);
    kept
}

/// No escapes (they hide names), no comments, no blocks, no function beyond the list.
fn is_plain(value: &str) -> bool {
    if value.contains(['\\', '<', '>', '{', '}', '@', ';'])
        || value.contains("/*")
        || value.chars().any(char::is_control)
    {
        return false;
    }
    let lower = value.to_ascii_lowercase();
    let mut rest = lower.as_str();
    while let Some((before, behind)) = rest.split_once('(') {
        let start = before
            .rfind(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '-' | '_')))
            .map_or(0, |at| at + 1);
        let function = before.get(start..).unwrap_or_default();
        // A parenthesis of an expression inside `calc(…)` has no name.
        if !function.is_empty() && !FUNCTIONS.contains(&function) {
            return false;
        }
        rest = behind;
    }
    !lower.contains("javascript") && !lower.contains("expression")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn style_keeps_what_cannot_load_run_or_move() {
        let cases: &[(&str, &str, &[&str])] = &[
            ("color: red; font-size:12px", "color:red;font-size:12px", &[]),
            ("COLOR:RED", "color:RED", &[]),
            (
                "background:#fff url(http://x/a.png) no-repeat",
                "background:#fff  no-repeat",
                &["http://x/a.png"],
            ),
            (
                "background-image:url('https://x/a;b.png')",
                "",
                &["https://x/a;b.png"],
            ),
            ("background:URL( \"//x/y\" )", "", &["//x/y"]),
            ("list-style: url(http://x)", "", &["http://x"]),
            ("position:fixed;top:0;color:blue", "color:blue", &[]),
            ("width:expression(alert(1))", "", &[]),
            ("background:u\\72l(http://x)", "", &[]),
            ("background:image-set('http://x' 1x)", "", &[]),
            ("color:red/**/;width:1px", "width:1px", &[]),
            ("behavior:url(x.htc);-moz-binding:url(y)", "", &["x.htc", "y"]),
            (
                "width:calc(100% - (2px + 3px))",
                "width:calc(100% - (2px + 3px))",
                &[],
            ),
            (
                "color:rgb(1,2,3);color:var(--x);color:attr(y)",
                "color:rgb(1,2,3)",
                &[],
            ),
            ("font-family:'A;B', serif", "", &[]),
            (
                "font-family:'Segoe UI', serif",
                "font-family:'Segoe UI', serif",
                &[],
            ),
            ("@import 'x'; color", "", &[]),
            ("", "", &[]),
        ];
        for (style, kept, urls) in cases {
            let filtered = filter_style(style);
            assert_eq!(
                (filtered.kept.as_str(), filtered.urls.as_slice()),
                (
                    *kept,
                    urls.iter()
                        .map(|url| (*url).to_owned())
                        .collect::<Vec<_>>()
                        .as_slice()
                ),
                "{style}"
            );
        }
    }

    #[test]
    fn properties_are_sorted_and_unique() {
        assert!(PROPERTIES.is_sorted_by(|a, b| a < b));
    }
}
