//! The machine and the programs that figures were taken with.

use std::fs;
use std::process::Command;

use time::OffsetDateTime;

use super::processes::unix_ms;

/// What stands above a table of figures, in sentences: day, machine, system, and the versions of `programs` that are
/// installed (each with the arguments that make it tell its version).
pub fn surroundings(programs: &[(&str, &[&str])]) -> String {
    let mut parts = vec![day(), processor(), memory(), system()];
    parts.extend(
        programs
            .iter()
            .filter_map(|(program, arguments)| version(program, arguments)),
    );
    parts.retain(|part| !part.is_empty());
    parts.join("; ")
}

/// Today in UTC, `2026-11-23`.
fn day() -> String {
    #[expect(clippy::cast_possible_truncation, reason = "milliseconds of this era")]
    let seconds = (unix_ms() / 1000.0) as i64;
    OffsetDateTime::from_unix_timestamp(seconds)
        .map(|now| now.date().to_string())
        .unwrap_or_default()
}

fn processor() -> String {
    let text = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let mut models = text
        .lines()
        .filter_map(|line| line.strip_prefix("model name"))
        .filter_map(|rest| Some(rest.split_once(": ")?.1));
    let count = std::thread::available_parallelism().map_or(1, usize::from);
    let name = models.next().unwrap_or("a processor without a name");
    format!("{count} cores of {name}")
}

fn memory() -> String {
    let text = fs::read_to_string("/proc/meminfo").unwrap_or_default();
    text.lines()
        .find_map(|line| line.strip_prefix("MemTotal:"))
        .and_then(|value| value.split_whitespace().next()?.parse::<u64>().ok())
        .map(|kilobytes| format!("{} GiB of memory", kilobytes.div_ceil(1 << 20)))
        .unwrap_or_default()
}

fn system() -> String {
    let release = fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    let names = fs::read_to_string("/etc/os-release").unwrap_or_default();
    let name = names
        .lines()
        .find_map(|line| line.strip_prefix("PRETTY_NAME="))
        .unwrap_or("Linux")
        .trim_matches('"');
    format!("{name}, Linux {}", release.trim())
}

/// A program with its version; `None` when it is not there.
fn version(program: &str, arguments: &[&str]) -> Option<String> {
    let output = Command::new(program).args(arguments).output().ok()?;
    let text = String::from_utf8_lossy(&output.stdout);
    // Dovecot says only the number, others their name first.
    let number = text
        .split_whitespace()
        .find(|word| word.starts_with(|first: char| first.is_ascii_digit()))?;
    Some(format!("{program} {}", number.trim_end_matches([',', ';'])))
}
