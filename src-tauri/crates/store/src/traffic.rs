//! Table `traffic`: how each thing that an account does went the last time.

use mailroom_model::{AccountId, UnixMillis};
use sqlx::sqlite::SqliteRow;

use crate::column::{Columns, signed};
use crate::{Store, StoreError, StoredError};

/// What an account does with its servers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Traffic {
    /// Mail is fetched or found up to date.
    Receive,
    /// The server announces.
    Push,
    /// A message is accepted.
    Send,
    /// Changes of flags and folders reach the server.
    Flags,
    /// A fresh connection proves a mailbox that has been silent for unusually long.
    Check,
}

impl Traffic {
    /// All of them, in the order of declaration.
    pub const EVERY: [Self; 5] = [Self::Receive, Self::Push, Self::Send, Self::Flags, Self::Check];

    /// The name in the database and on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Receive => "receive",
            Self::Push => "push",
            Self::Send => "send",
            Self::Flags => "flags",
            Self::Check => "check",
        }
    }

    /// The opposite of [`Self::as_str`].
    pub fn from_name(name: &str) -> Option<Self> {
        Self::EVERY.into_iter().find(|one| one.as_str() == name)
    }
}

/// How one thing went.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrafficRow {
    /// What it is.
    pub operation: Traffic,
    /// When it last worked.
    pub worked_at: Option<UnixMillis>,
    /// Milliseconds until the server let us in, the last time that a connection was opened for it.
    pub took_ms: Option<u64>,
    /// The same of the time before.
    pub before_ms: Option<u64>,
    /// Failures in a row; 0 when it worked the last time.
    pub failures: u32,
    /// The last failure, also when it works again.
    pub last_error: Option<StoredError>,
    /// When it is tried again by itself, as far as that was known.
    pub retry_at: Option<UnixMillis>,
}

statements! {
    /// How it all went.
    LIST = "SELECT * FROM traffic WHERE account_id = ?1";
    /// How one thing went.
    GET = "SELECT * FROM traffic WHERE account_id = ?1 AND operation = ?2";
    /// It worked. Nothing when the account is being removed.
    WORKED = "INSERT INTO traffic (account_id, operation, worked_at, took_ms) \
        SELECT a.id, ?2, ?3, ?4 FROM accounts AS a WHERE a.id = ?1 AND a.removing = 0 \
        ON CONFLICT (account_id, operation) DO UPDATE SET worked_at = excluded.worked_at, failures = 0, retry_at = NULL, \
        before_ms = CASE WHEN excluded.took_ms IS NULL THEN before_ms ELSE took_ms END, \
        took_ms = coalesce(excluded.took_ms, took_ms)";
    /// It failed. Nothing when the account is being removed.
    FAILED = "INSERT INTO traffic (account_id, operation, failures, error_code, error_params, error_at, retry_at) \
        SELECT a.id, ?2, 1, ?3, ?4, ?5, ?6 FROM accounts AS a WHERE a.id = ?1 AND a.removing = 0 \
        ON CONFLICT (account_id, operation) DO UPDATE SET failures = failures + 1, error_code = excluded.error_code, \
        error_params = excluded.error_params, error_at = excluded.error_at, retry_at = excluded.retry_at";
    /// When it is tried again.
    SET_RETRY = "UPDATE traffic SET retry_at = ?3 WHERE account_id = ?1 AND operation = ?2 AND failures > 0";
    /// What failed before counts no more: something has changed that makes a new beginning.
    FORGIVE = "UPDATE traffic SET failures = 0, retry_at = NULL WHERE account_id = ?1 AND failures > 0";
}

/// The traffic of the accounts of a [`Store`]. A power cut may lose the last of it.
#[derive(Clone, Copy, Debug)]
pub struct AccountTraffic<'s>(&'s Store);

impl Store {
    /// Table `traffic`.
    pub fn traffic(&self) -> AccountTraffic<'_> {
        AccountTraffic(self)
    }
}

