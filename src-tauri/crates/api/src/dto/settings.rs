//! Settings: of the program, of an account, of sign-in services and domains.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::{SecretText, TrustedCertificate};
use crate::WireError;

/// The program's settings.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct SettingsView {
    /// `system`, `en`, `pl` or `ru`.
    pub language: String,
    /// `system`, `light` or `dark`.
    pub theme: String,
    /// `comfortable` or `compact`.
    pub density: String,
    /// True when messages of a thread stand together in lists.
    pub threads: bool,
    /// True when closing the window leaves the program in the tray.
    pub close_to_tray: bool,
    /// `inbox` (new messages of inboxes), `all` (of every folder that is kept) or `none`.
    pub notify: String,
    /// True when a notification shows sender and subject.
    pub notify_content: bool,
    /// True when single keys (j, k, e, #, …) act on messages.
    pub single_keys: bool,
    /// Seconds after which an opened message counts as read; `null` for only by hand.
    pub read_after_s: Option<u32>,
    /// Seconds in which a sent message can be taken back; 0 to 60.
    pub undo_send_s: u32,
    /// True when a text that speaks of an attachment is not sent without one unasked.
    pub attachment_reminder: bool,
    /// True when new messages are written as plain text.
    pub plain_text: bool,
    /// True when the program looks for a newer version of itself.
    pub updates: bool,
    /// False when the organisation or the build decides about updates.
    pub updates_changeable: bool,
    /// True when a person may trust a server's certificate that nobody vouches for.
    pub certificate_exceptions: bool,
}

/// Payload of `settings_update`; what is absent stays as it is.
#[derive(Clone, Debug, Default, Serialize, Deserialize, TS)]
#[serde(default)]
#[ts(optional_fields)]
pub struct SettingsUpdate {
    /// See [`SettingsView`].
    pub language: Option<String>,
    /// See [`SettingsView`].
    pub theme: Option<String>,
    /// See [`SettingsView`].
    pub density: Option<String>,
    /// See [`SettingsView`].
    pub threads: Option<bool>,
    /// See [`SettingsView`].
    pub close_to_tray: Option<bool>,
    /// See [`SettingsView`].
    pub notify: Option<String>,
    /// See [`SettingsView`].
    pub notify_content: Option<bool>,
    /// See [`SettingsView`].
    pub single_keys: Option<bool>,
    /// Seconds; a negative number means only by hand.
    pub read_after_s: Option<i32>,
    /// See [`SettingsView`].
    pub undo_send_s: Option<u32>,
    /// See [`SettingsView`].
    pub attachment_reminder: Option<bool>,
    /// See [`SettingsView`].
    pub plain_text: Option<bool>,
    /// See [`SettingsView`].
    pub updates: Option<bool>,
}

/// An address that an account may send as.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct IdentityView {
    /// The address.
    pub address: String,
    /// The name beside it.
    pub name: String,
    /// True for the one that the account uses unasked.
    pub is_default: bool,
    /// The signature as safe HTML; empty for none.
    pub signature: String,
}

/// Payload of `identity_save`: adds the identity, or changes the one with this address.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct IdentitySave {
    /// The account's address.
    pub account: String,
    /// The address to send as.
    pub address: String,
    /// The name beside it.
    pub name: String,
    /// True to make it the one that the account uses unasked.
    pub is_default: bool,
    /// The signature as HTML; made safe before it is kept.
    pub signature: String,
}

/// Payload of `identity_remove`.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct IdentityRemove {
    /// The account's address.
    pub account: String,
    /// The address; the account's own cannot be removed.
    pub address: String,
}

/// Payload of `account_servers`: other servers or another user name, proved before they are kept.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct AccountServers {
    /// The mailbox's address.
    pub address: String,
    /// `HOST:PORT:tls|starttls`
    pub imap: String,
    /// `HOST:PORT:tls|starttls`; absent for a receive-only account.
    #[serde(default)]
    #[ts(optional)]
    pub smtp: Option<String>,
    /// The user name, when it is not the address or its first part.
    #[serde(default)]
    #[ts(optional)]
    pub username: Option<String>,
    /// Certificates that the person trusts although nobody vouches for them, beside those that are trusted already.
    #[serde(default)]
    pub certificates: Vec<TrustedCertificate>,
}

