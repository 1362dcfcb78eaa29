//! `mailroom-office`: a test office for a shell, a demonstration or another program.
//!
//! Started without arguments it prints one line of JSON when all servers listen, and runs until its standard input
//! closes or it is told to stop. With `--approve` it plays the person at the browser against a running office.

use std::io::Read;
use std::process::ExitCode;

const USAGE: &str = "\
usage: mailroom-office [--messages N] [--empty] [--stay]
       mailroom-office --approve URL --login ADDRESS

  --messages N     adds so many generated messages to the inbox of the first user
  --empty          leaves the mailboxes empty
  --stay           runs until a signal comes, also when the standard input is closed
  --approve URL    opens this authorisation address as the browser would, signs in, allows, prints where it ended
  --login ADDRESS  the address to sign in with";

/// What was asked for on the command line.
#[derive(Debug, Default)]
struct Arguments {
    messages: usize,
    empty: bool,
    stay: bool,
    approve: Option<String>,
    login: Option<String>,
}

impl Arguments {
    /// Reads the command line; the usage when it cannot be understood.
    fn read(mut words: impl Iterator<Item = String>) -> Result<Self, Failure> {
        let mut arguments = Self::default();
        while let Some(word) = words.next() {
            match word.as_str() {
                "--messages" => arguments.messages = words.next().ok_or(USAGE)?.parse().map_err(|_| USAGE)?,
                "--empty" => arguments.empty = true,
                "--stay" => arguments.stay = true,
                "--approve" => arguments.approve = Some(words.next().ok_or(USAGE)?),
                "--login" => arguments.login = Some(words.next().ok_or(USAGE)?),
                _ => return Err(USAGE.into()),
            }
        }
        if arguments.approve.is_some() != arguments.login.is_some() {
            return Err(USAGE.into());
        }
        Ok(arguments)
    }
}

fn main() -> ExitCode {
    let done = Arguments::read(std::env::args().skip(1)).and_then(|arguments| {
        match (&arguments.approve, &arguments.login) {
            (Some(url), Some(login)) => approve(url, login),
            _ => office::run(&arguments),
        }
    });
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            complain(&mailroom_model::source_chain(error.as_ref()));
            ExitCode::FAILURE
        }
    }
}

type Failure = Box<dyn std::error::Error>;

fn approve(url: &str, login: &str) -> Result<(), Failure> {
    let landing = mailroom_tests::browser::approve_blocking(url, login)?;
    let status = landing.page.as_ref().map(|page| page.status);
    print(&serde_json::json!({ "address": landing.address, "status": status }));
    Ok(())
}

#[cfg(unix)]
mod office {
    use mailroom_tests::generate::{Generator, Profile};
    use mailroom_tests::office::{Office, OfficeOptions};
    use serde_json::json;
    use tokio::signal::unix::{SignalKind, signal};
    use tokio::sync::mpsc;

    use super::{Arguments, Failure, print, wait_for_end_of_input};

    /// The same mail every time.
    const SEED: u64 = 1;

    pub(super) fn run(arguments: &Arguments) -> Result<(), Failure> {
        let office = Office::start(&OfficeOptions::default())?;
        let users = office.users();
        let mut counts = serde_json::Map::new();
        if !arguments.empty {
            for (user, _) in users.iter().take(2) {
                counts.insert(user.clone(), json!(office.sample_mail(user)?));
            }
        }
        if let Some((user, _)) = users.first().filter(|_| arguments.messages > 0) {
            office.fill(
                user,
                "INBOX",
                &mut Generator::new(SEED, Profile::Mixed),
                arguments.messages,
            )?;
        }
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        let result = runtime.block_on(async {
            let (ended, mut end) = mpsc::channel(1);
            if !arguments.stay {
                std::thread::Builder::new()
                    .name("standard input".to_owned())
                    .spawn(move || {
                        wait_for_end_of_input();
                        let _ = ended.blocking_send(());
                    })?;
            }
            let mut signals = [
                signal(SignalKind::terminate())?,
                signal(SignalKind::interrupt())?,
                signal(SignalKind::hangup())?,
            ];
            let policy = office.write_policy(None)?;
            print(&json!({
                "ready": true,
                "dir": office.dir(),
                "ca": office.ca_path(),
                "policy": policy,
                "domain": office.domain(),
                "ports": {
                    "imap": office.imap_port(),
                    "imaps": office.imaps_port(),
                    "submission": office.submission_port(),
                    "submissions": office.submissions_port(),
                    "lmtp": office.lmtp_port(),
                },
                "issuer": office.issuer(),
                "client_id": office.client_id(),
                "users": users.iter().cloned().collect::<std::collections::BTreeMap<_, _>>(),
                "sample_messages": counts,
                "generated_messages": arguments.messages,
            }));
            let [terminate, interrupt, hangup] = &mut signals;
            tokio::select! {
                _ = terminate.recv() => {}
                _ = interrupt.recv() => {}
                _ = hangup.recv() => {}
                Some(()) = end.recv() => {}
            }
            Ok(())
        });
        drop(office);
        result
    }
}

#[cfg(not(unix))]
mod office {
    use super::{Arguments, Failure};

    pub(super) fn run(_arguments: &Arguments) -> Result<(), Failure> {
        Err("the test office needs Linux".into())
    }
}

fn wait_for_end_of_input() {
    let mut bytes = [0; 1024];
    let mut input = std::io::stdin().lock();
    while matches!(input.read(&mut bytes), Ok(count) if count > 0) {}
}

#[expect(clippy::print_stdout, reason = "the answer of a program")]
fn print(line: &serde_json::Value) {
    println!("{line}");
}

#[expect(clippy::print_stderr, reason = "why the program failed")]
fn complain(words: &str) {
    eprintln!("mailroom-office: {words}");
}
