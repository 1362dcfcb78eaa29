//! A message that stands in several folders is moved and deleted where it is seen, and stays in the others.

use mailroom_tests::home::Home;
use serde_json::{Value, json};

use crate::desk::{ALICE, message};
use crate::server::{Kind, Mailbox};

struct Host {
    mailbox: Mailbox,
    home: Home,
}

impl Host {
    /// A message in the inbox that was copied to the archive, by its number.
    async fn with_a_copy(kind: Kind) -> (Self, i64) {
        let mailbox = Mailbox::several(kind, &["alice".to_owned()]).remove(0);
        let home = mailbox.home().await;
        let mut other = mailbox.session().unwrap();
        for folder in ["Archive", "Trash", "Junk"] {
            other.ensure_folder(folder).unwrap();
        }
        let raw = message("x@example.org", ALICE, "twice", "text");
        other.append("INBOX", &[], None, &raw).unwrap();
        let host = Self { mailbox, home };
        host.look().await;
        let id = host.seen_in("INBOX").await[0];
        let copying = json!({"ids": [id], "folder": "Archive"});
        host.home.must("message_copy", copying).await;
        host.look().await;
        assert_eq!(host.seen_in("Archive").await, [id], "one message, in two folders");
        (host, id)
    }

    async fn look(&self) {
        let report = self.home.must("sync_run", json!({"address": ALICE})).await;
        assert!(!report.to_string().contains("\"code\""), "{report}");
    }

    async fn seen_in(&self, folder: &str) -> Vec<i64> {
        let page = json!({"address": ALICE, "folder": folder});
        let page = self.home.must("message_list", page).await;
        let rows = page["messages"].as_array().unwrap().iter();
        let mut ids: Vec<i64> = rows.map(|row| row["id"].as_i64().unwrap()).collect();
        // A server that removes nothing shows what is marked as gone, too.
        ids.dedup();
        ids
    }

    /// How many messages the server has in the inbox, the archive, the trash and the junk folder.
    fn there(&self) -> [usize; 4] {
        let mut other = self.mailbox.session().unwrap();
        ["INBOX", "Archive", "Trash", "Junk"].map(|folder| {
            other.select(folder).unwrap();
            let said = other.command("UID SEARCH", &[b"UNDELETED"]).unwrap();
            let said = String::from_utf8(said).unwrap();
            let found = said.lines().find_map(|line| line.strip_prefix("* SEARCH"));
            found.unwrap().split_whitespace().count()
        })
    }

    async fn change(&self, command: &str, payload: Value) -> Value {
        let done = self.home.must(command, payload).await;
        self.look().await;
        done
    }
}

async fn message_in_two_folders_goes_from_where_it_is_seen(kind: Kind) {
    if !kind.can_run() {
        return;
    }
    let (host, id) = Host::with_a_copy(kind).await;
    assert_eq!(host.there(), [1, 1, 0, 0]);

    let unknown = json!({"ids": [id], "from": {"No such folder": [id]}});
    let error = host.home.call("message_delete", unknown).await.unwrap_err();
    assert_eq!(error.code.to_string(), "folder_missing");
    // Another program was faster, and the list is old.
    let nowhere = json!({"ids": [id], "from": {"Junk": [id]}});
    assert_eq!(host.change("message_delete", nowhere).await["undo"], Value::Null);
    assert_eq!(host.there(), [1, 1, 0, 0]);

    let seen = json!({"ids": [id], "from": {"Archive": [id]}});
    let undo = host.change("message_delete", seen.clone()).await;
    assert_eq!(host.there(), [1, 0, 1, 0]);
    host.change("undo_run", json!({"id": undo["undo"]})).await;
    assert_eq!(host.there(), [1, 1, 0, 0]);
    host.change("message_delete", seen).await;

    // In the trash it is deleted for good, and nowhere else.
    assert_eq!(host.seen_in("Trash").await, [id]);
    let trash = json!({"ids": [id], "from": {"trash": [id]}});
    assert_eq!(host.change("message_delete", trash).await["undo"], Value::Null);
    assert_eq!(host.there(), [1, 0, 0, 0]);

    if kind == Kind::Plain {
        // What is only marked as gone in the archive is there all the same, for this server.
        return;
    }
    host.change("message_copy", json!({"ids": [id], "folder": "Archive"}))
        .await;
    let moving = json!({"ids": [id], "folder": "junk", "from": {"Archive": [id]}});
    host.change("message_move", moving).await;
    assert_eq!(host.there(), [1, 0, 0, 1]);
    assert_eq!(host.seen_in("INBOX").await, [id]);
}

#[tokio::test]
async fn message_in_two_folders_goes_from_where_it_is_seen_on_dovecot() {
    message_in_two_folders_goes_from_where_it_is_seen(Kind::Qresync).await;
}

#[tokio::test]
async fn message_in_two_folders_goes_from_where_it_is_seen_on_a_plain_server() {
    message_in_two_folders_goes_from_where_it_is_seen(Kind::Plain).await;
}

#[tokio::test]
async fn message_in_two_folders_goes_from_where_it_is_seen_on_cyrus() {
    message_in_two_folders_goes_from_where_it_is_seen(Kind::Cyrus).await;
}
