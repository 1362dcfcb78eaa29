//! Submission (RFC 6409) over lettre.
//!
//! [`connect`] gives an [`SmtpSession`]; [`SmtpSession::send`] hands over one message to all of its recipients or
//! to none. Every error says whether the message may have been delivered ([`SmtpError::delivery`]): only the loss of
//! the connection between the final dot and the reply leaves that open, and then nobody may send it again blindly.

mod connect;
mod error;
mod extensions;
mod meaning;
mod message;
mod reply;
mod session;
#[cfg(test)]
mod tests;
mod wire;

use mailroom_model::EmailAddress;

pub use connect::{connect, probe};
pub use error::{Delivery, SmtpError};
pub use extensions::Capabilities;
pub use meaning::Stage;
pub use reply::Reply;
pub use session::SmtpSession;

/// How to introduce oneself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SmtpOptions {
    /// The argument of EHLO: a host name or an address literal in brackets.
    pub hello_name: String,
}

impl Default for SmtpOptions {
    /// An address literal that tells nothing about the person's machine or network.
    fn default() -> Self {
        Self {
            hello_name: "[127.0.0.1]".to_owned(),
        }
    }
}

/// Whom a message comes from and goes to, as the servers see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Envelope {
    /// Where bounces go; `None` is the empty path `<>`.
    pub from: Option<EmailAddress>,
    /// Every recipient, Bcc included.
    pub to: Vec<EmailAddress>,
}

/// The server has taken responsibility for the message, for all recipients.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receipt {
    /// Its words, often with its queue id.
    pub reply: Reply,
}

/// What a look at a server showed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Probe {
    /// What it offers before a sign-in.
    pub capabilities: Capabilities,
    /// What TLS agreed on.
    pub tls: crate::dial::TlsFacts,
    /// Its greeting.
    pub greeting: Reply,
}
