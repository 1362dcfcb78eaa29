//! Threads of folders: what triggers keep is what counting would find, whatever happens to the messages.

use mailroom_model::{
    AccountId, FlagChange, FolderId, MessageFlags, MessageId, OperationId, ThreadId, UidSet,
};
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions as _, Connection as _, Row};

use super::kit::{NOW, TestStore, flags, message};
use crate::{Cursor, FlagUpdate, IncomingMessage, NewOperation, OperationDone, OperationKind, Standing};

/// Message `n` as an answer to `to`.
fn answer(n: u32, to: u32) -> IncomingMessage {
    let mut answer = message(n);
    answer.references = vec![format!("<{to}@x.pl>")];
    answer
}

/// What counting finds: of every folder its messages and unread ones, of every thread in it the same and its newest place.
async fn assert_kept_is_counted(test: &TestStore) {
    let kept: Vec<(i64, i64, i64, i64, i64, i64)> = rows(
        test,
        "SELECT folder_id, thread_id, newest_at, newest_uid, messages, unread FROM folder_threads ORDER BY 1, 2",
    )
    .await;
    let counted = rows(
        test,
        "SELECT p.folder_id, m.thread_id, max(p.internal_at), 0, count(*), sum(p.flags & 1 = 0) FROM places AS p \
         JOIN messages AS m ON m.id = p.message_id WHERE p.operation_id IS NULL GROUP BY 1, 2 ORDER BY 1, 2",
    )
    .await;
    let without_uid: Vec<_> = kept
        .iter()
        .map(|row| (row.0, row.1, row.2, 0, row.4, row.5))
        .collect();
    assert_eq!(without_uid, counted);
    for (folder, thread, at, uid, ..) in kept {
        let newest: i64 = sqlx::query_scalar(
            "SELECT max(p.uid) FROM places AS p JOIN messages AS m ON m.id = p.message_id \
             WHERE p.folder_id = ?1 AND m.thread_id = ?2 AND p.internal_at = ?3 AND p.operation_id IS NULL",
        )
        .bind(folder)
        .bind(thread)
        .bind(at)
        .fetch_one(test.store.reads())
        .await
        .unwrap();
        assert_eq!(uid, newest, "folder {folder}, thread {thread}");
    }
    let kept = rows(test, "SELECT id, total, unread, 0, 0, 0 FROM folders ORDER BY 1").await;
    let counted = rows(
        test,
        "SELECT f.id, count(p.uid), coalesce(sum(p.flags & 1 = 0), 0), 0, 0, 0 FROM folders AS f LEFT JOIN places AS p \
         ON p.folder_id = f.id AND p.operation_id IS NULL GROUP BY 1 ORDER BY 1",
    )
    .await;
    assert_eq!(kept, counted);
}

async fn rows(test: &TestStore, sql: &'static str) -> Vec<(i64, i64, i64, i64, i64, i64)> {
    sqlx::query(sql)
        .fetch_all(test.store.reads())
        .await
        .unwrap()
        .iter()
        .map(|row| {
            (
                row.get(0),
                row.get(1),
                row.get(2),
                row.get(3),
                row.get(4),
                row.get(5),
            )
        })
        .collect()
}

async fn enqueue(test: &TestStore, account: AccountId, folder: FolderId, kind: OperationKind) -> OperationId {
    let operation = NewOperation {
        account_id: account,
        folder_id: folder,
        kind,
        raw: None,
    };
    test.store.operations().enqueue(&operation, NOW).await.unwrap()
}

/// Every thread of a folder, page by page: the newest message's number, how many, how many unread.
async fn threads(test: &TestStore, folder: FolderId) -> Vec<(String, u32, u32)> {
    let mut seen = Vec::new();
    let mut before: Option<Cursor> = None;
    loop {
        let page = test
            .store
            .messages()
            .list_threads(folder, 2, before)
            .await
            .unwrap();
        let Some(last) = page.last() else { return seen };
        before = Some(last.newest.cursor);
        seen.extend(
            page.into_iter()
                .map(|head| (head.newest.subject, head.messages, head.unread)),
        );
    }
}

