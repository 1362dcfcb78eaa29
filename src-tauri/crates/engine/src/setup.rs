//! From what a person entered to an account that was proved to work.

mod detect;
mod keep;
mod prove;
mod servers;

use mailroom_connect::{AuthEntry, AuthOffer, Candidate};
use mailroom_model::{
    AuthMethod, Coded, Credentials, EmailAddress, EnteredAccount, EnteredAuth, Secret, WorkingAccount,
};
use mailroom_store::{AccountRow, OutboxState, StoreError};
use tokio_util::sync::CancellationToken;

pub use self::detect::Asking;
pub(crate) use self::detect::Remembered;
use self::detect::check_approval;
use self::prove::KnownNames;
pub use self::servers::ServersChange;
use crate::credentials::secrets_turn_name;
use crate::error::wants_sign_in;
use crate::event::Event;
use crate::preferences::{oauth_profile, set_oauth_profile};
use crate::registrations::registration_secret;
use crate::signin::{Granted, OauthChoice};
use crate::work::until;
use crate::{AccountSummary, Engine, EngineError};

/// How the person signs in, ready to be shown to servers.
enum Access {
    Password {
        password: Secret<String>,
        method: AuthMethod,
    },
    Granted(Box<Granted>),
}

impl Access {
    fn shown(&self) -> Shown {
        match self {
            Self::Password { password, method } => Shown {
                method: *method,
                secret: password.clone(),
            },
            Self::Granted(granted) => Shown {
                method: AuthMethod::Oauth2,
                secret: granted.tokens.access_token.clone(),
            },
        }
    }
}

/// What servers are shown: a password, or an access token.
struct Shown {
    method: AuthMethod,
    secret: Secret<String>,
}

impl Shown {
    fn credentials(&self, username: &str) -> Credentials {
        let (username, secret) = (username.to_owned(), self.secret.clone());
        match self.method {
            AuthMethod::Oauth2 => Credentials::Bearer {
                username,
                access_token: secret,
            },
            AuthMethod::Password | AuthMethod::AppPassword => Credentials::Password {
                username,
                password: secret,
            },
        }
    }
}

impl Engine {
    /// Adds an account: finds the servers, signs in, proves both of them, and only then keeps anything.
    pub async fn add_account(
        &self,
        entered: &EnteredAccount,
        cancel: &CancellationToken,
    ) -> Result<AccountSummary, EngineError> {
        let address = &entered.address;
        let work = self.works.begin(address, cancel);
        let cancel = work.cancel();
        let store = self.store().await?;
        if store.accounts().by_address(address).await?.is_some() {
            return Err(StoreError::AccountExists {
                address: address.to_string(),
            }
            .into());
        }
        // A vault that cannot keep the secret is better found before the person signs in.
        let candidate = until(cancel, async {
            self.edges().await?.vault.health().await?;
            self.candidate(entered).await
        })
        .await?;
        check_approval(&candidate, entered)?;
        let access = self.access(address, &entered.auth, &candidate, cancel).await?;
        let names = match entered.username.as_deref() {
            Some(name) => KnownNames::entered(Some(name)),
            None => KnownNames {
                imap: candidate.imap_login.as_deref(),
                smtp: candidate.smtp_login.as_deref(),
            },
        };
        let proved = self
            .prove(address, names, &candidate, &access.shown(), cancel)
            .await?;
        let mut session = proved.session;
        let row = self.keep(entered, &proved.working, &access).await?;
        self.note_size_limit(&row, proved.size_limit).await?;
        self.tell(Event::AccountChanged {
            address: address.to_string(),
        });
        // The account is kept; a list that is cut off here comes with the first look at the mailbox.
        if let Err(error) = until(cancel, self.refresh_folders(&row, &mut session)).await {
            tracing::warn!(code = %error.code(), "the folders of a new account could not be listed");
        }
        if !cancel.is_cancelled() {
            session.logout().await;
        }
        self.account_summary(address).await
    }

    /// Signs in again to a known account. The old secrets stay until the new ones are proved; mail and settings stay.
    pub async fn sign_in_again(
        &self,
        address: &EmailAddress,
        auth: &EnteredAuth,
        cancel: &CancellationToken,
    ) -> Result<AccountSummary, EngineError> {
        let work = self.works.begin(address, cancel);
        let cancel = work.cancel();
        let account = self.account(address).await?;
        until(cancel, async { Ok(self.edges().await?.vault.health().await?) }).await?;
        let known = account.working.clone();
        let entered = EnteredAccount {
            address: address.clone(),
            imap: known.as_ref().map(|working| working.imap.clone()),
            smtp: known.as_ref().and_then(|working| working.smtp.clone()),
            approved_servers: Vec::new(),
            username: None,
            auth: auth.clone(),
            period: account.period,
            folders: account.folders.clone(),
            setup_done: true,
        };
        let mut candidate = until(cancel, self.candidate(&entered)).await?;
        let table = self.table().await?;
        if let Some(provider) = account.provider.as_deref().and_then(|id| table.by_id(id)) {
            candidate.quirks.clone_from(&provider.quirks);
            candidate.auth = provider.auth.iter().map(offer).collect();
        } else if let Some(profile) = oauth_profile(&account) {
            // What the mailbox's own configuration asked for is asked for again.
            candidate.auth.push(AuthOffer {
                method: AuthMethod::Oauth2,
                issuer: Some(profile.key),
                scopes: profile.mail_scopes,
                client_id: None,
                app_password_url: None,
                condition: None,
                unavailable: None,
            });
        }
        check_approval(&candidate, &entered)?;
        let access = self.access_again(&account, auth, &candidate, cancel).await?;
        let names = KnownNames {
            imap: known.as_ref().map(|working| working.imap_username.as_str()),
            smtp: known.as_ref().map(|working| working.smtp_username.as_str()),
        };
        let proved = self
            .prove(address, names, &candidate, &access.shown(), cancel)
            .await?;
        proved.session.logout().await;
        let working = WorkingAccount {
            provider: account.provider.clone(),
            ..proved.working
        };
        let _turn = self.take_turn(&secrets_turn_name(account.id)).await?;
        let store = self.store().await?;
        if store.accounts().get(account.id).await?.is_none() {
            return Err(EngineError::AccountMissing {
                address: address.to_string(),
            });
        }
        let registration = self.keep_secrets(address, &access).await?;
        store.accounts().set_servers(account.id, &working).await?;
        self.note_size_limit(&account, proved.size_limit).await?;
        if let Access::Granted(granted) = &access {
            let (issuer, tenant) = (&granted.profile.key, granted.registration.tenant.as_deref());
            store
                .accounts()
                .set_oauth(account.id, registration, Some(issuer), tenant)
                .await?;
            self.change_options(account.id, |options| set_oauth_profile(options, &granted.profile))
                .await?;
        }
        store
            .accounts()
            .mark_signed_in(account.id, self.now().await?)
            .await?;
        self.release_held_messages(&account).await?;
        self.tell(Event::AccountChanged {
            address: address.to_string(),
        });
        self.account_summary(address).await
    }

