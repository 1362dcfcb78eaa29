//! What is being done for an address right now, so that it can be given up.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use mailroom_model::EmailAddress;
use tokio_util::sync::CancellationToken;

use crate::{Engine, EngineError};

/// The work that runs.
#[derive(Debug, Default)]
pub(crate) struct Works {
    running: Mutex<Vec<(u64, EmailAddress, CancellationToken)>>,
    next: AtomicU64,
}

/// One piece of work; forgotten when it is dropped.
#[derive(Debug)]
pub(crate) struct Work<'a> {
    works: &'a Works,
    id: u64,
    cancel: CancellationToken,
}

impl Works {
    /// Notes that work for `address` began. Its own token ends with `parent`.
    pub(crate) fn begin(&self, address: &EmailAddress, parent: &CancellationToken) -> Work<'_> {
        let id = self.next.fetch_add(1, Ordering::Relaxed);
        let cancel = parent.child_token();
        self.running.lock().unwrap_or_else(PoisonError::into_inner).push((
            id,
            address.clone(),
            cancel.clone(),
        ));
        Work {
            works: self,
            id,
            cancel,
        }
    }
}

impl Work<'_> {
    /// Ends the work.
    pub(crate) fn cancel(&self) -> &CancellationToken {
        &self.cancel
    }
}

impl Drop for Work<'_> {
    fn drop(&mut self) {
        let mut running = self.works.running.lock().unwrap_or_else(PoisonError::into_inner);
        running.retain(|(id, ..)| *id != self.id);
    }
}

impl Engine {
    /// Gives up what is being done for an address right now: its sign-in, its proofs, its load. Whoever waits for it hears
    /// `cancelled`; what was done stays. Nothing being done is fine.
    pub fn cancel_work(&self, address: &EmailAddress) {
        let running = self.works.running.lock().unwrap_or_else(PoisonError::into_inner);
        for (_, of, cancel) in running.iter() {
            if of == address {
                cancel.cancel();
            }
        }
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
