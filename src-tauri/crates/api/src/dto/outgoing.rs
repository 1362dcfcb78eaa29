//! Messages on their way out, and changes on their way to the server.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::WireError;

/// Payload of `message_send`.
#[derive(Clone, Debug, Default, Serialize, Deserialize, TS)]
pub struct MessageSend {
    /// The address to send as: an account's, or `Name <address>`.
    pub from: String,
    /// Recipients, `address` or `Name <address>`.
    pub to: Vec<String>,
    /// Copies.
    #[serde(default)]
    pub cc: Vec<String>,
    /// Copies that nobody else sees.
    #[serde(default)]
    pub bcc: Vec<String>,
    /// Subject.
    pub subject: String,
    /// Plain text.
    pub text: String,
    /// The same as HTML.
    #[serde(default)]
    #[ts(optional)]
    pub html: Option<String>,
    /// Files to attach.
    #[serde(default)]
    pub attachments: Vec<String>,
    /// The stored message that is answered.
    #[serde(default)]
    #[ts(optional)]
    pub reply_to: Option<i64>,
}

/// Payload that names one entry of the outbox.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, TS)]
pub struct OutboxId {
    /// Row id.
    pub id: i64,
}

/// One entry of the outbox.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct OutboxView {
    /// Row id.
    pub id: i64,
    /// The account's address.
    pub account: String,
    /// `queued`, `sending`, `sent` (accepted, copy not yet filed), `filed`, `failed` or `unknown` (the connection
    /// ended before the server said whether it took the message).
    pub state: String,
    /// Subject.
    pub subject: String,
    /// Recipients.
    pub to: Vec<String>,
    /// Message-ID without brackets.
    pub message_id: String,
    /// How often it was tried.
    pub attempts: u32,
    /// When it is tried next.
    pub next_at: Option<i64>,
    /// True when an earlier run of the program ended in the pause for taking it back: it goes at `next_at`, and until then
    /// it can still be taken back.
    pub left_over: bool,
    /// What the server said last.
    pub error: Option<WireError>,
}

/// Payload that names one operation.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, TS)]
pub struct OperationId {
    /// Row id.
    pub id: i64,
}

/// One change that waits to reach the server, or that it refused.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct OperationView {
    /// Row id.
    pub id: i64,
    /// The account's address.
    pub account: String,
    /// The folder's path.
    pub folder: String,
    /// The path of the folder that a move or copy leads to.
    pub to_folder: Option<String>,
    /// The subjects of its first three messages; none where very many changes wait.
    pub subjects: Vec<String>,
    /// `flags`, `move`, `copy`, `delete`, `append`, or `draft`: a draft that is put into its folder.
    pub kind: String,
    /// How many messages.
    pub messages: u32,
    /// `waiting` or `refused`.
    pub state: String,
    /// How often it was tried.
    pub attempts: u32,
    /// What the server said last.
    pub error: Option<WireError>,
}
