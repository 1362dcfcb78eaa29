//! A desktop that nobody sees.

use std::ffi::{OsStr, OsString};
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use tempfile::TempDir;

use super::WindowError;
use crate::process::{self, Process};

/// How long a program of the desktop may take to be ready on a busy machine.
const PATIENCE: Duration = Duration::from_mins(2);

/// Stands in for the desktop's browser: it writes down what it was asked to open.
const BROWSER: &str = "#!/bin/sh\nprintf '%s\\n' \"$1\" >> \"$MAILROOM_OPENED\"\n";

/// An X server, a session bus and folders of a person who has just moved in.
///
/// Fields are dropped in this order: what runs, then what it runs on, its files last.
#[derive(Debug)]
pub struct Desktop {
    bus: String,
    display: String,
    _bus: Process,
    _screen: Process,
    folder: TempDir,
}

impl Desktop {
    /// Starts one with a screen of `width` × `height` pixels.
    ///
    /// # Errors
    /// The X server or the session bus is not installed or does not start.
    pub fn start(width: u32, height: u32) -> Result<Self, WindowError> {
        let folder = tempfile::tempdir().map_err(|source| WindowError::desktop("a folder", source))?;
        let place = folder.path();
        for name in ["home", "run", "data", "config", "cache", "bin", "log"] {
            let path = place.join(name);
            fs::create_dir(&path).map_err(|source| WindowError::desktop(name, source))?;
            fs::set_permissions(&path, fs::Permissions::from_mode(0o700))
                .map_err(|source| WindowError::desktop(name, source))?;
        }
        let browser = place.join("bin/xdg-open");
        fs::write(&browser, BROWSER)
            .and_then(|()| fs::set_permissions(&browser, fs::Permissions::from_mode(0o755)))
            .map_err(|source| WindowError::desktop("xdg-open", source))?;
        let size = format!("{width}x{height}x24");
        let (screen, number) = start_and_read(
            place,
            "Xvfb",
            &[
                "-displayfd",
                "1",
                "-screen",
                "0",
                &size,
                "+extension",
                "GLX",
                "-nolisten",
                "tcp",
                "-noreset",
            ],
            &[],
            // It also complains of the numbers that others have.
            |line| line.bytes().all(|byte| byte.is_ascii_digit()),
        )?;
        let display = format!(":{number}");
        let environment = folders(place, &display);
        let environment: Vec<(&str, &OsStr)> = environment
            .iter()
            .map(|(name, value)| (*name, value.as_os_str()))
            .collect();
        let (bus, address) = start_and_read(
            place,
            "dbus-daemon",
            &["--session", "--nofork", "--print-address=1"],
            &environment,
            |line| line.starts_with("unix:"),
        )?;
        Ok(Self {
            bus: address,
            display,
            _bus: bus,
            _screen: screen,
            folder,
        })
    }

    /// Its files.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Where the application keeps everything, unless told otherwise.
    pub fn mailroom_home(&self) -> PathBuf {
        self.folder.path().join("mailroom")
    }

    /// The addresses that the application had the browser open, oldest first.
    pub fn opened(&self) -> Vec<String> {
        let text = fs::read_to_string(self.opened_file()).unwrap_or_default();
        text.lines().map(str::to_owned).collect()
    }

    /// What a program of this desktop finds in its environment.
    pub fn environment(&self) -> Vec<(&'static str, OsString)> {
        let mut environment = folders(self.folder.path(), &self.display);
        environment.push(("DBUS_SESSION_BUS_ADDRESS", self.bus.clone().into()));
        environment.push(("MAILROOM_OPENED", self.opened_file().into()));
        environment.push(("MAILROOM_HOME", self.mailroom_home().into()));
        environment
    }

    /// A program on this desktop, such as a second start of the application with a link.
    pub fn command(&self, program: &Path) -> Command {
        let mut command = Command::new(program);
        command.envs(self.environment());
        command
    }

    /// Starts a program that lives as long as the value that comes back.
    ///
    /// # Errors
    /// It cannot be started.
    pub fn companion(
        &self,
        name: &'static str,
        arguments: &[&str],
        more: &[(&str, &OsStr)],
    ) -> Result<Companion, WindowError> {
        let environment = self.environment();
        let mut all: Vec<(&str, &OsStr)> = environment
            .iter()
            .map(|(name, value)| (*name, value.as_os_str()))
            .collect();
        all.extend_from_slice(more);
        let log = log_of(self.folder.path(), name);
        let process = start(self.folder.path(), name, arguments, &all, &log)?;
        Ok(Companion { process, log })
    }

