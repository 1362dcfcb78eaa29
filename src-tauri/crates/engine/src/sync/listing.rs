//! The folders of an account: asked for, kept, and given up.

use std::collections::{BTreeMap, HashMap, HashSet};

use mailroom_model::{Coded, ErrorCode, FolderId};
use mailroom_protocol::imap::{FolderStatus, ImapSession, RemoteFolder};
use mailroom_store::{AccountRow, FolderCursor, FolderRow, FolderSeen};

use super::order::{self, Kept, is_chosen};
use super::plan::day_start;
use crate::budget::Purpose;
use crate::connection::Connection;
use crate::push::{Pusher, SIGN_OF_LIFE};
use crate::{Engine, EngineError};

/// What a server lists: its folders, and by wire name the states that it tells with them.
pub(super) type Listed = (Vec<RemoteFolder>, BTreeMap<String, FolderStatus>);

impl Engine {
    /// A connection for a look. Of one that was kept the list itself is the sign of life, and comes along; not where changes
    /// wait that go to the server first, because it would tell what was before them.
    pub(super) async fn line_for_look(
        &self,
        account: &AccountRow,
        pusher: &Pusher,
    ) -> Result<(Connection, Option<Listed>), EngineError> {
        if self.has_due_changes(account).await? {
            return Ok((self.line(account, pusher, Purpose::Work).await?, None));
        }
        if let Some(mut session) = self.kept_line(pusher).await? {
            match session.list_folders_and_status_if_alive(SIGN_OF_LIFE).await {
                Ok(listed) => return Ok((session, Some(listed))),
                Err(error) if error.leaves_session_usable() => return Err(error.into()),
                // That it has died while it was kept is no news of the account.
                Err(_) => drop(session),
            }
        }
        Ok((self.open_imap(account, Purpose::Work).await?, None))
    }

    /// Local copies of folders that are not kept any more, or cannot be opened any more, go; those too that a load brought
    /// while its folder was being given up.
    pub(super) async fn forget_unchosen(
        &self,
        account: &AccountRow,
        folders: &[FolderRow],
    ) -> Result<(), EngineError> {
        let now = self.now().await?;
        for folder in folders {
            let holds_mail = folder.cursor.is_some() || folder.total > 0;
            if holds_mail && !is_chosen(folder, Kept::by(account)) {
                self.store().await?.folders().give_up(folder.id, now).await?;
            }
        }
        Ok(())
    }

    /// Folders that are seen for the first time and are empty, as the list says: there is nothing to open them for, and one write
    /// is enough for all of them.
    pub(super) async fn settle_empty(
        &self,
        account: &AccountRow,
        folders: &[FolderRow],
        told: &BTreeMap<String, FolderStatus>,
    ) -> Result<(), EngineError> {
        let now = self.now().await?;
        let window_start = account.period.starts_at(now).map(day_start);
        let is_new = |folder: &&FolderRow| {
            folder.cursor.is_none()
                && folder.total == 0
                && folder.error.is_none()
                && is_chosen(folder, Kept::by(account))
        };
        let empty: Vec<(FolderId, FolderCursor)> = folders
            .iter()
            .filter(is_new)
            .filter_map(|folder| {
                let status = told.get(&folder.seen.wire_name)?;
                let cursor = FolderCursor {
                    uid_validity: status.uid_validity,
                    uid_next: status.uid_next,
                    highest_modseq: status.highest_modseq,
                    window_start,
                    is_complete: true,
                    exists: 0,
                    at: now,
                };
                (status.messages == 0 && status.uid_validity != 0).then_some((folder.id, cursor))
            })
            .collect();
        if !empty.is_empty() {
            self.store().await?.folders().set_first_cursors(&empty).await?;
        }
        Ok(())
    }

    /// Asks the server for its folders and keeps the answer. A folder that is missing in the list is asked for by name
    /// before it is given up: a line that could not be read, or a name space that could not be listed, must not cost the
    /// mail in it.
    pub(crate) async fn refresh_folders(
        &self,
        account: &AccountRow,
        session: &mut ImapSession,
    ) -> Result<Vec<FolderRow>, EngineError> {
        let listed = session.list_folders().await?;
        self.keep_folders(account, session, listed).await
    }

