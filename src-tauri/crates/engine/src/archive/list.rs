//! The list beside the files: what none of the forms can hold exactly. One JSON object a line, in the order of writing.

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Write};
use std::path::Path;
use std::sync::Arc;

use mailroom_model::{MessageFlags, UnixMillis};
use serde::{Deserialize, Serialize};

/// The list's name in a folder of files; behind the file's name for an mbox.
pub(super) const LIST: &str = "mailroom.jsonl";
/// No line is longer: keywords are short.
const LONGEST: u64 = 64 << 10;

/// One message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Line {
    /// Its file; empty in an mbox.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub(super) file: String,
    /// BLAKE3 of its bytes, in hexadecimal digits.
    pub(super) digest: String,
    /// Its bytes.
    pub(super) size: u64,
    /// INTERNALDATE in Unix milliseconds.
    pub(super) received_at: i64,
    /// Flags and keywords by their IMAP names.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) flags: Vec<String>,
}

/// What a list says about a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Told {
    pub(super) received_at: UnixMillis,
    pub(super) flags: Arc<MessageFlags>,
}

/// A list that was read.
#[derive(Clone, Debug, Default)]
pub(super) struct List {
    by_digest: HashMap<[u8; 32], Told>,
}

impl List {
    /// Reads a list; `None` when there is none. A line that cannot be read says nothing.
    pub(super) fn read(path: &Path) -> io::Result<Option<Self>> {
        let mut list = Self::default();
        // Most messages share a few sets of flags.
        let mut sets: HashMap<Vec<String>, Arc<MessageFlags>> = HashMap::new();
        let found = each_line(path, |line| {
            let Ok(digest) = blake3::Hash::from_hex(&line.digest) else {
                return;
            };
            let flags = sets.entry(line.flags).or_insert_with_key(|names| {
                Arc::new(MessageFlags::from_imap(names.iter().map(String::as_str)))
            });
            let told = Told {
                received_at: UnixMillis(line.received_at),
                flags: Arc::clone(flags),
            };
            list.by_digest.insert(*digest.as_bytes(), told);
        })?;
        Ok(found.then_some(list))
    }

    pub(super) fn find(&self, digest: &[u8; 32]) -> Option<&Told> {
        self.by_digest.get(digest)
    }
}

/// Calls `take` with every line; false when there is no such file.
pub(super) fn each_line(path: &Path, mut take: impl FnMut(Line)) -> io::Result<bool> {
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
        Err(error) => return Err(error),
    };
    let mut file = BufReader::new(file);
    let mut bytes = Vec::new();
    loop {
        bytes.clear();
        if io::Read::take(&mut file, LONGEST).read_until(b'\n', &mut bytes)? == 0 {
            return Ok(true);
        }
        if let Ok(line) = serde_json::from_slice(&bytes) {
            take(line);
        }
    }
}

/// Adds a line, so that it is in the file when this returns.
pub(super) fn add_line(file: &mut File, line: &Line) -> io::Result<()> {
    let mut bytes = serde_json::to_vec(line)?;
    bytes.push(b'\n');
    file.write_all(&bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn list_tells_what_was_written_and_bears_damage() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(LIST);
        assert!(List::read(&path).unwrap().is_none());
        let digest = blake3::hash(b"one");
        let mut file = File::create(&path).unwrap();
        file.write_all(b"{\"half\n\n\xff\n").unwrap();
        let line = Line {
            file: "a.eml".into(),
            digest: digest.to_hex().to_string(),
            size: 3,
            received_at: 5,
            flags: vec!["\\Seen".into(), "$Junk".into()],
        };
        add_line(&mut file, &line).unwrap();
        file.write_all(b"{\"digest\":\"zz\",\"size\":1,\"received_at\":1}\n")
            .unwrap();
        let list = List::read(&path).unwrap().unwrap();
        let told = list.find(digest.as_bytes()).unwrap();
        assert_eq!(
            (told.received_at, told.flags.to_imap()),
            (UnixMillis(5), line.flags)
        );
        assert_eq!(list.by_digest.len(), 1);
    }
}
