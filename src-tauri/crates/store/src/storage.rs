//! What everything takes on the disk.

use mailroom_model::AccountId;

use crate::column::Columns;
use crate::{Store, StoreError};

/// Bytes of a page of the index of words: FTS5 fills them nearly, and stores each as one row.
const INDEX_PAGE: u64 = 4050;
/// Bytes of a row of the sizes that FTS5 keeps for each message: key, five numbers, overhead.
const SIZES_ROW: u64 = 16;

statements! {
    /// An account's messages: rows are visited, bodies are not.
    OF_ACCOUNT = "SELECT count(*) AS messages, coalesce(sum(size), 0) AS original, coalesce(sum(kept_size), 0) AS kept \
        FROM messages AS m WHERE m.account_id = ?1";
    /// The last page of each segment of the index of words: `pgno` counts in twos.
    INDEX_PAGES = "SELECT coalesce(sum(pages), 0) FROM \
        (SELECT max(pgno) / 2 AS pages FROM search_idx GROUP BY segid)";
}

/// What one account's messages take.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AccountSize {
    /// Messages kept.
    pub messages: u64,
    /// Their bytes as they were sent.
    pub original_bytes: u64,
    /// The bytes of their compressed bodies.
    pub kept_bytes: u64,
}

impl Store {
    /// What one account's messages take.
    pub async fn account_size(&self, account: AccountId) -> Result<AccountSize, StoreError> {
        let row = sqlx::query(OF_ACCOUNT)
            .bind(account.0)
            .fetch_one(self.reads())
            .await?;
        Ok(AccountSize {
            messages: row.unsigned("messages")?,
            original_bytes: row.unsigned("original")?,
            kept_bytes: row.unsigned("kept")?,
        })
    }

    /// About what the index of words takes, in bytes, when `messages` are in it: counted from its segments' page
    /// numbers, not from the pages themselves, which would have to be read.
    pub async fn index_size_bytes(&self, messages: u64) -> Result<u64, StoreError> {
        let pages: i64 = sqlx::query_scalar(INDEX_PAGES).fetch_one(self.reads()).await?;
        Ok(pages.unsigned_abs() * INDEX_PAGE + messages * SIZES_ROW)
    }
}
