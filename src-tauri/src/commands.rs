//! What the page may call. `build.rs` and the capability files name the same.

use mailroom_api::{WireError, page_refusal};
use serde_json::{Value, json};
use tauri::{AppHandle, Manager as _, State};
use tauri_plugin_opener::OpenerExt as _;

use crate::core::Core;
use crate::{download, web};

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
    let folder = app
        .path()
        .download_dir()
        .or_else(|_| app.path().home_dir().map(|home| home.join("Downloads")))
        .map_err(|error| WireError::input("path", format!("no folder for downloads: {error}")))?;
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
