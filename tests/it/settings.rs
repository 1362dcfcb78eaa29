//! Settings: what is chosen is checked, kept, and obeyed.

use mailroom_api::CancellationToken;
use mailroom_api::dto::EventView;
use mailroom_model::ErrorCode;
use mailroom_tests::fault::ClosedPort;
use mailroom_tests::script::{Script, ScriptServer};
use serde_json::{Value, json};

use crate::mailbox::{ANNA, Dialogue, Mailbox};

fn empty_look() -> Script {
    Script::new().folders(&["INBOX"]).open("INBOX", 0, 1).bye()
}

fn wait_for_news() -> Script {
    Script::new()
        .open("INBOX", 0, 1)
        .command("IDLE")
        .send("+ idling\r\n")
        .line("DONE")
        .send("{tag} OK done\r\n")
        .bye()
}

async fn update(mailbox: &Mailbox, field: &str, value: Value) -> Value {
    let mut payload = json!({"address": ANNA});
    payload[field] = value;
    mailbox.home.must("account_update", payload).await
}

/// Watches until `enough`, called with every event, says so. Gives what rests and looks there were, in order.
pub(crate) async fn watch(mailbox: &Mailbox, mut enough: impl FnMut(&EventView) -> bool) -> Vec<String> {
    let cancel = CancellationToken::new();
    let watching = mailbox.home.call_until("sync_watch", json!({}), cancel.clone());
    let (watched, seen) = mailbox
        .home
        .during(watching, |event| {
            if enough(&event) {
                cancel.cancel();
            }
            match event {
                EventView::WatchRested { by, .. } => Some(by),
                EventView::SyncStarted { .. } => Some("look".to_owned()),
                _ => None,
            }
        })
        .await;
    watched.unwrap();
    seen
}

pub(crate) fn rested(event: &EventView, wanted: &str) -> bool {
    matches!(event, EventView::WatchRested { by, .. } if by == wanted)
}

#[tokio::test]
async fn settings_begin_with_defaults_and_keep_what_is_chosen() {
    let mut mailbox = Mailbox::new();
    let defaults = json!({
        "language": "system", "theme": "system", "density": "comfortable", "threads": true, "close_to_tray": false,
        "notify": "inbox", "notify_content": true, "single_keys": true, "read_after_s": 0, "undo_send_s": 10,
        "attachment_reminder": true, "plain_text": false, "updates": false, "updates_changeable": false, "certificate_exceptions": true,
    });
    assert_eq!(mailbox.home.must("settings_get", json!({})).await, defaults);
    let change =
        json!({"language": "pl", "theme": "dark", "read_after_s": -1, "undo_send_s": 0, "notify": "none"});
    let mut events = mailroom_api::subscribe(&mailbox.home.engine);
    let changed = mailbox.home.must("settings_update", change).await;
    let told = events.next().await;
    assert!(matches!(told, Some(EventView::SettingsChanged {})), "{told:?}");
    let mut expected = defaults.clone();
    expected["language"] = json!("pl");
    expected["theme"] = json!("dark");
    expected["read_after_s"] = Value::Null;
    expected["undo_send_s"] = json!(0);
    expected["notify"] = json!("none");
    assert_eq!(changed, expected);
    mailbox.home.restart().await;
    assert_eq!(mailbox.home.must("settings_get", json!({})).await, expected);
    let settings = mailbox.home.engine.settings().await.unwrap();
    assert_eq!((settings.undo_send_s, settings.read_after_s), (0, None));
}

#[tokio::test]
async fn settings_that_cannot_be_are_refused_by_name() {
    let mailbox = Mailbox::new();
    let cases = [
        ("language", json!("de")),
        ("theme", json!("Dark")),
        ("density", json!("")),
        ("notify", json!("some")),
        ("undo_send_s", json!(61)),
        ("read_after_s", json!(3601)),
        // This build names no address.
        ("updates", json!(true)),
    ];
    let before = mailbox.home.must("settings_get", json!({})).await;
    for (field, value) in cases {
        let mut payload = json!({"plain_text": true});
        payload[field] = value;
        let error = mailbox.home.call("settings_update", payload).await.unwrap_err();
        assert_eq!(error.code, ErrorCode::InputInvalid, "{field}");
        assert_eq!(error.params["field"].to_string(), field);
    }
    assert_eq!(mailbox.home.must("settings_get", json!({})).await, before);
}

