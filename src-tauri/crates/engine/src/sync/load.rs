//! Messages from the server into the store: fetched, parsed and written at the same time, in bounded memory.

use std::sync::Arc;

use mailroom_mime::Limits as MimeLimits;
use mailroom_model::{AccountId, Coded, ErrorCode, FolderId, MessageId, UidSet, UnixMillis};
use mailroom_protocol::imap::{FetchedMessage, ImapError, ImapSession};
use mailroom_store::{IncomingMessage, Store, StoreError};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};
use tokio::task::{JoinHandle, spawn_blocking};
use tokio_util::sync::CancellationToken;

use super::batch::{Batch, Batches, FIRST_BATCH, Limits, Wanted, batches, next_batch};
use super::intake::{prepare, prepare_head, prepare_header};
use super::look::Calls;
use super::partial::{Head, fetch_head};
use crate::{Engine, EngineError, Progress};

/// Bytes of messages between the socket and the disk, together. A single message above it is on its way alone.
const IN_FLIGHT: u32 = 24 << 20;
/// Messages that wait for a parser.
const QUEUE: usize = 64;
/// The index follows a load of more than so many bytes ...
const LARGE: u64 = 32 << 20;
/// ... that comes faster than so many bytes in a second: over a slower line the processor has nothing else to do.
const FAST: u64 = 3 << 20;

/// Where a load goes.
pub(crate) struct Target<'a> {
    pub(crate) engine: &'a Engine,
    pub(crate) store: &'a Store,
    pub(crate) account: AccountId,
    pub(crate) folder: FolderId,
    pub(crate) cancel: &'a CancellationToken,
    /// What comes together, and what comes without its attachments.
    pub(crate) limits: Limits,
    /// What may call the load away between two batches.
    pub(crate) calls: Option<Calls>,
}

/// What a load did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Loaded {
    /// Messages that were not in the folder before.
    pub(crate) messages: u64,
    /// Bytes of messages that crossed the wire.
    pub(crate) bytes: u64,
    /// Unread ones that were in no folder here before.
    pub(crate) unread: Vec<MessageId>,
}

impl Loaded {
    fn add(&mut self, more: Self) {
        self.messages += more.messages;
        self.bytes += more.bytes;
        self.unread.extend(more.unread);
    }
}

/// A batch on its way: its parser, and its share of the memory, which is given back when it is written.
struct Parsing {
    parsed: JoinHandle<Result<Vec<IncomingMessage>, StoreError>>,
    wanted: Vec<Wanted>,
    share: OwnedSemaphorePermit,
}

/// Loads what is wanted, in its order and in batches as large as the line is fast. What arrived before an error or a cancellation is kept, so that the work goes on there.
/// `progress` hears the messages and bytes done after each batch, counting from those of `done`.
///
/// A message that the server cannot give does not hold the others up: they come first, then it is asked for alone, then
/// its header. When not even that comes, the server's refusal is the error, after everything else is here.
pub(crate) async fn load(
    session: &mut ImapSession,
    target: &Target<'_>,
    wanted: &[Wanted],
    mut done: Progress,
    mut progress: impl FnMut(Progress),
) -> Result<Loaded, EngineError> {
    let room = Arc::new(Semaphore::new(IN_FLIGHT as usize));
    let (to_writer, from_parsers) = mpsc::channel::<Parsing>(2);
    let whole = wanted
        .iter()
        .filter(|message| message.size <= target.limits.message);
    let is_large = whole.map(|message| message.size).sum::<u64>() > LARGE;
    let fetching = async {
        let to_writer = to_writer;
        let mut refusals = Refusals::default();
        let mut is_indexed = !is_large;
        let mut batches = Batches::of(wanted);
        let mut limits = Limits {
            bytes: target.limits.bytes.min(FIRST_BATCH),
            ..target.limits
        };
        while let Some(batch) = batches.next(limits) {
            if target.cancel.is_cancelled() {
                return Err(EngineError::Cancelled);
            }
            let (bytes, began) = (bytes_of(&batch), target.engine.now().await?);
            let fetched = fetch(session, &room, &to_writer, batch, is_indexed).await;
            let came = refusals.note(fetched)?;
            let took = took_ms(began, target.engine.now().await?);
            if came && is_large {
                is_indexed = !is_fast(bytes, took);
            }
            if came && bytes > 0 {
                limits.bytes = next_batch(bytes, took, target.limits.bytes);
            }
            // Not before the first batch: whoever gives way without end never ends.
            if target.calls.as_ref().is_some_and(Calls::are_pressing) {
                return Err(EngineError::GaveWay);
            }
        }
        Ok(refusals)
    };
    let writing = async {
        // Ends with this block: whoever has something to write then learns that nobody writes any more.
        let mut from_parsers = from_parsers;
        let mut loaded = Loaded::default();
        let mut missing = Vec::new();
        while let Some(parsing) = from_parsers.recv().await {
            let messages = parsing.parsed.await.map_err(|_| EngineError::Worker)??;
            let came: UidSet = messages.iter().map(|message| message.uid).collect();
            missing.extend(parsing.wanted.iter().filter(|wanted| !came.contains(wanted.uid)));
            loaded.add(write(target, messages).await?);
            done.messages += parsing.wanted.len() as u64;
            done.bytes += parsing.wanted.iter().map(|message| message.size).sum::<u64>();
            drop(parsing.share);
            progress(done);
        }
        Ok::<_, EngineError>((loaded, missing))
    };
    let (fetched, written) = tokio::join!(fetching, writing);
    let (mut loaded, missing) = written?;
    let refusals = fetched?;
    loaded.add(rescue(session, target, missing, refusals).await?);
    Ok(loaded)
}

