use std::fs;
use std::path::{Path, PathBuf};

use crate::failure::{At as _, Failure, Outcome};
use crate::licences;
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
    // The bundler builds the page by itself.
    licences::write()?;
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
    let value = |key: &str| {
        let mut lines = desktop_entry.lines();
        lines.find_map(|line| line.strip_prefix(key)?.strip_prefix('='))
    };
    let takes = |scheme: &str| {
        let kinds = value("MimeType").unwrap_or_default();
        kinds
            .split(';')
            .any(|kind| kind.strip_prefix("x-scheme-handler/") == Some(scheme))
    };
    value("Exec") == Some("mailroom-desktop %u") && takes("app.mailroom")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn desktop_entry_takes_links_only_with_a_place_for_them_and_the_scheme() {
        let entry = |exec: &str, kinds: &str| format!("[Desktop Entry]\nExec={exec}\nMimeType={kinds}\n");
        let both = "x-scheme-handler/mailto;x-scheme-handler/app.mailroom;";
        for (exec, kinds, takes) in [
            ("mailroom-desktop %u", both, true),
            ("mailroom-desktop", both, false),
            ("mailroom-desktop %u", "x-scheme-handler/mailto;", false),
            (
                "mailroom-desktop %u",
                "x-scheme-handler/app.mailroom.other;",
                false,
            ),
        ] {
            assert_eq!(takes_links(&entry(exec, kinds)), takes, "{exec} {kinds}");
        }
        let template = workspace::root().join("packaging/mailroom.desktop");
        assert!(fs::read_to_string(template).unwrap().contains("%u"));
    }
}
