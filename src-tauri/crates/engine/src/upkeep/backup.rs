//! The backup beside the database: drafts, outbox, waiting changes, accounts, settings. No mail, no secret.

use std::cmp::Reverse;
use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use mailroom_model::{Coded as _, UnixMillis};
use mailroom_store::{Alone, Salvaged, Store};

use super::{free_name, stamp};
use crate::engine::DATABASE;
use crate::{Engine, EngineError};

/// The folder in the home folder.
pub(super) const FOLDER: &str = "backups";
/// Who writes backups, and removes them, has this turn.
pub(super) const TURN: &str = "backups";
/// How a backup's name begins.
const PREFIX: &str = "mailroom";
/// How the name of a database that was set aside begins.
const SET_ASIDE: &str = "mailroom-set-aside";
/// The newest ones are kept in any case.
const NEWEST: usize = 3;
/// Days of which the last one is kept.
const DAYS: usize = 7;

/// A backup.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BackupFile {
    /// The file.
    pub path: PathBuf,
    /// When it was written.
    pub at: UnixMillis,
    /// Its size.
    pub bytes: u64,
}

/// What restoring a backup did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Restored {
    /// Rows that came back.
    pub rows: u64,
    /// Where the database that was there before is now.
    pub set_aside: Option<PathBuf>,
}

impl Engine {
    /// The backups, newest first.
    pub async fn backups(&self) -> Result<Vec<BackupFile>, EngineError> {
        let folder = self.home().join(FOLDER);
        let listed = tokio::task::spawn_blocking(move || {
            list(&folder).map_err(|source| EngineError::unreadable(&folder, source))
        });
        listed.await.map_err(|_| EngineError::Worker)?
    }

    /// Writes a backup now, and removes those that are superfluous.
    pub async fn back_up(&self) -> Result<BackupFile, EngineError> {
        let now = self.now().await?;
        let _turn = self.take_turn(TURN).await?;
        back_up(self.store().await?, self.home(), now).await
    }

    /// Writes a backup now, and removes all others: what they have that this one has not is not to be kept. Says how many
    /// went; 0 when there is nothing to back up.
    pub(crate) async fn renew_backups(&self) -> Result<u64, EngineError> {
        let store = self.store().await?;
        if store.path().is_none() {
            return Ok(0);
        }
        let _turn = self.take_turn(TURN).await?;
        let newest = back_up(store, self.home(), self.now().await?).await?;
        Store::check_backup(&newest.path).await?;
        let folder = self.home().join(FOLDER);
        let renewed = tokio::task::spawn_blocking(move || {
            let mut removed = 0;
            for file in list(&folder)?.into_iter().filter(|file| file.path != newest.path) {
                fs::remove_file(file.path)?;
                removed += 1;
            }
            let left = list(&folder)?.len();
            if left > 1 {
                return Err(io::Error::other("an older backup is still there"));
            }
            Ok(removed)
        });
        let unwritable = |source| EngineError::unwritable(&self.home().join(FOLDER), source);
        renewed
            .await
            .map_err(|_| EngineError::Worker)?
            .map_err(unwritable)
    }

    /// Databases that were set aside, and their bytes.
    pub(crate) async fn set_aside_files(&self) -> (u64, u64) {
        let home = self.home().to_owned();
        let counted = tokio::task::spawn_blocking(move || {
            let Ok(entries) = fs::read_dir(&home) else {
                return (0, 0);
            };
            let aside = entries.flatten().filter(|entry| {
                let name = PathBuf::from(entry.file_name());
                let begins = name.to_str().is_some_and(|name| name.starts_with(SET_ASIDE));
                begins && name.extension() == Some(OsStr::new("db"))
            });
            aside.fold((0, 0), |(count, bytes), entry| {
                (count + 1, bytes + entry.metadata().map_or(0, |data| data.len()))
            })
        });
        counted.await.unwrap_or_default()
    }

