//! Mailboxes as they are: many folders, any spelling, hardly any message.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::net::Ipv4Addr;
use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use mailroom_tests::Identity;
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

use crate::mailbox::{ANNA, Mailbox};

/// A server that answers whatever is asked of a mailbox whose messages lie in the inbox, and counts what is asked.
struct Plain {
    listener: TcpListener,
    identity: Arc<Identity>,
    /// What it offers beside IMAP4rev1.
    offers: &'static str,
    /// The answer to LIST.
    folders: String,
    messages: Vec<&'static str>,
    asked: BTreeMap<String, u32>,
}

impl Plain {
    async fn start(mailbox: &Mailbox, folders: String, messages: Vec<&'static str>) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        mailbox.connect(listener.local_addr().unwrap().port(), None).await;
        Self {
            listener,
            identity: Arc::clone(&mailbox.identity),
            offers: "",
            folders,
            messages,
            asked: BTreeMap::new(),
        }
    }

    /// Serves until `work` is done.
    async fn beside<T>(&mut self, work: impl Future<Output = T>) -> T {
        tokio::select! {
            done = work => done,
            () = self.serve() => unreachable!(),
        }
    }

    async fn serve(&mut self) {
        loop {
            let (stream, _) = self.listener.accept().await.unwrap();
            let acceptor = TlsAcceptor::from(self.identity.server().unwrap());
            let mut stream = BufReader::new(acceptor.accept(stream).await.unwrap());
            let offers = self.offers;
            let mut answer = format!("* OK [CAPABILITY IMAP4rev1 SASL-IR AUTH=PLAIN{offers}] hello\r\n");
            loop {
                let sent = stream.write_all(answer.as_bytes()).await;
                if sent.is_err() || stream.flush().await.is_err() {
                    break;
                }
                let mut line = String::new();
                if !stream.read_line(&mut line).await.is_ok_and(|count| count > 0) {
                    break;
                }
                let (tag, command) = line.trim_end().split_once(' ').unwrap();
                answer = format!("{}{tag} OK done\r\n", self.say(command));
            }
        }
    }

    fn say(&mut self, command: &str) -> String {
        let verb = command.split(' ').next().unwrap_or_default();
        let what = if verb == "SELECT" { command } else { verb };
        *self.asked.entry(what.to_owned()).or_default() += 1;
        let count = self.messages.len();
        match verb {
            "LIST" => self.folders.clone(),
            "SELECT" => {
                let count = if command.starts_with("SELECT \"INBOX\"") {
                    count
                } else {
                    0
                };
                let next = count + 1;
                format!("* {count} EXISTS\r\n* OK [UIDVALIDITY 7] ok\r\n* OK [UIDNEXT {next}] next\r\n")
            }
            "UID" if command.starts_with("UID SEARCH") => {
                (1..=count).fold("* SEARCH".to_owned(), |found, uid| format!("{found} {uid}")) + "\r\n"
            }
            "UID" => {
                let mut said = String::new();
                for (uid, raw) in (1..).zip(&self.messages) {
                    let size = raw.len();
                    let body = if command.contains("BODY.PEEK[]") {
                        format!(" BODY[] {{{size}}}\r\n{raw}")
                    } else {
                        String::new()
                    };
                    write!(
                        said,
                        "* {uid} FETCH (UID {uid} FLAGS () INTERNALDATE \"20-Nov-2026 10:00:00 +0000\" \
                         RFC822.SIZE {size}{body})\r\n"
                    )
                    .unwrap();
                }
                said
            }
            _ => String::new(),
        }
    }

    fn asked(&self, what: &str) -> u32 {
        self.asked.get(what).copied().unwrap_or_default()
    }
}

#[tokio::test]
async fn ten_thousand_folders_are_listed_once_and_looked_at_one_by_one() {
    let mailbox = Mailbox::new();
    let folders = (0..10_000).fold("* LIST () \"/\" INBOX\r\n".to_owned(), |mut list, number| {
        write!(list, "* LIST () \"/\" \"Customers/{number}\"\r\n").unwrap();
        list
    });
    let mut server = Plain::start(&mailbox, folders, vec!["Subject: one\r\n\r\n"]).await;
    let looking = tokio::time::timeout(Duration::from_mins(10), mailbox.sync_well());
    let report = server.beside(looking).await.expect("it ends");
    assert_eq!(
        (&report["added"], report["folders"].as_array().map(Vec::len)),
        (&json!(1), Some(10_001))
    );
    assert_eq!((server.asked("LIST"), server.asked("LSUB")), (1, 1));
    let selected = server.asked.keys().filter(|what| what.starts_with("SELECT"));
    assert_eq!(selected.count(), 10_001);
    assert!(
        server.asked.values().all(|count| *count <= 4),
        "nothing is asked again"
    );
    let shown = mailbox.home.must("folder_list", json!({"address": ANNA})).await;
    assert_eq!(shown.as_array().map(Vec::len), Some(10_001));
}

