//! Taking an account off this machine.

use mailroom_model::{AuthMethod, EmailAddress};
use mailroom_vault::{SecretKey, SecretPurpose};

use crate::credentials::secrets_turn_name;
use crate::event::{Event, Fault};
use crate::operations::turn_name;
use crate::{Engine, EngineError};

/// Addresses of removed accounts whose secrets the vault would not give up.
pub(crate) const LEFT_SECRETS: &str = "secrets_to_forget";

/// What went and what stays.
#[derive(Clone, Debug)]
pub struct Receipt {
    /// The account's address.
    pub address: String,
    /// Local copies of messages removed.
    pub messages: u64,
    /// Their bytes.
    pub bytes: u64,
    /// True when the grant was ended at the provider.
    pub revoked: bool,
    /// Why it could not be ended, when it was tried.
    pub revoke_fault: Option<Fault>,
    /// True when every secret left the vault.
    pub secrets_removed: bool,
}

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
    /// Removes an account: ends its grant at the provider as far as that is possible, takes its secrets out of the vault,
    /// and its mail and settings out of the database. On the server no message changes. What cannot be ended does not keep
    /// the account here; the receipt says so.
    pub async fn remove_account(&self, address: &EmailAddress) -> Result<Receipt, EngineError> {
        let id = self.account(address).await?.id;
        let _turn = self.take_turn(&turn_name(id)).await?;
        // A message on its way is not cut off.
        let _sending = self.take_turn(&crate::outbox::turn_name(id)).await?;
        // The account may have signed in another way while this waited.
        let account = self.account(address).await?;
        let is_oauth = account
            .working
            .as_ref()
            .is_some_and(|working| working.auth == AuthMethod::Oauth2);
        let revocation = if is_oauth {
            self.revoke_grant(&account).await
        } else {
            Ok(false)
        };
        // No renewal may write tokens back behind the removal.
        let _secrets = self.take_turn(&secrets_turn_name(id)).await?;
        let store = self.store().await?;
        let secrets_removed = self.forget_secrets(address).await;
        if !secrets_removed {
            self.remember_left_secrets(address).await?;
        }
        let removed = store.accounts().delete(account.id).await?;
        if let Some(registration) = account.registration_id {
            let row = store.registrations().get(registration).await?;
            // One that the person saved for itself stays; one that came with the account goes with the last that uses it.
            if row.is_some_and(|row| !row.is_kept) {
                store.registrations().delete(registration).await?;
            }
        }
        self.tell(Event::AccountChanged {
            address: address.to_string(),
        });
        Ok(Receipt {
            address: address.to_string(),
            messages: removed.messages,
            bytes: removed.bytes,
            revoked: matches!(revocation, Ok(true)),
            revoke_fault: revocation.err().map(|error| Fault::of(&error)),
            secrets_removed,
        })
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
        left.push(address.clone());
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
