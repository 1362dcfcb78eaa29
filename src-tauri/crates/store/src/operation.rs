//! Table `operations`: changes that wait to reach the server.

use mailroom_model::{AccountId, ErrorCode, FolderId, OperationId, UidSet, UnixMillis};
use sqlx::SqliteConnection;

use crate::column::{Columns, signed, to_json};
use crate::database::Writing;
use crate::operation_row::{
    AppendSource, FilledUpTo, NewOperation, OperationDone, OperationKind, OperationRow, OperationState,
    Standing,
};
use crate::{Store, StoreError, StoredError, body, draft_copy, expected, operation_effect};

statements! {
    /// A new operation.
    INSERT = "INSERT INTO operations (account_id, folder_id, kind, message_id, raw, raw_size, state, next_at, created_at, \
        target_uid_validity, target_uid_next, uid_validity, ahead_of, rank) VALUES (?1, ?2, ?3, ?4, ?5, ?6, 'waiting', ?7, ?7, \
        (SELECT uid_validity FROM folders WHERE id = ?8), (SELECT uid_next FROM folders WHERE id = ?8), \
        coalesce(?9, (SELECT uid_validity FROM folders WHERE id = ?2)), ?10, \
        coalesce(?11, (SELECT coalesce(max(l.rank), 0) + 1 FROM operations AS l WHERE l.account_id = ?1))) RETURNING id";
    /// Where one stands that nobody began.
    RANK = "SELECT rank FROM operations WHERE id = ?1 AND account_id = ?2 AND state = 'waiting' AND begun = 0";
    /// Makes room before one.
    MAKE_ROOM = "UPDATE operations SET rank = rank + 1 WHERE account_id = ?1 AND rank >= ?2";
    /// The folder belongs to the account.
    OWNS = "SELECT 1 FROM folders WHERE id = ?1 AND account_id = ?2";
    /// One operation.
    GET = "SELECT id, account_id, folder_id, kind, state, attempts, begun, next_at, created_at, ahead_of, \
        uid_validity, target_uid_validity, target_uid_next, error_code, error_params, error_at FROM operations \
        WHERE id = ?1";
    /// An account's operations in their order.
    LIST = "SELECT id, account_id, folder_id, kind, state, attempts, begun, next_at, created_at, ahead_of, \
        uid_validity, target_uid_validity, target_uid_next, error_code, error_params, error_at FROM operations \
        WHERE account_id = ?1 ORDER BY rank, id";
    /// Those that can be tried now: nothing older waits for the same folder with a later time.
    DUE = "SELECT o.id, o.account_id, o.folder_id, o.kind, o.state, o.attempts, o.begun, o.next_at, o.created_at, \
        o.ahead_of, o.uid_validity, o.target_uid_validity, o.target_uid_next, o.error_code, o.error_params, o.error_at \
        FROM operations AS o WHERE o.account_id = ?1 AND o.state = 'waiting' \
        AND o.next_at <= ?2 AND NOT EXISTS (SELECT 1 FROM operations AS e WHERE e.folder_id = o.folder_id \
        AND e.rank < o.rank AND e.state = 'waiting' AND e.next_at > ?2) ORDER BY o.rank, o.id";
    /// When the next one is due: what stands behind another one of its folder waits for that.
    NEXT_AT = "SELECT min(o.next_at) FROM operations AS o WHERE o.account_id = ?1 AND o.state = 'waiting' \
        AND NOT EXISTS (SELECT 1 FROM operations AS e WHERE e.folder_id = o.folder_id AND e.rank < o.rank \
        AND e.state = 'waiting')";
    /// The message that it carries.
    RAW = "SELECT raw, raw_size FROM operations WHERE id = ?1";
    /// What waits to be put into a folder from files.
    IMPORTS = "SELECT o.kind ->> 'digest' AS digest FROM operations AS o WHERE o.folder_id = ?1 AND o.state = 'waiting' \
        AND o.kind ->> 'kind' = 'import'";
    /// Carried out twice, it would put something there twice: a move may be a copy and a removal.
    DOUBLES = "SELECT o.kind ->> 'kind' IN ('move', 'copy', 'append', 'import', 'upload-draft') AS doubles \
        FROM operations AS o WHERE o.id = ?1";
    /// It is handed to the server, unless one was put before it meanwhile.
    BEGIN = "UPDATE operations SET begun = 1 WHERE id = ?1 AND state = 'waiting' AND NOT EXISTS ( \
        SELECT 1 FROM operations AS e WHERE e.folder_id = operations.folder_id AND e.rank < operations.rank \
        AND e.state = 'waiting')";
    /// Those that were put before one, the first to be carried out first.
    AHEAD = "SELECT id, account_id, folder_id, kind, state, attempts, begun, next_at, created_at, ahead_of, \
        uid_validity, target_uid_validity, target_uid_next, error_code, error_params, error_at FROM operations \
        WHERE ahead_of = ?1 AND state = 'waiting' ORDER BY rank, id";
    /// Those that bring messages to a folder.
    INTO = "SELECT o.id, o.account_id, o.folder_id, o.kind, o.state, o.attempts, o.begun, o.next_at, o.created_at, \
        o.ahead_of, o.uid_validity, o.target_uid_validity, o.target_uid_next, o.error_code, o.error_params, o.error_at \
        FROM operations AS o WHERE o.account_id = (SELECT f.account_id FROM folders AS f WHERE f.id = ?1) \
        AND o.state = 'waiting' AND o.kind ->> 'to_folder' = ?1 ORDER BY o.rank, o.id";
    /// Fewer messages.
    SET_KIND = "UPDATE operations SET kind = ?2 WHERE id = ?1";
    /// How far its target is filled.
    NOTE_TARGET = "UPDATE operations SET target_uid_validity = ?2, target_uid_next = ?3 WHERE id = ?1";
    /// It failed and will be tried again. ?6: whether the server may have done it all the same.
    RETRY = "UPDATE operations SET attempts = attempts + 1, next_at = ?2, error_code = ?3, error_params = ?4, \
        error_at = ?5, begun = ?6 WHERE id = ?1 AND state = 'waiting'";
    /// The server does not want it.
    REFUSE = "UPDATE operations SET state = 'refused', attempts = attempts + 1, error_code = ?2, error_params = ?3, \
        error_at = ?4, message_id = NULL WHERE id = ?1 AND state = 'waiting'";
    /// All that waits is tried at once.
    HASTEN = "UPDATE operations SET next_at = ?2 WHERE account_id = ?1 AND state = 'waiting' AND next_at > ?2";
    /// It is over.
    DELETE = "DELETE FROM operations WHERE id = ?1";
}

