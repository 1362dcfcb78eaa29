//! Copies that a person makes: each once, whatever becomes of the connection.

use std::time::Duration;

use mailroom_api::ErrorCode;
use mailroom_tests::script::{Script, Step};
use serde_json::{Value, json};

use crate::mailbox::{Dialogue, Mailbox, facts_of, first_look, message};

const SEARCH: &str = "UID SEARCH HEADER \"Message-ID\" \"m1@example.org\"";

async fn copy(mailbox: &Mailbox, id: &Value) -> Value {
    let copying = json!({"ids": [id], "folder": "archive"});
    let copied = mailbox.home.must("message_copy", copying).await;
    mailbox.home.carried().await;
    copied
}

async fn waiting(mailbox: &Mailbox) -> Value {
    mailbox.home.must("operation_list", json!({})).await
}

/// A look at which the inbox is what it was, up to its archive.
fn unchanged(script: Script) -> Script {
    script
        .folders(&["INBOX", "Archive"])
        .open("INBOX", 1, 2)
        .answer("UID FETCH 1 (UID FLAGS)", "* 1 FETCH (UID 1 FLAGS ())\r\n")
}

/// The response that brings message number 1 under another UID.
fn twin(uid: u32) -> String {
    let raw = message(1);
    format!(
        "* {uid} FETCH (UID {uid} FLAGS () INTERNALDATE \"20-Nov-2026 10:00:00 +0000\" RFC822.SIZE {} BODY[] {{{}}}\r\n{raw})\r\n",
        raw.len(),
        raw.len()
    )
}

fn twin_facts(uid: u32) -> String {
    facts_of(uid, message(1).len())
}

#[tokio::test]
async fn copy_is_shown_in_both_folders_and_undo_removes_that_one_alone() {
    let (mailbox, server) = Mailbox::looked_at(
        "UIDPLUS",
        vec![
            first_look(1, &["Archive"]),
            Script::new()
                .open("INBOX", 1, 2)
                .command("UID COPY 1 \"Archive\"")
                .send("{tag} OK [COPYUID 7 1 5] done\r\n")
                .bye(),
            Script::new()
                .open("Archive", 1, 6)
                .answer("UID STORE 5 +FLAGS.SILENT (\\Deleted)", "")
                .answer("UID EXPUNGE 5", "* 1 EXPUNGE\r\n")
                .bye(),
        ],
    )
    .await;
    let id = mailbox.list("inbox").await[0]["id"].clone();
    let copied = copy(&mailbox, &id).await;
    assert_eq!(waiting(&mailbox).await, json!([]));
    for folder in ["inbox", "Archive"] {
        let rows = mailbox.list(folder).await;
        assert_eq!((rows.len(), &rows[0]["id"]), (1, &id), "{folder}");
    }
    // What stands there is not copied there again: nobody is asked for anything.
    assert_eq!(copy(&mailbox, &id).await["undo"], Value::Null);
    mailbox.home.must("undo_run", json!({"id": copied["undo"]})).await;
    mailbox.home.carried().await;
    assert_eq!(mailbox.list("inbox").await.len(), 1);
    assert!(mailbox.list("Archive").await.is_empty());
    server.finish().await.unwrap();
}

#[tokio::test]
async fn copy_that_waits_is_wanted_once_and_can_be_taken_back() {
    let cut = || {
        Script::new()
            .refuse("SELECT \"INBOX\"", "NO [UNAVAILABLE] later")
            .bye()
    };
    let (mailbox, server) = Mailbox::looked_at("UIDPLUS", vec![first_look(1, &["Archive"]), cut()]).await;
    let id = mailbox.list("inbox").await[0]["id"].clone();
    let copied = copy(&mailbox, &id).await;
    let list = waiting(&mailbox).await;
    assert_eq!(
        (&list[0]["kind"], &list[0]["state"], &list[0]["error"]["code"]),
        (&json!("copy"), &json!("waiting"), &json!("server_unavailable")),
        "{list}"
    );
    assert_eq!(copy(&mailbox, &id).await["undo"], Value::Null, "it waits already");
    assert_eq!(waiting(&mailbox).await.as_array().unwrap().len(), 1);
    mailbox.home.must("undo_run", json!({"id": copied["undo"]})).await;
    assert_eq!(waiting(&mailbox).await, json!([]));
    server.finish().await.unwrap();
}

#[tokio::test]
async fn copy_that_is_cut_is_looked_for_before_it_is_made_again() {
    let (mailbox, server) = Mailbox::looked_at(
        "MOVE UIDPLUS",
        vec![
            first_look(1, &["Archive"]),
            Script::new()
                .open("INBOX", 1, 2)
                .command("UID COPY 1 \"Archive\"")
                .then(Step::Close),
            unchanged(
                Script::new()
                    .open("INBOX", 1, 2)
                    .open("Archive", 1, 2)
                    .answer(SEARCH, "* SEARCH 1\r\n")
                    .facts("1", &[1])
                    .open("INBOX", 1, 2),
            )
            .open("Archive", 1, 2)
            .facts("1:4294967295", &[1])
            .bodies("1", &[1])
            .bye(),
        ],
    )
    .await;
    let id = mailbox.list("inbox").await[0]["id"].clone();
    copy(&mailbox, &id).await;
    mailbox.clock.advance(Duration::from_mins(1));
    assert_eq!(mailbox.sync_well().await["operations"], 1);
    assert_eq!(waiting(&mailbox).await, json!([]));
    assert_eq!(mailbox.list("Archive").await[0]["id"], id);
    server.finish().await.unwrap();
}

