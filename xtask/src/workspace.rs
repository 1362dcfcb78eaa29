use std::fs;
use std::path::{Path, PathBuf};

use crate::failure::{At as _, Outcome};

/// The folder of the workspace's Cargo.toml.
pub(crate) fn root() -> &'static Path {
    let own = Path::new(env!("CARGO_MANIFEST_DIR"));
    own.parent().unwrap_or(own)
}

/// Where cargo puts a program of the debug build: `CARGO_TARGET_DIR` is honoured as cargo does.
pub(crate) fn debug_program(name: &str) -> PathBuf {
    target()
        .join("debug")
        .join(format!("{name}{}", std::env::consts::EXE_SUFFIX))
}

/// Cargo's target folder.
#[expect(
    clippy::disallowed_methods,
    reason = "a task is a program's edge: it reads cargo's own setting"
)]
pub(crate) fn target() -> PathBuf {
    match std::env::var_os("CARGO_TARGET_DIR") {
        Some(folder) => root().join(folder),
        None => root().join("target"),
    }
}

/// A folder for one run of a task, removed with everything in it when dropped.
///
/// It lies in the system's temporary folder, because socket paths have to stay short. A run that is killed
/// leaves it behind; the next run of any task removes it.
pub(crate) struct Scratch(PathBuf);

impl Scratch {
    /// `name` tells the runs of different tasks apart.
    pub(crate) fn create(name: &str) -> Outcome<Self> {
        let all = std::env::temp_dir();
        sweep(&all);
        let path = all.join(format!("{PREFIX}{}-{name}", std::process::id()));
        make_private(&path).at(&path)?;
        Ok(Self(path))
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }

    /// Makes a folder inside that only this user may enter, as XDG_RUNTIME_DIR demands.
    pub(crate) fn folder(&self, name: &str) -> Outcome<PathBuf> {
        let path = self.0.join(name);
        make_private(&path).at(&path)?;
        Ok(path)
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // Nothing useful can be done about a file that resists; the next run tries again.
        let _ = fs::remove_dir_all(&self.0);
    }
}

const PREFIX: &str = "mailroom-xtask-";

/// Removes what runs left that no longer live. Where processes cannot be seen under /proc, nothing is.
fn sweep(all: &Path) {
    let Ok(entries) = fs::read_dir(all) else { return };
    for entry in entries.flatten() {
        let name = entry.file_name();
        let Some(rest) = name.to_str().and_then(|name| name.strip_prefix(PREFIX)) else {
            continue;
        };
        let Some(Ok(process)) = rest.split('-').next().map(str::parse::<u32>) else {
            continue;
        };
        if Path::new("/proc/self").exists() && !Path::new("/proc").join(process.to_string()).exists() {
            let _ = fs::remove_dir_all(entry.path());
        }
    }
}

#[cfg(unix)]
fn make_private(path: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::DirBuilderExt as _;
    fs::DirBuilder::new().mode(0o700).create(path)
}

#[cfg(not(unix))]
fn make_private(path: &Path) -> std::io::Result<()> {
    fs::create_dir(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scratch_dropped_leaves_nothing() {
        let scratch = Scratch::create("drop-test").unwrap();
        let inside = scratch.folder("inside").unwrap();
        fs::write(inside.join("file"), "text").unwrap();
        let path = scratch.path().to_path_buf();
        assert!(inside.join("file").exists());
        drop(scratch);
        assert!(!path.exists());
    }

    #[test]
    fn root_holds_the_shell_configuration() {
        assert!(root().join("tauri.conf.json").exists());
    }
}
