use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use crate::failure::{Failure, Outcome};
use crate::process::{self, Companion, await_condition};
use crate::workspace::{Scratch, debug_program};

/// How long the window may take on a busy machine.
const WINDOW_LIMIT: Duration = Duration::from_mins(1);

/// A picture with fewer colours than this shows no smoothed text, so nothing was painted yet.
const PAINTED_COLOURS: u32 = 32;

/// How the desktop around the window is set.
#[derive(Clone, Copy)]
pub(crate) struct Appearance {
    pub(crate) dark: bool,
    /// A locale of the C library without its encoding, such as "pl_PL", or none for the plain one, which
    /// is English.
    pub(crate) locale: Option<&'static str>,
}

/// The desktop application on a screen that nobody sees, with a home and a session bus of its own.
///
/// Fields are dropped in this order: the application first, its screen next, its files last.
pub(crate) struct HiddenWindow {
    application: Companion,
    screen: Companion,
    display: String,
    id: String,
    scratch: Scratch,
}

impl HiddenWindow {
    /// Opens the debug build and waits until its page is painted.
    pub(crate) fn open(appearance: Appearance) -> Outcome<Self> {
        let scratch = Scratch::create("window")?;
        let (screen, display) = start_screen()?;
        let application = Companion::start(application_command(&scratch, &display, appearance)?)?;
        let mut window = Self {
            application,
            screen,
            display,
            id: String::new(),
            scratch,
        };
        window.id = window.await_window()?;
        window.await_paint()?;
        Ok(window)
    }

    /// Saves a PNG of the window.
    pub(crate) fn picture(&self, file: &Path) -> Outcome<()> {
        let file = file.to_string_lossy();
        process::capture(self.x_command("import", &["-window", &self.id, "-strip", &file])).map(drop)
    }

    fn await_window(&mut self) -> Outcome<String> {
        await_condition("the window of mailroom-desktop", WINDOW_LIMIT, || {
            if !self.application.is_running() {
                return Some(Err(Failure::Answer("a window".into(), self.application.ending())));
            }
            let tree = process::capture(self.x_command("xwininfo", &["-root", "-tree"])).ok()?;
            main_window(&tree).map(Ok)
        })?
    }

    fn await_paint(&mut self) -> Outcome<()> {
        let file = self.scratch.path().join("paint.png");
        await_condition("the first paint of the page", WINDOW_LIMIT, || {
            if !self.application.is_running() || !self.screen.is_running() {
                return Some(Err(Failure::Answer(
                    "a painted page".into(),
                    self.application.ending(),
                )));
            }
            self.picture(&file).ok()?;
            let count = process::capture(process::command(
                "identify",
                &["-format", "%k", &file.to_string_lossy()],
            ));
            let colours: u32 = count.ok()?.trim().parse().ok()?;
            (colours >= PAINTED_COLOURS).then_some(Ok(()))
        })?
    }

    fn x_command(&self, program: &str, arguments: &[&str]) -> Command {
        let mut command = process::command(program, arguments);
        command.env("DISPLAY", &self.display);
        command
    }
}

/// Starts an X server on a display number that it picks itself; it prints the number when it listens.
fn start_screen() -> Outcome<(Companion, String)> {
    let mut command = process::command(
        "Xvfb",
        &[
            "-displayfd",
            "1",
            "-screen",
            "0",
            "1440x900x24",
            "-nolisten",
            "tcp",
            "-noreset",
            "+extension",
            "GLX",
        ],
    );
    command.stdout(Stdio::piped()).stderr(Stdio::null());
    let mut screen = Companion::start(command)?;
    let number = screen.first_line(Duration::from_secs(20))?;
    Ok((screen, format!(":{number}")))
}

fn application_command(scratch: &Scratch, display: &str, appearance: Appearance) -> Outcome<Command> {
    let program = debug_program("mailroom-desktop");
    let mut command = process::command("dbus-run-session", &["--", &program.to_string_lossy()]);
    // Set before the session bus starts, so that what the bus starts sees the same home.
    command
        .env("DISPLAY", display)
        .env_remove("WAYLAND_DISPLAY")
        .env_remove("DBUS_SESSION_BUS_ADDRESS")
        .env("HOME", scratch.folder("home")?)
        .env("XDG_RUNTIME_DIR", scratch.folder("run")?)
        .env("XDG_DATA_HOME", scratch.folder("data")?)
        .env("XDG_CONFIG_HOME", scratch.folder("config")?)
        .env("XDG_CACHE_HOME", scratch.folder("cache")?)
        .env("MAILROOM_HOME", scratch.folder("mailroom")?)
        .env_remove("LANGUAGE")
        .env(
            "GTK_THEME",
            if appearance.dark {
                "Adwaita:dark"
            } else {
                "Adwaita"
            },
        )
        .env("NO_AT_BRIDGE", "1")
        .stdout(Stdio::null())
        .stderr(Stdio::piped());
    match appearance.locale {
        Some(locale) => command
            .env("LC_ALL", format!("{locale}.UTF-8"))
            .env("LOCPATH", compile_locale(scratch, locale)?),
        None => command.env("LC_ALL", "C.UTF-8"),
    };
    Ok(command)
}

/// Compiles a locale for this run only and returns the folder that it is in: the machine's own set of
/// locales stays as it is.
fn compile_locale(scratch: &Scratch, locale: &str) -> Outcome<PathBuf> {
    let folder = scratch.folder("locales")?;
    let compiled = folder.join(format!("{locale}.UTF-8"));
    let arguments = ["-i", locale, "-f", "UTF-8", &compiled.to_string_lossy()];
    process::capture(process::command("localedef", &arguments))?;
    Ok(folder)
}

/// The id of the window called "Mailroom" in what `xwininfo -root -tree` prints; the small helper windows
/// that toolkits keep under the same name are passed over.
fn main_window(tree: &str) -> Option<String> {
    tree.lines().find_map(|line| {
        let line = line.trim();
        let (id, rest) = line.split_once(' ')?;
        let is_ours = id.starts_with("0x") && rest.trim_start().starts_with("\"Mailroom\"");
        let width: u32 = rest
            .split("  ")
            .find_map(|part| part.trim().split_once('x')?.0.parse().ok())?;
        (is_ours && width >= 300).then(|| id.to_owned())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn main_window_of_a_tree_passes_over_helpers() {
        let tree = r#"
xwininfo: Window id: 0x50d (the root window) (has no name)

     4 children:
     0x200003 "Mailroom": ("mailroom-desktop" "Mailroom-desktop")  10x10+10+10  +10+10
     0x20000a "Mailroom": ("mailroom-desktop" "Mailroom-desktop")  1120x720+160+90  +160+90
        1 child:
        0x20000b (has no name): ()  1x1+-1+-1  +159+89
     0x200001 "mailroom-desktop": ("mailroom-desktop" "Mailroom-desktop")  1120x720+10+10  +10+10
"#;
        assert_eq!(main_window(tree).as_deref(), Some("0x20000a"));
        assert_eq!(main_window(""), None);
    }
}
