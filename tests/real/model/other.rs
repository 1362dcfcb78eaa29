//! The other program: a second IMAP client on the same mailbox, which also keeps count of what it did.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use mailroom_model::UnixMillis;
use mailroom_tests::office::{OfficeError, Session, literal, mailbox_name};

use super::drafts::{DRAFTS, Drafts, text_of};
use super::history::{Change, FIXED, FLAGS, Letter, OWN};
use super::shelf::{find, number_at};
use crate::server::{Mailbox, Renumbering};

/// Where messages lie while their folder is made anew.
const ASIDE: &str = "Aside";

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
    mailbox: Mailbox,
    pub(crate) session: Session,
    now: UnixMillis,
    validity: u32,
    /// The letters by number.
    pub(crate) fates: BTreeMap<u32, Fate>,
    /// Letters that this program moved, removed, or whose folder it changed.
    pub(crate) touched: BTreeSet<u32>,
    /// Folders that it made, renamed, deleted, or gave other UIDs.
    pub(crate) remade: BTreeSet<String>,
    /// What was written, here and there.
    pub(crate) drafts: Drafts,
}

impl Other {
    pub(crate) fn new(mailbox: Mailbox, now: UnixMillis) -> Result<Self, OfficeError> {
        let session = mailbox.session()?;
        Ok(Self {
            mailbox,
            session,
            now,
            validity: 3_000_000_000,
            fates: BTreeMap::new(),
            touched: BTreeSet::new(),
            remade: BTreeSet::new(),
            drafts: Drafts::default(),
        })
    }

    /// A folder's name as the server spells it.
    pub(crate) fn wire_name(&self, folder: &str) -> String {
        mailbox_name(&self.mailbox.path(folder))
    }

    /// Makes the folders that are always there.
    pub(crate) fn furnish(&mut self) -> Result<(), OfficeError> {
        for folder in FIXED {
            self.session.ensure_folder(&self.mailbox.path(folder))?;
        }
        Ok(())
    }

