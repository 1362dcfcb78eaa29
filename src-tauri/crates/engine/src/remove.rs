//! Taking an account off this machine: written down first, done step by step, and looked at in the end.
//!
//! What is to be done stands in the database before anything goes. So a program that ends in the middle, however it ends,
//! leaves a note, and the next start goes on where it was: each step finds nothing to do when it was done before.

mod receipt;
mod secrets;

use mailroom_connect::{OAuthProfile, Registration, Revocation, TokenSet, has_ended, revoke};
use mailroom_model::{AccountId, AccountState, AuthMethod, EmailAddress, RegistrationId, UnixMillis};
use mailroom_store::{AccountRow, JournalKind, OutboxRow, Possessions, StoreError, Trace};
use mailroom_vault::{SecretKey, SecretPurpose};
use serde::{Deserialize, Serialize};

pub use self::receipt::{Belonging, Receipt, ReceiptLine, Whereabouts};
pub(crate) use self::secrets::secret_keys;

use self::receipt::stored_lines;
use crate::approval::note_signed_out;
use crate::credentials::secrets_turn_name;
use crate::event::Fault;
use crate::expiry::forget_grant_end;
use crate::operations::turn_name;
use crate::preferences::oauth_profile;
use crate::registrations::{registration_secret, secret_key};
use crate::waiting::{Naming, WaitingOperation};
use crate::{Engine, EngineError};

/// Removals that have begun and not ended.
const REMOVALS: &str = "removals";
/// Receipts that nobody has seen yet.
const RECEIPTS: &str = "removal_receipts";
/// So many receipts wait at most.
const MOST_RECEIPTS: usize = 20;

/// What goes with an account. The sign-in goes in any case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RemovalChoice {
    /// The messages on this computer, and with them the account. Otherwise both stay, without a sign-in.
    pub messages: bool,
    /// Addresses that are completed. Otherwise another account has them from now on.
    pub completions: bool,
    /// Entries of an older version of the program in the keychain, which another folder of the program may share.
    pub older_secrets: bool,
}

impl Default for RemovalChoice {
    fn default() -> Self {
        Self {
            messages: true,
            completions: true,
            older_secrets: false,
        }
    }
}

/// What a removal would take.
#[derive(Clone, Debug)]
pub struct RemovalPreview {
    /// The account's address.
    pub address: String,
    /// How it signs in.
    pub auth: Option<AuthMethod>,
    /// Messages here.
    pub messages: u64,
    /// Their bytes here.
    pub bytes: u64,
    /// Changes that would not reach the server, with their folder's path.
    pub operations: Vec<WaitingOperation>,
    /// Messages that would not be sent.
    pub outbox: Vec<OutboxRow>,
    /// Drafts that are here; those that are on the server as well stay there.
    pub drafts: u64,
    /// Addresses that are completed.
    pub completions: u64,
    /// There is another account that they could go to.
    pub has_other: bool,
    /// The provider ends the grant when the program asks for it.
    pub ends_grant: bool,
    /// The page on which the person can end it.
    pub grants_page: Option<String>,
    /// There are entries of an older version of the program in the keychain.
    pub older_secrets: bool,
    /// The server on which everything stays.
    pub server: Option<String>,
}

/// How many there were before anything went.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Had {
    messages: u64,
    operations: u64,
    outbox: u64,
    drafts: u64,
    people: u64,
}

impl From<Possessions> for Had {
    fn from(had: Possessions) -> Self {
        Self {
            messages: had.messages,
            operations: had.operations,
            outbox: had.outbox,
            drafts: had.drafts,
            people: had.people,
        }
    }
}

/// A removal that has begun: everything that is needed to end it, also when the account's rows are gone.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Removal {
    address: EmailAddress,
    account: AccountId,
    choice: RemovalChoice,
    had: Had,
    bytes: u64,
    trace: Trace,
    server: Option<String>,
    /// How the sign-in service wants to be spoken to, for an account that has a grant.
    profile: Option<OAuthProfile>,
    registration: Option<RegistrationId>,
    /// What became of the grant, once that is known: the tokens that could tell are gone later.
    grant: Option<ReceiptLine>,
}

