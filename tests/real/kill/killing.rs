//! Mailroom as a command that is killed, between its mailbox and the person who makes wishes.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;

use mailroom_api::{CancellationToken, Context, dispatch};
use mailroom_engine::{Engine, EngineSetup, SystemClock, VaultChoice};
use mailroom_model::{Clock as _, Secret};
use mailroom_store::{OperationState, OutboxState, Store};
use mailroom_tests::command::Terminal;
use mailroom_tests::fault::{Admission, Direction, Fault, FaultProxy};
use mailroom_tests::generate::{Generator, Profile};
use mailroom_tests::{Random, until};
use serde_json::{Value, json};
use tokio::runtime::Runtime;

use crate::desk::{ALICE, BOB};
use crate::model::other::Other;
use crate::server::{Kind, Mailbox};

/// A folder for copies and nothing else.
pub(super) const COPIES: &str = "Copies";
/// A slow link, in bytes a second: the disk is not what the load waits for.
const SLOW: u64 = 1_500_000;
/// What a killed load may have to fetch again, in bytes: what was on its way, and the list of what is missing.
const ON_ITS_WAY: u64 = 1_500_000;
/// What connecting and signing in takes, in bytes: the work begins behind them.
const GREETINGS: usize = 3_500;
/// What an answer takes from a server that is far away.
const FAR: Duration = Duration::from_millis(25);
/// A program that stays and whose line is silent for so long has nothing to do.
const REST: Duration = Duration::from_secs(1);
/// What a message of the first load is on the line, in bytes.
const BYTES: usize = 950;
/// A one-time command ends by itself.
const LONGEST: Duration = Duration::from_mins(2);

/// How a run of the command ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ended {
    /// Killed while it worked.
    Killed,
    /// Killed when it had nothing to do any more.
    AtRest,
    /// By itself.
    Alone,
}

pub(super) struct Killing {
    pub(super) runtime: Runtime,
    /// Alice's.
    pub(super) mailbox: Mailbox,
    pub(super) terminal: Terminal,
    imap: FaultProxy,
    smtp: FaultProxy,
    pub(super) random: Random,
    messages: usize,
    pub(super) kills: u32,
    /// Programs that had come to rest before they could be killed: these count as no kill.
    pub(super) at_rest: u32,
    /// How many drafts and letters were written so far.
    pub(super) written: u32,
    /// Rows that were wanted in the folder of copies.
    pub(super) copied: BTreeMap<i64, Value>,
}

