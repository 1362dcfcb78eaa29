//! Table `operations`.

use mailroom_model::{AccountId, Coded, ErrorCode, FlagChange, FolderId, OperationId, UidSet, UnixMillis};

use super::kit::{NOW, TestStore, flags, message};
use crate::{
    AppendSource, CompressedBody, FilledUpTo, FolderCursor, ListFilter, ListScope, NewOperation,
    OperationDone, OperationKind, OperationState, StoreError, StoredError,
};

struct Setup {
    test: TestStore,
    account: AccountId,
    inbox: FolderId,
    archive: FolderId,
}

impl Setup {
    async fn new() -> Self {
        let test = TestStore::new().await;
        let (account, [inbox, archive, _]) = test.account_with_folders("anna@x.pl").await;
        test.ingest(account, inbox, (1..=5).map(message).collect()).await;
        Self {
            test,
            account,
            inbox,
            archive,
        }
    }

    async fn enqueue(&self, kind: OperationKind) -> OperationId {
        let operation = NewOperation {
            account_id: self.account,
            folder_id: self.inbox,
            kind,
            raw: None,
        };
        self.test
            .store
            .operations()
            .enqueue(&operation, NOW)
            .await
            .unwrap()
    }

    async fn shown(&self, folder: FolderId) -> Vec<u32> {
        let scope = ListScope::Folder(folder);
        let page = self
            .test
            .store
            .messages()
            .list(scope, &ListFilter::default(), 50, None)
            .await
            .unwrap();
        // What is expected has no UID.
        page.iter().map(|row| row.uid.unwrap_or(0)).collect()
    }

    async fn flags_of(&self, uid: u32) -> Vec<String> {
        let place = self.test.store.messages().place(self.inbox, uid).await.unwrap();
        place.unwrap().flags.to_imap()
    }

    async fn done(&self, id: OperationId, copied: &[(u32, u32)]) {
        let done = OperationDone {
            copied: copied.to_vec(),
            ..OperationDone::default()
        };
        self.test
            .store
            .operations()
            .mark_done(id, &done, NOW)
            .await
            .unwrap();
    }
}

fn seen(uids: &str) -> OperationKind {
    set_flags(uids, &["\\Seen"], &[])
}

fn set_flags(uids: &str, add: &[&str], remove: &[&str]) -> OperationKind {
    OperationKind::SetFlags {
        uids: uids.parse().unwrap(),
        change: FlagChange {
            add: add.iter().map(ToString::to_string).collect(),
            remove: remove.iter().map(ToString::to_string).collect(),
        },
    }
}

fn error_at(at: UnixMillis) -> StoredError {
    StoredError::new(&StoreError::FolderMissing(FolderId(1)), at)
}

#[tokio::test]
async fn operation_reads_back_as_it_was_queued() {
    let setup = Setup::new().await;
    let kinds = [
        seen("1:3,5"),
        OperationKind::Move {
            uids: UidSet::range(1, 1),
            to_folder: setup.archive,
            uid_validity: None,
            everywhere: false,
        },
        OperationKind::Copy {
            uids: UidSet::range(2, 2),
            to_folder: setup.archive,
        },
        OperationKind::Delete {
            uids: UidSet::range(3, 3),
        },
        OperationKind::Append {
            source: AppendSource::Operation,
            flags: flags(&["\\Draft"]),
            internal_at: Some(NOW),
        },
    ];
    for kind in &kinds {
        setup.enqueue(kind.clone()).await;
    }
    let rows = setup.test.store.operations().list(setup.account).await.unwrap();
    let read: Vec<_> = rows.iter().map(|row| row.kind.clone()).collect();
    assert_eq!(read, kinds);
    let wrong = NewOperation {
        account_id: AccountId(99),
        folder_id: setup.inbox,
        kind: seen("1"),
        raw: None,
    };
    let error = setup
        .test
        .store
        .operations()
        .enqueue(&wrong, NOW)
        .await
        .unwrap_err();
    assert_eq!(error.code(), ErrorCode::FolderMissing);
}

