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
use crate::server::{Kind, Mailbox};
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
        fault(|fault| fault.bytes_per_second = bytes_per_second),
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

fn fault(change: impl FnOnce(&mut Fault)) -> Fault {
    let mut fault = Fault::default();
    change(&mut fault);
    fault
}

/// A fault of the wire, and whether work goes on in spite of it.
struct Case {
    name: &'static str,
    direction: Direction,
    /// By the byte at which it comes.
    fault: fn(u64) -> Fault,
    admission: Admission,
    works: bool,
    /// At which byte it meets a load.
    in_load: u64,
    /// At which byte it meets waiting changes.
    in_replay: u64,
}

/// Faults in both directions, each in the middle of what passes.
fn cases() -> Vec<Case> {
    const AT_A_BYTE: [(&str, &str, fn(u64) -> Fault); 4] = [
        ("garbage", "garbage upwards", |at| {
            fault(|fault| fault.garble_at = Some(at))
        }),
        ("missing bytes", "missing bytes upwards", |at| {
            fault(|fault| fault.truncate = Some(at..at + 200))
        }),
        ("cut", "cut upwards", |at| {
            fault(|fault| fault.cut = Some((at, Ending::Close)))
        }),
        ("silence", "silence upwards", |at| {
            fault(|fault| fault.stall_after = Some(at))
        }),
    ];
    let mut cases = Vec::new();
    for (down, up, fault) in AT_A_BYTE {
        for (name, direction, in_load, in_replay) in [
            (down, Direction::Down, 7_000, 2_500),
            (up, Direction::Up, 1_500, 1_200),
        ] {
            cases.push(Case {
                name,
                direction,
                fault,
                admission: Admission::Pass,
                works: false,
                in_load,
                in_replay,
            });
        }
    }
    let everywhere = |name, direction, fault, admission, works| Case {
        name,
        direction,
        fault,
        admission,
        works,
        in_load: 0,
        in_replay: 0,
    };
    let (down, up) = (Direction::Down, Direction::Up);
    let none: fn(u64) -> Fault = |_| Fault::default();
    // With two seconds for every piece a look takes half a minute.
    let delay: fn(u64) -> Fault = if Soak::wanted().is_some() {
        |_| fault(|fault| fault.delay = Some(Duration::from_secs(2)))
    } else {
        |_| fault(|fault| fault.delay = Some(Duration::from_millis(150)))
    };
    let slow: fn(u64) -> Fault = |_| fault(|fault| fault.bytes_per_second = Some(5_000));
    cases.extend([
        everywhere("half open", down, none, Admission::Hang, false),
        everywhere("refused", down, none, Admission::Reset, false),
        everywhere("delay", down, delay, Admission::Pass, true),
        everywhere("delay upwards", up, delay, Admission::Pass, true),
        everywhere("5 kB a second", down, slow, Admission::Pass, true),
        everywhere("5 kB a second upwards", up, slow, Admission::Pass, true),
    ]);
    cases
}

/// A person's mailbox with twelve messages, and Mailroom behind a proxy.
struct Sufferer {
    mailbox: Mailbox,
    proxy: FaultProxy,
    home: Home,
}

impl Sufferer {
    async fn new(mailbox: Mailbox) -> Self {
        let mut session = mailbox.session().unwrap();
        for number in 0..12 {
            // All of them in one record of TLS come within the limits on a slow line too.
            let raw = message(
                "x@example.org",
                ALICE,
                &format!("m{number}"),
                &"text ".repeat(100),
            );
            session.append("INBOX", &[], None, &raw).unwrap();
        }
        session.ensure_folder("Archive").unwrap();
        let proxy = FaultProxy::start(mailbox.imaps_port()).await.unwrap();
        let home = Home::with(&mailbox.office().ca_der(), QUICK, Arc::new(SystemClock));
        let payload = json!({
            "address": mailbox.address(),
            "imap": format!("localhost:{}:tls", proxy.port()),
            "sign_in": {"kind": "password", "password": mailbox.password()},
            "period": "all",
            "folders": ["INBOX", "Archive"],
        });
        home.must("account_add", payload).await;
        Self { mailbox, proxy, home }
    }

