//! Mail servers whose packages exclude those that are installed: fetched and unpacked, never installed.

use std::fs;
use std::path::Path;

use crate::failure::{At as _, Outcome};
use crate::process::{self, find};
use crate::terminal::say;
use crate::workspace;

/// A server of the tests, by its folder below `target/mail-servers`, and the Debian packages that it is made of.
struct Unpacked {
    name: &'static str,
    packages: &'static [&'static str],
}

const SERVERS: [Unpacked; 2] = [
    Unpacked {
        name: "cyrus",
        packages: &[
            "cyrus-imapd",
            "cyrus-common",
            "libical3",
            "libpcre3",
            "libxapian30",
            "sasl2-bin",
        ],
    },
    Unpacked {
        name: "courier",
        packages: &[
            "courier-authdaemon",
            "courier-authlib",
            "courier-authlib-userdb",
            "courier-base",
            "courier-imap",
            "gamin",
            "libcourier-unicode4",
            "libgamin0",
            "libpcre3",
        ],
    },
];

/// Unpacks below `target/mail-servers`, where the tests look, what is not there yet. A server that cannot be had is said, and its tests say so too: everything else can be
/// tested without it.
pub(crate) fn unpack() {
    let is_root = process::capture(process::command("id", &["-u"])).is_ok_and(|id| id.trim() == "0");
    if !is_root {
        say("courier will not be tested: only root can run it.");
    }
    for server in &SERVERS {
        let folder = workspace::root().join("target/mail-servers").join(server.name);
        if folder.join("complete").exists() {
            continue;
        }
        if find("apt-get").is_none() || find("dpkg").is_none() {
            say(&format!(
                "{} will not be tested: this is no Debian or Ubuntu system.",
                server.name
            ));
            continue;
        }
        say(&format!("Unpacking {}", server.name));
        if let Err(failure) = unpack_into(&folder, server.packages) {
            say(&format!("{} will not be tested: {failure}", server.name));
        }
    }
}

fn unpack_into(folder: &Path, packages: &[&str]) -> Outcome<()> {
    if folder.exists() {
        fs::remove_dir_all(folder).at(folder)?;
    }
    let fetched = folder.join("fetched");
    fs::create_dir_all(&fetched).at(&fetched)?;
    let mut download = process::command("apt-get", &["--quiet", "download"]);
    download.args(packages).current_dir(&fetched);
    process::run(download)?;
    for entry in fs::read_dir(&fetched).at(&fetched)? {
        let package = entry.at(&fetched)?.path();
        process::run(process::command(
            "dpkg",
            &["-x", &package.to_string_lossy(), &folder.to_string_lossy()],
        ))?;
    }
    // Everything is looked for below /usr, as on a system whose /lib is only a name for it.
    let (lib, usr_lib) = (folder.join("lib"), folder.join("usr/lib"));
    if lib.exists() {
        process::run(process::command(
            "cp",
            &["-a", &format!("{}/.", lib.display()), &usr_lib.to_string_lossy()],
        ))?;
        fs::remove_dir_all(&lib).at(&lib)?;
    }
    fs::remove_dir_all(&fetched).at(&fetched)?;
    let complete = folder.join("complete");
    fs::write(&complete, "").at(&complete)
}