#[tokio::test]
async fn flags_change_at_once_and_go_back_when_refused_or_discarded() {
    let setup = Setup::new().await;
    let operations = setup.test.store.operations();
    let first = setup.enqueue(seen("1:2")).await;
    let second = setup.enqueue(set_flags("2:3", &["\\Flagged"], &["\\Seen"])).await;
    assert_eq!(setup.flags_of(1).await, ["\\Seen"]);
    assert_eq!(setup.flags_of(2).await, ["\\Flagged"]);
    assert!(operations.mark_refused(second, &error_at(NOW)).await.unwrap());
    assert_eq!(setup.flags_of(2).await, ["\\Seen"]);
    assert_eq!(setup.flags_of(3).await, [""; 0]);
    assert!(!operations.mark_refused(second, &error_at(NOW)).await.unwrap());
    assert!(operations.discard(first).await.unwrap());
    assert_eq!(setup.flags_of(1).await, [""; 0]);
    assert!(!operations.discard(first).await.unwrap());
    let rows = operations.list(setup.account).await.unwrap();
    assert_eq!(
        (rows.len(), rows[0].state, rows[0].attempts),
        (1, OperationState::Refused, 1)
    );
    assert!(operations.discard(second).await.unwrap());
    assert_eq!(operations.get(second).await.unwrap(), None);
}

#[tokio::test]
async fn moved_message_goes_to_its_new_place() {
    let setup = Setup::new().await;
    let id = setup
        .enqueue(OperationKind::Move {
            uids: "2:3".parse().unwrap(),
            to_folder: setup.archive,
            uid_validity: None,
            everywhere: false,
        })
        .await;
    assert_eq!(setup.shown(setup.inbox).await, [5, 4, 1]);
    setup.done(id, &[(2, 102), (3, 103)]).await;
    assert_eq!(setup.shown(setup.inbox).await, [5, 4, 1]);
    assert_eq!(setup.shown(setup.archive).await, [103, 102]);
    assert_eq!(setup.test.count("messages").await, 5);
    assert_eq!(
        setup
            .test
            .store
            .messages()
            .sweep(setup.account, NOW)
            .await
            .unwrap(),
        0
    );
    // Done twice is done once.
    setup.done(id, &[(2, 102)]).await;
    setup.test.assert_sound().await;
}

#[tokio::test]
async fn moved_message_without_its_new_uid_waits_for_the_next_synchronisation() {
    let setup = Setup::new().await;
    let id = setup
        .enqueue(OperationKind::Move {
            uids: "2".parse().unwrap(),
            to_folder: setup.archive,
            uid_validity: None,
            everywhere: false,
        })
        .await;
    setup.done(id, &[]).await;
    assert_eq!(setup.test.count("messages").await, 5);
    let mut arrived = message(2);
    arrived.uid = 77;
    let ingested = setup
        .test
        .ingest(setup.account, setup.archive, vec![arrived])
        .await;
    assert_eq!((ingested.stored, ingested.matched), (0, 1));
    assert_eq!(
        setup
            .test
            .store
            .messages()
            .sweep(setup.account, NOW.plus_seconds(60))
            .await
            .unwrap(),
        0
    );
}

