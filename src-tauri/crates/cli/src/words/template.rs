//! Sentences with places for facts that may be missing.
//!
//! `{name}` is a fact. `[… {name} …|… otherwise …]` is the first alternative whose facts are all there, or nothing.

/// Fills a sentence; `value` answers for a fact's name. A fact outside of brackets that is missing leaves nothing.
pub(crate) fn fill(template: &str, value: &dyn Fn(&str) -> Option<String>) -> String {
    let mut text = String::new();
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('[') {
        text.push_str(&plain(before, value).0);
        let (inside, behind) = after.split_once(']').unwrap_or((after, ""));
        let chosen = inside
            .split('|')
            .map(|part| plain(part, value))
            .find(|(_, complete)| *complete);
        if let Some((part, _)) = chosen {
            text.push_str(&part);
        }
        rest = behind;
    }
    text.push_str(&plain(rest, value).0);
    text
}

/// The text with its facts, and whether all of them were there.
fn plain(template: &str, value: &dyn Fn(&str) -> Option<String>) -> (String, bool) {
    let mut text = String::new();
    let mut complete = true;
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        text.push_str(before);
        let (name, behind) = after.split_once('}').unwrap_or((after, ""));
        match value(name) {
            Some(fact) => text.push_str(&fact),
            None => complete = false,
        }
        rest = behind;
    }
    text.push_str(rest);
    (text, complete)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn template_takes_the_first_complete_alternative() {
        let value = |name: &str| match name {
            "a" => Some("A".to_owned()),
            "b" => Some("[{B}]".to_owned()),
            _ => None,
        };
        let cases = [
            ("plain", "plain"),
            ("{a} and {b}", "A and [{B}]"),
            ("x[ at {a}].", "x at A."),
            ("x[ at {c}].", "x."),
            ("[{c}|{a}|none] y", "A y"),
            ("[{c}|none] y", "none y"),
            ("[{a}{c}|{c}]", ""),
            ("[{a}", "A"),
            ("{a", "A"),
        ];
        for (template, text) in cases {
            assert_eq!(fill(template, &value), text, "{template}");
        }
    }
}
