//! Table `attachments`: what hangs on a message; the bytes are in its body.

use mailroom_model::{AttachmentId, MessageId};

use crate::column::Columns;
use crate::{Messages, StoreError};

/// An attachment of a message that arrives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewAttachment {
    /// The body part's number (RFC 3501 §6.4.5): `2`, `1.3`.
    pub part: String,
    /// The decoded file name; may be empty.
    pub filename: String,
    /// The media type, lower case: `application/pdf`.
    pub content_type: String,
    /// Decoded size in bytes.
    pub size: u64,
    /// Content-ID without angle brackets.
    pub content_id: Option<String>,
    /// It belongs into the text.
    pub is_inline: bool,
}

/// An attachment as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AttachmentRow {
    /// Its id.
    pub id: AttachmentId,
    /// The message it hangs on.
    pub message_id: MessageId,
    /// Everything else.
    pub attachment: NewAttachment,
}

statements! {
    /// A message's attachments in their order.
    LIST = "SELECT * FROM attachments WHERE message_id = ?1 ORDER BY id";
    /// A new attachment.
    INSERT = "INSERT INTO attachments (message_id, part, filename, content_type, size, content_id, is_inline) \
        VALUES (?, ?, ?, ?, ?, ?, ?)";
}

/// The statement that [`crate::ingest`] runs.
pub(crate) const INSERT_ATTACHMENT: &str = INSERT;

impl Messages<'_> {
    /// A message's attachments in their order.
    pub async fn attachments(&self, id: MessageId) -> Result<Vec<AttachmentRow>, StoreError> {
        let rows = sqlx::query(LIST).bind(id.0).fetch_all(self.0.reads()).await?;
        rows.iter()
            .map(|row| {
                Ok(AttachmentRow {
                    id: AttachmentId(row.value("id")?),
                    message_id: MessageId(row.value("message_id")?),
                    attachment: NewAttachment {
                        part: row.value("part")?,
                        filename: row.value("filename")?,
                        content_type: row.value("content_type")?,
                        size: row.unsigned("size")?,
                        content_id: row.value("content_id")?,
                        is_inline: row.value("is_inline")?,
                    },
                })
            })
            .collect()
    }
}
