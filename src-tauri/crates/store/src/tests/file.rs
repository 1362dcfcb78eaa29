//! The file: created, refused, full, shared, checked.

use mailroom_model::{Coded, ErrorCode};
use sqlx::sqlite::{SqliteConnectOptions, SqlitePoolOptions};
use sqlx::{ConnectOptions, Connection, Executor};

use super::kit::{NOW, TestStore, message, new_account, raw};
use crate::{ListFilter, ListScope, Store, StoreError};

#[tokio::test]
async fn store_keeps_everything_when_opened_again() {
    let test = TestStore::new().await;
    let (account, [inbox, ..]) = test.account_with_folders("anna@x.pl").await;
    test.ingest(account, inbox, (1..=20).map(message).collect()).await;
    assert!(test.store.size_bytes().await.unwrap() > 0);
    let test = test.reopen().await;
    assert_eq!(test.count("messages").await, 20);
    let page = test
        .store
        .messages()
        .list(ListScope::Folder(inbox), &ListFilter::default(), 50, None)
        .await
        .unwrap();
    assert_eq!(page.len(), 20);
    let first = page.first().unwrap();
    assert_eq!(
        test.store.messages().raw(first.id).await.unwrap().unwrap(),
        raw(20)
    );
    test.assert_sound().await;
}

#[tokio::test]
async fn opening_and_reading_write_nothing() {
    let test = TestStore::new().await;
    let (account, [inbox, ..]) = test.account_with_folders("anna@x.pl").await;
    test.ingest(account, inbox, (1..=20).map(message).collect()).await;
    // What the query planner wants to know is written when a store closes after its first use.
    let test = test.reopen().await.reopen().await;
    let path = test.store.path().unwrap().to_owned();
    test.store.close().await;
    let before = std::fs::read(&path).unwrap();
    let again = Store::open(&path).await.unwrap();
    assert_eq!(again.accounts().list().await.unwrap().len(), 1);
    let log = path.with_extension("db-wal");
    assert_eq!(std::fs::metadata(&log).map_or(0, |log| log.len()), 0);
    again.close().await;
    assert!(std::fs::read(&path).unwrap() == before);
}

#[cfg(unix)]
#[tokio::test]
async fn store_file_is_for_its_owner_only() {
    use std::os::unix::fs::PermissionsExt;
    let test = TestStore::new().await;
    let mode = std::fs::metadata(test.store.path().unwrap())
        .unwrap()
        .permissions()
        .mode();
    assert_eq!(mode & 0o777, 0o600);
}

#[tokio::test]
async fn newer_database_is_refused_and_not_touched() {
    let test = TestStore::new().await;
    let path = test.store.path().unwrap().to_owned();
    test.store.close().await;
    let mut connection = SqliteConnectOptions::new()
        .filename(&path)
        .connect()
        .await
        .unwrap();
    connection.execute("PRAGMA user_version = 999").await.unwrap();
    connection.close().await.unwrap();
    let before = std::fs::read(&path).unwrap();

    let error = Store::open(&path).await.unwrap_err();
    assert!(
        matches!(
            error,
            StoreError::TooNew { found: 999, supported } if supported == crate::migration::SUPPORTED
        ),
        "{error:?}"
    );
    assert_eq!(error.code(), ErrorCode::StoreTooNew);
    assert_eq!(std::fs::read(&path).unwrap(), before);
}

#[tokio::test]
async fn file_that_is_no_database_of_ours_is_damaged() {
    let folder = tempfile::tempdir().unwrap();
    let garbage = folder.path().join("garbage.db");
    std::fs::write(
        &garbage,
        b"this is not a database, it only looks like one".repeat(100),
    )
    .unwrap();
    let error = Store::open(&garbage).await.unwrap_err();
    assert_eq!(error.code(), ErrorCode::StoreDamaged, "{error:?}");

    let foreign = folder.path().join("foreign.db");
    let options = SqliteConnectOptions::new()
        .filename(&foreign)
        .create_if_missing(true);
    let mut connection = options.connect().await.unwrap();
    connection
        .execute("CREATE TABLE cars (id INTEGER)")
        .await
        .unwrap();
    connection.close().await.unwrap();
    let error = Store::open(&foreign).await.unwrap_err();
    assert_eq!(error.code(), ErrorCode::StoreDamaged, "{error:?}");
}

