//! What the environment says about the core.

use std::ffi::{OsStr, OsString};
use std::path::PathBuf;

use mailroom_api::{EngineSetup, Secret, VaultChoice};

use crate::StartError;

/// The variables that the `mailroom` command obeys too, so that both work on the same data.
#[derive(Debug, Default)]
pub(crate) struct Surroundings {
    home: Option<PathBuf>,
    vault: Option<OsString>,
    passphrase: Option<OsString>,
    log: Option<OsString>,
    certificates: Option<PathBuf>,
    policy: Option<PathBuf>,
}

impl Surroundings {
    /// Reads the environment. An empty variable is as good as none.
    #[expect(
        clippy::disallowed_methods,
        reason = "this is the edge at which the environment is read"
    )]
    pub(crate) fn read() -> Self {
        let given = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty());
        Self {
            home: given("MAILROOM_HOME").map(PathBuf::from),
            vault: given("MAILROOM_VAULT"),
            passphrase: given("MAILROOM_VAULT_PASSPHRASE"),
            log: given("MAILROOM_LOG"),
            certificates: given("SSL_CERT_FILE").map(PathBuf::from),
            policy: given("MAILROOM_POLICY").map(PathBuf::from),
        }
    }

    /// What the program should write to standard error about itself, when that was asked for.
    pub(crate) fn log(&self) -> Option<&str> {
        self.log.as_ref().and_then(|wanted| wanted.to_str())
    }

    /// The folder in which everything is kept.
    ///
    /// # Errors
    ///
    /// The system names no directory for data, and none was given.
    pub(crate) fn home(&self) -> Result<PathBuf, StartError> {
        let home = match &self.home {
            Some(home) => home.clone(),
            None => directories::ProjectDirs::from("", "", "Mailroom")
                .map(|directories| directories.data_local_dir().to_owned())
                .ok_or(StartError::NoDataFolder)?,
        };
        std::path::absolute(home).map_err(|_| StartError::NoDataFolder)
    }

    /// How the core is opened.
    ///
    /// # Errors
    ///
    /// The system names no directory for data, or the vault's variables contradict each other.
    pub(crate) fn engine_setup(self) -> Result<EngineSetup, StartError> {
        Ok(EngineSetup {
            home: self.home()?,
            vault: vault(self.vault.as_deref(), self.passphrase)?,
            policy: self.policy,
            certificates: self.certificates,
        })
    }
}

fn vault(choice: Option<&OsStr>, passphrase: Option<OsString>) -> Result<VaultChoice, StartError> {
    match choice.map(OsStr::to_string_lossy).as_deref() {
        None | Some("keychain") => Ok(VaultChoice::Keychain),
        Some("file") => passphrase
            .map(|passphrase| VaultChoice::File {
                passphrase: Secret::new(passphrase.to_string_lossy().into_owned()),
            })
            .ok_or(StartError::PassphraseMissing),
        Some(_) => Err(StartError::VaultUnknown),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn setup_with_a_home_keeps_it_and_uses_the_keychain() {
        let folder = tempfile::tempdir().unwrap();
        let surroundings = Surroundings {
            home: Some(folder.path().to_owned()),
            ..Surroundings::default()
        };
        let setup = surroundings.engine_setup().unwrap();
        assert_eq!(setup.home, folder.path());
        assert!(matches!(setup.vault, VaultChoice::Keychain));
        assert!(setup.certificates.is_none());
    }

    #[test]
    fn vault_choice_is_refused_when_it_cannot_be_what_is_meant() {
        assert!(matches!(
            vault(Some(OsStr::new("file")), None),
            Err(StartError::PassphraseMissing)
        ));
        assert!(matches!(
            vault(Some(OsStr::new("drawer")), None),
            Err(StartError::VaultUnknown)
        ));
        assert!(matches!(
            vault(Some(OsStr::new("file")), Some("open sesame".into())),
            Ok(VaultChoice::File { .. })
        ));
    }
}
