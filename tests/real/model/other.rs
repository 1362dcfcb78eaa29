//! The other program: a second IMAP client on the same mailbox, which also keeps count of what it did.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::sync::Arc;

use mailroom_model::UnixMillis;
use mailroom_tests::office::{Office, OfficeError, Session, literal, mailbox_name};

use super::history::{Change, FIXED, FLAGS, Letter, OWN};

/// A day in milliseconds.
pub(crate) const DAY: i64 = 86_400_000;

/// What is known of one letter.
#[derive(Clone, Debug)]
pub(crate) struct Fate {
    /// When it arrived.
    pub(crate) received_at: UnixMillis,
    /// At least so many copies are on the server: nobody removed them.
    pub(crate) least: u32,
    /// At most so many.
    pub(crate) most: u32,
    /// The letter that it refers to.
    pub(crate) parent: Option<u32>,
    /// It has a Message-ID of its own.
    pub(crate) has_own_id: bool,
    /// Mailroom was asked to copy it.
    pub(crate) is_copied: bool,
}

/// The other program.
pub(crate) struct Other {
    office: Arc<Office>,
    user: String,
    session: Session,
    now: UnixMillis,
    validity: u32,
    /// The letters by number.
    pub(crate) fates: BTreeMap<u32, Fate>,
    /// Letters that this program moved, removed, or whose folder it changed.
    pub(crate) touched: BTreeSet<u32>,
    /// Folders that it made, renamed, deleted, or gave other UIDs.
    pub(crate) remade: BTreeSet<String>,
}

/// A message on the server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Lying {
    pub(crate) flags: BTreeSet<String>,
    pub(crate) raw: Vec<u8>,
}

/// A folder on the server.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Shelf {
    pub(crate) validity: u32,
    pub(crate) messages: BTreeMap<u32, Lying>,
}

impl Other {
    pub(crate) fn new(office: Arc<Office>, user: String, now: UnixMillis) -> Result<Self, OfficeError> {
        let session = office.session(&user)?;
        Ok(Self {
            office,
            user,
            session,
            now,
            validity: 3_000_000_000,
            fates: BTreeMap::new(),
            touched: BTreeSet::new(),
            remade: BTreeSet::new(),
        })
    }

    /// A folder is not what it was, nor is anything certain about what lay in it.
    fn remake(&mut self, folder: &str) -> Result<(), OfficeError> {
        self.remade.insert(folder.to_owned());
        let wire_name = mailbox_name(folder);
        if self.names()?.contains(&wire_name) {
            let shelf = self.shelf(&wire_name)?;
            self.touched
                .extend(shelf.messages.values().map(|lying| number(&lying.raw)));
            self.session.command("EXAMINE", &[b"INBOX"])?;
        }
        Ok(())
    }

    /// Does what can be done of a change: folders may be missing, and Mailroom may have been first.
    pub(crate) fn work(&mut self, change: &Change) -> Result<(), OfficeError> {
        match self.try_to(change) {
            Err(OfficeError::Refused { .. }) => Ok(()),
            // The server ends sessions whose folder was changed from beneath them.
            Err(OfficeError::Conversation { .. }) => {
                self.session = self.office.session(&self.user)?;
                Ok(())
            }
            done => done,
        }
    }

