//! The main window: opening it where it stood, bringing it forward, hiding and closing it.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tauri::webview::{NewWindowResponse, PageLoadEvent, WebviewWindowBuilder};
use tauri::{AppHandle, Manager as _, Url, WebviewWindow};
use tokio::sync::Notify;

use crate::core::Core;
use crate::desk::{self, Desk, DeskEvent};
use crate::geometry::{self, Area, Geometry};
use crate::memory::{Kept, Memory};
use crate::tray::Tray;
use crate::view;

/// The label of the main window in `tauri.conf.json` and in its capability file.
pub(crate) const MAIN: &str = "main";

/// How long a window has to rest before its place is remembered.
const REST: Duration = Duration::from_millis(400);

/// How long a window that was started out of sight waits for a tray, which may start after us.
const TRAY_COMES: Duration = Duration::from_secs(10);

/// How long the end of the program waits for the page to keep what was typed. The window is out of sight by then, and a page
/// that has kept everything ends the wait: only a busy disk needs more than a moment.
const PAGE_KEEPS: Duration = Duration::from_secs(10);

/// How the window stands when the program starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Start {
    Shown,
    Minimised,
    /// Out of sight; [`wait_for_tray`] sees to it that there is a way in.
    Hidden,
}

impl Start {
    /// Out of the way when that was asked for, and out of sight only when closing would hide the window too.
    pub(crate) fn of(hidden: bool, kept: Kept) -> Self {
        match (hidden, kept.close_to_tray) {
            (false, _) => Self::Shown,
            (true, false) => Self::Minimised,
            (true, true) => Self::Hidden,
        }
    }
}

/// What the main window has told and was told.
#[derive(Debug, Default)]
pub(crate) struct Main {
    /// Woken when the window was moved or sized.
    moved: Notify,
    /// True once the program is about to end.
    ends: AtomicBool,
}

impl Main {
    /// Says that the program ends. True the first time.
    pub(crate) fn begin_end(&self) -> bool {
        !self.ends.swap(true, Ordering::AcqRel)
    }

    /// True once the program is about to end.
    pub(crate) fn is_ending(&self) -> bool {
        self.ends.load(Ordering::Acquire)
    }
}

/// Opens the main window.
///
/// # Errors
///
/// The window cannot be created.
pub(crate) fn open(app: &AppHandle, kept: Kept, start: Start) -> tauri::Result<()> {
    let config = app
        .config()
        .app
        .windows
        .iter()
        .find(|window| window.label == MAIN);
    let config = config.ok_or(tauri::Error::WindowNotFound)?;
    let handle = app.clone();
    let mut builder = WebviewWindowBuilder::from_config(app, config)?
        .visible(start == Start::Shown)
        .on_navigation(|url| is_own_page(url, tauri::is_dev()))
        .on_new_window(|_, _| NewWindowResponse::Deny)
        .on_page_load(move |_, load| {
            if load.event() == PageLoadEvent::Started {
                handle.state::<Desk>().page_left();
            }
        });
    let placed = kept
        .window
        .map(|old| (geometry::fit(old, &areas(app)), old.maximised));
    if let Some((placed, maximised)) = placed {
        builder = builder
            .inner_size(placed.width.into(), placed.height.into())
            .maximized(maximised);
    }
    builder = match placed.and_then(|(placed, _)| placed.place) {
        Some((x, y)) => builder.position(x.into(), y.into()),
        None => builder.center(),
    };
    let window = builder.build()?;
    view::settle(&window)?;
    if start == Start::Minimised {
        minimise(&window);
    }
    Ok(())
}

/// The page itself; everything else opens elsewhere. `about:` is what the frames of messages are.
fn is_own_page(url: &Url, is_dev: bool) -> bool {
    match (url.scheme(), url.host_str()) {
        ("tauri", Some("localhost")) | ("http" | "https", Some("tauri.localhost")) | ("about", None) => true,
        ("http", Some("127.0.0.1")) => is_dev && url.port() == Some(5173),
        _ => false,
    }
}

/// The usable parts of the screens, the first screen's first.
fn areas(app: &AppHandle) -> Vec<Area> {
    let monitors = app.available_monitors().unwrap_or_default();
    monitors
        .iter()
        .map(|monitor| {
            let area = monitor.work_area();
            let place = area.position.to_logical(monitor.scale_factor());
            let size = area.size.to_logical(monitor.scale_factor());
            Area {
                x: place.x,
                y: place.y,
                width: size.width,
                height: size.height,
            }
        })
        .collect()
}

/// Shows a window as a button in the panel only.
fn minimise(window: &WebviewWindow) {
    // A desktop that does not minimise shows the window, which is a way in too.
    let _ = window.minimize();
    let _ = window.show();
}

/// Shows the main window in front of the others, wherever it was. `token` is what the desktop gave with the click
/// that led here; without one it may only mark the window as wanting attention.
///
/// A window that is just closing, or a desktop that refuses to move the focus, is not worth an error: the
/// window stays where it is.
pub(crate) fn bring_forward(app: &AppHandle, token: Option<String>) {
    if app.state::<Main>().is_ending() {
        return;
    }
    if let Some(window) = app.get_webview_window(MAIN) {
        use_token(&window, token);
        let _ = window.unminimize();
        let _ = window.show();
        let _ = window.set_focus();
    }
}

