//! Undo: the last changes of messages are remembered as long as the program runs, and brought back exactly.

mod away;
mod back;
mod log;

use std::collections::HashMap;
use std::sync::Arc;

use mailroom_model::{FlagChange, FolderId, OperationId, UidSet};
use mailroom_store::{AccountRow, OperationKind, Place, Standing};

pub(crate) use log::{Action, Change, Marked, Moved, UndoLog, What, way_back};

use crate::mutate::while_under_way;
use crate::{Engine, EngineError};

impl Engine {
    /// Undoes one action: flags are what they were, messages stand where they stood. What has not reached the server never
    /// does; what has is brought back there, as soon as it can be reached. Errors: [`EngineError::UndoGone`] when it was
    /// undone before, or is too long ago, or somebody else has moved messages on since.
    pub async fn undo(self: &Arc<Self>, id: i64) -> Result<(), EngineError> {
        let mut action = self
            .undo_log
            .take(id)
            .ok_or(EngineError::UndoGone { messages: 0 })?;
        let mut gone = 0;
        while let Some(change) = action.steps.last() {
            let account = change.account;
            // Boxed: it holds a look at a folder and is large.
            match Box::pin(self.undo_change(change)).await {
                Ok(missed) => gone += missed,
                Err(error) => {
                    self.undo_log.put_back(id, action);
                    return Err(error);
                }
            }
            self.push_soon(account);
            action.steps.pop();
        }
        if gone > 0 {
            return Err(EngineError::UndoGone { messages: gone });
        }
        Ok(())
    }

    /// Undoes one operation; says how many messages cannot be brought back.
    async fn undo_change(self: &Arc<Self>, change: &Change) -> Result<u64, EngineError> {
        if let What::Left { to, messages } = &change.what {
            self.move_again(messages, *to).await?;
            return Ok(0);
        }
        let store = self.store().await?;
        let Some(account) = store.accounts().get(change.account).await? else {
            return Err(EngineError::UndoGone { messages: 0 });
        };
        match self.settled(&account, change.operation).await? {
            Standing::TakenBack => {
                self.tell(crate::Event::OperationsChanged {
                    address: account.address.to_string(),
                });
                Ok(0)
            }
            // The server did not want it, and here it was undone then.
            Standing::Refused => Ok(0),
            Standing::Begun | Standing::Over => match &change.what {
                What::Flags(marked) => self.mark_back(change.folder, marked).await,
                What::Move { to, messages } => {
                    // Boxed: it holds the work of a whole folder and is large.
                    Box::pin(self.move_back(&account, change, *to, messages)).await
                }
                What::Copy { to, messages } => self.remove_copies(change.operation, *to, messages).await,
                What::Left { .. } => Ok(0),
            },
        }
    }

    /// Takes an operation back, or waits until the server has done it.
    async fn settled(&self, account: &AccountRow, id: OperationId) -> Result<Standing, EngineError> {
        let store = self.store().await?;
        let operations = &store.operations();
        let settled = while_under_way(|| async move {
            match operations.take_back(id).await? {
                Standing::Begun => {
                    let row = operations.get(id).await?;
                    let now = self.now().await?;
                    // The connection broke in the middle of it, or the program that was at it is gone: nobody is at it.
                    let is_left = row.is_some_and(|row| row.next_at > now) || self.is_at_rest(account.id)?;
                    Ok(is_left.then_some(Standing::Begun))
                }
                standing => Ok(Some(standing)),
            }
        });
        match settled.await? {
            None | Some(Standing::Begun) => {}
            Some(standing) => return Ok(standing),
        }
        // Whether the server did it is known once it was tried again.
        self.push_changes(Some(&account.address)).await?;
        match operations.take_back(id).await? {
            Standing::Begun => Err(EngineError::OutcomeUnknown { id: id.0 }),
            standing => Ok(standing),
        }
    }

    async fn mark_back(&self, folder: FolderId, marked: &[Marked]) -> Result<u64, EngineError> {
        let messages = self.store().await?.messages();
        let mut gone = 0;
        let mut changes: Vec<(FolderId, FlagChange, UidSet)> = Vec::new();
        let uids: UidSet = marked.iter().map(|one| one.uid).collect();
        let here = messages.places(folder, &uids).await?.into_iter();
        let here: HashMap<u32, Place> = here
            .filter(|place| place.operation_id.is_none())
            .map(|place| (place.uid, place))
            .collect();
        for one in marked {
            // Where it was changed; a whole folder costs no look at each message.
            let same = here.get(&one.uid).filter(|place| place.message_id == one.message);
            if let Some(place) = same {
                add_change(&mut changes, place, &one.back);
                continue;
            }
            let row = messages.get(one.message).await?;
            let (mut places, expected) = row.map(|row| (row.places, row.expected)).unwrap_or_default();
            // It has moved on: where it is now.
            places.retain(|place| place.operation_id.is_none());
            // It may wait to be taken from there since.
            let waiting = expected
                .iter()
                .filter(|place| !place.is_hidden && places.is_empty())
                .find_map(|place| Some((place, place.source.filter(|source| !source.is_begun)?)));
            if let Some((place, source)) = waiting {
                if place.flags.changed(&one.back) != place.flags {
                    self.enqueue_flags(&source, place.folder_id, FlagChange::clone(&one.back))
                        .await?;
                }
                continue;
            }
            gone += u64::from(places.is_empty());
            for place in &places {
                add_change(&mut changes, place, &one.back);
            }
        }
        for (folder, change, uids) in changes {
            self.enqueue(folder, OperationKind::SetFlags { uids, change })
                .await?;
        }
        Ok(gone)
    }

    /// Removes copies that the server made: those that it named (COPYUID) and those that were seen since. One that is not
    /// known by its UID stays: another of its Message-ID may be another message.
    async fn remove_copies(
        &self,
        operation: OperationId,
        to: FolderId,
        messages: &[Moved],
    ) -> Result<u64, EngineError> {
        let store = self.store().await?;
        let target = store.folders().get(to).await?;
        let Some(cursor) = target.and_then(|target| target.cursor) else {
            return Ok(messages.len() as u64);
        };
        let named = self
            .undo_log
            .copied(operation)
            .filter(|copied| copied.uid_validity == cursor.uid_validity);
        let (mut uids, mut gone) = (UidSet::new(), 0);
        for one in messages {
            let row = store.messages().get(one.message).await?;
            let is_there = |place: &&Place| place.folder_id == to && place.operation_id.is_none();
            let seen = row.and_then(|row| row.places.iter().find(is_there).map(|place| place.uid));
            let named = named.as_ref().and_then(|named| named.uids.get(&one.uid).copied());
            match named.or(seen) {
                Some(uid) => uids.insert(uid),
                None => gone += 1,
            }
        }
        if !uids.is_empty() {
            self.enqueue(to, OperationKind::Delete { uids }).await?;
        }
        Ok(gone)
    }
}

/// Has the flags of one more message brought back, where they are other ones: with those that go back alike in its folder.
fn add_change(changes: &mut Vec<(FolderId, FlagChange, UidSet)>, place: &Place, back: &FlagChange) {
    if place.flags.changed(back) == place.flags {
        return;
    }
    let alike = changes
        .iter_mut()
        .find(|(folder, known, _)| *folder == place.folder_id && known == back);
    match alike {
        Some((_, _, uids)) => uids.insert(place.uid),
        None => changes.push((place.folder_id, back.clone(), UidSet::range(place.uid, place.uid))),
    }
}
