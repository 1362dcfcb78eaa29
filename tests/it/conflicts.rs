//! Changes made here that meet other changes there: the table of docs/sync.md, where no other test has the row.

use std::time::Duration;

use mailroom_tests::script::{Script, Step};
use serde_json::{Value, json};

use crate::mailbox::{ANNA, Dialogue, Mailbox, first_look};

async fn waiting(mailbox: &Mailbox) -> Value {
    mailbox.home.must("operation_list", json!({})).await
}

async fn star(mailbox: &Mailbox, id: &Value) {
    let change = json!({"ids": [id], "add": ["\\Flagged"]});
    mailbox.home.must("message_mark", change).await;
    mailbox.home.carried().await;
}

/// A look that finds the inbox empty.
fn emptied() -> Script {
    Script::new()
        .folders(&["INBOX", "Archive"])
        .open("INBOX", 0, 2)
        .answer("UID SEARCH ALL", "* SEARCH\r\n")
        .open("Archive", 0, 1)
        .bye()
}

#[tokio::test]
async fn flag_on_a_message_that_was_expunged_there_is_done_and_the_message_goes() {
    let (mailbox, server) = Mailbox::looked_at(
        "",
        vec![
            first_look(1, &["Archive"]),
            Script::new()
                .open("INBOX", 0, 2)
                .answer("UID STORE 1 +FLAGS (\\Flagged)", "")
                .bye(),
            emptied(),
        ],
    )
    .await;
    let id = mailbox.list("inbox").await[0]["id"].clone();
    star(&mailbox, &id).await;
    assert_eq!(waiting(&mailbox).await, json!([]));
    mailbox.sync_well().await;
    assert!(mailbox.list("inbox").await.is_empty());
    server.finish().await.unwrap();
}

#[tokio::test]
async fn move_of_a_message_that_was_expunged_there_is_done_and_the_message_goes() {
    let (mailbox, server) = Mailbox::looked_at(
        "MOVE",
        vec![
            first_look(1, &["Archive"]),
            Script::new()
                .open("INBOX", 0, 2)
                .answer("UID MOVE 1 \"Archive\"", "")
                .bye(),
            emptied(),
        ],
    )
    .await;
    let id = mailbox.list("inbox").await[0]["id"].clone();
    mailbox.archive(&id).await;
    assert_eq!(waiting(&mailbox).await, json!([]));
    mailbox.sync_well().await;
    let shown = mailbox.home.fails("message_show", json!({"id": id})).await;
    assert_eq!(shown.as_str(), "message_missing");
    server.finish().await.unwrap();
}

#[tokio::test]
async fn message_moved_elsewhere_there_stays_where_the_other_program_put_it() {
    let (mailbox, server) = Mailbox::looked_at(
        "MOVE",
        vec![
            first_look(1, &["Other", "Archive"]),
            // It is not in the inbox any more: nothing is moved.
            Script::new()
                .open("INBOX", 0, 2)
                .answer("UID MOVE 1 \"Archive\"", "")
                .bye(),
            Script::new()
                .folders(&["INBOX", "Other", "Archive"])
                .open("INBOX", 0, 2)
                .answer("UID SEARCH ALL", "* SEARCH\r\n")
                .open("Other", 1, 2)
                .facts("1:4294967295", &[1])
                .bodies("1", &[1])
                .open("Archive", 0, 1)
                .bye(),
        ],
    )
    .await;
    let id = mailbox.list("inbox").await[0]["id"].clone();
    mailbox.archive(&id).await;
    mailbox.sync_well().await;
    assert_eq!(mailbox.list("Other").await[0]["id"], id, "the same message");
    assert!(mailbox.list("Archive").await.is_empty());
    server.finish().await.unwrap();
}

