//! Pages of messages.

use mailroom_model::{AccountId, FolderId, FolderRole, UidSet};

use super::kit::{NOW, TestStore, attachment, flags, message, seen};
use crate::{ListFilter, ListScope, NewOperation, OperationKind};

async fn uids(test: &TestStore, scope: ListScope, filter: &ListFilter) -> Vec<u32> {
    let mut uids = Vec::new();
    let mut before = None;
    loop {
        let page = test
            .store
            .messages()
            .list(scope, filter, 3, before)
            .await
            .unwrap();
        uids.extend(page.iter().filter_map(|summary| summary.uid));
        match page.last() {
            Some(last) => before = Some(last.cursor),
            None => return uids,
        }
    }
}

async fn hide(test: &TestStore, account: AccountId, folder: FolderId, uid: u32) {
    let operation = NewOperation {
        account_id: account,
        folder_id: folder,
        kind: OperationKind::Delete {
            uids: UidSet::range(uid, uid),
        },
        raw: None,
    };
    test.store.operations().enqueue(&operation, NOW).await.unwrap();
}

#[tokio::test]
async fn pages_follow_each_other_newest_first() {
    let test = TestStore::new().await;
    let (account, [inbox, archive, _]) = test.account_with_folders("anna@x.pl").await;
    let mut batch: Vec<_> = (1..=10).map(message).collect();
    // The same moment: the larger UID is newer.
    batch[4].internal_at = batch[5].internal_at;
    test.ingest(account, inbox, batch).await;
    test.ingest(account, archive, vec![message(20)]).await;
    hide(&test, account, inbox, 8).await;
    let filter = ListFilter::default();
    let expected = [10, 9, 7, 6, 5, 4, 3, 2, 1];
    assert_eq!(uids(&test, ListScope::Folder(inbox), &filter).await, expected);
    let expected = [20, 10, 9, 7, 6, 5, 4, 3, 2, 1];
    assert_eq!(uids(&test, ListScope::Account(account), &filter).await, expected);
    assert_eq!(
        uids(&test, ListScope::Account(AccountId(99)), &filter).await,
        [0; 0]
    );
}

#[tokio::test]
async fn filters_narrow_every_list() {
    let test = TestStore::new().await;
    let (account, [inbox, ..]) = test.account_with_folders("anna@x.pl").await;
    let mut batch: Vec<_> = (1..=6).map(message).collect();
    batch[0].flags = flags(&["\\Seen"]);
    batch[1].flags = flags(&["\\Flagged"]);
    batch[2].attachments = vec![attachment("a.pdf")];
    test.ingest(account, inbox, batch).await;
    let cases = [
        (
            ListFilter {
                is_unread: Some(true),
                ..ListFilter::default()
            },
            vec![6, 5, 4, 3, 2],
        ),
        (
            ListFilter {
                is_flagged: true,
                ..ListFilter::default()
            },
            vec![2],
        ),
        (
            ListFilter {
                has_attachment: true,
                ..ListFilter::default()
            },
            vec![3],
        ),
        (
            ListFilter {
                since: Some(NOW.plus_seconds(300)),
                ..ListFilter::default()
            },
            vec![6, 5],
        ),
        (
            ListFilter {
                until: Some(NOW.plus_seconds(120)),
                ..ListFilter::default()
            },
            vec![1],
        ),
        (
            ListFilter {
                since: Some(NOW.plus_seconds(120)),
                until: Some(NOW.plus_seconds(300)),
                is_unread: Some(true),
                ..ListFilter::default()
            },
            vec![4, 3, 2],
        ),
    ];
    for (filter, expected) in cases {
        for scope in [
            ListScope::Folder(inbox),
            ListScope::Account(account),
            ListScope::Every,
        ] {
            assert_eq!(
                uids(&test, scope, &filter).await,
                expected,
                "{scope:?} {filter:?}"
            );
        }
    }
}

#[tokio::test]
async fn message_stands_once_in_lists_across_folders() {
    let test = TestStore::new().await;
    let (account, [inbox, archive, all]) = test.account_with_folders("anna@x.pl").await;
    for folder in [all, archive, inbox] {
        test.ingest(account, folder, vec![message(1)]).await;
    }
    let (other, [other_inbox, ..]) = test.account_with_folders("other@x.pl").await;
    let mut newer = message(2);
    newer.flags = flags(&["\\Seen", "todo"]);
    test.ingest(other, other_inbox, vec![newer]).await;
    let filter = ListFilter::default();
    let messages = test.store.messages();
    let page = messages.list(ListScope::Every, &filter, 10, None).await.unwrap();
    let shown: Vec<_> = page
        .iter()
        .map(|row| (row.account_id, row.folder_id, row.uid))
        .collect();
    assert_eq!(shown, [(other, other_inbox, Some(2)), (account, inbox, Some(1))]);
    let first = &page[0];
    assert_eq!(
        (first.subject.as_str(), first.from.name.as_str()),
        ("number 2", "Anna Nowak")
    );
    assert_eq!(first.flags.to_imap(), ["\\Seen", "todo"]);
    assert_eq!(
        (first.preview.as_str(), first.to_line.as_str()),
        ("Text of number 2.", "office@y.pl")
    );
    // The second view stands for the message only when there is no other place.
    hide(&test, account, inbox, 1).await;
    hide(&test, account, archive, 1).await;
    let page = messages
        .list(ListScope::Account(account), &filter, 10, None)
        .await
        .unwrap();
    assert_eq!(page[0].folder_id, all);
    let page = messages.list(ListScope::Every, &filter, 1, None).await.unwrap();
    let next = messages
        .list(ListScope::Every, &filter, 1, Some(page[0].cursor))
        .await
        .unwrap();
    assert_eq!(next[0].account_id, account);
}

/// A change of a message takes it from the folder that comes first, so lists have to show that one.
#[tokio::test]
async fn message_in_several_folders_is_shown_in_the_first_whether_or_not_that_has_a_role() {
    let test = TestStore::new().await;
    let (account, [_, archive, all]) = test.account_with_folders("anna@x.pl").await;
    let folders = [
        seen("INBOX", Some(FolderRole::Inbox)),
        seen("Archive", Some(FolderRole::Archive)),
        seen("All", Some(FolderRole::All)),
        seen("Zz", None),
    ];
    let changes = test.store.folders().sync_list(account, &folders, NOW).await;
    let own = changes.unwrap().added[0];
    test.ingest(account, archive, vec![message(1)]).await;
    for folder in [all, own] {
        test.ingest(account, folder, vec![message(1), message(2)]).await;
    }
    let messages = test.store.messages();
    let scope = ListScope::Account(account);
    let page = messages
        .list(scope, &ListFilter::default(), 9, None)
        .await
        .unwrap();
    let shown: Vec<_> = page.iter().map(|row| row.folder_id).collect();
    assert_eq!(shown, [own, archive]);
    let thread = messages.of_thread(page[1].thread_id).await.unwrap();
    assert_eq!(thread[0].folder_id, archive);
}
