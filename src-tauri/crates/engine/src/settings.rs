//! The program's settings: one document, with a value for everything that nobody chose.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::event::Event;
use crate::{Engine, EngineError, document};

/// The document's name in the store.
const KEY: &str = "program";
/// The turn for changing settings, of the program and of accounts.
pub(crate) const TURN: &str = "settings";
/// The longest pause in which a sent message can be taken back, in seconds.
pub const LONGEST_UNDO_S: u32 = 60;
/// The longest time after which an opened message counts as read, in seconds.
pub const LONGEST_READ_AFTER_S: u32 = 3600;

/// The language of the window.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Language {
    /// As the operating system's.
    #[default]
    System,
    /// English.
    En,
    /// Polish.
    Pl,
    /// Russian.
    Ru,
}

/// Light or dark.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Theme {
    /// As the operating system's.
    #[default]
    System,
    /// Light.
    Light,
    /// Dark.
    Dark,
}

/// How close rows stand together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Density {
    /// With room.
    #[default]
    Comfortable,
    /// Close.
    Compact,
}

/// Which new messages are told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Notify {
    /// Those of inboxes.
    #[default]
    Inbox,
    /// Those of every folder that is kept.
    All,
    /// None.
    None,
}

/// The program's settings.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Settings {
    /// The language of the window.
    pub language: Language,
    /// Light or dark.
    pub theme: Theme,
    /// How close rows stand together.
    pub density: Density,
    /// Messages of a thread stand together in lists.
    pub threads: bool,
    /// Closing the window leaves the program in the tray.
    pub close_to_tray: bool,
    /// Which new messages are told.
    pub notify: Notify,
    /// A notification shows sender and subject.
    pub notify_content: bool,
    /// Single keys act on messages.
    pub single_keys: bool,
    /// Seconds after which an opened message counts as read; `None` for only by hand.
    pub read_after_s: Option<u32>,
    /// Seconds in which a sent message can be taken back.
    pub undo_send_s: u32,
    /// A text that speaks of an attachment is not sent without one unasked.
    pub attachment_reminder: bool,
    /// New messages are written as plain text.
    pub plain_text: bool,
    /// The program looks for a newer version of itself.
    pub updates: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            language: Language::default(),
            theme: Theme::default(),
            density: Density::default(),
            threads: true,
            close_to_tray: false,
            notify: Notify::default(),
            notify_content: true,
            single_keys: true,
            read_after_s: Some(0),
            undo_send_s: 10,
            attachment_reminder: true,
            plain_text: false,
            updates: true,
        }
    }
}

impl Settings {
    /// Refuses what is out of range.
    fn check(&self) -> Result<(), EngineError> {
        let refuse = |field, reason| Err(EngineError::Input { field, reason });
        if self.undo_send_s > LONGEST_UNDO_S {
            return refuse("undo_send_s", "it is more than a minute");
        }
        if self
            .read_after_s
            .is_some_and(|after| after > LONGEST_READ_AFTER_S)
        {
            return refuse("read_after_s", "it is more than an hour");
        }
        Ok(())
    }
}

impl Engine {
    /// The program's settings.
    pub async fn settings(&self) -> Result<Settings, EngineError> {
        let stored: Option<Value> = self.store().await?.settings().get(KEY).await?;
        let settings: Settings = document::read(&stored.unwrap_or_default());
        // Out of range it can only have been written by somebody else.
        Ok(Settings {
            undo_send_s: settings.undo_send_s.min(LONGEST_UNDO_S),
            read_after_s: settings.read_after_s.map(|after| after.min(LONGEST_READ_AFTER_S)),
            ..settings
        })
    }

    /// Changes the program's settings; what comes back is what holds from now on. Errors: [`EngineError::Input`] naming
    /// the field that is out of range; then nothing is changed.
    pub async fn update_settings(&self, change: impl FnOnce(&mut Settings)) -> Result<Settings, EngineError> {
        let _turn = self.take_turn(TURN).await?;
        let store = self.store().await?;
        let mut stored: Value = store.settings().get(KEY).await?.unwrap_or_default();
        let mut settings = self.settings().await?;
        let before = settings.clone();
        change(&mut settings);
        settings.check()?;
        if settings != before {
            document::write(&mut stored, &settings);
            store.settings().set(KEY, &stored, self.now().await?).await?;
            self.tell(Event::SettingsChanged);
        }
        Ok(settings)
    }
}
