//! Watching: what happens between a look and the wait for the next one.

use std::sync::Arc;
use std::time::Duration;

use mailroom_api::CancellationToken;
use mailroom_api::dto::EventView;
use mailroom_model::{AccountState, Clock as _, ErrorCode, FolderSelection, Period};
use mailroom_protocol::Timeouts;
use mailroom_store::{NewAccount, Store};
use mailroom_tests::eventually;
use mailroom_tests::home::QUICK;
use mailroom_tests::script::{Script, ScriptServer, Step};
use serde_json::json;
use tokio::sync::Notify;

use crate::mailbox::{ANNA, BODIES, Dialogue, Mailbox, body};

fn empty_look() -> Script {
    Script::new().folders(&["INBOX"]).open("INBOX", 0, 1).bye()
}

/// Begins to listen in the inbox that is open.
fn idle() -> Script {
    Script::new().command("IDLE").send("+ idling\r\n")
}

/// Listens until the client has had enough.
fn idle_to_the_end() -> Script {
    idle().followed_by(done()).bye()
}

/// As [`idle_to_the_end`], and tells when it began.
fn last_idle(begun: &Arc<Notify>) -> Script {
    idle().then(Step::Tell(begun.clone())).followed_by(done()).bye()
}

fn done() -> Script {
    Script::new().line("DONE").send("{tag} OK done\r\n")
}

/// Message number `uid` is fetched, in a folder in which it is the newest.
fn fetched(first: u32, uid: u32) -> Script {
    Script::new()
        .facts(&format!("{first}:4294967295"), &[uid])
        .bodies(&uid.to_string(), &[uid])
}

/// Watches until `enough`, called with every event, says so; gives how many messages each folder brought, as it was told,
/// and whether it failed.
async fn watch(mailbox: &Mailbox, mut enough: impl FnMut(&EventView) -> bool) -> Vec<(i64, bool)> {
    let cancel = CancellationToken::new();
    let watching = mailbox.home.call_until("sync_watch", json!({}), cancel.clone());
    let (watched, folders) = mailbox
        .home
        .during(watching, |event| {
            if enough(&event) {
                cancel.cancel();
            }
            brought(&event)
        })
        .await;
    watched.unwrap();
    folders
}

/// As [`watch`], until something was told, such as what the server waits for. Rests cannot be counted instead: one during the end of a look
/// is told with it or not at all.
async fn watch_until(
    mailbox: &Mailbox,
    begun: &Notify,
    mut hear: impl FnMut(&EventView),
) -> Vec<(i64, bool)> {
    let cancel = CancellationToken::new();
    let watching = async {
        let watched = mailbox.home.call_until("sync_watch", json!({}), cancel.clone());
        let ending = async {
            begun.notified().await;
            cancel.cancel();
        };
        tokio::join!(watched, ending).0
    };
    let (watched, folders) = mailbox
        .home
        .during(watching, |event| {
            hear(&event);
            brought(&event)
        })
        .await;
    watched.unwrap();
    folders
}

fn brought(event: &EventView) -> Option<(i64, bool)> {
    match event {
        EventView::FolderSynced { added, error, .. } => Some((*added, error.is_some())),
        _ => None,
    }
}

fn listens(event: &EventView) -> bool {
    matches!(event, EventView::WatchRested { by, .. } if by == "push")
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
                Script::new()
                    .open("INBOX", 1, 2)
                    .followed_by(fetched(1, 1))
                    .followed_by(idle_to_the_end()),
            ],
        )
        .await;
    mailbox.connect(server.port(), None).await;
    watch(&mailbox, listens).await;
    assert_eq!(mailbox.list("inbox").await.len(), 1);
    server.finish().await.unwrap();
}

#[tokio::test]
async fn announced_messages_are_fetched_over_the_connection_that_goes_on_listening() {
    let mailbox = Mailbox::new();
    let begun = Arc::new(Notify::new());
    let announced = |number: u32| {
        idle()
            .send(format!("* {number} EXISTS\r\n"))
            .followed_by(done())
            .open("INBOX", number, number + 1)
            .followed_by(fetched(number, number))
    };
    let server = mailbox
        .imap(
            "IDLE",
            vec![
                empty_look(),
                Script::new()
                    .open("INBOX", 0, 1)
                    .followed_by(announced(1))
                    .followed_by(announced(2))
                    .followed_by(last_idle(&begun)),
            ],
        )
        .await;
    mailbox.connect(server.port(), None).await;
    let folders = watch_until(&mailbox, &begun, |_| {}).await;
    assert_eq!(folders, [(0, false), (1, false), (1, false)]);
    assert_eq!(mailbox.list("inbox").await.len(), 2);
    server.finish().await.unwrap();
}

