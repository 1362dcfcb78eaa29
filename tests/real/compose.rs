//! Messages while they are written, with real servers behind them.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use mailroom_tests::office::OfficeOptions;
use mailroom_tests::wall_clock;
use serde_json::{Value, json};

use crate::desk::{ALICE, BOB, CAROL, Desk, message, text};

/// Saves what a draft holds with some fields changed.
async fn save(desk: &Desk, draft: &Value, changes: Value, upload: bool) -> Value {
    let mut payload = json!({
        "id": draft["id"], "from": draft["from"], "to": draft["to"], "cc": draft["cc"], "bcc": draft["bcc"],
        "subject": draft["subject"], "text": draft["text"], "html": draft["html"], "upload": upload,
    });
    for (field, value) in changes.as_object().unwrap() {
        payload[field] = value.clone();
    }
    desk.home.must("draft_save", payload).await
}

async fn new_draft(desk: &Desk) -> Value {
    desk.home.must("draft_open", json!({"kind": "new"})).await
}

async fn undo_pause(desk: &Desk, seconds: u32) {
    desk.home
        .must("settings_update", json!({"undo_send_s": seconds}))
        .await;
}

async fn drafts(desk: &Desk) -> Vec<Value> {
    let rows = desk.home.must("draft_list", json!({})).await;
    rows.as_array().unwrap().clone()
}

#[tokio::test]
async fn draft_saved_twice_is_one_copy_in_the_drafts_folder() {
    let desk = Desk::new();
    desk.add(ALICE).await;
    desk.sync(ALICE).await;
    let draft = new_draft(&desk).await;
    assert_eq!(drafts(&desk).await, Vec::<Value>::new(), "nobody wrote in it yet");
    let changes = json!({"to": ["Bob <bob@mailroom.test>", "not yet"], "bcc": [CAROL], "subject": "Umowa", "text": "raz"});
    let saved = save(&desk, &draft, changes, true).await;
    assert!(saved["uploaded_at"].is_i64(), "{saved}");
    assert_eq!(desk.count(ALICE, "Drafts"), 1);
    let first = desk.list(ALICE, "drafts").await;
    assert_eq!(first.len(), 1, "it is shown without another look at the server");
    assert_eq!(drafts(&desk).await[0]["message"], first[0]["id"]);
    let again = save(&desk, &saved, json!({}), true).await;
    assert_eq!(again["saved_at"], saved["saved_at"], "nothing changed");
    let saved = save(&desk, &saved, json!({"text": "dwa", "html": "<p>dwa</p>"}), true).await;
    assert_eq!(saved["to"], json!(["Bob <bob@mailroom.test>", "not yet"]));
    assert_eq!(desk.count(ALICE, "Drafts"), 1);
    let on_server = desk.server(ALICE, "Drafts", "hdr");
    assert!(on_server.contains("Bcc: carol@mailroom.test"), "{on_server}");
    let flags = desk.server(ALICE, "Drafts", "flags");
    assert!(flags.contains("\\Draft") && flags.contains("\\Seen"), "{flags}");
    desk.sync(ALICE).await;
    let rows = desk.list(ALICE, "drafts").await;
    assert_eq!(rows.len(), 1, "{rows:?}");
    // The copy is the draft.
    let opened = desk
        .home
        .must("draft_open", json!({"kind": "message", "message": rows[0]["id"]}))
        .await;
    assert_eq!((&opened["id"], &opened["text"]), (&saved["id"], &json!("dwa")));
    desk.home.must("draft_discard", json!({"id": saved["id"]})).await;
    assert_eq!(drafts(&desk).await, Vec::<Value>::new());
    desk.home.carried().await;
    assert_eq!(desk.count(ALICE, "Drafts"), 0);
    assert_eq!(desk.list(ALICE, "drafts").await, Vec::<Value>::new());
}

