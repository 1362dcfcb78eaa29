//! Removing an account, with a receipt; and the sign-in alone.

use std::future::poll_fn;
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;

use mailroom_model::{ErrorCode, Secret};
use mailroom_store::Store;
use mailroom_tests::eventually;
use mailroom_tests::script::{Script, ScriptServer, Step};
use mailroom_vault::{SecretKey, SecretPurpose, Vault};
use serde_json::{Value, json};
use tokio::sync::Notify;

use crate::mailbox::{ANNA, Mailbox, first_look};
use crate::settings::{rested, watch};

fn answer(status: &str, body: &Value) -> String {
    let body = body.to_string();
    format!(
        "HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    )
}

fn revoked() -> Script {
    Script::new()
        .request("POST /revoke")
        .send(answer("200 OK", &json!({})))
}

fn refused() -> Script {
    Script::new()
        .request("POST /token")
        .send(answer("400 Bad Request", &json!({"error": "invalid_grant"})))
}

fn renewed(token: &str) -> Script {
    let tokens =
        json!({"access_token": token, "refresh_token": token, "token_type": "Bearer", "expires_in": 3600});
    Script::new()
        .request("POST /token")
        .send(answer("200 OK", &tokens))
}

/// A mailbox whose grants are ended by the same server that renews them.
async fn with_grant(issuer: &ScriptServer) -> Mailbox {
    let mailbox = Mailbox::new();
    mailbox.connect_by_token(1, issuer.port()).await;
    change_options(&mailbox, |options| {
        options["oauth"]["endpoints"]["revoke"] = json!(format!("http://127.0.0.1:{}/revoke", issuer.port()));
    })
    .await;
    mailbox
}

async fn change_options(mailbox: &Mailbox, change: impl FnOnce(&mut Value)) {
    let store = Store::open(&mailbox.home.path().join("mailroom.db"))
        .await
        .unwrap();
    let account = store.accounts().list().await.unwrap().remove(0);
    let mut options = account.options;
    change(&mut options);
    store.accounts().set_options(account.id, &options).await.unwrap();
    store.close().await;
}

fn line<'r>(receipt: &'r Value, what: &str) -> &'r Value {
    let lines = receipt["lines"].as_array().unwrap();
    lines
        .iter()
        .find(|line| line["what"] == what)
        .unwrap_or(&Value::Null)
}

#[tokio::test]
async fn grant_is_ended_only_when_it_renews_no_more() {
    for (scripts, whereabouts, complete) in [
        (vec![revoked(), refused()], "gone", true),
        (vec![revoked(), renewed("a"), revoked(), refused()], "gone", true),
        (
            vec![revoked(), renewed("a"), revoked(), renewed("b")],
            "left",
            false,
        ),
    ] {
        let issuer = ScriptServer::start(scripts).await.unwrap();
        let mailbox = with_grant(&issuer).await;
        let receipt = mailbox
            .home
            .must("account_remove", json!({"address": ANNA}))
            .await;
        issuer.finish().await.unwrap();
        let grant = line(&receipt, "grant");
        assert_eq!(grant["whereabouts"], whereabouts, "{receipt}");
        assert_eq!(receipt["revoked"], complete);
        assert_eq!(receipt["complete"], complete);
        if !complete {
            assert_eq!(
                grant["page"], "https://myaccount.google.com/connections",
                "{receipt}"
            );
        }
        for what in [
            "secrets",
            "messages",
            "words",
            "operations",
            "outbox",
            "drafts",
            "settings",
            "registration",
        ] {
            assert_eq!(line(&receipt, what)["whereabouts"], "gone", "{what} {receipt}");
        }
        assert_eq!(mailbox.home.vault.count(), 0);
        assert_eq!(mailbox.home.must("account_list", json!({})).await, json!([]));
    }
}

#[tokio::test]
async fn service_that_does_not_answer_keeps_nothing_here_and_names_the_page() {
    let issuer = ScriptServer::start(vec![
        Script::new()
            .request("POST /revoke")
            .send(answer("503 Busy", &json!({}))),
    ])
    .await
    .unwrap();
    let mailbox = with_grant(&issuer).await;
    let receipt = mailbox
        .home
        .must("account_remove", json!({"address": ANNA}))
        .await;
    assert_eq!(
        (
            &receipt["revoked"],
            &receipt["complete"],
            &receipt["secrets_removed"]
        ),
        (&json!(false), &json!(false), &json!(true)),
        "{receipt}"
    );
    assert_eq!(receipt["revoke_error"]["code"], "oauth_server_error");
    assert_eq!(
        line(&receipt, "grant")["page"],
        "https://myaccount.google.com/connections"
    );
    assert_eq!(mailbox.home.vault.count(), 0);
}