#[tokio::test]
async fn message_that_is_announced_during_a_fetch_is_fetched_before_the_next_wait() {
    let mailbox = Mailbox::new();
    let begun = Arc::new(Notify::new());
    let server = mailbox
        .imap(
            "IDLE",
            vec![
                empty_look(),
                Script::new()
                    .open("INBOX", 0, 1)
                    .followed_by(idle().send("* 1 EXISTS\r\n"))
                    .followed_by(done())
                    .open("INBOX", 1, 2)
                    .facts("1:4294967295", &[1])
                    // In the middle of an answer, and only there.
                    .answer(
                        &format!("UID FETCH 1 {BODIES}"),
                        &format!("* 2 EXISTS\r\n{}", body(1)),
                    )
                    .open("INBOX", 2, 3)
                    .followed_by(fetched(2, 2))
                    .followed_by(last_idle(&begun)),
            ],
        )
        .await;
    mailbox.connect(server.port(), None).await;
    watch_until(&mailbox, &begun, |_| {}).await;
    assert_eq!(mailbox.list("inbox").await.len(), 2);
    server.finish().await.unwrap();
}

#[tokio::test]
async fn announced_message_does_not_wait_for_a_look_at_another_folder() {
    let mailbox = Mailbox::new();
    let go_on = Arc::new(Notify::new());
    let arrived = Arc::new(Notify::new());
    let server = mailbox
        .imap(
            "IDLE",
            vec![
                Script::new()
                    .folders(&["INBOX", "Large"])
                    .open("INBOX", 0, 1)
                    .open("Large", 0, 1)
                    // The second look, over the connection that was kept. It lasts.
                    .answer("NOOP", "")
                    .folders(&["INBOX", "Large"])
                    .open("INBOX", 0, 1)
                    .command("SELECT \"Large\"")
                    .then(Step::Wait(go_on.clone()))
                    .send(
                        "* 0 EXISTS\r\n* OK [UIDVALIDITY 7] ok\r\n* OK [UIDNEXT 1] next\r\n{tag} OK done\r\n",
                    )
                    .bye(),
                Script::new()
                    .open("INBOX", 0, 1)
                    .followed_by(idle())
                    .then(Step::Wait(arrived.clone()))
                    .send("* 1 EXISTS\r\n")
                    .followed_by(done())
                    .open("INBOX", 1, 2)
                    .followed_by(fetched(1, 1))
                    .followed_by(idle_to_the_end()),
            ],
        )
        .await;
    mailbox.connect(server.port(), None).await;
    let looks_again = async {
        eventually("the look at the other folder", async || {
            server.heard("SELECT") >= 5
        })
        .await;
        arrived.notify_one();
    };
    let (listening, over) = (Notify::new(), Notify::new());
    let asks = async {
        listening.notified().await;
        mailbox.home.must("sync_run", json!({"address": ANNA})).await;
        over.notify_one();
    };
    let watching = watch_until(&mailbox, &over, |event| {
        if listens(event) {
            listening.notify_one();
        }
        if matches!(event, EventView::FolderSynced { added: 1, .. }) {
            go_on.notify_one();
        }
    });
    let (folders, (), ()) = tokio::join!(watching, looks_again, asks);
    assert_eq!(
        folders.last(),
        Some(&(0, false)),
        "the other folder comes after it: {folders:?}"
    );
    assert_eq!(mailbox.list("inbox").await.len(), 1);
    server.finish().await.unwrap();
}

/// Listens, hears of a message, and opens the folder to fetch it; what comes of that is the test's.
fn announced() -> Script {
    Script::new()
        .open("INBOX", 0, 1)
        .followed_by(idle().send("* 1 EXISTS\r\n"))
        .followed_by(done())
        .command("SELECT \"INBOX\"")
}

