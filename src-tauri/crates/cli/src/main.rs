//! The `mailroom` command: the api from a terminal.
//!
//! # Room: cli
//!
//! - **Does**: turns a command line into calls of the api, and replies, events and errors into sentences and tables for
//!   people, or JSON for programs; asks a person on a terminal for what is missing.
//! - **Owns**: the command line, the exit status, the English words for every code, and the terminal's safety from
//!   foreign text.
//! - **Never**: decides anything about mail, keeps anything, or reads the environment outside of this file.

mod args;
mod ask;
mod browser;
mod commands;
mod exit;
mod failure;
mod output;
mod session;
mod words;

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use clap::Parser;
use mailroom_api::{CancellationToken, Secret, WireError};
use tracing_subscriber::EnvFilter;

use args::Arguments;
use exit::Exit;
use failure::Failure;
use output::{Output, Surroundings};
use session::Start;

/// How long work may go on after Ctrl-C before the person is told that it does.
const HINT_AFTER: Duration = Duration::from_millis(500);

/// What the environment says. Read once, here.
struct Environment {
    home: Option<PathBuf>,
    vault: Option<OsString>,
    passphrase: Option<OsString>,
    log: Option<String>,
    certificates: Option<PathBuf>,
    policy: Option<PathBuf>,
    colours: bool,
    names_zone: bool,
}

impl Environment {
    #[expect(
        clippy::disallowed_methods,
        reason = "this is the edge at which the environment is read"
    )]
    fn read() -> Self {
        let given = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty());
        Self {
            home: given("MAILROOM_HOME").map(PathBuf::from),
            vault: given("MAILROOM_VAULT"),
            passphrase: given("MAILROOM_VAULT_PASSPHRASE"),
            log: given("MAILROOM_LOG").and_then(|value| value.into_string().ok()),
            certificates: given("SSL_CERT_FILE").map(PathBuf::from),
            policy: given("MAILROOM_POLICY").map(PathBuf::from),
            colours: given("NO_COLOR").is_none() && given("TERM").is_none_or(|terminal| terminal != "dumb"),
            names_zone: given("TZ").is_some(),
        }
    }
}

fn main() -> ExitCode {
    let environment = Environment::read();
    let exit = match Arguments::try_parse() {
        Ok(arguments) => run(arguments, environment),
        Err(error) => refuse(&error, environment.colours),
    };
    ExitCode::from(exit.status())
}

/// Says what is wrong with the command line, or prints the help that was asked for.
fn refuse(error: &clap::Error, colours: bool) -> Exit {
    if !error.use_stderr() {
        // A reader that closed standard output has seen enough of the help.
        let _ = error.print();
        return Exit::Success;
    }
    let wants_json = std::env::args_os()
        .take_while(|argument| argument != "--")
        .any(|argument| argument == "--json");
    if wants_json {
        let mut output = Output::of_process(true, false, Surroundings::of_process(colours, false));
        output.error(&WireError::input("arguments", error.to_string().trim()));
    } else {
        let _ = error.print();
    }
    Exit::Usage
}

fn run(arguments: Arguments, environment: Environment) -> Exit {
    let verbose = arguments.verbose > 0;
    let is_json = arguments.json;
    let surroundings = Surroundings::of_process(environment.colours, environment.names_zone);
    let mut output = Output::of_process(is_json, verbose, surroundings.clone());
    listen_to_the_program(arguments.verbose, environment.log.as_deref());

    let mut builder = if arguments.command.only_reads() {
        // Threads would be made that have nothing to do.
        tokio::runtime::Builder::new_current_thread()
    } else {
        tokio::runtime::Builder::new_multi_thread()
    };
    let runtime = match builder.worker_threads(2).enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return end(&mut output, Err(Failure::internal(&error)), false),
    };
    let start = Start::new(
        arguments.home.or(environment.home),
        environment.vault,
        environment
            .passphrase
            .map(|text| Secret::new(text.to_string_lossy().into_owned())),
        environment.certificates,
        environment.policy,
    );
    let cancel = CancellationToken::new();
    let (result, interrupted) = runtime.block_on(async {
        let work = commands::run(arguments.command, &start, &cancel, &mut output);
        tokio::pin!(work);
        tokio::select! {
            biased;
            () = interruption() => {}
            result = &mut work => return (result, false),
        }
        cancel.cancel();
        let hint = tokio::time::sleep(HINT_AFTER);
        tokio::pin!(hint);
        let mut hinted = false;
        loop {
            tokio::select! {
                biased;
                () = interruption() => break (Err(Failure::cancelled()), true),
                result = &mut work => break (result, true),
                () = &mut hint, if !hinted => {
                    hinted = true;
                    let mut aside = Output::of_process(is_json, false, surroundings.clone());
                    aside.remark("Finishing what has begun. Ctrl-C again ends at once.");
                }
            }
        }
    });
    // Not dropped: a thread may still wait for a line that nobody will type.
    runtime.shutdown_background();
    end(&mut output, result, interrupted)
}

fn end(output: &mut Output, result: Result<Exit, Failure>, interrupted: bool) -> Exit {
    match result {
        Ok(_) if interrupted => Exit::Cancelled,
        Ok(exit) => exit,
        Err(failure) => {
            if let Some(error) = failure.told() {
                output.error(&error);
            }
            if interrupted {
                Exit::Cancelled
            } else {
                failure.exit()
            }
        }
    }
}

/// Ctrl-C, or the system's wish that the program ends.
async fn interruption() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        match signal(SignalKind::terminate()) {
            Ok(mut terminate) => {
                tokio::select! {
                    _ = tokio::signal::ctrl_c() => {}
                    _ = terminate.recv() => {}
                }
            }
            Err(_) => {
                let _ = tokio::signal::ctrl_c().await;
            }
        }
    }
    #[cfg(not(unix))]
    {
        let _ = tokio::signal::ctrl_c().await;
    }
}

/// Writes what the program reports on the way to standard error, when that was asked for.
fn listen_to_the_program(verbose: u8, wanted: Option<&str>) {
    let filter = match (wanted, verbose) {
        (Some(wanted), _) => EnvFilter::try_new(wanted).ok(),
        (None, 0) => None,
        (None, 1) => EnvFilter::try_new("mailroom=info,mailroom_engine=info,mailroom_api=info").ok(),
        (None, _) => EnvFilter::try_new("info,mailroom=debug,mailroom_api=debug,mailroom_engine=debug,mailroom_connect=debug,mailroom_protocol=debug,mailroom_store=debug,mailroom_vault=debug").ok(),
    };
    if let Some(filter) = filter {
        let subscriber = tracing_subscriber::fmt()
            .with_env_filter(filter)
            .with_writer(std::io::stderr)
            .with_ansi(false)
            .finish();
        // Only one subscriber is ever set in this process.
        let _ = tracing::subscriber::set_global_default(subscriber);
    }
}
