//! Folders that people make, rename, delete and mark as read, against servers that say exactly what a test wants.

use std::fmt::Write as _;
use std::sync::Arc;
use std::time::Duration;

use mailroom_model::ErrorCode;
use mailroom_tests::script::{Script, Step};
use serde_json::{Value, json};
use tokio::sync::Notify;

use crate::mailbox::{ANNA, BODIES, Dialogue, Mailbox, body, first_look};

const STATUS: &str = "(MESSAGES UIDNEXT UIDVALIDITY UNSEEN)";

/// A first look at an empty inbox, a folder A with one message, and others that are empty.
fn with_a(others: &[&str]) -> Script {
    let folders: Vec<&str> = ["INBOX", "A"].iter().chain(others).copied().collect();
    let filled = Script::new()
        .folders(&folders)
        .open("INBOX", 0, 1)
        .open("A", 1, 2)
        .answer("UID SEARCH ALL", "* SEARCH 1\r\n")
        .facts("1", &[1])
        .bodies("1", &[1]);
    others
        .iter()
        .map(|folder| folder.split_once(' ').map_or(*folder, |(_, name)| name))
        .fold(filled, |script, name| script.open(name, 0, 1))
        .bye()
}

/// A folder with one message is looked at again.
fn unchanged(script: Script, folder: &str, flags: &str) -> Script {
    script.open(folder, 1, 2).answer(
        "UID FETCH 1 (UID FLAGS)",
        &format!("* 1 FETCH (UID 1 FLAGS ({flags}))\r\n"),
    )
}

fn holds(script: Script, folder: &str, messages: u32) -> Script {
    script.answer(
        &format!("STATUS \"{folder}\" {STATUS}"),
        &format!("* STATUS {folder} (MESSAGES {messages} UIDNEXT 9 UIDVALIDITY 7 UNSEEN 0)\r\n"),
    )
}

/// The server is asked for a folder that its list does not have any more.
fn gone(script: Script, folder: &str) -> Script {
    script.refuse(
        &format!("STATUS \"{folder}\" {STATUS}"),
        "NO [NONEXISTENT] no such folder",
    )
}

async fn paths(mailbox: &Mailbox) -> Vec<String> {
    let folders = mailbox.home.must("folder_list", json!({"address": ANNA})).await;
    let path = |folder: &Value| folder["path"].as_str().unwrap().to_owned();
    folders.as_array().unwrap().iter().map(path).collect()
}

async fn folder(mailbox: &Mailbox, path: &str) -> Value {
    let folders = mailbox.home.must("folder_list", json!({"address": ANNA})).await;
    let found = folders
        .as_array()
        .unwrap()
        .iter()
        .find(|folder| folder["path"] == path);
    found.unwrap_or_else(|| panic!("no {path}: {folders}")).clone()
}

fn create(name: &str, parent: Option<&str>) -> Value {
    json!({"address": ANNA, "name": name, "parent": parent})
}

fn rename(folder: &str, name: Option<&str>, parent: Option<&str>) -> Value {
    json!({"address": ANNA, "folder": folder, "name": name, "parent": parent})
}

fn delete(folder: &str, agreed: Option<u32>) -> Value {
    json!({"address": ANNA, "folder": folder, "agreed": agreed})
}

