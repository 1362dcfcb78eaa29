//! What works and what does not.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::{AccountView, OperationView, OutboxView};
use crate::WireError;

/// Payload of `sync_run` and `sync_watch`.
#[derive(Clone, Debug, Default, Serialize, Deserialize, TS)]
pub struct SyncRun {
    /// One account, or all.
    #[serde(default)]
    #[ts(optional)]
    pub address: Option<String>,
}

/// What synchronising one account did.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct SyncReport {
    /// The account's address.
    pub address: String,
    /// Messages that came.
    pub added: i64,
    /// Messages whose flags changed.
    pub changed: i64,
    /// Messages that went.
    pub removed: i64,
    /// Bytes of messages loaded.
    pub bytes: i64,
    /// Local changes that reached the server.
    pub operations: i64,
    /// Messages sent.
    pub sent: i64,
    /// Every folder that was looked at.
    pub folders: Vec<FolderReport>,
    /// Why the account as a whole failed, when it did.
    pub error: Option<WireError>,
}

/// What synchronising one folder did.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct FolderReport {
    /// The folder's path.
    pub path: String,
    /// Messages that came.
    pub added: i64,
    /// Messages whose flags changed.
    pub changed: i64,
    /// Messages that went.
    pub removed: i64,
    /// Why it failed, when it did; the other folders went on.
    pub error: Option<WireError>,
}

/// One proof of a Test.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct ProofView {
    /// `name-lookup`, `tls`, `imap-sign-in`, `folder-list`, `read-header`, `smtp-sign-in`, `right-to-send`, `push`
    pub proof: String,
    /// `passed`, `failed`, or `skipped` when an earlier one failed or the server has no such thing.
    pub result: String,
    /// What was tried: server, folder, address.
    pub tried: String,
    /// What was seen, as facts for a report.
    pub seen: String,
    /// Milliseconds that it took.
    pub took_ms: i64,
    /// Why it failed.
    pub error: Option<WireError>,
}

/// Reply of `account_test`.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct TestReport {
    /// The account's address.
    pub address: String,
    /// The proofs in order.
    pub proofs: Vec<ProofView>,
    /// True when none failed.
    pub passed: bool,
}

/// One account in the status.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct AccountStatus {
    /// The account.
    pub account: AccountView,
    /// When mail was last sent without a fault.
    pub sent_at: Option<i64>,
    /// Changes that wait to reach the server.
    pub operations: Vec<OperationView>,
    /// Messages that wait to be sent or were refused.
    pub outbox: Vec<OutboxView>,
}

/// Reply of `status_get`.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct StatusView {
    /// Every account.
    pub accounts: Vec<AccountStatus>,
    /// Bytes that the store takes on disk.
    pub store_bytes: i64,
    /// True when the last look at the database found what only a repair can mend.
    pub store_unsound: bool,
    /// `store_restored`, when the database was restored from a backup at a start and `restored_seen` was not called yet.
    pub store_restored: Option<WireError>,
}

/// Payload of `doctor_run`.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize, TS)]
pub struct DoctorRun {
    /// True to mend what is damaged before everything is looked at.
    #[serde(default)]
    pub repair: bool,
}

/// One thing that a repair mended.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct RepairView {
    /// `rebuilt` (a new database, `count` rows were saved, `path` is the damaged one), `bodies` (fetched again),
    /// `lost_bodies` (the server has them no more), `waiting_bodies` (could not be fetched now), `rows` (stray rows, counters),
    /// `index` (the search index was made anew, from `count` messages).
    pub what: String,
    /// How many.
    pub count: i64,
    /// The file that is meant.
    pub path: Option<String>,
}

/// A backup of what exists only here.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct BackupView {
    /// The file.
    pub path: String,
    /// When it was written.
    pub at: i64,
    /// Its size.
    pub bytes: i64,
}

/// Payload of `backup_restore`.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct BackupRestore {
    /// The backup.
    pub path: String,
}

/// Reply of `backup_restore`.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct BackupRestored {
    /// Rows that came back.
    pub rows: i64,
    /// Where the database that was there before is now.
    pub set_aside: Option<String>,
}

/// One thing the doctor looked at.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct DoctorCheck {
    /// `store`, `backups`, `vault`, `policy`, `certificates`, `outbox`, `operations`
    pub check: String,
    /// True when it is well.
    pub passed: bool,
    /// What was seen, as facts for a report.
    pub seen: String,
    /// What is wrong.
    pub error: Option<WireError>,
}

/// Reply of `doctor_run`.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct DoctorReport {
    /// The program's version.
    pub version: String,
    /// The operating system and processor.
    pub platform: String,
    /// Where everything is kept.
    pub home: String,
    /// What was mended, when that was asked for.
    pub repairs: Vec<RepairView>,
    /// The checks in order, after that.
    pub checks: Vec<DoctorCheck>,
}