    /// Makes a new database of a backup; the one that is there is set aside under a dated name. Mail is fetched again. Refused
    /// while this program, or another one, has the database open.
    pub async fn restore_backup(&self, backup: &Path) -> Result<Restored, EngineError> {
        tokio::fs::metadata(backup)
            .await
            .map_err(|source| EngineError::unreadable(backup, source))?;
        // A file that is no backup is refused before anything is moved.
        Store::check_backup(backup).await?;
        let (salvaged, set_aside) = self.rebuild(false, Some(backup)).await?;
        Ok(Restored {
            rows: salvaged.from_backup,
            set_aside,
        })
    }

    /// [`rebuild`] of this home, now.
    pub(super) async fn rebuild(
        &self,
        salvage: bool,
        backup: Option<&Path>,
    ) -> Result<(Salvaged, Option<PathBuf>), EngineError> {
        let alone = Store::keep_others_out(&self.home().join(DATABASE))?;
        rebuild(self.home(), &alone, self.now().await?, salvage, backup).await
    }
}

/// Sets the database aside and makes a new one, from what can be read of the old one, where that is wanted, and from a backup.
/// A log without its database is set aside as well: it belongs to no other.
pub(super) async fn rebuild(
    home: &Path,
    alone: &Alone,
    now: UnixMillis,
    salvage: bool,
    backup: Option<&Path>,
) -> Result<(Salvaged, Option<PathBuf>), EngineError> {
    let path = home.join(DATABASE);
    let aside = free_name(home, SET_ASIDE, now, ".db");
    let (from, to) = (path.clone(), aside.clone());
    let moved = tokio::task::spawn_blocking(move || set_files_aside(&from, &to));
    let had_one = moved
        .await
        .map_err(|_| EngineError::Worker)?
        .map_err(|source| EngineError::unwritable(&path, source))?;
    let set_aside = had_one.then_some(aside);
    let store = Store::open_alone(&path, alone).await?;
    let damaged = set_aside.as_deref().filter(|_| salvage);
    let salvaged = store.take_over(damaged, backup).await;
    if salvaged.is_ok()
        && let Err(error) = back_up(&store, home, now).await
    {
        // The newest backup ought to be of what is in force now; the ones from before are there still.
        tracing::warn!(code = %error.code(), "no backup could be written");
    }
    store.close().await;
    Ok((salvaged?, set_aside))
}

/// A database is three files that belong together. False when there was no database itself.
fn set_files_aside(from: &Path, to: &Path) -> io::Result<bool> {
    let mut had_one = true;
    for suffix in ["-wal", "-shm", ""] {
        let beside = |path: &Path| {
            let mut name = path.as_os_str().to_owned();
            name.push(suffix);
            PathBuf::from(name)
        };
        match fs::rename(beside(from), beside(to)) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => had_one &= !suffix.is_empty(),
            done => done?,
        }
    }
    Ok(had_one)
}

/// Writes a backup, whole or not at all. One at a time, by [`TURN`]: they write under the same name until they are whole.
pub(super) async fn back_up(store: &Store, home: &Path, now: UnixMillis) -> Result<BackupFile, EngineError> {
    let folder = home.join(FOLDER);
    let unwritable = |source| EngineError::unwritable(&folder, source);
    tokio::fs::create_dir_all(&folder).await.map_err(unwritable)?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let private = fs::Permissions::from_mode(0o700);
        tokio::fs::set_permissions(&folder, private)
            .await
            .map_err(unwritable)?;
    }
    let partial = folder.join("writing.part");
    // One that was interrupted.
    match tokio::fs::remove_file(&partial).await {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(unwritable(error)),
        _ => {}
    }
    store.back_up(&partial).await?;
    let path = free_name(&folder, PREFIX, now, ".db");
    let (from, to, place) = (partial, path.clone(), folder.clone());
    let finished = tokio::task::spawn_blocking(move || {
        fs::rename(&from, &to)?;
        #[cfg(unix)]
        fs::File::open(&place)?.sync_all()?;
        let bytes = fs::metadata(&to)?.len();
        let kept = list(&place)?;
        let names: Vec<String> = kept.iter().filter_map(|file| name_of(&file.path)).collect();
        for name in superfluous(&names) {
            fs::remove_file(place.join(name))?;
        }
        Ok(bytes)
    });
    let bytes = finished
        .await
        .map_err(|_| EngineError::Worker)?
        .map_err(unwritable)?;
    Ok(BackupFile { path, at: now, bytes })
}

