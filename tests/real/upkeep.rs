//! Damaged files, mended with a real server behind.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use mailroom_api::{ErrorCode, WireError};
use mailroom_tests::command::Terminal;
use mailroom_tests::eventually;
use serde_json::{Value, json};

use crate::desk::{ALICE, BOB, Desk};

/// Every message of a folder with its bytes.
async fn bytes_of(desk: &Desk, folder: &str) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    for row in desk.list(ALICE, folder).await {
        let raw = desk.home.must("message_export", json!({"id": row["id"]})).await;
        let subject = format!("{} {}", row["subject"], row["received_at"]);
        found.insert(subject, raw["base64"].as_str().unwrap().to_owned());
    }
    found
}

fn database(desk: &Desk) -> PathBuf {
    desk.home.path().join("mailroom.db")
}

/// Turns bits round in the database, at the places that `choose` names.
fn damage(path: &Path, choose: impl Fn(&[u8]) -> Vec<usize>) -> usize {
    let mut bytes = fs::read(path).unwrap();
    let places = choose(&bytes);
    for place in &places {
        bytes[*place] ^= 0x5a;
    }
    fs::write(path, bytes).unwrap();
    places.len()
}

fn repairs(report: &Value) -> BTreeMap<String, i64> {
    report["repairs"]
        .as_array()
        .unwrap()
        .iter()
        .map(|repair| {
            (
                repair["what"].as_str().unwrap().to_owned(),
                repair["count"].as_i64().unwrap(),
            )
        })
        .collect()
}

fn store_check(report: &Value) -> &Value {
    report["checks"]
        .as_array()
        .unwrap()
        .iter()
        .find(|check| check["check"] == "store")
        .unwrap()
}

async fn filled() -> Desk {
    let desk = Desk::new();
    desk.office.sample_mail(ALICE).unwrap();
    desk.add(ALICE).await;
    desk.sync(ALICE).await;
    desk
}

#[tokio::test]
async fn damaged_messages_are_fetched_again() {
    let mut desk = filled().await;
    let before = bytes_of(&desk, "INBOX").await;
    desk.home.restart().await;
    // Inside of compressed bodies: their beginnings are known, and SQLite does not look at what they hold.
    let harmed = damage(&database(&desk), |bytes| {
        const ZSTD: [u8; 4] = [0x28, 0xb5, 0x2f, 0xfd];
        let begins = bytes
            .windows(4)
            .enumerate()
            .filter(|(_, window)| **window == ZSTD);
        begins.map(|(place, _)| place + 24).collect()
    });
    assert!(harmed > 20, "{harmed}");
    let report = desk.home.must("doctor_run", Value::Null).await;
    let check = store_check(&report);
    assert_eq!(
        (&check["passed"], &check["error"]["code"]),
        (&json!(false), &json!("store_damaged")),
        "{report}"
    );
    let report = desk.home.must("doctor_run", json!({"repair": true})).await;
    assert!(repairs(&report)["bodies"] > 0, "{report}");
    assert_eq!(store_check(&report)["passed"], true, "{report}");
    assert_eq!(bytes_of(&desk, "INBOX").await, before);
    assert!(fs::read_dir(desk.home.path().join("set-aside")).unwrap().count() > 0);
    let report = desk.home.must("doctor_run", json!({"repair": true})).await;
    assert_eq!(repairs(&report), BTreeMap::new());
}

/// What exists only on this machine.
async fn own_things(desk: &Desk) -> Vec<Value> {
    let mut things = Vec::new();
    for (command, fields) in [
        ("account_list", vec!["address", "name", "period", "identities"]),
        ("draft_list", vec!["subject"]),
        ("domain_list", vec!["domain", "provider"]),
        ("sender_list", vec!["address"]),
    ] {
        let reply = desk.home.must(command, Value::Null).await;
        for row in reply.as_array().unwrap() {
            things.push(fields.iter().map(|field| row[*field].clone()).collect());
        }
    }
    let settings = desk.home.must("settings_get", Value::Null).await;
    things.push(settings);
    things
}

