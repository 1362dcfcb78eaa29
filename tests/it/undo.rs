//! Undo where the server's answer decides.

use mailroom_api::ErrorCode;
use mailroom_tests::script::{Script, Step};
use serde_json::json;

use crate::mailbox::{Dialogue, Mailbox, first_look};

#[tokio::test]
async fn move_whose_answer_was_lost_is_found_out_about_and_reversed() {
    let (mailbox, server) = Mailbox::looked_at(
        "MOVE UIDPLUS",
        vec![
            first_look(1, &["Archive"]),
            Script::new()
                .open("INBOX", 1, 2)
                .command("UID MOVE 1 \"Archive\"")
                .then(Step::Close),
            // Undo has it tried again first: only then it is known what there is to reverse.
            Script::new()
                .open("INBOX", 1, 2)
                .command("UID MOVE 1 \"Archive\"")
                .send("* 1 EXPUNGE\r\n{tag} OK [COPYUID 7 1 5] done\r\n")
                .bye(),
            Script::new()
                .open("Archive", 1, 6)
                .facts("5", &[5])
                .open("Archive", 1, 6)
                .command("UID MOVE 5 \"INBOX\"")
                .send("* 1 EXPUNGE\r\n{tag} OK [COPYUID 7 5 2] done\r\n")
                .bye(),
        ],
    )
    .await;
    let id = mailbox.list("inbox").await[0]["id"].clone();
    let moved = mailbox.archive(&id).await;
    mailbox.home.must("undo_run", json!({"id": moved["undo"]})).await;
    mailbox.home.carried().await;
    let rows = mailbox.list("inbox").await;
    assert_eq!(rows.len(), 1);
    assert_eq!(rows[0]["id"], id);
    assert!(mailbox.list("Archive").await.is_empty());
    server.finish().await.unwrap();
}

#[tokio::test]
async fn move_whose_fate_stays_unknown_can_be_undone_later() {
    let cut = || {
        Script::new()
            .open("INBOX", 1, 2)
            .command("UID MOVE 1 \"Archive\"")
            .then(Step::Close)
    };
    let (mailbox, server) = Mailbox::looked_at(
        "MOVE UIDPLUS",
        vec![
            first_look(1, &["Archive"]),
            cut(),
            cut(),
            Script::new()
                .open("INBOX", 1, 2)
                .refuse("UID MOVE 1 \"Archive\"", "NO [NOPERM] not here")
                .bye(),
        ],
    )
    .await;
    let id = mailbox.list("inbox").await[0]["id"].clone();
    let moved = mailbox.archive(&id).await;
    let undo = json!({"id": moved["undo"]});
    assert_eq!(
        mailbox.home.fails("undo_run", undo.clone()).await,
        ErrorCode::ConnectionLost
    );
    // The server did not want the move: there is nothing to bring back.
    mailbox.home.must("undo_run", undo.clone()).await;
    assert_eq!(mailbox.list("inbox").await[0]["id"], id);
    assert_eq!(mailbox.home.fails("undo_run", undo).await, ErrorCode::UndoGone);
    server.finish().await.unwrap();
}

#[tokio::test]
async fn original_that_was_expunged_meanwhile_lives_on_in_its_copy() {
    let (mailbox, server) = Mailbox::looked_at(
        "",
        vec![
            first_look(1, &["Archive"]),
            // No MOVE and no UIDPLUS: the original can only be marked.
            Script::new()
                .open("INBOX", 1, 2)
                .answer("UID COPY 1 \"Archive\"", "")
                .answer("UID STORE 1 +FLAGS.SILENT (\\Deleted)", "")
                .bye(),
            // Another program has expunged it. What is left is moved back, and not removed as a superfluous copy.
            Script::new()
                .open("Archive", 1, 6)
                .answer_prefix("UID SEARCH HEADER \"Message-ID\" ", "* SEARCH 5\r\n")
                .open("INBOX", 0, 2)
                .answer("UID STORE 1 -FLAGS (\\Deleted)", "")
                .facts("1", &[])
                .open("Archive", 1, 6)
                .answer("UID COPY 5 \"INBOX\"", "")
                .answer("UID STORE 5 +FLAGS.SILENT (\\Deleted)", "")
                .bye(),
        ],
    )
    .await;
    let id = mailbox.list("inbox").await[0]["id"].clone();
    let moved = mailbox.archive(&id).await;
    mailbox.home.must("undo_run", json!({"id": moved["undo"]})).await;
    mailbox.home.carried().await;
    server.finish().await.unwrap();
}
