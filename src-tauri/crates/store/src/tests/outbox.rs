//! Table `outbox`.

use mailroom_model::{AccountId, FolderId, OutboxId};

use super::kit::{NOW, TestStore};
use crate::{CompressedBody, NewOutbox, OutboxState, StoreError, StoredError};

fn new_message(account: AccountId) -> NewOutbox {
    NewOutbox {
        account_id: account,
        identity_id: None,
        rfc_message_id: "1@x.pl".into(),
        subject: "offer".into(),
        envelope_from: "anna@x.pl".into(),
        envelope_to: vec!["b@y.pl".into(), "c@y.pl".into()],
        raw: CompressedBody::compress(b"Subject: offer\r\n\r\nHello").unwrap(),
        send_after: NOW.plus_seconds(10),
        about: None,
    }
}

fn error() -> StoredError {
    StoredError::new(&StoreError::FolderMissing(FolderId(1)), NOW)
}

#[tokio::test]
async fn message_is_sent_and_filed_once() {
    let test = TestStore::new().await;
    let account = test.account("anna@x.pl").await;
    let identity = test
        .store
        .identities()
        .upsert_default(account, &"anna@x.pl".parse().unwrap(), "")
        .await
        .unwrap();
    let outbox = test.store.outbox();
    let new = NewOutbox {
        identity_id: Some(identity),
        ..new_message(account)
    };
    let id = outbox.enqueue(&new, NOW).await.unwrap();
    let at = NOW.plus_seconds(10);
    assert_eq!(outbox.next_at(account).await.unwrap(), Some(at));
    assert_eq!(outbox.due(account, NOW).await.unwrap(), []);
    assert_eq!(outbox.due(account, at).await.unwrap().len(), 1);
    assert!(!outbox.begin_sending(id, NOW).await.unwrap());
    assert!(outbox.begin_sending(id, at).await.unwrap());
    assert!(!outbox.begin_sending(id, at).await.unwrap());
    assert!(!outbox.discard(id, NOW).await.unwrap());
    assert!(!outbox.requeue(id, at).await.unwrap());
    assert!(!outbox.mark_filed(id, at).await.unwrap());
    assert!(outbox.mark_sent(id, at.plus_seconds(1)).await.unwrap());
    assert!(!outbox.mark_failed(id, &error()).await.unwrap());
    assert!(outbox.mark_filed(id, at.plus_seconds(2)).await.unwrap());
    let row = outbox.get(id).await.unwrap().unwrap();
    assert_eq!(
        (row.state, row.attempts, row.identity_id),
        (OutboxState::Filed, 1, Some(identity))
    );
    assert_eq!(
        (row.started_at, row.accepted_at, row.filed_at),
        (Some(at), Some(at.plus_seconds(1)), Some(at.plus_seconds(2)))
    );
    assert_eq!((row.envelope_to, row.subject), (new.envelope_to, new.subject));
    assert_eq!(
        outbox.raw(id).await.unwrap().unwrap(),
        b"Subject: offer\r\n\r\nHello"
    );
    assert_eq!(outbox.list(account).await.unwrap(), []);
    assert_eq!(outbox.remove_filed(at.plus_seconds(1)).await.unwrap(), 0);
    assert_eq!(outbox.remove_filed(at.plus_seconds(2)).await.unwrap(), 1);
    assert_eq!(
        (outbox.get(id).await.unwrap(), outbox.raw(id).await.unwrap()),
        (None, None)
    );
    assert!(!outbox.discard(id, NOW).await.unwrap());
}

#[tokio::test]
async fn filed_message_stays_until_its_consequences_are_drawn() {
    let test = TestStore::new().await;
    let account = test.account("anna@x.pl").await;
    let outbox = test.store.outbox();
    let drafts = test.store.drafts();
    let draft = crate::NewDraft {
        account_id: account,
        kind: crate::DraftKind::New,
        about: None,
        text: crate::DraftText::default(),
        in_reply_to: None,
        references: Vec::new(),
        is_fresh: false,
        copy: None,
        files: Vec::new(),
    };
    let draft = drafts.insert(&draft, NOW).await.unwrap();
    let sent = drafts.send(draft, 1, &new_message(account), NOW).await.unwrap();
    let id = sent.unwrap();
    let at = NOW.plus_seconds(10);
    assert!(outbox.begin_sending(id, at).await.unwrap());
    assert!(outbox.mark_sent(id, at).await.unwrap());
    assert!(outbox.mark_filed(id, at).await.unwrap());
    assert_eq!(outbox.remove_filed(at).await.unwrap(), 0);
    assert_eq!(drafts.unsettled(account).await.unwrap(), [id]);
    drafts.settle(id, at).await.unwrap();
    assert_eq!(outbox.remove_filed(at).await.unwrap(), 1);
    assert_eq!(test.count("outbox").await, 0);
}

