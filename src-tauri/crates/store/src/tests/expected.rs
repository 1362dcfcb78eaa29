//! What is moved or copied, shown where it goes before the server has it there.

use mailroom_model::{AccountId, FlagChange, FolderId, MessageId, OperationId, UidSet, UnixMillis};

use super::kit::{NOW, TestStore, flags, message, seen};
use crate::{
    FlagUpdate, FolderCursor, IncomingMessage, ListFilter, ListScope, NamedMessage, NewOperation,
    OperationDone, OperationKind, OperationState, SearchQuery, Standing, StoreError, StoredError, Term,
};

struct Setup {
    test: TestStore,
    account: AccountId,
    inbox: FolderId,
    archive: FolderId,
    trash: FolderId,
}

fn cursor(uid_validity: u32) -> FolderCursor {
    FolderCursor {
        uid_validity,
        uid_next: 50,
        highest_modseq: None,
        window_start: None,
        is_complete: true,
        exists: 0,
        at: NOW,
    }
}

impl Setup {
    /// Messages 1 to 3 in the inbox; archive and trash are kept and empty.
    async fn new() -> Self {
        let test = TestStore::new().await;
        let account = test.account("anna@x.pl").await;
        let list = [
            seen("INBOX", Some(mailroom_model::FolderRole::Inbox)),
            seen("Archive", Some(mailroom_model::FolderRole::Archive)),
            seen("Trash", Some(mailroom_model::FolderRole::Trash)),
        ];
        let changes = test.store.folders().sync_list(account, &list, NOW).await.unwrap();
        let [inbox, archive, trash] = changes.added.try_into().unwrap();
        for folder in [inbox, archive, trash] {
            test.store
                .folders()
                .set_cursor(folder, None, &cursor(7))
                .await
                .unwrap();
        }
        test.ingest(account, inbox, (1..=3).map(message).collect()).await;
        Self {
            test,
            account,
            inbox,
            archive,
            trash,
        }
    }

    fn operation(&self, folder: FolderId, kind: OperationKind) -> NewOperation {
        NewOperation {
            account_id: self.account,
            folder_id: folder,
            kind,
            raw: None,
        }
    }

    async fn enqueue(&self, kind: OperationKind) -> OperationId {
        let operation = self.operation(self.inbox, kind);
        let operations = self.test.store.operations();
        operations.enqueue(&operation, NOW).await.unwrap()
    }

    async fn before(&self, other: OperationId, kind: OperationKind) -> Option<OperationId> {
        let operation = self.operation(self.inbox, kind);
        let operations = self.test.store.operations();
        operations.enqueue_before(other, &operation, NOW).await.unwrap()
    }

    fn to_archive(&self, uids: &str) -> OperationKind {
        moving(uids, self.archive)
    }

    /// The subjects that a folder shows, newest first: by page of one row each, in its threads, and as it counts them.
    async fn shown(&self, folder: FolderId) -> Vec<String> {
        self.test.assert_sound().await;
        let messages = self.test.store.messages();
        let (mut rows, mut before) = (Vec::new(), None);
        loop {
            let page = messages
                .list(ListScope::Folder(folder), &ListFilter::default(), 1, before)
                .await
                .unwrap();
            let Some(row) = page.into_iter().next() else { break };
            before = Some(row.cursor);
            rows.push(row.subject);
        }
        let (mut heads, mut before) = (0, None);
        loop {
            let page = messages.list_threads(folder, 1, before).await.unwrap();
            let Some(head) = page.into_iter().next() else {
                break;
            };
            before = Some(head.newest.cursor);
            heads += head.messages as usize;
        }
        assert_eq!(heads, rows.len(), "threads of {rows:?}");
        let row = self.test.store.folders().get(folder).await.unwrap().unwrap();
        assert_eq!(row.total, rows.len() as u64, "total of {rows:?}");
        let unread = ListFilter {
            is_unread: Some(true),
            ..ListFilter::default()
        };
        let unread = messages
            .list(ListScope::Folder(folder), &unread, 50, None)
            .await
            .unwrap();
        assert_eq!(row.unread, unread.len() as u64, "unread of {rows:?}");
        let query = SearchQuery {
            terms: vec![Term {
                text: "text".to_owned(),
                is_prefix: false,
                column: None,
            }],
            folder: Some(folder),
            ..SearchQuery::default()
        };
        let (found, _) = messages
            .search(Some(self.account), &query, 50, None)
            .await
            .unwrap();
        let mut distinct = rows.clone();
        distinct.dedup();
        let found: Vec<String> = found.into_iter().map(|row| row.subject).collect();
        assert_eq!(found, distinct, "found in the folder");
        rows
    }

