//! Messages on their way out, where servers leave in the middle.

use mailroom_tests::script::{Script, ScriptServer, Step};
use serde_json::{Value, json};

use crate::mailbox::{Dialogue, Mailbox};

const FOLDERS: &[&str] = &["INBOX", "\\Sent Sent"];

pub(crate) fn letter() -> Value {
    json!({"from": crate::mailbox::ANNA, "to": ["bob@example.org"], "subject": "one", "text": "Text."})
}

/// A look into Sent for the copy.
pub(crate) fn look_for_copy(found: &str) -> Script {
    Script::new().folders(FOLDERS).open("Sent", 0, 1).answer_prefix(
        "UID SEARCH HEADER \"Message-ID\" ",
        &format!("* SEARCH{found}\r\n"),
    )
}

/// A look at the account's mail.
pub(crate) fn mirror() -> Script {
    Script::new()
        .folders(FOLDERS)
        .open("INBOX", 0, 1)
        .open("Sent", 0, 1)
        .bye()
}

#[tokio::test]
async fn message_of_unknown_fate_is_never_sent_again_and_filed_when_its_copy_turns_up() {
    let mut mailbox = Mailbox::new();
    // One connection: a second attempt would find nobody, and would show.
    let smtp = ScriptServer::start(vec![mailbox.smtp_up_to_the_dot().then(Step::Close)])
        .await
        .unwrap();
    let imap = mailbox
        .imap(
            "",
            vec![
                look_for_copy("").bye(),
                mirror(),
                look_for_copy("").bye(),
                mirror(),
                look_for_copy("").bye(),
                mirror(),
                // It is in the folder, and gone before it can be shown.
                look_for_copy(" 4").facts("4", &[]).bye(),
            ],
        )
        .await;
    mailbox.connect(imap.port(), Some(smtp.port())).await;
    let sent = mailbox.home.must("message_send", letter()).await;
    assert_eq!(sent["state"], "unknown", "{sent}");
    assert_eq!(sent["error"]["code"], "send_outcome_unknown");
    let mut still_unknown = async || {
        mailbox.clock.advance(std::time::Duration::from_hours(1));
        mailbox.sync_well().await;
        let rows = mailbox.home.must("outbox_list", json!({})).await;
        assert_eq!(
            (&rows[0]["state"], &rows[0]["attempts"]),
            (&json!("unknown"), &json!(1)),
            "{rows}"
        );
        mailbox.home.restart().await;
    };
    still_unknown().await;
    still_unknown().await;
    mailbox.sync_well().await;
    assert_eq!(mailbox.home.must("outbox_list", json!({})).await, json!([]));
    smtp.finish().await.unwrap();
    imap.finish().await.unwrap();
}

#[tokio::test]
async fn copy_that_cannot_be_filed_says_why_and_is_filed_once_later() {
    let mailbox = Mailbox::new();
    let accepted = mailbox
        .smtp_up_to_the_dot()
        .send("250 2.0.0 taken\r\n")
        .line("QUIT")
        .send("221 bye\r\n");
    let smtp = ScriptServer::start(vec![accepted]).await.unwrap();
    let append = "APPEND \"Sent\" (\\Seen) ";
    let imap = mailbox
        .imap(
            "",
            vec![
                look_for_copy("")
                    .command_prefix(append)
                    .send("{tag} NO [OVERQUOTA] the mailbox is full\r\n")
                    .bye(),
                mirror(),
                look_for_copy("")
                    .command_prefix(append)
                    .send("+ go on\r\n")
                    .then(Step::Bytes(64))
                    // The server took it; its answer is lost.
                    .then(Step::Close),
                mirror(),
                look_for_copy(" 9").facts("9", &[]).bye(),
            ],
        )
        .await;
    mailbox.connect(imap.port(), Some(smtp.port())).await;
    let sent = mailbox.home.must("message_send", letter()).await;
    assert_eq!(
        (&sent["state"], &sent["error"]["code"]),
        (&json!("sent"), &json!("over_quota")),
        "{sent}"
    );
    mailbox.sync_well().await;
    let rows = mailbox.home.must("outbox_list", json!({})).await;
    assert_eq!(
        (&rows[0]["state"], &rows[0]["error"]["code"]),
        (&json!("sent"), &json!("connection_lost")),
        "{rows}"
    );
    mailbox.sync_well().await;
    assert_eq!(
        mailbox.home.must("outbox_list", json!({})).await,
        json!([]),
        "found, so it is not put there again"
    );
    smtp.finish().await.unwrap();
    imap.finish().await.unwrap();
}

#[tokio::test]
async fn message_that_was_held_by_a_refused_sign_in_waits_to_be_sent_after_the_next_one() {
    let mailbox = Mailbox::new();
    let greeted = || {
        Script::new()
            .start_tls(&mailbox.identity)
            .send("220 mailroom.test ESMTP\r\n")
            .prefix("EHLO ")
            .send("250-mailroom.test\r\n250 AUTH PLAIN\r\n")
            .prefix("AUTH PLAIN ")
    };
    let smtp = ScriptServer::start(vec![
        greeted().send("535 5.7.8 not you\r\n"),
        greeted()
            .send("235 2.7.0 welcome\r\n")
            .line("QUIT")
            .send("221 bye\r\n"),
    ])
    .await
    .unwrap();
    let imap = mailbox.imap("", vec![Script::new().bye()]).await;
    mailbox.connect(imap.port(), Some(smtp.port())).await;
    let held = mailbox.home.must("message_send", letter()).await;
    assert_eq!(
        (&held["state"], &held["error"]["code"]),
        (&json!("failed"), &json!("auth_failed"))
    );
    let sign_in = json!({"kind": "password", "password": "new"});
    mailbox
        .home
        .must(
            "account_signin",
            json!({"address": crate::mailbox::ANNA, "sign_in": sign_in}),
        )
        .await;
    let rows = mailbox.home.must("outbox_list", json!({})).await;
    assert_eq!(rows[0]["state"], "queued", "{rows}");
    smtp.finish().await.unwrap();
    imap.finish().await.unwrap();
}
