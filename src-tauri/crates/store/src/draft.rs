//! Table `drafts`: messages that are being written.

use mailroom_model::{AccountId, DraftId, FolderId, MessageId, OperationId, OutboxId, UnixMillis};
use sqlx::SqliteConnection;
use sqlx::sqlite::SqliteRow;

use crate::column::{Columns, to_json};
use crate::draft_file::{self, NewDraftFile};
use crate::operation_row::DraftCopy;
use crate::statement::Bound;
use crate::{Store, StoreError};

/// What a draft is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DraftKind {
    /// A message of its own.
    New,
    /// An answer to the sender.
    Reply,
    /// An answer to everybody.
    ReplyAll,
    /// A message passed on.
    Forward,
}

impl DraftKind {
    /// The name in the store and on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Reply => "reply",
            Self::ReplyAll => "reply_all",
            Self::Forward => "forward",
        }
    }

    fn from_name(name: &str) -> Option<Self> {
        [Self::New, Self::Reply, Self::ReplyAll, Self::Forward]
            .into_iter()
            .find(|kind| kind.as_str() == name)
    }
}

/// What a person writes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DraftText {
    /// The address to write as.
    pub sender: String,
    /// Recipients as typed.
    pub to: Vec<String>,
    /// Copies as typed.
    pub cc: Vec<String>,
    /// Copies that nobody else sees, as typed.
    pub bcc: Vec<String>,
    /// The subject.
    pub subject: String,
    /// Plain text.
    pub text: String,
    /// The same as HTML.
    pub html: Option<String>,
}

/// A draft to be kept.
#[derive(Clone, Debug)]
pub struct NewDraft {
    /// The account.
    pub account_id: AccountId,
    /// What it is.
    pub kind: DraftKind,
    /// The message that it is about.
    pub about: Option<MessageId>,
    /// What is in it.
    pub text: DraftText,
    /// In-Reply-To.
    pub in_reply_to: Option<String>,
    /// References, oldest first.
    pub references: Vec<String>,
    /// Nobody has written in it yet.
    pub is_fresh: bool,
    /// The copy in a drafts folder that it was opened from.
    pub copy: Option<(FolderId, DraftCopy)>,
    /// Its files.
    pub files: Vec<NewDraftFile>,
}

/// A draft as it is kept. Its files are rows of their own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DraftRow {
    /// Its id.
    pub id: DraftId,
    /// The account.
    pub account_id: AccountId,
    /// What it is.
    pub kind: DraftKind,
    /// The message that it is about.
    pub about: Option<MessageId>,
    /// What is in it.
    pub text: DraftText,
    /// In-Reply-To.
    pub in_reply_to: Option<String>,
    /// References, oldest first.
    pub references: Vec<String>,
    /// Counts its changes.
    pub revision: u32,
    /// The newest text that is kept, by the count of whoever writes.
    pub text_revision: u32,
    /// Nobody has written in it yet.
    pub is_fresh: bool,
    /// When it was begun.
    pub created_at: UnixMillis,
    /// When it was last changed.
    pub saved_at: UnixMillis,
    /// It stands in the outbox.
    pub outbox_id: Option<OutboxId>,
    /// Its copy on the server.
    pub copy: Option<(FolderId, DraftCopy)>,
    /// The revision that the copy has.
    pub uploaded_revision: Option<u32>,
    /// When the copy was put there.
    pub uploaded_at: Option<UnixMillis>,
    /// The upload that waits.
    pub upload_id: Option<OperationId>,
}

/// A draft in a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DraftSummary {
    /// The draft.
    pub draft: DraftRow,
    /// Its copy as a stored message, when it is visible.
    pub message: Option<MessageId>,
}

/// What became of a change to a draft.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DraftChange {
    /// It was made.
    Done,
    /// There is no such draft, or no such file of it.
    Missing,
    /// A newer text is kept already; nothing was changed.
    Outdated,
    /// The draft stands in the outbox.
    InOutbox(OutboxId),
}

