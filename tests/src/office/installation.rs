//! What the machine has to have.

use std::path::Path;
use std::process::Command;

use super::OfficeError;
use super::options::OfficeOptions;

/// A file that shows that a package is there.
const NEEDED: [(&str, &str); 6] = [
    ("/usr/sbin/dovecot", "dovecot-core"),
    ("/usr/bin/doveadm", "dovecot-core"),
    ("/usr/lib/dovecot/imap", "dovecot-imapd"),
    ("/usr/lib/dovecot/lmtp", "dovecot-lmtpd"),
    ("/usr/bin/setpriv", "util-linux"),
    ("/usr/sbin/exim4", "exim4-daemon-heavy"),
];

/// The folder with the provider and its packages.
pub(super) const PROVIDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/office/oidc");

/// Where Debian keeps the Exim that is copied (only a copy without the setuid bit runs privately).
pub(super) const EXIM: &str = "/usr/sbin/exim4";

/// Says what is missing, with the command that installs it.
pub(super) fn check(options: &OfficeOptions) -> Result<(), OfficeError> {
    let mut packages: Vec<&'static str> = NEEDED
        .iter()
        .filter(|(file, package)| {
            !Path::new(file).exists() && (options.smtp || !package.starts_with("exim4"))
        })
        .map(|(_, package)| *package)
        .collect();
    // Only the heavy build can ask Dovecot who may send.
    if options.smtp && packages.is_empty() && !words(EXIM, "-bV").contains(" dovecot") {
        packages.push("exim4-daemon-heavy");
    }
    if options.oidc && words("node", "--version").is_empty() {
        packages.push("nodejs");
        packages.push("npm");
    }
    packages.dedup();
    if !packages.is_empty() {
        let command = format!("apt-get install --no-install-recommends {}", packages.join(" "));
        return Err(OfficeError::Missing { packages, command });
    }
    if options.oidc
        && !Path::new(PROVIDER)
            .join("node_modules/oidc-provider/package.json")
            .exists()
    {
        return Err(OfficeError::Missing {
            packages: vec!["oidc-provider"],
            command: format!("npm ci --prefix {PROVIDER}"),
        });
    }
    let found = words("/usr/sbin/dovecot", "--version");
    if !found.starts_with("2.3.") {
        return Err(OfficeError::Version {
            program: "Dovecot",
            wanted: "2.3",
            found: found.trim().to_owned(),
        });
    }
    Ok(())
}

/// What a program writes; nothing when it cannot be started.
fn words(program: &str, argument: &str) -> String {
    let output = Command::new(program).arg(argument).output();
    output
        .map(|output| String::from_utf8_lossy(&output.stdout).into_owned())
        .unwrap_or_default()
}
