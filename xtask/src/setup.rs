use std::fs;

use crate::failure::{At as _, Failure, Outcome};
use crate::mail_servers;
use crate::packages::{self, BROWSER, BUILD, MAIL_SERVERS, WINDOW};
use crate::process;
use crate::terminal::say;
use crate::workspace;

/// The folders with npm modules: the page, and the sign-in provider of the test office.
const UI: &str = "ui";
const PROVIDER: &str = "tests/office/oidc";

/// The oldest Node that everything installs on.
const NODE: (u32, u32) = (20, 19);

/// What building, running and testing needs. `cargo xtask test` does this first by itself.
pub(crate) fn everything() -> Outcome<()> {
    packages::ensure(&[BUILD, WINDOW, BROWSER, MAIL_SERVERS])?;
    mail_servers::unpack();
    node_modules(UI)?;
    node_modules(PROVIDER)?;
    say("Setup is done.");
    Ok(())
}

/// What the desktop application needs to be built and opened on a screen.
pub(crate) fn for_desktop() -> Outcome<()> {
    packages::ensure(&[BUILD])?;
    node_modules(UI)
}

/// What the test office needs.
pub(crate) fn for_office() -> Outcome<()> {
    packages::ensure(&[BUILD, MAIL_SERVERS])?;
    node_modules(PROVIDER)
}

/// Runs `npm ci` where package-lock.json is not the one of the last time.
fn node_modules(folder: &str) -> Outcome<()> {
    let folder_path = workspace::root().join(folder);
    let lock = folder_path.join("package-lock.json");
    let wanted = fs::read(&lock).at(&lock)?;
    let stamp = folder_path.join("node_modules/.mailroom-lock");
    if fs::read(&stamp).is_ok_and(|present| present == wanted) {
        return Ok(());
    }
    check_node()?;
    say(&format!("Installing the npm modules of {folder}"));
    process::run(process::npm(folder, &["ci", "--no-audit", "--no-fund"]))?;
    fs::write(&stamp, wanted).at(&stamp)
}

fn check_node() -> Outcome<()> {
    let wanted = format!(
        "Node {}.{} or newer with npm is needed (https://nodejs.org)",
        NODE.0, NODE.1
    );
    let Ok(version) = process::capture(process::command("node", &["--version"])) else {
        return Err(Failure::Missing(format!("{wanted}; no node was found")));
    };
    if node_version(&version).is_none_or(|version| version < NODE) {
        return Err(Failure::Missing(format!(
            "{wanted}; this one is {}",
            version.trim()
        )));
    }
    Ok(())
}

/// Major and minor number of what `node --version` prints.
fn node_version(text: &str) -> Option<(u32, u32)> {
    let mut numbers = text.trim().strip_prefix('v')?.split('.').map(str::parse);
    Some((numbers.next()?.ok()?, numbers.next()?.ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn node_version_of_what_node_prints_is_read() {
        assert_eq!(node_version("v20.20.2\n"), Some((20, 20)));
        assert_eq!(node_version("v8.0.0"), Some((8, 0)));
        assert_eq!(node_version("20.1"), None);
        assert_eq!(node_version(""), None);
    }

    #[test]
    fn package_locks_name_no_registry() {
        for folder in [UI, PROVIDER] {
            let lock = fs::read_to_string(workspace::root().join(folder).join("package-lock.json")).unwrap();
            assert!(
                !lock.contains("\"resolved\""),
                "{folder}: every machine asks its own registry"
            );
        }
    }
}
