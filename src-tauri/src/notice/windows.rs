//! Toasts (WinRT). The installer's shortcut carries the program's identifier, which names it to the system.

use tauri::AppHandle;
use tauri_winrt_notification::Toast;

use super::Notice;

/// The notifications.
#[derive(Debug, Default)]
pub(crate) struct Notices;

impl Notices {
    /// Shows a notification.
    #[expect(clippy::unused_async, reason = "on Linux it is asked for over the bus")]
    pub(crate) async fn show(&self, app: &AppHandle, notice: Notice) {
        let mut toast = Toast::new(&app.config().identifier)
            .title(&notice.title)
            .text1(&notice.body);
        for button in &notice.actions {
            toast = toast.add_button(&button.label, &button.id);
        }
        let handle = app.clone();
        let toast = toast.on_activated(move |button| {
            notice.clicked(&handle, button.as_deref(), None);
            Ok(())
        });
        if let Err(error) = toast.show() {
            tracing::info!(%error, "no notification");
        }
    }

    /// The library gives toasts no name by which they could be taken away; they leave by themselves.
    #[expect(clippy::unused_async, reason = "on Linux it is asked for over the bus")]
    pub(crate) async fn withdraw(&self, _: &str) {}
}