    fn try_to(&mut self, change: &Change) -> Result<(), OfficeError> {
        match *change {
            Change::Append {
                folder,
                letter,
                flags,
                days_old,
                twice,
            } => {
                let folder = self.folder(folder)?;
                self.append(&folder, letter, flags, days_old, 1 + u32::from(twice))
            }
            Change::Flag {
                folder,
                from,
                count,
                flag,
                set,
            } => {
                let Some((uids, _)) = self.span(folder, from, count)? else {
                    return Ok(());
                };
                let sign = if set { "+" } else { "-" };
                let words = format!("{uids} {sign}FLAGS.SILENT ({})", flag_name(flag));
                self.session.command("UID STORE", &[words.as_bytes()]).map(drop)
            }
            Change::Copy {
                folder,
                from,
                count,
                to,
            } => {
                let Some((uids, letters)) = self.span(folder, from, count)? else {
                    return Ok(());
                };
                let to = literal(mailbox_name(&self.folder(to)?).as_bytes());
                for letter in letters {
                    self.fate(letter, |fate| fate.most = fate.most.saturating_add(1));
                }
                let uids = format!("{uids} ");
                self.session
                    .command("UID COPY", &[uids.as_bytes(), &to])
                    .map(drop)
            }
            Change::Move {
                folder,
                from,
                count,
                to,
            } => {
                let Some((uids, letters)) = self.span(folder, from, count)? else {
                    return Ok(());
                };
                self.touched.extend(letters);
                let to = literal(mailbox_name(&self.folder(to)?).as_bytes());
                let uids = format!("{uids} ");
                self.session
                    .command("UID MOVE", &[uids.as_bytes(), &to])
                    .map(drop)
            }
            Change::Expunge { folder, from, count } => {
                let Some((uids, letters)) = self.span(folder, from, count)? else {
                    return Ok(());
                };
                for letter in letters {
                    self.touched.insert(letter);
                    self.fate(letter, |fate| fate.least = 0);
                }
                let words = format!("{uids} +FLAGS.SILENT (\\Deleted)");
                self.session.command("UID STORE", &[words.as_bytes()])?;
                self.session.command("UID EXPUNGE", &[uids.as_bytes()]).map(drop)
            }
            Change::Create { name } => {
                self.remake(own(name))?;
                let name = literal(mailbox_name(own(name)).as_bytes());
                self.session.command("CREATE", &[&name]).map(drop)
            }
            Change::Rename { folder, name } => {
                // What lies below it goes along.
                for name in OWN {
                    self.remake(name)?;
                }
                let from = literal(mailbox_name(own(folder)).as_bytes());
                let to = literal(mailbox_name(own(name)).as_bytes());
                self.session.command("RENAME", &[&from, b" ", &to]).map(drop)
            }
            Change::Delete { folder } => {
                self.remake(own(folder))?;
                let shelf = self.shelf(&mailbox_name(own(folder)))?;
                for lying in shelf.messages.values() {
                    self.fate(number(&lying.raw), |fate| fate.least = 0);
                }
                let name = literal(mailbox_name(own(folder)).as_bytes());
                self.session.command("EXAMINE", &[b"INBOX"])?;
                self.session.command("DELETE", &[&name]).map(drop)
            }
            Change::Validity { folder } => {
                let folder = self.folder(folder)?;
                self.remake(&folder)?;
                // A copy whose answer was lost cannot be told from others any more: it is made again.
                for fate in self.fates.values_mut().filter(|fate| fate.is_copied) {
                    fate.most = u32::MAX;
                }
                self.validity += 1;
                self.office.set_uid_validity(&self.user, &folder, self.validity)?;
                self.session = self.office.session(&self.user)?;
                Ok(())
            }
        }
    }

    /// Puts a new letter into a folder.
    pub(crate) fn append(
        &mut self,
        folder: &str,
        letter: Letter,
        flags: u8,
        days_old: u16,
        copies: u32,
    ) -> Result<(), OfficeError> {
        let new = u32::try_from(self.fates.len()).unwrap_or(u32::MAX) + 1;
        // Numbers begin at 1: without an earlier letter there is nobody to refer to.
        let earlier = |choice: u8| (new > 1).then(|| 1 + u32::from(choice) % (new - 1));
        let received_at = UnixMillis(self.now.0 - i64::from(days_old) * DAY - 3_600_000);
        let parent = match letter {
            Letter::Reply(choice) => earlier(choice),
            _ => None,
        };
        let id = match letter {
            Letter::Bare => None,
            Letter::Same(choice) => Some(earlier(choice).unwrap_or(new)),
            _ => Some(new),
        };
        let mut raw = format!("From: x{new}@example.org\r\nSubject: letter {new}\r\n");
        let mut write = |line: String| writeln!(raw, "{line}\r").expect("memory");
        if let Some(id) = id {
            write(format!("Message-ID: <letter-{id}@example.org>"));
            write("Date: Sun, 22 Nov 2026 10:00:00 +0000".to_owned());
        }
        if let Some(parent) = parent {
            write(format!("References: <letter-{parent}@example.org>"));
        }
        write(format!("\r\nwords{new}"));
        if letter == Letter::Large {
            for line in 0..300 {
                write(format!(
                    "{line} of letter {new}: {}",
                    "words and more words ".repeat(3)
                ));
            }
        }
        let flags: Vec<&str> = (0..8_u8)
            .filter(|bit| flags & 0b0100_1001 & (1 << bit) != 0)
            .map(flag_name)
            .collect();
        self.fates.insert(
            new,
            Fate {
                received_at,
                least: 0,
                most: 0,
                parent,
                has_own_id: id == Some(new),
                is_copied: false,
            },
        );
        for _ in 0..copies {
            self.fate(new, |fate| fate.most = fate.most.saturating_add(1));
            self.session
                .append(folder, &flags, Some(received_at), raw.as_bytes())?;
            self.fate(new, |fate| fate.least += 1);
        }
        Ok(())
    }

    pub(crate) fn fate(&mut self, letter: u32, change: impl FnOnce(&mut Fate)) {
        if let Some(fate) = self.fates.get_mut(&letter) {
            change(fate);
        }
    }

    /// Mailroom was asked to copy a letter: there may be one more. One without a Message-ID of its own may be copied again
    /// when the answer was lost.
    pub(crate) fn note_copy(&mut self, letter: u32) {
        self.fate(letter, |fate| {
            fate.is_copied = true;
            fate.most = if fate.has_own_id {
                fate.most.saturating_add(1)
            } else {
                u32::MAX
            };
        });
    }

    /// One of the folders that are there.
    fn folder(&mut self, choice: u8) -> Result<String, OfficeError> {
        let there = self.names()?;
        let known: Vec<&str> = FIXED
            .into_iter()
            .chain(OWN)
            .filter(|name| there.contains(&mailbox_name(name)))
            .collect();
        Ok(known[usize::from(choice) % known.len()].to_owned())
    }

