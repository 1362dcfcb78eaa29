//! Blocking work under a time limit.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tokio::sync::{Mutex, oneshot};

use crate::VaultError;

/// How many threads may hang before no new one is started.
const HANGING_MAX: usize = 4;

/// Runs blocking calls one after the other. A call that is not done in time is left alone on its thread: unlike one of
/// the runtime's own threads it does not keep the program from ending.
#[derive(Debug)]
pub(crate) struct Edge {
    limit: Duration,
    turn: Mutex<()>,
    running: Arc<AtomicUsize>,
}

/// Counts a running call, also when it panics.
struct Running(Arc<AtomicUsize>);

impl Drop for Running {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Edge {
    pub(crate) fn new(limit: Duration) -> Self {
        Self {
            limit,
            turn: Mutex::new(()),
            running: Arc::default(),
        }
    }

    /// Errors: those of `work`; [`VaultError::TimedOut`] when it is not done in time, its turn included.
    pub(crate) async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, VaultError> + Send + 'static,
    ) -> Result<T, VaultError> {
        let turn_and_work = async {
            let _turn = self.turn.lock().await;
            if self.running.load(Ordering::Relaxed) >= HANGING_MAX {
                return Err(VaultError::TimedOut);
            }
            self.running.fetch_add(1, Ordering::Relaxed);
            let running = Running(Arc::clone(&self.running));
            let (answer, answered) = oneshot::channel();
            std::thread::Builder::new()
                .name("mailroom-vault".to_owned())
                .spawn(move || {
                    let result = work();
                    drop(running);
                    // Nobody listens any more when it took too long.
                    let _ = answer.send(result);
                })
                .map_err(|source| VaultError::Failed {
                    source: Box::new(source),
                })?;
            answered.await.map_err(|source| VaultError::Failed {
                source: Box::new(source),
            })?
        };
        tokio::time::timeout(self.limit, turn_and_work)
            .await
            .unwrap_or(Err(VaultError::TimedOut))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;

    #[tokio::test]
    async fn call_that_hangs_is_left_alone_and_others_go_on() {
        let edge = Edge::new(Duration::from_millis(20));
        let mut stuck = Vec::new();
        for _ in 0..HANGING_MAX {
            let (release, wait) = mpsc::channel::<()>();
            stuck.push(release);
            let hangs = edge
                .run(move || wait.recv().map_err(|_| VaultError::TimedOut))
                .await;
            assert!(matches!(hangs, Err(VaultError::TimedOut)));
        }
        assert!(matches!(edge.run(|| Ok(1)).await, Err(VaultError::TimedOut)));
        drop(stuck);
        while edge.running.load(Ordering::Relaxed) > 0 {
            tokio::task::yield_now().await;
        }
        let edge = Edge::new(Duration::from_secs(30));
        assert_eq!(edge.run(|| Ok(7)).await.unwrap(), 7);
        let panics = edge
            .run::<()>(|| panic!("a defect in a keychain's library"))
            .await;
        assert!(matches!(panics, Err(VaultError::Failed { .. })));
        assert_eq!(edge.run(|| Ok(8)).await.unwrap(), 8);
    }
}