fn row(n: u32, messages: u32, unread: u32) -> (String, u32, u32) {
    (format!("number {n}"), messages, unread)
}

#[tokio::test]
async fn threads_of_a_folder_follow_each_other_by_their_newest_message_there() {
    let test = TestStore::new().await;
    let (account, [inbox, archive, _]) = test.account_with_folders("anna@x.pl").await;
    let mut read = answer(5, 1);
    read.flags = flags(&["\\Seen"]);
    read.to_line = "jan@x.pl".into();
    test.ingest(
        account,
        inbox,
        vec![message(1), message(2), message(3), answer(4, 2), read],
    )
    .await;
    test.ingest(account, archive, vec![answer(9, 3)]).await;
    assert_eq!(
        threads(&test, inbox).await,
        [row(5, 2, 1), row(4, 2, 2), row(3, 1, 1)],
        "a message of another folder moves nothing here"
    );
    assert_eq!(threads(&test, archive).await, [row(9, 1, 1)]);
    let heads = test.store.messages().list_threads(inbox, 10, None).await.unwrap();
    let members = test.store.messages().thread_members(&heads).await.unwrap();
    let to: Vec<Vec<&str>> = heads
        .iter()
        .map(|head| {
            let members = &members[&(head.newest.thread_id, inbox)];
            members.iter().map(|member| member.to_line.as_str()).collect()
        })
        .collect();
    assert_eq!(
        to,
        [
            vec!["jan@x.pl", "office@y.pl"],
            vec!["office@y.pl"; 2],
            vec!["office@y.pl"]
        ]
    );
    let ids: Vec<Vec<MessageId>> = heads
        .iter()
        .map(|head| {
            let members = &members[&(head.newest.thread_id, inbox)];
            members.iter().map(|member| member.id).collect()
        })
        .collect();
    let id = |n: i64| MessageId(n);
    assert_eq!(ids, [vec![id(5), id(1)], vec![id(4), id(2)], vec![id(3)]]);
    assert_kept_is_counted(&test).await;
}

#[tokio::test]
async fn long_thread_gives_its_newest_five_hundred() {
    let test = TestStore::new().await;
    let (account, [inbox, ..]) = test.account_with_folders("anna@x.pl").await;
    let batch = (1..=510)
        .map(|n| if n == 1 { message(1) } else { answer(n, 1) })
        .collect();
    test.ingest(account, inbox, batch).await;
    let heads = test.store.messages().list_threads(inbox, 10, None).await.unwrap();
    assert_eq!((heads.len(), heads[0].messages), (1, 510));
    let members = test.store.messages().thread_members(&heads).await.unwrap();
    let members = &members[&(heads[0].newest.thread_id, inbox)];
    assert_eq!((members.len(), members[0].id), (500, heads[0].newest.id));
}

