//! Messages that are held back so that they can be taken back, when the program ends meanwhile.

use std::time::Duration;

use mailroom_api::CancellationToken;
use mailroom_api::dto::EventView;
use mailroom_engine::EndLimits;
use mailroom_model::Clock as _;
use mailroom_policy::Policy;
use mailroom_store::Store;
use mailroom_tests::script::{Script, ScriptServer, Step};
use serde_json::{Value, json};

use crate::mailbox::{ANNA, Dialogue, Mailbox};

/// Writes a message and presses "send"; gives its entry.
async fn send(mailbox: &Mailbox) -> Value {
    send_text(mailbox, "Text.").await
}

async fn send_text(mailbox: &Mailbox, text: &str) -> Value {
    let home = &mailbox.home;
    let draft = home
        .must("draft_open", json!({"kind": "new", "from": ANNA}))
        .await;
    let text = json!({
        "id": draft["id"], "from": ANNA, "to": ["bob@example.org"], "cc": [], "bcc": [], "subject": "one",
        "text": text, "html": null, "upload": false,
    });
    home.must("draft_save", text).await;
    let entry = home.must("draft_send", json!({"id": draft["id"]})).await;
    assert_eq!(entry["state"], "queued");
    entry
}

/// A server that takes one message.
fn taken(mailbox: &Mailbox) -> Script {
    mailbox
        .smtp_up_to_the_dot()
        .send("250 2.0.0 taken\r\n")
        .line("QUIT")
        .send("221 bye\r\n")
}

/// Watches until something is told of the outbox; gives the state.
async fn watch_outbox(mailbox: &Mailbox) -> Vec<String> {
    let cancel = CancellationToken::new();
    let watching = mailbox.home.call_until("sync_watch", json!({}), cancel.clone());
    let (watched, states) = mailbox
        .home
        .during(watching, |event| match event {
            EventView::OutboxChanged { state, .. } => {
                cancel.cancel();
                Some(state)
            }
            _ => None,
        })
        .await;
    watched.unwrap();
    states
}

/// The account is only looked at when the person says so.
async fn by_hand(mailbox: &Mailbox) {
    let by_hand = json!({"address": ANNA, "automatic": false});
    mailbox.home.must("account_update", by_hand).await;
}

#[tokio::test]
async fn message_in_the_pause_is_sent_at_the_end_of_the_program() {
    let mut mailbox = Mailbox::new();
    let smtp = ScriptServer::start(vec![taken(&mailbox)]).await.unwrap();
    // Nobody takes a copy there, and nobody tries to put one there at the end.
    mailbox.connect(1, Some(smtp.port())).await;
    send(&mailbox).await;
    mailbox.clock.advance(Duration::from_secs(1));
    mailbox.home.restart().await;
    smtp.finish().await.unwrap();
    let rows = mailbox.home.must("outbox_list", json!({})).await;
    assert_eq!(
        (&rows[0]["state"], &rows[0]["error"]),
        (&json!("sent"), &Value::Null),
        "{rows}"
    );
}

#[tokio::test]
async fn message_to_a_server_that_is_not_reached_in_time_stays_at_the_end_of_the_program() {
    let mut mailbox = Mailbox::new();
    let silent = ScriptServer::start(vec![Script::new().then(Step::Stall)])
        .await
        .unwrap();
    mailbox.connect(1, Some(silent.port())).await;
    let policy = || Policy {
        version: 1,
        ..Policy::default()
    };
    let quick = EndLimits {
        reach: Duration::from_millis(1),
        ..EndLimits::default()
    };
    mailbox.home.reopen(policy(), |edges| edges.end = quick).await;
    send(&mailbox).await;
    mailbox.clock.advance(Duration::from_secs(1));
    mailbox.home.restart().await;
    let rows = mailbox.home.must("outbox_list", json!({})).await;
    assert_eq!(
        (&rows[0]["state"], &rows[0]["attempts"]),
        (&json!("queued"), &json!(0)),
        "{rows}"
    );
}

#[tokio::test]
async fn large_message_is_not_begun_at_the_end_of_the_program() {
    let mut mailbox = Mailbox::new();
    // It would be taken.
    let smtp = ScriptServer::start(vec![taken(&mailbox)]).await.unwrap();
    mailbox.connect(1, Some(smtp.port())).await;
    let text = "A line of a large text.\n".repeat(50_000);
    send_text(&mailbox, &text).await;
    // Its time has come when the program ends, that of the next one has not.
    mailbox.clock.advance(Duration::from_mins(1));
    send_text(&mailbox, &text).await;
    send(&mailbox).await;
    mailbox.clock.advance(Duration::from_secs(1));
    mailbox.home.restart().await;
    smtp.finish().await.unwrap();
    let rows = mailbox.home.must("outbox_list", json!({})).await;
    let ends: Vec<_> = (0..3)
        .map(|row| (&rows[row]["state"], &rows[row]["attempts"]))
        .collect();
    let large = (&json!("queued"), &json!(0));
    assert_eq!(ends, [large, large, (&json!("sent"), &json!(1))], "{rows}");
}

