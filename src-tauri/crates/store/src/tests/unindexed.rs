//! The index of words, following a load.

use mailroom_model::UidSet;

use super::kit::{NOW, TestStore, message, raw};
use crate::{IncomingMessage, IndexKey, SearchQuery, SearchText, Term};

fn unindexed(n: u32) -> IncomingMessage {
    IncomingMessage {
        search: None,
        ..message(n)
    }
}

pub(super) fn text(n: u32) -> SearchText {
    message(n).search.unwrap()
}

pub(super) async fn found(test: &TestStore, word: &str) -> Vec<u32> {
    let query = SearchQuery {
        terms: vec![Term {
            text: word.to_owned(),
            is_prefix: false,
            column: None,
        }],
        ..SearchQuery::default()
    };
    let (hits, is_whole) = test
        .store
        .messages()
        .search(None, &query, 50, None)
        .await
        .unwrap();
    assert_eq!(is_whole, !test.store.messages().has_unindexed().await.unwrap());
    hits.iter().filter_map(|hit| hit.uid).collect()
}

async fn waiting(test: &TestStore) -> Vec<IndexKey> {
    let waiting = test.store.messages().unindexed(None, 100).await.unwrap();
    waiting.iter().map(|waiting| waiting.key).collect()
}

#[tokio::test]
async fn message_without_text_waits_for_the_index() {
    let test = TestStore::new().await;
    let (account, [inbox, ..]) = test.account_with_folders("anna@x.pl").await;
    let messages = test.store.messages();
    assert!(!messages.has_unindexed().await.unwrap());
    test.ingest(account, inbox, vec![message(1), unindexed(2), unindexed(3)])
        .await;
    assert!(messages.has_unindexed().await.unwrap());
    test.assert_sound().await;
    assert_eq!(found(&test, "text").await, [1]);

    let waiting = waiting(&test).await;
    assert_eq!(waiting.len(), 2, "newest first");
    let below = messages.unindexed(Some(waiting[0]), 100).await.unwrap();
    assert_eq!(
        below.iter().map(|next| next.key).collect::<Vec<_>>(),
        waiting[1..]
    );
    let mut kept = messages.unread(&waiting).await.unwrap();
    kept.sort_by_key(|kept| kept.key);
    let bodies: Vec<Vec<u8>> = kept
        .iter()
        .map(|kept| kept.body.as_ref().unwrap().decompress().unwrap())
        .collect();
    assert_eq!(bodies, [raw(2), raw(3)]);
    assert_eq!(kept[0].subject, "number 2");

    assert_eq!(messages.index(vec![(waiting[0], text(3))]).await.unwrap(), 1);
    assert_eq!(found(&test, "text").await, [3, 1]);
    assert_eq!(messages.index(vec![(waiting[1], text(2))]).await.unwrap(), 1);
    assert_eq!(found(&test, "text").await, [3, 2, 1]);
    assert!(!messages.has_unindexed().await.unwrap());
    test.assert_sound().await;
}

#[tokio::test]
async fn message_is_indexed_once_and_not_after_it_went() {
    let test = TestStore::new().await;
    let (account, [inbox, ..]) = test.account_with_folders("anna@x.pl").await;
    let messages = test.store.messages();
    test.ingest(account, inbox, vec![unindexed(1), unindexed(2)])
        .await;
    let keys = waiting(&test).await;
    let texts = vec![(keys[0], text(2)), (keys[1], text(1))];
    let gone: UidSet = [1].into_iter().collect();
    messages.remove_uids(inbox, &gone, NOW).await.unwrap();
    messages.sweep(account, NOW).await.unwrap();
    assert_eq!(waiting(&test).await, keys[..1]);
    assert_eq!(messages.unread(&keys).await.unwrap().len(), 1);

    assert_eq!(messages.index(texts.clone()).await.unwrap(), 1);
    // Another program had the same texts in its hands.
    assert_eq!(messages.index(texts).await.unwrap(), 0);
    assert_eq!(found(&test, "text").await, [2]);
    assert_eq!(found(&test, "1").await, [0_u32; 0]);
    test.assert_sound().await;
}
