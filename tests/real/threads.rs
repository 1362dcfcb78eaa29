//! Lists of conversations.

use mailroom_model::UnixMillis;
use serde_json::{Value, json};

use crate::desk::{ALICE, BOB, Desk, message, text};

#[tokio::test]
async fn threads_of_all_inboxes_follow_each_other_in_pages() {
    let desk = Desk::new();
    let at = |second: i64| Some(UnixMillis((1_700_000_000 + second) * 1000));
    let answer = |user: &str, subject: &str, to: &str| {
        let raw = String::from_utf8(message("Ewa <ewa@example.org>", user, subject, "text")).unwrap();
        raw.replacen(
            "Subject:",
            &format!("In-Reply-To: <{to}@example.org>\r\nSubject:"),
            1,
        )
        .into_bytes()
    };
    for (user, n) in [(ALICE, 0), (BOB, 1), (ALICE, 2), (BOB, 3), (ALICE, 4)] {
        let raw = message("Jan <jan@example.org>", user, &format!("talk {n}"), "text");
        desk.office.append(user, "INBOX", &[], at(n), &raw).unwrap();
    }
    let raw = answer(ALICE, "Re: talk 0", "talk-0");
    desk.office
        .append(ALICE, "INBOX", &["\\Seen"], at(100), &raw)
        .unwrap();
    desk.office
        .append(
            ALICE,
            "Archive",
            &[],
            at(200),
            &answer(ALICE, "more on 0", "talk-0"),
        )
        .unwrap();
    for user in [ALICE, BOB] {
        desk.add(user).await;
        desk.sync(user).await;
    }
    let mut rows = Vec::new();
    let mut cursor = Value::Null;
    loop {
        let mut payload = json!({"threads": true, "limit": 2});
        if !cursor.is_null() {
            payload["cursor"] = cursor;
        }
        let page = desk.home.must("message_list", payload).await;
        rows.extend(page["messages"].as_array().unwrap().iter().cloned());
        cursor = page["cursor"].clone();
        if cursor.is_null() {
            break;
        }
    }
    let subjects: Vec<String> = rows.iter().map(|row| text(row, "subject")).collect();
    assert_eq!(subjects, ["Re: talk 0", "talk 4", "talk 3", "talk 2", "talk 1"]);
    let thread = &rows[0]["thread"];
    assert_eq!(
        (&thread["messages"], &thread["unread"], &thread["senders"]),
        (&json!(2), &json!(1), &json!(["Jan", "Ewa"]))
    );
    assert_eq!(
        (&thread["recipients"], &rows[0]["to"]),
        (&json!([ALICE]), &json!([ALICE]))
    );
    assert_eq!(thread["ids"][0], rows[0]["id"]);
    assert_eq!(thread["ids"].as_array().unwrap().len(), 2);
    let told = desk
        .home
        .must("thread_show", json!({"id": rows[0]["thread_id"]}))
        .await;
    let told: Vec<(String, String)> = told
        .as_array()
        .unwrap()
        .iter()
        .map(|row| (text(row, "subject"), text(row, "folder")))
        .collect();
    let row = |subject: &str, folder: &str| (subject.to_owned(), folder.to_owned());
    assert_eq!(
        told,
        [
            row("talk 0", "INBOX"),
            row("Re: talk 0", "INBOX"),
            row("more on 0", "Archive")
        ]
    );
}
