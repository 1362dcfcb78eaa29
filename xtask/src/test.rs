use std::process::Command;
use std::time::Duration;

use crate::failure::{Failure, Outcome};
use crate::licences;
use crate::process::{self, cargo, npm};
use crate::run;
use crate::setup;
use crate::terminal::{Stopwatch, say, seconds};

/// Every check and test of the project, cheapest first; stops at the first that fails.
///
/// The sum of the tests is the last thing printed.
pub(crate) fn everything() -> Outcome<()> {
    let whole = Stopwatch::start();
    stage("setup", setup::everything)?;
    let mut tally = Tally::default();
    licences::write()?;
    stage("page: types, lint, format, tests, build", || {
        counted(npm("ui", &["run", "--silent", "check"]), &mut tally)
    })?;
    stage("Rust: format", || {
        process::run(cargo(&["fmt", "--all", "--", "--check"]))
    })?;
    stage("Rust: lint", || {
        process::run(cargo(&[
            "clippy",
            "--workspace",
            "--all-targets",
            "--",
            "--deny",
            "warnings",
        ]))
    })?;
    stage("licences", licences::check)?;
    stage("Rust: the programs that tests start", || {
        run::build_programs()?;
        run::build_desktop()
    })?;
    stage("Rust: tests", || {
        let tests = ["test", "--workspace", "--lib", "--bins", "--tests"];
        // Built first: building says nothing that is counted, and may take long.
        process::run(cargo(&[&tests[..], &["--no-run"]].concat()))?;
        counted(cargo(&tests), &mut tally)
    })?;
    stage("window: the application under WebDriver", || {
        let tests = ["test", "--package", "mailroom-tests", "--test", "window"];
        process::run(cargo(&[&tests[..], &["--no-run"]].concat()))?;
        // One after the other: each is a desktop with two browsers and an office.
        counted(
            cargo(&[&tests[..], &["--", "--test-threads=1"]].concat()),
            &mut tally,
        )
    })?;
    stage(
        "browser: the page in Chromium, with the real core behind it",
        || counted(npm("ui", &["run", "--silent", "e2e"]), &mut tally),
    )?;
    say(&format!("\nEverything took {}.", seconds(whole.elapsed())));
    if tally.passed == 0 {
        return Err(Failure::Answer("tests that ran".into(), "none did".into()));
    }
    say(&tally.to_string());
    Ok(())
}

/// How long tests may say nothing: one that waits for ever must not hold the run. The longest single one of them takes some
/// minutes, and several times as long on a busy machine.
const LONGEST_SILENCE: Duration = Duration::from_mins(40);

/// Runs tests to their end, passes on what they print and counts them.
fn counted(command: Command, tally: &mut Tally) -> Outcome<()> {
    process::run_with_lines(command, LONGEST_SILENCE, |line| {
        say(line);
        tally.read(line);
    })
}

/// Runs one stage between a headline and its time.
fn stage(name: &str, work: impl FnOnce() -> Outcome<()>) -> Outcome<()> {
    say(&format!("\n== {name}"));
    let watch = Stopwatch::start();
    let outcome = work();
    let verdict = if outcome.is_ok() { "took" } else { "failed after" };
    say(&format!("-- {name} {verdict} {}", seconds(watch.elapsed())));
    outcome
}

/// A line without the colours of a terminal (ECMA-48, "select graphic rendition").
fn plain(line: &str) -> String {
    let mut parts = line.split("\u{1b}[");
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |text, part| {
        let rest = part.split_once('m').map_or(part, |(_, rest)| rest);
        text + rest
    })
}

/// The sum of what the test programs report.
#[derive(Debug, Default, PartialEq, Eq)]
struct Tally {
    passed: u64,
    failed: u64,
    ignored: u64,
}

impl Tally {
    /// Adds a line such as "test result: ok. 12 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; …" of Rust's
    /// tests, or "Tests  1 failed | 11 passed | 1 skipped (13)" of the page's.
    fn read(&mut self, line: &str) {
        let line = plain(line);
        let line = line.trim();
        let Some(result) = line
            .strip_prefix("test result: ")
            .or_else(|| line.strip_prefix("Tests "))
        else {
            return;
        };
        for part in result.split([';', '.', '|', '(']) {
            let Some((number, word)) = part.trim().split_once(' ') else {
                continue;
            };
            let Ok(number) = number.parse::<u64>() else {
                continue;
            };
            match word {
                "passed" => self.passed += number,
                "failed" => self.failed += number,
                "ignored" | "skipped" => self.ignored += number,
                _ => {}
            }
        }
    }
}

impl std::fmt::Display for Tally {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{} passed, {} failed", self.passed, self.failed)?;
        if self.ignored > 0 {
            write!(formatter, ", {} ignored", self.ignored)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tally_of_several_programs_is_their_sum() {
        let mut tally = Tally::default();
        for line in [
            "running 12 tests",
            "test result: ok. 12 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.01s",
            "test some::name ... ok",
            " \u{1b}[2m Test Files \u{1b}[22m \u{1b}[1m\u{1b}[32m1 passed\u{1b}[39m (1)",
            "\u{1b}[2m      Tests \u{1b}[22m \u{1b}[1m\u{1b}[31m1 failed\u{1b}[39m | \u{1b}[32m5 passed\u{1b}[39m | 2 skipped (8)",
            "test result: FAILED. 3 passed; 2 failed; 0 ignored; 0 measured; 7 filtered out; finished in 9.87s",
        ] {
            tally.read(line);
        }
        assert_eq!(
            tally,
            Tally {
                passed: 20,
                failed: 3,
                ignored: 3
            }
        );
        assert_eq!(tally.to_string(), "20 passed, 3 failed, 3 ignored");
    }

    #[test]
    fn tally_without_ignored_tests_does_not_mention_them() {
        assert_eq!(
            Tally {
                passed: 4,
                failed: 0,
                ignored: 0
            }
            .to_string(),
            "4 passed, 0 failed"
        );
    }
}
