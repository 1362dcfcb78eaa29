//! What the person asks for outside of the page, told to the page.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use serde::Serialize;
use tauri::{AppHandle, Emitter as _, Manager as _};
use tokio::sync::SetOnce;

use crate::window;

/// The one channel of these events.
const CHANNEL: &str = "mailroom://desk";

/// Events kept for a page that is not there yet. More than these nobody has asked for in earnest.
const KEPT: usize = 50;

/// Something the person asked for at the tray, at a notification, by a link, or by starting or closing the program.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub(crate) enum DeskEvent {
    /// Show a message.
    OpenMessage { id: i64, account: Option<String> },
    /// Show an account's inbox.
    OpenInbox { account: String },
    /// A button of a notification was pressed.
    NoticeAction {
        tag: String,
        action: String,
        message: Option<i64>,
        account: Option<String>,
    },
    /// Write a message, to what a `mailto:` link says when there is one.
    Compose { mailto: Option<String> },
    /// Bring every account up to date.
    CheckMail,
    /// A link of ours was refused, with an error code.
    LinkRefused { code: &'static str },
    /// The program ends when the page has answered.
    Closing,
}

/// How long what can wait does wait for the page to show something.
const SHOWS: Duration = Duration::from_secs(3);

/// The way of these events to the page: they wait until it listens.
#[derive(Debug, Default)]
pub(crate) struct Desk {
    line: Mutex<Line>,
    drawn: SetOnce<()>,
}

#[derive(Debug, Default)]
struct Line {
    listens: bool,
    kept: Vec<DeskEvent>,
}

impl Line {
    /// The event, when it can go out at once.
    fn send(&mut self, event: DeskEvent) -> Option<DeskEvent> {
        if self.listens {
            return Some(event);
        }
        if self.kept.len() < KEPT {
            self.kept.push(event);
        }
        None
    }
}

impl Desk {
    /// Says that the page listens from now on, and hands over what came before.
    pub(crate) fn listen(&self) -> Vec<DeskEvent> {
        let mut line = self.line.lock().unwrap_or_else(PoisonError::into_inner);
        line.listens = true;
        std::mem::take(&mut line.kept)
    }

    /// Says that the page is gone: another one is being loaded.
    pub(crate) fn page_left(&self) {
        self.line.lock().unwrap_or_else(PoisonError::into_inner).listens = false;
    }

    /// Says that the page has shown what it shows first.
    pub(crate) fn has_drawn(&self) {
        // Only the first time counts.
        let _ = self.drawn.set(());
    }

    /// Waits for the page's first picture, but not for ever: work that can wait must not take the processor from it.
    pub(crate) async fn first_picture(&self) {
        let _ = tokio::time::timeout(SHOWS, self.drawn.wait()).await;
    }

    /// True when the page hears what happens.
    pub(crate) fn is_heard(&self) -> bool {
        self.line.lock().unwrap_or_else(PoisonError::into_inner).listens
    }
}

/// Tells the page, now or when it listens.
pub(crate) fn tell(app: &AppHandle, event: DeskEvent) {
    let desk = app.state::<Desk>();
    let sent = desk
        .line
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .send(event);
    if let Some(event) = sent
        && let Err(error) = app.emit_to(window::MAIN, CHANNEL, &event)
    {
        tracing::debug!(%error, "the page was not told what the person asked for");
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn events_before_the_page_listens_are_kept_and_later_ones_go_out() {
        let desk = Desk::default();
        let send = |event: DeskEvent| desk.line.lock().unwrap().send(event);
        assert_eq!(send(DeskEvent::CheckMail), None);
        assert_eq!(send(DeskEvent::Compose { mailto: None }), None);
        assert_eq!(
            desk.listen(),
            [DeskEvent::CheckMail, DeskEvent::Compose { mailto: None }]
        );
        assert_eq!(desk.listen(), []);
        assert_eq!(send(DeskEvent::CheckMail), Some(DeskEvent::CheckMail));
        desk.page_left();
        assert_eq!(send(DeskEvent::CheckMail), None);
        assert_eq!(desk.listen(), [DeskEvent::CheckMail]);
    }

    #[test]
    fn events_for_a_page_that_never_comes_do_not_pile_up() {
        let mut line = Line::default();
        for _ in 0..1_000 {
            line.send(DeskEvent::CheckMail);
        }
        assert_eq!(line.kept.len(), KEPT);
    }

    #[test]
    fn event_on_the_wire_is_what_the_page_reads() {
        let cases = [
            (
                DeskEvent::OpenMessage { id: 7, account: None },
                json!({ "kind": "open_message", "id": 7, "account": null }),
            ),
            (
                DeskEvent::LinkRefused {
                    code: "oauth_timeout",
                },
                json!({ "kind": "link_refused", "code": "oauth_timeout" }),
            ),
            (DeskEvent::CheckMail, json!({ "kind": "check_mail" })),
            (DeskEvent::Closing, json!({ "kind": "closing" })),
        ];
        for (event, wire) in cases {
            assert_eq!(serde_json::to_value(event).unwrap(), wire);
        }
    }
}
