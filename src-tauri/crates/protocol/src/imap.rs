//! IMAP4rev1 and the extensions that make synchronisation cheap, over async-imap.
//!
//! [`connect`] gives an [`ImapSession`]; its methods are the commands. ENVELOPE is never asked for, and
//! BODYSTRUCTURE only to ask for parts of large messages: headers and parts are read from the message itself, in one place,
//! by one parser. Names of folders go in
//! and out as the server spells them (`wire_name`); [`decode_name`] and [`encode_name`] translate.

mod auth;
mod capability;
mod change;
mod command;
mod connect;
mod date;
mod error;
mod fetch;
mod fetch_line;
mod folder_tree;
mod folders;
mod idle;
mod name;
mod reply;
mod search;
mod select;
mod session;
mod structure;
#[cfg(test)]
mod tests;
mod token;
mod untagged;
mod wire;

use mailroom_model::{FolderRole, MailboxRights, MessageFlags, UidSet, UnixMillis};

use crate::dial::TlsFacts;

pub use auth::{NoMechanism, choose};
pub use capability::Capabilities;
pub use connect::{connect, probe};
pub use error::ImapError;
pub use name::{decode_name, decode_path, encode_name};
pub use reply::{ResponseCode, ServerReply, Status};
pub use session::ImapSession;
pub use structure::BodyPart;

/// Who says hello (RFC 2971).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClientIdentity {
    /// The program's name.
    pub name: String,
    /// The program's version.
    pub version: String,
}

impl Default for ClientIdentity {
    fn default() -> Self {
        Self {
            name: "Mailroom".to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
        }
    }
}

/// How to hold a session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImapOptions {
    /// COMPRESS=DEFLATE may be asked for where it is offered and the line turns out to be slow. It saves half of the bytes,
    /// and costs the server more than it saves on a fast line: there it is never asked for.
    pub compress: bool,
    /// Who the server is told that it talks to.
    pub client: ClientIdentity,
    /// The largest literal that is accepted, in bytes. One message of this size has to fit into memory twice.
    pub max_literal: u64,
}

impl Default for ImapOptions {
    fn default() -> Self {
        Self {
            compress: true,
            client: ClientIdentity::default(),
            max_literal: 128 * 1024 * 1024,
        }
    }
}

/// What a look at a server showed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Probe {
    /// What it offers before a sign-in.
    pub capabilities: Capabilities,
    /// What TLS agreed on.
    pub tls: TlsFacts,
    /// The words of its greeting.
    pub greeting: String,
}

/// A folder as the server lists it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RemoteFolder {
    /// The name as the server spells it: what every command wants.
    pub wire_name: String,
    /// The readable name with the server's delimiter.
    pub path: String,
    /// What separates levels; `None` for a flat name.
    pub delimiter: Option<char>,
    /// What the folder is for: at most one folder of the person's own has each role.
    pub role: Option<FolderRole>,
    /// False for a node that only holds others.
    pub selectable: bool,
    /// True when the person subscribed to it.
    pub subscribed: bool,
    /// Whether there are folders below; `None` when neither the server nor the list says.
    pub has_children: Option<bool>,
    /// False when there can be none below (`\NoInferiors`, RFC 9051 §7.3.1, or no delimiter).
    pub takes_children: bool,
    /// What may be done in it, when the list said so; else ask [`ImapSession::my_rights`].
    pub rights: Option<MailboxRights>,
}

/// The state of a folder that need not be open.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FolderStatus {
    /// Number of messages.
    pub messages: u32,
    /// The UID that the next message will get, at least.
    pub uid_next: u32,
    /// The generation of the UIDs.
    pub uid_validity: u32,
    /// Number of messages that were not read.
    pub unseen: u32,
    /// `None` when the folder or the server has no mod-sequences.
    pub highest_modseq: Option<u64>,
}

/// What is known from the last time, so that the server can send only what changed (RFC 7162 §3.2.5).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resume {
    /// The generation of the UIDs then.
    pub uid_validity: u32,
    /// HIGHESTMODSEQ then.
    pub highest_modseq: u64,
    /// The UIDs that are known; spares the server from naming others that vanished.
    pub known_uids: Option<UidSet>,
}

