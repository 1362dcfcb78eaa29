//! The hook that writes a report when a thread of the program panics.

use std::backtrace::Backtrace;
use std::panic::{self, PanicHookInfo};
use std::thread;

use time::OffsetDateTime;

use crate::report::{self, Crash, Reports};

/// From now on a panic leaves a report, here and on standard error. The text of a panic is left out of both, unless it is
/// a literal: put together, it may hold what somebody wrote.
pub(crate) fn install(reports: Reports) {
    panic::set_hook(Box::new(move |info| {
        let at = OffsetDateTime::now_utc();
        let text = text(at, info);
        if reports.keep(at, &text).is_err() {
            complain("The report could not be kept.");
        }
        complain(&text);
    }));
}

fn text(at: OffsetDateTime, info: &PanicHookInfo<'_>) -> String {
    let backtrace = Backtrace::force_capture().to_string();
    let thread = thread::current();
    report::of_crash(
        at,
        Crash {
            thread: thread.name().unwrap_or("without a name"),
            place: info.location().map(|place| (place.file(), place.line())),
            words: info.payload().downcast_ref::<&'static str>().copied(),
            backtrace: &backtrace,
        },
    )
}

#[expect(
    clippy::print_stderr,
    reason = "a program that breaks says so where it was started"
)]
fn complain(text: &str) {
    eprintln!("{text}");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn panicking_thread_leaves_a_report_without_what_it_worked_on() {
        let home = tempfile::tempdir().unwrap();
        let reports = Reports::new(home.path());
        install(reports.clone());
        let run = |name: &str, work: fn()| {
            let thread = thread::Builder::new().name(name.to_owned()).spawn(work).unwrap();
            assert!(thread.join().is_err());
        };
        run("literal", || panic!("the list is empty"));
        run("formatted", || {
            let secret = String::from("hunter2");
            panic!("cannot read {secret}");
        });
        drop(panic::take_hook());

        // The hook is the whole process's: other tests may have left reports here too.
        let of = |thread: &str| {
            let line = format!("Thread: {thread}\n");
            let mut texts = reports.list().into_iter().map(|report| report.text);
            texts.find(|text| text.contains(&line)).unwrap()
        };
        let (literal, formatted) = (of("literal"), of("formatted"));
        assert!(literal.contains("Words: the list is empty\n"), "{literal}");
        assert!(literal.contains("Place: src-tauri/src/crash.rs:"), "{literal}");
        assert!(literal.contains("mailroom_shell::crash::tests::"), "{literal}");
        assert!(!formatted.contains("Words:"), "{formatted}");
        assert!(!formatted.contains("hunter2"), "{formatted}");
    }
}
