//! How an account is told to be, from what happened between it and its server.

use std::sync::Arc;
use std::time::Duration;

use mailroom_api::{CancellationToken, subscribe};
use mailroom_model::{Clock as _, FolderRole, Mailbox as Person, MessageFlags, UnixMillis};
use mailroom_store::{FolderCursor, FolderSeen, IncomingMessage, Store};
use mailroom_tests::home::{Home, QUICK};
use mailroom_tests::script::{Script, ScriptServer, Step};
use mailroom_tests::{Authority, CertificateKind, TestClock, eventually};
use serde_json::{Value, json};
use tokio::sync::Notify;

use crate::mailbox::{Dialogue, Mailbox};

/// Everything in a test is over by then.
const PATIENCE: Duration = Duration::from_mins(2);

/// A look at an empty inbox whose connection stays.
fn look() -> Script {
    Script::new().folders(&["INBOX"]).open("INBOX", 0, 1)
}

/// A connection that ends before anybody has said anything.
fn nobody() -> Script {
    Script::new()
}

/// A server that answers connection after connection: those of `None` are closed at once.
async fn serve(mailbox: &Mailbox, capabilities: &str, scripts: Vec<Option<Script>>) -> ScriptServer {
    let scripts = scripts
        .into_iter()
        .map(|script| match script {
            Some(script) => mailbox.signed_in(capabilities).followed_by(script),
            None => nobody(),
        })
        .collect();
    ScriptServer::start(scripts).await.unwrap()
}

/// Watches the mailbox while `work` is done.
async fn watched<T>(mailbox: &Mailbox, work: impl Future<Output = T>) -> T {
    let cancel = CancellationToken::new();
    let watching = mailbox.home.call_until("sync_watch", json!({}), cancel.clone());
    let work = async {
        let done = work.await;
        cancel.cancel();
        done
    };
    let both = async { tokio::join!(watching, work) };
    let (watched, done) = tokio::time::timeout(PATIENCE, both).await.unwrap();
    watched.unwrap();
    done
}

/// Waits until the account is as wanted.
async fn until_it_is(mailbox: &Mailbox, wanted: impl Fn(&Value) -> bool) -> Value {
    let mut events = subscribe(&mailbox.home.engine);
    loop {
        let account = mailbox.home.must("account_list", json!({})).await[0].clone();
        if wanted(&account) {
            return account;
        }
        events.next().await;
    }
}

fn is(condition: &'static str) -> impl Fn(&Value) -> bool {
    move |account| account["condition"] == condition
}

async fn health(mailbox: &Mailbox, operation: &str) -> Value {
    let status = mailbox.home.must("status_get", json!({})).await;
    let health = status["accounts"][0]["health"].as_array().unwrap();
    let found = health.iter().find(|one| one["operation"] == operation);
    found.unwrap().clone()
}

/// The kinds of the journal's entries with their counts and codes, oldest first.
async fn journal(mailbox: &Mailbox) -> Vec<String> {
    let journals = mailbox.home.must("journal_get", json!({})).await;
    let entries = journals[0]["entries"].as_array().unwrap();
    entries
        .iter()
        .rev()
        .map(|entry| {
            let told = [
                &entry["kind"],
                &entry["operation"],
                &entry["count"],
                &entry["error"]["code"],
            ];
            let told: Vec<String> = told
                .into_iter()
                .filter(|value| !value.is_null())
                .map(|value| value.to_string().replace('"', ""))
                .collect();
            format!("{} x{}", told.join(" "), entry["times"])
        })
        .collect()
}