#[tokio::test]
async fn ten_thousand_empty_folders_are_taken_from_one_answer() {
    let mailbox = Mailbox::new();
    let first = "* LIST () \"/\" INBOX\r\n* STATUS INBOX (MESSAGES 1 UIDNEXT 2 UIDVALIDITY 7)\r\n";
    let folders = (0..10_000).fold(first.to_owned(), |mut list, number| {
        let name = format!("\"Customers/{number}\"");
        write!(
            list,
            "* LIST () \"/\" {name}\r\n* STATUS {name} (MESSAGES 0 UIDNEXT 1 UIDVALIDITY 7 HIGHESTMODSEQ 1)\r\n"
        )
        .unwrap();
        list
    });
    let mut server = Plain::start(&mailbox, folders, vec!["Subject: one\r\n\r\n"]).await;
    server.offers = " LIST-EXTENDED LIST-STATUS CONDSTORE";
    for added in [1, 0] {
        let looking = tokio::time::timeout(Duration::from_mins(10), mailbox.sync_well());
        let report = server.beside(looking).await.expect("it ends");
        assert_eq!(
            (&report["added"], report["folders"].as_array().map(Vec::len)),
            (&json!(added), Some(10_001))
        );
    }
    let opened: Vec<&String> = server
        .asked
        .keys()
        .filter(|what| what.starts_with("SELECT"))
        .collect();
    assert_eq!(opened, ["SELECT \"INBOX\""], "the others are empty");
    assert_eq!(server.asked("LIST"), 2);
    assert!(
        server.asked.values().all(|count| *count <= 6),
        "what is asked does not grow with the folders: {:?}",
        server.asked
    );
    let shown = mailbox.home.must("folder_list", json!({"address": ANNA})).await;
    assert_eq!(shown.as_array().map(Vec::len), Some(10_001));
}

#[tokio::test]
async fn folders_are_kept_under_any_delimiter_and_spelling() {
    let cases = [
        (
            "dots",
            "* LIST () \".\" INBOX\r\n* LIST (\\Noselect) \".\" INBOX.Group\r\n\
             * LIST () \".\" \"INBOX.Group.Wys&AUI-ane\"\r\n",
            vec![
                ("INBOX", true),
                ("INBOX.Group", false),
                ("INBOX.Group.Wysłane", true),
            ],
        ),
        (
            "backslashes",
            "* LIST () \"\\\\\" INBOX\r\n* LIST () \"\\\\\" \"Work\\\\Old\"\r\n",
            vec![("INBOX", true), ("Work\\Old", true)],
        ),
        (
            "no levels",
            "* LIST () NIL INBOX\r\n* LIST () NIL \"a/b.c\"\r\n* LIST () NIL \"Black &- White\"\r\n",
            vec![("Black & White", true), ("INBOX", true), ("a/b.c", true)],
        ),
        (
            "UTF-8",
            "* LIST () \"/\" INBOX\r\n* LIST () \"/\" \"Żółw/2026\"\r\n",
            vec![("INBOX", true), ("Żółw/2026", true)],
        ),
    ];
    for (name, folders, expected) in cases {
        let mailbox = Mailbox::new();
        let mut server = Plain::start(&mailbox, folders.to_owned(), Vec::new()).await;
        let report = server.beside(mailbox.sync_well()).await;
        let selectable = expected.iter().filter(|(_, selectable)| *selectable).count();
        assert_eq!(
            report["folders"].as_array().map(Vec::len),
            Some(selectable),
            "{name}: {report}"
        );
        let shown = mailbox.home.must("folder_list", json!({"address": ANNA})).await;
        let mut shown: Vec<(&str, bool)> = shown
            .as_array()
            .unwrap()
            .iter()
            .map(|folder| (folder["path"].as_str().unwrap(), folder["selectable"] == true))
            .collect();
        shown.sort_unstable();
        assert_eq!(shown, expected, "{name}");
        let selected = server.asked.keys().filter(|what| what.starts_with("SELECT"));
        assert_eq!(selected.count(), selectable, "{name}: {:?}", server.asked);
    }
}

#[tokio::test]
async fn messages_of_two_bytes_and_of_none_are_messages() {
    let mailbox = Mailbox::new();
    let messages = vec!["\r\n", "", "Subject: whole\r\n\r\ntext\r\n"];
    let mut server = Plain::start(&mailbox, "* LIST () \"/\" INBOX\r\n".to_owned(), messages.clone()).await;
    let report = server.beside(mailbox.sync_well()).await;
    assert_eq!(report["added"], 3, "{report}");
    let mut kept = Vec::new();
    for row in mailbox.list("inbox").await {
        let id = json!({"id": row["id"]});
        mailbox.home.must("message_show", id.clone()).await;
        let bytes: Value = mailbox.home.must("message_export", id).await;
        let bytes = base64::engine::general_purpose::STANDARD.decode(bytes["base64"].as_str().unwrap());
        kept.push(String::from_utf8(bytes.unwrap()).unwrap());
    }
    kept.sort_unstable_by_key(|raw| messages.iter().position(|message| message == raw));
    assert_eq!(kept, messages);
}
