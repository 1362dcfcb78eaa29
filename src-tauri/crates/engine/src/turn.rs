//! One at a time: work on an account's mailbox, and sending, are done by one task of one program.

use std::collections::HashMap;
use std::fs::{File, TryLockError};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::{Mutex as AsyncMutex, OwnedMutexGuard};

use crate::EngineError;

/// How often a lock that another program holds is asked for again.
const RETRY: Duration = Duration::from_millis(50);

/// The right to work; given back when it is dropped.
#[derive(Debug)]
pub(crate) struct Turn {
    _task: OwnedMutexGuard<()>,
    _program: File,
}

/// Locks by name: among the tasks of this program by a mutex, among programs by a file in the home folder. The operating
/// system gives a file's lock back when a program ends, however it ends.
#[derive(Debug, Default)]
pub(crate) struct Turns {
    tasks: Mutex<HashMap<String, Arc<AsyncMutex<()>>>>,
}

impl Turns {
    /// Waits until nobody else holds `name`.
    pub(crate) async fn take(&self, home: &Path, name: &str) -> Result<Turn, EngineError> {
        let task = {
            let mut tasks = self.tasks.lock().unwrap_or_else(PoisonError::into_inner);
            tasks.entry(name.to_owned()).or_default().clone()
        };
        let task = task.lock_owned().await;
        let path = home.join(format!("{name}.lock"));
        let program = File::options()
            .create(true)
            .truncate(false)
            .write(true)
            .open(&path)
            .map_err(|source| EngineError::unwritable(&path, source))?;
        loop {
            match program.try_lock() {
                Ok(()) => {
                    return Ok(Turn {
                        _task: task,
                        _program: program,
                    });
                }
                Err(TryLockError::WouldBlock) => tokio::time::sleep(RETRY).await,
                Err(TryLockError::Error(source)) => return Err(EngineError::unwritable(&path, source)),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn turn_is_held_by_one_program_at_a_time() {
        let home = tempfile::tempdir().unwrap();
        // Two sets of turns stand for two programs: a file's lock belongs to the open file, not to the process.
        let (one, other) = (Turns::default(), Turns::default());
        let held = one.take(home.path(), "outbox").await.unwrap();
        let waiting = other.take(home.path(), "outbox");
        tokio::pin!(waiting);
        assert!(futures::poll!(&mut waiting).is_pending());
        other.take(home.path(), "account-1").await.unwrap();
        drop(held);
        waiting.await.unwrap();
    }
}
