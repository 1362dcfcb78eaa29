//! A connection that is ready to send.

use std::fmt;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use lettre::transport::smtp::client::AsyncSmtpConnection;
use mailroom_model::{Credentials, EmailAddress, Endpoint, Secret};

use super::error::SmtpError;
use super::meaning::Stage;
use super::message::{canonical, header_is_eight_bit, stuffed_length};
use super::wire::Ear;
use super::{Capabilities, Envelope, Receipt, Reply};
use crate::dial::{Timeouts, TlsFacts};
use crate::link::Peer;
use crate::sasl::{Mechanism, dismissal, initial_response};
use crate::secrecy::without_secrets;

/// The longest wait for the server's answer to a goodbye: what it took is known before.
const GOODBYE: Duration = Duration::from_secs(3);
/// `CRLF . CRLF`
const END_MARK: u64 = 5;

/// A connection that is ready to send. Several messages may go over one, one after the other.
///
/// A call that is dropped before it ends leaves the conversation in the middle; every later call then fails with
/// [`SmtpError::ConnectionLost`].
pub struct SmtpSession {
    connection: AsyncSmtpConnection,
    ear: Ear,
    peer: Peer,
    endpoint: Endpoint,
    tls: TlsFacts,
    capabilities: Capabilities,
    timeouts: Timeouts,
    in_flight: bool,
}

impl fmt::Debug for SmtpSession {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SmtpSession")
            .field("endpoint", &self.endpoint)
            .finish_non_exhaustive()
    }
}

/// One command line, for lettre to print.
struct Line<'a>(&'a str);

impl fmt::Display for Line<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}\r\n", self.0)
    }
}

impl SmtpSession {
    pub(super) fn new(
        connection: AsyncSmtpConnection,
        ear: Ear,
        endpoint: Endpoint,
        tls: TlsFacts,
        capabilities: Capabilities,
        timeouts: Timeouts,
    ) -> Self {
        Self {
            connection,
            ear,
            peer: Peer::from(&endpoint),
            endpoint,
            tls,
            capabilities,
            timeouts,
            in_flight: false,
        }
    }

    /// What the server offers.
    pub fn limits(&self) -> &Capabilities {
        &self.capabilities
    }

    /// What TLS agreed on.
    pub fn tls(&self) -> &TlsFacts {
        &self.tls
    }

    /// The server.
    pub fn endpoint(&self) -> &Endpoint {
        &self.endpoint
    }

    /// Strongest mechanism first.
    pub(super) async fn sign_in(&mut self, credentials: &Credentials) -> Result<(), SmtpError> {
        let bearer = matches!(credentials, Credentials::Bearer { .. });
        let preferred: &[Mechanism] = if bearer {
            &[Mechanism::OauthBearer, Mechanism::Xoauth2]
        } else {
            &[Mechanism::Plain, Mechanism::Login]
        };
        let offered = |mechanism: &&Mechanism| {
            self.capabilities
                .mechanisms
                .iter()
                .any(|name| name == mechanism.as_str())
        };
        let Some(mechanism) = preferred.iter().find(offered).copied() else {
            return Err(SmtpError::MechanismMissing {
                peer: self.peer.clone(),
                offered: self.capabilities.mechanisms.clone(),
            });
        };
        let mut reply = self.authenticate(mechanism, credentials).await?;
        // A refused bearer sign-in explains itself in a challenge first; only then comes the refusal.
        if reply.code == 334 {
            let words = STANDARD.encode(dismissal(mechanism));
            reply = self.exchange(Stage::SignIn, &words).await?;
        }
        if reply.code != 235 {
            return Err(SmtpError::SignInRefused {
                peer: self.peer.clone(),
                bearer,
                reply: Reply {
                    lines: reply
                        .lines
                        .iter()
                        .map(|line| without_secrets(line, credentials))
                        .collect(),
                    ..reply
                },
            });
        }
        tracing::debug!(peer = %self.peer, mechanism = mechanism.as_str(), "signed in to SMTP");
        Ok(())
    }