statements! {
    /// A new draft.
    INSERT = "INSERT INTO drafts (sender, to_list, cc_list, bcc_list, subject, text, html, account_id, kind, about_id, \
        in_reply_to, thread_ids, is_fresh, created_at, saved_at, copy_folder_id, copy_uid, copy_uid_validity, \
        copy_message_id, copy_is_own, uploaded_revision, uploaded_at) \
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id";
    /// One draft.
    GET = "SELECT * FROM drafts WHERE id = ?1";
    /// The draft of an entry of the outbox.
    BY_OUTBOX = "SELECT * FROM drafts WHERE outbox_id = ?1";
    /// The draft whose copy lies there.
    BY_COPY = "SELECT * FROM drafts WHERE copy_folder_id = ?1 AND copy_uid = ?2 AND copy_uid_validity IS ?3";
    /// Drafts that somebody wrote in and that do not stand in the outbox, with their copies. One that is as it was uploaded
    /// and whose copy has gone from the folder was sent, changed or removed with another program.
    LIST = "SELECT d.*, p.message_id FROM drafts AS d LEFT JOIN folders AS f ON f.id = d.copy_folder_id \
        LEFT JOIN places AS p ON p.folder_id = f.id AND p.uid = d.copy_uid AND f.uid_validity IS d.copy_uid_validity \
        AND p.operation_id IS NULL \
        WHERE d.is_fresh = 0 AND d.outbox_id IS NULL AND (p.uid IS NOT NULL OR d.uploaded_revision IS NOT d.revision \
        OR d.copy_uid IS NULL OR f.uid_next IS NULL OR f.uid_next <= d.copy_uid) ORDER BY d.saved_at DESC, d.id DESC";
    /// Changes what is in it.
    SAVE = "UPDATE drafts SET sender = ?1, to_list = ?2, cc_list = ?3, bcc_list = ?4, subject = ?5, text = ?6, html = ?7, \
        account_id = ?8, saved_at = ?9, revision = revision + 1, is_fresh = 0 WHERE id = ?10";
    /// A newer text, possibly the same again.
    SET_TEXT_REVISION = "UPDATE drafts SET text_revision = ?2 WHERE id = ?1";
    /// A file of it changed.
    TOUCH = "UPDATE drafts SET revision = revision + 1, saved_at = ?2 WHERE id = ?1";
    /// Drafts in which nobody ever wrote.
    REMOVE_UNTOUCHED = "DELETE FROM drafts WHERE is_fresh = 1 AND outbox_id IS NULL AND saved_at < ?1";
}

/// The drafts of a [`Store`]. Every change is on the disk when its call returns.
#[derive(Clone, Copy, Debug)]
pub struct Drafts<'s>(pub(crate) &'s Store);

impl Store {
    /// Table `drafts`.
    pub fn drafts(&self) -> Drafts<'_> {
        Drafts(self)
    }
}

impl DraftRow {
    /// True when the server has just what is here.
    pub fn is_uploaded(&self) -> bool {
        self.uploaded_revision == Some(self.revision)
    }

    pub(crate) fn read(row: &SqliteRow) -> Result<Self, StoreError> {
        let copy = DraftCopy {
            uid: row.unsigned32_option("copy_uid")?,
            uid_validity: row.unsigned32_option("copy_uid_validity")?,
            message_id: row.value("copy_message_id")?,
            is_own: row.value("copy_is_own")?,
        };
        let folder = row.value::<Option<i64>>("copy_folder_id")?.map(FolderId);
        Ok(Self {
            id: DraftId(row.value("id")?),
            account_id: AccountId(row.value("account_id")?),
            kind: row.named("kind", DraftKind::from_name)?,
            about: row.value::<Option<i64>>("about_id")?.map(MessageId),
            text: DraftText {
                sender: row.value("sender")?,
                to: row.json("to_list")?,
                cc: row.json("cc_list")?,
                bcc: row.json("bcc_list")?,
                subject: row.value("subject")?,
                text: row.value("text")?,
                html: row.value("html")?,
            },
            in_reply_to: row.value("in_reply_to")?,
            references: row.json("thread_ids")?,
            revision: row.unsigned32("revision")?,
            text_revision: row.unsigned32("text_revision")?,
            is_fresh: row.value("is_fresh")?,
            created_at: row.at("created_at")?,
            saved_at: row.at("saved_at")?,
            outbox_id: row.value::<Option<i64>>("outbox_id")?.map(OutboxId),
            copy: folder.map(|folder| (folder, copy)),
            uploaded_revision: row.unsigned32_option("uploaded_revision")?,
            uploaded_at: row.at_option("uploaded_at")?,
            upload_id: row.value::<Option<i64>>("upload_id")?.map(OperationId),
        })
    }
}

