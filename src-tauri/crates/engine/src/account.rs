//! The accounts as people see them.

use mailroom_connect::{AuthOffer, Quirk};
use mailroom_model::{AccountId, EmailAddress, FolderSelection, Period};
use mailroom_store::{AccountRow, FolderRow, IdentityRow};
use serde_json::Value;

use crate::budget::Purpose;
use crate::folders::{changeable, takes_folders};
use crate::health::AccountHealth;
use crate::operations::turn_name;
use crate::preferences::{AccountNotify, LARGEST_DOWNLOAD_MB, LONGEST_INTERVAL_MIN, Preferences};
use crate::server_traits::ServerTraits;
use crate::sync::{Kept, archives, is_chosen};
use crate::{Engine, EngineError, document};

/// An account with what is kept of it.
#[derive(Clone, Debug)]
pub struct AccountSummary {
    /// The row.
    pub row: AccountRow,
    /// The provider's name, when the table knows it.
    pub provider_name: Option<String>,
    /// Messages kept here, once for each folder that they stand in.
    pub messages: u64,
    /// Unread ones among them.
    pub unread: u64,
    /// What the person chose.
    pub preferences: Preferences,
    /// The addresses that it may send as, the default first.
    pub identities: Vec<IdentityRow>,
    /// New messages are written from it.
    pub is_default: bool,
    /// How it is, from traffic that happened.
    pub health: AccountHealth,
    /// The ways to sign in to it that are known here.
    pub sign_ins: Vec<AuthOffer>,
}

/// The longest name of an account or of a sender, in characters.
pub(crate) const LONGEST_NAME: usize = 200;

/// What to change of an account; what is absent stays.
#[derive(Clone, Debug, Default)]
pub struct AccountChange {
    /// How far back mail is kept.
    pub period: Option<Period>,
    /// Which folders are kept.
    pub folders: Option<FolderSelection>,
    /// What the person calls it; empty for its address.
    pub name: Option<String>,
    /// The person has been through the setup.
    pub setup_done: Option<bool>,
    /// Synchronises by itself.
    pub automatic: Option<bool>,
    /// Minutes between looks where the server does not announce.
    pub interval_min: Option<u32>,
    /// The server may announce new messages.
    pub push: Option<bool>,
    /// Messages may be sent from it.
    pub sending: Option<bool>,
    /// New messages are written from it.
    pub is_default: Option<bool>,
    /// Which new messages are told.
    pub notify: Option<AccountNotify>,
    /// Messages come with their attachments up to so many megabytes.
    pub download_up_to_mb: Option<u32>,
}

impl AccountChange {
    fn check(&self, account: &AccountRow) -> Result<(), EngineError> {
        let refuse = |field, reason| Err(EngineError::Input { field, reason });
        if self
            .interval_min
            .is_some_and(|minutes| !(1..=LONGEST_INTERVAL_MIN).contains(&minutes))
        {
            return refuse("interval_min", "it is not between a minute and a day");
        }
        if self
            .download_up_to_mb
            .is_some_and(|up_to| up_to > LARGEST_DOWNLOAD_MB)
        {
            return refuse("download_up_to_mb", "no message that large comes in one go");
        }
        if self.name.as_ref().is_some_and(|name| !is_name(name)) {
            return refuse("name", "it is too long, or has more than one line");
        }
        let mut changed = Preferences::of(account);
        self.apply(&mut changed);
        let has_server = account
            .working
            .as_ref()
            .is_some_and(|working| working.smtp.is_some());
        if self.is_default == Some(true) && !(has_server && changed.sending) {
            return refuse("is_default", "the account cannot send");
        }
        Ok(())
    }

    fn apply(&self, preferences: &mut Preferences) {
        fn take<T: Copy>(slot: &mut T, value: Option<T>) {
            if let Some(value) = value {
                *slot = value;
            }
        }
        take(&mut preferences.setup_done, self.setup_done);
        take(&mut preferences.automatic, self.automatic);
        take(&mut preferences.interval_min, self.interval_min);
        take(&mut preferences.push, self.push);
        take(&mut preferences.sending, self.sending);
        take(&mut preferences.notify, self.notify);
        take(&mut preferences.download_up_to_mb, self.download_up_to_mb);
    }
}

/// True for one line of no unusual length.
pub(crate) fn is_name(text: &str) -> bool {
    text.chars().count() <= LONGEST_NAME && !text.chars().any(char::is_control)
}

/// A folder, and what it is used for here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UsedFolder {
    /// The row.
    pub folder: FolderRow,
    /// Its mail is kept here.
    pub chosen: bool,
    /// Messages that are archived go there.
    pub archives: bool,
    /// The server shows only so many of its messages, the newest, and has reached that number.
    pub cut_at: Option<u32>,
    /// It can be renamed, moved and deleted, as far as is known here.
    pub changeable: bool,
    /// Folders can be made in it, as far as is known here.
    pub takes_folders: bool,
}

/// The number of messages of a folder at which the provider's servers stop showing older ones.
pub(crate) fn list_cut_at(quirks: &[Quirk]) -> Option<u32> {
    quirks.iter().find_map(|quirk| match quirk {
        Quirk::ListCutAt(most) => Some(*most),
        _ => None,
    })
}

impl Engine {
    /// Every account.
    pub async fn account_summaries(&self) -> Result<Vec<AccountSummary>, EngineError> {
        let mut summaries = Vec::new();
        let default = self.default_sender().await?;
        for row in self.accounts(None).await? {
            summaries.push(self.summary_beside(row, default).await?);
        }
        Ok(summaries)
    }

