//! Messages that arrive.

use mailroom_model::{Coded, ErrorCode, FolderId, MessageId, ThreadId};
use sqlx::Row;

use super::kit::{NOW, TestStore, attachment, flags, message, raw};
use crate::{BodyState, IncomingMessage};

#[tokio::test]
async fn message_is_kept_whole() {
    let test = TestStore::new().await;
    let (account, [inbox, ..]) = test.account_with_folders("anna@x.pl").await;
    let mut new = message(7);
    new.flags = flags(&["\\Seen", "todo"]);
    new.modseq = Some(77);
    new.list_id = Some("list.x.pl".into());
    new.attachments = vec![attachment("faktura.pdf"), attachment("faktura.xml")];
    let ingested = test.ingest(account, inbox, vec![new.clone()]).await;
    assert_eq!((ingested.stored, ingested.bytes), (1, new.size));
    let id = ingested.placed[0].1;
    let messages = test.store.messages();
    let row = messages.get(id).await.unwrap().unwrap();
    assert_eq!((row.subject.as_str(), &row.from), ("number 7", &new.from));
    assert_eq!(
        (row.digest, row.size, row.attachment_count),
        (new.digest, new.size, 2)
    );
    assert_eq!((row.received_at, row.sent_at), (new.internal_at, Some(NOW)));
    assert_eq!(
        (row.list_id.as_deref(), row.body_state),
        (Some("list.x.pl"), BodyState::Stored)
    );
    let place = &row.places[0];
    assert_eq!((place.folder_id, place.uid, place.modseq), (inbox, 7, Some(77)));
    assert_eq!((&place.flags, &place.server_flags), (&new.flags, &new.flags));
    assert_eq!(messages.raw(id).await.unwrap(), Some(raw(7)));
    let files = messages.attachments(id).await.unwrap();
    let files: Vec<_> = files.into_iter().map(|row| row.attachment).collect();
    assert_eq!(files, new.attachments);
    assert_eq!(messages.get(MessageId(99)).await.unwrap(), None);
    let size = test.store.account_size(account).await.unwrap();
    let kept = new.body.unwrap().stored_size();
    assert_eq!(
        (size.messages, size.original_bytes, size.kept_bytes),
        (1, new.size, kept)
    );
    assert_eq!(
        messages.raw(MessageId(99)).await.unwrap_err().code(),
        ErrorCode::MessageMissing
    );
}

#[tokio::test]
async fn batch_twice_changes_nothing_but_flags() {
    let test = TestStore::new().await;
    let (account, [inbox, ..]) = test.account_with_folders("anna@x.pl").await;
    test.ingest(account, inbox, (1..=100).map(message).collect())
        .await;
    let mut again: Vec<_> = (1..=101).map(message).collect();
    again[4].flags = flags(&["\\Flagged"]);
    again.push(message(101));
    let ingested = test.ingest(account, inbox, again).await;
    assert_eq!((ingested.stored, ingested.matched, ingested.known), (1, 0, 100));
    assert_eq!(
        (test.count("messages").await, test.count("search").await),
        (101, 101)
    );
    let place = test.store.messages().place(inbox, 5).await.unwrap().unwrap();
    assert!(place.flags.flagged);
    let none = test.ingest(account, inbox, vec![]).await;
    assert_eq!(none, crate::Ingested::default());
}

#[tokio::test]
async fn message_in_two_folders_is_one_row() {
    let test = TestStore::new().await;
    let (account, [inbox, archive, _]) = test.account_with_folders("anna@x.pl").await;
    let (other, [other_inbox, ..]) = test.account_with_folders("other@x.pl").await;
    test.ingest(account, inbox, vec![message(1)]).await;
    let mut twice = [message(1), message(1)];
    twice[0].uid = 50;
    twice[1].uid = 51;
    let ingested = test.ingest(account, archive, twice.to_vec()).await;
    assert_eq!((ingested.stored, ingested.matched), (0, 2));
    assert_eq!((test.count("messages").await, test.count("places").await), (1, 3));
    // Another account's message is another message, whatever its bytes.
    assert_eq!(test.ingest(other, other_inbox, vec![message(1)]).await.stored, 1);
    // Copies within one batch are one message as well.
    let mut copies = [message(2), message(2)];
    copies[1].uid = 3;
    let ingested = test.ingest(account, inbox, copies.to_vec()).await;
    assert_eq!((ingested.stored, ingested.matched), (1, 1));
    assert_eq!(ingested.placed[0].1, ingested.placed[1].1);
}

#[tokio::test]
async fn oversize_message_has_no_body() {
    let test = TestStore::new().await;
    let (account, [inbox, ..]) = test.account_with_folders("anna@x.pl").await;
    let mut large = message(1);
    large.body = None;
    large.is_whole = false;
    large.size = 200_000_000;
    let id = test.ingest(account, inbox, vec![large]).await.placed[0].1;
    let row = test.store.messages().get(id).await.unwrap().unwrap();
    assert_eq!((row.body_state, row.size), (BodyState::Oversize, 200_000_000));
    assert_eq!(test.store.messages().raw(id).await.unwrap(), None);
}

