//! What exists only here: copied beside the database while it is well, and taken back when it is not.
//!
//! Mail can be fetched again from its servers. The tables of [`LASTING`] cannot; a backup is a database of the same schema
//! with nothing but their rows.

use std::fs::File;
use std::path::Path;

use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, SqliteConnection};

use crate::{Store, StoreError, migration};

/// A table, and how to find the rows that belong to a backup.
struct Lasting {
    table: &'static str,
    only: &'static str,
    /// It has a rowid, so that it can be read row by row around a damage.
    has_rowid: bool,
}

const fn all_of(table: &'static str) -> Lasting {
    Lasting {
        table,
        only: "",
        has_rowid: true,
    }
}

const fn keyed(table: &'static str) -> Lasting {
    Lasting {
        table,
        only: "",
        has_rowid: false,
    }
}

/// The tables whose rows exist only here, parents before children. Folders are on the server as well, but changes that wait
/// name them.
const LASTING: &[Lasting] = &[
    keyed("settings"),
    keyed("learned_domains"),
    keyed("allowed_senders"),
    all_of("registrations"),
    Lasting {
        only: " WHERE removing = 0",
        ..all_of("accounts")
    },
    all_of("identities"),
    all_of("folders"),
    all_of("outbox"),
    all_of("operations"),
    all_of("drafts"),
    all_of("draft_files"),
];

/// The tables that are made anew from what the servers have.
#[cfg(test)]
pub(crate) const FETCHED: &[&str] = &[
    "attachments",
    "bodies",
    "folder_threads",
    "messages",
    "parts",
    "people",
    "person_words",
    "places",
    "search",
    "thread_links",
    "threads",
    "unindexed",
];

/// The tables that begin anew: what they say of the past is of no use to a database that was put together again.
#[cfg(test)]
pub(crate) const OBSERVED: &[&str] = &["journal", "traffic"];

/// The names of the tables of a backup.
#[cfg(test)]
pub(crate) fn lasting_tables() -> Vec<&'static str> {
    LASTING.iter().map(|lasting| lasting.table).collect()
}

/// A message that waits to be put on the server goes along: its row is not in the backup. `other` is the database that has it.
const CARRY_MESSAGES: &str = "UPDATE main.operations SET (raw, raw_size) = (SELECT b.bytes, b.raw_size FROM other.bodies AS b \
    WHERE b.message_id = operations.message_id), kind = json_set(kind, '$.source', json('{\"from\":\"operation\"}')) \
    WHERE message_id IS NOT NULL AND raw IS NULL AND state = 'waiting'";

/// What points to rows that are not there any more, and what is known of folders whose messages are not: the next look at the
/// server begins from nothing, but waiting changes still know which UIDs they mean.
const LOOSEN: &[&str] = &[
    // From before they had one.
    "UPDATE main.operations SET rank = id WHERE rank = 0",
    "UPDATE main.operations SET message_id = NULL WHERE message_id NOT IN (SELECT id FROM main.messages)",
    "UPDATE main.outbox SET about_id = NULL, about_flag = NULL WHERE about_id NOT IN (SELECT id FROM main.messages)",
    "UPDATE main.drafts SET about_id = NULL WHERE about_id NOT IN (SELECT id FROM main.messages)",
    "UPDATE main.folders SET is_complete = 0, uid_next = 0, highest_modseq = NULL, exists_count = 0, window_start = NULL, \
        total = 0, unread = 0, error_code = NULL, error_params = NULL, error_at = NULL \
        WHERE NOT EXISTS (SELECT 1 FROM main.places AS p WHERE p.folder_id = folders.id)",
];

/// Rows of these tables that belong to nobody, after rows were put together from two sources.
const ORPHANS: &[&str] = &[
    "UPDATE main.accounts SET registration_id = NULL WHERE registration_id NOT IN (SELECT id FROM main.registrations)",
    "DELETE FROM main.identities WHERE account_id NOT IN (SELECT id FROM main.accounts)",
    "DELETE FROM main.folders WHERE account_id NOT IN (SELECT id FROM main.accounts)",
    "DELETE FROM main.outbox WHERE account_id NOT IN (SELECT id FROM main.accounts)",
    "UPDATE main.outbox SET identity_id = NULL WHERE identity_id NOT IN (SELECT id FROM main.identities)",
    "DELETE FROM main.operations WHERE account_id NOT IN (SELECT id FROM main.accounts)",
    "UPDATE main.operations SET folder_id = NULL, state = 'refused', error_code = 'folder_missing' \
        WHERE folder_id NOT IN (SELECT id FROM main.folders)",
    "DELETE FROM main.drafts WHERE account_id NOT IN (SELECT id FROM main.accounts)",
    "UPDATE main.drafts SET outbox_id = NULL WHERE outbox_id NOT IN (SELECT id FROM main.outbox)",
    "UPDATE main.drafts SET upload_id = NULL WHERE upload_id NOT IN (SELECT id FROM main.operations)",
    "UPDATE main.drafts SET copy_folder_id = NULL WHERE copy_folder_id NOT IN (SELECT id FROM main.folders)",
    "DELETE FROM main.draft_files WHERE draft_id NOT IN (SELECT id FROM main.drafts)",
];

