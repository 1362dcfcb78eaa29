//! What can go wrong with the store.

use std::io;
use std::path::PathBuf;

use mailroom_model::{AccountId, Coded, ErrorCode, FolderId, MessageId, Params};

/// What lies beneath an error.
type Cause = Box<dyn std::error::Error + Send + Sync>;

/// Why the store could not do what it was asked. Told apart by SQLite's result codes, never by text.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// A newer Mailroom wrote the file. It was not touched.
    #[error("the database has version {found}, this program knows {supported}")]
    TooNew {
        /// `user_version` of the file.
        found: i64,
        /// The newest version that this program knows.
        supported: i64,
    },
    /// The file is no database of ours, or not a sound one (`SQLITE_CORRUPT`, `SQLITE_NOTADB`, failed reads).
    #[error("the database is damaged: {what}")]
    Damaged {
        /// What was found to be wrong: a column, a table, or `file`.
        what: &'static str,
        /// SQLite's words.
        #[source]
        source: Option<Cause>,
    },
    /// Somebody else held the file for too long (`SQLITE_BUSY`, `SQLITE_LOCKED`).
    #[error("the database is in use")]
    Busy {
        /// SQLite's words.
        #[source]
        source: Cause,
    },
    /// No room on the disk (`SQLITE_FULL`).
    #[error("the disk is full")]
    Full {
        /// SQLite's words.
        #[source]
        source: Cause,
    },
    /// The file or its folder cannot be written to (`SQLITE_READONLY`, `SQLITE_CANTOPEN`, failed writes).
    #[error("the database cannot be written to")]
    ReadOnly {
        /// SQLite's words.
        #[source]
        source: Cause,
    },
    /// The file cannot be opened.
    #[error("{path} cannot be opened", path = path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// The system's words.
        #[source]
        source: io::Error,
    },
    /// An account with the address is here already.
    #[error("there is an account {address} already")]
    AccountExists {
        /// The address.
        address: String,
    },
    /// There is no such account.
    #[error("there is no account {0}")]
    AccountMissing(AccountId),
    /// There is no such folder, or not in this account.
    #[error("there is no folder {0}")]
    FolderMissing(FolderId),
    /// There is no such message.
    #[error("there is no message {0}")]
    MessageMissing(MessageId),
    /// A value that cannot be written as JSON, or a message that cannot be compressed.
    #[error("a value cannot be encoded")]
    Encode {
        /// The encoder's words.
        #[source]
        source: Cause,
    },
    /// Anything else that SQLite reports: a defect of ours.
    #[error("the database refused a statement")]
    Database(#[source] sqlx::Error),
}

impl StoreError {
    /// A stored value that means nothing.
    pub(crate) fn damaged(what: &'static str) -> Self {
        Self::Damaged { what, source: None }
    }

    /// True when the file, or a part of it, is not what it was: it is said by SQLite, which calls a virtual table that it cannot
    /// open an error of the statement.
    pub fn is_damage(&self) -> bool {
        match self {
            Self::Damaged { .. } => true,
            Self::Database(error) => result_code(error).is_some_and(|code| code & 0xff == 1),
            _ => false,
        }
    }

    /// A file that the system does not let us open or create.
    pub(crate) fn from_io(path: &std::path::Path, source: io::Error) -> Self {
        match source.kind() {
            io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => Self::ReadOnly {
                source: Box::new(source),
            },
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Self::Full {
                source: Box::new(source),
            },
            _ => Self::Unreadable {
                path: path.to_owned(),
                source,
            },
        }
    }
}

/// SQLite's extended result code (<https://www.sqlite.org/rescode.html>).
fn result_code(error: &sqlx::Error) -> Option<i32> {
    error.as_database_error()?.code()?.parse().ok()
}

/// True for `SQLITE_IOERR_*` codes that are about reading.
fn is_about_reading(extended: i32) -> bool {
    // READ, SHORT_READ, CORRUPTFS, DATA
    matches!(extended >> 8, 1 | 2 | 32 | 33)
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        match result_code(&error) {
            Some(code) => match code & 0xff {
                5 | 6 => Self::Busy {
                    source: Box::new(error),
                },
                // SHMSIZE: the index of the log is grown before anything else, so it is what finds no room first.
                10 if code >> 8 == 19 => Self::Full {
                    source: Box::new(error),
                },
                10 if is_about_reading(code) => Self::Damaged {
                    what: "file",
                    source: Some(Box::new(error)),
                },
                8 | 10 | 14 => Self::ReadOnly {
                    source: Box::new(error),
                },
                11 | 26 => Self::Damaged {
                    what: "file",
                    source: Some(Box::new(error)),
                },
                13 => Self::Full {
                    source: Box::new(error),
                },
                _ => Self::Database(error),
            },
            None => match error {
                sqlx::Error::PoolTimedOut => Self::Busy {
                    source: Box::new(error),
                },
                sqlx::Error::ColumnDecode { .. } => Self::Damaged {
                    what: "column",
                    source: Some(Box::new(error)),
                },
                other => Self::Database(other),
            },
        }
    }
}

impl Coded for StoreError {
    fn code(&self) -> ErrorCode {
        match self {
            Self::TooNew { .. } => ErrorCode::StoreTooNew,
            Self::Damaged { .. } => ErrorCode::StoreDamaged,
            Self::Busy { .. } => ErrorCode::StoreBusy,
            Self::Full { .. } => ErrorCode::DiskFull,
            Self::ReadOnly { .. } => ErrorCode::DiskReadOnly,
            Self::Unreadable { .. } => ErrorCode::FileUnreadable,
            Self::AccountExists { .. } => ErrorCode::AccountExists,
            Self::AccountMissing(_) => ErrorCode::AccountMissing,
            Self::FolderMissing(_) => ErrorCode::FolderMissing,
            Self::MessageMissing(_) => ErrorCode::MessageMissing,
            Self::Encode { .. } | Self::Database(_) => ErrorCode::Internal,
        }
    }

    fn params(&self) -> Params {
        match self {
            Self::TooNew { found, supported } => {
                Params::from([("found", (*found).into()), ("supported", (*supported).into())])
            }
            Self::Damaged { what, .. } => Params::from([("what", (*what).into())]),
            Self::Unreadable { path, .. } => Params::from([("path", path.display().to_string().into())]),
            Self::AccountExists { address } => Params::from([("address", address.as_str().into())]),
            Self::AccountMissing(id) => Params::from([("account_id", id.0.into())]),
            Self::FolderMissing(id) => Params::from([("folder_id", id.0.into())]),
            Self::MessageMissing(id) => Params::from([("message_id", id.0.into())]),
            Self::Busy { .. }
            | Self::Full { .. }
            | Self::ReadOnly { .. }
            | Self::Encode { .. }
            | Self::Database(_) => Params::new(),
        }
    }
}