#[tokio::test]
async fn what_is_kept_of_threads_is_right_after_every_change() {
    let test = TestStore::new().await;
    let (account, [inbox, archive, all]) = test.account_with_folders("anna@x.pl").await;
    let messages = test.store.messages();
    let batch: Vec<_> = (1..=20)
        .map(|n| if n % 3 == 0 { answer(n, 1) } else { message(n) })
        .collect();
    test.ingest(account, inbox, batch.clone()).await;
    test.ingest(account, all, batch).await;
    assert_kept_is_counted(&test).await;
    // Threads become one: 21 links 2 and 4.
    let mut link = message(21);
    link.references = vec!["<2@x.pl>".into(), "<4@x.pl>".into()];
    test.ingest(account, inbox, vec![link]).await;
    assert_kept_is_counted(&test).await;
    // The server's flags.
    let updates: Vec<FlagUpdate> = (1..=10)
        .map(|uid| FlagUpdate {
            uid,
            flags: if uid % 2 == 0 {
                flags(&["\\Seen"])
            } else {
                MessageFlags::default()
            },
            modseq: None,
        })
        .collect();
    messages.apply_flags(inbox, &updates).await.unwrap();
    assert_kept_is_counted(&test).await;
    // Our own: shown, taken back.
    let seen = FlagChange {
        add: vec!["\\Seen".into()],
        remove: Vec::new(),
    };
    let kind = OperationKind::SetFlags {
        uids: UidSet::range(1, 7),
        change: seen,
    };
    let marked = enqueue(&test, account, inbox, kind).await;
    assert_kept_is_counted(&test).await;
    assert_eq!(
        test.store.operations().take_back(marked).await.unwrap(),
        Standing::TakenBack
    );
    assert_kept_is_counted(&test).await;
    // A move: hidden, shown again, hidden and done with and without COPYUID.
    let moving = || OperationKind::Move {
        uids: [3, 9, 18, 20].into_iter().collect(),
        to_folder: archive,
        uid_validity: None,
        everywhere: false,
    };
    let moved = enqueue(&test, account, inbox, moving()).await;
    assert_kept_is_counted(&test).await;
    test.store.operations().discard(moved).await.unwrap();
    assert_kept_is_counted(&test).await;
    let moved = enqueue(&test, account, inbox, moving()).await;
    let done = OperationDone {
        copied: vec![(3, 1), (18, 2)],
        is_left_marked: false,
        ..OperationDone::default()
    };
    test.store
        .operations()
        .mark_done(moved, &done, NOW)
        .await
        .unwrap();
    assert_kept_is_counted(&test).await;
    // Gone on the server, out of the window, swept.
    messages
        .remove_uids(inbox, &UidSet::range(10, 12), NOW)
        .await
        .unwrap();
    messages.remove_before(all, NOW.plus_seconds(400)).await.unwrap();
    messages.sweep(account, NOW).await.unwrap();
    assert_kept_is_counted(&test).await;
    // Emptied, found again by their digests, gone with the folder, gone with the account.
    test.store.folders().reset(inbox, 8, NOW).await.unwrap();
    assert_kept_is_counted(&test).await;
    test.ingest(account, inbox, (1..=20).map(message).collect()).await;
    assert_kept_is_counted(&test).await;
    let only = [super::kit::seen("INBOX", None)];
    test.store.folders().sync_list(account, &only, NOW).await.unwrap();
    assert_kept_is_counted(&test).await;
    let (other, [other_inbox, ..]) = test.account_with_folders("other@x.pl").await;
    test.ingest(other, other_inbox, vec![message(1), answer(2, 1)])
        .await;
    test.store.accounts().delete(account).await.unwrap();
    assert_kept_is_counted(&test).await;
    assert_eq!(threads(&test, other_inbox).await, [row(2, 2, 2)]);
    test.assert_sound().await;
}

#[tokio::test]
async fn older_database_is_counted_once_when_it_is_opened() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("mail.db");
    let options = SqliteConnectOptions::new()
        .filename(&path)
        .create_if_missing(true);
    let mut old = options.connect().await.unwrap();
    for (number, sql) in crate::migration::STEPS.iter().filter(|(number, _)| *number < 3) {
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
    // Two folders; a thread of three messages, read and unread, one in both folders, and a hidden one alone in its thread.
    let rows = "INSERT INTO accounts (id, address, display_name, state, period, folders, options, created_at) \
            VALUES (1, 'anna@x.pl', '', 'working', 'all', '\"all\"', '{}', 0);
        INSERT INTO folders (id, account_id, wire_name, path, selectable, subscribed) \
            VALUES (1, 1, 'INBOX', 'INBOX', 1, 1), (2, 1, 'Archive', 'Archive', 1, 1), (3, 1, 'Empty', 'Empty', 1, 1);
        INSERT INTO threads (id, account_id) VALUES (1, 1), (2, 1);
        INSERT INTO operations (id, account_id, folder_id, kind, state, next_at, created_at) \
            VALUES (1, 1, 1, '{\"kind\":\"delete\",\"uids\":\"9\"}', 'waiting', 0, 0);
        INSERT INTO messages (id, account_id, thread_id, digest, sort_key, received_at, size, body_state, \
            attachment_count, subject, from_name, from_address, to_line, preview) \
            SELECT value, 1, iif(value = 4, 2, 1), CAST(printf('%032d', value) AS BLOB), value, value * 1000, 1, 'oversize', 0, \
            'number ' || value, '', '', '', '' FROM json_each('[1, 2, 3, 4]');
        INSERT INTO places (folder_id, uid, message_id, internal_at, flags, keywords, server_flags, server_keywords, \
            operation_id) VALUES (1, 5, 1, 1000, 0, '', 0, '', NULL), (1, 6, 2, 2000, 1, '', 1, '', NULL), \
            (1, 7, 3, 2000, 0, '', 0, '', NULL), (2, 1, 1, 1000, 1, '', 1, '', NULL), (1, 9, 4, 4000, 0, '', 0, '', 1);";
    sqlx::raw_sql(rows).execute(&mut old).await.unwrap();
    old.close().await.unwrap();
    let test = TestStore {
        store: crate::Store::open(&path).await.unwrap(),
        folder,
    };
    assert_kept_is_counted(&test).await;
    assert_eq!(threads(&test, FolderId(1)).await, [row(3, 3, 2)]);
    assert_eq!(threads(&test, FolderId(2)).await, [row(1, 1, 0)]);
}

