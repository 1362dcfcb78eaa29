//! How many connections a server gets, and who gets them.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use mailroom_api::CancellationToken;
use mailroom_api::dto::EventView;
use mailroom_tests::script::{Script, ScriptServer, Step};
use mailroom_tests::{Identity, eventually};
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt as _, AsyncRead, AsyncWrite, AsyncWriteExt as _, BufReader};
use tokio::net::TcpListener;
use tokio::sync::Notify;
use tokio::task::JoinSet;
use tokio_rustls::TlsAcceptor;

use crate::mailbox::{ANNA, BODIES, Dialogue, Mailbox, body, facts_of};

/// What a server has seen.
#[derive(Debug, Default)]
struct Seen {
    signed_in: AtomicUsize,
    peak: AtomicUsize,
    refused: AtomicUsize,
}

/// A server with any number of empty mailboxes, which lets in so many connections.
struct Crowd {
    port: u16,
    seen: Arc<Seen>,
    _tasks: JoinSet<()>,
}

impl Crowd {
    async fn start(identity: &Identity, most: usize) -> Self {
        let acceptor = TlsAcceptor::from(identity.server().unwrap());
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let seen = Arc::<Seen>::default();
        let mut tasks = JoinSet::new();
        let shared = Arc::clone(&seen);
        tasks.spawn(async move {
            let mut connections = JoinSet::new();
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                let (acceptor, seen) = (acceptor.clone(), Arc::clone(&shared));
                connections.spawn(async move {
                    if let Ok(stream) = acceptor.accept(stream).await {
                        let mut has_place = false;
                        // Its end shows in what the client makes of it.
                        let _ = serve(BufReader::new(stream), &seen, most, &mut has_place).await;
                        if has_place {
                            seen.signed_in.fetch_sub(1, Ordering::SeqCst);
                        }
                    }
                });
            }
        });
        Self {
            port,
            seen,
            _tasks: tasks,
        }
    }

    fn peak(&self) -> usize {
        self.seen.peak.load(Ordering::SeqCst)
    }
}

async fn serve<S: AsyncRead + AsyncWrite + Unpin>(
    mut stream: BufReader<S>,
    seen: &Seen,
    most: usize,
    has_place: &mut bool,
) -> std::io::Result<()> {
    stream
        .write_all(b"* OK [CAPABILITY IMAP4rev1 SASL-IR AUTH=PLAIN] hello\r\n")
        .await?;
    loop {
        stream.flush().await?;
        let mut line = String::new();
        if stream.read_line(&mut line).await? == 0 {
            return Ok(());
        }
        let (tag, command) = line.trim_end().split_once(' ').unwrap_or_default();
        let said = match command.split(' ').next().unwrap_or_default() {
            "AUTHENTICATE" if seen.signed_in.load(Ordering::SeqCst) >= most => {
                seen.refused.fetch_add(1, Ordering::SeqCst);
                format!("{tag} NO [UNAVAILABLE] Maximum number of connections from user+IP exceeded\r\n")
            }
            "AUTHENTICATE" => {
                *has_place = true;
                let now = seen.signed_in.fetch_add(1, Ordering::SeqCst) + 1;
                seen.peak.fetch_max(now, Ordering::SeqCst);
                format!("{tag} OK [CAPABILITY IMAP4rev1 IDLE] welcome\r\n")
            }
            "LIST" => format!("* LIST () \"/\" INBOX\r\n{tag} OK done\r\n"),
            "SELECT" => {
                format!("* 0 EXISTS\r\n* OK [UIDVALIDITY 7] a\r\n* OK [UIDNEXT 1] b\r\n{tag} OK done\r\n")
            }
            "IDLE" => {
                stream.write_all(b"+ idling\r\n").await?;
                stream.flush().await?;
                stream.read_line(&mut String::new()).await?;
                format!("{tag} OK done\r\n")
            }
            "LOGOUT" => {
                stream
                    .write_all(format!("* BYE see you\r\n{tag} OK done\r\n").as_bytes())
                    .await?;
                return stream.flush().await;
            }
            _ => format!("{tag} OK done\r\n"),
        };
        stream.write_all(said.as_bytes()).await?;
    }
}

