//! # Room: protocol
//!
//! Sockets: dial, TLS, IMAP, SMTP. Every byte between Mailroom and a mail server passes here.
//!
//! - **Does**: find the address, connect, agree on TLS (from the first byte, or by STARTTLS, which is required
//!   when it is chosen), sign in, and turn commands into answers. IMAP runs on async-imap behind a wire of our own
//!   that frames, checks and bounds what the server says; SMTP runs on lettre in the same way.
//! - **Owns**: time limits of every exchange, the list of trusted roots, capabilities, the meaning of response
//!   codes and of known server texts ([`imap`], [`smtp`]).
//! - **Never**: sends a credential before TLS, retries, stores anything, decides what to synchronise, or logs
//!   a secret or the content of a message.

mod deflate;
mod dial;
pub mod imap;
mod link;
mod sasl;
mod secrecy;
mod server_text;
pub mod smtp;
#[cfg(test)]
mod testing;

pub use dial::{
    CertificateFacts, CertificateReason, DialError, Dialer, FixedResolver, Resolve, Roots, SystemResolver,
    Timeouts, TlsFacts,
};
pub use link::Peer;
pub use sasl::Mechanism;
