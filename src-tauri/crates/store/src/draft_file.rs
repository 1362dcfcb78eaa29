//! Table `draft_files`: what hangs on messages that are being written.

use mailroom_model::{DraftFileId, DraftId, UnixMillis};
use sqlx::SqliteConnection;
use sqlx::sqlite::SqliteRow;

use crate::StoreError;
use crate::column::{Columns, signed};
use crate::draft::{DraftChange, Drafts, touch, writable};

/// A file to be kept with a draft.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NewDraftFile {
    /// Its name without folders.
    pub filename: String,
    /// Type and subtype.
    pub content_type: String,
    /// The name by which the HTML refers to it, without brackets.
    pub content_id: String,
    /// It stands in the text.
    pub is_inline: bool,
    /// Its content.
    pub bytes: Vec<u8>,
}

/// A file of a draft. [`Drafts::file`] has its bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DraftFileRow {
    /// Its id.
    pub id: DraftFileId,
    /// Its name without folders.
    pub filename: String,
    /// Type and subtype.
    pub content_type: String,
    /// The name by which the HTML refers to it, without brackets.
    pub content_id: String,
    /// It stands in the text.
    pub is_inline: bool,
    /// Bytes.
    pub size: u64,
}

statements! {
    /// A new file.
    INSERT = "INSERT INTO draft_files (draft_id, filename, content_type, content_id, is_inline, size, bytes) \
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) RETURNING id";
    /// A draft's files in their order.
    LIST = "SELECT id, filename, content_type, content_id, is_inline, size FROM draft_files WHERE draft_id = ?1 ORDER BY id";
    /// One file with its bytes.
    GET = "SELECT id, filename, content_type, content_id, is_inline, size, bytes FROM draft_files \
        WHERE id = ?1 AND draft_id = ?2";
    /// A file goes.
    DELETE = "DELETE FROM draft_files WHERE id = ?1 AND draft_id = ?2";
}

impl DraftFileRow {
    fn read(row: &SqliteRow) -> Result<Self, StoreError> {
        Ok(Self {
            id: DraftFileId(row.value("id")?),
            filename: row.value("filename")?,
            content_type: row.value("content_type")?,
            content_id: row.value("content_id")?,
            is_inline: row.value("is_inline")?,
            size: row.unsigned("size")?,
        })
    }
}

impl Drafts<'_> {
    /// Attaches a file. The id is there when the change was made.
    pub async fn attach(
        &self,
        id: DraftId,
        file: &NewDraftFile,
        now: UnixMillis,
    ) -> Result<(DraftChange, Option<DraftFileId>), StoreError> {
        let mut writing = self.0.begin_synced().await?;
        let change = writable(&mut writing, id).await?;
        if change != DraftChange::Done {
            return Ok((change, None));
        }
        let file = insert(&mut writing, id, file).await?;
        touch(&mut writing, id, now).await?;
        writing.commit().await?;
        Ok((change, Some(file)))
    }

    /// Takes a file out of a draft.
    pub async fn detach(
        &self,
        id: DraftId,
        file: DraftFileId,
        now: UnixMillis,
    ) -> Result<DraftChange, StoreError> {
        let mut writing = self.0.begin_synced().await?;
        let change = writable(&mut writing, id).await?;
        if change != DraftChange::Done {
            return Ok(change);
        }
        let done = sqlx::query(DELETE)
            .bind(file.0)
            .bind(id.0)
            .execute(&mut *writing)
            .await?;
        if done.rows_affected() == 0 {
            return Ok(DraftChange::Missing);
        }
        touch(&mut writing, id, now).await?;
        writing.commit().await?;
        Ok(change)
    }

    /// A draft's files in their order.
    pub async fn files(&self, id: DraftId) -> Result<Vec<DraftFileRow>, StoreError> {
        let rows = sqlx::query(LIST).bind(id.0).fetch_all(self.0.reads()).await?;
        rows.iter().map(DraftFileRow::read).collect()
    }

    /// One file and its bytes; `None` when the draft has no such file.
    pub async fn file(
        &self,
        id: DraftId,
        file: DraftFileId,
    ) -> Result<Option<(DraftFileRow, Vec<u8>)>, StoreError> {
        let row = sqlx::query(GET)
            .bind(file.0)
            .bind(id.0)
            .fetch_optional(self.0.reads())
            .await?;
        row.map(|row| Ok((DraftFileRow::read(&row)?, row.value("bytes")?)))
            .transpose()
    }
}

pub(crate) async fn insert(
    writing: &mut SqliteConnection,
    draft: DraftId,
    file: &NewDraftFile,
) -> Result<DraftFileId, StoreError> {
    let id: i64 = sqlx::query_scalar(INSERT)
        .bind(draft.0)
        .bind(&file.filename)
        .bind(&file.content_type)
        .bind(&file.content_id)
        .bind(file.is_inline)
        .bind(signed(file.bytes.len() as u64))
        .bind(file.bytes.as_slice())
        .fetch_one(writing)
        .await?;
    Ok(DraftFileId(id))
}
