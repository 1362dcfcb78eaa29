//! # xtask
//!
//! The project's tasks, run as `cargo xtask TASK`. README names the ones that matter first.
//!
//! - **Does**: install what is missing, build, check, test, show, draw icons, take pictures, gather licences, package.
//! - **Owns**: the lists of Debian packages, the order of the checks, the headless demonstration.
//! - **Never**: is needed by the product. It uses the programs as anyone would, as child processes.

mod bench;
mod bundle;
mod demo;
mod failure;
mod icons;
mod licences;
mod mail_servers;
mod packages;
mod process;
mod run;
mod screens;
mod setup;
mod soak;
mod terminal;
mod test;
mod workspace;

use std::process::ExitCode;

use failure::{Failure, Outcome};

const HELP: &str = "\
Tasks of the Mailroom project

Usage: cargo xtask TASK [ARGUMENT]...

  setup              install the Debian packages and npm modules that are missing
  run                build the page and open the desktop application
  demo               start a mail office on loopback and open the application with it
  demo --empty       the same at the first screen: connect a mailbox yourself
  demo --headless    connect two mailboxes there, load, find and send mail; print each step
  test               every check and test, in the order of .ci/run
  bench [NAME]...    the benchmarks, or some of them: sync, changes, search, store, window, detect; prints the
                     table of docs/performance.md
  soak [MINUTES]     the tests of chance for a long time: random histories, kills, broken connections
  screens            pictures of the window in both themes and all languages, to docs/screens/
  icons              draw icons/ again from icons/source/
  licences           check the licences of all libraries; gather those of what the program contains
  bundle             the .deb and .rpm packages of this machine's architecture

Every task installs what it needs first (on Debian and Ubuntu, as root or with sudo that asks no
password; elsewhere it says what to install).
";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match dispatch(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            terminal::complain(&format!("\nxtask: {failure}"));
            ExitCode::FAILURE
        }
    }
}

fn dispatch(arguments: &[&str]) -> Outcome<()> {
    if arguments
        .iter()
        .any(|argument| matches!(*argument, "--help" | "-h"))
    {
        terminal::say(HELP);
        return Ok(());
    }
    match arguments {
        [] | ["help"] => {
            terminal::say(HELP);
            Ok(())
        }
        ["setup"] => setup::everything(),
        ["run", rest @ ..] => run::desktop(rest),
        ["demo"] => demo::window(),
        ["demo", "--empty"] => demo::empty_window(),
        ["demo", "--headless"] => demo::headless(),
        ["test"] => test::everything(),
        ["bench", names @ ..] => bench::take(names),
        ["soak"] => soak::take(None),
        ["soak", minutes] => soak::take(Some(minutes)),
        ["screens"] => screens::take(),
        ["icons"] => icons::draw(),
        ["licences"] => licences::check().and_then(|()| licences::write()),
        ["bundle"] => bundle::build(),
        other => Err(Failure::Usage(other.join(" "))),
    }
}