impl Engine {
    /// What removing an account would take. Nothing is changed, and nobody is asked.
    pub async fn removal_preview(&self, address: &EmailAddress) -> Result<RemovalPreview, EngineError> {
        let account = self.account(address).await?;
        let store = self.store().await?;
        let had = store.possessions(account.id, &Trace::default()).await?;
        let size = store.account_size(account.id).await?;
        let profile = grant_profile(&account);
        Ok(RemovalPreview {
            address: address.to_string(),
            auth: account.working.as_ref().map(|working| working.auth),
            messages: size.messages,
            bytes: size.kept_bytes,
            operations: self.waiting_operations(Some(address), Naming::Subjects).await?,
            outbox: self.waiting_outbox(Some(address)).await?,
            drafts: had.drafts,
            completions: had.people,
            has_other: self.accounts(None).await?.len() > 1,
            ends_grant: profile
                .as_ref()
                .is_some_and(|profile| profile.endpoints.revoke.is_some()),
            grants_page: profile.and_then(|profile| profile.grants_page),
            older_secrets: self.has_older_secrets(address).await,
            server: server_of(&account),
        })
    }

    /// Removes an account, or only its sign-in: ends the grant at the provider, takes the secrets out of the vault, mail,
    /// index, waiting changes and everything else out of the database and the backups, and looks for each of them afterwards.
    /// On the server no message changes. What cannot be ended does not keep the account here; the receipt says so.
    pub async fn remove_account(
        &self,
        address: &EmailAddress,
        choice: RemovalChoice,
    ) -> Result<Receipt, EngineError> {
        let id = self.account(address).await?.id;
        let _turn = self.take_turn(&turn_name(id)).await?;
        // A message on its way is not cut off.
        let _sending = self.take_turn(&crate::outbox::turn_name(id)).await?;
        let _accounts = self.take_turn("accounts").await?;
        // The account may have signed in another way while this waited.
        let account = self.account(address).await?;
        let removal = self.begin_removal(&account, choice).await?;
        self.carry_removal(removal, false).await
    }

    /// Ends the removals that an earlier program began.
    pub(crate) async fn resume_removals(&self) -> Result<(), EngineError> {
        let store = self.store().await?;
        let begun: Vec<Removal> = store.settings().get(REMOVALS).await?.unwrap_or_default();
        for removal in begun {
            let id = removal.account;
            let _turn = self.take_turn(&turn_name(id)).await?;
            let _sending = self.take_turn(&crate::outbox::turn_name(id)).await?;
            let _accounts = self.take_turn("accounts").await?;
            // Whoever had the turn may have ended it.
            let begun: Vec<Removal> = store.settings().get(REMOVALS).await?.unwrap_or_default();
            if let Some(removal) = begun.into_iter().find(|removal| removal.account == id) {
                Box::pin(self.carry_removal(removal, true)).await?;
            }
        }
        Ok(())
    }

    /// Receipts that nobody has seen yet, oldest first.
    pub async fn removal_receipts(&self) -> Result<Vec<Receipt>, EngineError> {
        Ok(self
            .store()
            .await?
            .settings()
            .get(RECEIPTS)
            .await?
            .unwrap_or_default())
    }

    /// The receipts of an address were seen.
    pub async fn note_receipts_seen(&self, address: &str) -> Result<(), EngineError> {
        let _turn = self.take_turn(RECEIPTS).await?;
        let settings = self.store().await?.settings();
        let mut receipts: Vec<Receipt> = settings.get(RECEIPTS).await?.unwrap_or_default();
        receipts.retain(|receipt| receipt.address != address);
        Ok(settings.set(RECEIPTS, &receipts, self.now().await?).await?)
    }

    /// Counts what there is and writes down what is to be done.
    async fn begin_removal(
        &self,
        account: &AccountRow,
        choice: RemovalChoice,
    ) -> Result<Removal, EngineError> {
        let store = self.store().await?;
        let trace = store.trace(account.id).await?;
        let size = store.account_size(account.id).await?;
        let had = store.possessions(account.id, &trace).await?;
        let has_other = self.accounts(None).await?.len() > 1;
        let removal = Removal {
            address: account.address.clone(),
            account: account.id,
            choice: RemovalChoice {
                // Nobody is left to complete them for.
                completions: choice.completions || !has_other,
                ..choice
            },
            had: had.into(),
            bytes: size.kept_bytes,
            trace,
            server: server_of(account),
            profile: grant_profile(account),
            registration: account.registration_id,
            grant: None,
        };
        self.write_down(&removal).await?;
        Ok(removal)
    }

    async fn write_down(&self, removal: &Removal) -> Result<(), EngineError> {
        let settings = self.store().await?.settings();
        let mut begun: Vec<Removal> = settings.get(REMOVALS).await?.unwrap_or_default();
        begun.retain(|other| other.account != removal.account);
        begun.push(removal.clone());
        Ok(settings.set(REMOVALS, &begun, self.now().await?).await?)
    }

