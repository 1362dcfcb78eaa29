//! Accounts that wait for their administrator.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// What an administrator is asked for, and since when.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct ApprovalView {
    /// When the account began to wait.
    pub since: i64,
    /// When it was tried last.
    pub tried_at: i64,
    /// When it became known that the program was allowed; the next sign-in ends the wait.
    pub granted_at: Option<i64>,
    /// The sign-in service: `google`, `microsoft`, `yandex`, `fastmail`, or an OpenID issuer's address.
    pub service: String,
    /// The client id that is to be allowed.
    pub client_id: String,
    /// Microsoft: the tenant whose administrator decides; `null` when nobody knows.
    pub tenant: Option<String>,
    /// The page on which an administrator allows it.
    pub url: Option<String>,
    /// True when that page sends the browser back here, so that `approval_open` ends by itself.
    pub returns: bool,
    /// What it is to be allowed, as the service calls it.
    pub scopes: Vec<String>,
    /// Microsoft's number for the reason; 0 for none.
    pub aadsts: i64,
    /// The service's error code; empty when the person said that the page asked for an administrator.
    pub error: String,
}
