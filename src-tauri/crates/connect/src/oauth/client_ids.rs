//! Which client id the program shows to which issuer.

use std::collections::BTreeMap;

use mailroom_model::{Secret, UnixMillis};
use serde::Serialize;

use super::BuiltinIssuer;

/// A client that an authorisation server knows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Registration {
    /// The client id.
    pub client_id: String,
    /// Its secret; for a program that people install it is none, but some servers demand it.
    pub client_secret: Option<Secret<String>>,
    /// When the service stops taking that secret, where it says so.
    pub secret_ends_at: Option<UnixMillis>,
    /// Microsoft: `common`, `consumers`, `organizations`, a tenant's id or domain.
    pub tenant: Option<String>,
}

/// Where a registration comes from, the strongest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ClientIdSource {
    /// The organisation's policy.
    Policy,
    /// The person's own.
    Own,
    /// Built in.
    Build,
}

/// The registrations that there are, by profile key (or issuer address) and source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClientIds {
    registrations: BTreeMap<(String, ClientIdSource), Registration>,
}

impl Default for ClientIds {
    fn default() -> Self {
        Self::from_build()
    }
}

impl ClientIds {
    /// No registrations at all.
    pub fn none() -> Self {
        Self {
            registrations: BTreeMap::new(),
        }
    }

    /// The registrations that were in the environment when the program was built: `MAILROOM_GOOGLE_CLIENT_ID`,
    /// `MAILROOM_GOOGLE_CLIENT_SECRET` and so on for Microsoft, Yandex and Fastmail.
    pub fn from_build() -> Self {
        let built_in = [
            (
                BuiltinIssuer::Google,
                option_env!("MAILROOM_GOOGLE_CLIENT_ID"),
                option_env!("MAILROOM_GOOGLE_CLIENT_SECRET"),
            ),
            (
                BuiltinIssuer::Microsoft,
                option_env!("MAILROOM_MICROSOFT_CLIENT_ID"),
                option_env!("MAILROOM_MICROSOFT_CLIENT_SECRET"),
            ),
            (
                BuiltinIssuer::Yandex,
                option_env!("MAILROOM_YANDEX_CLIENT_ID"),
                option_env!("MAILROOM_YANDEX_CLIENT_SECRET"),
            ),
            (
                BuiltinIssuer::Fastmail,
                option_env!("MAILROOM_FASTMAIL_CLIENT_ID"),
                option_env!("MAILROOM_FASTMAIL_CLIENT_SECRET"),
            ),
        ];
        let given = |text: Option<&'static str>| text.filter(|text| !text.is_empty()).map(str::to_owned);
        built_in
            .into_iter()
            .filter_map(|(issuer, id, secret)| {
                let registration = Registration {
                    client_id: given(id)?,
                    client_secret: given(secret).map(Secret::new),
                    tenant: None,
                    secret_ends_at: None,
                };
                Some((issuer, registration))
            })
            .fold(Self::none(), |ids, (issuer, registration)| {
                ids.with(ClientIdSource::Build, issuer.key(), registration)
            })
    }

    /// These and one more; it takes the place of one with the same key and source.
    pub fn with(mut self, source: ClientIdSource, key: &str, registration: Registration) -> Self {
        self.registrations.insert((key.to_owned(), source), registration);
        self
    }

    /// The registration to use for a profile key or issuer address: the policy's, else the person's own, else the built-in.
    pub fn find(&self, key: &str) -> Option<(&Registration, ClientIdSource)> {
        [ClientIdSource::Policy, ClientIdSource::Own, ClientIdSource::Build]
            .into_iter()
            .find_map(|source| {
                let registration = self.registrations.get(&(key.to_owned(), source))?;
                Some((registration, source))
            })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn registration(id: &str) -> Registration {
        Registration {
            client_id: id.to_owned(),
            client_secret: Some(Secret::new("hidden".to_owned())),
            tenant: None,
            secret_ends_at: None,
        }
    }

    #[test]
    fn policy_wins_over_the_own_registration_and_that_over_the_build() {
        let ids = ClientIds::none().with(ClientIdSource::Build, "google", registration("build"));
        let with_own = ids
            .clone()
            .with(ClientIdSource::Own, "google", registration("own"));
        let with_policy = with_own
            .clone()
            .with(ClientIdSource::Policy, "google", registration("policy"));
        let found = |ids: &ClientIds| {
            ids.find("google")
                .map(|(found, source)| (found.client_id.clone(), source))
        };
        assert_eq!(found(&ids), Some(("build".to_owned(), ClientIdSource::Build)));
        assert_eq!(
            found(&with_policy),
            Some(("policy".to_owned(), ClientIdSource::Policy))
        );
        assert_eq!(found(&with_own), Some(("own".to_owned(), ClientIdSource::Own)));
        assert_eq!(with_own.find("yandex"), None);
        assert!(!format!("{with_own:?}").contains("hidden"));
    }
}
