//! How it becomes known that an administrator has agreed.

use std::sync::Arc;

use mailroom_connect::{Authorization, LoopbackListener, OAuthProfile, RedirectKind, Registration};
use mailroom_model::{AccountState, Coded as _, EmailAddress, ErrorCode};
use mailroom_store::{AccountRow, JournalKind, StoredError};
use serde_json::Value;
use tokio_util::sync::CancellationToken;

use super::{APPROVAL, Approval, approval_of, set_approval};
use crate::preferences::oauth_profile;
use crate::{AccountSummary, Engine, EngineError};

impl Engine {
    /// Opens the page on which an administrator allows the program, for a person who is one, and waits until the page sends
    /// the browser back. The account can sign in afterwards.
    pub async fn open_approval(
        &self,
        address: &EmailAddress,
        cancel: &CancellationToken,
    ) -> Result<AccountSummary, EngineError> {
        let account = self.account(address).await?;
        let missing = || EngineError::Input {
            field: "address",
            reason: "the account waits for nobody, or its service has no such page",
        };
        let approval = approval_of(&account).ok_or_else(missing)?;
        let profile = oauth_profile(&account).ok_or_else(missing)?;
        let listener = LoopbackListener::bind().await?;
        let way = profile.redirects.iter().find(|way| {
            matches!(
                way,
                RedirectKind::LoopbackIp { .. } | RedirectKind::LoopbackName { .. }
            )
        });
        let redirect = way
            .and_then(|way| way.uri(Some(listener.port())))
            .ok_or_else(missing)?;
        let registration = Registration {
            client_id: approval.client_id.clone(),
            client_secret: None,
            tenant: approval.tenant.clone(),
            secret_ends_at: None,
        };
        let entropy = &self.edges().await?.entropy;
        let mut random = |bytes: &mut [u8]| entropy.fill(bytes);
        let tenant = approval.tenant.as_deref();
        let begun = Authorization::begin_approval(&profile, &registration, tenant, redirect, &mut random)?;
        let authorization = Arc::new(begun.ok_or_else(missing)?);
        self.wait_for_answer(address, authorization, Some(listener), cancel)
            .await?;
        self.note_approved_for(|other, _| other == &account).await?;
        self.account_summary(address).await
    }

    /// Somebody was let in: whoever waits for the same administrator and the same client need not wait any longer.
    pub(crate) async fn note_approved(
        &self,
        address: &EmailAddress,
        profile: &OAuthProfile,
        registration: &Registration,
    ) -> Result<(), EngineError> {
        if !self.has_database() {
            return Ok(());
        }
        self.note_approved_for(|account, approval| {
            let is_colleague = account.address.domain() == address.domain()
                || (approval.tenant.is_some() && approval.tenant.as_deref() == profile.tenant());
            account.address != *address
                && is_colleague
                && approval.service == profile.key
                && approval.client_id == registration.client_id
        })
        .await
    }

    async fn note_approved_for(
        &self,
        is_meant: impl Fn(&AccountRow, &Approval) -> bool,
    ) -> Result<(), EngineError> {
        let now = self.now().await?;
        for account in self.accounts(None).await? {
            let Some(mut approval) = approval_of(&account) else {
                continue;
            };
            if approval.granted_at.is_some() || !is_meant(&account, &approval) {
                continue;
            }
            approval.granted_at = Some(now);
            self.change_options(account.id, |options| set_approval(options, &approval))
                .await?;
            let next = StoredError {
                code: ErrorCode::OauthApprovalGranted,
                params: [("address".to_owned(), account.address.to_string().into())].into(),
                at: now,
            };
            let accounts = self.store().await?.accounts();
            accounts
                .set_state(account.id, AccountState::SignInNeeded, Some(&next))
                .await?;
            self.note_journal(account.id, JournalKind::ApprovalGranted, &[], None)
                .await;
            self.tell_changed(&account.address);
        }
        Ok(())
    }

    /// Tries the grants of accounts that worked before they had to wait: where one renews again, the account works again by
    /// itself.
    pub(crate) async fn continue_waiting(&self) -> Result<(), EngineError> {
        for account in self.accounts(None).await? {
            let Some(approval) = approval_of(&account).filter(|_| account.working.is_some()) else {
                continue;
            };
            let Ok(grant) = self.grants().await?.grant(&account).await else {
                continue;
            };
            let (key, shown) = (account.id.to_string(), grant.tokens.access_token);
            match self.keeper().await?.renew(&key, &shown).await {
                Ok(_) => {
                    // Who signed in stays known.
                    let forget = |options: &mut Value| {
                        if let Some(known) = options.as_object_mut() {
                            known.remove(APPROVAL);
                        }
                        Ok(())
                    };
                    self.change_options(account.id, forget).await?;
                    let store = self.store().await?;
                    store
                        .accounts()
                        .mark_signed_in(account.id, self.now().await?)
                        .await?;
                    store.traffic().forgive(account.id).await?;
                    if approval.granted_at.is_none() {
                        self.note_journal(account.id, JournalKind::ApprovalGranted, &[], None)
                            .await;
                    }
                    self.note_journal(account.id, JournalKind::SignedIn, &[], None)
                        .await;
                    self.tell_changed(&account.address);
                }
                Err(error) => tracing::debug!(code = %error.code(), "still not allowed"),
            }
        }
        Ok(())
    }
}
