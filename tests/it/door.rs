//! The HTTP door: who comes in, what passes, and what every answer carries.

use std::fmt::Write as _;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use mailroom_api::CancellationToken;
use mailroom_door::{CONTENT_SECURITY_POLICY, Door, DoorError, Key, Keys};
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio::task::JoinHandle;

use crate::mailbox::{ANNA, Mailbox};

struct Visited {
    mailbox: Mailbox,
    address: SocketAddr,
    token: String,
    ending: CancellationToken,
    serving: JoinHandle<Result<(), DoorError>>,
}

struct Answer {
    status: u16,
    head: String,
    body: String,
}

impl Answer {
    fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }

    /// Status, and the reason of a refusal or the code of another error.
    fn why(&self) -> (u16, String) {
        let error = self.json();
        let why = error["params"].get("reason").unwrap_or(&error["code"]);
        (self.status, why.as_str().unwrap().to_owned())
    }
}

impl Visited {
    async fn open(page: Option<&Path>) -> Self {
        let mailbox = Mailbox::new();
        let keys = Keys::new(Key::new([7; 32]), Key::new([9; 32]));
        let door = Door::open(0, keys).await.unwrap();
        let address = door.address();
        let (start, token) = door
            .link()
            .split_once("/#token=")
            .map(|(start, token)| (start.to_owned(), token.to_owned()))
            .unwrap();
        assert_eq!(start, format!("http://{address}"));
        let ending = CancellationToken::new();
        let (engine, page, end) = (
            Arc::clone(&mailbox.home.engine),
            page.map(Path::to_owned),
            ending.clone(),
        );
        #[expect(clippy::disallowed_methods, reason = "the test awaits it")]
        let serving = tokio::spawn(async move { door.serve(engine, page.as_deref(), end).await });
        Self {
            mailbox,
            address,
            token,
            ending,
            serving,
        }
    }

    /// One request of exactly these lines; the body's length is added where there is a body.
    async fn say(&self, lines: &[&str], body: &str) -> Answer {
        let mut stream = TcpStream::connect(self.address).await.unwrap();
        let mut request = lines.join("\r\n");
        if !body.is_empty() {
            let _ = write!(request, "\r\nContent-Length: {}", body.len());
        }
        request.push_str("\r\nConnection: close\r\n\r\n");
        request.push_str(body);
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        Answer {
            status,
            head: head.to_ascii_lowercase(),
            body: body.to_owned(),
        }
    }

    async fn post(&self, path: &str, session: Option<&str>, body: &str) -> Answer {
        let (start, host) = (format!("POST {path} HTTP/1.1"), format!("Host: {}", self.address));
        let bearer = session.map(|session| format!("Authorization: Bearer {session}"));
        let mut lines = vec![start.as_str(), &host, "Content-Type: application/json"];
        lines.extend(bearer.as_deref());
        self.say(&lines, body).await
    }

    async fn exchange(&self, token: &str) -> Answer {
        self.post("/session", None, &json!({ "token": token }).to_string())
            .await
    }

    async fn session(&self) -> String {
        let answer = self.exchange(&self.token).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        answer.json()["session"].as_str().unwrap().to_owned()
    }

    async fn call(&self, session: &str, name: &str, payload: Value) -> Answer {
        self.post(&format!("/call/{name}"), Some(session), &payload.to_string())
            .await
    }

    async fn end(self) {
        self.ending.cancel();
        tokio::time::timeout(Duration::from_mins(2), self.serving)
            .await
            .expect("it ends")
            .unwrap()
            .unwrap();
    }
}

#[tokio::test]
async fn link_opens_one_session_once() {
    let door = Visited::open(None).await;
    for wrong in ["", "0", &"09".repeat(32)] {
        assert_eq!(
            door.exchange(wrong).await.why(),
            (401, "session".to_owned()),
            "{wrong:?}"
        );
    }
    assert_eq!(door.post("/session", None, "[]").await.why().0, 401);
    let session = door.session().await;
    assert_ne!(session, door.token);
    assert_eq!(
        door.exchange(&door.token).await.why(),
        (401, "session".to_owned())
    );
    let reply = door.call(&session, "account_list", json!({})).await;
    assert_eq!((reply.status, reply.json()), (200, json!([])));
    // The token is not the session, and without either nothing is told.
    for wrong in [None, Some(door.token.as_str()), Some("")] {
        let answer = door.post("/call/account_list", wrong, "{}").await;
        assert_eq!(answer.why(), (401, "session".to_owned()), "{wrong:?}");
        assert!(answer.head.contains("www-authenticate: bearer"));
    }
    door.end().await;
}

