//! The mirror: loaded, kept exact, changed from both sides.

use std::collections::BTreeSet;

use base64::Engine as _;
use mailroom_api::dto::EventView;
use mailroom_model::ErrorCode;
use mailroom_tests::office::{OfficeOptions, ServerProfile};
use mailroom_tests::sample::{self, NESTED_FOLDER, POLISH_FOLDER, RUSSIAN_FOLDER};
use mailroom_tests::wall_clock;
use serde_json::{Value, json};

use crate::desk::{ALICE, BOB, CAROL, Desk, message, text};

fn profile(profile: ServerProfile) -> OfficeOptions {
    OfficeOptions {
        profile,
        oidc: false,
        ..OfficeOptions::default()
    }
}

/// UIDs and flags of a folder on the server, and subjects and flags here, must be the same set.
async fn assert_mirrors(desk: &Desk, folder: &str) {
    let flags = |words: &str| -> BTreeSet<String> {
        words
            .split_whitespace()
            .filter(|flag| *flag != "\\Recent")
            .map(str::to_owned)
            .collect()
    };
    let mut there: Vec<BTreeSet<String>> = desk
        .server(ALICE, folder, "flags")
        .lines()
        .skip(1)
        .map(flags)
        .collect();
    let mut here: Vec<BTreeSet<String>> = desk
        .list(ALICE, folder)
        .await
        .iter()
        .map(|row| {
            row["flags"]
                .as_array()
                .unwrap()
                .iter()
                .map(|flag| flag.as_str().unwrap().to_owned())
                .collect()
        })
        .collect();
    there.sort();
    here.sort();
    assert_eq!(here, there, "{folder}");
}

#[tokio::test]
async fn sample_mailbox_is_mirrored_folder_by_folder() {
    let desk = Desk::new();
    let loaded = desk.office.sample_mail(ALICE).unwrap();
    desk.add(ALICE).await;
    let report = desk.sync(ALICE).await;
    assert_eq!(report["added"], loaded, "{report}");
    for folder in ["INBOX", "Sent", POLISH_FOLDER, RUSSIAN_FOLDER, NESTED_FOLDER] {
        assert_mirrors(&desk, folder).await;
    }
    let again = desk.sync(ALICE).await;
    assert_eq!(
        (again["added"].as_i64(), again["changed"].as_i64()),
        (Some(0), Some(0)),
        "{again}"
    );
}

#[tokio::test]
async fn original_bytes_come_back_and_everything_can_be_read() {
    let desk = Desk::new();
    let now = wall_clock();
    desk.office.sample_mail_at(ALICE, now).unwrap();
    desk.add(ALICE).await;
    desk.sync(ALICE).await;
    let mut bytes_here = BTreeSet::new();
    for folder in desk
        .home
        .must("folder_list", json!({"address": ALICE}))
        .await
        .as_array()
        .unwrap()
    {
        if folder["selectable"] != true {
            continue;
        }
        for row in desk.list(ALICE, &text(folder, "path")).await {
            let id = json!({"id": row["id"]});
            let view = desk.home.must("message_show", id.clone()).await;
            assert_eq!(view["header_only"], false);
            let exported = desk.home.must("message_export", id).await;
            bytes_here.insert(text(&exported, "base64"));
        }
    }
    let bytes_sent: BTreeSet<String> = sample::messages(ALICE, now)
        .iter()
        .map(|message| base64::engine::general_purpose::STANDARD.encode(crlf(&message.raw)))
        .collect();
    assert_eq!(bytes_here, bytes_sent);
}

/// What a server makes of a message that it is given with bare line feeds.
fn crlf(raw: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(raw.len());
    for (index, byte) in raw.iter().enumerate() {
        if *byte == b'\n' && (index == 0 || raw[index - 1] != b'\r') {
            out.push(b'\r');
        }
        out.push(*byte);
    }
    out
}

