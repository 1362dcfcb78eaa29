//! The index of words catches up with what a large load left behind.

use futures::FutureExt as _;
use mailroom_mime::{Limits, fold_for_search};
use mailroom_model::Coded as _;
use mailroom_store::{IndexKey, SearchText, Store, StoreError, Unread};
use tokio::sync::mpsc;
use tokio::task::coop::unconstrained;
use tokio::task::{JoinHandle, spawn_blocking};
use tokio_util::sync::CancellationToken;

use super::intake::text_of;
use crate::event::Event;
use crate::recipient_line::line;
use crate::{Engine, EngineError};

/// Messages that are looked up at once.
const PAGE: u32 = 5000;
/// Messages that one transaction puts into the index: it holds others up for as long as it takes.
const STEP: usize = 2000;
/// Bytes of text after which a transaction begins.
const TEXT: usize = 16 << 20;
/// Bytes of original messages that are read together.
const BYTES: u64 = 8 << 20;

/// Texts on their way.
type Texts = Vec<(IndexKey, SearchText)>;

impl Engine {
    /// Puts every message that waits into the index of words, newest first, until none is left or it is cancelled. One task
    /// of one program does it at a time; while another does, there is nothing to do.
    pub(crate) async fn follow_with_index(&self, cancel: &CancellationToken) -> Result<(), EngineError> {
        let store = self.store().await?;
        if !store.messages().has_unindexed().await? {
            return Ok(());
        }
        // Whoever has the turn does it all. Polled once, whatever else this task did before: it is free or it is not.
        let Some(turn) = unconstrained(self.take_turn("index")).now_or_never() else {
            return Ok(());
        };
        let _turn = turn?;
        // What is loaded meanwhile may be newer than where a pass is.
        while index_once(store, cancel).await? > 0 {}
        Ok(())
    }

    /// Lets the index follow whatever is loaded, until cancelled.
    pub(crate) async fn keep_indexing(&self, cancel: &CancellationToken) {
        let mut events = self.subscribe();
        while !cancel.is_cancelled() {
            match self.follow_with_index(cancel).await {
                Ok(()) | Err(EngineError::Cancelled) => {}
                Err(error) => {
                    tracing::warn!(code = %error.code(), "the index of words could not follow");
                }
            }
            loop {
                let event = tokio::select! {
                    () = cancel.cancelled() => return,
                    event = events.next() => event,
                };
                match event.as_deref() {
                    Some(Event::FolderSynced { .. } | Event::SyncEnded { .. }) => break,
                    Some(_) => {}
                    None => return,
                }
            }
        }
    }
}

/// One pass from the newest to the oldest that waits; says how many messages it put into the index.
async fn index_once(store: &Store, cancel: &CancellationToken) -> Result<u64, EngineError> {
    let (to_writer, from_readers) = mpsc::channel::<JoinHandle<Result<Texts, StoreError>>>(1);
    let reading = async {
        let to_writer = to_writer;
        let mut before = None;
        loop {
            let page = store.messages().unindexed(before, PAGE).await?;
            let Some(last) = page.last() else {
                return Ok(());
            };
            before = Some(last.key);
            for step in steps(page.iter().map(|waiting| (waiting.key, waiting.size))) {
                if cancel.is_cancelled() {
                    return Err(EngineError::Cancelled);
                }
                let kept = store.messages().unread(&step).await?;
                let texts = spawn_blocking(move || kept.into_iter().map(text).collect());
                // The writer has gone: its own error says why.
                to_writer.send(texts).await.map_err(|_| EngineError::Worker)?;
            }
        }
    };
    let writing = async {
        // Ends with this block: whoever has something to write then learns that nobody writes any more.
        let mut from_readers = from_readers;
        let mut gathered = Texts::new();
        let (mut bytes, mut count) = (0, 0);
        while let Some(texts) = from_readers.recv().await {
            let texts = texts.await.map_err(|_| EngineError::Worker)??;
            bytes += texts.iter().map(|(_, text)| text.body.len()).sum::<usize>();
            gathered.extend(texts);
            if gathered.len() >= STEP || bytes >= TEXT {
                bytes = 0;
                count += store.messages().index(std::mem::take(&mut gathered)).await?;
            }
        }
        if !gathered.is_empty() {
            count += store.messages().index(gathered).await?;
        }
        Ok::<_, EngineError>(count)
    };
    let (read, written) = tokio::join!(reading, writing);
    let count = written?;
    read.map(|()| count)
}

/// Messages, each with its size, in groups that are read together.
fn steps<K>(messages: impl IntoIterator<Item = (K, u64)>) -> Vec<Vec<K>> {
    let mut steps = Vec::new();
    let mut open = Vec::new();
    let mut bytes = 0;
    for (key, size) in messages {
        if !open.is_empty() && (open.len() >= STEP || bytes + size > BYTES) {
            steps.push(std::mem::take(&mut open));
            bytes = 0;
        }
        open.push(key);
        bytes += size;
    }
    if !open.is_empty() {
        steps.push(open);
    }
    steps
}

/// What a message is found by. One whose bytes are not here, or cannot be read, is found by what is shown of it in lists.
fn text(kept: Unread) -> Result<(IndexKey, SearchText), StoreError> {
    let raw = match &kept.body {
        Some(body) => match body.decompress() {
            Ok(raw) => Some(raw),
            Err(StoreError::Damaged { .. }) => None,
            Err(error) => return Err(error),
        },
        None => None,
    };
    let text = match raw {
        Some(raw) => text_of(&raw, &Limits::default()),
        None => SearchText {
            subject: fold_for_search(&kept.subject),
            sender: fold_for_search(&line(std::slice::from_ref(&kept.from))),
            recipients: fold_for_search(&kept.to_line),
            ..SearchText::default()
        },
    };
    Ok((kept.key, text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_are_bounded_by_count_and_bytes() {
        let none: [(u32, u64); 0] = [];
        assert_eq!(steps(none), [[0_u32; 0]; 0]);
        let small = steps((0..STEP + 1).map(|key| (key, 1)));
        assert_eq!(small.iter().map(Vec::len).collect::<Vec<_>>(), [STEP, 1]);
        assert_eq!(
            steps([
                ('a', BYTES / 2),
                ('b', BYTES / 2),
                ('c', 1),
                ('d', 2 * BYTES),
                ('e', 1)
            ]),
            [vec!['a', 'b'], vec!['c'], vec!['d'], vec!['e']]
        );
    }
}
