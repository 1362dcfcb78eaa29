//! The command killed (SIGKILL) at any moment of its work: nothing is lost, nothing happens twice, the database stays sound, and
//! the work resumes where it was. On a server that moves in one step, and on one where a move is two.

mod killing;

use std::collections::BTreeSet;
use std::path::Path;
use std::time::Duration;

use mailroom_engine::SystemClock;
use mailroom_model::Clock as _;
use mailroom_tests::until;

use self::killing::{COPIES, Killing};
use crate::desk::ALICE;
use crate::model::drafts::{DRAFTS, SENT};
use crate::model::history::{Change, Letter};
use crate::model::other::Other;
use crate::model::truth;
use crate::model::world::letter_of;
use crate::server::Kind;
use crate::soak::Soak;

/// What passes, in bytes, while waiting changes are carried out, and while news come.
const REPLAYED: usize = 7_500;
const ARRIVED: usize = 90_000;

/// How often, and with how much.
#[derive(Clone, Copy)]
struct Extent {
    kills: u32,
    /// How many of them fall into the first load.
    of_load: u32,
    /// Messages of the first load, about 1 kB each.
    messages: usize,
}

/// The first of two numbers in an ordinary run, the other one in a long one.
fn so_many((ordinary, long): (u32, u32)) -> u32 {
    if Soak::wanted().is_some() { long } else { ordinary }
}

#[test]
fn killed_command_loses_nothing_and_does_nothing_twice() {
    let extent = Extent {
        kills: so_many((25, 200)),
        of_load: so_many((7, 60)),
        messages: 2000,
    };
    kill_again_and_again(Kind::Qresync, extent);
}

#[test]
fn killed_command_whose_moves_are_two_steps_loses_nothing_and_does_nothing_twice() {
    let extent = Extent {
        kills: so_many((24, 150)),
        of_load: so_many((1, 10)),
        messages: 600,
    };
    kill_again_and_again(Kind::TwoSteps, extent);
}

#[test]
fn killed_command_on_another_server_loses_nothing_and_does_nothing_twice() {
    if !Kind::Cyrus.can_run() {
        return;
    }
    let extent = Extent {
        kills: so_many((10, 60)),
        of_load: so_many((2, 10)),
        messages: 600,
    };
    kill_again_and_again(Kind::Cyrus, extent);
}

fn kill_again_and_again(kind: Kind, extent: Extent) {
    let is_long = Soak::wanted().is_some();
    let seed = if is_long {
        SystemClock.now().0.unsigned_abs()
    } else {
        7
    };
    let mut killing = Killing::new(kind, extent.messages, seed);
    killing.load(extent.of_load);
    let mut other = Other::new(killing.mailbox.clone(), SystemClock.now()).expect("a session");
    other.session.ensure_folder(COPIES).expect("a folder");
    killing.sync_well();
    let compare = |killing: &Killing, other: &mut Other| {
        let home: &Path = killing.terminal.home();
        let compared = killing.runtime.block_on(truth::compare(home, ALICE, other, true));
        compared.unwrap_or_else(|error| panic!("seed {seed}, after {} kills: {error}", killing.kills));
    };
    compare(&killing, &mut other);
    let mut expected = each_once(&mut other, None, seed);
    while killing.kills < extent.kills {
        killing.wish();
        killing.catch_up(REPLAYED);
        each_once(&mut other, Some(&expected), seed);
        for days_old in 0..8 {
            let letter = if days_old % 2 == 0 {
                Letter::Plain
            } else {
                Letter::Large
            };
            let done = other.append("INBOX", letter, 0, days_old, 1);
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
        expected = each_once(&mut other, None, seed);
        killing.catch_up(ARRIVED);
        killing.send();
        killing.sync_well();
        killing.assert_queue_is_done();
        expected = each_once(&mut other, Some(&expected), seed);
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
    assert_eq!(
        killing.counted(&killing.mailbox, DRAFTS, "draft"),
        once,
        "seed {seed}"
    );
    let filed = killing.counted(&killing.mailbox, SENT, "sent");
    let mut arrived = Vec::new();
    // What was filed was taken by the server, and arrives.
    until(Duration::from_mins(2), || {
        arrived = killing.counted(&killing.recipient(), "INBOX", "sent");
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
    let (kills, at_rest, copied) = (killing.kills, killing.at_rest, killing.copied.len());
    assert!(at_rest * 4 <= kills, "{at_rest} at rest, {kills} kills");
    if is_long {
        Soak::say(&format!(
            "{kills} kills at work, {kind:?}, {at_rest} programs had come to rest, seed {seed}, {copied} copies"
        ));
    }
}

/// Every message by its bytes, in whichever folder but those of copies and of what was written: each must be there once, and,
/// when `expected` is given, none else.
fn each_once(other: &mut Other, expected: Option<&BTreeSet<Vec<u8>>>, seed: u64) -> BTreeSet<Vec<u8>> {
    let mut found = BTreeSet::new();
    let names = other.names().expect("the folders");
    for name in names
        .iter()
        .filter(|name| ![COPIES, DRAFTS, SENT].contains(&name.as_str()))
    {
        let shelf = other.shelf(name).expect("the folder");
        for lying in shelf
            .messages
            .into_values()
            .filter(|lying| !lying.flags.contains("\\Deleted"))
        {
            let words = String::from_utf8_lossy(&lying.raw).into_owned();
            assert!(found.insert(lying.raw), "seed {seed}: there twice: {words}");
        }
    }
    if let Some(expected) = expected {
        let lost: Vec<_> = expected
            .difference(&found)
            .map(|raw| String::from_utf8_lossy(raw))
            .collect();
        assert!(lost.is_empty(), "seed {seed}: lost: {lost:?}");
        assert_eq!(found.len(), expected.len(), "seed {seed}: more than there were");
    }
    found
}