/// Bytes that cross the wire; of a message whose header alone is loaded, next to none.
fn bytes_of(batch: &Batch) -> u64 {
    match batch {
        Batch::Whole(messages) => messages.iter().map(|message| message.size).sum(),
        Batch::Header(_) => 0,
    }
}

/// Nothing where the clock was set back.
fn took_ms(began: UnixMillis, ended: UnixMillis) -> u64 {
    u64::try_from(ended.0.saturating_sub(began.0)).unwrap_or(0)
}

fn is_fast(bytes: u64, took_ms: u64) -> bool {
    bytes.saturating_mul(1000) > took_ms.saturating_mul(FAST)
}

/// Refusals of single commands while loading.
#[derive(Debug, Default)]
struct Refusals {
    first: Option<ImapError>,
    count: u32,
}

impl Refusals {
    /// Refusals that are put up with in one load: more is no bad message but a server that does not want to.
    const MOST: u32 = 40;

    /// Passes over a refusal that concerns single messages; everything else stays an error. True when there was none.
    fn note(&mut self, result: Result<(), EngineError>) -> Result<bool, EngineError> {
        match result {
            Ok(()) => Ok(true),
            Err(EngineError::Imap(error))
                if self.count < Self::MOST
                    && error.leaves_session_usable()
                    && error.code() == ErrorCode::OperationRefused =>
            {
                self.count += 1;
                self.first.get_or_insert(error);
                Ok(false)
            }
            Err(error) => Err(error),
        }
    }
}

/// Messages that did not come with their batch, asked for in ever smaller groups. Those that went in the meantime are
/// not missed.
async fn rescue(
    session: &mut ImapSession,
    target: &Target<'_>,
    missing: Vec<Wanted>,
    mut refusals: Refusals,
) -> Result<Loaded, EngineError> {
    let mut loaded = Loaded::default();
    if missing.is_empty() {
        return Ok(loaded);
    }
    let uids: UidSet = missing.iter().map(|message| message.uid).collect();
    let there: UidSet = match session.fetch_facts(&uids).await {
        Ok(facts) => facts.into_iter().map(|facts| facts.uid).collect(),
        Err(error) => {
            refusals.note(Err(error.into()))?;
            uids
        }
    };
    let missing: Vec<Wanted> = missing
        .into_iter()
        .filter(|message| there.contains(message.uid))
        .collect();
    let mut groups = batches(&missing, target.limits);
    let mut lost = false;
    while let Some(group) = groups.pop() {
        if target.cancel.is_cancelled() {
            return Err(EngineError::Cancelled);
        }
        let wanted = match group {
            Batch::Whole(wanted) => wanted,
            Batch::Header(message) => {
                let header = session.fetch_header(message.uid).await;
                let header = header.map(|header| header.map(|message| prepare_header(&message)));
                match header {
                    Ok(Some(header)) => loaded.add(write(target, vec![header]).await?),
                    Ok(None) => {}
                    Err(error) => {
                        refusals.note(Err(error.into()))?;
                        lost = true;
                    }
                }
                continue;
            }
        };
        let uids: UidSet = wanted.iter().map(|message| message.uid).collect();
        let (sink, parsed) = parser(true);
        let fetched = session.fetch_messages(&uids, &sink).await;
        drop(sink);
        let messages = parsed.await.map_err(|_| EngineError::Worker)??;
        let came: UidSet = messages.iter().map(|message| message.uid).collect();
        loaded.add(write(target, messages).await?);
        refusals.note(fetched.map(drop).map_err(Into::into))?;
        let left: Vec<Wanted> = wanted
            .into_iter()
            .filter(|message| !came.contains(message.uid))
            .collect();
        groups.extend(smaller(&left));
    }
    match refusals.first {
        Some(refusal) if lost => Err(refusal.into()),
        _ => Ok(loaded),
    }
}

