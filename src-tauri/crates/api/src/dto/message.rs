//! Messages that were received.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// Payload of `message_list`: newest first.
#[derive(Clone, Debug, Default, Serialize, Deserialize, TS)]
pub struct MessageList {
    /// One account, or all.
    #[serde(default)]
    #[ts(optional)]
    pub address: Option<String>,
    /// A folder's path or role; the inbox when absent.
    #[serde(default)]
    #[ts(optional)]
    pub folder: Option<String>,
    /// Rows at most; 50 when absent, 1,000 at most.
    #[serde(default)]
    #[ts(optional)]
    pub limit: Option<u32>,
    /// Where the last page ended.
    #[serde(default)]
    #[ts(optional)]
    pub cursor: Option<String>,
    /// True to show one row for each thread: its newest message in this folder.
    #[serde(default)]
    pub threads: bool,
}

/// Payload of `message_search`.
#[derive(Clone, Debug, Default, Serialize, Deserialize, TS)]
pub struct MessageSearch {
    /// Words and operators. All must hold. A word may be the beginning of a longer one; words in quotation marks stand
    /// together as they are. Operators: `from: to: subject: file:` with a word or a quoted phrase, `in:` with a folder's path
    /// or role, `has:attachment`, `is:unread`, `is:read`, `is:starred`, `after:` (that day and later) and `before:` (earlier
    /// than that day) with `2026-11-22`, `2026-11`, `2026`, `today`, `yesterday`, or `7d`, `2w`, `3m`, `1y` ago; days are
    /// those of UTC. What is no operator with a value that makes sense is a word to look for.
    pub query: String,
    /// One account, or all.
    #[serde(default)]
    #[ts(optional)]
    pub address: Option<String>,
    /// Rows at most; 50 when absent, 1,000 at most.
    #[serde(default)]
    #[ts(optional)]
    pub limit: Option<u32>,
}

/// One row of a list.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct MessageRow {
    /// Row id, for `message_show`.
    pub id: i64,
    /// The account's address.
    pub account: String,
    /// The folder's path.
    pub folder: String,
    /// Conversation.
    pub thread_id: i64,
    /// Decoded subject.
    pub subject: String,
    /// The sender's display name.
    pub from_name: String,
    /// The sender's address.
    pub from_address: String,
    /// Names of the recipients, addresses where there are none, each once; 20 at most.
    pub to: Vec<String>,
    /// The message's own date.
    pub sent_at: Option<i64>,
    /// When the server received it.
    pub received_at: i64,
    /// IMAP flags and keywords.
    pub flags: Vec<String>,
    /// Bytes.
    pub size: i64,
    /// The beginning of the text.
    pub preview: String,
    /// How many attachments.
    pub attachments: u32,
    /// The thread that the row stands for; `null` where rows are single messages.
    pub thread: Option<ThreadView>,
}

/// A thread in a list.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct ThreadView {
    /// Messages of it that stand in this folder.
    pub messages: u32,
    /// Unread ones among them.
    pub unread: u32,
    /// Names of those who wrote them, oldest first, each once; an address where there is no name.
    pub senders: Vec<String>,
    /// Names of those to whom they went, those of the newest first, each once; an address where there is no name.
    pub recipients: Vec<String>,
    /// The messages' row ids, newest first: what an action on the row acts on.
    pub ids: Vec<i64>,
}

/// Payload of `thread_show`.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, TS)]
pub struct ThreadShow {
    /// `MessageRow.thread_id`.
    pub id: i64,
}

/// Reply of a command that can be undone.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, TS)]
pub struct Undoable {
    /// For `undo_run`; `null` when it cannot be undone.
    pub undo: Option<i64>,
}

/// Payload of `undo_run`.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, TS)]
pub struct UndoId {
    /// `Undoable.undo`.
    pub id: i64,
}

/// A message that just came.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct ArrivedView {
    /// Row id.
    pub id: i64,
    /// The sender's name, or address.
    pub from: String,
    /// Subject.
    pub subject: String,
}

/// Reply of `message_list`.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct MessagePage {
    /// Newest first.
    pub messages: Vec<MessageRow>,
    /// For the next page; absent on the last.
    pub cursor: Option<String>,
}

/// Reply of `message_search`.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct SearchPage {
    /// Newest first.
    pub messages: Vec<MessageRow>,
    /// False while messages are still being loaded, so that something may be missing.
    pub complete: bool,
}

