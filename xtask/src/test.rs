use crate::display::{Appearance, HiddenWindow};
use crate::failure::{Failure, Outcome};
use crate::process::{self, cargo, npm};
use crate::setup;
use crate::terminal::{Stopwatch, say, seconds};

/// Every check and test of the project, cheapest first; stops at the first that fails.
///
/// The sum of the tests is the last thing printed.
pub(crate) fn everything() -> Outcome<()> {
    let whole = Stopwatch::start();
    stage("setup", setup::everything)?;
    stage("page: types, lint, format, tests, build", || {
        process::run(npm("ui", &["run", "--silent", "check"]))
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
    stage("Rust: the programs that tests start", || {
        process::run(cargo(&[
            "build",
            "--package",
            "mailroom-cli",
            "--package",
            "mailroom-tests",
            "--bins",
        ]))?;
        process::run(cargo(&["build", "--package", "mailroom-desktop"]))
    })?;
    stage("window: opens and paints its page", || {
        HiddenWindow::open(Appearance {
            dark: false,
            locale: None,
        })
        .map(drop)
    })?;
    let mut tally = Tally::default();
    stage("Rust: tests", || {
        process::run_with_lines(
            cargo(&["test", "--workspace", "--lib", "--bins", "--tests"]),
            |line| {
                say(line);
                tally.read(line);
            },
        )
    })?;
    say(&format!("\nEverything took {}.", seconds(whole.elapsed())));
    if tally.passed == 0 {
        return Err(Failure::Answer("tests that ran".into(), "none did".into()));
    }
    say(&tally.to_string());
    Ok(())
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

/// The sum of what the test programs report.
#[derive(Debug, Default, PartialEq, Eq)]
struct Tally {
    passed: u64,
    failed: u64,
    ignored: u64,
}

impl Tally {
    /// Adds a line such as "test result: ok. 12 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; …".
    fn read(&mut self, line: &str) {
        let Some(result) = line.strip_prefix("test result: ") else {
            return;
        };
        for part in result.split([';', '.']) {
            let Some((number, word)) = part.trim().split_once(' ') else {
                continue;
            };
            let Ok(number) = number.parse::<u64>() else {
                continue;
            };
            match word {
                "passed" => self.passed += number,
                "failed" => self.failed += number,
                "ignored" => self.ignored += number,
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
            "test result: FAILED. 3 passed; 2 failed; 0 ignored; 0 measured; 7 filtered out; finished in 9.87s",
        ] {
            tally.read(line);
        }
        assert_eq!(
            tally,
            Tally {
                passed: 15,
                failed: 2,
                ignored: 1
            }
        );
        assert_eq!(tally.to_string(), "15 passed, 2 failed, 1 ignored");
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
