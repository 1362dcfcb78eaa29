//! Keeping what was proved.

use mailroom_connect::{OAuthProfile, RedirectKind, Registration};
use mailroom_model::{AccountState, EmailAddress, EnteredAccount, RegistrationId, WorkingAccount};
use mailroom_store::{AccountRow, NewAccount, NewRegistration};
use mailroom_vault::{SecretKey, SecretPurpose};
use serde_json::Value;

use super::Access;
use crate::approval::{is_here, note_signed_in, only_waits};
use crate::certificates::{Shown as ShownCertificate, note_shown};
use crate::expiry::note_grant_end;
use crate::preferences::Preferences;
use crate::{Engine, EngineError, document};

impl Engine {
    /// Keeps a proved account, whole or not at all: its secrets first, so that an account without secrets cannot be.
    pub(super) async fn keep(
        &self,
        entered: &EnteredAccount,
        working: &WorkingAccount,
        certificates: &[ShownCertificate],
        access: &Access,
    ) -> Result<AccountRow, EngineError> {
        // The sign-in took its time: somebody else may have added the address meanwhile, and has secrets of their own.
        let _turn = self.take_turn("accounts").await?;
        let store = self.store().await?;
        if let Some(known) = store.accounts().by_address(&entered.address).await? {
            if !only_waits(&known) {
                return Err(is_here(&entered.address));
            }
            // It waited to be let in, and has nothing that this one has not.
            store.accounts().delete(known.id).await?;
        }
        let kept = self.keep_whole(entered, working, certificates, access).await;
        if kept.is_err() {
            // No account owns them.
            self.forget_secrets(&entered.address).await;
        }
        kept
    }

    async fn keep_whole(
        &self,
        entered: &EnteredAccount,
        working: &WorkingAccount,
        certificates: &[ShownCertificate],
        access: &Access,
    ) -> Result<AccountRow, EngineError> {
        let registration_id = self.keep_secrets(&entered.address, access).await?;
        let now = self.now().await?;
        let store = self.store().await?;
        let granted = match access {
            Access::Granted(granted) => Some(granted),
            Access::Password { .. } => None,
        };
        let mut options = Value::Null;
        let preferences = Preferences {
            setup_done: entered.setup_done,
            ..Preferences::default()
        };
        document::write(&mut options, &preferences);
        note_shown(&mut options, certificates, working, now);
        note_signed_in(&mut options, granted.map(AsRef::as_ref))?;
        let name = granted
            .and_then(|granted| granted.tokens.id_claims.as_ref())
            .and_then(|claims| claims.name.clone())
            .unwrap_or_default();
        let inserted = store
            .accounts()
            .insert(&NewAccount {
                address: entered.address.clone(),
                display_name: name.clone(),
                provider: working.provider.clone(),
                state: AccountState::Working,
                working: Some(working.clone()),
                period: entered.period,
                folders: entered.folders.clone(),
                registration_id,
                issuer: granted.map(|granted| granted.profile.key.clone()),
                tenant: granted.and_then(|granted| granted.registration.tenant.clone()),
                options,
                created_at: now,
            })
            .await?;
        let identity = store
            .identities()
            .upsert_default(inserted, &entered.address, &name)
            .await;
        if let Err(error) = identity {
            store.accounts().delete(inserted).await?;
            return Err(error.into());
        }
        self.account(&entered.address).await
    }

    pub(super) async fn keep_secrets(
        &self,
        address: &EmailAddress,
        access: &Access,
    ) -> Result<Option<RegistrationId>, EngineError> {
        let vault = &self.edges().await?.vault;
        let key = |purpose| SecretKey::new(address.to_string(), purpose);
        let granted = match access {
            Access::Password { password, .. } => {
                vault.put(&key(SecretPurpose::Password), password).await?;
                vault.remove(&key(SecretPurpose::OauthTokens)).await?;
                vault.remove(&key(SecretPurpose::RegistrationSecret)).await?;
                return Ok(None);
            }
            Access::Granted(granted) => granted,
        };
        vault
            .put(&key(SecretPurpose::OauthTokens), &granted.tokens.to_vault_json()?)
            .await?;
        vault.remove(&key(SecretPurpose::Password)).await?;
        match &granted.registration.client_secret {
            Some(secret) if granted.own_registration => {
                vault.put(&key(SecretPurpose::RegistrationSecret), secret).await?;
            }
            _ => vault.remove(&key(SecretPurpose::RegistrationSecret)).await?,
        }
        note_grant_end(self.store().await?, address, &granted.tokens, self.now().await?).await?;
        self.keep_registration(&granted.profile, &granted.registration, granted.own_registration)
            .await
    }

    /// Keeps the client of an account, when it is the person's own or was registered for this machine.
    pub(crate) async fn keep_registration(
        &self,
        profile: &OAuthProfile,
        registration: &Registration,
        is_own: bool,
    ) -> Result<Option<RegistrationId>, EngineError> {
        if !is_own {
            return Ok(None);
        }
        let registrations = self.store().await?.registrations();
        let known = registrations.list().await?.into_iter().find(|row| {
            row.issuer == profile.key
                && row.client_id == registration.client_id
                && row.tenant == registration.tenant
        });
        if let Some(row) = known {
            return Ok(Some(row.id));
        }
        let id = registrations
            .insert(&NewRegistration {
                label: profile.key.clone(),
                issuer: profile.key.clone(),
                client_id: registration.client_id.clone(),
                tenant: registration.tenant.clone(),
                // Where the service keeps several, the best is chosen each time.
                redirect_uri: match profile.redirects.as_slice() {
                    [RedirectKind::CustomScheme] => profile.custom_scheme_redirect(),
                    _ => None,
                },
                is_kept: false,
                has_secret: registration.client_secret.is_some(),
                created_at: self.now().await?,
                secret_ends_at: registration.secret_ends_at,
            })
            .await?;
        Ok(Some(id))
    }
}
