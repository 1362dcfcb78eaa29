//! Mail as files.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::WireError;

/// Payload of `mail_export`.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct MailExport {
    /// The account's address.
    pub address: String,
    /// Paths or roles of folders; all when empty.
    #[serde(default)]
    pub folders: Vec<String>,
    /// `mbox`, `maildir` or `eml`.
    pub format: String,
    /// The folder to write into; made when it is missing.
    pub target: String,
    /// True to write into a folder that has something in it; messages that an earlier export put there are passed over.
    #[serde(default)]
    pub add: bool,
    /// True to leave out what is only on the server.
    #[serde(default)]
    pub local: bool,
}

/// Reply of `mail_export`.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct MailExported {
    /// The folder that was written into.
    pub target: String,
    /// Every folder of the account that became files.
    pub folders: Vec<ExportedFolderView>,
    /// Messages that did not, the first thousand.
    pub missing: Vec<MissingMessageView>,
    /// How many did not in all.
    pub missing_count: i64,
}

/// One folder that became files.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct ExportedFolderView {
    /// The folder's path.
    pub path: String,
    /// Its file or folder in the target; empty for the target itself.
    pub file: String,
    /// Messages that were written.
    pub messages: i64,
    /// Messages that an earlier export had written.
    pub kept: i64,
    /// Bytes of the messages that were written.
    pub bytes: i64,
    /// Messages that are only on the server and were left out as asked.
    pub left: i64,
}

/// A message that did not become a file.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct MissingMessageView {
    /// Its folder's path.
    pub folder: String,
    /// Its UID; 0 when the folder could not be looked at.
    pub uid: u32,
    /// Its subject, where it is known.
    pub subject: String,
    /// Why.
    pub error: WireError,
}

/// Payload of `mail_import`.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct MailImport {
    /// The account's address.
    pub address: String,
    /// The folder's path or role.
    pub folder: String,
    /// Mailbox files, Maildirs, messages (`.eml`), and folders of them.
    pub paths: Vec<String>,
}

/// Reply of `mail_import`.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct MailImported {
    /// The folder's path.
    pub folder: String,
    /// Messages that the server took.
    pub imported: i64,
    /// Messages that lay there already, or came twice.
    pub known: i64,
    /// Messages that their program had deleted and not cleared away.
    pub deleted: i64,
    /// Messages that wait for the server.
    pub waiting: i64,
    /// Messages that were not taken, the first thousand.
    pub refused: Vec<RefusedMessageView>,
    /// How many were not taken in all.
    pub refused_count: i64,
    /// Why it stopped before its end, when it did. The same call again goes on.
    pub error: Option<WireError>,
}

/// A message that was not taken.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct RefusedMessageView {
    /// Its file, with its number in a mailbox file.
    pub origin: String,
    /// Its subject, where it is known.
    pub subject: String,
    /// Why.
    pub error: WireError,
}