#[tokio::test]
async fn only_what_was_never_tried_gets_another_time() {
    let test = TestStore::new().await;
    let account = test.account("anna@x.pl").await;
    let outbox = test.store.outbox();
    let id = outbox.enqueue(&new_message(account), NOW).await.unwrap();
    let later = NOW.plus_seconds(30);
    assert!(outbox.reschedule(id, later).await.unwrap());
    assert_eq!(outbox.next_at(account).await.unwrap(), Some(later));
    assert!(!outbox.is_sending(account).await.unwrap());
    assert!(outbox.begin_sending(id, later).await.unwrap());
    assert!(outbox.is_sending(account).await.unwrap());
    assert!(!outbox.reschedule(id, NOW).await.unwrap());
    assert!(outbox.put_back(id).await.unwrap());
    let row = outbox.get(id).await.unwrap().unwrap();
    assert_eq!((row.state, row.attempts), (OutboxState::Queued, 0));
    assert!(outbox.begin_sending(id, later).await.unwrap());
    assert!(outbox.mark_deferred(id, later, &error()).await.unwrap());
    assert!(!outbox.reschedule(id, NOW).await.unwrap());
    assert!(!outbox.put_back(id).await.unwrap());
}

#[tokio::test]
async fn refused_and_deferred_messages_can_be_tried_again() {
    let test = TestStore::new().await;
    let account = test.account("anna@x.pl").await;
    let outbox = test.store.outbox();
    let id = outbox.enqueue(&new_message(account), NOW).await.unwrap();
    let at = NOW.plus_seconds(10);
    assert!(!outbox.mark_deferred(id, at, &error()).await.unwrap());
    assert!(outbox.begin_sending(id, at).await.unwrap());
    assert!(
        outbox
            .mark_deferred(id, at.plus_seconds(60), &error())
            .await
            .unwrap()
    );
    let row = outbox.get(id).await.unwrap().unwrap();
    assert_eq!(
        (row.state, row.send_after, row.last_error),
        (OutboxState::Queued, at.plus_seconds(60), Some(error()))
    );
    assert!(outbox.begin_sending(id, at.plus_seconds(60)).await.unwrap());
    assert!(outbox.mark_failed(id, &error()).await.unwrap());
    assert!(!outbox.begin_sending(id, at.plus_seconds(90)).await.unwrap());
    assert!(outbox.requeue(id, at).await.unwrap());
    let row = outbox.get(id).await.unwrap().unwrap();
    assert_eq!(
        (row.state, row.attempts, &row.last_error),
        (OutboxState::Queued, 2, &None)
    );
    let rows = vec![row];
    assert_eq!(outbox.list(account).await.unwrap(), rows);
    assert_eq!(outbox.list(AccountId(99)).await.unwrap(), []);
    assert_eq!(outbox.due(AccountId(99), at).await.unwrap(), []);
}

#[tokio::test]
async fn message_that_was_being_sent_at_the_end_is_never_sent_again_silently() {
    let test = TestStore::new().await;
    let account = test.account("anna@x.pl").await;
    let at = NOW.plus_seconds(10);
    let sending = test
        .store
        .outbox()
        .enqueue(&new_message(account), NOW)
        .await
        .unwrap();
    let queued = test
        .store
        .outbox()
        .enqueue(&new_message(account), NOW)
        .await
        .unwrap();
    assert!(test.store.outbox().begin_sending(sending, at).await.unwrap());
    let test = test.reopen().await;
    let outbox = test.store.outbox();
    assert_eq!(outbox.recover(account).await.unwrap(), [sending]);
    assert_eq!(outbox.recover(account).await.unwrap(), [] as [OutboxId; 0]);
    let due: Vec<_> = outbox
        .due(account, at.plus_seconds(9999))
        .await
        .unwrap()
        .iter()
        .map(|row| row.id)
        .collect();
    assert_eq!(due, [queued]);
    assert_eq!(
        outbox.get(sending).await.unwrap().unwrap().state,
        OutboxState::Unknown
    );
    // Its copy turned up in the Sent folder: it was sent after all.
    assert!(outbox.mark_filed(sending, at).await.unwrap());
    assert_eq!(outbox.get(sending).await.unwrap().unwrap().accepted_at, Some(at));
}

#[tokio::test]
async fn message_without_an_answer_is_unknown() {
    let test = TestStore::new().await;
    let account = test.account("anna@x.pl").await;
    let outbox = test.store.outbox();
    let id = outbox.enqueue(&new_message(account), NOW).await.unwrap();
    let at = NOW.plus_seconds(10);
    assert!(outbox.begin_sending(id, at).await.unwrap());
    assert!(outbox.mark_unknown(id, &error()).await.unwrap());
    let row = outbox.get(id).await.unwrap().unwrap();
    assert_eq!((row.state, row.last_error), (OutboxState::Unknown, Some(error())));
    assert!(outbox.requeue(id, at).await.unwrap());
    assert!(outbox.begin_sending(id, at).await.unwrap());
}

#[tokio::test]
async fn two_senders_do_not_get_the_same_message() {
    let test = TestStore::new().await;
    let account = test.account("anna@x.pl").await;
    let id = test
        .store
        .outbox()
        .enqueue(&new_message(account), NOW)
        .await
        .unwrap();
    let at = NOW.plus_seconds(10);
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..8 {
        let store = test.store.clone();
        tasks.spawn(async move { store.outbox().begin_sending(id, at).await.unwrap() });
    }
    let mut winners = 0;
    while let Some(won) = tasks.join_next().await {
        winners += usize::from(won.unwrap());
    }
    assert_eq!(winners, 1);
}
