use std::io;

use mailroom_model::{Coded, ErrorCode, Params};

use super::reply::{ResponseCode, ServerReply, Task};
use crate::dial::DialError;
use crate::link::{Peer, WireFault};
use crate::server_text::{self, Occasion};

/// What can go wrong with an IMAP server.
#[derive(Debug, thiserror::Error)]
pub enum ImapError {
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
        /// The server's answer.
        reply: Box<ServerReply>,
    },
    /// The server offers no way of signing in with these credentials.
    #[error("{peer} offers no usable way of signing in")]
    MechanismMissing {
        /// Who.
        peer: Peer,
        /// The mechanisms that it offers.
        offered: Vec<String>,
    },
    /// User name or password hold a character that the only offered way of signing in cannot carry.
    #[error("the user name or password cannot be sent to {peer}")]
    CredentialsUnsendable {
        /// Who.
        peer: Peer,
    },
    /// The server answered NO or BAD. The session goes on.
    #[error("{peer} refused {verb}: {reply}")]
    Refused {
        /// Who.
        peer: Peer,
        /// The command's verb.
        verb: &'static str,
        /// True when the command opens a folder or asks for its state.
        opens_folder: bool,
        /// The folder in question, by its wire name.
        folder: Option<String>,
        /// The server's answer.
        reply: Box<ServerReply>,
    },
    /// The server does not offer what the request needs. Nothing was sent; the session goes on.
    #[error("{peer} does not offer {capability}")]
    CapabilityMissing {
        /// Who.
        peer: Peer,
        /// The capability's name.
        capability: &'static str,
    },
    /// A flag name that IMAP cannot express. Nothing was sent; the session goes on.
    #[error("{flag:?} is not a flag")]
    FlagInvalid {
        /// The name.
        flag: String,
    },
    /// The message is over the limit that the server announced or that Mailroom set.
    #[error("{size} bytes are over the limit of {limit}")]
    TooLarge {
        /// Who.
        peer: Peer,
        /// Bytes.
        size: u64,
        /// Bytes.
        limit: u64,
    },
    /// The server said goodbye.
    #[error("{peer} ended the session: {reply}")]
    ServerClosed {
        /// Who.
        peer: Peer,
        /// Its words.
        reply: Box<ServerReply>,
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
    /// The server stopped answering in the middle of an exchange.
    #[error("{peer} stopped answering, waited {after_ms} ms")]
    Stalled {
        /// Who.
        peer: Peer,
        /// Milliseconds of silence.
        after_ms: u64,
    },
    /// What the server says is not IMAP.
    #[error("{peer} does not speak IMAP")]
    ServerNonsense {
        /// Who.
        peer: Peer,
        /// What exactly was wrong.
        #[source]
        source: io::Error,
    },
    /// Nobody wants the messages any more. The session cannot be used again.
    #[error("cancelled")]
    Cancelled,
}

impl ImapError {
    /// From an error of the stream; `goodbye` is what the server said before.
    pub(super) fn from_io(peer: &Peer, error: io::Error, goodbye: Option<&ServerReply>) -> Self {
        let peer = peer.clone();
        match WireFault::of(&error) {
            Some(WireFault::Stalled { after_ms }) => match goodbye {
                Some(reply) => Self::ServerClosed {
                    peer,
                    reply: Box::new(reply.clone()),
                },
                None => Self::Stalled {
                    peer,
                    after_ms: *after_ms,
                },
            },
            Some(WireFault::LiteralTooLarge { size, limit }) => Self::TooLarge {
                peer,
                size: *size,
                limit: *limit,
            },
            Some(WireFault::LineTooLong { .. } | WireFault::Nonsense) => {
                Self::ServerNonsense { peer, source: error }
            }
            None => Self::lost(&peer, Some(error), goodbye),
        }
    }

    /// The stream ended.
    pub(super) fn lost(peer: &Peer, source: Option<io::Error>, goodbye: Option<&ServerReply>) -> Self {
        let peer = peer.clone();
        match goodbye {
            Some(reply) => Self::ServerClosed {
                peer,
                reply: Box::new(reply.clone()),
            },
            None => Self::ConnectionLost { peer, source },
        }
    }

    /// True when the session can go on after this error.
    pub fn leaves_session_usable(&self) -> bool {
        matches!(
            self,
            Self::Refused { .. } | Self::CapabilityMissing { .. } | Self::FlagInvalid { .. }
        )
    }

