//! What a provider's servers do differently from the rest.

use serde::{Deserialize, Serialize};

/// A known deviation. A variant exists because some part of the program acts differently on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Quirk {
    /// SMTP files a copy of what it sends: look for the Message-ID in Sent before appending one.
    ServerFilesSentCopy,
    /// SMTP replaces the Message-ID; the original stands in `X-Microsoft-Original-Message-ID`.
    MessageIdRewritten,
    /// A second message with a known Message-ID vanishes on APPEND.
    MessageIdDeduplicated,
    /// LIST shows calendars, contacts and the like: hide them.
    ExchangeFoldersHidden,
    /// Folders are labels; X-GM-EXT-1 tells them.
    GmailLabels,
    /// A folder holds every message once more.
    AllMailDuplicates,
    /// IDLE loses notifications or does not end: poll.
    IdleUnreliable,
    /// SELECT is refused until the client has sent ID (RFC 2971).
    IdBeforeSelect,
    /// Try the other form of the user name once after a refusal.
    TryOtherUsernameForm,
    /// The user name may be another address (the UPN): ask for it after a refusal.
    UsernameMayDiffer,
    /// Aliases and own domains sign in with the account's main address: ask for it.
    SignInWithMainAddress,
    /// The account's ordinary password is always refused.
    PasswordSignInOff,
    /// One address may name a personal and a work account: let the person choose the tenant.
    PersonalAndWorkAccount,
    /// LIST marks special folders although the capability is not announced.
    SpecialUseWithoutCapability,
    /// SEARCH HEADER fails or drops the connection.
    SearchHeaderUnreliable,
    /// SEARCH OR over flags answers wrongly.
    SearchOrUnreliable,
    /// Partial FETCH of bodies is unreliable: fetch them whole.
    BodiesFetchedWhole,
    /// A folder of the provider's own holds mail from strangers: show it.
    UnknownSenderFolder,
    /// A program on this machine is the server; its certificate is self-signed and pinned on first use.
    BridgeOnLoopback,
    /// The account lives in one data centre; elsewhere a right password is refused.
    RegionMatters,
    /// The MX record also serves another product of the same company.
    MxIsAHintOnly,
    /// So many simultaneous IMAP connections are allowed, or wise where the provider names no number.
    ConnectionLimit(u32),
    /// Larger folders show only so many of their messages.
    ListCutAt(u32),
    /// So many messages at most in one FETCH or SEARCH.
    FetchLimit(u32),
    /// So many folders at most.
    FolderLimit(u32),
    /// So many recipients at most in one message.
    RecipientsPerMessage(u32),
    /// So many recipients at most in a day.
    RecipientsPerDay(u32),
}
