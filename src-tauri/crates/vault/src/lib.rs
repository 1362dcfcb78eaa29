//! # Room: vault
//!
//! Where secrets are kept: the operating system's keychain, or, on machines that have none and only when somebody
//! chose so, one encrypted file.
//!
//! - **Does**: keep, give back and forget passwords, tokens and client secrets, and say why it cannot.
//! - **Owns**: the names of entries, the splitting of long values where a keychain takes short ones only, the format
//!   of the encrypted file.
//! - **Never**: writes a secret to a file in the clear, to a log or into an error; hangs: a keychain that does not
//!   answer is an error after a time limit.
//!
//! Keychains speak blocking protocols and may ask the person. Every call runs on a thread of its own that nobody waits
//! for longer than the limit, so neither the program nor its end depends on the keychain.

mod copying;
mod edge;
mod error;
mod file;
mod key;
mod keychain;
mod parts;
mod sealed;
#[cfg(target_os = "linux")]
mod secret_service;
#[cfg(test)]
mod tests;

use async_trait::async_trait;
use mailroom_model::Secret;

pub use copying::copy_secret;
pub use error::VaultError;
pub use file::FileVault;
pub use key::{SecretKey, SecretPurpose};
pub use keychain::KeychainVault;
pub use sealed::WorkFactor;

/// What kind of vault it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VaultKind {
    /// The operating system's keychain.
    Keychain,
    /// A file that a passphrase opens.
    File,
}

/// A place for secrets.
#[async_trait]
pub trait Vault: Send + Sync + std::fmt::Debug {
    /// The secret of `key`; `None` when there is none.
    async fn get(&self, key: &SecretKey) -> Result<Option<Secret<String>>, VaultError>;

    /// Keeps a secret; an older one of the same key is replaced.
    async fn put(&self, key: &SecretKey, secret: &Secret<String>) -> Result<(), VaultError>;

    /// Forgets a secret. It is no error when there is none.
    async fn remove(&self, key: &SecretKey) -> Result<(), VaultError>;

    /// Whether there is a secret of `key` that an older version of the program kept where others may share it.
    async fn has_older(&self, _key: &SecretKey) -> Result<bool, VaultError> {
        Ok(false)
    }

    /// Forgets that one, for everybody who shares it. It is no error when there is none.
    async fn remove_older(&self, _key: &SecretKey) -> Result<(), VaultError> {
        Ok(())
    }

    /// Whether secrets can be kept and read now, without asking the person for anything.
    async fn health(&self) -> Result<(), VaultError>;

    /// What kind of vault it is.
    fn kind(&self) -> VaultKind;
}