    async fn id(&self, uid: u32) -> MessageId {
        let place = self.test.store.messages().place(self.inbox, uid).await.unwrap();
        place.unwrap().message_id
    }

    async fn expected_rows(&self) -> i64 {
        self.test.count("places WHERE stands_for IS NOT NULL").await
    }

    async fn done(&self, id: OperationId, copied: &[(u32, u32)], is_left_marked: bool) {
        let done = OperationDone {
            copied: copied.to_vec(),
            is_left_marked,
            ..OperationDone::default()
        };
        let operations = self.test.store.operations();
        operations.mark_done(id, &done, NOW).await.unwrap();
    }

    async fn refuse(&self, id: OperationId) {
        let error = StoredError::new(&StoreError::FolderMissing(self.archive), NOW);
        let operations = self.test.store.operations();
        assert!(operations.mark_refused(id, &error).await.unwrap());
    }
}

fn moving(uids: &str, to_folder: FolderId) -> OperationKind {
    OperationKind::Move {
        uids: uids.parse().unwrap(),
        to_folder,
        uid_validity: None,
        everywhere: false,
    }
}

fn starring(uids: &str) -> OperationKind {
    OperationKind::SetFlags {
        uids: uids.parse().unwrap(),
        change: FlagChange {
            add: vec!["\\Flagged".to_owned()],
            remove: Vec::new(),
        },
    }
}

fn at(uid: u32, n: u32) -> IncomingMessage {
    IncomingMessage { uid, ..message(n) }
}

#[tokio::test]
async fn moved_message_is_shown_where_it_goes_from_the_first_moment() {
    let setup = Setup::new().await;
    let messages = setup.test.store.messages();
    setup.enqueue(setup.to_archive("1,3")).await;
    assert_eq!(setup.shown(setup.inbox).await, ["number 2"]);
    assert_eq!(setup.shown(setup.archive).await, ["number 3", "number 1"]);
    let every = messages
        .list(
            ListScope::Account(setup.account),
            &ListFilter::default(),
            50,
            None,
        )
        .await
        .unwrap();
    let rows: Vec<_> = every.iter().map(|row| (row.folder_id, row.uid)).collect();
    let (inbox, archive) = (setup.inbox, setup.archive);
    assert_eq!(rows, [(archive, None), (inbox, Some(2)), (archive, None)]);
    let thread = messages.of_thread(every[0].thread_id).await.unwrap();
    assert_eq!(thread.first().map(|row| row.folder_id), Some(archive));
    // Talks with the server know nothing of it.
    assert_eq!(messages.known_uids(archive).await.unwrap().to_string(), "");
    assert_eq!(messages.known_uids(inbox).await.unwrap().to_string(), "1:3");
    let row = messages.get(setup.id(1).await).await.unwrap().unwrap();
    assert_eq!(row.shown(), [(archive, &flags(&[]))]);
    assert_eq!((row.places.len(), row.expected.len()), (1, 1));
}

#[tokio::test]
async fn expected_message_becomes_the_one_that_the_server_names() {
    for is_left_marked in [false, true] {
        let setup = Setup::new().await;
        let id = setup.enqueue(setup.to_archive("1:2")).await;
        setup.done(id, &[(1, 40), (2, 41)], is_left_marked).await;
        assert_eq!(setup.shown(setup.archive).await, ["number 2", "number 1"]);
        assert_eq!(setup.expected_rows().await, 0);
        let left = setup.shown(setup.inbox).await;
        assert_eq!(left.len(), if is_left_marked { 3 } else { 1 });
    }
}