fn name_of(path: &Path) -> Option<String> {
    path.file_name().and_then(OsStr::to_str).map(str::to_owned)
}

/// The backups of a folder, newest first; none when there is no folder.
pub(super) fn list(folder: &Path) -> io::Result<Vec<BackupFile>> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error),
    };
    let mut files = Vec::new();
    for entry in entries {
        let entry = entry?;
        let name = entry.file_name();
        let is_backup = name.to_str().is_some_and(|name| {
            name.starts_with(PREFIX) && Path::new(name).extension() == Some(OsStr::new("db"))
        });
        if is_backup {
            let data = entry.metadata()?;
            let since = data
                .modified()?
                .duration_since(SystemTime::UNIX_EPOCH)
                .unwrap_or_default();
            files.push(BackupFile {
                path: entry.path(),
                at: UnixMillis(i64::try_from(since.as_millis()).unwrap_or(i64::MAX)),
                bytes: data.len(),
            });
        }
    }
    files.sort_by_cached_key(|file| Reverse(age(&file.path)));
    Ok(files)
}

/// When a backup was written, as its name says: the second, and the number among those of the same second.
fn age(path: &Path) -> (String, u32) {
    let stem = path.file_stem().and_then(OsStr::to_str).unwrap_or_default();
    let written = stem.strip_prefix(PREFIX).unwrap_or(stem).trim_start_matches('-');
    let (second, number) = written.split_once('-').unwrap_or((written, "1"));
    (second.to_owned(), number.parse().unwrap_or(1))
}

/// Which of the names, newest first, need not be kept: neither among the newest nor the last of one of the last days.
fn superfluous(names: &[String]) -> Vec<&String> {
    let mut days = BTreeSet::new();
    names
        .iter()
        .enumerate()
        .filter(|(place, name)| {
            let day: String = name
                .chars()
                .skip(PREFIX.len() + 1)
                .take(stamp(UnixMillis(0)).len() - 7)
                .collect();
            let is_last_of_day = days.len() < DAYS && days.insert(day);
            *place >= NEWEST && !is_last_of_day
        })
        .map(|(_, name)| name)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn backups_of_one_second_are_in_the_order_of_their_numbers() {
        let folder = tempfile::tempdir().unwrap();
        let names = ["23T120000-10", "23T120000-2", "23T120000", "22T235959-3"];
        for name in names.iter().rev() {
            fs::write(folder.path().join(format!("mailroom-202611{name}.db")), b"").unwrap();
        }
        fs::write(folder.path().join("writing.part"), b"").unwrap();
        let listed = list(folder.path()).unwrap();
        let listed: Vec<String> = listed.iter().filter_map(|file| name_of(&file.path)).collect();
        assert_eq!(listed, names.map(|name| format!("mailroom-202611{name}.db")));
    }

    #[test]
    fn newest_backups_and_the_last_of_each_day_are_kept() {
        let names: Vec<String> = [
            "23T120300",
            "23T120200",
            "23T120100",
            "23T120000",
            "22T090000",
            "22T080000",
            "21T080000",
            "20T080000",
            "19T080000",
            "18T080000",
            "17T080000",
            "16T080000",
        ]
        .iter()
        .map(|end| format!("mailroom-202611{end}.db"))
        .collect();
        let gone: Vec<&str> = superfluous(&names).iter().map(|name| &name[15..24]).collect();
        assert_eq!(gone, ["23T120000", "22T080000", "16T080000"]);
        assert!(superfluous(&names[..3]).is_empty());
    }
}
