//! Which way of signing in, and what it says. Pure; the dialogue itself is async-imap's.

use std::fmt;

use async_imap::Authenticator;
use mailroom_model::{Credentials, Secret};

use super::Capabilities;
use crate::sasl::{Mechanism, dismissal};

/// The server offers no mechanism for these credentials.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no mechanism for these credentials is offered")]
pub struct NoMechanism {
    /// What it offers.
    pub offered: Vec<String>,
}

/// The strongest mechanism that the server offers and that fits the credentials.
pub fn choose(capabilities: &Capabilities, credentials: &Credentials) -> Result<Mechanism, NoMechanism> {
    let preferred: &[Mechanism] = match credentials {
        Credentials::Bearer { .. } => &[Mechanism::OauthBearer, Mechanism::Xoauth2],
        Credentials::Password { .. } => &[Mechanism::Plain],
    };
    let offered = |mechanism: &&Mechanism| capabilities.mechanisms().any(|name| name == mechanism.as_str());
    if let Some(mechanism) = preferred.iter().find(offered) {
        return Ok(*mechanism);
    }
    if matches!(credentials, Credentials::Password { .. }) && !capabilities.has("LOGINDISABLED") {
        return Ok(Mechanism::Login);
    }
    Err(NoMechanism {
        offered: capabilities.mechanisms().map(str::to_owned).collect(),
    })
}

/// Answers the server's challenges: first what is to be said, then the dismissal.
pub(super) struct Dialogue {
    mechanism: Mechanism,
    unsaid: Option<Secret<String>>,
}

impl Dialogue {
    /// `unsaid` is `None` when it went out with the command (SASL-IR, RFC 4959).
    pub(super) fn new(mechanism: Mechanism, unsaid: Option<Secret<String>>) -> Self {
        Self { mechanism, unsaid }
    }
}

impl fmt::Debug for Dialogue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.mechanism.fmt(f)
    }
}

impl Authenticator for Dialogue {
    type Response = Vec<u8>;

    fn process(&mut self, _challenge: &[u8]) -> Vec<u8> {
        match self.unsaid.take() {
            Some(words) => words.expose().clone().into_bytes(),
            None => dismissal(self.mechanism).to_vec(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn password() -> Credentials {
        Credentials::Password {
            username: "anna@x.pl".into(),
            password: Secret::new("hunter2".into()),
        }
    }

    fn bearer() -> Credentials {
        Credentials::Bearer {
            username: "a,b=c@x.pl".into(),
            access_token: Secret::new("tok".into()),
        }
    }

    #[test]
    fn mechanism_is_the_strongest_that_fits() {
        let cases = [
            (
                "IMAP4rev1 AUTH=XOAUTH2 AUTH=OAUTHBEARER AUTH=PLAIN",
                bearer(),
                Ok(Mechanism::OauthBearer),
            ),
            (
                "IMAP4rev1 auth=xoauth2 AUTH=PLAIN",
                bearer(),
                Ok(Mechanism::Xoauth2),
            ),
            ("IMAP4rev1 AUTH=PLAIN", bearer(), Err(vec!["PLAIN"])),
            (
                "IMAP4rev1 AUTH=CRAM-MD5 AUTH=PLAIN",
                password(),
                Ok(Mechanism::Plain),
            ),
            ("IMAP4rev1", password(), Ok(Mechanism::Login)),
            ("IMAP4rev1 AUTH=CRAM-MD5", password(), Ok(Mechanism::Login)),
            (
                "IMAP4rev1 LOGINDISABLED AUTH=PLAIN",
                password(),
                Ok(Mechanism::Plain),
            ),
            (
                "IMAP4rev1 LOGINDISABLED AUTH=XOAUTH2",
                password(),
                Err(vec!["XOAUTH2"]),
            ),
        ];
        for (names, credentials, expected) in cases {
            let capabilities = Capabilities::new(names.split(' '));
            let expected = expected.map_err(|offered| NoMechanism {
                offered: offered.into_iter().map(str::to_owned).collect(),
            });
            assert_eq!(choose(&capabilities, &credentials), expected, "{names}");
        }
    }

    #[test]
    fn dialogue_says_its_words_then_dismisses() {
        let mut dialogue = Dialogue::new(Mechanism::OauthBearer, Some(Secret::new("first".into())));
        assert_eq!(dialogue.process(b""), b"first");
        assert_eq!(dialogue.process(b"{}"), b"\x01");
        assert_eq!(format!("{dialogue:?}"), "OauthBearer");
    }
}