#[tokio::test]
async fn conversation_is_told_without_what_was_thrown_away() {
    use mailroom_model::FolderRole;
    let test = TestStore::new().await;
    let account = test.account("anna@x.pl").await;
    let seen = [
        super::kit::seen("All", Some(FolderRole::All)),
        super::kit::seen("INBOX", Some(FolderRole::Inbox)),
        super::kit::seen("Trash", Some(FolderRole::Trash)),
    ];
    let changes = test.store.folders().sync_list(account, &seen, NOW).await.unwrap();
    let [all, inbox, trash]: [FolderId; 3] = changes.added.try_into().unwrap();
    test.ingest(account, all, vec![message(1), answer(2, 1)]).await;
    test.ingest(account, inbox, vec![answer(2, 1)]).await;
    test.ingest(account, trash, vec![answer(3, 1), message(7)]).await;
    let told = |thread: i64| {
        let messages = test.store.messages();
        async move {
            let rows = messages.of_thread(ThreadId(thread)).await.unwrap();
            rows.into_iter()
                .map(|row| (row.subject, row.folder_id))
                .collect::<Vec<_>>()
        }
    };
    assert_eq!(
        told(1).await,
        [("number 1".to_owned(), all), ("number 2".to_owned(), inbox)]
    );
    assert_eq!(
        told(2).await,
        [("number 7".to_owned(), trash)],
        "there is nothing else of it"
    );
}

#[tokio::test]
async fn operation_is_taken_back_only_while_the_server_cannot_have_heard_of_it() {
    let test = TestStore::new().await;
    let (account, [inbox, ..]) = test.account_with_folders("anna@x.pl").await;
    test.ingest(account, inbox, vec![message(1)]).await;
    let delete = || OperationKind::Delete {
        uids: UidSet::range(1, 1),
    };
    let operations = test.store.operations();
    let id = enqueue(&test, account, inbox, delete()).await;
    assert!(operations.mark_begun(id).await.unwrap().is_some());
    assert_eq!(operations.take_back(id).await.unwrap(), Standing::Begun);
    assert!(threads(&test, inbox).await.is_empty(), "it is still hidden");
    let failed = crate::StoredError {
        code: mailroom_model::ErrorCode::PermissionDenied,
        params: std::collections::BTreeMap::new(),
        at: NOW,
    };
    assert!(operations.mark_refused(id, &failed).await.unwrap());
    assert_eq!(operations.take_back(id).await.unwrap(), Standing::Refused);
    let id = enqueue(&test, account, inbox, delete()).await;
    assert_eq!(operations.take_back(id).await.unwrap(), Standing::TakenBack);
    assert_eq!(operations.take_back(id).await.unwrap(), Standing::Over);
    assert_eq!(threads(&test, inbox).await, [row(1, 1, 1)]);
}
