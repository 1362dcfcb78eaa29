//! What stands around the window: the tray, notifications, starting at login, where the window stood.

use std::ffi::OsString;
use std::fs;
use std::time::Duration;

use mailroom_tests::until;
use mailroom_tests::window::{Application, Desktop};
use serde_json::{Value, json};

use crate::panel::Panel;
use crate::start::program;

const PATIENCE: Duration = Duration::from_mins(2);

/// Listens as the page does, beside the page.
pub(crate) const LISTEN: &str =
    "const [done] = arguments; const tauri = window.__TAURI_INTERNALS__; window.heard = [];
    const handler = tauri.transformCallback(({ payload }) => window.heard.push(payload));
    tauri.invoke('plugin:event|listen', { event: 'mailroom://desk', target: { kind: 'Any' }, handler })
        .then(() => tauri.invoke('take_desk_events'))
        .then((kept) => { window.heard.push(...kept); done(true); }, (error) => done(String(error)));";

/// Runs a command of the shell as the page does.
const ASK: &str = "const [command, values, done] = arguments;
    window.__TAURI_INTERNALS__.invoke(command, values).then((ok) => done({ ok }), (error) => done({ error }));";

fn environment() -> Vec<(&'static str, OsString)> {
    vec![
        ("MAILROOM_VAULT", "file".into()),
        ("MAILROOM_VAULT_PASSPHRASE", "window".into()),
    ]
}

async fn open(desktop: &Desktop) -> Application {
    let application = Application::open(desktop, &program(), &environment())
        .await
        .unwrap();
    application.page().find("heading", "").await.unwrap();
    application
}

pub(crate) async fn ask(application: &Application, command: &str, values: Value) -> Value {
    let answer = application
        .run_async(ASK, vec![json!(command), values])
        .await
        .unwrap();
    assert_eq!(answer.get("error"), None, "{command}: {answer}");
    answer["ok"].clone()
}

pub(crate) async fn heard(application: &Application, event: &Value) {
    let script = format!(
        "const said = (event) => JSON.stringify(Object.entries(event).sort());
        return window.heard.some((event) => said(event) === said({event}))"
    );
    let page = application.page();
    page.until(&event.to_string(), &script).await.unwrap();
}

async fn set_desk(application: &Application, unread: u32, close_to_tray: bool) -> bool {
    let desk = json!({
        "unread": unread,
        "tooltip": format!("{unread} unread"),
        "items": { "open": "Open", "write": "Write_", "checkMail": "Check", "quit": "Quit" },
        "closeToTray": close_to_tray,
    });
    let state = ask(application, "set_desk", json!({ "desk": desk })).await;
    state["trayShown"].as_bool().unwrap()
}

pub(crate) fn bus(desktop: &Desktop) -> String {
    let environment = desktop.environment();
    let (_, address) = environment
        .iter()
        .find(|(name, _)| *name == "DBUS_SESSION_BUS_ADDRESS")
        .unwrap();
    address.to_str().unwrap().to_owned()
}

