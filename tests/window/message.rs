//! A message in a window of its own, and attachments in other programs.

use std::ffi::OsString;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::time::Duration;

use mailroom_tests::office::{Office, OfficeOptions};
use mailroom_tests::until;
use mailroom_tests::window::{Application, Desktop};
use serde_json::{Value, json};

use crate::start::program;
use crate::surroundings::{LISTEN, ask, close_window, has_an_instance, heard, run, windows};

pub(crate) const ALICE: &str = "alice@mailroom.test";
const PATIENCE: Duration = Duration::from_mins(2);

/// A letter that brings everything that could do harm, and a picture of its own.
const LETTER: &str = "From: Anna <anna@example.com>\r\nTo: alice@mailroom.test\r\nSubject: Plans <b>\r\n\
Message-ID: <plans@example.com>\r\nDate: Mon, 16 Nov 2026 10:00:00 +0000\r\nMIME-Version: 1.0\r\n\
Content-Type: multipart/mixed; boundary=m\r\n\r\n\
--m\r\nContent-Type: multipart/related; boundary=r\r\n\r\n\
--r\r\nContent-Type: text/html; charset=utf-8\r\n\r\n\
<p><a href=\"https://example.com/plan?a=1&amp;b=2\" style=\"font-size:40px;line-height:80px;display:block\">The plan</a></p>\
<p><a href=\"mailto:anna@example.com\" style=\"font-size:40px;line-height:80px;display:block\">Answer</a></p>\
<script>document.title = 'stolen'</script><img src=\"cid:dot@x\" width=\"60\" height=\"60\" alt=\"dot\">\
<img src=\"https://tracker.example/p.png\" alt=\"remote\" onerror=\"document.title='stolen'\">\
<div style=\"position:fixed;top:0;left:0;background:red;width:100%;height:100%\">over</div>\r\n\
--r\r\nContent-Type: image/png\r\nContent-ID: <dot@x>\r\nContent-Transfer-Encoding: base64\r\n\r\n\
iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==\r\n--r--\r\n\
--m\r\nContent-Type: application/pdf; name=\"Plan.pdf\"\r\nContent-Disposition: attachment; filename=\"Plan.pdf\"\r\n\r\n%PDF-1.4 plan\r\n\
--m\r\nContent-Type: text/plain\r\nContent-Disposition: attachment; filename=\"run.sh\"\r\n\r\necho harm\r\n\
--m\r\nContent-Type: application/octet-stream\r\nContent-Disposition: attachment; filename=\"notes\"\r\n\r\n#!/bin/sh\r\necho harm\r\n\
--m--\r\n";