async fn make_own_things(desk: &Desk) {
    let home = &desk.home;
    home.must("account_update", json!({"address": ALICE, "name": "Praca"}))
        .await;
    home.must("sender_allow", json!({"address": "news@example.org"}))
        .await;
    home.must("settings_update", json!({"theme": "dark"})).await;
    home.must("identity_save", json!({
        "account": ALICE, "address": "office@mailroom.test", "name": "Office", "is_default": false, "signature": "",
    }))
    .await;
    let draft = home
        .must("draft_open", json!({"kind": "new", "from": ALICE}))
        .await;
    let text = json!({
        "id": draft["id"], "from": ALICE, "to": [], "cc": [], "bcc": [], "subject": "Nobody else has this", "text": "a",
        "html": null, "upload": false,
    });
    home.must("draft_save", text).await;
}

#[tokio::test]
async fn unreadable_database_is_set_aside_and_made_anew() {
    for (what, harm) in [
        ("the first page", 0..100),
        ("everything behind the first pages", 40_000..400_000),
    ] {
        let mut desk = filled().await;
        make_own_things(&desk).await;
        let (mail, own) = (bytes_of(&desk, "INBOX").await, own_things(&desk).await);
        desk.home.restart().await;
        let length = usize::try_from(fs::metadata(database(&desk)).unwrap().len()).unwrap();
        damage(&database(&desk), |_| {
            (harm.start..harm.end.min(length)).step_by(7).collect()
        });
        let report = desk.home.must("doctor_run", json!({"repair": true})).await;
        assert!(repairs(&report)["rebuilt"] > 0, "{what}: {report}");
        let aside = PathBuf::from(report["repairs"][0]["path"].as_str().unwrap());
        assert_eq!(
            usize::try_from(fs::metadata(aside).unwrap().len()).unwrap(),
            length
        );
        assert_eq!(store_check(&report)["passed"], true, "{what}: {report}");
        assert_eq!(own_things(&desk).await, own, "{what}");
        desk.sync(ALICE).await;
        assert_eq!(bytes_of(&desk, "INBOX").await, mail, "{what}");
    }
}

/// Where the pages of the index of words begin. FTS5 keeps them in a table of a number and bytes, and numbers them from 2^37 on:
/// six bytes of a number, a header of four bytes whose first column is the number itself, then the page. Only cells that are in
/// use count (SQLite's file format, section 1.6): what is left of others may lie across them.
fn index_pages(bytes: &[u8]) -> Vec<usize> {
    const LEAF_OF_A_TABLE: u8 = 13;
    let number = |at: usize| usize::from(bytes[at]) << 8 | usize::from(bytes[at + 1]);
    let size = number(16);
    let mut found = Vec::new();
    for page in (0..bytes.len()).step_by(size) {
        let head = if page == 0 { 100 } else { page };
        if bytes[head] != LEAF_OF_A_TABLE {
            continue;
        }
        for cell in 0..number(head + 3) {
            let length = page + number(head + 8 + 2 * cell);
            let row = length + 1 + bytes[length..].iter().take_while(|byte| **byte >= 0x80).count();
            let begin = &bytes[row..(row + 8).min(bytes.len())];
            let is_page = matches!(begin, [0x84..=0xff, 0x80, 0x80, 0x80, 0x80, _, 4, 0]);
            if is_page && begin[0].is_multiple_of(4) {
                found.push(row + 10);
            }
        }
    }
    found
}

fn damage_index(desk: &Desk) {
    let harmed = damage(&database(desk), |bytes| {
        let pages = index_pages(bytes).into_iter();
        pages.flat_map(|page| page..page + 8).collect()
    });
    assert!(harmed >= 16, "{harmed}");
}

async fn hits(desk: &Desk) -> Result<Value, WireError> {
    let query = json!({"query": "example", "address": ALICE});
    desk.home.call("message_search", query).await
}

