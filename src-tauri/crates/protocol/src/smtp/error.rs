use std::io;

use mailroom_model::{Coded, EmailAddress, ErrorCode, Params};

use super::Reply;
use super::meaning::{Stage, meaning, page};
use super::wire::Fault;
use crate::dial::DialError;
use crate::link::{Peer, WireFault};

/// What became of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Delivery {
    /// It was not delivered to anybody; the same attempt may work later.
    NotSent,
    /// It was not delivered to anybody; the same attempt will fail again until something is changed.
    Refused,
    /// It may have been delivered: the connection broke after the whole message and before the reply. Sending it
    /// again needs a person's decision, or a look for it in the Sent folder.
    Unknown,
}

/// What can go wrong with an SMTP server.
#[derive(Debug, thiserror::Error)]
pub enum SmtpError {
    /// There is no encrypted connection.
    #[error(transparent)]
    Dial(#[from] DialError),
    /// The server refused the sign-in.
    #[error("{peer} refused the sign-in: {reply}")]
    SignInRefused {
        /// Who.
        peer: Peer,
        /// True when a token was shown, false for a password.
        bearer: bool,
        /// The server's reply.
        reply: Reply,
    },
    /// The server offers no way of signing in with these credentials.
    #[error("{peer} offers no usable way of signing in")]
    MechanismMissing {
        /// Who.
        peer: Peer,
        /// The mechanisms that it offers.
        offered: Vec<String>,
    },
    /// The server refused a step other than the sign-in and the recipients.
    #[error("{peer} refused at {}: {reply}", stage.as_str())]
    Refused {
        /// Who.
        peer: Peer,
        /// Which step.
        stage: Stage,
        /// The server's reply.
        reply: Reply,
    },
    /// The server refused recipients. Nothing was sent to the others either.
    #[error("{peer} refused {} of the recipients", refused.len())]
    RecipientsRefused {
        /// Who.
        peer: Peer,
        /// Every refused recipient with the reply.
        refused: Vec<(EmailAddress, Reply)>,
    },
    /// The message is over the limit that the server announced. Nothing was sent.
    #[error("{size} bytes are over the limit of {limit}")]
    TooLarge {
        /// Who.
        peer: Peer,
        /// Bytes.
        size: u64,
        /// Bytes.
        limit: u64,
    },
    /// An address has letters outside ASCII and the server has no SMTPUTF8. Nothing was sent.
    #[error("{peer} does not take {address}")]
    Utf8Missing {
        /// Who.
        peer: Peer,
        /// The first such address.
        address: EmailAddress,
    },
    /// The message holds bytes outside ASCII and the server has no 8BITMIME. Nothing was sent.
    #[error("{peer} takes messages in ASCII only")]
    EightBitMissing {
        /// Who.
        peer: Peer,
    },
    /// The message has no recipient. Nothing was sent.
    #[error("the message has no recipient")]
    NoRecipient,
    /// The server ended the session and said why (421).
    #[error("{peer} ended the session: {reply}")]
    ServerClosed {
        /// Who.
        peer: Peer,
        /// Its words.
        reply: Reply,
    },
    /// The connection ended without a word, or an earlier request was abandoned in the middle.
    #[error("the connection to {peer} was lost")]
    ConnectionLost {
        /// Who.
        peer: Peer,
        /// What the socket says.
        #[source]
        source: Option<io::Error>,
    },
    /// The server stopped answering.
    #[error("{peer} stopped answering, waited {after_ms} ms")]
    Stalled {
        /// Who.
        peer: Peer,
        /// Milliseconds of silence.
        after_ms: u64,
    },
    /// What the server says is not SMTP.
    #[error("{peer} does not speak SMTP")]
    ServerNonsense {
        /// Who.
        peer: Peer,
    },
    /// The whole message was handed over, and the connection broke before the reply.
    #[error("whether {peer} took the message is not known")]
    OutcomeUnknown {
        /// Who.
        peer: Peer,
        /// How the connection broke.
        #[source]
        source: Box<SmtpError>,
    },
}

impl SmtpError {
    pub(super) fn from_fault(peer: &Peer, fault: Option<&Fault>) -> Self {
        let peer = peer.clone();
        match fault {
            Some(Fault::Wire(WireFault::Stalled { after_ms })) => Self::Stalled {
                peer,
                after_ms: *after_ms,
            },
            Some(Fault::Wire(_)) => Self::ServerNonsense { peer },
            Some(Fault::Io(kind)) => Self::ConnectionLost {
                peer,
                source: Some((*kind).into()),
            },
            Some(Fault::End) | None => Self::ConnectionLost { peer, source: None },
        }
    }

    /// What became of the message.
    pub fn delivery(&self) -> Delivery {
        match self {
            Self::OutcomeUnknown { .. } => Delivery::Unknown,
            Self::SignInRefused { reply, .. } | Self::Refused { reply, .. } => by_reply(reply),
            Self::RecipientsRefused { refused, .. } => {
                if refused.iter().all(|(_, reply)| reply.is_transient()) {
                    Delivery::NotSent
                } else {
                    Delivery::Refused
                }
            }
            Self::MechanismMissing { .. }
            | Self::TooLarge { .. }
            | Self::Utf8Missing { .. }
            | Self::EightBitMissing { .. }
            | Self::NoRecipient => Delivery::Refused,
            Self::Dial(_)
            | Self::ServerClosed { .. }
            | Self::ConnectionLost { .. }
            | Self::Stalled { .. }
            | Self::ServerNonsense { .. } => Delivery::NotSent,
        }
    }