pub(crate) fn run(desktop: &Desktop, program: &str, arguments: &[&str]) -> String {
    let output = desktop
        .command(program.as_ref())
        .args(arguments)
        .output()
        .unwrap();
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// Closes the window as its frame's button does. A window that is not there yet cannot be closed.
pub(crate) fn close_window(desktop: &Desktop) {
    assert!(until(PATIENCE, || windows(desktop).contains("Mailroom")));
    run(desktop, "wmctrl", &["-c", "Mailroom"]);
}

/// The titles of the windows that the desktop's window manager shows, one in each line.
pub(crate) fn windows(desktop: &Desktop) -> String {
    run(desktop, "wmctrl", &["-l"])
}

#[tokio::test]
async fn tray_shows_unread_mail_and_its_menu_reaches_the_page() {
    let desktop = Desktop::start(1280, 800).unwrap();
    let _manager = desktop.companion("openbox", &[], &[]).unwrap();
    let application = open(&desktop).await;
    application.run_async(LISTEN, Vec::new()).await.unwrap();

    assert!(!set_desk(&application, 0, true).await, "no panel, no tray");
    let panel = Panel::start(&bus(&desktop)).await;
    assert!(
        until(PATIENCE, || panel.has_icon()),
        "the icon comes when the panel does"
    );

    assert!(set_desk(&application, 0, true).await);
    let read = panel.icon().await;
    assert!(set_desk(&application, 3, true).await);
    let unread = panel.icon().await;
    assert_eq!(unread.tooltip, "3 unread");
    assert_eq!(unread.picture.0, 32);
    assert_ne!(unread.picture.1, read.picture.1, "unread mail is seen");
    let labels: Vec<&str> = unread.menu.iter().map(|(_, label)| label.as_str()).collect();
    assert_eq!(labels, ["Open", "Write__", "Check", "", "Quit"]);

    panel.press("Check").await;
    heard(&application, &json!({ "kind": "check_mail" })).await;
    panel.press("Write__").await;
    heard(&application, &json!({ "kind": "compose", "mailto": null })).await;

    // Closing hides, and the tray brings the window back.
    close_window(&desktop);
    assert!(until(PATIENCE, || !windows(&desktop).contains("Mailroom")));
    panel.click().await;
    assert!(until(PATIENCE, || windows(&desktop).contains("Mailroom")));
    // Nor is it lost when the panel goes while it is hidden.
    close_window(&desktop);
    assert!(until(PATIENCE, || !windows(&desktop).contains("Mailroom")));
    panel.leave().await;
    assert!(until(PATIENCE, || windows(&desktop).contains("Mailroom")));
    // Without a tray closing is the end.
    close_window(&desktop);
    assert!(
        until(PATIENCE, || !has_an_instance(&desktop)),
        "the program ended"
    );
}

/// True while the application has its name on the bus.
pub(crate) fn has_an_instance(desktop: &Desktop) -> bool {
    let names = run(
        desktop,
        "dbus-send",
        &[
            "--session",
            "--print-reply",
            "--dest=org.freedesktop.DBus",
            "/org/freedesktop/DBus",
            "org.freedesktop.DBus.ListNames",
        ],
    );
    names.contains("app.mailroom.desktop.SingleInstance")
}

#[tokio::test]
async fn notification_clicked_opens_its_message_and_withdrawn_goes() {
    let desktop = Desktop::start(1280, 800).unwrap();
    let _notifications = desktop.companion("dunst", &[], &[]).unwrap();
    let application = open(&desktop).await;
    application.run_async(LISTEN, Vec::new()).await.unwrap();
    let shown = || {
        run(&desktop, "dunstctl", &["count", "displayed"])
            .trim()
            .to_owned()
    };
    let notice = |tag: &str, message: u32| {
        json!({ "notice": {
            "tag": tag, "title": "Anna", "body": "<b>Lunch</b> & more", "message": message, "account": "a@example.com",
            "actions": [{ "id": "read", "label": "Read" }],
        } })
    };
    ask(&application, "notify", notice("one", 1)).await;
    // The same tag takes its place.
    ask(&application, "notify", notice("one", 7)).await;
    assert!(until(PATIENCE, || shown() == "1"), "{}", shown());
    run(&desktop, "dunstctl", &["action"]);
    heard(
        &application,
        &json!({ "kind": "open_message", "id": 7, "account": "a@example.com" }),
    )
    .await;

    run(&desktop, "dunstctl", &["close-all"]);
    ask(&application, "notify", notice("two", 8)).await;
    assert!(until(PATIENCE, || shown() == "1"));
    ask(&application, "withdraw_notice", json!({ "tag": "two" })).await;
    assert!(until(PATIENCE, || shown() == "0"));
}

#[tokio::test]
async fn start_at_login_is_an_entry_that_comes_and_goes() {
    let desktop = Desktop::start(1280, 800).unwrap();
    let application = open(&desktop).await;
    let entry = desktop.folder().join("config/autostart/Mailroom.desktop");
    let state = |enabled| json!({ "enabled": enabled, "changeable": true });
    assert_eq!(ask(&application, "autostart", json!({})).await, state(false));
    let on = ask(&application, "set_autostart", json!({ "enabled": true })).await;
    assert_eq!(on, state(true));
    let text = fs::read_to_string(&entry).unwrap();
    assert!(
        text.contains(&format!("Exec=\"{}\" --hidden\n", program().display())),
        "{text}"
    );
    let off = ask(&application, "set_autostart", json!({ "enabled": false })).await;
    assert_eq!(off, state(false));
    assert!(!entry.exists());
}

#[tokio::test]
async fn window_opens_where_it_was_closed() {
    let desktop = Desktop::start(1280, 800).unwrap();
    let _manager = desktop.companion("openbox", &[], &[]).unwrap();
    let application = open(&desktop).await;
    let kept = || {
        let text = fs::read(desktop.mailroom_home().join("window.json")).unwrap_or_default();
        serde_json::from_slice::<Value>(&text).unwrap_or_default()["window"].clone()
    };
    let moved = until(PATIENCE, || {
        run(&desktop, "wmctrl", &["-r", "Mailroom", "-e", "0,200,120,900,600"]);
        kept()["width"] == 900
    });
    assert!(moved, "{}", kept());
    let before = kept();
    close_window(&desktop);
    assert!(until(PATIENCE, || !has_an_instance(&desktop)));
    drop(application);

    let _again = open(&desktop).await;
    assert!(until(PATIENCE, || windows(&desktop).contains("Mailroom")));
    // The same place, not one that wanders by the height of the frame with every start.
    run(&desktop, "wmctrl", &["-r", "Mailroom", "-e", "0,-1,-1,901,600"]);
    assert!(until(PATIENCE, || kept()["width"] == 901), "{}", kept());
    let after = kept();
    assert_eq!((&after["x"], &after["y"]), (&before["x"], &before["y"]));
}

#[tokio::test]
async fn links_reach_the_running_application() {
    let desktop = Desktop::start(1280, 800).unwrap();
    let application = open(&desktop).await;
    application.run_async(LISTEN, Vec::new()).await.unwrap();
    let mailto = "mailto:anna@example.com?subject=Lunch%20%26%20more";
    application.follow_link(&desktop, mailto).await.unwrap();
    heard(&application, &json!({ "kind": "compose", "mailto": mailto })).await;
    // Nobody waits for this sign-in.
    application
        .follow_link(&desktop, "app.mailroom://oauth/callback?code=1&state=2")
        .await
        .unwrap();
    application
        .page()
        .until(
            "a link refused",
            "return window.heard.some(({ kind }) => kind === 'link_refused')",
        )
        .await
        .unwrap();
    application.close().await.unwrap();
}

#[tokio::test]
async fn program_started_out_of_sight_always_has_a_way_in() {
    let desktop = Desktop::start(1280, 800).unwrap();
    let _manager = desktop.companion("openbox", &[], &[]).unwrap();
    fs::create_dir(desktop.mailroom_home()).unwrap();
    fs::write(
        desktop.mailroom_home().join("window.json"),
        r#"{"close_to_tray":true}"#,
    )
    .unwrap();

    // With a panel it stays out of sight until somebody asks for it.
    let panel = Panel::start(&bus(&desktop)).await;
    let hidden = Application::open_with(&desktop, &program(), &["--hidden"], &environment())
        .await
        .unwrap();
    assert!(set_desk(&hidden, 0, true).await);
    assert!(!windows(&desktop).contains("Mailroom"));
    panel.click().await;
    assert!(until(PATIENCE, || windows(&desktop).contains("Mailroom")));
    panel.press("Quit").await;
    assert!(
        until(PATIENCE, || !has_an_instance(&desktop)),
        "the program ended"
    );
    drop(hidden);
    panel.leave().await;

    // Without one it comes to sight by itself.
    let _again = Application::open_with(&desktop, &program(), &["--hidden"], &environment())
        .await
        .unwrap();
    assert!(until(PATIENCE, || windows(&desktop).contains("Mailroom")));
}
