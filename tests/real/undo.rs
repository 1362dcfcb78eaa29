//! Undo against a real server: what was done comes back as it was, here and there.

use mailroom_api::ErrorCode;
use mailroom_tests::office::{OfficeOptions, ServerProfile};
use serde_json::{Value, json};

use crate::desk::{ALICE, Desk, message, text};

impl Desk {
    async fn subjects(&self, folder: &str) -> Vec<String> {
        let mut subjects: Vec<String> = self
            .list(ALICE, folder)
            .await
            .iter()
            .map(|row| text(row, "subject"))
            .collect();
        subjects.sort();
        subjects
    }

    async fn id(&self, folder: &str, subject: &str) -> Value {
        let rows = self.list(ALICE, folder).await;
        let row = rows.iter().find(|row| row["subject"] == subject);
        row.unwrap_or_else(|| panic!("no {subject} in {folder}"))["id"].clone()
    }

    async fn undo(&self, undoable: &Value) {
        self.home.must("undo_run", json!({"id": undoable["undo"]})).await;
        self.home.carried().await;
        assert_eq!(self.home.must("operation_list", json!({})).await, json!([]));
    }

    /// Undo works for this action no more.
    async fn is_gone(&self, undoable: &Value) {
        let code = self.home.fails("undo_run", json!({"id": undoable["undo"]})).await;
        assert_eq!(code, ErrorCode::UndoGone);
    }

    async fn with_mail(options: &OfficeOptions, subjects: &[&str]) -> Self {
        let desk = Self::with(options);
        for subject in subjects {
            desk.office
                .deliver(ALICE, &message("x@example.org", ALICE, subject, "text"))
                .unwrap();
        }
        desk.add(ALICE).await;
        desk.sync(ALICE).await;
        desk
    }
}

fn mail_only() -> OfficeOptions {
    OfficeOptions {
        oidc: false,
        ..OfficeOptions::default()
    }
}

#[tokio::test]
async fn flags_that_reached_the_server_are_what_each_message_had_before() {
    let desk = Desk::with_mail(&mail_only(), &["read", "unread"]).await;
    let (read, unread) = (desk.id("inbox", "read").await, desk.id("inbox", "unread").await);
    let mark = |payload: Value| desk.home.must("message_mark", payload);
    mark(json!({"ids": [read.clone()], "add": ["\\Seen", "$Todo"]})).await;
    desk.home.carried().await;
    let before = desk.server(ALICE, "INBOX", "uid flags");
    let ids = json!([read, unread]);
    let marked = mark(json!({"ids": ids.clone(), "add": ["\\Seen", "\\Flagged"], "remove": ["$Todo"]})).await;
    desk.home.carried().await;
    assert_ne!(desk.server(ALICE, "INBOX", "uid flags"), before);
    desk.undo(&marked).await;
    assert_eq!(desk.server(ALICE, "INBOX", "uid flags"), before);
    let flags: Vec<Value> = desk
        .list(ALICE, "inbox")
        .await
        .iter()
        .map(|row| row["flags"].clone())
        .collect();
    assert_eq!(flags, [json!([]), json!(["\\Seen", "$Todo"])]);
    desk.is_gone(&marked).await;
    let nothing = mark(json!({"ids": ids, "remove": ["\\Answered"]})).await;
    assert_eq!(nothing["undo"], Value::Null, "nothing changed");
}

#[tokio::test]
async fn messages_that_were_moved_or_thrown_away_on_the_server_stand_where_they_stood() {
    let desk = Desk::with_mail(&mail_only(), &["one", "two", "three"]).await;
    let ids = [desk.id("inbox", "one").await, desk.id("inbox", "two").await];
    desk.home
        .must("message_mark", json!({"ids": [ids[0]], "add": ["\\Flagged"]}))
        .await;
    let moved = desk
        .home
        .must("message_move", json!({"ids": ids, "folder": "archive"}))
        .await;
    desk.home.carried().await;
    assert_eq!((desk.count(ALICE, "INBOX"), desk.count(ALICE, "Archive")), (1, 2));
    desk.undo(&moved).await;
    assert_eq!((desk.count(ALICE, "INBOX"), desk.count(ALICE, "Archive")), (3, 0));
    assert_eq!(
        desk.subjects("inbox").await,
        ["one", "three", "two"],
        "without another look"
    );
    assert!(desk.server(ALICE, "INBOX", "flags").contains("\\Flagged"));
    let thrown = desk.home.must("message_delete", json!({"ids": ids})).await;
    desk.home.carried().await;
    assert_eq!(desk.subjects("trash").await, ["one", "two"]);
    desk.undo(&thrown).await;
    assert_eq!(desk.subjects("inbox").await, ["one", "three", "two"]);
    assert_eq!(desk.count(ALICE, "Trash"), 0);
    desk.is_gone(&thrown).await;
    let report = desk.sync(ALICE).await;
    assert_eq!(
        (&report["added"], &report["removed"]),
        (&json!(0), &json!(0)),
        "{report}"
    );
    // From the trash it is for good.
    desk.home.must("message_delete", json!({"ids": [ids[0]]})).await;
    desk.home.carried().await;
    let gone = desk
        .home
        .must("message_delete", json!({"ids": [desk.id("trash", "one").await]}))
        .await;
    assert_eq!(gone["undo"], Value::Null);
}