#[tokio::test]
async fn copy_of_a_message_that_was_expunged_there_is_done_and_the_message_goes() {
    let (mailbox, server) = Mailbox::looked_at(
        "UIDPLUS",
        vec![
            first_look(1, &["Archive"]),
            Script::new()
                .open("INBOX", 0, 2)
                .answer("UID COPY 1 \"Archive\"", "")
                .bye(),
            Script::new()
                .folders(&["INBOX", "Archive"])
                .open("INBOX", 0, 2)
                .answer("UID SEARCH ALL", "* SEARCH\r\n")
                .open("Archive", 0, 1)
                .bye(),
        ],
    )
    .await;
    let id = mailbox.list("inbox").await[0]["id"].clone();
    copy(&mailbox, &id).await;
    assert_eq!(waiting(&mailbox).await, json!([]));
    mailbox.sync_well().await;
    let shown = mailbox.home.fails("message_show", json!({"id": id})).await;
    assert_eq!(shown, ErrorCode::MessageMissing);
    server.finish().await.unwrap();
}

#[tokio::test]
async fn copy_into_a_folder_that_is_gone_there_is_refused_and_shown() {
    let (mailbox, server) = Mailbox::looked_at(
        "UIDPLUS",
        vec![
            first_look(1, &["Archive"]),
            Script::new()
                .open("INBOX", 1, 2)
                .refuse("UID COPY 1 \"Archive\"", "NO [TRYCREATE] no such mailbox")
                .bye(),
        ],
    )
    .await;
    let id = mailbox.list("inbox").await[0]["id"].clone();
    copy(&mailbox, &id).await;
    let refused = waiting(&mailbox).await;
    assert_eq!(
        (&refused[0]["state"], &refused[0]["error"]["code"]),
        (&json!("refused"), &json!("folder_missing")),
        "{refused}"
    );
    assert_eq!(mailbox.list("inbox").await[0]["id"], id);
    server.finish().await.unwrap();
}

/// An identical message lay in the target before. A look between the attempts, which sees it there, makes no copy of it.
#[tokio::test]
async fn move_in_two_steps_takes_no_twin_for_its_copy_even_after_another_look() {
    let flags = "* 1 FETCH (UID 1 FLAGS ())\r\n";
    let (mailbox, server) = Mailbox::looked_at(
        "UIDPLUS",
        vec![
            Script::new()
                .folders(&["INBOX", "Archive"])
                .open("INBOX", 1, 2)
                .answer("UID SEARCH ALL", "* SEARCH 1\r\n")
                .facts("1", &[1])
                .bodies("1", &[1])
                .open("Archive", 1, 2)
                .answer("UID SEARCH ALL", "* SEARCH 1\r\n")
                .facts("1", &[1])
                .bodies("1", &[1])
                .bye(),
            Script::new()
                .open("INBOX", 1, 2)
                .command("UID COPY 1 \"Archive\"")
                .then(Step::Close),
            unchanged(Script::new())
                .open("Archive", 1, 2)
                .answer("UID FETCH 1 (UID FLAGS)", flags)
                .bye(),
            Script::new()
                .open("INBOX", 1, 2)
                .open("Archive", 1, 2)
                .answer(SEARCH, "* SEARCH 1\r\n")
                .facts("1", &[1])
                .open("INBOX", 1, 2)
                .answer("UID COPY 1 \"Archive\"", "")
                .answer("UID STORE 1 +FLAGS.SILENT (\\Deleted)", "")
                .answer("UID EXPUNGE 1", "* 1 EXPUNGE\r\n")
                .folders(&["INBOX", "Archive"])
                .open("INBOX", 0, 2)
                .answer("UID SEARCH ALL", "* SEARCH\r\n")
                .open("Archive", 2, 3)
                .answer("UID FETCH 1 (UID FLAGS)", flags)
                .answer(
                    "UID FETCH 2:4294967295 (UID FLAGS INTERNALDATE RFC822.SIZE)",
                    &twin_facts(2),
                )
                .answer(
                    "UID FETCH 2 (UID FLAGS INTERNALDATE RFC822.SIZE BODY.PEEK[])",
                    &twin(2),
                )
                .bye(),
        ],
    )
    .await;
    let id = mailbox.list("inbox").await[0]["id"].clone();
    mailbox.archive(&id).await;
    mailbox.sync_well().await;
    mailbox.clock.advance(Duration::from_mins(1));
    assert_eq!(mailbox.sync_well().await["operations"], 1);
    assert!(mailbox.list("inbox").await.is_empty());
    let archived = mailbox.list("Archive").await;
    assert_eq!(archived.len(), 2, "the twin and the moved one: {archived:?}");
    server.finish().await.unwrap();
}
