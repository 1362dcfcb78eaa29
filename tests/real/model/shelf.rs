//! What lies on the server, as the other program reads it.

use std::collections::{BTreeMap, BTreeSet};

use mailroom_tests::office::{OfficeError, literal};

use super::other::Other;

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
    /// The UIDs of the folder that is open.
    pub(super) fn uids(&mut self) -> Result<Vec<u32>, OfficeError> {
        let said = self.session.command("UID SEARCH", &[b"ALL"])?;
        let said = String::from_utf8_lossy(&said).into_owned();
        let listed = said.lines().find_map(|line| line.strip_prefix("* SEARCH"));
        let all = listed.unwrap_or_default().split_whitespace();
        Ok(all.filter_map(|uid| uid.parse().ok()).collect())
    }

    /// The names of the folders that can be opened, as the server spells them.
    pub(crate) fn names(&mut self) -> Result<BTreeSet<String>, OfficeError> {
        let (names, ghosts) = self.listed()?;
        Ok(&names - &ghosts)
    }

    /// The names that the server lists as folders with mail, and does not know when they are asked for: Dovecot 2.3 may, of a
    /// folder that was deleted while it had others inside.
    pub(crate) fn ghosts(&mut self) -> Result<BTreeSet<String>, OfficeError> {
        Ok(self.listed()?.1)
    }

    fn listed(&mut self) -> Result<(BTreeSet<String>, BTreeSet<String>), OfficeError> {
        let said = self.session.command("LIST", &[b"\"\" \"*\""])?;
        let said = String::from_utf8(said).expect("names are in modified UTF-7");
        let listed = said
            .lines()
            .filter(|line| !line.contains("\\Noselect") && !line.contains("\\NonExistent"))
            .filter_map(|line| line.strip_prefix("* LIST (")?.split_once(") \""))
            // Behind the delimiter, whichever it is.
            .filter_map(|(attributes, rest)| Some((attributes, rest.get(3..)?.trim_matches('"').to_owned())));
        let (mut names, mut ghosts) = (BTreeSet::new(), BTreeSet::new());
        for (attributes, name) in listed {
            let has_others = attributes.contains("\\HasChildren");
            let asked = literal(name.as_bytes());
            let mut is_unknown = || {
                self.session
                    .command("STATUS", &[&asked, b" (UIDVALIDITY)"])
                    .is_err()
            };
            if has_others && is_unknown() {
                ghosts.insert(name.clone());
            }
            names.insert(name);
        }
        Ok((names, ghosts))
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
    pub(super) fn fetch(&mut self, uids: &str) -> Result<BTreeMap<u32, Lying>, OfficeError> {
        let mut messages = BTreeMap::new();
        let words = format!("{uids} (UID FLAGS BODY.PEEK[])");
        let said = self.session.command("UID FETCH", &[words.as_bytes()])?;
        let mut rest = said.as_slice();
        while let Some(at) = find(rest, b" FETCH (") {
            rest = &rest[at + 8..];
            let end = find(rest, b"\r\n").unwrap_or(rest.len());
            let head = String::from_utf8_lossy(&rest[..end]).into_owned();
            let after = |name: &str| head.split_once(name).map(|(_, rest)| rest);
            // Flags that somebody changed meanwhile are told without being asked for.
            let (Some(uid), Some(flags), Some(size)) = (after("UID "), after("FLAGS ("), after("BODY[] {"))
            else {
                continue;
            };
            let (uid, _) = number_at(uid.as_bytes());
            let (size, _) = number_at(size.as_bytes());
            let size = usize::try_from(size).expect("a size");
            let raw = rest[end + 2..][..size].to_vec();
            rest = &rest[end + 2 + size..];
            let flags = flags.split(')').next().unwrap_or_default().split(' ');
            let flags = flags.filter(|flag| !flag.is_empty() && *flag != "\\Recent");
            let flags = flags.map(str::to_owned).collect();
            messages.insert(uid, Lying { flags, raw });
        }
        Ok(messages)
    }
}

pub(crate) fn find(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    bytes.windows(wanted.len()).position(|window| window == wanted)
}

pub(crate) fn number_at(bytes: &[u8]) -> (u32, &[u8]) {
    let end = bytes
        .iter()
        .position(|byte| !byte.is_ascii_digit())
        .unwrap_or(bytes.len());
    let number = std::str::from_utf8(&bytes[..end]).expect("digits");
    (number.parse().expect("a number"), &bytes[end..])
}
