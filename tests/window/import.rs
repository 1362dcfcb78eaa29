//! Mail from files, which the person names in the system's dialog.

use std::fs;
use std::time::Duration;

use mailroom_tests::until;
use mailroom_tests::window::Desktop;
use serde_json::json;

use crate::message::{ALICE, call, office, with_letter};
use crate::surroundings::{run, windows};

const PATIENCE: Duration = Duration::from_mins(2);
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
    let wish = json!({ "address": ALICE, "folder": "INBOX", "title": TITLE, "wanted": "files" });
    let ask = format!(
        "window.imported = null; window.__TAURI_INTERNALS__.invoke('import_mail', {{ wish: {wish} }})
            .then((ok) => {{ window.imported = {{ ok }} }}, (error) => {{ window.imported = {{ error }} }})"
    );
    application.run(&ask, Vec::new()).await.unwrap();
    assert!(until(PATIENCE, || windows(&desktop).contains(TITLE)));
    // The dialog takes a path as soon as one is typed.
    assert!(until(PATIENCE, || {
        run(&desktop, "wmctrl", &["-a", TITLE]);
        run(&desktop, "xdotool", &["key", "ctrl+a"]);
        run(&desktop, "xdotool", &["type", "--delay", "30", "~/letters.mbox"]);
        run(&desktop, "xdotool", &["key", "Return"]);
        // Time to close: what is typed once more would go into the window below.
        until(Duration::from_secs(10), || !windows(&desktop).contains(TITLE))
    }));
    let imported = application
        .page()
        .until("the import", "return window.imported")
        .await
        .unwrap();
    assert_eq!(imported.get("error"), None, "{imported}");
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
