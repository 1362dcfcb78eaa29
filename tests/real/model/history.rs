//! Random histories of a mailbox: what other programs do, what the person does in Mailroom, and how its looks end.

use proptest::prelude::*;

/// Folders that other programs make, rename and delete; the others are always there.
pub(crate) const OWN: [&str; 5] = ["Work", "Work/Old", "Żółw", "Black & White", "Zz"];
/// Folders that are always there.
pub(crate) const FIXED: [&str; 3] = ["INBOX", "Archive", "Trash"];
/// Flags that are set and cleared. `\Deleted` is how servers without MOVE lose a message: it is left to them.
pub(crate) const FLAGS: [&str; 5] = ["\\Seen", "\\Flagged", "\\Answered", "$Forwarded", "Todo"];

/// One event of a history. Folders and messages are numbers, taken modulo what there is at the time.
#[derive(Clone, Debug)]
pub(crate) enum Step {
    /// Another program works while Mailroom rests.
    There(Change),
    /// Mailroom looks at the account; other programs work meanwhile.
    Look {
        end: End,
        meanwhile: Vec<Change>,
        choice: Option<Choice>,
    },
    /// The person changes something in Mailroom, with or without a server within reach.
    Here { wish: Wish, online: bool },
    /// The person writes, with or without a server within reach.
    Write { write: Write, online: bool },
    /// The person changes what is kept.
    Choose(Choice),
    /// Mailroom is closed and started again.
    Restart,
}

/// What another program does on the server.
#[derive(Clone, Debug)]
pub(crate) enum Change {
    Append {
        folder: u8,
        letter: Letter,
        flags: u8,
        days_old: u16,
        twice: bool,
    },
    Flag {
        folder: u8,
        from: u8,
        count: u8,
        flag: u8,
        set: bool,
    },
    Copy {
        folder: u8,
        from: u8,
        count: u8,
        to: u8,
    },
    Move {
        folder: u8,
        from: u8,
        count: u8,
        to: u8,
    },
    Expunge {
        folder: u8,
        from: u8,
        count: u8,
    },
    Create {
        name: u8,
    },
    Rename {
        folder: u8,
        name: u8,
    },
    Delete {
        folder: u8,
    },
    Validity {
        folder: u8,
    },
    /// A draft is changed, whoever wrote it.
    Rewrite {
        which: u8,
    },
}

/// What a message is like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Letter {
    Plain,
    /// No Message-ID and no Date.
    Bare,
    /// Other words under the Message-ID of an earlier one.
    Same(u8),
    /// It refers to an earlier one.
    Reply(u8),
    /// Some ten thousand bytes.
    Large,
}

/// How a look ends.
#[derive(Clone, Copy, Debug)]
pub(crate) enum End {
    Calm,
    /// Every connection breaks after so many bytes in one direction.
    Cut {
        bytes: u32,
        up: bool,
    },
    /// Given up after so many events.
    GivenUp {
        events: u8,
    },
}

/// What the person wants of messages that are shown.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Wish {
    Mark {
        from: u8,
        count: u8,
        flag: u8,
        set: bool,
    },
    Move {
        from: u8,
        count: u8,
        to: u8,
    },
    Copy {
        from: u8,
        count: u8,
        to: u8,
    },
    Delete {
        from: u8,
        count: u8,
    },
}

/// What the person writes. Drafts are numbers, taken modulo what there is at the time.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Write {
    /// A draft is begun.
    New,
    /// A draft is changed, also one that another program wrote.
    Again(u8),
    /// A draft is thrown away.
    Discard(u8),
    /// A draft is sent.
    Send(u8),
}

/// What the person wants to have here.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Choice {
    /// Week, month, quarter or all.
    Period(u8),
    /// Some folders by their bits; 0 is all.
    Folders(u8),
}

fn letter() -> impl Strategy<Value = Letter> {
    prop_oneof![
        4 => Just(Letter::Plain),
        2 => Just(Letter::Bare),
        2 => any::<u8>().prop_map(Letter::Same),
        3 => any::<u8>().prop_map(Letter::Reply),
        2 => Just(Letter::Large),
    ]
}