impl Drafts<'_> {
    /// Keeps a draft with its files.
    pub async fn insert(&self, draft: &NewDraft, now: UnixMillis) -> Result<DraftId, StoreError> {
        let mut writing = self.0.begin_synced().await?;
        let id = insert(&mut writing, draft, now).await?;
        writing.commit().await?;
        Ok(id)
    }

    /// One draft.
    pub async fn get(&self, id: DraftId) -> Result<Option<DraftRow>, StoreError> {
        let row = sqlx::query(GET).bind(id.0).fetch_optional(self.0.reads()).await?;
        row.as_ref().map(DraftRow::read).transpose()
    }

    /// The draft that an entry of the outbox was made of.
    pub async fn by_outbox(&self, id: OutboxId) -> Result<Option<DraftRow>, StoreError> {
        let row = sqlx::query(BY_OUTBOX)
            .bind(id.0)
            .fetch_optional(self.0.reads())
            .await?;
        row.as_ref().map(DraftRow::read).transpose()
    }

    /// The draft whose copy lies in a folder under a UID.
    pub async fn by_copy(
        &self,
        folder: FolderId,
        uid: u32,
        uid_validity: Option<u32>,
    ) -> Result<Option<DraftRow>, StoreError> {
        let row = sqlx::query(BY_COPY)
            .bind(folder.0)
            .bind(i64::from(uid))
            .bind(uid_validity.map(i64::from))
            .fetch_optional(self.0.reads())
            .await?;
        row.as_ref().map(DraftRow::read).transpose()
    }

    /// The drafts that somebody wrote in and that are not in the outbox, the last changed first.
    pub async fn list(&self) -> Result<Vec<DraftSummary>, StoreError> {
        let rows = sqlx::query(LIST).fetch_all(self.0.reads()).await?;
        rows.iter()
            .map(|row| {
                Ok(DraftSummary {
                    draft: DraftRow::read(row)?,
                    message: row.value::<Option<i64>>("message_id")?.map(MessageId),
                })
            })
            .collect()
    }

    /// Changes what is in a draft, and whose it is. `text_revision` is how whoever writes counts the texts: what comes late
    /// and is older than what is kept changes nothing; without it the text is the newest. What is there already is no change.
    pub async fn save(
        &self,
        id: DraftId,
        account: AccountId,
        text: &DraftText,
        text_revision: Option<u32>,
        now: UnixMillis,
    ) -> Result<DraftChange, StoreError> {
        let mut writing = self.0.begin_synced().await?;
        let Some(old) = find(&mut writing, id).await? else {
            return Ok(DraftChange::Missing);
        };
        if let Some(entry) = old.outbox_id {
            return Ok(DraftChange::InOutbox(entry));
        }
        let text_revision = text_revision.unwrap_or(old.text_revision.saturating_add(1));
        if text_revision < old.text_revision {
            return Ok(DraftChange::Outdated);
        }
        sqlx::query(SET_TEXT_REVISION)
            .bind(id.0)
            .bind(i64::from(text_revision))
            .execute(&mut *writing)
            .await?;
        // Saving what is there already is no change: it would be uploaded again.
        if old.is_fresh || old.account_id != account || old.text != *text {
            bind_text(sqlx::query(SAVE), text)?
                .bind(account.0)
                .bind(now.0)
                .bind(id.0)
                .execute(&mut *writing)
                .await?;
        }
        writing.commit().await?;
        Ok(DraftChange::Done)
    }

    /// Removes drafts in which nobody ever wrote and that are older than `before`.
    pub async fn remove_untouched(&self, before: UnixMillis) -> Result<(), StoreError> {
        let mut writing = self.0.begin_relaxed().await?;
        sqlx::query(REMOVE_UNTOUCHED)
            .bind(before.0)
            .execute(&mut *writing)
            .await?;
        Ok(writing.commit().await?)
    }
}

pub(crate) async fn insert(
    writing: &mut SqliteConnection,
    draft: &NewDraft,
    now: UnixMillis,
) -> Result<DraftId, StoreError> {
    let (folder, copy) = draft.copy.as_ref().map(|(folder, copy)| (folder.0, copy)).unzip();
    let row = bind_text(sqlx::query(INSERT), &draft.text)?
        .bind(draft.account_id.0)
        .bind(draft.kind.as_str())
        .bind(draft.about.map(|id| id.0))
        .bind(&draft.in_reply_to)
        .bind(to_json(&draft.references)?)
        .bind(draft.is_fresh)
        .bind(now.0)
        .bind(now.0)
        .bind(folder)
        .bind(copy.and_then(|copy| copy.uid).map(i64::from))
        .bind(copy.and_then(|copy| copy.uid_validity).map(i64::from))
        .bind(copy.and_then(|copy| copy.message_id.clone()))
        .bind(copy.is_some_and(|copy| copy.is_own))
        .bind(copy.map(|_| 1_i64))
        .bind(copy.map(|_| now.0))
        .fetch_one(&mut *writing)
        .await?;
    let id: i64 = row.value("id")?;
    let id = DraftId(id);
    for file in &draft.files {
        draft_file::insert(writing, id, file).await?;
    }
    Ok(id)
}

/// The first seven values of whoever writes a text.
fn bind_text<'q>(query: Bound<'q>, text: &'q DraftText) -> Result<Bound<'q>, StoreError> {
    Ok(query
        .bind(&text.sender)
        .bind(to_json(&text.to)?)
        .bind(to_json(&text.cc)?)
        .bind(to_json(&text.bcc)?)
        .bind(&text.subject)
        .bind(&text.text)
        .bind(&text.html))
}

/// One draft, inside somebody's transaction.
pub(crate) async fn find(
    writing: &mut SqliteConnection,
    id: DraftId,
) -> Result<Option<DraftRow>, StoreError> {
    let row = sqlx::query(GET).bind(id.0).fetch_optional(writing).await?;
    row.as_ref().map(DraftRow::read).transpose()
}

/// Whether a draft may be changed.
pub(crate) async fn writable(writing: &mut SqliteConnection, id: DraftId) -> Result<DraftChange, StoreError> {
    Ok(match find(writing, id).await? {
        None => DraftChange::Missing,
        Some(DraftRow {
            outbox_id: Some(entry),
            ..
        }) => DraftChange::InOutbox(entry),
        Some(_) => DraftChange::Done,
    })
}

/// Counts a change of a draft.
pub(crate) async fn touch(
    writing: &mut SqliteConnection,
    id: DraftId,
    now: UnixMillis,
) -> Result<(), StoreError> {
    sqlx::query(TOUCH).bind(id.0).bind(now.0).execute(writing).await?;
    Ok(())
}
