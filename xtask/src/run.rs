use crate::failure::Outcome;
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

/// Builds `ui/dist`, which the shell embeds.
pub(crate) fn build_page() -> Outcome<()> {
    process::run(process::npm("ui", &["run", "--silent", "build"]))
}
