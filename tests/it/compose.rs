//! Drafts on servers that say little and leave in the middle.

use std::time::Duration;

use mailroom_tests::script::{Script, Step};
use serde_json::{Value, json};

use crate::mailbox::{ANNA, Dialogue, Mailbox, facts_of, first_look, message};

const FOLDERS: &[&str] = &["INBOX", "\\Drafts Drafts"];
const APPEND: &str = "APPEND \"Drafts\" (\\Seen \\Draft) ";
const SEARCH: &str = "UID SEARCH HEADER \"Message-ID\" ";

/// A message goes up; its text ends with a line that is a single dot.
fn append() -> Script {
    Script::new()
        .command_prefix(APPEND)
        .send("+ go on\r\n")
        .then(Step::Data)
}

async fn save(mailbox: &Mailbox, id: &Value, text: &str) -> Value {
    let payload = json!({
        "id": id, "from": ANNA, "to": ["bob@example.org"], "cc": [], "bcc": [], "subject": "one",
        "text": format!("{text}\n."), "html": null, "upload": true,
    });
    mailbox.home.must("draft_save", payload).await
}

#[tokio::test]
async fn upload_cut_off_before_the_answer_is_found_and_not_repeated_without_uidplus() {
    let mirror = |exists, next| {
        Script::new()
            .folders(FOLDERS)
            .open("INBOX", 0, 1)
            .open("Drafts", exists, next)
    };
    let (mailbox, imap) = Mailbox::looked_at(
        "",
        vec![
            mirror(0, 1).bye(),
            // The server took it; its answer is lost.
            append().then(Step::Close),
            // It is looked for and found, and not put there again.
            Script::new()
                .open("Drafts", 1, 2)
                .answer_prefix(SEARCH, "* SEARCH 1\r\n")
                .bye(),
            append()
                .line("")
                .send("{tag} OK done\r\n")
                .open("Drafts", 2, 3)
                .answer_prefix(SEARCH, "* SEARCH 2\r\n")
                // The older copy goes, as far as this server can.
                .open("Drafts", 2, 3)
                .answer_prefix(SEARCH, "* SEARCH 1\r\n")
                .answer_prefix("UID STORE 1 ", "")
                .bye(),
        ],
    )
    .await;
    let draft = mailbox
        .home
        .must("draft_open", json!({"kind": "new", "from": ANNA}))
        .await;
    let saved = save(&mailbox, &draft["id"], "raz").await;
    assert_eq!(saved["uploaded_at"], Value::Null, "nobody knows");
    let waiting = mailbox.home.must("operation_list", json!({})).await;
    assert_eq!(
        (
            &waiting[0]["kind"],
            &waiting[0]["subjects"],
            &waiting[0]["error"]["code"]
        ),
        (&json!("draft"), &json!(["one"]), &json!("connection_lost")),
        "{waiting}"
    );
    mailbox.clock.advance(Duration::from_hours(1));
    mailbox.home.engine.push_changes(None).await.unwrap();
    let opened = mailbox
        .home
        .must("draft_open", json!({"kind": "draft", "id": draft["id"]}))
        .await;
    assert!(opened["uploaded_at"].is_i64(), "{opened}");
    assert_eq!(mailbox.list("drafts").await.len(), 1);
    let saved = save(&mailbox, &draft["id"], "dwa").await;
    assert!(saved["uploaded_at"].is_i64(), "{saved}");
    assert_eq!(mailbox.home.must("operation_list", json!({})).await, json!([]));
    imap.finish().await.unwrap();
}

