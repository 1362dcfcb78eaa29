//! Whether there is a newer version: the only question that the program asks its makers.

use mailroom_connect::newest_release;
use semver::Version;

use crate::{Engine, EngineError};

/// This version.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");

/// A version that is newer than this one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewerVersion {
    /// Its number.
    pub version: String,
    /// Where to read about it and get it: an `https` address.
    pub url: String,
}

impl Engine {
    /// True when the program may look for a newer version of itself: its build says where, and the organisation does not
    /// forbid it.
    pub async fn looks_for_updates(&self) -> Result<bool, EngineError> {
        Ok(self.update_address().is_some() && self.policy().await?.allows_update_check())
    }

    /// Asks for a newer version; `None` when there is none, and without asking when the program may not look.
    pub async fn newer_version(&self) -> Result<Option<NewerVersion>, EngineError> {
        if !self.looks_for_updates().await? {
            return Ok(None);
        }
        let edges = self.edges().await?;
        let Some(address) = &edges.update_address else {
            return Ok(None);
        };
        let release = newest_release(&edges.http, address).await?;
        Ok(is_newer(&release.version, VERSION).then(|| NewerVersion {
            version: release.version,
            url: release.url.into(),
        }))
    }
}

/// By the rules of Semantic Versioning; what is no version is not newer.
fn is_newer(found: &str, current: &str) -> bool {
    match (Version::parse(found), Version::parse(current)) {
        (Ok(found), Ok(current)) => found.cmp_precedence(&current).is_gt(),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn newer_is_what_comes_later_in_order_of_precedence() {
        let cases = [
            ("0.1.0", "0.1.0", false),
            ("0.1.1", "0.1.0", true),
            ("0.10.0", "0.9.9", true),
            ("1.0.0-beta.2", "1.0.0-beta.10", false),
            ("1.0.0", "1.0.0-beta.10", true),
            ("1.0.0-beta", "1.0.0", false),
            ("1.0.0+build2", "1.0.0+build1", false),
            ("0.0.9", "0.1.0", false),
            ("v2", "0.1.0", false),
            ("", "0.1.0", false),
        ];
        for (found, current, newer) in cases {
            assert_eq!(is_newer(found, current), newer, "{found} {current}");
        }
    }
}
