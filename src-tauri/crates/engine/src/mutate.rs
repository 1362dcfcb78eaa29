//! Changes that a person makes: here at once, on the server when it can be reached.

use std::collections::BTreeMap;
use std::time::Duration;

use mailroom_model::{EmailAddress, FlagChange, FolderId, FolderRole, MessageId, UidSet};
use mailroom_store::{AccountRow, FolderRow, NewOperation, OperationKind};

use crate::event::Event;
use crate::operations::turn_name;
use crate::sync::names;
use crate::{Engine, EngineError};

/// How long a change waits for whoever works on the account: that one carries it out as well, only later.
const TURN_PATIENCE: Duration = Duration::from_secs(3);

impl Engine {
    /// Sets and clears flags wherever the messages stand.
    pub async fn mark(&self, ids: &[MessageId], change: &FlagChange) -> Result<(), EngineError> {
        for flag in change.add.iter().chain(&change.remove) {
            if !is_flag(flag) {
                return Err(EngineError::Input {
                    field: "flags",
                    reason: "not an IMAP flag or keyword",
                });
            }
        }
        for (folder, uids) in self.places(ids, true).await? {
            let kind = OperationKind::SetFlags {
                uids,
                change: change.clone(),
            };
            self.enqueue(folder, kind).await?;
        }
        Ok(())
    }

    /// Moves messages to a folder of their account, named by path or role. A message in several folders leaves the one that
    /// comes first: views do not count.
    pub async fn move_to(&self, ids: &[MessageId], target: &str) -> Result<(), EngineError> {
        for (folder, uids) in self.places(ids, false).await? {
            let to = self.folder_of_same_account(folder, target).await?;
            if to.id != folder {
                self.enqueue(
                    folder,
                    OperationKind::Move {
                        uids,
                        to_folder: to.id,
                    },
                )
                .await?;
            }
        }
        Ok(())
    }

    /// Moves messages to the trash. Those that are there, and those of accounts without one, are deleted for good.
    pub async fn delete(&self, ids: &[MessageId]) -> Result<(), EngineError> {
        for (folder, uids) in self.places(ids, false).await? {
            let trash = self
                .folders_beside(folder)
                .await?
                .into_iter()
                .find(|folder| folder.seen.is_selectable && folder.seen.role == Some(FolderRole::Trash));
            let kind = match trash.filter(|trash| trash.id != folder) {
                Some(trash) => OperationKind::Move {
                    uids,
                    to_folder: trash.id,
                },
                None => OperationKind::Delete { uids },
            };
            self.enqueue(folder, kind).await?;
        }
        Ok(())
    }

    /// Where messages stand, by folder: every place, or the first of each message.
    async fn places(
        &self,
        ids: &[MessageId],
        every: bool,
    ) -> Result<BTreeMap<FolderId, UidSet>, EngineError> {
        let store = self.store().await?;
        let mut places: BTreeMap<FolderId, UidSet> = BTreeMap::new();
        for id in ids {
            let row = self.message_row(*id).await?;
            let mut visible: Vec<_> = row
                .places
                .iter()
                .filter(|place| place.operation_id.is_none())
                .collect();
            if !every {
                // A view of everything is no place to move from.
                let mut first = None;
                for place in &visible {
                    let folder = store.folders().get(place.folder_id).await?;
                    let role = folder.and_then(|folder| folder.seen.role);
                    let is_view = matches!(
                        role,
                        Some(FolderRole::All | FolderRole::Flagged | FolderRole::Important)
                    );
                    if !is_view {
                        first = Some(*place);
                        break;
                    }
                }
                visible = first.or(visible.first().copied()).into_iter().collect();
            }
            for place in visible {
                places.entry(place.folder_id).or_default().insert(place.uid);
            }
        }
        Ok(places)
    }