#[tokio::test]
async fn folder_is_made_where_it_is_wanted_and_subscribed() {
    let (mailbox, server) = Mailbox::looked_at(
        "",
        vec![
            first_look(1, &["A"]),
            Script::new()
                .folders(&["INBOX", "A"])
                .answer("CREATE \"A/&AXsA8wFC-w\"", "")
                .refuse("SUBSCRIBE \"A/&AXsA8wFC-w\"", "NO not here")
                .folders(&["INBOX", "A", "A/&AXsA8wFC-w"])
                .bye(),
            Script::new().folders(&["INBOX", "A", "A/&AXsA8wFC-w"]),
            Script::new()
                .folders(&["INBOX", "A", "A/&AXsA8wFC-w"])
                .refuse("CREATE \"B\"", "NO [ALREADYEXISTS] it is there"),
            Script::new()
                .folders(&["INBOX", "A", "A/&AXsA8wFC-w"])
                .refuse("CREATE \"B\"", "NO [NOPERM] not here"),
            Script::new().folders(&["INBOX", "\\NoInferiors A", "A/&AXsA8wFC-w"]),
        ],
    )
    .await;
    // Nothing goes out for these.
    for (name, parent) in [("", None), ("a/b", Some("A")), ("a\u{1}b", None), ("inbox", None)] {
        let error = mailbox.home.call("folder_create", create(name, parent)).await;
        assert_eq!(error.unwrap_err().code, ErrorCode::FolderNameInvalid, "{name:?}");
    }
    let made = mailbox
        .home
        .must("folder_create", create(" Żółw ", Some("A")))
        .await;
    assert_eq!(
        (&made["path"], &made["chosen"], &made["changeable"]),
        (&json!("A/Żółw"), &json!(true), &json!(true)),
        "{made}"
    );
    assert_eq!(paths(&mailbox).await, ["A", "A/Żółw", "INBOX"]);
    for (name, parent, code) in [
        ("A", None, ErrorCode::FolderExists),
        ("B", None, ErrorCode::FolderExists),
        ("B", None, ErrorCode::PermissionDenied),
        ("B", Some("A"), ErrorCode::FolderProtected),
    ] {
        let failed = mailbox.home.fails("folder_create", create(name, parent)).await;
        assert_eq!(failed, code, "{name} {parent:?}");
    }
    server.finish().await.unwrap();
}

#[tokio::test]
async fn folder_at_the_top_gets_the_prefix_of_the_persons_own_folders() {
    let list = |names: &[&str]| {
        let mut lines = String::new();
        for name in names {
            writeln!(lines, "* LIST () \".\" {name}\r").unwrap();
        }
        Script::new()
            .answer("LIST \"\" \"*\"", &lines)
            .answer("LSUB \"\" \"*\"", "")
    };
    let mailbox = Mailbox::new();
    let server = mailbox
        .imap(
            "NAMESPACE",
            vec![
                Script::new()
                    .answer("NAMESPACE", "* NAMESPACE ((\"INBOX.\" \".\")) NIL NIL\r\n")
                    .followed_by(list(&["INBOX"]))
                    .answer("CREATE \"INBOX.a/b\"", "")
                    .answer("SUBSCRIBE \"INBOX.a/b\"", "")
                    .followed_by(list(&["INBOX", "INBOX.a/b"]))
                    .bye(),
            ],
        )
        .await;
    mailbox.connect(server.port(), None).await;
    let made = mailbox.home.must("folder_create", create("a/b", None)).await;
    assert_eq!(made["path"], "INBOX.a/b");
    server.finish().await.unwrap();
}

