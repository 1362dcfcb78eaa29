//! Pages whose process ended: they are loaded again, unless they keep ending.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use tauri::{AppHandle, Manager as _};
use time::{Duration, OffsetDateTime};

use crate::report::{self, Reports};
use crate::window;

/// How often a page is loaded again within [`WITHIN`].
const TIMES: usize = 3;
const WITHIN: Duration = Duration::minutes(1);

/// When the pages' processes ended, by the window's label.
#[derive(Debug, Default)]
pub(crate) struct Ends(Mutex<HashMap<String, Vec<OffsetDateTime>>>);

impl Ends {
    /// True while the page is worth another try: what ends at once each time would be loaded for ever.
    fn is_worth_another(&self, label: &str, at: OffsetDateTime) -> bool {
        let mut ends = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let ends = ends.entry(label.to_owned()).or_default();
        ends.retain(|before| at - *before < WITHIN);
        ends.push(at);
        ends.len() <= TIMES
    }
}

/// The process of a window's page ended: by a fault of the engine, or because the system was short of memory. `load` loads
/// the page again. What was written is in the drafts; the core knows nothing of pages and goes on.
pub(crate) fn page_ended(app: &AppHandle, label: &str, load: impl FnOnce()) {
    tracing::warn!(window = label.split('-').next(), "the process of a page ended");
    let at = OffsetDateTime::now_utc();
    if label == window::MAIN
        && let Some(text) = report::of_page(at, "PageProcessEnded", &[])
    {
        // Without room for the report the page is worth loading all the same.
        let _ = app.state::<Reports>().keep(at, &text);
    }
    if app.state::<Ends>().is_worth_another(label, at) {
        load();
    } else if label != window::MAIN
        && let Some(window) = app.get_webview_window(label)
    {
        // An empty window says nothing; the message still stands in the list.
        let _ = window.close();
    }
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;

    #[test]
    fn page_is_loaded_again_unless_it_keeps_ending() {
        let ends = Ends::default();
        let start = datetime!(2026-11-16 10:00 UTC);
        let is_worth_another =
            |label: &str, seconds: i64| ends.is_worth_another(label, start + Duration::seconds(seconds));
        for (label, seconds, is_worth) in [
            ("main", 0, true),
            ("main", 1, true),
            ("main", 2, true),
            ("main", 3, false),
            ("message-1", 3, true),
            ("main", 62, true),
            ("main", 300, true),
        ] {
            assert_eq!(
                is_worth_another(label, seconds),
                is_worth,
                "{label} after {seconds} s"
            );
        }
    }
}