#[tokio::test]
async fn answer_from_the_drafts_folder_is_sent_threaded_and_leaves_it() {
    let desk = Desk::new();
    undo_pause(&desk, 0).await;
    desk.office
        .deliver(
            ALICE,
            &message("Bob <bob@mailroom.test>", ALICE, "Question", "When?"),
        )
        .unwrap();
    desk.add(ALICE).await;
    desk.sync(ALICE).await;
    let asked = desk.list(ALICE, "inbox").await[0].clone();
    let draft = desk
        .home
        .must("draft_open", json!({"kind": "reply", "message": asked["id"]}))
        .await;
    assert_eq!(draft["to"], json!(["Bob <bob@mailroom.test>"]));
    assert_eq!(
        (&draft["subject"], &draft["from"], &draft["kind"]),
        (&json!("Re: Question"), &json!(ALICE), &json!("reply"))
    );
    assert_eq!(draft["quote"]["quoted"], "> When?");
    assert_eq!(draft["text"], "");
    let image = desk
        .home
        .must(
            "draft_attach",
            json!({"id": draft["id"], "filename": "../x/logo.png", "inline": true, "base64": STANDARD.encode(b"\x89PNG picture")}),
        )
        .await;
    assert_eq!(
        (&image["filename"], &image["content_type"]),
        (&json!("logo.png"), &json!("image/png"))
    );
    let unused = json!({"id": draft["id"], "filename": "unused.png", "inline": true, "base64": STANDARD.encode(b"unused")});
    desk.home.must("draft_attach", unused).await;
    let pdf = json!({"id": draft["id"], "filename": "umowa.pdf", "inline": false, "base64": STANDARD.encode(b"%PDF-1.4")});
    desk.home.must("draft_attach", pdf).await;
    let html = format!("<p>Jutro <img src=\"cid:{}\"></p>", text(&image, "content_id"));
    let saved = save(&desk, &draft, json!({"text": "Jutro", "html": html}), true).await;
    assert_eq!(saved["quote"], Value::Null, "somebody wrote in it");
    assert_eq!(saved["files"].as_array().unwrap().len(), 3);
    // Another device, as it were: the draft comes from the folder alone.
    let other = Desk {
        home: mailroom_tests::home::Home::new(&desk.office.ca_der()),
        office: desk.office,
    };
    undo_pause(&other, 0).await;
    other.add(ALICE).await;
    other.sync(ALICE).await;
    let row = other.list(ALICE, "drafts").await[0].clone();
    let opened = other
        .home
        .must("draft_open", json!({"kind": "message", "message": row["id"]}))
        .await;
    assert_eq!(opened["kind"], "reply");
    assert!(opened["about"].is_i64(), "{opened}");
    assert_eq!(opened["files"].as_array().unwrap().len(), 2, "{opened}");
    assert_eq!(opened["text"], "Jutro");
    assert!(text(&opened, "html").contains("cid:"), "{opened}");
    let file = opened["files"]
        .as_array()
        .unwrap()
        .iter()
        .find(|file| file["inline"] == true)
        .unwrap();
    let bytes = other
        .home
        .must("draft_file", json!({"id": opened["id"], "file": file["id"]}))
        .await;
    assert_eq!(bytes["base64"], STANDARD.encode(b"\x89PNG picture"));
    let changed = save(&other, &opened, json!({"text": "Pojutrze"}), false).await;
    let sent = other.home.must("draft_send", json!({"id": changed["id"]})).await;
    assert_eq!(sent["state"], "filed", "{sent}");
    other.sync(ALICE).await;
    assert_eq!((other.count(ALICE, "Drafts"), other.count(ALICE, "Sent")), (0, 1));
    assert!(other.server(ALICE, "INBOX", "flags").contains("\\Answered"));
    assert_eq!(drafts(&other).await, Vec::<Value>::new());
    let answer = other.list(ALICE, "sent").await[0].clone();
    let asked = other.list(ALICE, "inbox").await[0].clone();
    assert_eq!(answer["thread_id"], asked["thread_id"]);
    other.add(BOB).await;
    other.sync(BOB).await;
    let arrived = other.list(BOB, "inbox").await[0].clone();
    let view = other
        .home
        .must("message_show", json!({"id": arrived["id"]}))
        .await;
    assert_eq!(text(&view, "text").trim(), "Pojutrze");
    let files = view["attachments"].as_array().unwrap();
    assert_eq!(files.len(), 2, "{files:?}");
    let header = other.server(BOB, "INBOX", "hdr");
    assert!(header.contains("In-Reply-To: <Question@example.org>"), "{header}");
    assert!(header.contains("References: <Question@example.org>"), "{header}");
}

