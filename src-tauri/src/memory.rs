//! What the shell remembers from one run to the next: where the window stood, and whether closing hides it.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use serde::{Deserialize, Serialize};

use crate::geometry::Geometry;
use crate::private;

/// What is remembered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Kept {
    /// Where the main window stood.
    pub(crate) window: Option<Geometry>,
    /// What the page said last about closing the window.
    pub(crate) close_to_tray: bool,
}

/// The file with it, and what is in the file.
#[derive(Debug)]
pub(crate) struct Memory {
    path: PathBuf,
    kept: Mutex<Kept>,
}

impl Memory {
    /// Reads the file in `home`. Without one, or with one that cannot be read, nothing is remembered.
    pub(crate) fn open(home: &Path) -> Self {
        let path = home.join("window.json");
        let kept = fs::read(&path)
            .ok()
            .and_then(|bytes| serde_json::from_slice(&bytes).ok())
            .unwrap_or_default();
        Self {
            path,
            kept: Mutex::new(kept),
        }
    }

    /// What is remembered now.
    pub(crate) fn kept(&self) -> Kept {
        *self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Changes it, in memory only.
    pub(crate) fn change(&self, change: impl FnOnce(&mut Kept)) {
        change(&mut self.kept.lock().unwrap_or_else(PoisonError::into_inner));
    }

    /// Writes it down. Forgetting where a window stood is not worth an error.
    pub(crate) fn write(&self) {
        let written = serde_json::to_vec(&self.kept())
            .map_err(std::io::Error::from)
            .and_then(|bytes| private::write(&self.path, &bytes));
        if let Err(error) = written {
            tracing::warn!(%error, "the window's place could not be kept");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_outlives_a_run_and_a_damaged_file_is_an_empty_one() {
        let home = tempfile::tempdir().unwrap();
        let kept = Kept {
            window: Some(Geometry {
                x: -20,
                y: 40,
                width: 900,
                height: 600,
                maximised: true,
            }),
            close_to_tray: true,
        };
        let memory = Memory::open(home.path());
        assert_eq!(memory.kept(), Kept::default());
        memory.change(|now| *now = kept);
        memory.write();
        assert_eq!(Memory::open(home.path()).kept(), kept);
        fs::write(home.path().join("window.json"), "{\"window\": 3").unwrap();
        assert_eq!(Memory::open(home.path()).kept(), Kept::default());
    }
}