#[tokio::test]
async fn expected_message_stays_until_its_folder_is_looked_at_when_the_server_names_none() {
    for is_there in [false, true] {
        for is_named in [false, true] {
            let setup = Setup::new().await;
            let messages = setup.test.store.messages();
            let id = setup.enqueue(setup.to_archive("1")).await;
            setup.done(id, &[], false).await;
            assert_eq!(setup.shown(setup.archive).await, ["number 1"]);
            assert_eq!(setup.shown(setup.inbox).await.len(), 2);
            // A look that began before has not seen it.
            messages
                .forget_awaited(setup.account, NOW.plus_seconds(-1))
                .await
                .unwrap();
            assert_eq!(setup.expected_rows().await, 1);
            if is_there && is_named {
                let named = NamedMessage {
                    uid: 44,
                    flags: flags(&[]),
                    modseq: None,
                    internal_at: NOW,
                    content_id: "c".to_owned(),
                };
                let inbox = vec![IncomingMessage {
                    content_id: Some("c".to_owned()),
                    ..at(9, 1)
                }];
                setup.test.ingest(setup.account, setup.inbox, inbox).await;
                let all = [named];
                let uids = messages.place_named(setup.account, setup.archive, &all);
                assert_eq!(uids.await.unwrap().to_string(), "44");
            } else if is_there {
                let came = setup.test.ingest(setup.account, setup.archive, vec![at(44, 1)]);
                assert_eq!(came.await.matched, 1);
            }
            messages.forget_awaited(setup.account, NOW).await.unwrap();
            assert_eq!(setup.expected_rows().await, 0);
            let shown = setup.shown(setup.archive).await;
            assert_eq!(shown.len(), usize::from(is_there));
            assert_eq!(
                messages.sweep(setup.account, NOW).await.unwrap(),
                u64::from(!is_there)
            );
        }
    }
}

#[tokio::test]
async fn refused_discarded_and_taken_back_moves_leave_nothing_in_their_target() {
    for way in ["refused", "discarded", "taken back"] {
        let setup = Setup::new().await;
        let operations = setup.test.store.operations();
        let id = setup.enqueue(setup.to_archive("1:3")).await;
        let copied = OperationKind::Copy {
            uids: UidSet::range(2, 2),
            to_folder: setup.trash,
        };
        let copy = setup.before(id, copied).await.unwrap();
        assert_eq!(setup.shown(setup.trash).await, ["number 2"]);
        for id in [copy, id] {
            match way {
                "refused" => setup.refuse(id).await,
                "discarded" => assert!(operations.discard(id).await.unwrap()),
                _ => assert_eq!(operations.take_back(id).await.unwrap(), Standing::TakenBack),
            }
        }
        assert!(setup.shown(setup.archive).await.is_empty(), "{way}");
        assert!(setup.shown(setup.trash).await.is_empty(), "{way}");
        assert_eq!(setup.shown(setup.inbox).await.len(), 3, "{way}");
    }
}

#[tokio::test]
async fn removing_an_operation_takes_what_is_expected_of_it_and_its_counts_along() {
    let setup = Setup::new().await;
    let id = setup.enqueue(setup.to_archive("1:3")).await;
    let mut writing = setup.test.store.begin_relaxed().await.unwrap();
    sqlx::query("UPDATE places SET operation_id = NULL")
        .execute(&mut *writing)
        .await
        .unwrap();
    sqlx::query("DELETE FROM operations WHERE id = ?1")
        .bind(id.0)
        .execute(&mut *writing)
        .await
        .unwrap();
    writing.commit().await.unwrap();
    assert!(setup.shown(setup.archive).await.is_empty());
    assert_eq!(setup.shown(setup.inbox).await.len(), 3);
}

