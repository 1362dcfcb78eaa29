//! What looks leave to be done after them, and nobody waits for: the index of words follows, messages that lie nowhere go,
//! the pieces of the index are joined.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use mailroom_model::{AccountId, Coded as _, UnixMillis};
use tokio_util::sync::CancellationToken;

use super::watch::sleep;
use crate::event::Event;
use crate::{Engine, EngineError};

/// Between two steps of joining. The program has nothing else to do then, but the machine may.
const BETWEEN_JOINS: Duration = Duration::from_millis(20);

/// What is left to be done after looks.
#[derive(Debug, Default)]
pub(crate) struct LeftOver {
    /// A watch does it.
    is_done_beside: AtomicBool,
    /// Accounts of which every folder was looked at: what lost its last place before that moment lies nowhere.
    to_sweep: Mutex<HashMap<AccountId, UnixMillis>>,
}

impl LeftOver {
    /// Every folder of the account was looked at.
    pub(super) fn sweep(&self, account: AccountId, until: UnixMillis) {
        let mut to_sweep = self.to_sweep.lock().unwrap_or_else(PoisonError::into_inner);
        to_sweep.insert(account, until);
    }

    fn take_sweeps(&self) -> HashMap<AccountId, UnixMillis> {
        std::mem::take(&mut *self.to_sweep.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// While it lives, somebody does what is left beside the looks.
struct Beside<'a>(&'a LeftOver);

impl<'a> Beside<'a> {
    fn new(left: &'a LeftOver) -> Self {
        left.is_done_beside.store(true, Ordering::SeqCst);
        Self(left)
    }
}

impl Drop for Beside<'_> {
    fn drop(&mut self) {
        self.0.is_done_beside.store(false, Ordering::SeqCst);
    }
}

impl Engine {
    /// Does what looks left, unless a watch does it anyway: whoever asked for the looks waits for the mirror alone then.
    pub(super) async fn finish_looks(&self, cancel: &CancellationToken) {
        if self.left_over.is_done_beside.load(Ordering::SeqCst) {
            return;
        }
        // The mirror is there; that it cannot be searched yet is no reason to say that it is not.
        say_of(self.do_left_over(cancel).await);
    }

    /// Does what looks leave, whenever one has ended, until cancelled.
    pub(crate) async fn keep_finishing_looks(&self, cancel: &CancellationToken) {
        let _beside = Beside::new(&self.left_over);
        let mut events = self.subscribe();
        while !cancel.is_cancelled() {
            let done = async {
                self.do_left_over(cancel).await?;
                self.join_index_pieces(cancel).await
            };
            say_of(done.await);
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

    async fn do_left_over(&self, cancel: &CancellationToken) -> Result<(), EngineError> {
        self.follow_with_index(cancel).await?;
        for (account, until) in self.left_over.take_sweeps() {
            self.store().await?.messages().sweep(account, until).await?;
        }
        Ok(())
    }

    /// Joins the pieces that many transactions left in the index, in small steps between which others may write, until
    /// nothing is worth joining, something waits for the index again, or a look begins: its end brings us back.
    async fn join_index_pieces(&self, cancel: &CancellationToken) -> Result<(), EngineError> {
        let messages = self.store().await?.messages();
        while !cancel.is_cancelled()
            && !self.looks.are_under_way()
            && !messages.has_unindexed().await?
            && messages.join_index_pieces().await?
        {
            sleep(BETWEEN_JOINS, cancel).await;
        }
        Ok(())
    }
}

fn say_of(done: Result<(), EngineError>) {
    match done {
        Ok(()) | Err(EngineError::Cancelled) => {}
        Err(error) => {
            tracing::warn!(code = %error.code(), "what looks left could not be done");
        }
    }
}
