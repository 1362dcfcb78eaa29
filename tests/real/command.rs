//! The `mailroom` command against real servers: what people and scripts rely on.

use std::time::Duration;

use mailroom_tests::command::Terminal;
use mailroom_tests::office::{Office, OfficeOptions};
use mailroom_tests::until;
use serde_json::Value;

use crate::desk::{ALICE, BOB};

struct Bench {
    terminal: Terminal,
    office: Office,
}

impl Bench {
    fn new() -> Self {
        let office = Office::start(&OfficeOptions {
            oidc: false,
            ..OfficeOptions::default()
        })
        .unwrap();
        let terminal = Terminal::new(office.ca_path());
        Self { terminal, office }
    }

    fn add(&self, address: &str, password: &str) -> mailroom_tests::command::Ran {
        let imap = format!("localhost:{}:tls", self.office.imaps_port());
        let smtp = format!("localhost:{}:starttls", self.office.submission_port());
        let words = [
            "--json",
            "account",
            "add",
            address,
            "--imap",
            &imap,
            "--smtp",
            &smtp,
            "--password-stdin",
        ];
        self.terminal.run(&words, &format!("{password}\n"))
    }
}

#[test]
fn whole_day_at_the_terminal() {
    let bench = Bench::new();
    bench.office.sample_mail(ALICE).unwrap();
    let terminal = &bench.terminal;
    let added = bench.add(ALICE, "alice-pw");
    assert_eq!(added.status, 0, "{added:?}");
    assert_eq!(bench.add(BOB, "bob-pw").status, 0);
    assert_eq!(
        terminal
            .run(&["--json", "account", "list"], "")
            .json()
            .as_array()
            .unwrap()
            .len(),
        2
    );
    let synced = terminal.run(&["--json", "sync"], "");
    assert_eq!(synced.status, 0, "{synced:?}");
    let events: Vec<String> = synced
        .lines()
        .iter()
        .map(|line| line["event"].as_str().unwrap_or_default().to_owned())
        .collect();
    assert!(events.contains(&"inbox_readied".to_owned()), "{events:?}");
    assert_eq!(events.last().map(String::as_str), Some("result"));
    let found = terminal.run(&["--json", "search", "faktura"], "").json();
    let rows = found["messages"].as_array().unwrap();
    assert!(!rows.is_empty(), "{found}");
    assert_eq!(found["complete"], true, "{found}");
    let id = rows[0]["id"].to_string();
    let shown = terminal.run(&["message", "show", &id], "");
    assert_eq!(shown.status, 0);
    assert!(
        shown.out.contains(rows[0]["subject"].as_str().unwrap()),
        "{}",
        shown.out
    );
    let exported = terminal.run(&["message", "export", &id, "--output", "-"], "");
    let file = terminal.home().join("message.eml");
    std::fs::write(&file, &exported.out).unwrap();
    let inspected = terminal
        .run(&["--json", "message", "inspect", file.to_str().unwrap()], "")
        .json();
    assert_eq!(inspected["subject"], rows[0]["subject"]);
    let words = [
        "--json",
        "send",
        "--from",
        ALICE,
        "--to",
        BOB,
        "--subject",
        "Od Alicji",
        "--body-file",
        "-",
    ];
    let sent = terminal.run(&words, "Cześć, Bob.\n");
    assert_eq!(
        (sent.status, &sent.json()["state"]),
        (0, &Value::from("filed")),
        "{sent:?}"
    );
    assert_eq!(terminal.run(&["sync", BOB], "").status, 0);
    let listed = terminal
        .run(&["--json", "message", "list", "--account", BOB], "")
        .json();
    assert_eq!(listed["messages"][0]["subject"], "Od Alicji");
    let status = terminal.run(&["status"], "");
    assert!(status.status == 0 && status.out.contains(ALICE), "{status:?}");
    let doctor = terminal.run(&["--json", "doctor"], "");
    assert_eq!(doctor.status, 0, "{doctor:?}");
    let removed = terminal.run(&["--json", "account", "remove", BOB], "").json();
    assert_eq!(
        (&removed["address"], &removed["secrets_removed"]),
        (&Value::from(BOB), &Value::from(true))
    );
    assert_eq!(
        terminal
            .run(&["--json", "account", "list"], "")
            .json()
            .as_array()
            .unwrap()
            .len(),
        1
    );
}