impl TrafficRow {
    fn read(row: &SqliteRow) -> Result<Self, StoreError> {
        let milliseconds = |column| {
            let value: Option<i64> = row.value(column)?;
            Ok::<_, StoreError>(value.map(i64::unsigned_abs))
        };
        Ok(Self {
            operation: row.named("operation", Traffic::from_name)?,
            worked_at: row.at_option("worked_at")?,
            took_ms: milliseconds("took_ms")?,
            before_ms: milliseconds("before_ms")?,
            failures: row.unsigned32("failures")?,
            last_error: row.stored_error()?,
            retry_at: row.at_option("retry_at")?,
        })
    }
}

impl AccountTraffic<'_> {
    /// How everything went that was ever tried, in the order of [`Traffic::EVERY`].
    pub async fn list(&self, account: AccountId) -> Result<Vec<TrafficRow>, StoreError> {
        let rows = sqlx::query(LIST)
            .bind(account.0)
            .fetch_all(self.0.reads())
            .await?;
        let mut rows: Vec<TrafficRow> = rows.iter().map(TrafficRow::read).collect::<Result<_, _>>()?;
        rows.sort_by_key(|row| row.operation);
        Ok(rows)
    }

    /// How one thing went; `None` when it was never tried.
    pub async fn get(
        &self,
        account: AccountId,
        operation: Traffic,
    ) -> Result<Option<TrafficRow>, StoreError> {
        let row = sqlx::query(GET)
            .bind(account.0)
            .bind(operation.as_str())
            .fetch_optional(self.0.reads())
            .await?;
        row.as_ref().map(TrafficRow::read).transpose()
    }

    /// It worked at `at`; `took_ms` when a connection was opened for it. An account that is gone is no error.
    pub async fn worked(
        &self,
        account: AccountId,
        operation: Traffic,
        took_ms: Option<u64>,
        at: UnixMillis,
    ) -> Result<(), StoreError> {
        let mut writing = self.0.begin_relaxed().await?;
        sqlx::query(WORKED)
            .bind(account.0)
            .bind(operation.as_str())
            .bind(at.0)
            .bind(took_ms.map(signed))
            .execute(&mut *writing)
            .await?;
        Ok(writing.commit().await?)
    }

    /// It failed; `retry_at` when it is tried again by itself and the time is known. An account that is gone is no error.
    pub async fn failed(
        &self,
        account: AccountId,
        operation: Traffic,
        error: &StoredError,
        retry_at: Option<UnixMillis>,
    ) -> Result<(), StoreError> {
        let (code, params, at) = StoredError::columns(Some(error))?;
        let mut writing = self.0.begin_relaxed().await?;
        sqlx::query(FAILED)
            .bind(account.0)
            .bind(operation.as_str())
            .bind(code)
            .bind(params)
            .bind(at)
            .bind(retry_at.map(|at| at.0))
            .execute(&mut *writing)
            .await?;
        Ok(writing.commit().await?)
    }

    /// When what failed is tried again; nothing for what works.
    pub async fn set_retry(
        &self,
        account: AccountId,
        operation: Traffic,
        at: UnixMillis,
    ) -> Result<(), StoreError> {
        let mut writing = self.0.begin_relaxed().await?;
        sqlx::query(SET_RETRY)
            .bind(account.0)
            .bind(operation.as_str())
            .bind(at.0)
            .execute(&mut *writing)
            .await?;
        Ok(writing.commit().await?)
    }

    /// What failed before counts no more: the person has signed in, or chosen other servers.
    pub async fn forgive(&self, account: AccountId) -> Result<(), StoreError> {
        let mut writing = self.0.begin_relaxed().await?;
        sqlx::query(FORGIVE)
            .bind(account.0)
            .execute(&mut *writing)
            .await?;
        Ok(writing.commit().await?)
    }
}
