//! Plain text as a quotation in an answer.

/// Characters of a line with its marks; what is quoted once more stays below 78 (RFC 3676 §4.2).
const WIDTH: usize = 76;

/// A text with `> ` in front of every line. Long lines are wrapped at blanks and each piece gets the marks of its line, so
/// that no program has to; no line ends with a blank, which format=flowed would take for a line that goes on. Lines that
/// were quoted already get one mark more, and a signature is left out (RFC 3676 §4.3).
pub fn quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + text.len() / 20);
    for line in text.lines().take_while(|line| *line != "-- ") {
        let (marks, content) = marks(line);
        let marks = ">".repeat(marks + 1);
        let mut content = content.trim_end();
        if content.is_empty() {
            push(&mut out, &marks, "");
        }
        while !content.is_empty() {
            let (piece, rest) = piece(content, WIDTH.saturating_sub(marks.len() + 1).max(20));
            push(&mut out, &marks, piece);
            content = rest;
        }
    }
    out.truncate(out.trim_end_matches(['\n', '>']).len());
    out
}

fn push(out: &mut String, marks: &str, content: &str) {
    out.push_str(marks);
    if !content.is_empty() {
        out.push(' ');
        out.push_str(content);
    }
    out.push('\n');
}

/// How often a line is quoted, and what is behind the marks: `> > x`, `>> x`.
fn marks(line: &str) -> (usize, &str) {
    let mut count = 0;
    let mut rest = line;
    loop {
        let next = rest.strip_prefix(' ').filter(|_| count > 0).unwrap_or(rest);
        let Some(behind) = next.strip_prefix('>') else {
            let content = if count > 0 {
                rest.strip_prefix(' ').unwrap_or(rest)
            } else {
                rest
            };
            return (count, content);
        };
        count += 1;
        rest = behind;
    }
}

/// The first piece of a line, broken at a blank, and the rest. A word that is longer stays whole: it may be an address.
fn piece(line: &str, width: usize) -> (&str, &str) {
    let Some((end, _)) = line.char_indices().nth(width) else {
        return (line, "");
    };
    let (head, _) = line.split_at_checked(end + 1).unwrap_or((line, ""));
    let at = head
        .rfind(' ')
        .filter(|at| !head.get(..*at).unwrap_or_default().trim().is_empty())
        .or_else(|| line.get(end..)?.find(' ').map(|at| at + end));
    let Some((piece, rest)) = at.and_then(|at| line.split_at_checked(at)) else {
        return (line, "");
    };
    (piece.trim_end(), rest.trim_start())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_quoted_and_wrapped() {
        let word = "x".repeat(100);
        let long = "wyraz ".repeat(20);
        let cases = [
            ("a\nb", "> a\n> b"),
            ("a\n\nb  \n", "> a\n>\n> b"),
            ("> a\n>> b\n> > c\n>d", ">> a\n>>> b\n>>> c\n>> d"),
            ("a\n-- \nAnna", "> a"),
            ("  indented", ">   indented"),
            ("", ""),
            (word.as_str(), &format!("> {word}")),
            (
                long.as_str(),
                &format!("> {}\n> {}", ["wyraz"; 12].join(" "), ["wyraz"; 8].join(" ")),
            ),
        ];
        for (text, expected) in cases {
            assert_eq!(quoted(text), expected, "{text:?}");
        }
    }

    #[test]
    fn quoted_lines_are_short_and_never_flow() {
        let text = format!("{}\n{}", "żółw ".repeat(300), ">".repeat(10) + &" ab".repeat(200));
        for line in quoted(&text).lines() {
            assert!(line.chars().count() <= 78 && !line.ends_with(' '), "{line:?}");
        }
    }
}
