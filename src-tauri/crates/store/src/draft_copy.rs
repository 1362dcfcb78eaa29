//! What happens to a draft beyond being written: its copy on the server, its way into the outbox and back.

use mailroom_model::{
    AccountId, DraftId, FlagChange, FolderId, MessageId, OperationId, OutboxId, UnixMillis,
};
use sqlx::SqliteConnection;

use crate::column::Columns;
use crate::draft::{self, DraftRow, Drafts, NewDraft};
use crate::operation;
use crate::operation_row::{DraftCopy, NewOperation, OperationKind, OperationRow};
use crate::outbox::{self, NewOutbox, OutboxState};
use crate::{CompressedBody, StoreError, expected, place};

/// What became of an entry of the outbox that a person wants back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TakeBack {
    /// It left the outbox; this is its draft.
    Draft(DraftId),
    /// It left nothing: it was not made of a draft. Give [`Drafts::take_back`] one.
    NoDraft,
    /// There is no such entry.
    Missing,
    /// It is on its way, or was sent.
    OnItsWay(OutboxState),
}

statements! {
    /// The draft stands in the outbox.
    SET_OUTBOX = "UPDATE drafts SET outbox_id = ?2, is_fresh = 0, upload_id = NULL WHERE id = ?1";
    /// The draft is a draft again.
    RELEASE = "UPDATE drafts SET outbox_id = NULL, saved_at = ?2 WHERE id = ?1";
    /// An entry leaves the outbox to be a draft again.
    TAKE_OUT = "DELETE FROM outbox WHERE id = ?1 AND state IN ('queued', 'failed')";
    /// How far an entry came.
    STATE = "SELECT state FROM outbox WHERE id = ?1";
    /// An upload waits.
    SET_UPLOAD = "UPDATE drafts SET upload_id = ?2 WHERE id = ?1";
    /// The copy is there.
    SET_COPY = "UPDATE drafts SET copy_folder_id = ?2, copy_uid = ?3, copy_uid_validity = ?4, copy_message_id = ?5, \
        copy_is_own = 1, uploaded_revision = ?6, uploaded_at = ?7, \
        upload_id = CASE WHEN upload_id = ?8 THEN NULL ELSE upload_id END WHERE id = ?1";
    /// The draft goes.
    DELETE = "DELETE FROM drafts WHERE id = ?1";
    /// Which draft an entry was made of.
    OF_OUTBOX = "SELECT id FROM drafts WHERE outbox_id = ?1";
    /// Entries that were sent and whose consequences are still to be drawn.
    UNSETTLED = "SELECT o.id FROM outbox AS o LEFT JOIN drafts AS d ON d.outbox_id = o.id \
        WHERE o.account_id = ?1 AND o.state IN ('sent', 'filed') AND (o.about_flag IS NOT NULL OR d.id IS NOT NULL)";
    /// What a sent entry is about.
    ABOUT = "SELECT about_id, about_flag, account_id FROM outbox WHERE id = ?1";
    /// The consequences are drawn.
    CLEAR_ABOUT = "UPDATE outbox SET about_id = NULL, about_flag = NULL WHERE id = ?1";
}

