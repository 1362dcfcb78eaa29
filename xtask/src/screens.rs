use std::fs;

use crate::display::{Appearance, HiddenWindow};
use crate::failure::{At as _, Outcome};
use crate::packages::{self, LANGUAGES, WINDOW};
use crate::process;
use crate::run;
use crate::setup;
use crate::terminal::say;
use crate::workspace;

/// The languages of the interface, each with the locale that asks for it.
const LOCALES: [(&str, &str); 3] = [("en", "en_US"), ("pl", "pl_PL"), ("ru", "ru_RU")];

/// Takes a picture of the window in every language, light and dark, into docs/screens/.
pub(crate) fn take() -> Outcome<()> {
    setup::for_desktop()?;
    packages::ensure(&[WINDOW, LANGUAGES])?;
    run::build_page()?;
    process::run(process::cargo(&["build", "--package", "mailroom-desktop"]))?;
    let folder = workspace::root().join("docs/screens");
    fs::create_dir_all(&folder).at(&folder)?;
    for (language, locale) in LOCALES {
        for dark in [false, true] {
            let name = format!("start-{}-{language}.png", if dark { "dark" } else { "light" });
            HiddenWindow::open(Appearance {
                dark,
                locale: Some(locale),
            })?
            .picture(&folder.join(&name))?;
            say(&format!("docs/screens/{name}"));
        }
    }
    Ok(())
}