/// The operations of a [`Store`].
#[derive(Clone, Copy, Debug)]
pub struct Operations<'s>(&'s Store);

impl Store {
    /// Table `operations`.
    pub fn operations(&self) -> Operations<'_> {
        Operations(self)
    }
}

impl Operations<'_> {
    /// Queues a change and shows its effect at once: flags change, moved and deleted messages are hidden where they are and
    /// shown where they go. Both happen or neither. Errors: [`StoreError::FolderMissing`].
    pub async fn enqueue(
        &self,
        operation: &NewOperation,
        now: UnixMillis,
    ) -> Result<OperationId, StoreError> {
        let mut writing = self.0.begin_synced().await?;
        let id = insert(&mut writing, operation, now).await?;
        writing.commit().await?;
        Ok(id)
    }

    /// Queues a change of messages that another operation has only shown in their new folder so far, to be carried out before
    /// that one: where they still are. What it moves or deletes is taken out of that one when it is done. `None`, and nothing
    /// is queued, when the other one does not wait any more, or was handed to the server. Errors:
    /// [`StoreError::FolderMissing`].
    pub async fn enqueue_before(
        &self,
        other: OperationId,
        operation: &NewOperation,
        now: UnixMillis,
    ) -> Result<Option<OperationId>, StoreError> {
        let mut writing = self.0.begin_synced().await?;
        let id = insert_before(&mut writing, other, operation, now).await?;
        writing.commit().await?;
        Ok(id)
    }

    /// Takes messages back out of a move or deletion that nobody began: they stay where they are. False, and nothing changes,
    /// when it does not wait any more, or was handed to the server.
    pub async fn take_out(&self, id: OperationId, uids: &UidSet) -> Result<bool, StoreError> {
        let mut writing = self.0.begin_synced().await?;
        let row = find(&mut writing, id).await?;
        let Some(row) = row.filter(|row| row.state == OperationState::Waiting && !row.is_begun) else {
            return Ok(false);
        };
        take_out(&mut writing, row, uids, None).await?;
        writing.commit().await?;
        Ok(true)
    }

    /// Queues several changes at once, in their order: all of them or none. Errors: [`StoreError::FolderMissing`].
    pub async fn enqueue_all(
        &self,
        operations: &[NewOperation],
        now: UnixMillis,
    ) -> Result<Vec<OperationId>, StoreError> {
        let mut writing = self.0.begin_synced().await?;
        let mut ids = Vec::with_capacity(operations.len());
        for operation in operations {
            ids.push(insert(&mut writing, operation, now).await?);
        }
        writing.commit().await?;
        Ok(ids)
    }

    /// The digests of what waits to be put into a folder from files.
    pub async fn imports_that_wait(&self, folder: FolderId) -> Result<Vec<[u8; 32]>, StoreError> {
        let digests: Vec<String> = sqlx::query_scalar(IMPORTS)
            .bind(folder.0)
            .fetch_all(self.0.reads())
            .await?;
        let read = |digest: &String| blake3::Hash::from_hex(digest).ok().map(|hash| *hash.as_bytes());
        Ok(digests.iter().filter_map(read).collect())
    }

    /// One operation.
    pub async fn get(&self, id: OperationId) -> Result<Option<OperationRow>, StoreError> {
        let row = sqlx::query(GET).bind(id.0).fetch_optional(self.0.reads()).await?;
        row.as_ref().map(OperationRow::read).transpose()
    }

    /// An account's operations, waiting and refused, in their order.
    pub async fn list(&self, account: AccountId) -> Result<Vec<OperationRow>, StoreError> {
        let rows = sqlx::query(LIST)
            .bind(account.0)
            .fetch_all(self.0.reads())
            .await?;
        rows.iter().map(OperationRow::read).collect()
    }

    /// Those that can be tried now, in their order. An operation behind one of the same folder that has to wait is
    /// not among them.
    pub async fn next_due(
        &self,
        account: AccountId,
        now: UnixMillis,
    ) -> Result<Vec<OperationRow>, StoreError> {
        let rows = sqlx::query(DUE)
            .bind(account.0)
            .bind(now.0)
            .fetch_all(self.0.reads())
            .await?;
        rows.iter().map(OperationRow::read).collect()
    }

    /// When the account's next operation is due; `None` when nothing waits.
    pub async fn next_at(&self, account: AccountId) -> Result<Option<UnixMillis>, StoreError> {
        let at: Option<i64> = sqlx::query_scalar(NEXT_AT)
            .bind(account.0)
            .fetch_one(self.0.reads())
            .await?;
        Ok(at.map(UnixMillis))
    }

    /// The message that an operation carries ([`AppendSource::Operation`]).
    pub async fn raw(&self, id: OperationId) -> Result<Option<Vec<u8>>, StoreError> {
        let row = sqlx::query(RAW).bind(id.0).fetch_optional(self.0.reads()).await?;
        let Some(row) = row else {
            return Ok(None);
        };
        row.value::<Option<Vec<u8>>>("raw")?
            .map(|bytes| body::decompress(&bytes, row.unsigned("raw_size")?))
            .transpose()
    }

    /// The server did it: what was a wish is a fact now. Passes over an operation that is gone.
    pub async fn mark_done(
        &self,
        id: OperationId,
        done: &OperationDone,
        now: UnixMillis,
    ) -> Result<(), StoreError> {
        let mut writing = self.begin_mark(id).await?;
        if let Some(row) = find(&mut writing, id).await? {
            if let (OperationKind::UploadDraft { .. }, Some(folder)) = (&row.kind, row.folder_id) {
                draft_copy::uploaded(&mut writing, &row, folder, done.appended, now).await?;
            }
            let folder = row.folder_id.filter(|_| row.state == OperationState::Waiting);
            let left_over = match folder {
                Some(folder) => {
                    if let Some(later) = row.ahead_of {
                        relieve(&mut writing, later, &row).await?;
                    }
                    operation_effect::settle(&mut writing, id, folder, &row.kind, done, now).await?
                }
                None => Vec::new(),
            };
            sqlx::query(DELETE).bind(id.0).execute(&mut *writing).await?;
            operation_effect::forget(&mut writing, &left_over).await?;
        }
        Ok(writing.commit().await?)
    }

    /// It is handed to the server now; until its outcome is kept, the server may have done it. Gives it as it was at that
    /// moment. `None` when it does not wait any more, or another one has to be carried out before: then it is not to be
    /// carried out.
    pub async fn mark_begun(&self, id: OperationId) -> Result<Option<OperationRow>, StoreError> {
        let mut writing = self.begin_mark(id).await?;
        let row = find(&mut writing, id).await?;
        let done = sqlx::query(BEGIN).bind(id.0).execute(&mut *writing).await?;
        writing.commit().await?;
        Ok(row.filter(|_| done.rows_affected() == 1))
    }

    /// A transaction for a mark of how far an operation came. Where a power cut that took the mark would have it carried out
    /// twice, the mark is on the disk when the commit returns.
    async fn begin_mark(&self, id: OperationId) -> Result<Writing, StoreError> {
        let doubles: Option<bool> = sqlx::query_scalar(DOUBLES)
            .bind(id.0)
            .fetch_optional(self.0.reads())
            .await?;
        if doubles == Some(true) {
            self.0.begin_synced().await
        } else {
            self.0.begin_relaxed().await
        }
    }

    /// How far the target of a move or copy is filled, before it is handed to the server for the first time.
    pub async fn note_target(&self, id: OperationId, target: FilledUpTo) -> Result<(), StoreError> {
        let mut writing = self.0.begin_relaxed().await?;
        sqlx::query(NOTE_TARGET)
            .bind(id.0)
            .bind(i64::from(target.uid_validity))
            .bind(i64::from(target.uid_next))
            .execute(&mut *writing)
            .await?;
        Ok(writing.commit().await?)
    }

    /// The server did not do it; it is tried again at `next_at`. False when it does not wait any more.
    pub async fn mark_retry(
        &self,
        id: OperationId,
        next_at: UnixMillis,
        error: &StoredError,
    ) -> Result<bool, StoreError> {
        self.put_off(id, next_at, error, false).await
    }

    /// The connection ended before the server's answer; it is tried again at `next_at`, and stays [`OperationRow::is_begun`].
    /// False when it does not wait any more.
    pub async fn mark_interrupted(
        &self,
        id: OperationId,
        next_at: UnixMillis,
        error: &StoredError,
    ) -> Result<bool, StoreError> {
        self.put_off(id, next_at, error, true).await
    }

    async fn put_off(
        &self,
        id: OperationId,
        next_at: UnixMillis,
        error: &StoredError,
        is_begun: bool,
    ) -> Result<bool, StoreError> {
        let (code, params, at) = StoredError::columns(Some(error))?;
        let mut writing = self.0.begin_relaxed().await?;
        let done = sqlx::query(RETRY)
            .bind(id.0)
            .bind(next_at.0)
            .bind(code)
            .bind(params)
            .bind(at)
            .bind(is_begun)
            .execute(&mut *writing)
            .await?;
        writing.commit().await?;
        Ok(done.rows_affected() == 1)
    }

    /// The server does not want it: its local effect is undone, the row stays for the person to see. False when it
    /// does not wait any more.
    pub async fn mark_refused(&self, id: OperationId, error: &StoredError) -> Result<bool, StoreError> {
        let (code, params, at) = StoredError::columns(Some(error))?;
        let mut writing = self.0.begin_synced().await?;
        let waiting = find(&mut writing, id)
            .await?
            .filter(|row| row.state == OperationState::Waiting);
        let Some(row) = waiting else {
            return Ok(false);
        };
        sqlx::query(REFUSE)
            .bind(id.0)
            .bind(code)
            .bind(params)
            .bind(at)
            .execute(&mut *writing)
            .await?;
        if let Some(folder) = row.folder_id {
            undo(&mut writing, id, folder, &row.kind).await?;
        }
        writing.commit().await?;
        Ok(true)
    }

    /// Takes an operation back if the server cannot have heard of it, and says how it stood.
    pub async fn take_back(&self, id: OperationId) -> Result<Standing, StoreError> {
        let mut writing = self.0.begin_synced().await?;
        let Some(row) = find(&mut writing, id).await? else {
            return Ok(Standing::Over);
        };
        match row.state {
            OperationState::Refused => return Ok(Standing::Refused),
            OperationState::Waiting if row.is_begun => return Ok(Standing::Begun),
            OperationState::Waiting => {}
        }
        if let Some(folder) = row.folder_id {
            undo(&mut writing, id, folder, &row.kind).await?;
        }
        sqlx::query(DELETE).bind(id.0).execute(&mut *writing).await?;
        writing.commit().await?;
        Ok(Standing::TakenBack)
    }

    /// Makes all of an account's waiting operations due.
    pub async fn hasten(&self, account: AccountId, now: UnixMillis) -> Result<(), StoreError> {
        let mut writing = self.0.begin_relaxed().await?;
        sqlx::query(HASTEN)
            .bind(account.0)
            .bind(now.0)
            .execute(&mut *writing)
            .await?;
        Ok(writing.commit().await?)
    }

    /// Takes an operation back, or a refused one out of sight. False when there is none.
    pub async fn discard(&self, id: OperationId) -> Result<bool, StoreError> {
        let mut writing = self.0.begin_synced().await?;
        let Some(row) = find(&mut writing, id).await? else {
            return Ok(false);
        };
        if let (Some(folder), OperationState::Waiting) = (row.folder_id, row.state) {
            undo(&mut writing, id, folder, &row.kind).await?;
        }
        sqlx::query(DELETE).bind(id.0).execute(&mut *writing).await?;
        writing.commit().await?;
        Ok(true)
    }
}

