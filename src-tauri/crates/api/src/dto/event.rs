//! Events: what happened, in the past tense.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::{ArrivedView, ProofView, StepView};
use crate::WireError;

/// Something happened. Numbers are totals so far, not differences, so a lost event does no harm.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum EventView {
    /// A sign-in waits for the browser: open `url`, or show it. The answer comes by itself, or by `signin_answer`.
    SigninOpened {
        /// The account's address.
        address: String,
        /// Where the person signs in.
        url: String,
    },
    /// A source was asked for the servers of an address (`asking`), or has answered.
    DetectionStepped {
        /// The address.
        address: String,
        /// How far the source is.
        step: StepView,
    },
    /// One proof ended.
    ProofEnded {
        /// The account's address.
        address: String,
        /// What it was and how it ended.
        proof: ProofView,
    },
    /// An account was added, changed or removed.
    AccountChanged {
        /// The account's address.
        address: String,
    },
    /// Synchronising an account began.
    SyncStarted {
        /// The account's address.
        address: String,
    },
    /// A message that was left on the server, or a part of it, is being fetched.
    DownloadProgressed {
        /// The message's row id.
        id: i64,
        /// The part; `null` for the whole message.
        part: Option<String>,
        /// Bytes that came.
        bytes: i64,
        /// Bytes that there are, about.
        bytes_total: i64,
    },
    /// Messages of a folder are being loaded.
    SyncProgressed {
        /// The account's address.
        address: String,
        /// The folder's path.
        folder: String,
        /// Messages loaded.
        messages: i64,
        /// Messages to load.
        messages_total: i64,
        /// Bytes loaded.
        bytes: i64,
        /// Bytes to load, as far as the server has told.
        bytes_total: i64,
    },
    /// The newest messages of the inbox can be read.
    InboxReadied {
        /// The account's address.
        address: String,
        /// How many.
        messages: i64,
    },
    /// A folder is up to date, or failed.
    FolderSynced {
        /// The account's address.
        address: String,
        /// The folder's path.
        folder: String,
        /// Messages that came.
        added: i64,
        /// Messages whose flags changed.
        changed: i64,
        /// Messages that went.
        removed: i64,
        /// Why it failed, when it did.
        error: Option<WireError>,
    },
    /// Synchronising an account ended.
    SyncEnded {
        /// The account's address.
        address: String,
        /// Why it failed, when it did.
        error: Option<WireError>,
    },
    /// Waiting for the server to announce something, or until the next look.
    WatchRested {
        /// The account's address.
        address: String,
        /// `push`, `poll`, or `manual`: not by itself, because the person wants it so, its setup is not done, or it is signed out.
        by: String,
    },
    /// An entry of the outbox changed its state.
    OutboxChanged {
        /// The account's address.
        address: String,
        /// Row id.
        id: i64,
        /// The new state.
        state: String,
    },
    /// Messages came that were not here before, after the first load of their folder.
    MessagesArrived {
        /// The account's address.
        address: String,
        /// The folder's path.
        folder: String,
        /// The folder's role, when it has one.
        role: Option<String>,
        /// The unread ones, newest first; five at most.
        messages: Vec<ArrivedView>,
        /// How many unread ones came in all.
        count: i64,
    },
    /// A draft was kept, brought to the drafts folder, sent or discarded.
    DraftsChanged {
        /// The account's address.
        address: String,
    },
    /// Settings of the program changed.
    SettingsChanged {},
    /// Mail becomes files, or files become mail.
    TransferProgressed {
        /// The account's address.
        address: String,
        /// The folder's path, or the file's name.
        folder: String,
        /// Messages that are done.
        messages: i64,
        /// Messages in all; 0 when nobody knows yet.
        messages_total: i64,
        /// Bytes that are done.
        bytes: i64,
        /// Bytes in all; 0 when nobody knows.
        bytes_total: i64,
    },
    /// A waiting change reached the server, or was refused.
    OperationsChanged {
        /// The account's address.
        address: String,
    },
}
