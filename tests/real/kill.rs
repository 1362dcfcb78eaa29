//! The command killed (SIGKILL) at any moment: nothing is lost, nothing happens twice, the database stays sound, and the
//! work resumes where it was.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

use mailroom_api::{CancellationToken, Context, dispatch};
use mailroom_engine::{Engine, EngineSetup, SystemClock, VaultChoice};
use mailroom_model::{Clock as _, Secret};
use mailroom_store::{OperationState, OutboxState, Store};
use mailroom_tests::command::Terminal;
use mailroom_tests::fault::{Admission, Direction, Fault, FaultProxy};
use mailroom_tests::generate::{Generator, Profile};
use mailroom_tests::office::{Office, OfficeOptions};
use mailroom_tests::{Random, until};
use serde_json::{Value, json};
use tokio::runtime::Runtime;

use crate::desk::{ALICE, BOB};
use crate::model::history::{Change, Letter};
use crate::model::other::Other;
use crate::model::truth;
use crate::model::world::letter_of;
use crate::soak::Soak;

/// Kills in an ordinary run and in a long one.
const KILLS: (u32, u32) = (25, 200);
/// Of each ten, how many fall into the first load.
const FIRST_LOAD: u32 = 3;
/// Messages of the first load, about 1 kB each.
const MESSAGES: usize = 2000;
/// A slow link, in bytes a second: the disk is not what the load waits for.
const SLOW: u64 = 1_500_000;
/// What a killed load may have to fetch again, in bytes: what was on its way, and the list of what is missing.
const ON_ITS_WAY: u64 = 1_500_000;

struct Killing {
    runtime: Runtime,
    office: Arc<Office>,
    terminal: Terminal,
    imap: FaultProxy,
    smtp: FaultProxy,
    random: Random,
    kills: u32,
    /// How many drafts and letters were written so far.
    written: u32,
    /// Rows that were wanted in the folder of copies.
    copied: BTreeMap<i64, Value>,
}

