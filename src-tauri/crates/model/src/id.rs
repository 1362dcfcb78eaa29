//! Row ids as types, so that one cannot be passed for another.

use serde::{Deserialize, Serialize};

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident),* $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub i64);

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }

        impl std::str::FromStr for $name {
            type Err = std::num::ParseIntError;
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                text.parse().map(Self)
            }
        }
    )*};
}

ids! {
    /// A connected mailbox.
    AccountId,
    /// An address that an account may send as.
    IdentityId,
    /// An OAuth client id with its secret and tenant.
    RegistrationId,
    /// An IMAP mailbox of an account.
    FolderId,
    /// A message as stored here; the same message in two folders has one id. Not the RFC 5322 Message-ID.
    MessageId,
    /// An attachment of a stored message.
    AttachmentId,
    /// A conversation within one account.
    ThreadId,
    /// A change that waits to reach the server.
    OperationId,
    /// A message that waits to be sent.
    OutboxId,
    /// A message that is being written.
    DraftId,
    /// A file of a message that is being written.
    DraftFileId,
}
