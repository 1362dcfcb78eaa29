//! The desktop application's program; everything is in the library.

// No console window beside the application on Windows.
#![cfg_attr(all(windows, not(debug_assertions)), windows_subsystem = "windows")]

use std::process::ExitCode;

fn main() -> ExitCode {
    match mailroom_shell::run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            complain(&error);
            ExitCode::FAILURE
        }
    }
}

#[expect(
    clippy::print_stderr,
    reason = "without a window, standard error is the only place left to say why"
)]
fn complain(error: &dyn std::error::Error) {
    let cause = error.source().map(|source| format!(": {source}"));
    eprintln!("Mailroom did not start: {error}{}", cause.unwrap_or_default());
}