impl Killing {
    pub(super) fn new(kind: Kind, messages: usize, seed: u64) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .expect("a runtime");
        let names = [ALICE, BOB].map(|address| address.split('@').next().unwrap_or_default().to_owned());
        let mailbox = Mailbox::several(kind, &names).swap_remove(0);
        let office = mailbox.office();
        let start = |port| runtime.block_on(FaultProxy::start(port)).expect("a proxy");
        let (imap, smtp) = (start(mailbox.imaps_port()), start(office.submissions_port()));
        let mut killing = Self {
            runtime,
            terminal: Terminal::new(office.ca_path()),
            mailbox,
            imap,
            smtp,
            random: Random::new(seed),
            messages,
            kills: 0,
            at_rest: 0,
            written: 0,
            copied: BTreeMap::new(),
        };
        killing.begin_anew();
        killing
    }

    /// Another home, in which nothing was loaded yet.
    fn begin_anew(&mut self) {
        self.imap.clear();
        self.terminal = Terminal::new(self.mailbox.office().ca_path());
        let login = self.mailbox.login();
        let added = self.terminal.run(
            &[
                "--json",
                "account",
                "add",
                ALICE,
                "--imap",
                &format!("localhost:{}:tls", self.imap.port()),
                "--smtp",
                &format!("localhost:{}:tls", self.smtp.port()),
                "--username",
                &login,
                "--period",
                "all",
                "--password-stdin",
            ],
            "alice-pw\n",
        );
        assert_eq!(added.status, 0, "{added:?}");
    }

    fn passed(&self) -> u64 {
        let (imap, smtp) = (self.imap.passed(), self.smtp.passed());
        imap.up + imap.down + smtp.up + smtp.down
    }

    /// Starts the command and kills it a moment after so many bytes have passed, or when it has come to rest.
    fn cut_off(&mut self, words: &[&str], bytes: usize) -> Ended {
        let (before, bytes) = (self.passed(), bytes as u64);
        // What came is worked on, and written.
        let moment = Duration::from_millis(self.random.between(0, 40) as u64);
        let mut command = self.terminal.command(words);
        let mut child = command
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("mailroom starts");
        let stays = words != ["sync"] && !words.contains(&"send");
        let (mut ended, mut seen, mut since) = (None, before, SystemClock.now());
        until(LONGEST, || {
            let passed = self.passed();
            if passed != seen {
                (seen, since) = (passed, SystemClock.now());
            }
            let silent_ms = (SystemClock.now().0 - since.0).unsigned_abs();
            let at_rest = stays && seen > before && u128::from(silent_ms) >= REST.as_millis();
            ended = match child.try_wait() {
                Ok(Some(_)) => Some(Ended::Alone),
                _ if passed - before >= bytes => Some(Ended::Killed),
                _ => at_rest.then_some(Ended::AtRest),
            };
            ended.is_some()
        });
        let ended = match ended.expect("an end within a minute") {
            Ended::Killed if until(moment, || matches!(child.try_wait(), Ok(Some(_)))) => Ended::Alone,
            ended => ended,
        };
        child.kill().expect("it can be killed");
        child.wait().expect("it ends");
        self.kills += u32::from(ended == Ended::Killed);
        self.at_rest += u32::from(ended == Ended::AtRest);
        self.look_at_store();
        ended
    }

    /// One of the ways in which Mailroom keeps an account up to date.
    fn program(&mut self) -> &'static [&'static str] {
        match self.random.below(4) {
            0 => &["sync", "--watch"],
            1 => &["serve", "--until-input-ends"],
            _ => &["sync"],
        }
    }

    fn slow_down(&self, bytes_per_second: Option<u64>) {
        let fault = Fault {
            bytes_per_second,
            ..Fault::default()
        };
        self.imap.set(Direction::Down, fault);
    }

    /// Every answer takes its time: a kill falls between two commands.
    fn move_away(&self) {
        let fault = Fault {
            delay: Some(FAR),
            ..Fault::default()
        };
        self.imap.set(Direction::Down, fault);
    }

    fn database(&self) -> PathBuf {
        self.terminal.home().join("mailroom.db")
    }

    fn look_at_store(&self) {
        self.runtime.block_on(async {
            let store = Store::open(&self.database()).await.expect("it opens");
            let report = store.integrity_check().await.expect("it can be read");
            store.close().await;
            assert!(report.is_sound(), "after {} kills: {report:?}", self.kills);
        });
    }

    fn messages_here(&self) -> u64 {
        self.runtime.block_on(async {
            let store = Store::open(&self.database()).await.expect("it opens");
            let address = ALICE.parse().expect("an address");
            let account = store.accounts().by_address(&address).await.expect("readable");
            let account = account.expect("the account");
            let folders = store.folders().list(account.id).await.expect("readable");
            store.close().await;
            folders.iter().map(|folder| folder.total).sum()
        })
    }

    pub(super) fn sync_well(&self) {
        let ran = self.terminal.run(&["--json", "sync"], "");
        assert_eq!(ran.status, 0, "{ran:?}");
    }

    /// The first load, killed again and again. Where it came to its end, another home begins anew.
    pub(super) fn load(&mut self, kills: u32) {
        let mut generator = Generator::new(4, Profile::Small);
        let mut session = self.mailbox.session().expect("a session");
        for _ in 0..self.messages {
            let message = generator.generate();
            let at = Some(message.received_at);
            let appended = session.append("INBOX", &["\\Seen"], at, &message.crlf());
            appended.expect("a full inbox");
        }
        let all = self.messages as u64;
        while self.kills < kills {
            let is_slow = self.kills.is_multiple_of(2);
            self.slow_down(is_slow.then_some(SLOW));
            let moment = self.random.between(GREETINGS, self.messages * BYTES);
            let (here, down) = (self.messages_here(), self.imap.passed().down);
            let words = self.program();
            let ended = self.cut_off(words, moment);
            let down = self.imap.passed().down - down;
            let after = self.messages_here();
            if ended == Ended::Killed && is_slow && down > ON_ITS_WAY {
                // Two kilobytes on the wire are a message at least.
                let (more, least) = (after - here, ((down - ON_ITS_WAY) / 2_000).min(all - here));
                assert!(
                    more >= least,
                    "{down} bytes passed, {more} messages stayed, not {least}"
                );
            }
            if after == all && self.kills < kills {
                self.begin_anew();
            }
        }
        self.imap.clear();
        self.sync_well();
    }

    /// The account brought up to date, killed a few times on the way.
    pub(super) fn catch_up(&mut self, most: usize) {
        for round in 0..4 {
            match round % 3 {
                0 => self.move_away(),
                1 => self.slow_down(Some(most as u64 * 2)),
                _ => self.slow_down(None),
            }
            let moment = self.random.between(GREETINGS, most);
            let words = self.program();
            if self.cut_off(words, moment) != Ended::Killed {
                break;
            }
        }
        self.imap.clear();
        self.sync_well();
    }

    /// What the person does while the server cannot be reached: marks, moves, copies, deletes, writes a draft.
    pub(super) fn wish(&mut self) {
        self.imap.admit(Admission::Reset);
        let picks: Vec<usize> = (0..3).map(|_| self.random.below(30)).collect();
        self.written += 1;
        let subject = format!("draft {}", self.written);
        let setup = EngineSetup {
            home: self.terminal.home().to_owned(),
            vault: VaultChoice::File {
                passphrase: Secret::new("a passphrase".to_owned()),
            },
            policy: None,
            certificates: Some(self.mailbox.office().ca_path().to_owned()),
        };
        let wanted = &mut self.copied;
        self.runtime.block_on(async {
            let engine = Engine::open(setup);
            let call = async |name: &str, payload: Value| {
                let context = Context {
                    engine: engine.clone(),
                    cancel: CancellationToken::new(),
                };
                let result = dispatch(&context, name, payload).await;
                result.unwrap_or_else(|error| panic!("{name}: {error:?}"))
            };
            let page = call("message_list", json!({"folder": "inbox", "limit": 200})).await;
            let rows = page["messages"].as_array().cloned().unwrap_or_default();
            let ids = |from: usize| -> Vec<Value> {
                rows.iter().skip(from).take(4).map(|row| row["id"].clone()).collect()
            };
            let copied: Vec<&Value> = rows.iter().skip(120 + picks[0]).take(4).collect();
            let to_copies: Vec<&Value> = copied.iter().map(|row| &row["id"]).collect();
            call("message_copy", json!({"ids": to_copies, "folder": COPIES})).await;
            for row in copied {
                let id = row["id"].as_i64().expect("an id");
                wanted.insert(id, row.clone());
            }
            let marked = json!({"ids": ids(picks[0]), "add": ["\\Flagged", "$Todo"]});
            call("message_mark", marked).await;
            call("message_move", json!({"ids": ids(40 + picks[1]), "folder": "archive"})).await;
            call("message_delete", json!({"ids": ids(80 + picks[2])})).await;
            let draft = call("draft_open", json!({"kind": "new"})).await;
            let saved = json!({
                "id": draft["id"], "from": draft["from"], "to": [BOB], "cc": [], "bcc": [], "subject": subject,
                "text": "words of a draft", "html": null, "upload": true,
            });
            call("draft_save", saved).await;
            engine.close().await;
        });
        self.imap.clear();
    }

    /// A message handed to the command that sends it.
    pub(super) fn send(&mut self) {
        let subject = format!("sent {}", self.written);
        let body = self.terminal.home().join("words.txt");
        std::fs::write(&body, "words").expect("a file");
        let body = body.display().to_string();
        let words = [
            "send",
            "--from",
            ALICE,
            "--to",
            BOB,
            "--subject",
            &subject,
            "--body-file",
            &body,
        ];
        let moment = self.random.between(2_000, 9_000);
        self.cut_off(&words, moment);
    }

    /// Nothing waits any more, but what the person has to decide.
    pub(super) fn assert_queue_is_done(&self) {
        self.runtime.block_on(async {
            let store = Store::open(&self.database()).await.expect("it opens");
            let address = ALICE.parse().expect("an address");
            let account = store.accounts().by_address(&address).await.expect("readable");
            let account = account.expect("the account").id;
            let waiting = store.operations().list(account).await.expect("readable");
            let waiting: Vec<_> = waiting
                .into_iter()
                .filter(|operation| operation.state == OperationState::Waiting)
                .collect();
            let outbox = store.outbox().list(account).await.expect("readable");
            let unsent: Vec<_> = outbox
                .into_iter()
                .filter(|entry| matches!(entry.state, OutboxState::Queued | OutboxState::Sending))
                .collect();
            store.close().await;
            assert_eq!((waiting, unsent), (vec![], vec![]));
        });
    }

    /// Who gets what is sent: in the office that sends it.
    pub(super) fn recipient(&self) -> Mailbox {
        Mailbox::of(self.mailbox.office(), Kind::Qresync, BOB)
    }

    /// How often each of the words stands in a folder of a mailbox.
    pub(super) fn counted(&self, mailbox: &Mailbox, folder: &str, word: &str) -> Vec<usize> {
        let mut other = Other::new(mailbox.clone(), SystemClock.now()).expect("a session");
        let shelf = other.shelf(folder).expect("the folder");
        (1..=self.written)
            .map(|number| {
                let subject = format!("Subject: {word} {number}\r\n");
                let has = |raw: &[u8]| raw.windows(subject.len()).any(|part| part == subject.as_bytes());
                shelf
                    .messages
                    .values()
                    .filter(|lying| !lying.flags.contains("\\Deleted") && has(&lying.raw))
                    .count()
            })
            .collect()
    }
}