#[tokio::test]
async fn account_settings_that_cannot_be_are_refused_by_name() {
    let mailbox = Mailbox::new();
    let closed = ClosedPort::take().unwrap();
    mailbox.connect(closed.number().unwrap(), None).await;
    let cases = [
        ("interval_min", json!(0)),
        ("interval_min", json!(1441)),
        ("download_up_to_mb", json!(65)),
        ("notify", json!("loud")),
        ("name", json!("two\nlines")),
        ("name", json!("x".repeat(201))),
        ("period", json!("century")),
        // It has no server for sending.
        ("is_default", json!(true)),
    ];
    let before = mailbox.home.must("account_list", json!({})).await;
    for (field, value) in cases {
        let mut payload = json!({"address": ANNA, "push": false});
        payload[field] = value;
        let error = mailbox.home.call("account_update", payload).await.unwrap_err();
        assert_eq!(error.code, ErrorCode::InputInvalid, "{field}");
        assert_eq!(error.params["field"].to_string(), field);
    }
    assert_eq!(mailbox.home.must("account_list", json!({})).await, before);
}

#[tokio::test]
async fn account_settings_are_kept() {
    let mailbox = Mailbox::new();
    let (imap, smtp) = (ClosedPort::take().unwrap(), ClosedPort::take().unwrap());
    mailbox
        .connect(imap.number().unwrap(), Some(smtp.number().unwrap()))
        .await;
    let before = mailbox.home.must("account_list", json!({})).await[0].clone();
    let fields = [
        "name",
        "setup_done",
        "automatic",
        "interval_min",
        "push",
        "sending",
        "is_default",
        "notify",
    ];
    let shown = |account: &Value| fields.map(|field| account[field].clone());
    assert_eq!(
        shown(&before),
        [
            json!(ANNA),
            json!(true),
            json!(true),
            json!(5),
            json!(true),
            json!(true),
            json!(true),
            json!("default")
        ]
    );
    let payload = json!({
        "address": ANNA, "name": " Work ", "setup_done": false, "automatic": false, "interval_min": 30, "push": false,
        "sending": false, "notify": "all",
    });
    let after = mailbox.home.must("account_update", payload).await;
    assert_eq!(
        shown(&after),
        [
            json!("Work"),
            json!(false),
            json!(false),
            json!(30),
            json!(false),
            json!(false),
            json!(false),
            json!("all")
        ],
        "what cannot send is no default"
    );
    assert_eq!(mailbox.home.must("account_list", json!({})).await[0], after);
}

#[tokio::test]
async fn manual_account_does_not_connect_by_itself_until_the_person_wants_it_otherwise() {
    for field in ["automatic", "setup_done"] {
        let mailbox = Mailbox::new();
        let server = mailbox.imap("IDLE", vec![empty_look(), wait_for_news()]).await;
        mailbox.connect(server.port(), None).await;
        update(&mailbox, field, json!(false)).await;
        let switched = tokio::sync::Notify::new();
        let watching = watch(&mailbox, |event| {
            if rested(event, "manual") {
                switched.notify_one();
            }
            rested(event, "push")
        });
        let switching = async {
            switched.notified().await;
            update(&mailbox, field, json!(true)).await
        };
        let (seen, _) = tokio::join!(watching, switching);
        assert_eq!(seen, ["manual", "look", "push"], "{field}");
        server.finish().await.unwrap();
    }
}

