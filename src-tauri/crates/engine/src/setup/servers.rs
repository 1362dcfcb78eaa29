//! Other servers for an account that works: proved with what it signs in with, then kept.

use mailroom_connect::{Candidate, SiteServers, is_same_site};
use mailroom_model::{AccountState, AuthMethod, EmailAddress, Endpoint, TrustedCertificate, WorkingAccount};
use mailroom_protocol::Dialer;
use mailroom_store::{AccountRow, JournalKind};
use mailroom_vault::{SecretKey, SecretPurpose};
use tokio_util::sync::CancellationToken;

use super::Shown;
use super::prove::KnownNames;
use crate::certificates::{exceptions, note_shown};
use crate::{AccountSummary, Engine, EngineError};

/// Other servers, as entered.
#[derive(Clone, Debug)]
pub struct ServersChange {
    /// Where mail is read.
    pub imap: Endpoint,
    /// Where mail is sent; `None` for receiving only.
    pub smtp: Option<Endpoint>,
    /// The user name for both; `None` for those that are known to work.
    pub username: Option<String>,
    /// Certificates that the person trusts although nobody vouches for them, beside those that are trusted already.
    pub trusted_certificates: Vec<TrustedCertificate>,
}

impl Engine {
    /// Moves an account to other servers. Nothing is changed before both have taken the kept password or token, and
    /// nothing that is here goes: mail, waiting changes and the outbox stay. A token is shown to servers of its own
    /// provider only: [`EngineError::TokenForeignServer`].
    pub async fn change_servers(
        &self,
        address: &EmailAddress,
        change: &ServersChange,
        cancel: &CancellationToken,
    ) -> Result<AccountSummary, EngineError> {
        let account = self.account(address).await?;
        let sign_in = || EngineError::SignInNeeded {
            address: address.to_string(),
        };
        let known = account.working.clone().ok_or_else(sign_in)?;
        let trusted = self.hosts_of(&account, &known).await?;
        let hosts = || {
            std::iter::once(&change.imap)
                .chain(&change.smtp)
                .map(|server| &server.host)
        };
        let foreign = hosts().find(|host| !trusted.iter().any(|own| is_same_site(own, host)));
        if let (AuthMethod::Oauth2, Some(host)) = (known.auth, foreign) {
            return Err(EngineError::TokenForeignServer {
                address: address.to_string(),
                host: host.clone(),
            });
        }
        let secret = match known.auth {
            AuthMethod::Oauth2 => self.keeper().await?.access_token(&account.id.to_string()).await?,
            AuthMethod::Password | AuthMethod::AppPassword => {
                let key = SecretKey::new(address.to_string(), SecretPurpose::Password);
                self.edges().await?.vault.get(&key).await?.ok_or_else(sign_in)?
            }
        };
        let shown = Shown {
            method: known.auth,
            secret,
        };
        let mut candidate =
            Candidate::manual(vec![change.imap.clone()], change.smtp.iter().cloned().collect());
        candidate.quirks = self.quirks(&account).await?;
        let names = match &change.username {
            Some(name) => KnownNames::entered(Some(name)),
            None => KnownNames {
                imap: Some(&known.imap_username),
                smtp: Some(&known.smtp_username),
                ..KnownNames::default()
            },
        };
        let dialer = self.dialer_for_change(&account, &known, change).await?;
        let proved = self
            .prove(address, names, &candidate, &dialer, &shown, cancel)
            .await?;
        proved.session.logout().await;
        let working = WorkingAccount {
            // Elsewhere, nothing is known about whose servers they are.
            provider: known.provider.filter(|_| foreign.is_none()),
            ..proved.working
        };
        let accounts = self.store().await?.accounts();
        accounts.set_servers(account.id, &working).await?;
        self.note_size_limit(&account, proved.size_limit).await?;
        let now = self.now().await?;
        self.change_options(account.id, |options| {
            note_shown(options, &proved.certificates, &working, now);
            Ok(())
        })
        .await?;
        accounts
            .set_state(account.id, AccountState::Working, None)
            .await?;
        self.store().await?.traffic().forgive(account.id).await?;
        let facts = [
            ("host", working.imap.host.as_str().into()),
            ("port", working.imap.port.into()),
        ];
        self.note_journal(account.id, JournalKind::ServersChanged, &facts, None)
            .await;
        self.tell_changed(address);
        self.account_summary(address).await
    }

    /// Opens connections with the exceptions that there are, and with those that are wanted now.
    async fn dialer_for_change(
        &self,
        account: &AccountRow,
        known: &WorkingAccount,
        change: &ServersChange,
    ) -> Result<Dialer, EngineError> {
        if change.trusted_certificates.is_empty() {
            return self.dialer_for(account).await;
        }
        let mut wanted = change.trusted_certificates.clone();
        // The newer one for a server comes first, and counts.
        wanted.extend(exceptions(account).into_iter().map(|made| made.certificate));
        self.dialer_trusting(&wanted, known.auth != AuthMethod::Oauth2)
            .await
    }

    /// The hosts that what the account signs in with was given for: those that it has, and its provider's.
    async fn hosts_of(
        &self,
        account: &AccountRow,
        known: &WorkingAccount,
    ) -> Result<Vec<String>, EngineError> {
        let mut hosts = vec![known.imap.host.clone()];
        hosts.extend(known.smtp.iter().map(|server| server.host.clone()));
        let table = self.table().await?;
        if let Some(provider) = account.provider.as_deref().and_then(|id| table.by_id(id)) {
            for site in &provider.sites {
                if let SiteServers::Known { imap, smtp } = &site.servers {
                    hosts.extend(imap.iter().chain(smtp).map(|server| server.host.clone()));
                }
            }
        }
        Ok(hosts)
    }
}
