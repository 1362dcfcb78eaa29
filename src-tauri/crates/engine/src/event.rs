//! What happened, told to whoever listens.

use std::sync::Arc;

use mailroom_connect::Step;
use mailroom_model::{AccountId, ErrorCode, FolderRole, Mailbox, MessageId, Param};
use serde::{Deserialize, Serialize};
use tokio::sync::broadcast;

use crate::Proof;

/// An error as a fact that can be kept and sent: the code, its parameters, the chain of causes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fault {
    /// What went wrong.
    pub code: ErrorCode,
    /// The facts by name.
    pub params: std::collections::BTreeMap<String, Param>,
    /// The chain of causes in English, for logs.
    pub detail: String,
}

impl Fault {
    /// Keeps what an error says about itself.
    pub fn of(error: &dyn mailroom_model::Coded) -> Self {
        Self {
            code: error.code(),
            params: error
                .params()
                .into_iter()
                .map(|(name, value)| (name.to_owned(), value))
                .collect(),
            detail: mailroom_model::source_chain(error),
        }
    }
}

/// Something happened. Numbers are totals so far, so that a lost event does no harm.
#[derive(Clone, Debug)]
pub enum Event {
    /// A sign-in waits for the browser.
    SignInOpened {
        /// The address that is signed in.
        address: String,
        /// Where the person signs in.
        url: String,
    },
    /// A source was asked for the servers of an address, or has answered.
    DetectionStepped {
        /// The address.
        address: String,
        /// How far the source is.
        step: Step,
    },
    /// One proof ended.
    ProofEnded {
        /// The account's address.
        address: String,
        /// How it ended.
        proof: Proof,
    },
    /// An account was added, changed or removed.
    AccountChanged {
        /// The account's address.
        address: String,
    },
    /// Synchronising an account began.
    SyncStarted {
        /// The account's address.
        address: String,
    },
    /// A message that was left on the server, or a part of it, is being fetched.
    DownloadProgressed {
        /// The message.
        id: MessageId,
        /// The part; `None` for the whole message.
        part: Option<String>,
        /// Bytes that came.
        bytes: u64,
        /// Bytes that there are, about.
        bytes_total: u64,
    },
    /// Messages of a folder are being loaded.
    SyncProgressed {
        /// The account's address.
        address: String,
        /// The folder's path.
        folder: String,
        /// How far it is.
        progress: Progress,
    },
    /// The newest messages of the inbox can be read.
    InboxReadied {
        /// The account's address.
        address: String,
        /// How many.
        messages: u64,
    },
    /// A folder is up to date, or failed.
    FolderSynced {
        /// The account's address.
        address: String,
        /// What was done.
        outcome: FolderOutcome,
    },
    /// Synchronising an account ended.
    SyncEnded {
        /// The account's address.
        address: String,
        /// Why it failed, when it did.
        fault: Option<Fault>,
    },
    /// Waiting for the server's announcement, or for the next look.
    WatchRested {
        /// The account's address.
        address: String,
        /// What ends the rest.
        rest: Rest,
    },
    /// An entry of the outbox changed its state.
    OutboxChanged {
        /// The account's address.
        address: String,
        /// The entry.
        id: mailroom_model::OutboxId,
        /// Its new state.
        state: String,
    },
    /// Messages came that were not here before, after the first load of their folder.
    MessagesArrived {
        /// The account's address.
        address: String,
        /// The folder's path.
        folder: String,
        /// What the folder is for.
        role: Option<FolderRole>,
        /// The unread ones, newest first; five at most.
        messages: Vec<Arrived>,
        /// How many unread ones came in all.
        count: u64,
    },
    /// Settings of the program changed.
    SettingsChanged,
    /// Mail becomes files, or files become mail.
    TransferProgressed {
        /// The account's address.
        address: String,
        /// How far it is.
        transfer: Transfer,
    },
    /// A waiting change reached the server, or was refused.
    OperationsChanged {
        /// The account's address.
        address: String,
    },
}

/// A message that just came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Arrived {
    /// The message.
    pub id: MessageId,
    /// Who sent it.
    pub from: Mailbox,
    /// Its subject.
    pub subject: String,
}

/// What ends the rest of a watch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rest {
    /// The server announces by itself (IDLE).
    Push,
    /// The next look, after the account's interval.
    Poll,
    /// Only a person: the account is not looked at by itself, or is signed out.
    Manual,
}

/// How far a load is. Bytes are sizes of messages as the server tells them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// Messages loaded.
    pub messages: u64,
    /// Messages to load.
    pub messages_total: u64,
    /// Bytes loaded.
    pub bytes: u64,
    /// Bytes to load, as far as the sizes are known.
    pub bytes_total: u64,
}

/// How far an export or an import is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Transfer {
    /// The folder's path, or the file's name.
    pub folder: String,
    /// Messages that are done.
    pub messages: u64,
    /// Messages in all; 0 when nobody knows yet.
    pub messages_total: u64,
    /// Bytes that are done.
    pub bytes: u64,
    /// Bytes in all; 0 when nobody knows.
    pub bytes_total: u64,
}

/// What synchronising one folder did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FolderOutcome {
    /// The folder's path.
    pub path: String,
    /// Messages that came.
    pub added: u64,
    /// Messages whose flags changed.
    pub changed: u64,
    /// Messages that went.
    pub removed: u64,
    /// Bytes of messages loaded.
    pub bytes: u64,
    /// Why it failed, when it did.
    pub fault: Option<Fault>,
}

/// What synchronising one account did.
#[derive(Clone, Debug)]
pub struct SyncOutcome {
    /// The account.
    pub account: AccountId,
    /// The account's address.
    pub address: String,
    /// Every folder that was looked at.
    pub folders: Vec<FolderOutcome>,
    /// Local changes that reached the server.
    pub operations: u64,
    /// Messages sent.
    pub sent: u64,
    /// Why the account as a whole failed, when it did.
    pub fault: Option<Fault>,
}

/// Where events come out. A slow listener loses the oldest ones and is none the worse.
#[derive(Debug)]
pub struct EventStream(broadcast::Receiver<Arc<Event>>);

impl EventStream {
    /// The next event; `None` when the engine is gone.
    pub async fn next(&mut self) -> Option<Arc<Event>> {
        loop {
            match self.0.recv().await {
                Ok(event) => return Some(event),
                Err(broadcast::error::RecvError::Lagged(_)) => {}
                Err(broadcast::error::RecvError::Closed) => return None,
            }
        }
    }
}

/// Where events go in.
#[derive(Debug)]
pub(crate) struct Events(broadcast::Sender<Arc<Event>>);

impl Events {
    pub(crate) fn new() -> Self {
        Self(broadcast::channel(1024).0)
    }

    pub(crate) fn tell(&self, event: Event) {
        // Nobody listening is fine.
        drop(self.0.send(Arc::new(event)));
    }

    pub(crate) fn subscribe(&self) -> EventStream {
        EventStream(self.0.subscribe())
    }
}
