//! The index of words catches up with what a large load left behind.

use futures::FutureExt as _;
use mailroom_mime::{Limits, fold_for_search};
use mailroom_store::{IndexKey, SearchText, Store, StoreError, Unread};
use tokio::sync::mpsc;
use tokio::task::coop::unconstrained;
use tokio::task::{JoinHandle, spawn_blocking};
use tokio_util::sync::CancellationToken;

use super::intake::text_of;
use crate::recipient_line::line;
use crate::{Engine, EngineError};

/// Messages that are looked up at once.
const PAGE: u32 = 5000;
/// Messages that one transaction puts into the index: it holds others up for as long as it takes.
const STEP: usize = 2000;
/// Bytes of text after which a transaction begins.
const TEXT: usize = 8 << 20;
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
}

/// One pass from the newest to the oldest that waits; says how many messages it put into the index.
///
/// While one transaction is written, the texts of the next one are made: both take about as long, and nothing waits but
/// these two.
async fn index_once(store: &Store, cancel: &CancellationToken) -> Result<u64, EngineError> {
    let (to_writer, mut from_reader) = mpsc::channel::<Texts>(1);
    let reading = read_texts(store, to_writer, cancel);
    let writing = async {
        let mut count = 0;
        while let Some(texts) = from_reader.recv().await {
            count += store.messages().index(texts).await?;
        }
        Ok::<_, EngineError>(count)
    };
    tokio::pin!(reading, writing);
    tokio::select! {
        // The reader would wait for a writer that is no more.
        written = &mut writing => written,
        read = &mut reading => {
            let count = writing.await?;
            read.map(|()| count)
        }
    }
}

/// Makes the texts of everything that waits, in as many pieces as there are transactions.
async fn read_texts(
    store: &Store,
    to_writer: mpsc::Sender<Texts>,
    cancel: &CancellationToken,
) -> Result<(), EngineError> {
    let mut before = None;
    let mut gathering = Gathering::default();
    loop {
        let page = store.messages().unindexed(before, PAGE).await?;
        let Some(last) = page.last() else { break };
        before = Some(last.key);
        for step in steps(page.iter().map(|waiting| (waiting.key, waiting.size))) {
            if cancel.is_cancelled() {
                return Err(EngineError::Cancelled);
            }
            let kept = store.messages().unread(&step).await?;
            let made = gathering
                .making
                .replace(spawn_blocking(move || kept.iter().map(text).collect()));
            gathering.take(made).await?;
            if gathering.is_full() {
                gathering.send(&to_writer).await?;
            }
        }
    }
    let made = gathering.making.take();
    gathering.take(made).await?;
    gathering.send(&to_writer).await
}

/// The texts of one transaction, and those that are being made.
#[derive(Default)]
struct Gathering {
    making: Option<JoinHandle<Result<Texts, StoreError>>>,
    texts: Texts,
    bytes: usize,
}

impl Gathering {
    async fn take(&mut self, made: Option<JoinHandle<Result<Texts, StoreError>>>) -> Result<(), EngineError> {
        if let Some(made) = made {
            let texts = made.await.map_err(|_| EngineError::Worker)??;
            self.bytes += texts.iter().map(|(_, text)| text.body.len()).sum::<usize>();
            self.texts.extend(texts);
        }
        Ok(())
    }

    fn is_full(&self) -> bool {
        self.texts.len() >= STEP || self.bytes >= TEXT
    }

    async fn send(&mut self, to_writer: &mpsc::Sender<Texts>) -> Result<(), EngineError> {
        if !self.texts.is_empty() {
            self.bytes = 0;
            let texts = std::mem::take(&mut self.texts);
            // The writer has gone: its own error says why.
            to_writer.send(texts).await.map_err(|_| EngineError::Worker)?;
        }
        Ok(())
    }
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
fn text(kept: &Unread) -> Result<(IndexKey, SearchText), StoreError> {
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
        let small = steps((0..=STEP).map(|key| (key, 1)));
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
