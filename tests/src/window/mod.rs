//! The real window on a screen that nobody sees: a desktop of its own (X server, session bus, home) for each test, and
//! the application under WebKit's own WebDriver.

mod application;
mod desktop;
mod page;

pub use application::Application;
pub use desktop::Desktop;
pub use page::{Found, Page};

use std::io;

/// Why the window could not be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum WindowError {
    /// A program or a file of the desktop failed.
    #[error("{what}")]
    Desktop {
        /// Which.
        what: String,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// A program did not say in time that it is ready.
    #[error("{program} is not ready: {log}")]
    NotReady {
        /// Which.
        program: &'static str,
        /// What it wrote.
        log: String,
    },
    /// The driver starts no session.
    #[error("no session with the application")]
    Session(#[from] fantoccini::error::NewSessionError),
    /// The driver refused a command.
    #[error("the driver refused a command")]
    Command(#[from] fantoccini::error::CmdError),
    /// What was waited for did not come.
    #[error("waited in vain for {what}; the page shows: {page}")]
    NotThere {
        /// What.
        what: String,
        /// The words of the page.
        page: String,
    },
}

impl WindowError {
    fn desktop(what: impl Into<String>, source: io::Error) -> Self {
        Self::Desktop {
            what: what.into(),
            source,
        }
    }
}
