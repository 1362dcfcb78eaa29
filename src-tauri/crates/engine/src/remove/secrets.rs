//! The secrets of removed accounts.

use mailroom_model::{Coded as _, EmailAddress};
use mailroom_vault::{SecretKey, SecretPurpose, VaultError};

use super::Removal;
use super::receipt::{Belonging, ReceiptLine, Whereabouts};
use crate::event::Fault;
use crate::{Engine, EngineError};

/// Addresses of removed accounts whose secrets the vault would not give up.
const LEFT_SECRETS: &str = "secrets_to_forget";

/// Whatever secrets an account may have.
pub(crate) fn secret_keys(address: &EmailAddress) -> [SecretKey; 3] {
    [
        SecretPurpose::Password,
        SecretPurpose::OauthTokens,
        SecretPurpose::RegistrationSecret,
    ]
    .map(|purpose| SecretKey::new(address.to_string(), purpose))
}

impl Engine {
    /// Takes the account's secrets out of the vault, and looks for them.
    pub(super) async fn remove_secrets(&self, removal: &Removal) -> Result<Vec<ReceiptLine>, EngineError> {
        let address = &removal.address;
        let mut lines = Vec::new();
        match self.forget_and_look(address).await {
            Ok(count) => lines.push(ReceiptLine::new(Belonging::Secrets, Whereabouts::Gone, count)),
            Err(error) => {
                tracing::warn!(code = %error.code(), "secrets of a removed account are left");
                self.remember_left_secrets(address).await?;
                lines.push(ReceiptLine::left(Belonging::Secrets, Fault::of(&error)));
            }
        }
        if removal.choice.older_secrets {
            let removed = self.remove_older_secrets(address).await;
            if let Err(error) = &removed {
                lines.push(ReceiptLine::left(Belonging::OlderSecrets, Fault::of(error)));
            } else {
                lines.push(ReceiptLine::new(Belonging::OlderSecrets, Whereabouts::Gone, 1));
            }
        } else if self.has_older_secrets(address).await {
            lines.push(ReceiptLine::new(Belonging::OlderSecrets, Whereabouts::Stays, 1));
        }
        Ok(lines)
    }

    /// How many secrets there were. An error when one is still there, or may be.
    async fn forget_and_look(&self, address: &EmailAddress) -> Result<u64, EngineError> {
        let vault = &self.edges().await?.vault;
        let mut count = 0;
        let mut failed = None;
        for key in secret_keys(address) {
            let removed = async {
                let had = vault.get(&key).await?.is_some();
                vault.remove(&key).await?;
                match vault.get(&key).await? {
                    None => Ok(had),
                    Some(_) => Err(VaultError::Failed {
                        source: "the secret is still there".into(),
                    }),
                }
            };
            match removed.await {
                Ok(had) => count += u64::from(had),
                // The others go all the same.
                Err(error) => failed = Some(error),
            }
        }
        match failed {
            Some(error) => Err(error.into()),
            None => Ok(count),
        }
    }

    /// True when the keychain has entries for the address that an older version of the program made.
    pub(super) async fn has_older_secrets(&self, address: &EmailAddress) -> bool {
        let Ok(edges) = self.edges().await else {
            return false;
        };
        for key in secret_keys(address) {
            if matches!(edges.vault.has_older(&key).await, Ok(true)) {
                return true;
            }
        }
        false
    }

    async fn remove_older_secrets(&self, address: &EmailAddress) -> Result<(), EngineError> {
        let vault = &self.edges().await?.vault;
        for key in secret_keys(address) {
            vault.remove_older(&key).await?;
            if vault.has_older(&key).await? {
                return Err(VaultError::Failed {
                    source: "the secret is still there".into(),
                }
                .into());
            }
        }
        Ok(())
    }

    /// Takes every secret of an address out of the vault. False when one may still be there.
    pub(crate) async fn forget_secrets(&self, address: &EmailAddress) -> bool {
        let Ok(edges) = self.edges().await else {
            return false;
        };
        let mut removed = true;
        for key in secret_keys(address) {
            removed &= edges.vault.remove(&key).await.is_ok();
        }
        removed
    }

    async fn remember_left_secrets(&self, address: &EmailAddress) -> Result<(), EngineError> {
        let store = self.store().await?;
        let mut left: Vec<EmailAddress> = store.settings().get(LEFT_SECRETS).await?.unwrap_or_default();
        if !left.contains(address) {
            left.push(address.clone());
        }
        store
            .settings()
            .set(LEFT_SECRETS, &left, self.now().await?)
            .await?;
        Ok(())
    }

    /// Takes secrets out of the vault that a removal had to leave because the vault was locked. Returns the addresses whose
    /// secrets are still there.
    pub(crate) async fn forget_left_secrets(&self) -> Result<Vec<EmailAddress>, EngineError> {
        let store = self.store().await?;
        let left: Vec<EmailAddress> = store.settings().get(LEFT_SECRETS).await?.unwrap_or_default();
        if left.is_empty() {
            return Ok(left);
        }
        let mut still = Vec::new();
        for address in left {
            let is_used = store.accounts().by_address(&address).await?.is_some();
            if !is_used && !self.forget_secrets(&address).await {
                still.push(address);
            }
        }
        store
            .settings()
            .set(LEFT_SECRETS, &still, self.now().await?)
            .await?;
        Ok(still)
    }
}
