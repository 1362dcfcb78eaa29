//! From what a person entered to an account that was proved to work.

use mailroom_connect::{Candidate, DetectOptions, Detection, Quirk};
use mailroom_model::{
    AccountState, AuthMethod, Coded, Credentials, EmailAddress, Endpoint, EnteredAccount, EnteredAuth,
    ErrorCode, RegistrationId, Secret, UsernameForm, WorkingAccount,
};
use mailroom_protocol::imap::{self, ImapSession};
use mailroom_protocol::smtp;
use mailroom_store::{AccountRow, NewAccount, NewRegistration, StoreError};
use mailroom_vault::{SecretKey, SecretPurpose};
use tokio_util::sync::CancellationToken;

use crate::credentials::AccountOptions;
use crate::event::Event;
use crate::signin::{Granted, OauthChoice};
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
    fn credentials(&self, username: &str) -> Credentials {
        let username = username.to_owned();
        match self {
            Self::Password { password, .. } => Credentials::Password {
                username,
                password: password.clone(),
            },
            Self::Granted(granted) => Credentials::Bearer {
                username,
                access_token: granted.tokens.access_token.clone(),
            },
        }
    }

    fn method(&self) -> AuthMethod {
        match self {
            Self::Password { method, .. } => *method,
            Self::Granted(_) => AuthMethod::Oauth2,
        }
    }
}

impl Engine {
    /// Finds out how a mailbox may be reached. `offline` asks nobody.
    pub async fn detect(&self, address: &EmailAddress, offline: bool) -> Result<Detection, EngineError> {
        let options = DetectOptions {
            offline,
            policy: self
                .policy()
                .await?
                .provider_for_domain(address.domain())
                .map(str::to_owned),
            learned: self.learned(address).await?,
            clients: self.client_ids().await?,
        };
        Ok(self.detector().await?.detect(address, &options).await?)
    }

    /// The provider that was chosen for the domain before. Detection needs no database: one that cannot be opened has
    /// nothing to say here, and says it where it is needed.
    async fn learned(&self, address: &EmailAddress) -> Result<Option<String>, EngineError> {
        if !self.has_database() {
            return Ok(None);
        }
        let learned = self
            .store()
            .await?
            .learned_domains()
            .get(address.domain())
            .await?;
        Ok(learned.and_then(|learned| learned.provider))
    }

    /// Adds an account: finds the servers, signs in, proves both of them, and only then keeps anything.
    pub async fn add_account(
        &self,
        entered: &EnteredAccount,
        cancel: &CancellationToken,
    ) -> Result<AccountSummary, EngineError> {
        let address = &entered.address;
        let store = self.store().await?;
        if store.accounts().by_address(address).await?.is_some() {
            return Err(StoreError::AccountExists {
                address: address.to_string(),
            }
            .into());
        }
        // A vault that cannot keep the secret is better found before the person signs in.
        self.edges().await?.vault.health().await?;
        let candidate = self.candidate(entered).await?;
        let approved = candidate.confirmed || entered.servers_approved;
        if !approved && matches!(entered.auth, EnteredAuth::Password(_)) {
            let servers = candidate.servers.imap.iter().chain(&candidate.servers.smtp);
            let servers = servers.map(ToString::to_string).collect::<Vec<_>>().join(" ");
            return Err(EngineError::ServersUnconfirmed { servers });
        }
        let access = self.access(address, &entered.auth, &candidate, cancel).await?;
        let (working, session) = self.prove(entered, &candidate, &access, cancel).await?;
        let row = self.keep(entered, &working, &access).await?;
        let mut session = session;
        self.refresh_folders(&row, &mut session).await?;
        session.logout().await;
        self.tell(Event::AccountChanged {
            address: address.to_string(),
        });
        self.account_summary(address).await
    }

    /// Signs in again to a known account. The old secrets stay until the new ones are proved; mail and settings stay.
    pub async fn sign_in_again(
        &self,
        address: &EmailAddress,
        auth: &EnteredAuth,
        cancel: &CancellationToken,
    ) -> Result<AccountSummary, EngineError> {
        let account = self.account(address).await?;
        let known = account.working.clone();
        let entered = EnteredAccount {
            address: address.clone(),
            imap: known.as_ref().map(|working| working.imap.clone()),
            smtp: known.as_ref().and_then(|working| working.smtp.clone()),
            servers_approved: true,
            username: known.as_ref().map(|working| working.imap_username.clone()),
            auth: auth.clone(),
            period: account.period,
            folders: account.folders.clone(),
        };
        let mut candidate = self.candidate(&entered).await?;
        if candidate.provider.is_none() {
            candidate.quirks = self.quirks(&account).await?;
        }
        let access = self.access_again(&account, auth, &candidate, cancel).await?;
        let (working, session) = self.prove(&entered, &candidate, &access, cancel).await?;
        session.logout().await;
        let working = WorkingAccount {
            provider: account.provider.clone(),
            ..working
        };
        let registration = self.keep_secrets(address, &access).await?;
        let store = self.store().await?;
        store.accounts().set_servers(account.id, &working).await?;
        if let Access::Granted(granted) = &access {
            let (issuer, tenant) = (&granted.profile.key, granted.registration.tenant.as_deref());
            store
                .accounts()
                .set_oauth(account.id, registration, Some(issuer), tenant)
                .await?;
            let options = AccountOptions {
                oauth: Some(granted.profile.clone()),
            };
            store
                .accounts()
                .set_options(account.id, &to_json(&options)?)
                .await?;
        }
        store
            .accounts()
            .set_state(account.id, AccountState::Working, None)
            .await?;
        self.tell(Event::AccountChanged {
            address: address.to_string(),
        });
        self.account_summary(address).await
    }

