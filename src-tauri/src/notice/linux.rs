//! Desktop Notifications Specification 1.3, over D-Bus.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use futures::StreamExt as _;
use tauri::{AppHandle, Manager as _};
use tokio::sync::OnceCell;
use zbus::names::MemberName;
use zbus::zvariant::Value;
use zbus::{MatchRule, Message, MessageStream};

use super::Notice;
use crate::bus;
use crate::core::Core;

const SERVICE: &str = "org.freedesktop.Notifications";
const PATH: &str = "/org/freedesktop/Notifications";

/// The key of a click on the notification itself.
const DEFAULT: &str = "default";

/// The notifications on the screen, by the server's number.
#[derive(Debug, Default)]
pub(crate) struct Notices {
    shown: Mutex<HashMap<u32, Notice>>,
    server: OnceCell<Abilities>,
}

/// What the desktop's server of notifications can do.
#[derive(Clone, Copy, Debug)]
struct Abilities {
    actions: bool,
    markup: bool,
}

impl Notices {
    /// Shows a notification in the place of the one with its tag. A desktop without notifications is no error.
    pub(crate) async fn show(&self, app: &AppHandle, notice: Notice) {
        if let Err(error) = self.try_show(app, notice).await {
            tracing::info!(%error, "no notification");
        }
    }

    /// Takes the notification with this tag away.
    pub(crate) async fn withdraw(&self, tag: &str) {
        let Some(number) = self.number(tag) else { return };
        let closed = async {
            bus::session()
                .await?
                .call_method(Some(SERVICE), PATH, Some(SERVICE), "CloseNotification", &number)
                .await
        };
        if let Err(error) = closed.await {
            tracing::debug!(%error, "a notification could not be taken away");
        }
    }

    async fn try_show(&self, app: &AppHandle, notice: Notice) -> zbus::Result<()> {
        let server = self.server.get_or_try_init(|| meet(app)).await?;
        let mut actions = Vec::new();
        if server.actions {
            // The label of the click itself is shown by no desktop that has clicks.
            actions.extend([DEFAULT, ""]);
            for button in &notice.actions {
                actions.extend([button.id.as_str(), button.label.as_str()]);
            }
        }
        let body = if server.markup {
            escaped(&notice.body)
        } else {
            notice.body.clone()
        };
        let hints = HashMap::from([
            ("desktop-entry", Value::from("Mailroom")),
            ("category", Value::from("email.arrived")),
        ]);
        let number: u32 = bus::session()
            .await?
            .call_method(
                Some(SERVICE),
                PATH,
                Some(SERVICE),
                "Notify",
                &(
                    "Mailroom",
                    self.number(&notice.tag).unwrap_or_default(),
                    "mailroom-desktop",
                    notice.title.as_str(),
                    body,
                    actions,
                    hints,
                    -1_i32,
                ),
            )
            .await?
            .body()
            .deserialize()?;
        let mut shown = self.shown.lock().unwrap_or_else(PoisonError::into_inner);
        shown.insert(number, notice);
        Ok(())
    }

    /// The number of the notification with this tag, while it is on the screen.
    fn number(&self, tag: &str) -> Option<u32> {
        let shown = self.shown.lock().unwrap_or_else(PoisonError::into_inner);
        shown
            .iter()
            .find_map(|(number, notice)| (notice.tag == tag).then_some(*number))
    }

    fn get(&self, number: u32) -> Option<Notice> {
        let shown = self.shown.lock().unwrap_or_else(PoisonError::into_inner);
        shown.get(&number).cloned()
    }

    fn forget(&self, number: u32) {
        self.shown
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .remove(&number);
    }
}

/// Asks the server what it can do, and listens to it from then on.
async fn meet(app: &AppHandle) -> zbus::Result<Abilities> {
    let bus = bus::session().await?;
    let rule = MatchRule::builder()
        .msg_type(zbus::message::Type::Signal)
        .interface(SERVICE)?
        .path(PATH)?
        .build();
    // Before the first notification, or its click could be missed.
    let signals = MessageStream::for_match_rule(rule, bus, None).await?;
    let abilities: Vec<String> = bus
        .call_method(Some(SERVICE), PATH, Some(SERVICE), "GetCapabilities", &())
        .await?
        .body()
        .deserialize()?;
    app.state::<Core>().run(hear(app.clone(), signals));
    let has = |ability: &str| abilities.iter().any(|found| found == ability);
    Ok(Abilities {
        actions: has("actions"),
        markup: has("body-markup"),
    })
}

/// Follows what happens to our notifications until the program ends.
async fn hear(app: AppHandle, mut signals: MessageStream) {
    let ending = app.state::<Core>().ending().clone();
    // The token for showing a window comes just before the click that it belongs to.
    let mut token = None;
    loop {
        let signal = tokio::select! {
            () = ending.cancelled() => return,
            signal = signals.next() => signal,
        };
        let Some(signal) = signal else { return };
        let read = signal.and_then(|signal| read(&signal));
        let notices = app.state::<Notices>();
        match read {
            Ok(Some(Signal::Token(number, text))) => token = Some((number, text)),
            Ok(Some(Signal::Action(number, key))) => {
                let token = token.take().filter(|(of, _)| *of == number).map(|(_, text)| text);
                // Another program's notification has another number.
                if let Some(notice) = notices.get(number) {
                    notice.clicked(&app, (key != DEFAULT).then_some(key.as_str()), token);
                }
            }
            Ok(Some(Signal::Closed(number))) => notices.forget(number),
            Ok(None) => {}
            Err(error) => tracing::debug!(%error, "a signal about notifications cannot be read"),
        }
    }
}

#[derive(Debug, PartialEq, Eq)]
enum Signal {
    Token(u32, String),
    Action(u32, String),
    Closed(u32),
}

fn read(signal: &Message) -> zbus::Result<Option<Signal>> {
    let header = signal.header();
    let body = signal.body();
    Ok(match header.member().map(MemberName::as_str) {
        Some("ActivationToken") => body
            .deserialize()
            .map(|(number, token)| Some(Signal::Token(number, token)))?,
        Some("ActionInvoked") => body
            .deserialize()
            .map(|(number, key)| Some(Signal::Action(number, key)))?,
        Some("NotificationClosed") => {
            let (number, _reason): (u32, u32) = body.deserialize()?;
            Some(Signal::Closed(number))
        }
        _ => None,
    })
}

/// Text for a server that reads markup.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signals_are_read() {
        let signal = |member: &str, body: &(u32, &str)| {
            Message::signal(PATH, SERVICE, member)
                .unwrap()
                .build(body)
                .unwrap()
        };
        assert_eq!(
            read(&signal("ActionInvoked", &(7, "default"))).unwrap(),
            Some(Signal::Action(7, "default".to_owned()))
        );
        assert_eq!(
            read(&signal("ActivationToken", &(7, "t"))).unwrap(),
            Some(Signal::Token(7, "t".to_owned()))
        );
        assert_eq!(read(&signal("SomethingNew", &(7, "x"))).unwrap(), None);
        let closed = Message::signal(PATH, SERVICE, "NotificationClosed")
            .unwrap()
            .build(&(7_u32, 2_u32))
            .unwrap();
        assert_eq!(read(&closed).unwrap(), Some(Signal::Closed(7)));
        assert!(read(&signal("NotificationClosed", &(7, "x"))).is_err());
    }

    #[test]
    fn markup_in_a_subject_stays_text() {
        assert_eq!(escaped("<b>A & B</b>"), "&lt;b&gt;A &amp; B&lt;/b&gt;");
    }
}
