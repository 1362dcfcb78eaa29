use crate::failure::Outcome;
use crate::packages::{self, BENCH};
use crate::process;
use crate::setup;

/// Runs the named benchmarks, or all of them, in a release build.
pub(crate) fn run(names: &[&str]) -> Outcome<()> {
    setup::for_office()?;
    packages::ensure(&[BENCH])?;
    // The benchmarks measure the command as people get it.
    process::run(process::cargo(&[
        "build",
        "--release",
        "--package",
        "mailroom-cli",
    ]))?;
    let mut arguments = vec![
        "run",
        "--release",
        "--package",
        "mailroom-tests",
        "--bin",
        "mailroom-bench",
        "--",
    ];
    arguments.extend(names);
    process::run(process::cargo(&arguments))
}