#[tokio::test]
async fn strangers_are_turned_away_before_anything_else() {
    let door = Visited::open(None).await;
    let session = door.session().await;
    let bearer = format!("Authorization: Bearer {session}");
    let own = format!("Host: {}", door.address);
    let other = format!("Host: localhost:{}", door.address.port());
    let json = "Content-Type: application/json";
    let start = "POST /call/account_list HTTP/1.1";
    let cases: [(&[&str], (u16, &str)); 6] = [
        (&[start, "Host: evil.example", json, &bearer], (421, "host")),
        (&[start, &other, json, &bearer], (421, "host")),
        (
            &[start, &own, "Origin: https://evil.example", json, &bearer],
            (403, "origin"),
        ),
        (&[start, &own, "Origin: null", json, &bearer], (403, "origin")),
        (
            &[start, &own, "Content-Type: text/plain", &bearer],
            (415, "content_type"),
        ),
        (&[start, &own, &bearer], (415, "content_type")),
    ];
    for (lines, (status, reason)) in cases {
        assert_eq!(
            door.say(lines, "{}").await.why(),
            (status, reason.to_owned()),
            "{lines:?}"
        );
    }
    let page = ["GET / HTTP/1.1", "Host: evil.example"];
    assert_eq!(door.say(&page, "").await.why(), (421, "host".to_owned()));
    let origin = format!("Origin: http://{}", door.address);
    let friend = door.say(&[start, &own, &origin, json, &bearer], "{}").await;
    assert_eq!(friend.status, 200, "{}", friend.body);
    door.end().await;
}

#[tokio::test]
async fn body_that_is_too_long_is_refused_unread() {
    let door = Visited::open(None).await;
    let long = json!({ "token": "0".repeat(2000) }).to_string();
    assert_eq!(
        door.post("/session", None, &long).await.why(),
        (413, "size".to_owned())
    );
    let session = door.session().await;
    let (host, bearer) = (
        format!("Host: {}", door.address),
        format!("Authorization: Bearer {session}"),
    );
    let lines = [
        "POST /call/draft_attach HTTP/1.1",
        &host,
        "Content-Type: application/json",
        &bearer,
        "Content-Length: 100000000",
    ];
    assert_eq!(door.say(&lines, "").await.why(), (413, "size".to_owned()));
    door.end().await;
}

#[tokio::test]
async fn calls_fail_with_the_codes_of_the_contract() {
    let door = Visited::open(None).await;
    let session = door.session().await;
    let file = door.mailbox.home.path().join("written.eml");
    let cases = [
        ("no_such_command", json!({}), (404, "command_unknown")),
        ("sync_watch", json!({}), (404, "command_unknown")),
        (
            "message_inspect",
            json!({ "path": "/etc/passwd" }),
            (404, "command_unknown"),
        ),
        (
            "message_export",
            json!({ "id": 1, "path": file }),
            (404, "command_unknown"),
        ),
        (
            "message_send",
            json!({ "from": "", "to": [], "subject": "", "text": "", "attachments": ["/etc/passwd"] }),
            (404, "command_unknown"),
        ),
        ("message_export", json!({ "id": 1 }), (422, "message_missing")),
        (
            "account_test",
            json!({ "address": "nobody@example.org" }),
            (422, "account_missing"),
        ),
        ("account_test", json!({}), (400, "input_invalid")),
    ];
    for (name, payload, (status, code)) in cases {
        let answer = door.call(&session, name, payload).await;
        assert_eq!(
            (answer.status, &answer.json()["code"]),
            (status, &json!(code)),
            "{name}"
        );
    }
    assert!(!file.exists());
    let broken = door.post("/call/account_list", Some(&session), "{").await;
    assert_eq!(
        (broken.status, &broken.json()["code"]),
        (400, &json!("input_invalid"))
    );
    let empty = door.post("/call/account_list", Some(&session), "").await;
    assert_eq!((empty.status, empty.json()), (200, json!([])));
    door.end().await;
}

