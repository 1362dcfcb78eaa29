//! The count of unread messages at the program's icon in the dock, panel or task bar.

use tauri::AppHandle;

/// Shows the count; nothing when it is zero or the desktop shows no counts.
#[cfg(target_os = "linux")]
pub(crate) async fn show(_: &AppHandle, unread: u32) {
    if let Err(error) = on_launcher(unread).await {
        tracing::debug!(%error, "the launcher was not told the count");
    }
}

/// The signal that Plasma's task bar, Dash to Dock, Ubuntu's dock, Plank and others listen for. They find the program by the
/// name of its desktop entry, which the packages call after the product.
#[cfg(target_os = "linux")]
async fn on_launcher(unread: u32) -> zbus::Result<()> {
    use std::collections::HashMap;
    use zbus::zvariant::Value;

    let properties = HashMap::from([
        ("count", Value::from(i64::from(unread))),
        ("count-visible", Value::from(unread > 0)),
    ]);
    crate::bus::session()
        .await?
        .emit_signal(
            None::<&str>,
            "/app/mailroom/desktop",
            "com.canonical.Unity.LauncherEntry",
            "Update",
            &("application://Mailroom.desktop", properties),
        )
        .await
}

/// Shows the count on the Dock's icon.
#[cfg(target_os = "macos")]
#[expect(clippy::unused_async, reason = "on Linux it is told over the bus")]
pub(crate) async fn show(app: &AppHandle, unread: u32) {
    use tauri::Manager as _;

    if let Some(window) = app.get_webview_window(crate::window::MAIN) {
        let _ = window.set_badge_count((unread > 0).then_some(i64::from(unread)));
    }
}

/// The task bar of Windows has no counts; the tray's dot says it.
#[cfg(windows)]
#[expect(clippy::unused_async, reason = "on Linux it is told over the bus")]
pub(crate) async fn show(_: &AppHandle, _: u32) {}
