//! The `mailroom` command as people start it.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::Duration;

use serde_json::Value;
use tempfile::TempDir;

/// The command with a home, a secrets file and trust of its own.
#[derive(Debug)]
pub struct Terminal {
    home: TempDir,
    certificates: PathBuf,
}

/// What one run of the command did.
#[derive(Clone, Debug)]
pub struct Ran {
    /// Its exit status; -1 when a signal ended it.
    pub status: i32,
    /// Standard output.
    pub out: String,
    /// Standard error.
    pub err: String,
}

impl Ran {
    fn of(output: Output) -> Self {
        let Output {
            status,
            stdout,
            stderr,
        } = output;
        Self {
            status: status.code().unwrap_or(-1),
            out: String::from_utf8_lossy(&stdout).into_owned(),
            err: String::from_utf8_lossy(&stderr).into_owned(),
        }
    }

    /// The one JSON document on standard output; null when it is none.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap_or_default()
    }

    /// The error on standard error; null when there is none.
    pub fn error(&self) -> Value {
        self.err
            .lines()
            .last()
            .and_then(|line| serde_json::from_str(line).ok())
            .unwrap_or_default()
    }

    /// The JSON objects on standard output, a line each.
    pub fn lines(&self) -> Vec<Value> {
        self.out
            .lines()
            .filter_map(|line| serde_json::from_str(line).ok())
            .collect()
    }
}

/// The command, beside the test where cargo puts it.
///
/// # Panics
/// When it was not built: `cargo xtask test` does that first.
#[expect(clippy::panic, reason = "a test of the command needs the command")]
pub fn mailroom_program() -> PathBuf {
    let found = std::env::current_exe()
        .ok()
        .and_then(|test| test.ancestors().nth(2).map(|folder| folder.join("mailroom")))
        .filter(|program| program.exists());
    found.unwrap_or_else(|| panic!("the mailroom command was not built: cargo build -p mailroom-cli"))
}

impl Terminal {
    /// A terminal that trusts the certificates of this PEM file.
    ///
    /// # Panics
    /// When the machine has no room for its home.
    #[expect(clippy::expect_used, reason = "a test without its home cannot go on")]
    pub fn new(certificates: &Path) -> Self {
        Self {
            home: tempfile::tempdir().expect("a temporary folder"),
            certificates: certificates.to_owned(),
        }
    }

    /// Where this terminal's Mailroom keeps everything.
    pub fn home(&self) -> &Path {
        self.home.path()
    }

    /// The command, ready for more arguments.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(mailroom_program());
        command
            .args(arguments)
            .env("MAILROOM_HOME", self.home.path())
            .env("MAILROOM_VAULT", "file")
            .env("MAILROOM_VAULT_PASSPHRASE", "a passphrase")
            .env("SSL_CERT_FILE", &self.certificates)
            .env("NO_COLOR", "1")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    /// Runs the command to its end, and says how much memory it held at its peak, in bytes.
    ///
    /// # Panics
    /// When it cannot be started, or has no end.
    #[expect(clippy::expect_used, reason = "a test of the command needs the command")]
    pub fn run_measured(&self, arguments: &[&str]) -> (Ran, u64) {
        let mut child = self
            .command(arguments)
            .stdin(Stdio::null())
            .spawn()
            .expect("mailroom starts");
        let status = format!("/proc/{}/status", child.id());
        let mut peak = 0;
        let has_ended = crate::until(Duration::from_mins(5), || {
            // The kernel keeps the highest mark itself; what it says last is the peak.
            let said = std::fs::read_to_string(&status).unwrap_or_default();
            let line = said.lines().find_map(|line| line.strip_prefix("VmHWM:"));
            let kilobytes = line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok());
            peak = kilobytes.map_or(peak, |kilobytes| peak.max(kilobytes * 1024));
            matches!(child.try_wait(), Ok(Some(_)) | Err(_))
        });
        assert!(has_ended, "mailroom {arguments:?} has no end");
        let output = child.wait_with_output().expect("mailroom ends");
        (Ran::of(output), peak)
    }

    /// Runs the command to its end with `input` on standard input.
    ///
    /// # Panics
    /// When it cannot be started.
    #[expect(clippy::expect_used, reason = "a test of the command needs the command")]
    pub fn run(&self, arguments: &[&str], input: &str) -> Ran {
        let mut child = self.command(arguments).spawn().expect("mailroom starts");
        if let Some(mut stdin) = child.stdin.take() {
            // A command that reads nothing closes its end.
            let _ = stdin.write_all(input.as_bytes());
        }
        Ran::of(child.wait_with_output().expect("mailroom ends"))
    }
}