#[tokio::test]
async fn manual_account_is_looked_at_when_the_person_asks() {
    let mailbox = Mailbox::new();
    let server = mailbox.imap("IDLE", vec![empty_look()]).await;
    mailbox.connect(server.port(), None).await;
    update(&mailbox, "automatic", json!(false)).await;
    mailbox.sync_well().await;
    server.finish().await.unwrap();
}

#[tokio::test]
async fn account_without_push_does_not_wait_for_announcements() {
    let mailbox = Mailbox::new();
    // One connection, although the server offers IDLE.
    let server = mailbox.imap("IDLE", vec![empty_look()]).await;
    mailbox.connect(server.port(), None).await;
    update(&mailbox, "push", json!(false)).await;
    let seen = watch(&mailbox, |event| rested(event, "poll")).await;
    assert_eq!(seen, ["look", "poll"]);
    server.finish().await.unwrap();
}

#[tokio::test]
async fn watch_begins_anew_when_push_is_switched_off() {
    let mailbox = Mailbox::new();
    let server = mailbox
        .imap("IDLE", vec![empty_look(), wait_for_news(), empty_look()])
        .await;
    mailbox.connect(server.port(), None).await;
    let waits = tokio::sync::Notify::new();
    let watching = watch(&mailbox, |event| {
        if rested(event, "push") {
            waits.notify_one();
        }
        rested(event, "poll")
    });
    let switching = async {
        waits.notified().await;
        update(&mailbox, "push", json!(false)).await
    };
    let (seen, _) = tokio::join!(watching, switching);
    assert_eq!(seen, ["look", "push", "look", "poll"]);
    server.finish().await.unwrap();
}

#[tokio::test]
async fn account_that_may_not_send_refuses_and_keeps_what_waits() {
    let mailbox = Mailbox::new();
    let imap = mailbox.imap("", vec![empty_look()]).await;
    // Nobody answers there: the message stays in the outbox.
    let closed = ClosedPort::take().unwrap();
    mailbox.connect(imap.port(), Some(closed.number().unwrap())).await;
    let letter = json!({"from": ANNA, "to": ["bob@example.org"], "subject": "one", "text": "Text."});
    let waiting = mailbox.home.must("message_send", letter.clone()).await;
    assert_eq!(waiting["state"], "queued");
    update(&mailbox, "sending", json!(false)).await;
    assert_eq!(
        mailbox.home.fails("message_send", letter).await,
        ErrorCode::SendingDisabled
    );
    assert_eq!(
        mailbox
            .home
            .fails("outbox_retry", json!({"id": waiting["id"]}))
            .await,
        ErrorCode::SendingDisabled
    );
    mailbox.clock.advance(std::time::Duration::from_hours(1));
    let report = mailbox.sync_well().await;
    assert_eq!(report["sent"], 0);
    let outbox = mailbox.home.must("outbox_list", json!({})).await;
    assert_eq!(
        (&outbox[0]["state"], &outbox[0]["attempts"]),
        (&json!("queued"), &waiting["attempts"])
    );
    imap.finish().await.unwrap();
}

