//! Table `places`: flags and removal.

use mailroom_model::{AccountId, FlagChange, UidSet, UnixMillis};

use super::kit::{NOW, TestStore, flags, message};
use crate::{AppendSource, FlagUpdate, NewOperation, OperationDone, OperationKind};

fn update(uid: u32, names: &[&str], modseq: Option<u64>) -> FlagUpdate {
    FlagUpdate {
        uid,
        flags: flags(names),
        modseq,
    }
}

#[tokio::test]
async fn known_uids_are_all_that_are_here() {
    let test = TestStore::new().await;
    let (account, [inbox, archive, _]) = test.account_with_folders("anna@x.pl").await;
    let mut last = message(9);
    last.uid = u32::MAX;
    let batch = [1, 2, 3, 5, 8].map(message).into_iter().chain([last]).collect();
    test.ingest(account, inbox, batch).await;
    let messages = test.store.messages();
    assert_eq!(
        messages.known_uids(inbox).await.unwrap().to_string(),
        "1:3,5,8,4294967295"
    );
    assert!(messages.known_uids(archive).await.unwrap().is_empty());
    let some = messages
        .places(inbox, &"2:5,100:4294967295".parse().unwrap())
        .await
        .unwrap();
    assert_eq!(
        some.iter().map(|place| place.uid).collect::<Vec<_>>(),
        [2, 3, 5, u32::MAX]
    );
}

#[tokio::test]
async fn flags_of_the_server_are_taken_over() {
    let test = TestStore::new().await;
    let (account, [inbox, ..]) = test.account_with_folders("anna@x.pl").await;
    test.ingest(account, inbox, (1..=5).map(message).collect()).await;
    let messages = test.store.messages();
    let updates = [
        update(1, &["\\Seen"], Some(10)),
        update(2, &[], Some(11)),
        update(3, &["ważne", "$Forwarded"], None),
        update(99, &["\\Seen"], Some(12)),
    ];
    assert_eq!(messages.apply_flags(inbox, &updates).await.unwrap(), 2);
    assert_eq!(messages.apply_flags(inbox, &updates).await.unwrap(), 0);
    let place = messages.place(inbox, 3).await.unwrap().unwrap();
    assert_eq!(place.flags.to_imap(), ["$Forwarded", "ważne"]);
    let place = messages.place(inbox, 2).await.unwrap().unwrap();
    assert_eq!(place.modseq, Some(11));
    assert_eq!(messages.apply_flags(inbox, &[]).await.unwrap(), 0);
}

#[tokio::test]
async fn waiting_change_survives_the_flags_of_the_server() {
    let test = TestStore::new().await;
    let (account, [inbox, ..]) = test.account_with_folders("anna@x.pl").await;
    test.ingest(account, inbox, vec![message(1)]).await;
    let operation = NewOperation {
        account_id: account,
        folder_id: inbox,
        kind: OperationKind::SetFlags {
            uids: UidSet::range(1, 2),
            change: FlagChange {
                add: vec!["\\Seen".into()],
                remove: vec!["\\Flagged".into()],
            },
        },
        raw: None,
    };
    let operation = test.store.operations().enqueue(&operation, NOW).await.unwrap();
    let messages = test.store.messages();
    let server = [update(1, &["\\Flagged", "todo"], Some(5))];
    assert_eq!(messages.apply_flags(inbox, &server).await.unwrap(), 1);
    let place = messages.place(inbox, 1).await.unwrap().unwrap();
    assert_eq!(place.flags.to_imap(), ["\\Seen", "todo"]);
    assert_eq!(place.server_flags.to_imap(), ["\\Flagged", "todo"]);
    // A message that comes while the change waits gets it as well.
    test.ingest(account, inbox, vec![message(2)]).await;
    assert!(messages.place(inbox, 2).await.unwrap().unwrap().flags.seen);
    test.store
        .operations()
        .mark_done(operation, &OperationDone::default(), NOW)
        .await
        .unwrap();
    let place = messages.place(inbox, 1).await.unwrap().unwrap();
    assert_eq!(
        (place.flags.to_imap(), place.server_flags.to_imap()),
        (
            vec!["\\Seen".to_owned(), "todo".into()],
            vec!["\\Seen".to_owned(), "todo".into()]
        )
    );
}

