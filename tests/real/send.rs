//! Sending: once, filed once, and every refusal with its reason.

use serde_json::{Value, json};

use crate::desk::{ALICE, BOB, Desk, message, text};

fn letter(to: &str, subject: &str) -> Value {
    json!({"from": ALICE, "to": [to], "subject": subject, "text": "Cześć,\n\nпривет.\n"})
}

#[tokio::test]
async fn message_arrives_and_its_copy_is_filed_once() {
    let desk = Desk::new();
    desk.add(ALICE).await;
    desk.add(BOB).await;
    let file = desk.home.path().join("umowa.pdf");
    std::fs::write(&file, b"%PDF-1.4 small").unwrap();
    let mut payload = letter("Bob Ważny <bob@mailroom.test>", "Umowa i żółw");
    payload["html"] = json!("<p>Cześć, <b>привет</b></p>");
    payload["attachments"] = json!([file]);
    let sent = desk.home.must("message_send", payload).await;
    assert_eq!(sent["state"], "filed", "{sent}");
    assert_eq!(desk.count(ALICE, "Sent"), 1);
    assert!(desk.server(ALICE, "Sent", "flags").contains("\\Seen"));
    desk.sync(BOB).await;
    let row = desk
        .list(BOB, "inbox")
        .await
        .first()
        .cloned()
        .expect("it arrived");
    assert_eq!(row["subject"], "Umowa i żółw");
    let view = desk.home.must("message_show", json!({"id": row["id"]})).await;
    assert_eq!(text(&view, "text").trim(), "Cześć,\n\nпривет.");
    assert_eq!(view["message_id"], sent["message_id"]);
    assert_eq!(view["attachments"][0]["filename"], "umowa.pdf");
    assert_eq!(view["to"], json!(["Bob Ważny <bob@mailroom.test>"]));
    let saved = desk.home.path().join("saved.pdf");
    let part = view["attachments"][0]["part"].clone();
    desk.home
        .must(
            "message_export",
            json!({"id": row["id"], "part": part, "path": saved}),
        )
        .await;
    assert_eq!(std::fs::read(saved).unwrap(), b"%PDF-1.4 small");
    desk.sync(ALICE).await;
    desk.sync(ALICE).await;
    assert_eq!(desk.count(ALICE, "Sent"), 1, "filed once");
    assert_eq!(desk.list(ALICE, "sent").await.len(), 1);
    assert_eq!(desk.home.must("outbox_list", json!({})).await, json!([]));
}

#[tokio::test]
async fn answer_joins_the_thread_and_marks_what_it_answers() {
    let desk = Desk::new();
    desk.office
        .deliver(
            ALICE,
            &message("Bob <bob@mailroom.test>", ALICE, "Question", "When?"),
        )
        .unwrap();
    desk.add(ALICE).await;
    desk.sync(ALICE).await;
    let asked = desk.list(ALICE, "inbox").await[0].clone();
    let mut payload = letter(BOB, "");
    payload["reply_to"] = asked["id"].clone();
    desk.home.must("message_send", payload).await;
    desk.sync(ALICE).await;
    let answer = desk.list(ALICE, "sent").await[0].clone();
    assert_eq!(answer["subject"], "Re: Question");
    assert_eq!(answer["thread_id"], asked["thread_id"]);
    assert!(desk.server(ALICE, "INBOX", "flags").contains("\\Answered"));
}

#[tokio::test]
async fn refusals_keep_the_message_with_the_servers_words() {
    let desk = Desk::new();
    desk.add(ALICE).await;
    for (recipient, state, code) in [
        ("reject@mailroom.test", "failed", "recipient_rejected"),
        ("blocked@mailroom.test", "failed", "recipient_rejected"),
        ("full@mailroom.test", "failed", "recipient_rejected"),
        ("greylist@mailroom.test", "queued", "send_deferred"),
        ("hangup@mailroom.test", "queued", ""),
        ("unknown@mailroom.test", "failed", "recipient_rejected"),
    ] {
        let row = desk.home.must("message_send", letter(recipient, "one")).await;
        assert_eq!(row["state"], state, "{recipient}: {row}");
        let found = text(&row["error"], "code");
        assert!(code.is_empty() || found == code, "{recipient}: {row}");
        assert!(
            code.is_empty() || !text(&row["error"]["params"], "reply").is_empty(),
            "{row}"
        );
        desk.home.must("outbox_discard", json!({"id": row["id"]})).await;
    }
    for (subject, state) in [("rejectme-data", "failed"), ("defer-data", "queued")] {
        let row = desk.home.must("message_send", letter(BOB, subject)).await;
        assert_eq!(row["state"], state, "{subject}: {row}");
    }
    assert_eq!(
        desk.home
            .must("outbox_list", json!({}))
            .await
            .as_array()
            .unwrap()
            .len(),
        2
    );
    assert_eq!(desk.count(ALICE, "Sent"), 0, "what was not sent is not filed");
    let status = desk.home.must("status_get", json!({})).await;
    assert_eq!(status["accounts"][0]["outbox"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn deferred_message_is_sent_with_a_later_look_and_only_once() {
    let desk = Desk::new();
    desk.add(ALICE).await;
    let row = desk
        .home
        .must("message_send", letter("greylist@mailroom.test", "later"))
        .await;
    assert_eq!(row["state"], "queued");
    // Still refused: the next attempt moves further into the future, nothing is lost.
    let again = desk.home.must("outbox_retry", json!({"id": row["id"]})).await;
    assert_eq!(
        (&again["state"], &again["attempts"]),
        (&json!("queued"), &json!(2))
    );
    assert!(again["next_at"].as_i64() > row["next_at"].as_i64());
    desk.home.must("outbox_discard", json!({"id": row["id"]})).await;
    assert_eq!(desk.home.must("outbox_list", json!({})).await, json!([]));
}

#[tokio::test]
async fn sender_that_is_not_ones_own_and_bad_letters_are_refused() {
    let desk = Desk::new();
    desk.add(ALICE).await;
    let fails = |payload: Value| desk.home.fails("message_send", payload);
    let mut foreign = letter(BOB, "x");
    foreign["from"] = json!("stranger@example.org");
    assert_eq!(fails(foreign).await.as_str(), "account_missing");
    assert_eq!(
        fails(letter("not an address", "x")).await.as_str(),
        "address_invalid"
    );
    let mut nobody = letter(BOB, "x");
    nobody["to"] = json!([]);
    assert_eq!(fails(nobody).await.as_str(), "input_invalid");
    let mut file = letter(BOB, "x");
    file["attachments"] = json!(["/nonexistent/file.pdf"]);
    assert_eq!(fails(file).await.as_str(), "file_unreadable");
    assert_eq!(
        desk.home.must("outbox_list", json!({})).await,
        json!([]),
        "nothing half-made is left"
    );
}
