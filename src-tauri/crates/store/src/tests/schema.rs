//! `docs/schema.sql` is what a fresh database looks like.

use std::fmt::Write;
use std::path::Path;

use sqlx::Row;

use super::kit::TestStore;

/// Run with `MAILROOM_WRITE_SCHEMA=1` after a migration was added.
#[tokio::test]
async fn schema_document_shows_a_fresh_database() {
    let test = TestStore::new().await;
    let version: i64 = sqlx::query_scalar("SELECT user_version FROM pragma_user_version")
        .fetch_one(test.store.reads())
        .await
        .unwrap();
    let mut text = format!(
        "-- The schema of Mailroom's database, version {version}. Written by a test of the store; do not edit.\n"
    );
    // The tables beneath the index of words are SQLite's own business.
    let rows = sqlx::query(
        "SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' \
         AND name NOT LIKE 'search\\_%' ESCAPE '\\' ORDER BY rowid",
    )
    .fetch_all(test.store.reads())
    .await
    .unwrap();
    for row in rows {
        write!(text, "\n{};\n", row.get::<String, _>(0)).unwrap();
    }
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../docs/schema.sql");
    #[expect(
        clippy::disallowed_methods,
        reason = "a test's switch for writing its golden file"
    )]
    let is_written = std::env::var_os("MAILROOM_WRITE_SCHEMA").is_some();
    if is_written {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, &text).unwrap();
    }
    let document = std::fs::read_to_string(&path).unwrap();
    assert!(
        document == text,
        "docs/schema.sql is out of date: run with MAILROOM_WRITE_SCHEMA=1"
    );
}
