//! Where the policy file stands on each system.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use crate::{Policy, PolicyError};

/// The machine-wide policy file: only an administrator can write there.
pub fn machine_path() -> PathBuf {
    if cfg!(target_os = "windows") {
        PathBuf::from(r"C:\ProgramData\Mailroom\policy.json")
    } else if cfg!(target_os = "macos") {
        PathBuf::from("/Library/Application Support/Mailroom/policy.json")
    } else {
        PathBuf::from("/etc/mailroom/policy.json")
    }
}

/// The policy that counts: the machine's where there is one, because whoever administers the machine has decided; else the
/// one that was asked for.
pub fn path_in_force(wanted: Option<PathBuf>) -> PathBuf {
    let machine = machine_path();
    match wanted {
        Some(wanted) if !machine.exists() => wanted,
        _ => machine,
    }
}

/// Reads the policy at `path`. No file means no policy; a file that cannot be used is an error.
pub fn load(path: &Path) -> Result<Policy, PolicyError> {
    match std::fs::read_to_string(path) {
        Ok(text) => Policy::parse(&text, &path.display().to_string()),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(Policy {
            version: 1,
            ..Policy::default()
        }),
        Err(source) => Err(PolicyError::Unreadable {
            path: path.display().to_string(),
            source,
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn policy_that_is_not_there_decides_nothing() {
        let policy = load(Path::new("/nonexistent/policy.json")).unwrap();
        assert_eq!(
            policy,
            Policy {
                version: 1,
                ..Policy::default()
            }
        );
    }

    #[test]
    fn policy_that_cannot_be_read_is_an_error() {
        assert!(matches!(
            load(Path::new("/")),
            Err(PolicyError::Unreadable { .. })
        ));
    }
}