    /// Does something on the broken line: it comes to its end in bounded time, and with few connections.
    async fn suffer(&self, case: &Case, at: u64, command: &str) -> Value {
        let name = case.name;
        let before = self.proxy.passed().connections;
        self.proxy.set(case.direction, (case.fault)(at));
        self.proxy.admit(case.admission);
        let began = wall_clock();
        let working = self.home.call(command, json!({}));
        let done = tokio::time::timeout(Duration::from_mins(2), working)
            .await
            .unwrap_or_else(|_| panic!("{name}, {command}: no end"));
        let took_s = (wall_clock().0 - began.0) / 1000;
        let connections = self.proxy.passed().connections - before;
        // Four connections for the look, each with its limits, and one for what waits to be sent.
        assert!(connections <= 5, "{name}, {command}: {connections} connections");
        assert!(
            case.works || took_s <= 60,
            "{name}, {command}: noticed after {took_s} s"
        );
        self.proxy.clear();
        match done {
            Ok(done) => done,
            Err(error) => json!({"code": error.code.as_str()}),
        }
    }

    async fn look_well(&self, name: &str) {
        let reports = self.home.must("sync_run", json!({})).await;
        assert!(!reports.to_string().contains("\"code\""), "{name}: {reports}");
        let shown = self.home.must("account_list", json!({})).await[0].clone();
        assert_eq!(
            (&shown["state"], &shown["error"]),
            (&json!("working"), &Value::Null),
            "{name}"
        );
    }

    async fn listed(&self, folder: &str) -> Vec<Value> {
        let page = json!({"folder": folder, "limit": 1000});
        let page = self.home.must("message_list", page).await;
        page["messages"].as_array().cloned().unwrap_or_default()
    }

    /// The load, and then changes that wait for the server.
    async fn live_through(self, case: Case) {
        let name = case.name;
        let reports = self.suffer(&case, case.in_load, "sync_run").await;
        let failed = reports.to_string().contains("\"code\"");
        assert_eq!(failed, !case.works, "{name}: {reports}");
        self.look_well(name).await;
        let rows = self.listed("INBOX").await;
        assert_eq!(rows.len(), 12, "{name}");

        self.proxy.admit(Admission::Reset);
        self.proxy.end_all(Ending::Reset);
        let ids =
            |from: usize| -> Vec<&Value> { rows[from..from + 3].iter().map(|row| &row["id"]).collect() };
        let home = &self.home;
        home.must("message_mark", json!({"ids": ids(0), "add": ["\\Flagged"]}))
            .await;
        home.must("message_move", json!({"ids": ids(3), "folder": "Archive"}))
            .await;
        home.must("message_copy", json!({"ids": ids(6), "folder": "Archive"}))
            .await;
        let passed = self.proxy.passed();
        self.suffer(&case, case.in_replay, "operation_push").await;
        let left = home.must("operation_list", json!({})).await;
        let is_felt = left.as_array().is_some_and(|left| !left.is_empty());
        assert_eq!(
            is_felt,
            !case.works,
            "{name}: {left}, {passed:?} to {:?}",
            self.proxy.passed()
        );
        let mut left = left;
        // A push gives way to one that is still at it, and has yet to notice that its line is broken.
        for _ in 0..20 {
            home.must("operation_push", json!({})).await;
            left = home.must("operation_list", json!({})).await;
            if left == json!([]) {
                break;
            }
        }
        assert_eq!(left, json!([]), "{name}");
        self.look_well(name).await;
        let mut session = self.mailbox.session().unwrap();
        for (folder, count) in [("INBOX", 9), ("Archive", 6)] {
            let opened = session.select(folder).unwrap();
            assert!(
                opened.contains(&format!("* {count} EXISTS")),
                "{name}, {folder}: {opened}"
            );
            assert_eq!(self.listed(folder).await.len(), count, "{name}, {folder}");
        }
        let flagged = self.listed("INBOX").await;
        let flagged = flagged
            .iter()
            .filter(|row| row["flags"].to_string().contains("\\\\Flagged"));
        assert_eq!(flagged.count(), 3, "{name}");
    }
}

#[tokio::test]
async fn faults_of_the_wire_end_in_bounded_time_and_leave_nothing_behind() {
    let cases = cases();
    let names: Vec<String> = (0..cases.len()).map(|number| format!("u{number}")).collect();
    let mailboxes = Mailbox::several(Kind::Qresync, &names);
    let suffering = cases
        .into_iter()
        .zip(mailboxes)
        .map(|(case, mailbox)| async { Sufferer::new(mailbox).await.live_through(case).await });
    futures::future::join_all(suffering).await;
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