#[tokio::test]
async fn renamed_folder_keeps_its_messages_and_what_waits_for_them() {
    let lost = Script::new()
        .open("A", 1, 2)
        .command("UID STORE 1 +FLAGS (\\Seen)")
        .then(Step::Close);
    let (mailbox, server) = Mailbox::looked_at(
        "",
        vec![
            with_a(&["A/B", "C"]),
            lost,
            Script::new()
                .folders(&["INBOX", "A", "A/B", "C"])
                .answer("RENAME \"A\" \"C/X\"", "")
                .folders(&["INBOX", "C", "C/X", "C/X/B"])
                .bye(),
            unchanged(
                Script::new()
                    .open("C/X", 1, 2)
                    .answer("UID STORE 1 +FLAGS (\\Seen)", "")
                    .folders(&["INBOX", "C", "C/X", "C/X/B"])
                    .open("INBOX", 0, 1)
                    .open("C", 0, 1),
                "C/X",
                "\\Seen",
            )
            .open("C/X/B", 0, 1)
            .bye(),
        ],
    )
    .await;
    let id = mailbox.list("A").await[0]["id"].clone();
    let (a, b) = (folder(&mailbox, "A").await, folder(&mailbox, "A/B").await);
    let marking = json!({"ids": [id], "add": ["\\Seen"], "remove": []});
    mailbox.home.must("message_mark", marking).await;
    mailbox.home.carried().await;
    let renamed = mailbox
        .home
        .must("folder_rename", rename("A", Some("X"), Some("C")))
        .await;
    assert_eq!((&renamed["path"], &renamed["id"]), (&json!("C/X"), &a["id"]));
    assert_eq!(folder(&mailbox, "C/X/B").await["id"], b["id"]);
    assert_eq!(mailbox.list("C/X").await[0]["id"], id, "it is the same message");
    let waiting = mailbox.home.must("operation_list", json!({})).await;
    assert_eq!(
        (&waiting[0]["folder"], &waiting[0]["state"]),
        (&json!("C/X"), &json!("waiting")),
        "{waiting}"
    );
    mailbox.clock.advance(Duration::from_mins(1));
    assert_eq!(mailbox.sync_well().await["operations"], 1);
    assert_eq!(mailbox.list("C/X").await[0]["flags"], json!(["\\Seen"]));
    server.finish().await.unwrap();
}

#[tokio::test]
async fn renaming_whose_answer_is_lost_is_found_out_by_the_next_look() {
    let (mailbox, server) = Mailbox::looked_at(
        "",
        vec![
            with_a(&[]),
            Script::new()
                .folders(&["INBOX", "A"])
                .command("RENAME \"A\" \"X\"")
                .then(Step::Close),
            // It was done; the choice of folders follows, and no message comes again.
            unchanged(Script::new().folders(&["INBOX", "X"]), "X", "").bye(),
            Script::new()
                .folders(&["INBOX", "X"])
                .command("RENAME \"X\" \"Y\"")
                .then(Step::Close),
            // It was not done.
            unchanged(Script::new().folders(&["INBOX", "X"]), "X", "").bye(),
        ],
    )
    .await;
    let choice = json!({"address": ANNA, "folders": ["A"]});
    mailbox.home.must("account_update", choice).await;
    let id = mailbox.list("A").await[0]["id"].clone();
    for (old, new) in [("A", "X"), ("X", "Y")] {
        let wish = rename(old, Some(new), None);
        let failed = mailbox.home.fails("folder_rename", wish).await;
        assert_eq!(failed, ErrorCode::ConnectionLost);
        mailbox.sync_well().await;
        assert_eq!(mailbox.list("X").await[0]["id"], id, "it is the same message");
        assert_eq!(folder(&mailbox, "X").await["chosen"], true);
        assert_eq!(folder(&mailbox, "INBOX").await["chosen"], false);
    }
    server.finish().await.unwrap();
}

#[tokio::test]
async fn renaming_that_cannot_be_is_refused_and_changes_nothing() {
    let listed = || Script::new().folders(&["INBOX", "A", "A/B", "\\Junk S"]);
    let (mailbox, server) = Mailbox::looked_at(
        "",
        vec![
            with_a(&["A/B", "\\Junk S"]),
            listed(),
            listed(),
            listed(),
            listed().refuse("RENAME \"A\" \"X\"", "NO [ALREADYEXISTS] it is there"),
            listed().refuse("RENAME \"A\" \"X\"", "NO not in this place"),
            Script::new().folders(&["INBOX", "A", "A/B", "\\Junk S"]).bye(),
        ],
    )
    .await;
    for (folder, name, parent, code) in [
        ("INBOX", Some("X"), None, ErrorCode::FolderProtected),
        ("S", Some("X"), None, ErrorCode::FolderProtected),
        ("A", Some("x/y"), None, ErrorCode::FolderNameInvalid),
        ("nowhere", Some("X"), None, ErrorCode::FolderMissing),
        ("A", None, Some("A/B"), ErrorCode::FolderNameInvalid),
        ("A/B", Some("A"), Some(""), ErrorCode::FolderExists),
        ("A", Some("X"), None, ErrorCode::FolderExists),
    ] {
        let wish = rename(folder, name, parent);
        let failed = mailbox.home.fails("folder_rename", wish).await;
        assert_eq!(failed, code, "{folder} {name:?} {parent:?}");
    }
    let error = mailbox
        .home
        .call("folder_rename", rename("A", Some("X"), None))
        .await;
    let error = error.unwrap_err();
    assert_eq!(error.code, ErrorCode::FolderRefused);
    assert_eq!(error.params["reply"].to_string(), "not in this place");
    let listing = json!({"address": ANNA, "refresh": true});
    mailbox.home.must("folder_list", listing).await;
    assert_eq!(mailbox.list("A").await.len(), 1);
    server.finish().await.unwrap();
}

