use crate::failure::Outcome;
use crate::licences;
use crate::process;
use crate::setup;

/// Builds the page and the shell and opens the window; `rest` is passed to the application.
pub(crate) fn desktop(rest: &[&str]) -> Outcome<()> {
    setup::for_desktop()?;
    build_page()?;
    let mut arguments = vec!["run", "--package", "mailroom-desktop", "--"];
    arguments.extend(rest);
    process::run(process::cargo(&arguments))
}

/// Builds the command and the programs of the tests, among them the office.
pub(crate) fn build_programs() -> Outcome<()> {
    process::run(process::cargo(&[
        "build",
        "--package",
        "mailroom-cli",
        "--package",
        "mailroom-tests",
        "--bins",
    ]))
}

/// Builds the desktop application.
pub(crate) fn build_desktop() -> Outcome<()> {
    process::run(process::cargo(&["build", "--package", "mailroom-desktop"]))
}

/// Builds `ui/dist`, which the shell embeds, with the licences in it.
pub(crate) fn build_page() -> Outcome<()> {
    licences::write()?;
    process::run(process::npm("ui", &["run", "--silent", "build"]))
}