    /// The servers to try: those entered by hand, else the best that detection found.
    async fn candidate(&self, entered: &EnteredAccount) -> Result<Candidate, EngineError> {
        if let Some(imap) = &entered.imap {
            return Ok(Candidate::manual(
                vec![imap.clone()],
                entered.smtp.iter().cloned().collect(),
            ));
        }
        let detection = self.detect(&entered.address, false).await?;
        let unknown = || EngineError::ServersUnknown {
            domain: entered.address.domain().to_owned(),
        };
        let mut candidate = detection.candidates.into_iter().next().ok_or_else(unknown)?;
        if let Some(smtp) = &entered.smtp {
            candidate.servers.smtp = vec![smtp.clone()];
        }
        if candidate.servers.imap.is_empty() {
            return Err(unknown());
        }
        Ok(candidate)
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
                let offered = candidate.auth.iter().find_map(|offer| offer.issuer.clone());
                let issuer = issuer.clone().or(offered);
                let issuer = issuer.ok_or_else(|| EngineError::OauthUnavailable {
                    issuer: address.domain().to_owned(),
                })?;
                let choice = OauthChoice {
                    issuer,
                    client_id: client_id.clone(),
                    client_secret: client_secret.clone(),
                    tenant: tenant.clone(),
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
        let registration = match account.registration_id {
            Some(id) if client_id.is_none() => self.store().await?.registrations().get(id).await?,
            _ => None,
        };
        let key = SecretKey::new(account.address.to_string(), SecretPurpose::RegistrationSecret);
        let kept_secret = match &registration {
            Some(row) if row.has_secret => self.edges().await?.vault.get(&key).await?,
            _ => None,
        };
        let completed = EnteredAuth::Oauth {
            issuer: issuer.clone().or_else(|| account.issuer.clone()),
            client_id: client_id
                .clone()
                .or_else(|| registration.map(|row| row.client_id)),
            client_secret: client_secret.clone().or(kept_secret),
            tenant: tenant.clone().or_else(|| account.tenant.clone()),
        };
        self.access(&account.address, &completed, candidate, cancel).await
    }

    /// Signs in to both servers. What comes back is what worked.
    async fn prove(
        &self,
        entered: &EnteredAccount,
        candidate: &Candidate,
        access: &Access,
        cancel: &CancellationToken,
    ) -> Result<(WorkingAccount, ImapSession), EngineError> {
        let address = &entered.address;
        let servers = &candidate.servers;
        let forms =
            |first: UsernameForm| usernames(entered.username.as_deref(), address, first, &candidate.quirks);
        let (imap, imap_username, session) = self
            .prove_imap(&servers.imap, &forms(servers.imap_username), access, cancel)
            .await?;
        // A form that IMAP accepted is the best guess for SMTP where both start alike.
        let mut smtp_forms = forms(servers.smtp_username);
        if servers.smtp_username == servers.imap_username {
            smtp_forms.retain(|name| *name != imap_username);
            smtp_forms.insert(0, imap_username.clone());
        }
        let sending = if servers.smtp.is_empty() {
            None
        } else {
            Some(
                self.prove_smtp(&servers.smtp, &smtp_forms, access, cancel)
                    .await?,
            )
        };
        let working = WorkingAccount {
            address: address.clone(),
            provider: candidate.provider.as_ref().map(|provider| provider.id.clone()),
            imap,
            smtp_username: sending
                .as_ref()
                .map_or_else(|| imap_username.clone(), |(_, name)| name.clone()),
            imap_username,
            smtp: sending.map(|(endpoint, _)| endpoint),
            auth: access.method(),
        };
        Ok((working, session))
    }

    async fn prove_imap(
        &self,
        endpoints: &[Endpoint],
        usernames: &[String],
        access: &Access,
        cancel: &CancellationToken,
    ) -> Result<(Endpoint, String, ImapSession), EngineError> {
        let dialer = &self.edges().await?.dialer;
        let mut last = EngineError::Input {
            field: "imap",
            reason: "no server",
        };
        for endpoint in endpoints {
            for username in usernames {
                let credentials = access.credentials(username);
                let options = imap::ImapOptions::default();
                let connecting = imap::connect(dialer, endpoint, &credentials, &options);
                let error: EngineError = tokio::select! {
                    () = cancel.cancelled() => return Err(EngineError::Cancelled),
                    result = connecting => match result {
                        Ok(session) => return Ok((endpoint.clone(), username.clone(), session)),
                        Err(error) => error.into(),
                    },
                };
                let refused = error.code() == ErrorCode::AuthFailed;
                last = error;
                if !refused {
                    break;
                }
            }
            if last.needs_sign_in() {
                // Trying further servers with a password that was refused is how accounts get locked.
                return Err(last);
            }
        }
        Err(last)
    }

    async fn prove_smtp(
        &self,
        endpoints: &[Endpoint],
        usernames: &[String],
        access: &Access,
        cancel: &CancellationToken,
    ) -> Result<(Endpoint, String), EngineError> {
        let dialer = &self.edges().await?.dialer;
        let mut last = EngineError::Input {
            field: "smtp",
            reason: "no server",
        };
        for endpoint in endpoints {
            for username in usernames {
                let credentials = access.credentials(username);
                let options = smtp::SmtpOptions::default();
                let connecting = smtp::connect(dialer, endpoint, Some(&credentials), &options);
                let error: EngineError = tokio::select! {
                    () = cancel.cancelled() => return Err(EngineError::Cancelled),
                    result = connecting => match result {
                        Ok(session) => {
                            session.quit().await;
                            return Ok((endpoint.clone(), username.clone()));
                        }
                        Err(error) => error.into(),
                    },
                };
                let refused = error.code() == ErrorCode::AuthFailed;
                last = error;
                if !refused {
                    break;
                }
            }
            if last.needs_sign_in() {
                return Err(last);
            }
        }
        Err(last)
    }

    /// Keeps a proved account: its secrets first, so that an account without secrets cannot be.
    async fn keep(
        &self,
        entered: &EnteredAccount,
        working: &WorkingAccount,
        access: &Access,
    ) -> Result<AccountRow, EngineError> {
        let registration_id = self.keep_secrets(&entered.address, access).await?;
        let now = self.now().await?;
        let store = self.store().await?;
        let granted = match access {
            Access::Granted(granted) => Some(granted),
            Access::Password { .. } => None,
        };
        let options = AccountOptions {
            oauth: granted.map(|granted| granted.profile.clone()),
        };
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
                options: to_json(&options)?,
                created_at: now,
            })
            .await?;
        store
            .identities()
            .upsert_default(inserted, &entered.address, &name)
            .await?;
        self.account(&entered.address).await
    }

    async fn keep_secrets(
        &self,
        address: &EmailAddress,
        access: &Access,
    ) -> Result<Option<RegistrationId>, EngineError> {
        let vault = &self.edges().await?.vault;
        let key = |purpose| SecretKey::new(address.to_string(), purpose);
        let granted = match access {
            Access::Password { password, .. } => {
                vault.put(&key(SecretPurpose::Password), password).await?;
                return Ok(None);
            }
            Access::Granted(granted) => granted,
        };
        vault
            .put(&key(SecretPurpose::OauthTokens), &granted.tokens.to_vault_json()?)
            .await?;
        if !granted.own_registration {
            return Ok(None);
        }
        if let Some(secret) = &granted.registration.client_secret {
            vault.put(&key(SecretPurpose::RegistrationSecret), secret).await?;
        }
        let registrations = self.store().await?.registrations();
        let known = registrations.list().await?.into_iter().find(|row| {
            row.issuer == granted.profile.key
                && row.client_id == granted.registration.client_id
                && row.tenant == granted.registration.tenant
        });
        if let Some(row) = known {
            return Ok(Some(row.id));
        }
        let id = registrations
            .insert(&NewRegistration {
                label: granted.profile.key.clone(),
                issuer: granted.profile.key.clone(),
                client_id: granted.registration.client_id.clone(),
                tenant: granted.registration.tenant.clone(),
                redirect_uri: None,
                has_secret: granted.registration.client_secret.is_some(),
                created_at: self.now().await?,
            })
            .await?;
        Ok(Some(id))
    }
}

