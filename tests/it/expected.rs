//! What is moved, archived, deleted or copied stands where it goes at once, and what else is wished of it there is done.

use std::time::Duration;

use mailroom_model::{Clock as _, ErrorCode, UidSet};
use mailroom_store::{NewOperation, OperationKind, Store};
use mailroom_tests::script::{Script, Step};
use serde_json::{Value, json};

use crate::mailbox::{ANNA, Dialogue, Mailbox, first_look};

async fn waiting(mailbox: &Mailbox) -> Value {
    mailbox.home.must("operation_list", json!({})).await
}

/// The server cannot make any change now.
fn away() -> Script {
    Script::new()
        .refuse("SELECT \"INBOX\"", "NO [UNAVAILABLE] later")
        .then(Step::Close)
}

/// The server is back: everything that waits is carried to it.
async fn push(mailbox: &Mailbox) {
    mailbox.clock.advance(Duration::from_mins(20));
    mailbox.home.must("operation_push", Value::Null).await;
}

async fn subjects(mailbox: &Mailbox, folder: &str) -> Vec<String> {
    let rows = mailbox.list(folder).await;
    let subject = |row: &Value| row["subject"].as_str().unwrap().to_owned();
    rows.iter().map(subject).collect()
}

async fn found(mailbox: &Mailbox, query: &str) -> Vec<String> {
    let found = mailbox.home.must("message_search", json!({"query": query})).await;
    let rows = found["messages"].as_array().unwrap().clone();
    rows.iter()
        .map(|row| row["folder"].as_str().unwrap().to_owned())
        .collect()
}

async fn counts(mailbox: &Mailbox, path: &str) -> (Value, Value) {
    let shown = mailbox.home.must("folder_list", json!({"address": ANNA})).await;
    let folders = shown.as_array().unwrap();
    let folder = folders.iter().find(|folder| folder["path"] == path).unwrap();
    (folder["messages"].clone(), folder["unread"].clone())
}

/// How many messages an export takes out of each folder that has any, each as a file.
async fn exported(mailbox: &Mailbox) -> Vec<(String, usize)> {
    let target = tempfile::tempdir().unwrap();
    let wish = json!({"address": ANNA, "format": "eml", "target": target.path(), "local": true, "add": true});
    let report = mailbox.home.must("mail_export", wish).await;
    assert_eq!(report["missing_count"], 0, "{report}");
    let mut folders = Vec::new();
    for folder in report["folders"].as_array().unwrap() {
        let files = std::fs::read_dir(target.path().join(folder["file"].as_str().unwrap())).unwrap();
        let is_message = |path: &std::path::Path| path.extension().is_some_and(|end| end == "eml");
        let count = files
            .filter(|file| is_message(&file.as_ref().unwrap().path()))
            .count();
        assert_eq!(folder["messages"], count, "{report}");
        if count > 0 {
            folders.push((folder["path"].as_str().unwrap().to_owned(), count));
        }
    }
    folders
}

async fn undo(mailbox: &Mailbox, done: &Value) {
    mailbox.home.must("undo_run", json!({"id": done["undo"]})).await;
}

/// A mailbox with messages 1 and 2, of which the first one was archived while the server could not make changes.
async fn archived(
    capabilities: &str,
    then: Vec<Script>,
) -> (Mailbox, mailroom_tests::script::ScriptServer, Value, Value) {
    let mut scripts = vec![first_look(2, &["Other", "Archive", "\\Trash Bin"]), away()];
    scripts.extend(then);
    let (mailbox, server) = Mailbox::looked_at(capabilities, scripts).await;
    let id = mailbox.list("inbox").await[1]["id"].clone();
    let done = mailbox.archive(&id).await;
    assert_eq!(waiting(&mailbox).await[0]["state"], "waiting");
    (mailbox, server, id, done)
}

