//! Messages and attachments as files.

use std::io::Write;
use std::path::{Path, PathBuf};

use mailroom_mime::attachment_bytes;
use mailroom_model::MessageId;
use tokio::io::AsyncWriteExt as _;

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
    /// left on the server because of its size, the attachment alone is fetched from there; the whole message is kept then,
    /// unless it is so large that it goes straight into the file.
    pub async fn export(
        &self,
        id: MessageId,
        part: Option<&str>,
        path: Option<&Path>,
    ) -> Result<Exported, EngineError> {
        let raw = self.store().await?.messages().raw(id).await?;
        if let (None, Some(path)) = (&raw, path)
            && let Some(bytes) = self.fetch_into(id, part, path).await?
        {
            return Ok(Exported::File {
                path: path.to_owned(),
                bytes,
            });
        }
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

/// The name of a file that is not finished.
fn partial_name(path: &Path) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".part");
    path.with_file_name(name)
}

/// A file that is written piece by piece, and is there whole or not at all.
#[derive(Debug)]
pub(crate) struct Unfinished {
    file: tokio::fs::File,
    path: PathBuf,
    /// What goes away with this, unless it was finished.
    partial: Partial,
}

#[derive(Debug)]
struct Partial(PathBuf);

impl Drop for Partial {
    fn drop(&mut self) {
        // After the end it has its own name, and there is nothing to remove.
        drop(std::fs::remove_file(&self.0));
    }
}

impl Unfinished {
    pub(crate) async fn create(path: &Path) -> Result<Self, EngineError> {
        let partial = partial_name(path);
        let created = tokio::fs::File::create(&partial).await;
        Ok(Self {
            file: created.map_err(|source| EngineError::unwritable(path, source))?,
            path: path.to_owned(),
            partial: Partial(partial),
        })
    }

    pub(crate) async fn write(&mut self, bytes: &[u8]) -> Result<(), EngineError> {
        let written = self.file.write_all(bytes).await;
        written.map_err(|source| EngineError::unwritable(&self.path, source))
    }

    /// Gives the file its name.
    pub(crate) async fn finish(mut self) -> Result<(), EngineError> {
        let finishing = async {
            self.file.flush().await?;
            self.file.sync_all().await?;
            tokio::fs::rename(&self.partial.0, &self.path).await
        };
        let finished = finishing.await;
        finished.map_err(|source| EngineError::unwritable(&self.path, source))
    }
}

/// Writes a file so that it is there whole or not at all.
fn write_whole(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let partial = partial_name(path);
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

    #[tokio::test]
    async fn file_in_pieces_is_there_at_its_end_and_not_before() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("film.mp4");
        let names = || std::fs::read_dir(folder.path()).unwrap().count();
        let mut given_up = Unfinished::create(&path).await.unwrap();
        given_up.write(b"begin").await.unwrap();
        assert_eq!(names(), 1);
        drop(given_up);
        assert_eq!(names(), 0);
        let mut file = Unfinished::create(&path).await.unwrap();
        file.write(b"begin").await.unwrap();
        file.write(b" and end").await.unwrap();
        assert!(!path.exists());
        file.finish().await.unwrap();
        assert_eq!(
            (std::fs::read(&path).unwrap(), names()),
            (b"begin and end".to_vec(), 1)
        );
        let nowhere = folder.path().join("nowhere/film.mp4");
        assert!(Unfinished::create(&nowhere).await.is_err());
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
