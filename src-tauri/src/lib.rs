//! # Room: shell
//!
//! The desktop application around the page in `ui/`: the only code that needs Tauri.
//!
//! - **Does**: open the window, keep to one running instance, and take `app.mailroom:` links from the
//!   operating system.
//! - **Owns**: `tauri.conf.json`, the capabilities of each kind of window, the icons.
//! - **Never**: decides anything about mail. What a window may ask for goes through the api room, and the
//!   capability files say what that is; today it is nothing.

mod window;

use tauri_plugin_deep_link::DeepLinkExt as _;

/// Runs the application until its last window is closed.
///
/// A second start hands its link to the first instance, brings that one's window forward and ends.
///
/// # Errors
///
/// The window could not be created, for instance because there is no display.
pub fn run() -> tauri::Result<()> {
    tauri::Builder::default()
        // First of all plugins: a second instance must end before the others do anything. With its
        // `deep-link` feature it passes the second instance's link on to `on_open_url`.
        .plugin(tauri_plugin_single_instance::init(|app, _arguments, _folder| {
            window::bring_forward(app);
        }))
        .plugin(tauri_plugin_deep_link::init())
        .setup(|app| {
            // A link that starts the application needs nothing here: its window opens in front anyway.
            let handle = app.handle().clone();
            app.deep_link()
                .on_open_url(move |_link| window::bring_forward(&handle));
            Ok(())
        })
        .run(context())
}

/// The configuration, the page and the icons, as they were when the program was compiled.
#[expect(
    clippy::disallowed_methods,
    reason = "the macro's own code ends the process where it must"
)]
fn context() -> tauri::Context {
    tauri::generate_context!()
}
