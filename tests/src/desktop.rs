//! A desktop without a screen: an X server, a session bus and WebKit's driver, private to one test, and the desktop
//! application on it.

use std::ffi::OsString;
use std::fs;
use std::io;
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::os::unix::fs::{DirBuilderExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus};
use std::time::Duration;

use serde_json::json;
use tempfile::TempDir;
use url::Url;

use crate::office::process::Process;
use crate::until;
use crate::webdriver::{WebDriverError, Window};

/// How long a part of the desktop may take to start.
const READY: Duration = Duration::from_secs(30);

/// What stands in for the person's browser: it notes which page it was to open.
const BROWSER: &str = "#!/bin/sh\nprintf '%s\\n' \"$1\" >> \"$MAILROOM_TEST_PAGES\"\n";

/// Why there is no desktop.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DesktopError {
    /// A file of the desktop cannot be made.
    #[error("a file of the desktop cannot be written")]
    File(#[from] io::Error),
    /// A program could not be started.
    #[error("{program} cannot be started: is its Debian package there? `cargo xtask setup` installs it")]
    Start {
        /// The program.
        program: &'static str,
        /// Why not.
        #[source]
        source: io::Error,
    },
    /// A program did not get ready.
    #[error("{program} did not get ready:\n{log}")]
    NotReady {
        /// The program.
        program: &'static str,
        /// What it wrote.
        log: String,
    },
}

