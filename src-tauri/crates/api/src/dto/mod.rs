//! The shapes on the wire. Times are Unix milliseconds, sizes are bytes.

mod account;
mod detection;
mod event;
mod folder;
mod message;
mod outgoing;
mod secret;
mod status;

pub use account::{
    AccountAdd, AccountAddress, AccountSignIn, AccountUpdate, AccountView, EnteredSignIn, RemovalReceipt,
    SignInAnswer,
};
pub use detection::{AccountDetect, AuthOfferView, CandidateView, DetectionView, NoteView, StepView};
pub use event::EventView;
pub use folder::{FolderList, FolderSummary};
pub use message::{
    AttachmentView, MessageExport, MessageExported, MessageIds, MessageInspect, MessageList, MessageMark,
    MessageMove, MessagePage, MessageRow, MessageSearch, MessageShow, MessageView, PartView, SearchPage,
};
pub use outgoing::{MessageSend, OperationId, OperationView, OutboxId, OutboxView};
pub use secret::SecretText;
pub use status::{
    AccountStatus, DoctorCheck, DoctorReport, FolderReport, ProofView, StatusView, SyncReport, SyncRun,
    TestReport,
};

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// A payload without fields.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Nothing {}
