//! What exists only here: backed up, taken back, and saved from damaged files.

use std::collections::BTreeSet;
use std::path::Path;

use mailroom_model::{MessageFlags, MessageId};

use super::kit::{NOW, TestStore, message, raw};
use crate::lasting::{FETCHED, OBSERVED, lasting_tables};
use crate::{AppendSource, CompressedBody, NewOperation, OperationKind, Store, StoreError};

#[tokio::test]
async fn every_table_is_backed_up_or_fetched_again() {
    let test = TestStore::new().await;
    let tables: Vec<String> = sqlx::query_scalar(
        "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND name NOT LIKE 'search_%'",
    )
    .fetch_all(test.store.reads())
    .await
    .unwrap();
    let known: BTreeSet<&str> = lasting_tables()
        .into_iter()
        .chain(FETCHED.iter().chain(OBSERVED).copied())
        .collect();
    let unknown: Vec<&String> = tables
        .iter()
        .filter(|table| !known.contains(table.as_str()))
        .collect();
    assert!(
        unknown.is_empty(),
        "{unknown:?}: can a server give it again, or has a backup to hold it?"
    );
}

/// A store with mail, a setting, and a stored message that waits to be put somewhere.
async fn filled() -> (TestStore, MessageId) {
    let test = TestStore::new().await;
    let (account, [inbox, archive, _]) = test.account_with_folders("anna@x.pl").await;
    let ingested = test
        .ingest(account, inbox, (1..=300).map(message).collect())
        .await;
    let id = ingested.placed[6].1;
    test.store.settings().set("theme", &"dark", NOW).await.unwrap();
    test.store
        .allowed_senders()
        .allow("news@x.pl", NOW)
        .await
        .unwrap();
    let operation = NewOperation {
        account_id: account,
        folder_id: archive,
        kind: OperationKind::Append {
            source: AppendSource::Message(id),
            flags: MessageFlags::default(),
            internal_at: None,
        },
        raw: None,
    };
    test.store.operations().enqueue(&operation, NOW).await.unwrap();
    (test, id)
}

async fn assert_own_things_are_there(store: &Store) {
    let accounts = store.accounts().list().await.unwrap();
    assert_eq!(accounts.len(), 1);
    let theme: Option<String> = store.settings().get("theme").await.unwrap();
    assert_eq!(theme.as_deref(), Some("dark"));
    let waiting = store.operations().list(accounts[0].id).await.unwrap();
    assert_eq!(waiting.len(), 1);
    assert_eq!(
        store.operations().raw(waiting[0].id).await.unwrap().unwrap(),
        raw(7)
    );
    assert!(
        matches!(
            &waiting[0].kind,
            OperationKind::Append {
                source: AppendSource::Operation,
                ..
            }
        ),
        "{waiting:?}"
    );
    let folders = store.folders().list(accounts[0].id).await.unwrap();
    assert_eq!(folders.len(), 3);
    assert!(store.integrity_check().await.unwrap().is_sound());
}

#[tokio::test]
async fn backup_holds_what_exists_only_here_and_no_mail() {
    let (test, _) = filled().await;
    let backup = test.folder.path().join("backup.db");
    test.store.back_up(&backup).await.unwrap();
    Store::check_backup(&backup).await.unwrap();
    assert!(matches!(
        test.store.back_up(&backup).await,
        Err(StoreError::Unreadable { .. })
    ));
    let fresh = Store::open(&test.folder.path().join("fresh.db")).await.unwrap();
    let salvaged = fresh.take_over(None, Some(&backup)).await.unwrap();
    assert!(
        salvaged.from_backup > 5 && salvaged.from_file == 0,
        "{salvaged:?}"
    );
    assert_own_things_are_there(&fresh).await;
    assert_eq!(fresh.last_message().await.unwrap(), MessageId(0));
    let changes = test.store.lasting_changes();
    test.store.settings().set("theme", &"light", NOW).await.unwrap();
    assert!(test.store.lasting_changes() > changes);
}

fn damage(path: &Path, places: impl Iterator<Item = usize>) {
    let mut bytes = std::fs::read(path).unwrap();
    for place in places {
        if let Some(byte) = bytes.get_mut(place) {
            *byte ^= 0x5a;
        }
    }
    std::fs::write(path, bytes).unwrap();
}

