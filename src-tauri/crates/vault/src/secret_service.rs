//! The Secret Service of Linux desktops (<https://specifications.freedesktop.org/secret-service>): is it there, is
//! it locked, and what do its errors mean.

use std::time::Duration;

use dbus_secret_service::{EncryptionType, Error, SecretService};

use crate::VaultError;

/// Unlocks the default collection, asking the person if it must, for at most `patience`.
pub(crate) fn unlock(patience: Duration) -> Result<(), VaultError> {
    let service = connect(patience)?;
    let collection = service.get_default_collection().map_err(told)?;
    if collection.is_locked().map_err(told)? {
        collection.unlock().map_err(told)?;
    }
    Ok(())
}

/// Looks whether the default collection is there and unlocked.
pub(crate) fn look() -> Result<(), VaultError> {
    let service = connect(Duration::ZERO)?;
    let collection = service.get_default_collection().map_err(told)?;
    collection.ensure_unlocked().map_err(told)
}

/// No secret goes over this connection, so it needs no encryption.
fn connect(patience: Duration) -> Result<SecretService, VaultError> {
    SecretService::connect_with_max_prompt_timeout(EncryptionType::Plain, patience.as_secs()).map_err(told)
}

/// An error of the service as one of ours.
pub(crate) fn told(error: Error) -> VaultError {
    let kind = match &error {
        Error::Locked | Error::Prompt => Kind::Locked,
        Error::NoResult | Error::Unavailable => Kind::Missing,
        Error::Dbus(dbus) => named(dbus.name().unwrap_or_default()),
        _ => Kind::Failed,
    };
    match kind {
        Kind::Locked => VaultError::Locked {
            source: Some(Box::new(error)),
        },
        Kind::Missing => VaultError::Missing {
            source: Some(Box::new(error)),
        },
        Kind::Denied => VaultError::Denied {
            source: Some(Box::new(error)),
        },
        Kind::TimedOut => VaultError::TimedOut,
        Kind::Failed => VaultError::Failed {
            source: Box::new(error),
        },
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Locked,
    Missing,
    Denied,
    TimedOut,
    Failed,
}

/// What a D-Bus error name means.
fn named(name: &str) -> Kind {
    const BUS: &str = "org.freedesktop.DBus.Error.";
    if let Some(bus) = name.strip_prefix(BUS) {
        return match bus {
            "AccessDenied" | "AuthFailed" | "InteractiveAuthorizationRequired" => Kind::Denied,
            "NoReply" | "Timeout" | "TimedOut" => Kind::TimedOut,
            "ServiceUnknown" | "NameHasNoOwner" | "NoServer" | "NoNetwork" | "FileNotFound"
            | "Disconnected" | "BadAddress" | "NotSupported" | "UnknownInterface" | "UnknownObject"
            | "IOError" => Kind::Missing,
            other if other.starts_with("Spawn.") => Kind::Missing,
            _ => Kind::Failed,
        };
    }
    match name {
        "org.freedesktop.Secret.Error.IsLocked" => Kind::Locked,
        "org.freedesktop.Secret.Error.NoSession" | "org.freedesktop.Secret.Error.NoSuchObject" => {
            Kind::Missing
        }
        _ => Kind::Failed,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bus_errors_are_told_by_their_names() {
        let cases = [
            ("org.freedesktop.DBus.Error.ServiceUnknown", Kind::Missing),
            ("org.freedesktop.DBus.Error.Spawn.ExecFailed", Kind::Missing),
            ("org.freedesktop.DBus.Error.NoReply", Kind::TimedOut),
            ("org.freedesktop.DBus.Error.AccessDenied", Kind::Denied),
            ("org.freedesktop.Secret.Error.IsLocked", Kind::Locked),
            ("org.freedesktop.DBus.Error.NoMemory", Kind::Failed),
            ("", Kind::Failed),
        ];
        for (name, kind) in cases {
            assert_eq!(named(name), kind, "{name}");
        }
    }

    #[test]
    fn service_errors_are_told_by_their_kinds() {
        assert!(matches!(told(Error::Locked), VaultError::Locked { .. }));
        assert!(matches!(told(Error::Prompt), VaultError::Locked { .. }));
        assert!(matches!(told(Error::Unavailable), VaultError::Missing { .. }));
        assert!(matches!(told(Error::NoResult), VaultError::Missing { .. }));
        assert!(matches!(told(Error::Parse), VaultError::Failed { .. }));
    }
}
