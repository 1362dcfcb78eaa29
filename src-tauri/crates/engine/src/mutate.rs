//! Changes that a person makes: here at once, on the server when it can be reached.

use std::collections::BTreeMap;

use mailroom_model::{EmailAddress, FlagChange, FolderId, FolderRole, MessageId, UidSet};
use mailroom_store::{FolderRow, NewOperation, OperationKind};

use crate::event::Event;
use crate::operations::turn_name;
use crate::sync::names;
use crate::{Engine, EngineError};

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
            let trash = match self
                .folder_of_same_account(folder, FolderRole::Trash.as_str())
                .await
            {
                Ok(trash) => Some(trash.id).filter(|id| *id != folder),
                Err(EngineError::FolderMissing { .. }) => None,
                Err(error) => return Err(error),
            };
            let kind = match trash {
                Some(to_folder) => OperationKind::Move { uids, to_folder },
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
            let row = store
                .messages()
                .get(*id)
                .await?
                .ok_or(EngineError::MessageMissing { id: id.0 })?;
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
        let missing = || EngineError::FolderMissing {
            path: name.to_owned(),
        };
        let store = self.store().await?;
        let own = store.folders().get(folder).await?.ok_or_else(missing)?;
        let folders = store.folders().list(own.account_id).await?;
        folders
            .into_iter()
            .find(|folder| folder.seen.is_selectable && names(folder, name))
            .ok_or_else(missing)
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
    /// the next look.
    pub async fn push_changes(&self, address: Option<&EmailAddress>) -> Result<u64, EngineError> {
        let mut done = 0;
        for account in self.accounts(address).await? {
            let _turn = self.take_turn(&turn_name(account.id)).await?;
            if self
                .store()
                .await?
                .operations()
                .list(account.id)
                .await?
                .is_empty()
            {
                continue;
            }
            let mut session = self.open_imap(&account).await?;
            done += self.replay(&account, &mut session).await?;
            session.logout().await;
        }
        Ok(done)
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
