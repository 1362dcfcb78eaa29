//! Mail as files of other programs: out of an account, and into one. What each form can hold, and where the rest goes, is
//! written down in `docs/adr/0016-mail-as-files.md`.

mod export;
mod import;
mod list;
mod name;
mod sink;
mod source;

use std::path::PathBuf;

use mailroom_model::EmailAddress;

use crate::event::Fault;

pub(crate) use import::lies_there;

/// A form of files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ArchiveFormat {
    /// One file for each folder (mboxrd).
    Mbox,
    /// One file for each message, flags in its name; folders as in Maildir++.
    Maildir,
    /// One file for each message, named by date and subject; folders as folders.
    Eml,
}

impl ArchiveFormat {
    /// The name on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Mbox => "mbox",
            Self::Maildir => "maildir",
            Self::Eml => "eml",
        }
    }

    /// The opposite of [`Self::as_str`].
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Mbox, Self::Maildir, Self::Eml]
            .into_iter()
            .find(|format| format.as_str() == name)
    }
}

/// What is to become files.
#[derive(Clone, Debug)]
pub struct ExportWish {
    /// The account.
    pub address: EmailAddress,
    /// Paths or roles of folders; empty for all of them.
    pub folders: Vec<String>,
    /// The form.
    pub format: ArchiveFormat,
    /// The folder to write into; made when it is missing.
    pub target: PathBuf,
    /// Write into a folder that has something in it, and pass over messages that an earlier export has put there.
    pub may_add: bool,
    /// Leave out what is only on the server, and say how much it is.
    pub only_local: bool,
}

/// What became files.
#[derive(Clone, Debug, Default)]
pub struct ExportReport {
    /// Every folder, in the order in which they were written.
    pub folders: Vec<ExportedFolder>,
    /// Messages that are not among the files, each with the reason; the first thousand.
    pub missing: Vec<MissingMessage>,
    /// How many there are in all.
    pub missing_count: u64,
}

/// One folder.
#[derive(Clone, Debug, Default)]
pub struct ExportedFolder {
    /// Its path.
    pub path: String,
    /// The file or folder that it became, from the target on.
    pub file: String,
    /// Messages that were written.
    pub messages: u64,
    /// Messages that were there from an earlier export.
    pub kept: u64,
    /// Bytes of the messages that were written.
    pub bytes: u64,
    /// Messages that are only on the server and were not asked for.
    pub left: u64,
}

/// A message that did not become a file.
#[derive(Clone, Debug)]
pub struct MissingMessage {
    /// Its folder.
    pub folder: String,
    /// Its UID; 0 when it has none yet, or when the whole folder is meant.
    pub uid: u32,
    /// Its subject, where it is known.
    pub subject: String,
    /// Why.
    pub fault: Fault,
}

/// Which files become mail, and where.
#[derive(Clone, Debug)]
pub struct ImportWish {
    /// The account.
    pub address: EmailAddress,
    /// The folder's path or role.
    pub folder: String,
    /// Mailbox files, Maildirs, messages, and folders of them.
    pub paths: Vec<PathBuf>,
}

/// What became mail.
#[derive(Clone, Debug, Default)]
pub struct ImportReport {
    /// The folder's path.
    pub folder: String,
    /// Messages that the server took.
    pub imported: u64,
    /// Messages that lay there already, or came twice.
    pub known: u64,
    /// Messages that their program had deleted and not cleared away.
    pub deleted: u64,
    /// Messages that wait for the server: it could not be reached for too long.
    pub waiting: u64,
    /// Messages that were not taken, each with the reason; the first thousand.
    pub refused: Vec<RefusedMessage>,
    /// How many there are in all.
    pub refused_count: u64,
    /// Why it stopped before its end.
    pub stopped: Option<Fault>,
}

/// A message that was not taken.
#[derive(Clone, Debug)]
pub struct RefusedMessage {
    /// Its file, with its number in a mailbox file.
    pub origin: String,
    /// Its subject, where it is known.
    pub subject: String,
    /// Why.
    pub fault: Fault,
}