/// Queues a change inside somebody's transaction, and shows its effect.
pub(crate) async fn insert(
    writing: &mut SqliteConnection,
    operation: &NewOperation,
    now: UnixMillis,
) -> Result<OperationId, StoreError> {
    insert_at(writing, operation, None, now).await
}

/// The same before another one; `None` when that one does not wait any more, or was handed to the server.
pub(crate) async fn insert_before(
    writing: &mut SqliteConnection,
    other: OperationId,
    operation: &NewOperation,
    now: UnixMillis,
) -> Result<Option<OperationId>, StoreError> {
    let rank: Option<i64> = sqlx::query_scalar(RANK)
        .bind(other.0)
        .bind(operation.account_id.0)
        .fetch_optional(&mut *writing)
        .await?;
    let Some(rank) = rank else {
        return Ok(None);
    };
    sqlx::query(MAKE_ROOM)
        .bind(operation.account_id.0)
        .bind(rank)
        .execute(&mut *writing)
        .await?;
    let id = insert_at(writing, operation, Some((other, rank)), now).await?;
    Ok(Some(id))
}

/// The same, before another one and with its rank.
async fn insert_at(
    writing: &mut SqliteConnection,
    operation: &NewOperation,
    before: Option<(OperationId, i64)>,
    now: UnixMillis,
) -> Result<OperationId, StoreError> {
    let message = match operation.kind {
        OperationKind::Append {
            source: AppendSource::Message(id),
            ..
        } => Some(id),
        _ => None,
    };
    let target = match operation.kind {
        OperationKind::Move { to_folder, .. } | OperationKind::Copy { to_folder, .. } => Some(to_folder.0),
        _ => None,
    };
    let uid_validity = match operation.kind {
        OperationKind::Move { uid_validity, .. } => uid_validity,
        _ => None,
    };
    let owns: Option<i64> = sqlx::query_scalar(OWNS)
        .bind(operation.folder_id.0)
        .bind(operation.account_id.0)
        .fetch_optional(&mut *writing)
        .await?;
    if owns.is_none() {
        return Err(StoreError::FolderMissing(operation.folder_id));
    }
    let id: i64 = sqlx::query_scalar(INSERT)
        .bind(operation.account_id.0)
        .bind(operation.folder_id.0)
        .bind(to_json(&operation.kind)?)
        .bind(message.map(|id| id.0))
        .bind(operation.raw.as_ref().map(|raw| raw.bytes.as_slice()))
        .bind(operation.raw.as_ref().map(|raw| signed(raw.raw_size)))
        .bind(now.0)
        .bind(target)
        .bind(uid_validity.map(i64::from))
        .bind(before.map(|(other, _)| other.0))
        .bind(before.map(|(_, rank)| rank))
        .fetch_one(&mut *writing)
        .await?;
    let id = OperationId(id);
    let ahead_of = before.map(|(other, _)| other);
    operation_effect::show(writing, id, operation.folder_id, &operation.kind, ahead_of).await?;
    Ok(id)
}

