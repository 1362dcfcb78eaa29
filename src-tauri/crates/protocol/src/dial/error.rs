use std::io;

use mailroom_model::{Coded, ErrorCode, Params};

use super::CertificateFacts;
use crate::link::Peer;

/// Why a certificate was refused. Closed: each reason is told differently.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CertificateReason {
    /// Its time is over.
    Expired,
    /// Its time has not begun; often the clock of this machine is wrong.
    NotYetValid,
    /// It was issued for other names.
    WrongHost,
    /// Nobody whom this machine trusts issued it (own authority, self-signed, or somebody in the middle).
    UnknownIssuer,
    /// The issuer has withdrawn it.
    Revoked,
    /// It cannot be read.
    Malformed,
    /// It is good for something else, or the platform refused it for a reason of its own.
    NotAccepted,
}

impl CertificateReason {
    /// True when a person may trust the certificate all the same. One that its issuer has withdrawn, or that cannot be read,
    /// is no matter of trust.
    pub(super) fn may_be_excepted(self) -> bool {
        !matches!(self, Self::Revoked | Self::Malformed)
    }

    /// The value of the parameter `reason`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Expired => "expired",
            Self::NotYetValid => "not_yet_valid",
            Self::WrongHost => "wrong_host",
            Self::UnknownIssuer => "unknown_issuer",
            Self::Revoked => "revoked",
            Self::Malformed => "malformed",
            Self::NotAccepted => "not_accepted",
        }
    }
}

/// Why there is no encrypted connection.
#[derive(Debug, thiserror::Error)]
pub enum DialError {
    /// The trusted roots cannot be loaded.
    #[error("the trusted certificates cannot be loaded")]
    Roots {
        /// What rustls says.
        #[source]
        source: rustls::Error,
    },
    /// The name has no address.
    #[error("{peer} has no address")]
    NameNotFound {
        /// Who was called.
        peer: Peer,
        /// What the resolver says; `None` when it found the name without an address.
        #[source]
        source: Option<io::Error>,
    },
    /// Every address refused.
    #[error("{peer} refuses connections")]
    Refused {
        /// Who was called.
        peer: Peer,
        /// The last refusal.
        #[source]
        source: io::Error,
    },
    /// No address answered in time.
    #[error("{peer} did not answer within {after_ms} ms")]
    Timeout {
        /// Who was called.
        peer: Peer,
        /// The limit in milliseconds.
        after_ms: u64,
    },
    /// There is no way to any of the addresses.
    #[error("{peer} cannot be reached")]
    Unreachable {
        /// Who was called.
        peer: Peer,
        /// The last failure.
        #[source]
        source: io::Error,
    },
    /// The certificate was refused.
    #[error("the certificate of {peer} is not accepted ({})", reason.as_str())]
    Certificate {
        /// Who was called.
        peer: Peer,
        /// Why.
        reason: CertificateReason,
        /// What the server showed, its own certificate first.
        chain: Vec<CertificateFacts>,
        /// What rustls says.
        #[source]
        source: rustls::Error,
    },
    /// The handshake failed for another reason.
    #[error("TLS with {peer} failed")]
    Tls {
        /// Who was called.
        peer: Peer,
        /// What rustls or the socket says.
        #[source]
        source: io::Error,
    },
    /// The server does not offer STARTTLS, or refuses it. Nothing secret was sent.
    #[error("{peer} does not offer STARTTLS")]
    StarttlsMissing {
        /// Who was called.
        peer: Peer,
    },
    /// Bytes stood in the stream between the answer to STARTTLS and the handshake (CVE-2011-0411 and kin).
    #[error("{peer} sent bytes before the TLS handshake")]
    StarttlsInjection {
        /// Who was called.
        peer: Peer,
    },
    /// The server closed the connection during the handshake.
    #[error("{peer} closed the connection")]
    Closed {
        /// Who was called.
        peer: Peer,
    },
    /// The server stopped answering during the handshake.
    #[error("{peer} stopped answering, waited {after_ms} ms")]
    Stalled {
        /// Who was called.
        peer: Peer,
        /// The limit in milliseconds.
        after_ms: u64,
    },
}

impl DialError {
    fn peer(&self) -> Option<&Peer> {
        match self {
            Self::Roots { .. } => None,
            Self::NameNotFound { peer, .. }
            | Self::Refused { peer, .. }
            | Self::Timeout { peer, .. }
            | Self::Unreachable { peer, .. }
            | Self::Certificate { peer, .. }
            | Self::Tls { peer, .. }
            | Self::StarttlsMissing { peer }
            | Self::StarttlsInjection { peer }
            | Self::Closed { peer }
            | Self::Stalled { peer, .. } => Some(peer),
        }
    }
}

impl Coded for DialError {
    fn code(&self) -> ErrorCode {
        match self {
            Self::Roots { .. } | Self::Tls { .. } => ErrorCode::TlsFailed,
            Self::NameNotFound { .. } => ErrorCode::NameNotFound,
            Self::Refused { .. } => ErrorCode::ConnectRefused,
            Self::Timeout { .. } => ErrorCode::ConnectTimeout,
            Self::Unreachable { .. } => ErrorCode::NetworkUnreachable,
            Self::Certificate { reason, .. } => match reason {
                CertificateReason::Expired | CertificateReason::NotYetValid => {
                    ErrorCode::TlsCertificateExpired
                }
                CertificateReason::WrongHost => ErrorCode::TlsCertificateWrongHost,
                CertificateReason::UnknownIssuer
                | CertificateReason::Revoked
                | CertificateReason::Malformed
                | CertificateReason::NotAccepted => ErrorCode::TlsCertificateInvalid,
            },
            Self::StarttlsMissing { .. } => ErrorCode::StarttlsMissing,
            Self::StarttlsInjection { .. } => ErrorCode::StarttlsInjection,
            Self::Closed { .. } => ErrorCode::ConnectionLost,
            Self::Stalled { .. } => ErrorCode::ServerStalled,
        }
    }

    fn params(&self) -> Params {
        let mut params = self.peer().map(Peer::params).unwrap_or_default();
        match self {
            Self::Timeout { after_ms, .. } | Self::Stalled { after_ms, .. } => {
                params.insert("after_ms", (*after_ms).into());
            }
            Self::Certificate { reason, chain, .. } => {
                params.insert("reason", reason.as_str().into());
                if let Some(own) = chain.first().filter(|_| reason.may_be_excepted()) {
                    params.insert("fingerprint", own.fingerprint.to_string().into());
                }
                if let Ok(chain) = serde_json::to_string(chain) {
                    params.insert("chain", chain.into());
                }
            }
            _ => {}
        }
        params
    }
}