#[test]
fn folders_are_made_renamed_read_and_deleted_at_the_terminal() {
    let bench = Bench::new();
    let terminal = &bench.terminal;
    assert_eq!(bench.add(ALICE, "alice-pw").status, 0);
    let folder = |words: &[&str]| {
        let words: Vec<&str> = ["folder"].iter().chain(words).copied().collect();
        terminal.run(&words, "")
    };
    let made = folder(&["create", ALICE, "Żółte sowy"]);
    assert_eq!(
        (made.status, made.out.trim()),
        (0, "The folder “Żółte sowy” is there."),
        "{made:?}"
    );
    assert_eq!(folder(&["create", ALICE, "2026", "--in", "Żółte sowy"]).status, 0);
    let again = folder(&["create", ALICE, "Żółte sowy"]);
    assert_eq!(again.status, 1, "{again:?}");
    let bad = folder(&["create", ALICE, "a/b"]);
    assert!(
        bad.status == 2 && bad.err.contains("separates folders"),
        "{bad:?}"
    );
    let protected = folder(&["delete", ALICE, "INBOX"]);
    assert!(protected.err.contains("the folder for inbox"), "{protected:?}");
    assert_eq!(folder(&["rename", ALICE, "Żółte sowy", "--to", "Sowy"]).status, 0);
    let moved = terminal.run(&["--json", "folder", "rename", ALICE, "Sowy/2026", "--top"], "");
    assert_eq!(moved.json()["path"], "2026", "{moved:?}");
    let read = folder(&["read", ALICE, "2026"]);
    assert_eq!((read.status, read.out.trim()), (0, "Nothing in it was unread."));
    for name in ["2026", "Sowy"] {
        let deleted = folder(&["delete", ALICE, name]);
        assert_eq!(deleted.status, 0, "{deleted:?}");
    }
    let listed = folder(&["list", ALICE, "--refresh"]);
    assert!(
        !listed.out.contains("Sowy") && !listed.out.contains("2026"),
        "{listed:?}"
    );
}

#[test]
fn exit_status_and_error_tell_what_kind_of_trouble_it_is() {
    let bench = Bench::new();
    let terminal = &bench.terminal;
    let refused = bench.add(ALICE, "wrong");
    assert_eq!(
        (refused.status, &refused.error()["code"]),
        (3, &Value::from("auth_failed")),
        "{refused:?}"
    );
    assert_eq!(refused.out, "");
    for (words, status, code) in [
        (
            vec!["--json", "account", "test", "nobody@example.org"],
            6,
            "account_missing",
        ),
        (vec!["--json", "message", "show", "1"], 6, "message_missing"),
        (vec!["--json", "outbox", "discard", "1"], 6, "entry_missing"),
        (
            vec!["--json", "message", "inspect", "/nonexistent"],
            7,
            "file_unreadable",
        ),
        (vec!["--json", "detect", "not-an-address"], 2, "address_invalid"),
        (vec!["--json", "sync", "nobody@example.org"], 6, "account_missing"),
    ] {
        let ran = terminal.run(&words, "");
        assert_eq!(
            (ran.status, &ran.error()["code"]),
            (status, &Value::from(code)),
            "{words:?} {ran:?}"
        );
    }
    assert_eq!(terminal.run(&["no-such-command"], "").status, 2);
    let mut blind = terminal.command(&["--json", "doctor"]);
    let blind = blind.env("SSL_CERT_FILE", "/nonexistent.pem").output().unwrap();
    assert_eq!(blind.status.code(), Some(7), "{blind:?}");
    let mut locked = terminal.command(&["--json", "doctor"]);
    assert_eq!(bench.add(ALICE, "alice-pw").status, 0);
    let locked = locked
        .env("MAILROOM_VAULT_PASSPHRASE", "another")
        .output()
        .unwrap();
    let report: Value = serde_json::from_slice(&locked.stdout).unwrap();
    let failed: Vec<&Value> = report["checks"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|check| check["passed"] == false)
        .collect();
    assert_eq!(failed.len(), 1, "{report}");
    assert_eq!(failed[0]["error"]["code"], "vault_passphrase_wrong");
    let found = terminal
        .run(&["--json", "detect", "someone@gmail.com", "--offline"], "")
        .json();
    assert_eq!(found["candidates"][0]["provider"], "gmail");
    assert_eq!(found["candidates"][0]["auth"][0]["unavailable"], "no_client_id");
}