#[tokio::test]
async fn upload_cut_off_and_followed_by_a_newer_text_leaves_one_copy() {
    let mirror = |script: Script, exists, next| {
        script
            .folders(FOLDERS)
            .open("INBOX", 0, 1)
            .open("Drafts", exists, next)
    };
    let facts = "UID FETCH 1:4294967295 (UID FLAGS INTERNALDATE RFC822.SIZE)";
    let (mailbox, imap) = Mailbox::looked_at(
        "UIDPLUS",
        vec![
            mirror(Script::new(), 0, 1).bye(),
            // The server took it; its answer is lost.
            append().then(Step::Close),
            // A look finds it before the upload is tried again.
            mirror(Script::new(), 1, 2)
                .answer(facts, &facts_of(1, message(1).len()))
                .bodies("1", &[1])
                .bye(),
            // The first text is looked for and found; then comes the newer one, and what it replaces goes.
            Script::new()
                .open("Drafts", 1, 2)
                .answer_prefix(SEARCH, "* SEARCH 1\r\n")
                .followed_by(append())
                .line("")
                .send("{tag} OK [APPENDUID 7 2] done\r\n")
                .open("Drafts", 2, 3)
                .answer_prefix(SEARCH, "* SEARCH 1\r\n")
                .answer("UID STORE 1 +FLAGS.SILENT (\\Deleted)", "")
                .answer("UID EXPUNGE 1", "* 1 EXPUNGE\r\n")
                .bye(),
        ],
    )
    .await;
    let draft = mailbox
        .home
        .must("draft_open", json!({"kind": "new", "from": ANNA}))
        .await;
    save(&mailbox, &draft["id"], "raz").await;
    mailbox.sync_well().await;
    assert_eq!(mailbox.list("drafts").await.len(), 1);
    let saved = save(&mailbox, &draft["id"], "dwa").await;
    assert_eq!(saved["uploaded_at"], Value::Null, "it waits behind the first one");
    mailbox.clock.advance(Duration::from_hours(1));
    mailbox.home.engine.push_changes(None).await.unwrap();
    assert_eq!(mailbox.home.must("operation_list", json!({})).await, json!([]));
    let rows = mailbox.list("drafts").await;
    assert_eq!(rows.len(), 1);
    assert!(
        rows[0]["preview"].as_str().unwrap().starts_with("dwa"),
        "{rows:?}"
    );
    imap.finish().await.unwrap();
}

#[tokio::test]
async fn upload_leaves_changes_that_were_put_off_in_peace() {
    let (mailbox, imap) = Mailbox::looked_at(
        "UIDPLUS",
        vec![
            first_look(1, &FOLDERS[1..]),
            Script::new()
                .open("INBOX", 1, 2)
                .refuse("UID STORE 1 +FLAGS (\\Seen)", "NO [UNAVAILABLE] later")
                .answer("NOOP", "")
                // The change of the inbox is not tried again before its time.
                .followed_by(append())
                .line("")
                .send("{tag} OK [APPENDUID 7 1] done\r\n")
                .bye(),
        ],
    )
    .await;
    let id = mailbox.list("inbox").await[0]["id"].clone();
    let marking = json!({"ids": [id], "add": ["\\Seen"], "remove": []});
    mailbox.home.must("message_mark", marking).await;
    mailbox.home.carried().await;
    let draft = mailbox
        .home
        .must("draft_open", json!({"kind": "new", "from": ANNA}))
        .await;
    let saved = save(&mailbox, &draft["id"], "raz").await;
    assert!(saved["uploaded_at"].is_i64(), "{saved}");
    let waiting = mailbox.home.must("operation_list", json!({})).await;
    assert_eq!(
        (&waiting[0]["kind"], &waiting[0]["attempts"]),
        (&json!("flags"), &json!(1)),
        "{waiting}"
    );
    imap.finish().await.unwrap();
}

#[tokio::test]
async fn save_that_comes_late_gives_the_newer_text() {
    let mailbox = Mailbox::new();
    mailbox.connect(1, None).await;
    let draft = mailbox
        .home
        .must("draft_open", json!({"kind": "new", "from": ANNA}))
        .await;
    assert_eq!(draft["revision"], 0);
    let mut seen = Vec::new();
    for (text, revision) in [("one", 1), ("three", 3), ("two", 2)] {
        let payload = json!({
            "id": draft["id"], "from": ANNA, "to": [], "cc": [], "bcc": [], "subject": "", "text": text, "html": null,
            "revision": revision, "upload": false,
        });
        let view = mailbox.home.must("draft_save", payload).await;
        seen.push((view["text"].clone(), view["revision"].clone()));
    }
    let expected = [("one", 1), ("three", 3), ("three", 3)];
    assert_eq!(
        seen,
        expected.map(|(text, revision)| (json!(text), json!(revision)))
    );
}