/// Rows that are tried one by one in a damaged table at most.
const MOST_ROWS: i64 = 200_000;

/// What was saved of a database.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Salvaged {
    /// Rows that came from the damaged file.
    pub from_file: u64,
    /// Rows that came from the backup.
    pub from_backup: u64,
    /// Tables that could not be read to their end in the damaged file, or in which SQLite finds something wrong.
    pub cut_tables: Vec<String>,
}

impl Store {
    /// Writes what exists only here into a new database at `path`, for its owner only, on the disk when this returns. Readers
    /// and the writer go on meanwhile. Does nothing for a database in memory.
    pub async fn back_up(&self, path: &Path) -> Result<(), StoreError> {
        let Some(own) = self.path() else {
            return Ok(());
        };
        create(path).map_err(|source| StoreError::from_io(path, source))?;
        let mut copy = SqliteConnectOptions::new()
            .filename(path)
            .create_if_missing(false)
            .page_size(8192)
            // The file is worth nothing before it is whole, and then it is written to the disk below.
            .journal_mode(SqliteJournalMode::Off)
            .synchronous(SqliteSynchronous::Off)
            .foreign_keys(false)
            .disable_statement_logging()
            .connect()
            .await?;
        migration::migrate(&mut copy).await?;
        attach(&mut copy, own).await?;
        // One look for all tables: what is copied belongs together.
        sqlx::raw_sql("BEGIN").execute(&mut copy).await?;
        for lasting in LASTING {
            whole(&mut copy, lasting).await?;
        }
        sqlx::raw_sql(CARRY_MESSAGES).execute(&mut copy).await?;
        for sql in LOOSEN {
            sqlx::raw_sql(*sql).execute(&mut copy).await?;
        }
        sqlx::raw_sql("COMMIT; DETACH DATABASE other")
            .execute(&mut copy)
            .await?;
        copy.close().await?;
        let path = path.to_owned();
        let synced = tokio::task::spawn_blocking(move || {
            File::options()
                .write(true)
                .open(&path)
                .and_then(|file| file.sync_all())
                .map_err(|source| StoreError::from_io(&path, source))
        });
        synced.await.map_err(|source| StoreError::Encode {
            source: Box::new(source),
        })?
    }

    /// Whether a file can be read as a backup. Errors: [`StoreError::Damaged`], [`StoreError::TooNew`].
    pub async fn check_backup(path: &Path) -> Result<(), StoreError> {
        let mut look = SqliteConnectOptions::new()
            .filename(path)
            .create_if_missing(false)
            .read_only(true)
            .disable_statement_logging()
            .connect()
            .await?;
        let verdict = migration::check(&mut look).await;
        let accounts = sqlx::query_scalar::<_, i64>("SELECT count(*) FROM accounts")
            .fetch_one(&mut look)
            .await;
        look.close().await?;
        verdict?;
        accounts.map(drop).map_err(|source| StoreError::Damaged {
            what: "backup",
            source: Some(Box::new(source)),
        })
    }

    /// Fills a new database: with what can be read of a damaged one, table after table and row after row, and with a backup
    /// for the tables that could not be read to their end or are not sound. Either may be missing. The files stay as they are.
    pub async fn take_over(
        &self,
        damaged: Option<&Path>,
        backup: Option<&Path>,
    ) -> Result<Salvaged, StoreError> {
        let mut salvaged = Salvaged::default();
        let mut writer = self.writer().await?;
        sqlx::raw_sql("PRAGMA foreign_keys = OFF")
            .execute(&mut *writer)
            .await?;
        let filled = fill(&mut writer, damaged, backup, &mut salvaged).await;
        sqlx::raw_sql("PRAGMA foreign_keys = ON")
            .execute(&mut *writer)
            .await?;
        filled.map(|()| salvaged)
    }
}

