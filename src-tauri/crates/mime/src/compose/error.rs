//! Why a draft cannot be written.

use mailroom_model::{Coded, ErrorCode, Params};

/// The field of a draft that is at fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ComposeField {
    /// `from`
    From,
    /// `sender`
    Sender,
    /// `reply_to`
    ReplyTo,
    /// `to`
    To,
    /// `cc`
    Cc,
    /// `bcc`
    Bcc,
    /// `subject`
    Subject,
    /// `message_id`
    MessageId,
    /// `in_reply_to`
    InReplyTo,
    /// `references`
    References,
    /// `user_agent`
    UserAgent,
    /// `content_id`
    ContentId,
    /// `filename`
    Filename,
}

impl ComposeField {
    /// The name of the draft's field.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::From => "from",
            Self::Sender => "sender",
            Self::ReplyTo => "reply_to",
            Self::To => "to",
            Self::Cc => "cc",
            Self::Bcc => "bcc",
            Self::Subject => "subject",
            Self::MessageId => "message_id",
            Self::InReplyTo => "in_reply_to",
            Self::References => "references",
            Self::UserAgent => "user_agent",
            Self::ContentId => "content_id",
            Self::Filename => "filename",
        }
    }

    /// The name in the message.
    pub(super) fn header(self) -> &'static str {
        match self {
            Self::From => "From",
            Self::Sender => "Sender",
            Self::ReplyTo => "Reply-To",
            Self::To => "To",
            Self::Cc => "Cc",
            Self::Bcc => "Bcc",
            Self::Subject => "Subject",
            Self::MessageId => "Message-ID",
            Self::InReplyTo => "In-Reply-To",
            Self::References => "References",
            Self::UserAgent => "User-Agent",
            Self::ContentId => "Content-ID",
            Self::Filename => "Content-Disposition",
        }
    }
}

/// Why a draft cannot be written.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ComposeError {
    /// A field has a line end or a NUL, which would let it start another field.
    #[error("the field {} has a line end in it", .field.as_str())]
    LineEnd {
        /// Which field.
        field: ComposeField,
    },
    /// An address is none.
    #[error("the field {} has an address that is not one", .field.as_str())]
    AddressInvalid {
        /// Which field.
        field: ComposeField,
        /// The address as given.
        address: String,
    },
    /// A message identifier or Content-ID is none.
    #[error("the field {} has an identifier that is not one", .field.as_str())]
    IdentifierInvalid {
        /// Which field.
        field: ComposeField,
    },
}

impl Coded for ComposeError {
    fn code(&self) -> ErrorCode {
        match self {
            Self::AddressInvalid { .. } => ErrorCode::AddressInvalid,
            Self::LineEnd { .. } | Self::IdentifierInvalid { .. } => ErrorCode::InputInvalid,
        }
    }

    fn params(&self) -> Params {
        let field = match self {
            Self::LineEnd { field }
            | Self::AddressInvalid { field, .. }
            | Self::IdentifierInvalid { field } => field,
        };
        let mut params = Params::from([("field", field.as_str().into())]);
        if let Self::AddressInvalid { address, .. } = self {
            params.insert("address", address.as_str().into());
        }
        params
    }
}
