use std::fmt;
use std::io;
use std::path::PathBuf;
use std::time::Duration;

/// What a task returns.
pub(crate) type Outcome<T> = Result<T, Failure>;

/// Why a task stopped.
#[derive(Debug)]
pub(crate) enum Failure {
    /// No such task or argument: the words given.
    Usage(String),
    /// A program could not be started: its name.
    Start(String, io::Error),
    /// A program ended with something else than success: its command line, and how it ended.
    Ended(String, std::process::ExitStatus),
    /// A file or folder refused.
    File(PathBuf, io::Error),
    /// Something did not come to pass in time: what was awaited, and for how long.
    Late(String, Duration),
    /// A program printed something else than agreed: what was expected, and what came.
    Answer(String, String),
    /// Something is missing on this machine, with the way to get it.
    Missing(String),
}

impl fmt::Display for Failure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Usage(words) => write!(formatter, "no task \"{words}\"; see cargo xtask --help"),
            Self::Start(program, source) => write!(formatter, "{program} could not be started: {source}"),
            Self::Ended(command, status) => write!(formatter, "{command}\n       ended with {status}"),
            Self::File(path, source) => write!(formatter, "{}: {source}", path.display()),
            Self::Late(what, limit) => {
                write!(formatter, "{what} did not happen within {} s", limit.as_secs())
            }
            Self::Answer(expected, came) => {
                write!(formatter, "expected {expected}, and this came:\n{came}")
            }
            Self::Missing(what) => formatter.write_str(what),
        }
    }
}

/// Gives an input/output error the path it is about.
pub(crate) trait At<T> {
    fn at(self, path: impl Into<PathBuf>) -> Outcome<T>;
}

impl<T> At<T> for io::Result<T> {
    fn at(self, path: impl Into<PathBuf>) -> Outcome<T> {
        self.map_err(|source| Failure::File(path.into(), source))
    }
}
