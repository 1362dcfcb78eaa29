//! The dialog of Windows and macOS.

use std::path::PathBuf;

use rfd::{AsyncFileDialog, FileHandle};
use tauri::{AppHandle, Manager as _};

use super::Wanted;
use crate::window::MAIN;

pub(super) async fn ask(app: &AppHandle, title: String, wanted: Wanted) -> Vec<PathBuf> {
    let mut dialog = AsyncFileDialog::new().set_title(title);
    if let Some(window) = app.get_webview_window(MAIN) {
        dialog = dialog.set_parent(&window);
    }
    let chosen = match wanted {
        Wanted::Files => dialog.pick_files().await,
        Wanted::Folders => dialog.pick_folders().await,
    };
    let paths = chosen.unwrap_or_default();
    paths
        .iter()
        .map(|file: &FileHandle| file.path().to_owned())
        .collect()
}
