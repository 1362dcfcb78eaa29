//! Messages and attachments as files.

use std::io::Write;
use std::path::{Path, PathBuf};

use mailroom_mime::attachment_bytes;
use mailroom_model::MessageId;
use mailroom_protocol::imap::ImapSession;

use crate::{Engine, EngineError};

/// Bytes of a message or attachment, and where they went.
#[derive(Clone, Debug)]
pub enum Exported {
    /// Written to this file.
    File {
        /// The file.
        path: PathBuf,
        /// How many bytes.
        bytes: u64,
    },
    /// Handed over.
    Bytes(Vec<u8>),
}

/// How much of a message that was left on the server is asked for at a time.
const CHUNK: u32 = 4 << 20;

impl Engine {
    /// The original bytes of a message, or one of its attachments decoded, to a file or to the caller. A message that was
    /// left on the server because of its size is fetched from there, piece by piece.
    pub async fn export(
        &self,
        id: MessageId,
        part: Option<&str>,
        path: Option<&Path>,
    ) -> Result<Exported, EngineError> {
        let raw = match self.store().await?.messages().raw(id).await? {
            Some(raw) => raw,
            None => self.fetch_whole(id).await?,
        };
        let bytes = match part {
            None => raw,
            Some(part) => attachment_bytes(&raw, part).ok_or_else(|| EngineError::AttachmentMissing {
                id: id.0,
                part: part.to_owned(),
            })?,
        };
        let Some(path) = path else {
            return Ok(Exported::Bytes(bytes));
        };
        let length = bytes.len() as u64;
        let target = path.to_owned();
        let written = tokio::task::spawn_blocking(move || write_whole(&target, &bytes));
        written
            .await
            .map_err(|_| EngineError::Worker)?
            .map_err(|source| EngineError::unwritable(path, source))?;
        Ok(Exported::File {
            path: path.to_owned(),
            bytes: length,
        })
    }

    pub(crate) async fn fetch_whole(&self, id: MessageId) -> Result<Vec<u8>, EngineError> {
        let store = self.store().await?;
        let row = self.message_row(id).await?;
        let left = || EngineError::LeftOnServer {
            id: id.0,
            size: row.size,
        };
        let place = row.places.first().ok_or_else(left)?;
        let folder = store.folders().get(place.folder_id).await?.ok_or_else(left)?;
        let account = store.accounts().get(row.account_id).await?.ok_or_else(left)?;
        let mut session = self.open_imap(&account).await?;
        let selected = session.select(&folder.seen.wire_name, None).await?;
        if folder
            .cursor
            .is_none_or(|cursor| cursor.uid_validity != selected.uid_validity)
        {
            return Err(left());
        }
        let raw = fetch_pieces(&mut session, place.uid, row.size)
            .await?
            .ok_or_else(left)?;
        session.logout().await;
        Ok(raw)
    }
}

/// A message of the open folder, piece by piece; `None` when what comes are no pieces of it.
pub(crate) async fn fetch_pieces(
    session: &mut ImapSession,
    uid: u32,
    size: u64,
) -> Result<Option<Vec<u8>>, EngineError> {
    let mut raw = Vec::new();
    loop {
        let piece = session.fetch_chunk(uid, raw.len() as u64, CHUNK).await?;
        match take_piece(&mut raw, &piece, size) {
            Taken::More => {}
            Taken::Whole => return Ok(Some(raw)),
            Taken::Nonsense => return Ok(None),
        }
    }
}

/// How far a message is after a piece of it came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Taken {
    /// There is more to ask for.
    More,
    /// It is whole.
    Whole,
    /// These are no pieces of the message.
    Nonsense,
}

/// Puts the next piece to the others. A short piece is no end: only an empty one, or the announced size, is. Sizes that
/// servers announce may be a little wrong, but not by half.
fn take_piece(raw: &mut Vec<u8>, piece: &[u8], announced: u64) -> Taken {
    let begins = raw.is_empty();
    if piece.is_empty() {
        let enough = raw.len() as u64 >= announced / 2;
        return if begins || !enough {
            Taken::Nonsense
        } else {
            Taken::Whole
        };
    }
    raw.extend_from_slice(piece);
    if piece.len() > CHUNK as usize {
        // The server takes no notice of what part was asked for and gives everything.
        return if begins { Taken::Whole } else { Taken::Nonsense };
    }
    match raw.len() as u64 {
        length if length == announced => Taken::Whole,
        length if length > announced.saturating_mul(2).saturating_add(u64::from(CHUNK)) => Taken::Nonsense,
        _ => Taken::More,
    }
}

/// Writes a file so that it is there whole or not at all.
fn write_whole(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".part");
    let partial = path.with_file_name(name);
    let result = (|| {
        let mut file = std::fs::File::create(&partial)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        std::fs::rename(&partial, path)
    })();
    if result.is_err() {
        // What could not be finished is not left behind; the first error is the one that counts.
        drop(std::fs::remove_file(&partial));
    }
    result
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_are_put_together_until_the_message_is_whole() {
        let everything = vec![b'x'; CHUNK as usize + 1];
        let cases: &[(usize, &[u8], u64, Taken)] = &[
            (0, b"abc", 10, Taken::More),
            (7, b"abc", 10, Taken::Whole),
            (9, b"", 10, Taken::Whole),
            (11, b"", 10, Taken::Whole),
            (0, b"", 10, Taken::Nonsense),
            (3, b"", 10, Taken::Nonsense),
            (9, b"abc", 10, Taken::More),
            (5 << 20, b"abc", 10, Taken::Nonsense),
            (0, &everything, 10, Taken::Whole),
            (5, &everything, 10, Taken::Nonsense),
        ];
        for (have, piece, announced, expected) in cases {
            let mut raw = vec![b'x'; *have];
            let taken = take_piece(&mut raw, piece, *announced);
            assert_eq!(taken, *expected, "{have} {}", piece.len());
        }
    }

    #[test]
    fn file_is_written_whole_or_not_at_all() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("message.eml");
        write_whole(&path, b"first").unwrap();
        write_whole(&path, b"second").unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), b"second");
        std::fs::create_dir(folder.path().join("taken")).unwrap();
        assert!(write_whole(&folder.path().join("taken"), b"x").is_err());
        let names: Vec<_> = std::fs::read_dir(folder.path())
            .unwrap()
            .map(|entry| entry.unwrap().file_name())
            .collect();
        assert_eq!(names.len(), 2, "{names:?}");
    }
}