    async fn authenticate(
        &mut self,
        mechanism: Mechanism,
        credentials: &Credentials,
    ) -> Result<Reply, SmtpError> {
        if let (Mechanism::Login, Credentials::Password { username, password }) = (mechanism, credentials) {
            let mut reply = self.exchange(Stage::SignIn, "AUTH LOGIN").await?;
            for words in [username, password.expose()] {
                if reply.code != 334 {
                    break;
                }
                let words = Secret::new(STANDARD.encode(words));
                reply = self.exchange(Stage::SignIn, words.expose()).await?;
            }
            return Ok(reply);
        }
        let words = initial_response(mechanism, credentials, &self.endpoint.host, self.endpoint.port);
        let line = Secret::new(format!(
            "AUTH {} {}",
            mechanism.as_str(),
            STANDARD.encode(words.expose())
        ));
        self.exchange(Stage::SignIn, line.expose()).await
    }

    /// One line out, one reply in. 421 ends the session.
    async fn exchange(&mut self, stage: Stage, line: &str) -> Result<Reply, SmtpError> {
        self.begin()?;
        // lettre's opinion of the reply is not needed: the wire has kept the reply itself.
        let _ = self.connection.command(Line(line)).await;
        let reply = self.heard()?;
        tracing::trace!(stage = stage.as_str(), code = reply.code, "SMTP reply");
        Ok(reply)
    }

    fn begin(&mut self) -> Result<(), SmtpError> {
        if self.in_flight {
            return Err(SmtpError::from_fault(&self.peer, None));
        }
        self.in_flight = true;
        let mut heard = self.ear.lock();
        heard.reply = None;
        heard.written = 0;
        Ok(())
    }

    /// The reply that was kept, or how the connection broke.
    fn heard(&mut self) -> Result<Reply, SmtpError> {
        let (reply, fault) = {
            let mut heard = self.ear.lock();
            (heard.reply.take(), heard.fault.clone())
        };
        let Some(reply) = reply else {
            // `in_flight` stays: a broken session does not come back.
            return Err(SmtpError::from_fault(&self.peer, fault.as_ref()));
        };
        if reply.code == 421 {
            return Err(SmtpError::ServerClosed {
                peer: self.peer.clone(),
                reply,
            });
        }
        self.in_flight = false;
        Ok(reply)
    }

    fn refusal(&self, stage: Stage, reply: Reply) -> SmtpError {
        SmtpError::Refused {
            peer: self.peer.clone(),
            stage,
            reply,
        }
    }

    /// Sends one message to all recipients of the envelope, or to none.
    ///
    /// When the server refuses a recipient, the transaction is given up before the message goes out and the error
    /// names every refused one: half a delivery is worse than none, because nobody can tell who has it. Sizes and
    /// letters that the server cannot take are found out before anything is said. Line ends become CRLF.
    pub async fn send(&mut self, envelope: &Envelope, raw: &[u8]) -> Result<Receipt, SmtpError> {
        let message = canonical(raw);
        let parameters = self.parameters(envelope, Some(&message))?;
        self.announce(envelope, &parameters).await?;
        let reply = self.exchange(Stage::Data, "DATA").await?;
        if reply.code != 354 {
            let _ = self.reset().await;
            return Err(self.refusal(Stage::Data, reply));
        }
        let reply = self.hand_over(&message).await?;
        if !reply.is_positive() {
            return Err(self.refusal(Stage::Message, reply));
        }
        Ok(Receipt { reply })
    }

