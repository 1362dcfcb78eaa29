//! The policy document.

use std::collections::BTreeMap;

use mailroom_model::{Coded, ErrorCode, Params};
use serde::{Deserialize, Serialize};

/// The version of the document that this build understands.
const VERSION: u32 = 1;

/// One policy document. Every part is optional; an empty document decides nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Policy {
    /// Version of the shape, 1.
    pub version: u32,
    /// OAuth client ids by the key of the sign-in service (`google`, `microsoft`, `yandex`, `fastmail`, or an
    /// issuer's address).
    #[serde(default)]
    pub registrations: BTreeMap<String, PolicyRegistration>,
    /// Which provider of the built-in table runs a domain: domain in lower case to provider id.
    #[serde(default)]
    pub domains: BTreeMap<String, String>,
    /// False when the program must not look for newer versions of itself: the organisation brings them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub updates: Option<bool>,
}

/// A client id that the organisation registered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PolicyRegistration {
    /// The public client id.
    pub client_id: String,
    /// Microsoft: the tenant that owns the mailboxes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tenant: Option<String>,
}

/// Why a policy cannot be used. A policy that is there but wrong stops the program: to go on without it would be
/// to decide against the organisation.
#[derive(Debug, thiserror::Error)]
pub enum PolicyError {
    /// The file exists and cannot be read.
    #[error("the policy {path} cannot be read")]
    Unreadable {
        /// Where it is.
        path: String,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// The text is not the expected JSON.
    #[error("the policy {path} is not valid")]
    Syntax {
        /// Where it is.
        path: String,
        /// Line, column and what was expected.
        #[source]
        source: serde_json::Error,
    },
    /// The document was written for another version of the shape.
    #[error("the policy {path} has version {found}, this program reads version {VERSION}")]
    Version {
        /// Where it is.
        path: String,
        /// The version found.
        found: u32,
    },
    /// A value is out of its range.
    #[error("the policy {path} has an empty {field}")]
    Empty {
        /// Where it is.
        path: String,
        /// Which field.
        field: String,
    },
}

impl Coded for PolicyError {
    fn code(&self) -> ErrorCode {
        ErrorCode::PolicyInvalid
    }

    fn params(&self) -> Params {
        let (path, reason) = match self {
            Self::Unreadable { path, source } => (path, source.to_string()),
            Self::Syntax { path, source } => (path, source.to_string()),
            Self::Version { path, found } => (path, format!("version {found}")),
            Self::Empty { path, field } => (path, field.clone()),
        };
        Params::from([("path", path.as_str().into()), ("reason", reason.into())])
    }
}

impl Policy {
    /// Reads a document; `path` is only for the error.
    pub fn parse(text: &str, path: &str) -> Result<Self, PolicyError> {
        let policy: Self = serde_json::from_str(text).map_err(|source| PolicyError::Syntax {
            path: path.to_owned(),
            source,
        })?;
        if policy.version != VERSION {
            return Err(PolicyError::Version {
                path: path.to_owned(),
                found: policy.version,
            });
        }
        let empty = policy
            .registrations
            .iter()
            .find(|(_, registration)| registration.client_id.trim().is_empty())
            .map(|(key, _)| format!("registrations.{key}.client_id"))
            .or_else(|| {
                policy
                    .domains
                    .iter()
                    .find(|(_, id)| id.trim().is_empty())
                    .map(|(domain, _)| format!("domains.{domain}"))
            });
        match empty {
            Some(field) => Err(PolicyError::Empty {
                path: path.to_owned(),
                field,
            }),
            None => Ok(policy),
        }
    }

    /// The organisation's client id for a sign-in service.
    pub fn registration(&self, key: &str) -> Option<&PolicyRegistration> {
        self.registrations.get(key)
    }

    /// False when the organisation brings newer versions itself.
    pub fn allows_update_check(&self) -> bool {
        self.updates.unwrap_or(true)
    }

    /// The organisation's choice of provider for a domain.
    pub fn provider_for_domain(&self, domain: &str) -> Option<&str> {
        self.domains.get(&domain.to_ascii_lowercase()).map(String::as_str)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn policy_answers_what_it_was_told() {
        let text = r#"{"version":1,
            "registrations":{"microsoft":{"client_id":"abc","tenant":"firma"}},
            "domains":{"firma.example":"m365"},"updates":false}"#;
        let policy = Policy::parse(text, "p").unwrap();
        assert_eq!(
            policy.registration("microsoft").unwrap().tenant.as_deref(),
            Some("firma")
        );
        assert_eq!(policy.provider_for_domain("Firma.Example"), Some("m365"));
        assert_eq!(policy.registration("google"), None);
        assert!(!policy.allows_update_check());
        assert!(Policy::default().allows_update_check());
    }

    #[test]
    fn policy_that_is_wrong_says_where() {
        let cases = [
            ("{", "EOF"),
            (r#"{"version":2}"#, "version 2"),
            (r#"{"version":1,"colour":"red"}"#, "unknown field `colour`"),
            (
                r#"{"version":1,"registrations":{"google":{"client_id":" "}}}"#,
                "registrations.google.client_id",
            ),
            (r#"{"version":1,"domains":{"a.pl":""}}"#, "domains.a.pl"),
        ];
        for (text, reason) in cases {
            let error = Policy::parse(text, "/etc/p.json").unwrap_err();
            assert_eq!(error.code(), ErrorCode::PolicyInvalid);
            let params = error.params();
            assert!(
                params["reason"].to_string().contains(reason),
                "{text}: {params:?}"
            );
            assert_eq!(params["path"].to_string(), "/etc/p.json");
        }
    }
}