#[test]
fn doctor_tells_the_journal_as_the_window_does() {
    let bench = Bench::new();
    let terminal = &bench.terminal;
    assert_eq!(bench.add(ALICE, "alice-pw").status, 0);
    assert_eq!(terminal.run(&["sync"], "").status, 0);
    let refused = terminal.run(&["account", "sign-in", ALICE, "--password-stdin"], "wrong-pw\n");
    assert_eq!(refused.status, 3, "{refused:?}");
    assert_eq!(terminal.run(&["account", "test", ALICE], "").status, 0);
    bench.office.stop_imap();
    assert_ne!(terminal.run(&["account", "test", ALICE], "").status, 0);

    let journal = terminal.run(&["--json", "journal", ALICE], "").json();
    let entries = journal[0]["entries"].as_array().unwrap();
    let kinds: Vec<&str> = entries
        .iter()
        .rev()
        .map(|entry| entry["kind"].as_str().unwrap())
        .filter(|kind| *kind != "connected")
        .collect();
    assert_eq!(
        kinds,
        ["added", "sign_in_failed", "tested", "test_failed"],
        "{journal}"
    );
    assert_eq!(entries[0]["proof"], "tls");
    assert_eq!(entries[0]["error"]["code"], "connect_refused");
    let doctor = terminal.run(&["--json", "doctor"], "").json();
    assert_eq!(doctor["journals"], journal);

    // And in words, for whoever reads.
    let told = terminal.run(&["doctor"], "").out;
    for words in [ALICE, "Account added", "Sign-in failed", "everything works"] {
        assert!(told.contains(words), "{words}: {told}");
    }
    assert!(!told.contains("wrong-pw"), "{told}");
}

#[test]
fn secrets_are_nowhere_but_in_the_vault() {
    let bench = Bench::new();
    bench.office.sample_mail(ALICE).unwrap();
    assert_eq!(bench.add(ALICE, "alice-pw").status, 0);
    let synced = bench.terminal.run(&["-vv", "--json", "sync"], "");
    assert!(!format!("{synced:?}").contains("alice-pw"));
    let files = |folder: &std::path::Path| {
        let entries = std::fs::read_dir(folder).unwrap();
        entries.map(|entry| entry.unwrap().path()).collect::<Vec<_>>()
    };
    let mut left = files(bench.terminal.home());
    while let Some(path) = left.pop() {
        if path.is_dir() {
            left.extend(files(&path));
            continue;
        }
        let bytes = std::fs::read(&path).unwrap();
        let found = bytes.windows(8).any(|window| window == b"alice-pw");
        assert!(!found, "{}", path.display());
    }
}

#[test]
fn interrupted_watch_ends_in_order() {
    use std::io::{BufRead, BufReader};
    let bench = Bench::new();
    assert_eq!(bench.add(ALICE, "alice-pw").status, 0);
    let mut child = bench
        .terminal
        .command(&["--json", "sync", "--watch"])
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let rested = lines
        .by_ref()
        .map(Result::unwrap)
        .any(|line| line.contains("\"watch_rested\""));
    assert!(rested, "it waits for the server");
    let pid = rustix::process::Pid::from_child(&child);
    rustix::process::kill_process(pid, rustix::process::Signal::INT).unwrap();
    let rest: Vec<String> = lines.map(Result::unwrap).collect();
    assert_eq!(child.wait().unwrap().code(), Some(130), "{rest:?}");
}

#[test]
fn door_ends_with_its_input() {
    use std::io::{BufRead, BufReader};
    let bench = Bench::new();
    assert_eq!(bench.add(ALICE, "alice-pw").status, 0);
    let mut child = bench
        .terminal
        .command(&["--json", "serve", "--until-input-ends"])
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let ready = lines.next().unwrap().unwrap();
    assert!(ready.contains("\"serving\""), "{ready}");
    assert!(
        child.try_wait().unwrap().is_none(),
        "it goes on while its input does"
    );
    drop(child.stdin.take());
    let ended = until(Duration::from_mins(2), || child.try_wait().unwrap().is_some());
    child.kill().unwrap();
    assert!(ended);
    assert_eq!(child.wait().unwrap().code(), Some(0));
}