#[tokio::test]
async fn message_that_went_from_its_source_is_not_expected_unless_the_server_may_have_moved_it() {
    for is_begun in [false, true] {
        let setup = Setup::new().await;
        let id = setup.enqueue(setup.to_archive("1:2")).await;
        if is_begun {
            setup
                .test
                .store
                .operations()
                .mark_begun(id)
                .await
                .unwrap()
                .unwrap();
        }
        let gone = UidSet::range(1, 1);
        let messages = setup.test.store.messages();
        messages.remove_uids(setup.inbox, &gone, NOW).await.unwrap();
        let shown = setup.shown(setup.archive).await;
        assert_eq!(shown.len(), if is_begun { 2 } else { 1 }, "{shown:?}");
        if is_begun {
            // The answer was lost; the target is looked at before anybody asks again.
            setup
                .test
                .ingest(setup.account, setup.archive, vec![at(40, 1), at(41, 2)])
                .await;
            assert_eq!(setup.shown(setup.archive).await, ["number 2", "number 1"]);
            assert_eq!(setup.expected_rows().await, 0);
            setup.done(id, &[], false).await;
            assert_eq!(setup.shown(setup.archive).await.len(), 2);
            assert_eq!(setup.shown(setup.inbox).await, ["number 3"]);
        }
    }
}

#[tokio::test]
async fn message_before_the_period_is_expected_nowhere() {
    let setup = Setup::new().await;
    setup.enqueue(setup.to_archive("1:2")).await;
    let messages = setup.test.store.messages();
    let cut = NOW.plus_seconds(2 * 60);
    assert_eq!(messages.remove_before(setup.inbox, cut).await.unwrap(), 1);
    assert_eq!(setup.shown(setup.archive).await, ["number 2"]);
    // The period is widened while the change waits.
    setup
        .test
        .ingest(setup.account, setup.inbox, vec![message(1)])
        .await;
    assert_eq!(setup.shown(setup.inbox).await, ["number 3"]);
    assert_eq!(setup.shown(setup.archive).await, ["number 2", "number 1"]);
}

#[tokio::test]
async fn what_was_brought_from_before_the_period_goes_and_what_waits_stays() {
    let setup = Setup::new().await;
    let id = setup.enqueue(setup.to_archive("1")).await;
    setup.done(id, &[(1, 41)], false).await;
    setup.enqueue(setup.to_archive("2")).await;
    assert_eq!(setup.shown(setup.archive).await, ["number 2", "number 1"]);
    let messages = setup.test.store.messages();
    let removed = async |folder, minutes: i64| {
        let cut = NOW.plus_seconds(minutes * 60);
        messages.remove_settled_before(folder, cut).await.unwrap()
    };
    assert_eq!(removed(setup.archive, 1).await, 0, "it came a minute after it");
    assert_eq!(removed(setup.archive, 3).await, 1);
    assert_eq!(setup.shown(setup.archive).await, ["number 2"]);
    assert_eq!(removed(setup.inbox, 3).await, 0, "it waits to go");
}

#[tokio::test]
async fn target_that_is_emptied_shows_what_waits_for_it_once_it_is_kept_again() {
    let setup = Setup::new().await;
    let folders = setup.test.store.folders();
    setup.enqueue(setup.to_archive("1:2")).await;
    folders.reset(setup.archive, 8, NOW).await.unwrap();
    assert!(setup.shown(setup.archive).await.is_empty());
    folders.set_cursor(setup.archive, None, &cursor(8)).await.unwrap();
    assert_eq!(setup.shown(setup.archive).await, ["number 2", "number 1"]);
    folders.give_up(setup.inbox, NOW).await.unwrap();
    assert_eq!(
        setup.shown(setup.archive).await.len(),
        2,
        "the change waits still"
    );
    // A folder that is not kept shows nothing.
    folders.give_up(setup.archive, NOW).await.unwrap();
    let messages = setup.test.store.messages();
    assert_eq!(messages.sweep(setup.account, NOW).await.unwrap(), 3);
    setup.test.assert_sound().await;
}

