//! Asking the administrator: what for, and the account that waits until then.

use mailroom_connect::{OAuthError, find_tenant};
use mailroom_model::{AccountState, EmailAddress, EnteredAccount, EnteredAuth, RegistrationId};
use mailroom_store::{AccountRow, JournalKind, NewAccount, StoredError};
use mailroom_vault::{SecretKey, SecretPurpose};
use serde_json::Value;

use super::{Approval, ApprovalAsk, Entered, approval_of, set_approval};
use crate::preferences::{Preferences, set_oauth_profile};
use crate::registrations::secret_key;
use crate::signin::{OauthChoice, OauthClient};
use crate::{AccountSummary, Engine, EngineError, document};

impl Engine {
    /// What to tell whoever wanted to sign in, and to ask the administrator for. An account of the address that is here
    /// waits from now on.
    pub(crate) async fn approval_needed(
        &self,
        address: &EmailAddress,
        client: OauthClient,
        choice: &OauthChoice,
        refusal: OAuthError,
    ) -> Result<EngineError, EngineError> {
        let ask = self.ask_for(address, client, choice, Some(&refusal)).await?;
        let store = self.store().await?;
        let known = store.accounts().by_address(address).await?;
        // One that works goes on with the grant that it has.
        if let Some(account) = known.filter(|account| account.state != AccountState::Working) {
            self.wait_for_approval(&account, &ask, None).await?;
        }
        Ok(EngineError::ApprovalNeeded {
            ask: Box::new(ask),
            source: refusal,
        })
    }

    /// What an administrator has to be asked for. `refusal` is what the service said; `None` when it said it to the person.
    async fn ask_for(
        &self,
        address: &EmailAddress,
        client: OauthClient,
        choice: &OauthChoice,
        refusal: Option<&OAuthError>,
    ) -> Result<ApprovalAsk, EngineError> {
        let now = self.now().await?;
        let OauthClient {
            profile,
            registration,
            own_registration,
            ..
        } = client;
        let tenant = find_tenant(self.edges().await?.web.as_ref(), &profile, address.domain()).await;
        let (aadsts, error, is_for_consent) = match refusal {
            Some(OAuthError::AdminConsentNeeded { aadsts, error, url }) => {
                (*aadsts, error.clone(), url.is_some())
            }
            _ => (0, String::new(), true),
        };
        let known = profile.approval_page(&registration.client_id, tenant.as_deref());
        // Only those whose page is known say whether it is a matter of consent or of a rule.
        let is_for_consent = is_for_consent || known.is_none();
        let policy = self.policy().await?;
        let decided = policy.registration(&profile.key);
        let page = known.or_else(|| decided.and_then(|decided| decided.approval_page.clone()));
        Ok(ApprovalAsk {
            approval: Approval {
                since: now,
                tried_at: now,
                granted_at: None,
                service: profile.key.clone(),
                client_id: registration.client_id.clone(),
                tenant,
                url: page.filter(|_| is_for_consent),
                scopes: profile.scopes.clone(),
                aadsts,
                error,
                registration: None,
                entered: Entered {
                    sign_in_as: choice.sign_in_as.clone(),
                    ..Entered::default()
                },
            },
            profile,
            registration,
            own_registration,
        })
    }

    /// Has an account that is here wait. What it has stays; since when it waits stays as well.
    async fn wait_for_approval(
        &self,
        account: &AccountRow,
        ask: &ApprovalAsk,
        entered: Option<&EnteredAccount>,
    ) -> Result<(), EngineError> {
        let store = self.store().await?;
        let mut approval = ask.approval.clone();
        let before = approval_of(account);
        if let Some(before) = &before {
            approval.since = before.since;
        }
        approval.entered = match entered {
            Some(entered) => entered_of(entered),
            None => Entered {
                sign_in_as: approval.entered.sign_in_as,
                ..before.map(|before| before.entered).unwrap_or_default()
            },
        };
        let works_else = account.working.is_some();
        let registration = self.keep_client(&account.address, ask, works_else).await?;
        approval.registration = registration.map(|id| id.0);
        // An account that worked renews its grant as it did.
        if !works_else {
            let (issuer, tenant) = (&ask.profile.key, ask.registration.tenant.as_deref());
            store
                .accounts()
                .set_oauth(account.id, registration, Some(issuer), tenant)
                .await?;
        }
        self.change_options(account.id, |options| {
            if !works_else {
                set_oauth_profile(options, &ask.profile)?;
            }
            set_approval(options, &approval)
        })
        .await?;
        let now = self.now().await?;
        let error = StoredError::new(&ask.as_error(), now);
        store
            .accounts()
            .set_state(account.id, AccountState::SignInNeeded, Some(&error))
            .await?;
        self.note_journal(account.id, JournalKind::ApprovalAwaited, &[], None)
            .await;
        self.tell_changed(&account.address);
        Ok(())
    }