#[tokio::test]
async fn failures_are_told_by_their_meaning_and_withdraw_themselves() {
    let mailbox = Mailbox::new();
    let server = serve(&mailbox, "", vec![Some(look()), None, None, Some(look())]).await;
    mailbox.connect(server.port(), None).await;
    let network = &mailbox.home.network;
    let untried = mailbox.home.must("account_list", json!({})).await;
    assert_eq!(untried[0]["condition"], "untried");
    watched(&mailbox, async {
        until_it_is(&mailbox, is("working")).await;
        let receive = health(&mailbox, "receive").await;
        assert_eq!(receive["worked_at"], json!(mailbox.clock.now().0));
        assert_eq!(
            (&receive["error"], &receive["retry_at"]),
            (&json!(null), &json!(null))
        );
        assert_eq!(health(&mailbox, "send").await["off"], "not-offered");
        assert_eq!(health(&mailbox, "push").await["off"], "not-offered");

        // Without a network the first failure says it all, and is nobody's fault.
        network.move_to(None);
        let account = until_it_is(&mailbox, is("waiting-for-network")).await;
        assert_eq!(account["error"], json!(null));
        let failed = health(&mailbox, "receive").await;
        assert_eq!(failed["worked_at"], receive["worked_at"]);
        assert_eq!(failed["error"]["code"], "connection_lost");

        // In another network it is tried at once; the second failure in a row is told, and when it is tried again.
        network.move_to(Some([10, 0, 0, 5]));
        let account = until_it_is(&mailbox, |account| {
            account["condition"] == "retrying"
                && !account["retry_at"].is_null()
                && !account["error"].is_null()
        })
        .await;
        assert_eq!(account["error"]["code"], "connection_lost");
        let retry = account["retry_at"].as_i64().unwrap() - mailbox.clock.now().0;
        assert!((3_750..=5_000).contains(&retry), "{retry}");

        network.move_to(Some([10, 0, 0, 6]));
        let account = until_it_is(&mailbox, is("working")).await;
        assert_eq!(account["retry_at"], json!(null));
        until_it_is(&mailbox, |account| account["error"].is_null()).await;
    })
    .await;
    assert_eq!(
        journal(&mailbox).await,
        [
            "connected x1",
            "network_lost x1",
            "failed receive connection_lost x1",
            "network_changed x1",
            "failed receive connection_lost x1",
            "network_changed x1",
            "connected x1",
            "recovered receive x1",
        ]
    );
    server.finish().await.unwrap();
}

#[tokio::test]
async fn dead_wait_ends_with_the_network_it_was_made_in() {
    let mailbox = Mailbox::new();
    let over = Arc::new(Notify::new());
    let wait = || {
        Script::new()
            .open("INBOX", 0, 1)
            .command("IDLE")
            .send("+ idling\r\n")
    };
    let server = mailbox
        .imap(
            "IDLE",
            vec![
                look(),
                // It never says a word again, not even goodbye.
                wait().line("DONE").then(Step::Wait(over.clone())),
                look(),
                wait().line("DONE").send("{tag} OK done\r\n").bye(),
            ],
        )
        .await;
    mailbox.connect(server.port(), None).await;
    watched(&mailbox, async {
        eventually("the first wait", async || {
            !health(&mailbox, "push").await["worked_at"].is_null()
        })
        .await;
        // Asleep for two hours, the network as before.
        mailbox.clock.advance(Duration::from_hours(2));
        mailbox.home.network.look_again();
        eventually("another wait", async || server.heard(" IDLE") >= 2).await;
        over.notify_one();
        let now = json!(mailbox.clock.now().0);
        eventually("that the other wait is known", async || {
            health(&mailbox, "push").await["worked_at"] == now
        })
        .await;
    })
    .await;
    server.finish().await.unwrap();
    let told = journal(&mailbox).await;
    assert_eq!(told, ["connected x2", "woke 120 x1", "connected x2"]);
}

#[tokio::test]
async fn foreign_certificate_after_a_change_of_network_is_taken_for_a_portal() {
    let authority = Authority::new().unwrap();
    let clock = TestClock::default();
    let mailbox = Mailbox {
        home: Home::with(authority.der().as_ref(), QUICK, Arc::new(clock.clone())),
        clock,
        identity: Arc::new(authority.identity(CertificateKind::Good).unwrap()),
    };
    let foreign = Arc::new(authority.identity(CertificateKind::WrongHost).unwrap());
    let scripts = vec![
        mailbox.signed_in("").followed_by(look()),
        Script::new().start_tls(&foreign),
    ];
    let server = ScriptServer::start(scripts).await.unwrap();
    mailbox.connect(server.port(), None).await;
    watched(&mailbox, async {
        until_it_is(&mailbox, is("working")).await;
        mailbox.home.network.move_to(Some([172, 20, 10, 2]));
        let account = until_it_is(&mailbox, |account| !account["error"].is_null()).await;
        assert_eq!(account["condition"], "waiting-for-network");
        assert_eq!(account["error"]["code"], "portal_suspected");
        assert_eq!(account["error"]["params"], json!({"host": "localhost"}));
    })
    .await;
    // For the script the hand-shake was no success either.
    drop(server);
}

