//! Large loads: stored first, searchable after.

use std::sync::Arc;

use mailroom_tests::eventually;
use mailroom_tests::script::{Script, Step};
use serde_json::json;
use tokio::sync::Notify;

use crate::mailbox::{BODIES, Dialogue, Mailbox, body, facts_of};

/// Five messages that claim nine megabytes each, so that the index follows them; the last one comes when it may.
fn large_load(go_on: &Arc<Notify>) -> Script {
    let facts: String = (1..=5).map(|uid| facts_of(uid, 9_000_000)).collect();
    let script = Script::new()
        .folders(&["INBOX"])
        .open("INBOX", 5, 6)
        .answer("UID SEARCH ALL", "* SEARCH 1 2 3 4 5\r\n")
        .answer("UID FETCH 1:5 (UID FLAGS INTERNALDATE RFC822.SIZE)", &facts);
    ["5", "4", "3", "2"]
        .into_iter()
        .fold(script, |script, uid| script.bodies(uid, &[uid.parse().unwrap()]))
        .command(&format!("UID FETCH 1 {BODIES}"))
        .then(Step::Wait(go_on.clone()))
}

/// How many messages a query finds, and whether that is said to be all.
async fn found(mailbox: &Mailbox, query: &str) -> (usize, bool) {
    let found = mailbox
        .home
        .must("message_search", json!({ "query": query }))
        .await;
    (
        found["messages"].as_array().unwrap().len(),
        found["complete"].as_bool().unwrap(),
    )
}

/// Waits until so many messages can be read.
async fn listed(mailbox: &Mailbox, count: usize) {
    eventually("so many messages", async || {
        // At first there is not even a folder.
        let page = mailbox
            .home
            .call("message_list", json!({"folder": "inbox", "limit": 100}))
            .await;
        page.is_ok_and(|page| page["messages"].as_array().unwrap().len() >= count)
    })
    .await;
}

#[tokio::test]
async fn index_follows_a_large_load_and_says_so() {
    let mailbox = Mailbox::new();
    let go_on = Arc::new(Notify::new());
    let script = large_load(&go_on)
        .send(format!("{}{{tag}} OK done\r\n", body(1)))
        .bye();
    let server = mailbox.imap("", vec![script]).await;
    mailbox.connect(server.port(), None).await;
    let meanwhile = async {
        listed(&mailbox, 4).await;
        assert_eq!(found(&mailbox, "subject:number").await, (0, false));
        assert_eq!(
            found(&mailbox, "is:unread").await,
            (4, false),
            "no words, no index"
        );
        go_on.notify_one();
    };
    let (report, ()) = tokio::join!(mailbox.sync_well(), meanwhile);
    assert_eq!(report["added"], 5, "{report}");
    assert_eq!(found(&mailbox, "subject:number").await, (5, true));
    assert_eq!(found(&mailbox, "from:bob text").await, (5, true));
    server.finish().await.unwrap();
}

#[tokio::test]
async fn what_came_of_a_large_load_that_was_cut_is_indexed() {
    let mailbox = Mailbox::new();
    let go_on = Arc::new(Notify::new());
    let server = mailbox.imap("", vec![large_load(&go_on).then(Step::Close)]).await;
    mailbox.connect(server.port(), None).await;
    let meanwhile = async {
        listed(&mailbox, 4).await;
        go_on.notify_one();
    };
    let (report, ()) = tokio::join!(mailbox.sync(), meanwhile);
    assert!(report.to_string().contains("\"code\""), "{report}");
    assert_eq!(found(&mailbox, "subject:number").await, (4, false));
}
