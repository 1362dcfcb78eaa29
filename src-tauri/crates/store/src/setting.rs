//! Table `settings`: values of any shape by name.

use mailroom_model::UnixMillis;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::column::{Columns, to_json};
use crate::{Store, StoreError};

statements! {
    /// One value.
    GET = "SELECT value FROM settings WHERE key = ?1";
    /// Sets a value.
    SET = "INSERT INTO settings (key, value, changed_at) VALUES (?1, ?2, ?3) \
        ON CONFLICT (key) DO UPDATE SET value = excluded.value, changed_at = excluded.changed_at";
    /// Back to what it is without a choice.
    UNSET = "DELETE FROM settings WHERE key = ?1";
}

/// The settings of a [`Store`].
#[derive(Clone, Copy, Debug)]
pub struct Settings<'s>(&'s Store);

impl Store {
    /// Table `settings`.
    pub fn settings(&self) -> Settings<'_> {
        Settings(self)
    }
}

impl Settings<'_> {
    /// The value of `key`. Errors: [`StoreError::Damaged`] when it is not a `T`.
    pub async fn get<T: DeserializeOwned>(&self, key: &str) -> Result<Option<T>, StoreError> {
        let row = sqlx::query(GET).bind(key).fetch_optional(self.0.reads()).await?;
        row.map(|row| row.json("value")).transpose()
    }

    /// Sets the value of `key`.
    pub async fn set<T: Serialize + Sync>(
        &self,
        key: &str,
        value: &T,
        now: UnixMillis,
    ) -> Result<(), StoreError> {
        let text = to_json(value)?;
        let mut writing = self.0.begin_synced().await?;
        sqlx::query(SET)
            .bind(key)
            .bind(text)
            .bind(now.0)
            .execute(&mut *writing)
            .await?;
        Ok(writing.commit().await?)
    }

    /// Forgets the value of `key`; false when there was none.
    pub async fn unset(&self, key: &str) -> Result<bool, StoreError> {
        let mut writing = self.0.begin_synced().await?;
        let done = sqlx::query(UNSET).bind(key).execute(&mut *writing).await?;
        writing.commit().await?;
        Ok(done.rows_affected() == 1)
    }
}
