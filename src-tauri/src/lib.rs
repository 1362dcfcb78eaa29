//! # Room: shell
//!
//! The desktop application around the page in `ui/`: the only code that needs Tauri.
//!
//! - **Does**: opens the window and the core, carries the page's calls to the api and its events back, keeps to one
//!   running instance, keeps accounts up to date while it runs, takes `app.mailroom:` links from the operating system,
//!   opens web pages in the browser and saves files where the person finds them.
//! - **Owns**: `tauri.conf.json`, the capabilities of each kind of window, the icons, the tasks that end with it.
//! - **Never**: decides anything about mail, lets the page name a file, or reads the environment outside of
//!   `surroundings.rs`.

mod commands;
mod core;
mod download;
mod events;
mod link;
mod surroundings;
mod web;
mod window;

use mailroom_api::subscribe;
use tauri::{App, Manager as _, RunEvent};
use tauri_plugin_deep_link::DeepLinkExt as _;
use tracing_subscriber::EnvFilter;

use crate::core::Core;
use crate::surroundings::Surroundings;

/// Why the application did not start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StartError {
    /// The window could not be created, for instance because there is no display.
    #[error("the window could not be opened")]
    Window(#[from] tauri::Error),
    /// The system names no directory for data, and none was given.
    #[error("this system names no directory for data; give one with MAILROOM_HOME")]
    NoDataFolder,
    /// `MAILROOM_VAULT` is `file`, and there is no passphrase.
    #[error("the secrets file needs a passphrase, and MAILROOM_VAULT_PASSPHRASE is not set")]
    PassphraseMissing,
    /// `MAILROOM_VAULT` is neither `keychain` nor `file`.
    #[error("MAILROOM_VAULT is neither keychain nor file")]
    VaultUnknown,
}

/// Runs the application until its last window is closed.
///
/// A second start hands its link to the first instance, brings that one's window forward and ends.
///
/// # Errors
///
/// See [`StartError`].
pub fn run() -> Result<(), StartError> {
    let surroundings = Surroundings::read();
    listen_to_the_program(surroundings.log());
    let core = Core::open(surroundings.engine_setup()?);
    tauri::Builder::default()
        // First of all plugins: a second instance must end before the others do anything. With its
        // `deep-link` feature it passes the second instance's link on to `on_open_url`.
        .plugin(tauri_plugin_single_instance::init(|app, _arguments, _folder| {
            window::bring_forward(app);
        }))
        .plugin(tauri_plugin_deep_link::init())
        // Called from here alone: the page gets neither its commands nor its script.
        .plugin(
            tauri_plugin_opener::Builder::new()
                .open_js_links_on_click(false)
                .build(),
        )
        .manage(core)
        .invoke_handler(tauri::generate_handler![
            commands::call,
            commands::open_external,
            commands::save_download
        ])
        .setup(|app| {
            start_work(app);
            take_links(app);
            Ok(())
        })
        .build(context())?
        .run(|app, event| {
            if let RunEvent::Exit = event {
                tauri::async_runtime::block_on(app.state::<Core>().close());
            }
        });
    Ok(())
}

/// Begins what runs beside the window: telling the page what happens, and keeping accounts up to date.
fn start_work(app: &App) {
    let core = app.state::<Core>();
    core.run(events::forward(
        app.handle().clone(),
        subscribe(core.engine()),
        core.ending().clone(),
    ));
    let engine = core.context(core.ending().clone()).engine;
    core.run(engine.keep_watching(core.ending().clone()));
}

/// Takes links that come while the application runs, and the one that started it.
fn take_links(app: &App) {
    let handle = app.handle().clone();
    app.deep_link()
        .on_open_url(move |event| link::follow(&handle, event.urls()));
    if let Ok(Some(links)) = app.deep_link().get_current() {
        link::follow(app.handle(), links);
    }
}

/// Writes what the program reports on the way to standard error, when that was asked for.
fn listen_to_the_program(wanted: Option<&str>) {
    if let Some(filter) = wanted.and_then(|wanted| EnvFilter::try_new(wanted).ok()) {
        let subscriber = tracing_subscriber::fmt()
            .with_env_filter(filter)
            .with_writer(std::io::stderr)
            .with_ansi(false)
            .finish();
        // Only one subscriber is ever set in this process.
        drop(tracing::subscriber::set_global_default(subscriber));
    }
}

/// The configuration, the page and the icons, as they were when the program was compiled.
#[expect(
    clippy::disallowed_methods,
    reason = "the macro's own code ends the process where it must"
)]
fn context() -> tauri::Context {
    tauri::generate_context!()
}
