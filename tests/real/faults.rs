//! Connections that break: bounded time to notice, nothing lost, the work goes on where it was.

use std::sync::Arc;
use std::time::Duration;

use mailroom_engine::SystemClock;
use mailroom_model::ErrorCode;
use mailroom_tests::fault::{Admission, Direction, Ending, Fault, FaultProxy};
use mailroom_tests::home::{Home, QUICK};
use mailroom_tests::office::{Office, OfficeOptions};
use mailroom_tests::script::{Script, ScriptServer};
use mailroom_tests::{Authority, CertificateKind, wall_clock};
use serde_json::{Value, json};

use crate::desk::{ALICE, message};
use crate::soak::Soak;

fn office() -> Office {
    Office::start(&OfficeOptions {
        oidc: false,
        smtp: false,
        ..OfficeOptions::default()
    })
    .expect("an office")
}

fn account(port: u16) -> Value {
    json!({
        "address": ALICE,
        "imap": format!("localhost:{port}:tls"),
        "sign_in": {"kind": "password", "password": "alice-pw"},
        "period": "all",
    })
}

#[tokio::test]
async fn load_that_is_cut_again_and_again_ends_complete_and_without_doubles() {
    let office = office();
    for number in 0..300 {
        let body = format!("{number} ").repeat(2000);
        office
            .append(
                ALICE,
                "INBOX",
                &[],
                None,
                &message("x@example.org", ALICE, &format!("m{number}"), &body),
            )
            .unwrap();
    }
    let proxy = FaultProxy::start(office.imaps_port()).await.unwrap();
    let mut home = Home::with(&office.ca_der(), QUICK, Arc::new(SystemClock));
    home.must("account_add", account(proxy.port())).await;
    let mut cuts = 0;
    for bytes in [50_000, 200_000, 350_000, 500_000, 800_000] {
        proxy.set(
            Direction::Down,
            Fault {
                cut: Some((bytes, Ending::Reset)),
                ..Fault::default()
            },
        );
        let reports = home.must("sync_run", json!({})).await;
        cuts += usize::from(
            !reports[0]["error"].is_null() || reports[0]["folders"].to_string().contains("connection_lost"),
        );
        home.restart().await;
    }
    assert!(cuts >= 4, "the cuts were felt");
    proxy.clear();
    let reports = home.must("sync_run", json!({})).await;
    assert_eq!(reports[0]["error"], Value::Null, "{}", reports[0]);
    let page = home.must("message_list", json!({"limit": 1000})).await;
    let mut subjects: Vec<&str> = page["messages"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| row["subject"].as_str().unwrap())
        .collect();
    assert_eq!(subjects.len(), 300);
    subjects.sort_unstable();
    subjects.dedup();
    assert_eq!(subjects.len(), 300);
    let status = home.must("doctor_run", json!({})).await;
    assert_eq!(status["checks"][1]["passed"], true, "{status}");
}