/// What did not come as a group, as two; a single message as its header.
fn smaller(left: &[Wanted]) -> Vec<Batch> {
    match left {
        [] => Vec::new(),
        [message] => vec![Batch::Header(*message)],
        several => {
            let (first, second) = several.split_at(several.len() / 2);
            vec![Batch::Whole(first.to_vec()), Batch::Whole(second.to_vec())]
        }
    }
}

async fn write(target: &Target<'_>, messages: Vec<IncomingMessage>) -> Result<Loaded, EngineError> {
    let ingested = target
        .store
        .messages()
        .ingest(target.account, target.folder, messages)
        .await?;
    Ok(Loaded {
        messages: ingested.stored + ingested.matched,
        bytes: ingested.bytes,
        unread: ingested.unread,
    })
}

/// A worker that makes rows of whole messages, until the sender is dropped.
fn parser(
    is_indexed: bool,
) -> (
    mpsc::Sender<FetchedMessage>,
    JoinHandle<Result<Vec<IncomingMessage>, StoreError>>,
) {
    let (sink, mut messages) = mpsc::channel::<FetchedMessage>(QUEUE);
    let parsed = spawn_blocking(move || {
        let limits = MimeLimits::default();
        let mut prepared = Vec::new();
        while let Some(message) = messages.blocking_recv() {
            prepared.push(prepare(&message, &limits, is_indexed)?);
        }
        Ok(prepared)
    });
    (sink, parsed)
}

/// A worker that makes rows of large messages, until the sender is dropped.
fn head_parser() -> (
    mpsc::Sender<Head>,
    JoinHandle<Result<Vec<IncomingMessage>, StoreError>>,
) {
    let (sink, mut heads) = mpsc::channel::<Head>(1);
    let parsed = spawn_blocking(move || {
        let limits = MimeLimits::default();
        let mut prepared = Vec::new();
        while let Some(head) = heads.blocking_recv() {
            prepared.push(prepare_head(&head, &limits)?);
        }
        Ok(prepared)
    });
    (sink, parsed)
}

async fn fetch(
    session: &mut ImapSession,
    room: &Arc<Semaphore>,
    to_writer: &mpsc::Sender<Parsing>,
    batch: Batch,
    is_indexed: bool,
) -> Result<(), EngineError> {
    let bytes = bytes_of(&batch);
    let share = u32::try_from(bytes).unwrap_or(IN_FLIGHT).clamp(1, IN_FLIGHT);
    let share = room
        .clone()
        .acquire_many_owned(share)
        .await
        .map_err(|_| EngineError::Worker)?;
    // Where the writer has gone, its own error says why.
    match batch {
        Batch::Whole(wanted) => {
            let uids: UidSet = wanted.iter().map(|message| message.uid).collect();
            let (sink, parsed) = parser(is_indexed);
            let parsing = Parsing {
                parsed,
                wanted,
                share,
            };
            to_writer.send(parsing).await.map_err(|_| EngineError::Worker)?;
            session.fetch_messages(&uids, &sink).await?;
        }
        Batch::Header(message) => {
            let (sink, parsed) = head_parser();
            let parsing = Parsing {
                parsed,
                wanted: vec![message],
                share,
            };
            to_writer.send(parsing).await.map_err(|_| EngineError::Worker)?;
            if let Some(head) = fetch_head(session, message.uid).await? {
                sink.send(head).await.map_err(|_| EngineError::Worker)?;
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn index_follows_what_comes_faster_than_it() {
        let cases = [
            (FAST, 0, true),
            (FAST, 999, true),
            (FAST, 1000, false),
            (8 << 20, 2000, true),
            (8 << 20, 3000, false),
            (0, 0, false),
            (1, 0, true),
        ];
        for (bytes, took, fast) in cases {
            assert_eq!(is_fast(bytes, took), fast, "{bytes} in {took}");
        }
        assert_eq!(took_ms(UnixMillis(7), UnixMillis(9)), 2);
        assert_eq!(took_ms(UnixMillis(7), UnixMillis(2)), 0, "the clock was set back");
    }

    #[test]
    fn group_that_did_not_come_is_halved_down_to_a_header() {
        let wanted =
            |uids: &[u32]| -> Vec<Wanted> { uids.iter().map(|uid| Wanted { uid: *uid, size: 10 }).collect() };
        assert_eq!(smaller(&[]), []);
        assert_eq!(
            smaller(&wanted(&[4])),
            [Batch::Header(Wanted { uid: 4, size: 10 })]
        );
        assert_eq!(
            smaller(&wanted(&[1, 2, 3])),
            [Batch::Whole(wanted(&[1])), Batch::Whole(wanted(&[2, 3]))]
        );
    }
}