/// User names to try, in order: the one entered, else the provider's form, and the other form once where providers are
/// known to want it.
fn usernames(
    entered: Option<&str>,
    address: &EmailAddress,
    first: UsernameForm,
    quirks: &[Quirk],
) -> Vec<String> {
    if let Some(name) = entered {
        return vec![name.to_owned()];
    }
    let mut names = vec![first.apply(address)];
    if quirks.contains(&Quirk::TryOtherUsernameForm) {
        names.push(first.other().apply(address));
    }
    names
}

fn to_json(options: &AccountOptions) -> Result<serde_json::Value, EngineError> {
    serde_json::to_value(options).map_err(|_| EngineError::Worker)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_form_of_the_user_name_is_tried_only_where_it_is_known_to_help() {
        let address: EmailAddress = "ewa.lis@wp.pl".parse().unwrap();
        let quirk = [Quirk::TryOtherUsernameForm];
        assert_eq!(
            usernames(None, &address, UsernameForm::Local, &quirk),
            ["ewa.lis", "ewa.lis@wp.pl"]
        );
        assert_eq!(
            usernames(None, &address, UsernameForm::Address, &[]),
            ["ewa.lis@wp.pl"]
        );
        assert_eq!(
            usernames(Some("DOM\\ewa"), &address, UsernameForm::Address, &quirk),
            ["DOM\\ewa"]
        );
    }
}
