//! The closed set of error codes, and what every error of every room can say about itself.

use std::collections::BTreeMap;
use std::error::Error;
use std::fmt;

use serde::{Deserialize, Serialize};

/// Who can do something about an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Fixer {
    /// The person in front of the screen.
    You,
    /// Whoever runs the organisation's mail or machines.
    Administrator,
    /// Whoever runs the servers.
    Provider,
    /// The makers of the program.
    Mailroom,
}

macro_rules! codes {
    ($($(#[doc = $doc:literal])* $name:ident = $text:literal, $fixer:ident;)*) => {
        /// What went wrong, as far as a reader can act differently on it. A variant exists only because somebody does.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[non_exhaustive]
        pub enum ErrorCode {$(
            $(#[doc = $doc])*
            #[serde(rename = $text)]
            $name,
        )*}

        impl ErrorCode {
            /// Every code, in the order of declaration.
            pub const EVERY: &'static [Self] = &[$(Self::$name,)*];

            /// The name on the wire: lower_snake.
            pub fn as_str(self) -> &'static str {
                match self {$(Self::$name => $text,)*}
            }

            /// The opposite of [`Self::as_str`]; `None` for a code of another version.
            pub fn from_name(name: &str) -> Option<Self> {
                Self::EVERY.iter().copied().find(|code| code.as_str() == name)
            }

            /// Who can usually do something about it.
            pub fn fixer(self) -> Fixer {
                match self {$(Self::$name => Fixer::$fixer,)*}
            }
        }
    };
}

codes! {
    #[doc = "The text is not an e-mail address."]
    AddressInvalid = "address_invalid", You;
    #[doc = "An argument is missing or not valid; `field` names it."]
    InputInvalid = "input_invalid", You;
    #[doc = "No server is known for the address; servers must be entered by hand."]
    ProviderUnknown = "provider_unknown", You;
    #[doc = "The servers are only suspected to be the right ones: the person has to agree before a password goes there."]
    ServersUnconfirmed = "servers_unconfirmed", You;
    #[doc = "The provider offers no IMAP to other programs."]
    ProviderWithoutImap = "provider_without_imap", Provider;
    #[doc = "OAuth cannot be offered: this build, the policy and the person have no client id for the issuer."]
    OauthUnavailable = "oauth_unavailable", Administrator;
    #[doc = "No route to the network, or every address refused."]
    NetworkUnreachable = "network_unreachable", You;
    #[doc = "The host name has no address."]
    NameNotFound = "name_not_found", You;
    #[doc = "The host refuses connections on the port."]
    ConnectRefused = "connect_refused", Provider;
    #[doc = "No answer within the time limit."]
    ConnectTimeout = "connect_timeout", Provider;
    #[doc = "The connection ended in the middle of an exchange."]
    ConnectionLost = "connection_lost", You;
    #[doc = "The server stopped answering in the middle of an exchange."]
    ServerStalled = "server_stalled", Provider;
    #[doc = "The server ended the session and said why (`BYE`, 421)."]
    ServerClosed = "server_closed", Provider;
    #[doc = "The server's answer breaks the protocol."]
    ServerNonsense = "server_nonsense", Provider;
    #[doc = "The server says that it cannot work at the moment (`[UNAVAILABLE]`, `[INUSE]`, 4xx)."]
    ServerUnavailable = "server_unavailable", Provider;
    #[doc = "The server allows no further connection."]
    TooManyConnections = "too_many_connections", You;
    #[doc = "The certificate is not trusted; `reason` says why."]
    TlsCertificateInvalid = "tls_certificate_invalid", Provider;
    #[doc = "The certificate has expired or is not valid yet."]
    TlsCertificateExpired = "tls_certificate_expired", Provider;
    #[doc = "The certificate is for another host."]
    TlsCertificateWrongHost = "tls_certificate_wrong_host", Provider;
    #[doc = "TLS could not be agreed on."]
    TlsFailed = "tls_failed", Provider;
    #[doc = "STARTTLS is required and the server does not offer it: somebody may have stripped it."]
    StarttlsMissing = "starttls_missing", Provider;
    #[doc = "Bytes came before the TLS handshake: somebody may tamper with the connection."]
    StarttlsInjection = "starttls_injection", Provider;
    #[doc = "User name or password refused."]
    AuthFailed = "auth_failed", You;
    #[doc = "The provider wants an app password."]
    AuthAppPasswordNeeded = "auth_app_password_needed", You;
    #[doc = "The server offers no way of signing in that Mailroom speaks over this connection."]
    AuthMechanismMissing = "auth_mechanism_missing", Provider;
    #[doc = "IMAP is switched off for the mailbox."]
    AuthImapDisabled = "auth_imap_disabled", You;
    #[doc = "SMTP sign-in is switched off for the mailbox or tenant."]
    AuthSmtpDisabled = "auth_smtp_disabled", Administrator;
    #[doc = "The grant was revoked or has expired: sign in again."]
    SignInAgain = "sign_in_again", You;
    #[doc = "The person, or their organisation, refused the request for access."]
    OauthDenied = "oauth_denied", You;
    #[doc = "The answer does not belong to this sign-in."]
    OauthStateMismatch = "oauth_state_mismatch", You;
    #[doc = "The answer names another issuer (RFC 9207)."]
    OauthIssuerMismatch = "oauth_issuer_mismatch", You;
    #[doc = "Access was granted without the right to read or send mail."]
    OauthScopeMissing = "oauth_scope_missing", You;
    #[doc = "Nobody finished the sign-in in the browser."]
    OauthTimeout = "oauth_timeout", You;
    #[doc = "The authorisation server failed or answered nonsense."]
    OauthServerError = "oauth_server_error", Provider;
    #[doc = "Another mailbox signed in than the one asked for."]
    OauthWrongMailbox = "oauth_wrong_mailbox", You;
    #[doc = "The authorisation server does not know the client id, its secret or its redirect address."]
    OauthClientInvalid = "oauth_client_invalid", Administrator;
    #[doc = "There is no such folder."]
    FolderMissing = "folder_missing", You;
    #[doc = "The folder cannot be opened."]
    FolderNotSelectable = "folder_not_selectable", Provider;
    #[doc = "The server denies the right to do this."]
    PermissionDenied = "permission_denied", Administrator;
    #[doc = "The mailbox is full."]
    OverQuota = "over_quota", You;
    #[doc = "There is no such message."]
    MessageMissing = "message_missing", You;
    #[doc = "There is no such entry of the outbox or of the waiting changes."]
    EntryMissing = "entry_missing", You;
    #[doc = "The message is larger than the limit; sizes are in bytes."]
    MessageTooLarge = "message_too_large", You;
    #[doc = "The server refused the message; `reply` has its words."]
    MessageRejected = "message_rejected", You;
    #[doc = "The server refused a recipient; `reply` has its words."]
    RecipientRejected = "recipient_rejected", You;
    #[doc = "The server does not let this account send as this address."]
    SenderRejected = "sender_rejected", Administrator;
    #[doc = "The server asks to try again later."]
    SendDeferred = "send_deferred", Provider;
    #[doc = "The account has no server for sending."]
    SendingDisabled = "sending_disabled", You;
    #[doc = "There is no such account."]
    AccountMissing = "account_missing", You;
    #[doc = "The account exists already."]
    AccountExists = "account_exists", You;
    #[doc = "The server refused a change; `reply` has its words."]
    OperationRefused = "operation_refused", Provider;
    #[doc = "The database was written by a newer Mailroom."]
    StoreTooNew = "store_too_new", You;
    #[doc = "The database cannot be read."]
    StoreDamaged = "store_damaged", Mailroom;
    #[doc = "The database was missing or could not be read, and a backup took its place; `backup_at` says of when, `path` where the damaged one is."]
    StoreRestored = "store_restored", You;
    #[doc = "Another Mailroom uses the database."]
    StoreBusy = "store_busy", You;
    #[doc = "There is no room on the disk."]
    DiskFull = "disk_full", You;
    #[doc = "The disk cannot be written to."]
    DiskReadOnly = "disk_read_only", You;
    #[doc = "A file cannot be read; `path` names it."]
    FileUnreadable = "file_unreadable", You;
    #[doc = "A file cannot be written; `path` names it."]
    FileUnwritable = "file_unwritable", You;
    #[doc = "The keychain is locked."]
    VaultLocked = "vault_locked", You;
    #[doc = "There is no keychain service on this machine."]
    VaultMissing = "vault_missing", You;
    #[doc = "The keychain refused access."]
    VaultDenied = "vault_denied", You;
    #[doc = "The keychain does not answer."]
    VaultTimeout = "vault_timeout", You;
    #[doc = "The passphrase does not open the secrets file."]
    VaultPassphraseWrong = "vault_passphrase_wrong", You;
    #[doc = "The stored secret cannot be read."]
    VaultDamaged = "vault_damaged", Mailroom;
    #[doc = "The policy file is not valid; `path` and `reason` say where."]
    PolicyInvalid = "policy_invalid", Administrator;
    #[doc = "The work was cancelled."]
    Cancelled = "cancelled", You;
    #[doc = "There is no such command."]
    CommandUnknown = "command_unknown", Mailroom;
    #[doc = "The connection broke after the whole message was handed over: it may have been sent."]
    SendOutcomeUnknown = "send_outcome_unknown", You;
    #[doc = "The server cannot send to `address`, which has letters outside ASCII (no SMTPUTF8)."]
    SmtpUtf8Missing = "smtp_utf8_missing", Provider;
    #[doc = "The message stands in the outbox, is on its way, or was sent: it cannot be changed; `id` is its entry."]
    SendUnderWay = "send_under_way", You;
    #[doc = "A defect in Mailroom."]
    Internal = "internal", Mailroom;
    #[doc = "Accounts signed in with the registration: `accounts` names them."]
    RegistrationInUse = "registration_in_use", You;
    #[doc = "The account's token is of another service than the server `host`: a new sign-in is needed before it goes there."]
    TokenForeignServer = "token_foreign_server", You;
    #[doc = "The organisation's administrator has to allow Mailroom first; `url` is the page for it, if there is one."]
    OauthAdminConsentNeeded = "oauth_admin_consent_needed", Administrator;
    #[doc = "The HTTP door turned a request away; `reason` is `host`, `origin`, `content_type`, `session` or `size`."]
    DoorRefused = "door_refused", You;
    #[doc = "A change of messages cannot be undone any more: it was undone, is too long ago, or somebody moved them on."]
    UndoGone = "undo_gone", You;
    #[doc = "The folder that files would go into has something in it; `path` names it."]
    TargetNotEmpty = "target_not_empty", You;
    #[doc = "Neither a mailbox file nor a message nor a folder of them; `path` names it."]
    NoMailFound = "no_mail_found", You;
    #[doc = "A byte 0 stands in the message, or nothing at all: no server takes it."]
    MessageUnusable = "message_unusable", You;
    #[doc = "The provider wants the person on its web page first; `url` is the page, if it said which."]
    AuthWebLoginNeeded = "auth_web_login_needed", You;
    #[doc = "The provider takes no passwords from mail programs: only the sign-in in the browser works."]
    AuthPasswordOff = "auth_password_off", You;
    #[doc = "Whoever manages the mailbox (an organisation, a family) does not allow IMAP; `url` is a page about it."]
    AuthImapForbidden = "auth_imap_forbidden", Administrator;
    #[doc = "The server refuses a grant that is fresh: it is for another user name, or does not cover mail."]
    AuthTokenRefused = "auth_token_refused", You;
    #[doc = "No exception is made for the certificate; `reason` is `oauth` (tokens go to trusted servers only) or `policy` (the organisation forbids it)."]
    TlsExceptionRefused = "tls_exception_refused", Administrator;
    #[doc = "The message to oneself did not come back within `after_ms`."]
    LoopMissing = "loop_missing", Provider;
    #[doc = "Something else seems to answer in the server's place, as in a network that wants a sign-in on a page of its own first."]
    PortalSuspected = "portal_suspected", You;
    #[doc = "The organisation's administrator has allowed Mailroom: the account `address` waits for its sign-in only."]
    OauthApprovalGranted = "oauth_approval_granted", You;
    #[doc = "There is a folder of this name already; `folder` is its path."]
    FolderExists = "folder_exists", You;
    #[doc = "No folder can have this name; `reason` is `empty`, `long`, `control`, `delimiter` (`delimiter` is it), `reserved` or `inside` (it would lie in itself)."]
    FolderNameInvalid = "folder_name_invalid", You;
    #[doc = "The folder cannot be renamed, moved or deleted because it is the one for `role`; or, without a role, nothing can be put into it."]
    FolderProtected = "folder_protected", You;
    #[doc = "The folder does not go to the trash, and it holds `messages` messages, with those of the folders in it: they would be lost."]
    FolderNotEmpty = "folder_not_empty", You;
    #[doc = "`changes` changes of messages in the folder wait to reach the server, or wait to bring messages to it."]
    FolderBusy = "folder_busy", You;
    #[doc = "The server refused to make, rename or delete a folder; `reply` has its words."]
    FolderRefused = "folder_refused", Provider;
    #[doc = "What is asked for is done on the server at once or not at all, and it cannot be reached; `error` is the code of the reason."]
    OnlineNeeded = "online_needed", You;
}

impl fmt::Display for ErrorCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A fact that belongs to an error: a host, a count, a server's reply. Never a secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Param {
    /// A count, a size in bytes, a duration in milliseconds: the name of the parameter says which.
    Number(i64),
    /// A name, a host, a server's own words.
    Text(String),
}

impl From<&str> for Param {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Param {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<i64> for Param {
    fn from(number: i64) -> Self {
        Self::Number(number)
    }
}

impl From<u16> for Param {
    fn from(number: u16) -> Self {
        Self::Number(number.into())
    }
}

impl From<u64> for Param {
    fn from(number: u64) -> Self {
        Self::Number(i64::try_from(number).unwrap_or(i64::MAX))
    }
}

impl fmt::Display for Param {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(number) => number.fmt(f),
            Self::Text(text) => f.write_str(text),
        }
    }
}

/// The parameters of an error by name.
pub type Params = BTreeMap<&'static str, Param>;

/// An error that can be told to a person: every room's error enum is one.
pub trait Coded: Error {
    /// What went wrong.
    fn code(&self) -> ErrorCode;

    /// The facts that the sentence for people needs.
    fn params(&self) -> Params {
        Params::new()
    }
}

/// The error and everything beneath it in one line, for logs and the `detail` of a wire error.
pub fn source_chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(source) = next {
        let words = source.to_string();
        if !text.ends_with(&words) {
            text.push_str(": ");
            text.push_str(&words);
        }
        next = source.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_unique_and_read_back() {
        let mut seen = std::collections::BTreeSet::new();
        for code in ErrorCode::EVERY {
            assert!(seen.insert(code.as_str()), "{code} stands twice");
            let wire = serde_json::to_string(code).unwrap();
            assert_eq!(wire, format!("\"{code}\""));
            assert_eq!(serde_json::from_str::<ErrorCode>(&wire).unwrap(), *code);
        }
    }
}