#[tokio::test]
async fn half_a_database_is_damaged() {
    let test = TestStore::new().await;
    let (account, [inbox, ..]) = test.account_with_folders("anna@x.pl").await;
    test.ingest(account, inbox, (1..=500).map(message).collect())
        .await;
    let path = test.store.path().unwrap().to_owned();
    test.store.close().await;
    let bytes = std::fs::read(&path).unwrap();
    std::fs::write(&path, &bytes[..bytes.len() / 2]).unwrap();
    let error = match Store::open(&path).await {
        Err(error) => error,
        Ok(store) => {
            let report = store.integrity_check().await;
            match report {
                Err(error) => error,
                Ok(report) => {
                    assert!(!report.is_sound());
                    return;
                }
            }
        }
    };
    assert_eq!(error.code(), ErrorCode::StoreDamaged, "{error:?}");
}

#[tokio::test]
async fn empty_file_becomes_a_database() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("mail.db");
    std::fs::write(&path, b"").unwrap();
    let store = Store::open(&path).await.unwrap();
    assert_eq!(store.accounts().list().await.unwrap(), []);
}

#[tokio::test]
async fn folder_that_is_not_there_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("missing").join("mail.db");
    let error = Store::open(&path).await.unwrap_err();
    assert_eq!(error.code(), ErrorCode::FileUnreadable);
    assert_eq!(error.params()["path"].to_string(), path.display().to_string());
}

#[cfg(unix)]
#[tokio::test]
async fn folder_that_cannot_be_written_to_is_read_only() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let locked = folder.path().join("locked");
    std::fs::create_dir(&locked).unwrap();
    std::fs::set_permissions(&locked, std::fs::Permissions::from_mode(0o555)).unwrap();
    // The superuser may write everywhere: then there is nothing to see here.
    if std::fs::write(locked.join("probe"), b"").is_ok() {
        return;
    }
    let error = Store::open(&locked.join("mail.db")).await.unwrap_err();
    assert_eq!(error.code(), ErrorCode::DiskReadOnly, "{error:?}");
}

#[tokio::test]
async fn writing_where_only_reading_is_allowed_is_read_only() {
    let test = TestStore::new().await;
    let error = sqlx::query("DELETE FROM settings")
        .execute(test.store.reads())
        .await
        .unwrap_err();
    assert_eq!(StoreError::from(error).code(), ErrorCode::DiskReadOnly);
}

#[tokio::test]
async fn full_disk_stores_nothing_of_the_batch_and_says_so() {
    let test = TestStore::new().await;
    let (account, [inbox, ..]) = test.account_with_folders("anna@x.pl").await;
    test.ingest(account, inbox, vec![message(1)]).await;
    let mut limit = test.store.begin_relaxed().await.unwrap();
    sqlx::raw_sql("PRAGMA max_page_count = 1")
        .execute(&mut *limit)
        .await
        .unwrap();
    limit.commit().await.unwrap();

    let batch = (2..=500).map(message).collect();
    let error = test
        .store
        .messages()
        .ingest(account, inbox, batch)
        .await
        .unwrap_err();
    assert_eq!(error.code(), ErrorCode::DiskFull, "{error:?}");
    assert_eq!(test.count("messages").await, 1);
    assert_eq!(test.count("search").await, 1);

    let mut limit = test.store.begin_relaxed().await.unwrap();
    sqlx::raw_sql("PRAGMA max_page_count = 1000000")
        .execute(&mut *limit)
        .await
        .unwrap();
    limit.commit().await.unwrap();
    test.ingest(account, inbox, (1..=500).map(message).collect())
        .await;
    assert_eq!(test.count("messages").await, 500);
    test.assert_sound().await;
}

#[tokio::test]
async fn transaction_that_the_database_ended_itself_does_not_keep_the_next_from_beginning() {
    let test = TestStore::new().await;
    for _ in 0..2 {
        let mut writing = test.store.begin_relaxed().await.unwrap();
        // As SQLite does when it finds no room while it writes.
        sqlx::raw_sql("ROLLBACK").execute(&mut *writing).await.unwrap();
        drop(writing);
    }
    let mut writing = test.store.begin_synced().await.unwrap();
    sqlx::raw_sql("ROLLBACK").execute(&mut *writing).await.unwrap();
    assert!(writing.commit().await.is_err());
    let (account, [inbox, ..]) = test.account_with_folders("anna@x.pl").await;
    test.ingest(account, inbox, vec![message(1)]).await;
    assert_eq!(test.count("messages").await, 1);
}

