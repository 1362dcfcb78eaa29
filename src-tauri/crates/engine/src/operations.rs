//! Waiting changes, carried to the server in order, each once.

use std::collections::HashSet;

use mailroom_mime::parse_headers;
use mailroom_model::{AccountId, Coded, ErrorCode, FolderId, MessageFlags, OperationId, UidSet, UnixMillis};
use mailroom_protocol::imap::{FlagState, ImapSession};
use mailroom_store::{
    AccountRow, AppendSource, FilledUpTo, FlagUpdate, FolderRow, OperationDone, OperationKind, OperationRow,
    Store, StoredError, Traffic,
};

use crate::account::list_cut_at;
use crate::archive::lies_there;
use crate::draft::{Landed, copy_as_found, put_copy, remove_copy};
use crate::event::Event;
use crate::schedule::backoff;
use crate::undo::UndoLog;
use crate::{Engine, EngineError};

/// How often one look at the account looks for changes that others brought about.
const ROUNDS: u32 = 4;

/// What becomes of a change that failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Verdict {
    /// This machine failed: nothing about the change is known to be wrong.
    Stop,
    /// The connection ended: the server may have done it, or the change may be what ends connections. It is tried again
    /// later, so that it does not stand in the way of everything else.
    Interrupted,
    /// The server said no for now.
    Later,
    /// The server said no.
    Refused,
}

/// Decides by the error's code, never by its words.
fn verdict(error: &EngineError) -> Verdict {
    match (error, error.code()) {
        (EngineError::Store(_) | EngineError::Worker | EngineError::Cancelled, _) => Verdict::Stop,
        (_, ErrorCode::MessageTooLarge) => Verdict::Refused,
        (EngineError::Imap(imap), _) if !imap.leaves_session_usable() => Verdict::Interrupted,
        (_, ErrorCode::ServerUnavailable | ErrorCode::OverQuota | ErrorCode::TooManyConnections) => {
            Verdict::Later
        }
        _ => Verdict::Refused,
    }
}

/// Whoever imports a whole archive hears about every message that has no room; nothing of it is tried again by itself.
fn verdict_on(kind: &OperationKind, error: &EngineError) -> Verdict {
    match (kind, error.code()) {
        (OperationKind::Import { .. }, ErrorCode::OverQuota) => Verdict::Refused,
        _ => verdict(error),
    }
}

/// True for a move or copy of which the server may have done a part before it said no.
fn may_be_done_in_part(kind: &OperationKind, session: &ImapSession) -> bool {
    match kind {
        OperationKind::Move { uids, .. } | OperationKind::Copy { uids, .. } => !session.is_one_command(uids),
        _ => false,
    }
}

impl Engine {
    /// Carries the changes that are due to the server, and adds to `done` how many it took. A change that the server
    /// refuses is undone here and shown with the reason; it does not hold the others up. An error of the connection is
    /// returned; the change it met waits for a while.
    pub(crate) async fn replay(
        &self,
        account: &AccountRow,
        session: &mut ImapSession,
        done: &mut u64,
    ) -> Result<(), EngineError> {
        let store = self.store().await?;
        let cut_at = list_cut_at(&self.quirks(account).await?);
        let mut result = Ok(());
        // A change that is done may bring another one about: the copy of a draft makes the older one superfluous.
        for round in 0..ROUNDS {
            let due = store.operations().next_due(account.id, self.now().await?).await?;
            if due.is_empty() && round == 0 {
                return Ok(());
            }
            if due.is_empty() || result.is_err() {
                break;
            }
            result = self.carry_all(store, session, due, cut_at, done).await;
        }
        if *done > 0 {
            // Boxed: what waits for a change would be larger by it.
            Box::pin(self.note_worked(account, Traffic::Flags, None)).await?;
        }
        if let Err(error) = &result {
            Box::pin(self.note_trouble(account, Traffic::Flags, error)).await?;
        }
        self.tell(Event::OperationsChanged {
            address: account.address.to_string(),
        });
        result
    }

    /// Shows the copy of a draft among the messages of its folder.
    async fn show_draft(&self, store: &Store, copy: DraftLanded, now: UnixMillis) -> Result<(), EngineError> {
        let Some(account) = store.accounts().get(copy.account).await? else {
            return Ok(());
        };
        let message = copy_as_found(copy.landed, copy.raw, now);
        self.show_put(&account, copy.folder.id, copy.landed.uid_validity, message)
            .await
    }

