//! Signed-in connections for an account, with what the vault holds.

use std::path::PathBuf;
use std::sync::Arc;

use async_trait::async_trait;
use mailroom_connect::{
    ClientIds, OAuthProfile, Registration, StoreFailure, TokenGrant, TokenSet, TokenStore, TokenTurn,
};
use mailroom_model::{
    AccountId, AuthMethod, Clock, Coded, Credentials, Endpoint, ErrorCode, Secret, WorkingAccount,
};
use mailroom_protocol::smtp::{self, SmtpSession};
use mailroom_protocol::{Dialer, imap};
use mailroom_store::{AccountRow, JournalKind, Store};
use mailroom_vault::{SecretKey, SecretPurpose, Vault};

use crate::budget::Purpose;
use crate::certificates::ServerKind;
use crate::connection::Connection;
use crate::expiry::note_grant_end;
use crate::preferences::oauth_profile;
use crate::registrations::registration_secret;
use crate::turn::{Turn, Turns};
use crate::{Engine, EngineError};

/// How often one that a server refused because there are too many is asked for again, with fewer of ours.
const FEWER: u32 = 3;

/// Where grants are kept: tokens and client secrets in the vault, the rest in the database.
pub(crate) struct Grants {
    pub(crate) vault: Arc<dyn Vault>,
    pub(crate) store: Store,
    pub(crate) client_ids: ClientIds,
    pub(crate) turns: Arc<Turns>,
    pub(crate) home: PathBuf,
    pub(crate) clock: Arc<dyn Clock>,
}

/// The name of the turn in which an account's secrets are renewed, replaced or removed.
pub(crate) fn secrets_turn_name(account: AccountId) -> String {
    format!("secrets-{account}")
}

impl Grants {
    async fn account(&self, key: &str) -> Result<AccountRow, EngineError> {
        let missing = || EngineError::AccountMissing {
            address: key.to_owned(),
        };
        let id: AccountId = key.parse().map_err(|_| missing())?;
        self.store.accounts().get(id).await?.ok_or_else(missing)
    }

    pub(crate) async fn grant(&self, account: &AccountRow) -> Result<TokenGrant, EngineError> {
        let sign_in = || EngineError::SignInNeeded {
            address: account.address.to_string(),
        };
        let profile = oauth_profile(account).ok_or_else(sign_in)?;
        let registration = self.registration(account, &profile).await?;
        let key = SecretKey::new(account.address.to_string(), SecretPurpose::OauthTokens);
        let kept = self.vault.get(&key).await?.ok_or_else(sign_in)?;
        Ok(TokenGrant {
            profile,
            registration,
            tokens: TokenSet::from_vault_json(&kept)?,
        })
    }

    async fn registration(
        &self,
        account: &AccountRow,
        profile: &OAuthProfile,
    ) -> Result<Registration, EngineError> {
        let Some(id) = account.registration_id else {
            let found = self
                .client_ids
                .find(&profile.key)
                .map(|(registration, _)| registration.clone());
            return found.ok_or_else(|| EngineError::OauthUnavailable {
                issuer: profile.key.clone(),
            });
        };
        let row = self.store.registrations().get(id).await?;
        let row = row.ok_or_else(|| EngineError::OauthUnavailable {
            issuer: profile.key.clone(),
        })?;
        let client_secret = registration_secret(&self.vault, id, &account.address).await?;
        Ok(Registration {
            client_id: row.client_id,
            client_secret,
            tenant: row.tenant,
            secret_ends_at: None,
        })
    }
}

#[async_trait]
impl TokenStore for Grants {
    async fn load(&self, key: &str) -> Result<TokenGrant, StoreFailure> {
        let load = async { self.grant(&self.account(key).await?).await };
        load.await
            .map_err(|error: EngineError| Arc::new(error) as StoreFailure)
    }

    async fn save(&self, key: &str, tokens: &TokenSet) -> Result<(), StoreFailure> {
        let save = async {
            let account = self.account(key).await?;
            let key = SecretKey::new(account.address.to_string(), SecretPurpose::OauthTokens);
            self.vault.put(&key, &tokens.to_vault_json()?).await?;
            note_grant_end(&self.store, &account.address, tokens, self.clock.now()).await
        };
        save.await
            .map_err(|error: EngineError| Arc::new(error) as StoreFailure)
    }

    async fn turn(&self, key: &str) -> Result<TokenTurn, StoreFailure> {
        let name = format!("secrets-{key}");
        let turn = self.turns.take(&self.home, &name).await;
        let turn: Turn = turn.map_err(|error| Arc::new(error) as StoreFailure)?;
        Ok(Box::new(turn))
    }
}

impl Engine {
    /// A signed-in IMAP session, as soon as the server's budget allows. An access token that was ended early is renewed once.
    pub(crate) async fn open_imap(
        &self,
        account: &AccountRow,
        purpose: Purpose,
    ) -> Result<Connection, EngineError> {
        let working = working(account)?;
        // Boxed: whatever opens a connection would be larger by it; so below.
        let result = Box::pin(self.open_imap_at(account, &working, purpose)).await;
        let failed = result.as_ref().err().map(Coded::code);
        Box::pin(self.note_opening(account, "imap", &working.imap, failed)).await;
        let opened = result?;
        Box::pin(self.note_certificate(account, ServerKind::Imap, &working.imap, opened.tls())).await?;
        Ok(opened)
    }