#[tokio::test]
async fn change_whose_target_is_gone_is_refused_and_undone_at_once() {
    let setup = Setup::new().await;
    let id = setup.enqueue(setup.to_archive("1:2")).await;
    let list = [
        seen("INBOX", Some(mailroom_model::FolderRole::Inbox)),
        seen("Trash", Some(mailroom_model::FolderRole::Trash)),
    ];
    let folders = setup.test.store.folders();
    folders.sync_list(setup.account, &list, NOW).await.unwrap();
    let row = setup.test.store.operations().get(id).await.unwrap().unwrap();
    assert_eq!(row.state, OperationState::Refused);
    assert_eq!(setup.shown(setup.inbox).await.len(), 3);
}

#[tokio::test]
async fn flags_of_what_waits_to_go_are_shown_where_it_goes() {
    let setup = Setup::new().await;
    let messages = setup.test.store.messages();
    let id = setup.enqueue(setup.to_archive("1:2")).await;
    let update = FlagUpdate {
        uid: 1,
        flags: flags(&["\\Seen"]),
        modseq: None,
    };
    messages.apply_flags(setup.inbox, &[update]).await.unwrap();
    let unread = setup
        .test
        .store
        .folders()
        .get(setup.archive)
        .await
        .unwrap()
        .unwrap()
        .unread;
    assert_eq!((setup.shown(setup.archive).await.len(), unread), (2, 1));
    let star = setup.before(id, starring("1")).await.unwrap();
    let shown = messages.get(setup.id(1).await).await.unwrap().unwrap();
    assert_eq!(shown.shown(), [(setup.archive, &flags(&["\\Seen", "\\Flagged"]))]);
    let due = setup
        .test
        .store
        .operations()
        .next_due(setup.account, NOW)
        .await
        .unwrap();
    let due: Vec<_> = due.iter().map(|row| row.id).collect();
    assert_eq!(due, [star, id], "in this order");
    let operations = setup.test.store.operations();
    assert!(
        operations.mark_begun(id).await.unwrap().is_none(),
        "not before the star"
    );
    setup.done(star, &[], false).await;
    assert!(operations.mark_begun(id).await.unwrap().is_some());
    assert_eq!(setup.before(id, starring("1")).await, None, "it is on its way");
    setup.done(id, &[(1, 40), (2, 41)], false).await;
    let place = messages.place(setup.archive, 40).await.unwrap().unwrap();
    assert_eq!(place.flags, flags(&["\\Seen", "\\Flagged"]));
    setup.test.assert_sound().await;
}

#[tokio::test]
async fn message_that_is_moved_on_goes_to_its_last_folder_alone() {
    for is_left_marked in [false, true] {
        let setup = Setup::new().await;
        let operations = setup.test.store.operations();
        let first = setup.enqueue(setup.to_archive("1:2")).await;
        let second = setup.before(first, moving("1", setup.trash)).await.unwrap();
        assert_eq!(setup.shown(setup.archive).await, ["number 2"]);
        assert_eq!(setup.shown(setup.trash).await, ["number 1"]);
        // What was last is taken back first.
        assert_eq!(operations.take_back(second).await.unwrap(), Standing::TakenBack);
        assert_eq!(setup.shown(setup.archive).await, ["number 2", "number 1"]);
        assert!(setup.shown(setup.trash).await.is_empty());
        let second = setup.before(first, moving("1", setup.trash)).await.unwrap();
        setup.done(second, &[(1, 40)], is_left_marked).await;
        assert_eq!(setup.shown(setup.trash).await, ["number 1"]);
        assert_eq!(setup.shown(setup.archive).await, ["number 2"]);
        let row = operations.mark_begun(first).await.unwrap().unwrap();
        assert_eq!(row.kind, setup.to_archive("2"), "the rest of the first");
        setup.done(first, &[(2, 41)], is_left_marked).await;
        assert_eq!(setup.shown(setup.trash).await, ["number 1"]);
        assert_eq!(setup.shown(setup.archive).await, ["number 2"]);
        let left = if is_left_marked { 3 } else { 1 };
        assert_eq!(setup.shown(setup.inbox).await.len(), left);
        assert_eq!(setup.expected_rows().await, 0);
    }
}