#[tokio::test]
async fn flag_here_and_another_flag_there_are_both_kept() {
    let both = "* 1 FETCH (UID 1 FLAGS (\\Seen \\Flagged))\r\n";
    let (mailbox, server) = Mailbox::looked_at(
        "",
        vec![
            first_look(1, &[]),
            Script::new()
                .open("INBOX", 1, 2)
                .answer("UID STORE 1 +FLAGS (\\Flagged)", both)
                .bye(),
        ],
    )
    .await;
    let id = mailbox.list("inbox").await[0]["id"].clone();
    star(&mailbox, &id).await;
    assert_eq!(
        mailbox.list("inbox").await[0]["flags"],
        json!(["\\Seen", "\\Flagged"])
    );
    server.finish().await.unwrap();
}

#[tokio::test]
async fn deleted_message_takes_the_flags_that_it_got_there_to_the_trash() {
    let flagged = "* 1 FETCH (UID 1 FLAGS (\\Flagged))\r\n";
    let (mailbox, server) = Mailbox::looked_at(
        "MOVE UIDPLUS",
        vec![
            first_look(1, &["\\Trash Bin"]),
            Script::new()
                .open("INBOX", 1, 2)
                .answer(
                    "UID MOVE 1 \"Bin\"",
                    "* OK [COPYUID 7 1 1] moved\r\n* 1 EXPUNGE\r\n",
                )
                .bye(),
            Script::new()
                .folders(&["INBOX", "\\Trash Bin"])
                .open("INBOX", 0, 2)
                .answer("UID SEARCH ALL", "* SEARCH\r\n")
                .open("Bin", 1, 2)
                .answer("UID FETCH 1 (UID FLAGS)", flagged)
                .facts("1:4294967295", &[1])
                .bye(),
        ],
    )
    .await;
    let id = mailbox.list("inbox").await[0]["id"].clone();
    mailbox.home.must("message_delete", json!({"ids": [id]})).await;
    mailbox.home.carried().await;
    mailbox.sync_well().await;
    assert!(mailbox.list("inbox").await.is_empty());
    let trash = mailbox.list("trash").await;
    assert_eq!(
        (&trash[0]["id"], &trash[0]["flags"]),
        (&id, &json!(["\\Flagged"]))
    );
    server.finish().await.unwrap();
}

#[tokio::test]
async fn change_in_a_folder_whose_uids_changed_is_refused_and_undone() {
    let renewed = "* 1 EXISTS\r\n* OK [UIDVALIDITY 8] ok\r\n* OK [UIDNEXT 2] next\r\n";
    let (mailbox, server) = Mailbox::looked_at(
        "",
        vec![
            first_look(1, &[]),
            Script::new().answer("SELECT \"INBOX\"", renewed).bye(),
        ],
    )
    .await;
    let id = mailbox.list("inbox").await[0]["id"].clone();
    star(&mailbox, &id).await;
    let refused = waiting(&mailbox).await;
    assert_eq!(
        (&refused[0]["state"], &refused[0]["error"]["code"]),
        (&json!("refused"), &json!("folder_missing")),
        "{refused}"
    );
    assert_eq!(mailbox.list("inbox").await[0]["flags"], json!([]));
    server.finish().await.unwrap();
}

#[tokio::test]
async fn move_out_of_a_folder_that_is_not_kept_any_more_is_carried_out() {
    let (mailbox, server) = Mailbox::looked_at(
        "MOVE UIDPLUS",
        vec![
            first_look(1, &["Archive"]),
            Script::new()
                .refuse("SELECT \"INBOX\"", "NO [UNAVAILABLE] later")
                .then(Step::Close),
            Script::new()
                .open("INBOX", 1, 2)
                .answer(
                    "UID MOVE 1 \"Archive\"",
                    "* OK [COPYUID 7 1 1] moved\r\n* 1 EXPUNGE\r\n",
                )
                .bye(),
        ],
    )
    .await;
    let id = mailbox.list("inbox").await[0]["id"].clone();
    mailbox.archive(&id).await;
    let kept = json!({"address": ANNA, "folders": ["Archive"]});
    mailbox.home.must("account_update", kept).await;
    let put_off = waiting(&mailbox).await;
    assert_eq!(put_off[0]["state"], "waiting", "{put_off}");
    mailbox.clock.advance(Duration::from_mins(1));
    mailbox.home.must("operation_push", Value::Null).await;
    assert_eq!(waiting(&mailbox).await, json!([]));
    server.finish().await.unwrap();
}

