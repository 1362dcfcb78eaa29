//! Offices begin and end without traces, however they end.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use mailroom_tests::until;
use serde_json::Value;

use super::{ALICE, BOB, PATIENCE, count, imap_only, start, without_provider};

#[test]
fn offices_side_by_side_know_nothing_of_each_other_and_leave_nothing() {
    let (one, two) = (start(&without_provider()), start(&without_provider()));
    one.deliver(ALICE, b"Subject: one\r\n\r\nx\r\n").unwrap();
    assert_eq!((count(&one, ALICE, "INBOX"), count(&two, ALICE, "INBOX")), (1, 0));
    let (dir, processes) = (one.dir().to_owned(), one.processes());
    assert!(processes.len() >= 5, "{processes:?}");
    drop(one);
    assert!(!dir.exists());
    // Killed and without a folder already; the kernel may still be tidying up.
    assert!(until(Duration::from_secs(1), || still_there(&processes).is_empty()));
    assert!(!two.processes().is_empty());
    two.deliver(ALICE, b"Subject: two\r\n\r\nx\r\n").unwrap();
}

/// Those of `processes` that run. A zombie runs no more, it only waits for its parent.
fn still_there(processes: &[u32]) -> Vec<u32> {
    let runs = |id: &&u32| {
        std::fs::read_to_string(format!("/proc/{id}/stat")).is_ok_and(|stat| {
            !stat
                .rsplit(')')
                .next()
                .unwrap_or_default()
                .trim_start()
                .starts_with('Z')
        })
    };
    processes.iter().filter(runs).copied().collect()
}

fn processes_in(dir: &str) -> Vec<u32> {
    let entries = std::fs::read_dir("/proc").unwrap().flatten();
    entries
        .filter_map(|entry| {
            let id = entry.file_name().to_str()?.parse().ok()?;
            std::fs::read_link(entry.path().join("cwd"))
                .ok()?
                .starts_with(dir)
                .then_some(id)
        })
        .collect()
}

#[test]
fn killed_office_takes_its_servers_along_and_is_swept_by_the_next() {
    let mut program = Command::new(env!("CARGO_BIN_EXE_mailroom-office"))
        .arg("--empty")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(program.stdout.take().unwrap())
        .read_line(&mut line)
        .unwrap();
    let ready: Value = serde_json::from_str(&line).unwrap();
    assert_eq!(ready["ready"], true);
    assert_eq!(ready["users"][ALICE], "alice-pw");
    let dir = ready["dir"].as_str().unwrap().to_owned();
    let servers = processes_in(&dir);
    assert!(servers.len() >= 6, "{servers:?}");
    program.kill().unwrap();
    program.wait().unwrap();
    assert!(
        until(PATIENCE, || still_there(&servers).is_empty()),
        "{:?}",
        still_there(&servers)
    );
    // A child of Exim's may finish its last conversation.
    assert!(until(PATIENCE, || processes_in(&dir).is_empty()));
    // Another test's office may be the one that sweeps.
    assert!(until(PATIENCE, || {
        drop(start(&imap_only()));
        !Path::new(&dir).exists()
    }));
}

#[test]
fn office_program_ends_with_its_input_and_plays_the_browser() {
    let binary = env!("CARGO_BIN_EXE_mailroom-office");
    let mut program = Command::new(binary)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(program.stdout.take().unwrap())
        .read_line(&mut line)
        .unwrap();
    let ready: Value = serde_json::from_str(&line).unwrap();
    assert!(ready["sample_messages"][BOB].as_u64().unwrap() > 40);
    let url = format!(
        "{}/auth?client_id=mailroom&redirect_uri=app.mailroom%3A%2F%2Foauth%2Fcallback&response_type=code&scope=openid%20mail&state=s&code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM&code_challenge_method=S256",
        ready["issuer"].as_str().unwrap(),
    );
    let output = Command::new(binary)
        .args(["--approve", &url, "--login", ALICE])
        .output()
        .unwrap();
    let landing: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert!(
        landing["address"]
            .as_str()
            .unwrap()
            .starts_with("app.mailroom://oauth/callback?code="),
        "{landing}"
    );
    drop(program.stdin.take());
    assert!(program.wait().unwrap().success());
    assert!(!Path::new(ready["dir"].as_str().unwrap()).exists());
}