#[tokio::test]
async fn message_archived_without_the_server_is_in_the_archive_for_everybody_who_looks() {
    let (mailbox, server, id, _) = archived(
        "MOVE UIDPLUS",
        vec![
            Script::new()
                .open("INBOX", 2, 3)
                .answer(
                    "UID MOVE 1 \"Archive\"",
                    "* OK [COPYUID 7 1 5] moved\r\n* 1 EXPUNGE\r\n",
                )
                .bye(),
        ],
    )
    .await;
    for is_carried in [false, true] {
        if is_carried {
            push(&mailbox).await;
            assert_eq!(waiting(&mailbox).await, json!([]));
        }
        assert_eq!(subjects(&mailbox, "inbox").await, ["number 2"]);
        assert_eq!(subjects(&mailbox, "Archive").await, ["number 1"]);
        assert_eq!(counts(&mailbox, "Archive").await, (json!(1), json!(1)));
        assert_eq!(counts(&mailbox, "INBOX").await, (json!(1), json!(1)));
        assert_eq!(found(&mailbox, "in:archive number").await, ["Archive"]);
        let one_each = ["Archive", "INBOX"].map(|folder| (folder.to_owned(), 1));
        assert_eq!(exported(&mailbox).await, one_each);
        let shown = mailbox.home.must("message_show", json!({"id": id})).await;
        assert_eq!(shown["folders"], json!(["Archive"]));
        let thread = json!({"id": mailbox.list("Archive").await[0]["thread_id"]});
        let thread = mailbox.home.must("thread_show", thread).await;
        assert_eq!((&thread[0]["id"], &thread[0]["folder"]), (&id, &json!("Archive")));
        assert_eq!(
            found(&mailbox, "").await,
            ["INBOX", "Archive"],
            "the account's list"
        );
    }
    server.finish().await.unwrap();
}

#[tokio::test]
async fn message_that_is_refused_its_new_folder_is_back_and_nowhere_else() {
    let (mailbox, server, _, _) = archived(
        "MOVE",
        vec![
            Script::new()
                .open("INBOX", 2, 3)
                .refuse("UID MOVE 1 \"Archive\"", "NO [NOPERM] no")
                .bye(),
        ],
    )
    .await;
    push(&mailbox).await;
    assert_eq!(waiting(&mailbox).await[0]["state"], "refused");
    assert_eq!(subjects(&mailbox, "inbox").await, ["number 2", "number 1"]);
    assert!(subjects(&mailbox, "Archive").await.is_empty());
    assert_eq!(found(&mailbox, "number").await.len(), 2);
    server.finish().await.unwrap();
}

#[tokio::test]
async fn message_stays_in_its_new_folder_when_the_server_does_not_say_where_it_is_there() {
    let (mailbox, server, id, _) = archived(
        "MOVE",
        vec![
            Script::new()
                .open("INBOX", 2, 3)
                .answer("UID MOVE 1 \"Archive\"", "* 1 EXPUNGE\r\n")
                .bye(),
            Script::new()
                .folders(&["INBOX", "Archive", "Other", "\\Trash Bin"])
                .open("INBOX", 1, 3)
                .answer("UID SEARCH ALL", "* SEARCH 2\r\n")
                .answer("UID FETCH 2 (UID FLAGS)", "* 1 FETCH (UID 2 FLAGS ())\r\n")
                .open("Other", 0, 1)
                .open("Archive", 1, 2)
                .facts("1:4294967295", &[1])
                .bodies("1", &[1])
                .open("Bin", 0, 1)
                .bye(),
        ],
    )
    .await;
    push(&mailbox).await;
    assert_eq!(waiting(&mailbox).await, json!([]));
    let rows = mailbox.list("Archive").await;
    assert_eq!(
        (rows.len(), &rows[0]["id"]),
        (1, &id),
        "nobody has looked there yet"
    );
    mailbox.sync_well().await;
    let rows = mailbox.list("Archive").await;
    assert_eq!((rows.len(), &rows[0]["id"]), (1, &id));
    assert_eq!(counts(&mailbox, "Archive").await.0, 1);
    server.finish().await.unwrap();
}

#[tokio::test]
async fn message_whose_move_was_cut_stands_once_in_a_target_that_is_looked_at_first() {
    let (mailbox, server) = Mailbox::looked_at(
        "MOVE UIDPLUS",
        vec![
            first_look(1, &["Archive"]),
            Script::new()
                .open("INBOX", 1, 2)
                .command("UID MOVE 1 \"Archive\"")
                .then(Step::Close),
            Script::new()
                .folders(&["INBOX", "Archive"])
                .open("INBOX", 0, 2)
                .answer("UID SEARCH ALL", "* SEARCH\r\n")
                .open("Archive", 1, 2)
                .facts("1:4294967295", &[1])
                .bodies("1", &[1])
                .bye(),
            Script::new()
                .open("INBOX", 0, 2)
                .answer("UID MOVE 1 \"Archive\"", "")
                .bye(),
        ],
    )
    .await;
    let id = mailbox.list("inbox").await[0]["id"].clone();
    mailbox.archive(&id).await;
    assert_eq!(subjects(&mailbox, "Archive").await, ["number 1"]);
    mailbox.sync_well().await;
    assert_eq!(subjects(&mailbox, "Archive").await, ["number 1"]);
    push(&mailbox).await;
    assert_eq!(waiting(&mailbox).await, json!([]));
    assert_eq!(subjects(&mailbox, "Archive").await, ["number 1"]);
    assert_eq!(counts(&mailbox, "Archive").await.0, 1);
    server.finish().await.unwrap();
}

