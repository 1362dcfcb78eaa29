//! Benchmarks: whole programs, beside a peer, in the same run. `cargo xtask bench` builds everything and starts this.
//!
//! `mailroom-bench sync [--messages N] [--rounds N]`
//! `mailroom-bench search [--messages N]`
//! `mailroom-bench window [--messages N] [--search N] [--rounds N]`

mod search;
mod sync;
mod window;

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};

use mailroom_tests::office::{MailStore, Office, OfficeOptions};

/// The seed of the mailbox, so that every run loads the same bytes.
const SEED: u64 = 1;
const USER: &str = "bench@mailroom.test";
const PASSWORD: &str = "bench-pw";

type Failure = Box<dyn std::error::Error>;

#[tokio::main]
async fn main() -> ExitCode {
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            say(&format!("the benchmark failed: {error}"));
            ExitCode::FAILURE
        }
    }
}

async fn run() -> Result<(), Failure> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let number = |name: &str, default: usize| -> Result<usize, Failure> {
        let value = arguments
            .iter()
            .position(|argument| argument == name)
            .and_then(|at| arguments.get(at + 1));
        Ok(value.map_or(Ok(default), |value| value.parse())?)
    };
    match arguments.first().map(String::as_str) {
        None => {
            sync::run(number("--messages", 20_000)?, number("--rounds", 5)?).await?;
            search::run(200_000).await?;
            window::run(50_000, 200_000, number("--rounds", 5)?).await
        }
        Some("sync") => sync::run(number("--messages", 20_000)?, number("--rounds", 5)?).await,
        Some("search") => search::run(number("--messages", 200_000)?).await,
        Some("window") => {
            let (stored, searched) = (number("--messages", 50_000)?, number("--search", 200_000)?);
            window::run(stored, searched, number("--rounds", 5)?).await
        }
        Some(other) => Err(format!("there is no benchmark {other:?}; there are: sync search window").into()),
    }
}

/// An office with one user and nothing else.
fn office() -> Result<Office, Failure> {
    Ok(Office::start(&OfficeOptions {
        users: vec![(USER.to_owned(), PASSWORD.to_owned())],
        store: MailStore::Mdbox,
        oidc: false,
        smtp: true,
        ..OfficeOptions::default()
    })?)
}

/// A program beside this one, where cargo puts them all.
fn program(name: &str) -> Result<PathBuf, Failure> {
    Ok(std::env::current_exe()?.with_file_name(name))
}

/// What Mailroom finds in its environment.
fn environment(office: &Office, home: &Path) -> [(&'static str, std::ffi::OsString); 4] {
    [
        ("MAILROOM_HOME", home.into()),
        ("MAILROOM_VAULT", "file".into()),
        ("MAILROOM_VAULT_PASSPHRASE", "bench".into()),
        ("SSL_CERT_FILE", office.ca_path().into()),
    ]
}

/// The `mailroom` command in a home.
fn mailroom(office: &Office, home: &Path) -> Result<Command, Failure> {
    let mut command = Command::new(program("mailroom")?);
    command.envs(environment(office, home));
    Ok(command)
}

/// Connects the user's mailbox in an empty home, keeping all of it.
fn connect(office: &Office, home: &Path) -> Result<(), Failure> {
    let _ = std::fs::remove_dir_all(home);
    std::fs::create_dir_all(home)?;
    let mut add = mailroom(office, home)?;
    add.args(["account", "add", USER, "--password-stdin", "--period", "all"])
        .args(["--imap", &format!("localhost:{}:tls", office.imaps_port())])
        .args(["--smtp", &format!("localhost:{}:tls", office.submissions_port())])
        .stdin(Stdio::piped())
        .stdout(Stdio::null());
    let mut child = add.spawn()?;
    if let Some(stdin) = child.stdin.as_mut() {
        stdin.write_all(format!("{PASSWORD}\n").as_bytes())?;
    }
    if child.wait()?.success() {
        Ok(())
    } else {
        Err("mailroom account add failed".into())
    }
}

#[expect(clippy::print_stdout, reason = "a benchmark prints its figures")]
fn say(text: &str) {
    println!("{text}");
}

/// Prints the spread of some figures.
fn row(name: &str, unit: &str, values: &[f64]) {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let at = |share: f64| {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            clippy::cast_precision_loss,
            reason = "an index of a short list"
        )]
        let index = (share * (sorted.len().saturating_sub(1)) as f64).round() as usize;
        sorted.get(index).copied().unwrap_or(f64::NAN)
    };
    say(&format!(
        "{name:<48} {:>9.1} {:>9.1} {:>9.1} {:>9.1} {unit:<4} (min, median, 95 %, max of {})",
        at(0.0),
        at(0.5),
        at(0.95),
        at(1.0),
        sorted.len()
    ));
}
