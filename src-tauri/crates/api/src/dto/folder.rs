//! Folders.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::WireError;

/// Payload of `folder_list`.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct FolderList {
    /// The account's address.
    pub address: String,
    /// True to ask the server first; false for what is known here.
    #[serde(default)]
    pub refresh: bool,
}

/// One folder.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct FolderSummary {
    /// Row id.
    pub id: i64,
    /// Decoded path with the server's delimiter.
    pub path: String,
    /// The delimiter, when the server has one.
    pub delimiter: Option<String>,
    /// `inbox`, `sent`, …
    pub role: Option<String>,
    /// False for a folder that only holds others.
    pub selectable: bool,
    /// True when its mail is kept here.
    pub chosen: bool,
    /// True when messages that are archived go there.
    pub archives: bool,
    /// The server shows only so many of its messages, the newest, and has reached that number.
    pub cut_at: Option<u32>,
    /// Messages kept here.
    pub messages: i64,
    /// Unread messages kept here.
    pub unread: i64,
    /// When it was last brought up to date.
    pub synced_at: Option<i64>,
    /// Why it could not be, when it could not.
    pub error: Option<WireError>,
}