impl Killing {
    fn new(seed: u64) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .expect("a runtime");
        let office = Office::start(&OfficeOptions {
            oidc: false,
            ..OfficeOptions::default()
        })
        .expect("an office");
        let start = |port| runtime.block_on(FaultProxy::start(port)).expect("a proxy");
        let (imap, smtp) = (start(office.imaps_port()), start(office.submissions_port()));
        let terminal = Terminal::new(office.ca_path());
        let added = terminal.run(
            &[
                "--json",
                "account",
                "add",
                ALICE,
                "--imap",
                &format!("localhost:{}:tls", imap.port()),
                "--smtp",
                &format!("localhost:{}:tls", smtp.port()),
                "--period",
                "all",
                "--password-stdin",
            ],
            "alice-pw\n",
        );
        assert_eq!(added.status, 0, "{added:?}");
        Self {
            runtime,
            office: Arc::new(office),
            terminal,
            imap,
            smtp,
            random: Random::new(seed),
            kills: 0,
            written: 0,
            copied: BTreeMap::new(),
        }
    }

    fn passed(&self) -> u64 {
        let (imap, smtp) = (self.imap.passed(), self.smtp.passed());
        imap.up + imap.down + smtp.up + smtp.down
    }

    /// Starts the command and kills it when so many bytes have passed, or when it has rested for a while. False when it
    /// came to its end before.
    fn cut_off(&mut self, words: &[&str], bytes: u64, longest: Duration) -> bool {
        let before = self.passed();
        let mut command = self.terminal.command(words);
        let mut child = command
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("mailroom starts");
        let mut has_ended = false;
        until(longest, || {
            has_ended = matches!(child.try_wait(), Ok(Some(_)));
            has_ended || self.passed() - before >= bytes
        });
        child.kill().expect("it can be killed");
        child.wait().expect("it ends");
        self.kills += u32::from(!has_ended);
        self.look_at_store();
        !has_ended
    }

    /// One of the ways in which Mailroom keeps an account up to date, and how long it may go on.
    fn program(&mut self) -> (&'static [&'static str], Duration) {
        match self.random.below(4) {
            0 => (&["sync", "--watch"], Duration::from_secs(1)),
            1 => (&["serve", "--until-input-ends"], Duration::from_secs(1)),
            _ => (&["sync"], Duration::from_secs(30)),
        }
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

    fn sync_well(&self) {
        let ran = self.terminal.run(&["--json", "sync"], "");
        assert_eq!(ran.status, 0, "{ran:?}");
    }

    /// The first load, killed again and again.
    fn load(&mut self, kills: u32) {
        let mut generator = Generator::new(4, Profile::Small);
        let filled = self.office.fill(ALICE, "INBOX", &mut generator, MESSAGES);
        filled.expect("a full inbox");
        for round in 0..kills {
            let is_slow = round % 2 == 0;
            let fault = Fault {
                bytes_per_second: is_slow.then_some(SLOW),
                ..Fault::default()
            };
            self.imap.set(Direction::Down, fault);
            let moment = self.random.between(1_000, 2_400_000) as u64;
            let (here, down) = (self.messages_here(), self.imap.passed().down);
            let (words, longest) = self.program();
            let was_killed = self.cut_off(words, moment, longest);
            let down = self.imap.passed().down - down;
            if was_killed && is_slow && down > ON_ITS_WAY && here < MESSAGES as u64 {
                // Two kilobytes on the wire are a message at least.
                let more = self.messages_here() - here;
                let least = ((down - ON_ITS_WAY) / 2_000).min(MESSAGES as u64 - here);
                assert!(
                    more >= least,
                    "{down} bytes passed, {more} messages stayed, not {least}"
                );
            }
        }
        self.imap.clear();
        self.sync_well();
    }

    /// What the person does while the server cannot be reached: marks, moves, copies, deletes, writes a draft.
    fn wish(&mut self) {
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
            certificates: Some(self.office.ca_path().to_owned()),
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
    fn send(&mut self) {
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
        let moment = self.random.between(0, 25_000) as u64;
        self.cut_off(&words, moment, Duration::from_secs(30));
    }

    /// Nothing waits any more, but what the person has to decide.
    fn assert_queue_is_done(&self) {
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

    /// How often each of the words stands in a folder of somebody's.
    fn counted(&self, user: &str, folder: &str, word: &str) -> Vec<usize> {
        let now = SystemClock.now();
        let mut other = Other::new(Arc::clone(&self.office), user.to_owned(), now).expect("a session");
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

/// A folder for copies and nothing else.
const COPIES: &str = "Copies";

#[test]
fn killed_command_loses_nothing_and_does_nothing_twice() {
    let is_long = Soak::wanted().is_some();
    let kills = if is_long { KILLS.1 } else { KILLS.0 };
    let seed = if is_long {
        SystemClock.now().0.unsigned_abs()
    } else {
        7
    };
    let mut killing = Killing::new(seed);
    killing.load(kills * FIRST_LOAD / 10);
    let now = SystemClock.now();
    let mut other = Other::new(Arc::clone(&killing.office), ALICE.to_owned(), now).expect("a session");
    killing.office.create_folder(ALICE, COPIES).expect("a folder");
    killing.sync_well();
    let compare = |killing: &Killing, other: &mut Other| {
        let home: &Path = killing.terminal.home();
        let compared = killing.runtime.block_on(truth::compare(home, ALICE, other, true));
        compared.unwrap_or_else(|error| panic!("seed {seed}, after {} kills: {error}", killing.kills));
    };
    compare(&killing, &mut other);
    while killing.kills < kills {
        for days_old in 0..6 {
            let done = other.append("INBOX", Letter::Plain, 0, days_old, 1);
            done.expect("a letter");
        }
        for _ in 0..2 {
            let (folder, from) = (0, u8::try_from(killing.random.below(200)).expect("a byte"));
            let (flag, set, count) = (1, true, 3);
            let flagged = Change::Flag {
                folder,
                from,
                count,
                flag,
                set,
            };
            other.work(&flagged).expect("flags");
            let expunged = Change::Expunge { folder, from, count };
            other.work(&expunged).expect("an expunge");
        }
        killing.sync_well();
        killing.wish();
        for round in 0..6 {
            let moment = killing.random.between(0, 30_000) as u64;
            let is_slow = round % 3 == 1;
            let fault = Fault {
                bytes_per_second: is_slow.then_some(20_000),
                ..Fault::default()
            };
            killing.imap.set(Direction::Down, fault);
            let (words, longest) = killing.program();
            if !killing.cut_off(words, moment, longest) {
                break;
            }
        }
        killing.imap.clear();
        killing.send();
        killing.sync_well();
        killing.assert_queue_is_done();
    }
    for row in killing.copied.values() {
        other.note_copy(letter_of(row));
    }
    compare(&killing, &mut other);
    let copies = other.shelf(COPIES).expect("the folder");
    let distinct: BTreeSet<&Vec<u8>> = copies.messages.values().map(|lying| &lying.raw).collect();
    let each_once = (killing.copied.len(), killing.copied.len());
    assert_eq!((copies.messages.len(), distinct.len()), each_once, "seed {seed}");
    let once = vec![1; killing.written as usize];
    assert_eq!(killing.counted(ALICE, "Drafts", "draft"), once, "seed {seed}");
    let filed = killing.counted(ALICE, "Sent", "sent");
    let mut arrived = Vec::new();
    // What was filed was taken by the server, and arrives.
    until(Duration::from_mins(2), || {
        arrived = killing.counted(BOB, "INBOX", "sent");
        filed
            .iter()
            .zip(&arrived)
            .all(|(filed, arrived)| filed <= arrived)
    });
    let most = |counts: &[usize]| counts.iter().copied().max().unwrap_or_default();
    assert!(
        most(&filed) <= 1 && most(&arrived) <= 1,
        "seed {seed}: {filed:?} {arrived:?}"
    );
    assert!(
        filed
            .iter()
            .zip(&arrived)
            .all(|(filed, arrived)| filed <= arrived),
        "seed {seed}: {filed:?} {arrived:?}"
    );
    if is_long {
        let (kills, copied) = (killing.kills, killing.copied.len());
        Soak::say(&format!("{kills} kills, seed {seed}, {copied} copies"));
    }
}
