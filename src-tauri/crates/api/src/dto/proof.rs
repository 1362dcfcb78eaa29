//! The Test of an account, and the certificates of its servers.

use mailroom_model::Param;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::WireError;

/// Payload of `account_test`.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct AccountTest {
    /// The mailbox's address.
    pub address: String,
    /// True to send a message to oneself as well, which is removed again.
    #[serde(default)]
    pub full_loop: bool,
}

/// One thing that was tried or seen, as a fact: the words are the reader's.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct FactView {
    /// `imap` or `smtp`, where a proof is about both servers.
    pub server: Option<String>,
    /// `server`, `user_name`, `folder`, `address`, `ip_addresses`, `tls_version`, `cipher`, `chain_length`, `issuer`,
    /// `valid_until` (milliseconds since 1970), `fingerprint`, `excepted` (the reason), `capabilities`, `folders`, `messages`,
    /// `bytes`, `size_limit` (bytes), `error` (a code), `came_after` (milliseconds), `left_marked` (a folder)
    pub fact: String,
    /// Its value.
    #[ts(type = "string | number")]
    pub value: Param,
}

/// One proof of a Test.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct ProofView {
    /// `name-lookup`, `tls`, `imap-sign-in`, `folder-list`, `read-header`, `smtp-sign-in`, `right-to-send`, `push`, and
    /// `full-loop` where it was asked for
    pub proof: String,
    /// `passed`, `failed` or `skipped`
    pub result: String,
    /// What was tried.
    pub tried: Vec<FactView>,
    /// What was seen.
    pub seen: Vec<FactView>,
    /// Milliseconds that it took.
    pub took_ms: i64,
    /// Why it was not tried: `earlier` (one before it failed), `receive-only`, `not-offered`, `no-inbox`, `busy`.
    pub skipped: Option<String>,
    /// Why it failed.
    pub error: Option<WireError>,
}

/// Reply of `account_test`.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct TestReport {
    /// The account's address.
    pub address: String,
    /// The proofs in order; `proof_ended` tells each as it ends, in the order in which they do.
    pub proofs: Vec<ProofView>,
    /// True when none failed.
    pub passed: bool,
    /// The same as text for whoever helps: facts by name, the own address shortened, nobody else's, no secrets.
    pub report: String,
}

/// A certificate that a person trusts although nobody vouches for it.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct TrustedCertificate {
    /// The server's host.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// The certificate's SHA-256: 64 hexadecimal digits, with or without colons.
    pub fingerprint: String,
}

/// Payload of `certificate_trust`: for this server and this certificate, and no other.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct CertificateTrust {
    /// The account's address.
    pub address: String,
    /// The host of one of its servers.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// The certificate's SHA-256, as the error told it.
    pub fingerprint: String,
}

/// Payload of `certificate_forget`.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct CertificateForget {
    /// The account's address.
    pub address: String,
    /// The host of one of its servers.
    pub host: String,
    /// Its port.
    pub port: u16,
}

/// An exception that a person made for a certificate.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct CertificateView {
    /// The server's host.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// The certificate's SHA-256: 64 hexadecimal digits.
    pub fingerprint: String,
    /// Whom it was issued for.
    pub subject: String,
    /// Who issued it.
    pub issuer: String,
    /// When it expires.
    pub until: Option<i64>,
    /// Why it would be refused: `expired`, `not_yet_valid`, `wrong_host`, `unknown_issuer`, `not_accepted`.
    pub reason: String,
    /// When the exception was made.
    pub since: i64,
}
