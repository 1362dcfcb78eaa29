//! Mail from files, which the person names in the system's dialog.

use std::fs;
use std::time::Duration;

use mailroom_tests::until;
use mailroom_tests::window::{Application, Desktop};
use serde_json::{Value, json};

use crate::message::{ALICE, call, office, with_letter};
use crate::surroundings::{run, windows};

const PATIENCE: Duration = Duration::from_mins(2);
/// How long a dialog that was answered takes to close, on a busy machine.
const CLOSES: Duration = Duration::from_secs(20);
const TITLE: &str = "Files with mail";

#[tokio::test]
async fn files_that_were_chosen_in_the_dialog_are_put_into_the_folder() {
    let (desktop, office) = (Desktop::start(1280, 800).unwrap(), office());
    let _manager = desktop.companion("openbox", &[], &[]).unwrap();
    let (application, _) = with_letter(&desktop, &office).await;
    let file = desktop.folder().join("home/letters.mbox");
    fs::write(
        &file,
        "From anna@example.com Mon Nov 16 10:00:00 2026\nFrom: Anna <anna@example.com>\nTo: alice@mailroom.test\n\
         Subject: From a file\nMessage-ID: <file@example.com>\nDate: Mon, 16 Nov 2026 10:00:00 +0000\n\nHello.\n\n",
    )
    .unwrap();
    choose_letters(&desktop, &application).await;
    call(&application, "sync_run", json!({})).await;
    let listed = call(&application, "message_list", json!({ "address": ALICE })).await;
    let mut subjects: Vec<&str> = listed["messages"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|message| message["subject"].as_str())
        .collect();
    subjects.sort_unstable();
    assert_eq!(subjects, ["From a file", "Plans <b>"]);
}

/// Asks for an import and types the name of the file into the system's dialog.
///
/// The dialog's field of paths opens at the first key, and what a busy machine types meanwhile is lost. A name that
/// arrived incomplete is a file that does not exist: then the person types again, slower.
async fn choose_letters(desktop: &Desktop, application: &Application) {
    let wish = json!({ "address": ALICE, "folder": "INBOX", "title": TITLE, "wanted": "files" });
    let ask = format!(
        "window.imported = null; window.__TAURI_INTERNALS__.invoke('import_mail', {{ wish: {wish} }})
            .then((ok) => {{ window.imported = {{ ok }} }}, (error) => {{ window.imported = {{ error }} }})"
    );
    let mut imported = Value::Null;
    for pace in ["50", "200", "500", "1000"] {
        application.run(&ask, Vec::new()).await.unwrap();
        assert!(until(PATIENCE, || windows(desktop).contains(TITLE)));
        run(desktop, "wmctrl", &["-a", TITLE]);
        run(desktop, "xdotool", &["key", "ctrl+a"]);
        run(desktop, "xdotool", &["type", "--delay", pace, "~/letters.mbox"]);
        run(desktop, "xdotool", &["key", "Return"]);
        // A dialog that cannot find the file stays; the next attempt begins with a new one.
        if !until(CLOSES, || !windows(desktop).contains(TITLE)) {
            run(desktop, "wmctrl", &["-c", TITLE]);
            assert!(until(PATIENCE, || !windows(desktop).contains(TITLE)));
        }
        imported = application
            .page()
            .until("the import", "return window.imported")
            .await
            .unwrap();
        if imported["ok"].is_object() {
            return;
        }
    }
    panic!("nothing was imported: {imported}");
}
