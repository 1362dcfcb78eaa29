//! Giving up what is being done for an address.

use std::sync::Arc;
use std::time::Duration;

use mailroom_api::ErrorCode;
use mailroom_tests::eventually;
use mailroom_tests::script::{Script, ScriptServer, Step};
use serde_json::{Value, json};
use tokio::sync::Notify;

use crate::mailbox::{ANNA, Dialogue, Mailbox};

/// Longer than any limit of the connections: what waited for one ends with its code, and not as given up.
const PATIENCE: Duration = Duration::from_mins(2);

/// Runs a command; gives it up once the server has been asked `asked`; says how the command ended.
async fn given_up(
    mailbox: &Mailbox,
    server: &ScriptServer,
    command: &str,
    payload: Value,
    asked: &str,
) -> Result<Value, ErrorCode> {
    let giving_up = async {
        eventually("what gives the signal", async || server.heard(asked) > 0).await;
        mailbox
            .home
            .must("account_cancel", json!({"address": ANNA}))
            .await;
    };
    let both = async { tokio::join!(mailbox.home.call(command, payload), giving_up).0 };
    let answer = tokio::time::timeout(PATIENCE, both).await.expect("it ends");
    answer.map_err(|error| error.code)
}

#[tokio::test]
async fn look_at_a_server_that_says_nothing_is_given_up_at_once() {
    let mailbox = Mailbox::new();
    let server = mailbox
        .imap(
            "",
            vec![Script::new().command("LIST \"\" \"*\"").then(Step::Stall)],
        )
        .await;
    mailbox.connect(server.port(), None).await;
    let report = given_up(&mailbox, &server, "sync_run", json!({"address": ANNA}), "LIST").await;
    assert_eq!(report.unwrap()[0]["error"]["code"], "cancelled");
    let accounts = mailbox.home.must("account_list", json!({})).await;
    assert_eq!(accounts[0]["error"], Value::Null, "it is nobody's fault");
}

#[tokio::test]
async fn proofs_of_a_server_that_says_nothing_are_given_up_at_once() {
    let mailbox = Mailbox::new();
    let server = ScriptServer::start(vec![
        Script::new()
            .start_tls(&mailbox.identity)
            .send("* OK [CAPABILITY IMAP4rev1 SASL-IR AUTH=PLAIN] hello\r\n")
            .command("LOGOUT")
            .then(Step::Stall),
        Script::new().then(Step::Stall),
    ])
    .await
    .unwrap();
    mailbox.connect(server.port(), None).await;
    let answer = given_up(
        &mailbox,
        &server,
        "account_test",
        json!({"address": ANNA}),
        "LOGOUT",
    )
    .await;
    assert_eq!(answer.unwrap_err(), ErrorCode::Cancelled);
}

#[tokio::test]
async fn account_whose_server_says_nothing_is_given_up_at_once_and_not_kept() {
    let mailbox = Mailbox::new();
    let server = ScriptServer::start(vec![
        Script::new()
            .start_tls(&mailbox.identity)
            .send("* OK [CAPABILITY IMAP4rev1 SASL-IR AUTH=PLAIN] hello\r\n")
            .command_prefix("AUTHENTICATE PLAIN ")
            .then(Step::Stall),
    ])
    .await
    .unwrap();
    let payload = json!({
        "address": ANNA, "imap": format!("localhost:{}:tls", server.port()),
        "sign_in": {"kind": "password", "password": "secret"},
    });
    let answer = given_up(&mailbox, &server, "account_add", payload, "AUTHENTICATE").await;
    assert_eq!(answer.unwrap_err(), ErrorCode::Cancelled);
    assert_eq!(mailbox.home.must("account_list", json!({})).await, json!([]));
    // Nothing runs: giving up is fine all the same.
    mailbox
        .home
        .must("account_cancel", json!({"address": ANNA}))
        .await;
}

#[tokio::test]
async fn refusal_of_an_old_password_does_not_undo_a_sign_in_made_meanwhile() {
    let mailbox = Mailbox::new();
    let greeting = "* OK [CAPABILITY IMAP4rev1 SASL-IR AUTH=PLAIN] hello\r\n";
    let go_on = Arc::new(Notify::new());
    let server = ScriptServer::start(vec![
        // The look: its password is refused, but late.
        Script::new()
            .start_tls(&mailbox.identity)
            .send(greeting)
            .command_prefix("AUTHENTICATE PLAIN ")
            .then(Step::Wait(go_on.clone()))
            .send("{tag} NO [AUTHENTICATIONFAILED] wrong\r\n")
            .then(Step::End),
        // The person signs in with another one.
        Script::new()
            .start_tls(&mailbox.identity)
            .send(greeting)
            .command_prefix("AUTHENTICATE PLAIN ")
            .send("{tag} OK [CAPABILITY IMAP4rev1] welcome\r\n")
            .bye(),
    ])
    .await
    .unwrap();
    mailbox.connect(server.port(), None).await;
    let looking = mailbox.home.call("sync_run", json!({"address": ANNA}));
    let signing_in = async {
        eventually("what gives the signal", async || server.heard("AUTHENTICATE") > 0).await;
        let sign_in = json!({"kind": "password", "password": "new"});
        mailbox
            .home
            .must("account_signin", json!({"address": ANNA, "sign_in": sign_in}))
            .await;
        go_on.notify_one();
    };
    let (report, ()) = tokio::join!(looking, signing_in);
    assert_eq!(report.unwrap()[0]["error"]["code"], "auth_failed");
    let accounts = mailbox.home.must("account_list", json!({})).await;
    assert_eq!(accounts[0]["state"], "working");
    assert_eq!(accounts[0]["error"], Value::Null);
    server.finish().await.unwrap();
}