#[tokio::test]
async fn deleted_message_is_hidden_then_gone() {
    let setup = Setup::new().await;
    let operations = setup.test.store.operations();
    let refused = setup
        .enqueue(OperationKind::Delete {
            uids: "1".parse().unwrap(),
        })
        .await;
    let done = setup
        .enqueue(OperationKind::Delete {
            uids: "1:2".parse().unwrap(),
        })
        .await;
    assert_eq!(setup.shown(setup.inbox).await, [5, 4, 3]);
    setup.done(done, &[]).await;
    assert!(operations.mark_refused(refused, &error_at(NOW)).await.unwrap());
    assert_eq!(setup.shown(setup.inbox).await, [5, 4, 3, 1]);
    for table in ["messages", "bodies", "search"] {
        assert_eq!(setup.test.count(table).await, 4, "{table}");
    }
    let taken_back = setup
        .enqueue(OperationKind::Delete {
            uids: "3".parse().unwrap(),
        })
        .await;
    assert!(operations.discard(taken_back).await.unwrap());
    assert_eq!(setup.shown(setup.inbox).await, [5, 4, 3, 1]);
}

#[tokio::test]
async fn copied_message_has_two_places() {
    let setup = Setup::new().await;
    let id = setup
        .enqueue(OperationKind::Copy {
            uids: "4".parse().unwrap(),
            to_folder: setup.archive,
        })
        .await;
    setup.done(id, &[(4, 9)]).await;
    assert_eq!(setup.shown(setup.inbox).await, [5, 4, 3, 2, 1]);
    assert_eq!(setup.shown(setup.archive).await, [9]);
    assert_eq!(setup.test.count("messages").await, 5);
}

#[tokio::test]
async fn target_of_a_copy_is_kept_as_it_was_when_the_copy_was_wanted() {
    let setup = Setup::new().await;
    let operations = setup.test.store.operations();
    let copying = || OperationKind::Copy {
        uids: "4".parse().unwrap(),
        to_folder: setup.archive,
    };
    let target = async |id| operations.get(id).await.unwrap().unwrap().target;
    let unknown = setup.enqueue(copying()).await;
    assert_eq!(target(unknown).await, None, "nobody has looked there");
    let filled = |uid_next| FilledUpTo {
        uid_validity: 7,
        uid_next,
    };
    operations.note_target(unknown, filled(3)).await.unwrap();
    assert_eq!(target(unknown).await, Some(filled(3)));
    let cursor = |uid_next| FolderCursor {
        uid_validity: 7,
        uid_next,
        highest_modseq: None,
        window_start: None,
        is_complete: true,
        exists: 0,
        at: NOW,
    };
    let folders = setup.test.store.folders();
    folders.set_cursor(setup.archive, None, &cursor(5)).await.unwrap();
    let known = setup.enqueue(copying()).await;
    folders
        .set_cursor(setup.archive, Some(7), &cursor(9))
        .await
        .unwrap();
    assert_eq!(
        target(known).await,
        Some(filled(5)),
        "a later look changes nothing"
    );
    assert_eq!(target(setup.enqueue(seen("1")).await).await, None);
}

#[tokio::test]
async fn operations_are_due_in_their_order() {
    let setup = Setup::new().await;
    let operations = setup.test.store.operations();
    let first = setup.enqueue(seen("1")).await;
    let second = setup.enqueue(seen("2")).await;
    let elsewhere = NewOperation {
        account_id: setup.account,
        folder_id: setup.archive,
        kind: seen("3"),
        raw: None,
    };
    let elsewhere = operations.enqueue(&elsewhere, NOW).await.unwrap();
    let due = async |at| {
        let rows = operations.next_due(setup.account, at).await.unwrap();
        rows.iter().map(|row| row.id).collect::<Vec<_>>()
    };
    assert_eq!(due(NOW).await, [first, second, elsewhere]);
    assert_eq!(due(NOW.plus_seconds(-1)).await, []);
    let later = NOW.plus_seconds(60);
    assert!(operations.mark_retry(first, later, &error_at(NOW)).await.unwrap());
    // What stands behind it in the same folder waits with it.
    assert_eq!(due(NOW).await, [elsewhere]);
    assert_eq!(due(later).await, [first, second, elsewhere]);
    assert_eq!(operations.next_at(setup.account).await.unwrap(), Some(NOW));
    assert_eq!(operations.next_at(AccountId(99)).await.unwrap(), None);
    let row = operations.get(first).await.unwrap().unwrap();
    assert_eq!((row.attempts, row.last_error), (1, Some(error_at(NOW))));
    assert!(
        !operations
            .mark_retry(OperationId(99), later, &error_at(NOW))
            .await
            .unwrap()
    );
}