    /// Keeps the client with its secret: with the account, unless that has another client whose secret it still needs.
    async fn keep_client(
        &self,
        address: &EmailAddress,
        ask: &ApprovalAsk,
        beside: bool,
    ) -> Result<Option<RegistrationId>, EngineError> {
        let id = self
            .keep_registration(&ask.profile, &ask.registration, ask.own_registration)
            .await?;
        if let (Some(id), Some(secret)) = (id, &ask.registration.client_secret) {
            let key = if beside {
                secret_key(id)
            } else {
                SecretKey::new(address.to_string(), SecretPurpose::RegistrationSecret)
            };
            self.edges().await?.vault.put(&key, secret).await?;
        }
        Ok(id)
    }

    /// Keeps an account that cannot sign in before an administrator has allowed it: everything that was entered, without a
    /// secret of the mailbox.
    pub(crate) async fn keep_waiting(
        &self,
        entered: &EnteredAccount,
        ask: &ApprovalAsk,
    ) -> Result<(), EngineError> {
        let _turn = self.take_turn("accounts").await?;
        let store = self.store().await?;
        let address = &entered.address;
        if let Some(account) = store.accounts().by_address(address).await? {
            return self.wait_for_approval(&account, ask, Some(entered)).await;
        }
        let mut options = Value::Null;
        let preferences = Preferences {
            setup_done: entered.setup_done,
            ..Preferences::default()
        };
        document::write(&mut options, &preferences);
        set_oauth_profile(&mut options, &ask.profile)?;
        let registration_id = self.keep_client(address, ask, false).await?;
        let approval = Approval {
            registration: registration_id.map(|id| id.0),
            entered: entered_of(entered),
            ..ask.approval.clone()
        };
        set_approval(&mut options, &approval)?;
        let now = self.now().await?;
        let id = store
            .accounts()
            .insert(&NewAccount {
                address: address.clone(),
                display_name: String::new(),
                provider: None,
                state: AccountState::SignInNeeded,
                working: None,
                period: entered.period,
                folders: entered.folders.clone(),
                registration_id,
                issuer: Some(ask.profile.key.clone()),
                tenant: ask.registration.tenant.clone(),
                options,
                created_at: now,
            })
            .await?;
        store.identities().upsert_default(id, address, "").await?;
        let error = StoredError::new(&ask.as_error(), now);
        store
            .accounts()
            .set_state(id, AccountState::SignInNeeded, Some(&error))
            .await?;
        self.note_journal(id, JournalKind::ApprovalAwaited, &[], None)
            .await;
        self.tell_changed(address);
        Ok(())
    }

    /// Has an account wait for its administrator because the service said so to the person, on its own page: a new account is
    /// kept without a sign-in, one that is here keeps what it has.
    pub async fn ask_administrator(&self, entered: &EnteredAccount) -> Result<AccountSummary, EngineError> {
        let address = &entered.address;
        let known = self.store().await?.accounts().by_address(address).await?;
        let choice = match (&known, &entered.auth) {
            (_, EnteredAuth::Password(_)) => {
                return Err(EngineError::Input {
                    field: "sign_in",
                    reason: "a password needs no administrator",
                });
            }
            (Some(account), EnteredAuth::Oauth { .. }) if account.issuer.is_some() => {
                self.choice_again(account, &entered.auth).await?
            }
            (_, auth) => {
                let candidate = self.candidate(entered).await?;
                Self::choice(address, auth, &candidate)?
            }
        };
        let client = self.oauth_client(&choice).await?;
        let ask = self.ask_for(address, client, &choice, None).await?;
        match known {
            Some(account) if account.state == AccountState::Working => {}
            Some(account) => self.wait_for_approval(&account, &ask, None).await?,
            None => self.keep_waiting(entered, &ask).await?,
        }
        self.account_summary(address).await
    }
}

fn entered_of(entered: &EnteredAccount) -> Entered {
    Entered {
        imap: entered.imap.clone(),
        smtp: entered.smtp.clone(),
        approved_servers: entered.approved_servers.clone(),
        username: entered.username.clone(),
        sign_in_as: match &entered.auth {
            EnteredAuth::Oauth { sign_in_as, .. } => sign_in_as.clone(),
            EnteredAuth::Password(_) => None,
        },
    }
}

impl ApprovalAsk {
    /// Why the account does not work.
    fn as_error(&self) -> OAuthError {
        OAuthError::AdminConsentNeeded {
            aadsts: self.approval.aadsts,
            error: self.approval.error.clone(),
            url: self.approval.url.clone(),
        }
    }
}
