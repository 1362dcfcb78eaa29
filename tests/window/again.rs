//! A start that meets the program while it is ending.

use std::ffi::OsString;
use std::fs;
use std::time::Duration;

use mailroom_tests::until;
use mailroom_tests::window::{Application, Desktop};

use crate::start::program;
use crate::surroundings::{run, runs, windows};

const PATIENCE: Duration = Duration::from_secs(20);

/// What the processes of this desktop were started with.
fn started_with(desktop: &Desktop, word: &str) -> bool {
    desktop.processes().iter().any(|id| {
        let line = fs::read(format!("/proc/{id}/cmdline")).unwrap_or_default();
        line.split(|byte| *byte == 0)
            .any(|found| found == word.as_bytes())
    })
}

#[tokio::test]
async fn start_while_the_program_ends_is_made_good_with_its_link() {
    let desktop = Desktop::start(1280, 800).unwrap();
    let _manager = desktop.companion("openbox", &[], &[]).unwrap();
    let environment: [(&str, OsString); 2] = [
        ("MAILROOM_VAULT", "file".into()),
        ("MAILROOM_VAULT_PASSPHRASE", "window".into()),
    ];
    let application = Application::open(&desktop, &program(), &environment)
        .await
        .unwrap();
    application.page().find("heading", "").await.unwrap();
    assert!(until(PATIENCE, || windows(&desktop).contains("Mailroom")));
    // A busy page does not answer that it has kept everything, so the program takes its time to end.
    let busy = "setTimeout(() => { const end = Date.now() + 5000; while (Date.now() < end); })";
    application.run(busy, Vec::new()).await.unwrap();
    run(&desktop, "wmctrl", &["-c", "Mailroom"]);
    assert!(until(PATIENCE, || !windows(&desktop).contains("Mailroom")));
    assert!(runs(&desktop), "the program is still ending");

    let link = "mailto:late@example.com";
    let second = desktop
        .command(&program())
        .arg(link)
        .envs(environment)
        .status()
        .unwrap();
    assert!(second.success(), "the start was handed over");
    assert!(
        until(PATIENCE, || started_with(&desktop, link)),
        "the program starts anew"
    );
    assert!(until(PATIENCE, || windows(&desktop).contains("Mailroom")));
    drop(application);
}