/// Lets GTK present the window with the token of the click (XDG activation, startup notification).
#[cfg(target_os = "linux")]
fn use_token(window: &WebviewWindow, token: Option<String>) {
    use gtk::prelude::GtkWindowExt as _;

    if let Some(token) = token {
        let presented = window.clone();
        let _ = window.run_on_main_thread(move || {
            if let Ok(window) = presented.gtk_window() {
                window.set_startup_id(&token);
            }
        });
    }
}

#[cfg(not(target_os = "linux"))]
fn use_token(_: &WebviewWindow, _: Option<String>) {}

/// The person closes the main window: it hides where they chose that and a tray is there, else the program ends.
pub(crate) fn close(app: &AppHandle) {
    let hides = app.state::<Memory>().kept().close_to_tray && app.state::<Tray>().is_shown();
    match app.get_webview_window(MAIN) {
        Some(window) if hides => {
            let _ = window.hide();
        }
        _ => end(app),
    }
}

/// Ends the program, after the page had a moment to keep what was typed. Asked twice, it ends at once.
pub(crate) fn end(app: &AppHandle) {
    let is_first = app.state::<Main>().begin_end();
    if !is_first || !app.state::<Desk>().is_heard() {
        app.exit(0);
        return;
    }
    for window in app.webview_windows().values() {
        let _ = window.hide();
    }
    desk::tell(app, DeskEvent::Closing);
    let core = app.state::<Core>();
    let (handle, ending) = (app.clone(), core.ending().clone());
    core.run(async move {
        if tokio::time::timeout(PAGE_KEEPS, ending.cancelled())
            .await
            .is_err()
        {
            handle.exit(0);
        }
    });
}

/// Says that the main window was moved or sized.
pub(crate) fn moved(app: &AppHandle) {
    app.state::<Main>().moved.notify_one();
}

/// Remembers where the window stands whenever it has come to rest.
pub(crate) async fn remember(app: AppHandle) {
    let ending = app.state::<Core>().ending().clone();
    let main = app.state::<Main>();
    loop {
        tokio::select! {
            () = ending.cancelled() => return,
            () = main.moved.notified() => {}
        }
        tokio::select! {
            () = ending.cancelled() => return,
            () = tokio::time::sleep(REST) => {}
        }
        if let Some(window) = app.get_webview_window(MAIN) {
            let memory = app.state::<Memory>();
            let before = memory.kept();
            memory.change(|kept| kept.window = standing(&window, kept.window).or(kept.window));
            if memory.kept() != before {
                memory.write();
            }
        }
    }
}

/// Where the window stands now; of a maximised one, where it stood `before`. `None` when that cannot be said.
fn standing(window: &WebviewWindow, before: Option<Geometry>) -> Option<Geometry> {
    let is = |state: tauri::Result<bool>| state.unwrap_or(false);
    if !is(window.is_visible()) || is(window.is_minimized()) || is(window.is_fullscreen()) {
        return None;
    }
    if is(window.is_maximized()) {
        return before.map(|before| Geometry {
            maximised: true,
            ..before
        });
    }
    let scale = window.scale_factor().ok()?;
    let place = window.outer_position().ok()?.to_logical(scale);
    let size = window.inner_size().ok()?.to_logical(scale);
    Some(Geometry {
        x: place.x,
        y: place.y,
        width: size.width,
        height: size.height,
        maximised: false,
    })
}

/// Sees to it that a window out of sight has a way in: a window that started so comes to sight when no tray is there in time, and whenever the
/// tray goes away later.
pub(crate) async fn wait_for_tray(app: AppHandle, start: Start) {
    let ending = app.state::<Core>().ending().clone();
    let mut shown = app.state::<Tray>().watch();
    if start == Start::Hidden {
        let came = tokio::time::timeout(TRAY_COMES, shown.wait_for(|shown| *shown)).await;
        if came.is_err() {
            show_if_hidden(&app);
        }
    }
    loop {
        tokio::select! {
            () = ending.cancelled() => return,
            changed = shown.changed() => if changed.is_err() { return },
        }
        if !*shown.borrow_and_update() {
            show_if_hidden(&app);
        }
    }
}

fn show_if_hidden(app: &AppHandle) {
    let ends = app.state::<Main>().ends.load(Ordering::Acquire);
    if let Some(window) = app.get_webview_window(MAIN)
        && !ends
        && !window.is_visible().unwrap_or(true)
    {
        minimise(&window);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn window_starts_out_of_sight_only_where_closing_hides_it() {
        let kept = |close_to_tray| Kept {
            close_to_tray,
            ..Kept::default()
        };
        assert_eq!(Start::of(false, kept(true)), Start::Shown);
        assert_eq!(Start::of(true, kept(false)), Start::Minimised);
        assert_eq!(Start::of(true, kept(true)), Start::Hidden);
    }

    #[test]
    fn main_window_stays_on_its_own_page() {
        for (url, is_dev, stays) in [
            ("tauri://localhost/", false, true),
            ("tauri://localhost/index.html#mail", false, true),
            ("http://tauri.localhost/", false, true),
            ("about:srcdoc", false, true),
            ("about:blank", false, true),
            ("http://127.0.0.1:5173/", true, true),
            ("http://127.0.0.1:5173/", false, false),
            ("http://127.0.0.1:80/", true, false),
            ("https://example.com/", false, false),
            ("tauri://example.com/", false, false),
            ("mailroom-message://localhost/1", false, false),
            ("data:text/html,x", false, false),
            ("file:///etc/passwd", false, false),
        ] {
            assert_eq!(is_own_page(&Url::parse(url).unwrap(), is_dev), stays, "{url}");
        }
    }
}