#[tokio::test]
async fn silence_is_noticed_in_bounded_time() {
    let office = office();
    office
        .append(
            ALICE,
            "INBOX",
            &[],
            None,
            &message("x@example.org", ALICE, "one", &"text\r\n".repeat(2_000)),
        )
        .unwrap();
    let proxy = FaultProxy::start(office.imaps_port()).await.unwrap();
    let home = Home::with(&office.ca_der(), QUICK, Arc::new(SystemClock));
    home.must("account_add", account(proxy.port())).await;
    proxy.set(
        Direction::Down,
        Fault {
            stall_after: Some(4_000),
            ..Fault::default()
        },
    );
    let syncing = home.must("sync_run", json!({}));
    let reports = tokio::time::timeout(Duration::from_mins(1), syncing)
        .await
        .expect("it ends");
    assert!(
        reports[0].to_string().contains("\"server_stalled\""),
        "{}",
        reports[0]
    );
    proxy.clear();
    let reports = home.must("sync_run", json!({})).await;
    assert!(!reports.to_string().contains("\"code\""), "{}", reports[0]);
    let page = home.must("message_list", json!({})).await;
    assert_eq!(page["messages"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn servers_that_talk_nonsense_close_or_strip_encryption_have_their_codes() {
    let authority = Authority::new().unwrap();
    let identity = Arc::new(authority.identity(CertificateKind::Good).unwrap());
    let tls = || Script::new().start_tls(&identity);
    let cases: Vec<(&str, &str, Script, ErrorCode)> = vec![
        (
            "nonsense",
            "tls",
            tls().send("HTTP/1.1 400 Bad Request\r\n\r\n"),
            ErrorCode::ServerNonsense,
        ),
        (
            "bye",
            "tls",
            tls().send("* BYE down for maintenance\r\n"),
            ErrorCode::ServerClosed,
        ),
        ("closed", "tls", tls(), ErrorCode::ConnectionLost),
        (
            "stripped STARTTLS",
            "starttls",
            Script::new()
                .send("* OK [CAPABILITY IMAP4rev1 LOGINDISABLED] hello\r\n")
                .command_prefix("CAPABILITY")
                .send("* CAPABILITY IMAP4rev1\r\n{tag} OK done\r\n"),
            ErrorCode::StarttlsMissing,
        ),
    ];
    for (name, security, script, code) in cases {
        let server = ScriptServer::start(vec![script.clone(), script]).await.unwrap();
        let home = Home::with(authority.der().as_ref(), QUICK, Arc::new(SystemClock));
        let mut payload = account(server.port());
        payload["imap"] = json!(format!("localhost:{}:{security}", server.port()));
        assert_eq!(home.fails("account_add", payload).await, code, "{name}");
    }
}

#[tokio::test]
async fn cancelled_load_keeps_what_came_and_goes_on_later() {
    let office = office();
    for number in 0..200 {
        office
            .append(
                ALICE,
                "INBOX",
                &[],
                None,
                &message("x@example.org", ALICE, &format!("m{number}"), "text"),
            )
            .unwrap();
    }
    let home = Home::new(&office.ca_der());
    home.must("account_add", account(office.imaps_port())).await;
    let cancel = mailroom_api::CancellationToken::new();
    let syncing = home.call_until("sync_run", json!({}), cancel.clone());
    let (reports, _) = home
        .during(syncing, |event| {
            if matches!(event, mailroom_api::dto::EventView::InboxReadied { .. }) {
                cancel.cancel();
            }
            None::<()>
        })
        .await;
    assert_eq!(reports.unwrap()[0]["error"]["code"], "cancelled");
    let some = home.must("message_list", json!({"limit": 1000})).await["messages"]
        .as_array()
        .unwrap()
        .len();
    assert!((50..200).contains(&some), "{some}");
    home.must("sync_run", json!({})).await;
    assert_eq!(
        home.must("message_list", json!({"limit": 1000})).await["messages"]
            .as_array()
            .unwrap()
            .len(),
        200
    );
}

/// Loads forty long texts over a line; gives how many bytes came over it.
async fn loaded_over(office: &Office, bytes_per_second: Option<u64>) -> u64 {
    let proxy = FaultProxy::start(office.imaps_port()).await.unwrap();
    let home = Home::new(&office.ca_der());
    let mut payload = account(proxy.port());
    payload["folders"] = json!(["INBOX"]);
    home.must("account_add", payload).await;
    let before = proxy.passed().down;
    proxy.set(
        Direction::Down,
        down(|fault| fault.bytes_per_second = bytes_per_second),
    );
    let reports = home.must("sync_run", json!({})).await;
    assert!(!reports.to_string().contains("\"code\""), "{reports}");
    assert_eq!(reports[0]["added"], 40, "{reports}");
    proxy.passed().down - before
}

#[tokio::test]
async fn slow_line_is_compressed_and_a_fast_one_is_not() {
    let office = office();
    for number in 0..40 {
        let words: Vec<String> = (0..5_000)
            .map(|word| format!("w{}", word * number % 97))
            .collect();
        let raw = message("x@example.org", ALICE, &format!("m{number}"), &words.join(" "));
        office.append(ALICE, "INBOX", &[], None, &raw).unwrap();
    }
    let (fast, slow) = tokio::join!(loaded_over(&office, None), loaded_over(&office, Some(50_000)));
    assert!(fast > 40 * 15_000, "plain: {fast}");
    assert!(slow < fast * 6 / 10, "{slow} of {fast}");
}

/// A fault of the server's direction.
fn down(change: impl FnOnce(&mut Fault)) -> Fault {
    let mut fault = Fault::default();
    change(&mut fault);
    fault
}

#[tokio::test]
async fn faults_of_the_wire_end_in_bounded_time_and_leave_nothing_behind() {
    let is_long = Soak::wanted().is_some();
    // With two seconds for every piece a look takes half a minute.
    let delay = Duration::from_millis(if is_long { 2000 } else { 150 });
    let cases: Vec<(&str, Fault, Admission, bool)> = vec![
        (
            "garbage",
            down(|fault| fault.garble_at = Some(9_000)),
            Admission::Pass,
            false,
        ),
        (
            "bytes that are missing",
            down(|fault| fault.truncate = Some(9_000..9_400)),
            Admission::Pass,
            false,
        ),
        (
            "cut",
            down(|fault| fault.cut = Some((9_000, Ending::Close))),
            Admission::Pass,
            false,
        ),
        (
            "silence",
            down(|fault| fault.stall_after = Some(9_000)),
            Admission::Pass,
            false,
        ),
        ("half open", Fault::default(), Admission::Hang, false),
        ("refused", Fault::default(), Admission::Reset, false),
        (
            "delay",
            down(|fault| fault.delay = Some(delay)),
            Admission::Pass,
            true,
        ),
        (
            "5 kB a second",
            down(|fault| fault.bytes_per_second = Some(5_000)),
            Admission::Pass,
            true,
        ),
    ];
    let office = office();
    for number in 0..12 {
        let raw = message(
            "x@example.org",
            ALICE,
            &format!("m{number}"),
            &"text ".repeat(150),
        );
        office.append(ALICE, "INBOX", &[], None, &raw).unwrap();
    }
    for (name, fault, admission, works) in cases {
        let proxy = FaultProxy::start(office.imaps_port()).await.unwrap();
        let home = Home::with(&office.ca_der(), QUICK, Arc::new(SystemClock));
        let mut payload = account(proxy.port());
        payload["folders"] = json!(["INBOX"]);
        home.must("account_add", payload).await;
        let before = proxy.passed().connections;
        proxy.set(Direction::Down, fault);
        proxy.admit(admission);
        let began = wall_clock();
        let syncing = home.must("sync_run", json!({}));
        let reports = tokio::time::timeout(Duration::from_mins(2), syncing)
            .await
            .unwrap_or_else(|_| panic!("{name}: no end"));
        let took_s = (wall_clock().0 - began.0) / 1000;
        let connections = proxy.passed().connections - before;
        let failed = reports.to_string().contains("\"code\"");
        assert_eq!(failed, !works, "{name}: {reports}");
        // Four connections for the look, each with its limits, and one for what waits to be sent.
        assert!(connections <= 5, "{name}: {connections} connections");
        assert!(works || took_s <= 40, "{name}: noticed after {took_s} s");
        proxy.clear();
        let reports = home.must("sync_run", json!({})).await;
        assert!(!reports.to_string().contains("\"code\""), "{name}: {reports}");
        let page = home.must("message_list", json!({"limit": 1000})).await;
        assert_eq!(page["messages"].as_array().unwrap().len(), 12, "{name}");
        let shown = home.must("account_list", json!({})).await[0].clone();
        assert_eq!(
            (&shown["state"], &shown["error"]),
            (&json!("working"), &Value::Null),
            "{name}"
        );
    }
}

#[tokio::test]
async fn server_that_restarts_with_another_certificate_is_found_again() {
    let office = office();
    let home = Home::with(&office.ca_der(), QUICK, Arc::new(SystemClock));
    home.must("account_add", account(office.imaps_port())).await;
    office.stop_imap();
    let reports = home.must("sync_run", json!({})).await;
    assert_eq!(reports[0]["error"]["code"], "connect_refused", "{reports}");
    let renewed = office.authority().identity(CertificateKind::Good).unwrap();
    let name = CertificateKind::Good.name();
    for (ending, pem) in [("crt", &renewed.chain_pem), ("key", &renewed.key_pem)] {
        std::fs::write(office.dir().join(format!("tls/{name}.{ending}")), pem).unwrap();
    }
    office.start_imap().unwrap();
    let raw = message("x@example.org", ALICE, "after it", "text");
    office.append(ALICE, "INBOX", &[], None, &raw).unwrap();
    let reports = home.must("sync_run", json!({})).await;
    assert!(!reports.to_string().contains("\"code\""), "{reports}");
    assert_eq!(reports[0]["added"], 1, "{reports}");
}