#[tokio::test]
async fn removed_uids_take_messages_that_lie_nowhere_else() {
    let test = TestStore::new().await;
    let (account, [inbox, archive, _]) = test.account_with_folders("anna@x.pl").await;
    test.ingest(account, inbox, (1..=10).map(message).collect()).await;
    test.ingest(account, archive, vec![message(3)]).await;
    let messages = test.store.messages();
    let gone: UidSet = "2:4,9:4294967295".parse().unwrap();
    assert_eq!(messages.remove_uids(inbox, &gone, NOW).await.unwrap(), 5);
    assert_eq!(messages.known_uids(inbox).await.unwrap().to_string(), "1,5:8");
    assert_eq!(test.count("messages").await, 10, "they may turn up elsewhere");
    assert_eq!(messages.sweep(AccountId(99), NOW).await.unwrap(), 0);
    assert_eq!(messages.sweep(account, NOW).await.unwrap(), 4);
    for table in ["messages", "bodies", "search", "threads", "thread_links"] {
        assert_eq!(test.count(table).await, 6, "{table}");
    }
    assert_eq!(messages.remove_uids(inbox, &gone, NOW).await.unwrap(), 0);
    test.assert_sound().await;
}

#[tokio::test]
async fn message_that_an_operation_needs_outlives_its_places() {
    let test = TestStore::new().await;
    let (account, [inbox, archive, _]) = test.account_with_folders("anna@x.pl").await;
    let id = test.ingest(account, inbox, vec![message(1)]).await.placed[0].1;
    let operation = NewOperation {
        account_id: account,
        folder_id: archive,
        kind: OperationKind::Append {
            source: AppendSource::Message(id),
            flags: flags(&["\\Seen"]),
            internal_at: None,
        },
        raw: None,
    };
    let operation = test.store.operations().enqueue(&operation, NOW).await.unwrap();
    test.store
        .messages()
        .remove_uids(inbox, &UidSet::range(1, 1), NOW)
        .await
        .unwrap();
    assert!(test.store.messages().raw(id).await.unwrap().is_some());
    assert_eq!(test.store.messages().sweep(account, NOW).await.unwrap(), 0);
    test.store
        .operations()
        .mark_done(operation, &OperationDone::default(), NOW)
        .await
        .unwrap();
    assert_eq!(test.store.messages().sweep(account, NOW).await.unwrap(), 1);
    assert_eq!(test.count("messages").await, 0);
}

#[tokio::test]
async fn shrunk_window_drops_what_is_older() {
    let test = TestStore::new().await;
    let (account, [inbox, ..]) = test.account_with_folders("anna@x.pl").await;
    test.ingest(account, inbox, (1..=4500).map(message).collect())
        .await;
    // A message without a readable date has no age.
    let mut undated = message(5000);
    undated.internal_at = UnixMillis(0);
    test.ingest(account, inbox, vec![undated]).await;
    let messages = test.store.messages();
    let cut = NOW.plus_seconds(4200 * 60);
    assert_eq!(messages.remove_before(inbox, cut).await.unwrap(), 4199);
    assert_eq!(
        messages.known_uids(inbox).await.unwrap().to_string(),
        "4200:4500,5000"
    );
    assert_eq!(test.count("messages").await, 302);
}

#[tokio::test]
async fn unread_places_of_a_folder_are_found_wherever_its_messages_stand() {
    let test = TestStore::new().await;
    let (account, [inbox, archive, all]) = test.account_with_folders("anna@x.pl").await;
    test.ingest(account, inbox, (1..=4).map(message).collect()).await;
    test.ingest(account, all, vec![message(1), message(2), message(9)])
        .await;
    let messages = test.store.messages();
    messages
        .apply_flags(inbox, &[update(3, &["\\Seen"], None)])
        .await
        .unwrap();
    let cursor = crate::FolderCursor {
        uid_validity: 1,
        uid_next: 1,
        highest_modseq: None,
        window_start: None,
        is_complete: true,
        exists: 0,
        at: NOW,
    };
    test.store
        .folders()
        .set_cursor(archive, None, &cursor)
        .await
        .unwrap();
    let moving = NewOperation {
        account_id: account,
        folder_id: inbox,
        kind: OperationKind::Move {
            uids: UidSet::range(4, 4),
            to_folder: archive,
            uid_validity: None,
            everywhere: false,
        },
        raw: None,
    };
    test.store.operations().enqueue(&moving, NOW).await.unwrap();
    let found = async |folder| {
        let places = messages.unread_in(folder).await.unwrap();
        let mut places: Vec<_> = places.iter().map(|one| (one.folder_id, one.uid)).collect();
        places.sort_unstable();
        places
    };
    assert_eq!(
        found(inbox).await,
        [(inbox, Some(1)), (inbox, Some(2)), (all, Some(1)), (all, Some(2))],
        "what was read, is elsewhere alone or goes away is not among them"
    );
    // What will stand there has no UID there yet.
    assert_eq!(found(archive).await, [(archive, None)]);
}
