//! The mirror against three servers that have nothing in common but the standard.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use base64::Engine as _;
use mailroom_tests::home::Home;
use mailroom_tests::office::Session;
use serde_json::{Value, json};

use crate::desk::{ALICE, message, text};
use crate::server::{Kind, Mailbox};

/// Alice's mailbox on a server, and Mailroom connected to it.
struct Host {
    mailbox: Mailbox,
    home: Home,
}

impl Host {
    async fn with(mailbox: Mailbox) -> Self {
        let home = mailbox.home().await;
        Self { mailbox, home }
    }

    async fn sync(&self) -> Value {
        let report = self.home.must("sync_run", json!({"address": ALICE})).await[0].clone();
        assert!(!report.to_string().contains("\"code\""), "{report}");
        report
    }

    async fn list(&self, folder: &str) -> Vec<Value> {
        let payload = json!({"address": ALICE, "folder": folder, "limit": 1000});
        let page = self.home.must("message_list", payload).await;
        page["messages"].as_array().unwrap().clone()
    }

    async fn id_of(&self, folder: &str, subject: &str) -> Value {
        let rows = self.list(folder).await;
        let row = rows.iter().find(|row| row["subject"] == subject);
        row.unwrap_or_else(|| panic!("{subject} is not in {folder}"))["id"].clone()
    }

    /// Subjects with their flags, here and on the server, must be the same.
    async fn assert_mirrors(&self, folder: &str) {
        let here: BTreeMap<String, BTreeSet<String>> = self
            .list(folder)
            .await
            .iter()
            .map(|row| {
                let flags = row["flags"].as_array().unwrap();
                let flags = flags.iter().map(|flag| flag.as_str().unwrap().to_owned());
                (text(row, "subject"), flags.collect())
            })
            .collect();
        assert_eq!(
            here,
            there(&mut self.mailbox.session().unwrap(), folder),
            "{folder}"
        );
    }
}

/// What another program sees in a folder: subjects with their flags.
fn there(session: &mut Session, folder: &str) -> BTreeMap<String, BTreeSet<String>> {
    let opened = session.select(folder).unwrap();
    if opened.contains("* 0 EXISTS") {
        return BTreeMap::new();
    }
    let told = session
        .command("UID FETCH", &[b"1:* (FLAGS BODY.PEEK[HEADER.FIELDS (SUBJECT)])"])
        .unwrap();
    let told = String::from_utf8(told).unwrap();
    let mut found = BTreeMap::new();
    for response in told.split("\r\n* ") {
        let between = |start: &str, end: char| -> Option<&str> {
            let rest = &response[response.find(start)? + start.len()..];
            Some(&rest[..rest.find(end)?])
        };
        let (Some(flags), Some(subject)) = (between("FLAGS (", ')'), between("Subject: ", '\r')) else {
            continue;
        };
        let flags = flags
            .split_whitespace()
            .filter(|flag| *flag != "\\Recent")
            .map(str::to_owned)
            .collect();
        assert!(
            found.insert(subject.to_owned(), flags).is_none(),
            "{subject} is there twice"
        );
    }
    found
}

fn raw(subject: &str) -> Vec<u8> {
    message("x@example.org", ALICE, subject, &format!("The text of {subject}"))
}

