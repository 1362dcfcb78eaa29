//! Accounts.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::{ApprovalView, AuthOfferView, IdentityView, SecretText, TrustedCertificate};
use crate::WireError;

/// Payload that names one account.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct AccountAddress {
    /// The mailbox's address.
    pub address: String,
}

/// How to sign in, as entered.
#[derive(Clone, Debug, Deserialize, TS)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub enum EnteredSignIn {
    /// With a password or an app password.
    Password {
        /// The password.
        password: SecretText,
    },
    /// In the browser.
    Oauth {
        /// The OpenID issuer; absent for providers of the table.
        #[serde(default)]
        #[ts(optional)]
        issuer: Option<String>,
        /// The person's own client id.
        #[serde(default)]
        #[ts(optional)]
        client_id: Option<String>,
        /// The secret of that client id.
        #[serde(default)]
        #[ts(optional)]
        client_secret: Option<SecretText>,
        /// Microsoft: `common`, `consumers`, `organizations` or a tenant id.
        #[serde(default)]
        #[ts(optional)]
        tenant: Option<String>,
        /// The address of whoever signs in to a mailbox that several people share; absent for the mailbox itself.
        #[serde(default)]
        #[ts(optional)]
        sign_in_as: Option<String>,
    },
}

/// Payload of `account_add`.
#[derive(Clone, Debug, Deserialize, TS)]
pub struct AccountAdd {
    /// The mailbox's address.
    pub address: String,
    /// `HOST:PORT:tls|starttls`, when given by hand.
    #[serde(default)]
    #[ts(optional)]
    pub imap: Option<String>,
    /// `HOST:PORT:tls|starttls`, when given by hand.
    #[serde(default)]
    #[ts(optional)]
    pub smtp: Option<String>,
    /// The servers that the person agreed to, as detection showed them, when it only suspects them (`confirmed` is false).
    /// Where detection finds others, it has to be asked again.
    #[serde(default)]
    pub approved_servers: Vec<String>,
    /// Certificates that the person trusts although nobody vouches for them; not beside a sign-in in the browser.
    #[serde(default)]
    pub certificates: Vec<TrustedCertificate>,
    /// The user name, when it is not the address or its first part.
    #[serde(default)]
    #[ts(optional)]
    pub username: Option<String>,
    /// How to sign in.
    pub sign_in: EnteredSignIn,
    /// `day`, `week`, `month`, `quarter`, `year` or `all`; a quarter when absent.
    #[serde(default)]
    #[ts(optional)]
    pub period: Option<String>,
    /// Folders to keep; empty means all.
    #[serde(default)]
    pub folders: Vec<String>,
    /// True when nothing is left to choose: the account is loaded at once. Else it waits for
    /// `account_update {setup_done}`.
    #[serde(default)]
    pub setup_done: bool,
}

/// Payload of `account_signin`: signs in again without losing anything.
#[derive(Clone, Debug, Deserialize, TS)]
pub struct AccountSignIn {
    /// The mailbox's address.
    pub address: String,
    /// How to sign in.
    pub sign_in: EnteredSignIn,
}

/// Payload of `account_update`; what is absent stays as it is.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct AccountUpdate {
    /// The mailbox's address.
    pub address: String,
    /// The new period.
    #[serde(default)]
    #[ts(optional)]
    pub period: Option<String>,
    /// The new choice of folders; an empty list means all.
    #[serde(default)]
    #[ts(optional)]
    pub folders: Option<Vec<String>>,
    /// What the person calls the account; empty for its address.
    #[serde(default)]
    #[ts(optional)]
    pub name: Option<String>,
    /// True once the person has been through the setup.
    #[serde(default)]
    #[ts(optional)]
    pub setup_done: Option<bool>,
    /// True to synchronise by itself; false for only when asked.
    #[serde(default)]
    #[ts(optional)]
    pub automatic: Option<bool>,
    /// Minutes between looks where the server does not announce; 1 to 1,440.
    #[serde(default)]
    #[ts(optional)]
    pub interval_min: Option<u32>,
    /// Messages come with their attachments up to so many megabytes; 0 for none but small messages, 64 (the most) for all
    /// that come in one go.
    #[serde(default)]
    #[ts(optional)]
    pub download_up_to_mb: Option<u32>,
    /// True to let the server announce new messages (IDLE).
    #[serde(default)]
    #[ts(optional)]
    pub push: Option<bool>,
    /// False to send nothing from this account.
    #[serde(default)]
    #[ts(optional)]
    pub sending: Option<bool>,
    /// True to make it the account that new messages are written from.
    #[serde(default)]
    #[ts(optional)]
    pub is_default: Option<bool>,
    /// `default` (as the program's setting), `inbox`, `all` or `none`.
    #[serde(default)]
    #[ts(optional)]
    pub notify: Option<String>,
}

/// Payload of `signin_answer`: what the person pasted, or what a deep link brought.
#[derive(Clone, Debug, Deserialize, TS)]
pub struct SignInAnswer {
    /// The whole address from the browser, or the code alone.
    pub text: SecretText,
}

/// One account.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct AccountView {
    /// Row id.
    pub id: i64,
    /// The mailbox's address.
    pub address: String,
    /// The provider's name, when the table knows it.
    pub provider: Option<String>,
    /// `working`, `sign-in-needed`, `waiting-approval` (the administrator has to allow the program first), `signed-out` (the
    /// person took the sign-in away and kept the mail) or `unproved`.
    pub state: String,
    /// Who signs in, when the mailbox is somebody else's or goes by another name there.
    pub signed_in_as: Option<String>,
    /// What the administrator is asked for, while the account waits for that.
    pub approval: Option<ApprovalView>,
    /// `oauth2`, `app-password` or `password`.
    pub auth: Option<String>,
    /// The ways to sign in that this machine knows, best first, without asking anybody; empty where it knows none.
    pub sign_ins: Vec<AuthOfferView>,
    /// `HOST:PORT:SECURITY`
    pub imap: Option<String>,
    /// `HOST:PORT:SECURITY`; absent for a receive-only account.
    pub smtp: Option<String>,
    /// How far back mail is kept.
    pub period: String,
    /// Folders chosen by hand; `null` means all.
    pub folders: Option<Vec<String>>,
    /// Messages kept here.
    pub messages: i64,
    /// Unread messages kept here.
    pub unread: i64,
    /// When mail was last received without a fault.
    pub received_at: Option<i64>,
    /// Why the account does not work, when it does not.
    pub error: Option<WireError>,
    /// What the person calls it; the address when nothing was said.
    pub name: String,
    /// The addresses that it may send as, the default first.
    pub identities: Vec<IdentityView>,
    /// False while its setup was left half way.
    pub setup_done: bool,
    /// True when it synchronises by itself.
    pub automatic: bool,
    /// Minutes between looks where the server does not announce.
    pub interval_min: u32,
    /// Messages come with their attachments up to so many megabytes; 0 to 64.
    pub download_up_to_mb: u32,
    /// True when the server may announce new messages.
    pub push: bool,
    /// False when the person switched sending off.
    pub sending: bool,
    /// True for the account that new messages are written from.
    pub is_default: bool,
    /// `default`, `inbox`, `all` or `none`.
    pub notify: String,
    /// How it is, from traffic that happened: `working`, `slow`, `waiting-for-network`, `retrying`, `needs-you`,
    /// `needs-administrator`, `switched-off`, or `untried` when nothing happened yet.
    pub condition: String,
    /// When what failed is tried again by itself, as far as that is known.
    pub retry_at: Option<i64>,
}
