//! When messages arrived, by the hour: counted from what is kept of them.

use mailroom_model::{AccountId, HOUR_MS, UnixMillis};

use crate::column::Columns;
use crate::sort_key::floor;
use crate::{Store, StoreError};

/// Messages that arrived within one hour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ArrivalHour {
    /// Hours since 1970, UTC.
    pub hour: i64,
    /// Messages.
    pub messages: u64,
}

statements! {
    /// Messages by the hour. What the person wrote lies in the folders for it and never arrived.
    BY_HOUR = "SELECT m.received_at / 3600000 AS hour, count(*) AS messages FROM messages AS m \
        WHERE m.account_id = ?1 AND m.sort_key >= ?2 AND NOT EXISTS (SELECT 1 FROM places AS p \
        JOIN folders AS f ON f.id = p.folder_id WHERE p.message_id = m.id AND f.role IN ('sent', 'drafts')) GROUP BY hour";
    /// The newest message that arrived.
    NEWEST = "SELECT m.received_at FROM messages AS m \
        WHERE m.account_id = ?1 AND NOT EXISTS (SELECT 1 FROM places AS p \
        JOIN folders AS f ON f.id = p.folder_id WHERE p.message_id = m.id AND f.role IN ('sent', 'drafts')) \
        ORDER BY m.sort_key DESC LIMIT 1";
}

impl Store {
    /// How many messages of an account arrived in each hour since the one of `since`, oldest first; hours without any are
    /// left out. Only what is kept here counts.
    pub async fn arrivals(
        &self,
        account: AccountId,
        since: UnixMillis,
    ) -> Result<Vec<ArrivalHour>, StoreError> {
        let since = UnixMillis(since.0.div_euclid(HOUR_MS) * HOUR_MS);
        let rows = sqlx::query(BY_HOUR)
            .bind(account.0)
            .bind(floor(since))
            .fetch_all(self.reads())
            .await?;
        let mut hours = rows
            .iter()
            .map(|row| {
                Ok(ArrivalHour {
                    hour: row.value("hour")?,
                    messages: row.unsigned("messages")?,
                })
            })
            .collect::<Result<Vec<_>, StoreError>>()?;
        hours.sort_by_key(|one| one.hour);
        Ok(hours)
    }

    /// When the newest message of an account arrived.
    pub async fn last_arrival(&self, account: AccountId) -> Result<Option<UnixMillis>, StoreError> {
        let row = sqlx::query(NEWEST)
            .bind(account.0)
            .fetch_optional(self.reads())
            .await?;
        row.map(|row| row.at("received_at")).transpose()
    }
}
