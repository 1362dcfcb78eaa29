//! What a provider's servers do differently from the rest.

use serde::{Deserialize, Serialize};

/// A known deviation that a server does not announce itself. A variant exists because some part of the program acts
/// differently on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Quirk {
    /// SMTP files a copy of what it sends: look for the Message-ID in Sent before appending one.
    ServerFilesSentCopy,
    /// SMTP replaces the Message-ID; the original stands in `X-Microsoft-Original-Message-ID`.
    MessageIdRewritten,
    /// LIST shows calendars, contacts and the like: hide them.
    ExchangeFoldersHidden,
    /// IDLE loses notifications or does not end: poll.
    IdleUnreliable,
    /// Try the other form of the user name once after a refusal.
    TryOtherUsernameForm,
    /// Aliases and own domains sign in with the account's main address: say so before.
    SignInWithMainAddress,
    /// SEARCH HEADER fails or drops the connection.
    SearchHeaderUnreliable,
    /// So many simultaneous IMAP connections are allowed, or wise where the provider names no number.
    ConnectionLimit(u32),
    /// Of a larger folder only so many messages are shown, the newest.
    ListCutAt(u32),
}