#[tokio::test]
async fn announced_message_does_not_wait_for_the_first_load() {
    let mailbox = Mailbox::new();
    let go_on = Arc::new(Notify::new());
    let all: Vec<u32> = (1..=60).collect();
    let found: Vec<String> = all.iter().map(ToString::to_string).collect();
    let older: String = (1..=10).map(body).collect();
    let server = mailbox
        .imap(
            "IDLE",
            vec![
                Script::new()
                    .folders(&["INBOX"])
                    .open("INBOX", 60, 61)
                    .answer("UID SEARCH ALL", &format!("* SEARCH {}\r\n", found.join(" ")))
                    .facts("11:60", &all[10..])
                    .bodies("11:60", &all[10..])
                    // The newest are here. The rest lasts.
                    .facts("1:10", &all[..10])
                    .command(&format!("UID FETCH 1:10 {BODIES}"))
                    .then(Step::Wait(go_on.clone()))
                    .send(format!("{older}{{tag}} OK done\r\n"))
                    .bye(),
                Script::new()
                    .open("INBOX", 60, 61)
                    .followed_by(idle().send("* 61 EXISTS\r\n"))
                    .followed_by(done())
                    .open("INBOX", 61, 62)
                    .followed_by(fetched(61, 61))
                    .followed_by(idle_to_the_end()),
            ],
        )
        .await;
    mailbox.connect(server.port(), None).await;
    let (mut rests, mut ended) = (0, false);
    let folders = watch(&mailbox, |event| {
        match event {
            EventView::FolderSynced { added: 1, .. } => go_on.notify_one(),
            // It is not over before it is over.
            EventView::WatchRested { .. } => rests += usize::from(!ended),
            EventView::SyncEnded { .. } => ended = true,
            _ => {}
        }
        ended
    })
    .await;
    assert_eq!(folders, [(1, false), (60, false)]);
    assert_eq!(rests, 0);
    assert_eq!(mailbox.list("inbox").await.len(), 61);
    server.finish().await.unwrap();
}

#[tokio::test]
async fn wait_and_connection_are_renewed_when_they_are_old() {
    let mailbox = Mailbox::new();
    let announce = Arc::new(Notify::new());
    let server = mailbox
        .imap(
            "IDLE",
            vec![
                empty_look(),
                Script::new()
                    .open("INBOX", 0, 1)
                    .followed_by(idle())
                    .then(Step::Wait(announce.clone()))
                    .send("* 1 EXISTS\r\n")
                    .followed_by(done())
                    .open("INBOX", 1, 2)
                    .followed_by(fetched(1, 1))
                    // The connection is nearly as old as one may be: the waits end by themselves.
                    .followed_by(idle())
                    .followed_by(done())
                    .followed_by(idle())
                    .followed_by(done())
                    .bye(),
                Script::new()
                    .open("INBOX", 1, 2)
                    .answer("UID FETCH 1 (UID FLAGS)", "* 1 FETCH (UID 1 FLAGS ())\r\n")
                    .followed_by(idle_to_the_end()),
            ],
        )
        .await;
    mailbox.connect(server.port(), None).await;
    let listening = Notify::new();
    let grows_old = async {
        listening.notified().await;
        mailbox
            .clock
            .advance(Duration::from_mins(50).saturating_sub(Duration::from_millis(900)));
        announce.notify_one();
        eventually("the third wait", async || server.heard("IDLE") >= 3).await;
        mailbox.clock.advance(Duration::from_secs(1));
    };
    let mut rests = 0;
    let watching = watch(&mailbox, |event| {
        if listens(event) {
            rests += 1;
            listening.notify_one();
        }
        // The first wait, the one after the message, and the one over the new connection.
        rests == 3
    });
    let both = async { tokio::join!(watching, grows_old) };
    let (folders, ()) = tokio::time::timeout(Duration::from_mins(2), both).await.unwrap();
    assert_eq!(folders, [(0, false), (1, false)]);
    server.finish().await.unwrap();
}

#[tokio::test]
async fn connection_that_dies_after_an_announcement_is_no_failure_of_the_folder() {
    let mailbox = Mailbox::new();
    let begun = Arc::new(Notify::new());
    let another = Script::new()
        .open("INBOX", 1, 2)
        .followed_by(fetched(1, 1))
        .followed_by(last_idle(&begun));
    let server = mailbox
        .imap("IDLE", vec![empty_look(), announced().then(Step::Close), another])
        .await;
    mailbox.connect(server.port(), None).await;
    let folders = watch_until(&mailbox, &begun, |_| {}).await;
    assert_eq!(folders, [(0, false), (1, false)]);
    server.finish().await.unwrap();
}