/// A message that came at `at` and lies in a folder as number `uid`.
fn message(uid: u32, at: UnixMillis) -> IncomingMessage {
    let mut digest = [0; 32];
    digest[..4].copy_from_slice(&uid.to_be_bytes());
    IncomingMessage {
        uid,
        flags: MessageFlags::default(),
        modseq: None,
        internal_at: at,
        digest,
        content_id: None,
        head_digest: None,
        is_whole: false,
        size: 100,
        body: None,
        subject: "Report".into(),
        from: Person {
            name: String::new(),
            address: "bob@example.org".into(),
        },
        to_line: String::new(),
        sent_at: None,
        rfc_message_id: None,
        references: Vec::new(),
        base_subject: String::new(),
        has_reply_mark: false,
        preview: String::new(),
        list_id: None,
        attachments: Vec::new(),
        search: None,
        people: Vec::new(),
    }
}

/// Three weeks of an office's mail lie in the archive; gives how many messages.
async fn fill_archive(mailbox: &Mailbox) -> u32 {
    // Monday, 2 November 2026.
    let monday = UnixMillis(1_793_577_600_000);
    let store = Store::open(&mailbox.home.path().join("mailroom.db"))
        .await
        .unwrap();
    let account = store.accounts().list().await.unwrap()[0].id;
    let seen = |name: &str, role| FolderSeen {
        wire_name: name.to_owned(),
        path: name.to_owned(),
        delimiter: Some('/'),
        role,
        is_selectable: true,
        is_subscribed: false,
        rights: None,
    };
    let folders = [
        seen("INBOX", Some(FolderRole::Inbox)),
        seen("Archive", Some(FolderRole::Archive)),
    ];
    let now = mailbox.clock.now();
    let changes = store.folders().sync_list(account, &folders, now).await.unwrap();
    let archive = changes.added[1];
    let hours = (0..21_i64)
        .filter(|day| day % 7 < 5)
        .flat_map(|day| (9..17).map(move |hour| day * 24 + hour));
    let messages: Vec<IncomingMessage> = (1..)
        .zip(hours)
        .map(|(uid, hour)| message(uid, monday.plus_seconds(hour * 3600 + 1800)))
        .collect();
    let count = u32::try_from(messages.len()).unwrap();
    store.messages().ingest(account, archive, messages).await.unwrap();
    let cursor = FolderCursor {
        uid_validity: 7,
        uid_next: count + 1,
        highest_modseq: None,
        window_start: None,
        is_complete: true,
        exists: count,
        at: now,
    };
    store
        .folders()
        .set_first_cursors(&[(archive, cursor)])
        .await
        .unwrap();
    store.close().await;
    count
}

/// A look at an empty inbox and at the archive, in which nothing is new.
fn look_at_archive(count: u32) -> Script {
    Script::new()
        .folders(&["INBOX", "Archive"])
        .open("INBOX", 0, 1)
        .followed_by(archive(count))
}

/// The archive is opened, and nothing in it has changed.
fn archive(count: u32) -> Script {
    let flags: Vec<String> = (1..=count)
        .map(|uid| format!("* {uid} FETCH (UID {uid} FLAGS ())\r\n"))
        .collect();
    Script::new()
        .open("Archive", count, count + 1)
        .answer(&format!("UID FETCH 1:{count} (UID FLAGS)"), &flags.concat())
}

/// The fresh connection that looks into a silence, and what it is told of the inbox.
fn look_into_silence(next: u32) -> Script {
    Script::new().answer(
        "STATUS \"INBOX\" (MESSAGES UIDNEXT UIDVALIDITY UNSEEN)",
        &format!("* STATUS \"INBOX\" (MESSAGES 0 UIDNEXT {next} UIDVALIDITY 7 UNSEEN 0)\r\n"),
    )
}

