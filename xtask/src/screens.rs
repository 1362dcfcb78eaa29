use crate::failure::Outcome;
use crate::process::{self, npm};
use crate::run;
use crate::setup;
use crate::terminal::say;
use crate::workspace;

/// Takes a picture of every screen, in every language, light and dark, into docs/screens/: the same walk that the browser
/// tests take, with the real core and a real office behind the page.
pub(crate) fn take() -> Outcome<()> {
    setup::everything()?;
    run::build_page()?;
    run::build_programs()?;
    let mut walk = npm("ui", &["run", "--silent", "e2e", "--", "axe"]);
    walk.env("MAILROOM_PICTURES", workspace::root().join("docs/screens"));
    process::run(walk)?;
    say("docs/screens/");
    Ok(())
}
