use crate::failure::Outcome;
use crate::packages::{self, BENCH, WINDOW};
use crate::process;
use crate::run;
use crate::setup;

/// Runs the named benchmarks, or all of them, in a release build.
pub(crate) fn take(names: &[&str]) -> Outcome<()> {
    if names == ["detect"] {
        // It speaks to nobody and needs nothing built.
        return measure(names);
    }
    setup::for_office()?;
    packages::ensure(&[BENCH])?;
    if names.is_empty() || names.contains(&"window") {
        setup::for_desktop()?;
        packages::ensure(&[WINDOW])?;
        run::build_page()?;
        process::run(process::cargo(&[
            "build",
            "--release",
            "--package",
            "mailroom-desktop",
        ]))?;
    }
    // The benchmarks measure the command as people get it.
    process::run(process::cargo(&[
        "build",
        "--release",
        "--package",
        "mailroom-cli",
    ]))?;
    measure(names)
}

fn measure(names: &[&str]) -> Outcome<()> {
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
