//! The policy document.

use std::collections::BTreeMap;

use mailroom_model::{Coded, Endpoint, ErrorCode, Params};
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
    /// The organisation's own servers: domain in lower case to servers. They win over `domains`.
    #[serde(default)]
    pub servers: BTreeMap<String, PolicyServers>,
    /// The database of providers that detection asks for a domain: its `https` address, or `false` for none. Absent for the
    /// public one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ispdb: Option<PolicyIspdb>,
    /// False when nobody may trust a server's certificate that the machine does not trust.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub certificate_exceptions: Option<bool>,
}

/// Which database of providers detection may ask.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum PolicyIspdb {
    /// `true` for the public one, `false` for none.
    Public(bool),
    /// This one: an `https` address, to which the domain is appended.
    Address(String),
}

/// Servers that the organisation runs for a domain.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PolicyServers {
    /// What people call them.
    pub name: String,
    /// Where mail is read, `HOST:PORT:tls|starttls`, best first.
    pub imap: Vec<String>,
    /// Where mail is sent, `HOST:PORT:tls|starttls`, best first; empty for receiving only.
    #[serde(default)]
    pub smtp: Vec<String>,
    /// The OpenID issuer of the sign-in in the browser; absent where mailboxes have passwords.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub issuer: Option<String>,
    /// True when mailboxes have passwords too, beside the sign-in in the browser. Without an issuer they always do.
    #[serde(default)]
    pub password: bool,
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
    /// How the browser hands the answer over; absent for the best way that the service is known to take.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub redirect: Option<PolicyRedirect>,
    /// The page on which an administrator allows programs at the organisation's own sign-in service, `https`. Microsoft's and
    /// Google's are known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub approval_page: Option<String>,
}

