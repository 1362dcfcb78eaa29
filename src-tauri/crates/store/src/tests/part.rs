//! Files of large messages, kept for a while; and messages that wait to become whole.

use mailroom_model::{MessageId, UidSet};

use super::kit::{NOW, TestStore, message};
use crate::{CompressedBody, IncomingMessage};

/// Message `n` of `size` bytes, of which a part is here.
fn in_part(n: u32, size: u64) -> IncomingMessage {
    IncomingMessage {
        is_whole: false,
        head_digest: Some([u8::try_from(n).unwrap(); 32]),
        digest: [u8::try_from(n).unwrap(); 32],
        size,
        body: Some(CompressedBody::compress(b"Subject: x\r\n\r\n").unwrap()),
        ..message(n)
    }
}

async fn with_parts() -> (
    TestStore,
    mailroom_model::AccountId,
    mailroom_model::FolderId,
    Vec<MessageId>,
) {
    let test = TestStore::new().await;
    let (account, [inbox, ..]) = test.account_with_folders("anna@x.pl").await;
    let batch = vec![in_part(1, 500), in_part(2, 5000), in_part(3, 50), message(4)];
    let ingested = test.ingest(account, inbox, batch).await;
    let mut placed = ingested.placed;
    placed.sort_by_key(|(uid, _)| *uid);
    let ids = placed.into_iter().map(|(_, id)| id).collect();
    (test, account, inbox, ids)
}

#[tokio::test]
async fn file_is_kept_until_there_is_no_room_or_no_need() {
    let (test, account, inbox, ids) = with_parts().await;
    let messages = test.store.messages();
    let kept = async |id: MessageId, part: &str| messages.kept_part(id, part).await.unwrap();
    assert_eq!(kept(ids[0], "2").await, None);
    messages.keep_part(ids[0], "2", b"first").await.unwrap();
    messages.keep_part(ids[0], "3", b"other").await.unwrap();
    messages.keep_part(ids[0], "2", b"again").await.unwrap();
    assert_eq!(kept(ids[0], "2").await.as_deref(), Some(b"again".as_slice()));
    // Room for three of five bytes: the oldest goes.
    messages
        .keep_part_within(ids[1], "2", b"third", 5, 15)
        .await
        .unwrap();
    messages
        .keep_part_within(ids[2], "2", b"forth", 5, 15)
        .await
        .unwrap();
    assert_eq!(kept(ids[0], "3").await, None);
    assert!(kept(ids[0], "2").await.is_some() && kept(ids[1], "2").await.is_some());
    messages
        .keep_part_within(ids[2], "3", b"larger", 5, 15)
        .await
        .unwrap();
    assert_eq!(kept(ids[2], "3").await, None);
    assert_eq!(test.count("parts").await, 3);

    let harm = "UPDATE parts SET bytes = x'00' WHERE part = '2'";
    sqlx::query(harm)
        .execute(&mut *test.store.writer().await.unwrap())
        .await
        .unwrap();
    assert_eq!(kept(ids[2], "2").await, None, "damaged bytes are none");

    let whole = message(1);
    assert!(messages.complete(ids[0], whole).await.unwrap());
    assert_eq!(kept(ids[0], "2").await, None);
    let gone: UidSet = [2].into_iter().collect();
    messages.remove_uids(inbox, &gone, NOW).await.unwrap();
    messages.sweep(account, NOW).await.unwrap();
    assert_eq!(test.count("parts").await, 1, "only the third message has one");
    test.assert_sound().await;
}

#[tokio::test]
async fn messages_within_a_limit_are_listed_newest_first() {
    let (test, account, _, ids) = with_parts().await;
    let messages = test.store.messages();
    let all = messages.in_part(account, 10_000, None, 10).await.unwrap();
    let listed: Vec<MessageId> = all.iter().map(|(id, _)| *id).collect();
    assert_eq!(listed, [ids[2], ids[1], ids[0]]);
    let small = messages.in_part(account, 500, None, 1).await.unwrap();
    assert_eq!(small.iter().map(|(id, _)| *id).collect::<Vec<_>>(), [ids[2]]);
    let rest = messages
        .in_part(account, 500, Some(small[0].1), 10)
        .await
        .unwrap();
    assert_eq!(rest.iter().map(|(id, _)| *id).collect::<Vec<_>>(), [ids[0]]);
}
