//! Changes that a person makes: here at once, on the server when it can be reached.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use mailroom_model::{AccountId, FlagChange, FolderId, FolderRole, MessageId, OperationId, UidSet};
use mailroom_store::{FolderRow, NewOperation, OperationKind, Place};

use crate::event::Event;
use crate::server_traits::ServerTraits;
use crate::sync::{archives, names};
use crate::undo::{Action, Change, Marked, Moved, What, way_back};
use crate::{Engine, EngineError};

/// A message in a folder, as a change finds it.
struct Stand {
    place: Place,
    rfc_message_id: Option<String>,
}

fn uids(stands: &[Stand]) -> UidSet {
    stands.iter().map(|stand| stand.place.uid).collect()
}

impl Engine {
    /// Sets and clears flags wherever the messages stand. The result is for [`Engine::undo`]; `None` when nothing changed.
    pub async fn mark(
        self: &Arc<Self>,
        ids: &[MessageId],
        change: &FlagChange,
    ) -> Result<Option<i64>, EngineError> {
        let action = self.set_flags(ids, change).await?;
        self.finish(action).await
    }

    /// Sets and clears flags here, and leaves it to the next look to carry them to the server.
    pub(crate) async fn set_flags(
        &self,
        ids: &[MessageId],
        change: &FlagChange,
    ) -> Result<Action, EngineError> {
        for flag in change.add.iter().chain(&change.remove) {
            if !is_flag(flag) {
                return Err(EngineError::Input {
                    field: "flags",
                    reason: "not an IMAP flag or keyword",
                });
            }
        }
        let mut action = Action::default();
        for (folder, mut stands) in self.places(ids, true).await? {
            stands.retain(|stand| stand.place.flags.changed(change) != stand.place.flags);
            if stands.is_empty() {
                continue;
            }
            let kind = OperationKind::SetFlags {
                uids: uids(&stands),
                change: change.clone(),
            };
            let marked = stands
                .iter()
                .map(|Stand { place, .. }| Marked {
                    message: place.message_id,
                    uid: place.uid,
                    back: way_back(&place.flags, &place.flags.changed(change)),
                })
                .collect();
            self.make(folder, kind, What::Flags(marked), &mut action).await?;
        }
        Ok(action)
    }

    /// Moves messages to a folder of their account, named by path or role. A message in several folders leaves the one that
    /// comes first: views do not count. On a server with labels the archive is the folder of all messages, and archiving
    /// takes them from the inbox only. The result is for [`Engine::undo`]; `None` when nothing changed.
    pub async fn move_to(
        self: &Arc<Self>,
        ids: &[MessageId],
        target: &str,
    ) -> Result<Option<i64>, EngineError> {
        let mut action = Action::default();
        for (folder, stands) in self.places(ids, false).await? {
            let to = self.folder_of_same_account(folder, target).await?;
            if self.traits_beside(folder).await?.has_labels {
                self.move_label(folder, stands, &to, &mut action).await?;
            } else if to.id != folder {
                self.make_move(folder, &stands, &to, false, &mut action).await?;
            }
        }
        self.finish(action).await
    }

    /// Moves messages to the trash. Those that are there, and those of accounts without one, are deleted for good. The
    /// result is for [`Engine::undo`]; `None` when nothing can be brought back.
    pub async fn delete(self: &Arc<Self>, ids: &[MessageId]) -> Result<Option<i64>, EngineError> {
        let mut action = Action::default();
        for (folder, stands) in self.places(ids, false).await? {
            let trash = self
                .folders_beside(folder)
                .await?
                .into_iter()
                .find(|folder| folder.seen.is_selectable && folder.seen.role == Some(FolderRole::Trash));
            if let Some(trash) = trash.filter(|trash| trash.id != folder) {
                let everywhere = self.traits_beside(folder).await?.has_labels;
                self.make_move(folder, &stands, &trash, everywhere, &mut action)
                    .await?;
            } else {
                let kind = OperationKind::Delete { uids: uids(&stands) };
                let (account, _) = self.enqueue(folder, kind).await?;
                self.push_soon(account);
            }
        }
        self.finish(action).await
    }

    async fn make_move(
        &self,
        folder: FolderId,
        stands: &[Stand],
        to: &FolderRow,
        everywhere: bool,
        action: &mut Action,
    ) -> Result<(), EngineError> {
        let kind = OperationKind::Move {
            uids: uids(stands),
            to_folder: to.id,
            uid_validity: None,
            everywhere,
        };
        self.make_step(folder, kind, stands, to.id, action).await
    }

    /// A move where folders are labels. Nothing leaves the folder of all messages but for the trash and junk, and then it
    /// leaves every folder.
    async fn move_label(
        &self,
        folder: FolderId,
        stands: Vec<Stand>,
        to: &FolderRow,
        action: &mut Action,
    ) -> Result<(), EngineError> {
        match to.seen.role {
            Some(FolderRole::All) => {
                let mut inboxes: BTreeMap<FolderId, Vec<Stand>> = BTreeMap::new();
                for stand in stands {
                    if let Some(inbox) = self.inbox_place(&stand.place).await? {
                        inboxes.entry(inbox.folder_id).or_default().push(Stand {
                            place: inbox,
                            ..stand
                        });
                    }
                }
                for (inbox, stands) in inboxes {
                    self.make_move(inbox, &stands, to, false, action).await?;
                }
                Ok(())
            }
            _ if to.id == folder => Ok(()),
            Some(FolderRole::Trash | FolderRole::Junk) => {
                self.make_move(folder, &stands, to, true, action).await
            }
            _ if self.is_view(folder).await? => {
                let kind = OperationKind::Copy {
                    uids: uids(&stands),
                    to_folder: to.id,
                };
                self.make_step(folder, kind, &stands, to.id, action).await
            }
            _ => self.make_move(folder, &stands, to, false, action).await,
        }
    }