#[tokio::test]
async fn damaged_index_is_made_anew_by_a_repair() {
    let mut desk = filled().await;
    let before = hits(&desk).await.unwrap();
    assert!(before["messages"].as_array().unwrap().len() > 1, "{before}");
    assert_eq!(before["complete"], true, "{before}");
    desk.home.restart().await;
    damage_index(&desk);
    let report = desk.home.must("doctor_run", Value::Null).await;
    assert_eq!(store_check(&report)["passed"], false, "{report}");
    let report = desk.home.must("doctor_run", json!({"repair": true})).await;
    let kept = desk.home.must("account_list", Value::Null).await[0]["messages"].clone();
    assert_eq!(json!(repairs(&report)), json!({"index": kept}), "{report}");
    assert_eq!(store_check(&report)["passed"], true, "{report}");
    assert_eq!(hits(&desk).await.unwrap(), before);
}

#[tokio::test]
async fn damaged_index_is_made_anew_by_itself_once_it_is_met() {
    let mut desk = filled().await;
    let before = hits(&desk).await.unwrap();
    desk.home.restart().await;
    damage_index(&desk);
    let error = hits(&desk).await.unwrap_err();
    assert_eq!(error.code, ErrorCode::StoreDamaged, "{error:?}");
    // Less may be found meanwhile, but it is said.
    eventually("the index", async || {
        hits(&desk).await.is_ok_and(|found| found["complete"] == true)
    })
    .await;
    assert_eq!(hits(&desk).await.unwrap(), before);
    let report = desk.home.must("doctor_run", Value::Null).await;
    assert_eq!(store_check(&report)["passed"], true, "{report}");
}

#[tokio::test]
async fn database_that_is_gone_or_unreadable_is_restored_at_a_start() {
    for what in ["gone", "empty", "damaged"] {
        let mut desk = filled().await;
        make_own_things(&desk).await;
        let (mail, own) = (bytes_of(&desk, "INBOX").await, own_things(&desk).await);
        desk.home.restart().await;
        let path = database(&desk);
        let length = fs::metadata(&path).unwrap().len();
        match what {
            "gone" => fs::remove_file(&path).unwrap(),
            "empty" => fs::write(&path, b"").unwrap(),
            _ => drop(damage(&path, |_| (0..100).step_by(7).collect())),
        }
        assert_eq!(own_things(&desk).await, own, "{what}");
        let status = desk.home.must("status_get", Value::Null).await;
        let restored = &status["store_restored"];
        assert_eq!(restored["code"], "store_restored", "{what}: {status}");
        assert!(
            restored["params"]["backup_at"].as_i64().unwrap() > 0,
            "{restored}"
        );
        let aside = restored["params"]["path"]
            .as_str()
            .map(|path| fs::metadata(path).unwrap().len());
        let kept = match what {
            "gone" => None,
            "empty" => Some(0),
            _ => Some(length),
        };
        assert_eq!(aside, kept, "{what}: {restored}");
        desk.sync(ALICE).await;
        assert_eq!(bytes_of(&desk, "INBOX").await, mail, "{what}");

        // Said until somebody has seen it, also after the next start.
        desk.home.restart().await;
        let status = desk.home.must("status_get", Value::Null).await;
        assert_eq!(&status["store_restored"], restored, "{what}");
        desk.home.must("restored_seen", Value::Null).await;
        let status = desk.home.must("status_get", Value::Null).await;
        assert_eq!(status["store_restored"], Value::Null, "{what}");
    }
}

