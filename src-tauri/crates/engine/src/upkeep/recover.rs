//! A start without a database that can be read: the newest backup takes its place. Told in the status until a person has seen
//! it; the damaged file is set aside.

use std::path::{Path, PathBuf};

use mailroom_model::{Clock as _, Coded as _, ErrorCode, UnixMillis};
use mailroom_store::{Alone, Store, StoreError};
use serde::{Deserialize, Serialize};

use super::backup::{BackupFile, FOLDER, list, rebuild};
use crate::engine::DATABASE;
use crate::event::Fault;
use crate::{Engine, EngineError, SystemClock};

/// The setting that tells of it.
const RESTORED: &str = "upkeep_restored";

/// What was done at a start.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Restored {
    at: i64,
    backup_at: i64,
    set_aside: Option<String>,
}

impl Restored {
    fn into_fault(self) -> Fault {
        let mut params = std::collections::BTreeMap::from([("backup_at".to_owned(), self.backup_at.into())]);
        if let Some(path) = self.set_aside {
            params.insert("path".to_owned(), path.into());
        }
        Fault {
            code: ErrorCode::StoreRestored,
            params,
            detail: String::new(),
        }
    }
}

/// The database of a home.
pub(crate) struct Opened {
    pub(crate) store: Store,
    /// It was made just now, of nothing.
    pub(crate) is_new: bool,
}

/// What lies where the database ought to be.
enum Found {
    Sound(Store),
    Nothing,
    Damaged,
}

/// Opens the database of a home. One that is missing or cannot be read is made anew from the newest backup; without a backup, a
/// missing one is a new home, and a damaged one an error: a person may then have saved what can be saved (`doctor --repair`).
pub(crate) async fn open_or_restore(home: &Path) -> Result<Opened, EngineError> {
    let path = home.join(DATABASE);
    if let Found::Sound(store) = look(&path, None).await? {
        return Ok(Opened { store, is_new: false });
    }
    let Some(backup) = newest_readable(home).await? else {
        let is_new = !tokio::fs::try_exists(&path).await.unwrap_or(true);
        let store = Store::open(&path).await?;
        return Ok(Opened { store, is_new });
    };
    let alone = match Store::keep_others_out(&path) {
        Ok(alone) => alone,
        // Another program is at it, or was and has the new one open.
        Err(StoreError::Busy { .. }) => {
            let store = Store::open(&path).await?;
            return Ok(Opened { store, is_new: false });
        }
        Err(error) => return Err(error.into()),
    };
    // Another program may have been faster, and a disk may have hesitated.
    match look(&path, Some(&alone)).await? {
        Found::Sound(store) => store.close().await,
        found => restore(home, &path, &alone, &backup, matches!(found, Found::Damaged)).await?,
    }
    drop(alone);
    let store = Store::open(&path).await?;
    Ok(Opened { store, is_new: false })
}

async fn restore(
    home: &Path,
    path: &Path,
    alone: &Alone,
    backup: &BackupFile,
    salvage: bool,
) -> Result<(), EngineError> {
    let now = SystemClock.now();
    let (_, set_aside) = rebuild(home, alone, now, salvage, Some(&backup.path)).await?;
    tracing::warn!("the database was restored from a backup");
    let restored = Restored {
        at: now.0,
        backup_at: backup.at.0,
        set_aside: set_aside.map(|path| path.display().to_string()),
    };
    let store = Store::open_alone(path, alone).await?;
    let told = store.settings().set(RESTORED, &restored, now).await;
    store.close().await;
    Ok(told?)
}

/// Errors that say nothing about the file itself are passed on.
async fn look(path: &Path, alone: Option<&Alone>) -> Result<Found, EngineError> {
    match tokio::fs::metadata(path).await {
        Ok(data) if data.len() == 0 => return Ok(Found::Nothing),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Found::Nothing),
        // What cannot be looked at cannot be opened either, and that has its own words.
        Ok(_) | Err(_) => {}
    }
    let opened = match alone {
        Some(alone) => Store::open_alone(path, alone).await,
        None => Store::open(path).await,
    };
    match opened {
        Ok(store) => Ok(Found::Sound(store)),
        Err(StoreError::Damaged { .. }) => Ok(Found::Damaged),
        Err(error) => Err(error.into()),
    }
}

async fn newest_readable(home: &Path) -> Result<Option<BackupFile>, EngineError> {
    let folder = home.join(FOLDER);
    let listed = {
        let folder: PathBuf = folder.clone();
        tokio::task::spawn_blocking(move || list(&folder)).await
    };
    let backups = listed
        .map_err(|_| EngineError::Worker)?
        .map_err(|source| EngineError::unreadable(&folder, source))?;
    for backup in backups {
        match Store::check_backup(&backup.path).await {
            Ok(()) => return Ok(Some(backup)),
            Err(error) => tracing::warn!(code = %error.code(), "a backup cannot be used"),
        }
    }
    Ok(None)
}

impl Engine {
    /// Tells that the database was restored from a backup when a program started, until [`Self::forget_restored`]:
    /// `store_restored`, with the backup's time, and the path of the damaged file when there was one.
    pub async fn restored(&self) -> Result<Option<Fault>, EngineError> {
        let restored: Option<Restored> = self.store().await?.settings().get(RESTORED).await?;
        Ok(restored.map(Restored::into_fault))
    }

    /// The same, when it was this program's start. Opens nothing.
    pub async fn restored_now(&self) -> Result<Option<Fault>, EngineError> {
        if !self.has_open_store() {
            return Ok(None);
        }
        let restored: Option<Restored> = self.store().await?.settings().get(RESTORED).await?;
        Ok(restored
            .filter(|restored| UnixMillis(restored.at) >= self.began())
            .map(Restored::into_fault))
    }

    /// A person has seen it.
    pub async fn forget_restored(&self) -> Result<(), EngineError> {
        self.store().await?.settings().unset(RESTORED).await?;
        Ok(())
    }
}
