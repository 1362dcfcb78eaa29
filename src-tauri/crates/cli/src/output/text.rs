//! Text that came from somewhere else, made safe and fitted to a terminal.
//!
//! A subject, a folder's name or a server's reply may hold escape sequences that rename the window, hide lines or
//! answer questions in the reader's place, and bidirectional overrides that make text read differently from what it
//! is. None of that reaches the terminal.

use std::fmt::Write;

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

const ESCAPE: char = '\u{1b}';

/// One line: no control characters, no escape sequences, no bidirectional overrides; line ends and tabs become
/// spaces.
pub(crate) fn clean_line(text: &str) -> String {
    strip(text).replace(['\n', '\t'], " ")
}

/// The lines of a text, each cleaned; tabs become spaces up to the next multiple of eight.
pub(crate) fn clean_lines(text: &str) -> Vec<String> {
    strip(text)
        .split('\n')
        .map(|raw| {
            let mut line = String::with_capacity(raw.len());
            for c in raw.chars() {
                if c == '\t' {
                    let gap = 8 - width(&line) % 8;
                    line.extend(std::iter::repeat_n(' ', gap));
                } else {
                    line.push(c);
                }
            }
            line
        })
        .collect()
}

/// For a narrow column: one clean line without invisible filling, blanks joined.
pub(crate) fn cell(text: &str) -> String {
    let visible: String = clean_line(text).chars().filter(|c| !is_filling(*c)).collect();
    visible.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Characters that newsletters use to fill the preview, and that a terminal may draw as anything.
fn is_filling(c: char) -> bool {
    matches!(
        c,
        '\u{ad}' | '\u{34f}' | '\u{200b}' | '\u{2060}'
            ..='\u{2064}' | '\u{feff}' | '\u{115f}' | '\u{1160}' | '\u{3164}'
    )
}

/// Overrides, embeddings and isolates (UAX #9 §2); the harmless marks stay, right-to-left languages need them.
fn is_bidi_control(c: char) -> bool {
    matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Removes what a terminal would obey. What remains holds `\n` and `\t` as the only control characters.
fn strip(text: &str) -> String {
    let mut clean = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let after = rest.get(c.len_utf8()..).unwrap_or_default();
        rest = match c {
            ESCAPE => after_escape(after),
            '\u{9b}' => after_control_sequence(after).unwrap_or(after),
            '\u{90}' | '\u{98}' | '\u{9d}'..='\u{9f}' => after_control_string(after).unwrap_or(after),
            '\r' => {
                if !after.starts_with('\n') {
                    clean.push('\n');
                }
                after
            }
            '\u{2028}' | '\u{2029}' | '\u{85}' => {
                clean.push('\n');
                after
            }
            '\n' | '\t' => {
                clean.push(c);
                after
            }
            _ => {
                if !c.is_control() && !is_bidi_control(c) {
                    clean.push(c);
                }
                after
            }
        };
    }
    clean
}

/// What follows an escape sequence (ECMA-48 §5, §8). A sequence that is not well formed loses only its introducer, so
/// that text cannot be hidden behind an unfinished one.
fn after_escape(text: &str) -> &str {
    match text.chars().next() {
        Some('[') => text
            .get(1..)
            .and_then(after_control_sequence)
            .or_else(|| text.get(1..)),
        Some(']' | 'P' | 'X' | '^' | '_') => text
            .get(1..)
            .and_then(after_control_string)
            .or_else(|| text.get(1..)),
        Some(c) if (' '..='/').contains(&c) => {
            let last = text.trim_start_matches(|c: char| (' '..='/').contains(&c));
            if last.starts_with(|c: char| ('0'..='~').contains(&c)) {
                last.get(1..)
            } else {
                Some(text)
            }
        }
        Some(c) if ('0'..='~').contains(&c) => text.get(1..),
        _ => Some(text),
    }
    .unwrap_or_default()
}

fn after_control_sequence(text: &str) -> Option<&str> {
    let last = text
        .trim_start_matches(|c: char| ('0'..='?').contains(&c))
        .trim_start_matches(|c: char| (' '..='/').contains(&c));
    if last.starts_with(|c: char| ('@'..='~').contains(&c)) {
        last.get(1..)
    } else {
        None
    }
}

/// Up to BEL or the string terminator, on the same line.
fn after_control_string(text: &str) -> Option<&str> {
    for (at, c) in text.char_indices() {
        match c {
            '\u{7}' => return text.get(at + 1..),
            '\u{9c}' => return text.get(at + 2..),
            ESCAPE => return text.get(at + 1..).and_then(|rest| rest.strip_prefix('\\')),
            '\n' | '\r' => return None,
            _ => {}
        }
    }
    None
}

/// JSON on one line in which no character steers a terminal: those that JSON allows unescaped are escaped, so the
/// document stays the same document.
pub(crate) fn clean_json(document: &str) -> String {
    let mut clean = String::with_capacity(document.len());
    for c in document.chars() {
        if c.is_control() || is_bidi_control(c) || matches!(c, '\u{2028}' | '\u{2029}') {
            let _ = write!(clean, "\\u{:04x}", u32::from(c));
        } else {
            clean.push(c);
        }
    }
    clean
}

/// Columns that the text takes on a terminal.
pub(crate) fn width(text: &str) -> usize {
    text.width()
}

/// The beginning of the text that fits into `columns`, ending in `…` when something was left out.
pub(crate) fn shorten(text: &str, columns: usize) -> String {
    if width(text) <= columns {
        return text.to_owned();
    }
    let head = split_at_width(text, columns.saturating_sub(1)).0;
    let mut short = head.trim_end().to_owned();
    if columns > 0 {
        short.push('…');
    }
    short
}

/// Splits before the first character that does not fit; marks stay with their letters, joined emoji stay whole.
fn split_at_width(text: &str, columns: usize) -> (&str, &str) {
    let mut cut = 0;
    let mut previous = ' ';
    for (at, c) in text.char_indices() {
        let may_break = c.width().unwrap_or(0) > 0 && previous != '\u{200d}';
        if may_break {
            if text.get(..at).is_some_and(|head| width(head) <= columns) {
                cut = at;
            } else {
                break;
            }
        }
        previous = c;
    }
    if width(text) <= columns {
        cut = text.len();
    }
    text.split_at(cut)
}

/// The text with blanks after it up to `columns`.
pub(crate) fn pad_end(text: &str, columns: usize) -> String {
    let gap = columns.saturating_sub(width(text));
    format!("{text}{}", " ".repeat(gap))
}

/// The text with blanks before it up to `columns`.
pub(crate) fn pad_start(text: &str, columns: usize) -> String {
    let gap = columns.saturating_sub(width(text));
    format!("{}{text}", " ".repeat(gap))
}

/// Folds one clean line at blanks so that no line is wider than `columns`; a word that is wider is cut, an address of
/// a web page is not, so that it can still be opened. A quoted line goes on with the same quote marks.
pub(crate) fn fold(line: &str, columns: usize) -> Vec<String> {
    let columns = columns.max(10);
    if width(line) <= columns {
        return vec![line.to_owned()];
    }
    let mark_length = line.len() - line.trim_start_matches(['>', ' ']).len();
    let (mark, body) = line.split_at(mark_length);
    let mark = if width(mark) + 10 > columns { "" } else { mark };
    let room = columns - width(mark);
    let mut lines = Vec::new();
    let mut current = String::new();
    for word in body.split(' ') {
        let mut word = word;
        let needed = width(&current) + usize::from(!current.is_empty()) + width(word);
        if !current.is_empty() && needed > room {
            lines.push(format!("{mark}{}", current.trim_end()));
            current.clear();
        }
        let is_link = word.contains("://");
        while !is_link && current.is_empty() && width(word) > room {
            let (head, tail) = split_at_width(word, room);
            if head.is_empty() {
                break;
            }
            lines.push(format!("{mark}{head}"));
            word = tail;
        }
        if !current.is_empty() {
            current.push(' ');
        }
        current.push_str(word);
    }
    if !current.trim().is_empty() || lines.is_empty() {
        lines.push(format!("{mark}{}", current.trim_end()));
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn foreign_text_loses_everything_a_terminal_obeys() {
        let cases = [
            ("plain Zażółć Привет 日本", "plain Zażółć Привет 日本"),
            ("\u{1b}[31mred\u{1b}[0m", "red"),
            ("\u{1b}]0;owned\u{7}title", "title"),
            ("\u{1b}]8;;http://evil\u{1b}\\link\u{1b}]8;;\u{1b}\\", "link"),
            ("\u{9b}2Jcleared", "cleared"),
            ("\u{9d}0;t\u{9c}after", "after"),
            ("\u{1b}P+q544e\u{1b}\\dcs", "dcs"),
            ("\u{1b}(0charset", "charset"),
            ("\u{1b}creset", "reset"),
            ("a\u{8}\u{8}b\u{7}\u{0}\u{7f}", "ab"),
            ("one\r\ntwo\rthree\tfour", "one two three four"),
            ("user\u{202e}gnp.exe\u{202c}", "usergnp.exe"),
            ("\u{2066}x\u{2069}", "x"),
            // Unfinished sequences must not swallow what follows.
            ("\u{1b}]0;hidden forever", "0;hidden forever"),
            ("\u{1b}]0;a\nb", "0;a b"),
            ("\u{1b}[12\u{1}x", "12x"),
            ("\u{1b}", ""),
            ("\u{1b}\u{1b}[31mx", "x"),
        ];
        for (text, clean) in cases {
            assert_eq!(clean_line(text), clean, "{text:?}");
        }
    }

    #[test]
    fn foreign_lines_keep_their_breaks_and_tab_stops() {
        assert_eq!(
            clean_lines("a\r\nb\tc\n\u{1b}[1mд\tx"),
            ["a", "b       c", "д       x"]
        );
    }

    #[test]
    fn cell_drops_invisible_filling() {
        assert_eq!(cell("Hi\u{34f} \u{200b}\u{ad}  there\n\n"), "Hi there");
    }

    #[test]
    fn json_escapes_what_steers_and_stays_the_same_document() {
        let value = serde_json::json!({"subject": "a\u{1b}[31m\u{9b}2J\u{7f}\u{202e}b\u{2028}ż"});
        let text = clean_json(&value.to_string());
        assert!(
            !text.chars().any(|c| c.is_control() || is_bidi_control(c)),
            "{text}"
        );
        assert!(text.contains('ż'));
        assert_eq!(serde_json::from_str::<serde_json::Value>(&text).unwrap(), value);
    }

    #[test]
    fn shorten_counts_columns_not_letters() {
        let cases = [
            ("hello", 5, "hello"),
            ("hello", 4, "hel…"),
            ("Привет", 4, "При…"),
            ("日本語", 6, "日本語"),
            ("日本語", 5, "日本…"),
            ("日本語", 4, "日…"),
            ("e\u{301}e\u{301}e\u{301}", 2, "e\u{301}…"),
            ("abc", 0, ""),
            ("abc", 1, "…"),
        ];
        for (text, columns, short) in cases {
            assert_eq!(shorten(text, columns), short, "{text} in {columns}");
        }
    }

    #[test]
    fn fold_breaks_at_blanks_and_keeps_quote_marks_and_links() {
        let cases: &[(&str, usize, &[&str])] = &[
            ("short", 20, &["short"]),
            ("one two three four", 10, &["one two", "three four"]),
            (
                "> > one two three four five",
                14,
                &["> > one two", "> > three four", "> > five"],
            ),
            ("abcdefghijklmnop", 10, &["abcdefghij", "klmnop"]),
            (
                "see https://example.com/a/very/long/path ok",
                12,
                &["see", "https://example.com/a/very/long/path", "ok"],
            ),
            ("日本語日本語日本語", 10, &["日本語日本", "語日本語"]),
            ("", 10, &[""]),
        ];
        for (line, columns, lines) in cases {
            assert_eq!(fold(line, *columns), *lines, "{line}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(200))]
        #[test]
        fn foreign_text_never_leaves_a_control_character(text in "\\PC*|[\\x00-\\x9f\\[\\];0-9a-m]{0,60}") {
            prop_assert!(!clean_line(&text).chars().any(|c| c.is_control() || is_bidi_control(c)));
            for line in clean_lines(&text) {
                prop_assert!(!line.chars().any(char::is_control));
                let _ = fold(&line, 20);
                prop_assert!(width(&shorten(&line, 9)) <= 9);
            }
        }
    }
}
