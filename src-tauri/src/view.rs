//! What the engine's views are told beyond what Tauri tells them: to keep nothing, and to be no more than a mail program
//! needs.

use tauri::{AppHandle, Manager as _, WebviewWindow};

#[cfg(target_os = "linux")]
use crate::revive;

/// Makes a window and settles its view in one go, before the process of its page has begun to work.
///
/// The engine does not survive every change of its settings once it draws a page, so on Linux both happen on the thread
/// that the engine speaks on. Elsewhere a window must not be made on that thread while it handles something.
///
/// # Errors
///
/// The window cannot be made, or the program is about to end.
pub(crate) fn make(
    app: &AppHandle,
    make: impl FnOnce() -> tauri::Result<WebviewWindow> + Send + 'static,
) -> tauri::Result<()> {
    if cfg!(not(target_os = "linux")) {
        return settle(&make()?);
    }
    let (done, made) = std::sync::mpsc::channel();
    app.run_on_main_thread(move || {
        // Nobody waits any more when the program ends.
        let _ = done.send(make().and_then(|window| settle(&window)));
    })?;
    made.recv().map_err(|_| tauri::Error::FailedToReceiveMessage)?
}

/// Settles a view right after it was made, before its page is loaded.
///
/// Pictures from a network that were asked for leave neither cookies nor copies behind; that setting is one of all views.
/// Media, WebGL and audio of pages are off: nothing of ours uses them, and messages must not. Without a graphics card
/// compositing would be done by a software renderer, which takes a third of the memory and draws text no better.
///
/// A page whose process ends is loaded again ([`revive`]).
///
/// # Errors
///
/// The window is gone.
#[cfg(target_os = "linux")]
pub(crate) fn settle(window: &WebviewWindow) -> tauri::Result<()> {
    use webkit2gtk::{
        CacheModel, CookieAcceptPolicy, CookieManagerExt as _, HardwareAccelerationPolicy, SettingsExt as _,
        WebContextExt as _, WebViewExt as _,
    };

    let (app, label) = (window.app_handle().clone(), window.label().to_owned());
    window.with_webview(move |webview| {
        if let Some(address) = webview.inner().uri() {
            // Of a page that ended before it came, the view itself forgets the address.
            webview.inner().connect_web_process_terminated(move |view, _| {
                revive::page_ended(&app, &label, || view.load_uri(&address));
            });
        }
        if let Some(settings) = webview.inner().settings() {
            settings.set_enable_media(false);
            settings.set_enable_media_stream(false);
            settings.set_enable_webaudio(false);
            settings.set_enable_webgl(false);
            settings.set_enable_page_cache(false);
            if !has_graphics_card() {
                settings.set_hardware_acceleration_policy(HardwareAccelerationPolicy::Never);
            }
        }
        if let Some(context) = webview.inner().context() {
            context.set_cache_model(CacheModel::DocumentViewer);
            if let Some(cookies) = context.cookie_manager() {
                cookies.set_accept_policy(CookieAcceptPolicy::Never);
            }
        }
    })
}

/// True when the kernel offers a device that renders (`/dev/dri/renderD128` and following).
#[cfg(target_os = "linux")]
fn has_graphics_card() -> bool {
    std::fs::read_dir("/dev/dri").is_ok_and(|devices| {
        devices
            .flatten()
            .any(|device| device.file_name().to_string_lossy().starts_with("renderD"))
    })
}

/// The system's own view is as it should be.
#[cfg(not(target_os = "linux"))]
#[expect(clippy::unnecessary_wraps, reason = "on Linux the view is asked")]
pub(crate) fn settle(_: &WebviewWindow) -> tauri::Result<()> {
    Ok(())
}