/// What a program leaves that is killed while it moves the message: nobody knows whether the server did it.
async fn left_in_the_middle(mailbox: &Mailbox) {
    let store = Store::open(&mailbox.home.path().join("mailroom.db"))
        .await
        .unwrap();
    let account = store.accounts().list().await.unwrap().remove(0).id;
    let folders = store.folders().list(account).await.unwrap();
    let id_of = |path: &str| folders.iter().find(|folder| folder.seen.path == path).unwrap().id;
    let operation = NewOperation {
        account_id: account,
        folder_id: id_of("INBOX"),
        kind: OperationKind::Move {
            uids: UidSet::range(1, 1),
            to_folder: id_of("Archive"),
            uid_validity: None,
            everywhere: false,
        },
        raw: None,
    };
    let now = mailbox.clock.now();
    let id = store.operations().enqueue(&operation, now).await.unwrap();
    assert!(store.operations().mark_begun(id).await.unwrap().is_some());
    store.close().await;
}

#[tokio::test]
async fn wish_for_a_message_whose_move_a_killed_program_left_has_it_finished_first() {
    let (mailbox, server) = Mailbox::looked_at(
        "MOVE UIDPLUS",
        vec![
            first_look(1, &["Archive"]),
            Script::new()
                .open("INBOX", 1, 2)
                .answer(
                    "UID MOVE 1 \"Archive\"",
                    "* OK [COPYUID 7 1 1] moved\r\n* 1 EXPUNGE\r\n",
                )
                .bye(),
            Script::new()
                .open("Archive", 1, 2)
                .answer(
                    "UID STORE 1 +FLAGS (\\Flagged)",
                    "* 1 FETCH (UID 1 FLAGS (\\Flagged))\r\n",
                )
                .bye(),
        ],
    )
    .await;
    left_in_the_middle(&mailbox).await;
    let id = mailbox.list("Archive").await[0]["id"].clone();
    let star = json!({"ids": [id], "add": ["\\Flagged"], "remove": []});
    mailbox.home.must("message_mark", star).await;
    mailbox.home.carried().await;
    assert_eq!(mailbox.list("Archive").await[0]["flags"], json!(["\\Flagged"]));
    server.finish().await.unwrap();
}

#[tokio::test]
async fn wish_for_a_message_whose_move_was_left_is_refused_at_once_without_a_server() {
    let (mailbox, server) = Mailbox::looked_at("MOVE UIDPLUS", vec![first_look(1, &["Archive"])]).await;
    server.finish().await.unwrap();
    left_in_the_middle(&mailbox).await;
    let id = mailbox.list("Archive").await[0]["id"].clone();
    let star = json!({"ids": [id], "add": ["\\Flagged"], "remove": []});
    let code = mailbox.home.fails("message_mark", star).await;
    assert_eq!(code, ErrorCode::ServerUnavailable);
    assert_eq!(subjects(&mailbox, "Archive").await, ["number 1"]);
}

