//! A start that meets the program while it is ending.

use std::ffi::OsString;
use std::fs;
use std::time::Duration;

use futures::StreamExt as _;
use mailroom_tests::until;
use mailroom_tests::window::{Application, Desktop};

use crate::start::program;
use crate::surroundings::{bus, run, windows};

const PATIENCE: Duration = Duration::from_mins(1);

/// What the processes of this desktop were started with.
fn started_with(desktop: &Desktop, word: &str) -> bool {
    desktop.processes().iter().any(|id| {
        let line = fs::read(format!("/proc/{id}/cmdline")).unwrap_or_default();
        line.split(|byte| *byte == 0)
            .any(|found| found == word.as_bytes())
    })
}

/// The moment of ending cannot be held, only made long: on a machine that is busy with other things a start may come when
/// it has passed.
const ATTEMPTS: usize = 5;

#[tokio::test]
async fn start_while_the_program_ends_is_made_good_with_its_link() {
    for _ in 0..ATTEMPTS {
        if meets_the_ending().await {
            return;
        }
    }
    panic!("no start met the program while it was ending");
}

/// True when the second start was handed over and made good; false when the program had ended before it.
async fn meets_the_ending() -> bool {
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

    let link = "mailto:late@example.com";
    let mut second = desktop
        .command(&program())
        .arg(link)
        .envs(environment)
        .spawn()
        .unwrap();
    let mut ended = None;
    let has_window = || windows(&desktop).contains("Mailroom");
    assert!(until(PATIENCE, || {
        ended = second.try_wait().unwrap();
        ended.is_some() || has_window()
    }));
    if ended.is_none() && second.try_wait().unwrap().is_none() {
        // It is the only one, and runs on.
        second.kill().unwrap();
        second.wait().unwrap();
        return false;
    }
    assert!(second.wait().unwrap().success(), "the start was handed over");
    assert!(
        until(PATIENCE, || started_with(&desktop, link)),
        "the program starts anew"
    );
    assert!(until(PATIENCE, has_window));
    drop(application);
    true
}

#[tokio::test]
async fn start_that_is_handed_to_a_program_that_is_gone_is_made_once_more() {
    let desktop = Desktop::start(1280, 800).unwrap();
    let going = zbus::connection::Builder::address(bus(&desktop).as_str())
        .unwrap()
        .name("app.mailroom.desktop.SingleInstance")
        .unwrap()
        .build()
        .await
        .unwrap();
    let mut calls = zbus::MessageStream::from(&going);
    let goes = async {
        while let Some(call) = calls.next().await {
            let is_start = call
                .unwrap()
                .header()
                .member()
                .is_some_and(|member| member == "ExecuteCallback");
            if is_start {
                break;
            }
        }
        drop(calls);
        going.close().await.unwrap();
    };
    let environment: [(&str, OsString); 2] = [
        ("MAILROOM_VAULT", "file".into()),
        ("MAILROOM_VAULT_PASSPHRASE", "window".into()),
    ];
    let program = program();
    let (application, ()) = tokio::join!(Application::open(&desktop, &program, &environment), goes);
    let application = application.unwrap();
    application.page().find("heading", "").await.unwrap();
    assert!(started_with(&desktop, "--once-more"));
}
