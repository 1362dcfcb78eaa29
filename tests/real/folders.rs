//! Folders made, renamed, deleted and marked as read in Mailroom, on servers that have nothing in common but the standard.

use std::collections::BTreeSet;

use mailroom_tests::home::Home;
use serde_json::{Value, json};

use crate::desk::{ALICE, message, text};
use crate::server::{Kind, Mailbox};

struct Host {
    mailbox: Mailbox,
    home: Home,
}

impl Host {
    async fn must(&self, command: &str, mut payload: Value) -> Value {
        payload["address"] = json!(ALICE);
        self.home.must(command, payload).await
    }

    async fn sync(&self) -> Value {
        let report = self.must("sync_run", json!({})).await[0].clone();
        assert!(!report.to_string().contains("\"code\""), "{report}");
        report
    }

    /// The paths of folders without a purpose, as they are here, and as another program sees them.
    async fn paths(&self) -> (BTreeSet<String>, BTreeSet<String>) {
        let mut seen = Vec::new();
        for refresh in [false, true] {
            let folders = self.must("folder_list", json!({"refresh": refresh})).await;
            let folders = folders.as_array().unwrap().iter();
            let others = folders.filter(|folder| folder["role"] == Value::Null);
            seen.push(others.map(|folder| text(folder, "path")).collect());
        }
        let there = seen.pop().unwrap();
        (seen.pop().unwrap(), there)
    }

    async fn assert_paths(&self, expected: &[&str]) {
        let (here, there) = self.paths().await;
        assert_eq!(here, there, "what is here is what is there");
        for path in expected {
            assert!(here.contains(&self.mailbox.path(path)), "{path}: {here:?}");
        }
    }

    /// The messages of a folder, in no order: Courier numbers a renamed folder anew, by the names of its files, and
    /// messages of one second are listed by number.
    async fn ids(&self, folder: &str) -> BTreeSet<i64> {
        let page = self
            .must("message_list", json!({"folder": folder, "limit": 100}))
            .await;
        let rows = page["messages"].as_array().unwrap().iter();
        rows.map(|row| row["id"].as_i64().unwrap()).collect()
    }
}

/// The life of a folder.
async fn folder_lives_from_its_making_to_its_end(kind: Kind) {
    if !kind.can_run() {
        return;
    }
    let mailbox = Mailbox::several(kind, &["alice".to_owned()]).remove(0);
    let home = mailbox.home().await;
    let host = Host { mailbox, home };
    host.sync().await;
    let path = |folder: &str| host.mailbox.path(folder);

    // Where every folder lies below the inbox, one at the top does too.
    let made = host.must("folder_create", json!({"name": "Żółte & sowy"})).await;
    assert_eq!(made["path"], json!(path("Żółte & sowy")));
    let inside = json!({"name": "Проект", "parent": path("Żółte & sowy")});
    let inside = host.must("folder_create", inside).await;
    assert_eq!(inside["path"], json!(path("Żółte & sowy/Проект")));
    host.assert_paths(&["Żółte & sowy", "Żółte & sowy/Проект"]).await;

    let mut other = host.mailbox.session().unwrap();
    for number in 1..=5 {
        let raw = message("x@example.org", ALICE, &format!("number {number}"), "text");
        other
            .append(&path("Żółte & sowy/Проект"), &[], None, &raw)
            .unwrap();
    }
    assert_eq!(host.sync().await["added"], 5);
    let ids = host.ids(&path("Żółte & sowy/Проект")).await;

    let renaming = json!({"folder": path("Żółte & sowy"), "name": "Sowy"});
    host.must("folder_rename", renaming).await;
    host.assert_paths(&["Sowy", "Sowy/Проект"]).await;
    assert_eq!(host.ids(&path("Sowy/Проект")).await, ids, "the same messages");
    let moving = json!({"folder": path("Sowy/Проект"), "parent": ""});
    let moved = host.must("folder_rename", moving).await;
    assert_eq!(moved["path"], json!(path("Проект")));
    host.sync().await;
    assert_eq!(host.ids(&path("Проект")).await, ids, "the same messages");

    host.must("folder_read", json!({"folder": path("Проект")})).await;
    host.home.carried().await;
    let opened = other.select(&path("Проект")).unwrap();
    let unseen = other.command("UID SEARCH", &[b"UNSEEN"]).unwrap();
    let unseen = String::from_utf8(unseen).unwrap();
    assert!(
        unseen.lines().any(|line| line.trim() == "* SEARCH"),
        "{opened} {unseen}"
    );

    let deleted = host
        .must("folder_delete", json!({"folder": path("Проект")}))
        .await;
    if let Some(there) = deleted["moved_to"].as_str() {
        host.sync().await;
        assert_eq!(host.ids(there).await, ids, "the same messages, in the trash");
        let deleting = json!({"folder": there, "address": ALICE});
        let error = host.home.call("folder_delete", deleting).await.unwrap_err();
        assert_eq!(error.params["messages"].to_string(), "5");
        let agreed = json!({"folder": there, "agreed": 5});
        host.must("folder_delete", agreed).await;
    }
    host.must("folder_delete", json!({"folder": path("Sowy")})).await;
    host.sync().await;
    let (here, there) = host.paths().await;
    assert_eq!(here, there);
    assert!(
        here.iter()
            .all(|path| !path.contains("Sowy") && !path.contains("Проект")),
        "{here:?}"
    );
}

#[tokio::test]
async fn dovecot_folder_lives_from_its_making_to_its_end() {
    folder_lives_from_its_making_to_its_end(Kind::Qresync).await;
}

#[tokio::test]
async fn plain_server_folder_lives_from_its_making_to_its_end() {
    folder_lives_from_its_making_to_its_end(Kind::Plain).await;
}

#[tokio::test]
async fn cyrus_folder_lives_from_its_making_to_its_end() {
    folder_lives_from_its_making_to_its_end(Kind::Cyrus).await;
}

#[tokio::test]
async fn courier_folder_lives_from_its_making_to_its_end() {
    folder_lives_from_its_making_to_its_end(Kind::Courier).await;
}
