//! `completions`, `man` and `contract`: what describes the command itself.

use std::path::Path;

use clap::CommandFactory;
use clap_complete::Shell;
use clap_mangen::Man;
use clap_mangen::roff::{Roff, bold, roman};

use crate::args::{Arguments, ENVIRONMENT, EXAMPLES};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::Output;
use crate::session::path_text;

/// The completion script of a shell.
pub(crate) fn completions(shell: Shell, output: &mut Output) -> Result<Exit, Failure> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Arguments::command(), "mailroom", &mut script);
    output.generated(&script)?;
    Ok(Exit::Success)
}

/// The manual page on standard output, or every command's page in a directory.
pub(crate) fn manual(directory: Option<&Path>, output: &mut Output) -> Result<Exit, Failure> {
    let Some(directory) = directory else {
        let pages = pages().map_err(Failure::Output)?;
        let main = pages.first().map(|(_, page)| page.as_slice()).unwrap_or_default();
        output.generated(main)?;
        return Ok(Exit::Success);
    };
    std::fs::create_dir_all(directory)
        .map_err(|error| Failure::unwritable(&directory.display().to_string(), &error))?;
    let mut written = Vec::new();
    for (name, page) in pages().map_err(Failure::Output)? {
        let path = directory.join(&name);
        std::fs::write(&path, page)
            .map_err(|error| Failure::unwritable(&path.display().to_string(), &error))?;
        written.push(path_text("--dir", &path)?);
    }
    output.reply(&serde_json::json!({ "paths": written }), |output| {
        for path in &written {
            output.line(path)?;
        }
        Ok(())
    })?;
    Ok(Exit::Success)
}

/// The contract as TypeScript.
pub(crate) fn contract(output: &mut Output) -> Result<Exit, Failure> {
    output.generated(mailroom_api::typescript().as_bytes())?;
    Ok(Exit::Success)
}

/// File names and pages, the command's own page first.
fn pages() -> std::io::Result<Vec<(String, Vec<u8>)>> {
    let mut command = Arguments::command().disable_help_subcommand(true);
    // Makes clap fill in the whole names of the subcommands.
    command.build();
    let mut pages = Vec::new();
    collect(&command, true, &mut pages)?;
    Ok(pages)
}

fn collect(
    command: &clap::Command,
    is_main: bool,
    pages: &mut Vec<(String, Vec<u8>)>,
) -> std::io::Result<()> {
    // `mailroom-account-add`, once the command is built.
    let name = command
        .get_display_name()
        .unwrap_or_else(|| command.get_name())
        .to_owned();
    let man = Man::new(command.clone())
        .title(name.to_uppercase())
        .manual("Mailroom");
    let mut page = Vec::new();
    man.render_title(&mut page)?;
    man.render_name_section(&mut page)?;
    man.render_synopsis_section(&mut page)?;
    man.render_description_section(&mut page)?;
    man.render_options_section(&mut page)?;
    if command.has_subcommands() {
        man.render_subcommands_section(&mut page)?;
    }
    appendix(is_main).to_writer(&mut page)?;
    pages.push((format!("{name}.1"), page));
    for child in command
        .get_subcommands()
        .filter(|child| !child.is_hide_set() && child.get_name() != "help")
    {
        collect(child, false, pages)?;
    }
    Ok(())
}

/// The sections that clap does not know of: in full on the main page, the exit status on every page.
fn appendix(full: bool) -> Roff {
    let mut roff = Roff::new();
    roff.control("SH", ["EXIT STATUS"]);
    for (exit, meaning) in Exit::EVERY {
        roff.control("TP", [])
            .text([bold(exit.status().to_string())])
            .text([roman(*meaning)]);
    }
    if full {
        roff.control("SH", ["ENVIRONMENT"]);
        for (name, meaning) in ENVIRONMENT {
            roff.control("TP", []).text([bold(*name)]).text([roman(*meaning)]);
        }
        roff.control("SH", ["EXAMPLES"]);
        for (line, meaning) in EXAMPLES {
            roff.control("TP", []).text([bold(*line)]).text([roman(*meaning)]);
        }
    }
    roff
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn manual_has_a_page_per_command_with_the_exit_status() {
        let pages = pages().unwrap();
        let names: Vec<&str> = pages.iter().map(|(name, _)| name.as_str()).collect();
        for name in [
            "mailroom.1",
            "mailroom-account.1",
            "mailroom-account-add.1",
            "mailroom-message-mark.1",
        ] {
            assert!(names.contains(&name), "{names:?}");
        }
        assert_eq!(names[0], "mailroom.1");
        assert!(!names.contains(&"mailroom-contract.1"));
        for (name, page) in &pages {
            let text = String::from_utf8(page.clone()).unwrap();
            assert!(
                text.contains(".SH \"EXIT STATUS\"") && text.contains("130"),
                "{name}: {text}"
            );
            assert_eq!(
                text.contains("MAILROOM_VAULT_PASSPHRASE"),
                name == "mailroom.1",
                "{name}"
            );
        }
    }

    #[test]
    fn completions_exist_for_every_shell() {
        for shell in [
            Shell::Bash,
            Shell::Zsh,
            Shell::Fish,
            Shell::PowerShell,
            Shell::Elvish,
        ] {
            let mut script = Vec::new();
            clap_complete::generate(shell, &mut Arguments::command(), "mailroom", &mut script);
            assert!(String::from_utf8(script).unwrap().contains("sign-in"), "{shell}");
        }
    }
}
