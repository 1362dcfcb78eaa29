//! Mending what can be mended in place: bodies that are not what came, rows that belong to nobody, counters.

use mailroom_model::{FolderId, MessageId};
use sqlx::SqliteConnection;

use crate::column::Columns;
use crate::{CompressedBody, Store, StoreError, body};

statements! {
    /// The next messages whose bytes are here.
    BODIES = "SELECT m.id, m.digest, b.raw_size, b.bytes FROM messages AS m LEFT JOIN bodies AS b ON b.message_id = m.id \
        WHERE m.id > ?1 AND m.body_state = 'stored' ORDER BY m.id LIMIT ?2";
    /// The number of messages, about.
    LAST = "SELECT coalesce(max(id), 0) FROM messages";
    /// Other bytes for a message.
    REPLACE = "INSERT INTO bodies (message_id, raw_size, bytes) VALUES (?1, ?2, ?3) \
        ON CONFLICT (message_id) DO UPDATE SET raw_size = excluded.raw_size, bytes = excluded.bytes";
    /// What the bytes take.
    SET_KEPT = "UPDATE messages SET kept_size = ?2 WHERE id = ?1";
    /// The bytes go.
    REMOVE = "DELETE FROM bodies WHERE message_id = ?1";
    /// Only the head is here from now on.
    SET_OVERSIZE = "UPDATE messages SET body_state = 'oversize', kept_size = 0 WHERE id = ?1";
    /// The bytes as they are kept, damaged or not.
    KEPT = "SELECT b.bytes FROM bodies AS b WHERE b.message_id = ?1";
    /// The next look at a folder asks for everything that is not here.
    UNFINISH = "UPDATE folders SET is_complete = 0 WHERE id = ?1";
}

/// Rows that point to rows that are not there, or belong to nobody. Those that the server has as well go, and the next look
/// brings what is missing.
const REMOVE_DANGLING: &[&str] = &[
    "UPDATE folders SET is_complete = 0 WHERE id IN (SELECT p.folder_id FROM places AS p \
        WHERE NOT EXISTS (SELECT 1 FROM messages AS m WHERE m.id = p.message_id))",
    "DELETE FROM places WHERE NOT EXISTS (SELECT 1 FROM messages AS m WHERE m.id = places.message_id) \
        OR NOT EXISTS (SELECT 1 FROM folders AS f WHERE f.id = places.folder_id)",
    "UPDATE places SET operation_id = NULL WHERE operation_id IS NOT NULL AND NOT EXISTS \
        (SELECT 1 FROM operations AS o WHERE o.id = places.operation_id AND o.state = 'waiting')",
    "DELETE FROM places WHERE stands_for IS NOT NULL AND awaited_at IS NULL AND NOT EXISTS \
        (SELECT 1 FROM operations AS o WHERE o.id = places.expects AND o.state = 'waiting')",
    "DELETE FROM bodies WHERE NOT EXISTS (SELECT 1 FROM messages AS m WHERE m.id = bodies.message_id)",
    "DELETE FROM attachments WHERE NOT EXISTS (SELECT 1 FROM messages AS m WHERE m.id = attachments.message_id)",
    "DELETE FROM parts WHERE NOT EXISTS (SELECT 1 FROM messages AS m WHERE m.id = parts.message_id)",
    "DELETE FROM thread_links WHERE NOT EXISTS (SELECT 1 FROM threads AS t WHERE t.id = thread_links.thread_id)",
    "DELETE FROM folder_threads WHERE NOT EXISTS (SELECT 1 FROM threads AS t WHERE t.id = folder_threads.thread_id) \
        OR NOT EXISTS (SELECT 1 FROM folders AS f WHERE f.id = folder_threads.folder_id)",
    "DELETE FROM threads WHERE NOT EXISTS (SELECT 1 FROM messages AS m WHERE m.thread_id = threads.id)",
    "UPDATE messages SET unplaced_at = NULL WHERE unplaced_at IS NOT NULL \
        AND EXISTS (SELECT 1 FROM places AS p WHERE p.message_id = messages.id)",
    "UPDATE messages SET unplaced_at = received_at WHERE unplaced_at IS NULL \
        AND NOT EXISTS (SELECT 1 FROM places AS p WHERE p.message_id = messages.id)",
    "DELETE FROM person_words WHERE NOT EXISTS (SELECT 1 FROM people AS p WHERE p.id = person_words.person_id)",
];

/// Totals of folders and heads of threads, from the places; a folder that differed is looked at again as a whole.
const RECOUNT: &[&str] = &[
    "UPDATE folders SET \
        total = (SELECT count(*) FROM places AS p WHERE p.folder_id = folders.id AND p.operation_id IS NULL), \
        unread = (SELECT count(*) FROM places AS p WHERE p.folder_id = folders.id AND p.operation_id IS NULL \
            AND p.flags & 1 = 0)",
    "DELETE FROM folder_threads",
    "INSERT INTO folder_threads (thread_id, folder_id, newest_at, newest_uid, messages, unread) \
        SELECT thread_id, folder_id, internal_at, uid, messages, unread FROM ( \
            SELECT m.thread_id, p.folder_id, p.internal_at, p.uid, \
                count(*) OVER same AS messages, sum(p.flags & 1 = 0) OVER same AS unread, \
                row_number() OVER (PARTITION BY m.thread_id, p.folder_id ORDER BY p.internal_at DESC, p.uid DESC) AS place \
            FROM places AS p JOIN messages AS m ON m.id = p.message_id WHERE p.operation_id IS NULL \
            WINDOW same AS (PARTITION BY m.thread_id, p.folder_id)) WHERE place = 1",
];

