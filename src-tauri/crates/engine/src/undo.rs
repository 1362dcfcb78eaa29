//! Undo: the last changes of messages are remembered as long as the program runs, and brought back exactly.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use mailroom_model::{
    AccountId, FlagChange, FolderId, FolderRole, MessageFlags, MessageId, OperationId, UidSet, UnixMillis,
};
use mailroom_protocol::imap::ImapSession;
use mailroom_store::{AccountRow, FolderRow, OperationKind, Place, Standing};
use tokio_util::sync::CancellationToken;

use crate::budget::Purpose;
use crate::sync::Occasion;
use crate::{Engine, EngineError};

/// Actions that are remembered.
const REMEMBERED: usize = 20;
/// How long a change that is just being made is waited for.
pub(crate) const UNDER_WAY: Duration = Duration::from_secs(10);
/// How often it is looked at meanwhile.
pub(crate) const LOOK: Duration = Duration::from_millis(40);

/// What one command changed.
#[derive(Clone, Debug, Default)]
pub(crate) struct Action {
    pub(crate) steps: Vec<Change>,
}

/// One operation of it.
#[derive(Clone, Debug)]
pub(crate) struct Change {
    pub(crate) account: AccountId,
    pub(crate) folder: FolderId,
    pub(crate) operation: OperationId,
    pub(crate) what: What,
}

/// What it did, with what is needed to bring it back.
#[derive(Clone, Debug)]
pub(crate) enum What {
    Flags(Vec<Marked>),
    Move {
        to: FolderId,
        messages: Vec<Moved>,
    },
    Copy {
        to: FolderId,
        messages: Vec<Moved>,
    },
    /// Messages that waited to be brought to a folder were left where they are.
    Left {
        to: FolderId,
        messages: Vec<MessageId>,
    },
}

impl What {
    fn is_nothing(&self) -> bool {
        matches!(self, Self::Move { messages, .. } if messages.is_empty())
    }
}

/// A message whose flags changed, and what brings them back.
#[derive(Clone, Debug)]
pub(crate) struct Marked {
    pub(crate) message: MessageId,
    pub(crate) uid: u32,
    pub(crate) back: FlagChange,
}

/// A message that was moved or copied.
#[derive(Clone, Debug)]
pub(crate) struct Moved {
    pub(crate) message: MessageId,
    pub(crate) uid: u32,
    pub(crate) rfc_message_id: Option<String>,
}

/// What the server said about a move that it made (COPYUID, RFC 4315 §3).
#[derive(Clone, Debug)]
struct Copied {
    uid_validity: u32,
    uids: HashMap<u32, u32>,
}

/// The actions that can be undone, oldest first.
#[derive(Debug, Default)]
pub(crate) struct UndoLog(Mutex<Log>);

#[derive(Debug, Default)]
struct Log {
    actions: VecDeque<(i64, Action)>,
    copied: HashMap<OperationId, Copied>,
    last: i64,
}

impl UndoLog {
    /// Remembers an action; `None` when there is nothing to bring back. Ids never come again, not even in another life of
    /// the program.
    pub(crate) fn keep(&self, action: Action, now: UnixMillis) -> Option<i64> {
        if action.steps.is_empty() {
            return None;
        }
        let mut log = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        log.last = now.0.max(log.last.saturating_add(1));
        let id = log.last;
        log.put(id, action);
        Some(id)
    }

    fn put_back(&self, id: i64, action: Action) {
        let mut log = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        log.put(id, action);
    }

    fn take(&self, id: i64) -> Option<Action> {
        let mut log = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let at = log.actions.iter().position(|(known, _)| *known == id)?;
        log.actions.remove(at).map(|(_, action)| action)
    }