#[tokio::test]
async fn message_taken_back_within_the_pause_is_not_sent_and_whole() {
    let desk = Desk::new();
    undo_pause(&desk, 30).await;
    desk.add(ALICE).await;
    desk.sync(ALICE).await;
    let draft = new_draft(&desk).await;
    let pdf =
        json!({"id": draft["id"], "filename": "a.pdf", "inline": false, "base64": STANDARD.encode(b"%PDF")});
    desk.home.must("draft_attach", pdf).await;
    let fields = json!({"to": ["Bob <bob@mailroom.test>"], "bcc": [CAROL], "subject": "Oferta", "text": "t", "html": "<p>t</p>"});
    let saved = save(&desk, &draft, fields, true).await;
    let queued = desk.home.must("draft_send", json!({"id": saved["id"]})).await;
    assert_eq!(queued["state"], "queued");
    let twice = desk.home.must("draft_send", json!({"id": saved["id"]})).await;
    assert_eq!(twice["id"], queued["id"], "sent once");
    assert_eq!(
        drafts(&desk).await,
        Vec::<Value>::new(),
        "it stands in the outbox"
    );
    assert_eq!(
        desk.home
            .fails("draft_discard", json!({"id": saved["id"]}))
            .await
            .as_str(),
        "send_under_way"
    );
    desk.sync(ALICE).await;
    assert_eq!(desk.count(ALICE, "Drafts"), 1, "the copy stays until it is sent");
    let back = desk
        .home
        .must("draft_open", json!({"kind": "outbox", "id": queued["id"]}))
        .await;
    for field in ["id", "to", "bcc", "subject", "text", "html", "files"] {
        assert_eq!(back[field], saved[field], "{field}");
    }
    assert_eq!(desk.home.must("outbox_list", json!({})).await, json!([]));
    desk.sync(ALICE).await;
    assert_eq!((desk.count(ALICE, "Sent"), desk.count(BOB, "INBOX")), (0, 0));
    assert_eq!(drafts(&desk).await.len(), 1);
}

#[tokio::test]
async fn message_sent_without_a_draft_can_be_taken_back_as_one() {
    let desk = Desk::new();
    desk.add(ALICE).await;
    let letter = json!({"from": ALICE, "to": ["unknown@mailroom.test"], "bcc": [CAROL], "subject": "x", "text": "tekst"});
    let failed = desk.home.must("message_send", letter).await;
    assert_eq!(failed["state"], "failed");
    let back = desk
        .home
        .must("draft_open", json!({"kind": "outbox", "id": failed["id"]}))
        .await;
    assert_eq!(
        (&back["to"], &back["bcc"], &back["text"]),
        (
            &json!(["unknown@mailroom.test"]),
            &json!([CAROL]),
            &json!("tekst")
        )
    );
    assert_eq!(desk.home.must("outbox_list", json!({})).await, json!([]));
    assert_eq!(
        desk.home
            .fails("draft_open", json!({"kind": "outbox", "id": failed["id"]}))
            .await
            .as_str(),
        "entry_missing"
    );
}

#[tokio::test]
async fn message_for_later_waits_over_a_restart_and_is_sent_by_the_watch() {
    let mut desk = Desk::new();
    desk.add(ALICE).await;
    desk.sync(ALICE).await;
    let draft = new_draft(&desk).await;
    let saved = save(
        &desk,
        &draft,
        json!({"to": [BOB], "subject": "Later", "text": "t"}),
        false,
    )
    .await;
    let at = wall_clock().plus_seconds(3600).0;
    let queued = desk
        .home
        .must("draft_send", json!({"id": saved["id"], "not_before": at}))
        .await;
    assert_eq!(
        (&queued["state"], &queued["next_at"]),
        (&json!("queued"), &json!(at))
    );
    desk.sync(ALICE).await;
    assert_eq!(desk.count(BOB, "INBOX"), 0);
    let path = desk.home.path().join("mailroom.db");
    desk.home.restart().await;
    let at = wall_clock().plus_seconds(1);
    let store = mailroom_store::Store::open(&path).await.unwrap();
    let account = store.accounts().list().await.unwrap()[0].id;
    let id = store.outbox().list(account).await.unwrap()[0].id;
    assert!(store.outbox().reschedule(id, at).await.unwrap());
    store.close().await;
    let cancel = mailroom_api::CancellationToken::new();
    let (_, seen) = desk
        .home
        .during(
            desk.home.call_until("sync_watch", json!({}), cancel.clone()),
            |event| match event {
                mailroom_api::dto::EventView::OutboxChanged { state, .. } => {
                    if state == "filed" {
                        cancel.cancel();
                    }
                    Some(state)
                }
                _ => None,
            },
        )
        .await;
    // A time that came before the program was there again is told first.
    let told: Vec<_> = seen.iter().filter(|state| *state != "queued").collect();
    assert_eq!(told, ["sending", "sent", "filed"]);
    assert!(wall_clock() >= at);
    assert_eq!(desk.count(BOB, "INBOX"), 1);
}

