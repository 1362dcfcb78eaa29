use std::fs;
use std::path::{Path, PathBuf};

use crate::failure::{At as _, Failure, Outcome};
use crate::packages::{self, BUNDLE};
use crate::process;
use crate::setup;
use crate::terminal::say;
use crate::workspace;

/// Builds the packages that this machine can build: on Linux .deb and .rpm. The `mailroom` command goes into
/// them beside the application.
pub(crate) fn build() -> Outcome<()> {
    setup::for_desktop()?;
    packages::ensure(&[BUNDLE])?;
    process::run(process::cargo(&[
        "build",
        "--release",
        "--package",
        "mailroom-cli",
    ]))?;
    let bundles = if cfg!(target_os = "linux") {
        "deb,rpm"
    } else if cfg!(windows) {
        "msi,nsis"
    } else {
        "app,dmg"
    };
    let program = workspace::root().join("ui/node_modules/.bin/tauri");
    process::run(process::command(program, &["build", "--bundles", bundles]))?;
    let folder = workspace::target().join("release/bundle");
    for kind in bundles.split(',') {
        let kind = folder.join(kind);
        for entry in fs::read_dir(&kind).at(&kind)? {
            let path = entry.at(&kind)?.path();
            if path.is_file() {
                say(&path.display().to_string());
            }
        }
    }
    if cfg!(target_os = "linux") {
        check_desktop_entry(&folder.join("deb"))?;
    }
    Ok(())
}

/// Validates the desktop entry as it was packed: a link reaches the application only through its `%u`.
fn check_desktop_entry(folder: &Path) -> Outcome<()> {
    let Some(desktop) = packed_desktop_entry(folder) else {
        return Err(Failure::Missing(format!(
            "no desktop entry under {}",
            folder.display()
        )));
    };
    process::run(process::command(
        "desktop-file-validate",
        &[&desktop.to_string_lossy()],
    ))?;
    let text = fs::read_to_string(&desktop).at(&desktop)?;
    if takes_links(&text) {
        say(&format!("{} takes app.mailroom links", desktop.display()));
        Ok(())
    } else {
        Err(Failure::Answer(
            "a desktop entry that takes app.mailroom links".into(),
            text,
        ))
    }
}

/// The first desktop entry in the folders that the bundler packs a .deb from.
fn packed_desktop_entry(folder: &Path) -> Option<PathBuf> {
    let packed = fs::read_dir(folder).ok()?.flatten();
    let applications = packed.map(|entry| entry.path().join("data/usr/share/applications"));
    let entries = applications
        .filter_map(|folder| fs::read_dir(folder).ok())
        .flatten()
        .flatten();
    entries
        .map(|entry| entry.path())
        .find(|path| path.extension().is_some_and(|kind| kind == "desktop"))
}

fn takes_links(desktop_entry: &str) -> bool {
    let has = |wanted: &str| desktop_entry.lines().any(|line| line == wanted);
    has("Exec=mailroom-desktop %u") && has("MimeType=x-scheme-handler/app.mailroom;")
}