#[tokio::test]
async fn first_move_that_is_taken_back_leaves_the_second_to_be_carried_out() {
    let setup = Setup::new().await;
    let operations = setup.test.store.operations();
    let first = setup.enqueue(setup.to_archive("1")).await;
    let second = setup.before(first, moving("1", setup.trash)).await.unwrap();
    operations.take_back(first).await.unwrap();
    assert_eq!(setup.shown(setup.inbox).await.len(), 2);
    assert!(setup.shown(setup.archive).await.is_empty());
    assert_eq!(setup.shown(setup.trash).await, ["number 1"]);
    setup.done(second, &[(1, 40)], false).await;
    assert_eq!(setup.shown(setup.trash).await, ["number 1"]);
    assert_eq!(setup.shown(setup.inbox).await.len(), 2);
}

#[tokio::test]
async fn message_moved_three_times_is_taken_out_of_both_earlier_moves() {
    let setup = Setup::new().await;
    let operations = setup.test.store.operations();
    let list = ["INBOX", "Archive", "Trash", "Work"].map(|name| seen(name, None));
    let folders = setup.test.store.folders();
    let changes = folders.sync_list(setup.account, &list, NOW);
    let work = changes.await.unwrap().added[0];
    let first = setup.enqueue(setup.to_archive("1:2")).await;
    let second = setup.before(first, moving("1", setup.trash)).await.unwrap();
    let third = setup.before(second, moving("1", work)).await.unwrap();
    // This folder is not kept here.
    assert!(setup.shown(setup.trash).await.is_empty());
    assert_eq!(setup.shown(setup.archive).await, ["number 2"]);
    setup.done(third, &[], false).await;
    assert_eq!(
        operations.get(second).await.unwrap(),
        None,
        "nothing is left of it"
    );
    let rest = operations.get(first).await.unwrap().unwrap().kind;
    assert_eq!(rest, setup.to_archive("2"));
    assert_eq!(setup.shown(setup.archive).await, ["number 2"]);
    assert_eq!(setup.shown(setup.inbox).await, ["number 3"]);
}

#[tokio::test]
async fn message_that_is_taken_out_stays_where_it_is() {
    let setup = Setup::new().await;
    let operations = setup.test.store.operations();
    let id = setup.enqueue(setup.to_archive("1:2")).await;
    assert!(operations.take_out(id, &UidSet::range(1, 1)).await.unwrap());
    assert_eq!(setup.shown(setup.inbox).await, ["number 3", "number 1"]);
    assert_eq!(setup.shown(setup.archive).await, ["number 2"]);
    assert!(operations.take_out(id, &UidSet::range(2, 2)).await.unwrap());
    assert_eq!(operations.get(id).await.unwrap(), None);
    assert_eq!(setup.shown(setup.inbox).await.len(), 3);
}

#[tokio::test]
async fn message_that_stands_in_the_target_is_shown_there_once_and_twins_twice() {
    let setup = Setup::new().await;
    setup
        .test
        .ingest(setup.account, setup.archive, vec![at(30, 1)])
        .await;
    setup
        .test
        .ingest(setup.account, setup.inbox, vec![at(12, 2)])
        .await;
    setup.enqueue(setup.to_archive("1,2,12")).await;
    let shown = setup.shown(setup.archive).await;
    assert_eq!(shown, ["number 2", "number 2", "number 1"]);
    assert_eq!(setup.shown(setup.inbox).await, ["number 3"]);
}

