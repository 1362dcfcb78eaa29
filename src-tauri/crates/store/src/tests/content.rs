//! Messages that the server names: placed without their bytes.

use mailroom_model::{AccountId, ErrorCode, FolderId, MessageFlags};

use super::kit::{NOW, TestStore, flags, message, seen};
use crate::{IncomingMessage, NamedMessage, NewOperation, OperationDone, OperationKind, OperationState};

fn named(n: u32, content: &str) -> IncomingMessage {
    IncomingMessage {
        content_id: Some(content.to_owned()),
        ..message(n)
    }
}

fn there(uid: u32, content: &str, names: &[&str]) -> NamedMessage {
    NamedMessage {
        uid,
        flags: flags(names),
        modseq: Some(9),
        internal_at: NOW,
        content_id: content.to_owned(),
    }
}

async fn uids(test: &TestStore, account: AccountId, folder: FolderId, all: &[NamedMessage]) -> String {
    let messages = test.store.messages();
    let placed = messages.place_named(account, folder, all).await.unwrap();
    placed.to_string()
}

#[tokio::test]
async fn named_message_gets_a_further_place_and_keeps_its_body() {
    let test = TestStore::new().await;
    let (account, [inbox, archive, ..]) = test.account_with_folders("anna@x.pl").await;
    test.ingest(account, inbox, vec![named(1, "11"), named(2, "12"), message(3)])
        .await;
    let all = [
        there(71, "11", &["\\Seen"]),
        there(72, "99", &[]),
        there(73, "12", &[]),
    ];
    assert_eq!(uids(&test, account, archive, &all).await, "71,73");
    assert_eq!((test.count("messages").await, test.count("places").await), (3, 5));
    let place = test.store.messages().place(archive, 71).await.unwrap().unwrap();
    assert_eq!((place.flags.seen, place.modseq), (true, Some(9)));
    let inbox_place = test.store.messages().place(inbox, 1).await.unwrap().unwrap();
    assert_eq!(place.message_id, inbox_place.message_id);
    assert!(!inbox_place.flags.seen, "each folder has flags of its own");
    // Again: nothing is new.
    assert_eq!(uids(&test, account, archive, &all).await, "71,73");
    assert_eq!(test.count("places").await, 5);
    test.assert_sound().await;
}

#[tokio::test]
async fn name_is_learnt_from_the_same_bytes_and_is_good_for_one_account_only() {
    let test = TestStore::new().await;
    let (anna, [inbox, archive, ..]) = test.account_with_folders("anna@x.pl").await;
    let (jan, [other, ..]) = test.account_with_folders("jan@x.pl").await;
    test.ingest(anna, inbox, vec![message(1)]).await;
    assert_eq!(uids(&test, anna, archive, &[there(5, "11", &[])]).await, "");
    test.ingest(
        anna,
        archive,
        vec![IncomingMessage {
            uid: 5,
            ..named(1, "11")
        }],
    )
    .await;
    assert_eq!(test.count("messages").await, 1, "the same bytes");
    assert_eq!(uids(&test, anna, inbox, &[there(8, "11", &[])]).await, "8");
    assert_eq!(uids(&test, jan, other, &[there(8, "11", &[])]).await, "");
    let foreign = test
        .store
        .messages()
        .place_named(jan, inbox, &[there(9, "11", &[])])
        .await;
    assert_eq!(
        mailroom_model::Coded::code(&foreign.unwrap_err()),
        ErrorCode::FolderMissing
    );
}

#[tokio::test]
async fn move_that_takes_a_message_from_everywhere_hides_it_everywhere_and_can_be_taken_back() {
    let test = TestStore::new().await;
    let (account, [inbox, archive, trash]) = test.account_with_folders("anna@x.pl").await;
    test.ingest(account, inbox, vec![named(1, "11"), named(2, "12")])
        .await;
    uids(
        &test,
        account,
        archive,
        &[there(71, "11", &[]), there(72, "12", &[])],
    )
    .await;
    let operation = NewOperation {
        account_id: account,
        folder_id: inbox,
        kind: OperationKind::Move {
            uids: "1".parse().unwrap(),
            to_folder: trash,
            uid_validity: None,
            everywhere: true,
        },
        raw: None,
    };
    let operations = test.store.operations();
    let shown = async |folder: FolderId, uid: u32| -> bool {
        let place = test.store.messages().place(folder, uid).await.unwrap();
        place.is_some_and(|place| place.operation_id.is_none())
    };
    let id = operations.enqueue(&operation, NOW).await.unwrap();
    assert!(!shown(inbox, 1).await && !shown(archive, 71).await);
    assert!(shown(inbox, 2).await && shown(archive, 72).await);
    operations.take_back(id).await.unwrap();
    assert!(shown(inbox, 1).await && shown(archive, 71).await);
    let id = operations.enqueue(&operation, NOW).await.unwrap();
    let done = OperationDone {
        copied: vec![(1, 40)],
        ..OperationDone::default()
    };
    operations.mark_done(id, &done, NOW).await.unwrap();
    assert!(shown(trash, 40).await);
    assert_eq!(test.count("places").await, 3, "in the trash alone");
    assert_eq!(
        test.store
            .messages()
            .place(trash, 40)
            .await
            .unwrap()
            .unwrap()
            .flags,
        MessageFlags::default()
    );
    test.assert_sound().await;
}

#[tokio::test]
async fn refused_move_from_everywhere_hides_nothing_elsewhere_when_its_folder_is_gone() {
    for is_deleted in [false, true] {
        let test = TestStore::new().await;
        let (account, [inbox, archive, trash]) = test.account_with_folders("anna@x.pl").await;
        test.ingest(account, inbox, vec![named(1, "11")]).await;
        uids(&test, account, archive, &[there(71, "11", &[])]).await;
        let operation = NewOperation {
            account_id: account,
            folder_id: inbox,
            kind: OperationKind::Move {
                uids: "1".parse().unwrap(),
                to_folder: trash,
                uid_validity: None,
                everywhere: true,
            },
            raw: None,
        };
        let id = test.store.operations().enqueue(&operation, NOW).await.unwrap();
        let folders = test.store.folders();
        if is_deleted {
            let left = [seen("Archive", None), seen("All", None)];
            folders.sync_list(account, &left, NOW).await.unwrap();
        } else {
            folders.reset(inbox, 8, NOW).await.unwrap();
        }
        let row = test.store.operations().get(id).await.unwrap().unwrap();
        assert_eq!(row.state, OperationState::Refused);
        let place = test.store.messages().place(archive, 71).await.unwrap().unwrap();
        assert_eq!(place.operation_id, None);
        assert_eq!(folders.get(archive).await.unwrap().unwrap().total, 1);
        test.assert_sound().await;
    }
}