/// Changes that may come while Mailroom works.
fn change() -> impl Strategy<Value = Change> {
    let append = (
        any::<u8>(),
        letter(),
        any::<u8>(),
        0_u16..60,
        prop::bool::weighted(0.2),
    );
    let span = (any::<u8>(), any::<u8>(), 1_u8..5);
    prop_oneof![
        6 => append.prop_map(|(folder, letter, flags, days_old, twice)| Change::Append {
            folder, letter, flags, days_old, twice,
        }),
        4 => (span.clone(), any::<u8>(), any::<bool>()).prop_map(|((folder, from, count), flag, set)| Change::Flag {
            folder, from, count, flag, set,
        }),
        2 => (span.clone(), any::<u8>()).prop_map(|((folder, from, count), to)| Change::Copy {
            folder, from, count, to,
        }),
        3 => (span.clone(), any::<u8>()).prop_map(|((folder, from, count), to)| Change::Move {
            folder, from, count, to,
        }),
        3 => span.prop_map(|(folder, from, count)| Change::Expunge { folder, from, count }),
        1 => any::<u8>().prop_map(|name| Change::Create { name }),
        1 => (any::<u8>(), any::<u8>()).prop_map(|(folder, name)| Change::Rename { folder, name }),
        2 => any::<u8>().prop_map(|which| Change::Rewrite { which }),
    ]
}

fn choice() -> impl Strategy<Value = Choice> {
    prop_oneof![
        any::<u8>().prop_map(Choice::Period),
        any::<u8>().prop_map(Choice::Folders)
    ]
}

fn step() -> impl Strategy<Value = Step> {
    let there = prop_oneof![
        9 => change(),
        1 => any::<u8>().prop_map(|folder| Change::Delete { folder }),
        1 => any::<u8>().prop_map(|folder| Change::Validity { folder }),
    ];
    // Waiting changes are carried out among the first.
    let bytes = prop_oneof![2_000_u32..9_000, 2_000_u32..60_000];
    let end = prop_oneof![
        2 => Just(End::Calm),
        4 => (bytes, prop::bool::weighted(0.2)).prop_map(|(bytes, up)| End::Cut {
            // What is said to the server is a tenth of what it says.
            bytes: if up { bytes / 10 } else { bytes },
            up,
        }),
        1 => (0_u8..12).prop_map(|events| End::GivenUp { events }),
    ];
    let look = (
        end,
        prop::collection::vec(change(), 0..3),
        prop::option::weighted(0.1, choice()),
    );
    let wish = prop_oneof![
        (any::<u8>(), 1_u8..6, any::<u8>(), any::<bool>()).prop_map(|(from, count, flag, set)| Wish::Mark {
            from,
            count,
            flag,
            set
        }),
        (any::<u8>(), 1_u8..6, any::<u8>()).prop_map(|(from, count, to)| Wish::Move { from, count, to }),
        (any::<u8>(), 1_u8..6, any::<u8>()).prop_map(|(from, count, to)| Wish::Copy { from, count, to }),
        (any::<u8>(), 1_u8..3).prop_map(|(from, count)| Wish::Delete { from, count }),
    ];
    let write = prop_oneof![
        3 => Just(Write::New),
        3 => any::<u8>().prop_map(Write::Again),
        1 => any::<u8>().prop_map(Write::Discard),
        1 => any::<u8>().prop_map(Write::Send),
    ];
    prop_oneof![
        9 => there.prop_map(Step::There),
        7 => look.prop_map(|(end, meanwhile, choice)| Step::Look { end, meanwhile, choice }),
        4 => (wish, any::<bool>()).prop_map(|(wish, online)| Step::Here { wish, online }),
        3 => (write, any::<bool>()).prop_map(|(write, online)| Step::Write { write, online }),
        2 => choice().prop_map(Step::Choose),
        1 => Just(Step::Restart),
    ]
}

/// A history of some twenty events.
pub(crate) fn history() -> impl Strategy<Value = Vec<Step>> {
    prop::collection::vec(step(), 8..24)
}