    async fn carry_all(
        &self,
        store: &Store,
        session: &mut ImapSession,
        due: Vec<OperationRow>,
        cut_at: Option<u32>,
        done: &mut u64,
    ) -> Result<(), EngineError> {
        let operations = store.operations();
        // What stands behind a change that has to wait waits with it: the order of a folder's changes is their meaning.
        let mut held: HashSet<FolderId> = HashSet::new();
        for operation in due {
            if operation.folder_id.is_some_and(|folder| held.contains(&folder)) {
                continue;
            }
            // Somebody may have taken it back in the meantime, or put another one before it.
            let Some(operation) = operations.mark_begun(operation.id).await? else {
                continue;
            };
            let result = carry(store, session, &operation, cut_at, &self.undo_log).await;
            let now = self.now().await?;
            let error = match result {
                Ok(carried) => {
                    let relieved = match &operation.kind {
                        OperationKind::Move { uids, .. } | OperationKind::Delete { uids } => Some(uids),
                        _ => None,
                    };
                    if let (Some(later), Some(uids)) = (operation.ahead_of, relieved) {
                        for later in chain(store, later).await? {
                            self.undo_log.taken_out(later, uids);
                        }
                    }
                    operations.mark_done(operation.id, &carried.done, now).await?;
                    if let Some(copy) = carried.copy {
                        self.show_draft(store, copy, now).await?;
                    }
                    if let Some(folder) = operation.folder_id {
                        store.messages().apply_flags(folder, &carried.flags).await?;
                    }
                    *done += 1;
                    continue;
                }
                Err(error) => error,
            };
            let kept = StoredError::new(&error, now);
            let [jitter] = self.random::<1>().await?;
            let next = backoff(operation.attempts + 1, now, jitter);
            match verdict_on(&operation.kind, &error) {
                Verdict::Stop => return Err(error),
                Verdict::Interrupted => {
                    operations.mark_interrupted(operation.id, next, &kept).await?;
                    return Err(error);
                }
                Verdict::Later => {
                    if may_be_done_in_part(&operation.kind, session) {
                        operations.mark_interrupted(operation.id, next, &kept).await?;
                    } else {
                        operations.mark_retry(operation.id, next, &kept).await?;
                    }
                    held.extend(operation.folder_id);
                }
                Verdict::Refused => {
                    operations.mark_refused(operation.id, &kept).await?;
                }
            }
        }
        Ok(())
    }
}

/// An operation, and those before which it was put, one before the other.
pub(crate) async fn chain(store: &Store, first: OperationId) -> Result<Vec<OperationId>, EngineError> {
    let mut ids = Vec::new();
    let mut next = Some(first);
    while let Some(id) = next.filter(|id| !ids.contains(id)) {
        let Some(row) = store.operations().get(id).await? else {
            break;
        };
        ids.push(id);
        next = row.ahead_of;
    }
    Ok(ids)
}

/// What the server said when it did a change.
#[derive(Debug, Default)]
struct Carried {
    done: OperationDone,
    /// Flags as they are now: a server may not keep all that it was told.
    flags: Vec<FlagUpdate>,
    /// The copy of a draft that was put there.
    copy: Option<DraftLanded>,
}

/// A draft's copy in its folder.
#[derive(Debug)]
struct DraftLanded {
    account: AccountId,
    folder: FolderRow,
    landed: Landed,
    raw: Vec<u8>,
}

impl From<OperationDone> for Carried {
    fn from(done: OperationDone) -> Self {
        Self {
            done,
            ..Self::default()
        }
    }
}

