use std::fmt::Write as _;
use std::path::Path;
use std::process::Stdio;

use crate::failure::{At as _, Failure, Outcome};
use crate::process::{self, find};
use crate::terminal::say;
use crate::workspace::Scratch;

/// Debian packages for one purpose. The names are the same in Debian 12 and 13 and in Ubuntu 24.04.
#[derive(Clone, Copy)]
pub(crate) struct PackageSet {
    purpose: &'static str,
    names: &'static [&'static str],
}

/// To compile: the desktop shell wants WebKitGTK, the keychain room D-Bus; TLS and SQLite come along.
pub(crate) const BUILD: PackageSet = PackageSet {
    purpose: "building",
    names: &[
        "build-essential",
        "pkg-config",
        "libdbus-1-dev",
        "libwebkit2gtk-4.1-dev",
    ],
};

/// To run the window without a screen, look at it, and give it a keychain.
pub(crate) const WINDOW: PackageSet = PackageSet {
    purpose: "running the window without a screen",
    names: &[
        "dbus",
        "dbus-bin",
        "dbus-daemon",
        "dunst",
        "fonts-dejavu-core",
        "fonts-noto-core",
        "gnome-keyring",
        "imagemagick",
        "libsecret-tools",
        "openbox",
        "webkit2gtk-driver",
        "wmctrl",
        "x11-utils",
        "xauth",
        "xdotool",
        "xvfb",
    ],
};

/// To look at the page in a browser.
pub(crate) const BROWSER: PackageSet = PackageSet {
    purpose: "the page in a browser",
    names: &["chromium", "fonts-noto-core"],
};

/// The real mail servers of the tests and of the demonstration.
pub(crate) const MAIL_SERVERS: PackageSet = PackageSet {
    purpose: "the mail servers of the tests",
    names: &[
        "dovecot-core",
        "dovecot-imapd",
        "dovecot-lmtpd",
        "exim4-daemon-heavy",
    ],
};

/// The peers of the benchmarks: mbsync for synchronisation, notmuch and mu for search.
pub(crate) const BENCH: PackageSet = PackageSet {
    purpose: "the benchmarks' peers",
    names: &["isync", "maildir-utils", "notmuch"],
};

/// To draw the icons again.
pub(crate) const ICONS: PackageSet = PackageSet {
    purpose: "drawing the icons",
    names: &["imagemagick", "librsvg2-bin"],
};

/// To pack an .rpm the bundler needs nothing; this checks the desktop entry that goes into the packages.
pub(crate) const BUNDLE: PackageSet = PackageSet {
    purpose: "checking the packages",
    names: &["desktop-file-utils"],
};

/// Installs the packages of `sets` that are missing; does nothing and asks nobody when none is.
pub(crate) fn ensure(sets: &[PackageSet]) -> Outcome<()> {
    if find("dpkg-query").is_none() || find("apt-get").is_none() {
        say(&other_system(sets));
        return Ok(());
    }
    let missing = missing(sets)?;
    if missing.is_empty() {
        return Ok(());
    }
    let Some(privilege) = Privilege::available() else {
        return Err(Failure::Missing(format!(
            "these packages are missing; install them and start again:\n  sudo apt-get install -y --no-install-recommends {}",
            missing.join(" ")
        )));
    };
    say(&format!("Installing {}", missing.join(" ")));
    let brings_daemons = missing.iter().any(|name| MAIL_SERVERS.names.contains(name));
    let _quiet = NoDaemons::begin(privilege)?;
    // A stale or partly unreachable package list may still have what is needed, so only installing decides.
    if let Err(failure) = process::run(privilege.apt_get(&["update"])) {
        say(&format!(
            "The package lists could not be renewed ({failure}); going on with the old ones."
        ));
    }
    let mut arguments = vec!["install", "-y", "--no-install-recommends"];
    arguments.extend(&missing);
    process::run(privilege.apt_get(&arguments))?;
    if brings_daemons && Path::new("/run/systemd/system").exists() {
        say(
            "Dovecot and Exim were installed and not started: the tests start private copies of their own.\n\
             So that the system's copies do not start with the machine: sudo systemctl disable dovecot exim4",
        );
    }
    Ok(())
}

