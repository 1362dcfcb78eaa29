//! Why a secret cannot be kept or read.

use std::io;
use std::path::{Path, PathBuf};

use mailroom_model::{Coded, ErrorCode, Params};

/// What lies beneath an error.
pub(crate) type Cause = Box<dyn std::error::Error + Send + Sync>;

/// Why a secret cannot be kept or read. Never holds any part of a secret.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum VaultError {
    /// The keychain is locked, and nobody unlocked it.
    #[error("the keychain is locked")]
    Locked {
        /// The keychain's words.
        #[source]
        source: Option<Cause>,
    },
    /// There is no keychain service, or it has no place for secrets.
    #[error("there is no keychain")]
    Missing {
        /// The keychain's words.
        #[source]
        source: Option<Cause>,
    },
    /// The keychain, or the person in front of it, refused.
    #[error("the keychain refused access")]
    Denied {
        /// The keychain's words.
        #[source]
        source: Option<Cause>,
    },
    /// No answer within the limit.
    #[error("the keychain does not answer")]
    TimedOut,
    /// The passphrase does not open the file.
    #[error("the passphrase does not open the secrets file")]
    PassphraseWrong,
    /// What was read is not what was kept.
    #[error("the stored secret cannot be read: {what}")]
    Damaged {
        /// What was found to be wrong.
        what: &'static str,
    },
    /// The file cannot be read.
    #[error("{path} cannot be read", path = path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// The system's words.
        #[source]
        source: io::Error,
    },
    /// The file cannot be written.
    #[error("{path} cannot be written", path = path.display())]
    Unwritable {
        /// The file.
        path: PathBuf,
        /// The system's words.
        #[source]
        source: io::Error,
    },
    /// Longer than the vault can keep.
    #[error("the secret has {size} bytes, the keychain takes {limit}")]
    TooLarge {
        /// Size of the secret in bytes.
        size: usize,
        /// The limit in bytes.
        limit: usize,
    },
    /// Anything else that the keychain or the system reports.
    #[error("the keychain failed")]
    Failed {
        /// The keychain's words.
        #[source]
        source: Cause,
    },
}

impl VaultError {
    /// Reading `path` failed.
    pub(crate) fn unreadable(path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::Unreadable { path, source }
    }

    /// Writing `path` failed.
    pub(crate) fn unwritable(path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::Unwritable { path, source }
    }
}

impl Coded for VaultError {
    fn code(&self) -> ErrorCode {
        match self {
            Self::Locked { .. } => ErrorCode::VaultLocked,
            Self::Missing { .. } => ErrorCode::VaultMissing,
            Self::Denied { .. } => ErrorCode::VaultDenied,
            Self::TimedOut => ErrorCode::VaultTimeout,
            Self::PassphraseWrong => ErrorCode::VaultPassphraseWrong,
            Self::Damaged { .. } => ErrorCode::VaultDamaged,
            Self::Unreadable { .. } => ErrorCode::FileUnreadable,
            Self::Unwritable { .. } => ErrorCode::FileUnwritable,
            Self::TooLarge { .. } | Self::Failed { .. } => ErrorCode::Internal,
        }
    }

    fn params(&self) -> Params {
        match self {
            Self::Unreadable { path, .. } | Self::Unwritable { path, .. } => {
                Params::from([("path", path.display().to_string().into())])
            }
            Self::Damaged { what } => Params::from([("what", (*what).into())]),
            Self::TooLarge { size, limit } => {
                Params::from([("size", (*size as u64).into()), ("limit", (*limit as u64).into())])
            }
            _ => Params::new(),
        }
    }
}
