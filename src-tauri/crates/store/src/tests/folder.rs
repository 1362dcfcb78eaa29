//! Table `folders`.

use mailroom_model::{Coded, ErrorCode, FlagChange, FolderId, FolderRole, MailboxRights, UidSet};

use super::kit::{NOW, TestStore, flags, message, seen};
use crate::{FolderCursor, NewOperation, OperationKind, OperationState, StoreError, StoredError};

#[tokio::test]
async fn folder_list_is_followed() {
    let test = TestStore::new().await;
    let account = test.account("anna@x.pl").await;
    let folders = test.store.folders();
    let inbox = seen("INBOX", Some(FolderRole::Inbox));
    let mut sent = seen("Wysłane", None);
    let list = [inbox.clone(), sent.clone(), inbox.clone()];
    let changes = folders.sync_list(account, &list, NOW).await.unwrap();
    assert_eq!(
        (changes.added.len(), changes.updated.len(), changes.removed.len()),
        (2, 0, 0)
    );

    let list = [inbox.clone(), sent.clone()];
    let changes = folders.sync_list(account, &list, NOW).await.unwrap();
    assert_eq!(changes, crate::FolderChanges::default());

    sent.role = Some(FolderRole::Sent);
    sent.rights = Some(MailboxRights::new("lrs"));
    sent.delimiter = None;
    let list = [inbox.clone(), sent.clone()];
    let changes = folders.sync_list(account, &list, NOW).await.unwrap();
    assert_eq!(
        (changes.added.len(), changes.updated.len(), changes.removed.len()),
        (0, 1, 0)
    );
    let row = folders.by_path(account, "Wysłane").await.unwrap().unwrap();
    assert_eq!(row.seen, sent);
    assert_eq!(folders.get(row.id).await.unwrap().as_ref(), Some(&row));

    let changes = folders.sync_list(account, &[inbox], NOW).await.unwrap();
    assert_eq!(changes.removed, [(row.id, "Wysłane".to_owned())]);
    assert_eq!(folders.list(account).await.unwrap().len(), 1);
}

#[tokio::test]
async fn folder_that_is_gone_takes_messages_that_lie_nowhere_else() {
    let test = TestStore::new().await;
    let (account, [inbox, archive, _]) = test.account_with_folders("anna@x.pl").await;
    test.ingest(account, inbox, vec![message(1), message(2)]).await;
    test.ingest(account, archive, vec![message(2), message(3)]).await;
    let operation = NewOperation {
        account_id: account,
        folder_id: archive,
        kind: OperationKind::Delete {
            uids: UidSet::range(3, 3),
        },
        raw: None,
    };
    let operation = test.store.operations().enqueue(&operation, NOW).await.unwrap();
    let list = [seen("INBOX", Some(FolderRole::Inbox))];
    test.store.folders().sync_list(account, &list, NOW).await.unwrap();
    assert_eq!(
        test.count("messages").await,
        3,
        "the folder may only have another name"
    );
    assert_eq!(test.store.messages().sweep(account, NOW).await.unwrap(), 1);
    assert_eq!((test.count("messages").await, test.count("places").await), (2, 2));
    assert_eq!((test.count("bodies").await, test.count("search").await), (2, 2));
    let row = test.store.operations().get(operation).await.unwrap().unwrap();
    assert_eq!((row.state, row.folder_id), (OperationState::Refused, None));
    assert_eq!(row.last_error.unwrap().code, ErrorCode::FolderMissing);
    test.assert_sound().await;
}

#[tokio::test]
async fn folder_counts_leave_out_what_waits_to_go() {
    let test = TestStore::new().await;
    let (account, [inbox, archive, _]) = test.account_with_folders("anna@x.pl").await;
    let mut batch: Vec<_> = (1..=10).map(message).collect();
    for message in batch.iter_mut().take(4) {
        message.flags = flags(&["\\Seen"]);
    }
    test.ingest(account, inbox, batch).await;
    let counts = async || {
        let row = test.store.folders().get(inbox).await.unwrap().unwrap();
        (row.total, row.unread)
    };
    assert_eq!(counts().await, (10, 6));
    let kinds = [
        OperationKind::SetFlags {
            uids: UidSet::range(5, 5),
            change: FlagChange {
                add: vec!["\\Seen".into()],
                remove: vec![],
            },
        },
        OperationKind::Move {
            uids: UidSet::range(9, 20),
            to_folder: archive,
            uid_validity: None,
            everywhere: false,
        },
    ];
    for kind in kinds {
        let operation = NewOperation {
            account_id: account,
            folder_id: inbox,
            kind,
            raw: None,
        };
        test.store.operations().enqueue(&operation, NOW).await.unwrap();
    }
    assert_eq!(counts().await, (8, 3));
}