    /// Remembers where the server put the messages of an operation.
    pub(crate) fn note_copied(&self, operation: OperationId, uid_validity: Option<u32>, uids: &[(u32, u32)]) {
        let Some(uid_validity) = uid_validity.filter(|_| !uids.is_empty()) else {
            return;
        };
        let uids = uids.iter().copied().collect();
        let mut log = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // The newest operations have the largest ids.
        if log.copied.len() > 4 * REMEMBERED
            && let Some(oldest) = log.copied.keys().min().copied()
        {
            log.copied.remove(&oldest);
        }
        log.copied.insert(operation, Copied { uid_validity, uids });
    }

    /// Messages of an operation were taken out of it: another change has decided what becomes of them, and that one can be
    /// undone.
    pub(crate) fn taken_out(&self, operation: OperationId, uids: &UidSet) {
        let mut log = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for (_, action) in &mut log.actions {
            for step in action.steps.iter_mut().filter(|step| step.operation == operation) {
                if let What::Move { messages, .. } = &mut step.what {
                    messages.retain(|message| !uids.contains(message.uid));
                }
            }
            action.steps.retain(|step| !step.what.is_nothing());
        }
        log.actions.retain(|(_, action)| !action.steps.is_empty());
    }

    fn copied(&self, operation: OperationId) -> Option<Copied> {
        let log = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        log.copied.get(&operation).cloned()
    }
}

impl Log {
    fn put(&mut self, id: i64, action: Action) {
        self.actions.push_back((id, action));
        while self.actions.len() > REMEMBERED {
            self.actions.pop_front();
        }
    }
}

/// What leads from the flags after a change back to those before it.
pub(crate) fn way_back(before: &MessageFlags, after: &MessageFlags) -> FlagChange {
    let (before, after) = (before.to_imap(), after.to_imap());
    let without = |one: &[String], other: &[String]| -> Vec<String> {
        one.iter().filter(|name| !other.contains(name)).cloned().collect()
    };
    FlagChange {
        add: without(&before, &after),
        remove: without(&after, &before),
    }
}

/// A message that the server has moved, and where it may be.
struct Away {
    /// Its UID in the target, by COPYUID with the UIDVALIDITY.
    copied: Option<(u32, u32)>,
    /// Its UID in the target, as known here.
    known: Option<u32>,
    rfc_message_id: Option<String>,
    /// The UID of the original where it was, when it was left there (no UIDPLUS) as far as is known here. That it is not
    /// marked `\Deleted` any more says nothing about its copy: an undo may have been interrupted.
    left: Option<u32>,
}