/// The effect of an operation goes; what was put before it has its own again.
async fn undo(
    writing: &mut SqliteConnection,
    id: OperationId,
    folder: FolderId,
    kind: &OperationKind,
) -> Result<(), StoreError> {
    operation_effect::undo(writing, id, folder, kind).await?;
    for row in ahead(writing, id).await? {
        if let (Some(folder), OperationKind::Move { uids, .. } | OperationKind::Delete { uids }) =
            (row.folder_id, &row.kind)
        {
            operation_effect::hide(writing, row.id, folder, uids).await?;
        }
    }
    Ok(())
}

/// What an operation moved or deleted is no business any more of the one that it was put before.
async fn relieve(
    writing: &mut SqliteConnection,
    later: OperationId,
    done: &OperationRow,
) -> Result<(), StoreError> {
    let (OperationKind::Move { uids, .. } | OperationKind::Delete { uids }) = &done.kind else {
        return Ok(());
    };
    // The other one may itself have been put before a third.
    let mut next = Some(later);
    while let Some(id) = next {
        let row = find(writing, id).await?;
        let waiting =
            |row: &OperationRow| row.state == OperationState::Waiting && row.folder_id == done.folder_id;
        let Some(row) = row.filter(waiting) else {
            return Ok(());
        };
        next = row.ahead_of;
        take_out(writing, row, uids, Some(done.id)).await?;
    }
    Ok(())
}

