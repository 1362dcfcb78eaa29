//! How an account synchronises, sends and tells, as the person chose.

use std::time::Duration;

use mailroom_connect::OAuthProfile;
use mailroom_model::AccountId;
use mailroom_store::AccountRow;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::settings::TURN;
use crate::{Engine, EngineError, document};

/// The account that new messages are written from, in the store's settings.
const DEFAULT_SENDER: &str = "default_sender";
/// The longest pause between two looks, in minutes: a day.
pub(crate) const LONGEST_INTERVAL_MIN: u32 = 1440;
/// The largest message that comes in one go, in megabytes: memory has to hold it.
pub const LARGEST_DOWNLOAD_MB: u32 = 64;
/// The sign-in service's profile among an account's options.
const OAUTH: &str = "oauth";

/// Which new messages of an account are told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum AccountNotify {
    /// As the program's setting says.
    #[default]
    Default,
    /// Those of the inbox.
    Inbox,
    /// Those of every folder that is kept.
    All,
    /// None.
    None,
}

/// What the person chose for an account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Preferences {
    /// The person has been through the setup; until then nothing is loaded by itself.
    pub setup_done: bool,
    /// Synchronises by itself.
    pub automatic: bool,
    /// Minutes between looks where the server does not announce.
    pub interval_min: u32,
    /// The server may announce new messages.
    pub push: bool,
    /// Messages may be sent from it.
    pub sending: bool,
    /// Which new messages are told.
    pub notify: AccountNotify,
    /// Messages come with their attachments up to so many megabytes; larger ones leave them on the server until somebody
    /// wants them. 0 for none but small messages, [`LARGEST_DOWNLOAD_MB`] for all that come in one go.
    pub download_up_to_mb: u32,
}

impl Default for Preferences {
    fn default() -> Self {
        Self {
            setup_done: true,
            automatic: true,
            interval_min: 5,
            push: true,
            sending: true,
            notify: AccountNotify::default(),
            download_up_to_mb: 20,
        }
    }
}

impl Preferences {
    /// Those of an account.
    pub fn of(account: &AccountRow) -> Self {
        let preferences: Self = document::read(&account.options);
        Self {
            interval_min: preferences.interval_min.clamp(1, LONGEST_INTERVAL_MIN),
            download_up_to_mb: preferences.download_up_to_mb.min(LARGEST_DOWNLOAD_MB),
            ..preferences
        }
    }

    /// The account is looked at without being asked.
    pub(crate) fn is_watched(&self) -> bool {
        self.setup_done && self.automatic
    }

    /// The pause between looks.
    pub(crate) fn interval(&self) -> Duration {
        Duration::from_mins(self.interval_min.into())
    }
}

/// True when messages can be sent from the account: it has a server for it, and the person did not switch it off.
pub fn is_sender(account: &AccountRow) -> bool {
    let has_server = account
        .working
        .as_ref()
        .is_some_and(|working| working.smtp.is_some());
    has_server && Preferences::of(account).sending
}

/// How the authorisation server wants to be spoken to, so that a refresh needs no discovery.
pub(crate) fn oauth_profile(account: &AccountRow) -> Option<OAuthProfile> {
    serde_json::from_value(account.options.get(OAUTH)?.clone()).ok()
}

/// Notes how the authorisation server wants to be spoken to.
pub(crate) fn set_oauth_profile(options: &mut Value, profile: &OAuthProfile) -> Result<(), EngineError> {
    let profile = serde_json::to_value(profile).map_err(|_| EngineError::Worker)?;
    match options.as_object_mut() {
        Some(options) => drop(options.insert(OAUTH.to_owned(), profile)),
        None => *options = json!({ OAUTH: profile }),
    }
    Ok(())
}

impl Engine {
    /// Changes an account's options in one step; what it does not touch stays.
    pub(crate) async fn change_options(
        &self,
        id: AccountId,
        change: impl FnOnce(&mut Value) -> Result<(), EngineError>,
    ) -> Result<(), EngineError> {
        let _turn = self.take_turn(TURN).await?;
        let accounts = self.store().await?.accounts();
        let Some(account) = accounts.get(id).await? else {
            return Err(mailroom_store::StoreError::AccountMissing(id).into());
        };
        let mut options = account.options.clone();
        change(&mut options)?;
        if options != account.options {
            accounts.set_options(id, &options).await?;
        }
        Ok(())
    }

    /// The account that new messages are written from: the one that was chosen while it can send, else the first that
    /// can. `None` when no account can send.
    pub async fn default_sender(&self) -> Result<Option<AccountId>, EngineError> {
        let chosen: Option<AccountId> = self.store().await?.settings().get(DEFAULT_SENDER).await?;
        let accounts = self.accounts(None).await?;
        let mut senders = accounts.iter().filter(|account| is_sender(account));
        let first = senders.clone().next();
        Ok(senders
            .find(|account| Some(account.id) == chosen)
            .or(first)
            .map(|account| account.id))
    }

    /// Chooses the account that new messages are written from, or takes the choice back.
    pub(crate) async fn set_default_sender(
        &self,
        id: AccountId,
        is_default: bool,
    ) -> Result<(), EngineError> {
        let store = self.store().await?;
        let chosen: Option<AccountId> = store.settings().get(DEFAULT_SENDER).await?;
        if is_default {
            store
                .settings()
                .set(DEFAULT_SENDER, &id, self.now().await?)
                .await?;
        } else if chosen == Some(id) {
            store.settings().unset(DEFAULT_SENDER).await?;
        }
        Ok(())
    }
}