    /// What was not sent for want of a sign-in goes by itself now.
    async fn release_held_messages(&self, account: &AccountRow) -> Result<(), EngineError> {
        let outbox = self.store().await?.outbox();
        for row in outbox.list(account.id).await? {
            let is_held = row.state == OutboxState::Failed
                && row
                    .last_error
                    .as_ref()
                    .is_some_and(|error| wants_sign_in(error.code));
            if is_held && outbox.requeue(row.id, self.now().await?).await? {
                self.tell(Event::OutboxChanged {
                    address: account.address.to_string(),
                    id: row.id,
                    state: OutboxState::Queued.as_str().to_owned(),
                });
            }
        }
        Ok(())
    }

    async fn access(
        &self,
        address: &EmailAddress,
        auth: &EnteredAuth,
        candidate: &Candidate,
        cancel: &CancellationToken,
    ) -> Result<Access, EngineError> {
        match auth {
            EnteredAuth::Password(password) => {
                let method = candidate
                    .auth
                    .iter()
                    .map(|offer| offer.method)
                    .find(|method| *method != AuthMethod::Oauth2)
                    .unwrap_or(AuthMethod::Password);
                Ok(Access::Password {
                    password: password.clone(),
                    method,
                })
            }
            EnteredAuth::Oauth {
                issuer,
                client_id,
                client_secret,
                tenant,
            } => {
                let offered = candidate
                    .auth
                    .iter()
                    .find(|offer| offer.issuer.is_some() && (issuer.is_none() || offer.issuer == *issuer));
                let issuer = issuer.clone().or_else(|| offered?.issuer.clone());
                let issuer = issuer.ok_or_else(|| EngineError::OauthUnavailable {
                    issuer: address.domain().to_owned(),
                })?;
                let choice = OauthChoice {
                    issuer,
                    client_id: client_id.clone(),
                    client_secret: client_secret.clone(),
                    tenant: tenant.clone(),
                    offered_client_id: offered.and_then(|offer| offer.client_id.clone()),
                    scopes: offered.map(|offer| offer.scopes.clone()).unwrap_or_default(),
                };
                let granted = self.sign_in_with_browser(address, &choice, cancel).await?;
                Ok(Access::Granted(Box::new(granted)))
            }
        }
    }

    /// As [`Self::access`], with the service and client id of the account where none are entered.
    async fn access_again(
        &self,
        account: &AccountRow,
        auth: &EnteredAuth,
        candidate: &Candidate,
        cancel: &CancellationToken,
    ) -> Result<Access, EngineError> {
        let EnteredAuth::Oauth {
            issuer,
            client_id,
            client_secret,
            tenant,
        } = auth
        else {
            return self.access(&account.address, auth, candidate, cancel).await;
        };
        // What belongs to one service is never shown to another.
        let is_same_service = issuer.is_none() || *issuer == account.issuer;
        let registration = match account.registration_id {
            Some(id) if is_same_service && client_id.is_none() => {
                self.store().await?.registrations().get(id).await?
            }
            _ => None,
        };
        let kept_secret = match &registration {
            Some(row) => registration_secret(&self.edges().await?.vault, row.id, &account.address).await?,
            None => None,
        };
        let completed = EnteredAuth::Oauth {
            issuer: issuer.clone().or_else(|| account.issuer.clone()),
            client_id: client_id
                .clone()
                .or_else(|| registration.map(|row| row.client_id)),
            client_secret: client_secret.clone().or(kept_secret),
            tenant: tenant
                .clone()
                .or_else(|| account.tenant.clone().filter(|_| is_same_service)),
        };
        self.access(&account.address, &completed, candidate, cancel).await
    }
}

/// A provider's way to sign in, for an account that is known.
fn offer(entry: &AuthEntry) -> AuthOffer {
    AuthOffer {
        method: entry.method,
        issuer: entry.issuer.clone(),
        scopes: Vec::new(),
        client_id: None,
        app_password_url: entry.url.clone(),
        condition: entry.condition,
        unavailable: None,
    }
}