    /// One account.
    pub async fn account_summary(&self, address: &EmailAddress) -> Result<AccountSummary, EngineError> {
        let row = self.account(address).await?;
        self.summary(row).await
    }

    async fn summary(&self, row: AccountRow) -> Result<AccountSummary, EngineError> {
        let default = self.default_sender().await?;
        self.summary_beside(row, default).await
    }

    async fn summary_beside(
        &self,
        row: AccountRow,
        default: Option<AccountId>,
    ) -> Result<AccountSummary, EngineError> {
        let folders = self.store().await?.folders().list(row.id).await?;
        let table = self.table().await?;
        Ok(AccountSummary {
            provider_name: row
                .provider
                .as_deref()
                .and_then(|id| table.by_id(id))
                .map(|provider| provider.name.clone()),
            messages: folders.iter().map(|folder| folder.total).sum(),
            unread: folders.iter().map(|folder| folder.unread).sum(),
            preferences: Preferences::of(&row),
            identities: self.store().await?.identities().list(row.id).await?,
            is_default: default == Some(row.id),
            health: self.health_of(&row).await?,
            sign_ins: self.sign_ins(&row).await?,
            row,
        })
    }

    /// Changes an account; what is absent stays. The next look at the account carries a new choice of mail out: more is
    /// loaded, or local copies go. On the server nothing changes. Errors: [`EngineError::Input`] and
    /// [`EngineError::FolderMissing`]; then nothing is changed.
    pub async fn update_account(
        &self,
        address: &EmailAddress,
        change: &AccountChange,
    ) -> Result<AccountSummary, EngineError> {
        let account = self.account(address).await?;
        change.check(&account)?;
        self.select(&account, change).await?;
        let accounts = self.store().await?.accounts();
        if let Some(name) = &change.name {
            accounts.set_display_name(account.id, name.trim()).await?;
        }
        let apply = |options: &mut Value| {
            let mut preferences: Preferences = document::read(options);
            change.apply(&mut preferences);
            document::write(options, &preferences);
            Ok(())
        };
        self.change_options(account.id, apply).await?;
        if let Some(is_default) = change.is_default {
            self.set_default_sender(account.id, is_default).await?;
        }
        self.tell_changed(address);
        self.account_summary(address).await
    }

    /// How far back and which folders are kept. Folders that are no longer kept lose their local copies at once.
    async fn select(&self, account: &AccountRow, change: &AccountChange) -> Result<(), EngineError> {
        if change.period.is_none() && change.folders.is_none() {
            return Ok(());
        }
        let store = self.store().await?;
        let known = store.folders().list(account.id).await?;
        if let Some(FolderSelection::Chosen(paths)) = &change.folders {
            // Before the first look at the server nothing is known, and any name may be right.
            let missing = paths
                .iter()
                .find(|path| !known.iter().any(|folder| crate::sync::names(folder, path)));
            if let (Some(path), false) = (missing, known.is_empty()) {
                return Err(EngineError::FolderMissing { path: path.clone() });
            }
        }
        let period = change.period.unwrap_or(account.period);
        let folders = change.folders.as_ref().unwrap_or(&account.folders);
        let kept = Kept {
            selection: folders,
            ..Kept::by(account)
        };
        store
            .accounts()
            .set_selection(account.id, period, folders)
            .await?;
        let now = self.now().await?;
        for folder in known
            .iter()
            .filter(|folder| folder.cursor.is_some() && !is_chosen(folder, kept))
        {
            store.folders().give_up(folder.id, now).await?;
        }
        store.messages().sweep(account.id, now).await?;
        Ok(())
    }

    /// The folders of an account with their use: as known here, or asked from the server first.
    pub async fn folders(
        &self,
        address: &EmailAddress,
        refresh: bool,
    ) -> Result<Vec<UsedFolder>, EngineError> {
        let mut account = self.account(address).await?;
        let mut folders = self.store().await?.folders().list(account.id).await?;
        if refresh || folders.is_empty() {
            let _turn = self.take_turn(&turn_name(account.id)).await?;
            let mut session = self.open_imap(&account, Purpose::Person).await?;
            account = self.note_traits(&account, session.capabilities()).await?;
            folders = self.refresh_folders(&account, &mut session).await?;
            session.logout().await;
        }
        self.used(&account, folders).await
    }

    /// Folders with their use.
    pub(crate) async fn used(
        &self,
        account: &AccountRow,
        folders: Vec<FolderRow>,
    ) -> Result<Vec<UsedFolder>, EngineError> {
        let cut_at = list_cut_at(&self.quirks(account).await?);
        let is_cut_at = |folder: &FolderRow| {
            let exists = folder.cursor.as_ref()?.exists;
            cut_at.filter(|most| exists >= *most)
        };
        let changeable = changeable(&folders);
        Ok(folders
            .into_iter()
            .zip(changeable)
            .map(|(folder, changeable)| UsedFolder {
                cut_at: is_cut_at(&folder),
                chosen: is_chosen(&folder, Kept::by(account)),
                archives: archives(&folder, ServerTraits::of(account)),
                takes_folders: takes_folders(&folder),
                changeable,
                folder,
            })
            .collect())
    }

    /// What the account's provider does differently.
    pub(crate) async fn quirks(&self, account: &AccountRow) -> Result<Vec<Quirk>, EngineError> {
        let table = self.table().await?;
        let provider = account.provider.as_deref().and_then(|id| table.by_id(id));
        Ok(provider
            .map(|provider| provider.quirks.clone())
            .unwrap_or_default())
    }
}