#[tokio::test]
async fn operation_behind_one_that_waits_does_not_call_for_attention() {
    let setup = Setup::new().await;
    let operations = setup.test.store.operations();
    let first = setup.enqueue(seen("1")).await;
    setup.enqueue(seen("2")).await;
    let later = NOW.plus_seconds(60);
    operations.mark_retry(first, later, &error_at(NOW)).await.unwrap();
    assert_eq!(operations.next_at(setup.account).await.unwrap(), Some(later));
}

#[tokio::test]
async fn operation_whose_answer_never_came_is_known_as_begun() {
    let setup = Setup::new().await;
    let operations = setup.test.store.operations();
    let id = setup.enqueue(seen("1")).await;
    let is_begun = async || operations.get(id).await.unwrap().unwrap().is_begun;
    assert!(!is_begun().await);
    assert!(operations.mark_begun(id).await.unwrap().is_some());
    assert!(is_begun().await);
    assert!(
        operations
            .mark_interrupted(id, NOW, &error_at(NOW))
            .await
            .unwrap()
    );
    assert!(is_begun().await);
    assert!(operations.mark_retry(id, NOW, &error_at(NOW)).await.unwrap());
    assert!(!is_begun().await);
    assert!(operations.mark_refused(id, &error_at(NOW)).await.unwrap());
    assert!(operations.mark_begun(id).await.unwrap().is_none());
}

#[tokio::test]
async fn message_that_the_server_only_marks_stays_and_shows_it() {
    let setup = Setup::new().await;
    let deleted = OperationKind::Delete {
        uids: "1".parse().unwrap(),
    };
    let moved = OperationKind::Move {
        uids: "2".parse().unwrap(),
        to_folder: setup.archive,
        uid_validity: None,
        everywhere: false,
    };
    let done = OperationDone {
        copied: vec![(2, 40)],
        is_left_marked: true,
        ..OperationDone::default()
    };
    for kind in [deleted, moved] {
        let id = setup.enqueue(kind).await;
        let operations = setup.test.store.operations();
        operations.mark_done(id, &done, NOW).await.unwrap();
    }
    assert_eq!(setup.shown(setup.inbox).await, [5, 4, 3, 2, 1]);
    assert_eq!(setup.shown(setup.archive).await, [40]);
    assert_eq!(setup.flags_of(1).await, ["\\Deleted"]);
    assert_eq!(setup.flags_of(2).await, ["\\Deleted"]);
    setup.test.assert_sound().await;
}

#[tokio::test]
async fn change_for_uids_that_mean_nothing_any_more_is_refused() {
    let setup = Setup::new().await;
    let operations = setup.test.store.operations();
    let stale = setup.enqueue(seen("1")).await;
    let append = setup
        .enqueue(OperationKind::Append {
            source: AppendSource::Operation,
            flags: flags(&[]),
            internal_at: None,
        })
        .await;
    setup
        .test
        .store
        .folders()
        .reset(setup.inbox, 8, NOW)
        .await
        .unwrap();
    let row = operations.get(stale).await.unwrap().unwrap();
    assert_eq!(
        (row.state, row.last_error.unwrap().code),
        (OperationState::Refused, ErrorCode::FolderMissing)
    );
    let row = operations.get(append).await.unwrap().unwrap();
    assert_eq!(row.state, OperationState::Waiting, "it needs no UID");
}