    /// Does what is written down, whatever of it was done before. The caller has the turns.
    async fn carry_removal(&self, mut removal: Removal, was_resumed: bool) -> Result<Receipt, EngineError> {
        let store = self.store().await?;
        let address = removal.address.clone();
        if removal.choice.messages {
            self.remove_rows(&removal).await?;
        }
        self.tell_changed(&address);
        // No renewal may write tokens back behind the removal.
        let secrets_turn = self.take_turn(&secrets_turn_name(removal.account)).await?;
        // After an interruption the address may have been added anew: its secrets are not the removed account's.
        let now_here = store.accounts().by_address(&address).await?;
        let is_taken = now_here.is_some_and(|account| account.id != removal.account);
        let mut lines = Vec::new();
        if !is_taken {
            if removal.profile.is_some() && removal.grant.is_none() {
                removal.grant = Some(self.end_grant(&removal).await);
                self.write_down(&removal).await?;
            }
            lines.extend(removal.grant.clone());
            lines.extend(self.remove_secrets(&removal).await?);
            forget_grant_end(store, &address).await?;
        }
        if removal.choice.messages {
            lines.extend(self.remove_client(&removal).await?);
            let found = store.possessions(removal.account, &removal.trace).await?;
            lines.extend(stored_lines(&removal, &found));
            lines.extend(self.remove_from_backups().await);
        } else {
            self.sign_out(&removal).await?;
            let stays = ReceiptLine {
                bytes: removal.bytes,
                ..ReceiptLine::new(Belonging::Messages, Whereabouts::Stays, removal.had.messages)
            };
            lines.push(stays);
        }
        drop(secrets_turn);
        let receipt = Receipt {
            address: address.to_string(),
            at: self.now().await?,
            was_resumed,
            keeps_mail: !removal.choice.messages,
            server: removal.server.clone(),
            lines,
        };
        self.end_removal(&removal, &receipt).await?;
        self.tell_changed(&address);
        Ok(receipt)
    }

    /// The account's rows go, with everything that hangs on them.
    async fn remove_rows(&self, removal: &Removal) -> Result<(), EngineError> {
        let store = self.store().await?;
        if !removal.choice.completions {
            let others = self.accounts(None).await?;
            let default = self.default_sender().await?;
            let other = others
                .iter()
                .map(|account| account.id)
                .filter(|id| *id != removal.account)
                .min_by_key(|id| Some(*id) != default);
            if let Some(other) = other {
                store.hand_people_over(removal.account, other).await?;
            }
        }
        match store.accounts().delete(removal.account).await {
            // It went before an interruption, or is going.
            Err(StoreError::AccountMissing(_)) => drop(store.accounts().finish_removals().await?),
            done => drop(done?),
        }
        Ok(())
    }

    /// Ends the grant, and looks whether it has ended.
    async fn end_grant(&self, removal: &Removal) -> ReceiptLine {
        match self.try_to_end_grant(removal).await {
            Ok(line) => line,
            Err(error) => ReceiptLine {
                page: removal
                    .profile
                    .as_ref()
                    .and_then(|profile| profile.grants_page.clone()),
                ..ReceiptLine::left(Belonging::Grant, Fault::of(&error))
            },
        }
    }

    async fn try_to_end_grant(&self, removal: &Removal) -> Result<ReceiptLine, EngineError> {
        let edges = self.edges().await?;
        let signed_out = || ReceiptLine::new(Belonging::Grant, Whereabouts::Gone, 0);
        let Some(profile) = &removal.profile else {
            return Ok(signed_out());
        };
        let key = SecretKey::new(removal.address.to_string(), SecretPurpose::OauthTokens);
        let Some(kept) = edges.vault.get(&key).await? else {
            // Nothing is here that could be used.
            return Ok(signed_out());
        };
        let tokens = TokenSet::from_vault_json(&kept)?;
        let registration = self.client_of(removal, profile).await?;
        match revoke(&edges.http, profile, &registration, &tokens).await? {
            Revocation::ByHand { page } => Ok(ReceiptLine {
                page,
                ..ReceiptLine::new(Belonging::Grant, Whereabouts::ByHand, 1)
            }),
            Revocation::Done => {
                let now = self.now().await?;
                let ended = has_ended(&edges.http, profile, &registration, &tokens, now).await?;
                if ended == Some(false) {
                    return Ok(ReceiptLine {
                        page: profile.grants_page.clone(),
                        ..ReceiptLine::new(Belonging::Grant, Whereabouts::Left, 1)
                    });
                }
                Ok(ReceiptLine::new(Belonging::Grant, Whereabouts::Gone, 1))
            }
        }
    }

