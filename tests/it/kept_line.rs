//! The connection that is kept between two looks.

use mailroom_api::CancellationToken;
use mailroom_api::dto::EventView;
use mailroom_tests::script::{Script, Step};
use serde_json::{Value, json};

use crate::mailbox::{ANNA, Dialogue, Mailbox};

const ABILITIES: &str = "LIST-EXTENDED LIST-STATUS CONDSTORE UNSELECT";
const STATES: &str =
    "LIST \"\" \"*\" RETURN (SUBSCRIBED CHILDREN STATUS (MESSAGES UIDNEXT UIDVALIDITY HIGHESTMODSEQ))";
const INBOX: &str = "* LIST () \"/\" INBOX\r\n\
    * STATUS INBOX (MESSAGES 0 UIDNEXT 1 UIDVALIDITY 7 HIGHESTMODSEQ 5)\r\n";

/// A first look that opens the inbox: the server has told no state of it.
fn first_look() -> Script {
    Script::new()
        .answer(STATES, "* LIST () \"/\" INBOX\r\n")
        .answer(
            "SELECT \"INBOX\" (CONDSTORE)",
            "* 0 EXISTS\r\n* OK [UIDVALIDITY 7] ok\r\n* OK [UIDNEXT 1] next\r\n* OK [HIGHESTMODSEQ 5] highest\r\n",
        )
}

/// Asks for `looks` looks while a watch that does not listen keeps the connection.
async fn looks(mailbox: &Mailbox, looks: usize) -> Vec<Value> {
    let quiet = json!({"address": ANNA, "push": false});
    mailbox.home.must("account_update", quiet).await;
    let cancel = CancellationToken::new();
    let rested = tokio::sync::Notify::new();
    let watching = mailbox.home.during(
        mailbox.home.call_until("sync_watch", json!({}), cancel.clone()),
        |event| {
            if matches!(event, EventView::WatchRested { .. }) {
                rested.notify_one();
            }
            None::<()>
        },
    );
    let asking = async {
        rested.notified().await;
        let mut reports = Vec::new();
        for _ in 0..looks {
            reports.push(mailbox.home.must("sync_run", json!({})).await[0].clone());
        }
        cancel.cancel();
        reports
    };
    let ((watched, _), reports) = tokio::join!(watching, asking);
    watched.unwrap();
    reports
}

#[tokio::test]
async fn look_at_which_nothing_changed_asks_once() {
    let mailbox = Mailbox::new();
    let server = mailbox
        .imap(
            ABILITIES,
            vec![
                first_look()
                    // Both before any answer; what is open says nothing of itself in a list.
                    .command("UNSELECT")
                    .send("{tag} OK closed\r\n")
                    .answer(STATES, INBOX)
                    .answer("NOOP", "")
                    .answer(STATES, INBOX)
                    .bye(),
            ],
        )
        .await;
    mailbox.connect(server.port(), None).await;
    let reports = looks(&mailbox, 2).await;
    server.finish().await.unwrap();
    for report in reports {
        assert_eq!(report["error"], json!(null), "{report}");
        assert_eq!(report["folders"].as_array().unwrap().len(), 1, "{report}");
    }
}

#[tokio::test]
async fn kept_connection_that_died_is_replaced_and_is_no_failure() {
    let mailbox = Mailbox::new();
    let server = mailbox
        .imap(
            ABILITIES,
            vec![
                first_look().then(Step::Close),
                Script::new().answer(STATES, INBOX).bye(),
            ],
        )
        .await;
    mailbox.connect(server.port(), None).await;
    let reports = looks(&mailbox, 1).await;
    server.finish().await.unwrap();
    assert_eq!(reports[0]["error"], json!(null), "{reports:?}");
}
