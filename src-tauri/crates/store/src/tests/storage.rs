//! What everything takes.

use sqlx::Row;

use super::kit::{TestStore, message};

#[tokio::test]
async fn index_is_estimated_near_to_what_it_takes() {
    let test = TestStore::new().await;
    let (account, [inbox, ..]) = test.account_with_folders("anna@x.pl").await;
    let mut batch = Vec::new();
    for uid in 1..=400_u32 {
        let mut new = message(uid);
        // Words of its own, so that the index grows with each message.
        let words: Vec<String> = (0..200).map(|word| format!("w{uid}x{word}")).collect();
        new.search.as_mut().unwrap().body = words.join(" ");
        batch.push(new);
    }
    test.ingest(account, inbox, batch).await;
    // The pages themselves, read.
    let real: i64 = sqlx::query(
        "SELECT (SELECT sum(length(block)) FROM search_data) + (SELECT sum(length(sz) + 8) FROM search_docsize)",
    )
    .fetch_one(test.store.reads())
    .await
    .unwrap()
    .get(0);
    let estimate = test.store.index_size_bytes(400).await.unwrap();
    let real = real.unsigned_abs();
    assert!(real > 100_000, "{real}");
    assert!(
        estimate > real * 9 / 10 && estimate < real * 12 / 10,
        "{estimate} for {real}"
    );
}