#[tokio::test]
async fn events_are_told_to_who_has_the_session() {
    let door = Visited::open(None).await;
    let host = format!("Host: {}", door.address);
    let refused = door.say(&["GET /events HTTP/1.1", &host], "").await;
    assert_eq!(refused.why(), (401, "session".to_owned()));
    let in_address = format!("GET /events?session={} HTTP/1.1", "09".repeat(32));
    assert_eq!(door.say(&[&in_address, &host], "").await.why().0, 401);

    let session = door.session().await;
    let mut stream = TcpStream::connect(door.address).await.unwrap();
    let request = format!("GET /events HTTP/1.1\r\n{host}\r\nAuthorization: Bearer {session}\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut lines = BufReader::new(stream).lines();
    let mut next = async |wanted: &str| loop {
        let line = lines.next_line().await.unwrap().expect("the stream goes on");
        if line.starts_with(wanted) {
            return line;
        }
    };
    next("content-type: text/event-stream").await;
    next(": open").await;
    // Nobody listens on port 1: the look begins and fails.
    door.mailbox.connect(1, None).await;
    assert_eq!(door.call(&session, "sync_run", json!({})).await.status, 200);
    let event: Value = serde_json::from_str(next("data: ").await.strip_prefix("data: ").unwrap()).unwrap();
    assert_eq!(event, json!({ "event": "sync_started", "address": ANNA }));
    // It ends although somebody still listens.
    door.end().await;
}

#[tokio::test]
async fn end_does_not_wait_for_who_never_finishes_asking() {
    let door = Visited::open(None).await;
    let mut stream = TcpStream::connect(door.address).await.unwrap();
    let request = format!(
        "POST /session HTTP/1.1\r\nHost: {}\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\
         Expect: 100-continue\r\n\r\n",
        door.address
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = [0; 21];
    stream.read_exact(&mut answer).await.unwrap();
    assert_eq!(&answer, b"HTTP/1.1 100 Continue");
    // It waits for nine bytes now, and they never come.
    door.end().await;
}

#[tokio::test]
async fn page_is_served_with_the_headers_that_guard_it() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("assets")).unwrap();
    std::fs::write(folder.path().join("index.html"), "<!doctype html>").unwrap();
    std::fs::write(folder.path().join("assets/a.js"), "1").unwrap();
    let door = Visited::open(Some(folder.path())).await;
    let host = format!("Host: {}", door.address);
    let mut seen = Vec::new();
    for (path, status, kind) in [
        ("/", 200, "text/html; charset=utf-8"),
        ("/assets/a.js", 200, "text/javascript; charset=utf-8"),
        ("/../Cargo.toml", 404, "text/plain; charset=utf-8"),
        ("/nothing", 404, "text/plain; charset=utf-8"),
        ("/call/account_list", 405, ""),
    ] {
        let answer = door.say(&[&format!("GET {path} HTTP/1.1"), &host], "").await;
        assert_eq!(answer.status, status, "{path}");
        assert!(answer.head.contains(kind), "{path}: {}", answer.head);
        seen.push((path, answer));
    }
    seen.push((
        "refused",
        door.say(&["GET / HTTP/1.1", "Host: evil.example"], "").await,
    ));
    for (path, answer) in &seen {
        for header in [
            "cache-control: no-store",
            "x-content-type-options: nosniff",
            "referrer-policy: no-referrer",
            "x-frame-options: deny",
            "content-security-policy: default-src 'none'; script-src 'self'",
        ] {
            assert!(answer.head.contains(header), "{path}: {header}");
        }
        assert!(!answer.head.contains("access-control-"), "{path}");
        assert!(!answer.head.contains("set-cookie"), "{path}");
    }
    door.end().await;
}

#[tokio::test]
async fn door_listens_on_loopback_only() {
    let door = Visited::open(None).await;
    assert_eq!(door.address.ip(), std::net::Ipv4Addr::LOCALHOST);
    // Another address of this machine: a listener on all of them would answer.
    let elsewhere = TcpStream::connect(("127.0.0.2", door.address.port())).await;
    assert!(elsewhere.is_err());
    let taken = Door::open(
        door.address.port(),
        Keys::new(Key::new([1; 32]), Key::new([2; 32])),
    )
    .await;
    assert!(matches!(taken, Err(DoorError::Port { .. })));
    door.end().await;
}

#[test]
fn policy_of_the_page_is_that_of_the_window() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tauri.conf.json");
    let config: Value = serde_json::from_str(&std::fs::read_to_string(file).unwrap()).unwrap();
    let mut window: Vec<(String, String)> = config["app"]["security"]["csp"]
        .as_object()
        .unwrap()
        .iter()
        .map(|(name, value)| (name.clone(), value.as_str().unwrap().to_owned()))
        .collect();
    for (name, value) in &mut window {
        if name == "connect-src" {
            // The window reaches the core by its own scheme, a browser by this door.
            assert!(value.starts_with("ipc:"), "{value}");
            *value = "'self'".to_owned();
        }
    }
    let mut door: Vec<(String, String)> = CONTENT_SECURITY_POLICY
        .split(';')
        .map(|rule| rule.trim().split_once(' ').unwrap())
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect();
    window.sort();
    door.sort();
    assert_eq!(
        door, window,
        "change both: the door's page.rs and tauri.conf.json"
    );
}