#[tokio::test]
async fn draft_written_offline_is_uploaded_once_when_the_server_is_back() {
    let desk = Desk::new();
    desk.add(ALICE).await;
    desk.sync(ALICE).await;
    desk.office.stop_imap();
    let draft = new_draft(&desk).await;
    let saved = save(&desk, &draft, json!({"subject": "Offline", "text": "raz"}), true).await;
    assert_eq!(saved["uploaded_at"], Value::Null);
    let saved = save(&desk, &saved, json!({"text": "dwa"}), true).await;
    let waiting = desk.home.must("operation_list", json!({})).await;
    assert_eq!(waiting.as_array().unwrap().len(), 1, "{waiting}");
    assert_eq!(
        (&waiting[0]["kind"], &waiting[0]["folder"]),
        (&json!("draft"), &json!("Drafts"))
    );
    desk.office.start_imap().unwrap();
    desk.sync(ALICE).await;
    assert_eq!(desk.count(ALICE, "Drafts"), 1);
    let opened = desk
        .home
        .must("draft_open", json!({"kind": "draft", "id": saved["id"]}))
        .await;
    assert!(opened["uploaded_at"].is_i64(), "{opened}");
    assert!(desk.server(ALICE, "Drafts", "text").contains("dwa"));
    assert_eq!(drafts(&desk).await.len(), 1);
}

#[tokio::test]
async fn draft_changed_with_another_program_is_kept_beside_ours() {
    let desk = Desk::new();
    desk.add(ALICE).await;
    desk.sync(ALICE).await;
    let draft = new_draft(&desk).await;
    let saved = save(&desk, &draft, json!({"subject": "Ours", "text": "raz"}), true).await;
    desk.office
        .doveadm(&["expunge", "-u", ALICE, "mailbox", "Drafts", "all"])
        .unwrap();
    let theirs = message(ALICE, BOB, "Theirs", "inaczej");
    desk.office
        .append(ALICE, "Drafts", &["\\Draft"], None, &theirs)
        .unwrap();
    desk.sync(ALICE).await;
    assert_eq!(
        drafts(&desk).await,
        Vec::<Value>::new(),
        "nothing was written here that is not there any more by somebody's wish"
    );
    let row = desk.list(ALICE, "drafts").await[0].clone();
    let other = desk
        .home
        .must("draft_open", json!({"kind": "message", "message": row["id"]}))
        .await;
    assert_ne!(other["id"], saved["id"]);
    assert_eq!(other["subject"], "Theirs");
    // The window with our text is still open.
    let saved = save(&desk, &saved, json!({"text": "dwa"}), true).await;
    assert!(saved["uploaded_at"].is_i64());
    let subjects = desk.server(ALICE, "Drafts", "hdr.subject");
    assert!(
        subjects.contains("Ours") && subjects.contains("Theirs"),
        "{subjects}"
    );
    assert_eq!((desk.count(ALICE, "Drafts"), drafts(&desk).await.len()), (2, 2));
}

#[tokio::test]
async fn message_above_the_servers_limit_is_refused_before_anything_is_tried() {
    let desk = Desk::with(&OfficeOptions {
        oidc: false,
        smtp_size_bytes: 100_000,
        ..OfficeOptions::default()
    });
    // Signing in is enough to know the limit.
    desk.add(ALICE).await;
    let draft = new_draft(&desk).await;
    let saved = save(
        &desk,
        &draft,
        json!({"to": [BOB], "subject": "x", "text": "t"}),
        false,
    )
    .await;
    assert_eq!(saved["size_limit"], 100_000);
    let file = json!({"id": draft["id"], "filename": "a.bin", "inline": false, "base64": STANDARD.encode(vec![0; 80_000])});
    let file = desk.home.must("draft_attach", file).await;
    let error = desk
        .home
        .call("draft_send", json!({"id": saved["id"]}))
        .await
        .unwrap_err();
    assert_eq!(error.code.as_str(), "message_too_large");
    let params = serde_json::to_value(&error.params).unwrap();
    assert_eq!(params["limit"], 100_000);
    let size = params["size"].as_i64().unwrap();
    let opened = desk
        .home
        .must("draft_open", json!({"kind": "draft", "id": saved["id"]}))
        .await;
    let told = opened["size"].as_i64().unwrap();
    assert!(
        (size - told).abs() < 3000 && size > 100_000,
        "{told} was told, it is {size}"
    );
    assert_eq!(desk.home.must("outbox_list", json!({})).await, json!([]));
    desk.home
        .must("draft_detach", json!({"id": saved["id"], "file": file["id"]}))
        .await;
    undo_pause(&desk, 0).await;
    let sent = desk.home.must("draft_send", json!({"id": saved["id"]})).await;
    assert_eq!(sent["state"], "filed", "{sent}");
}