#[tokio::test]
async fn deleted_folder_with_messages_becomes_one_of_the_trash() {
    let trash = "\\Trash T";
    let asked = Script::new().folders(&["INBOX", "A", "A/B", trash, "T/A"]);
    let (mailbox, server) = Mailbox::looked_at(
        "",
        vec![
            with_a(&["A/B", "T/A", trash]),
            holds(holds(asked, "A/B", 0), "A", 1)
                .answer("RENAME \"A\" \"T/A 2\"", "")
                .folders(&["INBOX", trash, "T/A", " \"T/A 2\"", " \"T/A 2/B\""])
                .bye(),
        ],
    )
    .await;
    let id = mailbox.list("A").await[0]["id"].clone();
    let deleted = mailbox.home.must("folder_delete", delete("A", None)).await;
    assert_eq!(deleted["moved_to"], "T/A 2");
    assert_eq!(paths(&mailbox).await, ["INBOX", "T", "T/A", "T/A 2", "T/A 2/B"]);
    assert_eq!(mailbox.list("T/A 2").await[0]["id"], id, "it is the same message");
    server.finish().await.unwrap();
}

#[tokio::test]
async fn folder_that_does_not_go_to_the_trash_goes_for_good_when_that_was_agreed_to() {
    let asked = || Script::new().folders(&["INBOX", "A", "\\Trash T"]);
    let (mailbox, server) = Mailbox::looked_at(
        "",
        vec![
            with_a(&["\\Trash T"]),
            holds(asked(), "A", 2).refuse("RENAME \"A\" \"T/A\"", "NO nothing lies in the trash"),
            // One more came meanwhile.
            holds(asked(), "A", 3),
            gone(
                holds(asked(), "A", 3)
                    .answer("DELETE \"A\"", "")
                    .folders(&["INBOX", "\\Trash T"]),
                "A",
            )
            .bye(),
        ],
    )
    .await;
    for (agreed, messages) in [(None, 2), (Some(2), 3)] {
        let error = mailbox.home.call("folder_delete", delete("A", agreed)).await;
        let error = error.unwrap_err();
        assert_eq!(error.code, ErrorCode::FolderNotEmpty);
        assert_eq!(error.params["messages"].to_string(), messages.to_string());
        assert_eq!(mailbox.list("A").await.len(), 1, "nothing is lost");
    }
    let deleted = mailbox.home.must("folder_delete", delete("A", Some(3))).await;
    assert_eq!(deleted["moved_to"], Value::Null);
    assert_eq!(paths(&mailbox).await, ["INBOX", "T"]);
    server.finish().await.unwrap();
}