#[tokio::test]
async fn fetching_what_was_announced_can_be_given_up() {
    let reply = Duration::from_mins(30);
    let mailbox = Mailbox::with(Timeouts { reply, ..QUICK });
    let look_twice = Script::new()
        .folders(&["INBOX"])
        .open("INBOX", 0, 1)
        .answer("NOOP", "")
        .followed_by(empty_look());
    let server = mailbox
        .imap("IDLE", vec![look_twice, announced().then(Step::Stall)])
        .await;
    mailbox.connect(server.port(), None).await;
    let cancel = CancellationToken::new();
    let looked = Notify::new();
    let watching = mailbox.home.call_until("sync_watch", json!({}), cancel.clone());
    let watching = mailbox.home.during(watching, |event| {
        if listens(&event) {
            looked.notify_one();
        }
        None::<()>
    });
    let giving_up = async {
        // The look, which is over, the wait, and the fetch.
        looked.notified().await;
        eventually("the fetch", async || server.heard("SELECT") >= 3).await;
        let address = json!({"address": ANNA});
        mailbox.home.must("account_cancel", address.clone()).await;
        // The mailbox is free at once; a server that says nothing would hold it for half an hour.
        let looking = mailbox.home.must("sync_run", address);
        let looked = tokio::time::timeout(Duration::from_mins(2), looking).await;
        cancel.cancel();
        looked.expect("it is free at once")
    };
    let ((watched, _), looked) = tokio::join!(watching, giving_up);
    watched.unwrap();
    assert_eq!(looked[0]["error"], json!(null), "{looked}");
    server.finish().await.unwrap();
}

#[tokio::test]
async fn numbers_that_never_fit_do_not_make_the_server_be_asked_without_end() {
    let mailbox = Mailbox::new();
    let none_there = "UID FETCH 1:4294967295 (UID FLAGS INTERNALDATE RFC822.SIZE)";
    let server = mailbox
        .imap(
            "IDLE",
            vec![
                empty_look(),
                Script::new()
                    .open("INBOX", 0, 9)
                    .answer(none_there, "")
                    // The next one never was as the first said: it is believed, and waited for.
                    .followed_by(idle_to_the_end()),
            ],
        )
        .await;
    mailbox.connect(server.port(), None).await;
    watch(&mailbox, listens).await;
    server.finish().await.unwrap();
}

#[tokio::test]
async fn listening_ends_for_good_where_the_server_does_not_announce() {
    let mailbox = Mailbox::new();
    let server = mailbox.imap("", vec![empty_look()]).await;
    mailbox.connect(server.port(), None).await;
    let polls = |event: &EventView| matches!(event, EventView::WatchRested { by, .. } if by == "poll");
    let folders = watch(&mailbox, polls).await;
    assert_eq!(folders, [(0, false)]);
    server.finish().await.unwrap();
}