    async fn open_imap_at(
        &self,
        account: &AccountRow,
        working: &WorkingAccount,
        purpose: Purpose,
    ) -> Result<Connection, EngineError> {
        let credentials = self.credentials(account, working, &working.imap_username).await?;
        let dialer = self.dialer_for(account).await?;
        match Box::pin(self.sign_in_imap(&dialer, &working.imap, &credentials, purpose)).await {
            Err(error) if is_refusal(&error) => {
                let Some(renewed) = self.renewed(account, credentials).await? else {
                    return Err(error);
                };
                Box::pin(self.sign_in_imap(&dialer, &working.imap, &renewed, purpose)).await
            }
            result => result,
        }
    }

    /// Notes how a connection was opened.
    async fn note_opening(
        &self,
        account: &AccountRow,
        server: &'static str,
        endpoint: &Endpoint,
        failed: Option<ErrorCode>,
    ) {
        self.failing.note(&endpoint.host, failed);
        if failed.is_none() {
            let facts = [
                ("server", server.into()),
                ("host", endpoint.host.as_str().into()),
                ("port", endpoint.port.into()),
            ];
            self.note_journal(account.id, JournalKind::Connected, &facts, None)
                .await;
        }
    }

    /// A signed-in IMAP session, as soon as the server's budget allows. Where the server lets no more in, it waits for one of
    /// our own connections to end, if there are any.
    pub(crate) async fn sign_in_imap(
        &self,
        dialer: &Dialer,
        endpoint: &Endpoint,
        credentials: &Credentials,
        purpose: Purpose,
    ) -> Result<Connection, EngineError> {
        let edges = self.edges().await?;
        let options = imap::ImapOptions::default();
        let mut refusals = 0;
        loop {
            let slot = self.slot(&endpoint.host, purpose).await?;
            let began_at = edges.clock.now();
            // Boxed: whatever opens a connection would be larger by it.
            match Box::pin(imap::connect(dialer, endpoint, credentials, &options)).await {
                Ok(session) => {
                    slot.was_taken();
                    return Ok(Connection::new(session, began_at, edges.clock.now(), slot));
                }
                Err(error) if error.is_about_number() => {
                    refusals += 1;
                    let may_wait = slot.was_refused(edges.clock.now());
                    if !may_wait || refusals > FEWER || purpose == Purpose::Listening {
                        return Err(error.into());
                    }
                }
                Err(error) => return Err(error.into()),
            }
        }
    }

    /// A signed-in SMTP session. An access token that was ended early is renewed once.
    pub(crate) async fn open_smtp(&self, account: &AccountRow) -> Result<SmtpSession, EngineError> {
        let working = working(account)?;
        let Some(endpoint) = &working.smtp else {
            return Err(EngineError::SendingDisabled {
                address: account.address.to_string(),
            });
        };
        let credentials = self
            .credentials(account, &working, &working.smtp_username)
            .await?;
        let dialer = self.dialer_for(account).await?;
        let options = smtp::SmtpOptions::default();
        let result = match smtp::connect(&dialer, endpoint, Some(&credentials), &options).await {
            Err(error) if is_refusal(&error) => {
                let Some(renewed) = self.renewed(account, credentials).await? else {
                    return Err(error.into());
                };
                smtp::connect(&dialer, endpoint, Some(&renewed), &options).await
            }
            result => result,
        };
        let failed = result.as_ref().err().map(Coded::code);
        Box::pin(self.note_opening(account, "smtp", endpoint, failed)).await;
        let opened = result?;
        Box::pin(self.note_certificate(account, ServerKind::Smtp, endpoint, opened.tls())).await?;
        Ok(opened)
    }

    async fn credentials(
        &self,
        account: &AccountRow,
        working: &WorkingAccount,
        username: &str,
    ) -> Result<Credentials, EngineError> {
        if working.auth == AuthMethod::Oauth2 {
            let access_token = self.keeper().await?.access_token(&account.id.to_string()).await?;
            return Ok(Credentials::Bearer {
                username: username.to_owned(),
                access_token,
            });
        }
        let key = SecretKey::new(account.address.to_string(), SecretPurpose::Password);
        let password: Option<Secret<String>> = self.edges().await?.vault.get(&key).await?;
        let password = password.ok_or_else(|| EngineError::SignInNeeded {
            address: account.address.to_string(),
        })?;
        Ok(Credentials::Password {
            username: username.to_owned(),
            password,
        })
    }

    /// Credentials with another access token, when it was a token that was refused.
    async fn renewed(
        &self,
        account: &AccountRow,
        refused: Credentials,
    ) -> Result<Option<Credentials>, EngineError> {
        let Credentials::Bearer {
            username,
            access_token,
        } = refused
        else {
            return Ok(None);
        };
        let access_token = self
            .keeper()
            .await?
            .renew(&account.id.to_string(), &access_token)
            .await?;
        Ok(Some(Credentials::Bearer {
            username,
            access_token,
        }))
    }
}

/// True when the server did not take what it was shown.
fn is_refusal(error: &dyn Coded) -> bool {
    matches!(error.code(), ErrorCode::AuthFailed | ErrorCode::SignInAgain)
}

fn working(account: &AccountRow) -> Result<WorkingAccount, EngineError> {
    account.working.clone().ok_or_else(|| EngineError::SignInNeeded {
        address: account.address.to_string(),
    })
}
