//! What a folder may be called, and what that is on the wire. Pure.

use mailroom_protocol::imap::encode_name;
use mailroom_store::FolderSeen;

use crate::EngineError;

/// The longest level in bytes on the wire: what file systems, on which servers keep folders, take for a name.
const LONGEST: usize = 250;

/// One level of a folder's name as the server spells it (modified UTF-7, RFC 3501 §5.1.3), from what a person calls it. Blanks
/// around it do not count. `at_top`: nothing but the person's own prefix stands before it.
///
/// Errors: [`EngineError::FolderName`] with the reason.
pub(super) fn level(name: &str, delimiter: Option<char>, at_top: bool) -> Result<String, EngineError> {
    let name = name.trim();
    let refuse = |reason| EngineError::FolderName {
        name: name.to_owned(),
        reason,
        delimiter: delimiter.filter(|_| reason == "delimiter"),
    };
    if name.is_empty() {
        return Err(refuse("empty"));
    }
    // The line and paragraph separators are no control characters to Unicode, and none for a name (RFC 5198 §2).
    if name
        .chars()
        .any(|c| c.is_control() || matches!(c, '\u{2028}' | '\u{2029}'))
    {
        return Err(refuse("control"));
    }
    // Names that begin with a number sign stand for name spaces (RFC 9051 §5.1).
    if at_top && (name.eq_ignore_ascii_case("inbox") || name.starts_with('#')) {
        return Err(refuse("reserved"));
    }
    let wire = encode_name(name);
    if delimiter.is_some_and(|delimiter| name.contains(delimiter) || wire.contains(delimiter)) {
        return Err(refuse("delimiter"));
    }
    if wire.len() > LONGEST {
        return Err(refuse("long"));
    }
    Ok(wire)
}

/// The wire name of a level below a folder, or at the top, where `prefix` stands before the person's own folders.
///
/// Errors: [`EngineError::FolderProtected`] when there is nothing below folders on this server.
pub(super) fn below(parent: Option<&FolderSeen>, prefix: &str, level: &str) -> Result<String, EngineError> {
    match parent {
        None => Ok(format!("{prefix}{level}")),
        Some(parent) => match parent.delimiter {
            Some(delimiter) => Ok(format!("{}{delimiter}{level}", parent.wire_name)),
            None => Err(EngineError::FolderProtected {
                path: parent.path.clone(),
                role: None,
            }),
        },
    }
}

/// What stands before the last level of a wire name, with the delimiter, and that level.
pub(super) fn split(wire_name: &str, delimiter: Option<char>) -> (&str, &str) {
    let at = delimiter.and_then(|delimiter| Some(wire_name.rfind(delimiter)? + delimiter.len_utf8()));
    wire_name.split_at(at.unwrap_or(0))
}

/// True for the folder itself and for those below it.
pub(super) fn lies_in(wire_name: &str, folder: &str, delimiter: Option<char>) -> bool {
    wire_name
        .strip_prefix(folder)
        .is_some_and(|rest| rest.is_empty() || delimiter.is_some_and(|delimiter| rest.starts_with(delimiter)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(wire_name: &str, delimiter: Option<char>) -> FolderSeen {
        FolderSeen {
            wire_name: wire_name.to_owned(),
            path: wire_name.to_owned(),
            delimiter,
            role: None,
            is_selectable: true,
            is_subscribed: true,
            rights: None,
        }
    }

    #[test]
    fn names_that_no_folder_can_have_are_refused_with_the_reason() {
        let long = "Ж".repeat(100);
        let cases = [
            ("", true, "empty"),
            (" \t ", true, "empty"),
            ("a/b", true, "delimiter"),
            ("a\nb", true, "control"),
            ("a\u{2028}b", false, "control"),
            ("Inbox", true, "reserved"),
            ("#news", true, "reserved"),
            (long.as_str(), false, "long"),
        ];
        for (name, at_top, expected) in cases {
            match level(name, Some('/'), at_top) {
                Err(EngineError::FolderName {
                    reason, delimiter, ..
                }) => {
                    assert_eq!(reason, expected, "{name:?}");
                    assert_eq!(delimiter.is_some(), reason == "delimiter");
                }
                other => panic!("{name:?}: {other:?}"),
            }
        }
    }

    #[test]
    fn names_become_what_the_server_spells() {
        let cases = [
            ("  Klienci ", Some('/'), true, "Klienci"),
            ("Wysłane kopie", Some('.'), true, "Wys&AUI-ane kopie"),
            ("R&D", Some('/'), true, "R&-D"),
            ("a/b", Some('.'), true, "a/b"),
            ("a/b", None, true, "a/b"),
            ("Inbox", Some('/'), false, "Inbox"),
            ("😀", Some('/'), false, "&2D3eAA-"),
        ];
        for (name, delimiter, at_top, wire) in cases {
            assert_eq!(level(name, delimiter, at_top).unwrap(), wire, "{name:?}");
        }
    }

    #[test]
    fn levels_are_put_together_and_taken_apart() {
        assert_eq!(below(None, "INBOX.", "A").unwrap(), "INBOX.A");
        assert_eq!(below(Some(&seen("A", Some('/'))), "x", "B").unwrap(), "A/B");
        assert!(below(Some(&seen("A", None)), "", "B").is_err());
        assert_eq!(split("A/B/C", Some('/')), ("A/B/", "C"));
        assert_eq!(split("A", Some('/')), ("", "A"));
        assert_eq!(split("A/B", None), ("", "A/B"));
        for (name, expected) in [("A", true), ("A/B", true), ("AB", false), ("B", false)] {
            assert_eq!(lies_in(name, "A", Some('/')), expected, "{name}");
        }
    }
}