/// Payload of `message_show`.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, TS)]
pub struct MessageShow {
    /// Row id.
    pub id: i64,
}

/// Payload of `message_inspect`.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct MessageInspect {
    /// The file with the message.
    pub path: String,
}

/// Payload of `message_export`.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct MessageExport {
    /// Row id.
    pub id: i64,
    /// The attachment's part instead of the whole message.
    #[serde(default)]
    #[ts(optional)]
    pub part: Option<String>,
    /// The file to write; without it the bytes are in the reply.
    #[serde(default)]
    #[ts(optional)]
    pub path: Option<String>,
}

/// Reply of `message_export`.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct MessageExported {
    /// The file that was written.
    pub path: Option<String>,
    /// The bytes in base64 when there was no file.
    pub base64: Option<String>,
    /// How many bytes.
    pub bytes: i64,
}

/// One attachment.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct AttachmentView {
    /// Part number (RFC 3501 §6.4.5).
    pub part: String,
    /// A name safe to save under.
    pub filename: String,
    /// Type and subtype.
    pub content_type: String,
    /// Bytes when decoded.
    pub size: i64,
    /// True for a picture inside the text.
    pub inline: bool,
    /// The name under which the HTML refers to it (`cid:`, RFC 2392), without brackets.
    pub content_id: Option<String>,
    /// True when it was left on the server; it is fetched when it is wanted, and the size is about right.
    pub left: bool,
}

/// One part of the structure.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct PartView {
    /// Part number; empty for the whole message.
    pub part: String,
    /// Type and subtype.
    pub content_type: String,
    /// Charset as written.
    pub charset: Option<String>,
    /// Transfer encoding as written.
    pub encoding: Option<String>,
    /// File name.
    pub filename: Option<String>,
    /// Bytes when decoded.
    pub size: i64,
    /// Parts inside.
    pub children: Vec<PartView>,
}

/// Everything Mailroom sees in a message.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct MessageView {
    /// The row, when the message is a stored one.
    pub row: Option<MessageRow>,
    /// Every folder that it stands in.
    pub folders: Vec<String>,
    /// Header fields in order: name and decoded value.
    pub headers: Vec<(String, String)>,
    /// Decoded subject.
    pub subject: String,
    /// `Name <address>`
    pub from: Vec<String>,
    /// `Name <address>`
    pub to: Vec<String>,
    /// `Name <address>`
    pub cc: Vec<String>,
    /// Where an answer goes.
    pub reply_to: Vec<String>,
    /// The message's own date.
    pub date: Option<i64>,
    /// Message-ID without brackets.
    pub message_id: Option<String>,
    /// Plain text.
    pub text: String,
    /// HTML that is safe to show; loads nothing.
    pub html: Option<String>,
    /// Addresses that the HTML wanted to load.
    pub remote: Vec<String>,
    /// Attachments.
    pub attachments: Vec<AttachmentView>,
    /// The tree of parts.
    pub structure: Option<PartView>,
    /// What is wrong with the message, by code.
    pub defects: Vec<String>,
    /// True when only the header is kept here because the message is above the size limit.
    pub header_only: bool,
    /// True when not everything is here: attachments, or the end of a very long text, are on the server.
    pub partial: bool,
    /// True when pictures of this sender are shown unasked.
    pub pictures_allowed: bool,
}

/// Payload of `message_delete`.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct MessageDelete {
    /// Row ids.
    pub ids: Vec<i64>,
    /// The folders in which they are seen (`MessageRow.folder`, a path or role), with the ids that are seen there: that is
    /// where they are deleted, and one that is there no more is passed over. Those that are not named are deleted in the
    /// folder that comes first.
    #[serde(default)]
    pub from: BTreeMap<String, Vec<i64>>,
}

/// Payload of `message_mark`.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct MessageMark {
    /// Row ids.
    pub ids: Vec<i64>,
    /// IMAP flags to set.
    #[serde(default)]
    pub add: Vec<String>,
    /// IMAP flags to clear.
    #[serde(default)]
    pub remove: Vec<String>,
}

/// Payload of `message_move` and `message_copy`.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct MessageMove {
    /// Row ids.
    pub ids: Vec<i64>,
    /// The folder's path or role.
    pub folder: String,
    /// The folders in which they are seen, as in `message_delete`: those that they leave.
    #[serde(default)]
    pub from: BTreeMap<String, Vec<i64>>,
}