#[tokio::test]
async fn change_outlives_that_its_folder_is_given_up_but_not_other_uids() {
    let setup = Setup::new().await;
    let (operations, folders) = (setup.test.store.operations(), setup.test.store.folders());
    let cursor = |uid_validity| FolderCursor {
        uid_validity,
        uid_next: 6,
        highest_modseq: None,
        window_start: None,
        is_complete: true,
        exists: 5,
        at: NOW,
    };
    folders.set_cursor(setup.inbox, None, &cursor(7)).await.unwrap();
    let moved = setup.enqueue(to_archive(&setup, "1")).await;
    let marked = setup.enqueue(seen("2")).await;
    let states = async || {
        let rows = operations.list(setup.account).await.unwrap();
        rows.iter()
            .map(|row| (row.id, row.state, row.uid_validity))
            .collect::<Vec<_>>()
    };
    let both = |state| vec![(moved, state, Some(7)), (marked, state, Some(7))];
    folders.give_up(setup.inbox, NOW).await.unwrap();
    assert_eq!(states().await, both(OperationState::Waiting));
    folders.set_cursor(setup.inbox, None, &cursor(7)).await.unwrap();
    assert_eq!(states().await, both(OperationState::Waiting));
    let again = setup
        .test
        .ingest(setup.account, setup.inbox, (1..=5).map(message).collect())
        .await;
    assert_eq!(again.matched, 5);
    assert_eq!(
        setup.shown(setup.inbox).await,
        [5, 4, 3, 2],
        "what waits is not shown again"
    );
    assert_eq!(setup.flags_of(2).await, ["\\Seen"]);
    setup.test.assert_sound().await;
    folders.give_up(setup.inbox, NOW).await.unwrap();
    folders.set_cursor(setup.inbox, None, &cursor(8)).await.unwrap();
    assert_eq!(states().await, both(OperationState::Refused));
    setup.test.assert_sound().await;
}

#[tokio::test]
async fn mark_whose_loss_would_double_a_message_is_on_the_disk_at_once() {
    let setup = Setup::new().await;
    let synced = async || -> i64 {
        let mut writer = setup.test.store.writer().await.unwrap();
        let level = sqlx::query_scalar("SELECT synchronous FROM pragma_synchronous");
        level.fetch_one(&mut *writer).await.unwrap()
    };
    let copy = OperationKind::Copy {
        uids: UidSet::range(2, 2),
        to_folder: setup.archive,
    };
    for (kind, level) in [(seen("1"), 1), (copy, 2), (to_archive(&setup, "3"), 2)] {
        let id = setup.enqueue(kind.clone()).await;
        assert!(
            setup
                .test
                .store
                .operations()
                .mark_begun(id)
                .await
                .unwrap()
                .is_some()
        );
        assert_eq!(synced().await, level, "begun: {kind:?}");
        drop(setup.test.store.begin_relaxed().await.unwrap());
        setup.done(id, &[]).await;
        assert_eq!(synced().await, level, "done: {kind:?}");
    }
}

fn to_archive(setup: &Setup, uids: &str) -> OperationKind {
    OperationKind::Move {
        uids: uids.parse().unwrap(),
        to_folder: setup.archive,
        uid_validity: None,
        everywhere: false,
    }
}

#[tokio::test]
async fn operation_carries_its_message_through_a_restart() {
    let setup = Setup::new().await;
    let operation = NewOperation {
        account_id: setup.account,
        folder_id: setup.archive,
        kind: OperationKind::Append {
            source: AppendSource::Operation,
            flags: flags(&["\\Draft"]),
            internal_at: None,
        },
        raw: Some(CompressedBody::compress(b"Subject: draft\r\n\r\n").unwrap()),
    };
    let id = setup
        .test
        .store
        .operations()
        .enqueue(&operation, NOW)
        .await
        .unwrap();
    let test = setup.test.reopen().await;
    let raw = test.store.operations().raw(id).await.unwrap();
    assert_eq!(raw.as_deref(), Some(&b"Subject: draft\r\n\r\n"[..]));
    assert_eq!(test.store.operations().raw(OperationId(99)).await.unwrap(), None);
}
