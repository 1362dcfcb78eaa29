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
    /// True when it can be renamed, moved and deleted, as far as is known here.
    pub changeable: bool,
    /// True when folders can be made in it, as far as is known here.
    pub takes_folders: bool,
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

/// Payload of `folder_create`.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct FolderCreate {
    /// The account's address.
    pub address: String,
    /// The folder's name: one level, as people write it.
    pub name: String,
    /// The path or role of the folder in which it shall lie; none for the top.
    #[serde(default)]
    #[ts(optional)]
    pub parent: Option<String>,
}

/// Payload of `folder_rename`.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct FolderRename {
    /// The account's address.
    pub address: String,
    /// The folder's path.
    pub folder: String,
    /// Its new name: one level, as people write it; none leaves it.
    #[serde(default)]
    #[ts(optional)]
    pub name: Option<String>,
    /// The path or role of the folder in which it shall lie, empty for the top; none leaves it where it is.
    #[serde(default)]
    #[ts(optional)]
    pub parent: Option<String>,
}

/// Payload of `folder_delete`.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct FolderDelete {
    /// The account's address.
    pub address: String,
    /// The folder's path.
    pub folder: String,
    /// The person has agreed to lose so many messages for good, as `folder_not_empty` says; without it the folder goes to the
    /// trash, or is refused with that code.
    #[serde(default)]
    #[ts(optional)]
    pub agreed: Option<u32>,
}

/// Reply of `folder_delete`.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct FolderDeletedView {
    /// The path of the folder in the trash that it is now; none when it is gone for good.
    pub moved_to: Option<String>,
}

/// Payload of `folder_read`.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct FolderRead {
    /// The account's address.
    pub address: String,
    /// The folder's path or role.
    pub folder: String,
}