#[tokio::test]
async fn account_that_is_removed_while_it_is_watched_is_let_go() {
    let mailbox = Mailbox::new();
    let server = mailbox
        .imap(
            "IDLE",
            vec![
                empty_look(),
                Script::new().open("INBOX", 0, 1).followed_by(idle_to_the_end()),
            ],
        )
        .await;
    mailbox.connect(server.port(), None).await;
    let rested = Notify::new();
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

#[tokio::test]
async fn message_on_its_way_is_not_cut_off_by_the_end_of_the_watch() {
    let mailbox = Mailbox::new();
    let accepted = mailbox
        .smtp_up_to_the_dot()
        .send("250 2.0.0 taken\r\n")
        .line("QUIT")
        .send("221 bye\r\n");
    let smtp = ScriptServer::start(vec![accepted]).await.unwrap();
    // Nobody takes a copy there.
    mailbox.connect(1, Some(smtp.port())).await;
    let home = &mailbox.home;
    let by_hand = json!({"address": ANNA, "automatic": false});
    home.must("account_update", by_hand).await;
    let draft = home.must("draft_open", json!({"kind": "new"})).await;
    let text = json!({
        "id": draft["id"], "from": ANNA, "to": ["bob@example.org"], "cc": [], "bcc": [], "subject": "one",
        "text": "Text.", "html": null, "upload": false,
    });
    home.must("draft_save", text).await;
    let later = mailbox.clock.now().plus_seconds(3600);
    home.must("draft_send", json!({"id": draft["id"], "not_before": later.0}))
        .await;
    let cancel = CancellationToken::new();
    let rested = Notify::new();
    let watching = home.call_until("sync_watch", json!({}), cancel.clone());
    let watching = home.during(watching, |event| {
        match event {
            EventView::WatchRested { .. } => rested.notify_one(),
            EventView::OutboxChanged { state, .. } if state == "sending" => cancel.cancel(),
            _ => {}
        }
        None::<()>
    });
    let becomes_due = async {
        rested.notified().await;
        mailbox.clock.advance(Duration::from_hours(2));
        let renamed = json!({"address": ANNA, "name": "Anna"});
        home.must("account_update", renamed).await;
    };
    let ((watched, _), ()) = tokio::join!(watching, becomes_due);
    watched.unwrap();
    smtp.finish().await.unwrap();
    let rows = home.must("outbox_list", json!({})).await;
    assert_eq!(
        (&rows[0]["state"], &rows[0]["attempts"]),
        (&json!("sent"), &json!(1)),
        "{rows}"
    );
}

#[tokio::test]
async fn refused_sign_in_is_not_shown_again_for_every_change() {
    let mailbox = Mailbox::new();
    let look = Script::new()
        .folders(&["INBOX"])
        .open("INBOX", 1, 2)
        .answer("UID SEARCH ALL", "* SEARCH 1\r\n")
        .facts("1", &[1])
        .bodies("1", &[1])
        .bye();
    // One connection: another one would find nobody, and would show.
    let server = mailbox.imap("", vec![look]).await;
    mailbox.connect(server.port(), None).await;
    mailbox.sync_well().await;
    let store = Store::open(&mailbox.home.path().join("mailroom.db"))
        .await
        .unwrap();
    let account = store.accounts().list().await.unwrap()[0].id;
    let refused = AccountState::SignInNeeded;
    store.accounts().set_state(account, refused, None).await.unwrap();
    store.close().await;
    let id = mailbox.list("inbox").await[0]["id"].clone();
    let marking = json!({"ids": [id], "add": ["flagged"], "remove": []});
    mailbox.home.must("message_mark", marking).await;
    let code = mailbox.home.fails("operation_push", json!({})).await;
    assert_eq!(code, ErrorCode::SignInAgain);
    let waiting = mailbox.home.must("operation_list", json!({})).await;
    assert_eq!(
        (&waiting[0]["attempts"], &waiting[0]["error"]),
        (&json!(0), &json!(null)),
        "{waiting}"
    );
    server.finish().await.unwrap();
}

#[tokio::test]
async fn change_of_an_account_while_many_are_looked_at_holds_nothing_up() {
    // More than the store has connections for reading.
    const ACCOUNTS: usize = 12;
    let mailbox = Mailbox::new();
    let home = &mailbox.home;
    let store = Store::open(&home.path().join("mailroom.db")).await.unwrap();
    let addresses: Vec<String> = (0..ACCOUNTS).map(|n| format!("a{n}@mailroom.test")).collect();
    for address in &addresses {
        let account = NewAccount {
            address: address.parse().unwrap(),
            display_name: String::new(),
            provider: None,
            state: AccountState::Working,
            working: None,
            period: Period::default(),
            folders: FolderSelection::All,
            registration_id: None,
            issuer: None,
            tenant: None,
            // Without a server: a look is a look into the store.
            options: json!({"automatic": false}),
            created_at: mailbox.clock.now(),
        };
        store.accounts().insert(&account).await.unwrap();
    }
    store.close().await;
    for round in 0..5 {
        let cancel = CancellationToken::new();
        let watching = home.call_until("sync_watch", json!({}), cancel.clone());
        let renaming = async {
            let rename = async |addresses: &[String]| {
                for address in addresses {
                    home.must("account_update", json!({"address": address, "name": "A"}))
                        .await;
                }
            };
            let (these, those) = addresses.split_at(ACCOUNTS / 2);
            tokio::join!(rename(these), rename(those));
            cancel.cancel();
        };
        let both = async { tokio::join!(watching, renaming) };
        let (watched, ()) = tokio::time::timeout(Duration::from_mins(2), both)
            .await
            .unwrap_or_else(|_| panic!("round {round}: everything waits for everything else"));
        watched.unwrap();
    }
}
