//! What a crash leaves: a report that can be read, without mail and without secrets. It stays on this machine.

use std::fmt::Write as _;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde::Serialize;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::private;

/// Reports that are kept; the oldest go.
const KEPT: usize = 10;

/// Frames that are written of one crash.
const FRAMES: usize = 60;

/// The longest name of a function or an error that is written.
const NAME: usize = 240;

/// The folder with the reports.
#[derive(Clone, Debug)]
pub(crate) struct Reports(PathBuf);

/// A report as the page shows it.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Report {
    /// Names it.
    pub(crate) id: String,
    /// Unix milliseconds.
    pub(crate) at: i64,
    pub(crate) text: String,
}

/// What is known of a panic.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Crash<'a> {
    /// The thread's name.
    pub(crate) thread: &'a str,
    /// File and line.
    pub(crate) place: Option<(&'a str, u32)>,
    /// The panic's own words, only when they are a literal of the source.
    pub(crate) words: Option<&'static str>,
    /// As the standard library writes it.
    pub(crate) backtrace: &'a str,
}

impl Reports {
    /// The reports in `home`.
    pub(crate) fn new(home: &Path) -> Self {
        Self(home.join("reports"))
    }

    /// Every report, newest first. A file that is none of ours is left out.
    pub(crate) fn list(&self) -> Vec<Report> {
        let mut reports: Vec<Report> = self
            .ids()
            .into_iter()
            .filter_map(|(at, id)| {
                let text = fs::read_to_string(self.0.join(&id)).ok()?;
                Some(Report { id, at, text })
            })
            .collect();
        reports.reverse();
        reports
    }

    /// Deletes a report.
    ///
    /// # Errors
    ///
    /// There is no such report, or it cannot be deleted.
    pub(crate) fn dismiss(&self, id: &str) -> io::Result<()> {
        let known = self.ids().into_iter().any(|(_, known)| known == id);
        if known {
            fs::remove_file(self.0.join(id))
        } else {
            Err(io::ErrorKind::NotFound.into())
        }
    }

    /// Keeps a report, and lets the oldest go.
    ///
    /// # Errors
    ///
    /// The folder cannot be written to.
    pub(crate) fn keep(&self, at: OffsetDateTime, text: &str) -> io::Result<()> {
        // Two threads may break in the same millisecond, and a clock may be set back: the newest comes last all the same.
        let last = self.ids().pop().map_or(i64::MIN, |(last, _)| last);
        let millis = unix_millis(at).max(last.saturating_add(1));
        private::write(&self.0.join(name(millis)), text.as_bytes())?;
        let ids = self.ids();
        for (_, old) in ids.iter().take(ids.len().saturating_sub(KEPT)) {
            fs::remove_file(self.0.join(old))?;
        }
        Ok(())
    }

    /// When and what, oldest first.
    fn ids(&self) -> Vec<(i64, String)> {
        let mut ids: Vec<(i64, String)> = fs::read_dir(&self.0)
            .into_iter()
            .flatten()
            .filter_map(|entry| {
                let id = entry.ok()?.file_name().into_string().ok()?;
                let at = id.strip_prefix("crash-")?.strip_suffix(".txt")?.parse().ok()?;
                Some((at, id))
            })
            .collect();
        ids.sort_unstable();
        ids
    }
}

fn name(millis: i64) -> String {
    format!("crash-{millis}.txt")
}

fn unix_millis(at: OffsetDateTime) -> i64 {
    i64::try_from(at.unix_timestamp_nanos() / 1_000_000).unwrap_or_default()
}

/// The report of a panic.
pub(crate) fn of_crash(at: OffsetDateTime, crash: Crash<'_>) -> String {
    let mut text = head(at, "the program");
    let _ = writeln!(text, "Thread: {}", short(crash.thread));
    if let Some((file, line)) = crash.place {
        let _ = writeln!(text, "Place: {}:{line}", source(file));
    }
    if let Some(words) = crash.words {
        let _ = writeln!(text, "Words: {}", short(words));
    }
    text.push_str("\nFrames:\n");
    for frame in frames(crash.backtrace) {
        let _ = writeln!(text, "  {frame}");
    }
    text
}

/// The report of a failure of the page. `frames` has been through [`is_own_frame`] before, in the page; here it is the
/// rule. `None` when the name is none of an error's.
pub(crate) fn of_page(at: OffsetDateTime, error: &str, frames: &[String]) -> Option<String> {
    let is_name = (1..=60).contains(&error.len()) && error.chars().all(|c| c.is_ascii_alphanumeric());
    if !is_name {
        return None;
    }
    let mut text = head(at, "the page");
    let _ = write!(text, "Error: {error}\n\nFrames:\n");
    for frame in frames.iter().filter(|frame| is_own_frame(frame)).take(FRAMES) {
        let _ = writeln!(text, "  {frame}");
    }
    Some(text)
}

fn head(at: OffsetDateTime, what: &str) -> String {
    format!(
        "Mailroom {} on {} {}\nTime: {}\nWhat broke: {what}\n",
        env!("CARGO_PKG_VERSION"),
        std::env::consts::OS,
        std::env::consts::ARCH,
        at.format(&Rfc3339).unwrap_or_default(),
    )
}

/// The names of functions, from where the panic began. Paths are those of the machine that built the program, and are
/// left out.
fn frames(backtrace: &str) -> Vec<&str> {
    let mut names: Vec<&str> = backtrace
        .lines()
        .filter_map(|line| {
            let (number, name) = line.trim_start().split_once(": ")?;
            number.bytes().all(|c| c.is_ascii_digit()).then_some(name.trim())
        })
        .collect();
    let machinery = |name: &&str| {
        [
            "core::panicking::",
            "std::panicking::",
            "std::backtrace",
            "rust_begin_unwind",
            "__rustc::rust_begin_unwind",
            "std::sys::backtrace",
        ]
        .iter()
        .any(|begin| name.trim_start_matches('<').starts_with(begin))
    };
    if let Some(last) = names.iter().take(24).rposition(machinery) {
        names.drain(..=last);
    }
    names.truncate(FRAMES);
    names.into_iter().map(short).collect()
}