#[tokio::test]
async fn database_from_before_expected_places_is_brought_up_to_date_without_touching_its_rows() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("mail.db");
    let mut old = sqlx::ConnectOptions::connect(
        &sqlx::sqlite::SqliteConnectOptions::new()
            .filename(&path)
            .create_if_missing(true),
    )
    .await
    .unwrap();
    for (_, sql) in crate::migration::STEPS.iter().filter(|(number, _)| *number < 17) {
        sqlx::raw_sql(*sql).execute(&mut old).await.unwrap();
    }
    sqlx::raw_sql(
        "PRAGMA application_id = 0x4d526f6f; PRAGMA user_version = 16;
         INSERT INTO accounts (id, address, display_name, state, period, folders, options, created_at)
             VALUES (1, 'a@x.pl', '', 'unproved', 'all', '\"all\"', '{}', 0);
         INSERT INTO folders (id, account_id, wire_name, path, selectable, subscribed, uid_validity)
             VALUES (1, 1, 'INBOX', 'INBOX', 1, 1, 7), (2, 1, 'B', 'B', 1, 1, 7);
         INSERT INTO threads (id, account_id) VALUES (1, 1);
         INSERT INTO messages (id, account_id, thread_id, digest, sort_key, received_at, size, body_state,
             attachment_count, subject, from_name, from_address, to_line, preview)
             VALUES (1, 1, 1, zeroblob(32), 1, 0, 1, 'oversize', 0, '', '', '', '', '');
         INSERT INTO unindexed VALUES (1);
         INSERT INTO places (folder_id, uid, message_id, internal_at, flags, keywords, server_flags, server_keywords)
             VALUES (1, 4294967295, 1, 0, 0, '', 0, '');
         INSERT INTO operations (id, account_id, folder_id, kind, state, next_at, created_at) VALUES
             (5, 1, 1, '{\"kind\":\"move\",\"uids\":\"4294967295\",\"to_folder\":2}', 'waiting', 0, 0);",
    )
    .execute(&mut old)
    .await
    .unwrap();
    sqlx::Connection::close(old).await.unwrap();
    let store = crate::Store::open(&path).await.unwrap();
    assert!(store.integrity_check().await.unwrap().is_sound());
    let row = store.operations().get(OperationId(5)).await.unwrap().unwrap();
    assert_eq!((row.uid_validity, row.ahead_of), (Some(7), None));
    let insert = "INSERT INTO places (folder_id, uid, message_id, internal_at, flags, keywords, server_flags, \
                  server_keywords, stands_for, awaited_at) VALUES (2, ?1, 1, 0, 0, '', 0, '', ?2, ?2)";
    let mut writing = store.begin_relaxed().await.unwrap();
    for (uid, stands_for, is_right) in [
        (4_294_967_296_i64, None, false),
        (7, Some(3_i64), false),
        (0, None, false),
        (4_294_967_296, Some(3), true),
        (7, None, true),
    ] {
        let inserted = sqlx::query(insert).bind(uid).bind(stands_for);
        let inserted = inserted.execute(&mut *writing).await;
        assert_eq!(inserted.is_ok(), is_right, "{uid} {stands_for:?}");
    }
    drop(writing);
    assert_eq!(UnixMillis(0), row.created_at);
    store.close().await;
}

#[tokio::test]
async fn where_folders_are_labels_the_trash_shows_one_and_all_mail_nothing_new() {
    let setup = Setup::new().await;
    // The archive is the folder of all messages here.
    setup
        .test
        .ingest(setup.account, setup.archive, vec![at(31, 1), at(32, 2)])
        .await;
    let archived = setup.enqueue(setup.to_archive("2")).await;
    assert_eq!(setup.expected_rows().await, 0, "it stands there already");
    let thrown = setup
        .enqueue(OperationKind::Move {
            uids: UidSet::range(1, 1),
            to_folder: setup.trash,
            uid_validity: None,
            everywhere: true,
        })
        .await;
    assert_eq!(setup.shown(setup.trash).await, ["number 1"]);
    assert_eq!(setup.shown(setup.archive).await, ["number 2"]);
    assert_eq!(setup.shown(setup.inbox).await, ["number 3"]);
    // Taken out of the trash again: it is everywhere where it was.
    let operations = setup.test.store.operations();
    assert!(operations.take_out(thrown, &UidSet::range(1, 1)).await.unwrap());
    assert!(setup.shown(setup.trash).await.is_empty());
    assert_eq!(setup.shown(setup.archive).await.len(), 2);
    setup.done(archived, &[], false).await;
    assert_eq!(setup.shown(setup.inbox).await, ["number 3", "number 1"]);
    assert_eq!(setup.shown(setup.archive).await.len(), 2);
}
