//! What the page may call. `build.rs` and the capability files name the same.

use std::path::PathBuf;

use mailroom_api::{ErrorCode, WireError, page_refusal};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tauri::{AppHandle, Manager as _, State};
use tauri_plugin_opener::OpenerExt as _;
use time::OffsetDateTime;

use crate::autostart::{self, Autostart};
use crate::chooser::{self, Wanted};
use crate::core::Core;
use crate::desk::{Desk, DeskEvent};
use crate::letter::{self, MessageWindow};
use crate::memory::Memory;
use crate::notice::{Notice, Notices};
use crate::opened::{self, Attachment, Opened, Outcome};
use crate::report::{self, Report, Reports};
use crate::tray::{Face, Items, Tray};
use crate::{badge, download, web, window};

/// One command of the core. It runs to its end, or to the program's.
#[tauri::command]
pub(crate) async fn call(core: State<'_, Core>, name: String, payload: Value) -> Result<Value, WireError> {
    match page_refusal(&name, &payload) {
        Some(refusal) => Err(refusal),
        None => core.call(&name, payload).await,
    }
}

/// Opens a web page in the person's browser.
#[tauri::command]
#[expect(clippy::needless_pass_by_value, reason = "a command owns its arguments")]
pub(crate) fn open_external(app: AppHandle, url: String) -> Result<(), WireError> {
    let page = web::page(&url).ok_or_else(|| WireError::input("url", "neither http nor https"))?;
    app.opener()
        .open_url(page.as_str(), None::<&str>)
        .map_err(|error| WireError::input("url", format!("the system opens no browser: {error}")))
}

/// Saves a message, or its attachment `part`, in the person's downloads folder under a name like `filename` that is
/// free, and says which file it became.
#[tauri::command]
pub(crate) async fn save_download(
    app: AppHandle,
    core: State<'_, Core>,
    id: i64,
    part: Option<String>,
    filename: String,
) -> Result<Value, WireError> {
    let folder = downloads(&app)?;
    let reserved = download::reserve(&folder, &filename)
        .map_err(|error| WireError::input("path", format!("{}: {error}", folder.display())))?;
    let path = reserved
        .to_str()
        .ok_or_else(|| WireError::input("path", "the folder's name is not valid Unicode"))?;
    let saved = core
        .call("message_export", json!({ "id": id, "part": part, "path": path }))
        .await;
    if saved.is_err() {
        // The empty file that held the name; the first error is the one that counts.
        drop(std::fs::remove_file(&reserved));
    }
    saved
}

/// What the page wants as files.
#[derive(Debug, Deserialize)]
pub(crate) struct ExportWish {
    address: String,
    format: String,
    folders: Vec<String>,
}

/// Writes the mail of an account as files into a new folder among the person's downloads, and says what became of it.
#[tauri::command]
pub(crate) async fn export_mail(
    app: AppHandle,
    core: State<'_, Core>,
    wish: ExportWish,
) -> Result<Value, WireError> {
    let downloads = downloads(&app)?;
    let day = OffsetDateTime::now_utc().date();
    let name = format!("Mailroom {} {day}", wish.address);
    let target = download::reserve_folder(&downloads, &name)
        .map_err(|error| WireError::input("path", format!("{}: {error}", downloads.display())))?;
    let path = target
        .to_str()
        .ok_or_else(|| WireError::input("path", "the folder's name is not valid Unicode"))?;
    let payload =
        json!({ "address": wish.address, "format": wish.format, "folders": wish.folders, "target": path });
    let exported = core.call("mail_export", payload).await;
    if exported.is_err() {
        // Only while nothing is in it; the first error is the one that counts.
        drop(std::fs::remove_dir(&target));
    }
    exported
}

/// What the page wants to bring in. The files are named by the person.
#[derive(Debug, Deserialize)]
pub(crate) struct ImportWish {
    address: String,
    folder: String,
    wanted: Wanted,
    /// What the dialog is called, in the reader's language.
    title: String,
}

/// Asks the person for files with mail, and puts it into a folder of an account. `cancelled` when no file was chosen.
#[tauri::command]
pub(crate) async fn import_mail(
    app: AppHandle,
    core: State<'_, Core>,
    wish: ImportWish,
) -> Result<Value, WireError> {
    let chosen = chooser::ask(&app, wish.title, wish.wanted).await;
    if chosen.is_empty() {
        return Err(WireError::new(ErrorCode::Cancelled, &[], "no file was chosen"));
    }
    let paths = chosen
        .into_iter()
        .map(|path| path.into_os_string().into_string())
        .collect::<Result<Vec<String>, _>>()
        .map_err(|_| WireError::input("path", "the file's name is not valid Unicode"))?;
    let payload = json!({ "address": wish.address, "folder": wish.folder, "paths": paths });
    core.call("mail_import", payload).await
}

/// The person's folder for downloads.
fn downloads(app: &AppHandle) -> Result<PathBuf, WireError> {
    app.path()
        .download_dir()
        .or_else(|_| app.path().home_dir().map(|home| home.join("Downloads")))
        .map_err(|error| WireError::input("path", format!("no folder for downloads: {error}")))
}