#[tokio::test]
async fn backups_that_are_written_at_the_same_time_are_all_whole() {
    let desk = Desk::new();
    desk.add(ALICE).await;
    let all = (0..8).map(|_| desk.home.must("backup_write", json!({})));
    let written = futures::future::join_all(all).await;
    let listed = desk.home.must("backup_list", json!({})).await;
    let is_written = |path: &Value| written.iter().any(|backup| backup["path"] == *path);
    assert!(is_written(&listed[0]["path"]), "the newest is the last: {listed}");
    let newest = Path::new(listed[0]["path"].as_str().unwrap());
    mailroom_store::Store::check_backup(newest).await.unwrap();
    let left = fs::read_dir(desk.home.path().join("backups")).unwrap();
    let parts = left.filter(|file| {
        let name = file.as_ref().unwrap().file_name();
        name.to_str().unwrap().contains("part")
    });
    assert_eq!(parts.count(), 0);
}

#[tokio::test]
async fn unreadable_database_without_a_backup_is_left_to_the_person() {
    let mut desk = filled().await;
    desk.home.restart().await;
    let path = database(&desk);
    damage(&path, |_| (0..100).step_by(7).collect());
    let harmed = fs::read(&path).unwrap();
    fs::remove_dir_all(desk.home.path().join("backups")).unwrap();
    let error = desk.home.fails("account_list", Value::Null).await;
    assert_eq!(error, ErrorCode::StoreDamaged);
    assert_eq!(fs::read(&path).unwrap(), harmed);
}

#[test]
fn backup_is_written_by_itself_and_restored_at_the_terminal() {
    let desk = Desk::new();
    let terminal = Terminal::new(desk.office.ca_path());
    let imap = format!("localhost:{}:tls", desk.office.imaps_port());
    let smtp = format!("localhost:{}:tls", desk.office.submissions_port());
    let words = [
        "--json",
        "account",
        "add",
        BOB,
        "--imap",
        &imap,
        "--smtp",
        &smtp,
        "--password-stdin",
    ];
    assert_eq!(terminal.run(&words, "bob-pw\n").status, 0);
    let listed = terminal.run(&["--json", "backup", "list"], "").json();
    let backup = listed[0]["path"].as_str().unwrap().to_owned();
    assert!(
        !fs::read(&backup)
            .unwrap()
            .windows(6)
            .any(|window| window == b"bob-pw")
    );
    let mode = fs::metadata(&backup).unwrap().permissions();
    assert_eq!(std::os::unix::fs::PermissionsExt::mode(&mode) & 0o777, 0o600);
    let garbage = terminal.home().join("garbage.db");
    fs::write(&garbage, "no backup at all".repeat(100)).unwrap();
    let refused = terminal.run(
        &["--json", "backup", "restore", garbage.to_str().unwrap(), "--yes"],
        "",
    );
    assert_eq!(
        (refused.status, &refused.error()["code"]),
        (7, &json!("store_damaged")),
        "{refused:?}"
    );
    // Removing an account takes the backups that name it along; a copy that somebody made is theirs.
    let copy = terminal.home().join("copy.db");
    fs::copy(&backup, &copy).unwrap();
    assert_eq!(terminal.run(&["--json", "account", "remove", BOB], "").status, 0);
    assert!(!Path::new(&backup).exists());
    let copy = copy.to_str().unwrap();
    let restored = terminal
        .run(&["--json", "backup", "restore", copy, "--yes"], "")
        .json();
    assert!(
        Path::new(restored["set_aside"].as_str().unwrap()).exists(),
        "{restored}"
    );
    let accounts = terminal.run(&["--json", "account", "list"], "").json();
    assert_eq!(accounts[0]["address"], BOB, "{accounts}");
    fs::remove_file(terminal.home().join("mailroom.db")).unwrap();
    let listed = terminal.run(&["account", "list"], "");
    assert_eq!(listed.status, 0, "{listed:?}");
    assert!(listed.out.contains(BOB), "{listed:?}");
    assert!(listed.err.contains("A backup took its place."), "{listed:?}");
    let status = terminal.run(&["status"], "");
    assert!(
        status.out.contains("The mail database was missing."),
        "{status:?}"
    );
    let status = terminal.run(&["status", "--seen"], "");
    assert!(!status.out.contains("database"), "{status:?}");
}