/// A source file as it is called in its own package.
fn source(file: &str) -> String {
    let parts: Vec<&str> = file.split(['/', '\\']).collect();
    let is_whole = file.starts_with('/') || file.contains(':');
    let skipped = if is_whole {
        parts.len().saturating_sub(3)
    } else {
        0
    };
    parts.get(skipped..).unwrap_or_default().join("/")
}

/// `function assets/file.js:line:column`.
pub(crate) fn is_own_frame(frame: &str) -> bool {
    let Some((function, place)) = frame.rsplit_once(' ') else {
        return false;
    };
    let mut parts = place.rsplitn(3, ':');
    let is_number = |text: Option<&str>| {
        text.is_some_and(|text| (1..=9).contains(&text.len()) && text.bytes().all(|c| c.is_ascii_digit()))
    };
    let (column, line) = (is_number(parts.next()), is_number(parts.next()));
    let file = parts.next().unwrap_or_default();
    column
        && line
        && function.len() <= 80
        && function
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || "$_.<>/() ".contains(c))
        && file.len() <= 130
        && (file.starts_with("assets/") || file.starts_with("src/"))
        && file
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || "-_./".contains(c))
}

fn short(text: &str) -> &str {
    let end = text
        .char_indices()
        .nth(NAME)
        .map_or(text.len(), |(index, _)| index);
    text.get(..end)
        .unwrap_or_default()
        .lines()
        .next()
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;

    const AT: OffsetDateTime = datetime!(2026-11-22 19:00 UTC);

    #[test]
    fn report_of_a_crash_says_where_and_nothing_of_other_machines() {
        let text = of_crash(
            AT,
            Crash {
                thread: "main",
                place: Some((
                    "/home/someone/.cargo/registry/src/index/tao-0.37.2/src/event.rs",
                    7,
                )),
                words: Some("never"),
                backtrace: "   0: std::backtrace_rs::backtrace::trace\n             at /rustc/x/lib.rs:1:2\n   \
                            1: __rustc::rust_begin_unwind\n   2: core::panicking::panic_fmt\n   3: mailroom_shell::window::open\n             \
                            at ./src-tauri/src/window.rs:3:4\n   4: main\n",
            },
        );
        assert_eq!(
            text,
            format!(
                "Mailroom {} on {} {}\nTime: 2026-11-22T19:00:00Z\nWhat broke: the program\nThread: main\n\
                 Place: tao-0.37.2/src/event.rs:7\nWords: never\n\nFrames:\n  mailroom_shell::window::open\n  main\n",
                env!("CARGO_PKG_VERSION"),
                std::env::consts::OS,
                std::env::consts::ARCH
            )
        );
    }

    #[test]
    fn report_of_the_page_takes_names_and_places_and_no_text() {
        let frames = [
            "show assets/index-a1b2.js:1:234",
            "(anonymous) assets/index-a1b2.js:1:234",
            "Dear Anna, the password is 1234",
            "x https://evil.example/a.js:1:1",
            "żółw assets/a.js:1:1",
            "x assets/a.js:1",
        ]
        .map(str::to_owned);
        let text = of_page(AT, "TypeError", &frames).unwrap();
        assert!(
            text.ends_with(
                "Error: TypeError\n\nFrames:\n  show assets/index-a1b2.js:1:234\n  (anonymous) assets/index-a1b2.js:1:234\n"
            ),
            "{text}"
        );
        assert_eq!(of_page(AT, "TypeError: Dear Anna", &[]), None);
        assert_eq!(of_page(AT, "", &[]), None);
    }

    #[test]
    fn reports_are_listed_newest_first_and_the_eleventh_pushes_the_first_out() {
        let home = tempfile::tempdir().unwrap();
        let reports = Reports::new(home.path());
        assert_eq!(reports.list(), []);
        for number in 0..12 {
            reports.keep(AT, &format!("report {number}")).unwrap();
        }
        fs::write(home.path().join("reports/other.txt"), "x").unwrap();
        let list = reports.list();
        let texts: Vec<&str> = list.iter().map(|report| report.text.as_str()).collect();
        assert_eq!(texts.len(), KEPT);
        assert_eq!(texts.first(), Some(&"report 11"));
        assert_eq!(texts.last(), Some(&"report 2"));
        assert_eq!(
            list.last().map(|report| report.at),
            Some(AT.unix_timestamp() * 1000 + 2)
        );

        reports.dismiss(&list[0].id).unwrap();
        assert_eq!(reports.list().len(), KEPT - 1);
        for id in ["../window.json", "other.txt", "crash-1.txt"] {
            assert!(reports.dismiss(id).is_err(), "{id}");
        }
        assert!(home.path().join("reports/other.txt").exists());
    }

    #[test]
    fn source_file_is_called_as_in_its_package() {
        for (file, name) in [
            ("src-tauri/src/window.rs", "src-tauri/src/window.rs"),
            (
                "/home/a/.cargo/registry/src/x/tao-0.1.0/src/lib.rs",
                "tao-0.1.0/src/lib.rs",
            ),
            ("C:\\Users\\a\\tao-0.1.0\\src\\lib.rs", "tao-0.1.0/src/lib.rs"),
        ] {
            assert_eq!(source(file), name);
        }
    }
}