#[tokio::test]
async fn removal_that_was_cut_off_is_finished_at_the_next_start() {
    let asked = Arc::new(Notify::new());
    let issuer = ScriptServer::start(vec![
        // The first attempt never hears an answer.
        Script::new()
            .request("POST /revoke")
            .then(Step::Tell(asked.clone()))
            .then(Step::Stall),
        revoked(),
        refused(),
    ])
    .await
    .unwrap();
    let mut mailbox = with_grant(&issuer).await;
    let removing = mailbox.home.call("account_remove", json!({"address": ANNA}));
    tokio::select! {
        done = removing => panic!("{done:?}"),
        () = asked.notified() => {}
    }
    assert_eq!(
        mailbox.home.vault.count(),
        1,
        "the secret is needed to end the grant"
    );
    mailbox.home.restart().await;
    // The account is out of sight from the beginning; the rest follows by itself.
    assert_eq!(mailbox.home.must("account_list", json!({})).await, json!([]));
    let receipts = ended_removal(&mailbox).await;
    issuer.finish().await.unwrap();
    let receipt = &receipts[0];
    assert_eq!(
        (&receipt["address"], &receipt["was_resumed"], &receipt["complete"]),
        (&json!(ANNA), &json!(true), &json!(true)),
        "{receipt}"
    );
    assert_eq!(line(receipt, "grant")["whereabouts"], "gone");
    assert_eq!(mailbox.home.vault.count(), 0);
    mailbox.home.must("removal_seen", json!({"address": ANNA})).await;
    mailbox.home.restart().await;
    assert_eq!(mailbox.home.must("removal_receipts", json!({})).await, json!([]));
}

/// The receipts, as soon as there is one.
async fn ended_removal(mailbox: &Mailbox) -> Value {
    let mut receipts = json!([]);
    eventually("the end of the removal", async || {
        receipts = mailbox.home.must("removal_receipts", json!({})).await;
        receipts != json!([])
    })
    .await;
    receipts
}

/// Polls `work` at most `limit` times, then drops it where it stands; gives how often it was polled when it ended before.
async fn polled(work: impl Future, limit: usize) -> Option<usize> {
    let mut work = pin!(work);
    let mut polls = 0;
    poll_fn(|context| {
        if polls == limit {
            return Poll::Ready(None);
        }
        polls += 1;
        work.as_mut().poll(context).map(|_| Some(polls))
    })
    .await
}

/// Moments at which a removal is cut off, spread over all of its steps.
const CUTS: usize = 10;

