//! Starting when the person signs in to the computer. Off until they switch it on.

#[cfg(target_os = "linux")]
#[path = "linux.rs"]
mod system;
#[cfg(not(target_os = "linux"))]
#[path = "native.rs"]
mod system;

use std::path::PathBuf;

use serde::Serialize;
use tauri::{AppHandle, Manager as _};

pub(crate) use system::{set, state};

/// Whether the program starts at login.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Autostart {
    pub(crate) enabled: bool,
    /// False where the person may not change it.
    pub(crate) changeable: bool,
}

/// The program to start: of an AppImage the image, not its contents.
fn program(app: &AppHandle) -> std::io::Result<PathBuf> {
    tauri::process::current_binary(&app.env())
}
