//! Notifications of macOS. The library waits for the click on a thread of its own for each.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use mac_notification_sys::{MainButton, Notification, NotificationResponse, set_application};
use tauri::AppHandle;

use super::Notice;

/// Notifications that wait for a click at once; more are shown without one.
const WAITING: usize = 16;

/// The notifications.
#[derive(Debug, Default)]
pub(crate) struct Notices(Arc<AtomicUsize>);

impl Notices {
    /// Shows a notification.
    #[expect(clippy::unused_async, reason = "on Linux it is asked for over the bus")]
    pub(crate) async fn show(&self, app: &AppHandle, notice: Notice) {
        // The second call is refused, which is as good.
        let _ = set_application(&app.config().identifier);
        let waiting = Arc::clone(&self.0);
        let handle = app.clone();
        let started = std::thread::Builder::new()
            .name("notification".to_owned())
            .spawn(move || {
                let waits = waiting.fetch_add(1, Ordering::AcqRel) < WAITING;
                show(&handle, &notice, waits);
                waiting.fetch_sub(1, Ordering::AcqRel);
            });
        if let Err(error) = started {
            tracing::info!(%error, "no notification");
        }
    }

    /// The library cannot take notifications away; they leave by themselves.
    #[expect(clippy::unused_async, reason = "on Linux it is asked for over the bus")]
    pub(crate) async fn withdraw(&self, _: &str) {}
}

fn show(app: &AppHandle, notice: &Notice, waits: bool) {
    let mut notification = Notification::new();
    notification
        .title(&notice.title)
        .message(&notice.body)
        .wait_for_click(waits)
        .asynchronous(!waits);
    // The system shows one button.
    let button = notice.actions.first();
    if let Some(button) = button {
        notification.main_button(MainButton::SingleAction(&button.label));
    }
    match notification.send() {
        Ok(NotificationResponse::Click) => notice.clicked(app, None, None),
        Ok(NotificationResponse::ActionButton(_)) => {
            notice.clicked(app, button.map(|button| button.id.as_str()), None);
        }
        Ok(_) => {}
        Err(error) => tracing::info!(%error, "no notification"),
    }
}
