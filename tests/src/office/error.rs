//! Why the office does not work.

use std::io;
use std::path::PathBuf;

use crate::browser::BrowserError;
use crate::certificate::CertificateError;

/// Why an office did not start, or did not do what it was asked.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OfficeError {
    /// Programs are not installed; `command` installs them.
    #[error("the test office needs {}; install with: {command}", packages.join(", "))]
    Missing {
        /// The packages that are missing.
        packages: Vec<&'static str>,
        /// The command that installs them.
        command: String,
    },
    /// The installed program is of a generation for which there is no configuration here.
    #[error("the test office needs {program} {wanted}, and this is {found}")]
    Version {
        /// The program.
        program: &'static str,
        /// The generation that is needed.
        wanted: &'static str,
        /// What its `--version` says.
        found: String,
    },
    /// A file or folder of the office cannot be handled.
    #[error("cannot {action} {}", path.display())]
    File {
        /// What was tried: `read`, `write`, `make`, `own`, `copy`.
        action: &'static str,
        /// Where.
        path: PathBuf,
        /// Why not.
        #[source]
        source: io::Error,
    },
    /// A program cannot be started.
    #[error("cannot start {program}")]
    Start {
        /// The program.
        program: String,
        /// Why not.
        #[source]
        source: io::Error,
    },
    /// No port is free between 20000 and 31999.
    #[error("no free ports")]
    NoPorts,
    /// A server ended, or did not listen in time.
    #[error("{server} is not ready; the end of its log:\n{log}")]
    NotReady {
        /// Which server.
        server: &'static str,
        /// The last lines of its log.
        log: String,
    },
    /// A command of a server failed.
    #[error("{program} ended with {status}: {words}")]
    Command {
        /// The program and its arguments.
        program: String,
        /// How it ended.
        status: String,
        /// What it wrote.
        words: String,
    },
    /// A server refused.
    #[error("{command} was answered with: {reply}")]
    Refused {
        /// What was asked.
        command: String,
        /// The answer.
        reply: String,
    },
    /// A connection to one of the servers broke.
    #[error("no conversation with {server}")]
    Conversation {
        /// Which server.
        server: &'static str,
        /// Why not.
        #[source]
        source: io::Error,
    },
    /// There is no such user in this office.
    #[error("nobody here is called {address}")]
    Nobody {
        /// The address that was asked for.
        address: String,
    },
    /// The office was started without this server.
    #[error("this office was started without {server}")]
    SwitchedOff {
        /// Which server.
        server: &'static str,
    },
    /// A template has a name that nobody fills in.
    #[error("{template} has an unknown name in it")]
    Template {
        /// Which file.
        template: &'static str,
    },
    /// No certificate could be made.
    #[error(transparent)]
    Certificate(#[from] CertificateError),
    /// The sign-in in the browser failed.
    #[error(transparent)]
    Browser(#[from] BrowserError),
}
