//! What the command line asks for.

use crate::web;

/// The argument with which the program is started when the person signs in to the computer.
pub(crate) const HIDDEN: &str = "--hidden";

/// The arguments of a start, of this program or of a second one. `app.mailroom:` links are the deep-link plugin's.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Arguments {
    /// Start without a window in the way.
    pub(crate) hidden: bool,
    /// A `mailto:` link to write to.
    pub(crate) mailto: Option<String>,
}

impl Arguments {
    /// Reads the words after the program's name. What is not known is not for us: toolkits have arguments too.
    pub(crate) fn of(words: impl IntoIterator<Item = String>) -> Self {
        let mut arguments = Self::default();
        for word in words.into_iter().skip(1) {
            if word == HIDDEN {
                arguments.hidden = true;
            } else if web::is_mail_link(&word) {
                arguments.mailto = Some(word);
            }
        }
        arguments
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arguments_are_found_and_others_are_left() {
        let cases: [(&[&str], bool, Option<&str>); 6] = [
            (&["mailroom-desktop"], false, None),
            (&["mailroom-desktop", "--hidden"], true, None),
            (
                &["mailroom-desktop", "mailto:a@example.com"],
                false,
                Some("mailto:a@example.com"),
            ),
            (&["--hidden"], false, None),
            (
                &["mailroom-desktop", "app.mailroom://oauth/callback?code=1"],
                false,
                None,
            ),
            (&["mailroom-desktop", "/etc/passwd", "--display=:1"], false, None),
        ];
        for (words, hidden, mailto) in cases {
            let arguments = Arguments::of(words.iter().map(|word| (*word).to_owned()));
            assert_eq!(arguments.hidden, hidden, "{words:?}");
            assert_eq!(arguments.mailto.as_deref(), mailto, "{words:?}");
        }
    }
}
