//! Mail as files, and files as mail, with a real server behind.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use mailroom_model::UnixMillis;
use mailroom_tests::command::Terminal;
use serde_json::{Value, json};

use crate::desk::{ALICE, BOB, Desk, message};

/// What lies in a folder: the bytes, with flags and time of arrival.
async fn lies_in(desk: &Desk, user: &str, folder: &str) -> BTreeMap<String, (Value, Value)> {
    let mut found = BTreeMap::new();
    for row in desk.list(user, folder).await {
        let raw = desk.home.must("message_export", json!({"id": row["id"]})).await;
        let raw = raw["base64"].as_str().unwrap().to_owned();
        found.insert(raw, (row["flags"].clone(), row["received_at"].clone()));
    }
    found
}

/// A mailbox with what makes trouble on the way.
fn fill(desk: &Desk) {
    desk.office.sample_mail(ALICE).unwrap();
    let at = |hour: i64| Some(UnixMillis((1_700_000_000 + hour * 3600) * 1000));
    let cases: [(&str, Vec<u8>, &[&str]); 5] = [
        (
            "INBOX",
            b"Subject: from lines\r\nMessage-ID: <from@example.org>\r\n\r\nFrom here\r\n>From there\r\n\r\nFrom a@x.pl Mon Nov 23 10:00:00 2026\r\n".to_vec(),
            &["\\Seen", "\\Flagged", "$Forwarded", "todo"],
        ),
        ("INBOX", b"Subject: 8 bit\r\n\r\n\xff\xfe\xc5\xbc \r\n\r\n\r\n".to_vec(), &["\\Answered"]),
        (
            "Archive",
            b"Content-Length: 400\r\nSubject: a length that claims its neighbours\r\n\r\nshort\r\n".to_vec(),
            &["\\Draft"],
        ),
        ("Archive", message("a@x.pl", ALICE, "Umowa/2026: CON?", "x"), &[]),
        ("Archive", b"Subject: no end of line\r\n\r\nlast".to_vec(), &["\\Seen"]),
    ];
    for (hour, (folder, raw, flags)) in (0..).zip(cases) {
        desk.office.append(ALICE, folder, flags, at(hour), &raw).unwrap();
    }
}

async fn export(desk: &Desk, target: &Path, format: &str) -> Value {
    desk.home
        .must(
            "mail_export",
            json!({"address": ALICE, "format": format, "target": target}),
        )
        .await
}

#[tokio::test]
async fn mail_goes_out_and_in_again_without_losing_anything() {
    let desk = Desk::new();
    fill(&desk);
    desk.add(ALICE).await;
    desk.sync(ALICE).await;
    desk.add(BOB).await;
    desk.sync(BOB).await;
    let place = tempfile::tempdir().unwrap();
    for format in ["mbox", "maildir", "eml"] {
        let target = place.path().join(format);
        let report = export(&desk, &target, format).await;
        assert_eq!(report["missing_count"], 0, "{report}");
        let code = desk
            .home
            .fails(
                "mail_export",
                json!({"address": ALICE, "format": format, "target": target}),
            )
            .await;
        assert_eq!(code.as_str(), "target_not_empty");
        for folder in ["INBOX", "Archive"] {
            let row = report["folders"]
                .as_array()
                .unwrap()
                .iter()
                .find(|row| row["path"] == folder)
                .unwrap_or_else(|| panic!("{folder} in {report}"));
            let file = target.join(row["file"].as_str().unwrap());
            // The inbox of a Maildir++ holds the other folders: only its own mail is wanted here.
            let file = if format == "maildir" && folder == "INBOX" {
                let own = place.path().join("own");
                fs::create_dir_all(&own).unwrap();
                for part in ["cur", "new", "mailroom.jsonl", "dovecot-keywords"] {
                    fs::rename(file.join(part), own.join(part)).unwrap();
                }
                own
            } else {
                file
            };
            let into = format!("{format}-{folder}");
            desk.office
                .append(BOB, &into, &[], None, b"Subject: first\r\n\r\nx\r\n")
                .unwrap();
            desk.sync(BOB).await;
            let wish = json!({"address": BOB, "folder": into, "paths": [file]});
            let imported = desk.home.must("mail_import", wish.clone()).await;
            assert_eq!(imported["error"], Value::Null, "{imported}");
            assert_eq!(imported["refused_count"], 0, "{imported}");
            let expected = lies_in(&desk, ALICE, folder).await;
            assert!(expected.len() > 3);
            assert_eq!(imported["imported"], json!(expected.len()), "{imported}");
            // Once more: before the mirror has seen any of it, and afterwards.
            for _ in 0..2 {
                let again = desk.home.must("mail_import", wish.clone()).await;
                assert_eq!(
                    (&again["imported"], &again["known"]),
                    (&json!(0), &imported["imported"]),
                    "{again}"
                );
                desk.sync(BOB).await;
            }
            let mut there = lies_in(&desk, BOB, &into).await;
            there.retain(|raw, _| expected.contains_key(raw));
            assert_eq!(there, expected, "{format} {folder}");
            assert_eq!(desk.count(BOB, &into), expected.len() + 1);
        }
    }
}