    async fn hand_over(&mut self, message: &[u8]) -> Result<Reply, SmtpError> {
        self.begin()?;
        let whole = stuffed_length(message) + END_MARK;
        self.ear.set_patience(self.timeouts.delivery);
        let _ = self.connection.message(message).await;
        self.ear.set_patience(self.timeouts.reply);
        let written = self.ear.lock().written;
        self.heard().map_err(|error| match error {
            // A reply is an answer, even a goodbye.
            error @ SmtpError::ServerClosed { .. } => error,
            // Without the end mark no server takes a message (RFC 5321 §4.1.1.4).
            error if written < whole => error,
            error => SmtpError::OutcomeUnknown {
                peer: self.peer.clone(),
                source: Box::new(error),
            },
        })
    }

    /// Asks whether the server would take mail from this sender to these recipients, and takes it back (RSET).
    /// Some servers decide only when they see the message.
    pub async fn may_send(&mut self, envelope: &Envelope) -> Result<(), SmtpError> {
        let parameters = self.parameters(envelope, None)?;
        self.announce(envelope, &parameters).await?;
        self.reset().await
    }

    /// What the message needs, checked against what the server has.
    fn parameters(&self, envelope: &Envelope, message: Option<&[u8]>) -> Result<String, SmtpError> {
        let offered = &self.capabilities;
        let peer = || self.peer.clone();
        if envelope.to.is_empty() {
            return Err(SmtpError::NoRecipient);
        }
        let addresses = envelope.from.iter().chain(&envelope.to);
        let non_ascii = addresses.into_iter().find(|address| !address.is_ascii());
        if let Some(address) = non_ascii.filter(|_| !offered.smtputf8) {
            return Err(SmtpError::Utf8Missing {
                peer: peer(),
                address: address.clone(),
            });
        }
        let mut parameters = String::new();
        let mut wants_utf8 = non_ascii.is_some();
        if let Some(message) = message {
            let size = message.len() as u64 + 2;
            if let Some(limit) = offered.size.filter(|limit| size > *limit) {
                return Err(SmtpError::TooLarge {
                    peer: peer(),
                    size,
                    limit,
                });
            }
            if offered.declares_size {
                parameters = format!(" SIZE={size}");
            }
            if !message.is_ascii() {
                if !offered.eight_bit {
                    return Err(SmtpError::EightBitMissing { peer: peer() });
                }
                parameters.push_str(" BODY=8BITMIME");
            }
            wants_utf8 |= offered.smtputf8 && header_is_eight_bit(message);
        }
        if wants_utf8 {
            parameters.push_str(" SMTPUTF8");
        }
        Ok(parameters)
    }

    /// MAIL FROM and every RCPT TO.
    async fn announce(&mut self, envelope: &Envelope, parameters: &str) -> Result<(), SmtpError> {
        let from = envelope
            .from
            .as_ref()
            .map(ToString::to_string)
            .unwrap_or_default();
        let reply = self
            .exchange(Stage::Sender, &format!("MAIL FROM:<{from}>{parameters}"))
            .await?;
        if !reply.is_positive() {
            return Err(self.refusal(Stage::Sender, reply));
        }
        let mut refused: Vec<(EmailAddress, Reply)> = Vec::new();
        for address in &envelope.to {
            let reply = self
                .exchange(Stage::Recipient, &format!("RCPT TO:<{address}>"))
                .await?;
            if !reply.is_positive() {
                refused.push((address.clone(), reply));
            }
        }
        if refused.is_empty() {
            return Ok(());
        }
        // The refusals are the news, whatever becomes of the connection.
        let _ = self.reset().await;
        Err(SmtpError::RecipientsRefused {
            peer: self.peer.clone(),
            refused,
        })
    }

    async fn reset(&mut self) -> Result<(), SmtpError> {
        self.exchange(Stage::Sender, "RSET").await.map(drop)
    }

    /// Says goodbye. Never fails, and does not wait long: the connection ends either way.
    pub async fn quit(mut self) {
        if self.begin().is_ok() {
            let _ = tokio::time::timeout(GOODBYE, self.connection.quit()).await;
        }
    }
}