    /// Saves a PNG of the whole screen.
    ///
    /// # Errors
    /// ImageMagick's `import` fails.
    pub fn picture(&self, file: &Path) -> Result<(), WindowError> {
        let taken = Command::new("import")
            .args(["-window", "root", "-strip"])
            .arg(file)
            .env("DISPLAY", &self.display)
            .output()
            .and_then(|output| {
                if output.status.success() {
                    return Ok(());
                }
                let words = String::from_utf8_lossy(&output.stderr).into_owned();
                Err(std::io::Error::other(words))
            });
        taken.map_err(|source| WindowError::desktop("import", source))
    }

    /// The processes that work in this desktop's folder, its servers included.
    pub fn processes(&self) -> Vec<u32> {
        process::working_in(self.folder.path())
    }

    /// Waits until no process of `program` is left on this desktop; false when some stay for long.
    pub fn is_left_by(&self, program: &str) -> bool {
        crate::until(PATIENCE, || {
            !self.processes().iter().any(|id| {
                let path = fs::read_link(format!("/proc/{id}/exe")).unwrap_or_default();
                path.file_name().is_some_and(|name| name == program)
            })
        })
    }

    fn opened_file(&self) -> PathBuf {
        self.folder.path().join("opened.txt")
    }
}

impl Drop for Desktop {
    fn drop(&mut self) {
        // What the bus started is in no group of ours; it works in the folder that goes now.
        process::clear_out(self.folder.path());
    }
}

/// A program that ends with this value.
#[derive(Debug)]
pub struct Companion {
    process: Process,
    log: PathBuf,
}

impl Companion {
    /// True until it has ended.
    pub fn is_running(&mut self) -> bool {
        self.process.is_running()
    }

    /// What it wrote so far.
    pub fn log(&self) -> String {
        fs::read_to_string(&self.log).unwrap_or_default()
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "programs are found where this one finds them"
)]
fn folders(place: &Path, display: &str) -> Vec<(&'static str, OsString)> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut search = place.join("bin").into_os_string();
    search.push(":");
    search.push(path);
    vec![
        ("PATH", search),
        ("DISPLAY", display.into()),
        ("HOME", place.join("home").into()),
        ("XDG_RUNTIME_DIR", place.join("run").into()),
        ("XDG_DATA_HOME", place.join("data").into()),
        ("XDG_CONFIG_HOME", place.join("config").into()),
        ("XDG_CACHE_HOME", place.join("cache").into()),
        ("LC_ALL", "C.UTF-8".into()),
        ("GTK_THEME", "Adwaita".into()),
        ("NO_AT_BRIDGE", "1".into()),
        ("WAYLAND_DISPLAY", "".into()),
        ("LANGUAGE", "".into()),
    ]
}

fn log_of(place: &Path, program: &str) -> PathBuf {
    place.join("log").join(program)
}

fn start(
    place: &Path,
    program: &str,
    arguments: &[&str],
    environment: &[(&str, &OsStr)],
    log: &Path,
) -> Result<Process, WindowError> {
    let privileges = ["--pdeathsig", "KILL", "--"].map(str::to_owned);
    let line: Vec<&str> = std::iter::once(program)
        .chain(arguments.iter().copied())
        .collect();
    Process::start_with(&privileges, &line, environment, place, log)
        .map_err(|source| WindowError::desktop(program, source))
}

/// Starts a server that writes a line when it is ready, and gives that line.
fn start_and_read(
    place: &Path,
    program: &'static str,
    arguments: &[&str],
    environment: &[(&str, &OsStr)],
    is_ready: impl Fn(&str) -> bool,
) -> Result<(Process, String), WindowError> {
    let log = log_of(place, program);
    let mut process = start(place, program, arguments, environment, &log)?;
    let mut line = None;
    crate::until(PATIENCE, || {
        let text = fs::read_to_string(&log).unwrap_or_default();
        line = text
            .split_inclusive('\n')
            .filter_map(|line| line.strip_suffix('\n'))
            .map(str::trim)
            .find(|line| !line.is_empty() && is_ready(line))
            .map(str::to_owned);
        line.is_some() || !process.is_running()
    });
    match line {
        Some(line) => Ok((process, line)),
        None => Err(WindowError::NotReady {
            program,
            log: fs::read_to_string(&log).unwrap_or_default(),
        }),
    }
}