    /// Opens a folder and picks messages of it: their UIDs and numbers. `None` in an empty one.
    fn span(&mut self, folder: u8, from: u8, count: u8) -> Result<Option<(String, Vec<u32>)>, OfficeError> {
        let folder = self.folder(folder)?;
        let name = literal(mailbox_name(&folder).as_bytes());
        self.session.command("SELECT", &[&name])?;
        let said = self.session.command("UID SEARCH", &[b"ALL"])?;
        let said = String::from_utf8_lossy(&said).into_owned();
        let listed = said.lines().find_map(|line| line.strip_prefix("* SEARCH"));
        let all = listed.unwrap_or_default().split_whitespace();
        let all: Vec<u32> = all.filter_map(|uid| uid.parse().ok()).collect();
        if all.is_empty() {
            return Ok(None);
        }
        let first = usize::from(from) % all.len();
        let picked: Vec<u32> = all.into_iter().skip(first).take(count.into()).collect();
        let uids: Vec<String> = picked.iter().map(ToString::to_string).collect();
        let uids = uids.join(",");
        let lying = self.fetch(&uids)?;
        let letters = lying.values().map(|lying| number(&lying.raw)).collect();
        Ok(Some((uids, letters)))
    }

    /// The names of the folders that can be opened, as the server spells them.
    pub(crate) fn names(&mut self) -> Result<BTreeSet<String>, OfficeError> {
        let said = self.session.command("LIST", &[b"\"\" \"*\""])?;
        let said = String::from_utf8(said).expect("names are in modified UTF-7");
        Ok(said
            .lines()
            .filter(|line| !line.contains("\\Noselect") && !line.contains("\\NonExistent"))
            .filter_map(|line| line.strip_prefix("* LIST (")?.split_once(") \"/\" "))
            .map(|(_, name)| name.trim_matches('"').to_owned())
            .collect())
    }

    /// Everything in a folder, named as the server spells it.
    pub(crate) fn shelf(&mut self, wire_name: &str) -> Result<Shelf, OfficeError> {
        let said = self
            .session
            .command("EXAMINE", &[&literal(wire_name.as_bytes())])?;
        let said = String::from_utf8_lossy(&said).into_owned();
        let validity = said
            .split_once("[UIDVALIDITY ")
            .and_then(|(_, rest)| rest.split_once(']')?.0.parse().ok());
        let mut shelf = Shelf {
            validity: validity.expect("a UIDVALIDITY"),
            ..Shelf::default()
        };
        if said.contains("* 0 EXISTS") {
            return Ok(shelf);
        }
        shelf.messages = self.fetch("1:*")?;
        Ok(shelf)
    }

    /// Messages of the folder that is open.
    fn fetch(&mut self, uids: &str) -> Result<BTreeMap<u32, Lying>, OfficeError> {
        let mut messages = BTreeMap::new();
        let words = format!("{uids} (UID FLAGS BODY.PEEK[])");
        let said = self.session.command("UID FETCH", &[words.as_bytes()])?;
        let mut rest = said.as_slice();
        while let Some(at) = find(rest, b" FETCH (UID ") {
            let (uid, after) = number_at(&rest[at + 12..]);
            let open = find(after, b"FLAGS (").expect("flags") + 7;
            let close = open + find(&after[open..], b")").expect("flags end");
            let flags = String::from_utf8_lossy(&after[open..close]).into_owned();
            let body = close + find(&after[close..], b"BODY[] {").expect("a body") + 8;
            let (size, after) = number_at(&after[body..]);
            let size = usize::try_from(size).expect("a size");
            let raw = after[3..3 + size].to_vec();
            rest = &after[3 + size..];
            let flags = flags
                .split(' ')
                .filter(|flag| !flag.is_empty() && *flag != "\\Recent");
            let flags = flags.map(str::to_owned).collect();
            messages.insert(uid, Lying { flags, raw });
        }
        Ok(messages)
    }
}

/// The number in the subject of a letter.
pub(crate) fn number(raw: &[u8]) -> u32 {
    let mark = b"Subject: letter ";
    find(raw, mark).map_or(0, |at| number_at(&raw[at + mark.len()..]).0)
}

fn own(choice: u8) -> &'static str {
    OWN[usize::from(choice) % OWN.len()]
}

/// A flag.
pub(crate) fn flag_name(choice: u8) -> &'static str {
    FLAGS[usize::from(choice) % FLAGS.len()]
}

fn find(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    bytes.windows(wanted.len()).position(|window| window == wanted)
}

fn number_at(bytes: &[u8]) -> (u32, &[u8]) {
    let end = bytes
        .iter()
        .position(|byte| !byte.is_ascii_digit())
        .unwrap_or(bytes.len());
    let number = std::str::from_utf8(&bytes[..end]).expect("digits");
    (number.parse().expect("a number"), &bytes[end..])
}
