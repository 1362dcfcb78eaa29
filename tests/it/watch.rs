//! Watching: what happens between a look and the wait for the next one.

use mailroom_api::CancellationToken;
use mailroom_api::dto::EventView;
use mailroom_tests::script::Script;
use serde_json::json;

use crate::mailbox::{ANNA, Dialogue, Mailbox};

fn empty_look() -> Script {
    Script::new().folders(&["INBOX"]).open("INBOX", 0, 1).bye()
}

fn wait(exists: u32, next: u32) -> Script {
    Script::new()
        .open("INBOX", exists, next)
        .command("IDLE")
        .send("+ idling\r\n")
        .line("DONE")
        .send("{tag} OK done\r\n")
        .bye()
}

#[tokio::test]
async fn message_that_comes_between_look_and_wait_is_loaded_at_once() {
    let mailbox = Mailbox::new();
    let server = mailbox
        .imap(
            "IDLE",
            vec![
                empty_look(),
                // It is there when the folder is opened for the wait, so no announcement will come.
                Script::new().open("INBOX", 1, 2).bye(),
                Script::new()
                    .folders(&["INBOX"])
                    .open("INBOX", 1, 2)
                    .facts("1:4294967295", &[1])
                    .bodies("1", &[1])
                    .bye(),
                wait(1, 2),
            ],
        )
        .await;
    mailbox.connect(server.port(), None).await;
    let cancel = CancellationToken::new();
    let watching = mailbox.home.call_until("sync_watch", json!({}), cancel.clone());
    let (watched, _) = mailbox
        .home
        .during(watching, |event| {
            if matches!(&event, EventView::WatchRested { by, .. } if by == "push") {
                cancel.cancel();
            }
            None::<()>
        })
        .await;
    watched.unwrap();
    assert_eq!(mailbox.list("inbox").await.len(), 1);
    server.finish().await.unwrap();
}

#[tokio::test]
async fn numbers_that_never_fit_do_not_make_the_server_be_asked_without_end() {
    let mailbox = Mailbox::new();
    let server = mailbox
        .imap(
            "IDLE",
            vec![
                empty_look(),
                Script::new().open("INBOX", 0, 9).bye(),
                empty_look(),
                // The same again: it is believed, and waited for.
                wait(0, 9),
            ],
        )
        .await;
    mailbox.connect(server.port(), None).await;
    let cancel = CancellationToken::new();
    let watching = mailbox.home.call_until("sync_watch", json!({}), cancel.clone());
    let (watched, _) = mailbox
        .home
        .during(watching, |event| {
            if matches!(&event, EventView::WatchRested { by, .. } if by == "push") {
                cancel.cancel();
            }
            None::<()>
        })
        .await;
    watched.unwrap();
    server.finish().await.unwrap();
}

#[tokio::test]
async fn account_that_is_removed_while_it_is_watched_is_let_go() {
    let mailbox = Mailbox::new();
    let server = mailbox.imap("IDLE", vec![empty_look(), wait(0, 1)]).await;
    mailbox.connect(server.port(), None).await;
    let rested = tokio::sync::Notify::new();
    let watching = mailbox.home.call("sync_watch", json!({}));
    let watching = mailbox.home.during(watching, |event| {
        if matches!(event, EventView::WatchRested { .. }) {
            rested.notify_one();
        }
        None::<()>
    });
    let removing = async {
        rested.notified().await;
        mailbox
            .home
            .must("account_remove", json!({"address": ANNA}))
            .await
    };
    let ((watched, _), _) = tokio::join!(watching, removing);
    watched.unwrap();
    server.finish().await.unwrap();
}
