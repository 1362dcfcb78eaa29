//! The application under WebDriver.

use std::ffi::{OsStr, OsString};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::time::Duration;

use fantoccini::wd::Capabilities;
use fantoccini::{Client, ClientBuilder};
use serde_json::{Value, json};

use super::desktop::Companion;
use super::{Desktop, Page, WindowError};

/// How long the driver may take to listen.
const PATIENCE: Duration = Duration::from_mins(2);
/// How long the application may take to open its window.
const OPENING: Duration = Duration::from_mins(5);

/// The running application: its window, driven as a person would use it.
pub struct Application {
    client: Client,
    program: PathBuf,
    environment: Vec<(&'static str, OsString)>,
    _driver: Companion,
}

impl Application {
    /// Opens `program` on the desktop, with variables beside the desktop's own in its environment.
    ///
    /// # Errors
    /// WebKit's driver is not installed, or the application does not open a window.
    pub async fn open(
        desktop: &Desktop,
        program: &Path,
        environment: &[(&'static str, OsString)],
    ) -> Result<Self, WindowError> {
        Self::open_with(desktop, program, &[], environment).await
    }

    /// The same with arguments, as the system starts it for a link or at login.
    ///
    /// # Errors
    /// As [`Self::open`].
    pub async fn open_with(
        desktop: &Desktop,
        program: &Path,
        arguments: &[&str],
        environment: &[(&'static str, OsString)],
    ) -> Result<Self, WindowError> {
        let port = free_port()?;
        let mut variables: Vec<(&str, &OsStr)> = environment
            .iter()
            .map(|(name, value)| (*name, value.as_os_str()))
            .collect();
        // What the shell's library looks for before it lets a driver in.
        let yes = OsStr::new("true");
        variables.push(("TAURI_AUTOMATION", yes));
        variables.push(("TAURI_WEBVIEW_AUTOMATION", yes));
        let port_argument = format!("--port={port}");
        let mut driver = desktop.companion(
            "WebKitWebDriver",
            &[&port_argument, "--host=127.0.0.1"],
            &variables,
        )?;
        let listens = crate::until(PATIENCE, || {
            TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_ok() || !driver.is_running()
        });
        if !listens || !driver.is_running() {
            return Err(WindowError::NotReady {
                program: "WebKitWebDriver",
                log: driver.log(),
            });
        }
        let mut capabilities = Capabilities::new();
        capabilities.insert(
            "webkitgtk:browserOptions".to_owned(),
            json!({ "binary": program, "args": arguments }),
        );
        let mut builder = ClientBuilder::new(hyper_util::client::legacy::connect::HttpConnector::new());
        let address = format!("http://127.0.0.1:{port}");
        let connecting = builder.capabilities(capabilities).connect(&address);
        // The driver waits for ever for an application that ended at once.
        let Ok(client) = tokio::time::timeout(OPENING, connecting).await else {
            return Err(WindowError::NotReady {
                program: "the application",
                log: driver.log(),
            });
        };
        let client = client?;
        Ok(Self {
            client,
            program: program.to_owned(),
            environment: environment.to_vec(),
            _driver: driver,
        })
    }

    /// The page in its window.
    pub fn page(&self) -> Page {
        Page::new(self.client.clone())
    }

    /// Starts the program a second time with a link, as the system does, and waits until that start has ended.
    ///
    /// # Errors
    /// It cannot be started.
    pub async fn follow_link(&self, desktop: &Desktop, link: &str) -> Result<(), WindowError> {
        let mut command = tokio::process::Command::from(desktop.command(&self.program));
        command
            .arg(link)
            .envs(self.environment.iter().map(|(name, value)| (name, value)))
            .stdout(std::process::Stdio::null())
            .stderr(std::process::Stdio::null());
        let ended = command.status().await;
        ended
            .map(drop)
            .map_err(|source| WindowError::desktop("a second start", source))
    }

    /// Resizes the window.
    ///
    /// # Errors
    /// The driver refuses.
    pub async fn resize(&self, width: u32, height: u32) -> Result<(), WindowError> {
        Ok(self.client.set_window_rect(0, 0, width, height).await?)
    }

    /// Ends the application as closing its window does, and waits until it has ended.
    ///
    /// # Errors
    /// The driver refuses.
    pub async fn close(self) -> Result<(), WindowError> {
        Ok(self.client.close().await?)
    }

    /// Runs JavaScript in the page; `arguments` is its arguments, what it returns comes back.
    ///
    /// # Errors
    /// The script throws.
    pub async fn run(&self, script: &str, arguments: Vec<Value>) -> Result<Value, WindowError> {
        Ok(self.client.execute(script, arguments).await?)
    }

    /// The same for a script that answers by calling its last argument.
    ///
    /// # Errors
    /// The script throws, or does not answer in time.
    pub async fn run_async(&self, script: &str, arguments: Vec<Value>) -> Result<Value, WindowError> {
        Ok(self.client.execute_async(script, arguments).await?)
    }
}

/// A port that is free now. The driver binds it a moment later; nothing else on this machine draws from there then.
fn free_port() -> Result<u16, WindowError> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
        .and_then(|listener| listener.local_addr())
        .map(|address| address.port())
        .map_err(|source| WindowError::desktop("a port", source))
}