/// The names in `sets` that dpkg does not call installed, sorted, each once.
fn missing(sets: &[PackageSet]) -> Outcome<Vec<&'static str>> {
    let mut wanted: Vec<&'static str> = sets.iter().flat_map(|set| set.names).copied().collect();
    wanted.sort_unstable();
    wanted.dedup();
    let mut query = process::command("dpkg-query", &["-W", "-f=${Package} ${Status}\n"]);
    // It fails when one of the names is unknown, which is an answer too.
    let output = query
        .args(&wanted)
        .stderr(Stdio::null())
        .output()
        .map_err(|source| Failure::Start("dpkg-query".into(), source))?;
    let installed = installed(&String::from_utf8_lossy(&output.stdout));
    wanted.retain(|name| !installed.iter().any(|present| present == name));
    Ok(wanted)
}

/// The packages that a dpkg-query listing of name and status says are installed.
fn installed(listing: &str) -> Vec<String> {
    let installed = |line: &str| match line.split_once(' ') {
        Some((name, "install ok installed" | "hold ok installed")) => Some(name.to_owned()),
        _ => None,
    };
    listing.lines().filter_map(installed).collect()
}

/// What someone without Debian's packages has to provide.
fn other_system(sets: &[PackageSet]) -> String {
    let mut text = String::from(
        "This is no Debian or Ubuntu system, so packages are not looked for. Needed are, by Debian's names:",
    );
    for set in sets {
        let _ = write!(text, "\n  for {}: {}", set.purpose, set.names.join(" "));
    }
    text
}

/// How this process may install packages.
#[derive(Clone, Copy)]
enum Privilege {
    Root,
    Sudo,
}

impl Privilege {
    fn available() -> Option<Self> {
        if process::capture(process::command("id", &["-u"])).is_ok_and(|id| id.trim() == "0") {
            return Some(Self::Root);
        }
        let passwordless = || process::capture(process::command("sudo", &["-n", "true"])).is_ok();
        (find("sudo").is_some() && passwordless()).then_some(Self::Sudo)
    }

    fn command(self, program: &str, arguments: &[&str]) -> std::process::Command {
        match self {
            Self::Root => process::command(program, arguments),
            Self::Sudo => {
                let mut command = process::command("sudo", &["-n", program]);
                command.args(arguments);
                command
            }
        }
    }

    fn apt_get(self, arguments: &[&str]) -> std::process::Command {
        let mut command = self.command(
            "env",
            &[
                "DEBIAN_FRONTEND=noninteractive",
                "apt-get",
                "-o",
                "DPkg::Lock::Timeout=600",
            ],
        );
        command.args(arguments);
        command
    }
}

/// Keeps packages from starting their daemons while this lives (the policy that Debian's invoke-rc.d asks;
/// 101 is "action forbidden by policy"). A policy that the machine already has is left alone.
struct NoDaemons(Option<Privilege>);

const POLICY: &str = "/usr/sbin/policy-rc.d";

impl NoDaemons {
    fn begin(privilege: Privilege) -> Outcome<Self> {
        if Path::new(POLICY).exists() {
            return Ok(Self(None));
        }
        let scratch = Scratch::create("policy")?;
        let draft = scratch.path().join("policy-rc.d");
        std::fs::write(&draft, "#!/bin/sh\nexit 101\n").at(&draft)?;
        process::run(privilege.command("install", &["-m", "755", &draft.to_string_lossy(), POLICY]))?;
        Ok(Self(Some(privilege)))
    }
}

impl Drop for NoDaemons {
    fn drop(&mut self) {
        if let Some(privilege) = self.0
            && let Err(failure) = process::run(privilege.command("rm", &["-f", POLICY]))
        {
            say(&format!("Please remove {POLICY} by hand: {failure}"));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn installed_of_a_listing_counts_only_whole_installations() {
        let listing = "xvfb install ok installed\nisync deinstall ok config-files\n\
                       dovecot-core hold ok installed\nxauth install ok half-configured\n";
        assert_eq!(installed(listing), ["xvfb", "dovecot-core"]);
    }

    #[test]
    fn other_system_names_every_package() {
        let text = other_system(&[BUILD, BENCH]);
        assert!(text.contains("libwebkit2gtk-4.1-dev"));
        assert!(text.ends_with("for the benchmarks' peers: isync maildir-utils notmuch"));
    }
}
