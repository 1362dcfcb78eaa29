//! The file, its connections, and what every table needs of them.

use std::fs::OpenOptions;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use sqlx::pool::PoolConnection;
use sqlx::sqlite::{
    Sqlite, SqliteAutoVacuum, SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions,
    SqliteSynchronous,
};
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, Transaction};
use tokio::sync::watch;

use crate::migration;
use crate::presence::{Alone, Presence};
use crate::readers::{Readers, View};
use crate::reindex::IndexLook;
use crate::{Contradiction, StoreError};

/// `application_id` of the file: "MRoo".
pub(crate) const APPLICATION_ID: i64 = 0x4d52_6f6f;

/// Begins a transaction whose loss in a power cut does no harm.
pub(crate) const BEGIN_RELAXED: &str = "PRAGMA synchronous = NORMAL; BEGIN IMMEDIATE";
/// Begins a transaction that is on the disk when its commit returns.
pub(crate) const BEGIN_SYNCED: &str = "PRAGMA synchronous = FULL; BEGIN IMMEDIATE";

/// How long a statement waits for another program before it is [`StoreError::Busy`].
const BUSY_TIMEOUT: Duration = Duration::from_secs(10);
/// How long a task waits for its turn on the writer.
pub(crate) const TURN_TIMEOUT: Duration = Duration::from_mins(1);

statements! {
    /// SQLite's own check; at most a hundred findings.
    INTEGRITY = "SELECT integrity_check FROM pragma_integrity_check";
    /// Rows that point nowhere.
    FOREIGN_KEYS = "SELECT count(*) FROM pragma_foreign_key_check";
    /// The tables that a quick look reads.
    SMALL_TABLES = "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' \
        AND name NOT LIKE 'search%' AND name <> 'bodies'";
    /// All tables but the index of words, which is a table only by its looks.
    TABLES = "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND name <> 'search'";
    /// Pages that could be given back.
    FREE_PAGES = "SELECT freelist_count FROM pragma_freelist_count";
}

/// The open database. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Store {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    path: Option<PathBuf>,
    presence: Mutex<Option<Presence>>,
    /// How often what exists only here was changed.
    lasting: watch::Sender<u64>,
    /// Opened when something is written for the first time.
    writer: SqlitePool,
    readers: Readers,
}

/// What [`Store::integrity_check`] found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct IntegrityReport {
    /// SQLite's findings in its own words, empty when all is well.
    pub findings: Vec<String>,
    /// Rows that point to rows that are not there.
    pub dangling_rows: u64,
    /// The search index contradicts itself.
    pub search_is_damaged: bool,
    /// Rows that do not agree with those that they were counted from.
    pub contradictions: Vec<Contradiction>,
}

impl IntegrityReport {
    /// Nothing was found.
    pub fn is_sound(&self) -> bool {
        self.findings.is_empty()
            && self.dangling_rows == 0
            && !self.search_is_damaged
            && self.contradictions.is_empty()
    }
}

/// A transaction on the writer.
pub(crate) type Writing = Transaction<'static, Sqlite>;

impl Store {
    /// Opens the database at `path`, creates it (readable by its owner only) when there is none, and brings its
    /// schema up to date. The folder must exist.
    ///
    /// Errors: [`StoreError::TooNew`] without having touched the file, [`StoreError::Damaged`] for anything that is
    /// not our database, [`StoreError::ReadOnly`], [`StoreError::Full`], [`StoreError::Busy`],
    /// [`StoreError::Unreadable`].
    pub async fn open(path: &Path) -> Result<Self, StoreError> {
        Self::open_as(path, Some(Presence::announce(path)?)).await
    }

    /// Nobody has the database at `path` open, and nobody can open it until the result is dropped: the file may be replaced.
    /// Errors: [`StoreError::Busy`].
    pub fn keep_others_out(path: &Path) -> Result<Alone, StoreError> {
        Alone::claim(path)
    }

    /// [`Self::open`] for the one who keeps others out.
    pub async fn open_alone(path: &Path, _: &Alone) -> Result<Self, StoreError> {
        Self::open_as(path, None).await
    }