    async fn folder_of_same_account(&self, folder: FolderId, name: &str) -> Result<FolderRow, EngineError> {
        let mut fitting = self.folders_beside(folder).await?;
        fitting.retain(|folder| folder.seen.is_selectable && names(folder, name));
        // A folder that has just this name is meant before one that has it for a role.
        let exact = fitting.iter().position(|folder| folder.seen.path == name);
        let best = exact.unwrap_or_default();
        if best < fitting.len() {
            return Ok(fitting.swap_remove(best));
        }
        Err(EngineError::FolderMissing {
            path: name.to_owned(),
        })
    }

    /// The folders of the account that `folder` belongs to, itself among them.
    async fn folders_beside(&self, folder: FolderId) -> Result<Vec<FolderRow>, EngineError> {
        let folders = self.store().await?.folders();
        let own = folders.get(folder).await?;
        let own = own.ok_or_else(|| EngineError::FolderMissing {
            path: folder.to_string(),
        })?;
        Ok(folders.list(own.account_id).await?)
    }

    async fn enqueue(&self, folder: FolderId, kind: OperationKind) -> Result<(), EngineError> {
        let store = self.store().await?;
        let row = store.folders().get(folder).await?;
        let row = row.ok_or_else(|| EngineError::FolderMissing {
            path: folder.to_string(),
        })?;
        let operation = NewOperation {
            account_id: row.account_id,
            folder_id: folder,
            kind,
            raw: None,
        };
        store.operations().enqueue(&operation, self.now().await?).await?;
        if let Some(account) = store.accounts().get(row.account_id).await? {
            self.tell(Event::OperationsChanged {
                address: account.address.to_string(),
            });
        }
        Ok(())
    }

    /// Carries waiting changes of the accounts to their servers, as far as they can be reached now. What cannot waits for
    /// the next look. An account that fails does not stop the others; the first error is the result.
    pub async fn push_changes(&self, address: Option<&EmailAddress>) -> Result<u64, EngineError> {
        let mut done = 0;
        let mut result = Ok(());
        for account in self.accounts(address).await? {
            result = result.and(self.push_account(&account, &mut done).await);
        }
        result.map(|()| done)
    }

    async fn push_account(&self, account: &AccountRow, done: &mut u64) -> Result<(), EngineError> {
        if !self.has_due_changes(account).await? {
            return Ok(());
        }
        let name = turn_name(account.id);
        let Ok(turn) = tokio::time::timeout(TURN_PATIENCE, self.take_turn(&name)).await else {
            return Ok(());
        };
        let _turn = turn?;
        let mut session = self.open_imap(account).await?;
        self.replay(account, &mut session, done).await?;
        session.logout().await;
        Ok(())
    }

    /// True when a change waits that can be tried now.
    pub(crate) async fn has_due_changes(&self, account: &AccountRow) -> Result<bool, EngineError> {
        let operations = self.store().await?.operations();
        let next = operations.next_at(account.id).await?;
        let now = self.now().await?;
        Ok(next.is_some_and(|next| next <= now))
    }
}

/// True for a system flag or a keyword (RFC 3501 §9: flag-keyword is an atom).
fn is_flag(flag: &str) -> bool {
    let name = match flag.strip_prefix('\\') {
        Some(system) => {
            let known = ["seen", "answered", "flagged", "deleted", "draft"];
            return known.contains(&system.to_ascii_lowercase().as_str());
        }
        None => flag,
    };
    !name.is_empty()
        && name.len() <= 100
        && name
            .bytes()
            .all(|byte| byte.is_ascii_graphic() && !b"(){%*\"\\]".contains(&byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flags_that_are_none_are_refused() {
        for good in ["\\Seen", "\\FLAGGED", "$Forwarded", "Todo", "NonJunk"] {
            assert!(is_flag(good), "{good}");
        }
        for bad in ["", "\\Recent", "\\", "two words", "a(b", "ä", "x\r\n", "a\"b"] {
            assert!(!is_flag(bad), "{bad}");
        }
    }
}
