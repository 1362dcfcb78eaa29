//! Notifications of the desktop, and what a click on one does. Tauri's own plugin hears no clicks on a desktop, so each
//! system is spoken to by its own interface.

#[cfg(target_os = "linux")]
#[path = "linux.rs"]
mod system;
#[cfg(target_os = "macos")]
#[path = "macos.rs"]
mod system;
#[cfg(windows)]
#[path = "windows.rs"]
mod system;

use serde::Deserialize;
use tauri::AppHandle;

use crate::desk::{self, DeskEvent};
use crate::window;

pub(crate) use system::Notices;

/// A notification. All its words are the page's.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Notice {
    /// Names it, for taking it away and for the one that takes its place.
    tag: String,
    title: String,
    body: String,
    /// The message that a click opens.
    message: Option<i64>,
    /// The account whose inbox a click opens when there is no message.
    account: Option<String>,
    #[serde(default)]
    actions: Vec<Button>,
}

/// A button of a notification.
#[derive(Clone, Debug, Deserialize)]
struct Button {
    id: String,
    label: String,
}

impl Notice {
    /// What a click means: on the button with this id, or on the notification itself.
    fn meaning(&self, button: Option<&str>) -> Option<DeskEvent> {
        match (button, self.message, &self.account) {
            (Some(action), ..) => {
                self.actions
                    .iter()
                    .any(|button| button.id == action)
                    .then(|| DeskEvent::NoticeAction {
                        tag: self.tag.clone(),
                        action: action.to_owned(),
                        message: self.message,
                        account: self.account.clone(),
                    })
            }
            (None, Some(id), account) => Some(DeskEvent::OpenMessage {
                id,
                account: account.clone(),
            }),
            (None, None, Some(account)) => Some(DeskEvent::OpenInbox {
                account: account.clone(),
            }),
            (None, None, None) => None,
        }
    }

    /// Does what a click means. A click on the notification itself also shows the window; a button's work may not
    /// need it.
    fn clicked(&self, app: &AppHandle, button: Option<&str>, token: Option<String>) {
        if button.is_none() {
            window::bring_forward(app, token);
        }
        if let Some(event) = self.meaning(button) {
            desk::tell(app, event);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn click_means_the_message_before_the_inbox_and_only_its_own_buttons() {
        let notice = |message, account: Option<&str>| Notice {
            tag: "t".to_owned(),
            title: String::new(),
            body: String::new(),
            message,
            account: account.map(str::to_owned),
            actions: vec![Button {
                id: "read".to_owned(),
                label: "Read".to_owned(),
            }],
        };
        let anna = || Some("anna@example.com".to_owned());
        let cases = [
            (
                notice(Some(7), Some("anna@example.com")),
                None,
                Some(DeskEvent::OpenMessage {
                    id: 7,
                    account: anna(),
                }),
            ),
            (
                notice(None, Some("anna@example.com")),
                None,
                Some(DeskEvent::OpenInbox {
                    account: "anna@example.com".to_owned(),
                }),
            ),
            (notice(None, None), None, None),
            (
                notice(Some(7), None),
                Some("read"),
                Some(DeskEvent::NoticeAction {
                    tag: "t".to_owned(),
                    action: "read".to_owned(),
                    message: Some(7),
                    account: None,
                }),
            ),
            (notice(Some(7), None), Some("delete"), None),
        ];
        for (notice, button, expected) in cases {
            assert_eq!(notice.meaning(button), expected, "{notice:?} {button:?}");
        }
    }
}
