//! Why a use case failed.

use std::io;
use std::path::Path;

use mailroom_connect::{ConnectError, HttpError, KeeperError, OAuthError, ReleaseError, TableError};
use mailroom_mime::ComposeError;
use mailroom_model::{AddressError, Coded, EndpointError, ErrorCode, FolderRole, Params};
use mailroom_policy::PolicyError;
use mailroom_protocol::DialError;
use mailroom_protocol::imap::ImapError;
use mailroom_protocol::smtp::SmtpError;
use mailroom_store::{StoreError, StoredError};
use mailroom_vault::VaultError;

use crate::ApprovalAsk;

/// An error of a use case: one of a room's, or a fact that only the engine knows.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// The text is no address.
    #[error("{text:?} is not an address")]
    Address {
        /// What was given.
        text: String,
        /// Why not.
        #[source]
        source: AddressError,
    },
    /// The text is no server.
    #[error("{text:?} is not a server")]
    Endpoint {
        /// Which argument: `imap` or `smtp`.
        field: &'static str,
        /// What was given.
        text: String,
        /// Why not.
        #[source]
        source: EndpointError,
    },
    /// An argument is missing or out of range.
    #[error("{field} is not valid: {reason}")]
    Input {
        /// Which argument.
        field: &'static str,
        /// What is wrong, for logs.
        reason: &'static str,
    },
    /// The store's error.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The vault's error.
    #[error(transparent)]
    Vault(#[from] VaultError),
    /// The policy's error.
    #[error(transparent)]
    Policy(#[from] PolicyError),
    /// The provider table's error.
    #[error(transparent)]
    Table(#[from] TableError),
    /// Detection's error.
    #[error(transparent)]
    Connect(#[from] ConnectError),
    /// The HTTP client's error.
    #[error(transparent)]
    Http(#[from] HttpError),
    /// The sign-in's error.
    #[error(transparent)]
    OAuth(#[from] OAuthError),
    /// The token keeper's error.
    #[error(transparent)]
    Keeper(#[from] KeeperError),
    /// Nothing is known about the newest version.
    #[error(transparent)]
    Release(#[from] ReleaseError),
    /// The dialer's error.
    #[error(transparent)]
    Dial(#[from] DialError),
    /// The IMAP server's error.
    #[error(transparent)]
    Imap(#[from] ImapError),
    /// The SMTP server's error.
    #[error(transparent)]
    Smtp(#[from] SmtpError),
    /// The message cannot be composed.
    #[error(transparent)]
    Compose(#[from] ComposeError),
    /// There is no such account.
    #[error("there is no account {address}")]
    AccountMissing {
        /// The address asked for.
        address: String,
    },
    /// There is no such folder.
    #[error("there is no folder {path:?}")]
    FolderMissing {
        /// The path or role asked for.
        path: String,
    },
    /// There is no such message.
    #[error("there is no message {id}")]
    MessageMissing {
        /// The id asked for.
        id: i64,
    },
    /// There is no such attachment.
    #[error("message {id} has no attachment {part:?}")]
    AttachmentMissing {
        /// The message.
        id: i64,
        /// The part asked for.
        part: String,
    },
    /// There is no such entry of the outbox or of the operations.
    #[error("there is no entry {id}")]
    EntryMissing {
        /// The id asked for.
        id: i64,
    },
    /// The account cannot send.
    #[error("{address} has no server for sending, or sending is switched off")]
    SendingDisabled {
        /// The account's address.
        address: String,
    },
    /// No account can send.
    #[error("no account can send")]
    NoSender,
    /// The message stands in the outbox, is on its way, or was sent.
    #[error("entry {id} of the outbox cannot be changed")]
    SendUnderWay {
        /// The entry of the outbox.
        id: i64,
    },
    /// Some recipients have no address.
    #[error("these are no addresses: {bad}")]
    Recipients {
        /// All of them, as typed.
        bad: String,
    },
    /// The server said that it takes no message of this size.
    #[error("{size} bytes are more than the {limit} that the server takes")]
    TooLarge {
        /// Bytes.
        size: u64,
        /// Bytes.
        limit: u64,
    },
    /// No account has this address.
    #[error("no account sends as {address}")]
    SenderUnknown {
        /// The address asked for.
        address: String,
    },
    /// Another mailbox signed in.
    #[error("{signed_in} signed in, {asked} was asked for")]
    WrongMailbox {
        /// The address that was to be connected.
        asked: String,
        /// The address that the provider named; empty when it named none.
        signed_in: String,
    },
    /// Nobody knows the servers.
    #[error("no servers are known for {domain}")]
    ServersUnknown {
        /// The address's domain.
        domain: String,
    },
    /// The servers are only suspected: no password goes there before the person has agreed.
    #[error("{servers} must be confirmed first")]
    ServersUnconfirmed {
        /// The servers.
        servers: String,
    },
    /// There is a folder of this name already.
    #[error("there is a folder {path:?} already")]
    FolderExists {
        /// Its path.
        path: String,
    },
    /// No folder can have this name.
    #[error("no folder can be called {name:?} ({reason})")]
    FolderName {
        /// What was given.
        name: String,
        /// `empty`, `long`, `control`, `delimiter`, `reserved`, or `inside`: it would lie in itself.
        reason: &'static str,
        /// The character that separates levels, when it is what is wrong.
        delimiter: Option<char>,
    },
    /// The folder has a use, and stays as it is; or nothing can be put into it.
    #[error("{path:?} stays as it is")]
    FolderProtected {
        /// The folder's path.
        path: String,
        /// Its use; `None` when nothing can be put into it.
        role: Option<FolderRole>,
    },
    /// The folder does not go to the trash, and its messages would be lost.
    #[error("{path:?} holds {messages} messages that would be lost")]
    FolderNotEmpty {
        /// The folder's path.
        path: String,
        /// Messages in it and in the folders in it.
        messages: u64,
    },
    /// Changes of messages in the folder wait, or changes that bring some there.
    #[error("{changes} changes wait in {path:?}")]
    FolderBusy {
        /// The folder's path.
        path: String,
        /// How many.
        changes: u64,
    },
    /// The server refused to make, rename or delete a folder, and only its words say why.
    #[error("the server refused")]
    FolderRefused {
        /// Its answer.
        #[source]
        source: ImapError,
    },
    /// What was asked for is done on the server at once or not at all, and it cannot be reached.
    #[error("it needs the server")]
    OnlineNeeded {
        /// Why it cannot be reached.
        #[source]
        source: Box<Self>,
    },
    /// The folder can only be read.
    #[error("{path:?} can only be read")]
    FolderReadOnly {
        /// The folder's path.
        path: String,
    },
    /// The server shows only the newest messages of a folder, and one that was to be changed is not among them.
    #[error("{path:?} has messages that the server does not show, and one of them was to be changed")]
    MessageNotShown {
        /// The folder's path.
        path: String,
    },
    /// OAuth was asked for and cannot be offered.
    #[error("there is no client id for {issuer}")]
    OauthUnavailable {
        /// The sign-in service.
        issuer: String,
    },
    /// Accounts signed in with the registration.
    #[error("the registration is used by {accounts}")]
    RegistrationInUse {
        /// Their addresses.
        accounts: String,
    },
    /// A token of one service would go to a server of another.
    #[error("the token of {address} does not go to {host}")]
    TokenForeignServer {
        /// The account's address.
        address: String,
        /// The server.
        host: String,
    },
    /// The person may not trust the certificate by themself.
    #[error("no exception is made for the certificate ({reason})")]
    ExceptionRefused {
        /// `oauth` or `policy`.
        reason: &'static str,
    },
    /// The message to oneself did not come back.
    #[error("the message did not come back within {after_ms} ms")]
    LoopMissing {
        /// How long it was waited for, in milliseconds.
        after_ms: i64,
    },
    /// The server refused a grant that had just been given: the sign-in was right, its use was not.
    #[error("{address} signed in, and the server does not take it")]
    TokenRefused {
        /// The address that signed in.
        address: String,
        /// What the server said.
        #[source]
        source: Box<Self>,
    },
    /// The organisation's administrator has to allow the program; the account waits for that.
    #[error("an administrator has to allow the program")]
    ApprovalNeeded {
        /// What to ask for.
        ask: Box<ApprovalAsk>,
        /// What the service said.
        #[source]
        source: OAuthError,
    },
    /// The account has not been proved, so there are no servers to talk to.
    #[error("{address} has to sign in first")]
    SignInNeeded {
        /// The account's address.
        address: String,
    },
    /// The whole message is not here, and it is above the limit.
    #[error("message {id} with {size} bytes was left on the server")]
    LeftOnServer {
        /// The message.
        id: i64,
        /// Its size in bytes.
        size: u64,
    },
    /// The database contradicts itself.
    #[error("the database is not sound: {findings}")]
    StoreUnsound {
        /// SQLite's findings.
        findings: String,
    },
    /// A file cannot be read.
    #[error("{path} cannot be read")]
    Unreadable {
        /// The file.
        path: String,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// A file cannot be written.
    #[error("{path} cannot be written")]
    Unwritable {
        /// The file.
        path: String,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// The folder that files would go into has something in it.
    #[error("{path} is not empty")]
    TargetNotEmpty {
        /// The folder.
        path: String,
    },
    /// There is no mail in it that could be taken over.
    #[error("{path} is no file with mail, nor a folder of such files")]
    NoMailFound {
        /// The file or folder.
        path: String,
    },
    /// No server takes these bytes as a message: there are none, or one of them is 0.
    #[error("no server takes such a message ({reason})")]
    MessageUnusable {
        /// `empty` or `nul`.
        reason: &'static str,
    },
    /// An error that happened earlier and was kept.
    #[error("{}", .0.code)]
    Kept(StoredError),
    /// The change was undone before, is too long ago, or somebody has moved the messages on since.
    #[error("it cannot be undone any more")]
    UndoGone {
        /// Messages that cannot be brought back; 0 when nothing is known of the change.
        messages: u64,
    },
    /// The connection broke in the middle of a change, and whether the server made it is still not known.
    #[error("whether the server made change {id} is not known")]
    OutcomeUnknown {
        /// The change.
        id: i64,
    },
    /// The server has moved a message and did not say where it is now: the next look at its folder finds it.
    #[error("where message {id} is now is not known before the next look at its folder")]
    PlaceUnknown {
        /// The message.
        id: i64,
    },
    /// A server did not answer within the limit.
    #[error("{host}:{port} did not answer in time")]
    NoAnswer {
        /// The server.
        host: String,
        /// Its port.
        port: u16,
        /// The limit in milliseconds.
        after_ms: i64,
    },
    /// A worker thread ended before its work did.
    #[error("a worker ended early")]
    Worker,
    /// The work was cancelled.
    #[error("cancelled")]
    Cancelled,
    /// A load let go of its connection for somebody who waits for one; it goes on when there is one again.
    #[error("gave way to somebody who waits")]
    GaveWay,
}

impl EngineError {
    pub(crate) fn unwritable(path: &Path, source: io::Error) -> Self {
        Self::Unwritable {
            path: path.display().to_string(),
            source,
        }
    }

    pub(crate) fn unreadable(path: &Path, source: io::Error) -> Self {
        Self::Unreadable {
            path: path.display().to_string(),
            source,
        }
    }

    /// The room's own error behind this one.
    fn inner(&self) -> Option<&dyn Coded> {
        Some(match self {
            Self::Store(error) => error,
            Self::Vault(error) => error,
            Self::Policy(error) => error,
            Self::Connect(error) => error,
            Self::Http(error) => error,
            Self::OAuth(error) => error,
            Self::Keeper(error) => error,
            Self::Release(error) => error,
            Self::Dial(error) => error,
            Self::Imap(error) => error,
            Self::Smtp(error) => error,
            Self::Compose(error) => error,
            _ => return None,
        })
    }

    /// True when only signing in again can help.
    pub(crate) fn needs_sign_in(&self) -> bool {
        wants_sign_in(self.code())
    }
}

/// True for a code after which only signing in again can help.
pub(crate) fn wants_sign_in(code: ErrorCode) -> bool {
    matches!(
        code,
        ErrorCode::SignInAgain
            | ErrorCode::AuthFailed
            | ErrorCode::AuthAppPasswordNeeded
            | ErrorCode::AuthImapDisabled
            | ErrorCode::AuthImapForbidden
            | ErrorCode::AuthPasswordOff
            | ErrorCode::AuthTokenRefused
            | ErrorCode::AuthWebLoginNeeded
    )
}

/// What a failed detection says about itself, with what was asked and answered as JSON in `steps`: the person may want to
/// see who was asked, most of all when nobody knew.
fn detection_params(error: &ConnectError) -> Params {
    let mut params = error.params();
    if !error.steps().is_empty()
        && let Ok(steps) = serde_json::to_string(error.steps())
    {
        params.insert("steps", steps.into());
    }
    params
}

impl Coded for EngineError {
    fn code(&self) -> ErrorCode {
        if let Some(inner) = self.inner() {
            return inner.code();
        }
        match self {
            Self::Address { .. } | Self::Recipients { .. } => ErrorCode::AddressInvalid,
            Self::SendUnderWay { .. } => ErrorCode::SendUnderWay,
            Self::Endpoint { .. } | Self::Input { .. } => ErrorCode::InputInvalid,
            Self::EntryMissing { .. } => ErrorCode::EntryMissing,
            Self::AccountMissing { .. } | Self::SenderUnknown { .. } | Self::NoSender => {
                ErrorCode::AccountMissing
            }
            Self::FolderMissing { .. } => ErrorCode::FolderMissing,
            Self::MessageMissing { .. } | Self::AttachmentMissing { .. } => ErrorCode::MessageMissing,
            Self::SendingDisabled { .. } => ErrorCode::SendingDisabled,
            Self::WrongMailbox { .. } => ErrorCode::OauthWrongMailbox,
            Self::ServersUnknown { .. } => ErrorCode::ProviderUnknown,
            Self::ServersUnconfirmed { .. } => ErrorCode::ServersUnconfirmed,
            Self::FolderExists { .. } => ErrorCode::FolderExists,
            Self::FolderName { .. } => ErrorCode::FolderNameInvalid,
            Self::FolderProtected { .. } => ErrorCode::FolderProtected,
            Self::FolderNotEmpty { .. } => ErrorCode::FolderNotEmpty,
            Self::FolderBusy { .. } => ErrorCode::FolderBusy,
            Self::FolderRefused { .. } => ErrorCode::FolderRefused,
            Self::OnlineNeeded { .. } => ErrorCode::OnlineNeeded,
            Self::FolderReadOnly { .. } => ErrorCode::PermissionDenied,
            Self::MessageNotShown { .. } => ErrorCode::OperationRefused,
            Self::OauthUnavailable { .. } => ErrorCode::OauthUnavailable,
            Self::RegistrationInUse { .. } => ErrorCode::RegistrationInUse,
            Self::TokenForeignServer { .. } => ErrorCode::TokenForeignServer,
            Self::TokenRefused { .. } => ErrorCode::AuthTokenRefused,
            Self::ApprovalNeeded { .. } => ErrorCode::OauthAdminConsentNeeded,
            Self::ExceptionRefused { .. } => ErrorCode::TlsExceptionRefused,
            Self::LoopMissing { .. } => ErrorCode::LoopMissing,
            Self::SignInNeeded { .. } => ErrorCode::SignInAgain,
            Self::LeftOnServer { .. } | Self::TooLarge { .. } => ErrorCode::MessageTooLarge,
            Self::StoreUnsound { .. } => ErrorCode::StoreDamaged,
            Self::Unreadable { .. } => ErrorCode::FileUnreadable,
            Self::Unwritable { source, .. } => match source.kind() {
                io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => ErrorCode::DiskFull,
                io::ErrorKind::ReadOnlyFilesystem => ErrorCode::DiskReadOnly,
                _ => ErrorCode::FileUnwritable,
            },
            Self::Kept(error) => error.code,
            Self::UndoGone { .. } => ErrorCode::UndoGone,
            Self::TargetNotEmpty { .. } => ErrorCode::TargetNotEmpty,
            Self::NoMailFound { .. } => ErrorCode::NoMailFound,
            Self::MessageUnusable { .. } => ErrorCode::MessageUnusable,
            Self::OutcomeUnknown { .. } | Self::PlaceUnknown { .. } => ErrorCode::ServerUnavailable,
            Self::NoAnswer { .. } => ErrorCode::ConnectTimeout,
            Self::Cancelled => ErrorCode::Cancelled,
            Self::GaveWay => ErrorCode::TooManyConnections,
            _ => ErrorCode::Internal,
        }
    }

    fn params(&self) -> Params {
        if let Self::Connect(error) = self {
            return detection_params(error);
        }
        if let Some(inner) = self.inner() {
            return inner.params();
        }
        match self {
            Self::Address { text, source } => Params::from([
                ("text", text.as_str().into()),
                ("reason", source.to_string().into()),
            ]),
            Self::Recipients { bad } => Params::from([("text", bad.as_str().into()), ("reason", "".into())]),
            Self::TooLarge { size, limit } => {
                Params::from([("size", (*size).into()), ("limit", (*limit).into())])
            }
            Self::NoSender => Params::from([("address", "".into())]),
            Self::Endpoint { field, text, source } => Params::from([
                ("field", (*field).into()),
                ("text", text.as_str().into()),
                ("reason", source.to_string().into()),
            ]),
            Self::Input { field, reason } => {
                Params::from([("field", (*field).into()), ("reason", (*reason).into())])
            }
            Self::AccountMissing { address }
            | Self::SendingDisabled { address }
            | Self::SenderUnknown { address }
            | Self::SignInNeeded { address } => Params::from([("address", address.as_str().into())]),
            Self::ServersUnconfirmed { servers } => Params::from([("servers", servers.as_str().into())]),
            Self::FolderMissing { path }
            | Self::FolderReadOnly { path }
            | Self::FolderExists { path }
            | Self::MessageNotShown { path } => Params::from([("folder", path.as_str().into())]),
            Self::FolderName {
                name,
                reason,
                delimiter,
            } => {
                let mut params = Params::from([("name", name.as_str().into()), ("reason", (*reason).into())]);
                params.extend(delimiter.map(|delimiter| ("delimiter", delimiter.to_string().into())));
                params
            }
            Self::FolderProtected { path, role } => {
                let mut params = Params::from([("folder", path.as_str().into())]);
                params.extend(role.map(|role| ("role", role.as_str().into())));
                params
            }
            Self::FolderNotEmpty { path, messages } => {
                Params::from([("folder", path.as_str().into()), ("messages", (*messages).into())])
            }
            Self::FolderBusy { path, changes } => {
                Params::from([("folder", path.as_str().into()), ("changes", (*changes).into())])
            }
            Self::FolderRefused { source } => source.params(),
            Self::OnlineNeeded { source } => {
                let mut params = source.params();
                params.insert("error", source.code().as_str().into());
                params
            }
            Self::MessageMissing { id } | Self::EntryMissing { id } | Self::SendUnderWay { id } => {
                Params::from([("id", (*id).into())])
            }
            Self::AttachmentMissing { id, part } => {
                Params::from([("id", (*id).into()), ("part", part.as_str().into())])
            }
            Self::WrongMailbox { asked, signed_in } => {
                let mut params = Params::from([("asked", asked.as_str().into())]);
                if !signed_in.is_empty() {
                    params.insert("signed_in", signed_in.as_str().into());
                }
                params
            }
            Self::ServersUnknown { domain } => Params::from([("domain", domain.as_str().into())]),
            Self::OauthUnavailable { issuer } => Params::from([("issuer", issuer.as_str().into())]),
            Self::RegistrationInUse { accounts } => Params::from([("accounts", accounts.as_str().into())]),
            Self::TokenRefused { address, source } => {
                let mut params = source.params();
                params.insert("address", address.as_str().into());
                params
            }
            Self::ApprovalNeeded { ask, source } => {
                let mut params = source.params();
                // The page is the right organisation's by now.
                match &ask.approval().url {
                    Some(url) => drop(params.insert("url", url.as_str().into())),
                    None => drop(params.remove("url")),
                }
                params
            }
            Self::TokenForeignServer { address, host } => Params::from([
                ("address", address.as_str().into()),
                ("host", host.as_str().into()),
            ]),
            Self::TargetNotEmpty { path } | Self::NoMailFound { path } => {
                Params::from([("path", path.as_str().into())])
            }
            Self::LoopMissing { after_ms } => Params::from([("after_ms", (*after_ms).into())]),
            Self::MessageUnusable { reason } | Self::ExceptionRefused { reason } => {
                Params::from([("reason", (*reason).into())])
            }
            Self::UndoGone { messages } => Params::from([("messages", (*messages).into())]),
            Self::NoAnswer { host, port, after_ms } => Params::from([
                ("host", host.as_str().into()),
                ("port", (*port).into()),
                ("after_ms", (*after_ms).into()),
            ]),
            Self::LeftOnServer { id, size } => Params::from([("id", (*id).into()), ("size", (*size).into())]),
            Self::Unreadable { path, source } | Self::Unwritable { path, source } => Params::from([
                ("path", path.as_str().into()),
                ("reason", source.to_string().into()),
            ]),
            Self::Kept(error) => {
                // Names of parameters are few and fixed; a kept one that is no longer known is left out.
                const NAMES: &[&str] = &[
                    "host", "port", "reply", "folder", "limit", "size", "reason", "after_ms", "address",
                    "url", "aadsts", "error",
                ];
                NAMES
                    .iter()
                    .filter_map(|name| Some((*name, error.params.get(*name)?.clone())))
                    .collect()
            }
            _ => Params::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use mailroom_connect::{Outcome, Source, Step};

    use super::*;

    #[test]
    fn failed_detection_tells_who_was_asked() {
        let error = EngineError::from(ConnectError::ProviderUnknown {
            domain: "example.com".into(),
            steps: vec![Step {
                source: Source::Mx,
                outcome: Outcome::UnknownHost {
                    host: "mx.example.com".into(),
                },
            }],
        });
        assert_eq!(
            error.params(),
            Params::from([
                ("domain", "example.com".into()),
                (
                    "steps",
                    r#"[{"source":"mx","outcome":"unknown_host","host":"mx.example.com"}]"#.into()
                ),
            ])
        );
    }
}
