//! A start that meets the program while it is ending.

use std::ffi::OsString;
use std::fs;
use std::time::Duration;

use futures::StreamExt as _;
use mailroom_tests::until;
use mailroom_tests::window::{Application, Desktop};
use rustix::process::{Pid, Signal, kill_process};

use crate::start::program;
use crate::surroundings::{bus, close_window, has_an_instance, windows};

const PATIENCE: Duration = Duration::from_mins(2);

/// What the processes of this desktop were started with.
fn started_with(desktop: &Desktop, word: &str) -> bool {
    desktop.processes().iter().any(|id| {
        let line = fs::read(format!("/proc/{id}/cmdline")).unwrap_or_default();
        line.split(|byte| *byte == 0)
            .any(|found| found == word.as_bytes())
    })
}

/// The program is stopped in the moment of its ending. On a machine that is busy with other things that moment may have
/// passed before.
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

/// True when a start was handed to the ending program and made good; false when that had ended before.
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
    let ending = running(&desktop).unwrap();
    // A busy page does not answer that it has kept everything, so the program takes its time to end.
    let busy = "setTimeout(() => { const end = Date.now() + 5000; while (Date.now() < end); })";
    application.run(busy, Vec::new()).await.unwrap();
    close_window(&desktop);
    assert!(until(PATIENCE, || !windows(&desktop).contains("Mailroom")));
    if kill_process(ending, Signal::STOP).is_err() || !has_an_instance(&desktop) {
        return false;
    }

    let mut starts = starts_handed_over(&desktop).await;
    let link = "mailto:late@example.com";
    let mut second = desktop
        .command(&program())
        .arg(link)
        .envs(environment)
        .spawn()
        .unwrap();
    starts.next().await.unwrap().unwrap();
    kill_process(ending, Signal::CONT).unwrap();
    // Whether the ending program hears of it before it has ended is open. Either way the link is not lost.
    assert!(until(PATIENCE, || {
        let was_handed_over = second.try_wait().unwrap().is_some_and(|status| status.success());
        started_with(&desktop, if was_handed_over { link } else { "--once-more" })
    }));
    assert!(until(PATIENCE, || windows(&desktop).contains("Mailroom")));
    drop(application);
    let _ = second.kill();
    let _ = second.wait();
    true
}

/// The program's own process on this desktop, without those of its pages.
fn running(desktop: &Desktop) -> Option<Pid> {
    let id = desktop
        .processes()
        .into_iter()
        .find(|id| fs::read_link(format!("/proc/{id}/exe")).is_ok_and(|path| path == program()))?;
    Pid::from_raw(i32::try_from(id).ok()?)
}

/// The starts that are handed to the only instance from now on, as the bus sees them.
async fn starts_handed_over(desktop: &Desktop) -> zbus::MessageStream {
    let connection = zbus::connection::Builder::address(bus(desktop).as_str())
        .unwrap()
        .build()
        .await
        .unwrap();
    let rule = zbus::MatchRule::builder()
        .msg_type(zbus::message::Type::MethodCall)
        .member("ExecuteCallback")
        .unwrap()
        .build();
    zbus::fdo::MonitoringProxy::new(&connection)
        .await
        .unwrap()
        .become_monitor(&[rule], 0)
        .await
        .unwrap();
    connection.into()
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
