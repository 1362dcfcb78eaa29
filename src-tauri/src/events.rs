//! What happens in the core, told to the page.

use mailroom_api::{CancellationToken, EventReceiver};
use tauri::{AppHandle, Emitter as _};

/// The one channel of events.
const CHANNEL: &str = "mailroom://event";

/// Tells the page everything that happens.
pub(crate) async fn forward(app: AppHandle, mut events: EventReceiver, ending: CancellationToken) {
    loop {
        let event = tokio::select! {
            () = ending.cancelled() => return,
            event = events.next() => event,
        };
        let Some(event) = event else { return };
        // A page that is just closing hears nothing, and needs nothing.
        if let Err(error) = app.emit(CHANNEL, &event) {
            tracing::debug!(%error, "an event did not reach the page");
        }
    }
}