/// What the page wants to stand around the window.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct DeskWanted {
    unread: u32,
    tooltip: String,
    items: Items,
    close_to_tray: bool,
}

/// What stands there.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct DeskState {
    tray_shown: bool,
}

/// Draws tray and badge, and keeps what closing the window does.
#[tauri::command]
pub(crate) async fn set_desk(
    app: AppHandle,
    tray: State<'_, Tray>,
    memory: State<'_, Memory>,
    desk: DeskWanted,
) -> Result<DeskState, WireError> {
    if memory.kept().close_to_tray != desk.close_to_tray {
        memory.change(|kept| kept.close_to_tray = desk.close_to_tray);
        memory.write();
    }
    // The page knows how much is unread: the list stands.
    app.state::<Desk>().has_drawn();
    badge::show(&app, desk.unread).await;
    let face = Face {
        unread: desk.unread,
        tooltip: desk.tooltip,
        items: desk.items,
    };
    tray.draw(&app, face).await;
    Ok(DeskState {
        tray_shown: tray.is_shown(),
    })
}

/// Hands over what the person asked for before the page listened; from now on it is sent.
#[tauri::command]
#[expect(clippy::needless_pass_by_value, reason = "a command owns its arguments")]
pub(crate) fn take_desk_events(desk: State<'_, Desk>) -> Vec<DeskEvent> {
    desk.listen()
}

/// Shows a notification.
#[tauri::command]
pub(crate) async fn notify(
    app: AppHandle,
    notices: State<'_, Notices>,
    notice: Notice,
) -> Result<(), WireError> {
    notices.show(&app, notice).await;
    Ok(())
}

/// Takes a notification away.
#[tauri::command]
pub(crate) async fn withdraw_notice(notices: State<'_, Notices>, tag: String) -> Result<(), WireError> {
    notices.withdraw(&tag).await;
    Ok(())
}

/// Whether the program starts at login.
#[tauri::command(async)]
#[expect(clippy::needless_pass_by_value, reason = "a command owns its arguments")]
pub(crate) fn autostart(app: AppHandle) -> Autostart {
    autostart::state(&app)
}

/// Switches starting at login on or off.
#[tauri::command(async)]
#[expect(clippy::needless_pass_by_value, reason = "a command owns its arguments")]
pub(crate) fn set_autostart(app: AppHandle, enabled: bool) -> Result<Autostart, WireError> {
    autostart::set(&app, enabled).map_err(|error| {
        WireError::new(
            ErrorCode::FileUnwritable,
            &[("path", "autostart".into())],
            error.to_string(),
        )
    })?;
    Ok(autostart::state(&app))
}

/// Opens a message in a window of its own.
#[tauri::command(async)]
#[expect(clippy::needless_pass_by_value, reason = "a command owns its arguments")]
pub(crate) fn open_message_window(app: AppHandle, message: MessageWindow) -> Result<(), WireError> {
    letter::open(&app, message).map_err(|error| WireError::new(ErrorCode::Internal, &[], error.to_string()))
}

/// Opens an attachment with the system's program for it.
#[tauri::command]
pub(crate) async fn open_attachment(
    app: AppHandle,
    core: State<'_, Core>,
    opened: State<'_, Opened>,
    attachment: Attachment,
) -> Result<Outcome, WireError> {
    opened::open(&app, &core, &opened, attachment).await
}

/// What earlier crashes left.
#[tauri::command(async)]
#[expect(clippy::needless_pass_by_value, reason = "a command owns its arguments")]
pub(crate) fn crash_reports(reports: State<'_, Reports>) -> Vec<Report> {
    reports.list()
}

/// Deletes a report.
#[tauri::command(async)]
#[expect(clippy::needless_pass_by_value, reason = "a command owns its arguments")]
pub(crate) fn dismiss_crash_report(reports: State<'_, Reports>, id: String) -> Result<(), WireError> {
    reports
        .dismiss(&id)
        .map_err(|error| WireError::input("id", error.to_string()))
}

/// Keeps a report of a failure of the page.
#[tauri::command(async)]
#[expect(clippy::needless_pass_by_value, reason = "a command owns its arguments")]
pub(crate) fn report_page_failure(
    reports: State<'_, Reports>,
    name: String,
    frames: Vec<String>,
) -> Result<(), WireError> {
    let at = OffsetDateTime::now_utc();
    let text = report::of_page(at, &name, &frames)
        .ok_or_else(|| WireError::input("name", "not the name of an error"))?;
    reports.keep(at, &text).map_err(|error| {
        WireError::new(
            ErrorCode::FileUnwritable,
            &[("path", "reports".into())],
            error.to_string(),
        )
    })
}

/// The page has kept what was typed: the program may end now.
#[tauri::command]
#[expect(clippy::needless_pass_by_value, reason = "a command owns its arguments")]
pub(crate) fn end(app: AppHandle) {
    window::end(&app);
}
