//! What leaves the store as files, and what comes into it from there: a folder message by message.

use mailroom_model::{AccountId, FolderId, MessageFlags, MessageId, UidSet, UnixMillis};
use sqlx::sqlite::SqliteRow;

use crate::column::{Columns, hex_list, number_list};
use crate::{Messages, StoreError};

/// A message that a folder shows, as far as a file's name and flags need it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FolderMessage {
    /// The message.
    pub id: MessageId,
    /// Its UID in the folder; `None` while a waiting change will bring it there.
    pub uid: Option<u32>,
    /// INTERNALDATE.
    pub internal_at: UnixMillis,
    /// Its flags, as they are shown.
    pub flags: MessageFlags,
    /// Its subject, decoded.
    pub subject: String,
    /// Its size on the server in bytes.
    pub size: u64,
    /// Where to go on after it, see [`Messages::next_of_folder`].
    pub position: i64,
}

statements! {
    /// The next messages of a folder by UID that are shown, without those of ?4.
    NEXT = "SELECT p.message_id, p.uid, p.internal_at, p.flags, p.keywords, m.subject, m.size FROM places AS p CROSS JOIN messages AS m ON m.id = p.message_id \
        WHERE p.folder_id = ?1 AND p.uid > ?2 AND p.operation_id IS NULL AND NOT EXISTS (SELECT 1 FROM places AS q \
        WHERE q.message_id = p.message_id AND q.operation_id IS NULL AND q.folder_id IN \
        (SELECT j.value FROM json_each(?4) AS j)) ORDER BY p.uid LIMIT ?3";
    /// Every UID of a folder, those that are hidden included.
    UIDS = "SELECT p.uid FROM places AS p WHERE p.folder_id = ?1 AND p.uid <= 4294967295 ORDER BY p.uid";
    /// Which of these bytes lie in the folder.
    IN_FOLDER = "SELECT m.digest FROM json_each(?3) AS j CROSS JOIN messages AS m ON m.account_id = ?1 \
        AND m.digest = unhex(j.value) WHERE EXISTS (SELECT 1 FROM places AS p WHERE p.message_id = m.id \
        AND p.folder_id = ?2)";
}

impl FolderMessage {
    fn read(row: &SqliteRow) -> Result<Self, StoreError> {
        let position: i64 = row.value("uid")?;
        Ok(Self {
            id: MessageId(row.value("message_id")?),
            uid: u32::try_from(position).ok(),
            internal_at: UnixMillis(row.value("internal_at")?),
            flags: MessageFlags::from_bits(row.value("flags")?, row.value("keywords")?),
            subject: row.value("subject")?,
            size: row.unsigned("size")?,
            position,
        })
    }
}

impl Messages<'_> {
    /// The next messages that a folder shows after a position (0: from the beginning), `limit` at most, in the order of their
    /// UIDs and then those that waiting changes will bring there. What a waiting change takes away is left out, and what is
    /// shown in one of the folders `but_not_in`.
    pub async fn next_of_folder(
        &self,
        folder: FolderId,
        after: i64,
        limit: u32,
        but_not_in: &[FolderId],
    ) -> Result<Vec<FolderMessage>, StoreError> {
        let rows = sqlx::query(NEXT)
            .bind(folder.0)
            .bind(after)
            .bind(i64::from(limit))
            .bind(number_list(but_not_in.iter().map(|folder| folder.0)))
            .fetch_all(self.0.reads())
            .await?;
        rows.iter().map(FolderMessage::read).collect()
    }

    /// The UIDs of a folder that are here.
    pub async fn uids_of_folder(&self, folder: FolderId) -> Result<UidSet, StoreError> {
        let uids: Vec<i64> = sqlx::query_scalar(UIDS)
            .bind(folder.0)
            .fetch_all(self.0.reads())
            .await?;
        Ok(uids
            .into_iter()
            .filter_map(|uid| u32::try_from(uid).ok())
            .collect())
    }

    /// Which of these messages (BLAKE3 of their bytes) lie in a folder.
    pub async fn lie_in_folder(
        &self,
        account: AccountId,
        folder: FolderId,
        digests: &[[u8; 32]],
    ) -> Result<Vec<[u8; 32]>, StoreError> {
        let found: Vec<Vec<u8>> = sqlx::query_scalar(IN_FOLDER)
            .bind(account.0)
            .bind(folder.0)
            .bind(hex_list(digests.iter().map(<[u8; 32]>::as_slice)))
            .fetch_all(self.0.reads())
            .await?;
        found
            .into_iter()
            .map(|digest| digest.try_into().map_err(|_| StoreError::damaged("digest")))
            .collect()
    }
}
