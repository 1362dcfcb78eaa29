use crate::failure::{Failure, Outcome};
use crate::process;
use crate::run;
use crate::setup;

/// How long each test of chance goes on when nobody says.
const MINUTES: u32 = 20;

/// The tests of chance for many minutes, with another seed each time: histories on real servers, kills, full disks,
/// and connections that break.
pub(crate) fn take(minutes: Option<&str>) -> Outcome<()> {
    let minutes: u32 = match minutes {
        None => MINUTES,
        Some(text) => text
            .parse()
            .ok()
            .filter(|minutes| *minutes > 0)
            .ok_or_else(|| Failure::Usage(format!("soak {text}")))?,
    };
    setup::for_office()?;
    run::build_programs()?;
    let mut tests = process::cargo(&[
        "test",
        "--package",
        "mailroom-tests",
        "--test",
        "real",
        "--",
        "model::",
        "kill::",
        "disk::",
        "faults::",
    ]);
    tests.env("MAILROOM_SOAK", minutes.to_string());
    process::run(tests)
}
