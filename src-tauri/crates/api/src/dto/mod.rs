//! The shapes on the wire. Times are Unix milliseconds, sizes are bytes.

mod account;
mod approval;
mod archive;
mod compose;
mod detection;
mod event;
mod expiry;
mod folder;
mod message;
mod outgoing;
mod pages;
mod proof;
mod removal;
mod secret;
mod settings;
mod status;

pub use account::{
    AccountAdd, AccountAddress, AccountSignIn, AccountUpdate, AccountView, EnteredSignIn, SignInAnswer,
};
pub use approval::ApprovalView;
pub use archive::{
    ExportedFolderView, MailExport, MailExported, MailImport, MailImported, MissingMessageView,
    RefusedMessageView,
};
pub use compose::{
    DraftAttach, DraftDetach, DraftFile, DraftFileBytes, DraftFileShow, DraftId, DraftOpen, DraftQuote,
    DraftRow, DraftSave, DraftSend, DraftView, PeopleSearch, PersonView,
};
pub use detection::{AccountDetect, AuthOfferView, CandidateView, DetectionView, NoteView, StepView};
pub use event::EventView;
pub use expiry::{ExpiryKey, ExpiryView};
pub use folder::{
    FolderCreate, FolderDelete, FolderDeletedView, FolderList, FolderRead, FolderRename, FolderSummary,
};
pub use message::{
    ArrivedView, AttachmentView, MessageDelete, MessageExport, MessageExported, MessageInspect, MessageList,
    MessageMark, MessageMove, MessagePage, MessageRow, MessageSearch, MessageShow, MessageView, PartView,
    SearchPage, ThreadShow, ThreadView, UndoId, Undoable,
};
pub use outgoing::{MessageSend, OperationId, OperationView, OutboxId, OutboxView};
pub use pages::PagesSet;
pub use proof::{
    AccountTest, CertificateForget, CertificateTrust, CertificateView, FactView, ProofView, TestReport,
    TrustedCertificate,
};
pub use removal::{AccountRemove, ReceiptLineView, RemovalPreview, RemovalReceipt};
pub use secret::SecretText;
pub use settings::{
    AboutView, AccountServers, AccountStorage, DomainName, DomainServers, DomainView, IdentityRemove,
    IdentitySave, IdentityView, ProviderView, RegistrationId, RegistrationSave, RegistrationView,
    SenderAddress, ServerProbe, ServerProbed, SettingsUpdate, SettingsView, StorageView, UpdateView,
};
pub use status::{
    AccountStatus, BackupRestore, BackupRestored, BackupView, DoctorCheck, DoctorReport, DoctorRun,
    FolderReport, JournalEntryView, JournalGet, JournalView, OperationHealthView, RepairView, SilenceView,
    StatusView, SyncReport, SyncRun,
};

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// A payload without fields.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Nothing {}