/// Takes messages out of a move or deletion: their places are what `heir` hides from now on, or nobody.
async fn take_out(
    writing: &mut SqliteConnection,
    row: OperationRow,
    uids: &UidSet,
    heir: Option<OperationId>,
) -> Result<(), StoreError> {
    let Some(folder) = row.folder_id else {
        return Ok(());
    };
    let mut kind = row.kind;
    let (OperationKind::Move { uids: all, .. } | OperationKind::Delete { uids: all }) = &mut kind else {
        return Ok(());
    };
    let left = all.difference(uids);
    operation_effect::let_go(writing, row.id, folder, uids, heir).await?;
    if left.is_empty() {
        sqlx::query(DELETE).bind(row.id.0).execute(writing).await?;
        return Ok(());
    }
    *all = left;
    sqlx::query(SET_KIND)
        .bind(row.id.0)
        .bind(to_json(&kind)?)
        .execute(writing)
        .await?;
    Ok(())
}

async fn ahead(writing: &mut SqliteConnection, id: OperationId) -> Result<Vec<OperationRow>, StoreError> {
    let rows = sqlx::query(AHEAD).bind(id.0).fetch_all(writing).await?;
    rows.iter().map(OperationRow::read).collect()
}

/// Those that wait to bring messages to a folder.
async fn into_folder(
    writing: &mut SqliteConnection,
    folder: FolderId,
) -> Result<Vec<OperationRow>, StoreError> {
    let rows = sqlx::query(INTO).bind(folder.0).fetch_all(writing).await?;
    rows.iter().map(OperationRow::read).collect()
}

