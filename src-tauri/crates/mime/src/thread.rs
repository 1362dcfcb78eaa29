//! What puts a message into its thread.

use serde::{Deserialize, Serialize};

use crate::Headers;

/// The keys of threading (RFC 5256 §3, REFERENCES). Two messages belong together when one names the other, or when
/// they share the base subject **and** one of them has a reply mark.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ThreadKeys {
    /// The message's own identifier, without angle brackets.
    pub own: Option<String>,
    /// References, then In-Reply-To: oldest first, each once, never the message itself. Of a very long list the first
    /// and the newest ones.
    pub references: Vec<String>,
    /// The subject without prefixes, folded for comparison; may be empty.
    pub base_subject: String,
    /// The subject starts with a reply prefix.
    pub has_reply_mark: bool,
}

/// No thread needs more to be found.
const MAX_REFERENCES: usize = 100;

/// References and In-Reply-To as one list.
pub(crate) fn references(headers: &Headers) -> Vec<String> {
    let mut seen = std::collections::HashSet::new();
    let mut ids: Vec<String> = headers
        .references
        .iter()
        .chain(&headers.in_reply_to)
        .filter(|id| headers.message_id.as_ref() != Some(*id) && seen.insert(id.as_str()))
        .cloned()
        .collect();
    if ids.len() > MAX_REFERENCES {
        ids.drain(1..=ids.len() - MAX_REFERENCES);
    }
    ids
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_are_oldest_first_and_unique() {
        let ids = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
        // own, References, In-Reply-To, joined
        let cases = [
            ("d", "a b c", "c", "a b c"),
            ("d", "a b", "c", "a b c"),
            ("d", "", "c", "c"),
            ("d", "a d a", "d", "a"),
            ("d", "", "", ""),
        ];
        for (own, references_field, in_reply_to, joined) in cases {
            let headers = Headers {
                message_id: Some(own.to_owned()),
                references: ids(references_field),
                in_reply_to: ids(in_reply_to),
                ..Headers::default()
            };
            assert_eq!(references(&headers), ids(joined));
        }
        let headers = Headers {
            references: (0..500).map(|number| number.to_string()).collect(),
            ..Headers::default()
        };
        let kept = references(&headers);
        assert_eq!(
            (kept.len(), kept[0].as_str(), kept[1].as_str(), kept[99].as_str()),
            (100, "0", "401", "499")
        );
    }
}
