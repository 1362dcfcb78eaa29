//! # Room: shell
//!
//! The desktop application around the page in `ui/`: the only code that needs Tauri.
//!
//! - **Does**: opens the windows and the core, carries the page's calls to the api and its events back, keeps to one
//!   running instance, keeps accounts up to date while it runs, takes `app.mailroom:` and `mailto:` links from the
//!   operating system, opens web pages in the browser, saves and opens files, shows the tray, notifications and messages
//!   in windows of their own, starts at login when that is wanted, and leaves a report when it breaks.
//! - **Owns**: `tauri.conf.json`, the capabilities of each kind of window, the icons, the tasks that end with it.
//! - **Never**: decides anything about mail, holds a word for people, lets the page name a file, or reads the
//!   environment outside of `surroundings.rs`.

mod again;
mod arguments;
mod autostart;
mod badge;
#[cfg(target_os = "linux")]
mod bus;
mod chooser;
mod commands;
mod core;
mod crash;
mod desk;
mod download;
mod events;
mod geometry;
mod handler;
mod kind;
mod letter;
mod link;
mod log;
mod memory;
mod notice;
mod opened;
mod private;
mod report;
#[cfg(not(windows))]
mod revive;
mod surroundings;
mod tray;
mod view;
mod web;
mod window;

use std::sync::Arc;

use mailroom_api::subscribe;
use tauri::{App, AppHandle, Manager as _, RunEvent, Window, WindowEvent};
use tauri_plugin_deep_link::DeepLinkExt as _;

use crate::again::Again;
use crate::arguments::Arguments;
use crate::core::Core;
use crate::desk::Desk;
use crate::letter::Letters;
use crate::memory::Memory;
use crate::notice::Notices;
use crate::opened::Opened;
use crate::report::Reports;
#[cfg(not(windows))]
use crate::revive::Ends;
use crate::surroundings::Surroundings;
use crate::tray::Tray;
use crate::window::{Main, Start};

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

/// Runs the application until it is told to end.
///
/// A second start hands its link to the first instance, brings that one's window forward and ends.
///
/// # Errors
///
/// See [`StartError`].
pub fn run() -> Result<(), StartError> {
    run_once().map_err(again::once_more)
}

fn run_once() -> Result<(), StartError> {
    let surroundings = Surroundings::read();
    let home = surroundings.home()?;
    let reports = Reports::new(&home);
    crash::install(reports.clone());
    log::listen(&home, surroundings.log());
    let arguments = Arguments::of(std::env::args_os().map(|word| word.to_string_lossy().into_owned()));
    let core = Core::open(surroundings.engine_setup()?);
    let builder = tauri::Builder::default();
    #[cfg(not(windows))]
    let builder = builder.manage(Ends::default());
    #[cfg(target_os = "macos")]
    let builder = builder.on_web_content_process_terminate(|view| {
        revive::page_ended(view.app_handle(), view.label(), || {
            let _ = view.reload();
        });
    });
    builder
        // First of all plugins: a second instance must end before the others do anything. With its
        // `deep-link` feature it passes the second instance's `app.mailroom:` link on to `on_open_url`.
        .plugin(tauri_plugin_single_instance::init(|app, arguments, _folder| {
            started_again(app, arguments);
        }))
        .plugin(tauri_plugin_deep_link::init())
        // Called from here alone: the page gets neither its commands nor its script.
        .plugin(
            tauri_plugin_opener::Builder::new()
                .open_js_links_on_click(false)
                .build(),
        )
        .manage(core)
        .manage(Again::default())
        .manage(reports)
        .manage(Memory::open(&home))
        .manage(Desk::default())
        .manage(Letters::default())
        .manage(Main::default())
        .manage(Notices::default())
        .manage(Tray::new())
        .register_asynchronous_uri_scheme_protocol(letter::SCHEME, |context, request, responder| {
            letter::serve(&context, &request, responder);
        })
        .invoke_handler(tauri::generate_handler![
            commands::autostart,
            commands::call,
            commands::crash_reports,
            commands::dismiss_crash_report,
            commands::end,
            commands::export_mail,
            commands::import_mail,
            commands::notify,
            commands::open_attachment,
            commands::open_external,
            commands::open_message_window,
            commands::report_page_failure,
            commands::save_download,
            commands::set_autostart,
            commands::set_desk,
            commands::take_desk_events,
            commands::withdraw_notice,
        ])
        .on_window_event(follow_window)
        .setup(move |app| {
            // Not before this is known to be the only instance: another one's copies are in use.
            app.manage(Opened::new(&home));
            let kept = app.state::<Memory>().kept();
            let start = Start::of(arguments.hidden, kept);
            window::open(app.handle(), kept, start)?;
            start_work(app, start);
            take_links(app);
            if let Some(mailto) = arguments.mailto {
                link::compose(app.handle(), mailto);
            }
            Ok(())
        })
        .build(context())?
        .run(|app, event| match event {
            RunEvent::Exit => {
                app.state::<Main>().begin_end();
                tauri::async_runtime::block_on(app.state::<Core>().close());
                app.state::<Opened>().clean();
                app.state::<Again>().make_good(app);
            }
            #[cfg(target_os = "macos")]
            RunEvent::Reopen { .. } => started_again(app, vec![String::new()]),
            _ => {}
        });
    Ok(())
}

/// Somebody started the program a second time: to see it, or to write a message.
fn started_again(app: &AppHandle, words: Vec<String>) {
    if app.state::<Main>().is_ending() {
        app.state::<Again>().keep(app, words);
        return;
    }
    let arguments = Arguments::of(words);
    // Signing in to the computer while the program runs is no wish to see it.
    if !arguments.hidden {
        window::bring_forward(app, None);
    }
    if let Some(mailto) = arguments.mailto {
        link::compose(app, mailto);
    }
}

/// What becomes of the windows.
fn follow_window(window: &Window, event: &WindowEvent) {
    let app = window.app_handle();
    match event {
        WindowEvent::CloseRequested { api, .. } if window.label() == window::MAIN => {
            api.prevent_close();
            window::close(app);
        }
        WindowEvent::Moved(_) | WindowEvent::Resized(_) if window.label() == window::MAIN => {
            window::moved(app);
        }
        WindowEvent::Destroyed => app.state::<Letters>().closed(window.label()),
        _ => {}
    }
}

/// Begins what runs beside the window: telling the page what happens, and keeping accounts up to date.
fn start_work(app: &App, start: Start) {
    let core = app.state::<Core>();
    core.run(events::forward(
        app.handle().clone(),
        subscribe(core.engine()),
        core.ending().clone(),
    ));
    let engine = core.context(core.ending().clone()).engine;
    let asked = app.handle().clone();
    engine.set_link_check(Arc::new(move || handler::links_reach_us(&asked)));
    let (handle, ending) = (app.handle().clone(), core.ending().clone());
    core.run(async move {
        ending
            .run_until_cancelled(handle.state::<Desk>().first_picture())
            .await;
        engine.keep_watching(ending).await;
    });
    core.run(window::remember(app.handle().clone()));
    core.run(window::wait_for_tray(app.handle().clone(), start));
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

/// The configuration, the page and the icons, as they were when the program was compiled.
#[expect(
    clippy::disallowed_methods,
    reason = "the macro's own code ends the process where it must"
)]
fn context() -> tauri::Context {
    tauri::generate_context!()
}