/// One change. The folder is opened without asking for changes, so that the mirror's cursor keeps its meaning.
async fn carry(
    store: &Store,
    session: &mut ImapSession,
    operation: &OperationRow,
    cut_at: Option<u32>,
    undo_log: &UndoLog,
) -> Result<Carried, EngineError> {
    let gone = || EngineError::FolderMissing { path: String::new() };
    let folder = find(store, operation.folder_id.ok_or_else(gone)?).await?;
    if let OperationKind::Append {
        source,
        flags,
        internal_at,
    } = &operation.kind
    {
        append(store, session, operation, &folder, source, flags, *internal_at).await?;
        return Ok(Carried::default());
    }
    if let OperationKind::Import {
        flags, internal_at, ..
    } = &operation.kind
    {
        let raw = store.operations().raw(operation.id).await?;
        let raw = raw.ok_or(EngineError::EntryMissing { id: operation.id.0 })?;
        if operation.is_begun && lies_there(session, &folder, &raw).await? {
            return Ok(Carried::default());
        }
        session
            .append(&folder.seen.wire_name, flags, *internal_at, &raw)
            .await?;
        return Ok(Carried::default());
    }
    if let OperationKind::UploadDraft { message_id, .. } = &operation.kind {
        return upload(store, session, operation, folder, message_id).await;
    }
    if let OperationKind::RemoveCopy { copy } = &operation.kind {
        let is_left_marked = remove_copy(session, &folder, copy).await?;
        return Ok(OperationDone {
            is_left_marked,
            ..OperationDone::default()
        }
        .into());
    }
    let selected = session.select(&folder.seen.wire_name, None).await?;
    let known = folder.cursor.as_ref().map(|cursor| cursor.uid_validity);
    let meant = operation.uid_validity.or(known);
    if selected.uid_validity == 0 || meant != Some(selected.uid_validity) {
        // The UIDs mean other messages now. The next look at the folder brings the server's state.
        return Err(EngineError::FolderMissing {
            path: folder.seen.path,
        });
    }
    if selected.read_only {
        return Err(EngineError::FolderReadOnly {
            path: folder.seen.path,
        });
    }
    if let OperationKind::Move { uids, .. }
    | OperationKind::Copy { uids, .. }
    | OperationKind::Delete { uids } = &operation.kind
        && cut_at.is_some_and(|most| selected.exists >= most)
        && uids.first() < session.oldest_uid().await?
    {
        // The server would take it for done, and the message here, which is the only one to be had, would go.
        return Err(EngineError::MessageNotShown {
            path: folder.seen.path,
        });
    }
    match &operation.kind {
        OperationKind::SetFlags { uids, change } => {
            let stored = session.store_flags(uids, change, None).await?;
            Ok(Carried {
                done: OperationDone::default(),
                flags: stored.states.into_iter().map(flag_update).collect(),
                copy: None,
            })
        }
        OperationKind::Move { uids, to_folder, .. } => {
            let to = find(store, *to_folder).await?;
            // MOVE is one step (RFC 6851 §3.3). Without it, the first half may have been done before.
            let copied_before = if session.capabilities().has("MOVE") {
                UidSet::new()
            } else {
                copied_before(store, session, operation, (&folder, uids), &to).await?
            };
            let left_marked = session.delete_messages(&copied_before).await?;
            let uids = uids.difference(&copied_before);
            let moved = session.move_messages(&uids, &to.seen.wire_name).await?;
            undo_log.note_copied(operation.id, moved.uid_validity, &moved.uid_map);
            Ok(OperationDone {
                copied: copied(&to, moved.uid_validity, moved.uid_map),
                is_left_marked: moved.left_marked_deleted || left_marked,
                ..OperationDone::default()
            }
            .into())
        }
        OperationKind::Copy { uids, to_folder } => {
            let to = find(store, *to_folder).await?;
            let copied_before = copied_before(store, session, operation, (&folder, uids), &to).await?;
            let uids = uids.difference(&copied_before);
            let made = session.copy_messages(&uids, &to.seen.wire_name).await?;
            undo_log.note_copied(operation.id, made.uid_validity, &made.uid_map);
            Ok(OperationDone {
                copied: copied(&to, made.uid_validity, made.uid_map),
                ..OperationDone::default()
            }
            .into())
        }
        OperationKind::Delete { uids } => Ok(OperationDone {
            is_left_marked: session.delete_messages(uids).await?,
            ..OperationDone::default()
        }
        .into()),
        OperationKind::Append { .. }
        | OperationKind::Import { .. }
        | OperationKind::UploadDraft { .. }
        | OperationKind::RemoveCopy { .. } => Ok(Carried::default()),
    }
}

async fn upload(
    store: &Store,
    session: &mut ImapSession,
    operation: &OperationRow,
    folder: FolderRow,
    message_id: &str,
) -> Result<Carried, EngineError> {
    let raw = store.operations().raw(operation.id).await?;
    let raw = raw.ok_or(EngineError::EntryMissing { id: operation.id.0 })?;
    let landed = put_copy(session, &folder, message_id, &raw, operation.is_begun).await?;
    Ok(Carried {
        done: OperationDone {
            appended: landed.as_ref().map(|landed| (landed.uid_validity, landed.uid)),
            ..OperationDone::default()
        },
        flags: Vec::new(),
        copy: landed.map(|landed| DraftLanded {
            account: operation.account_id,
            folder,
            landed,
            raw,
        }),
    })
}

fn flag_update(state: FlagState) -> FlagUpdate {
    FlagUpdate {
        uid: state.uid,
        flags: state.flags,
        modseq: state.modseq,
    }
}

