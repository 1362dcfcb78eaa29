//! What became of everything that belonged to a removed account, looked at and not believed.

use mailroom_model::UnixMillis;
use mailroom_store::Possessions;
use serde::{Deserialize, Serialize};

use super::Removal;
use crate::event::Fault;

/// Something that belonged to the account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Belonging {
    /// What the person granted in the browser.
    Grant,
    /// Passwords and tokens in the vault.
    Secrets,
    /// The same in an entry of an older version of the program.
    OlderSecrets,
    /// Messages, with texts, files and folders.
    Messages,
    /// Words by which the messages were found.
    Words,
    /// Changes that waited for the server.
    Operations,
    /// Messages that were not sent.
    Outbox,
    /// Drafts that were not on the server.
    Drafts,
    /// Addresses that are completed.
    Completions,
    /// The account itself: servers, names, signatures, choices.
    Settings,
    /// The client id that came with the account.
    Registration,
    /// Backups in which the account's drafts, unsent messages and settings stand.
    Backups,
    /// Databases that were set aside when they could not be read.
    SetAside,
}

/// How it stands with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Whereabouts {
    /// It was looked for, and is not there.
    Gone,
    /// It stays, because the person wanted that or because it is not the account's alone.
    Stays,
    /// Only the person can end it, on the page.
    ByHand,
    /// It could not be removed, or not be looked for.
    Left,
}

/// One line of a receipt.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReceiptLine {
    /// What.
    pub what: Belonging,
    /// How it stands with it.
    pub whereabouts: Whereabouts,
    /// How many there were, or are.
    pub count: u64,
    /// How many bytes they took, or take.
    pub bytes: u64,
    /// The page on which the person can do what the program cannot.
    pub page: Option<String>,
    /// Why it is left.
    pub fault: Option<Fault>,
}

/// What went and what stays.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Receipt {
    /// The account's address.
    pub address: String,
    /// When it was finished.
    pub at: UnixMillis,
    /// It was interrupted, and finished at a later start.
    pub was_resumed: bool,
    /// The mail stays here; only the sign-in went.
    pub keeps_mail: bool,
    /// The server on which every message stays as it was.
    pub server: Option<String>,
    /// Everything that was looked for.
    pub lines: Vec<ReceiptLine>,
}

impl Receipt {
    /// One line.
    pub fn line(&self, what: Belonging) -> Option<&ReceiptLine> {
        self.lines.iter().find(|line| line.what == what)
    }

    /// True when nothing is left that should have gone.
    pub fn is_complete(&self) -> bool {
        self.lines
            .iter()
            .all(|line| line.whereabouts != Whereabouts::Left)
    }
}

impl ReceiptLine {
    pub(super) fn new(what: Belonging, whereabouts: Whereabouts, count: u64) -> Self {
        Self {
            what,
            whereabouts,
            count,
            bytes: 0,
            page: None,
            fault: None,
        }
    }

    pub(super) fn left(what: Belonging, fault: Fault) -> Self {
        Self {
            fault: Some(fault),
            ..Self::new(what, Whereabouts::Left, 0)
        }
    }
}

/// The lines about the database: what there was, and what a look finds now.
pub(super) fn stored_lines(before: &Removal, now: &Possessions) -> Vec<ReceiptLine> {
    let had = &before.had;
    let line = |what, count, found: u64| {
        let whereabouts = match found {
            0 => Whereabouts::Gone,
            _ => Whereabouts::Left,
        };
        ReceiptLine::new(what, whereabouts, count)
    };
    let messages = ReceiptLine {
        bytes: before.bytes,
        ..line(Belonging::Messages, had.messages, now.messages + now.contents)
    };
    let completions = if before.choice.completions {
        line(Belonging::Completions, had.people, now.people)
    } else {
        ReceiptLine::new(Belonging::Completions, Whereabouts::Stays, had.people)
    };
    vec![
        messages,
        line(Belonging::Words, had.messages, now.words),
        line(Belonging::Operations, had.operations, now.operations),
        line(Belonging::Outbox, had.outbox, now.outbox),
        line(Belonging::Drafts, had.drafts, now.drafts),
        completions,
        line(Belonging::Settings, 1, now.settings),
    ]
}

#[cfg(test)]
mod tests {
    use super::super::RemovalChoice;
    use super::*;

    #[test]
    fn what_a_look_still_finds_is_left_whatever_was_said_before() {
        let had = Possessions {
            messages: 5,
            people: 3,
            ..Possessions::default()
        };
        let mut removal = Removal::of_test(had.into(), RemovalChoice::default());
        let kinds = |removal: &Removal, now: &Possessions| -> Vec<(Belonging, Whereabouts)> {
            let lines = stored_lines(removal, now);
            let left = lines.iter().filter(|line| line.whereabouts != Whereabouts::Gone);
            left.map(|line| (line.what, line.whereabouts)).collect()
        };
        assert_eq!(kinds(&removal, &Possessions::default()), []);
        let cases = [
            (
                Possessions {
                    contents: 1,
                    ..Possessions::default()
                },
                Belonging::Messages,
            ),
            (
                Possessions {
                    words: 1,
                    ..Possessions::default()
                },
                Belonging::Words,
            ),
            (
                Possessions {
                    outbox: 2,
                    ..Possessions::default()
                },
                Belonging::Outbox,
            ),
            (
                Possessions {
                    settings: 1,
                    ..Possessions::default()
                },
                Belonging::Settings,
            ),
        ];
        for (now, what) in cases {
            assert_eq!(kinds(&removal, &now), [(what, Whereabouts::Left)], "{now:?}");
        }
        removal.choice.completions = false;
        assert_eq!(
            kinds(&removal, &Possessions::default()),
            [(Belonging::Completions, Whereabouts::Stays)]
        );
    }
}
