//! Looking whether a mail server answers at an address. Nothing secret is sent.

use std::time::Duration;

use async_trait::async_trait;
use mailroom_connect::{Offered, Purpose, ServerProbe};
use mailroom_model::{AuthMethod, Coded as _, Endpoint, ErrorCode, Fingerprint, TrustedCertificate};
use mailroom_protocol::{Dialer, imap, smtp};

use crate::{Engine, EngineError, budget};

/// How long a server may take: somebody is typing.
const PATIENCE: Duration = Duration::from_secs(8);

/// Which protocol is expected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MailProtocol {
    /// Reading.
    Imap,
    /// Sending.
    Smtp,
}

/// What a server that answered offers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Probed {
    /// Ways to sign in that Mailroom speaks, the surest first.
    pub auth: Vec<AuthMethod>,
}

impl Engine {
    /// Connects, checks the certificate, reads greeting and capabilities, and leaves. Errors are those of a sign-in. A
    /// certificate that the person trusts already is taken.
    pub async fn probe_server(
        &self,
        protocol: MailProtocol,
        endpoint: &Endpoint,
        trusted: Option<Fingerprint>,
    ) -> Result<Probed, EngineError> {
        let wanted: Vec<TrustedCertificate> = trusted
            .map(|fingerprint| TrustedCertificate {
                host: endpoint.host.clone(),
                port: endpoint.port,
                fingerprint,
            })
            .into_iter()
            .collect();
        let dialer = &self.dialer_trusting(&wanted, true).await?;
        let looking = async {
            let _slot = match protocol {
                MailProtocol::Imap => Some(self.slot(&endpoint.host, budget::Purpose::Person).await?),
                MailProtocol::Smtp => None,
            };
            Ok(Probed {
                auth: methods(&mechanisms(dialer, protocol, endpoint).await?),
            })
        };
        match tokio::time::timeout(PATIENCE, looking).await {
            Ok(probed) => probed,
            Err(_) => Err(EngineError::NoAnswer {
                host: endpoint.host.clone(),
                port: endpoint.port,
                after_ms: i64::try_from(PATIENCE.as_millis()).unwrap_or(i64::MAX),
            }),
        }
    }
}

/// What a server offers for signing in.
async fn mechanisms(
    dialer: &Dialer,
    protocol: MailProtocol,
    endpoint: &Endpoint,
) -> Result<Vec<String>, EngineError> {
    match protocol {
        MailProtocol::Imap => {
            let seen = imap::probe(dialer, endpoint, &imap::ImapOptions::default()).await?;
            let mut names: Vec<String> = seen.capabilities.mechanisms().map(str::to_owned).collect();
            if !seen.capabilities.has("LOGINDISABLED") {
                names.push("LOGIN".to_owned());
            }
            Ok(names)
        }
        MailProtocol::Smtp => {
            let seen = smtp::probe(dialer, endpoint, &smtp::SmtpOptions::default()).await?;
            Ok(seen.capabilities.mechanisms.clone())
        }
    }
}

/// Looks at servers that detection guesses, over the same connections as everything else.
#[derive(Clone, Debug)]
pub struct DialerProbe(pub Dialer);

#[async_trait]
impl ServerProbe for DialerProbe {
    async fn offered(&self, purpose: Purpose, endpoint: &Endpoint) -> Result<Offered, ErrorCode> {
        let protocol = match purpose {
            Purpose::Read => MailProtocol::Imap,
            Purpose::Send => MailProtocol::Smtp,
        };
        let seen = mechanisms(&self.0, protocol, endpoint).await;
        let methods = methods(&seen.map_err(|error| error.code())?);
        Ok(Offered {
            password: methods.contains(&AuthMethod::Password),
        })
    }
}

/// The ways to sign in behind SASL mechanisms.
fn methods(mechanisms: &[String]) -> Vec<AuthMethod> {
    let offers = |names: &[&str]| {
        mechanisms
            .iter()
            .any(|offered| names.iter().any(|name| offered.eq_ignore_ascii_case(name)))
    };
    let mut methods = Vec::new();
    if offers(&["XOAUTH2", "OAUTHBEARER"]) {
        methods.push(AuthMethod::Oauth2);
    }
    if offers(&["PLAIN", "LOGIN"]) {
        methods.push(AuthMethod::Password);
    }
    methods
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mechanisms_become_ways_to_sign_in() {
        let cases: &[(&[&str], &[AuthMethod])] = &[
            (&[], &[]),
            (&["PLAIN", "LOGIN"], &[AuthMethod::Password]),
            (&["xoauth2"], &[AuthMethod::Oauth2]),
            (
                &["OAUTHBEARER", "PLAIN"],
                &[AuthMethod::Oauth2, AuthMethod::Password],
            ),
            (&["GSSAPI", "NTLM"], &[]),
        ];
        for (names, expected) in cases {
            let names: Vec<String> = names.iter().map(ToString::to_string).collect();
            assert_eq!(methods(&names), *expected, "{names:?}");
        }
    }
}
