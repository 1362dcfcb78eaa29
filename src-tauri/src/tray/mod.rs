//! The icon beside the clock.

mod picture;

#[cfg(target_os = "linux")]
#[path = "linux.rs"]
mod system;
#[cfg(not(target_os = "linux"))]
#[path = "native.rs"]
mod system;

use serde::Deserialize;
use tauri::AppHandle;
use tokio::sync::watch;

use crate::desk::{self, DeskEvent};
use crate::window;

/// What the icon shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Face {
    /// Unread messages.
    pub(crate) unread: u32,
    /// The sentence beside the icon.
    pub(crate) tooltip: String,
    pub(crate) items: Items,
}

/// The words of the menu.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Items {
    open: String,
    write: String,
    check_mail: String,
    quit: String,
}

/// What the menu does. A line stands before the last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Action {
    Open,
    Write,
    CheckMail,
    Quit,
}

impl Action {
    const EVERY: [Self; 4] = [Self::Open, Self::Write, Self::CheckMail, Self::Quit];

    fn label(self, items: &Items) -> &str {
        match self {
            Self::Open => &items.open,
            Self::Write => &items.write,
            Self::CheckMail => &items.check_mail,
            Self::Quit => &items.quit,
        }
    }

    /// Does it. `token` is what the desktop gave with the click.
    fn run(self, app: &AppHandle, token: Option<String>) {
        match self {
            Self::Open => window::bring_forward(app, token),
            Self::Write => {
                window::bring_forward(app, token);
                desk::tell(app, DeskEvent::Compose { mailto: None });
            }
            Self::CheckMail => desk::tell(app, DeskEvent::CheckMail),
            Self::Quit => window::end(app),
        }
    }
}

/// The icon, and whether the desktop shows it.
pub(crate) struct Tray {
    shown: watch::Sender<bool>,
    icon: tokio::sync::Mutex<Option<system::Icon>>,
}

impl Tray {
    /// No icon yet.
    pub(crate) fn new() -> Self {
        Self {
            shown: watch::Sender::new(false),
            icon: tokio::sync::Mutex::new(None),
        }
    }

    /// Draws the icon, the first time or anew. A desktop without a place for it is no error.
    pub(crate) async fn draw(&self, app: &AppHandle, face: Face) {
        let mut icon = self.icon.lock().await;
        match &*icon {
            Some(icon) => icon.redraw(app, face).await,
            None => *icon = system::Icon::draw(app, face, self.shown.clone()).await,
        }
    }

    /// True while the desktop shows the icon.
    pub(crate) fn is_shown(&self) -> bool {
        *self.shown.borrow()
    }

    /// Follows whether the desktop shows the icon.
    pub(crate) fn watch(&self) -> watch::Receiver<bool> {
        self.shown.subscribe()
    }
}
