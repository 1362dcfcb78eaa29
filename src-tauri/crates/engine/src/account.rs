//! The accounts as people see them.

use mailroom_connect::Quirk;
use mailroom_model::{EmailAddress, FolderSelection, Period};
use mailroom_store::{AccountRow, FolderRow};

use crate::event::Event;
use crate::operations::turn_name;
use crate::sync::is_chosen;
use crate::{Engine, EngineError};

/// An account with what is kept of it.
#[derive(Clone, Debug)]
pub struct AccountSummary {
    /// The row.
    pub row: AccountRow,
    /// The provider's name, when the table knows it.
    pub provider_name: Option<String>,
    /// Messages kept here, once for each folder that they stand in.
    pub messages: u64,
    /// Unread ones among them.
    pub unread: u64,
}

impl Engine {
    /// Every account.
    pub async fn account_summaries(&self) -> Result<Vec<AccountSummary>, EngineError> {
        let mut summaries = Vec::new();
        for row in self.accounts(None).await? {
            summaries.push(self.summary(row).await?);
        }
        Ok(summaries)
    }

    /// One account.
    pub async fn account_summary(&self, address: &EmailAddress) -> Result<AccountSummary, EngineError> {
        let row = self.account(address).await?;
        self.summary(row).await
    }

    pub(crate) async fn summary(&self, row: AccountRow) -> Result<AccountSummary, EngineError> {
        let folders = self.store().await?.folders().list(row.id).await?;
        let table = self.table().await?;
        Ok(AccountSummary {
            provider_name: row
                .provider
                .as_deref()
                .and_then(|id| table.by_id(id))
                .map(|provider| provider.name.clone()),
            messages: folders.iter().map(|folder| folder.total).sum(),
            unread: folders.iter().map(|folder| folder.unread).sum(),
            row,
        })
    }

    /// Changes how far back and which folders are kept; what is absent stays. The next look at the account carries it out:
    /// more is loaded, or local copies go. On the server nothing changes.
    pub async fn update_account(
        &self,
        address: &EmailAddress,
        period: Option<Period>,
        folders: Option<FolderSelection>,
    ) -> Result<AccountSummary, EngineError> {
        let account = self.account(address).await?;
        let known = self.store().await?.folders().list(account.id).await?;
        if let Some(FolderSelection::Chosen(paths)) = &folders {
            // Before the first look at the server nothing is known, and any name may be right.
            let missing = paths
                .iter()
                .find(|path| !known.iter().any(|folder| crate::sync::names(folder, path)));
            if let (Some(path), false) = (missing, known.is_empty()) {
                return Err(EngineError::FolderMissing { path: path.clone() });
            }
        }
        let period = period.unwrap_or(account.period);
        let folders = folders.unwrap_or_else(|| account.folders.clone());
        let store = self.store().await?;
        store
            .accounts()
            .set_selection(account.id, period, &folders)
            .await?;
        // Folders that are no longer kept lose their local copies at once.
        let now = self.now().await?;
        for folder in known
            .iter()
            .filter(|folder| folder.cursor.is_some() && !is_chosen(folder, &folders))
        {
            store.folders().reset(folder.id, now).await?;
        }
        store.messages().sweep(account.id, now).await?;
        self.tell(Event::AccountChanged {
            address: address.to_string(),
        });
        self.account_summary(address).await
    }

    /// The folders of an account with whether they are kept: as known here, or asked from the server first.
    pub async fn folders(
        &self,
        address: &EmailAddress,
        refresh: bool,
    ) -> Result<Vec<(FolderRow, bool)>, EngineError> {
        let account = self.account(address).await?;
        let mut folders = self.store().await?.folders().list(account.id).await?;
        if refresh || folders.is_empty() {
            let _turn = self.take_turn(&turn_name(account.id)).await?;
            let mut session = self.open_imap(&account).await?;
            folders = self.refresh_folders(&account, &mut session).await?;
            session.logout().await;
        }
        Ok(folders
            .into_iter()
            .map(|folder| {
                let chosen = is_chosen(&folder, &account.folders);
                (folder, chosen)
            })
            .collect())
    }

    /// What the account's provider does differently.
    pub(crate) async fn quirks(&self, account: &AccountRow) -> Result<Vec<Quirk>, EngineError> {
        let table = self.table().await?;
        let provider = account.provider.as_deref().and_then(|id| table.by_id(id));
        Ok(provider
            .map(|provider| provider.quirks.clone())
            .unwrap_or_default())
    }
}
