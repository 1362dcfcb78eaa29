//! Table `operations`: changes that wait to reach the server.

use mailroom_model::{
    AccountId, DraftId, FlagChange, FolderId, MessageFlags, MessageId, OperationId, OutboxId, UidSet,
    UnixMillis,
};
use serde::{Deserialize, Serialize};
use sqlx::SqliteConnection;
use sqlx::sqlite::SqliteRow;

use crate::column::{Columns, signed, to_json};
use crate::{CompressedBody, Store, StoreError, StoredError, body, draft_copy, operation_effect};

/// Where the message of an APPEND comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "from", content = "id")]
pub enum AppendSource {
    /// The operation carries it: [`NewOperation::raw`].
    Operation,
    /// A stored message; it stays here until the operation is over.
    Message(MessageId),
    /// A message that was sent.
    Outbox(OutboxId),
}

/// A change to be made on the server. UIDs belong to the operation's folder.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "kind")]
pub enum OperationKind {
    /// Set and clear flags.
    SetFlags {
        /// The messages.
        #[serde(with = "uid_text")]
        uids: UidSet,
        /// What to set and clear.
        change: FlagChange,
    },
    /// Move to another folder.
    Move {
        /// The messages.
        #[serde(with = "uid_text")]
        uids: UidSet,
        /// Where to.
        to_folder: FolderId,
        /// The UIDVALIDITY under which the UIDs were given, when it is not that of the folder's cursor: the folder may not
        /// be kept here.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        uid_validity: Option<u32>,
        /// The messages leave every other folder too, as on a server whose folders are labels when the target is its trash.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        everywhere: bool,
    },
    /// Copy to another folder.
    Copy {
        /// The messages.
        #[serde(with = "uid_text")]
        uids: UidSet,
        /// Where to.
        to_folder: FolderId,
    },
    /// Remove for good.
    Delete {
        /// The messages.
        #[serde(with = "uid_text")]
        uids: UidSet,
    },
    /// Put a message into the operation's folder.
    Append {
        /// Which one.
        source: AppendSource,
        /// With which flags.
        flags: MessageFlags,
        /// With which INTERNALDATE.
        internal_at: Option<UnixMillis>,
    },
    /// Put a message that came from a file, which the operation carries, into the operation's folder.
    Import {
        /// BLAKE3 of the message, in hexadecimal digits: it is put there once.
        digest: String,
        /// With which flags.
        flags: MessageFlags,
        /// With which INTERNALDATE.
        internal_at: Option<UnixMillis>,
    },
    /// Put a draft into the operation's folder, a drafts folder; the copy that was there goes afterwards.
    UploadDraft {
        /// Which one.
        draft: DraftId,
        /// Which of its revisions.
        revision: u32,
        /// The copy's Message-ID, which no other message has.
        message_id: String,
    },
    /// Remove the copy of a draft from the operation's folder.
    RemoveCopy {
        /// Which one.
        copy: DraftCopy,
    },
}

/// How the copy of a draft in a folder is found again.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DraftCopy {
    /// Its UID, where it is known.
    pub uid: Option<u32>,
    /// The UIDVALIDITY that the UID belongs to.
    pub uid_validity: Option<u32>,
    /// Its Message-ID.
    pub message_id: Option<String>,
    /// The Message-ID is of our making: whatever has it is this copy.
    pub is_own: bool,
}

/// A change to be queued.
#[derive(Clone, Debug)]
pub struct NewOperation {
    /// The account.
    pub account_id: AccountId,
    /// The folder that it is about.
    pub folder_id: FolderId,
    /// The change.
    pub kind: OperationKind,
    /// The message of [`AppendSource::Operation`].
    pub raw: Option<CompressedBody>,
}

/// Where an operation stands. One that is done is gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OperationState {
    /// It will be tried at [`OperationRow::next_at`].
    Waiting,
    /// The server does not want it; its local effect is undone. It stays for the person to see.
    Refused,
}

impl OperationState {
    /// The name in the store.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Refused => "refused",
        }
    }

    fn from_name(name: &str) -> Option<Self> {
        [Self::Waiting, Self::Refused]
            .into_iter()
            .find(|state| state.as_str() == name)
    }
}

/// A change as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OperationRow {
    /// Its id; operations are carried out in this order.
    pub id: OperationId,
    /// The account.
    pub account_id: AccountId,
    /// The folder that it is about; `None` when the folder is gone.
    pub folder_id: Option<FolderId>,
    /// The change.
    pub kind: OperationKind,
    /// Where it stands.
    pub state: OperationState,
    /// How often it failed.
    pub attempts: u32,
    /// It was handed to the server, and whether the server did it is not known.
    pub is_begun: bool,
    /// When it is tried next.
    pub next_at: UnixMillis,
    /// When it was queued.
    pub created_at: UnixMillis,
    /// What went wrong the last time.
    pub last_error: Option<StoredError>,
}

/// How an operation stood when it was to be taken back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It waited: it is gone, and so is its effect here.
    TakenBack,
    /// It was handed to the server, and its outcome is not known yet.
    Begun,
    /// The server had refused it; its effect here was gone.
    Refused,
    /// There is none: the server did it, or somebody gave it up.
    Over,
}

/// What the server said about an operation that is done.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OperationDone {
    /// COPYUID (RFC 4315 §3) of a move or copy: old UID, new UID in the target folder. Only when the UIDVALIDITY in it is
    /// the one that is known here.
    pub copied: Vec<(u32, u32)>,
    /// The messages of a move or deletion still lie in their folder, marked `\Deleted`: the server cannot remove single
    /// messages (no UIDPLUS, RFC 4315).
    pub is_left_marked: bool,
    /// Where an uploaded draft is: UIDVALIDITY and UID.
    pub appended: Option<(u32, u32)>,
}