/// Where moved messages were found.
#[derive(Default)]
struct Found {
    /// Originals that were only marked, and are not any more.
    originals: UidSet,
    /// To be moved back.
    back: UidSet,
    /// Copies of those originals.
    copies: UidSet,
    gone: u64,
}

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
        let operations = self.store().await?.operations();
        let waiting = async {
            loop {
                match operations.take_back(id).await? {
                    Standing::Begun => {}
                    standing => return Ok(standing),
                }
                let row = operations.get(id).await?;
                let now = self.now().await?;
                if row.is_some_and(|row| row.next_at > now) {
                    // The connection broke in the middle of it: nobody is at it.
                    return Ok(Standing::Begun);
                }
                tokio::time::sleep(LOOK).await;
            }
        };
        match tokio::time::timeout(UNDER_WAY, waiting).await {
            Ok(Ok(Standing::Begun)) | Err(_) => {}
            Ok(standing) => return standing,
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
        for one in marked {
            let row = messages.get(one.message).await?;
            let (mut places, expected) = row.map(|row| (row.places, row.expected)).unwrap_or_default();
            places.retain(|place| place.operation_id.is_none());
            // Where it was changed; when it has moved on, where it is now.
            let same = places
                .iter()
                .position(|place| (place.folder_id, place.uid) == (folder, one.uid));
            if let Some(at) = same {
                places = vec![places.swap_remove(at)];
            }
            // It may wait to be taken from there since.
            let waiting = expected
                .iter()
                .filter(|place| !place.is_hidden && places.is_empty())
                .find_map(|place| Some((place, place.source.filter(|source| !source.is_begun)?)));
            if let Some((place, source)) = waiting {
                if place.flags.changed(&one.back) != place.flags {
                    self.enqueue_flags(&source, place.folder_id, one.back.clone())
                        .await?;
                }
                continue;
            }
            gone += u64::from(places.is_empty());
            for place in places {
                if place.flags.changed(&one.back) == place.flags {
                    continue;
                }
                let alike = changes
                    .iter_mut()
                    .find(|(folder, back, _)| *folder == place.folder_id && *back == one.back);
                match alike {
                    Some((_, _, uids)) => uids.insert(place.uid),
                    None => changes.push((
                        place.folder_id,
                        one.back.clone(),
                        UidSet::range(place.uid, place.uid),
                    )),
                }
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

    async fn move_back(
        &self,
        account: &AccountRow,
        change: &Change,
        to: FolderId,
        moved: &[Moved],
    ) -> Result<u64, EngineError> {
        let store = self.store().await?;
        let (source, target) = (
            store.folders().get(change.folder).await?,
            store.folders().get(to).await?,
        );
        let (Some(source), Some(target)) = (source, target) else {
            return Ok(moved.len() as u64);
        };
        let copied = self.undo_log.copied(change.operation);
        let mut away = Vec::new();
        for one in moved {
            let row = store.messages().get(one.message).await?;
            let places = row.map(|row| row.places).unwrap_or_default();
            let in_folder = |folder| {
                let is_there =
                    move |place: &&Place| place.folder_id == folder && place.operation_id.is_none();
                places.iter().find(is_there)
            };
            let here = in_folder(source.id);
            let left = here.filter(|place| place.uid == one.uid).map(|place| place.uid);
            if here.is_some() && left.is_none() {
                // It is back already.
                continue;
            }
            away.push(Away {
                copied: copied
                    .as_ref()
                    .and_then(|copied| Some((copied.uid_validity, *copied.uids.get(&one.uid)?))),
                known: in_folder(target.id).map(|place| place.uid),
                rfc_message_id: one.rfc_message_id.clone(),
                left,
            });
        }
        if away.is_empty() {
            return Ok(0);
        }
        let pusher = self.pushers.of(account.id);
        let opened = match self.line(account, &pusher, Purpose::Person).await {
            Ok(mut session) => match look(&mut session, &source, &target, &away).await {
                Ok((uid_validity, found)) => Ok((session, uid_validity, found)),
                Err(error) => Err(error),
            },
            Err(error) => Err(error),
        };
        let (session, uid_validity, found) = match opened {
            Ok((session, uid_validity, found)) => (Some(session), uid_validity, found),
            // What is known without the server is enough to bring them back later.
            Err(error) => {
                let (uid_validity, found) = known(&target, &away).ok_or(error)?;
                (None, uid_validity, found)
            }
        };
        self.enqueue_back(&source, &target, uid_validity, &found).await?;
        if let Some(mut session) = session {
            if let Some(_turn) = self.turn_beside(account.id, &pusher).await? {
                // What fails now waits, and says so among the waiting changes.
                let carried = self.replay(account, &mut session, &mut 0).await;
                if carried.is_ok() && source.cursor.is_some() {
                    self.show_back(account, source.id, moved, &mut session).await?;
                }
                if carried.is_err() {
                    return Ok(found.gone);
                }
            }
            if let Some(older) = pusher.keep_line(session) {
                older.logout().await;
            }
        }
        Ok(found.gone)
    }

    async fn enqueue_back(
        &self,
        source: &FolderRow,
        target: &FolderRow,
        uid_validity: u32,
        found: &Found,
    ) -> Result<(), EngineError> {
        if !found.originals.is_empty() {
            // They are unmarked on the server already; this shows it here.
            let kind = OperationKind::SetFlags {
                uids: found.originals.clone(),
                change: unmarking(),
            };
            self.enqueue(source.id, kind).await?;
        }
        let is_known = target
            .cursor
            .as_ref()
            .is_some_and(|cursor| cursor.uid_validity == uid_validity);
        if !found.copies.is_empty() && is_known {
            let uids = found.copies.clone();
            self.enqueue(target.id, OperationKind::Delete { uids }).await?;
        }
        let adds_label =
            target.seen.role == Some(FolderRole::All) && self.traits_beside(target.id).await?.has_labels;
        if !found.back.is_empty() && adds_label && is_known {
            // Nothing leaves the folder of all messages: what was archived gets its label again.
            let kind = OperationKind::Copy {
                uids: found.back.clone(),
                to_folder: source.id,
            };
            self.enqueue(target.id, kind).await?;
        } else if !found.back.is_empty() {
            let kind = OperationKind::Move {
                uids: found.back.clone(),
                to_folder: source.id,
                uid_validity: Some(uid_validity),
                everywhere: false,
            };
            self.enqueue(target.id, kind).await?;
        }
        Ok(())
    }

    /// Looks at the folder when the server did not say where in it the messages are now.
    async fn show_back(
        &self,
        account: &AccountRow,
        folder: FolderId,
        moved: &[Moved],
        session: &mut ImapSession,
    ) -> Result<(), EngineError> {
        let store = self.store().await?;
        let mut is_missing = false;
        for one in moved {
            let row = store.messages().get(one.message).await?;
            is_missing |= !row.is_some_and(|row| row.places.iter().any(|place| place.folder_id == folder));
        }
        let Some(row) = store.folders().get(folder).await?.filter(|_| is_missing) else {
            return Ok(());
        };
        // A look that fails is made up for by the next one.
        drop(
            self.sync_folder(account, &row, session, &CancellationToken::new(), Occasion::Undo)
                .await,
        );
        Ok(())
    }
}

/// Looks for the messages where they were moved to, and then where they were: nothing is changed there before it is known
/// what has to go.
async fn look(
    session: &mut ImapSession,
    source: &FolderRow,
    target: &FolderRow,
    away: &[Away],
) -> Result<(u32, Found), EngineError> {
    let (uid_validity, uids) = find(session, target, away).await?;
    let mut found = Found {
        originals: unmark(session, source, away).await?,
        ..Found::default()
    };
    for (one, uid) in away.iter().zip(uids) {
        found.add(one, uid);
    }
    Ok((uid_validity, found))
}

/// Takes `\Deleted` off the originals that a server without UIDPLUS left where they were, and says which of them are safe:
/// there, and marked no more. Only the copies of these may go. An original that somebody has expunged since, or whose UID
/// means another message now, lives on in its copy alone.
async fn unmark(session: &mut ImapSession, source: &FolderRow, away: &[Away]) -> Result<UidSet, EngineError> {
    let left: UidSet = away.iter().filter_map(|one| one.left).collect();
    if left.is_empty() {
        return Ok(left);
    }
    let selected = session.select(&source.seen.wire_name, None).await?;
    let known = source.cursor.as_ref().map(|cursor| cursor.uid_validity);
    if selected.uid_validity == 0 || known != Some(selected.uid_validity) {
        return Ok(UidSet::new());
    }
    session.store_flags(&left, &unmarking(), None).await?;
    let facts = session.fetch_facts(&left).await?;
    let safe = facts.into_iter().filter(|facts| !facts.flags.deleted);
    Ok(safe.map(|facts| facts.uid).collect())
}

fn unmarking() -> FlagChange {
    FlagChange {
        add: Vec::new(),
        remove: vec!["\\Deleted".to_owned()],
    }
}

/// Looks for the messages in the folder to which they were moved: its UIDVALIDITY, and the UID of each. One that has left the place where it was put is gone:
/// somebody moved it on, and another of the same Message-ID would be another message.
async fn find(
    session: &mut ImapSession,
    target: &FolderRow,
    away: &[Away],
) -> Result<(u32, Vec<Option<u32>>), EngineError> {
    let selected = session.select(&target.seen.wire_name, None).await?;
    let uid_validity = selected.uid_validity;
    let is_known = target
        .cursor
        .as_ref()
        .is_some_and(|cursor| cursor.uid_validity == uid_validity);
    let named = |one: &Away| {
        let copied = one.copied.filter(|(validity, _)| *validity == uid_validity);
        copied.map(|(_, uid)| uid).or(one.known.filter(|_| is_known))
    };
    let asked: UidSet = away.iter().filter_map(named).collect();
    let there: UidSet = if asked.is_empty() {
        UidSet::new()
    } else {
        let facts = session.fetch_facts(&asked).await?;
        facts.into_iter().map(|facts| facts.uid).collect()
    };
    let mut uids = Vec::with_capacity(away.len());
    for one in away {
        uids.push(match (named(one), &one.rfc_message_id) {
            (Some(uid), _) => Some(uid).filter(|uid| there.contains(*uid)),
            (None, Some(id)) => session.find_by_message_id(id).await?.last(),
            (None, None) => None,
        });
    }
    Ok((uid_validity, uids))
}

/// The same without asking; `None` when not every message is known. Whether an original is still there has to be asked.
fn known(target: &FolderRow, away: &[Away]) -> Option<(u32, Found)> {
    if away.iter().any(|one| one.left.is_some()) {
        return None;
    }
    let cursor = target.cursor.as_ref().map(|cursor| cursor.uid_validity);
    let first = away
        .iter()
        .find_map(|one| one.copied)
        .map(|(validity, _)| validity);
    let uid_validity = cursor.or(first)?;
    let mut found = Found::default();
    for one in away {
        let copied = one.copied.filter(|(validity, _)| *validity == uid_validity);
        let uid = copied
            .map(|(_, uid)| uid)
            .or(one.known.filter(|_| cursor.is_some()))?;
        found.add(one, Some(uid));
    }
    Some((uid_validity, found))
}

impl Found {
    fn add(&mut self, one: &Away, uid: Option<u32>) {
        let is_original_safe = one.left.is_some_and(|uid| self.originals.contains(uid));
        match uid {
            Some(uid) if is_original_safe => self.copies.insert(uid),
            Some(uid) => self.back.insert(uid),
            // The original is there all the same.
            None if is_original_safe => {}
            None => self.gone += 1,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flags_go_back_to_what_each_message_had() {
        let cases: &[(&[&str], &[&str], &[&str], &[&str], &[&str])] = &[
            (&[], &["\\Seen"], &[], &[], &["\\Seen"]),
            (&["\\Seen"], &["\\Seen"], &[], &[], &[]),
            (
                &["\\Seen", "todo"],
                &["\\Flagged"],
                &["TODO", "\\Seen"],
                &["\\Seen", "todo"],
                &["\\Flagged"],
            ),
        ];
        for (before, add, remove, back_add, back_remove) in cases {
            let before = MessageFlags::from_imap(before.iter().copied());
            let names = |names: &[&str]| names.iter().map(ToString::to_string).collect::<Vec<_>>();
            let after = before.changed(&FlagChange {
                add: names(add),
                remove: names(remove),
            });
            let back = way_back(&before, &after);
            assert_eq!(
                (back.add.clone(), back.remove.clone()),
                (names(back_add), names(back_remove))
            );
            assert_eq!(after.changed(&back), before);
        }
    }

    #[test]
    fn log_remembers_the_last_twenty_each_once() {
        let log = UndoLog::default();
        let action = |n: i64| Action {
            steps: vec![Change {
                account: AccountId(1),
                folder: FolderId(1),
                operation: OperationId(n),
                what: What::Flags(Vec::new()),
            }],
        };
        assert_eq!(log.keep(Action::default(), UnixMillis(5)), None);
        let ids: Vec<i64> = (0..21)
            .filter_map(|n| log.keep(action(n), UnixMillis(100)))
            .collect();
        assert_eq!(ids.first().zip(ids.last()), Some((&100, &120)));
        assert!(log.take(100).is_none(), "the oldest was forgotten");
        assert!(log.take(101).is_some());
        assert!(log.take(101).is_none(), "once");
        let newest = log.take(120).unwrap();
        log.put_back(120, newest);
        assert!(log.take(120).is_some());
    }
}