#[tokio::test]
async fn words_are_found_without_regard_to_case_and_diacritics() {
    let desk = Desk::new();
    for (subject, body) in [
        ("Zażółć gęślą jaźń", "Spotkanie w środę"),
        ("Договор поставки", "Ещё раз проверьте сумму"),
        ("Plain one", "nothing of note"),
    ] {
        desk.office
            .deliver(ALICE, &message("Łucja <lucja@example.org>", ALICE, subject, body))
            .unwrap();
    }
    desk.add(ALICE).await;
    desk.sync(ALICE).await;
    for (query, found) in [
        ("zazolc", vec!["Zażółć gęślą jaźń"]),
        ("GĘŚLĄ", vec!["Zażółć gęślą jaźń"]),
        ("srod", vec!["Zażółć gęślą jaźń"]),
        ("договор", vec!["Договор поставки"]),
        ("еще", vec!["Договор поставки"]),
        ("subject:plain", vec!["Plain one"]),
        ("subject:note", vec![]),
        ("from:lucja договор", vec!["Договор поставки"]),
        ("to:lucja", vec![]),
        ("is:unread in:inbox plain", vec!["Plain one"]),
        ("is:read plain", vec![]),
        ("before:2000 plain", vec![]),
        ("\"nothing of note\"", vec!["Plain one"]),
        ("\"of nothing\"", vec![]),
        ("plain OR договор", vec![]),
    ] {
        assert_eq!(desk.search(query).await, found, "{query}");
    }
}

/// What happens on the server reaches the mirror by QRESYNC, by CONDSTORE and by comparing alike.
async fn follows_the_server(options: &OfficeOptions) {
    let desk = Desk::with(options);
    for number in 0..40 {
        let raw = message("x@example.org", ALICE, &format!("message {number}"), "text");
        desk.office.append(ALICE, "INBOX", &[], None, &raw).unwrap();
    }
    desk.add(ALICE).await;
    assert_eq!(desk.sync(ALICE).await["added"], 40);
    desk.office
        .doveadm(&[
            "flags",
            "add",
            "-u",
            ALICE,
            "\\Seen $Todo",
            "mailbox",
            "INBOX",
            "uid",
            "3:7",
        ])
        .unwrap();
    desk.office
        .doveadm(&["expunge", "-u", ALICE, "mailbox", "INBOX", "uid", "10:14,20"])
        .unwrap();
    desk.office
        .deliver(ALICE, &message("x@example.org", ALICE, "fresh", "text"))
        .unwrap();
    desk.office
        .doveadm(&["move", "-u", ALICE, "Archive", "mailbox", "INBOX", "uid", "30"])
        .unwrap();
    let report = desk.sync(ALICE).await;
    assert_eq!(
        (
            report["added"].as_i64(),
            report["changed"].as_i64(),
            report["removed"].as_i64()
        ),
        (Some(2), Some(5), Some(7)),
        "{report}"
    );
    assert_mirrors(&desk, "INBOX").await;
    assert_mirrors(&desk, "Archive").await;
    assert_eq!(desk.search("fresh").await, ["fresh"]);
    assert_eq!(desk.search("\"message 10\"").await, Vec::<String>::new());
    desk.office
        .set_uid_validity(ALICE, "INBOX", 4_000_000_000)
        .unwrap();
    let report = desk.sync(ALICE).await;
    assert_eq!(report["added"], 34, "{report}");
    assert_mirrors(&desk, "INBOX").await;
    assert_eq!(desk.search("fresh").await, ["fresh"], "nothing stands twice");
}

#[tokio::test]
async fn mirror_follows_a_server_with_qresync() {
    follows_the_server(&profile(ServerProfile::Full)).await;
}

#[tokio::test]
async fn mirror_follows_a_server_with_condstore_only() {
    let capabilities = "IMAP4rev1 SASL-IR LITERAL+ ENABLE IDLE CONDSTORE UIDPLUS MOVE NAMESPACE SPECIAL-USE";
    follows_the_server(&profile(ServerProfile::Capabilities(capabilities.to_owned()))).await;
}

#[tokio::test]
async fn mirror_follows_a_plain_server() {
    follows_the_server(&profile(ServerProfile::Minimal)).await;
}

