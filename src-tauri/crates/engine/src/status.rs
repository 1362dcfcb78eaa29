//! What works, what waits, what needs somebody.

use mailroom_model::{EmailAddress, HOUR_MS, OperationId, OutboxId, UnixMillis};
use mailroom_store::{AccountRow, ArrivalHour, OutboxRow, StoredError, Traffic};

use crate::event::{Event, Fault};
use crate::silence::Silence;
use crate::waiting::{Naming, WaitingOperation};
use crate::{AccountSummary, Engine, EngineError};

/// How far back arrivals are told: a week.
const SHOWN_MS: i64 = 7 * 24 * HOUR_MS;

/// One account's state.
#[derive(Clone, Debug)]
pub struct AccountStatus {
    /// The account.
    pub summary: AccountSummary,
    /// Changes that wait to reach the server, with their folder's path.
    pub operations: Vec<WaitingOperation>,
    /// Messages that wait, were refused, or whose fate is unknown.
    pub outbox: Vec<OutboxRow>,
    /// When the newest message arrived.
    pub last_arrival: Option<UnixMillis>,
    /// How many messages arrived in each hour of the last days, oldest first; hours without any are left out.
    pub arrivals: Vec<ArrivalHour>,
    /// A silence that is unusually long.
    pub silence: Option<SilenceStatus>,
}

/// A silence that is unusually long, and what a fresh connection showed.
#[derive(Clone, Debug)]
pub struct SilenceStatus {
    /// The silence.
    pub silence: Silence,
    /// When a fresh connection last showed that there is nothing; `None` when none did since the last message.
    pub proved_at: Option<UnixMillis>,
    /// Why none could be opened, when that was the last thing that was tried.
    pub error: Option<StoredError>,
}

/// The state of everything.
#[derive(Clone, Debug)]
pub struct Status {
    /// When it was looked at.
    pub now: UnixMillis,
    /// Every account.
    pub accounts: Vec<AccountStatus>,
    /// Bytes that the database takes on disk.
    pub store_bytes: u64,
    /// The last look at the database found what only a repair can mend.
    pub store_unsound: bool,
    /// The database was restored from a backup at a start, and nobody has said yet that it was seen.
    pub store_restored: Option<Fault>,
}

impl Engine {
    /// The state of everything, from what is kept here; nobody is asked.
    pub async fn status(&self) -> Result<Status, EngineError> {
        let mut accounts = Vec::new();
        let now = self.moment();
        for summary in self.account_summaries().await? {
            let address = Some(&summary.row.address);
            let operations = self.waiting_operations(address, Naming::Folders).await?;
            let outbox = self.waiting_outbox(Some(&summary.row.address)).await?;
            let store = self.store().await?;
            let since = UnixMillis(now.0.saturating_sub(SHOWN_MS));
            let account = &summary.row;
            accounts.push(AccountStatus {
                last_arrival: store.last_arrival(account.id).await?,
                arrivals: store.arrivals(account.id, since).await?,
                silence: self.silence_status(account, now).await?,
                summary,
                operations,
                outbox,
            });
        }
        Ok(Status {
            now,
            accounts,
            store_bytes: self.store().await?.size_bytes().await?,
            store_unsound: self.is_unsound().await?,
            store_restored: self.restored().await?,
        })
    }

    async fn silence_status(
        &self,
        account: &AccountRow,
        now: UnixMillis,
    ) -> Result<Option<SilenceStatus>, EngineError> {
        let Some(silence) = self.silence_of(account, now).await? else {
            return Ok(None);
        };
        let traffic = self.store().await?.traffic();
        let check = traffic.get(account.id, Traffic::Check).await?;
        let proved_at = check.as_ref().and_then(|row| row.worked_at);
        Ok(Some(SilenceStatus {
            silence,
            proved_at: proved_at.filter(|at| *at > silence.since),
            error: check
                .filter(|row| row.failures > 0)
                .and_then(|row| row.last_error)
                .filter(|error| error.at > silence.since),
        }))
    }

    /// Gives a change up. What was changed here is undone with the next look at the server.
    pub async fn discard_operation(&self, id: OperationId) -> Result<(), EngineError> {
        if !self.store().await?.operations().discard(id).await? {
            return Err(EngineError::EntryMissing { id: id.0 });
        }
        Ok(())
    }

    /// Messages of the outbox that are not done with.
    pub async fn waiting_outbox(
        &self,
        address: Option<&EmailAddress>,
    ) -> Result<Vec<OutboxRow>, EngineError> {
        let store = self.store().await?;
        let mut waiting = Vec::new();
        for account in self.accounts(address).await? {
            waiting.extend(store.outbox().list(account.id).await?);
        }
        Ok(waiting)
    }

    /// Takes a message out of the outbox for good.
    pub async fn discard_outbox(&self, id: OutboxId) -> Result<(), EngineError> {
        let store = self.store().await?;
        let row = self.entry(id).await?;
        if !store.outbox().discard(id, self.now().await?).await? {
            return Err(EngineError::Input {
                field: "id",
                reason: "the message is being sent at this moment",
            });
        }
        let account = store.accounts().get(row.account_id).await?;
        self.tell(Event::OutboxChanged {
            address: account
                .map(|account| account.address.to_string())
                .unwrap_or_default(),
            id,
            state: "discarded".to_owned(),
        });
        Ok(())
    }
}