    /// The same with an answer that is there already.
    pub(crate) async fn keep_folders(
        &self,
        account: &AccountRow,
        session: &mut ImapSession,
        listed: Vec<RemoteFolder>,
    ) -> Result<Vec<FolderRow>, EngineError> {
        // Boxed: it is seldom needed.
        Box::pin(self.settle_renaming(account.id, &listed)).await?;
        let quirks = self.quirks(account).await?;
        let store = self.store().await?;
        let here = store.folders().list(account.id).await?;
        let mut kept = Vec::new();
        let names: HashSet<&str> = listed.iter().map(|listed| listed.wire_name.as_str()).collect();
        for folder in &here {
            let name = &folder.seen.wire_name;
            let is_listed = names.contains(name.as_str());
            if !is_listed && folder.seen.is_selectable && is_still_there(session, name).await? {
                kept.push(folder.seen.clone());
            }
        }
        let seen: Vec<FolderSeen> = listed
            .into_iter()
            .filter(|folder| !order::is_hidden(&folder.path, folder.delimiter, &quirks))
            .map(|folder| FolderSeen {
                wire_name: folder.wire_name,
                path: folder.path,
                delimiter: folder.delimiter,
                role: folder.role,
                is_selectable: folder.selectable,
                is_subscribed: folder.subscribed,
                rights: folder.rights,
            })
            .chain(kept)
            .collect();
        if are_the_same(&here, &seen) {
            return Ok(here);
        }
        store
            .folders()
            .sync_list(account.id, &seen, self.now().await?)
            .await?;
        Ok(store.folders().list(account.id).await?)
    }
}

/// True when the folders here are those that were listed: nothing has to be written.
fn are_the_same(here: &[FolderRow], seen: &[FolderSeen]) -> bool {
    let here: HashMap<&str, &FolderSeen> = here
        .iter()
        .map(|folder| (folder.seen.wire_name.as_str(), &folder.seen))
        .collect();
    let mut names = HashSet::new();
    // Of a folder that is listed twice the first line counts.
    let mut first = seen
        .iter()
        .filter(|folder| names.insert(folder.wire_name.as_str()));
    first.all(|folder| here.get(folder.wire_name.as_str()) == Some(&folder)) && names.len() == here.len()
}

/// True unless the server says that there is no such folder.
async fn is_still_there(session: &mut ImapSession, wire_name: &str) -> Result<bool, EngineError> {
    match session.folder_status(wire_name).await {
        Ok(_) => Ok(true),
        Err(error) if error.leaves_session_usable() => Ok(matches!(
            error.code(),
            ErrorCode::ServerUnavailable | ErrorCode::TooManyConnections
        )),
        Err(error) => Err(error.into()),
    }
}

#[cfg(test)]
mod tests {
    use mailroom_model::AccountId;

    use super::*;

    fn seen(name: &str, is_subscribed: bool) -> FolderSeen {
        FolderSeen {
            wire_name: name.to_owned(),
            path: name.to_owned(),
            delimiter: Some('/'),
            role: None,
            is_selectable: true,
            is_subscribed,
            rights: None,
        }
    }

    fn row(seen: FolderSeen) -> FolderRow {
        FolderRow {
            id: FolderId(1),
            account_id: AccountId(1),
            seen,
            cursor: None,
            total: 0,
            unread: 0,
            error: None,
        }
    }

    #[test]
    fn list_that_says_nothing_new_is_recognised() {
        let here = [row(seen("A", true)), row(seen("B", true))];
        let cases = [
            (vec![seen("B", true), seen("A", true)], true),
            (vec![seen("A", true), seen("B", true), seen("A", false)], true),
            (vec![seen("A", true)], false),
            (vec![seen("A", true), seen("B", false)], false),
            (vec![seen("A", true), seen("B", true), seen("C", true)], false),
            (vec![], false),
        ];
        for (listed, expected) in cases {
            assert_eq!(are_the_same(&here, &listed), expected, "{listed:?}");
        }
        assert!(are_the_same(&[], &[]));
    }
}