/// A folder is kept from now on: what waits to be brought there is shown there.
pub(crate) async fn show_in(writing: &mut SqliteConnection, folder: FolderId) -> Result<(), StoreError> {
    for row in into_folder(writing, folder).await? {
        show_again(writing, &row).await?;
    }
    Ok(())
}

/// Messages that an operation takes away have come to their folder once more.
pub(crate) async fn show_taken(writing: &mut SqliteConnection, id: OperationId) -> Result<(), StoreError> {
    match find(writing, id).await? {
        Some(row) => show_again(writing, &row).await,
        None => Ok(()),
    }
}

async fn show_again(writing: &mut SqliteConnection, row: &OperationRow) -> Result<(), StoreError> {
    let Some(folder) = row.folder_id else {
        return Ok(());
    };
    expected::expect(writing, row.id, folder, &row.kind).await?;
    for first in ahead(writing, row.id).await? {
        if let OperationKind::Move { uids, .. } | OperationKind::Delete { uids } = &first.kind {
            expected::hide(writing, first.id, row.id, uids).await?;
        }
    }
    Ok(())
}

/// A folder is gone: what waits to be brought there is refused, and its effect undone.
pub(crate) async fn refuse_into(
    writing: &mut SqliteConnection,
    folder: FolderId,
    now: UnixMillis,
) -> Result<(), StoreError> {
    for row in into_folder(writing, folder).await? {
        sqlx::query(REFUSE)
            .bind(row.id.0)
            .bind(ErrorCode::FolderMissing.as_str())
            .bind(None::<String>)
            .bind(now.0)
            .execute(&mut *writing)
            .await?;
        if let Some(from) = row.folder_id {
            undo(writing, row.id, from, &row.kind).await?;
        }
    }
    Ok(())
}

/// Takes a change back that nobody can have carried out: true when it is gone.
pub(crate) async fn withdraw(writing: &mut SqliteConnection, id: OperationId) -> Result<bool, StoreError> {
    let Some(row) = find(writing, id).await? else {
        return Ok(true);
    };
    if row.is_begun && row.state == OperationState::Waiting {
        return Ok(false);
    }
    if let (Some(folder), OperationState::Waiting) = (row.folder_id, row.state) {
        undo(writing, id, folder, &row.kind).await?;
    }
    sqlx::query(DELETE).bind(id.0).execute(writing).await?;
    Ok(true)
}

async fn find(
    connection: &mut SqliteConnection,
    id: OperationId,
) -> Result<Option<OperationRow>, StoreError> {
    let row = sqlx::query(GET).bind(id.0).fetch_optional(connection).await?;
    row.as_ref().map(OperationRow::read).transpose()
}
