//! How an account goes, its journal, and when its messages arrived.

use std::collections::BTreeMap;

use mailroom_model::{AccountId, ErrorCode, FolderRole, HOUR_MS, Param, UnixMillis};
use sqlx::ConnectOptions;
use sqlx::Connection;
use sqlx::sqlite::SqliteConnectOptions;

use super::kit::{NOW, TestStore, message, seen};
use crate::{ArrivalHour, JournalKind, NewJournalEntry, StoreError, StoredError, Traffic, TrafficRow};

fn lost(at: UnixMillis) -> StoredError {
    StoredError::new(&StoreError::AccountMissing(AccountId(7)), at)
}

#[tokio::test]
async fn traffic_counts_failures_until_it_works_again() {
    let test = TestStore::new().await;
    let (account, other) = (test.account("anna@x.pl").await, test.account("ewa@x.pl").await);
    let traffic = test.store.traffic();
    let at = |seconds| NOW.plus_seconds(seconds);
    assert_eq!(traffic.list(account).await.unwrap(), []);

    traffic
        .worked(account, Traffic::Send, Some(300), at(1))
        .await
        .unwrap();
    traffic
        .worked(account, Traffic::Receive, Some(100), at(1))
        .await
        .unwrap();
    traffic
        .worked(account, Traffic::Receive, None, at(2))
        .await
        .unwrap();
    traffic
        .failed(account, Traffic::Receive, &lost(at(3)), None)
        .await
        .unwrap();
    traffic
        .failed(account, Traffic::Receive, &lost(at(4)), None)
        .await
        .unwrap();
    traffic
        .set_retry(account, Traffic::Receive, at(14))
        .await
        .unwrap();
    // What works is not tried again.
    traffic.set_retry(account, Traffic::Send, at(14)).await.unwrap();
    let mut receive = TrafficRow {
        operation: Traffic::Receive,
        worked_at: Some(at(2)),
        took_ms: Some(100),
        before_ms: None,
        failures: 2,
        last_error: Some(lost(at(4))),
        retry_at: Some(at(14)),
    };
    let send = TrafficRow {
        operation: Traffic::Send,
        worked_at: Some(at(1)),
        took_ms: Some(300),
        before_ms: None,
        failures: 0,
        last_error: None,
        retry_at: None,
    };
    assert_eq!(
        traffic.list(account).await.unwrap(),
        [receive.clone(), send.clone()]
    );

    traffic
        .worked(account, Traffic::Receive, Some(9000), at(5))
        .await
        .unwrap();
    receive = TrafficRow {
        worked_at: Some(at(5)),
        took_ms: Some(9000),
        before_ms: Some(100),
        failures: 0,
        retry_at: None,
        ..receive
    };
    assert_eq!(
        traffic.list(account).await.unwrap(),
        [receive.clone(), send.clone()]
    );

    traffic
        .failed(account, Traffic::Receive, &lost(at(6)), Some(at(7)))
        .await
        .unwrap();
    traffic.forgive(account).await.unwrap();
    receive.last_error = Some(lost(at(6)));
    assert_eq!(traffic.list(account).await.unwrap(), [receive, send]);
    assert_eq!(traffic.list(other).await.unwrap(), []);

    test.store.accounts().delete(account).await.unwrap();
    traffic.worked(account, Traffic::Push, None, at(8)).await.unwrap();
    traffic
        .failed(account, Traffic::Push, &lost(at(8)), None)
        .await
        .unwrap();
    assert_eq!(test.count("traffic").await, 0);
}

#[tokio::test]
async fn last_success_of_an_older_database_is_taken_over() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("mail.db");
    let options = SqliteConnectOptions::new()
        .filename(&path)
        .create_if_missing(true);
    let mut old = options.connect().await.unwrap();
    for (number, sql) in crate::migration::STEPS.iter().filter(|(number, _)| *number < 14) {
        sqlx::raw_sql(*sql).execute(&mut old).await.unwrap();
        let stamp = format!(
            "PRAGMA application_id = {}; PRAGMA user_version = {number}",
            crate::database::APPLICATION_ID
        );
        sqlx::raw_sql(sqlx::AssertSqlSafe(stamp))
            .execute(&mut old)
            .await
            .unwrap();
    }
    let rows = "INSERT INTO accounts (id, address, display_name, state, period, folders, options, created_at, \
            last_received_at, last_push_at) VALUES (1, 'anna@x.pl', '', 'working', 'all', '\"all\"', '{}', 0, 5, 6)";
    sqlx::raw_sql(rows).execute(&mut old).await.unwrap();
    old.close().await.unwrap();
    let store = crate::Store::open(&path).await.unwrap();
    let worked: Vec<_> = store
        .traffic()
        .list(AccountId(1))
        .await
        .unwrap()
        .into_iter()
        .map(|row| (row.operation, row.worked_at, row.failures))
        .collect();
    assert_eq!(
        worked,
        [
            (Traffic::Receive, Some(UnixMillis(5)), 0),
            (Traffic::Push, Some(UnixMillis(6)), 0)
        ]
    );
    store.close().await;
}