#[tokio::test]
async fn unusual_silence_is_looked_into_over_a_fresh_connection() {
    let mailbox = Mailbox::new();
    let count = 120;
    let server = mailbox
        .imap("", vec![look_at_archive(count), look_into_silence(1).bye()])
        .await;
    mailbox.connect(server.port(), None).await;
    assert_eq!(fill_archive(&mailbox).await, count);
    // The Monday after, half past one in the afternoon.
    mailbox.clock.set(UnixMillis(1_795_440_600_000));
    let silence = |status: &Value| status["accounts"][0]["silence"].clone();
    let before = silence(&mailbox.home.must("status_get", json!({})).await);
    assert_eq!(
        (&before["usual_minutes"], &before["proved_at"]),
        (&json!(60), &json!(null))
    );
    watched(&mailbox, async {
        let mut events = subscribe(&mailbox.home.engine);
        while journal(&mailbox)
            .await
            .iter()
            .all(|entry| !entry.starts_with("quiet"))
        {
            events.next().await;
        }
    })
    .await;
    assert_eq!(
        journal(&mailbox).await,
        ["connected x2", "quiet 69 x1"],
        "since Friday, half past four"
    );
    let status = mailbox.home.must("status_get", json!({})).await;
    assert_eq!(silence(&status)["proved_at"], json!(mailbox.clock.now().0));
    assert_eq!(status["accounts"][0]["account"]["condition"], "working");
    let arrivals = status["accounts"][0]["arrivals"].as_array().unwrap();
    let arrived: i64 = arrivals.iter().filter_map(Value::as_i64).sum();
    assert_eq!(
        (arrivals.len(), arrived),
        (168, 35),
        "four days, and three hours of the Monday"
    );
    server.finish().await.unwrap();
}

#[tokio::test]
async fn silence_that_hides_mail_ends_with_another_look() {
    let mailbox = Mailbox::new();
    let count = 120;
    let server = mailbox
        .imap(
            "",
            vec![
                look_at_archive(count),
                // The connection that was kept had not said so; the next look goes over this one.
                look_into_silence(2)
                    .answer("NOOP", "")
                    .folders(&["INBOX", "Archive"])
                    .open("INBOX", 1, 2)
                    .facts("1:4294967295", &[1])
                    .bodies("1", &[1])
                    .followed_by(archive(count))
                    .bye(),
            ],
        )
        .await;
    mailbox.connect(server.port(), None).await;
    fill_archive(&mailbox).await;
    mailbox.clock.set(UnixMillis(1_795_440_600_000));
    watched(&mailbox, async {
        let mut events = subscribe(&mailbox.home.engine);
        while mailbox.list("inbox").await.is_empty() {
            events.next().await;
        }
    })
    .await;
    assert!(
        !journal(&mailbox)
            .await
            .iter()
            .any(|entry| entry.starts_with("quiet"))
    );
    drop(server);
}

#[tokio::test]
async fn silence_that_cannot_be_looked_into_is_told_and_leads_to_another_look() {
    let mailbox = Mailbox::new();
    let count = 120;
    let look = || Some(look_at_archive(count));
    let server = serve(&mailbox, "", vec![look(), None, look()]).await;
    mailbox.connect(server.port(), None).await;
    fill_archive(&mailbox).await;
    mailbox.clock.set(UnixMillis(1_795_440_600_000));
    watched(&mailbox, async {
        let mut events = subscribe(&mailbox.home.engine);
        while server.received().len() < 3 || !journal(&mailbox).await.last().unwrap().starts_with("connected")
        {
            events.next().await;
        }
    })
    .await;
    let told = journal(&mailbox).await;
    assert_eq!(
        told,
        ["connected x1", "failed check connection_lost x1", "connected x1"]
    );
    let status = mailbox.home.must("status_get", json!({})).await;
    let silence = &status["accounts"][0]["silence"];
    assert_eq!(silence["error"]["code"], "connection_lost", "{silence}");
    assert_eq!(silence["proved_at"], Value::Null, "nobody has looked into it");
    assert_eq!(
        status["accounts"][0]["account"]["condition"], "working",
        "the look that followed worked"
    );
    server.finish().await.unwrap();
}