#[tokio::test]
async fn what_is_wished_of_an_archived_message_reaches_the_server_before_it_goes() {
    let (mailbox, server, id, _) = archived(
        "MOVE UIDPLUS",
        vec![
            away(),
            Script::new()
                .open("INBOX", 2, 3)
                .answer(
                    "UID STORE 1 +FLAGS (\\Flagged)",
                    "* 1 FETCH (UID 1 FLAGS (\\Flagged))\r\n",
                )
                .open("INBOX", 2, 3)
                .answer("UID COPY 1 \"Bin\"", "* OK [COPYUID 7 1 9] done\r\n")
                .open("INBOX", 2, 3)
                .answer(
                    "UID MOVE 1 \"Other\"",
                    "* OK [COPYUID 7 1 5] moved\r\n* 1 EXPUNGE\r\n",
                )
                .bye(),
        ],
    )
    .await;
    let starred = json!({"ids": [id], "add": ["\\Flagged"]});
    mailbox.home.must("message_mark", starred).await;
    mailbox.home.carried().await;
    assert_eq!(mailbox.list("Archive").await[0]["flags"], json!(["\\Flagged"]));
    for (name, folder) in [("message_copy", "Bin"), ("message_move", "Other")] {
        let payload = json!({"ids": [id], "folder": folder});
        mailbox.home.must(name, payload).await;
    }
    for is_carried in [false, true] {
        if is_carried {
            push(&mailbox).await;
            assert_eq!(waiting(&mailbox).await, json!([]));
        }
        assert_eq!(subjects(&mailbox, "inbox").await, ["number 2"]);
        assert!(subjects(&mailbox, "Archive").await.is_empty());
        assert_eq!(subjects(&mailbox, "Bin").await, ["number 1"]);
        let rows = mailbox.list("Other").await;
        assert_eq!((rows.len(), &rows[0]["flags"]), (1, &json!(["\\Flagged"])));
    }
    server.finish().await.unwrap();
}

#[tokio::test]
async fn each_wish_for_an_archived_message_can_be_undone_for_itself() {
    let (mailbox, server, id, archived) = archived("MOVE UIDPLUS", vec![away(), away()]).await;
    let starred = json!({"ids": [id], "add": ["\\Flagged"]});
    let star = mailbox.home.must("message_mark", starred).await;
    mailbox.home.carried().await;
    let moving = json!({"ids": [id], "folder": "Other"});
    let moved = mailbox.home.must("message_move", moving).await;
    let deleted = mailbox.home.must("message_delete", json!({"ids": [id]})).await;
    assert_eq!(subjects(&mailbox, "Bin").await, ["number 1"]);
    undo(&mailbox, &deleted).await;
    assert_eq!(subjects(&mailbox, "Other").await, ["number 1"]);
    undo(&mailbox, &moved).await;
    assert_eq!(subjects(&mailbox, "Archive").await, ["number 1"]);
    undo(&mailbox, &star).await;
    assert_eq!(mailbox.list("Archive").await[0]["flags"], json!([]));
    // Back home: nothing waits any more, and to undo that is to archive it again.
    let home = json!({"ids": [id], "folder": "INBOX"});
    let back = mailbox.home.must("message_move", home).await;
    assert_eq!(waiting(&mailbox).await, json!([]));
    assert_eq!(subjects(&mailbox, "inbox").await.len(), 2);
    assert_eq!(
        mailbox
            .home
            .fails("undo_run", json!({"id": archived["undo"]}))
            .await,
        ErrorCode::UndoGone
    );
    undo(&mailbox, &back).await;
    mailbox.home.carried().await;
    assert_eq!(subjects(&mailbox, "Archive").await, ["number 1"]);
    assert_eq!(subjects(&mailbox, "inbox").await, ["number 2"]);
    server.finish().await.unwrap();
}

#[tokio::test]
async fn message_archived_into_a_folder_that_goes_is_back_at_the_next_look() {
    let (mailbox, server, id, _) = archived(
        "MOVE UIDPLUS",
        vec![
            Script::new()
                .folders(&["INBOX", "Other", "\\Trash Bin"])
                .refuse(
                    "STATUS \"Archive\" (MESSAGES UIDNEXT UIDVALIDITY UNSEEN)",
                    "NO [NONEXISTENT] gone",
                )
                .open("INBOX", 2, 3)
                .answer(
                    "UID FETCH 1:2 (UID FLAGS)",
                    "* 1 FETCH (UID 1 FLAGS ())\r\n* 2 FETCH (UID 2 FLAGS ())\r\n",
                )
                .open("Other", 0, 1)
                .open("Bin", 0, 1)
                .bye(),
        ],
    )
    .await;
    mailbox.sync_well().await;
    let refused = waiting(&mailbox).await;
    assert_eq!(
        (&refused[0]["state"], &refused[0]["error"]["code"]),
        (&json!("refused"), &json!("folder_missing")),
        "{refused}"
    );
    let rows = mailbox.list("inbox").await;
    assert_eq!((rows.len(), &rows[1]["id"]), (2, &id));
    server.finish().await.unwrap();
}