#[tokio::test]
async fn empty_folder_goes_with_those_in_it_the_deepest_first() {
    let (mailbox, server) = Mailbox::looked_at(
        "",
        vec![with_a(&[]), {
            let asked = Script::new().folders(&["INBOX", "A", "\\Noselect N", "N/E", "N/E/F"]);
            let removed = holds(holds(asked, "N/E/F", 0), "N/E", 0)
                .answer("DELETE \"N/E/F\"", "")
                .answer("DELETE \"N/E\"", "")
                // It went with the last of those that it held.
                .refuse("DELETE \"N\"", "NO [NONEXISTENT] no such folder")
                .folders(&["INBOX", "A"]);
            gone(gone(removed, "N/E"), "N/E/F").bye()
        }],
    )
    .await;
    mailbox.home.must("folder_delete", delete("N", None)).await;
    assert_eq!(paths(&mailbox).await, ["A", "INBOX"]);
    server.finish().await.unwrap();
}

#[tokio::test]
async fn deletion_whose_answer_is_lost_is_found_out_by_the_next_look() {
    let asked = Script::new().folders(&["INBOX", "A"]);
    let (mailbox, server) = Mailbox::looked_at(
        "",
        vec![
            with_a(&[]),
            holds(asked, "A", 0).command("DELETE \"A\"").then(Step::Close),
            gone(Script::new().folders(&["INBOX"]), "A")
                .open("INBOX", 0, 1)
                .bye(),
        ],
    )
    .await;
    let failed = mailbox.home.fails("folder_delete", delete("A", None)).await;
    assert_eq!(failed, ErrorCode::ConnectionLost);
    assert_eq!(mailbox.list("A").await.len(), 1, "nobody knows yet");
    mailbox.sync_well().await;
    assert_eq!(paths(&mailbox).await, ["INBOX"]);
    server.finish().await.unwrap();
}

#[tokio::test]
async fn folder_for_which_changes_wait_is_not_deleted() {
    let (mailbox, server) = Mailbox::looked_at(
        "MOVE",
        vec![
            with_a(&["B"]),
            Script::new()
                .open("A", 1, 2)
                .command("UID MOVE 1 \"B\"")
                .then(Step::Close),
            Script::new().folders(&["INBOX", "A", "B"]),
            Script::new().folders(&["INBOX", "A", "B"]),
        ],
    )
    .await;
    let id = mailbox.list("A").await[0]["id"].clone();
    let moving = json!({"ids": [id], "folder": "B"});
    mailbox.home.must("message_move", moving).await;
    mailbox.home.carried().await;
    for folder in ["A", "B"] {
        let error = mailbox.home.call("folder_delete", delete(folder, None)).await;
        let error = error.unwrap_err();
        assert_eq!(error.code, ErrorCode::FolderBusy, "{folder}");
        assert_eq!(error.params["changes"].to_string(), "1");
    }
    server.finish().await.unwrap();
}

#[tokio::test]
async fn folders_are_not_changed_without_the_server() {
    let (mailbox, server) = Mailbox::looked_at("", vec![with_a(&[])]).await;
    server.finish().await.unwrap();
    for (command, wish) in [
        ("folder_create", create("B", None)),
        ("folder_rename", rename("A", Some("B"), None)),
        ("folder_delete", delete("A", None)),
    ] {
        let error = mailbox.home.call(command, wish).await.unwrap_err();
        assert_eq!(error.code, ErrorCode::OnlineNeeded, "{command}");
        assert!(error.params.contains_key("error"), "{error:?}");
    }
    assert_eq!(paths(&mailbox).await, ["A", "INBOX"]);
    assert_eq!(
        mailbox.home.must("operation_list", json!({})).await,
        json!([]),
        "nothing waits"
    );
}

