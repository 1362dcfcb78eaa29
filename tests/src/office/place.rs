//! The office's folder, and whose it is.

use std::fs::{self, File};
use std::io::{self, Write};
use std::os::unix::fs::{MetadataExt, PermissionsExt, lchown};
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use rustix::process::{getegid, geteuid};
use tempfile::TempDir;

use super::OfficeError;
use crate::process::working_in;

/// Begins the name of every office's folder.
const PREFIX: &str = "mailroom-office-";
/// The file that is locked while the office lives.
const LOCK: &str = "lock";

/// The user who runs the servers. Dovecot's sessions do not work as root.
#[derive(Clone, Debug)]
pub(super) struct Operator {
    pub(super) user: String,
    pub(super) group: String,
    uid: u32,
    gid: u32,
    caller_is_root: bool,
}

impl Operator {
    /// Whoever calls; for root, the user `dovecot` that the package made.
    pub(super) fn find() -> Result<Self, OfficeError> {
        let caller = geteuid();
        let accounts = read_accounts("/etc/passwd")?;
        let (user, uid, gid) = accounts
            .iter()
            .filter_map(|fields| {
                Some((
                    fields.first()?,
                    fields.get(2)?.parse().ok()?,
                    fields.get(3)?.parse().ok()?,
                ))
            })
            .find(|(name, uid, _): &(&String, u32, u32)| {
                if caller.is_root() {
                    *name == "dovecot"
                } else {
                    *uid == caller.as_raw()
                }
            })
            .map(|(name, uid, gid)| (name.clone(), uid, gid))
            .ok_or_else(|| OfficeError::Nobody {
                address: caller.as_raw().to_string(),
            })?;
        let gid = if caller.is_root() { gid } else { getegid().as_raw() };
        let group = read_accounts("/etc/group")?
            .into_iter()
            .find(|fields| fields.get(2).is_some_and(|id| *id == gid.to_string()))
            .and_then(|fields| fields.into_iter().next())
            .ok_or_else(|| OfficeError::Nobody {
                address: gid.to_string(),
            })?;
        Ok(Self {
            user,
            group,
            uid,
            gid,
            caller_is_root: caller.is_root(),
        })
    }

    /// The user's number.
    pub(super) fn uid(&self) -> u32 {
        self.uid
    }

    /// The group's number.
    pub(super) fn gid(&self) -> u32 {
        self.gid
    }

    /// Arguments for `setpriv`: the program goes when the caller goes, and root becomes the operator.
    pub(super) fn privileges(&self) -> Vec<String> {
        let mut arguments = vec!["--pdeathsig".to_owned(), "KILL".to_owned()];
        if self.caller_is_root {
            arguments.push(format!("--reuid={}", self.uid));
            arguments.push(format!("--regid={}", self.gid));
            arguments.push("--clear-groups".to_owned());
        }
        arguments.push("--".to_owned());
        arguments
    }

    /// Gives a file, or a folder with everything in it, to the operator.
    pub(super) fn own(&self, path: &Path) -> Result<(), OfficeError> {
        if !self.caller_is_root {
            return Ok(());
        }
        let failed = |source| OfficeError::File {
            action: "own",
            path: path.to_owned(),
            source,
        };
        lchown(path, Some(self.uid), Some(self.gid)).map_err(failed)?;
        if fs::symlink_metadata(path).map_err(failed)?.is_dir() {
            for entry in fs::read_dir(path).map_err(failed)? {
                self.own(&entry.map_err(failed)?.path())?;
            }
        }
        Ok(())
    }
}

fn read_accounts(path: &str) -> Result<Vec<Vec<String>>, OfficeError> {
    let text = fs::read_to_string(path).map_err(|source| OfficeError::File {
        action: "read",
        path: path.into(),
        source,
    })?;
    Ok(text
        .lines()
        .map(|line| line.split(':').map(str::to_owned).collect())
        .collect())
}

/// The office's folder, removed when dropped. What a killed test left behind is removed by the next office.
#[derive(Debug)]
pub(super) struct Place {
    folder: TempDir,
    path: PathBuf,
    _lock: File,
}

impl Place {
    /// Makes the folder with its sub-folders.
    pub(super) fn make(operator: &Operator) -> Result<Self, OfficeError> {
        let base = base_folder(operator);
        sweep(&base);
        let failed = |source| OfficeError::File {
            action: "make",
            path: base.clone(),
            source,
        };
        let folder = tempfile::Builder::new()
            .prefix(PREFIX)
            .permissions(fs::Permissions::from_mode(0o700))
            .tempdir_in(&base)
            .map_err(failed)?;
        let path = folder.path().canonicalize().map_err(failed)?;
        let mut lock = File::create(path.join(LOCK)).map_err(failed)?;
        lock.lock().map_err(failed)?;
        // Only a folder whose lock has been taken once can have been left behind.
        lock.write_all(b"taken\n").map_err(failed)?;
        for name in [
            "run", "var", "log", "conf", "mail", "public", "tls", "exim", "outbound", "bin", "import",
        ] {
            fs::create_dir(path.join(name)).map_err(failed)?;
        }
        Ok(Self {
            folder,
            path,
            _lock: lock,
        })
    }

    /// The folder.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Writes a file.
    pub(super) fn write(&self, name: &str, text: &str) -> Result<PathBuf, OfficeError> {
        let path = self.path.join(name);
        fs::write(&path, text).map_err(|source| OfficeError::File {
            action: "write",
            path: path.clone(),
            source,
        })?;
        Ok(path)
    }

    /// Removes the folder now, and says whether it is gone.
    pub(super) fn remove(&self) -> bool {
        crate::until(std::time::Duration::from_secs(2), || {
            // A server that was killed a moment ago may still be writing.
            let _ = fs::remove_dir_all(self.folder.path());
            !self.folder.path().exists()
        })
    }
}

/// The usual temporary folder, unless its name is too long for the sockets beneath it (108 bytes), or the operator
/// cannot get there.
fn base_folder(operator: &Operator) -> PathBuf {
    let usual = std::env::temp_dir();
    let open_to_all = |path: &Path| path.metadata().is_ok_and(|data| data.mode() & 0o001 != 0);
    let reachable = !operator.caller_is_root || usual.ancestors().all(open_to_all);
    if usual.is_absolute() && usual.as_os_str().len() <= 32 && reachable {
        usual
    } else {
        PathBuf::from("/tmp")
    }
}

/// Removes offices whose owner was killed: their lock is free.
fn sweep(base: &Path) {
    for entry in fs::read_dir(base).into_iter().flatten().flatten() {
        if entry.file_name().to_string_lossy().starts_with(PREFIX)
            && was_left_behind(&entry.path()).unwrap_or(false)
        {
            let _ = fs::remove_dir_all(entry.path());
        }
    }
}

fn was_left_behind(folder: &Path) -> io::Result<bool> {
    /// Long enough for a new office to take its lock, and for what is killed to write its last line.
    const GRACE_MS: u128 = 60_000;
    match File::open(folder.join(LOCK)) {
        // A server that has not noticed yet would make its folder again, for its last line.
        Ok(lock) => {
            Ok(lock.metadata()?.len() > 0 && lock.try_lock().is_ok() && working_in(folder).is_empty())
        }
        // A server's last line made the folder again after it had been removed.
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let changed = folder
                .metadata()?
                .modified()?
                .duration_since(UNIX_EPOCH)
                .unwrap_or_default();
            let now = u128::try_from(crate::wall_clock().0).unwrap_or(0);
            Ok(now.saturating_sub(changed.as_millis()) > GRACE_MS)
        }
        Err(error) => Err(error),
    }
}