#[tokio::test]
async fn forwarded_message_takes_its_files_along_and_is_marked_when_it_was_sent() {
    let desk = Desk::new();
    undo_pause(&desk, 0).await;
    let raw = "From: Bob <bob@mailroom.test>\r\nTo: alice+shop@mailroom.test\r\nSubject: Odp: PD: Plan\r\n\
        Message-ID: <plan@example.org>\r\nDate: Sun, 22 Nov 2026 10:00:00 +0000\r\nMIME-Version: 1.0\r\n\
        Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/html\r\n\r\n\
        <p onclick=x>Plan <img src=https://example.org/a.png></p>\r\n--b\r\nContent-Type: application/pdf\r\n\
        Content-Disposition: attachment; filename=plan.pdf\r\n\r\n%PDF plan\r\n--b--\r\n";
    desk.office.deliver(ALICE, raw.as_bytes()).unwrap();
    desk.add(ALICE).await;
    desk.sync(ALICE).await;
    let row = desk.list(ALICE, "inbox").await[0].clone();
    let draft = desk
        .home
        .must("draft_open", json!({"kind": "forward", "message": row["id"]}))
        .await;
    assert_eq!(
        (&draft["subject"], &draft["to"], &draft["from"]),
        (&json!("Fwd: Plan"), &json!([]), &json!(ALICE))
    );
    assert_eq!(draft["files"][0]["filename"], "plan.pdf");
    let quoted = text(&draft["quote"], "html");
    assert!(
        quoted.contains("data-remote-src=\"https://example.org/a.png\"") && !quoted.contains("onclick"),
        "{quoted}"
    );
    let html = format!("<p>FYI</p><blockquote type=\"cite\">{quoted}</blockquote>");
    let fields = json!({"to": ["carol@mailroom.test", "bad one"], "text": "FYI", "html": html});
    let saved = save(&desk, &draft, fields, false).await;
    let error = desk
        .home
        .call("draft_send", json!({"id": saved["id"]}))
        .await
        .unwrap_err();
    assert_eq!(error.code.as_str(), "address_invalid");
    assert_eq!(serde_json::to_value(&error.params).unwrap()["text"], "bad one");
    let saved = save(&desk, &saved, json!({"to": [CAROL]}), false).await;
    assert!(!desk.server(ALICE, "INBOX", "flags").contains("$Forwarded"));
    let sent = desk.home.must("draft_send", json!({"id": saved["id"]})).await;
    assert_eq!(sent["state"], "filed");
    desk.sync(ALICE).await;
    assert!(desk.server(ALICE, "INBOX", "flags").contains("$Forwarded"));
    let arrived = desk.server(CAROL, "INBOX", "text");
    assert!(
        arrived.contains("src=3D\"https://example.org/a.png\"")
            || arrived.contains("src=\"https://example.org/a.png\""),
        "{arrived}"
    );
    assert!(
        arrived.contains("plan.pdf") && !arrived.contains("data-remote"),
        "{arrived}"
    );
}

#[tokio::test]
async fn people_are_those_written_to_and_those_who_wrote() {
    let desk = Desk::new();
    undo_pause(&desk, 0).await;
    for (from, subject) in [
        ("Łukasz Bobrowski <lb@example.org>", "one"),
        ("Shop <no-reply@bobshop.example>", "two"),
        ("Bobby <bobby@example.org>", "three"),
    ] {
        desk.office
            .deliver(ALICE, &message(from, ALICE, subject, "text"))
            .unwrap();
    }
    desk.add(ALICE).await;
    desk.sync(ALICE).await;
    let found = async |query: &str| {
        let people = desk.home.must("people_search", json!({"query": query})).await;
        people
            .as_array()
            .unwrap()
            .iter()
            .map(|person| text(person, "address"))
            .collect::<Vec<_>>()
    };
    assert_eq!(found("luk bob").await, ["lb@example.org"]);
    assert_eq!(found("alice").await, Vec::<String>::new());
    let draft = new_draft(&desk).await;
    let saved = save(
        &desk,
        &draft,
        json!({"to": ["Bob Ważny <bob@mailroom.test>"], "subject": "x", "text": "t"}),
        false,
    )
    .await;
    desk.home.must("draft_send", json!({"id": saved["id"]})).await;
    let bobs = found("bob").await;
    assert_eq!(bobs.first().map(String::as_str), Some(BOB), "{bobs:?}");
    assert_eq!(bobs.len(), 3, "{bobs:?}");
    assert_eq!(found("waz").await, [BOB]);
}