    async fn open_as(path: &Path, presence: Option<Presence>) -> Result<Self, StoreError> {
        let is_new = create_empty(path).map_err(|source| StoreError::from_io(path, source))?;
        let common = SqliteConnectOptions::new()
            .filename(path)
            .create_if_missing(false)
            .busy_timeout(BUSY_TIMEOUT)
            .statement_cache_capacity(256)
            .pragma("temp_store", "memory")
            .disable_statement_logging();
        let mut writer_options = common.clone();
        if is_new {
            // Said to a file that is there, the latter would be written down again at each opening.
            writer_options = writer_options
                .page_size(8192)
                .auto_vacuum(SqliteAutoVacuum::Incremental);
        }
        let writer_options = writer_options
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Normal)
            .foreign_keys(true)
            .pragma("cache_size", "-16384")
            .pragma("wal_autocheckpoint", "4000")
            .pragma("journal_size_limit", "67108864")
            .optimize_on_close(true, 400);
        let writer = pool(1)
            .after_release(|connection, _| {
                Box::pin(async move {
                    // What was given up is rolled back first.
                    connection.ping().await?;
                    // SQLite itself ends a transaction for which the disk has no room. Then there is nothing to roll back,
                    // and the connection counts it as open for ever and begins no other one.
                    Ok(!connection.is_in_transaction())
                })
            })
            .connect_lazy_with(writer_options);
        let readers = Readers::new(
            common
                .clone()
                .pragma("query_only", "1")
                .pragma("cache_size", "-8192"),
        );
        let is_ready = !is_new && migration::is_done(&readers).await;
        if !is_ready && let Err(error) = Self::prepare(common, &writer, is_new).await {
            // Whoever puts another file in its place must not find these connections still there.
            readers.close().await;
            writer.close().await;
            return Err(error);
        }
        Ok(Self {
            inner: Arc::new(Inner {
                path: Some(path.to_owned()),
                presence: Mutex::new(presence),
                lasting: watch::channel(0).0,
                writer,
                readers,
            }),
        })
    }

    /// Makes a file ready that is not known to be.
    async fn prepare(
        common: SqliteConnectOptions,
        writer: &SqlitePool,
        is_new: bool,
    ) -> Result<(), StoreError> {
        if !is_new {
            // A read-only look first: a newer or foreign file is left exactly as it is.
            let mut look = common.read_only(true).connect().await?;
            let verdict = migration::check(&mut look).await;
            look.close().await?;
            verdict?;
        }
        let mut connection = writer.acquire().await?;
        migration::migrate(&mut connection).await
    }

    /// A database that lives as long as this value and its clones: one connection, no file.
    pub async fn in_memory() -> Result<Self, StoreError> {
        let options = SqliteConnectOptions::new()
            .in_memory(true)
            .foreign_keys(true)
            .statement_cache_capacity(256)
            .disable_statement_logging();
        let only = pool(1).min_connections(1).connect_with(options).await?;
        {
            let mut connection = only.acquire().await?;
            migration::migrate(&mut connection).await?;
        }
        Ok(Self {
            inner: Arc::new(Inner {
                path: None,
                presence: Mutex::new(None),
                lasting: watch::channel(0).0,
                readers: Readers::Writers(only.clone()),
                writer: only,
            }),
        })
    }

    /// Waits for what is running, writes the log back into the file, and closes it. Later calls fail.
    pub async fn close(&self) {
        self.inner.readers.close().await;
        self.inner.writer.close().await;
        drop(
            self.inner
                .presence
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .take(),
        );
    }

    /// A number that grows whenever something is changed that exists only here.
    pub fn lasting_changes(&self) -> u64 {
        *self.inner.lasting.borrow()
    }

    /// Waits for such changes.
    pub fn watch_lasting_changes(&self) -> watch::Receiver<u64> {
        self.inner.lasting.subscribe()
    }

    /// The writer, outside of a transaction.
    pub(crate) async fn writer(&self) -> Result<PoolConnection<Sqlite>, StoreError> {
        Ok(self.inner.writer.acquire().await?)
    }

    /// Has SQLite look at the pages of every table but those that hold the bodies and the index of words, which are large and
    /// checked by other means. False when it finds anything.
    pub async fn quick_check(&self) -> Result<bool, StoreError> {
        let tables: Vec<String> = sqlx::query_scalar(SMALL_TABLES).fetch_all(self.reads()).await?;
        for table in tables {
            // A pragma takes no bound value; the names are those of our own schema.
            let sql = AssertSqlSafe(format!("PRAGMA quick_check({table})"));
            let words: Result<Vec<String>, _> = sqlx::query_scalar(sql).fetch_all(self.reads()).await;
            match words.map_err(StoreError::from) {
                Ok(words) if words.iter().all(|line| line == "ok") => {}
                Ok(_) | Err(StoreError::Damaged { .. }) => return Ok(false),
                Err(error) => return Err(error),
            }
        }
        Ok(true)
    }

    /// The file; `None` for a database in memory.
    pub fn path(&self) -> Option<&Path> {
        self.inner.path.as_deref()
    }

    /// What the database takes on the disk, its log included, in bytes.
    pub async fn size_bytes(&self) -> Result<u64, StoreError> {
        let Some(path) = self.path() else {
            return Ok(0);
        };
        let database = tokio::fs::metadata(path)
            .await
            .map_err(|source| StoreError::from_io(path, source))?
            .len();
        let mut log = path.as_os_str().to_owned();
        log.push("-wal");
        // The log is not there before the first write and after the last connection has closed.
        let log = tokio::fs::metadata(log).await.map_or(0, |data| data.len());
        Ok(database + log)
    }

    /// Reads the whole file and checks that it is sound. Takes seconds for each gigabyte.
    pub async fn integrity_check(&self) -> Result<IntegrityReport, StoreError> {
        let mut report = IntegrityReport::default();
        let index = self.look_at_index().await?;
        report.search_is_damaged = index != IndexLook::Sound;
        report.findings = match &index {
            IndexLook::Sound => self.findings(INTEGRITY).await?,
            // The look at the whole file finds the same once more; that needs no other file.
            IndexLook::Contradicts(known) => {
                let mut findings = self.findings(INTEGRITY).await?;
                findings.retain(|line| !known.contains(line));
                findings
            }
            IndexLook::Unusable => self.findings_by_table().await?,
        };
        let dangling: i64 = sqlx::query_scalar(FOREIGN_KEYS).fetch_one(self.reads()).await?;
        report.dangling_rows = dangling.unsigned_abs();
        if report.findings.is_empty() {
            report.contradictions = self.contradictions(index != IndexLook::Unusable).await?;
        }
        Ok(report)
    }

    /// SQLite's words about the file, without the only line of a sound one.
    async fn findings(&self, sql: &'static str) -> Result<Vec<String>, StoreError> {
        let words: Vec<String> = sqlx::query_scalar(sql).fetch_all(self.reads()).await?;
        Ok(words.into_iter().filter(|line| line != "ok").collect())
    }

    /// The same about each table for itself: where the index of words cannot be opened, SQLite does not look at the whole.
    async fn findings_by_table(&self) -> Result<Vec<String>, StoreError> {
        let tables: Vec<String> = sqlx::query_scalar(TABLES).fetch_all(self.reads()).await?;
        let mut findings = Vec::new();
        for table in tables {
            // A pragma takes no bound value; the names are those of our own schema.
            let sql = AssertSqlSafe(format!("PRAGMA integrity_check({table})"));
            let words: Vec<String> = sqlx::query_scalar(sql).fetch_all(self.reads()).await?;
            findings.extend(words.into_iter().filter(|line| line != "ok"));
        }
        Ok(findings)
    }

    /// True when something was written, or was to be.
    #[cfg(test)]
    pub(crate) fn has_writer(&self) -> bool {
        self.inner.writer.size() > 0
    }

    /// The readers.
    pub(crate) fn reads(&self) -> &Readers {
        &self.inner.readers
    }

    /// A view of the database at one moment, for several statements.
    pub(crate) async fn snapshot(&self) -> Result<View, StoreError> {
        self.inner.readers.view().await
    }

    /// See [`BEGIN_RELAXED`].
    pub(crate) async fn begin_relaxed(&self) -> Result<Writing, StoreError> {
        Ok(self.inner.writer.begin_with(BEGIN_RELAXED).await?)
    }

    /// See [`BEGIN_SYNCED`].
    pub(crate) async fn begin_synced(&self) -> Result<Writing, StoreError> {
        self.inner.lasting.send_modify(|changes| *changes += 1);
        Ok(self.inner.writer.begin_with(BEGIN_SYNCED).await?)
    }

    /// Gives free pages back to the file system, a little at a time so that others get their turn.
    pub(crate) async fn shrink(&self) -> Result<(), StoreError> {
        let mut before = i64::MAX;
        loop {
            let mut connection = self.inner.writer.acquire().await?;
            let free: i64 = sqlx::query_scalar(FREE_PAGES).fetch_one(&mut *connection).await?;
            if free == 0 || free >= before {
                // The log holds every page that went; without readers in it, it can go as well.
                sqlx::raw_sql("PRAGMA wal_checkpoint(TRUNCATE)")
                    .execute(&mut *connection)
                    .await?;
                return Ok(());
            }
            before = free;
            sqlx::raw_sql("PRAGMA incremental_vacuum(4096)")
                .execute(&mut *connection)
                .await?;
        }
    }
}

fn pool(size: u32) -> SqlitePoolOptions {
    SqlitePoolOptions::new()
        .max_connections(size)
        .acquire_timeout(TURN_TIMEOUT)
        .test_before_acquire(false)
        .idle_timeout(None)
        .max_lifetime(None)
}

/// Creates the file, empty, for its owner only. False when there is one already; an empty one counts as new.
fn create_empty(path: &Path) -> std::io::Result<bool> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match options.open(path) {
        Ok(_) => Ok(true),
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {
            Ok(std::fs::metadata(path)?.len() == 0)
        }
        Err(error) => Err(error),
    }
}