#[tokio::test]
async fn message_that_could_not_be_sent_at_the_end_waits_once_more_and_is_told() {
    let mut mailbox = Mailbox::new();
    mailbox.connect(1, Some(1)).await;
    by_hand(&mailbox).await;
    let entry = send(&mailbox).await;
    mailbox.clock.advance(Duration::from_secs(1));
    mailbox.home.restart().await;
    let rows = mailbox.home.must("outbox_list", json!({})).await;
    assert_eq!(
        (&rows[0]["state"], &rows[0]["attempts"], &rows[0]["left_over"]),
        (&json!("queued"), &json!(0), &json!(false)),
        "{rows}"
    );
    let now = mailbox.clock.advance(Duration::from_hours(72));
    assert_eq!(watch_outbox(&mailbox).await, ["queued"]);
    let rows = mailbox.home.must("outbox_list", json!({})).await;
    assert_eq!(
        (&rows[0]["attempts"], &rows[0]["left_over"], &rows[0]["next_at"]),
        (&json!(0), &json!(true), &json!(now.plus_seconds(30).0)),
        "{rows}"
    );
    let taken_back = json!({"kind": "outbox", "id": entry["id"]});
    let draft = mailbox.home.must("draft_open", taken_back).await;
    assert_eq!(draft["subject"], "one");
    assert_eq!(mailbox.home.must("outbox_list", json!({})).await, json!([]));
}

#[tokio::test]
async fn message_whose_pause_the_end_of_the_program_cut_short_is_told_as_well() {
    let mut mailbox = Mailbox::new();
    mailbox.connect(1, Some(1)).await;
    by_hand(&mailbox).await;
    // At the end it becomes due; the clock stands still, so that is now.
    send(&mailbox).await;
    let path = mailbox.home.path().join("mailroom.db");
    mailbox.home.restart().await;
    let store = Store::open(&path).await.unwrap();
    let account = store.accounts().list().await.unwrap()[0].id;
    let id = store.outbox().list(account).await.unwrap()[0].id;
    let later = mailbox.clock.now().plus_seconds(5);
    assert!(store.outbox().reschedule(id, later).await.unwrap());
    store.close().await;
    assert_eq!(watch_outbox(&mailbox).await, ["queued"]);
    let rows = mailbox.home.must("outbox_list", json!({})).await;
    assert_eq!(
        (&rows[0]["left_over"], &rows[0]["next_at"]),
        (&json!(true), &json!(mailbox.clock.now().plus_seconds(30).0)),
        "{rows}"
    );
}

#[tokio::test]
async fn look_does_not_send_what_an_earlier_program_held_back_until_it_was_told() {
    let mut mailbox = Mailbox::new();
    mailbox.connect(1, Some(1)).await;
    send(&mailbox).await;
    mailbox.clock.advance(Duration::from_secs(1));
    mailbox.home.restart().await;
    let looked = async || {
        mailbox.home.must("sync_run", json!({})).await;
        let rows = mailbox.home.must("outbox_list", json!({})).await;
        (rows[0]["attempts"].clone(), rows[0]["left_over"].clone())
    };
    // Nobody listens on port 1: an attempt would show.
    assert_eq!(looked().await, (json!(0), json!(true)));
    assert_eq!(looked().await, (json!(0), json!(true)));
    mailbox.clock.advance(Duration::from_secs(31));
    // It is tried again by itself like any other message, and not told anew.
    assert_eq!(looked().await, (json!(1), json!(false)));
}

#[tokio::test]
async fn message_of_an_earlier_program_is_sent_when_the_person_says_so() {
    let mut mailbox = Mailbox::new();
    mailbox.connect(1, Some(1)).await;
    let entry = send(&mailbox).await;
    mailbox.clock.advance(Duration::from_secs(1));
    mailbox.home.restart().await;
    mailbox.clock.advance(Duration::from_secs(1));
    let retried = mailbox
        .home
        .must("outbox_retry", json!({"id": entry["id"]}))
        .await;
    assert_eq!(
        (&retried["attempts"], &retried["left_over"]),
        (&json!(1), &json!(false)),
        "{retried}"
    );
}

#[tokio::test]
async fn message_that_was_being_sent_when_the_program_died_is_told_of_at_once() {
    let mailbox = Mailbox::new();
    mailbox.connect(1, Some(1)).await;
    by_hand(&mailbox).await;
    let entry = send(&mailbox).await;
    let path = mailbox.home.path().join("mailroom.db");
    let store = Store::open(&path).await.unwrap();
    let id = mailroom_model::OutboxId(entry["id"].as_i64().unwrap());
    let later = mailbox.clock.now().plus_seconds(3600);
    assert!(store.outbox().begin_sending(id, later).await.unwrap());
    store.close().await;
    // Nothing is due, and nothing else happens to the account.
    assert_eq!(watch_outbox(&mailbox).await, ["unknown"]);
    let rows = mailbox.home.must("outbox_list", json!({})).await;
    assert_eq!(rows[0]["state"], "unknown", "{rows}");
}

#[tokio::test]
async fn message_that_is_sent_and_filed_is_not_kept_twice() {
    let mailbox = Mailbox::new();
    let smtp = ScriptServer::start(vec![taken(&mailbox)]).await.unwrap();
    let look = crate::outbox::look_for_copy(" 4").facts("4", &[]).bye();
    let imap = mailbox.imap("", vec![look, crate::outbox::mirror()]).await;
    mailbox.connect(imap.port(), Some(smtp.port())).await;
    let sent = mailbox.home.must("message_send", crate::outbox::letter()).await;
    assert_eq!(sent["state"], "filed", "{sent}");
    let entries = async || {
        let path = mailbox.home.path().join("mailroom.db");
        let store = Store::open(&path).await.unwrap();
        let id = mailroom_model::OutboxId(sent["id"].as_i64().unwrap());
        let entry = (
            store.outbox().get(id).await.unwrap().is_some(),
            store.outbox().raw(id).await.unwrap().is_some(),
        );
        store.close().await;
        entry
    };
    assert_eq!(
        entries().await,
        (true, true),
        "whoever sent it can read how it ended"
    );
    mailbox.clock.advance(Duration::from_mins(2));
    mailbox.sync_well().await;
    assert_eq!(entries().await, (false, false));
    smtp.finish().await.unwrap();
    imap.finish().await.unwrap();
}
