//! What servers and networks do now and then: mended by the next connection, told nowhere, asked no more often than needed.

use mailroom_api::CancellationToken;
use mailroom_api::dto::EventView;
use mailroom_model::ErrorCode;
use mailroom_tests::script::{Script, ScriptServer, Step};
use serde_json::{Value, json};

use crate::mailbox::{Dialogue, Mailbox, body};

/// A look at an inbox with one message, up to the answer that brings it.
fn up_to_the_message() -> Script {
    Script::new()
        .folders(&["INBOX"])
        .open("INBOX", 1, 2)
        .answer("UID SEARCH ALL", "* SEARCH 1\r\n")
        .facts("1", &[1])
        .command_prefix("UID FETCH 1 ")
}

#[tokio::test]
async fn connection_that_breaks_in_a_folder_is_replaced_and_told_nowhere() {
    let half = body(1);
    let half = &half[..half.len() / 2];
    let cases = [
        ("closed", up_to_the_message().then(Step::Close)),
        ("reset", up_to_the_message().then(Step::Reset)),
        (
            "cut in a literal",
            up_to_the_message().send(half).then(Step::Close),
        ),
        (
            "goodbye",
            up_to_the_message().send("* BYE restarting\r\n").then(Step::Close),
        ),
    ];
    for (name, broken) in cases {
        let mailbox = Mailbox::new();
        let whole = Script::new()
            .open("INBOX", 1, 2)
            .answer("UID SEARCH ALL", "* SEARCH 1\r\n")
            .facts("1", &[1])
            .bodies("1", &[1])
            .bye();
        let server = mailbox.imap("", vec![broken, whole]).await;
        mailbox.connect(server.port(), None).await;
        let syncing = mailbox.home.call("sync_run", json!({}));
        let (reports, faults) = mailbox
            .home
            .during(syncing, |event| match event {
                EventView::FolderSynced { error, .. } => error,
                _ => None,
            })
            .await;
        let reports = reports.unwrap();
        assert!(!reports.to_string().contains("\"code\""), "{name}: {reports}");
        assert_eq!(faults.len(), 0, "{name}: {faults:?}");
        assert_eq!(mailbox.list("inbox").await.len(), 1, "{name}");
        server.finish().await.unwrap();
    }
}

async fn account(mailbox: &Mailbox) -> Value {
    mailbox.home.must("account_list", json!({})).await[0].clone()
}

#[tokio::test]
async fn one_failure_of_a_watched_account_is_no_alarm() {
    let mailbox = Mailbox::new();
    let broken = || Script::new().command("LIST \"\" \"*\"").then(Step::Close);
    let server = mailbox.imap("", vec![broken(), broken()]).await;
    mailbox.connect(server.port(), None).await;
    let cancel = CancellationToken::new();
    let watching = mailbox.home.call_until("sync_watch", json!({}), cancel.clone());
    let (_, ends) = mailbox
        .home
        .during(watching, |event| match event {
            EventView::SyncEnded { error, .. } => {
                cancel.cancel();
                Some(error.map(|error| error.code))
            }
            _ => None,
        })
        .await;
    assert_eq!(ends, [Some(ErrorCode::ConnectionLost)], "who looks sees it");
    let shown = account(&mailbox).await;
    assert_eq!(
        (&shown["state"], &shown["error"]),
        (&json!("working"), &Value::Null),
        "it is looked at again in seconds: {shown}"
    );
    // Whoever asks by hand, with nobody to ask again, is told, and so is who looks later.
    let report = mailbox.sync().await;
    assert_eq!(report["error"]["code"], "connection_lost", "{report}");
    assert_eq!(account(&mailbox).await["error"]["code"], "connection_lost");
    server.finish().await.unwrap();
}

#[tokio::test]
async fn server_that_lets_nobody_in_for_now_is_asked_once_and_needs_no_sign_in() {
    let cases = [
        ("NO [LIMIT] too many", "too_many_connections"),
        ("NO [INUSE] locked", "server_unavailable"),
        ("NO [UNAVAILABLE] maintenance", "server_unavailable"),
    ];
    for (refusal, code) in cases {
        let mailbox = Mailbox::new();
        let script = Script::new()
            .start_tls(&mailbox.identity)
            .send("* OK [CAPABILITY IMAP4rev1 SASL-IR AUTH=PLAIN] hello\r\n")
            .command_prefix("AUTHENTICATE PLAIN ")
            .send(format!("{{tag}} {refusal}\r\n"))
            .then(Step::End);
        let server = ScriptServer::start(vec![script]).await.unwrap();
        mailbox.connect(server.port(), None).await;
        let report = mailbox.sync().await;
        assert_eq!(report["error"]["code"], code, "{refusal}: {report}");
        assert_eq!(account(&mailbox).await["state"], "working", "{refusal}");
        server.finish().await.unwrap();
    }
}
