//! Messages and attachments as files.

use std::io::Write;
use std::path::{Path, PathBuf};

use mailroom_mime::attachment_bytes;
use mailroom_model::MessageId;

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

impl Engine {
    /// The original bytes of a message, or one of its attachments decoded, to a file or to the caller. Of a message that was
    /// left on the server because of its size, the attachment alone is fetched from there; the whole message is kept then.
    pub async fn export(
        &self,
        id: MessageId,
        part: Option<&str>,
        path: Option<&Path>,
    ) -> Result<Exported, EngineError> {
        let raw = self.store().await?.messages().raw(id).await?;
        let bytes = match (raw, part) {
            (Some(raw), None) => raw,
            (None, None) => self.fetch_whole(id).await?,
            (None, Some(part)) => self.fetch_part(id, part).await?,
            (Some(raw), Some(part)) => {
                attachment_bytes(&raw, part).ok_or_else(|| EngineError::AttachmentMissing {
                    id: id.0,
                    part: part.to_owned(),
                })?
            }
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
