//! Table `unindexed`: messages that the index of words does not have yet.

use std::collections::HashMap;

use mailroom_model::Mailbox;
use sqlx::SqliteConnection;

use crate::column::{Columns, number_list};
use crate::search;
use crate::statement::insert_rows;
use crate::{CompressedBody, Messages, SearchText, StoreError};

/// A message's row in the index of words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct IndexKey(i64);

impl IndexKey {
    pub(crate) fn of(sort_key: i64) -> Self {
        Self(sort_key)
    }

    pub(crate) fn number(self) -> i64 {
        self.0
    }
}

/// A message that waits for the index.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unindexed {
    /// Its row there.
    pub key: IndexKey,
    /// RFC822.SIZE in bytes.
    pub size: u64,
}

/// What the text for the index is made from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unread {
    /// Its row in the index.
    pub key: IndexKey,
    /// The raw message; `None` when only its head was kept, and then the rest is all there is.
    pub body: Option<CompressedBody>,
    /// The decoded subject.
    pub subject: String,
    /// The first sender.
    pub from: Mailbox,
    /// The recipients in one line.
    pub to_line: String,
}

statements! {
    /// Whether anything waits.
    ANY = "SELECT EXISTS (SELECT 1 FROM unindexed)";
    /// What waits below a key, newest first. The low 29 bits of the key are the message's id.
    NEXT = "SELECT w.sort_key, m.size FROM unindexed AS w CROSS JOIN messages AS m \
        ON m.id = (w.sort_key & 536870911) WHERE w.sort_key < ?1 ORDER BY w.sort_key DESC LIMIT ?2";
    /// Some messages with what is kept of them.
    READ = "SELECT m.sort_key, m.subject, m.from_name, m.from_address, m.to_line, b.raw_size, b.bytes \
        FROM json_each(?1) AS j CROSS JOIN messages AS m ON m.id = (j.value & 536870911) \
        LEFT JOIN bodies AS b ON b.message_id = m.id";
    /// Those of some that still wait, which are not waited for any more.
    TAKE = "DELETE FROM unindexed WHERE sort_key IN (SELECT j.value FROM json_each(?1) AS j) RETURNING sort_key";
    /// One more.
    INSERT = "INSERT INTO unindexed (sort_key) VALUES (?)";
}

/// Whether anything waits.
pub(crate) async fn any(view: &mut SqliteConnection) -> Result<bool, StoreError> {
    Ok(sqlx::query_scalar(ANY).fetch_one(view).await?)
}

/// Leaves messages to be indexed later.
#[expect(
    clippy::redundant_closure_for_method_calls,
    reason = "the method itself has one lifetime, not any"
)]
pub(crate) async fn postpone(writing: &mut SqliteConnection, keys: Vec<i64>) -> Result<(), StoreError> {
    insert_rows(writing, INSERT, keys, |query, key| query.bind(key)).await
}

impl Messages<'_> {
    /// True while the index of words lacks messages, so that a search for words may find too little.
    pub async fn has_unindexed(&self) -> Result<bool, StoreError> {
        Ok(sqlx::query_scalar(ANY).fetch_one(self.0.reads()).await?)
    }

    /// At most `limit` messages that the index of words lacks, newest first, beginning below `before`.
    pub async fn unindexed(
        &self,
        before: Option<IndexKey>,
        limit: u32,
    ) -> Result<Vec<Unindexed>, StoreError> {
        let rows = sqlx::query(NEXT)
            .bind(before.map_or(i64::MAX, |key| key.0))
            .bind(i64::from(limit))
            .fetch_all(self.0.reads())
            .await?;
        rows.iter()
            .map(|row| {
                Ok(Unindexed {
                    key: IndexKey(row.value("sort_key")?),
                    size: row.unsigned("size")?,
                })
            })
            .collect()
    }

    /// What is kept of some messages, for the index. Those that went meanwhile are left out.
    pub async fn unread(&self, keys: &[IndexKey]) -> Result<Vec<Unread>, StoreError> {
        let rows = sqlx::query(READ)
            .bind(number_list(keys.iter().map(|key| key.0)))
            .fetch_all(self.0.reads())
            .await?;
        rows.into_iter()
            .map(|row| {
                let bytes: Option<Vec<u8>> = row.value("bytes")?;
                let body = match bytes {
                    Some(bytes) => Some(CompressedBody {
                        bytes,
                        raw_size: row.unsigned("raw_size")?,
                    }),
                    None => None,
                };
                Ok(Unread {
                    key: IndexKey(row.value("sort_key")?),
                    body,
                    subject: row.value("subject")?,
                    from: Mailbox {
                        name: row.value("from_name")?,
                        address: row.value("from_address")?,
                    },
                    to_line: row.value("to_line")?,
                })
            })
            .collect()
    }

    /// Puts messages into the index of words, those of them that still wait for it, in one transaction. Says how many.
    pub async fn index(&self, texts: Vec<(IndexKey, SearchText)>) -> Result<u64, StoreError> {
        let mut texts: HashMap<i64, SearchText> =
            texts.into_iter().map(|(key, text)| (key.0, text)).collect();
        let mut writing = self.0.begin_relaxed().await?;
        // Another program may have been faster, and messages may have gone.
        let mut keys: Vec<i64> = sqlx::query_scalar(TAKE)
            .bind(number_list(texts.keys().copied()))
            .fetch_all(&mut *writing)
            .await?;
        // FTS5 writes out what it has gathered whenever a row is smaller than the one before.
        keys.sort_unstable();
        let rows: Vec<(i64, SearchText)> = keys
            .into_iter()
            .filter_map(|key| Some((key, texts.remove(&key)?)))
            .collect();
        let count = rows.len() as u64;
        search::write(&mut writing, rows).await?;
        writing.commit().await?;
        Ok(count)
    }
}
