//! The operating system's keychain: Secret Service, Windows Credential Manager, macOS Keychain.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use mailroom_model::Secret;
use zeroize::Zeroizing;

use crate::edge::Edge;
use crate::parts::{self, Entries};
use crate::{SecretKey, Vault, VaultError, VaultKind};

/// How long a call may take, including the time in which the person is asked to unlock the keychain.
const TIME_LIMIT: Duration = Duration::from_secs(30);
/// How long looking whether the keychain works may take.
const HEALTH_LIMIT: Duration = Duration::from_secs(5);

/// The keychain of the person who runs the program.
#[derive(Debug)]
pub struct KeychainVault {
    entries: Arc<Keychain>,
    /// What every name of an entry ends with.
    ending: String,
    edge: Edge,
    health: Edge,
}

impl KeychainVault {
    /// `service` names the program in the keychain: `app.mailroom.desktop`. Nothing is asked of the keychain yet.
    pub fn new(service: &str) -> Self {
        Self {
            entries: Arc::new(Keychain {
                service: service.to_owned(),
            }),
            ending: String::new(),
            edge: Edge::new(TIME_LIMIT),
            health: Edge::new(HEALTH_LIMIT),
        }
    }

    /// The same with entries of its own: two `home`s of one person may know the same address.
    pub fn of_home(service: &str, home: &str) -> Self {
        Self {
            ending: format!("/{home}"),
            ..Self::new(service)
        }
    }

    /// `password:anna@example.com/HOME`
    fn entry_name(&self, key: &SecretKey) -> String {
        key.entry_name() + &self.ending
    }
}

#[async_trait]
impl Vault for KeychainVault {
    async fn get(&self, key: &SecretKey) -> Result<Option<Secret<String>>, VaultError> {
        let (entries, name) = (Arc::clone(&self.entries), self.entry_name(key));
        self.edge
            .run(move || {
                entries.prepare()?;
                let value = parts::read(entries.as_ref(), &name)?;
                value.as_deref().map(|bytes| into_secret(bytes)).transpose()
            })
            .await
    }

    async fn put(&self, key: &SecretKey, secret: &Secret<String>) -> Result<(), VaultError> {
        let (entries, name, secret) = (Arc::clone(&self.entries), self.entry_name(key), secret.clone());
        self.edge
            .run(move || {
                entries.prepare()?;
                parts::write(entries.as_ref(), &name, secret.expose().as_bytes())
            })
            .await
    }

    async fn remove(&self, key: &SecretKey) -> Result<(), VaultError> {
        let (entries, name) = (Arc::clone(&self.entries), self.entry_name(key));
        self.edge
            .run(move || {
                entries.prepare()?;
                parts::erase(entries.as_ref(), &name)
            })
            .await
    }

    async fn health(&self) -> Result<(), VaultError> {
        let entries = Arc::clone(&self.entries);
        self.health.run(move || look(&entries)).await
    }

    fn kind(&self) -> VaultKind {
        VaultKind::Keychain
    }
}

fn into_secret(bytes: &[u8]) -> Result<Secret<String>, VaultError> {
    let text = std::str::from_utf8(bytes).map_err(|_| VaultError::Damaged { what: "encoding" })?;
    Ok(Secret::new(text.to_owned()))
}

/// Looks whether the keychain works, without asking for anything.
#[cfg(target_os = "linux")]
fn look(_: &Keychain) -> Result<(), VaultError> {
    crate::secret_service::look()
}

/// Looks whether the keychain works: reading an entry that is not there.
#[cfg(not(target_os = "linux"))]
fn look(entries: &Keychain) -> Result<(), VaultError> {
    entries.read("health").map(|_| ())
}

#[derive(Debug)]
struct Keychain {
    service: String,
}

impl Keychain {
    fn entry(&self, name: &str) -> Result<keyring::Entry, VaultError> {
        keyring::Entry::new(&self.service, name).map_err(told)
    }
}

impl Entries for Keychain {
    #[cfg(target_os = "linux")]
    fn prepare(&self) -> Result<(), VaultError> {
        crate::secret_service::unlock(TIME_LIMIT.saturating_sub(HEALTH_LIMIT))
    }

    fn read(&self, name: &str) -> Result<Option<Zeroizing<Vec<u8>>>, VaultError> {
        match self.entry(name)?.get_secret() {
            Ok(value) => Ok(Some(Zeroizing::new(value))),
            Err(keyring::Error::NoEntry) => Ok(None),
            Err(error) => Err(told(error)),
        }
    }

    fn write(&self, name: &str, value: &[u8]) -> Result<(), VaultError> {
        self.entry(name)?.set_secret(value).map_err(told)
    }

    fn erase(&self, name: &str) -> Result<(), VaultError> {
        match self.entry(name)?.delete_credential() {
            Ok(()) | Err(keyring::Error::NoEntry) => Ok(()),
            Err(error) => Err(told(error)),
        }
    }

    fn limit(&self) -> Option<usize> {
        // CRED_MAX_CREDENTIAL_BLOB_SIZE
        cfg!(target_os = "windows").then_some(2560)
    }
}

/// The keychain's error as one of ours.
fn told(error: keyring::Error) -> VaultError {
    match error {
        keyring::Error::PlatformFailure(source) | keyring::Error::NoStorageAccess(source) => platform(source),
        keyring::Error::Ambiguous(_) => VaultError::Damaged { what: "two entries" },
        keyring::Error::BadEncoding(_) => VaultError::Damaged { what: "encoding" },
        keyring::Error::TooLong(_, limit) => VaultError::TooLarge {
            size: 0,
            limit: usize::try_from(limit).unwrap_or(usize::MAX),
        },
        other => VaultError::Failed {
            source: Box::new(other),
        },
    }
}

#[cfg(target_os = "linux")]
fn platform(source: crate::error::Cause) -> VaultError {
    match source.downcast::<dbus_secret_service::Error>() {
        Ok(error) => crate::secret_service::told(*error),
        Err(source) => VaultError::Failed { source },
    }
}

/// `OSStatus` of Security.framework (`SecBase.h`).
#[cfg(target_os = "macos")]
fn platform(source: crate::error::Cause) -> VaultError {
    let status = source
        .downcast_ref::<security_framework::base::Error>()
        .map(|error| error.code());
    let source = Some(source);
    match status {
        // errSecInteractionNotAllowed, errSecInteractionRequired
        Some(-25308 | -25315) => VaultError::Locked { source },
        // errSecNotAvailable, errSecNoSuchKeychain, errSecInvalidKeychain, errSecNoDefaultKeychain
        Some(-25291 | -25294 | -25295 | -25307) => VaultError::Missing { source },
        // Everything else refuses: errSecUserCanceled (-128), errSecAuthFailed (-25293), errSecReadOnly (-25292) …
        _ => VaultError::Denied { source },
    }
}

/// keyring keeps its Windows error type to itself: all that can be told is that there is no logon session with a
/// credential set (`ERROR_NO_SUCH_LOGON_SESSION`, its only reason for `NoStorageAccess`) or that it refused.
#[cfg(target_os = "windows")]
fn platform(source: crate::error::Cause) -> VaultError {
    VaultError::Denied { source: Some(source) }
}
