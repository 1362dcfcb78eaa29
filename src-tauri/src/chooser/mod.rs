//! The system's own dialog, in which a person names files. The page never does.

#[cfg(target_os = "linux")]
#[path = "linux.rs"]
mod system;
#[cfg(not(target_os = "linux"))]
#[path = "other.rs"]
mod system;

use std::path::PathBuf;

use serde::Deserialize;
use tauri::AppHandle;

/// What may be chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Wanted {
    /// One file, or several.
    Files,
    /// Folders with everything in them.
    Folders,
}

/// Asks the person; nothing when they think better of it. `title` is the page's, in the reader's language; the other words of
/// the dialog are the system's.
pub(crate) async fn ask(app: &AppHandle, title: String, wanted: Wanted) -> Vec<PathBuf> {
    system::ask(app, title, wanted).await
}