statements! {
    /// A new operation.
    INSERT = "INSERT INTO operations (account_id, folder_id, kind, message_id, raw, raw_size, state, next_at, created_at) \
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, 'waiting', ?7, ?7) RETURNING id";
    /// The folder belongs to the account.
    OWNS = "SELECT 1 FROM folders WHERE id = ?1 AND account_id = ?2";
    /// One operation.
    GET = "SELECT id, account_id, folder_id, kind, state, attempts, begun, next_at, created_at, error_code, error_params, \
        error_at FROM operations WHERE id = ?1";
    /// An account's operations in their order.
    LIST = "SELECT id, account_id, folder_id, kind, state, attempts, begun, next_at, created_at, error_code, error_params, \
        error_at FROM operations WHERE account_id = ?1 ORDER BY id";
    /// Those that can be tried now: nothing older waits for the same folder with a later time.
    DUE = "SELECT o.id, o.account_id, o.folder_id, o.kind, o.state, o.attempts, o.begun, o.next_at, o.created_at, o.error_code, \
        o.error_params, o.error_at FROM operations AS o WHERE o.account_id = ?1 AND o.state = 'waiting' \
        AND o.next_at <= ?2 AND NOT EXISTS (SELECT 1 FROM operations AS e WHERE e.folder_id = o.folder_id \
        AND e.id < o.id AND e.state = 'waiting' AND e.next_at > ?2) ORDER BY o.id";
    /// When the next one is due: what stands behind another one of its folder waits for that.
    NEXT_AT = "SELECT min(o.next_at) FROM operations AS o WHERE o.account_id = ?1 AND o.state = 'waiting' \
        AND NOT EXISTS (SELECT 1 FROM operations AS e WHERE e.folder_id = o.folder_id AND e.id < o.id \
        AND e.state = 'waiting')";
    /// The message that it carries.
    RAW = "SELECT raw, raw_size FROM operations WHERE id = ?1";
    /// What waits to be put into a folder from files.
    IMPORTS = "SELECT o.kind ->> 'digest' AS digest FROM operations AS o WHERE o.folder_id = ?1 AND o.state = 'waiting' \
        AND o.kind ->> 'kind' = 'import'";
    /// It is handed to the server.
    BEGIN = "UPDATE operations SET begun = 1 WHERE id = ?1 AND state = 'waiting'";
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

impl OperationRow {
    fn read(row: &SqliteRow) -> Result<Self, StoreError> {
        Ok(Self {
            id: OperationId(row.value("id")?),
            account_id: AccountId(row.value("account_id")?),
            folder_id: row.value::<Option<i64>>("folder_id")?.map(FolderId),
            kind: row.json("kind")?,
            state: row.named("state", OperationState::from_name)?,
            attempts: row.unsigned32("attempts")?,
            is_begun: row.value("begun")?,
            next_at: row.at("next_at")?,
            created_at: row.at("created_at")?,
            last_error: row.stored_error()?,
        })
    }
}

impl Operations<'_> {
    /// Queues a change and shows its effect at once: flags change, moved and deleted messages are hidden. Both happen
    /// or neither. Errors: [`StoreError::FolderMissing`].
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
        let mut writing = match done.appended {
            // Where the copy of a draft is, nobody else knows.
            Some(_) => self.0.begin_synced().await?,
            None => self.0.begin_relaxed().await?,
        };
        if let Some(row) = find(&mut writing, id).await? {
            if let (OperationKind::UploadDraft { .. }, Some(folder)) = (&row.kind, row.folder_id) {
                draft_copy::uploaded(&mut writing, &row, folder, done.appended, now).await?;
            }
            let folder = row.folder_id.filter(|_| row.state == OperationState::Waiting);
            let left_over = match folder {
                Some(folder) => {
                    operation_effect::settle(&mut writing, id, folder, &row.kind, done, now).await?
                }
                None => Vec::new(),
            };
            sqlx::query(DELETE).bind(id.0).execute(&mut *writing).await?;
            operation_effect::forget(&mut writing, &left_over).await?;
        }
        Ok(writing.commit().await?)
    }

    /// It is handed to the server now; until its outcome is kept, the server may have done it. False when it does not wait
    /// any more: then it is not to be carried out.
    pub async fn mark_begun(&self, id: OperationId) -> Result<bool, StoreError> {
        let mut writing = self.0.begin_relaxed().await?;
        let done = sqlx::query(BEGIN).bind(id.0).execute(&mut *writing).await?;
        writing.commit().await?;
        Ok(done.rows_affected() == 1)
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
            operation_effect::undo(&mut writing, id, folder, &row.kind).await?;
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
            operation_effect::undo(&mut writing, id, folder, &row.kind).await?;
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
            operation_effect::undo(&mut writing, id, folder, &row.kind).await?;
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
    let message = match operation.kind {
        OperationKind::Append {
            source: AppendSource::Message(id),
            ..
        } => Some(id),
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
        .fetch_one(&mut *writing)
        .await?;
    let id = OperationId(id);
    operation_effect::show(writing, id, operation.folder_id, &operation.kind).await?;
    Ok(id)
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
        operation_effect::undo(writing, id, folder, &row.kind).await?;
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

/// UIDs in JSON as IMAP writes them.
mod uid_text {
    use mailroom_model::UidSet;
    use serde::de::Error;
    use serde::{Deserialize, Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(uids: &UidSet, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(uids)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<UidSet, D::Error> {
        String::deserialize(deserializer)?
            .parse()
            .map_err(|_| D::Error::custom("not a set of unique ids"))
    }
}