/// Removes the account, or its sign-in alone, polled at most `limit` times; the next start finds what it left. Gives how
/// often it was polled, when it ended, and whether it had begun.
async fn remove_until(limit: usize, keeps_mail: bool) -> (Option<usize>, bool) {
    let mut mailbox = Mailbox::new();
    mailbox.connect(1, None).await;
    let payload = json!({"address": ANNA, "messages": !keeps_mail});
    let polls = polled(mailbox.home.call("account_remove", payload), limit).await;
    mailbox.home.engine.close().await;
    let store = Store::open(&mailbox.home.path().join("mailroom.db"))
        .await
        .unwrap();
    let note: Option<Value> = store.settings().get("removals").await.unwrap();
    let receipts: Option<Value> = store.settings().get("removal_receipts").await.unwrap();
    store.close().await;
    let has_begun = note.is_some() || receipts.is_some();
    mailbox.home.restart().await;
    let states = async || {
        let accounts = mailbox.home.must("account_list", json!({})).await;
        let accounts = accounts.as_array().unwrap().iter();
        accounts
            .map(|account| account["state"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    if !has_begun {
        assert_eq!(states().await, ["working"], "{limit}");
        assert_eq!(mailbox.home.vault.count(), 1, "{limit}");
        return (polls, false);
    }
    let receipts = ended_removal(&mailbox).await;
    let receipt = &receipts[0];
    assert_eq!(receipt["complete"], true, "{limit} {receipt}");
    assert!(
        note.is_some() || receipt["was_resumed"] == false,
        "{limit} {receipt}"
    );
    let secrets = line(receipt, "secrets");
    assert_eq!(secrets["whereabouts"], "gone", "{limit} {receipt}");
    assert_eq!(mailbox.home.vault.count(), 0, "{limit}");
    let expected: &[&str] = if keeps_mail { &["signed-out"] } else { &[] };
    assert_eq!(states().await, expected, "{limit}");
    (polls, true)
}

#[tokio::test]
async fn removal_that_was_cut_off_anywhere_is_finished_or_was_never_begun() {
    for keeps_mail in [false, true] {
        let (polls, _) = remove_until(usize::MAX, keeps_mail).await;
        let polls = polls.unwrap();
        assert!(polls > CUTS, "{polls}");
        let mut begun = 0;
        for cut in 0..CUTS {
            let (_, has_begun) = remove_until(polls * cut / CUTS, keeps_mail).await;
            begun += usize::from(has_begun);
        }
        assert!((1..CUTS).contains(&begun), "{begun} of {CUTS} had begun");
    }
}

#[tokio::test]
async fn address_added_anew_before_the_rest_is_done_keeps_its_secrets() {
    let asked = Arc::new(Notify::new());
    let issuer = ScriptServer::start(vec![
        Script::new()
            .request("POST /revoke")
            .then(Step::Tell(asked.clone()))
            .then(Step::Stall),
    ])
    .await
    .unwrap();
    let mut mailbox = with_grant(&issuer).await;
    let removing = mailbox.home.call("account_remove", json!({"address": ANNA}));
    tokio::select! {
        done = removing => panic!("{done:?}"),
        () = asked.notified() => {}
    }
    mailbox.home.engine.close().await;
    let key = SecretKey::new(ANNA, SecretPurpose::OauthTokens);
    mailbox.home.vault.remove(&key).await.unwrap();
    mailbox.connect(1, None).await;
    mailbox.home.restart().await;
    mailbox.home.must("account_list", json!({})).await;
    ended_removal(&mailbox).await;
    let key = SecretKey::new(ANNA, SecretPurpose::Password);
    assert_eq!(
        mailbox.home.vault.get(&key).await.unwrap(),
        Some(Secret::new("secret".to_owned()))
    );
    assert_eq!(
        mailbox
            .home
            .must("account_list", json!({}))
            .await
            .as_array()
            .unwrap()
            .len(),
        1
    );
}

#[tokio::test]
async fn mail_that_is_kept_stays_readable_without_a_sign_in() {
    let (mailbox, server) = Mailbox::looked_at("", vec![first_look(1, &[])]).await;
    server.finish().await.unwrap();
    let before = mailbox.list("inbox").await;
    let payload = json!({"address": ANNA, "messages": false});
    let receipt = mailbox.home.must("account_remove", payload).await;
    assert_eq!(
        (&receipt["keeps_mail"], &receipt["complete"], &receipt["messages"]),
        (&json!(true), &json!(true), &json!(0)),
        "{receipt}"
    );
    let messages = line(&receipt, "messages");
    assert_eq!(
        (&messages["whereabouts"], &messages["count"]),
        (&json!("stays"), &json!(1))
    );
    assert_eq!(line(&receipt, "secrets")["whereabouts"], "gone");
    assert_eq!(mailbox.home.vault.count(), 0);
    let account = &mailbox.home.must("account_list", json!({})).await[0];
    assert_eq!(account["state"], "signed-out");
    assert_eq!(account["condition"], "switched-off", "nobody is missed");
    let journals = mailbox.home.must("journal_get", json!({})).await;
    assert_eq!(journals[0]["entries"][0]["kind"], "signed_out");
    assert_eq!(account["error"], Value::Null);
    assert_eq!(mailbox.list("inbox").await, before);
    // Nobody is asked: the script is over.
    assert_eq!(mailbox.sync().await["error"]["code"], "sign_in_again");
    let set_up = json!({"address": ANNA, "setup_done": true});
    mailbox.home.must("account_update", set_up).await;
    let seen = watch(&mailbox, |event| rested(event, "manual")).await;
    assert_eq!(seen, ["manual"], "it is not looked at");
    let account = &mailbox.home.must("account_list", json!({})).await[0];
    assert_eq!(
        (&account["state"], &account["error"]),
        (&json!("signed-out"), &Value::Null)
    );
    assert_eq!(mailbox.home.must("journal_get", json!({})).await, journals);
}

#[tokio::test]
async fn preview_counts_what_waits_and_changes_nothing() {
    let (mailbox, server) = Mailbox::looked_at("", vec![first_look(1, &[])]).await;
    server.finish().await.unwrap();
    let id = mailbox.list("inbox").await[0]["id"].clone();
    mailbox
        .home
        .must(
            "message_mark",
            json!({"ids": [id], "add": ["\\Flagged"], "remove": []}),
        )
        .await;
    let preview = mailbox
        .home
        .must("removal_preview", json!({"address": ANNA}))
        .await;
    assert_eq!(
        (
            &preview["messages"],
            &preview["has_other"],
            &preview["ends_grant"],
            &preview["auth"],
            &preview["server"]
        ),
        (
            &json!(1),
            &json!(false),
            &json!(false),
            &json!("password"),
            &json!("localhost")
        ),
        "{preview}"
    );
    assert_eq!(preview["operations"].as_array().unwrap().len(), 1, "{preview}");
    assert_eq!(mailbox.list("inbox").await.len(), 1);
    let nobody = json!({"address": "nobody@x.pl"});
    assert_eq!(
        mailbox.home.fails("removal_preview", nobody).await,
        ErrorCode::AccountMissing
    );
}
