//! Table `journal`: what happened between an account and its servers.

use std::collections::BTreeMap;

use mailroom_model::{AccountId, ErrorCode, Param, UnixMillis};
use sqlx::sqlite::SqliteRow;

use crate::column::{Columns, to_json};
use crate::{Store, StoreError};

/// Entries that are kept of an account at most.
const MOST: i64 = 500;
/// How long an entry is kept: thirty days.
const LONGEST_SECONDS: i64 = 30 * 24 * 60 * 60;

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum JournalKind {
    /// The account was added.
    Added,
    /// The person signed in again.
    SignedIn,
    /// The person tried to sign in again, and was not let in: an error.
    SignInFailed,
    /// The person took the sign-in away and kept the mail.
    SignedOut,
    /// An administrator has to allow the program before the account can sign in.
    ApprovalAwaited,
    /// An administrator has allowed it.
    ApprovalGranted,
    /// A server let us in: `server` (`imap` or `smtp`), `host`, `port`.
    Connected,
    /// Something failed: `operation` of [`crate::Traffic`], and an error.
    Failed,
    /// It works again: `operation`.
    Recovered,
    /// The person chose other servers: `host`, `port`.
    ServersChanged,
    /// This machine is in another network, or has one again.
    NetworkChanged,
    /// This machine has no network any more.
    NetworkLost,
    /// This machine slept: `minutes`.
    Woke,
    /// Nothing came for unusually long, and a fresh connection has shown that there is nothing: `hours`.
    Quiet,
    /// Every proof of a Test passed.
    Tested,
    /// A proof of a Test failed, the first of them: `proof`, and an error.
    TestFailed,
}

impl JournalKind {
    /// All of them.
    pub const EVERY: [Self; 16] = [
        Self::Added,
        Self::SignedIn,
        Self::SignInFailed,
        Self::SignedOut,
        Self::ApprovalAwaited,
        Self::ApprovalGranted,
        Self::Connected,
        Self::Failed,
        Self::Recovered,
        Self::ServersChanged,
        Self::NetworkChanged,
        Self::NetworkLost,
        Self::Woke,
        Self::Quiet,
        Self::Tested,
        Self::TestFailed,
    ];

    /// The name in the database and on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Added => "added",
            Self::SignedIn => "signed_in",
            Self::SignInFailed => "sign_in_failed",
            Self::SignedOut => "signed_out",
            Self::ApprovalAwaited => "approval_awaited",
            Self::ApprovalGranted => "approval_granted",
            Self::Connected => "connected",
            Self::Failed => "failed",
            Self::Recovered => "recovered",
            Self::ServersChanged => "servers_changed",
            Self::NetworkChanged => "network_changed",
            Self::NetworkLost => "network_lost",
            Self::Woke => "woke",
            Self::Quiet => "quiet",
            Self::Tested => "tested",
            Self::TestFailed => "test_failed",
        }
    }

    /// The opposite of [`Self::as_str`].
    pub fn from_name(name: &str) -> Option<Self> {
        Self::EVERY.into_iter().find(|kind| kind.as_str() == name)
    }
}

/// Something to be noted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewJournalEntry {
    /// What happened.
    pub kind: JournalKind,
    /// Facts by name. Never content, a secret, or an address other than the account's own.
    pub facts: BTreeMap<String, Param>,
    /// What went wrong.
    pub error: Option<ErrorCode>,
    /// When.
    pub at: UnixMillis,
}

/// An entry as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JournalEntry {
    /// Its number: a later one is greater.
    pub id: i64,
    /// What happened.
    pub kind: JournalKind,
    /// Facts by name.
    pub facts: BTreeMap<String, Param>,
    /// What went wrong.
    pub error: Option<ErrorCode>,
    /// How often in a row.
    pub times: u32,
    /// When, the first time.
    pub began_at: UnixMillis,
    /// When, the last time.
    pub ended_at: UnixMillis,
}

statements! {
    /// The newest entries, newest first.
    LIST = "SELECT * FROM journal WHERE account_id = ?1 ORDER BY id DESC LIMIT ?2";
    /// The newest entry once more, when it says the same.
    AGAIN = "UPDATE journal SET times = times + 1, ended_at = ?5 \
        WHERE id = (SELECT j.id FROM journal AS j WHERE j.account_id = ?1 ORDER BY j.id DESC LIMIT 1) \
        AND kind = ?2 AND facts = ?3 AND error_code IS ?4";
    /// A new entry. Nothing when the account is being removed.
    INSERT = "INSERT INTO journal (account_id, kind, facts, error_code, began_at, ended_at) \
        SELECT a.id, ?2, ?3, ?4, ?5, ?5 FROM accounts AS a WHERE a.id = ?1 AND a.removing = 0";
    /// Entries that are too many.
    TRIM = "DELETE FROM journal WHERE account_id = ?1 AND id <= \
        (SELECT j.id FROM journal AS j WHERE j.account_id = ?1 ORDER BY j.id DESC LIMIT 1 OFFSET ?2)";
    /// Entries that are too old.
    EXPIRE = "DELETE FROM journal WHERE account_id = ?1 AND ended_at < ?2";
}

/// The journals of the accounts of a [`Store`]. A power cut may lose the last entries.
#[derive(Clone, Copy, Debug)]
pub struct Journal<'s>(&'s Store);

impl Store {
    /// Table `journal`.
    pub fn journal(&self) -> Journal<'_> {
        Journal(self)
    }
}

impl JournalEntry {
    fn read(row: &SqliteRow) -> Result<Self, StoreError> {
        let code: Option<String> = row.value("error_code")?;
        Ok(Self {
            id: row.value("id")?,
            kind: row.named("kind", JournalKind::from_name)?,
            facts: row.json("facts")?,
            // A code of another version is no reason not to read the rest.
            error: code.as_deref().and_then(ErrorCode::from_name),
            times: row.unsigned32("times")?,
            began_at: row.at("began_at")?,
            ended_at: row.at("ended_at")?,
        })
    }
}

impl Journal<'_> {
    /// Notes what happened; what is the same as the newest entry is counted there. Keeps 500 entries of the last thirty days.
    /// An account that is gone is no error.
    pub async fn note(&self, account: AccountId, entry: &NewJournalEntry) -> Result<(), StoreError> {
        let facts = to_json(&entry.facts)?;
        let code = entry.error.map(ErrorCode::as_str);
        let mut writing = self.0.begin_relaxed().await?;
        for sql in [AGAIN, INSERT] {
            let done = sqlx::query(sql)
                .bind(account.0)
                .bind(entry.kind.as_str())
                .bind(&facts)
                .bind(code)
                .bind(entry.at.0)
                .execute(&mut *writing)
                .await?;
            if done.rows_affected() > 0 {
                break;
            }
        }
        sqlx::query(TRIM)
            .bind(account.0)
            .bind(MOST)
            .execute(&mut *writing)
            .await?;
        sqlx::query(EXPIRE)
            .bind(account.0)
            .bind(entry.at.plus_seconds(-LONGEST_SECONDS).0)
            .execute(&mut *writing)
            .await?;
        Ok(writing.commit().await?)
    }

    /// The newest entries, newest first.
    pub async fn list(&self, account: AccountId, limit: u32) -> Result<Vec<JournalEntry>, StoreError> {
        let rows = sqlx::query(LIST)
            .bind(account.0)
            .bind(limit)
            .fetch_all(self.0.reads())
            .await?;
        rows.iter().map(JournalEntry::read).collect()
    }
}
