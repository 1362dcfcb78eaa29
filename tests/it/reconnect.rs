//! Signing in again: what is here stays, and the old way in until the new one is proved.

use mailroom_model::ErrorCode;
use mailroom_store::Store;
use mailroom_tests::script::{Script, ScriptServer};
use mailroom_vault::{SecretKey, SecretPurpose, Vault as _};
use serde_json::{Value, json};

use crate::mailbox::{ANNA, Dialogue, Mailbox, first_look, message};

/// The server says which numbers the inbox has.
fn inbox(validity: u32, next: u32) -> Script {
    Script::new().answer(
        "STATUS \"INBOX\" (MESSAGES UIDNEXT UIDVALIDITY UNSEEN)",
        &format!("* STATUS \"INBOX\" (MESSAGES 4 UIDNEXT {next} UIDVALIDITY {validity} UNSEEN 0)\r\n"),
    )
}

fn sign_in() -> Value {
    json!({"address": ANNA, "sign_in": {"kind": "password", "password": "new"}})
}

async fn password(mailbox: &Mailbox) -> String {
    let key = SecretKey::new(ANNA, SecretPurpose::Password);
    let kept = mailbox.home.vault.get(&key).await.unwrap().unwrap();
    kept.expose().clone()
}

/// Everything that a new sign-in has no business with.
async fn everything_else(mailbox: &Mailbox) -> (Value, Value, String) {
    let messages = json!(mailbox.list("inbox").await);
    let outbox = mailbox.home.must("outbox_list", json!({})).await;
    let store = Store::open(&mailbox.home.path().join("mailroom.db"))
        .await
        .unwrap();
    let account = store.accounts().list().await.unwrap().remove(0);
    let folders = store.folders().list(account.id).await.unwrap();
    let rest = format!(
        "{:?} {:?} {:?} {folders:?}",
        account.period, account.folders, account.options
    );
    store.close().await;
    (messages, outbox, rest)
}

/// A mailbox with four messages whose server then says this, connection after connection.
async fn loaded(scripts: Vec<Script>) -> (Mailbox, ScriptServer) {
    let mut all = vec![first_look(4, &[])];
    all.extend(scripts);
    let (mailbox, server) = Mailbox::looked_at("", all).await;
    let change = json!({"address": ANNA, "interval_min": 33, "sending": false});
    mailbox.home.must("account_update", change).await;
    (mailbox, server)
}

#[tokio::test]
async fn same_mailbox_goes_on_where_it_was_with_the_new_password() {
    let (mailbox, server) = loaded(vec![inbox(7, 9).bye()]).await;
    let before = everything_else(&mailbox).await;
    mailbox.home.must("account_signin", sign_in()).await;
    assert_eq!(password(&mailbox).await, "new");
    assert_eq!(everything_else(&mailbox).await, before);
    server.finish().await.unwrap();
}

#[tokio::test]
async fn other_mailbox_is_refused_and_the_old_way_in_stays() {
    let none = |uid: u32| {
        let key = format!("UID SEARCH HEADER \"Message-ID\" \"<m{uid}@example.org>\"");
        Script::new().answer(&key, "* SEARCH\r\n")
    };
    let (mailbox, server) = loaded(vec![
        // Fewer numbers were given than messages have come from it.
        inbox(7, 2).bye(),
        // New numbers, and none of the newest messages.
        inbox(8, 90)
            .open("INBOX", 80, 90)
            .followed_by(none(4))
            .followed_by(none(3))
            .followed_by(none(2))
            .bye(),
    ])
    .await;
    let before = everything_else(&mailbox).await;
    for _ in 0..2 {
        let error = mailbox.home.call("account_signin", sign_in()).await.unwrap_err();
        assert_eq!(error.code, ErrorCode::OauthWrongMailbox);
        assert_eq!(json!(error.params), json!({"asked": ANNA}));
        assert_eq!(password(&mailbox).await, "secret");
    }
    assert_eq!(everything_else(&mailbox).await, before);
    server.finish().await.unwrap();
}

#[tokio::test]
async fn rebuilt_mailbox_is_known_by_its_messages() {
    let found = "UID SEARCH HEADER \"Message-ID\" \"<m4@example.org>\"";
    let (mailbox, server) = loaded(vec![
        inbox(8, 5)
            .open("INBOX", 4, 5)
            .answer(found, "* SEARCH 4\r\n")
            .bye(),
    ])
    .await;
    assert!(message(4).contains("<m4@example.org>"));
    mailbox.home.must("account_signin", sign_in()).await;
    assert_eq!(password(&mailbox).await, "new");
    server.finish().await.unwrap();
}

#[tokio::test]
async fn new_way_in_that_cannot_be_kept_as_a_whole_leaves_the_old_one() {
    let (mailbox, server) = loaded(vec![inbox(7, 5).bye()]).await;
    mailbox.home.vault.keep_all();
    let code = mailbox.home.fails("account_signin", sign_in()).await;
    assert_eq!(code, ErrorCode::VaultDenied);
    assert_eq!(password(&mailbox).await, "secret");
    server.finish().await.unwrap();
}
