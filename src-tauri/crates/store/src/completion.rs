//! Messages that were above the limit and are whole now.

use mailroom_model::{AccountId, MessageId};
use sqlx::SqliteConnection;

use crate::attachment::INSERT_ATTACHMENT;
use crate::body::REPLACE_BODY;
use crate::column::{Columns, signed};
use crate::message::BodyState;
use crate::statement::insert_rows;
use crate::{IncomingMessage, IndexKey, Messages, StoreError, part, search, unindexed};

statements! {
    /// Where it stands in the index, as long as it is not whole.
    INCOMPLETE = "SELECT sort_key FROM messages WHERE id = ?1 AND body_state = ?2";
    /// The message is here under another id.
    ELSEWHERE = "SELECT 1 FROM messages AS m, messages AS o WHERE m.id = ?1 AND o.account_id = m.account_id AND o.digest = ?2";
    /// It is whole.
    COMPLETE = "UPDATE messages SET digest = ?2, body_state = ?3, attachment_count = ?4, kept_size = ?5, preview = ?6 \
        WHERE id = ?1";
    /// Messages that are not whole, newest first, below a place in the order of time.
    IN_PART = "SELECT m.id, m.sort_key FROM messages AS m WHERE m.account_id = ?1 AND m.body_state = 'oversize' \
        AND m.sort_key < ?3 AND m.size <= ?2 AND m.head_digest IS NOT NULL ORDER BY m.sort_key DESC LIMIT ?4";
    /// What was known of its files.
    FORGET_FILES = "DELETE FROM attachments WHERE message_id = ?1";
    /// What it was found by.
    FORGET_SEARCH = "DELETE FROM search WHERE rowid = ?1";
}

impl Messages<'_> {
    /// At most `limit` messages of an account of which only a part is here because of a limit, and that have `up_to` bytes at most,
    /// newest first, beginning below `before`. Those that a server could not give are not among them.
    pub async fn in_part(
        &self,
        account: AccountId,
        up_to: u64,
        before: Option<IndexKey>,
        limit: u32,
    ) -> Result<Vec<(MessageId, IndexKey)>, StoreError> {
        let rows = sqlx::query(IN_PART)
            .bind(account.0)
            .bind(signed(up_to))
            .bind(before.map_or(i64::MAX, IndexKey::number))
            .bind(i64::from(limit))
            .fetch_all(self.0.reads())
            .await?;
        rows.iter()
            .map(|row| Ok((MessageId(row.value("id")?), IndexKey::of(row.value("sort_key")?))))
            .collect()
    }

    /// Keeps a message whole of which only a part was here. False when it is not among these any more, or when the same
    /// bytes are here under another id.
    pub async fn complete(&self, id: MessageId, message: IncomingMessage) -> Result<bool, StoreError> {
        let mut writing = self.0.begin_relaxed().await?;
        let is_complete = complete(&mut writing, id, message).await?;
        writing.commit().await?;
        Ok(is_complete)
    }
}

pub(crate) async fn complete(
    writing: &mut SqliteConnection,
    id: MessageId,
    message: IncomingMessage,
) -> Result<bool, StoreError> {
    let row = sqlx::query(INCOMPLETE)
        .bind(id.0)
        .bind(BodyState::Oversize.as_str())
        .fetch_optional(&mut *writing)
        .await?;
    let elsewhere: Option<i64> = sqlx::query_scalar(ELSEWHERE)
        .bind(id.0)
        .bind(message.digest.to_vec())
        .fetch_optional(&mut *writing)
        .await?;
    let (Some(row), None, Some(body)) = (row, elsewhere, message.body) else {
        return Ok(false);
    };
    let sort_key: i64 = row.value("sort_key")?;
    sqlx::query(COMPLETE)
        .bind(id.0)
        .bind(message.digest.to_vec())
        .bind(BodyState::Stored.as_str())
        .bind(signed(message.attachments.len() as u64))
        .bind(signed(body.stored_size()))
        .bind(message.preview)
        .execute(&mut *writing)
        .await?;
    sqlx::query(REPLACE_BODY)
        .bind(id.0)
        .bind(signed(body.raw_size()))
        .bind(body.bytes)
        .execute(&mut *writing)
        .await?;
    sqlx::query(FORGET_FILES)
        .bind(id.0)
        .execute(&mut *writing)
        .await?;
    insert_rows(writing, INSERT_ATTACHMENT, message.attachments, |query, file| {
        query
            .bind(id.0)
            .bind(file.part)
            .bind(file.filename)
            .bind(file.content_type)
            .bind(signed(file.size))
            .bind(file.content_id)
            .bind(file.is_inline)
    })
    .await?;
    part::forget(writing, id).await?;
    sqlx::query(FORGET_SEARCH)
        .bind(sort_key)
        .execute(&mut *writing)
        .await?;
    match message.search {
        Some(text) => search::write(writing, vec![(sort_key, text)]).await?,
        None => unindexed::postpone(writing, vec![sort_key]).await?,
    }
    Ok(true)
}
