//! Unread places of a folder's messages: what is marked as read when the folder is.

use mailroom_model::{FolderId, MessageId};

use crate::column::Columns;
use crate::{Messages, StoreError};

/// Where an unread message stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnreadPlace {
    /// The folder.
    pub folder_id: FolderId,
    /// The UID there; `None` for what a waiting change will bring.
    pub uid: Option<u32>,
    /// The message.
    pub message_id: MessageId,
}

statements! {
    /// Every unread place of the messages that are unread in a folder.
    UNREAD_IN = "SELECT q.folder_id, iif(q.stands_for IS NULL, q.uid, NULL) AS uid, q.message_id FROM places AS p \
        CROSS JOIN places AS q ON q.message_id = p.message_id WHERE p.folder_id = ?1 AND p.flags & 1 = 0 \
        AND p.operation_id IS NULL AND q.flags & 1 = 0 AND q.operation_id IS NULL";
}

impl Messages<'_> {
    /// Where the unread messages of a folder stand unread, in it and elsewhere.
    pub async fn unread_in(&self, folder: FolderId) -> Result<Vec<UnreadPlace>, StoreError> {
        let rows = sqlx::query(UNREAD_IN)
            .bind(folder.0)
            .fetch_all(self.0.reads())
            .await?;
        rows.iter()
            .map(|row| {
                Ok(UnreadPlace {
                    folder_id: FolderId(row.value("folder_id")?),
                    uid: row.unsigned32_option("uid")?,
                    message_id: MessageId(row.value("message_id")?),
                })
            })
            .collect()
    }
}