#[tokio::test]
async fn folder_cursor_and_error_are_kept() {
    let test = TestStore::new().await;
    let (_, [inbox, ..]) = test.account_with_folders("anna@x.pl").await;
    let folders = test.store.folders();
    assert_eq!(folders.get(inbox).await.unwrap().unwrap().cursor, None);
    let cursor = FolderCursor {
        uid_validity: u32::MAX,
        uid_next: 101,
        highest_modseq: Some(u64::MAX >> 1),
        window_start: Some(NOW),
        is_complete: true,
        exists: 7,
        at: NOW,
    };
    assert!(folders.set_cursor(inbox, None, &cursor).await.unwrap());
    let error = StoredError::new(&StoreError::FolderMissing(inbox), NOW);
    folders.set_error(inbox, Some(&error)).await.unwrap();
    let row = folders.get(inbox).await.unwrap().unwrap();
    assert_eq!((row.cursor, row.error), (Some(cursor), Some(error)));
    folders.set_error(inbox, None).await.unwrap();
    assert_eq!(folders.get(inbox).await.unwrap().unwrap().error, None);
    let missing = folders.set_error(FolderId(99), None).await.unwrap_err();
    assert_eq!(missing.code(), ErrorCode::FolderMissing);
}

#[tokio::test]
async fn cursor_of_a_look_that_began_before_the_folder_was_emptied_is_not_kept() {
    let test = TestStore::new().await;
    let (_, [inbox, ..]) = test.account_with_folders("anna@x.pl").await;
    let folders = test.store.folders();
    let cursor = FolderCursor {
        uid_validity: 7,
        uid_next: 101,
        highest_modseq: None,
        window_start: None,
        is_complete: false,
        exists: 100,
        at: NOW,
    };
    assert!(folders.set_cursor(inbox, None, &cursor).await.unwrap());
    folders.reset(inbox, 8, NOW).await.unwrap();
    let complete = FolderCursor {
        is_complete: true,
        ..cursor
    };
    assert!(!folders.set_cursor(inbox, Some(7), &complete).await.unwrap());
    assert_eq!(folders.get(inbox).await.unwrap().unwrap().cursor, None);
}

#[tokio::test]
async fn reset_folder_finds_its_messages_again() {
    let test = TestStore::new().await;
    let (account, [inbox, archive, _]) = test.account_with_folders("anna@x.pl").await;
    test.ingest(account, inbox, (1..=5).map(message).collect()).await;
    test.ingest(account, archive, vec![message(5)]).await;
    test.store.folders().reset(inbox, 8, NOW).await.unwrap();
    assert_eq!((test.count("messages").await, test.count("places").await), (5, 1));
    let mut again = message(1);
    again.uid = 1001;
    let ingested = test.ingest(account, inbox, vec![again]).await;
    assert_eq!((ingested.stored, ingested.matched), (0, 1));
    assert_eq!(
        test.store
            .messages()
            .sweep(account, NOW.plus_seconds(-1))
            .await
            .unwrap(),
        0
    );
    assert_eq!(test.store.messages().sweep(account, NOW).await.unwrap(), 3);
    assert_eq!((test.count("messages").await, test.count("search").await), (2, 2));
    assert_eq!(
        test.store
            .folders()
            .reset(FolderId(99), 8, NOW)
            .await
            .unwrap_err()
            .code(),
        ErrorCode::FolderMissing
    );
}

#[tokio::test]
async fn renamed_folder_stays_what_it_is() {
    let test = TestStore::new().await;
    let (account, [inbox, archive, _]) = test.account_with_folders("anna@x.pl").await;
    test.ingest(account, archive, vec![message(1)]).await;
    let before = test.store.folders().get(archive).await.unwrap().unwrap();
    let other_name = |id, name: &str| crate::RenamedFolder {
        id,
        wire_name: name.to_owned(),
        path: format!("path of {name}"),
    };
    // The name of another folder is not taken away from it, and another account's folder is no business of this one.
    let renamed = [other_name(archive, "Old"), other_name(inbox, "All")];
    test.store.folders().rename(account, &renamed).await.unwrap();
    let stranger = test.account("bob@x.pl").await;
    let taken = [other_name(archive, "Stolen")];
    test.store.folders().rename(stranger, &taken).await.unwrap();
    let mut expected = before.clone();
    expected.seen.wire_name = "Old".to_owned();
    expected.seen.path = "path of Old".to_owned();
    assert_eq!(
        test.store.folders().get(archive).await.unwrap().unwrap(),
        expected
    );
    let inbox = test.store.folders().get(inbox).await.unwrap().unwrap();
    assert_eq!(inbox.seen.wire_name, "INBOX");
    test.assert_sound().await;
}
