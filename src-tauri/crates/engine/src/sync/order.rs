//! Which folders are looked at, and in which order.

use mailroom_connect::Quirk;
use mailroom_model::{FolderRole, FolderSelection};
use mailroom_store::{AccountRow, FolderRow};

use crate::server_traits::ServerTraits;

/// Which folders an account keeps.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Kept<'a> {
    pub(crate) selection: &'a FolderSelection,
    pub(crate) traits: ServerTraits,
}

impl<'a> Kept<'a> {
    /// As the account says.
    pub(crate) fn by(account: &'a AccountRow) -> Self {
        Self {
            selection: &account.folders,
            traits: ServerTraits::of(account),
        }
    }
}

/// The folders to keep, the ones that people look at first in front, and after all of them the ones that failed the last
/// time: what breaks a connection must not keep the others from their turn. The inbox stays first. A choice of all leaves
/// out folders that only show again what stands elsewhere (`\Flagged`, `\Important`, and `\All` unless the server names
/// contents: then nothing comes twice, and what was archived stands nowhere else); chosen by name they are kept.
pub(crate) fn chosen<'a>(folders: &'a [FolderRow], kept: Kept<'_>) -> Vec<&'a FolderRow> {
    let mut chosen: Vec<&FolderRow> = folders.iter().filter(|folder| is_chosen(folder, kept)).collect();
    chosen.sort_by_cached_key(|folder| {
        let is_inbox = folder.seen.role == Some(FolderRole::Inbox);
        let failed = folder.error.is_some() && !is_inbox;
        (failed, rank(folder.seen.role), folder.seen.path.clone())
    });
    chosen
}

/// True when the folder's mail is kept here.
pub(crate) fn is_chosen(folder: &FolderRow, kept: Kept<'_>) -> bool {
    if !folder.seen.is_selectable {
        return false;
    }
    match kept.selection {
        FolderSelection::All => match folder.seen.role {
            Some(FolderRole::All) => kept.traits.names_content,
            Some(FolderRole::Flagged | FolderRole::Important) => false,
            _ => true,
        },
        FolderSelection::Chosen(paths) => paths.iter().any(|path| names(folder, path)),
    }
}

/// True for the folder that archived messages go to: on a server with labels that is the one of all messages.
pub(crate) fn archives(folder: &FolderRow, traits: ServerTraits) -> bool {
    match folder.seen.role {
        Some(FolderRole::Archive) => true,
        Some(FolderRole::All) => traits.has_labels,
        _ => false,
    }
}

/// True when `name` means the folder: its path, or its role in lower case. INBOX is meant in any case.
pub(crate) fn names(folder: &FolderRow, name: &str) -> bool {
    folder.seen.path == name
        || folder.seen.role.is_some_and(|role| role.as_str() == name)
        || (folder.seen.role == Some(FolderRole::Inbox) && name.eq_ignore_ascii_case("inbox"))
}

/// True for Exchange's folders that hold no mail.
pub(crate) fn is_hidden(path: &str, delimiter: Option<char>, quirks: &[Quirk]) -> bool {
    const NO_MAIL: &[&str] = &[
        "calendar",
        "contacts",
        "journal",
        "notes",
        "tasks",
        "outbox",
        "sync issues",
        "conversation history",
        "rss feeds",
        "kalendarz",
        "kontakty",
        "dziennik",
        "notatki",
        "zadania",
        "skrzynka nadawcza",
        "календарь",
        "контакты",
        "дневник",
        "журнал",
        "заметки",
        "задачи",
        "исходящие",
    ];
    if !quirks.contains(&Quirk::ExchangeFoldersHidden) {
        return false;
    }
    let top = delimiter
        .and_then(|delimiter| path.split(delimiter).next())
        .unwrap_or(path);
    NO_MAIL.contains(&top.to_lowercase().as_str())
}

fn rank(role: Option<FolderRole>) -> u8 {
    match role {
        Some(FolderRole::Inbox) => 0,
        Some(FolderRole::Drafts) => 1,
        Some(FolderRole::Sent) => 2,
        None => 3,
        Some(FolderRole::Archive) => 4,
        Some(FolderRole::Templates | FolderRole::Outbox) => 5,
        Some(FolderRole::All | FolderRole::Flagged | FolderRole::Important) => 6,
        Some(FolderRole::Junk) => 7,
        Some(FolderRole::Trash) => 8,
    }
}

#[cfg(test)]
mod tests {
    use mailroom_model::{AccountId, ErrorCode, FolderId, UnixMillis};
    use mailroom_store::{FolderSeen, StoredError};

    use super::*;

    fn folder(path: &str, role: Option<FolderRole>, failed: bool) -> FolderRow {
        FolderRow {
            id: FolderId(1),
            account_id: AccountId(1),
            seen: FolderSeen {
                wire_name: path.to_owned(),
                path: path.to_owned(),
                delimiter: Some('/'),
                role,
                is_selectable: true,
                is_subscribed: true,
                rights: None,
            },
            cursor: None,
            total: 0,
            unread: 0,
            error: failed.then(|| StoredError {
                code: ErrorCode::ServerNonsense,
                params: std::collections::BTreeMap::default(),
                at: UnixMillis(1),
            }),
        }
    }

    #[test]
    fn folders_are_looked_at_in_the_order_of_their_use() {
        let folders = [
            folder("All", Some(FolderRole::All), false),
            folder("Trash", Some(FolderRole::Trash), false),
            folder("A", None, true),
            folder("B", None, false),
            folder("Sent", Some(FolderRole::Sent), false),
            folder("INBOX", Some(FolderRole::Inbox), true),
        ];
        let paths_of = |selection: &FolderSelection, names_content| -> Vec<String> {
            let traits = ServerTraits {
                names_content,
                has_labels: false,
                announces: None,
            };
            let chosen = chosen(&folders, Kept { selection, traits });
            chosen.iter().map(|folder| folder.seen.path.clone()).collect()
        };
        let paths = |selection: &FolderSelection| paths_of(selection, false);
        assert_eq!(
            paths(&FolderSelection::All),
            ["INBOX", "Sent", "B", "Trash", "A"],
            "one that failed comes last"
        );
        assert_eq!(
            paths_of(&FolderSelection::All, true),
            ["INBOX", "Sent", "B", "All", "Trash", "A"],
            "what stands elsewhere too costs nothing"
        );
        let some = FolderSelection::Chosen(vec!["inbox".to_owned(), "All".to_owned()]);
        assert_eq!(paths(&some), ["INBOX", "All"]);
    }

    #[test]
    fn exchange_folders_without_mail_are_hidden_only_there() {
        let quirks = [Quirk::ExchangeFoldersHidden];
        let cases = [
            ("Calendar", true),
            ("Kalendarz/Urodziny", true),
            ("Задачи", true),
            ("Projects/Calendar", false),
            ("INBOX", false),
        ];
        for (path, hidden) in cases {
            assert_eq!(is_hidden(path, Some('/'), &quirks), hidden, "{path}");
            assert!(!is_hidden(path, Some('/'), &[]), "{path}");
        }
    }
}
