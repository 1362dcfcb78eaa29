//! The index of words, damaged in every way, and made anew.

use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions, Connection};

use super::kit::{TestStore, message};
use super::unindexed::{found, text};
use crate::reindex::IndexLook;
use crate::{Contradiction, Derived, IndexKey};

/// What a disk, or a program that should not have, may do to the tables of the index.
const DAMAGES: &[(&str, &str)] = &[
    (
        "pages full of zeros",
        "UPDATE search_data SET block = zeroblob(length(block)) WHERE id > 10",
    ),
    (
        "pages emptied",
        "UPDATE search_data SET block = x'' WHERE id > 10",
    ),
    ("pages gone", "DELETE FROM search_data WHERE id > 10"),
    (
        "bits turned in the list of segments",
        "UPDATE search_data SET block = randomblob(length(block)) WHERE id = 10",
    ),
    ("list of segments gone", "DELETE FROM search_data WHERE id = 10"),
    ("everything gone", "DELETE FROM search_data"),
    ("list of pages gone", "DELETE FROM search_idx"),
    ("table of lengths gone", "DROP TABLE search_docsize"),
    ("table of pages gone", "DROP TABLE search_idx"),
    ("table of words gone", "DROP TABLE search_data"),
    ("configuration gone", "DROP TABLE search_config"),
    ("configuration empty", "DELETE FROM search_config"),
    (
        "version of another program",
        "UPDATE search_config SET v = 99 WHERE k = 'version'",
    ),
    ("index gone", "DROP TABLE search"),
];

async fn filled() -> TestStore {
    let test = TestStore::new().await;
    let (account, [inbox, ..]) = test.account_with_folders("anna@x.pl").await;
    test.ingest(account, inbox, (1..=40).map(message).collect()).await;
    test
}

/// Does something to the file from outside, and has the store look at it with connections that know nothing of before.
async fn harmed(test: TestStore, sql: &'static str) -> TestStore {
    let mut other = SqliteConnectOptions::new()
        .filename(test.folder.path().join("mail.db"))
        .connect()
        .await
        .unwrap();
    sqlx::query(AssertSqlSafe(sql)).execute(&mut other).await.unwrap();
    other.close().await.unwrap();
    test.reopen().await
}

/// Everything that the migrations say about the index: its tables, and how it is set.
async fn schema_of_the_index(test: &TestStore) -> Vec<(String, String)> {
    let tables = "SELECT name, sql FROM sqlite_schema WHERE name LIKE 'search%' AND sql IS NOT NULL \
        UNION ALL SELECT k, CAST(v AS TEXT) FROM search_config ORDER BY 1";
    sqlx::query_as(tables)
        .fetch_all(test.store.reads())
        .await
        .unwrap()
}

/// Reads every message that waits into the index again.
async fn catch_up(test: &TestStore) {
    let messages = test.store.messages();
    let waiting = messages.unindexed(None, 100).await.unwrap();
    let keys: Vec<IndexKey> = waiting.iter().map(|waiting| waiting.key).collect();
    let kept = messages.unread(&keys).await.unwrap();
    let texts = kept
        .iter()
        .map(|kept| {
            let number = kept.subject.trim_start_matches("number ").parse().unwrap();
            (kept.key, text(number))
        })
        .collect();
    messages.index(texts).await.unwrap();
}

#[tokio::test]
async fn damaged_index_is_found_and_made_anew() {
    for (what, sql) in DAMAGES {
        let whole = filled().await;
        let (before, schema) = (found(&whole, "text").await, schema_of_the_index(&whole).await);
        assert_eq!(before.len(), 40);
        assert!(whole.store.index_is_sound().await.unwrap(), "{what}");
        let test = harmed(whole, sql).await;
        assert!(!test.store.index_is_sound().await.unwrap(), "{what}");
        let report = test.store.integrity_check().await.unwrap();
        assert!(report.search_is_damaged, "{what}: {report:?}");
        assert_eq!(report.findings, [""; 0], "{what}: the rest of the file is well");

        assert_eq!(test.store.renew_index().await.unwrap(), 40, "{what}");
        assert!(test.store.messages().has_unindexed().await.unwrap(), "{what}");
        assert_eq!(found(&test, "text").await, [0_u32; 0], "{what}");
        test.assert_sound().await;
        assert_eq!(schema_of_the_index(&test).await, schema, "{what}");

        catch_up(&test).await;
        assert!(!test.store.messages().has_unindexed().await.unwrap(), "{what}");
        assert_eq!(found(&test, "text").await, before, "{what}");
        let test = test.reopen().await;
        assert_eq!(found(&test, "text").await, before, "{what}");
        test.assert_sound().await;
    }
}

#[tokio::test]
async fn index_that_lacks_messages_is_found_by_counting() {
    let test = harmed(filled().await, "DELETE FROM search_docsize WHERE id % 2 = 0").await;
    let missing = test.count("messages").await - test.count("search_docsize").await;
    let report = test.store.integrity_check().await.unwrap();
    assert_eq!(
        report.contradictions,
        [Contradiction {
            about: Derived::SearchRows,
            rows: missing.unsigned_abs(),
        }]
    );
    test.store.renew_index().await.unwrap();
    catch_up(&test).await;
    assert_eq!(found(&test, "text").await.len(), 40);
    test.assert_sound().await;
}

#[tokio::test]
async fn index_without_a_word_is_sound() {
    let test = TestStore::new().await;
    assert_eq!(test.store.look_at_index().await.unwrap(), IndexLook::Sound);
    let (account, [inbox, ..]) = test.account_with_folders("anna@x.pl").await;
    let mut wordless = message(1);
    wordless.search = Some(crate::SearchText::default());
    test.ingest(account, inbox, vec![wordless]).await;
    assert_eq!(test.store.look_at_index().await.unwrap(), IndexLook::Sound);
    assert_eq!(test.store.renew_index().await.unwrap(), 1);
    test.assert_sound().await;
}
