//! Changes that a person makes: here at once, on the server when it can be reached.

mod stand;
mod under_way;

use std::collections::BTreeMap;
use std::sync::Arc;

use mailroom_model::{AccountId, FlagChange, FolderId, FolderRole, MessageId, OperationId, UidSet};
use mailroom_store::{ExpectedFrom, FolderRow, NewOperation, OperationKind, OperationState, Place};

pub use self::stand::Shown;
use self::stand::{Spot, Stand, moved, uids};
pub(crate) use self::under_way::while_under_way;
use crate::event::Event;
use crate::server_traits::ServerTraits;
use crate::sync::{archives, names};
use crate::undo::{Action, Change, Marked, What, way_back};
use crate::{Engine, EngineError};

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
        for (spot, mut stands) in self.every_stand(ids).await? {
            stands.retain(|stand| stand.flags.changed(change) != stand.flags);
            if stands.is_empty() {
                continue;
            }
            let kind = OperationKind::SetFlags {
                uids: uids(&stands),
                change: change.clone(),
            };
            let marked = stands
                .iter()
                .map(|stand| Marked {
                    message: stand.message,
                    uid: stand.uid,
                    back: Arc::new(way_back(&stand.flags, &stand.flags.changed(change))),
                })
                .collect();
            self.make(spot, spot.folder, kind, What::Flags(marked), &mut action)
                .await?;
        }
        Ok(action)
    }

    /// Moves messages to a folder of their account, named by path or role. A message in several folders leaves the one in which
    /// it is shown, or the one that comes first: views do not count. On a server with labels the archive is the folder of all messages, and archiving
    /// takes them from the inbox only. The result is for [`Engine::undo`]; `None` when nothing changed.
    pub async fn move_to(self: &Arc<Self>, shown: &Shown, target: &str) -> Result<Option<i64>, EngineError> {
        let mut action = Action::default();
        for (spot, stands) in self.stands(shown).await? {
            let to = self.folder_of_same_account(spot.folder, target).await?;
            self.move_from(spot, stands, &to, &mut action).await?;
        }
        self.finish(action).await
    }

    /// Moves messages to where they were shown before they were left where they are: what undoes that.
    pub(crate) async fn move_again(
        self: &Arc<Self>,
        ids: &[MessageId],
        to: FolderId,
    ) -> Result<(), EngineError> {
        let Some(to) = self.store().await?.folders().get(to).await? else {
            return Err(EngineError::UndoGone {
                messages: ids.len() as u64,
            });
        };
        let mut action = Action::default();
        for (spot, stands) in self.stands(&ids.into()).await? {
            self.move_from(spot, stands, &to, &mut action).await?;
        }
        for step in action.steps {
            self.push_soon(step.account);
        }
        Ok(())
    }

    async fn move_from(
        &self,
        spot: Spot,
        stands: Vec<Stand>,
        to: &FolderRow,
        action: &mut Action,
    ) -> Result<(), EngineError> {
        if to.id == spot.shown_in {
            return Ok(());
        }
        if let (Some(operation), true) = (spot.before, to.id == spot.folder) {
            return self.leave_there(spot, operation, &stands, action).await;
        }
        if self.traits_beside(spot.folder).await?.has_labels {
            self.move_label(spot, stands, to, action).await
        } else {
            self.make_move(spot, &stands, to, false, action).await
        }
    }

    /// Messages that were to leave their folder stay there: nothing of it reaches the server.
    async fn leave_there(
        &self,
        spot: Spot,
        operation: OperationId,
        stands: &[Stand],
        action: &mut Action,
    ) -> Result<(), EngineError> {
        let store = self.store().await?;
        let folder = store.folders().get(spot.folder).await?;
        let account = folder.ok_or_else(|| EngineError::FolderMissing {
            path: spot.folder.to_string(),
        })?;
        let account = account.account_id;
        let uids = uids(stands);
        for id in crate::operations::chain(store, operation).await? {
            if !store.operations().take_out(id, &uids).await? {
                return Err(EngineError::OutcomeUnknown { id: id.0 });
            }
            self.undo_log.taken_out(id, &uids);
        }
        if let Some(row) = store.accounts().get(account).await? {
            self.tell(Event::OperationsChanged {
                address: row.address.to_string(),
            });
        }
        action.steps.push(Change {
            account,
            folder: spot.folder,
            operation,
            what: What::Left {
                to: spot.shown_in,
                messages: stands.iter().map(|stand| stand.message).collect(),
            },
        });
        Ok(())
    }

    /// Copies messages to a folder of their account, named by path or role; those that stand or will stand there already are
    /// passed over. Where folders are labels nothing is copied to trash and junk: it would leave every other folder. The
    /// result is for [`Engine::undo`]; `None` when nothing is copied.
    pub async fn copy_to(self: &Arc<Self>, shown: &Shown, target: &str) -> Result<Option<i64>, EngineError> {
        let mut action = Action::default();
        for (spot, mut stands) in self.stands(shown).await? {
            let to = self.folder_of_same_account(spot.folder, target).await?;
            let throws_away = matches!(to.seen.role, Some(FolderRole::Trash | FolderRole::Junk));
            if throws_away && self.traits_beside(spot.folder).await?.has_labels {
                return Err(EngineError::Input {
                    field: "folder",
                    reason: "what is copied there leaves every other folder",
                });
            }
            let known = self.known_there(spot, &to, &stands).await?;
            stands.retain(|stand| !known.contains(stand.uid));
            if stands.is_empty() {
                continue;
            }
            let kind = OperationKind::Copy {
                uids: uids(&stands),
                to_folder: to.id,
            };
            let messages = moved(&stands);
            let what = What::Copy { to: to.id, messages };
            self.make(spot, spot.folder, kind, what, &mut action).await?;
        }
        self.finish(action).await
    }

    /// Which of the messages of `folder` stand in `to` already, or wait to be copied there.
    async fn known_there(&self, spot: Spot, to: &FolderRow, stands: &[Stand]) -> Result<UidSet, EngineError> {
        if to.id == spot.shown_in {
            return Ok(uids(stands));
        }
        let store = self.store().await?;
        let mut known = UidSet::new();
        for stand in stands {
            let row = self.message_row(stand.message).await?;
            if row.is_shown_in(to.id) {
                known.insert(stand.uid);
            }
        }
        for waiting in store.operations().list(to.account_id).await? {
            if let OperationKind::Copy { uids, to_folder } = waiting.kind
                && (waiting.folder_id, to_folder) == (Some(spot.folder), to.id)
                && waiting.state == OperationState::Waiting
            {
                for (first, last) in uids.ranges() {
                    known.insert_range(*first, *last);
                }
            }
        }
        Ok(known)
    }

    /// Moves messages to the trash, from where they are shown. Those that are shown there, and those of accounts without one,
    /// are deleted for good. The result is for [`Engine::undo`]; `None` when nothing can be brought back.
    pub async fn delete(self: &Arc<Self>, shown: &Shown) -> Result<Option<i64>, EngineError> {
        let mut action = Action::default();
        for (spot, stands) in self.stands(shown).await? {
            let trash = self
                .folders_beside(spot.folder)
                .await?
                .into_iter()
                .find(|folder| folder.seen.is_selectable && folder.seen.role == Some(FolderRole::Trash));
            if let Some(trash) = trash.filter(|trash| trash.id != spot.shown_in) {
                self.move_from(spot, stands, &trash, &mut action).await?;
            } else {
                let kind = OperationKind::Delete { uids: uids(&stands) };
                let (account, _) = self.enqueue_at(spot, kind).await?;
                self.push_soon(account);
            }
        }
        self.finish(action).await
    }

    async fn make_move(
        &self,
        spot: Spot,
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
        self.make_step(spot, kind, stands, to.id, action).await
    }

    /// A move where folders are labels. Nothing leaves the folder of all messages but for the trash and junk, and then it
    /// leaves every folder.
    async fn move_label(
        &self,
        spot: Spot,
        stands: Vec<Stand>,
        to: &FolderRow,
        action: &mut Action,
    ) -> Result<(), EngineError> {
        match to.seen.role {
            Some(FolderRole::All) if spot.before.is_none() => {
                let mut inboxes: BTreeMap<FolderId, Vec<Stand>> = BTreeMap::new();
                for stand in stands {
                    if let Some(inbox) = self.inbox_place(stand.message).await? {
                        inboxes.entry(inbox.folder_id).or_default().push(Stand {
                            uid: inbox.uid,
                            flags: inbox.flags,
                            ..stand
                        });
                    }
                }
                for (inbox, stands) in inboxes {
                    self.make_move(Spot::of(inbox), &stands, to, false, action)
                        .await?;
                }
                Ok(())
            }
            // What waits to be brought elsewhere than to the inbox is archived already.
            Some(FolderRole::All) if !self.is_inbox(spot.shown_in).await? => Ok(()),
            Some(FolderRole::Trash | FolderRole::Junk) => {
                self.make_move(spot, &stands, to, true, action).await
            }
            _ if spot.before.is_none() && self.is_view(spot.folder).await? => {
                let kind = OperationKind::Copy {
                    uids: uids(&stands),
                    to_folder: to.id,
                };
                self.make_step(spot, kind, &stands, to.id, action).await
            }
            _ => self.make_move(spot, &stands, to, false, action).await,
        }
    }

    async fn is_inbox(&self, folder: FolderId) -> Result<bool, EngineError> {
        let folder = self.store().await?.folders().get(folder).await?;
        Ok(folder.is_some_and(|folder| folder.seen.role == Some(FolderRole::Inbox)))
    }

    /// The place of a message in the inbox.
    async fn inbox_place(&self, message: MessageId) -> Result<Option<Place>, EngineError> {
        for place in self.message_row(message).await?.places {
            if place.operation_id.is_none() && self.is_inbox(place.folder_id).await? {
                return Ok(Some(place));
            }
        }
        Ok(None)
    }

    /// Makes an operation that brings messages to another folder.
    async fn make_step(
        &self,
        spot: Spot,
        kind: OperationKind,
        stands: &[Stand],
        to: FolderId,
        action: &mut Action,
    ) -> Result<(), EngineError> {
        let messages = moved(stands);
        // They are brought back to where they were shown.
        self.make(spot, spot.shown_in, kind, What::Move { to, messages }, action)
            .await
    }

    /// Makes one change here. `back`: the folder that an undo is about.
    async fn make(
        &self,
        spot: Spot,
        back: FolderId,
        kind: OperationKind,
        what: What,
        action: &mut Action,
    ) -> Result<(), EngineError> {
        let (account, operation) = self.enqueue_at(spot, kind).await?;
        action.steps.push(Change {
            account,
            folder: back,
            operation,
            what,
        });
        Ok(())
    }

    /// Has an action carried to the servers, and remembers it.
    pub(crate) async fn finish(self: &Arc<Self>, action: Action) -> Result<Option<i64>, EngineError> {
        for step in &action.steps {
            self.push_soon(step.account);
        }
        Ok(self.undo_log.keep(action, self.now().await?))
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
        self.enqueue_at(Spot::of(folder), kind).await
    }

    /// Queues a change of flags of messages before the one that will take them away.
    pub(crate) async fn enqueue_flags(
        &self,
        from: &ExpectedFrom,
        shown_in: FolderId,
        change: FlagChange,
    ) -> Result<(), EngineError> {
        let spot = Spot {
            shown_in,
            folder: from.folder,
            before: Some(from.operation),
        };
        let uids = UidSet::range(from.uid, from.uid);
        self.enqueue_at(spot, OperationKind::SetFlags { uids, change })
            .await?;
        Ok(())
    }

    async fn enqueue_at(
        &self,
        spot: Spot,
        kind: OperationKind,
    ) -> Result<(AccountId, OperationId), EngineError> {
        let folder = spot.folder;
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
        let now = self.now().await?;
        let id = match spot.before {
            None => store.operations().enqueue(&operation, now).await?,
            Some(other) => {
                let queued = store.operations().enqueue_before(other, &operation, now).await?;
                queued.ok_or(EngineError::OutcomeUnknown { id: other.0 })?
            }
        };
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
