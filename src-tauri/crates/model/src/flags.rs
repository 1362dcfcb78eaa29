//! Message flags (RFC 3501 §2.3.2) and keywords.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

/// The flags of one message in one folder. `\Recent` is left out: it belongs to a session, not to a message.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct MessageFlags {
    /// `\Seen`
    pub seen: bool,
    /// `\Answered`
    pub answered: bool,
    /// `\Flagged`
    pub flagged: bool,
    /// `\Deleted`
    pub deleted: bool,
    /// `\Draft`
    pub draft: bool,
    /// Everything else that is set, `$Forwarded` and the like, as the server spells it.
    pub keywords: BTreeSet<String>,
}

impl MessageFlags {
    /// Builds the set from IMAP flag names; unknown backslash flags other than `\Recent` are kept as keywords.
    pub fn from_imap<'a>(names: impl IntoIterator<Item = &'a str>) -> Self {
        let mut flags = Self::default();
        for name in names {
            flags.set(name, true);
        }
        flags
    }

    /// Sets or clears one flag by its IMAP name.
    pub fn set(&mut self, name: &str, value: bool) {
        let slot = match name.to_ascii_lowercase().as_str() {
            "\\seen" => &mut self.seen,
            "\\answered" => &mut self.answered,
            "\\flagged" => &mut self.flagged,
            "\\deleted" => &mut self.deleted,
            "\\draft" => &mut self.draft,
            "\\recent" | "\\*" | "" => return,
            _ => {
                if value {
                    self.keywords.insert(name.to_owned());
                } else {
                    self.keywords
                        .retain(|keyword| !keyword.eq_ignore_ascii_case(name));
                }
                return;
            }
        };
        *slot = value;
    }

    /// The IMAP names of everything that is set, system flags first.
    pub fn to_imap(&self) -> Vec<String> {
        let system = [
            (self.seen, "\\Seen"),
            (self.answered, "\\Answered"),
            (self.flagged, "\\Flagged"),
            (self.deleted, "\\Deleted"),
            (self.draft, "\\Draft"),
        ];
        let mut names: Vec<String> = system
            .into_iter()
            .filter(|(set, _)| *set)
            .map(|(_, name)| name.to_owned())
            .collect();
        names.extend(self.keywords.iter().cloned());
        names
    }

    /// The system flags as bits, for storage: seen 1, answered 2, flagged 4, deleted 8, draft 16.
    pub fn system_bits(&self) -> i64 {
        i64::from(self.seen)
            | i64::from(self.answered) << 1
            | i64::from(self.flagged) << 2
            | i64::from(self.deleted) << 3
            | i64::from(self.draft) << 4
    }

    /// The opposite of [`Self::system_bits`], with keywords separated by spaces.
    pub fn from_bits(bits: i64, keywords: &str) -> Self {
        Self {
            seen: bits & 1 != 0,
            answered: bits & 2 != 0,
            flagged: bits & 4 != 0,
            deleted: bits & 8 != 0,
            draft: bits & 16 != 0,
            keywords: keywords
                .split(' ')
                .filter(|k| !k.is_empty())
                .map(str::to_owned)
                .collect(),
        }
    }

    /// The keywords in one line, separated by spaces (IMAP keywords hold none).
    pub fn keyword_line(&self) -> String {
        self.keywords
            .iter()
            .map(String::as_str)
            .collect::<Vec<_>>()
            .join(" ")
    }

    /// These flags after `change`.
    pub fn changed(&self, change: &FlagChange) -> Self {
        let mut flags = self.clone();
        for name in &change.add {
            flags.set(name, true);
        }
        for name in &change.remove {
            flags.set(name, false);
        }
        flags
    }
}

/// A wish to add and remove flags, by IMAP name.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FlagChange {
    /// Flags to set.
    pub add: Vec<String>,
    /// Flags to clear.
    pub remove: Vec<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flags_survive_names_and_bits() {
        let flags = MessageFlags::from_imap(["\\Seen", "\\FLAGGED", "$Forwarded", "\\Recent", "Todo"]);
        assert_eq!(flags.to_imap(), ["\\Seen", "\\Flagged", "$Forwarded", "Todo"]);
        assert_eq!(
            MessageFlags::from_bits(flags.system_bits(), &flags.keyword_line()),
            flags
        );
    }

    #[test]
    fn change_adds_and_removes() {
        let flags = MessageFlags::from_imap(["\\Seen", "todo"]);
        let change = FlagChange {
            add: vec!["\\Answered".into()],
            remove: vec!["\\Seen".into(), "TODO".into()],
        };
        assert_eq!(flags.changed(&change).to_imap(), ["\\Answered"]);
    }
}
