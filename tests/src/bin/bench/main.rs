//! Benchmarks: whole programs, beside a peer, in the same run. `cargo xtask bench` builds everything and starts this.
//!
//! `mailroom-bench` (everything), or one or several of
//! `mailroom-bench sync [--messages N] [--rounds N]`
//! `mailroom-bench changes [--messages N] [--rounds N]`
//! `mailroom-bench search [--messages N] [--rounds N]`
//! `mailroom-bench store [--messages N] [--rounds N]`
//! `mailroom-bench window [--messages N] [--search N] [--rounds N]`
//! `mailroom-bench detect [--rounds N]`
//!
//! Each ends with its rows of the table in `docs/performance.md`.

mod changes;
mod detect;
mod search;
mod store;
mod stored;
mod sync;
mod window;

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};

use mailroom_tests::bench::{Figure, Host, Spread, markdown, surroundings};
use mailroom_tests::office::{MailStore, Office, OfficeOptions};

/// The seed of the mailbox, so that every run loads the same bytes.
const SEED: u64 = 1;
const USER: &str = "bench@mailroom.test";
const PASSWORD: &str = "bench-pw";
/// All benchmarks, in the order of the table.
const EVERY: [&str; 6] = ["sync", "changes", "search", "store", "window", "detect"];

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

/// Runs what was asked for. What fails is said and stands in the table; the others go on.
async fn run() -> Result<(), Failure> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let asked = Asked::read(&arguments)?;
    let mut figures = Vec::new();
    let mut failed = Vec::new();
    let mut taken = Vec::new();
    for name in &asked.names {
        say(&format!("\n== {name}"));
        let before = Host::now();
        let ended = one(name, &asked).await;
        taken.push(format!(
            "{name} {:.0} %",
            before.taken_since(&Host::now()) * 100.0
        ));
        match ended {
            Ok(rows) => figures.extend(rows),
            Err(error) => {
                say(&format!("{name} failed: {error}"));
                figures.push(Figure::missing(name, "failed"));
                failed.push(*name);
            }
        }
    }
    let build = if cfg!(debug_assertions) {
        "a debug build, whose figures mean nothing"
    } else {
        "a release build"
    };
    let command = std::iter::once("mailroom-bench")
        .chain(arguments.iter().map(String::as_str))
        .collect::<Vec<_>>()
        .join(" ");
    say(&format!(
        "\n`{command}`, {build}, Mailroom {}; {}; the machine's host took of the processor: {}\n\n{}",
        env!("CARGO_PKG_VERSION"),
        surroundings(&[
            ("dovecot", &["--version"]),
            ("mbsync", &["--version"]),
            ("notmuch", &["--version"]),
            ("mu", &["--version"]),
        ]),
        taken.join(", "),
        markdown(&figures)
    ));
    if failed.is_empty() {
        Ok(())
    } else {
        Err(failed.join(", ").into())
    }
}

async fn one(name: &str, asked: &Asked) -> Result<Vec<Figure>, Failure> {
    let messages = |default| asked.messages.unwrap_or(default);
    let rounds = asked.rounds.unwrap_or(5);
    // Boxed: each is large.
    match name {
        "sync" => Box::pin(sync::run(messages(20_000), rounds)).await,
        "changes" => Box::pin(changes::run(messages(200_000), rounds)).await,
        "search" => Box::pin(search::run(messages(200_000), rounds)).await,
        "detect" => Box::pin(detect::run(rounds)).await,
        "store" => Box::pin(store::run(messages(1_000_000), rounds)).await,
        _ => {
            let searched = asked.searched.unwrap_or(200_000);
            Box::pin(window::run(messages(50_000), searched, rounds)).await
        }
    }
}

/// The command line.
struct Asked {
    names: Vec<&'static str>,
    messages: Option<usize>,
    searched: Option<usize>,
    rounds: Option<usize>,
}

impl Asked {
    fn read(arguments: &[String]) -> Result<Self, Failure> {
        let mut asked = Self {
            names: Vec::new(),
            messages: None,
            searched: None,
            rounds: None,
        };
        let mut arguments = arguments.iter();
        while let Some(argument) = arguments.next() {
            let number = match argument.as_str() {
                "--messages" => &mut asked.messages,
                "--search" => &mut asked.searched,
                "--rounds" => &mut asked.rounds,
                name => {
                    let known = EVERY.into_iter().find(|known| *known == name);
                    asked.names.push(known.ok_or_else(|| {
                        format!("there is no benchmark {name:?}; there are: {}", EVERY.join(" "))
                    })?);
                    continue;
                }
            };
            let value = arguments
                .next()
                .ok_or_else(|| format!("{argument} wants a number"))?;
            *number = Some(value.parse()?);
        }
        if asked.names.is_empty() {
            asked.names = EVERY.to_vec();
        }
        Ok(asked)
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
    let spread = Spread::new(values.to_vec());
    say(&format!(
        "{name:<48} {:>9.1} {:>9.1} {:>9.1} {:>9.1} {unit:<4} (min, median, 95 %, max of {})",
        spread.at(0.0),
        spread.median(),
        spread.p95(),
        spread.at(1.0),
        spread.count()
    ));
}

/// A number with its thousands apart: `1,000,000`.
fn millions(number: usize) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}
