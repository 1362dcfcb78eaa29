//! Table `parts`: files of large messages that were fetched alone, so that the same file is not fetched twice.

use mailroom_model::MessageId;
use sqlx::SqliteConnection;

use crate::column::Columns;
use crate::{Messages, StoreError};

/// All of them together, in bytes; the oldest go first.
const ROOM: u64 = 256 << 20;
/// A larger file is not kept.
const LARGEST: u64 = ROOM / 4;

statements! {
    /// One file.
    GET = "SELECT p.digest, p.bytes FROM parts AS p WHERE p.message_id = ?1 AND p.part = ?2";
    /// One more, or the same anew: then it is the newest.
    PUT = "INSERT OR REPLACE INTO parts (message_id, part, digest, bytes) VALUES (?1, ?2, ?3, ?4)";
    /// The oldest, beyond what there is room for. The length of a blob is read without the blob.
    MAKE_ROOM = "DELETE FROM parts WHERE id IN (SELECT s.id FROM ( \
        SELECT p.id, sum(length(p.bytes)) OVER (ORDER BY p.id DESC) AS taken FROM parts AS p) AS s WHERE s.taken > ?1)";
    /// The message is here as a whole.
    FORGET = "DELETE FROM parts WHERE message_id = ?1";
}

/// Gives up the files of a message that is whole now.
pub(crate) async fn forget(writing: &mut SqliteConnection, id: MessageId) -> Result<(), StoreError> {
    sqlx::query(FORGET).bind(id.0).execute(writing).await?;
    Ok(())
}

impl Messages<'_> {
    /// A decoded file of a message that is not here as a whole, when it was fetched before and is still kept. One whose bytes
    /// are not what was fetched is as good as none.
    pub async fn kept_part(&self, id: MessageId, part: &str) -> Result<Option<Vec<u8>>, StoreError> {
        let row = sqlx::query(GET)
            .bind(id.0)
            .bind(part)
            .fetch_optional(self.0.reads())
            .await?;
        let Some(row) = row else {
            return Ok(None);
        };
        let (digest, bytes): (Vec<u8>, Vec<u8>) = (row.value("digest")?, row.value("bytes")?);
        Ok((blake3::hash(&bytes).as_bytes().as_slice() == digest).then_some(bytes))
    }

    /// Keeps a decoded file of such a message, as far as there is room: 64 MB for one, 256 MB for all, the oldest go first.
    pub async fn keep_part(&self, id: MessageId, part: &str, bytes: &[u8]) -> Result<(), StoreError> {
        self.keep_part_within(id, part, bytes, LARGEST, ROOM).await
    }

    pub(crate) async fn keep_part_within(
        &self,
        id: MessageId,
        part: &str,
        bytes: &[u8],
        largest: u64,
        room: u64,
    ) -> Result<(), StoreError> {
        if bytes.len() as u64 > largest {
            return Ok(());
        }
        let digest = blake3::hash(bytes);
        let mut writing = self.0.begin_relaxed().await?;
        sqlx::query(PUT)
            .bind(id.0)
            .bind(part)
            .bind(digest.as_bytes().as_slice())
            .bind(bytes)
            .execute(&mut *writing)
            .await?;
        sqlx::query(MAKE_ROOM)
            .bind(i64::try_from(room).unwrap_or(i64::MAX))
            .execute(&mut *writing)
            .await?;
        Ok(writing.commit().await?)
    }
}
