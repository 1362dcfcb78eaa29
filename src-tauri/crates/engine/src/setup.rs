//! From what a person entered to an account that was proved to work.

mod access;
mod detect;
mod keep;
mod prove;
mod reconnect;
mod servers;

use mailroom_connect::Source;
use mailroom_model::{Coded, EmailAddress, EnteredAccount, EnteredAuth, WorkingAccount};
use mailroom_store::{AccountRow, JournalKind, OutboxState};
use tokio_util::sync::CancellationToken;

use self::access::{Access, Shown, offer, offers_again};
pub use self::detect::Asking;
pub(crate) use self::detect::Remembered;
use self::detect::check_approval;
use self::prove::KnownNames;
pub use self::servers::ServersChange;
use crate::approval::{entered_before, is_here, note_signed_in, only_waits};
use crate::certificates::{exceptions, note_shown};
use crate::credentials::secrets_turn_name;
use crate::error::wants_sign_in;
use crate::event::Event;
use crate::work::until;
use crate::{AccountSummary, Engine, EngineError};

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
        let known = store.accounts().by_address(address).await?;
        if known.is_some_and(|known| !only_waits(&known)) {
            return Err(is_here(address));
        }
        // A vault that cannot keep the secret is better found before the person signs in.
        let candidate = until(cancel, async {
            self.edges().await?.vault.health().await?;
            self.candidate(entered).await
        })
        .await?;
        check_approval(&candidate, entered)?;
        let has_password = matches!(entered.auth, EnteredAuth::Password(_));
        let dialer = self
            .dialer_trusting(&entered.trusted_certificates, has_password)
            .await?;
        let access = match self.access(address, &entered.auth, &candidate, cancel).await {
            Err(EngineError::ApprovalNeeded { ask, source }) => {
                self.keep_waiting(entered, &ask).await?;
                return Err(EngineError::ApprovalNeeded { ask, source });
            }
            access => access?,
        };
        let names = match entered.username.as_deref() {
            Some(name) => KnownNames::entered(Some(name)),
            None => KnownNames {
                imap: candidate.imap_login.as_deref(),
                smtp: candidate.smtp_login.as_deref(),
                ..KnownNames::default()
            },
        };
        let names = access.names(address, names);
        let proved = self
            .prove(address, names, &candidate, &dialer, &access.shown(), cancel)
            .await
            .map_err(|error| access.mismatch(address, error))?;
        let mut session = proved.session;
        let row = self
            .keep(entered, &proved.working, &proved.certificates, &access)
            .await?;
        if candidate.source == Source::Manual {
            // The account is kept; that the next one of the domain has to be typed again is no harm.
            if let Err(error) = self.learn_servers(&proved.working).await {
                tracing::warn!(code = %error.code(), "the servers of a domain could not be learned");
            }
        }
        self.note_size_limit(&row, proved.size_limit).await?;
        self.note_sign_ins(&row, &candidate.auth).await?;
        self.note_journal(row.id, JournalKind::Added, &[], None).await;
        self.tell_changed(address);
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
        let account = self.account(address).await?;
        let signed_in = self.sign_in_anew(&account, auth, work.cancel()).await;
        if let Err(error) = &signed_in {
            self.note_sign_in_failed(&account, error).await;
        }
        signed_in
    }

    async fn sign_in_anew(
        &self,
        account: &AccountRow,
        auth: &EnteredAuth,
        cancel: &CancellationToken,
    ) -> Result<AccountSummary, EngineError> {
        let address = &account.address;
        until(cancel, async { Ok(self.edges().await?.vault.health().await?) }).await?;
        let known = account.working.clone();
        let before = entered_before(account);
        let entered = EnteredAccount {
            address: address.clone(),
            imap: known
                .as_ref()
                .map_or(before.imap, |working| Some(working.imap.clone())),
            smtp: known.as_ref().map_or(before.smtp, |working| working.smtp.clone()),
            approved_servers: before.approved_servers,
            trusted_certificates: Vec::new(),
            username: before.username,
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
        } else {
            candidate.auth.extend(offers_again(account));
        }
        check_approval(&candidate, &entered)?;
        let access = self.access_again(account, auth, &candidate, cancel).await?;
        let names = match &known {
            Some(working) => KnownNames {
                imap: Some(&working.imap_username),
                smtp: Some(&working.smtp_username),
                ..KnownNames::default()
            },
            None => KnownNames::entered(entered.username.as_deref()),
        };
        let names = access.names(address, names);
        let has_password = matches!(access, Access::Password { .. });
        let dialer = self.dialer_with(has_password, exceptions(account)).await?;
        let proved = self
            .prove(address, names, &candidate, &dialer, &access.shown(), cancel)
            .await
            .map_err(|error| access.mismatch(address, error))?;
        let mut session = proved.session;
        let is_same = until(cancel, self.check_same_mailbox(account, &mut session)).await;
        session.logout().await;
        is_same?;
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
        let former = self.former_secrets(address).await?;
        // The new way in is kept as a whole, or the old one stays.
        let kept = async {
            let registration = self.keep_secrets(address, &access).await?;
            store.accounts().set_servers(account.id, &working).await?;
            self.note_size_limit(account, proved.size_limit).await?;
            let now = self.now().await?;
            self.change_options(account.id, |options| {
                note_shown(options, &proved.certificates, &working, now);
                note_signed_in(options, access.granted())
            })
            .await?;
            if let Access::Granted(granted) = &access {
                let (issuer, tenant) = (&granted.profile.key, granted.registration.tenant.as_deref());
                store
                    .accounts()
                    .set_oauth(account.id, registration, Some(issuer), tenant)
                    .await?;
            }
            Ok::<_, EngineError>(store.accounts().mark_signed_in(account.id, now).await?)
        };
        if let Err(error) = kept.await {
            self.put_back(former).await;
            return Err(error);
        }
        store.traffic().forgive(account.id).await?;
        self.note_journal(account.id, JournalKind::SignedIn, &[], None)
            .await;
        self.release_held_messages(account).await?;
        self.tell_changed(address);
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
}
