//! What everything takes on this machine, and what this program is.

use mailroom_store::AccountSize;
use mailroom_vault::VaultKind;

use crate::{Engine, EngineError};

/// What everything takes on this machine.
#[derive(Clone, Debug)]
pub struct Storage {
    /// The database's files, in bytes.
    pub database_bytes: u64,
    /// About the share of the index of words in it, in bytes.
    pub index_bytes: u64,
    /// What the person may still write on that disk, in bytes, when the system says.
    pub free_bytes: Option<u64>,
    /// Addresses of the accounts, with what their messages take.
    pub accounts: Vec<(String, AccountSize)>,
}

/// What this program is and where it keeps things.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct About {
    /// Operating system and processor.
    pub platform: String,
    /// The policy file that is in force.
    pub policy: Option<String>,
    /// Where secrets are kept.
    pub vault: VaultKind,
}

impl Engine {
    /// What everything takes on this machine.
    pub async fn storage(&self) -> Result<Storage, EngineError> {
        let store = self.store().await?;
        let mut accounts = Vec::new();
        for account in self.accounts(None).await? {
            let size = store.account_size(account.id).await?;
            accounts.push((account.address.to_string(), size));
        }
        let messages = accounts.iter().map(|(_, size)| size.messages).sum();
        let home = self.home().to_owned();
        let free = tokio::task::spawn_blocking(move || fs4::available_space(home).ok());
        Ok(Storage {
            database_bytes: store.size_bytes().await?,
            index_bytes: store.index_size_bytes(messages).await?,
            free_bytes: free.await.map_err(|_| EngineError::Worker)?,
            accounts,
        })
    }

    /// What this program is. Nothing is opened for it.
    pub async fn about(&self) -> About {
        let path = self.policy_path();
        let is_in_force = tokio::fs::try_exists(path).await.unwrap_or(false);
        About {
            platform: platform(),
            policy: is_in_force.then(|| path.display().to_string()),
            vault: self.vault_kind(),
        }
    }
}

/// Operating system and processor.
pub(crate) fn platform() -> String {
    format!("{} {}", std::env::consts::OS, std::env::consts::ARCH)
}
