//! Table `allowed_senders`: whose pictures are shown unasked.

use mailroom_model::UnixMillis;

use crate::{Store, StoreError};

statements! {
    /// Allows a sender.
    ALLOW = "INSERT INTO allowed_senders (address, allowed_at) VALUES (?1, ?2) ON CONFLICT (address) DO NOTHING";
    /// Whether a sender is allowed.
    IS_ALLOWED = "SELECT 1 FROM allowed_senders WHERE address = ?1";
    /// Every sender.
    LIST = "SELECT address FROM allowed_senders ORDER BY address";
    /// Asks again.
    FORGET = "DELETE FROM allowed_senders WHERE address = ?1";
}

/// The allowed senders of a [`Store`]. Addresses are compared as they are given: the caller writes them in lower case.
#[derive(Clone, Copy, Debug)]
pub struct AllowedSenders<'s>(&'s Store);

impl Store {
    /// Table `allowed_senders`.
    pub fn allowed_senders(&self) -> AllowedSenders<'_> {
        AllowedSenders(self)
    }
}

impl AllowedSenders<'_> {
    /// Allows a sender.
    pub async fn allow(&self, address: &str, now: UnixMillis) -> Result<(), StoreError> {
        let mut writing = self.0.begin_synced().await?;
        sqlx::query(ALLOW)
            .bind(address)
            .bind(now.0)
            .execute(&mut *writing)
            .await?;
        Ok(writing.commit().await?)
    }

    /// Whether a sender is allowed.
    pub async fn is_allowed(&self, address: &str) -> Result<bool, StoreError> {
        let row = sqlx::query(IS_ALLOWED)
            .bind(address)
            .fetch_optional(self.0.reads())
            .await?;
        Ok(row.is_some())
    }

    /// Every sender, by address.
    pub async fn list(&self) -> Result<Vec<String>, StoreError> {
        Ok(sqlx::query_scalar(LIST).fetch_all(self.0.reads()).await?)
    }

    /// Forgets a sender; false when it was not allowed.
    pub async fn forget(&self, address: &str) -> Result<bool, StoreError> {
        let mut writing = self.0.begin_synced().await?;
        let done = sqlx::query(FORGET).bind(address).execute(&mut *writing).await?;
        writing.commit().await?;
        Ok(done.rows_affected() == 1)
    }
}