/// Which of the messages an interrupted attempt has copied already: those of whose Message-ID and size the target has one
/// that was not there before. Several messages may have one Message-ID, and each copy stands for one of them: what is
/// taken for copied is removed from its folder. One without a Message-ID is copied again, and so are all when the target's
/// UIDs are others than then, because twice is better than never.
async fn copied_before(
    store: &Store,
    session: &mut ImapSession,
    operation: &OperationRow,
    (from, uids): (&FolderRow, &UidSet),
    to: &FolderRow,
) -> Result<UidSet, EngineError> {
    if !operation.is_begun {
        if operation.target.is_none() {
            note_target(store, session, operation, to).await?;
        }
        return Ok(UidSet::new());
    }
    let target = session.select(&to.seen.wire_name, None).await?;
    let before = operation
        .target
        .filter(|before| before.uid_validity == target.uid_validity);
    let Some(before) = before else {
        session.select(&from.seen.wire_name, None).await?;
        return Ok(UidSet::new());
    };
    let first_new = before.uid_next;
    let mut taken = UidSet::new();
    let mut found = UidSet::new();
    for place in store.messages().places(from.id, uids).await? {
        let Some(row) = store.messages().get(place.message_id).await? else {
            continue;
        };
        let Some(id) = &row.rfc_message_id else {
            continue;
        };
        let candidates = session.find_by_message_id(id).await?;
        if candidates.is_empty() {
            continue;
        }
        let copy = session
            .fetch_facts(&candidates)
            .await?
            .into_iter()
            .find(|facts| facts.uid >= first_new && facts.size == row.size && !taken.contains(facts.uid));
        if let Some(copy) = copy {
            taken.insert(copy.uid);
            found.insert(place.uid);
        }
    }
    session.select(&from.seen.wire_name, None).await?;
    Ok(found)
}

/// Asks how far a folder is filled that is not kept here, so that a copy that is made in it is known again.
async fn note_target(
    store: &Store,
    session: &mut ImapSession,
    operation: &OperationRow,
    to: &FolderRow,
) -> Result<(), EngineError> {
    let status = match session.folder_status(&to.seen.wire_name).await {
        // The server says it once more when it is to copy something there.
        Err(error) if error.leaves_session_usable() => return Ok(()),
        status => status?,
    };
    if status.uid_validity == 0 || status.uid_next == 0 {
        return Ok(());
    }
    let target = FilledUpTo {
        uid_validity: status.uid_validity,
        uid_next: status.uid_next,
    };
    Ok(store.operations().note_target(operation.id, target).await?)
}

async fn append(
    store: &Store,
    session: &mut ImapSession,
    operation: &OperationRow,
    folder: &FolderRow,
    source: &AppendSource,
    flags: &MessageFlags,
    internal_at: Option<UnixMillis>,
) -> Result<(), EngineError> {
    let raw = match source {
        AppendSource::Operation => store.operations().raw(operation.id).await?,
        AppendSource::Message(id) => store.messages().raw(*id).await?,
        AppendSource::Outbox(id) => store.outbox().raw(*id).await?,
    };
    let raw = raw.ok_or(EngineError::EntryMissing { id: operation.id.0 })?;
    if operation.is_begun && appended_before(session, folder, &raw).await? {
        return Ok(());
    }
    session
        .append(&folder.seen.wire_name, flags, internal_at, &raw)
        .await?;
    Ok(())
}

/// True when an interrupted attempt has put the message there: one of the same Message-ID and the same size.
async fn appended_before(
    session: &mut ImapSession,
    folder: &FolderRow,
    raw: &[u8],
) -> Result<bool, EngineError> {
    let Some(id) = parse_headers(raw).thread.own else {
        return Ok(false);
    };
    session.select(&folder.seen.wire_name, None).await?;
    let found = session.find_by_message_id(&id).await?;
    let facts = session.fetch_facts(&found).await?;
    Ok(facts.iter().any(|facts| facts.size == raw.len() as u64))
}

async fn find(store: &Store, id: FolderId) -> Result<FolderRow, EngineError> {
    store
        .folders()
        .get(id)
        .await?
        .ok_or_else(|| EngineError::FolderMissing { path: String::new() })
}

/// The new UIDs, when they belong to the target folder as it is known here.
fn copied(target: &FolderRow, uid_validity: Option<u32>, uid_map: Vec<(u32, u32)>) -> Vec<(u32, u32)> {
    let known = target.cursor.as_ref().map(|cursor| cursor.uid_validity);
    if known.is_some() && known == uid_validity {
        uid_map
    } else {
        Vec::new()
    }
}

/// The name of an account's turn.
pub(crate) fn turn_name(account: AccountId) -> String {
    format!("account-{account}")
}

#[cfg(test)]
mod tests {
    use mailroom_store::StoreError;

    use super::*;

    #[test]
    fn failed_change_waits_is_refused_or_stops_the_work() {
        let cases = [
            (EngineError::Cancelled, Verdict::Stop),
            (StoreError::FolderMissing(FolderId(1)).into(), Verdict::Stop),
            (
                EngineError::FolderMissing { path: String::new() },
                Verdict::Refused,
            ),
            (EngineError::LeftOnServer { id: 1, size: 1 }, Verdict::Refused),
        ];
        for (error, expected) in cases {
            assert_eq!(verdict(&error), expected, "{error}");
        }
    }
}
