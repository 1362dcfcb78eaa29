use tauri::{AppHandle, Manager as _, Runtime};

/// The label of the main window in `tauri.conf.json` and in its capability file.
const MAIN: &str = "main";

/// Shows the main window in front of the others, wherever it was.
///
/// A window that is just closing, or a desktop that refuses to move the focus, is not worth an error: the
/// window stays where it is.
pub(crate) fn bring_forward<R: Runtime>(app: &AppHandle<R>) {
    if let Some(window) = app.get_webview_window(MAIN) {
        let _ = window.unminimize();
        let _ = window.show();
        let _ = window.set_focus();
    }
}