    /// The place in the inbox of a message that stands at `place`.
    async fn inbox_place(&self, place: &Place) -> Result<Option<Place>, EngineError> {
        let folders = self.store().await?.folders();
        for other in self.message_row(place.message_id).await?.places {
            let folder = folders.get(other.folder_id).await?;
            let is_inbox = folder.is_some_and(|folder| folder.seen.role == Some(FolderRole::Inbox));
            if is_inbox && other.operation_id.is_none() {
                return Ok(Some(other));
            }
        }
        Ok(None)
    }

    /// Makes an operation that brings messages to another folder.
    async fn make_step(
        &self,
        folder: FolderId,
        kind: OperationKind,
        stands: &[Stand],
        to: FolderId,
        action: &mut Action,
    ) -> Result<(), EngineError> {
        let messages = stands
            .iter()
            .map(|stand| Moved {
                message: stand.place.message_id,
                uid: stand.place.uid,
                rfc_message_id: stand.rfc_message_id.clone(),
            })
            .collect();
        self.make(folder, kind, What::Move { to, messages }, action).await
    }

    /// Makes one change here.
    async fn make(
        &self,
        folder: FolderId,
        kind: OperationKind,
        what: What,
        action: &mut Action,
    ) -> Result<(), EngineError> {
        let (account, operation) = self.enqueue(folder, kind).await?;
        action.steps.push(Change {
            account,
            folder,
            operation,
            what,
        });
        Ok(())
    }

    /// Has an action carried to the servers, and remembers it.
    async fn finish(self: &Arc<Self>, action: Action) -> Result<Option<i64>, EngineError> {
        for step in &action.steps {
            self.push_soon(step.account);
        }
        Ok(self.undo_log.keep(action, self.now().await?))
    }

    /// Where messages stand, by folder: every place, or the first of each message.
    async fn places(
        &self,
        ids: &[MessageId],
        every: bool,
    ) -> Result<BTreeMap<FolderId, Vec<Stand>>, EngineError> {
        let mut places: BTreeMap<FolderId, Vec<Stand>> = BTreeMap::new();
        let mut views: HashMap<FolderId, bool> = HashMap::new();
        for id in ids {
            let row = self.message_row(*id).await?;
            let mut visible: Vec<Place> = row.places;
            visible.retain(|place| place.operation_id.is_none());
            if !every {
                // A view of everything is no place to move from.
                let mut first = None;
                for (at, place) in visible.iter().enumerate() {
                    let is_view = if let Some(is_view) = views.get(&place.folder_id) {
                        *is_view
                    } else {
                        let is_view = self.is_view(place.folder_id).await?;
                        views.insert(place.folder_id, is_view);
                        is_view
                    };
                    if !is_view {
                        first = Some(at);
                        break;
                    }
                }
                visible = visible
                    .into_iter()
                    .skip(first.unwrap_or_default())
                    .take(1)
                    .collect();
            }
            for place in visible {
                places.entry(place.folder_id).or_default().push(Stand {
                    rfc_message_id: row.rfc_message_id.clone(),
                    place,
                });
            }
        }
        Ok(places)
    }

    /// True for a folder that shows what stands elsewhere.
    async fn is_view(&self, folder: FolderId) -> Result<bool, EngineError> {
        let folder = self.store().await?.folders().get(folder).await?;
        Ok(matches!(
            folder.and_then(|folder| folder.seen.role),
            Some(FolderRole::All | FolderRole::Flagged | FolderRole::Important)
        ))
    }

    /// What the server of the account that `folder` belongs to does differently.
    pub(crate) async fn traits_beside(&self, folder: FolderId) -> Result<ServerTraits, EngineError> {
        let store = self.store().await?;
        let Some(folder) = store.folders().get(folder).await? else {
            return Ok(ServerTraits::default());
        };
        let account = store.accounts().get(folder.account_id).await?;
        Ok(account.as_ref().map(ServerTraits::of).unwrap_or_default())
    }

    async fn folder_of_same_account(&self, folder: FolderId, name: &str) -> Result<FolderRow, EngineError> {
        let mut fitting = self.folders_beside(folder).await?;
        let traits = self.traits_beside(folder).await?;
        let archive = FolderRole::Archive.as_str();
        fitting.retain(|folder| {
            folder.seen.is_selectable
                && (names(folder, name) || (name == archive && archives(folder, traits)))
        });
        // A folder that has just this name is meant before one that has it for a role.
        let has_name = |folder: &FolderRow| folder.seen.path == name;
        let exact = fitting
            .iter()
            .position(has_name)
            .or_else(|| fitting.iter().position(|folder| names(folder, name)));
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

    /// Queues a change, and tells that there is one more.
    pub(crate) async fn enqueue(
        &self,
        folder: FolderId,
        kind: OperationKind,
    ) -> Result<(AccountId, OperationId), EngineError> {
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
        let id = store.operations().enqueue(&operation, self.now().await?).await?;
        if let Some(account) = store.accounts().get(row.account_id).await? {
            self.tell(Event::OperationsChanged {
                address: account.address.to_string(),
            });
        }
        Ok((row.account_id, id))
    }
}

/// True for a system flag or a keyword (RFC 3501 §9: flag-keyword is an atom).
pub(crate) fn is_flag(flag: &str) -> bool {
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
