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
mod approval;
mod archive;
mod budget;
mod certificates;
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
mod expiry;
mod files;
mod folders;
mod health;
mod home_vault;
mod identity;
mod journal;
mod mutate;
mod network;
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
mod redact;
mod registrations;
mod remove;
mod schedule;
mod search;
mod server_traits;
mod settings;
mod setup;
mod signin;
mod silence;
mod status;
mod storage;
mod sync;
mod turn;
mod undo;
mod update;
mod upkeep;
mod waiting;
mod work;

pub use account::{AccountChange, AccountSummary, UsedFolder};
pub use approval::{Approval, ApprovalAsk, approval_of, is_signed_out, signed_in_as};
pub use archive::{
    ArchiveFormat, ExportReport, ExportWish, ExportedFolder, ImportReport, ImportWish, MissingMessage,
    RefusedMessage,
};
pub use certificates::{CertificateException, SeenCertificate, ServerKind, exceptions, seen_certificates};
pub use doctor::{Check, Doctor};
pub use domains::{DomainKnowledge, ProviderChoice};
pub use draft::{DraftQuote, DraftStart, FileToAttach, OpenDraft};
pub use edges::{Edges, Entropy, SystemClock, SystemEntropy};
pub use engine::{Engine, EngineSetup, VaultChoice};
pub use error::EngineError;
pub use event::{Arrived, Event, EventStream, Fault, FolderOutcome, Progress, Rest, SyncOutcome, Transfer};
pub use expiry::{Expiry, ExpiryKind};
pub use files::Exported;
pub use folders::{FolderDeleted, FolderRenaming};
pub use health::{AccountHealth, Condition, OffReason, OperationHealth};
pub use identity::IdentityChange;
pub use journal::{AccountJournal, JOURNAL_ENTRIES};
pub use mutate::Shown;
pub use network::{Network, NetworkLook, SystemNetwork};
pub use outbox::{EndLimits, Letter};
pub use preferences::{AccountNotify, LARGEST_DOWNLOAD_MB, Preferences, is_sender};
pub use probe::{DialerProbe, MailProtocol, Probed};
pub use proofs::{Fact, FactKind, Proof, ProofKind, ProofResult, SkipReason, TestReport};
pub use read::{FolderChoice, ReadMessage, ThreadSummary};
pub use recipient_line::recipient_names;
pub use registrations::{RegistrationChange, RegistrationSummary};
pub use remove::{Belonging, Receipt, ReceiptLine, RemovalChoice, RemovalPreview, Whereabouts};
pub use search::{SearchField, SearchRequest, SearchWord, parse_query};
pub use settings::{Density, LONGEST_READ_AFTER_S, LONGEST_UNDO_S, Language, Notify, Settings, Theme};
pub use setup::{Asking, ServersChange};
pub use signin::LinkCheck;
pub use silence::Silence;
pub use status::{AccountStatus, SilenceStatus, Status};
pub use storage::{About, Storage};
pub use update::{NewerVersion, VERSION};
pub use upkeep::{BackupFile, Mended, Repair, Restored};
pub use waiting::{Naming, WaitingOperation};
pub use work::until;

// What the rooms below say, for the doors above: they may not reach around the engine.
pub use mailroom_connect::{
    AuthOffer, Candidate, Detection, HttpClient, MxRecord, Note, Outcome, ProviderSummary, Resolver,
    ResultPages, Source, Step, Unavailable, Web,
};
pub use mailroom_mime::{AttachmentInfo, ParsedMessage, Part};
pub use mailroom_protocol::{Dialer, Roots, Timeouts};
pub use mailroom_store::{
    AccountRow, AccountSize, ArrivalHour, Cursor, DraftFileRow, DraftKind, DraftRow, DraftSummary, DraftText,
    FolderRow, IdentityRow, JournalEntry, JournalKind, MessageSummary, OperationKind, OperationRow,
    OperationState, OutboxRow, OutboxState, PersonRow, StoredError, Traffic,
};
pub use mailroom_vault::{SecretKey, Vault, VaultError, VaultKind};
pub use tokio_util::sync::CancellationToken;