/// A desktop. Fields are dropped in this order: what needs the others goes first.
#[derive(Debug)]
pub struct Desktop {
    driver: Process,
    bus: Process,
    screen: Process,
    driver_at: Url,
    environment: Vec<(&'static str, OsString)>,
    place: TempDir,
}

impl Desktop {
    /// Starts one. `surroundings` are further environment variables of the application.
    pub fn start(surroundings: &[(&'static str, OsString)]) -> Result<Self, DesktopError> {
        let place = tempfile::tempdir()?;
        let at = |name: &str| place.path().join(name);
        let mut environment: Vec<(&'static str, OsString)> = Vec::new();
        for (variable, name) in [
            ("HOME", "home"),
            ("XDG_RUNTIME_DIR", "run"),
            ("XDG_DATA_HOME", "data"),
            ("XDG_CONFIG_HOME", "config"),
            ("XDG_CACHE_HOME", "cache"),
            ("MAILROOM_HOME", "mailroom"),
        ] {
            fs::DirBuilder::new().mode(0o700).create(at(name))?;
            environment.push((variable, at(name).into()));
        }
        fs::create_dir(at("bin"))?;
        fs::write(at("bin/xdg-open"), BROWSER)?;
        fs::set_permissions(at("bin/xdg-open"), fs::Permissions::from_mode(0o755))?;
        let bus_at = format!("unix:path={}", at("bus").display());
        environment.extend([
            ("MAILROOM_TEST_PAGES", at("pages").into()),
            ("PATH", path_with(&at("bin"))),
            ("DBUS_SESSION_BUS_ADDRESS", bus_at.clone().into()),
            ("LC_ALL", "C.UTF-8".into()),
            ("GTK_THEME", "Adwaita".into()),
            ("NO_AT_BRIDGE", "1".into()),
        ]);
        environment.extend(surroundings.iter().cloned());

        let screen = start(
            "Xvfb",
            &["-displayfd", "1", "-screen", "0", "1280x900x24", "-nolisten", "tcp", "-noreset"],
            &environment,
            &at("screen.log"),
        )?;
        let display = ready("Xvfb", &at("screen.log"), || {
            let log = fs::read_to_string(at("screen.log")).ok()?;
            let (number, _) = log.lines().map(|line| (line.trim(), ())).find(|(line, ())| {
                !line.is_empty() && line.bytes().all(|byte| byte.is_ascii_digit())
            })?;
            Some(number.to_owned())
        })?;
        environment.push(("DISPLAY", format!(":{display}").into()));

        let bus = start(
            "dbus-daemon",
            &["--session", "--nofork", "--nopidfile", "--address", &bus_at],
            &environment,
            &at("bus.log"),
        )?;
        ready("dbus-daemon", &at("bus.log"), || at("bus").exists().then_some(()))?;

        let port = free_port()?;
        let mut for_driver = environment.clone();
        // What lets a driver steer the window; programs that are started without it cannot be steered.
        for_driver.push(("TAURI_WEBVIEW_AUTOMATION", "true".into()));
        let driver = start(
            "WebKitWebDriver",
            &[&format!("--port={port}"), "--host=127.0.0.1"],
            &for_driver,
            &at("driver.log"),
        )?;
        ready("WebKitWebDriver", &at("driver.log"), || {
            TcpStream::connect((Ipv4Addr::LOCALHOST, port)).ok()
        })?;
        let driver_at = Url::parse(&format!("http://127.0.0.1:{port}")).map_err(io::Error::other)?;
        Ok(Self {
            driver,
            bus,
            screen,
            driver_at,
            environment,
            place,
        })
    }

    /// Starts the application and opens its window.
    ///
    /// # Panics
    /// When the application was not built.
    pub fn open(&self) -> Result<Window, WebDriverError> {
        let options = json!({ "binary": application(), "args": [] });
        Window::open(&self.driver_at, &json!({ "webkitgtk:browserOptions": options }))
    }

    /// Starts the application a second time, as the desktop does for a link, and waits for its end.
    ///
    /// # Panics
    /// As [`Self::open`].
    pub fn follow_link(&self, link: &str) -> io::Result<ExitStatus> {
        let mut command = Command::new(application());
        command.arg(link);
        surround(&mut command, &self.environment);
        command.status()
    }

    /// The last page that the application wanted in the browser.
    pub fn page_in_browser(&self) -> Option<String> {
        let pages = fs::read_to_string(self.place.path().join("pages")).ok()?;
        // A line that is still being written has no end yet.
        let (whole, _) = pages.rsplit_once('\n')?;
        whole.lines().last().map(str::to_owned)
    }

    /// Where the application keeps its data.
    pub fn home(&self) -> PathBuf {
        self.place.path().join("mailroom")
    }

    /// True while the screen, the bus and the driver run.
    pub fn is_up(&mut self) -> bool {
        self.screen.is_running() && self.bus.is_running() && self.driver.is_running()
    }

    /// What the application and the driver wrote.
    pub fn log(&self) -> String {
        fs::read_to_string(self.place.path().join("driver.log")).unwrap_or_default()
    }
}

/// The application, beside the test where cargo puts it.
#[expect(clippy::panic, reason = "a test of the application needs the application")]
fn application() -> PathBuf {
    let found = std::env::current_exe()
        .ok()
        .and_then(|test| test.ancestors().nth(2).map(|folder| folder.join("mailroom-desktop")))
        .filter(|program| program.exists());
    found.unwrap_or_else(|| panic!("the application was not built: cargo build -p mailroom-desktop"))
}

fn start(
    program: &'static str,
    arguments: &[&str],
    environment: &[(&'static str, OsString)],
    log: &Path,
) -> Result<Process, DesktopError> {
    let mut command = Command::new("setpriv");
    command
        .args(["--pdeathsig", "KILL", "--", program])
        .args(arguments);
    surround(&mut command, environment);
    Process::launch(command, log).map_err(|source| DesktopError::Start { program, source })
}

fn surround(command: &mut Command, environment: &[(&'static str, OsString)]) {
    command
        .envs(environment.iter().map(|(name, value)| (name, value)))
        .env_remove("WAYLAND_DISPLAY")
        .env_remove("LANGUAGE")
        // They make WebKit's driver hang when it takes a picture.
        .env_remove("WEBKIT_DISABLE_COMPOSITING_MODE")
        .env_remove("WEBKIT_DISABLE_DMABUF_RENDERER");
}

fn ready<T>(
    program: &'static str,
    log: &Path,
    mut probe: impl FnMut() -> Option<T>,
) -> Result<T, DesktopError> {
    let mut answer = None;
    until(READY, || {
        answer = probe();
        answer.is_some()
    });
    answer.ok_or_else(|| DesktopError::NotReady {
        program,
        log: fs::read_to_string(log).unwrap_or_default(),
    })
}

/// A port that was free a moment ago.
fn free_port() -> io::Result<u16> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port())
}

#[expect(
    clippy::disallowed_methods,
    reason = "the kit is a program's edge: it puts its browser before the machine's"
)]
fn path_with(first: &Path) -> OsString {
    let rest = std::env::var_os("PATH").unwrap_or_default();
    let folders = std::iter::once(first.to_owned()).chain(std::env::split_paths(&rest));
    std::env::join_paths(folders).unwrap_or(rest)
}