fn environment(office: &Office) -> [(&'static str, OsString); 3] {
    [
        ("MAILROOM_VAULT", "file".into()),
        ("MAILROOM_VAULT_PASSPHRASE", "window".into()),
        ("SSL_CERT_FILE", office.ca_path().into()),
    ]
}

/// The application with the letter, and the letter's row.
pub(crate) async fn with_letter(desktop: &Desktop, office: &Office) -> (Application, Value) {
    office.deliver(ALICE, LETTER.as_bytes()).unwrap();
    let application = Application::open(desktop, &program(), &environment(office))
        .await
        .unwrap();
    let account = json!({
        "address": ALICE,
        "imap": format!("localhost:{}:tls", office.imaps_port()),
        "smtp": format!("localhost:{}:tls", office.submissions_port()),
        "sign_in": { "kind": "password", "password": "alice-pw" },
        "period": "all",
        "folders": [],
    });
    call(&application, "account_add", account).await;
    let done = json!({ "address": ALICE, "setup_done": true });
    call(&application, "account_update", done).await;
    call(&application, "sync_run", json!({})).await;
    let found = call(&application, "message_list", json!({ "address": ALICE })).await;
    let id = found["messages"][0]["id"].clone();
    (application, id)
}

pub(crate) async fn call(application: &Application, name: &str, payload: Value) -> Value {
    ask(application, "call", json!({ "name": name, "payload": payload })).await
}

pub(crate) fn office() -> Office {
    Office::start(&OfficeOptions {
        oidc: false,
        ..OfficeOptions::default()
    })
    .unwrap()
}

fn window_of(id: &Value, scheme: &str) -> Value {
    json!({ "message": {
        "id": id, "pictures": false, "scheme": scheme,
        "words": {
            "lang": "en", "title": "Plans <b>", "empty": "No text",
            "fields": [
                { "label": "From", "value": "Anna <anna@example.com>" },
                { "label": "Date", "value": "16 November 2026" },
            ],
        },
    } })
}

/// The process of the page that was opened last.
fn newest_page(desktop: &Desktop) -> u32 {
    let is_page = |id: &u32| {
        let program = fs::read_link(format!("/proc/{id}/exe")).unwrap_or_default();
        program.ends_with("WebKitWebProcess")
    };
    desktop.processes().into_iter().filter(is_page).max().unwrap()
}

#[tokio::test]
async fn message_in_its_own_window_runs_nothing_and_its_links_open_elsewhere() {
    let (desktop, office) = (Desktop::start(1280, 800).unwrap(), office());
    let _manager = desktop.companion("openbox", &[], &[]).unwrap();
    let (application, id) = with_letter(&desktop, &office).await;
    application.run_async(LISTEN, Vec::new()).await.unwrap();
    ask(&application, "open_message_window", window_of(&id, "light")).await;
    assert!(until(PATIENCE, || windows(&desktop).contains("Plans <b>")));
    let click = |y: &str| {
        run(&desktop, "xdotool", &["mousemove", "300", y, "click", "1"]);
    };
    // The window finds its place and its document while it opens: the link answers as soon as both are there.
    assert!(until(PATIENCE, || {
        run(&desktop, "wmctrl", &["-r", "Plans <b>", "-e", "0,100,60,800,700"]);
        click("275");
        desktop
            .opened()
            .contains(&"https://example.com/plan?a=1&b=2".to_owned())
    }));
    click("370");
    heard(
        &application,
        &json!({ "kind": "compose", "mailto": "mailto:anna@example.com" }),
    )
    .await;
    assert!(!windows(&desktop).contains("stolen"), "{}", windows(&desktop));

    // When the engine's process ends, whatever ended it, the message comes back.
    let before = desktop.opened().len();
    run(&desktop, "kill", &["-KILL", &newest_page(&desktop).to_string()]);
    assert!(until(PATIENCE, || {
        // The composer came to the front.
        run(&desktop, "wmctrl", &["-a", "Plans <b>"]);
        click("275");
        desktop.opened().len() > before
    }));
    assert!(
        desktop
            .opened()
            .iter()
            .all(|url| url.starts_with("https://example.com/")),
        "{:?}",
        desktop.opened()
    );
}

#[tokio::test]
async fn attachment_opens_as_a_copy_and_what_could_run_is_refused() {
    let (desktop, office) = (Desktop::start(1280, 800).unwrap(), office());
    let (application, id) = with_letter(&desktop, &office).await;
    let shown = call(&application, "message_show", json!({ "id": id })).await;
    let attachments = shown["attachments"].as_array().unwrap().clone();
    let part = |name: &str| {
        let found = attachments.iter().find(|found| found["filename"] == name);
        found.unwrap()["part"].clone()
    };
    let open = async |part: Value, filename: &str| {
        let values = json!({ "attachment": { "id": id, "part": part, "filename": filename } });
        ask(&application, "open_attachment", values).await
    };
    // Neither the message's name for it, nor another one, nor none makes a program of a document.
    assert_eq!(open(part("run.sh"), "run.sh").await, "refused");
    assert_eq!(open(part("run.sh"), "run.txt").await, "refused");
    assert_eq!(open(part("Plan.pdf"), "Plan.pdf.exe").await, "refused");
    assert_eq!(open(part("notes"), "notes").await, "refused");
    assert_eq!(desktop.opened(), Vec::<String>::new());

    assert_eq!(open(part("Plan.pdf"), "Plan.pdf").await, "opened");
    assert!(until(PATIENCE, || desktop.opened().len() == 1));
    let copy = desktop.opened().remove(0);
    assert!(
        copy.starts_with(desktop.mailroom_home().join("opened").to_str().unwrap()),
        "{copy}"
    );
    assert!(copy.ends_with("/Plan.pdf"), "{copy}");
    assert_eq!(fs::read(&copy).unwrap().get(..8), Some(b"%PDF-1.4".as_slice()));
    let mode = fs::metadata(&copy).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o400, "for reading, by its owner");
}

#[tokio::test]
async fn mailto_link_that_starts_the_program_opens_the_composer_and_closing_keeps_the_draft() {
    let (desktop, office) = (Desktop::start(1280, 800).unwrap(), office());
    let _manager = desktop.companion("openbox", &[], &[]).unwrap();
    let (application, _) = with_letter(&desktop, &office).await;
    close_window(&desktop);
    assert!(until(PATIENCE, || !has_an_instance(&desktop)));
    drop(application);

    let link = "mailto:bob@mailroom.test?subject=Lunch%20at%20one";
    let again = Application::open_with(&desktop, &program(), &[link], &environment(&office))
        .await
        .unwrap();
    let is_open =
        "return [...document.querySelectorAll('input')].some(({ value }) => value === 'Lunch at one')";
    again.page().until("the composer", is_open).await.unwrap();
    again.page().fill("Subject", "!").await.unwrap();
    // The page has not been told to keep it: closing has to.
    close_window(&desktop);
    assert!(until(PATIENCE, || !has_an_instance(&desktop)));
    drop(again);

    let later = Application::open(&desktop, &program(), &environment(&office))
        .await
        .unwrap();
    let drafts = call(&later, "draft_list", json!({})).await;
    let subjects: Vec<&str> = drafts
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|draft| draft["subject"].as_str())
        .collect();
    assert_eq!(subjects, ["Lunch at one!"]);
}