#[tokio::test]
async fn changes_made_here_reach_the_server() {
    let desk = Desk::new();
    for subject in ["keep", "mark", "move", "delete"] {
        desk.office
            .deliver(ALICE, &message("x@example.org", ALICE, subject, "text"))
            .unwrap();
    }
    desk.add(ALICE).await;
    desk.sync(ALICE).await;
    let rows = desk.list(ALICE, "inbox").await;
    let id = |subject: &str| rows.iter().find(|row| row["subject"] == subject).unwrap()["id"].clone();
    desk.home
        .must(
            "message_mark",
            json!({"ids": [id("mark")], "add": ["\\Seen", "$Todo"]}),
        )
        .await;
    desk.home
        .must("message_move", json!({"ids": [id("move")], "folder": "archive"}))
        .await;
    desk.home
        .must("message_delete", json!({"ids": [id("delete")]}))
        .await;
    desk.home.carried().await;
    assert_eq!(desk.home.must("operation_list", json!({})).await, json!([]));
    assert_eq!(desk.count(ALICE, "INBOX"), 2);
    assert!(
        desk.server(ALICE, "INBOX", "flags").contains("\\Seen $Todo"),
        "{}",
        desk.server(ALICE, "INBOX", "flags")
    );
    assert_eq!((desk.count(ALICE, "Archive"), desk.count(ALICE, "Trash")), (1, 1));
    let report = desk.sync(ALICE).await;
    assert_eq!(
        (report["added"].as_i64(), report["removed"].as_i64()),
        (Some(0), Some(0)),
        "{report}"
    );
    for folder in ["INBOX", "Archive", "Trash"] {
        assert_mirrors(&desk, folder).await;
    }
    let gone = desk.list(ALICE, "trash").await[0]["id"].clone();
    desk.home.must("message_delete", json!({"ids": [gone]})).await;
    desk.home.carried().await;
    assert_eq!(desk.count(ALICE, "Trash"), 0);
}

#[tokio::test]
async fn changes_made_without_the_server_wait_and_are_carried_out_once() {
    let desk = Desk::new();
    desk.office
        .deliver(ALICE, &message("x@example.org", ALICE, "later", "text"))
        .unwrap();
    desk.add(ALICE).await;
    desk.sync(ALICE).await;
    desk.office.stop_imap();
    let id = desk.list(ALICE, "inbox").await[0]["id"].clone();
    desk.home
        .must("message_mark", json!({"ids": [id.clone()], "add": ["\\Flagged"]}))
        .await;
    desk.home
        .must("message_move", json!({"ids": [id], "folder": "Archive"}))
        .await;
    assert_eq!(
        desk.home
            .must("operation_list", json!({}))
            .await
            .as_array()
            .unwrap()
            .len(),
        2
    );
    assert_eq!(
        desk.list(ALICE, "inbox").await,
        Vec::<Value>::new(),
        "the move shows at once"
    );
    desk.office.start_imap().unwrap();
    desk.sync(ALICE).await;
    desk.home.carried().await;
    assert_eq!(desk.home.must("operation_list", json!({})).await, json!([]));
    assert_eq!((desk.count(ALICE, "INBOX"), desk.count(ALICE, "Archive")), (0, 1));
    assert!(desk.server(ALICE, "Archive", "flags").contains("\\Flagged"));
    assert_mirrors(&desk, "Archive").await;
}

#[tokio::test]
async fn change_that_the_server_refuses_is_undone_and_shown() {
    let desk = Desk::new();
    desk.office.share(BOB, "INBOX", ALICE, "lr").unwrap();
    desk.office
        .deliver(BOB, &message("x@example.org", BOB, "not yours", "text"))
        .unwrap();
    desk.add(ALICE).await;
    desk.sync(ALICE).await;
    let folder = "shared/bob@mailroom.test/INBOX";
    let folders = desk.home.must("folder_list", json!({"address": ALICE})).await;
    let shared = folders
        .as_array()
        .unwrap()
        .iter()
        .map(|folder| text(folder, "path"));
    let shared: Vec<String> = shared.filter(|path| path.starts_with("shared/")).collect();
    let folder = shared
        .iter()
        .find(|path| path.contains("bob"))
        .map_or(folder, String::as_str);
    let row = desk
        .list(ALICE, folder)
        .await
        .first()
        .cloned()
        .expect("the shared message is here");
    desk.home
        .must("message_mark", json!({"ids": [row["id"]], "add": ["\\Flagged"]}))
        .await;
    desk.home.carried().await;
    let operations = desk.home.must("operation_list", json!({})).await;
    assert_eq!(operations[0]["state"], "refused", "{operations}");
    assert_eq!(operations[0]["error"]["code"], "permission_denied");
    assert_eq!(
        desk.list(ALICE, folder).await[0]["flags"],
        json!([]),
        "undone here"
    );
    desk.home
        .must("operation_discard", json!({"id": operations[0]["id"]}))
        .await;
    assert_eq!(desk.home.must("operation_list", json!({})).await, json!([]));
}

