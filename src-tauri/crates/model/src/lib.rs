//! # Room: model
//!
//! The vocabulary that every other room speaks: ids, addresses, servers, accounts in their states of
//! knowledge, folders, flags, secrets, and the closed set of error codes.
//!
//! - **Does**: define values, parse and print them, compare them.
//! - **Owns**: the names of things. A word means one thing in the whole house.
//! - **Never**: touches a socket, a file, a clock, or a sentence for people. Errors are facts with a code;
//!   the words live in the user interface.

mod account;
mod address;
mod clock;
mod error;
mod flags;
mod folder;
mod id;
mod period;
mod secret;
mod server;
mod uid;

pub use account::{
    AccountState, AuthMethod, CandidateServers, Credentials, EnteredAccount, EnteredAuth, FolderSelection,
    UsernameForm, WorkingAccount,
};
pub use address::{AddressError, EmailAddress, Mailbox};
pub use clock::{Clock, HOUR_MS, UnixMillis};
pub use error::{Coded, ErrorCode, Fixer, Param, Params, source_chain};
pub use flags::{FlagChange, MessageFlags};
pub use folder::{FolderRole, MailboxRights, role_from_name};
pub use id::{
    AccountId, AttachmentId, DraftFileId, DraftId, FolderId, IdentityId, MessageId, OperationId, OutboxId,
    RegistrationId, ThreadId,
};
pub use period::Period;
pub use secret::Secret;
pub use server::{
    Endpoint, EndpointError, Fingerprint, FingerprintError, Security, TrustedCertificate, is_subdomain,
};
pub use uid::{UidSet, UidSetError};
