//! What works and what does not.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::{AccountView, ExpiryView, OperationView, OutboxView};
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

/// One thing that an account does, and how it goes.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct OperationHealthView {
    /// `receive`, `push`, `send`, or `flags` for changes of messages.
    pub operation: String,
    /// As `condition` of the account.
    pub condition: String,
    /// Why it is switched off, when it is: `chosen`, `setup-open`, `signed-out`, `not-offered`.
    pub off: Option<String>,
    /// When it last worked.
    pub worked_at: Option<i64>,
    /// When it last failed; it may work again.
    pub failed_at: Option<i64>,
    /// Why it last failed; it may work again.
    pub error: Option<WireError>,
    /// When it is tried again by itself; absent when it works, or when that is up to the next look.
    pub retry_at: Option<i64>,
    /// Milliseconds until the server let us in, the last time that it was asked.
    pub took_ms: Option<i64>,
}

/// A silence that is unusually long for an account.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct SilenceView {
    /// When the last message came.
    pub since: i64,
    /// Minutes between two messages in the hours in which they usually come.
    pub usual_minutes: u32,
    /// When a fresh connection showed that nothing is there; absent when none was opened since the last message.
    pub proved_at: Option<i64>,
    /// Why none could be opened, when that was the last thing that was tried.
    pub error: Option<WireError>,
}

/// Payload of `journal_get`.
#[derive(Clone, Debug, Default, Serialize, Deserialize, TS)]
pub struct JournalGet {
    /// One account, or all.
    #[serde(default)]
    #[ts(optional)]
    pub address: Option<String>,
    /// How many of the newest entries of each; 500 (all) when absent.
    #[serde(default)]
    #[ts(optional)]
    pub limit: Option<u32>,
}

/// What happened between an account and its servers: no content, no secret, no address but the account's own.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct JournalView {
    /// The account's address.
    pub address: String,
    /// The entries, newest first.
    pub entries: Vec<JournalEntryView>,
}

/// One entry of a journal.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct JournalEntryView {
    /// Its number: a later one is greater.
    pub id: i64,
    /// `added`, `signed_in`, `signed_out`, `approval_awaited`, `approval_granted`, `connected` (`server`: `imap` or `smtp`),
    /// `failed` (`operation`), `recovered` (`operation`), `servers_changed`, `network_changed`, `network_lost`, `woke` (`minutes`),
    /// `quiet` (`hours`), `sign_in_failed`, `tested`, `test_failed` (`proof`).
    pub kind: String,
    /// `receive`, `push`, `send`, `flags`, or `check` for the fresh connection that proves a silent mailbox.
    pub operation: Option<String>,
    /// The proof of a Test that failed first, as in its report.
    pub proof: Option<String>,
    /// `imap` or `smtp`.
    pub server: Option<String>,
    /// The server's name.
    pub host: Option<String>,
    /// The server's port.
    pub port: Option<i64>,
    /// Minutes that the machine slept, hours that nothing came.
    pub count: Option<i64>,
    /// What went wrong.
    pub error: Option<WireError>,
    /// How often in a row.
    pub times: u32,
    /// When, the first time.
    pub began_at: i64,
    /// When, the last time.
    pub ended_at: i64,
}

/// One account in the status.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct AccountStatus {
    /// The account.
    pub account: AccountView,
    /// What it does, and how that goes: receiving, push, sending, changes.
    pub health: Vec<OperationHealthView>,
    /// When a server of the account last did what it was asked.
    pub heard_at: Option<i64>,
    /// When the newest message arrived.
    pub arrived_at: Option<i64>,
    /// Messages that arrived in each of the last 168 hours, oldest first; counted from what is kept here.
    pub arrivals: Vec<i64>,
    /// When the first of those hours began.
    pub arrivals_since: i64,
    /// A silence that is unusually long.
    pub silence: Option<SilenceView>,
    /// Changes that wait to reach the server, without the subjects of their messages.
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
    /// What stops working on a day that is known, the nearest first.
    pub expiries: Vec<ExpiryView>,
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
    /// `store`, `backups`, `vault`, `policy`, `certificates`, `outbox`, `operations`, `expiries`
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
    /// Each account's journal.
    pub journals: Vec<JournalView>,
}
