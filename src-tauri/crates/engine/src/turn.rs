//! One at a time: work on an account's mailbox, and sending, are done by one task of one program.

use std::collections::HashMap;
use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};
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
    _program: LockFile,
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
        let task = self.task(name).lock_owned().await;
        let program = LockFile::open(home, name)?;
        while !program.try_lock()? {
            tokio::time::sleep(RETRY).await;
        }
        Ok(Turn {
            _task: task,
            _program: program,
        })
    }

    /// True when nobody holds `name` at this moment.
    pub(crate) fn is_free(&self, home: &Path, name: &str) -> Result<bool, EngineError> {
        match self.task(name).try_lock_owned() {
            Ok(_task) => LockFile::open(home, name)?.try_lock(),
            Err(_) => Ok(false),
        }
    }

    fn task(&self, name: &str) -> Arc<AsyncMutex<()>> {
        let mut tasks = self.tasks.lock().unwrap_or_else(PoisonError::into_inner);
        tasks.entry(name.to_owned()).or_default().clone()
    }
}

/// A file by which programs keep each other out.
#[derive(Debug)]
struct LockFile {
    file: File,
    path: PathBuf,
}

impl LockFile {
    fn open(home: &Path, name: &str) -> Result<Self, EngineError> {
        let path = home.join(format!("{name}.lock"));
        let file = File::options()
            .create(true)
            .truncate(false)
            .write(true)
            .open(&path)
            .map_err(|source| EngineError::unwritable(&path, source))?;
        Ok(Self { file, path })
    }

    /// False while another program holds it.
    fn try_lock(&self) -> Result<bool, EngineError> {
        match self.file.try_lock() {
            Ok(()) => Ok(true),
            Err(TryLockError::WouldBlock) => Ok(false),
            Err(TryLockError::Error(source)) => Err(EngineError::unwritable(&self.path, source)),
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
        for turns in [&one, &other] {
            assert!(!turns.is_free(home.path(), "outbox").unwrap());
        }
        other.take(home.path(), "account-1").await.unwrap();
        drop(held);
        waiting.await.unwrap();
        assert!(one.is_free(home.path(), "outbox").unwrap());
    }
}