    /// True when the session can go on after this error.
    pub fn leaves_session_usable(&self) -> bool {
        matches!(
            self,
            Self::RecipientsRefused { .. }
                | Self::TooLarge { .. }
                | Self::Utf8Missing { .. }
                | Self::EightBitMissing { .. }
                | Self::NoRecipient
                | Self::Refused {
                    stage: Stage::Sender | Stage::Recipient | Stage::Data | Stage::Message,
                    ..
                }
        )
    }

    /// The server's reply, when there was one; of several, the first that will not change by waiting.
    pub fn reply(&self) -> Option<&Reply> {
        match self {
            Self::SignInRefused { reply, .. }
            | Self::Refused { reply, .. }
            | Self::ServerClosed { reply, .. } => Some(reply),
            Self::RecipientsRefused { .. } => self.worst().map(|(_, reply)| reply),
            _ => None,
        }
    }

    fn worst(&self) -> Option<&(EmailAddress, Reply)> {
        let Self::RecipientsRefused { refused, .. } = self else {
            return None;
        };
        refused
            .iter()
            .find(|(_, reply)| !reply.is_transient())
            .or_else(|| refused.first())
    }

    fn peer(&self) -> Option<&Peer> {
        match self {
            Self::SignInRefused { peer, .. }
            | Self::MechanismMissing { peer, .. }
            | Self::Refused { peer, .. }
            | Self::RecipientsRefused { peer, .. }
            | Self::TooLarge { peer, .. }
            | Self::Utf8Missing { peer, .. }
            | Self::EightBitMissing { peer }
            | Self::ServerClosed { peer, .. }
            | Self::ConnectionLost { peer, .. }
            | Self::Stalled { peer, .. }
            | Self::ServerNonsense { peer }
            | Self::OutcomeUnknown { peer, .. } => Some(peer),
            Self::Dial(_) | Self::NoRecipient => None,
        }
    }
}

fn by_reply(reply: &Reply) -> Delivery {
    if reply.is_transient() {
        Delivery::NotSent
    } else {
        Delivery::Refused
    }
}

impl Coded for SmtpError {
    fn code(&self) -> ErrorCode {
        match self {
            Self::Dial(error) => error.code(),
            Self::SignInRefused { peer, bearer, reply } => meaning(&peer.host, Stage::SignIn, reply, *bearer),
            Self::MechanismMissing { .. } => ErrorCode::AuthMechanismMissing,
            Self::Refused { peer, stage, reply } => meaning(&peer.host, *stage, reply, false),
            Self::RecipientsRefused { peer, .. } => match self.worst() {
                Some((_, reply)) => meaning(&peer.host, Stage::Recipient, reply, false),
                None => ErrorCode::RecipientRejected,
            },
            Self::TooLarge { .. } => ErrorCode::MessageTooLarge,
            Self::Utf8Missing { .. } => ErrorCode::SmtpUtf8Missing,
            Self::EightBitMissing { .. } => ErrorCode::MessageRejected,
            Self::NoRecipient => ErrorCode::InputInvalid,
            Self::ServerClosed { peer, reply } => match meaning(&peer.host, Stage::Greeting, reply, false) {
                ErrorCode::ServerUnavailable => ErrorCode::ServerClosed,
                known => known,
            },
            Self::ConnectionLost { .. } => ErrorCode::ConnectionLost,
            Self::Stalled { .. } => ErrorCode::ServerStalled,
            Self::ServerNonsense { .. } => ErrorCode::ServerNonsense,
            Self::OutcomeUnknown { .. } => ErrorCode::SendOutcomeUnknown,
        }
    }

    fn params(&self) -> Params {
        if let Self::Dial(error) = self {
            return error.params();
        }
        let mut params = self.peer().map(Peer::params).unwrap_or_default();
        if let Some(reply) = self.reply() {
            params.insert("reply", reply.to_string().into());
        }
        let page = match self {
            Self::SignInRefused { peer, bearer, reply } => page(&peer.host, Stage::SignIn, reply, *bearer),
            Self::Refused { peer, stage, reply } => page(&peer.host, *stage, reply, false),
            Self::ServerClosed { peer, reply } => page(&peer.host, Stage::Greeting, reply, false),
            _ => None,
        };
        params.extend(page.map(|page| ("url", page.into())));
        match self {
            Self::MechanismMissing { offered, .. } => {
                params.insert("offered", offered.join(" ").into());
            }
            Self::Refused { stage, .. } => {
                params.insert("stage", stage.as_str().into());
            }
            Self::RecipientsRefused { refused, .. } => {
                let names: Vec<String> = refused.iter().map(|(address, _)| address.to_string()).collect();
                params.insert("recipient", names.join(", ").into());
            }
            Self::TooLarge { size, limit, .. } => {
                params.insert("size", (*size).into());
                params.insert("limit", (*limit).into());
            }
            Self::Utf8Missing { address, .. } => {
                params.insert("address", address.to_string().into());
            }
            Self::EightBitMissing { .. } => {
                params.insert("reason", "8bitmime".into());
            }
            Self::NoRecipient => {
                params.insert("field", "to".into());
            }
            Self::Stalled { after_ms, .. } => {
                params.insert("after_ms", (*after_ms).into());
            }
            _ => {}
        }
        params
    }
}