#[tokio::test]
async fn damaged_database_gives_what_can_be_read_and_the_backup_the_rest() {
    // Nothing of the file can be read; every page behind the first; a few in its middle.
    for (range, step) in [(0..100, 1), (8192..4_000_000, 5), (65_536..131_072, 64)] {
        let (test, _) = filled().await;
        let backup = test.folder.path().join("backup.db");
        test.store.back_up(&backup).await.unwrap();
        let path = test.store.path().unwrap().to_owned();
        test.store.close().await;
        damage(&path, range.clone().step_by(step));
        let fresh = Store::open(&test.folder.path().join("fresh.db")).await.unwrap();
        fresh.take_over(Some(&path), Some(&backup)).await.unwrap();
        assert_own_things_are_there(&fresh).await;
    }
}

#[tokio::test]
async fn whole_file_is_believed_more_than_an_older_backup() {
    let (test, _) = filled().await;
    let backup = test.folder.path().join("backup.db");
    test.store.back_up(&backup).await.unwrap();
    test.store.allowed_senders().forget("news@x.pl").await.unwrap();
    let path = test.store.path().unwrap().to_owned();
    test.store.close().await;
    let fresh = Store::open(&test.folder.path().join("fresh.db")).await.unwrap();
    let salvaged = fresh.take_over(Some(&path), Some(&backup)).await.unwrap();
    assert_eq!((salvaged.from_backup, salvaged.cut_tables), (0, Vec::new()));
    assert_eq!(fresh.allowed_senders().list().await.unwrap().len(), 0);
    assert_own_things_are_there(&fresh).await;
}

#[tokio::test]
async fn damaged_bodies_are_found_replaced_and_forgotten() {
    let (test, id) = filled().await;
    let look = test.store.look_at_bodies(MessageId(0), 1000).await.unwrap();
    assert_eq!((look.looked_at, look.damaged.len()), (300, 0));
    let other = CompressedBody::compress(b"not what came").unwrap();
    test.store.replace_body(id, other).await.unwrap();
    let look = test.store.look_at_bodies(MessageId(0), 1000).await.unwrap();
    assert_eq!(look.damaged, [id]);
    assert!(test.store.kept_body(id).await.unwrap().is_some());
    test.store
        .replace_body(id, CompressedBody::compress(&raw(7)).unwrap())
        .await
        .unwrap();
    assert_eq!(
        test.store
            .look_at_bodies(MessageId(0), 1000)
            .await
            .unwrap()
            .damaged,
        []
    );
    assert_eq!(test.store.messages().raw(id).await.unwrap(), Some(raw(7)));
    test.store.forget_body(id).await.unwrap();
    assert_eq!(test.store.messages().raw(id).await.unwrap(), None);
    test.assert_sound().await;
    assert!(test.store.quick_check().await.unwrap());
}

#[tokio::test]
async fn stray_rows_go_and_counters_are_counted_anew() {
    let (test, _) = filled().await;
    let mut writer = test.store.writer().await.unwrap();
    sqlx::raw_sql(
        "PRAGMA foreign_keys = OFF; UPDATE folders SET total = 7, unread = 7; DELETE FROM folder_threads; \
         INSERT INTO bodies (message_id, raw_size, bytes) VALUES (9999, 1, x'00'); \
         PRAGMA foreign_keys = ON",
    )
    .execute(&mut *writer)
    .await
    .unwrap();
    drop(writer);
    assert_eq!(test.store.integrity_check().await.unwrap().dangling_rows, 1);
    assert!(test.store.mend_rows().await.unwrap() >= 1);
    test.assert_sound().await;
    let account = test.store.accounts().list().await.unwrap().remove(0);
    let folders = test.store.folders().list(account.id).await.unwrap();
    let inbox = folders.iter().find(|folder| folder.seen.path == "INBOX").unwrap();
    assert_eq!((inbox.total, inbox.unread), (300, 300));
    assert_eq!(test.count("folder_threads").await, 300);
}

#[tokio::test]
async fn database_that_somebody_has_open_is_not_replaced() {
    let test = TestStore::new().await;
    let path = test.store.path().unwrap().to_owned();
    assert!(matches!(
        Store::keep_others_out(&path),
        Err(StoreError::Busy { .. })
    ));
    let beside = Store::open(&path).await.unwrap();
    beside.close().await;
    test.store.close().await;
    let alone = Store::keep_others_out(&path).unwrap();
    assert!(matches!(Store::open(&path).await, Err(StoreError::Busy { .. })));
    Store::open_alone(&path, &alone).await.unwrap().close().await;
    drop(alone);
    Store::open(&path).await.unwrap();
}
