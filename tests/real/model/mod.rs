//! The model: random histories on a real server, with looks that are cut and given up anywhere, must end in a mirror that
//! equals the server, by QRESYNC, by CONDSTORE and by comparing alike, on Dovecot, Cyrus and Courier. Histories that once failed
//! are kept in `seeds.txt` and lived through first.

pub(crate) mod drafts;
pub(crate) mod history;
pub(crate) mod other;
pub(crate) mod shelf;
pub(crate) mod truth;
pub(crate) mod world;
mod writing;

use std::cell::{Cell, RefCell};

use proptest::test_runner::{Config, FileFailurePersistence, RngAlgorithm, TestRng, TestRunner};

use self::world::World;
use crate::server::{Kind, Mailbox};
use crate::soak::Soak;

/// Mailboxes of one server; when they are used up, there is another server.
const MAILBOXES: usize = 40;
/// How long a history that failed is made shorter, in milliseconds.
const SHRINKING_MS: u32 = 100_000;
const SEEDS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/real/model/seeds.txt");

/// Servers of one kind, a mailbox after the other.
struct Mailboxes {
    kind: Kind,
    left: Vec<Mailbox>,
}

impl Mailboxes {
    fn next(&mut self) -> Mailbox {
        if let Some(mailbox) = self.left.pop() {
            return mailbox;
        }
        let names: Vec<String> = (0..MAILBOXES).map(|number| format!("u{number}")).collect();
        self.left = Mailbox::several(self.kind, &names);
        self.left.pop().expect("a mailbox")
    }
}

/// `histories` are lived through in an ordinary run.
fn histories_end_in_an_exact_mirror(kind: Kind, seed: u8, histories: u32) {
    if !kind.can_run() {
        return;
    }
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .expect("a runtime");
    let soak = Soak::wanted();
    let config = Config {
        cases: histories,
        failure_persistence: Some(Box::new(FileFailurePersistence::Direct(SEEDS))),
        // A chance failure of a busy machine would be "shrunk" without end.
        max_shrink_iters: if soak.is_some() { 300 } else { 0 },
        max_shrink_time: SHRINKING_MS,
        ..Config::default()
    };
    let mailboxes = RefCell::new(Mailboxes {
        kind,
        left: Vec::new(),
    });
    let lived = Cell::new(0_u32);
    loop {
        // A runner that has come to its end does nothing more.
        let mut runner = if soak.is_some() {
            TestRunner::new(config.clone())
        } else {
            TestRunner::new_with_rng(
                config.clone(),
                TestRng::from_seed(RngAlgorithm::ChaCha, &[seed; 32]),
            )
        };
        let done = runner.run(&history::history(), |steps| {
            let mailbox = mailboxes.borrow_mut().next();
            lived.set(lived.get() + 1);
            runtime.block_on(async {
                let mut world = World::new(mailbox).await;
                for step in &steps {
                    world.live_through(step).await?;
                }
                world.settle().await
            })
        });
        if let Err(failure) = done {
            panic!("{failure}");
        }
        let Some(soak) = &soak else { return };
        if soak.is_over() {
            Soak::say(&format!("{} histories, {kind:?}", lived.get()));
            return;
        }
    }
}

#[test]
fn histories_with_qresync_end_in_an_exact_mirror() {
    histories_end_in_an_exact_mirror(Kind::Qresync, 1, 12);
}

#[test]
fn histories_with_condstore_end_in_an_exact_mirror() {
    histories_end_in_an_exact_mirror(Kind::Condstore, 2, 12);
}

#[test]
fn histories_with_a_plain_server_end_in_an_exact_mirror() {
    histories_end_in_an_exact_mirror(Kind::Plain, 3, 12);
}

#[test]
fn histories_on_cyrus_end_in_an_exact_mirror() {
    histories_end_in_an_exact_mirror(Kind::Cyrus, 4, 8);
}

#[test]
fn histories_on_courier_end_in_an_exact_mirror() {
    histories_end_in_an_exact_mirror(Kind::Courier, 5, 8);
}