#[tokio::test]
async fn change_that_waits_is_taken_back_and_the_server_never_hears_of_it() {
    let desk = Desk::with_mail(&mail_only(), &["one"]).await;
    let id = desk.id("inbox", "one").await;
    let before = desk.server(ALICE, "INBOX", "uid flags");
    desk.office.stop_imap();
    let marked = desk
        .home
        .must("message_mark", json!({"ids": [id.clone()], "add": ["\\Seen"]}))
        .await;
    let moved = desk
        .home
        .must("message_move", json!({"ids": [id], "folder": "Archive"}))
        .await;
    assert!(desk.subjects("inbox").await.is_empty());
    for undoable in [&moved, &marked] {
        desk.home.must("undo_run", json!({"id": undoable["undo"]})).await;
    }
    assert_eq!(desk.home.must("operation_list", json!({})).await, json!([]));
    assert_eq!(desk.list(ALICE, "inbox").await[0]["flags"], json!([]));
    desk.office.start_imap().unwrap();
    let report = desk.sync(ALICE).await;
    assert_eq!(report["operations"], 0, "{report}");
    assert_eq!(desk.server(ALICE, "INBOX", "uid flags"), before);
}

#[tokio::test]
async fn move_that_reached_the_server_is_undone_when_the_server_comes_back() {
    let desk = Desk::with_mail(&mail_only(), &["one"]).await;
    let id = desk.id("inbox", "one").await;
    let moved = desk
        .home
        .must("message_move", json!({"ids": [id], "folder": "Archive"}))
        .await;
    desk.home.carried().await;
    desk.office.stop_imap();
    desk.home.must("undo_run", json!({"id": moved["undo"]})).await;
    let waiting = desk.home.must("operation_list", json!({})).await;
    assert_eq!(
        (&waiting[0]["kind"], &waiting[0]["folder"]),
        (&json!("move"), &json!("Archive"))
    );
    desk.office.start_imap().unwrap();
    desk.home.must("operation_push", json!({})).await;
    assert_eq!((desk.count(ALICE, "INBOX"), desk.count(ALICE, "Archive")), (1, 0));
    assert_eq!(desk.subjects("inbox").await, ["one"]);
}

#[tokio::test]
async fn message_that_somebody_moved_on_cannot_be_brought_back_and_the_others_are() {
    let desk = Desk::with_mail(&mail_only(), &["one", "two"]).await;
    let ids = [desk.id("inbox", "one").await, desk.id("inbox", "two").await];
    let moved = desk
        .home
        .must("message_move", json!({"ids": ids, "folder": "Archive"}))
        .await;
    desk.home.carried().await;
    desk.office
        .doveadm(&[
            "move", "-u", ALICE, "Trash", "mailbox", "Archive", "subject", "one",
        ])
        .unwrap();
    desk.is_gone(&moved).await;
    desk.home.carried().await;
    assert_eq!(desk.subjects("inbox").await, ["two"]);
    assert_eq!((desk.count(ALICE, "INBOX"), desk.count(ALICE, "Trash")), (1, 1));
}

#[tokio::test]
async fn move_to_a_folder_that_is_not_kept_here_is_undone() {
    let desk = Desk::with(&mail_only());
    desk.office
        .deliver(ALICE, &message("x@example.org", ALICE, "one", "text"))
        .unwrap();
    let mut payload = desk.by_password(ALICE);
    payload["folders"] = json!(["INBOX"]);
    desk.home.must("account_add", payload).await;
    desk.sync(ALICE).await;
    let thrown = desk
        .home
        .must("message_delete", json!({"ids": [desk.id("inbox", "one").await]}))
        .await;
    desk.home.carried().await;
    desk.sync(ALICE).await;
    assert!(
        desk.search("one").await.is_empty(),
        "nothing of it is here any more"
    );
    desk.undo(&thrown).await;
    assert_eq!(desk.subjects("inbox").await, ["one"]);
    assert_eq!(desk.count(ALICE, "Trash"), 0);
}

#[tokio::test]
async fn move_on_a_server_without_uidplus_is_undone() {
    let options = OfficeOptions {
        profile: ServerProfile::Minimal,
        ..mail_only()
    };
    let desk = Desk::with_mail(&options, &["one", "two"]).await;
    let moved = desk
        .home
        .must(
            "message_move",
            json!({"ids": [desk.id("inbox", "one").await], "folder": "Archive"}),
        )
        .await;
    desk.home.carried().await;
    assert_eq!(desk.count(ALICE, "Archive"), 1);
    desk.undo(&moved).await;
    desk.sync(ALICE).await;
    let rows = desk.list(ALICE, "inbox").await;
    assert_eq!(rows.len(), 2);
    assert!(rows.iter().all(|row| row["flags"] == json!([])), "{rows:?}");
}
