//! What is being done right now, by what it is done for, so that it can be given up.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use mailroom_model::{EmailAddress, MessageId};
use tokio_util::sync::CancellationToken;

use crate::{Engine, EngineError};

/// The work that runs, each for a `K`.
#[derive(Debug)]
pub(crate) struct Works<K> {
    running: Mutex<Vec<(u64, K, CancellationToken)>>,
    next: AtomicU64,
}

impl<K> Default for Works<K> {
    fn default() -> Self {
        Self {
            running: Mutex::default(),
            next: AtomicU64::default(),
        }
    }
}

/// One piece of work; forgotten when it is dropped.
#[derive(Debug)]
pub(crate) struct Work<'a, K> {
    works: &'a Works<K>,
    id: u64,
    cancel: CancellationToken,
}

impl<K: Clone + PartialEq> Works<K> {
    /// Notes that work for `whom` began. Its own token ends with `parent`.
    pub(crate) fn begin(&self, whom: &K, parent: &CancellationToken) -> Work<'_, K> {
        let id = self.next.fetch_add(1, Ordering::Relaxed);
        let cancel = parent.child_token();
        self.running
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push((id, whom.clone(), cancel.clone()));
        Work {
            works: self,
            id,
            cancel,
        }
    }

    fn give_up(&self, whom: &K) {
        let running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        for (_, of, cancel) in running.iter() {
            if of == whom {
                cancel.cancel();
            }
        }
    }
}

impl<K> Work<'_, K> {
    /// Ends the work.
    pub(crate) fn cancel(&self) -> &CancellationToken {
        &self.cancel
    }
}

impl<K> Drop for Work<'_, K> {
    fn drop(&mut self) {
        let mut running = self.works.running.lock().unwrap_or_else(PoisonError::into_inner);
        running.retain(|(id, ..)| *id != self.id);
    }
}

impl Engine {
    /// Gives up what is being done for an address right now: its sign-in, its proofs, its load. Whoever waits for it hears
    /// `cancelled`; what was done stays. Nothing being done is fine.
    pub fn cancel_work(&self, address: &EmailAddress) {
        self.works.give_up(address);
    }

    /// Gives up fetching a message, or a part of it, that was left on the server.
    pub fn cancel_download(&self, id: MessageId) {
        self.downloads.give_up(&id);
    }
}

/// Work until it is given up; it is dropped where it stands then. For work that changes nothing, or that finds out by itself
/// how far it came.
pub async fn until<T>(
    cancel: &CancellationToken,
    work: impl Future<Output = Result<T, EngineError>>,
) -> Result<T, EngineError> {
    tokio::select! {
        () = cancel.cancelled() => Err(EngineError::Cancelled),
        result = work => result,
    }
}
