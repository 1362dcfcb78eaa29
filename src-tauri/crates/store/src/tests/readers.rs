//! Connections that only read.

use futures::FutureExt as _;
use futures::future::join_all;
use mailroom_model::{Coded as _, ErrorCode};

use super::kit::TestStore;
use crate::Store;
use crate::readers::READERS;

async fn read(store: &Store) -> i64 {
    let query = sqlx::query_scalar("SELECT count(*) FROM accounts");
    query.fetch_one(store.reads()).await.unwrap()
}

#[tokio::test]
async fn one_reader_is_enough_for_one_statement_after_the_other() {
    let test = TestStore::new().await.reopen().await;
    for _ in 0..5 {
        assert_eq!(read(&test.store).await, 0);
        test.store.snapshot().await.unwrap().end().await.unwrap();
    }
    assert_eq!(test.store.reads().idle(), 1);
    assert!(!test.store.has_writer(), "nothing was written");
    join_all((0..20).map(|_| read(&test.store))).await;
    assert!((1..=READERS as usize).contains(&test.store.reads().idle()));
}

#[tokio::test]
async fn reader_that_was_given_up_in_the_middle_is_not_used_again() {
    let test = TestStore::new().await;
    read(&test.store).await;
    assert_eq!(test.store.reads().idle(), 1);
    // It never ends, however long the one who asks is kept from looking.
    let endless = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n";
    let rows = sqlx::query_scalar::<_, i64>(endless).fetch_all(test.store.reads());
    assert!(rows.now_or_never().is_none());
    assert_eq!(test.store.reads().idle(), 0);
    read(&test.store).await;
    drop(test.store.snapshot().await.unwrap());
    assert_eq!(test.store.reads().idle(), 0);
    assert_eq!(read(&test.store).await, 0);
}

#[tokio::test]
async fn readers_that_were_closed_read_nothing() {
    let test = TestStore::new().await;
    test.store.close().await;
    let error = test.store.accounts().list().await.unwrap_err();
    assert_eq!(error.code(), ErrorCode::Internal);
    test.store.close().await;
}