impl Drafts<'_> {
    /// Puts a draft into the outbox, which keeps it until the message is sent. `None` when the draft was changed since
    /// `revision`, is gone, or stands in the outbox already: then look again.
    pub async fn send(
        &self,
        id: DraftId,
        revision: u32,
        message: &NewOutbox,
        now: UnixMillis,
    ) -> Result<Option<OutboxId>, StoreError> {
        let mut writing = self.0.begin_synced().await?;
        if at_revision(&mut writing, id, revision).await?.is_none() {
            return Ok(None);
        }
        let entry = outbox::insert(&mut writing, message, now).await?;
        sqlx::query(SET_OUTBOX)
            .bind(id.0)
            .bind(entry.0)
            .execute(&mut *writing)
            .await?;
        writing.commit().await?;
        Ok(Some(entry))
    }

    /// Makes an entry of the outbox a draft again, in one step. `instead` is the draft of an entry that was not made of one.
    pub async fn take_back(
        &self,
        entry: OutboxId,
        instead: Option<&NewDraft>,
        now: UnixMillis,
    ) -> Result<TakeBack, StoreError> {
        let mut writing = self.0.begin_synced().await?;
        let state: Option<String> = sqlx::query_scalar(STATE)
            .bind(entry.0)
            .fetch_optional(&mut *writing)
            .await?;
        let Some(state) = state else {
            return Ok(TakeBack::Missing);
        };
        let state = OutboxState::from_name(&state).ok_or(StoreError::damaged("state"))?;
        if !matches!(state, OutboxState::Queued | OutboxState::Failed) {
            return Ok(TakeBack::OnItsWay(state));
        }
        let kept: Option<i64> = sqlx::query_scalar(OF_OUTBOX)
            .bind(entry.0)
            .fetch_optional(&mut *writing)
            .await?;
        let id = match (kept, instead) {
            (Some(id), _) => {
                sqlx::query(RELEASE)
                    .bind(id)
                    .bind(now.0)
                    .execute(&mut *writing)
                    .await?;
                DraftId(id)
            }
            (None, Some(new)) => draft::insert(&mut writing, new, now).await?,
            (None, None) => return Ok(TakeBack::NoDraft),
        };
        sqlx::query(TAKE_OUT).bind(entry.0).execute(&mut *writing).await?;
        writing.commit().await?;
        Ok(TakeBack::Draft(id))
    }

    /// Queues the upload of a revision to a drafts folder. An older upload that nobody began is replaced. `None` when the
    /// draft was changed since, is gone, or stands in the outbox.
    pub async fn queue_upload(
        &self,
        id: DraftId,
        revision: u32,
        folder: FolderId,
        message_id: &str,
        raw: CompressedBody,
        now: UnixMillis,
    ) -> Result<Option<OperationId>, StoreError> {
        let mut writing = self.0.begin_synced().await?;
        let Some(row) = at_revision(&mut writing, id, revision).await? else {
            return Ok(None);
        };
        let upload = NewOperation {
            account_id: row.account_id,
            folder_id: folder,
            kind: OperationKind::UploadDraft {
                draft: id,
                revision,
                message_id: message_id.to_owned(),
            },
            raw: Some(raw),
        };
        let upload = operation::insert(&mut writing, &upload, now).await?;
        sqlx::query(SET_UPLOAD)
            .bind(id.0)
            .bind(upload.0)
            .execute(&mut *writing)
            .await?;
        writing.commit().await?;
        Ok(Some(upload))
    }

    /// Removes a draft, and queues the removal of its copy. False when there is none, or it stands in the outbox.
    pub async fn discard(&self, id: DraftId, now: UnixMillis) -> Result<bool, StoreError> {
        let mut writing = self.0.begin_synced().await?;
        let row = draft::find(&mut writing, id).await?;
        let Some(row) = row.filter(|row| row.outbox_id.is_none()) else {
            return Ok(false);
        };
        drop_draft(&mut writing, row, now).await?;
        writing.commit().await?;
        Ok(true)
    }

    /// The account's entries of the outbox that were sent and whose consequences are still to be drawn.
    pub async fn unsettled(&self, account: AccountId) -> Result<Vec<OutboxId>, StoreError> {
        let ids: Vec<i64> = sqlx::query_scalar(UNSETTLED)
            .bind(account.0)
            .fetch_all(self.0.reads())
            .await?;
        Ok(ids.into_iter().map(OutboxId).collect())
    }

    /// Draws the consequences of an entry that was sent: what it answers is marked, its draft goes, and the draft's copy
    /// with it. Repeating it does no harm.
    pub async fn settle(&self, entry: OutboxId, now: UnixMillis) -> Result<(), StoreError> {
        let mut writing = self.0.begin_synced().await?;
        settle(&mut writing, entry, now).await?;
        Ok(writing.commit().await?)
    }
}

/// Draws the consequences of an entry that was sent, inside somebody's transaction.
pub(crate) async fn settle(
    writing: &mut SqliteConnection,
    entry: OutboxId,
    now: UnixMillis,
) -> Result<(), StoreError> {
    let row = sqlx::query(ABOUT)
        .bind(entry.0)
        .fetch_optional(&mut *writing)
        .await?;
    let Some(row) = row else {
        return Ok(());
    };
    let account = AccountId(row.value("account_id")?);
    let about = row.value::<Option<i64>>("about_id")?.map(MessageId);
    let flag: Option<String> = row.value("about_flag")?;
    if let (Some(about), Some(flag)) = (about, flag) {
        mark(writing, account, about, flag, now).await?;
    }
    drop_of_outbox(writing, entry, now).await?;
    sqlx::query(CLEAR_ABOUT).bind(entry.0).execute(writing).await?;
    Ok(())
}

