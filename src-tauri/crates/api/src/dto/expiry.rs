//! What stops working on a day that is known.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// One entry of the calendar.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct ExpiryView {
    /// Names it among all others.
    pub key: String,
    /// `grant`, `certificate`, `client_secret`; or what a provider switches off: `service`, `imap`, `password`,
    /// `smtp_password`.
    pub what: String,
    /// Whose: an address, `HOST:PORT`, a label, a provider's name.
    pub subject: String,
    /// When.
    pub at: i64,
    /// Days that are left, a begun one counted; 0 or less when it is over.
    pub days_left: i64,
    /// Who can do something about it: `you`, `administrator` or `provider`.
    pub fixer: String,
    /// Addresses of the accounts that it concerns.
    pub accounts: Vec<String>,
    /// A page about it.
    pub url: Option<String>,
    /// True when it is near enough to be shown.
    pub is_near: bool,
    /// True when it is near enough to be said, and was not said at this distance yet: `expiry_told` notes that.
    pub is_due: bool,
}

/// Payload of `expiry_told`.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct ExpiryKey {
    /// The entry.
    pub key: String,
}