/// Part of a look at the bodies.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BodiesLook {
    /// Messages whose bytes are missing or are not those that came.
    pub damaged: Vec<MessageId>,
    /// How many were looked at.
    pub looked_at: u64,
    /// The last one; `None` when there are no more.
    pub last: Option<MessageId>,
}

impl Store {
    /// Compares the bytes of up to `limit` messages after one with what came from the server.
    pub async fn look_at_bodies(&self, after: MessageId, limit: u32) -> Result<BodiesLook, StoreError> {
        let rows = sqlx::query(BODIES)
            .bind(after.0)
            .bind(i64::from(limit))
            .fetch_all(self.reads())
            .await?;
        let mut kept = Vec::with_capacity(rows.len());
        for row in &rows {
            let digest: Vec<u8> = row.value("digest")?;
            let bytes: Option<Vec<u8>> = row.value("bytes")?;
            let raw_size: Option<i64> = row.value("raw_size")?;
            kept.push((MessageId(row.value("id")?), digest, bytes.zip(raw_size)));
        }
        let look = tokio::task::spawn_blocking(move || BodiesLook {
            looked_at: kept.len() as u64,
            last: kept.last().map(|(id, ..)| *id),
            damaged: kept
                .into_iter()
                .filter(|(_, digest, kept)| {
                    let raw = kept
                        .as_ref()
                        .and_then(|(bytes, size)| body::decompress(bytes, size.unsigned_abs()).ok());
                    raw.is_none_or(|raw| blake3::hash(&raw).as_bytes().as_slice() != digest)
                })
                .map(|(id, ..)| id)
                .collect(),
        });
        look.await.map_err(|source| StoreError::Encode {
            source: Box::new(source),
        })
    }

    /// The largest id of a message, for choosing where to look.
    pub async fn last_message(&self) -> Result<MessageId, StoreError> {
        Ok(MessageId(sqlx::query_scalar(LAST).fetch_one(self.reads()).await?))
    }

    /// The bytes of a message as they are kept, damaged or not: for putting them aside.
    pub async fn kept_body(&self, id: MessageId) -> Result<Option<Vec<u8>>, StoreError> {
        Ok(sqlx::query_scalar(KEPT)
            .bind(id.0)
            .fetch_optional(self.reads())
            .await?)
    }

    /// Puts the right bytes in the place of damaged ones.
    pub async fn replace_body(&self, id: MessageId, body: CompressedBody) -> Result<(), StoreError> {
        let mut writing = self.begin_relaxed().await?;
        let kept = i64::try_from(body.stored_size()).unwrap_or(i64::MAX);
        let raw = i64::try_from(body.raw_size()).unwrap_or(i64::MAX);
        sqlx::query(REPLACE)
            .bind(id.0)
            .bind(raw)
            .bind(body.bytes)
            .execute(&mut *writing)
            .await?;
        sqlx::query(SET_KEPT)
            .bind(id.0)
            .bind(kept)
            .execute(&mut *writing)
            .await?;
        Ok(writing.commit().await?)
    }

    /// Forgets the bytes of a message, which are damaged and nowhere else to be had now. Its head stays.
    pub async fn forget_body(&self, id: MessageId) -> Result<(), StoreError> {
        let mut writing = self.begin_relaxed().await?;
        sqlx::query(REMOVE).bind(id.0).execute(&mut *writing).await?;
        sqlx::query(SET_OVERSIZE)
            .bind(id.0)
            .execute(&mut *writing)
            .await?;
        Ok(writing.commit().await?)
    }

    /// The next look at a folder asks for everything that is not here.
    pub async fn look_again(&self, folder: FolderId) -> Result<(), StoreError> {
        let mut writing = self.begin_relaxed().await?;
        sqlx::query(UNFINISH)
            .bind(folder.0)
            .execute(&mut *writing)
            .await?;
        Ok(writing.commit().await?)
    }

    /// Removes rows that belong to nobody and counts everything anew. Says how many rows were
    /// removed or put right.
    pub async fn mend_rows(&self) -> Result<u64, StoreError> {
        let mut writing = self.begin_synced().await?;
        let removed = run_all(&mut writing, REMOVE_DANGLING).await?;
        run_all(&mut writing, RECOUNT).await?;
        writing.commit().await?;
        Ok(removed)
    }
}

async fn run_all(writing: &mut SqliteConnection, statements: &[&'static str]) -> Result<u64, StoreError> {
    let mut rows = 0;
    for sql in statements {
        rows += sqlx::query(*sql).execute(&mut *writing).await?.rows_affected();
    }
    Ok(rows)
}