/// Sets a flag wherever a message is shown, there already or expected. The message may be one of another account.
async fn mark(
    writing: &mut SqliteConnection,
    account: AccountId,
    about: MessageId,
    flag: String,
    now: UnixMillis,
) -> Result<(), StoreError> {
    let flags = |account_id, folder_id, uid: u32| NewOperation {
        account_id,
        folder_id,
        kind: OperationKind::SetFlags {
            uids: [uid].into_iter().collect(),
            change: FlagChange {
                add: vec![flag.clone()],
                remove: Vec::new(),
            },
        },
        raw: None,
    };
    for place in place::of_message(writing, about).await? {
        if place.operation_id.is_some() {
            continue;
        }
        let account = owner(writing, place.folder_id).await?.unwrap_or(account);
        let change = flags(account, place.folder_id, place.uid);
        operation::insert(writing, &change, now).await?;
    }
    for place in expected::of_message(writing, about).await? {
        if let Some(source) = place.source.filter(|_| !place.is_hidden) {
            let account = owner(writing, source.folder).await?.unwrap_or(account);
            let change = flags(account, source.folder, source.uid);
            operation::insert_before(writing, source.operation, &change, now).await?;
        }
    }
    Ok(())
}

/// An upload was carried out: the copy that was there before goes, or this one when nobody wants it any more.
pub(crate) async fn uploaded(
    writing: &mut SqliteConnection,
    upload: &OperationRow,
    folder: FolderId,
    appended: Option<(u32, u32)>,
    now: UnixMillis,
) -> Result<(), StoreError> {
    let OperationKind::UploadDraft {
        draft,
        revision,
        message_id,
    } = &upload.kind
    else {
        return Ok(());
    };
    let copy = DraftCopy {
        uid: appended.map(|(_, uid)| uid),
        uid_validity: appended.map(|(validity, _)| validity),
        message_id: Some(message_id.clone()),
        is_own: true,
    };
    let Some(row) = draft::find(writing, *draft).await? else {
        return remove_copy(writing, upload.account_id, folder, copy, now).await;
    };
    sqlx::query(SET_COPY)
        .bind(draft.0)
        .bind(folder.0)
        .bind(copy.uid.map(i64::from))
        .bind(copy.uid_validity.map(i64::from))
        .bind(&copy.message_id)
        .bind(i64::from(*revision))
        .bind(now.0)
        .bind(upload.id.0)
        .execute(&mut *writing)
        .await?;
    match row.copy {
        Some((old_folder, old)) if old != copy => {
            remove_copy(writing, upload.account_id, old_folder, old, now).await
        }
        _ => Ok(()),
    }
}

/// Removes the draft that an entry was made of, when there is one.
pub(crate) async fn drop_of_outbox(
    writing: &mut SqliteConnection,
    entry: OutboxId,
    now: UnixMillis,
) -> Result<(), StoreError> {
    let id: Option<i64> = sqlx::query_scalar(OF_OUTBOX)
        .bind(entry.0)
        .fetch_optional(&mut *writing)
        .await?;
    let Some(id) = id else {
        return Ok(());
    };
    match draft::find(writing, DraftId(id)).await? {
        Some(row) => drop_draft(writing, row, now).await,
        None => Ok(()),
    }
}

async fn drop_draft(
    writing: &mut SqliteConnection,
    row: DraftRow,
    now: UnixMillis,
) -> Result<(), StoreError> {
    if let Some(upload) = row.upload_id {
        // One that was begun finds no draft when it ends, and removes its own copy.
        operation::withdraw(writing, upload).await?;
    }
    if let Some((folder, copy)) = row.copy {
        remove_copy(writing, row.account_id, folder, copy, now).await?;
    }
    sqlx::query(DELETE).bind(row.id.0).execute(writing).await?;
    Ok(())
}

/// Queues the removal of a copy. The folder may be one of another account: a draft can change its sender.
async fn remove_copy(
    writing: &mut SqliteConnection,
    account: AccountId,
    folder: FolderId,
    copy: DraftCopy,
    now: UnixMillis,
) -> Result<(), StoreError> {
    let removal = NewOperation {
        account_id: owner(writing, folder).await?.unwrap_or(account),
        folder_id: folder,
        kind: OperationKind::RemoveCopy { copy },
        raw: None,
    };
    operation::insert(writing, &removal, now).await?;
    Ok(())
}

/// Whose folder it is.
async fn owner(writing: &mut SqliteConnection, folder: FolderId) -> Result<Option<AccountId>, StoreError> {
    let owner: Option<i64> = sqlx::query_scalar(crate::folder::OWNER)
        .bind(folder.0)
        .fetch_optional(writing)
        .await?;
    Ok(owner.map(AccountId))
}

/// A draft that is still at `revision` and not in the outbox. The upload that waits for it is withdrawn: whoever asks has
/// something better to do with it.
async fn at_revision(
    writing: &mut SqliteConnection,
    id: DraftId,
    revision: u32,
) -> Result<Option<DraftRow>, StoreError> {
    let row = draft::find(writing, id).await?;
    let row = row.filter(|row| row.revision == revision && row.outbox_id.is_none());
    if let Some(upload) = row.as_ref().and_then(|row| row.upload_id) {
        operation::withdraw(writing, upload).await?;
    }
    Ok(row)
}