    /// The client that the grant was given to.
    async fn client_of(
        &self,
        removal: &Removal,
        profile: &OAuthProfile,
    ) -> Result<Registration, EngineError> {
        let unavailable = || EngineError::OauthUnavailable {
            issuer: profile.key.clone(),
        };
        let Some(id) = removal.registration else {
            let ids = self.client_ids().await?;
            let found = ids
                .find(&profile.key)
                .map(|(registration, _)| registration.clone());
            return found.ok_or_else(unavailable);
        };
        let row = self.store().await?.registrations().get(id).await?;
        let row = row.ok_or_else(unavailable)?;
        let vault = &self.edges().await?.vault;
        Ok(Registration {
            client_id: row.client_id,
            client_secret: registration_secret(vault, id, &removal.address).await?,
            tenant: row.tenant,
            secret_ends_at: None,
        })
    }

    /// One that the person saved for itself stays; one that came with the account goes with the last that uses it.
    async fn remove_client(&self, removal: &Removal) -> Result<Option<ReceiptLine>, EngineError> {
        let Some(id) = removal.registration else {
            return Ok(None);
        };
        let registrations = self.store().await?.registrations();
        let known = registrations.get(id).await?;
        if known.is_some_and(|row| !row.is_kept) && registrations.delete(id).await? {
            self.edges().await?.vault.remove(&secret_key(id)).await?;
        }
        let whereabouts = match registrations.get(id).await? {
            Some(_) => Whereabouts::Stays,
            None => Whereabouts::Gone,
        };
        Ok(Some(ReceiptLine::new(Belonging::Registration, whereabouts, 1)))
    }

    /// Backups of before name the account; a new one takes their place. What was set aside cannot be taken apart.
    async fn remove_from_backups(&self) -> Vec<ReceiptLine> {
        let mut lines = Vec::new();
        match self.renew_backups().await {
            Ok(0) => {}
            Ok(removed) => lines.push(ReceiptLine::new(Belonging::Backups, Whereabouts::Gone, removed)),
            Err(error) => lines.push(ReceiptLine::left(Belonging::Backups, Fault::of(&error))),
        }
        let (count, bytes) = self.set_aside_files().await;
        if count > 0 {
            lines.push(ReceiptLine {
                bytes,
                ..ReceiptLine::new(Belonging::SetAside, Whereabouts::Stays, count)
            });
        }
        lines
    }

    /// The mail stays, and nothing looks for more of it.
    async fn sign_out(&self, removal: &Removal) -> Result<(), EngineError> {
        let accounts = self.store().await?.accounts();
        if accounts.get(removal.account).await?.is_none() {
            return Ok(());
        }
        self.change_options(removal.account, |options| {
            note_signed_out(options);
            Ok(())
        })
        .await?;
        accounts
            .set_state(removal.account, AccountState::SignInNeeded, None)
            .await?;
        self.note_journal(removal.account, JournalKind::SignedOut, &[], None)
            .await;
        Ok(())
    }

    /// The receipt is kept until somebody has seen it, and the note is no longer needed.
    async fn end_removal(&self, removal: &Removal, receipt: &Receipt) -> Result<(), EngineError> {
        let _turn = self.take_turn(RECEIPTS).await?;
        let settings = self.store().await?.settings();
        let now: UnixMillis = receipt.at;
        let mut receipts: Vec<Receipt> = settings.get(RECEIPTS).await?.unwrap_or_default();
        receipts.retain(|other| other.address != receipt.address);
        receipts.push(receipt.clone());
        let superfluous = receipts.len().saturating_sub(MOST_RECEIPTS);
        receipts.drain(..superfluous);
        settings.set(RECEIPTS, &receipts, now).await?;
        let mut begun: Vec<Removal> = settings.get(REMOVALS).await?.unwrap_or_default();
        begun.retain(|other| other.account != removal.account);
        if begun.is_empty() {
            settings.unset(REMOVALS).await?;
        } else {
            settings.set(REMOVALS, &begun, now).await?;
        }
        Ok(())
    }
}

/// How the account's sign-in service wants to be spoken to, when the account has a grant there.
fn grant_profile(account: &AccountRow) -> Option<OAuthProfile> {
    let is_oauth = account
        .working
        .as_ref()
        .is_some_and(|working| working.auth == AuthMethod::Oauth2);
    oauth_profile(account).filter(|_| is_oauth)
}

fn server_of(account: &AccountRow) -> Option<String> {
    account.working.as_ref().map(|working| working.imap.host.clone())
}

#[cfg(test)]
impl Removal {
    fn of_test(had: Had, choice: RemovalChoice) -> Self {
        Self {
            address: "anna@x.pl".parse().unwrap(),
            account: AccountId(1),
            choice,
            had,
            bytes: 0,
            trace: Trace::default(),
            server: None,
            profile: None,
            registration: None,
            grant: None,
        }
    }
}
