//! # Room: engine
//!
//! The use cases: everything that Mailroom does for a person, put together from the rooms below.
//!
//! - **Does**: adds accounts (entered → candidates → proved → working), keeps mirrors of mailboxes exact, carries
//!   changes to the server, sends each message once, searches, reads, proves that an account works, removes it.
//! - **Owns**: the decisions ([`sync`](self), outbox, operations, schedule: pure functions over facts and `now`) and the
//!   order of steps; events; who may use the network when.
//! - **Never**: speaks a protocol itself, writes SQL, keeps a secret outside the vault, reads the clock other than through
//!   [`Edges`], starts a task that nobody ends, or holds a sentence for people.
//!
//! ## Shape
//! [`Engine`] is the facade. One file per use case; where a use case decides something, the decision is a pure function in
//! a file of its own beside it (`sync/plan.rs`, `sync/batch.rs`, `outbox/decide.rs`, `search.rs`, `schedule.rs`).

mod account;
mod archive;
mod budget;
mod connection;
mod credentials;
mod doctor;
mod document;
mod domains;
mod download;
mod draft;
mod edges;
mod engine;
mod error;
mod event;
mod files;
mod home_vault;
mod identity;
mod mutate;
mod operations;
mod outbox;
mod people;
mod pictures;
mod preferences;
mod probe;
mod proofs;
mod push;
mod read;
mod recipient_line;
mod registrations;
mod remove;
mod schedule;
mod search;
mod server_traits;
mod settings;
mod setup;
mod signin;
mod status;
mod storage;
mod sync;
mod turn;
mod undo;
mod update;
mod upkeep;
mod work;

pub use account::{AccountChange, AccountSummary, UsedFolder};
pub use archive::{
    ArchiveFormat, ExportReport, ExportWish, ExportedFolder, ImportReport, ImportWish, MissingMessage,
    RefusedMessage,
};
pub use doctor::{Check, Doctor};
pub use domains::ProviderChoice;
pub use draft::{DraftQuote, DraftStart, FileToAttach, OpenDraft};
pub use edges::{Edges, Entropy, SystemClock, SystemEntropy};
pub use engine::{Engine, EngineSetup, VaultChoice};
pub use error::EngineError;
pub use event::{Arrived, Event, EventStream, Fault, FolderOutcome, Progress, Rest, SyncOutcome, Transfer};
pub use files::Exported;
pub use identity::IdentityChange;
pub use outbox::Letter;
pub use preferences::{AccountNotify, LARGEST_DOWNLOAD_MB, Preferences, is_sender};
pub use probe::{DialerProbe, MailProtocol, Probed};
pub use proofs::{Proof, ProofKind, ProofResult};
pub use read::{FolderChoice, ReadMessage, ThreadSummary};
pub use recipient_line::recipient_names;
pub use registrations::{RegistrationChange, RegistrationSummary};
pub use remove::Receipt;
pub use search::{SearchField, SearchRequest, SearchWord, parse_query};
pub use settings::{Density, LONGEST_READ_AFTER_S, LONGEST_UNDO_S, Language, Notify, Settings, Theme};
pub use setup::{Asking, ServersChange};
pub use status::{AccountStatus, Status};
pub use storage::{About, Storage};
pub use update::{NewerVersion, VERSION};
pub use upkeep::{BackupFile, Mended, Repair, Restored};
pub use work::until;

// What the rooms below say, for the doors above: they may not reach around the engine.
pub use mailroom_connect::{
    AuthOffer, Candidate, Detection, HttpClient, MxRecord, Note, Outcome, ProviderSummary, Resolver,
    ResultPages, Source, Step, Unavailable, Web,
};
pub use mailroom_mime::{AttachmentInfo, ParsedMessage, Part};
pub use mailroom_protocol::{Dialer, Roots, Timeouts};
pub use mailroom_store::{
    AccountRow, AccountSize, Cursor, DraftFileRow, DraftKind, DraftRow, DraftSummary, DraftText, FolderRow,
    IdentityRow, MessageSummary, OperationKind, OperationRow, OperationState, OutboxRow, OutboxState,
    PersonRow, StoredError,
};
pub use mailroom_vault::{SecretKey, Vault, VaultError, VaultKind};
pub use tokio_util::sync::CancellationToken;
