//! The person's `Run` key on Windows, a launch agent on macOS.

use std::io;

use auto_launch::{AutoLaunch, AutoLaunchBuilder, MacOSLaunchMode, WindowsEnableMode};
use tauri::AppHandle;

use super::{Autostart, program};
use crate::arguments::HIDDEN;

/// Whether it is on.
pub(crate) fn state(app: &AppHandle) -> Autostart {
    let entry = entry(app);
    Autostart {
        enabled: entry
            .as_ref()
            .is_ok_and(|entry| entry.is_enabled().unwrap_or(false)),
        changeable: entry.is_ok(),
    }
}

/// Switches it on or off.
///
/// # Errors
///
/// The system refuses.
pub(crate) fn set(app: &AppHandle, enabled: bool) -> io::Result<()> {
    let entry = entry(app)?;
    let done = if enabled { entry.enable() } else { entry.disable() };
    done.map_err(io::Error::other)
}

fn entry(app: &AppHandle) -> io::Result<AutoLaunch> {
    let path = program(app)?;
    let path = path.to_str().ok_or(io::ErrorKind::InvalidData)?;
    // The library joins the words of the command line as they are.
    let path = if cfg!(windows) {
        format!("\"{path}\"")
    } else {
        path.to_owned()
    };
    AutoLaunchBuilder::new()
        .set_app_name("Mailroom")
        .set_app_path(&path)
        .set_args(&[HIDDEN])
        .set_macos_launch_mode(MacOSLaunchMode::LaunchAgent)
        .set_windows_enable_mode(WindowsEnableMode::CurrentUser)
        .build()
        .map_err(io::Error::other)
}
