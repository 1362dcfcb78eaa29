//! Which folders people may change. Pure.

use std::collections::HashSet;

use mailroom_model::FolderRole;
use mailroom_store::FolderRow;

use super::name::lies_in;
use crate::EngineError;

/// Errors: [`EngineError::FolderProtected`] for a folder that has a use, or in which one lies that has: programs would make it
/// anew under its old name, or have none.
pub(super) fn refuse_used(row: &FolderRow, folders: &[FolderRow]) -> Result<(), EngineError> {
    let is_in_it = |folder: &&FolderRow| {
        is_used(folder) && lies_in(&folder.seen.wire_name, &row.seen.wire_name, row.seen.delimiter)
    };
    match folders.iter().find(is_in_it) {
        Some(used) => Err(EngineError::FolderProtected {
            path: used.seen.path.clone(),
            role: used.seen.role,
        }),
        None => Ok(()),
    }
}

/// Templates and Exchange's outbox are known by their names alone, and nothing is done with them.
fn is_used(folder: &FolderRow) -> bool {
    !matches!(
        folder.seen.role,
        None | Some(FolderRole::Templates | FolderRole::Outbox)
    )
}

/// Of each folder whether it can be renamed, moved and deleted, as far as is known without asking: it has no use, none lies in
/// it that has, and the server does not deny it (`x`, RFC 4314 §4).
pub(crate) fn changeable(folders: &[FolderRow]) -> Vec<bool> {
    let mut above_used = HashSet::new();
    for used in folders.iter().filter(|folder| is_used(folder)) {
        let mut name = used.seen.wire_name.as_str();
        above_used.insert(name);
        while let Some((parent, _)) = used
            .seen
            .delimiter
            .and_then(|delimiter| name.rsplit_once(delimiter))
        {
            above_used.insert(parent);
            name = parent;
        }
    }
    folders
        .iter()
        .map(|folder| {
            let rights = folder.seen.rights.as_ref();
            !above_used.contains(folder.seen.wire_name.as_str())
                && rights.is_none_or(|rights| rights.allows('x'))
        })
        .collect()
}

/// True when folders can be made in it, as far as is known without asking: there are levels, it is no view of what stands
/// elsewhere, and the server does not deny it (`k`, RFC 4314 §4).
pub(crate) fn takes_folders(folder: &FolderRow) -> bool {
    let is_view = matches!(
        folder.seen.role,
        Some(FolderRole::All | FolderRole::Flagged | FolderRole::Important)
    );
    let rights = folder.seen.rights.as_ref();
    folder.seen.delimiter.is_some() && !is_view && rights.is_none_or(|rights| rights.allows('k'))
}

#[cfg(test)]
mod tests {
    use mailroom_model::{AccountId, FolderId, MailboxRights};
    use mailroom_store::FolderSeen;

    use super::*;

    fn row(name: &str, role: Option<FolderRole>, rights: Option<&str>) -> FolderRow {
        FolderRow {
            id: FolderId(1),
            account_id: AccountId(1),
            seen: FolderSeen {
                wire_name: name.to_owned(),
                path: name.to_owned(),
                delimiter: Some('/'),
                role,
                is_selectable: true,
                is_subscribed: true,
                rights: rights.map(MailboxRights::new),
            },
            cursor: None,
            total: 0,
            unread: 0,
            error: None,
        }
    }

    #[test]
    fn folders_that_have_a_use_or_hold_one_stay() {
        let folders = [
            row("INBOX", Some(FolderRole::Inbox), None),
            row("INBOX/A", None, None),
            row("[Gmail]", None, None),
            row("[Gmail]/All", Some(FolderRole::All), None),
            row("B", None, Some("lr")),
            row("C", None, Some("lrkx")),
            row("Templates", Some(FolderRole::Templates), None),
        ];
        let expected = [false, true, false, false, false, true, true];
        assert_eq!(changeable(&folders), expected);
        for (folder, expected) in folders.iter().zip(expected) {
            let refused = refuse_used(folder, &folders).is_err();
            assert_eq!(
                refused,
                !expected && folder.seen.rights.is_none(),
                "{}",
                folder.seen.path
            );
        }
        let takes: Vec<bool> = folders.iter().map(takes_folders).collect();
        assert_eq!(takes, [true, true, true, false, false, true, true]);
    }
}
