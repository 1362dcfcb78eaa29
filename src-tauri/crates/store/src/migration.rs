//! From an empty or older file to the newest schema.

use sqlx::{Connection, SqliteConnection};

use crate::StoreError;
use crate::database::{APPLICATION_ID, BEGIN_SYNCED};
use crate::readers::Readers;

/// The numbered steps; the last one's number is the version that this program knows. A step that was released is
/// never edited.
pub(crate) const STEPS: &[(i64, &str)] = &[
    (1, include_str!("../migrations/0001_mailbox.sql")),
    (2, include_str!("../migrations/0002_settings.sql")),
    (3, include_str!("../migrations/0003_threads.sql")),
    (4, include_str!("../migrations/0004_drafts.sql")),
    (5, include_str!("../migrations/0005_filters.sql")),
    (6, include_str!("../migrations/0006_outgoing.sql")),
    (7, include_str!("../migrations/0007_index_queue.sql")),
    (8, include_str!("../migrations/0008_content.sql")),
    (10, include_str!("../migrations/0010_partial.sql")),
    (12, include_str!("../migrations/0012_index_pieces.sql")),
    (13, include_str!("../migrations/0013_parts.sql")),
    (14, include_str!("../migrations/0014_traffic.sql")),
    (15, include_str!("../migrations/0015_secret_ends.sql")),
    (16, include_str!("../migrations/0016_targets.sql")),
    (17, include_str!("../migrations/0017_change_validity.sql")),
    (18, include_str!("../migrations/0018_expected_places.sql")),
];

/// The newest version that this program knows.
pub(crate) const SUPPORTED: i64 = 18;

statements! {
    /// The version of the file.
    VERSION = "SELECT user_version FROM pragma_user_version";
    /// Whose file it is.
    APPLICATION = "SELECT application_id FROM pragma_application_id";
    /// Both.
    STATE = "SELECT application_id, user_version FROM pragma_application_id, pragma_user_version";
    /// Whether anything is in it.
    OBJECTS = "SELECT count(*) FROM sqlite_schema";
}

/// True when the file is ours and of this version: nothing is to be done, and nothing else has to look at it. False also
/// when it cannot be read: whoever looks closer says why.
pub(crate) async fn is_done(readers: &Readers) -> bool {
    let state: Result<(i64, i64), _> = sqlx::query_as(STATE).fetch_one(readers).await;
    matches!(state, Ok((APPLICATION_ID, SUPPORTED)))
}

/// Refuses a file that is newer or not ours. Changes nothing.
pub(crate) async fn check(connection: &mut SqliteConnection) -> Result<(), StoreError> {
    let application: i64 = sqlx::query_scalar(APPLICATION)
        .fetch_one(&mut *connection)
        .await?;
    let version: i64 = sqlx::query_scalar(VERSION).fetch_one(&mut *connection).await?;
    if application != APPLICATION_ID {
        let objects: i64 = sqlx::query_scalar(OBJECTS).fetch_one(&mut *connection).await?;
        if application != 0 || objects != 0 {
            return Err(StoreError::damaged("application_id"));
        }
    } else if version > SUPPORTED {
        return Err(StoreError::TooNew {
            found: version,
            supported: SUPPORTED,
        });
    }
    Ok(())
}

/// Applies what is missing, each step in a transaction of its own. Two programs may do so at once: the second waits
/// and finds nothing to do.
pub(crate) async fn migrate(connection: &mut SqliteConnection) -> Result<(), StoreError> {
    let version: i64 = sqlx::query_scalar(VERSION).fetch_one(&mut *connection).await?;
    if version >= SUPPORTED {
        return Ok(());
    }
    for (number, sql) in STEPS {
        let mut step = connection.begin_with(BEGIN_SYNCED).await?;
        let version: i64 = sqlx::query_scalar(VERSION).fetch_one(&mut *step).await?;
        if version >= *number {
            step.rollback().await?;
            continue;
        }
        sqlx::raw_sql(*sql).execute(&mut *step).await?;
        // A pragma takes no bound value.
        let stamp = format!("PRAGMA application_id = {APPLICATION_ID}; PRAGMA user_version = {number}");
        sqlx::raw_sql(sqlx::AssertSqlSafe(stamp))
            .execute(&mut *step)
            .await?;
        step.commit().await?;
    }
    Ok(())
}
