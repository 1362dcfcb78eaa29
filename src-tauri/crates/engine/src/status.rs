//! What works, what waits, what needs somebody.

use mailroom_model::{EmailAddress, OperationId, OutboxId};
use mailroom_store::{OperationRow, OutboxRow};

use crate::event::{Event, Fault};
use crate::{AccountSummary, Engine, EngineError};

/// One account's state.
#[derive(Clone, Debug)]
pub struct AccountStatus {
    /// The account.
    pub summary: AccountSummary,
    /// Changes that wait to reach the server, with their folder's path.
    pub operations: Vec<(OperationRow, String)>,
    /// Messages that wait, were refused, or whose fate is unknown.
    pub outbox: Vec<OutboxRow>,
}

/// The state of everything.
#[derive(Clone, Debug)]
pub struct Status {
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
        for summary in self.account_summaries().await? {
            let operations = self.waiting_operations(Some(&summary.row.address)).await?;
            let outbox = self.waiting_outbox(Some(&summary.row.address)).await?;
            accounts.push(AccountStatus {
                summary,
                operations,
                outbox,
            });
        }
        Ok(Status {
            accounts,
            store_bytes: self.store().await?.size_bytes().await?,
            store_unsound: self.is_unsound().await?,
            store_restored: self.restored().await?,
        })
    }

    /// Changes that wait to reach the server.
    pub async fn waiting_operations(
        &self,
        address: Option<&EmailAddress>,
    ) -> Result<Vec<(OperationRow, String)>, EngineError> {
        let store = self.store().await?;
        let mut waiting = Vec::new();
        for account in self.accounts(address).await? {
            for operation in store.operations().list(account.id).await? {
                let folder = match operation.folder_id {
                    Some(id) => store.folders().get(id).await?.map(|folder| folder.seen.path),
                    None => None,
                };
                waiting.push((operation, folder.unwrap_or_default()));
            }
        }
        Ok(waiting)
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