async fn fill(
    writer: &mut SqliteConnection,
    damaged: Option<&Path>,
    backup: Option<&Path>,
    salvaged: &mut Salvaged,
) -> Result<(), StoreError> {
    let mut cut: Vec<&Lasting> = LASTING.iter().collect();
    if let Some(damaged) = damaged
        && attach(writer, damaged).await.is_ok()
    {
        cut.clear();
        for lasting in LASTING {
            match whole(writer, lasting).await {
                Ok(rows) => {
                    salvaged.from_file += rows;
                    if !is_sound(writer, lasting).await {
                        cut.push(lasting);
                    }
                }
                Err(error @ (StoreError::Full { .. } | StoreError::ReadOnly { .. })) => return Err(error),
                Err(_) => {
                    salvaged.from_file += row_by_row(writer, lasting).await?;
                    cut.push(lasting);
                }
            }
        }
        // What cannot be read of the messages stays with the changes that name it, as refused ones.
        drop(sqlx::raw_sql(CARRY_MESSAGES).execute(&mut *writer).await);
        sqlx::raw_sql("DETACH DATABASE other")
            .execute(&mut *writer)
            .await?;
    }
    salvaged.cut_tables = cut.iter().map(|lasting| lasting.table.to_owned()).collect();
    if let Some(backup) = backup {
        attach(writer, backup).await?;
        for lasting in &cut {
            salvaged.from_backup += whole(writer, lasting).await?;
        }
        sqlx::raw_sql("DETACH DATABASE other")
            .execute(&mut *writer)
            .await?;
    }
    for sql in LOOSEN.iter().chain(ORPHANS) {
        sqlx::raw_sql(*sql).execute(&mut *writer).await?;
    }
    Ok(())
}

/// The other database as `other`.
async fn attach(connection: &mut SqliteConnection, path: &Path) -> Result<(), StoreError> {
    let name = path.to_str().ok_or(StoreError::damaged("path"))?;
    sqlx::query("ATTACH DATABASE ?1 AS other")
        .bind(name)
        .execute(&mut *connection)
        .await?;
    // A file that is no database shows it at the first look.
    let looked = sqlx::query_scalar::<_, i64>("SELECT count(*) FROM other.sqlite_schema")
        .fetch_one(&mut *connection)
        .await;
    if let Err(error) = looked {
        drop(sqlx::raw_sql("DETACH DATABASE other").execute(connection).await);
        return Err(error.into());
    }
    Ok(())
}

/// The columns that a table has in both databases: the other one may be older.
async fn columns(connection: &mut SqliteConnection, table: &str) -> Result<String, StoreError> {
    let names: Vec<String> = sqlx::query_scalar(
        "SELECT o.name FROM pragma_table_info(?1, 'other') AS o JOIN pragma_table_info(?1, 'main') AS m ON m.name = o.name \
         ORDER BY o.cid",
    )
    .bind(table)
    .fetch_all(connection)
    .await?;
    if names.is_empty() {
        return Err(StoreError::damaged("table"));
    }
    Ok(names.join(", "))
}

/// Whether SQLite finds nothing wrong with a table of the other database: a page whose count of rows is damaged is read to its
/// end without an error, and has fewer of them.
async fn is_sound(connection: &mut SqliteConnection, lasting: &Lasting) -> bool {
    let sql = format!("PRAGMA other.integrity_check({})", lasting.table);
    let verdict = sqlx::query_scalar::<_, String>(AssertSqlSafe(sql))
        .fetch_optional(connection)
        .await;
    matches!(verdict, Ok(Some(verdict)) if verdict == "ok")
}

/// Copies a whole table; rows that are here stay. All of it or nothing.
async fn whole(connection: &mut SqliteConnection, lasting: &Lasting) -> Result<u64, StoreError> {
    let Lasting { table, only, .. } = lasting;
    let columns = columns(connection, table).await?;
    let sql =
        format!("INSERT OR IGNORE INTO main.{table} ({columns}) SELECT {columns} FROM other.{table}{only}");
    let copied = sqlx::query(AssertSqlSafe(sql)).execute(connection).await?;
    Ok(copied.rows_affected())
}

/// Copies the rows of a damaged table that can be read.
async fn row_by_row(connection: &mut SqliteConnection, lasting: &Lasting) -> Result<u64, StoreError> {
    let Lasting { table, has_rowid, .. } = lasting;
    if !has_rowid {
        return Ok(0);
    }
    let Ok(columns) = columns(connection, table).await else {
        return Ok(0);
    };
    let last: Option<i64> = sqlx::query_scalar("SELECT seq FROM other.sqlite_sequence WHERE name = ?1")
        .bind(*table)
        .fetch_optional(&mut *connection)
        .await
        .unwrap_or_default();
    let sql = format!(
        "INSERT OR IGNORE INTO main.{table} ({columns}) SELECT {columns} FROM other.{table} WHERE rowid = ?1"
    );
    let mut rows = 0;
    for id in 1..=last.unwrap_or(1000).min(MOST_ROWS) {
        let copied = sqlx::query(AssertSqlSafe(sql.clone()))
            .bind(id)
            .execute(&mut *connection)
            .await;
        match copied.map_err(StoreError::from) {
            Ok(copied) => rows += copied.rows_affected(),
            Err(error @ (StoreError::Full { .. } | StoreError::ReadOnly { .. })) => return Err(error),
            // This row is lost.
            Err(_) => {}
        }
    }
    Ok(rows)
}

/// Makes an empty file for its owner only; one that is there is not touched.
fn create(path: &Path) -> std::io::Result<()> {
    let mut options = File::options();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map(drop)
}
