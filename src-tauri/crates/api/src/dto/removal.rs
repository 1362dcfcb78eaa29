//! Removing accounts.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::{OperationView, OutboxView};
use crate::WireError;

fn yes() -> bool {
    true
}

/// Payload of `account_remove`. The sign-in goes in any case.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct AccountRemove {
    /// The mailbox's address.
    pub address: String,
    /// The messages on this computer, and with them the account; false to keep both, without a sign-in. True when absent.
    #[serde(default = "yes")]
    #[ts(as = "Option<bool>", optional)]
    pub messages: bool,
    /// Addresses that are completed; false to leave them to another account. True when absent.
    #[serde(default = "yes")]
    #[ts(as = "Option<bool>", optional)]
    pub completions: bool,
    /// Entries of an older version in the keychain, which another folder of the program may share.
    #[serde(default)]
    #[ts(as = "Option<bool>", optional)]
    pub older_secrets: bool,
}

/// Reply of `removal_preview`: what a removal would take.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct RemovalPreview {
    /// The mailbox's address.
    pub address: String,
    /// `oauth2`, `app-password` or `password`; `null` for an account that never signed in.
    pub auth: Option<String>,
    /// Messages here.
    pub messages: i64,
    /// Bytes that they take here.
    pub bytes: i64,
    /// Changes that would not reach the server.
    pub operations: Vec<OperationView>,
    /// Messages that would not be sent.
    pub outbox: Vec<OutboxView>,
    /// Drafts that are here.
    pub drafts: i64,
    /// Addresses that are completed.
    pub completions: i64,
    /// True when there is another account that they could go to.
    pub has_other: bool,
    /// True when the provider ends the grant as soon as it is asked to.
    pub ends_grant: bool,
    /// The page on which the person can end the grant.
    pub grants_page: Option<String>,
    /// True when the keychain has entries of an older version.
    pub older_secrets: bool,
    /// The server on which every message stays.
    pub server: Option<String>,
}

/// One line of a receipt.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct ReceiptLineView {
    /// `grant`, `secrets`, `older_secrets`, `messages`, `words`, `operations`, `outbox`, `drafts`, `completions`, `settings`,
    /// `registration`, `backups`, `set_aside`
    pub what: String,
    /// `gone` (looked for, and not there), `stays`, `by_hand` (only the person can, on the page), or `left`.
    pub whereabouts: String,
    /// How many there were, or are.
    pub count: i64,
    /// Bytes that they took, or take.
    pub bytes: i64,
    /// The page on which the person can do what the program cannot.
    pub page: Option<String>,
    /// Why it is left.
    pub error: Option<WireError>,
}

/// Reply of `account_remove`: what went and what stays.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct RemovalReceipt {
    /// The mailbox's address.
    pub address: String,
    /// When it was finished.
    pub at: i64,
    /// True when it was interrupted, and finished at a later start.
    pub was_resumed: bool,
    /// True when the mail stays here, without a sign-in.
    pub keeps_mail: bool,
    /// The server on which every message stays as it was.
    pub server: Option<String>,
    /// Local copies of messages removed; on the server nothing changed.
    pub messages: i64,
    /// Bytes that they took here.
    pub bytes: i64,
    /// True when the grant was ended at the provider.
    pub revoked: bool,
    /// Why it could not be ended, when it was tried.
    pub revoke_error: Option<WireError>,
    /// True when every secret left the vault.
    pub secrets_removed: bool,
    /// True when nothing is left that should have gone.
    pub complete: bool,
    /// Everything that was looked for.
    pub lines: Vec<ReceiptLineView>,
}
