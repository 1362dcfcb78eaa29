//! Sending: once, filed once, and every refusal with its reason.

use mailroom_api::CancellationToken;
use mailroom_api::dto::EventView;
use mailroom_tests::office::{OfficeOptions, ServerProfile};
use mailroom_tests::wall_clock;
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
async fn copy_is_shown_in_sent_by_the_watch_before_it_says_that_it_is_filed() {
    let desk = Desk::new();
    // A name that looks like the folder's and is not.
    desk.office
        .doveadm(&["mailbox", "create", "-u", ALICE, "Wysłane kopie"])
        .unwrap();
    desk.home.must("settings_update", json!({"undo_send_s": 5})).await;
    desk.add(ALICE).await;
    desk.sync(ALICE).await;
    let draft = desk.home.must("draft_open", json!({"kind": "new"})).await;
    let letter = json!({"id": draft["id"], "from": ALICE, "to": [BOB], "cc": [], "bcc": [], "subject": "Umowa", "text": "t", "html": null, "upload": true});
    desk.home.must("draft_save", letter).await;
    let cancel = CancellationToken::new();
    let mut story = Vec::new();
    let mut sent_at = None;
    let (rested, mut is_rested) = tokio::sync::watch::channel(false);
    let watch = async {
        let watching = desk.home.call_until("sync_watch", json!({}), cancel.clone());
        let (result, _) = desk
            .home
            .during(watching, |event| {
                match event {
                    EventView::WatchRested { .. } => {
                        rested.send_replace(true);
                    }
                    EventView::SyncStarted { .. } if sent_at.is_some() => story.push("look".to_owned()),
                    EventView::FolderSynced { folder, added, .. } if sent_at.is_some() => {
                        story.push(format!("{folder} {added}"));
                    }
                    EventView::OutboxChanged { state, .. } => {
                        if state == "sent" {
                            sent_at = Some(wall_clock().0);
                        }
                        if state == "filed" {
                            let took = sent_at.map(|at| wall_clock().0 - at);
                            println!("from the server's word to the row in Sent: {took:?} ms");
                            cancel.cancel();
                        }
                        story.push(state);
                    }
                    _ => {}
                }
                None::<()>
            })
            .await;
        result.unwrap();
    };
    let person = async {
        is_rested.wait_for(|rested| *rested).await.unwrap();
        desk.home.must("draft_send", json!({"id": draft["id"]})).await;
    };
    tokio::join!(watch, person);
    assert_eq!(story, ["queued", "sending", "sent", "Sent 1", "filed"]);
    let rows = desk.list(ALICE, "sent").await;
    assert_eq!(rows.len(), 1);
    assert_eq!(text(&rows[0], "subject"), "Umowa");
    assert_eq!(desk.count(ALICE, "Sent"), 1);
    assert_eq!(desk.count(ALICE, "Wysłane kopie"), 0);
    desk.sync(ALICE).await;
    assert_eq!(desk.list(ALICE, "sent").await.len(), 1, "it is the same message");
    assert_eq!(desk.list(ALICE, "drafts").await.len(), 0);
}

#[tokio::test]
async fn copy_is_shown_in_sent_without_another_look() {
    for profile in [ServerProfile::Full, ServerProfile::Minimal] {
        let desk = Desk::with(&OfficeOptions {
            oidc: false,
            profile: profile.clone(),
            ..OfficeOptions::default()
        });
        desk.add(ALICE).await;
        desk.sync(ALICE).await;
        let sent = desk.home.must("message_send", letter(BOB, "one")).await;
        assert_eq!(sent["state"], "filed", "{sent}");
        let rows = desk.list(ALICE, "sent").await;
        assert_eq!(rows.len(), 1, "{profile:?}");
        assert_eq!(rows[0]["subject"], "one");
        // A copy that is there already, because the provider files it, is found and shown as well.
        let draft = desk.home.must("draft_open", json!({"kind": "new"})).await;
        let two = json!({"id": draft["id"], "from": ALICE, "to": [BOB], "cc": [], "bcc": [], "subject": "two", "text": "t", "html": null, "upload": false});
        desk.home.must("draft_save", two).await;
        let later = json!({"id": draft["id"], "not_before": wall_clock().plus_seconds(3600).0});
        let queued = desk.home.must("draft_send", later).await;
        let id = text(&queued, "message_id");
        let copy =
            format!("From: {ALICE}\r\nSubject: two\r\nMessage-ID: <{id}>\r\n\r\nfiled by the provider\r\n");
        desk.office
            .append(ALICE, "Sent", &["\\Seen"], None, copy.as_bytes())
            .unwrap();
        let sent = desk.home.must("outbox_retry", json!({"id": queued["id"]})).await;
        assert_eq!(sent["state"], "filed", "{sent}");
        let mut subjects: Vec<String> = desk
            .list(ALICE, "sent")
            .await
            .iter()
            .map(|row| text(row, "subject"))
            .collect();
        subjects.sort();
        assert_eq!(subjects, ["one", "two"], "{profile:?}");
        assert_eq!(desk.count(ALICE, "Sent"), 2);
        desk.sync(ALICE).await;
        assert_eq!(desk.list(ALICE, "sent").await.len(), 2, "{profile:?}");
    }
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
