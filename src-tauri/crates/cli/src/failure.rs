//! How a command can fail.

use std::error::Error;
use std::io;

use mailroom_api::{ErrorCode, WireError};

use crate::exit::Exit;

/// What ended a command early.
#[derive(Debug)]
pub(crate) enum Failure {
    /// The core said no, or an argument makes no sense: to be explained to the reader.
    Wire(Box<WireError>),
    /// Standard output is gone or cannot be written.
    Output(io::Error),
}

impl Failure {
    /// A value that cannot be used; `field` is what the reader calls it.
    pub(crate) fn input(field: &str, detail: impl Into<String>) -> Self {
        WireError::input(field, detail).into()
    }

    /// A defect.
    pub(crate) fn internal(error: &dyn Error) -> Self {
        WireError::new(ErrorCode::Internal, &[], error.to_string()).into()
    }

    /// The reader gave up.
    pub(crate) fn cancelled() -> Self {
        WireError::new(ErrorCode::Cancelled, &[], "cancelled by the person").into()
    }

    /// A file that cannot be read.
    pub(crate) fn unreadable(path: &str, error: &io::Error) -> Self {
        Self::file(ErrorCode::FileUnreadable, path, error)
    }

    /// A file that cannot be written.
    pub(crate) fn unwritable(path: &str, error: &io::Error) -> Self {
        let code = match error.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => ErrorCode::DiskFull,
            io::ErrorKind::ReadOnlyFilesystem => ErrorCode::DiskReadOnly,
            _ => ErrorCode::FileUnwritable,
        };
        Self::file(code, path, error)
    }

    fn file(code: ErrorCode, path: &str, error: &io::Error) -> Self {
        let reason = reason(error);
        WireError::new(
            code,
            &[("path", path.into()), ("reason", reason.into())],
            error.to_string(),
        )
        .into()
    }

    /// The error to tell, if anybody is left to hear it: a reader that closed standard output has seen enough.
    pub(crate) fn told(&self) -> Option<WireError> {
        match self {
            Self::Wire(error) => Some((**error).clone()),
            Self::Output(error) if error.kind() == io::ErrorKind::BrokenPipe => None,
            Self::Output(error) => {
                let reason = reason(error);
                let params = [("path", "standard output".into()), ("reason", reason.into())];
                Some(WireError::new(
                    ErrorCode::FileUnwritable,
                    &params,
                    error.to_string(),
                ))
            }
        }
    }

    /// The exit status.
    pub(crate) fn exit(&self) -> Exit {
        self.told().map_or(Exit::Success, |error| Exit::of(error.code))
    }
}

/// Why a file cannot be used, in the words of this program and not of the system's language.
fn reason(error: &io::Error) -> &'static str {
    match error.kind() {
        io::ErrorKind::NotFound => "it does not exist",
        io::ErrorKind::PermissionDenied => "access is not allowed",
        io::ErrorKind::IsADirectory => "it is a directory",
        io::ErrorKind::NotADirectory => "a part of the path is not a directory",
        io::ErrorKind::AlreadyExists => "it exists already",
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => "there is no room on the disk",
        io::ErrorKind::ReadOnlyFilesystem => "the disk is read-only",
        _ => "the system refused",
    }
}

impl From<WireError> for Failure {
    fn from(error: WireError) -> Self {
        Self::Wire(Box::new(error))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn failure_of_a_closed_output_ends_quietly() {
        let closed = Failure::Output(io::ErrorKind::BrokenPipe.into());
        assert_eq!((closed.told(), closed.exit()), (None, Exit::Success));
        let full = Failure::Output(io::ErrorKind::StorageFull.into());
        assert_eq!(full.told().unwrap().code, ErrorCode::FileUnwritable);
        assert_eq!(full.exit(), Exit::Local);
    }

    #[test]
    fn failure_of_a_file_names_it_and_says_why() {
        let Failure::Wire(error) = Failure::unreadable("a.txt", &io::ErrorKind::NotFound.into()) else {
            panic!("not told")
        };
        assert_eq!(error.code, ErrorCode::FileUnreadable);
        assert_eq!(error.params["path"], "a.txt".into());
        assert_eq!(error.params["reason"], "it does not exist".into());
    }
}