/// The only redirect that the organisation registered: many services let nobody register a port of the moment on
/// 127.0.0.1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PolicyRedirect {
    /// A link of the scheme `app.mailroom` (RFC 8252 §7.1).
    Scheme,
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
    /// A server is not written as `HOST:PORT:tls|starttls`, or the address of a page or a database not as an `https` address.
    #[error("the policy {path} has a server that is none in {field}")]
    Server {
        /// Where it is.
        path: String,
        /// Which field.
        field: String,
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
            Self::Empty { path, field } | Self::Server { path, field } => (path, field.clone()),
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
        if let Some(PolicyIspdb::Address(address)) = &policy.ispdb
            && address.strip_prefix("https://").is_none_or(str::is_empty)
        {
            return Err(PolicyError::Server {
                path: path.to_owned(),
                field: "ispdb".to_owned(),
            });
        }
        if let Some(key) = policy.wrong_approval_page() {
            return Err(PolicyError::Server {
                path: path.to_owned(),
                field: format!("registrations.{key}.approval_page"),
            });
        }
        if let Some(field) = empty.or_else(|| policy.empty_server_field()) {
            return Err(PolicyError::Empty {
                path: path.to_owned(),
                field,
            });
        }
        match policy.servers.iter().find_map(|(domain, servers)| {
            let field = servers.wrong_endpoint()?;
            Some(format!("servers.{domain}.{field}"))
        }) {
            Some(field) => Err(PolicyError::Server {
                path: path.to_owned(),
                field,
            }),
            None => Ok(policy),
        }
    }

    /// The first registration whose page for administrators is neither encrypted nor on this machine.
    fn wrong_approval_page(&self) -> Option<&str> {
        let is_page = |page: &str| {
            ["https://", "http://127.0.0.1:", "http://localhost:"]
                .iter()
                .any(|start| page.strip_prefix(start).is_some_and(|rest| !rest.is_empty()))
        };
        self.registrations
            .iter()
            .find(|(_, registration)| {
                registration
                    .approval_page
                    .as_deref()
                    .is_some_and(|page| !is_page(page))
            })
            .map(|(key, _)| key.as_str())
    }

    fn empty_server_field(&self) -> Option<String> {
        self.servers.iter().find_map(|(domain, servers)| {
            let field = if servers.name.trim().is_empty() {
                "name"
            } else if servers.imap.is_empty() {
                "imap"
            } else {
                return None;
            };
            Some(format!("servers.{domain}.{field}"))
        })
    }

    /// True when a person may trust a server's certificate that the machine does not trust.
    pub fn allows_certificate_exceptions(&self) -> bool {
        self.certificate_exceptions.unwrap_or(true)
    }

    /// The organisation's own servers for a domain.
    pub fn servers_for_domain(&self, domain: &str) -> Option<&PolicyServers> {
        self.servers.get(&domain.to_ascii_lowercase())
    }

    /// The address of the database of providers, where `public` is the one that everybody has; `None` where none may be
    /// asked.
    pub fn ispdb_address<'a>(&'a self, public: &'a str) -> Option<&'a str> {
        match &self.ispdb {
            None | Some(PolicyIspdb::Public(true)) => Some(public),
            Some(PolicyIspdb::Public(false)) => None,
            Some(PolicyIspdb::Address(address)) => Some(address),
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

impl PolicyServers {
    /// Where mail is read.
    pub fn imap(&self) -> Vec<Endpoint> {
        endpoints(&self.imap)
    }

    /// Where mail is sent.
    pub fn smtp(&self) -> Vec<Endpoint> {
        endpoints(&self.smtp)
    }

    fn wrong_endpoint(&self) -> Option<&'static str> {
        [("imap", &self.imap), ("smtp", &self.smtp)]
            .into_iter()
            .find(|(_, texts)| endpoints(texts).len() != texts.len())
            .map(|(field, _)| field)
    }
}

fn endpoints(texts: &[String]) -> Vec<Endpoint> {
    texts.iter().filter_map(|text| text.parse().ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn policy_answers_what_it_was_told() {
        let text = r#"{"version":1,
            "registrations":{"microsoft":{"client_id":"abc","tenant":"firma","redirect":"scheme","approval_page":"https://id.firma.example/"}},
            "domains":{"firma.example":"m365"},
            "servers":{"own.example":{"name":"Own","imap":["imap.own.example:993:tls"],"issuer":"https://own.example"}},"updates":false}"#;
        let policy = Policy::parse(text, "p").unwrap();
        assert_eq!(
            policy.registration("microsoft").unwrap().tenant.as_deref(),
            Some("firma")
        );
        assert_eq!(
            policy.registration("microsoft").unwrap().approval_page.as_deref(),
            Some("https://id.firma.example/")
        );
        assert_eq!(policy.provider_for_domain("Firma.Example"), Some("m365"));
        assert_eq!(policy.registration("google"), None);
        assert!(!policy.allows_update_check());
        assert!(Policy::default().allows_update_check());
        let own = policy.servers_for_domain("OWN.example").unwrap();
        assert_eq!(own.imap(), ["imap.own.example:993:tls".parse().unwrap()]);
        assert_eq!(
            (own.smtp(), own.issuer.as_deref()),
            (vec![], Some("https://own.example"))
        );
        assert_eq!(policy.servers_for_domain("firma.example"), None);
    }

    #[test]
    fn database_of_providers_is_the_public_one_another_or_none() {
        let cases = [
            ("", Some("https://public.example/")),
            (r#","ispdb":true"#, Some("https://public.example/")),
            (r#","ispdb":false"#, None),
            (
                r#","ispdb":"https://db.firma.example/v1/""#,
                Some("https://db.firma.example/v1/"),
            ),
        ];
        for (member, expected) in cases {
            let policy = Policy::parse(&format!(r#"{{"version":1{member}}}"#), "p").unwrap();
            assert_eq!(
                policy.ispdb_address("https://public.example/"),
                expected,
                "{member}"
            );
        }
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
            (
                r#"{"version":1,"servers":{"a.pl":{"name":"A","imap":[]}}}"#,
                "servers.a.pl.imap",
            ),
            (
                r#"{"version":1,"servers":{"a.pl":{"name":"","imap":["i.a.pl:993:tls"]}}}"#,
                "servers.a.pl.name",
            ),
            (
                r#"{"version":1,"servers":{"a.pl":{"name":"A","imap":["i.a.pl:993:tls"],"smtp":["i.a.pl"]}}}"#,
                "servers.a.pl.smtp",
            ),
            (r#"{"version":1,"ispdb":"http://db.a.pl/"}"#, "ispdb"),
            (
                r#"{"version":1,"registrations":{"https://id.a.pl":{"client_id":"c","approval_page":"http://id.a.pl/"}}}"#,
                "registrations.https://id.a.pl.approval_page",
            ),
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
