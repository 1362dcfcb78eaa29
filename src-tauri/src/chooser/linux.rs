//! GTK's dialog, or the desktop's through its portal, as the desktop decides.

use std::cell::{Cell, RefCell};
use std::path::PathBuf;
use std::rc::Rc;

use gtk::prelude::{FileChooserExt as _, NativeDialogExt as _};
use gtk::{FileChooserAction, FileChooserNative, ResponseType};
use tauri::{AppHandle, Manager as _};
use tokio::sync::oneshot;

use super::Wanted;
use crate::window::MAIN;

pub(super) async fn ask(app: &AppHandle, title: String, wanted: Wanted) -> Vec<PathBuf> {
    let (send, receive) = oneshot::channel();
    let above = app.clone();
    // A program that ends asks nobody.
    if app
        .run_on_main_thread(move || show(&above, &title, wanted, send))
        .is_err()
    {
        return Vec::new();
    }
    receive.await.unwrap_or_default()
}

fn show(app: &AppHandle, title: &str, wanted: Wanted, send: oneshot::Sender<Vec<PathBuf>>) {
    let window = app
        .get_webview_window(MAIN)
        .and_then(|window| window.gtk_window().ok());
    let action = match wanted {
        Wanted::Files => FileChooserAction::Open,
        Wanted::Folders => FileChooserAction::SelectFolder,
    };
    let dialog = FileChooserNative::new(Some(title), window.as_ref(), action, None, None);
    dialog.set_select_multiple(true);
    dialog.set_modal(true);
    let send = Cell::new(Some(send));
    // Somebody has to hold the dialog until it is answered.
    let held = Rc::new(RefCell::new(None));
    let holder = Rc::clone(&held);
    dialog.connect_response(move |dialog, response| {
        let paths = if response == ResponseType::Accept {
            dialog.filenames()
        } else {
            Vec::new()
        };
        if let Some(send) = send.take() {
            // Whoever asked may have gone.
            drop(send.send(paths));
        }
        drop(holder.take());
    });
    dialog.show();
    held.replace(Some(dialog));
}