#[tokio::test]
async fn changed_body_is_damage() {
    let test = TestStore::new().await;
    let (account, [inbox, ..]) = test.account_with_folders("anna@x.pl").await;
    let id = test.ingest(account, inbox, vec![message(1)]).await.placed[0].1;
    let other = crate::CompressedBody::compress(&raw(2)).unwrap();
    let mut writing = test.store.begin_relaxed().await.unwrap();
    sqlx::query("UPDATE bodies SET bytes = ?1")
        .bind(other.bytes)
        .execute(&mut *writing)
        .await
        .unwrap();
    writing.commit().await.unwrap();
    let error = test.store.messages().raw(id).await.unwrap_err();
    assert!(
        matches!(error, crate::StoreError::Damaged { what: "digest", .. }),
        "{error:?}"
    );
    let mut writing = test.store.begin_relaxed().await.unwrap();
    sqlx::query("DELETE FROM bodies")
        .execute(&mut *writing)
        .await
        .unwrap();
    writing.commit().await.unwrap();
    let error = test.store.messages().raw(id).await.unwrap_err();
    assert!(
        matches!(error, crate::StoreError::Damaged { what: "body", .. }),
        "{error:?}"
    );
}

#[tokio::test]
async fn folder_of_another_account_is_missing() {
    let test = TestStore::new().await;
    let (account, _) = test.account_with_folders("anna@x.pl").await;
    let (_, [other_inbox, ..]) = test.account_with_folders("other@x.pl").await;
    for folder in [other_inbox, FolderId(99)] {
        let error = test
            .store
            .messages()
            .ingest(account, folder, vec![message(1)])
            .await
            .unwrap_err();
        assert_eq!(error.code(), ErrorCode::FolderMissing);
    }
    assert_eq!(test.count("messages").await, 0);
}

fn reply(n: u32, to: &[u32], subject: &str) -> IncomingMessage {
    let mut reply = message(n);
    reply.references = to.iter().map(|to| format!("<{to}@x.pl>")).collect();
    reply.base_subject = subject.trim_start_matches("Re: ").to_owned();
    reply.has_reply_mark = subject.starts_with("Re: ");
    reply
}

async fn threads(test: &TestStore) -> Vec<i64> {
    let rows = sqlx::query("SELECT thread_id FROM messages ORDER BY received_at")
        .fetch_all(test.store.reads())
        .await
        .unwrap();
    let ids: Vec<i64> = rows.iter().map(|row| row.get(0)).collect();
    // By order of appearance, so that the test does not depend on ids.
    ids.iter()
        .map(|id| i64::try_from(ids.iter().position(|other| other == id).unwrap()).unwrap())
        .collect()
}

#[tokio::test]
async fn threads_are_the_same_in_any_order_of_arrival() {
    let conversation = [
        reply(1, &[], "offer"),
        reply(2, &[], "invoice"),
        reply(3, &[1], "Re: offer"),
        reply(4, &[2], "Re: invoice"),
        reply(5, &[], "Re: offer"),
        reply(6, &[1, 3], "Re: offer"),
        reply(7, &[], "alone"),
    ];
    for order in [
        vec![1, 2, 3, 4, 5, 6, 7],
        vec![7, 6, 5, 4, 3, 2, 1],
        vec![6, 1, 4, 3, 7, 5, 2],
    ] {
        let test = TestStore::new().await;
        let (account, [inbox, ..]) = test.account_with_folders("anna@x.pl").await;
        for n in &order {
            test.ingest(account, inbox, vec![conversation[n - 1].clone()])
                .await;
        }
        assert_eq!(threads(&test).await, [0, 1, 0, 1, 0, 0, 6], "{order:?}");
        assert_eq!(test.count("threads").await, 3);
    }
    let test = TestStore::new().await;
    let (account, [inbox, ..]) = test.account_with_folders("anna@x.pl").await;
    test.ingest(account, inbox, conversation.to_vec()).await;
    assert_eq!(threads(&test).await, [0, 1, 0, 1, 0, 0, 6]);
}

#[tokio::test]
async fn message_that_links_two_threads_makes_them_one() {
    let test = TestStore::new().await;
    let (account, [inbox, ..]) = test.account_with_folders("anna@x.pl").await;
    test.ingest(account, inbox, vec![reply(1, &[], "a"), reply(2, &[], "b")])
        .await;
    assert_eq!(test.count("threads").await, 2);
    let id = test
        .ingest(account, inbox, vec![reply(3, &[1, 2], "c")])
        .await
        .placed[0]
        .1;
    assert_eq!(
        (test.count("threads").await, test.count("thread_links").await),
        (1, 3)
    );
    let thread = test.store.messages().get(id).await.unwrap().unwrap().thread_id;
    let uids: Vec<_> = test
        .store
        .messages()
        .of_thread(thread)
        .await
        .unwrap()
        .iter()
        .filter_map(|summary| summary.uid)
        .collect();
    assert_eq!(uids, [1, 2, 3]);
    assert_eq!(test.store.messages().of_thread(ThreadId(99)).await.unwrap(), []);
    test.assert_sound().await;
}

#[tokio::test]
async fn threads_do_not_cross_accounts() {
    let test = TestStore::new().await;
    let (account, [inbox, ..]) = test.account_with_folders("anna@x.pl").await;
    let (other, [other_inbox, ..]) = test.account_with_folders("other@x.pl").await;
    test.ingest(account, inbox, vec![reply(1, &[], "a")]).await;
    test.ingest(other, other_inbox, vec![reply(2, &[1], "Re: a")])
        .await;
    assert_eq!(test.count("threads").await, 2);
}
