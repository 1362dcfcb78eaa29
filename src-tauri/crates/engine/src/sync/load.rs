//! Messages from the server into the store: fetched, parsed and written at the same time, in bounded memory.

use std::sync::Arc;

use mailroom_mime::Limits as MimeLimits;
use mailroom_model::{AccountId, FolderId, UidSet};
use mailroom_protocol::imap::{FetchedMessage, ImapSession};
use mailroom_store::{IncomingMessage, Store, StoreError};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};
use tokio::task::{JoinHandle, spawn_blocking};
use tokio_util::sync::CancellationToken;

use super::batch::{Batch, Wanted};
use super::intake::{prepare, prepare_header};
use crate::{EngineError, Progress};

/// Bytes of messages between the socket and the disk, together. A single message above it is on its way alone.
const IN_FLIGHT: u32 = 24 << 20;
/// Messages that wait for a parser.
const QUEUE: usize = 64;

/// Where a load goes.
pub(crate) struct Target<'a> {
    pub(crate) store: &'a Store,
    pub(crate) account: AccountId,
    pub(crate) folder: FolderId,
    pub(crate) cancel: &'a CancellationToken,
}

/// What a load did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Loaded {
    /// Messages that were not in the folder before.
    pub(crate) messages: u64,
    /// Bytes of messages that crossed the wire.
    pub(crate) bytes: u64,
}

/// A batch on its way: its parser, and its share of the memory, which is given back when it is written.
struct Parsing {
    parsed: JoinHandle<Result<Vec<IncomingMessage>, StoreError>>,
    wanted: Vec<Wanted>,
    share: OwnedSemaphorePermit,
}

/// Loads `batches` in order. What arrived before an error or a cancellation is kept, so that the work goes on there.
/// `progress` hears the messages and bytes done after each batch, counting from those of `done`.
pub(crate) async fn load(
    session: &mut ImapSession,
    target: &Target<'_>,
    batches: Vec<Batch>,
    mut done: Progress,
    mut progress: impl FnMut(Progress),
) -> Result<Loaded, EngineError> {
    let room = Arc::new(Semaphore::new(IN_FLIGHT as usize));
    let (to_writer, mut from_parsers) = mpsc::channel::<Parsing>(2);
    let fetching = async {
        let to_writer = to_writer;
        for batch in batches {
            if target.cancel.is_cancelled() {
                return Err(EngineError::Cancelled);
            }
            fetch(session, &room, &to_writer, batch).await?;
        }
        Ok(())
    };
    let writing = async {
        let mut loaded = Loaded::default();
        while let Some(parsing) = from_parsers.recv().await {
            let messages = parsing.parsed.await.map_err(|_| EngineError::Worker)??;
            let ingested = target
                .store
                .messages()
                .ingest(target.account, target.folder, messages)
                .await?;
            loaded.messages += ingested.stored + ingested.matched;
            loaded.bytes += ingested.bytes;
            done.messages += parsing.wanted.len() as u64;
            done.bytes += parsing.wanted.iter().map(|message| message.size).sum::<u64>();
            drop(parsing.share);
            progress(done);
        }
        Ok::<_, EngineError>(loaded)
    };
    let (fetched, written) = tokio::join!(fetching, writing);
    let loaded = written?;
    fetched?;
    Ok(loaded)
}

async fn fetch(
    session: &mut ImapSession,
    room: &Arc<Semaphore>,
    to_writer: &mpsc::Sender<Parsing>,
    batch: Batch,
) -> Result<(), EngineError> {
    let (wanted, whole) = match batch {
        Batch::Whole(wanted) => (wanted, true),
        Batch::Header(message) => (vec![message], false),
    };
    let bytes = if whole {
        wanted.iter().map(|message| message.size).sum()
    } else {
        0
    };
    let share = u32::try_from(bytes).unwrap_or(IN_FLIGHT).clamp(1, IN_FLIGHT);
    let share = room
        .clone()
        .acquire_many_owned(share)
        .await
        .map_err(|_| EngineError::Worker)?;
    let uids: UidSet = wanted.iter().map(|message| message.uid).collect();
    let (sink, mut messages) = mpsc::channel::<FetchedMessage>(QUEUE);
    let parsed = spawn_blocking(move || {
        let limits = MimeLimits::default();
        let mut prepared = Vec::new();
        while let Some(message) = messages.blocking_recv() {
            prepared.push(if whole {
                prepare(&message, &limits)?
            } else {
                prepare_header(&message)
            });
        }
        Ok(prepared)
    });
    let sent = to_writer
        .send(Parsing {
            parsed,
            wanted,
            share,
        })
        .await;
    // The writer has gone: its own error says why.
    sent.map_err(|_| EngineError::Worker)?;
    if whole {
        session.fetch_messages(&uids, &sink).await?;
    } else if let Some(uid) = uids.first()
        && let Some(message) = session.fetch_header(uid).await?
    {
        sink.send(message).await.map_err(|_| EngineError::Worker)?;
    }
    Ok(())
}
