//! Who has the database open: every program holds a shared lock on a file beside it, and whoever replaces the database an
//! exclusive one. The operating system gives it back when a program ends, however it ends.

use std::fs::{File, TryLockError};
use std::io;
use std::path::Path;

use crate::StoreError;

/// Nobody else has the database open, and nobody can open it until this is dropped.
#[derive(Debug)]
pub struct Alone {
    _lock: File,
}

/// This program has the database open.
#[derive(Debug)]
pub(crate) struct Presence {
    _lock: File,
}

fn open(path: &Path) -> Result<File, StoreError> {
    let mut name = path.as_os_str().to_owned();
    name.push(".open");
    let mut options = File::options();
    options.create(true).truncate(false).write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
        .open(Path::new(&name))
        .map_err(|source| StoreError::from_io(path, source))
}

fn locked(path: &Path, outcome: Result<(), TryLockError>) -> Result<(), StoreError> {
    match outcome {
        Ok(()) => Ok(()),
        Err(TryLockError::WouldBlock) => Err(StoreError::Busy {
            source: Box::new(io::Error::from(io::ErrorKind::WouldBlock)),
        }),
        Err(TryLockError::Error(source)) => Err(StoreError::from_io(path, source)),
    }
}

impl Presence {
    /// Errors: [`StoreError::Busy`] while the database is being replaced.
    pub(crate) fn announce(path: &Path) -> Result<Self, StoreError> {
        let file = open(path)?;
        locked(path, file.try_lock_shared())?;
        Ok(Self { _lock: file })
    }
}

impl Alone {
    /// Errors: [`StoreError::Busy`] while anybody has the database open.
    pub(crate) fn claim(path: &Path) -> Result<Self, StoreError> {
        let file = open(path)?;
        locked(path, file.try_lock())?;
        Ok(Self { _lock: file })
    }
}