#[tokio::test]
async fn folder_is_marked_as_read_by_one_change_that_can_be_undone() {
    let (mailbox, server) = Mailbox::looked_at(
        "",
        vec![
            first_look(3, &[]),
            Script::new()
                .open("INBOX", 3, 4)
                .answer("UID STORE 2 +FLAGS (\\Seen)", "")
                .bye(),
            Script::new()
                .open("INBOX", 3, 4)
                .answer("UID STORE 1,3 +FLAGS (\\Seen)", "")
                .bye(),
            Script::new()
                .open("INBOX", 3, 4)
                .answer("UID STORE 1,3 -FLAGS (\\Seen)", "")
                .bye(),
        ],
    )
    .await;
    let second = mailbox.list("inbox").await[1]["id"].clone();
    let marking = json!({"ids": [second], "add": ["\\Seen"], "remove": []});
    mailbox.home.must("message_mark", marking).await;
    mailbox.home.carried().await;
    let reading = json!({"address": ANNA, "folder": "inbox"});
    let read = mailbox.home.must("folder_read", reading.clone()).await;
    assert_eq!(folder(&mailbox, "INBOX").await["unread"], 0);
    mailbox.home.carried().await;
    let again = mailbox.home.must("folder_read", reading).await;
    assert_eq!(again["undo"], Value::Null, "nothing is unread");
    mailbox.home.must("undo_run", json!({"id": read["undo"]})).await;
    assert_eq!(folder(&mailbox, "INBOX").await["unread"], 2);
    mailbox.home.carried().await;
    server.finish().await.unwrap();
}

#[tokio::test]
async fn folder_is_marked_as_read_without_the_server_and_taken_back() {
    let (mailbox, server) = Mailbox::looked_at("", vec![first_look(3, &[])]).await;
    server.finish().await.unwrap();
    let reading = json!({"address": ANNA, "folder": "INBOX"});
    let read = mailbox.home.must("folder_read", reading).await;
    assert_eq!(folder(&mailbox, "INBOX").await["unread"], 0);
    let waiting = mailbox.home.must("operation_list", json!({})).await;
    assert_eq!(waiting.as_array().unwrap().len(), 1, "one change: {waiting}");
    mailbox.home.must("undo_run", json!({"id": read["undo"]})).await;
    assert_eq!(folder(&mailbox, "INBOX").await["unread"], 3);
    assert_eq!(mailbox.home.must("operation_list", json!({})).await, json!([]));
}

#[tokio::test]
async fn folders_are_changed_beside_a_look_that_is_under_way() {
    let (loads, goes_on) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let mailbox = Mailbox::new();
    let server = mailbox
        .imap(
            "",
            vec![
                Script::new()
                    .folders(&["INBOX", "A", "B"])
                    .open("INBOX", 0, 1)
                    .open("A", 1, 2)
                    .answer("UID SEARCH ALL", "* SEARCH 1\r\n")
                    .facts("1", &[1])
                    .command(&format!("UID FETCH 1 {BODIES}"))
                    .then(Step::Tell(loads.clone()))
                    .then(Step::Wait(goes_on.clone()))
                    .send(format!("{}{{tag}} OK done\r\n", body(1)))
                    .then(Step::End),
                Script::new()
                    .folders(&["INBOX", "A", "B"])
                    .answer("CREATE \"C\"", "")
                    .answer("SUBSCRIBE \"C\"", "")
                    .folders(&["INBOX", "A", "B", "C"])
                    .bye(),
                gone(
                    holds(Script::new().folders(&["INBOX", "A", "B", "C"]), "A", 1)
                        .answer("DELETE \"A\"", "")
                        .folders(&["INBOX", "B", "C"]),
                    "A",
                )
                .bye(),
                // What was being loaded is gone; the look goes on.
                Script::new().open("B", 0, 1).bye(),
            ],
        )
        .await;
    mailbox.connect(server.port(), None).await;
    let changes = async {
        loads.notified().await;
        mailbox.home.must("folder_create", create("C", None)).await;
        mailbox.home.must("folder_delete", delete("A", Some(1))).await;
        goes_on.notify_one();
    };
    let (report, ()) = tokio::join!(mailbox.sync(), changes);
    assert_eq!(report["error"], Value::Null, "{report}");
    assert_eq!(paths(&mailbox).await, ["B", "C", "INBOX"]);
    server.finish().await.unwrap();
}