#[tokio::test]
async fn move_into_a_folder_that_is_gone_there_is_refused_and_undone() {
    let (mailbox, server) = Mailbox::looked_at(
        "MOVE",
        vec![
            first_look(1, &["Archive"]),
            Script::new()
                .open("INBOX", 1, 2)
                .refuse("UID MOVE 1 \"Archive\"", "NO [TRYCREATE] no such mailbox")
                .bye(),
        ],
    )
    .await;
    let id = mailbox.list("inbox").await[0]["id"].clone();
    mailbox.archive(&id).await;
    let refused = waiting(&mailbox).await;
    assert_eq!(
        (&refused[0]["state"], &refused[0]["error"]["code"]),
        (&json!("refused"), &json!("folder_missing")),
        "{refused}"
    );
    assert_eq!(mailbox.list("inbox").await[0]["id"], id, "it is back");
    server.finish().await.unwrap();
}

#[tokio::test]
async fn change_that_a_server_cannot_make_now_waits_and_stays_shown() {
    let (mailbox, server) = Mailbox::looked_at(
        "",
        vec![
            first_look(1, &["Archive"]),
            Script::new()
                .refuse("SELECT \"INBOX\"", "NO [UNAVAILABLE] later")
                .then(Step::Close),
            Script::new()
                .folders(&["INBOX", "Archive"])
                .open("INBOX", 1, 2)
                .answer("UID FETCH 1 (UID FLAGS)", "* 1 FETCH (UID 1 FLAGS ())\r\n")
                .open("Archive", 0, 1)
                .bye(),
        ],
    )
    .await;
    let id = mailbox.list("inbox").await[0]["id"].clone();
    star(&mailbox, &id).await;
    let put_off = waiting(&mailbox).await;
    assert_eq!(
        (&put_off[0]["state"], &put_off[0]["error"]["code"]),
        (&json!("waiting"), &json!("server_unavailable")),
        "a server that cannot now is asked again: {put_off}"
    );
    mailbox.sync_well().await;
    assert_eq!(
        mailbox.list("inbox").await[0]["flags"],
        json!(["\\Flagged"]),
        "what waits stays shown over what the server says"
    );
    server.finish().await.unwrap();
}

#[tokio::test]
async fn change_that_meets_a_full_mailbox_waits_and_holds_its_folder_in_order() {
    let (mailbox, server) = Mailbox::looked_at(
        "MOVE",
        vec![
            first_look(2, &["Archive"]),
            Script::new()
                .open("INBOX", 2, 3)
                .refuse("UID MOVE 1 \"Archive\"", "NO [OVERQUOTA] full")
                .then(Step::Close),
            Script::new()
                .open("INBOX", 2, 3)
                .answer("UID MOVE 1 \"Archive\"", "* 1 EXPUNGE\r\n")
                .open("INBOX", 1, 3)
                .answer(
                    "UID STORE 2 +FLAGS (\\Flagged)",
                    "* 1 FETCH (UID 2 FLAGS (\\Flagged))\r\n",
                )
                .bye(),
        ],
    )
    .await;
    let rows = mailbox.list("inbox").await;
    mailbox.archive(&rows[1]["id"]).await;
    let put_off = waiting(&mailbox).await;
    assert_eq!(
        (&put_off[0]["state"], &put_off[0]["error"]["code"]),
        (&json!("waiting"), &json!("over_quota")),
        "{put_off}"
    );
    // The next change of the folder stands behind it.
    let change = json!({"ids": [rows[0]["id"]], "add": ["\\Flagged"]});
    mailbox.home.must("message_mark", change).await;
    mailbox.clock.advance(Duration::from_mins(1));
    mailbox.home.must("operation_push", Value::Null).await;
    assert_eq!(waiting(&mailbox).await, json!([]));
    server.finish().await.unwrap();
}