/// Payload of `server_probe`: looks whether a mail server answers; no credentials are sent.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct ServerProbe {
    /// `imap` or `smtp`.
    pub protocol: String,
    /// `HOST:PORT:tls|starttls`
    pub endpoint: String,
    /// The SHA-256 of a certificate that the person trusts there.
    #[serde(default)]
    #[ts(optional)]
    pub fingerprint: Option<String>,
}

/// Reply of `server_probe`.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct ServerProbed {
    /// True when a mail server of this protocol answered, encrypted.
    pub answers: bool,
    /// Why not.
    pub error: Option<WireError>,
    /// Ways to sign in that it offers, as `AccountView.auth` names them.
    pub auth: Vec<String>,
}

/// An OAuth client id of the person's own.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct RegistrationView {
    /// Row id.
    pub id: i64,
    /// What the person calls it.
    pub label: String,
    /// The sign-in service: `google`, `microsoft`, `yandex`, `fastmail`, or an OpenID issuer's address.
    pub service: String,
    /// The public client id.
    pub client_id: String,
    /// Microsoft: the tenant id; empty for none.
    pub tenant: String,
    /// True when a client secret is in the vault.
    pub has_secret: bool,
    /// When the secret stops working, as far as the person said.
    pub secret_ends_at: Option<i64>,
    /// Accounts that signed in with it.
    pub accounts: Vec<String>,
}

/// Payload of `registration_save`.
#[derive(Clone, Debug, Deserialize, TS)]
pub struct RegistrationSave {
    /// Row id of the one to change; absent for a new one.
    #[serde(default)]
    #[ts(optional)]
    pub id: Option<i64>,
    /// What the person calls it.
    pub label: String,
    /// See [`RegistrationView`].
    pub service: String,
    /// The public client id.
    pub client_id: String,
    /// The client secret; absent to keep what is there.
    #[serde(default)]
    #[ts(optional)]
    pub client_secret: Option<SecretText>,
    /// Microsoft: the tenant id; empty for none.
    #[serde(default)]
    pub tenant: String,
    /// When the secret stops working; absent when nobody knows.
    #[serde(default)]
    #[ts(optional)]
    pub secret_ends_at: Option<i64>,
}

/// Payload that names one registration.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, TS)]
pub struct RegistrationId {
    /// Row id.
    pub id: i64,
}

/// A provider of the built-in table, for choosing by hand.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct ProviderView {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// True when it can be connected by IMAP.
    pub has_imap: bool,
}

/// What a person said about a domain: either its provider or its servers.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct DomainView {
    /// The domain.
    pub domain: String,
    /// The provider's id, chosen by hand.
    pub provider: Option<String>,
    /// The servers, entered by hand for an account that works.
    pub servers: Option<DomainServers>,
}

/// Servers of a domain.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct DomainServers {
    /// `HOST:PORT:SECURITY`, best first.
    pub imap: Vec<String>,
    /// `HOST:PORT:SECURITY`, best first; empty for receiving only.
    pub smtp: Vec<String>,
    /// `address` or `local`.
    pub imap_username: String,
    /// `address` or `local`.
    pub smtp_username: String,
}

/// Payload that names one domain.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct DomainName {
    /// The domain.
    pub domain: String,
}

/// What one account takes on this machine.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct AccountStorage {
    /// The account's address.
    pub address: String,
    /// Messages kept.
    pub messages: i64,
    /// Their bytes as they were sent.
    pub original_bytes: i64,
    /// The bytes that their bodies take here, compressed; without rows and index.
    pub kept_bytes: i64,
}

/// What everything takes on this machine.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct StorageView {
    /// Where it is.
    pub home: String,
    /// The database's files.
    pub database_bytes: i64,
    /// About the share of the search index in it: counted from its page numbers, not read.
    pub index_bytes: i64,
    /// Free on that disk, when the system says.
    pub free_bytes: Option<i64>,
    /// By account.
    pub accounts: Vec<AccountStorage>,
}

/// Payload that names a sender.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct SenderAddress {
    /// The sender's address.
    pub address: String,
}

/// Reply of `update_check`.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct UpdateView {
    /// This version.
    pub current: String,
    /// The newest version, when it is newer.
    pub newer: Option<String>,
    /// Where to read about it and get it.
    pub url: Option<String>,
}

/// What this program is, for the page about it.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct AboutView {
    /// Version.
    pub version: String,
    /// Operating system and processor.
    pub platform: String,
    /// Where everything is kept.
    pub home: String,
    /// The policy file that is in force, when there is one.
    pub policy: Option<String>,
    /// Where secrets are kept: `keychain` or `file`.
    pub vault: String,
}