/// An open folder.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Selected {
    /// The generation of the UIDs. 0 when the server names none (then UIDs are good for this session only).
    pub uid_validity: u32,
    /// The UID that the next message will get, at least.
    pub uid_next: Option<u32>,
    /// Number of messages.
    pub exists: u32,
    /// `None` when the folder has no mod-sequences (NOMODSEQ) or the server has no CONDSTORE.
    pub highest_modseq: Option<u64>,
    /// True when nothing can be changed in it.
    pub read_only: bool,
    /// Flags that can be changed for good, as the server spells them; `\*` stands for any new keyword. `None` when
    /// the server does not say: then all of them (RFC 9051 §6.3.2).
    pub permanent_flags: Option<Vec<String>>,
    /// What changed since [`Resume`]; `None` when the server cannot say or the generation is another: then compare.
    pub delta: Option<Delta>,
}

/// What happened in a folder since a mod-sequence.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Delta {
    /// Messages that are gone; may name UIDs that were never known here.
    pub vanished: UidSet,
    /// Messages that are new or whose flags changed.
    pub changed: Vec<FlagState>,
}

impl Delta {
    /// True when nothing happened.
    pub fn is_empty(&self) -> bool {
        self.vanished.is_empty() && self.changed.is_empty()
    }
}

/// The flags of a message now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FlagState {
    /// Which message.
    pub uid: u32,
    /// Its flags.
    pub flags: MessageFlags,
    /// Its mod-sequence, where there is one.
    pub modseq: Option<u64>,
}

/// Flags of several messages.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FlagFetch {
    /// One for each message that exists (with `changed_since`: that changed), in the server's order.
    pub states: Vec<FlagState>,
    /// Those of the set that are gone, where the server can say (QRESYNC with `changed_since`).
    pub vanished: UidSet,
}

/// What is known of a message without its bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RemoteFacts {
    /// Which message.
    pub uid: u32,
    /// Its flags.
    pub flags: MessageFlags,
    /// Its mod-sequence, where there is one.
    pub modseq: Option<u64>,
    /// When it came into the mailbox; the epoch when the server's date cannot be read.
    pub internal_date: UnixMillis,
    /// Bytes, as the server counts them.
    pub size: u64,
    /// The server's own name for the content, the same in every folder of the account: X-GM-MSGID, or EMAILID (RFC 8474
    /// §5.1). `None` where the server has none.
    pub content_id: Option<String>,
}

/// A message, or its header.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FetchedMessage {
    /// Which message.
    pub uid: u32,
    /// Its flags.
    pub flags: MessageFlags,
    /// Its mod-sequence, where there is one.
    pub modseq: Option<u64>,
    /// When it came into the mailbox; the epoch when the server's date cannot be read.
    pub internal_date: UnixMillis,
    /// Bytes of the whole message, as the server counts them; not always the length of `raw`.
    pub size: u64,
    /// As [`RemoteFacts::content_id`].
    pub content_id: Option<String>,
    /// The bytes.
    pub raw: Vec<u8>,
}

/// What a change of flags did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StoreOutcome {
    /// The flags afterwards, of every message that the server reported. A folder that may not be written to answers
    /// OK and reports none: compare with what was asked for.
    pub states: Vec<FlagState>,
    /// Messages that somebody else changed first; they were left alone.
    pub conflicted: UidSet,
}

/// What a move or copy did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MoveOutcome {
    /// UID here and UID there, where the server says (UIDPLUS).
    pub uid_map: Vec<(u32, u32)>,
    /// The generation of the UIDs there.
    pub uid_validity: Option<u32>,
    /// True when the server knows neither MOVE nor UIDPLUS: the messages were copied and marked `\Deleted`, and
    /// stay here until somebody expunges the folder. A bare EXPUNGE would also remove what others marked.
    pub left_marked_deleted: bool,
}

/// Where an appended message is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Appended {
    /// The generation of the UIDs, where the server says.
    pub uid_validity: Option<u32>,
    /// The message's UID, where the server says.
    pub uid: Option<u32>,
}

/// Something that the server said about the open folder on its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// The number of messages now.
    Exists(u32),
    /// The message with this sequence number is gone.
    Expunged {
        /// Its number before it went.
        sequence: u32,
    },
    /// These messages are gone.
    Vanished(UidSet),
    /// A message has these flags now.
    Flags {
        /// Its number.
        sequence: u32,
        /// Its UID, where the server says.
        uid: Option<u32>,
        /// Its flags.
        flags: MessageFlags,
        /// Its mod-sequence, where there is one.
        modseq: Option<u64>,
    },
}

/// Why waiting ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IdleEnd {
    /// Something happened in the folder.
    Changed,
    /// Nothing happened within the limit, or the server ended the wait.
    TimedOut,
    /// The caller wanted to stop.
    Stopped,
}