fn entry(kind: JournalKind, host: &str, error: Option<ErrorCode>, at: UnixMillis) -> NewJournalEntry {
    NewJournalEntry {
        kind,
        facts: BTreeMap::from([("host".to_owned(), Param::from(host))]),
        error,
        at,
    }
}

#[tokio::test]
async fn journal_counts_what_repeats_and_forgets_what_is_old() {
    let test = TestStore::new().await;
    let account = test.account("anna@x.pl").await;
    let journal = test.store.journal();
    let at = |seconds| NOW.plus_seconds(seconds);
    let failed = |seconds, code| entry(JournalKind::Failed, "a", Some(code), at(seconds));
    for new in [
        entry(JournalKind::Connected, "a", None, at(0)),
        failed(1, ErrorCode::ConnectTimeout),
        failed(2, ErrorCode::ConnectTimeout),
        failed(9, ErrorCode::ConnectTimeout),
        failed(10, ErrorCode::AuthFailed),
        entry(JournalKind::Connected, "b", None, at(11)),
    ] {
        journal.note(account, &new).await.unwrap();
    }
    let told = |entries: Vec<crate::JournalEntry>| -> Vec<_> {
        entries
            .into_iter()
            .map(|entry| {
                (
                    entry.kind,
                    entry.error,
                    entry.times,
                    entry.began_at,
                    entry.ended_at,
                )
            })
            .collect()
    };
    let all = [
        (JournalKind::Connected, None, 1, at(11), at(11)),
        (
            JournalKind::Failed,
            Some(ErrorCode::AuthFailed),
            1,
            at(10),
            at(10),
        ),
        (
            JournalKind::Failed,
            Some(ErrorCode::ConnectTimeout),
            3,
            at(1),
            at(9),
        ),
        (JournalKind::Connected, None, 1, at(0), at(0)),
    ];
    assert_eq!(told(journal.list(account, 10).await.unwrap()), all);
    assert_eq!(told(journal.list(account, 2).await.unwrap()), all[..2]);

    // Thirty days after the ninth second, which is the last of an entry.
    let month = 30 * 86_400;
    journal
        .note(account, &entry(JournalKind::Woke, "", None, at(month + 10)))
        .await
        .unwrap();
    let left = journal.list(account, 10).await.unwrap();
    assert_eq!(left.len(), 3, "{left:?}");

    for number in 0..600 {
        let host = number.to_string();
        let new = entry(JournalKind::Connected, &host, None, at(month + 20 + number));
        journal.note(account, &new).await.unwrap();
    }
    let left = journal.list(account, 1000).await.unwrap();
    assert_eq!(left.len(), 500);
    assert_eq!(left[0].facts["host"], Param::from("599"));
    test.store.accounts().delete(account).await.unwrap();
    assert_eq!(test.count("journal").await, 0);
}

#[tokio::test]
async fn arrivals_are_counted_by_the_hour_without_what_the_person_wrote() {
    let test = TestStore::new().await;
    let (account, [inbox, archive, _]) = test.account_with_folders("anna@x.pl").await;
    let folders = [
        seen("INBOX", Some(FolderRole::Inbox)),
        seen("Archive", Some(FolderRole::Archive)),
        seen("Sent", Some(FolderRole::Sent)),
    ];
    let changes = test
        .store
        .folders()
        .sync_list(account, &folders, NOW)
        .await
        .unwrap();
    assert_eq!(test.store.last_arrival(account).await.unwrap(), None);
    // Numbers 1 to 119 come in the first two hours, a minute apart, 180 and 181 in the fourth.
    let come = (1..120).chain([180, 181]).map(message).collect();
    test.ingest(account, inbox, come).await;
    // One lies in two folders and counts once; what was sent does not count.
    test.ingest(account, archive, vec![message(1)]).await;
    test.ingest(account, changes.added[0], vec![message(181), message(200)])
        .await;
    let first = NOW.0 / HOUR_MS;
    let hours = |since| test.store.arrivals(account, since);
    let counted = |numbers: &[(i64, u64)]| -> Vec<ArrivalHour> {
        let hour = |&(hour, messages)| ArrivalHour {
            hour: first + hour,
            messages,
        };
        numbers.iter().map(hour).collect()
    };
    assert_eq!(hours(NOW).await.unwrap(), counted(&[(0, 59), (1, 60), (3, 1)]));
    assert_eq!(
        hours(NOW.plus_seconds(3600 + 120)).await.unwrap(),
        counted(&[(1, 60), (3, 1)])
    );
    assert_eq!(
        test.store.last_arrival(account).await.unwrap(),
        Some(NOW.plus_seconds(180 * 60))
    );
}
