//! What a folder is for, and what may be done in it.

use serde::{Deserialize, Serialize};

/// The purpose of a folder (RFC 6154 special use, plus the inbox and two that must not be taken for Sent).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum FolderRole {
    /// `INBOX`
    Inbox,
    /// `\Drafts`
    Drafts,
    /// `\Sent`
    Sent,
    /// `\Archive`
    Archive,
    /// `\Junk`
    Junk,
    /// `\Trash`
    Trash,
    /// `\All`: a second view of everything
    All,
    /// `\Flagged`: a second view of marked messages
    Flagged,
    /// `\Important` (RFC 8457)
    Important,
    /// Templates, by name only
    Templates,
    /// Exchange's Outbox, by name only
    Outbox,
}

impl FolderRole {
    /// Every role, in the order in which folders are shown.
    pub const EVERY: [Self; 11] = [
        Self::Inbox,
        Self::Drafts,
        Self::Sent,
        Self::Archive,
        Self::Junk,
        Self::Trash,
        Self::All,
        Self::Flagged,
        Self::Important,
        Self::Templates,
        Self::Outbox,
    ];

    /// The name in the store and on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Inbox => "inbox",
            Self::Drafts => "drafts",
            Self::Sent => "sent",
            Self::Archive => "archive",
            Self::Junk => "junk",
            Self::Trash => "trash",
            Self::All => "all",
            Self::Flagged => "flagged",
            Self::Important => "important",
            Self::Templates => "templates",
            Self::Outbox => "outbox",
        }
    }

    /// The opposite of [`Self::as_str`].
    pub fn from_name(name: &str) -> Option<Self> {
        Self::EVERY.into_iter().find(|role| role.as_str() == name)
    }

    /// From a LIST attribute (RFC 6154 §2, and XLIST's older spellings), backslash included, any case.
    pub fn from_attribute(attribute: &str) -> Option<Self> {
        Some(match attribute.to_ascii_lowercase().as_str() {
            "\\inbox" => Self::Inbox,
            "\\drafts" => Self::Drafts,
            "\\sent" => Self::Sent,
            "\\archive" => Self::Archive,
            "\\junk" | "\\spam" => Self::Junk,
            "\\trash" => Self::Trash,
            "\\all" | "\\allmail" => Self::All,
            "\\flagged" | "\\starred" => Self::Flagged,
            "\\important" => Self::Important,
            _ => return None,
        })
    }
}

/// Guesses a role from the last segment of a folder's decoded name, for servers without special use. The tables
/// hold what providers really use in English, Polish, Russian and the neighbouring languages.
pub fn role_from_name(segment: &str) -> Option<FolderRole> {
    const NAMES: &[(FolderRole, &[&str])] = &[
        (FolderRole::Inbox, &["inbox"]),
        (
            FolderRole::Sent,
            &[
                "sent",
                "sent items",
                "sent mail",
                "sent messages",
                "sentbox",
                "wysłane",
                "elementy wysłane",
                "wysłana poczta",
                "wysłane wiadomości",
                "отправленные",
                "отправленные объекты",
                "отправленные письма",
                "отправлено",
                "надіслані",
                "надіслано",
                "адпраўленыя",
                "gesendet",
                "gesendete elemente",
                "éléments envoyés",
                "enviados",
                "odeslané",
                "odeslaná pošta",
            ],
        ),
        (
            FolderRole::Drafts,
            &[
                "drafts",
                "draft",
                "draftbox",
                "szkice",
                "szkic",
                "wersje robocze",
                "kopie robocze",
                "robocze",
                "szkice lokalne",
                "черновики",
                "черновик",
                "чернетки",
                "entwürfe",
                "entwurf",
                "brouillons",
                "rozepsané",
                "koncepty",
            ],
        ),
        (
            FolderRole::Trash,
            &[
                "trash",
                "bin",
                "deleted",
                "deleted items",
                "deleted messages",
                "kosz",
                "usunięte",
                "elementy usunięte",
                "usunięte wiadomości",
                "śmietnik",
                "корзина",
                "удаленные",
                "удаленные объекты",
                "кошик",
                "видалені",
                "смітник",
                "papierkorb",
                "gelöscht",
                "gelöschte elemente",
                "corbeille",
                "koš",
            ],
        ),
        (
            FolderRole::Junk,
            &[
                "junk",
                "junk email",
                "junk e-mail",
                "spam",
                "bulk",
                "bulk mail",
                "spamverdacht",
                "niechciane",
                "niechciana poczta",
                "wiadomości-śmieci",
                "wiadomości śmieci",
                "śmieci",
                "спам",
                "нежелательная почта",
                "нежелательные",
                "небажана пошта",
                "nevyžádaná pošta",
            ],
        ),
        (
            FolderRole::Archive,
            &[
                "archive",
                "archives",
                "archiwum",
                "archiwa",
                "archiwalne",
                "архив",
                "архивы",
                "архів",
                "архіви",
                "saved",
            ],
        ),
        (
            FolderRole::Outbox,
            &["outbox", "skrzynka nadawcza", "wychodzące", "исходящие"],
        ),
        (FolderRole::Templates, &["templates", "szablony", "шаблоны"]),
    ];
    let folded: String = segment
        .chars()
        .filter(|c| *c != '\u{200e}')
        .flat_map(char::to_lowercase)
        .map(|c| if c == 'ё' { 'е' } else { c })
        .collect();
    let folded = folded.trim();
    NAMES
        .iter()
        .find(|(_, names)| names.contains(&folded))
        .map(|(role, _)| *role)
}

/// What MYRIGHTS (RFC 4314 §2.1) grants in a folder. A server without ACL grants everything.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct MailboxRights(String);

impl MailboxRights {
    /// Rights as the server prints them, one letter each.
    pub fn new(letters: impl Into<String>) -> Self {
        Self(letters.into())
    }

    /// All rights of RFC 4314.
    pub fn everything() -> Self {
        Self("lrswipkxtea".to_owned())
    }

    /// True when the letter is granted; the obsolete `c` and `d` of RFC 2086 count as what they became.
    pub fn allows(&self, right: char) -> bool {
        self.0.contains(right)
            || (matches!(right, 'k' | 'x') && self.0.contains('c'))
            || (matches!(right, 't' | 'e') && self.0.contains('d'))
    }

    /// The letters.
    pub fn letters(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn role_is_found_by_name_in_three_languages() {
        let cases = [
            ("INBOX", Some(FolderRole::Inbox)),
            ("Wysłane", Some(FolderRole::Sent)),
            ("Удалённые", Some(FolderRole::Trash)),
            ("Удаленные", Some(FolderRole::Trash)),
            ("Skrzynka nadawcza", Some(FolderRole::Outbox)),
            ("Исходящие", Some(FolderRole::Outbox)),
            ("Bulk Mail", Some(FolderRole::Junk)),
            ("\u{200e}Drafts", Some(FolderRole::Drafts)),
            ("Faktury", None),
        ];
        for (name, role) in cases {
            assert_eq!(role_from_name(name), role, "{name}");
        }
    }

    #[test]
    fn old_rights_grant_what_they_became() {
        let rights = MailboxRights::new("lrsd");
        assert!(rights.allows('t') && rights.allows('e') && !rights.allows('k'));
    }
}