    /// A folder is not what it was, nor is anything certain about what lay in it.
    fn remake(&mut self, folder: &str) -> Result<(), OfficeError> {
        self.remade.insert(folder.to_owned());
        let wire_name = self.wire_name(folder);
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
                self.session = self.mailbox.session()?;
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
                let to = self.folder(to)?;
                let to = literal(self.wire_name(&to).as_bytes());
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
                let to = self.folder(to)?;
                let to = literal(self.wire_name(&to).as_bytes());
                let spaced = format!("{uids} ");
                if !self.mailbox.kind.abilities().takes_move {
                    self.session.command("UID COPY", &[spaced.as_bytes(), &to])?;
                    return self.remove(&uids);
                }
                self.session
                    .command("UID MOVE", &[spaced.as_bytes(), &to])
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
                self.remove(&uids)
            }
            Change::Create { name } => {
                self.remake(own(name))?;
                self.create(own(name))
            }
            Change::Rename { folder, name } => {
                // What lies below it goes along.
                for name in OWN {
                    self.remake(name)?;
                }
                let from = literal(self.wire_name(own(folder)).as_bytes());
                let to = literal(self.wire_name(own(name)).as_bytes());
                self.session.command("RENAME", &[&from, b" ", &to])?;
                let moved: Vec<&str> = OWN
                    .into_iter()
                    .filter(|below| below.starts_with(own(name)))
                    .collect();
                self.tell_apart(&moved)
            }
            Change::Delete { folder } => {
                self.remake(own(folder))?;
                let wire_name = self.wire_name(own(folder));
                let shelf = self.shelf(&wire_name)?;
                for lying in shelf.messages.values() {
                    self.fate(number(&lying.raw), |fate| fate.least = 0);
                }
                self.session.command("EXAMINE", &[b"INBOX"])?;
                self.session
                    .command("DELETE", &[&literal(wire_name.as_bytes())])
                    .map(drop)
            }
            Change::Validity { folder } => {
                let folder = self.folder(folder)?;
                let renumbering = self.mailbox.kind.abilities().renumbering;
                if renumbering == Renumbering::MadeAnew && !OWN.contains(&folder.as_str()) {
                    return Ok(());
                }
                self.remake(&folder)?;
                // A copy whose answer was lost cannot be told from others any more: it is made again.
                for fate in self.fates.values_mut().filter(|fate| fate.is_copied) {
                    fate.most = u32::MAX;
                }
                match renumbering {
                    Renumbering::Any => self.renumber(&folder),
                    Renumbering::MadeAnew => self.make_anew(&folder),
                }
            }
            Change::Rewrite { which } => self.rewrite(which),
        }
    }

    /// Removes messages of the folder that is open.
    fn remove(&mut self, uids: &str) -> Result<(), OfficeError> {
        let words = format!("{uids} +FLAGS.SILENT (\\Deleted)");
        self.session.command("UID STORE", &[words.as_bytes()])?;
        self.session.command("UID EXPUNGE", &[uids.as_bytes()]).map(drop)
    }

    fn create(&mut self, folder: &str) -> Result<(), OfficeError> {
        let name = literal(self.wire_name(folder).as_bytes());
        self.session.command("CREATE", &[&name])?;
        self.tell_apart(&[folder])
    }

    /// Gives folders that were just made or renamed a UIDVALIDITY of their own where the server would give one of the same
    /// name the same again.
    fn tell_apart(&mut self, folders: &[&str]) -> Result<(), OfficeError> {
        if !self.mailbox.kind.abilities().repeats_validity {
            return Ok(());
        }
        let there = self.names()?;
        for folder in folders {
            if there.contains(&self.wire_name(folder)) {
                self.renumber(folder)?;
            }
        }
        Ok(())
    }

    fn renumber(&mut self, folder: &str) -> Result<(), OfficeError> {
        // Now the server has given it one.
        let name = literal(self.wire_name(folder).as_bytes());
        self.session.command("EXAMINE", &[&name])?;
        self.session.command("EXAMINE", &[b"INBOX"])?;
        self.validity += 1;
        self.mailbox.set_uid_validity(folder, self.validity)?;
        self.session = self.mailbox.session()?;
        Ok(())
    }

    /// Deletes a folder and makes it again with the same messages.
    fn make_anew(&mut self, folder: &str) -> Result<(), OfficeError> {
        let (name, aside) = (
            literal(self.wire_name(folder).as_bytes()),
            literal(self.wire_name(ASIDE).as_bytes()),
        );
        self.session.command("CREATE", &[&aside])?;
        let opened = self.session.command("SELECT", &[&name])?;
        let is_empty = String::from_utf8_lossy(&opened).contains("* 0 EXISTS");
        if !is_empty {
            self.session.command("UID COPY", &[b"1:* ", &aside])?;
        }
        self.session.command("SELECT", &[&aside])?;
        // Nothing may be left aside: it would be there twice.
        if let Err(refused) = self.session.command("DELETE", &[&name]) {
            self.session.command("EXAMINE", &[b"INBOX"])?;
            self.session.command("DELETE", &[&aside])?;
            return Err(refused);
        }
        self.session.command("CREATE", &[&name])?;
        if !is_empty {
            self.session.command("UID COPY", &[b"1:* ", &name])?;
        }
        self.session.command("EXAMINE", &[b"INBOX"])?;
        self.session.command("DELETE", &[&aside]).map(drop)
    }

    /// Changes a draft as other programs do: the new text is put beside the old one, which goes.
    fn rewrite(&mut self, which: u8) -> Result<(), OfficeError> {
        let drafts = self.wire_name(DRAFTS);
        self.session.command("SELECT", &[&literal(drafts.as_bytes())])?;
        let uids = self.uids()?;
        if uids.is_empty() {
            return Ok(());
        }
        let uid = uids[usize::from(which) % uids.len()];
        let lying = self.fetch(&uid.to_string())?;
        let Some((number, text)) = lying.values().find_map(|lying| text_of(&lying.raw)) else {
            return Ok(());
        };
        let raw = self.drafts.rewritten(number, text);
        let path = self.mailbox.path(DRAFTS);
        self.session
            .append(&path, &["\\Draft", "\\Seen"], Some(self.now), raw.as_bytes())?;
        self.remove(&uid.to_string())
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
            let path = self.mailbox.path(folder);
            self.session
                .append(&path, &flags, Some(received_at), raw.as_bytes())?;
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
            .filter(|name| there.contains(&self.wire_name(name)))
            .collect();
        Ok(known[usize::from(choice) % known.len()].to_owned())
    }

    /// Opens a folder and picks messages of it: their UIDs and numbers. `None` in an empty one.
    fn span(&mut self, folder: u8, from: u8, count: u8) -> Result<Option<(String, Vec<u32>)>, OfficeError> {
        let folder = self.folder(folder)?;
        let name = literal(self.wire_name(&folder).as_bytes());
        self.session.command("SELECT", &[&name])?;
        let all = self.uids()?;
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
