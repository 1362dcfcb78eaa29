//! What belongs to an account.

use super::kit::{TestStore, attachment, message};
use crate::{Acquaintance, Possessions, Trace};

fn with_people(uid: u32, addresses: &[&str]) -> crate::IncomingMessage {
    let mut new = message(uid);
    new.attachments = vec![attachment("a.pdf")];
    new.people = addresses
        .iter()
        .map(|address| Acquaintance {
            mailbox: mailroom_model::Mailbox {
                name: "Somebody".into(),
                address: (*address).into(),
            },
            words: vec![address.chars().take(1).collect()],
            ..Acquaintance::default()
        })
        .collect();
    new
}

#[tokio::test]
async fn removed_account_is_looked_for_and_not_found() {
    let test = TestStore::new().await;
    let (anna, [inbox, ..]) = test.account_with_folders("anna@x.pl").await;
    let (ewa, [other, ..]) = test.account_with_folders("ewa@x.pl").await;
    test.ingest(
        anna,
        inbox,
        vec![with_people(1, &["b@y.pl"]), with_people(2, &["c@y.pl"])],
    )
    .await;
    test.ingest(ewa, other, vec![with_people(3, &["b@y.pl"])]).await;
    let trace = test.store.trace(anna).await.unwrap();
    let has = test.store.possessions(anna, &trace).await.unwrap();
    assert_eq!((has.messages, has.contents, has.words), (2, 6, 2), "{has:?}");
    assert!(has.people >= 2 && has.settings >= 2, "{has:?}");
    test.store.accounts().delete(anna).await.unwrap();
    assert_eq!(
        test.store.possessions(anna, &trace).await.unwrap(),
        Possessions::default()
    );
    // Another account's is not counted.
    let left = test.store.possessions(ewa, &Trace::default()).await.unwrap();
    assert_eq!((left.messages, left.contents), (1, 0));
    test.assert_sound().await;
}

#[tokio::test]
async fn remains_of_messages_that_went_are_found() {
    let test = TestStore::new().await;
    let (anna, [inbox, ..]) = test.account_with_folders("anna@x.pl").await;
    test.ingest(anna, inbox, vec![message(1)]).await;
    let trace = test.store.trace(anna).await.unwrap();
    test.store.accounts().delete(anna).await.unwrap();
    // As a broken trigger would leave it.
    let mut writer = test.store.writer().await.unwrap();
    let key = trace.words_for_test();
    sqlx::query("INSERT INTO search (rowid, subject) VALUES (?1, 'left')")
        .bind(key)
        .execute(&mut *writer)
        .await
        .unwrap();
    drop(writer);
    let left = test.store.possessions(anna, &trace).await.unwrap();
    assert_eq!(
        left,
        Possessions {
            words: 1,
            ..Possessions::default()
        }
    );
}

#[tokio::test]
async fn people_go_over_to_another_account_once() {
    let test = TestStore::new().await;
    let (anna, [inbox, ..]) = test.account_with_folders("anna@x.pl").await;
    let (ewa, [other, ..]) = test.account_with_folders("ewa@x.pl").await;
    test.ingest(
        anna,
        inbox,
        vec![with_people(1, &["b@y.pl"]), with_people(2, &["c@y.pl"])],
    )
    .await;
    test.ingest(ewa, other, vec![with_people(3, &["b@y.pl"])]).await;
    let before = test
        .store
        .possessions(ewa, &Trace::default())
        .await
        .unwrap()
        .people;
    let over = test.store.hand_people_over(anna, ewa).await.unwrap();
    assert!(over >= 1);
    test.store.accounts().delete(anna).await.unwrap();
    let after = test
        .store
        .possessions(ewa, &Trace::default())
        .await
        .unwrap()
        .people;
    assert_eq!(after, before + over);
    let found = test.store.people().search(&["c".to_owned()], 5).await.unwrap();
    assert_eq!(found.len(), 1, "{found:?}");
    test.assert_sound().await;
}
