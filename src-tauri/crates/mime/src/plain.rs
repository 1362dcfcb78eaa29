//! Plain text as a person reads it: line ends, format=flowed, the preview.

use crate::limits::prefix;

/// Line ends become `\n`, controls other than tab go, blank lines at the end go.
pub(crate) fn tidy(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(|c: char| c.is_control() && c != '\n' && c != '\t') {
        let (before, from) = rest.split_at_checked(at).unwrap_or((rest, ""));
        out.push_str(before);
        let mut chars = from.chars();
        if chars.next() == Some('\r') && !from.starts_with("\r\n") && !from.starts_with("\r\r\n") {
            // A line end of an old Macintosh.
            out.push('\n');
        }
        rest = chars.as_str();
    }
    out.push_str(rest);
    out.truncate(out.trim_end().len());
    out
}

/// Joins the lines of format=flowed (RFC 3676): a line that ends with a space goes on in the next one of the same
/// quote depth; with `del_sp` the space itself is not part of the text. Expects `\n` line ends.
pub(crate) fn unflow(text: &str, del_sp: bool) -> String {
    let mut out = String::with_capacity(text.len());
    // The quote depth of the paragraph that is still open.
    let mut open: Option<usize> = None;
    for (index, line) in text.split('\n').enumerate() {
        let depth = line.bytes().take_while(|byte| *byte == b'>').count();
        let content = line.get(depth..).unwrap_or_default();
        // §4.4: a space in front was put there to protect what follows.
        let content = content.strip_prefix(' ').unwrap_or(content);
        let is_signature = content == "-- ";
        if open != Some(depth) || is_signature {
            if index > 0 {
                out.push('\n');
            }
            for _ in 0..depth {
                out.push('>');
            }
            if depth > 0 && !content.is_empty() {
                out.push(' ');
            }
        }
        let flows = content.ends_with(' ') && !is_signature;
        let kept = if flows && del_sp {
            content.strip_suffix(' ').unwrap_or(content)
        } else {
            content
        };
        out.push_str(kept);
        open = flows.then_some(depth);
    }
    out
}

/// The first words of a text on one line: without quotations, the line that introduces them, signatures, rules, and
/// the invisible characters with which newsletters pad.
pub(crate) fn preview(text: &str, limit: usize) -> String {
    let mut out = String::with_capacity(limit.min(text.len()));
    let mut lines = text.lines().peekable();
    while let Some(line) = lines.next() {
        if line == "-- " || line == "--" || out.len() >= limit {
            break;
        }
        let introduces_quote =
            line.trim_end().ends_with(':') && lines.peek().is_some_and(|next| next.starts_with('>'));
        let is_rule = line.len() > 3
            && line
                .chars()
                .all(|c| matches!(c, '-' | '_' | '=' | '*' | '~' | ' '));
        if line.starts_with('>') || is_rule || introduces_quote {
            continue;
        }
        for word in line.split_whitespace() {
            let start = out.len();
            out.push(' ');
            out.extend(prefix(word, limit).chars().filter(|c| !is_padding(*c)));
            if out.len() == start + 1 {
                out.truncate(start);
            }
            if out.len() > limit {
                break;
            }
        }
    }
    prefix(out.trim_start(), limit).trim_end().to_owned()
}

fn is_padding(c: char) -> bool {
    matches!(
        c,
        '\u{ad}' | '\u{34f}' | '\u{180e}' | '\u{2007}' | '\u{200b}' | '\u{200c}' | '\u{2060}'
            ..='\u{206f}' | '\u{feff}' | '\u{fffc}'
    ) || ('\u{202a}'..='\u{202e}').contains(&c)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn line_ends_and_controls_are_tidied() {
        let cases = [
            ("a\r\nb\nc\rd", "a\nb\nc\nd"),
            ("a\r\r\nb", "a\nb"),
            ("a\0b\u{7}\tc\n\n \n", "ab\tc"),
            ("", ""),
        ];
        for (text, tidied) in cases {
            assert_eq!(tidy(text), tidied, "{text:?}");
        }
    }

    #[test]
    fn flowed_text_is_joined() {
        let cases = [
            ("one \ntwo\nthree", false, "one two\nthree"),
            ("one \ntwo", true, "onetwo"),
            ("> a \n> b\n>> c\nd", false, "> a b\n>> c\nd"),
            ("> a \nb", false, "> a \nb"),
            (" >not a quote\n From x", false, ">not a quote\nFrom x"),
            ("text \n-- \nme", false, "text \n-- \nme"),
            ("para \n\nnext", false, "para \nnext"),
            (">\n> x", false, ">\n> x"),
            ("", false, ""),
        ];
        for (text, del_sp, joined) in cases {
            assert_eq!(unflow(text, del_sp), joined, "{text:?}");
        }
    }

    #[test]
    fn preview_starts_with_what_was_written() {
        let cases = [
            ("Hello  Anna,\n\nhow are\tyou?", 100, "Hello Anna, how are you?"),
            ("On Monday you wrote:\n> old\nNew text\n-- \nMe", 100, "New text"),
            ("-----\nx\u{200c}\u{34f} \u{ad} y", 100, "x y"),
            ("ąąąąąą", 5, "ąą"),
            ("one two three", 7, "one two"),
            ("", 10, ""),
        ];
        for (text, limit, shown) in cases {
            assert_eq!(preview(text, limit), shown, "{text:?}");
        }
    }
}
