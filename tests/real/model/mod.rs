//! The model: random histories on a real server, with looks that are cut and given up anywhere, must end in a mirror that
//! equals the server, by QRESYNC, by CONDSTORE and by comparing alike. Histories that once failed are kept in `seeds.txt`
//! and lived through first.

pub(crate) mod history;
pub(crate) mod other;
pub(crate) mod truth;
pub(crate) mod world;

use std::cell::{Cell, RefCell};
use std::sync::Arc;

use mailroom_tests::office::{DOMAIN, Office, OfficeOptions, ServerProfile};
use proptest::test_runner::{Config, FileFailurePersistence, RngAlgorithm, TestRng, TestRunner};

use self::world::World;
use crate::soak::Soak;

/// Histories for each kind of server in an ordinary run.
const HISTORIES: u32 = 12;
/// Mailboxes of one office; when they are used up, there is another office.
const MAILBOXES: usize = 200;
const SEEDS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/real/model/seeds.txt");

/// What CONDSTORE (RFC 7162) alone offers.
const CONDSTORE: &str = "IMAP4rev1 SASL-IR LITERAL+ ENABLE IDLE CONDSTORE UIDPLUS MOVE NAMESPACE SPECIAL-USE";

/// Offices of one kind, a mailbox after the other.
struct Mailboxes {
    profile: ServerProfile,
    office: Option<Arc<Office>>,
    used: usize,
}

impl Mailboxes {
    fn next(&mut self) -> (Arc<Office>, String) {
        if self.used == MAILBOXES {
            self.office = None;
            self.used = 0;
        }
        let office = self.office.get_or_insert_with(|| {
            let user = |number| (format!("u{number}@{DOMAIN}"), format!("u{number}-pw"));
            let office = Office::start(&OfficeOptions {
                users: (0..MAILBOXES).map(user).collect(),
                profile: self.profile.clone(),
                oidc: false,
                smtp: false,
                ..OfficeOptions::default()
            });
            Arc::new(office.expect("an office"))
        });
        self.used += 1;
        (Arc::clone(office), format!("u{}@{DOMAIN}", self.used - 1))
    }
}

fn histories_end_in_an_exact_mirror(profile: ServerProfile, seed: u8, moves_in_one_step: bool) {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .expect("a runtime");
    let soak = Soak::wanted();
    let config = Config {
        cases: HISTORIES,
        failure_persistence: Some(Box::new(FileFailurePersistence::Direct(SEEDS))),
        max_shrink_iters: 300,
        ..Config::default()
    };
    let mut runner = if soak.is_some() {
        TestRunner::new(config)
    } else {
        TestRunner::new_with_rng(config, TestRng::from_seed(RngAlgorithm::ChaCha, &[seed; 32]))
    };
    let mailboxes = RefCell::new(Mailboxes {
        profile,
        office: None,
        used: 0,
    });
    let lived = Cell::new(0_u32);
    loop {
        let done = runner.run(&history::history(), |steps| {
            let (office, user) = mailboxes.borrow_mut().next();
            lived.set(lived.get() + 1);
            runtime.block_on(async {
                let mut world = World::new(&office, &user, moves_in_one_step).await;
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
            let (lived, kind) = (lived.get(), &mailboxes.borrow().profile);
            Soak::say(&format!("{lived} histories, {kind:?}"));
            return;
        }
    }
}

#[test]
fn histories_with_qresync_end_in_an_exact_mirror() {
    histories_end_in_an_exact_mirror(ServerProfile::Full, 1, true);
}

#[test]
fn histories_with_condstore_end_in_an_exact_mirror() {
    let profile = ServerProfile::Capabilities(CONDSTORE.to_owned());
    histories_end_in_an_exact_mirror(profile, 2, true);
}

#[test]
fn histories_with_a_plain_server_end_in_an_exact_mirror() {
    histories_end_in_an_exact_mirror(ServerProfile::Minimal, 3, false);
}