    /// True when the server lets nobody else in for now: there are too many connections, or the mailbox is in use.
    pub fn is_about_number(&self) -> bool {
        let in_use =
            matches!(self, Self::SignInRefused { reply, .. } if reply.code == Some(ResponseCode::InUse));
        in_use || self.code() == ErrorCode::TooManyConnections
    }

    /// The server's answer, when there was one.
    pub fn reply(&self) -> Option<&ServerReply> {
        match self {
            Self::SignInRefused { reply, .. }
            | Self::Refused { reply, .. }
            | Self::ServerClosed { reply, .. } => Some(reply),
            _ => None,
        }
    }

    fn peer(&self) -> Option<&Peer> {
        match self {
            Self::SignInRefused { peer, .. }
            | Self::MechanismMissing { peer, .. }
            | Self::CredentialsUnsendable { peer }
            | Self::Refused { peer, .. }
            | Self::CapabilityMissing { peer, .. }
            | Self::TooLarge { peer, .. }
            | Self::ServerClosed { peer, .. }
            | Self::ConnectionLost { peer, .. }
            | Self::Stalled { peer, .. }
            | Self::ServerNonsense { peer, .. } => Some(peer),
            Self::Dial(_) | Self::FlagInvalid { .. } | Self::Cancelled => None,
        }
    }
}

impl Coded for ImapError {
    fn code(&self) -> ErrorCode {
        match self {
            Self::Dial(error) => error.code(),
            Self::SignInRefused { peer, bearer, reply } => {
                reply.meaning(&peer.host, Task::SignIn { bearer: *bearer })
            }
            Self::MechanismMissing { .. } => ErrorCode::AuthMechanismMissing,
            Self::CredentialsUnsendable { .. } => ErrorCode::AuthFailed,
            Self::Refused {
                peer,
                opens_folder,
                reply,
                ..
            } => reply.meaning(&peer.host, if *opens_folder { Task::Folder } else { Task::Other }),
            Self::CapabilityMissing { .. } => ErrorCode::OperationRefused,
            Self::FlagInvalid { .. } => ErrorCode::InputInvalid,
            Self::TooLarge { .. } => ErrorCode::MessageTooLarge,
            Self::ServerClosed { peer, reply } => {
                let known = server_text::meaning(&reply.text, Occasion::closing(&peer.host));
                known.map_or(ErrorCode::ServerClosed, |known| known.code)
            }
            Self::ConnectionLost { .. } => ErrorCode::ConnectionLost,
            Self::Stalled { .. } => ErrorCode::ServerStalled,
            Self::ServerNonsense { .. } => ErrorCode::ServerNonsense,
            Self::Cancelled => ErrorCode::Cancelled,
        }
    }

    fn params(&self) -> Params {
        if let Self::Dial(error) = self {
            return error.params();
        }
        let mut params = self.peer().map(Peer::params).unwrap_or_default();
        if let Some(reply) = self.reply() {
            params.insert("reply", reply.words().into());
        }
        let page = match self {
            Self::SignInRefused { peer, bearer, reply } => {
                reply.page(&peer.host, Task::SignIn { bearer: *bearer })
            }
            Self::Refused {
                peer,
                opens_folder: true,
                reply,
                ..
            } => reply.page(&peer.host, Task::Folder),
            Self::ServerClosed { peer, reply } => {
                server_text::meaning(&reply.text, Occasion::closing(&peer.host)).and_then(|known| known.page)
            }
            _ => None,
        };
        params.extend(page.map(|page| ("url", page.into())));
        match self {
            Self::MechanismMissing { offered, .. } => {
                params.insert("offered", offered.join(" ").into());
            }
            Self::Refused {
                folder: Some(folder), ..
            } => {
                params.insert("folder", super::decode_name(folder).into());
            }
            Self::CapabilityMissing { capability, .. } => {
                params.insert("capability", (*capability).into());
            }
            Self::FlagInvalid { flag } => {
                params.insert("field", "flag".into());
                params.insert("value", flag.as_str().into());
            }
            Self::TooLarge { size, limit, .. } => {
                params.insert("size", (*size).into());
                params.insert("limit", (*limit).into());
            }
            Self::Stalled { after_ms, .. } => {
                params.insert("after_ms", (*after_ms).into());
            }
            _ => {}
        }
        params
    }
}