/// Connects so many accounts and watches them until each rests, and so many of them are listened to.
async fn watch_all(mailbox: &Mailbox, crowd: &Crowd, accounts: usize, listening: usize) {
    let home = &mailbox.home;
    for number in 0..accounts {
        let account = json!({
            "address": format!("a{number}@mailroom.test"), "imap": format!("localhost:{}:tls", crowd.port),
            "sign_in": {"kind": "password", "password": "secret"}, "period": "all",
        });
        home.must("account_add", account).await;
        // So often that connections are kept in between.
        let often =
            json!({"address": format!("a{number}@mailroom.test"), "interval_min": 5, "setup_done": true});
        home.must("account_update", often).await;
    }
    let cancel = CancellationToken::new();
    let mut rests = BTreeMap::new();
    let watching = home.call_until("sync_watch", json!({}), cancel.clone());
    let watching = home.during(watching, |event| {
        if let EventView::WatchRested { address, by } = &event {
            rests.insert(address.clone(), by.clone());
            let pushed = rests.values().filter(|by| *by == "push").count();
            if rests.len() == accounts && pushed >= listening {
                cancel.cancel();
            }
        }
        match event {
            EventView::SyncEnded { error, .. } => error,
            _ => None,
        }
    });
    let watching = tokio::time::timeout(Duration::from_mins(2), watching);
    let (watched, faults) = watching.await.unwrap();
    watched.unwrap();
    assert_eq!(faults.len(), 0, "{faults:?}");
    let shown = home.must("account_list", json!({})).await;
    for account in shown.as_array().unwrap() {
        assert_eq!(account["error"], json!(null), "{account}");
    }
}

#[tokio::test]
async fn many_accounts_of_a_server_share_its_connections() {
    let mailbox = Mailbox::new();
    let crowd = Crowd::start(&mailbox.identity, usize::MAX).await;
    // Two of ten are left for everything else, whether or not it needs them at the same moment.
    watch_all(&mailbox, &crowd, 12, 8).await;
    assert!((8..=10).contains(&crowd.peak()), "{}", crowd.peak());
}

#[tokio::test]
async fn server_that_lets_few_in_is_asked_for_fewer_and_nobody_is_alarmed() {
    let mailbox = Mailbox::new();
    let crowd = Crowd::start(&mailbox.identity, 3).await;
    watch_all(&mailbox, &crowd, 5, 0).await;
    assert_eq!(crowd.peak(), 3);
    let refused = crowd.seen.refused.load(Ordering::SeqCst);
    assert!((1..=10).contains(&refused), "{refused}");
}

#[tokio::test]
async fn opened_folder_is_loaded_before_the_rest_of_a_large_one() {
    let mailbox = Mailbox::new();
    let go_on = Arc::new(Notify::new());
    // So large that they come one by one.
    let facts = |uids: std::ops::RangeInclusive<u32>| -> String {
        uids.map(|uid| facts_of(uid, 9_000_000))
            .collect::<Vec<_>>()
            .concat()
    };
    let asked = |set: &str| format!("UID FETCH {set} (UID FLAGS INTERNALDATE RFC822.SIZE)");
    let known = [2, 3].map(|uid| format!("* {uid} FETCH (UID {uid} FLAGS ())\r\n"));
    let script = Script::new()
        .folders(&["INBOX", "Large", "Small"])
        .open("INBOX", 3, 4)
        .answer("UID SEARCH ALL", "* SEARCH 1 2 3\r\n")
        .answer(&asked("1:3"), &facts(1..=3))
        .bodies("3", &[3])
        .command(&format!("UID FETCH 2 {BODIES}"))
        .then(Step::Wait(go_on.clone()))
        .send(format!("{}{{tag}} OK done\r\n", body(2)))
        .open("Small", 1, 9)
        .answer("UID SEARCH ALL", "* SEARCH 8\r\n")
        .facts("8", &[8])
        .bodies("8", &[8])
        .open("INBOX", 3, 4)
        .answer("UID FETCH 2:3 (UID FLAGS)", &known.concat())
        .answer("UID SEARCH ALL", "* SEARCH 1 2 3\r\n")
        .answer(&asked("1"), &facts(1..=1))
        .bodies("1", &[1])
        .open("Large", 0, 1)
        .bye();
    let server = mailbox.imap("", vec![script]).await;
    mailbox.connect(server.port(), None).await;
    let opens = async {
        eventually("the fetch of message 2", async || {
            server.heard("UID FETCH 2 ") > 0
        })
        .await;
        assert_eq!(mailbox.list("Small").await.len(), 0);
        // It is whole when it is asked for again, and the look goes its way.
        go_on.notify_one();
    };
    let (report, ()) = tokio::join!(mailbox.sync(), opens);
    server.finish().await.unwrap();
    assert_eq!(report["error"], json!(null), "{report}");
    assert_eq!(mailbox.list("Small").await.len(), 1);
    assert_eq!(mailbox.list("inbox").await.len(), 3);
}

/// A message that comes whole when a piece of it is asked for.
fn large() -> String {
    let text = "Text.\r\n".repeat(160_000);
    format!(
        "From: bob@example.org\r\nTo: {ANNA}\r\nSubject: large\r\nMessage-ID: <large@example.org>\r\n\r\n{text}"
    )
}

