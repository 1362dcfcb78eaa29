//! # Room: store
//!
//! Everything that Mailroom keeps, in one SQLite file.
//!
//! - **Does**: migrate, write in whole transactions, read in pages, search, and say what is wrong with the file.
//! - **Owns**: the schema (`migrations/`, `docs/schema.sql`), the SQL, the compression of bodies, the rules by which
//!   messages share a row and join threads, and the states of operations and of the outbox.
//! - **Never**: opens a socket, parses mail, asks for the time, or keeps a secret.
//!
//! ## How it works
//! One writer connection (`BEGIN IMMEDIATE`) and four `query_only` readers over a write-ahead log, so that reading
//! never waits for writing. Every change that needs several statements is one transaction.
//!
//! ## Durability
//! A crash of the program loses nothing that was committed, and nothing ever corrupts the file. A power cut may lose
//! the last moments of what came from the server (`synchronous = NORMAL`): it is fetched again. What exists only
//! here (accounts, settings, operations, the outbox) is committed with `synchronous = FULL`, so that a message whose
//! row says "queued" after a power cut was never handed to a server.
//!
//! ## Shape
//! One file for each table: the SQL beside the row type. Statements are constants made by `statements!`, so that a
//! test can prepare and plan every one of them.

#[macro_use]
mod statement;

mod account;
mod allowed_sender;
mod archive;
mod arrival;
mod attachment;
mod body;
mod column;
mod completion;
mod content;
mod contradiction;
mod database;
mod draft;
mod draft_copy;
mod draft_file;
mod error;
mod expected;
mod folder;
mod folder_thread;
mod identity;
mod ingest;
mod journal;
mod lasting;
mod learned_domain;
mod list;
mod message;
mod migration;
mod operation;
mod operation_effect;
mod operation_row;
mod outbox;
mod overlay;
mod part;
mod person;
mod place;
mod possession;
mod presence;
mod rare;
mod readers;
mod registration;
mod reindex;
mod repair;
mod search;
mod setting;
mod sort_key;
mod storage;
mod stored_error;
#[cfg(test)]
mod tests;
mod thread;
mod thread_resolver;
mod traffic;
mod unindexed;
mod unread_place;

pub use account::{AccountRow, Accounts, NewAccount, Removed};
pub use allowed_sender::AllowedSenders;
pub use archive::FolderMessage;
pub use arrival::ArrivalHour;
pub use attachment::{AttachmentRow, NewAttachment};
pub use body::CompressedBody;
pub use content::NamedMessage;
pub use contradiction::{Contradiction, Derived};
pub use database::{IntegrityReport, Store};
pub use draft::{DraftChange, DraftKind, DraftRow, DraftSummary, DraftText, Drafts, NewDraft};
pub use draft_copy::TakeBack;
pub use draft_file::{DraftFileRow, NewDraftFile};
pub use error::StoreError;
pub use expected::{ExpectedFrom, ExpectedPlace};
pub use folder::{FolderChanges, FolderCursor, FolderRow, FolderSeen, Folders, RenamedFolder};
pub use folder_thread::{ThreadHead, ThreadMember};
pub use identity::{Identities, IdentityRow};
pub use ingest::{IncomingMessage, Ingested, SearchText};
pub use journal::{Journal, JournalEntry, JournalKind, NewJournalEntry};
pub use lasting::Salvaged;
pub use learned_domain::{LearnedDomain, LearnedDomains};
pub use list::{Cursor, ListFilter, ListScope, MessageSummary};
pub use message::{BodyState, MessageRow, Messages};
pub use operation::Operations;
pub use operation_row::{
    AppendSource, DraftCopy, FilledUpTo, NewOperation, OperationDone, OperationKind, OperationRow,
    OperationState, Standing,
};
pub use outbox::{NewOutbox, Outbox, OutboxRow, OutboxState};
pub use person::{Acquaintance, People, PersonRow, StoredHeaders};
pub use place::{FlagUpdate, Place};
pub use possession::{Possessions, Trace};
pub use presence::Alone;
pub use registration::{NewRegistration, RegistrationRow, Registrations};
pub use repair::BodiesLook;
pub use search::{Column, SearchQuery, Term};
pub use setting::Settings;
pub use storage::AccountSize;
pub use stored_error::StoredError;
pub use traffic::{AccountTraffic, Traffic, TrafficRow};
pub use unindexed::{IndexKey, Unindexed, Unread};
pub use unread_place::UnreadPlace;