#[tokio::test]
async fn identity_is_saved_used_and_removed() {
    let mailbox = Mailbox::new();
    let smtp = ScriptServer::start(vec![
        mailbox
            .smtp_up_to_the_dot()
            .send("554 5.7.1 no\r\n")
            .line("QUIT")
            .send("221 bye\r\n"),
    ])
    .await
    .unwrap();
    let closed = ClosedPort::take().unwrap();
    mailbox.connect(closed.number().unwrap(), Some(smtp.port())).await;
    let save = |address: &str, is_default: bool| {
        json!({
            "account": ANNA, "address": address, "name": "Office", "is_default": is_default,
            "signature": "<p onclick=\"x()\">Regards<script>1</script></p>",
        })
    };
    let account = mailbox
        .home
        .must("identity_save", save("office@mailroom.test", true))
        .await;
    assert_eq!(
        account["identities"],
        json!([
            {"address": "office@mailroom.test", "name": "Office", "is_default": true, "signature": "<p>Regards</p>"},
            {"address": ANNA, "name": "Anna", "is_default": false, "signature": ""},
        ])
    );
    let account = mailbox
        .home
        .must("identity_save", save("office@mailroom.test", false))
        .await;
    assert_eq!(
        account["identities"][0]["address"], ANNA,
        "there always is a default"
    );
    assert_eq!(account["identities"][0]["is_default"], true);
    let letter =
        json!({"from": "office@mailroom.test", "to": ["bob@example.org"], "subject": "s", "text": "t"});
    mailbox.home.must("message_send", letter.clone()).await;
    smtp.finish().await.unwrap();
    assert_eq!(
        mailbox.home.fails("identity_save", save("nobody", true)).await,
        ErrorCode::AddressInvalid
    );
    let remove = |address: &str| json!({"account": ANNA, "address": address});
    assert_eq!(
        mailbox.home.fails("identity_remove", remove(ANNA)).await,
        ErrorCode::InputInvalid
    );
    let account = mailbox
        .home
        .must("identity_remove", remove("office@mailroom.test"))
        .await;
    assert_eq!(account["identities"].as_array().unwrap().len(), 1);
    assert_eq!(
        mailbox.home.fails("message_send", letter).await,
        ErrorCode::AccountMissing
    );
}

#[tokio::test]
async fn pictures_of_an_allowed_sender_are_shown_unless_the_server_doubts_it() {
    let mailbox = Mailbox::new();
    let message = |uid: u32, results: &str| {
        let raw = format!("{results}From: News <News@Example.org>\r\nSubject: {uid}\r\n\r\nText.\r\n");
        (
            format!(
                "* {uid} FETCH (UID {uid} FLAGS () INTERNALDATE \"20-Nov-2026 10:00:00 +0000\" RFC822.SIZE {})\r\n",
                raw.len()
            ),
            format!(
                "* {uid} FETCH (UID {uid} FLAGS () INTERNALDATE \"20-Nov-2026 10:00:00 +0000\" RFC822.SIZE {} BODY[] {{{}}}\r\n{raw})\r\n",
                raw.len(),
                raw.len()
            ),
        )
    };
    let good = message(1, "");
    let bad = message(2, "Authentication-Results: mx.mailroom.test; dmarc=fail\r\n");
    let server = mailbox
        .imap(
            "",
            vec![
                Script::new()
                    .folders(&["INBOX"])
                    .open("INBOX", 2, 3)
                    .answer("UID SEARCH ALL", "* SEARCH 1 2\r\n")
                    .answer(
                        "UID FETCH 1:2 (UID FLAGS INTERNALDATE RFC822.SIZE)",
                        &format!("{}{}", good.0, bad.0),
                    )
                    .answer(
                        &format!("UID FETCH 1:2 {}", crate::mailbox::BODIES),
                        &format!("{}{}", good.1, bad.1),
                    )
                    .bye(),
            ],
        )
        .await;
    mailbox.connect(server.port(), None).await;
    mailbox.sync_well().await;
    server.finish().await.unwrap();
    let rows = mailbox.list("inbox").await;
    let allowed = || async {
        let mut allowed = Vec::new();
        for row in &rows {
            let shown = mailbox.home.must("message_show", json!({"id": row["id"]})).await;
            allowed.push((shown["subject"].clone(), shown["pictures_allowed"].clone()));
        }
        allowed.sort_by_key(|(subject, _)| subject.to_string());
        allowed
    };
    let expected = |first: bool| [(json!("1"), json!(first)), (json!("2"), json!(false))];
    assert_eq!(allowed().await, expected(false));
    mailbox
        .home
        .must("sender_allow", json!({"address": "NEWS@example.org"}))
        .await;
    assert_eq!(allowed().await, expected(true));
    assert_eq!(
        mailbox.home.must("sender_list", json!({})).await,
        json!([{"address": "news@example.org"}])
    );
    mailbox
        .home
        .must("sender_forget", json!({"address": "news@EXAMPLE.org"}))
        .await;
    assert_eq!(allowed().await, expected(false));
}