#[tokio::test]
async fn writer_of_another_program_makes_it_busy() {
    let test = TestStore::new().await;
    let options = SqliteConnectOptions::new()
        .filename(test.store.path().unwrap())
        .busy_timeout(std::time::Duration::ZERO);
    let pool = SqlitePoolOptions::new().connect_with(options).await.unwrap();
    let writing = test.store.begin_relaxed().await.unwrap();
    let error = pool.begin_with("BEGIN IMMEDIATE").await.unwrap_err();
    assert_eq!(StoreError::from(error).code(), ErrorCode::StoreBusy);
    writing.rollback().await.unwrap();
}

#[tokio::test]
async fn readers_go_on_while_a_transaction_writes() {
    let test = TestStore::new().await;
    let (account, [inbox, ..]) = test.account_with_folders("anna@x.pl").await;
    test.ingest(account, inbox, vec![message(1)]).await;
    let mut writing = test.store.begin_relaxed().await.unwrap();
    sqlx::query("DELETE FROM messages")
        .execute(&mut *writing)
        .await
        .unwrap();
    let page = test
        .store
        .messages()
        .list(ListScope::Folder(inbox), &ListFilter::default(), 10, None)
        .await
        .unwrap();
    assert_eq!(page.len(), 1);
    writing.rollback().await.unwrap();
    assert_eq!(test.count("messages").await, 1);
}

#[tokio::test]
async fn two_stores_on_one_file_see_each_other() {
    let test = TestStore::new().await;
    let other = Store::open(test.store.path().unwrap()).await.unwrap();
    let account = other.accounts().insert(&new_account("anna@x.pl")).await.unwrap();
    assert!(test.store.accounts().get(account).await.unwrap().is_some());
    let error = test
        .store
        .accounts()
        .insert(&new_account("ANNA@X.pl"))
        .await
        .unwrap_err();
    assert_eq!(error.code(), ErrorCode::AccountExists);
    other.close().await;
    test.store.settings().set("a", &1, NOW).await.unwrap();
}

#[tokio::test]
async fn many_writers_at_once_all_get_their_turn() {
    let test = TestStore::new().await;
    let (account, [inbox, ..]) = test.account_with_folders("anna@x.pl").await;
    let mut tasks = tokio::task::JoinSet::new();
    for part in 0..8u32 {
        let store = test.store.clone();
        tasks.spawn(async move {
            let batch = (part * 50 + 1..=part * 50 + 50).map(message).collect();
            store.messages().ingest(account, inbox, batch).await.unwrap();
            store
                .messages()
                .list(ListScope::Folder(inbox), &ListFilter::default(), 10, None)
                .await
                .unwrap()
                .len()
        });
    }
    while let Some(length) = tasks.join_next().await {
        assert_eq!(length.unwrap(), 10);
    }
    assert_eq!(test.count("messages").await, 400);
    test.assert_sound().await;
}

#[tokio::test]
async fn database_in_memory_works_without_a_file() {
    let store = Store::in_memory().await.unwrap();
    let account = store.accounts().insert(&new_account("anna@x.pl")).await.unwrap();
    assert_eq!(
        store.accounts().list().await.unwrap().first().unwrap().id,
        account
    );
    assert_eq!((store.path(), store.size_bytes().await.unwrap()), (None, 0));
}

#[tokio::test]
async fn dangling_row_is_reported() {
    let test = TestStore::new().await;
    let path = test.store.path().unwrap().to_owned();
    let options = SqliteConnectOptions::new().filename(&path).foreign_keys(false);
    let mut connection = options.connect().await.unwrap();
    connection
        .execute("INSERT INTO bodies (message_id, raw_size, bytes) VALUES (77, 1, x'00')")
        .await
        .unwrap();
    connection.close().await.unwrap();
    let report = test.store.integrity_check().await.unwrap();
    assert_eq!((report.dangling_rows, report.is_sound()), (1, false));
}
