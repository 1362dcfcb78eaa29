//! Table `bodies`: raw messages, compressed.

use std::cell::RefCell;

use mailroom_model::MessageId;

use crate::column::Columns;
use crate::message::BodyState;
use crate::{Messages, StoreError};

/// zstd's level: at the speed of a disk; the next levels cost twice the time for a twentieth of the size.
const LEVEL: i32 = 1;

/// No stored body is larger, so that a damaged size cannot ask for the machine's whole memory. In bytes.
const LARGEST_RAW: u64 = 1 << 30;

statements! {
    /// A raw message, with what it has to be.
    GET = "SELECT m.digest, m.body_state, b.raw_size, b.bytes FROM messages AS m \
        LEFT JOIN bodies AS b ON b.message_id = m.id WHERE m.id = ?1";
    /// A new body.
    INSERT = "INSERT INTO bodies (message_id, raw_size, bytes) VALUES (?, ?, ?)";
    /// The body of a message of which a part was here.
    REPLACE = "INSERT OR REPLACE INTO bodies (message_id, raw_size, bytes) VALUES (?, ?, ?)";
}

/// The statement that [`crate::completion`] runs.
pub(crate) const REPLACE_BODY: &str = REPLACE;

/// The statement that [`crate::ingest`] runs.
pub(crate) const INSERT_BODY: &str = INSERT;

/// Raw bytes in the form in which the store keeps them. Compressing is work for the caller's threads, not for the
/// writer's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CompressedBody {
    pub(crate) bytes: Vec<u8>,
    pub(crate) raw_size: u64,
}

impl CompressedBody {
    /// Compresses a raw message. Errors: [`StoreError::Encode`].
    pub fn compress(raw: &[u8]) -> Result<Self, StoreError> {
        thread_local! {
            static COMPRESSOR: RefCell<Option<zstd::bulk::Compressor<'static>>> = const { RefCell::new(None) };
        }
        let encode = |source: std::io::Error| StoreError::Encode {
            source: Box::new(source),
        };
        COMPRESSOR.with_borrow_mut(|slot| {
            let compressor = match slot {
                Some(compressor) => compressor,
                None => slot.insert(zstd::bulk::Compressor::new(LEVEL).map_err(encode)?),
            };
            Ok(Self {
                bytes: compressor.compress(raw).map_err(encode)?,
                raw_size: raw.len() as u64,
            })
        })
    }

    /// The raw bytes. Errors: [`StoreError::Damaged`].
    pub fn decompress(&self) -> Result<Vec<u8>, StoreError> {
        decompress(&self.bytes, self.raw_size)
    }

    /// Size on the disk in bytes.
    pub fn stored_size(&self) -> u64 {
        self.bytes.len() as u64
    }

    /// Size of the raw message in bytes.
    pub fn raw_size(&self) -> u64 {
        self.raw_size
    }
}

/// The opposite of [`CompressedBody::compress`]. Errors: [`StoreError::Damaged`].
pub(crate) fn decompress(bytes: &[u8], raw_size: u64) -> Result<Vec<u8>, StoreError> {
    let capacity = usize::try_from(raw_size.min(LARGEST_RAW)).map_err(|_| StoreError::damaged("raw_size"))?;
    let raw = zstd::bulk::decompress(bytes, capacity).map_err(|source| StoreError::Damaged {
        what: "body",
        source: Some(Box::new(source)),
    })?;
    if raw.len() as u64 == raw_size {
        Ok(raw)
    } else {
        Err(StoreError::damaged("raw_size"))
    }
}

impl Messages<'_> {
    /// What is here of a message that is above the limit, in the form of a message: its header, its text, and places for
    /// the rest. `None` for a message that is here whole, and for one of which only the header came.
    /// Errors: [`StoreError::MessageMissing`]; [`StoreError::Damaged`].
    pub async fn partial(&self, id: MessageId) -> Result<Option<Vec<u8>>, StoreError> {
        let row = sqlx::query(GET)
            .bind(id.0)
            .fetch_optional(self.0.reads())
            .await?
            .ok_or(StoreError::MessageMissing(id))?;
        if row.named("body_state", BodyState::from_name)? == BodyState::Stored {
            return Ok(None);
        }
        let bytes: Option<Vec<u8>> = row.value("bytes")?;
        let Some(bytes) = bytes else {
            return Ok(None);
        };
        decompress(&bytes, row.unsigned("raw_size")?).map(Some)
    }

    /// The raw message, byte for byte as the server gave it. `None` when only its head is here.
    /// Errors: [`StoreError::MessageMissing`]; [`StoreError::Damaged`] when the bytes are not those that came.
    pub async fn raw(&self, id: MessageId) -> Result<Option<Vec<u8>>, StoreError> {
        let row = sqlx::query(GET)
            .bind(id.0)
            .fetch_optional(self.0.reads())
            .await?
            .ok_or(StoreError::MessageMissing(id))?;
        if row.named("body_state", BodyState::from_name)? == BodyState::Oversize {
            return Ok(None);
        }
        let digest: Vec<u8> = row.value("digest")?;
        let bytes: Option<Vec<u8>> = row.value("bytes")?;
        let bytes = bytes.ok_or(StoreError::damaged("body"))?;
        let raw_size = row.unsigned("raw_size")?;
        let read = tokio::task::spawn_blocking(move || {
            let raw = decompress(&bytes, raw_size)?;
            if blake3::hash(&raw).as_bytes().as_slice() == digest {
                Ok(raw)
            } else {
                Err(StoreError::damaged("digest"))
            }
        });
        match read.await {
            Ok(raw) => raw.map(Some),
            // Only a runtime that shuts down, or a panic, ends up here.
            Err(source) => Err(StoreError::Encode {
                source: Box::new(source),
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn body_survives_compression_and_notices_damage() {
        let raw = b"Subject: hello\r\n\r\nhello hello hello hello hello hello".repeat(50);
        let body = CompressedBody::compress(&raw).unwrap();
        assert!(body.stored_size() < body.raw_size() / 10);
        assert_eq!(decompress(&body.bytes, body.raw_size).unwrap(), raw);
        assert!(decompress(&body.bytes, body.raw_size - 1).is_err());
        assert!(decompress(&body.bytes, body.raw_size + 1).is_err());
        assert!(decompress(&body.bytes[..10], body.raw_size).is_err());
        let empty = CompressedBody::compress(b"").unwrap();
        assert_eq!(decompress(&empty.bytes, 0).unwrap(), b"");
    }
}