#[tokio::test]
async fn period_and_folders_are_what_was_chosen() {
    let desk = Desk::new();
    let now = wall_clock();
    desk.office.sample_mail_at(ALICE, now).unwrap();
    let samples = sample::messages(ALICE, now);
    let inside = |days: i64| {
        samples
            .iter()
            .filter(|one| one.folder == "INBOX" && one.received_at.0 > now.0 - days * 86_400_000)
            .count()
    };
    let mut payload = desk.by_password(ALICE);
    payload["period"] = json!("week");
    payload["folders"] = json!(["INBOX"]);
    desk.home.must("account_add", payload).await;
    desk.sync(ALICE).await;
    let here = desk.list(ALICE, "inbox").await.len();
    assert!((inside(7)..=inside(9)).contains(&here), "{here} of {}", inside(7));
    assert_eq!(desk.list(ALICE, "sent").await, Vec::<Value>::new());
    desk.home
        .must(
            "account_update",
            json!({"address": ALICE, "period": "all", "folders": []}),
        )
        .await;
    desk.sync(ALICE).await;
    assert_eq!(desk.list(ALICE, "inbox").await.len(), desk.count(ALICE, "INBOX"));
    assert_eq!(desk.list(ALICE, "sent").await.len(), desk.count(ALICE, "Sent"));
    desk.home
        .must(
            "account_update",
            json!({"address": ALICE, "period": "week", "folders": ["INBOX"]}),
        )
        .await;
    assert_eq!(
        desk.list(ALICE, "sent").await,
        Vec::<Value>::new(),
        "local copies went"
    );
    desk.sync(ALICE).await;
    let here = desk.list(ALICE, "inbox").await.len();
    assert!((inside(7)..=inside(9)).contains(&here), "{here} of {}", inside(7));
    assert_eq!(
        desk.count(ALICE, "INBOX"),
        samples.iter().filter(|one| one.folder == "INBOX").count()
    );
    assert_eq!(
        desk.home
            .fails(
                "account_update",
                json!({"address": ALICE, "folders": ["Nowhere"]})
            )
            .await,
        ErrorCode::FolderMissing
    );
}

#[tokio::test]
async fn folder_that_cannot_be_opened_does_not_stop_the_others() {
    let desk = Desk::new();
    // Listed, and not to be opened: the lookup right without the read right.
    desk.office
        .deliver(CAROL, &message("x@example.org", CAROL, "hidden", "text"))
        .unwrap();
    desk.office.share(CAROL, "INBOX", ALICE, "l").unwrap();
    desk.office
        .deliver(ALICE, &message("x@example.org", ALICE, "seen", "text"))
        .unwrap();
    desk.add(ALICE).await;
    let reports = desk.home.must("sync_run", json!({"address": ALICE})).await;
    assert_eq!(reports[0]["error"], Value::Null);
    let failed: Vec<&Value> = reports[0]["folders"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|folder| !folder["error"].is_null())
        .collect();
    assert_eq!(failed.len(), 1, "{}", reports[0]);
    assert_eq!(failed[0]["error"]["code"], "permission_denied", "{}", failed[0]);
    assert_eq!(desk.search("seen").await, ["seen"]);
    let folders = desk.home.must("folder_list", json!({"address": ALICE})).await;
    let bad = folders
        .as_array()
        .unwrap()
        .iter()
        .find(|folder| folder["path"] == failed[0]["path"])
        .unwrap();
    assert_eq!(bad["error"]["code"], "permission_denied", "shown where it is");
}

#[tokio::test]
async fn watch_sees_new_mail_by_push() {
    let desk = Desk::new();
    desk.add(ALICE).await;
    let cancel = mailroom_api::CancellationToken::new();
    let mut delivered = false;
    let watching = desk
        .home
        .call_until("sync_watch", json!({"address": ALICE}), cancel.clone());
    let (result, _) = desk
        .home
        .during(watching, |event| {
            match event {
                EventView::WatchRested { by, .. } if !delivered => {
                    assert_eq!(by, "push");
                    desk.office
                        .deliver(ALICE, &message("x@example.org", ALICE, "pushed", "text"))
                        .unwrap();
                    delivered = true;
                }
                EventView::FolderSynced { added, .. } if added > 0 => cancel.cancel(),
                _ => {}
            }
            None::<()>
        })
        .await;
    result.unwrap();
    assert_eq!(desk.search("pushed").await, ["pushed"]);
}