#[tokio::test]
async fn export_fetches_what_is_only_on_the_server_and_goes_on_where_it_ended() {
    let desk = Desk::new();
    for n in 0..30 {
        let at = Some(UnixMillis((1_600_000_000 + n * 3600) * 1000));
        let raw = message("jan@example.org", ALICE, &format!("old {n}"), "x");
        desk.office.append(ALICE, "INBOX", &["\\Seen"], at, &raw).unwrap();
    }
    let mut account = desk.by_password(ALICE);
    account["period"] = "week".into();
    desk.home.must("account_add", account).await;
    desk.sync(ALICE).await;
    assert_eq!(desk.list(ALICE, "INBOX").await.len(), 0);
    let place = tempfile::tempdir().unwrap();
    let wish = |local: bool, add: bool| {
        json!({
            "address": ALICE, "format": "eml", "target": place.path(), "folders": ["inbox"], "local": local, "add": add,
        })
    };
    let local = desk.home.must("mail_export", wish(true, false)).await;
    assert_eq!(
        (&local["folders"][0]["messages"], &local["folders"][0]["left"]),
        (&json!(0), &json!(30)),
        "{local}"
    );
    let all = desk.home.must("mail_export", wish(false, true)).await;
    assert_eq!(
        (&all["folders"][0]["messages"], &all["missing_count"]),
        (&json!(30), &json!(0)),
        "{all}"
    );
    let files = || {
        let mut names: Vec<_> = fs::read_dir(place.path().join("INBOX"))
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .filter(|name| name.ends_with(".eml"))
            .collect();
        names.sort();
        names
    };
    let before = files();
    assert_eq!(before.len(), 30);
    fs::remove_file(place.path().join("INBOX").join(&before[3])).unwrap();
    let rest = desk.home.must("mail_export", wish(false, true)).await;
    assert_eq!(
        (&rest["folders"][0]["messages"], &rest["folders"][0]["kept"]),
        (&json!(1), &json!(29)),
        "{rest}"
    );
    assert_eq!(files(), before);
}

#[test]
fn refused_messages_are_told_one_by_one_at_the_terminal() {
    let desk = Desk::new();
    let terminal = Terminal::new(desk.office.ca_path());
    let imap = format!("localhost:{}:tls", desk.office.imaps_port());
    let smtp = format!("localhost:{}:tls", desk.office.submissions_port());
    let words = [
        "--json",
        "account",
        "add",
        BOB,
        "--period",
        "all",
        "--imap",
        &imap,
        "--smtp",
        &smtp,
        "--password-stdin",
    ];
    assert_eq!(terminal.run(&words, "bob-pw\n").status, 0);
    assert_eq!(terminal.run(&["sync", BOB], "").status, 0);
    let mail = terminal.home().join("old.mbox");
    fs::write(
        &mail,
        b"From a@x.pl Mon Nov 24 10:00:00 2025\nSubject: good\nStatus: RO\n\nbare\nline feeds\n\n\
          From a@x.pl Mon Nov 24 10:00:00 2025\nSubject: bad\n\na\0b\n\n\
          From a@x.pl Mon Nov 24 10:00:00 2025\nSubject: good\nStatus: RO\n\nbare\nline feeds\n",
    )
    .unwrap();
    let mail = mail.to_str().unwrap();
    let ran = terminal.run(&["import", BOB, mail, "--folder", "inbox"], "");
    assert_eq!(ran.status, 1, "{ran:?}");
    assert!(
        ran.out
            .contains("1 message put into INBOX, 1 message there already"),
        "{}",
        ran.out
    );
    assert!(ran.out.contains("old.mbox:2"), "{}", ran.out);
    assert!(
        ran.out.contains("No server would take the message"),
        "{}",
        ran.out
    );
    assert_eq!(terminal.run(&["sync", BOB], "").status, 0);
    let listed = terminal
        .run(&["--json", "message", "list", "--account", BOB], "")
        .json();
    let row = &listed["messages"][0];
    assert_eq!(
        (&row["subject"], &row["flags"]),
        (&json!("good"), &json!(["\\Seen"])),
        "{listed}"
    );
    assert_eq!(row["received_at"], json!(1_763_978_400_000_i64));
    let nothing = terminal.home().join("notes.txt");
    fs::write(&nothing, "no mail\n").unwrap();
    let ran = terminal.run(
        &[
            "--json",
            "import",
            BOB,
            nothing.to_str().unwrap(),
            "--folder",
            "inbox",
        ],
        "",
    );
    assert_eq!(
        (ran.status, &ran.error()["code"]),
        (7, &json!("no_mail_found")),
        "{ran:?}"
    );
    let target = terminal.home().join("out");
    let ran = terminal.run(&["export", BOB, "--to", target.to_str().unwrap()], "");
    assert_eq!(ran.status, 0, "{ran:?}");
    assert!(target.join("INBOX.mbox").exists(), "{}", ran.out);
}
