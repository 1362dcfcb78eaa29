//! What happens in the core, told to the page.

use std::sync::Arc;

use mailroom_api::dto::EventView;
use mailroom_api::{CancellationToken, EventReceiver};
use tauri::{AppHandle, Emitter as _};
use tokio::sync::Notify;

/// The one channel of events.
const CHANNEL: &str = "mailroom://event";

/// Tells the page everything that happens, and wakes `accounts_changed` when an account was added, changed or removed.
pub(crate) async fn forward(
    app: AppHandle,
    mut events: EventReceiver,
    accounts_changed: Arc<Notify>,
    ending: CancellationToken,
) {
    loop {
        let event = tokio::select! {
            () = ending.cancelled() => return,
            event = events.next() => event,
        };
        let Some(event) = event else { return };
        if matches!(event, EventView::AccountChanged { .. }) {
            accounts_changed.notify_one();
        }
        // A page that is just closing hears nothing, and needs nothing.
        if let Err(error) = app.emit(CHANNEL, &event) {
            tracing::debug!(%error, "an event did not reach the page");
        }
    }
}
