//! A start of the program while it is still ending.
//!
//! Until its database is closed a program that ends stays the only instance, so another start is handed to it (on macOS a
//! click on its icon, or a link). It keeps what that one was told, and starts the program anew when it is done: neither the
//! wish nor its link is lost. One that is gone before it has listened tells nobody: then the other start is made once more.

use std::process::Command;
use std::sync::{Mutex, MutexGuard, PoisonError};

use tauri::{AppHandle, Manager as _, process};

use crate::StartError;
use crate::arguments::HIDDEN;

/// The word of a start that is made once more. There is no third one: whoever is the only instance then has answered.
const ONCE_MORE: &str = "--once-more";

/// The words of the starts that came too late.
#[derive(Debug, Default)]
pub(crate) struct Again(Mutex<Kept>);

#[derive(Debug, Default)]
struct Kept {
    words: Option<Vec<String>>,
    /// This program is no longer the only instance. What it is still handed came before that, and was answered after it.
    has_left: bool,
}

impl Kept {
    /// Takes the words of a start, the program's name first; gives them back when nobody will ask for what is kept.
    fn take_in(&mut self, words: Vec<String>) -> Option<Vec<String>> {
        let words = joined(self.words.take(), words.into_iter().skip(1).collect());
        if self.has_left {
            return Some(words);
        }
        self.words = Some(words);
        None
    }

    fn leave(&mut self) -> Option<Vec<String>> {
        self.has_left = true;
        self.words.take()
    }
}

impl Again {
    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Keeps the words of a start, the program's name first. Links of several add up.
    pub(crate) fn keep(&self, app: &AppHandle, words: Vec<String>) {
        let late = self.kept().take_in(words);
        if let Some(words) = late {
            start(app, words);
        }
    }

    /// Gives up being the only instance, and starts the program as it was asked for meanwhile. Nothing of this one may
    /// be in use any more.
    pub(crate) fn make_good(&self, app: &AppHandle) {
        tauri_plugin_single_instance::destroy(app);
        let kept = self.kept().leave();
        if let Some(words) = kept {
            start(app, words);
        }
    }
}

fn start(app: &AppHandle, words: Vec<String>) {
    let started =
        process::current_binary(&app.env()).and_then(|program| Command::new(program).args(words).spawn());
    if let Err(error) = started {
        tracing::warn!(kind = ?error.kind(), "the program was not started again");
    }
}

/// Starts the program once more in place of a start that was handed to an instance which ended before it listened. Comes
/// back with the error of any other start.
pub(crate) fn once_more(error: StartError) -> StartError {
    if met_the_end_of_another(&error) && !std::env::args_os().any(|word| word == ONCE_MORE) {
        replace_this_start();
    }
    error
}

fn met_the_end_of_another(error: &StartError) -> bool {
    matches!(error, StartError::Window(tauri::Error::PluginInitialization(plugin, _)) if plugin == "single-instance")
}

/// Comes back only when it is not possible.
#[cfg(unix)]
fn replace_this_start() {
    use std::os::unix::process::CommandExt as _;

    if let Ok(program) = std::env::current_exe() {
        let words = std::env::args_os().skip(1);
        let error = Command::new(program).args(words).arg(ONCE_MORE).exec();
        tracing::warn!(kind = ?error.kind(), "the program was not started once more");
    }
}

/// There the other instance is found by a window, which is gone when it is gone.
#[cfg(not(unix))]
fn replace_this_start() {}

/// The words of two starts. Out of sight it is only when both asked for that.
fn joined(before: Option<Vec<String>>, words: Vec<String>) -> Vec<String> {
    let Some(before) = before else { return words };
    let hides = |words: &[String]| words.iter().any(|word| word == HIDDEN);
    let stays_hidden = hides(&before) && hides(&words);
    let mut all: Vec<String> = before
        .into_iter()
        .chain(words)
        .filter(|word| word != HIDDEN)
        .collect();
    if stays_hidden {
        all.push(HIDDEN.to_owned());
    }
    all.dedup();
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn start_is_made_once_more_only_when_it_met_the_end_of_another() {
        let plugin = |name: &str| {
            StartError::Window(tauri::Error::PluginInitialization(name.to_owned(), String::new()))
        };
        assert!(met_the_end_of_another(&plugin("single-instance")));
        assert!(!met_the_end_of_another(&plugin("deep-link")));
        assert!(!met_the_end_of_another(&StartError::NoDataFolder));
    }

    #[test]
    fn starts_while_ending_are_joined_into_one() {
        let cases: [(&[&[&str]], Option<&[&str]>); 5] = [
            (&[], None),
            (&[&["mailroom"]], Some(&[])),
            (&[&["mailroom", "--hidden"]], Some(&["--hidden"])),
            (
                &[&["mailroom", "--hidden"], &["mailroom", "mailto:a@b.test"]],
                Some(&["mailto:a@b.test"]),
            ),
            (
                &[
                    &["mailroom", "app.mailroom://x"],
                    &["mailroom", "app.mailroom://x"],
                    &["mailroom", "mailto:a@b.test"],
                ],
                Some(&["app.mailroom://x", "mailto:a@b.test"]),
            ),
        ];
        for (starts, expected) in cases {
            let mut kept = Kept::default();
            for words in starts {
                assert_eq!(
                    kept.take_in(words.iter().map(ToString::to_string).collect()),
                    None
                );
            }
            let kept = kept.leave();
            let expected = expected.map(|words| words.iter().map(ToString::to_string).collect::<Vec<_>>());
            assert_eq!(kept, expected, "{starts:?}");
        }
    }

    #[test]
    fn start_that_is_handed_over_after_the_last_look_is_made_at_once() {
        let mut kept = Kept::default();
        assert_eq!(kept.leave(), None);
        let words = ["mailroom", "mailto:a@b.test"].map(str::to_owned).to_vec();
        assert_eq!(kept.take_in(words), Some(vec!["mailto:a@b.test".to_owned()]));
        assert_eq!(kept.leave(), None, "once");
    }
}