/// Loaded, followed and changed: the same on every server, by whatever it can.
async fn keeps_an_exact_mirror(kind: Kind) {
    if !kind.can_run() {
        return;
    }
    let mailbox = Mailbox::several(kind, &["alice".to_owned()]).remove(0);
    let mut other = mailbox.session().unwrap();
    for number in 1..=20 {
        let flags: &[&str] = if number % 3 == 0 {
            &["\\Seen", "\\Answered"]
        } else {
            &[]
        };
        other
            .append("INBOX", flags, None, &raw(&format!("number {number}")))
            .unwrap();
    }
    let nested = mailbox.path("Projekty/2026/Żółw");
    other.ensure_folder(&nested).unwrap();
    other
        .append(&nested, &["\\Flagged"], None, &raw("nested"))
        .unwrap();
    let (trash, drafts) = (mailbox.path("Trash"), mailbox.path("Drafts"));

    let host = Host::with(mailbox).await;
    assert_eq!(host.sync().await["added"], 21);
    host.assert_mirrors("INBOX").await;
    host.assert_mirrors(&nested).await;
    let folders = host.home.must("folder_list", json!({"address": ALICE})).await;
    let roles: BTreeMap<String, String> = folders
        .as_array()
        .unwrap()
        .iter()
        .map(|folder| (text(folder, "path"), text(folder, "role")))
        .collect();
    for (path, role) in [
        ("INBOX", "inbox"),
        (&trash, "trash"),
        (&drafts, "drafts"),
        (&nested, ""),
    ] {
        assert_eq!(
            roles.get(path).map(String::as_str),
            Some(role),
            "{path} in {roles:?}"
        );
    }
    let first = host.id_of("INBOX", "number 1").await;
    let exported = host.home.must("message_export", json!({"id": first})).await;
    let bytes = base64::engine::general_purpose::STANDARD.decode(text(&exported, "base64"));
    assert_eq!(bytes.unwrap(), raw("number 1"), "byte for byte");
    let again = host.sync().await;
    assert_eq!(
        (&again["added"], &again["changed"]),
        (&json!(0), &json!(0)),
        "{again}"
    );

    // Another program changes things.
    other.select("INBOX").unwrap();
    let tell = |session: &mut Session, words: &str| {
        session
            .command(words, &[])
            .unwrap_or_else(|error| panic!("{words}: {error}"));
    };
    tell(&mut other, "UID STORE 4:5 +FLAGS (\\Seen \\Flagged $Todo)");
    tell(&mut other, "UID STORE 3 -FLAGS (\\Answered)");
    tell(&mut other, "UID STORE 7 +FLAGS (\\Deleted)");
    tell(&mut other, "UID EXPUNGE 7");
    other.copy("9", &nested).unwrap();
    tell(&mut other, "UID STORE 9 +FLAGS (\\Deleted)");
    tell(&mut other, "UID EXPUNGE 9");
    other.append("INBOX", &[], None, &raw("fresh")).unwrap();
    let moved = host.id_of("INBOX", "number 9").await;
    host.sync().await;
    host.assert_mirrors("INBOX").await;
    host.assert_mirrors(&nested).await;
    assert_eq!(
        host.id_of(&nested, "number 9").await,
        moved,
        "it is the same message"
    );

    // And so does a person here.
    let id = host.id_of("INBOX", "number 10").await;
    let marking = json!({"ids": [id], "add": ["\\Seen", "$Later"], "remove": ["\\Flagged"]});
    host.home.must("message_mark", marking).await;
    let id = host.id_of("INBOX", "number 11").await;
    let moving = json!({"ids": [id], "folder": nested});
    host.home.must("message_move", moving).await;
    let copied = host.id_of("INBOX", "number 13").await;
    let copying = json!({"ids": [copied], "folder": nested});
    host.home.must("message_copy", copying).await;
    let id = host.id_of("INBOX", "number 12").await;
    host.home.must("message_delete", json!({"ids": [id]})).await;
    host.home.carried().await;
    assert_eq!(host.home.must("operation_list", json!({})).await, json!([]));
    let inbox = there(&mut other, "INBOX");
    assert!(inbox["number 10"].contains("$Later"), "{inbox:?}");
    assert!(
        !inbox.contains_key("number 11") && !inbox.contains_key("number 12"),
        "{inbox:?}"
    );
    let filed = there(&mut other, &nested);
    assert!(
        filed.contains_key("number 11") && filed.contains_key("number 13"),
        "{filed:?}"
    );
    assert_eq!(
        there(&mut other, &trash).keys().collect::<Vec<_>>(),
        ["number 12"]
    );

    // A draft goes up, once, and its next text takes its place.
    let draft = host.home.must("draft_open", json!({"kind": "new"})).await["id"].clone();
    for body in ["first text", "second text"] {
        let payload = json!({
            "id": draft, "from": ALICE, "to": [], "cc": [], "bcc": [], "subject": "draft", "text": body, "html": null,
            "upload": true,
        });
        host.home.must("draft_save", payload).await;
        host.home.carried().await;
    }
    assert_eq!(there(&mut other, &drafts).keys().collect::<Vec<_>>(), ["draft"]);

    host.sync().await;
    let all = ["INBOX", &nested, &trash, &drafts];
    for folder in all {
        host.assert_mirrors(folder).await;
    }
    for folder in ["INBOX", &nested] {
        assert_eq!(host.id_of(folder, "number 13").await, copied, "{folder}");
    }
    let again = host.sync().await;
    assert_eq!(
        (&again["added"], &again["changed"], &again["removed"]),
        (&json!(0), &json!(0), &json!(0)),
        "{again}"
    );
    let id = host.id_of(&trash, "number 12").await;
    host.home.must("message_delete", json!({"ids": [id]})).await;
    host.home.carried().await;
    assert!(there(&mut other, &trash).is_empty(), "deleted for good");
    assert_capabilities(kind, &mut other);
}

/// The table in docs/servers.md is what the servers say.
fn assert_capabilities(kind: Kind, session: &mut Session) {
    let said = session.command("CAPABILITY", &[]).unwrap();
    let said = String::from_utf8(said).unwrap().to_uppercase();
    let said: BTreeSet<&str> = said.split_whitespace().collect();
    let document = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/servers.md");
    let document = fs::read_to_string(document).unwrap();
    let cells = |line: &str| -> Vec<String> {
        line.trim_matches('|')
            .split('|')
            .map(|cell| cell.trim().trim_matches('`').to_owned())
            .collect()
    };
    let is_row = |line: &&str| line.starts_with('|');
    let mut lines = document
        .lines()
        .skip_while(|line| !is_row(line))
        .take_while(is_row);
    let head = cells(lines.next().expect("a table"));
    let column = head
        .iter()
        .position(|name| name.as_str() == kind.column())
        .expect("a column");
    let mut wrong = Vec::new();
    let mut rows = 0;
    for row in lines.skip(1).map(cells) {
        let has = said.contains(row[0].to_uppercase().as_str());
        rows += 1;
        if (row[column] == "yes") != has {
            wrong.push(format!("{} has {}: {has}", kind.column(), row[0]));
        }
    }
    assert!(rows > 5, "the table has rows");
    assert!(
        wrong.is_empty(),
        "docs/servers.md is not what is true: {wrong:?}, {said:?}"
    );
}

#[tokio::test]
async fn mirror_is_exact_on_dovecot() {
    keeps_an_exact_mirror(Kind::Qresync).await;
}

#[tokio::test]
async fn mirror_is_exact_on_cyrus() {
    keeps_an_exact_mirror(Kind::Cyrus).await;
}

#[tokio::test]
async fn mirror_is_exact_on_courier() {
    keeps_an_exact_mirror(Kind::Courier).await;
}
