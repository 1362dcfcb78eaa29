//! Taking an account off this machine.

use mailroom_model::{AuthMethod, EmailAddress};
use mailroom_vault::{SecretKey, SecretPurpose};

use crate::event::{Event, Fault};
use crate::operations::turn_name;
use crate::{Engine, EngineError};

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

impl Engine {
    /// Removes an account: ends its grant at the provider as far as that is possible, takes its secrets out of the vault,
    /// and its mail and settings out of the database. On the server no message changes. What cannot be ended does not keep
    /// the account here; the receipt says so.
    pub async fn remove_account(&self, address: &EmailAddress) -> Result<Receipt, EngineError> {
        let account = self.account(address).await?;
        let _turn = self.take_turn(&turn_name(account.id)).await?;
        // A message on its way is not cut off.
        let _sending = self.take_turn(&crate::outbox::turn_name(account.id)).await?;
        let is_oauth = account
            .working
            .as_ref()
            .is_some_and(|working| working.auth == AuthMethod::Oauth2);
        let revocation = if is_oauth {
            self.revoke_grant(&account).await
        } else {
            Ok(false)
        };
        let vault = &self.edges().await?.vault;
        let mut secrets_removed = true;
        for purpose in [
            SecretPurpose::Password,
            SecretPurpose::OauthTokens,
            SecretPurpose::RegistrationSecret,
        ] {
            let key = SecretKey::new(address.to_string(), purpose);
            secrets_removed &= vault.remove(&key).await.is_ok();
        }
        let removed = self.store().await?.accounts().delete(account.id).await?;
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
}
