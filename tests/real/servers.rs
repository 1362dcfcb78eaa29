//! Moving an account to other servers.

use serde_json::{Value, json};

use crate::desk::{ALICE, Desk, message};

#[tokio::test]
async fn account_moves_to_other_servers_and_keeps_everything() {
    let desk = Desk::new();
    for subject in ["one", "two", "three"] {
        let raw = message("carol@example.org", ALICE, subject, "Text.");
        desk.office.deliver(ALICE, &raw).unwrap();
    }
    let before = desk.add(ALICE).await;
    desk.sync(ALICE).await;
    let mail = desk.list(ALICE, "inbox").await;
    assert_eq!(mail.len(), 3);
    // What the server refuses stays in the outbox.
    let letter = json!({"from": ALICE, "to": ["nobody@mailroom.test"], "subject": "s", "text": "t"});
    desk.home.must("message_send", letter).await;
    let outbox = desk.home.must("outbox_list", json!({})).await;
    assert_eq!(outbox.as_array().unwrap().len(), 1, "{outbox}");

    // A port that speaks something else: nothing changes.
    let wrong =
        json!({"address": ALICE, "imap": format!("localhost:{}:tls", desk.office.submissions_port())});
    desk.home.call("account_servers", wrong).await.unwrap_err();
    let list = || async { desk.home.must("account_list", json!({})).await[0].clone() };
    let kept = list().await;
    assert_eq!((&kept["imap"], &kept["smtp"]), (&before["imap"], &before["smtp"]));
    desk.sync(ALICE).await;

    let imap = format!("localhost:{}:starttls", desk.office.imap_port());
    let smtp = format!("localhost:{}:starttls", desk.office.submission_port());
    let other = json!({"address": ALICE, "imap": imap, "smtp": smtp});
    let moved = desk.home.must("account_servers", other).await;
    assert_eq!((&moved["imap"], &moved["smtp"]), (&json!(imap), &json!(smtp)));
    assert_eq!(moved["id"], before["id"]);
    assert_eq!(list().await, moved);
    let report = desk.sync(ALICE).await;
    assert_eq!(
        (&report["added"], &report["removed"], &report["bytes"]),
        (&json!(0), &json!(0), &json!(0)),
        "the cursors still hold"
    );
    assert_eq!(desk.list(ALICE, "inbox").await, mail);
    assert_eq!(desk.home.must("outbox_list", json!({})).await, outbox);
    let letter = json!({"from": ALICE, "to": [ALICE], "subject": "over the new server", "text": "t"});
    let sent: Value = desk.home.must("message_send", letter).await;
    assert_eq!(sent["state"], "filed", "{sent}");
}