#[tokio::test]
async fn load_gives_way_to_an_opened_message_where_the_server_lets_one_in() {
    let mailbox = Mailbox::new();
    let go_on = Arc::new(Notify::new());
    // Above the limit the header comes; the others come one by one.
    let facts: String = (1..=4).map(|uid| facts_of(uid, 9_000_000)).collect();
    let facts = facts + &facts_of(5, 30_000_000);
    let head = "* 5 FETCH (UID 5 FLAGS () INTERNALDATE \"20-Nov-2026 10:00:00 +0000\" RFC822.SIZE 30000000 \
                BODY[HEADER] {18}\r\nSubject: large\r\n\r\n)\r\n";
    let listed = |asked: &str, untagged: &str| {
        Script::new()
            .answer("UID SEARCH ALL", "* SEARCH 1 2 3 4 5\r\n")
            .answer(
                &format!("UID FETCH {asked} (UID FLAGS INTERNALDATE RFC822.SIZE)"),
                untagged,
            )
    };
    let load = Script::new()
        .folders(&["INBOX"])
        .open("INBOX", 5, 6)
        .followed_by(listed("1:5", &facts))
        .answer(
            "UID FETCH 5 (UID FLAGS INTERNALDATE RFC822.SIZE BODY.PEEK[HEADER])",
            head,
        )
        .answer("UID FETCH 5 (UID BODYSTRUCTURE)", "")
        .bodies("4", &[4])
        .command(&format!("UID FETCH 3 {BODIES}"))
        .then(Step::Wait(go_on.clone()))
        .send(format!("{}{{tag}} OK done\r\n", body(3)))
        .bye();
    let whole = large();
    let opened = Script::new()
        .open("INBOX", 5, 6)
        .answer(
            "UID FETCH 5 (UID BODY.PEEK[]<0.1048576>)",
            &format!("* 5 FETCH (UID 5 BODY[]<0> {{{}}}\r\n{whole})\r\n", whole.len()),
        )
        .bye();
    let left: String = (1..=2).map(|uid| facts_of(uid, 9_000_000)).collect();
    let known = [3, 4, 5].map(|uid| format!("* {uid} FETCH (UID {uid} FLAGS ())\r\n"));
    let rest = Script::new()
        .open("INBOX", 5, 6)
        .answer("UID FETCH 3:5 (UID FLAGS)", &known.concat())
        .followed_by(listed("1:2", &left))
        .bodies("2", &[2])
        .bodies("1", &[1])
        .bye();
    let signed_in = |script: Script| {
        Script::new()
            .start_tls(&mailbox.identity)
            .send("* OK [CAPABILITY IMAP4rev1 SASL-IR AUTH=PLAIN] hello\r\n")
            .command_prefix("AUTHENTICATE PLAIN ")
            .followed_by(script)
    };
    let welcome = "{tag} OK [CAPABILITY IMAP4rev1] welcome\r\n";
    let refusal = Script::new()
        .send("{tag} NO [LIMIT] one at a time\r\n")
        .then(Step::End)
        .then(Step::Tell(go_on.clone()));
    let server = ScriptServer::start(vec![
        signed_in(Script::new().send(welcome).followed_by(load)),
        signed_in(refusal),
        signed_in(Script::new().send(welcome).followed_by(opened)),
        signed_in(Script::new().send(welcome).followed_by(rest)),
    ])
    .await
    .unwrap();
    mailbox.connect(server.port(), None).await;
    let opens = async {
        let mut id = Value::Null;
        eventually("the large message in the list", async || {
            let page = mailbox
                .home
                .call("message_list", json!({"folder": "inbox", "limit": 10}))
                .await;
            let messages = page.map(|page| page["messages"].clone()).unwrap_or_default();
            let messages = messages.as_array().cloned().unwrap_or_default();
            let large = messages.iter().find(|message| message["subject"] == "large");
            id = large.map_or(Value::Null, |large| large["id"].clone());
            large.is_some()
        })
        .await;
        let downloaded = mailbox.home.call("message_download", json!({"id": id})).await;
        (
            downloaded,
            mailbox.home.must("message_show", json!({"id": id})).await,
        )
    };
    let (report, (downloaded, shown)) = tokio::join!(mailbox.sync(), opens);
    server.finish().await.unwrap();
    downloaded.unwrap();
    assert_eq!(report["error"], json!(null), "{report}");
    assert_eq!(shown["partial"], json!(false), "{shown}");
    assert_eq!(mailbox.list("inbox").await.len(), 5);
}
