//! What a row of the table `operations` says.

use mailroom_model::{
    AccountId, DraftId, FlagChange, FolderId, MessageFlags, MessageId, OperationId, OutboxId, UidSet,
    UnixMillis,
};
use serde::{Deserialize, Serialize};
use sqlx::sqlite::SqliteRow;

use crate::column::Columns;
use crate::{CompressedBody, StoreError, StoredError};

/// Where the message of an APPEND comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "from", content = "id")]
pub enum AppendSource {
    /// The operation carries it: [`NewOperation::raw`].
    Operation,
    /// A stored message; it stays here until the operation is over.
    Message(MessageId),
    /// A message that was sent.
    Outbox(OutboxId),
}

/// A change to be made on the server. UIDs belong to the operation's folder.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "kind")]
pub enum OperationKind {
    /// Set and clear flags.
    SetFlags {
        /// The messages.
        #[serde(with = "uid_text")]
        uids: UidSet,
        /// What to set and clear.
        change: FlagChange,
    },
    /// Move to another folder.
    Move {
        /// The messages.
        #[serde(with = "uid_text")]
        uids: UidSet,
        /// Where to.
        to_folder: FolderId,
        /// The UIDVALIDITY under which the UIDs were given, when it is not that of the folder's cursor: the folder may not
        /// be kept here.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        uid_validity: Option<u32>,
        /// The messages leave every other folder too, as on a server whose folders are labels when the target is its trash.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        everywhere: bool,
    },
    /// Copy to another folder.
    Copy {
        /// The messages.
        #[serde(with = "uid_text")]
        uids: UidSet,
        /// Where to.
        to_folder: FolderId,
    },
    /// Remove for good.
    Delete {
        /// The messages.
        #[serde(with = "uid_text")]
        uids: UidSet,
    },
    /// Put a message into the operation's folder.
    Append {
        /// Which one.
        source: AppendSource,
        /// With which flags.
        flags: MessageFlags,
        /// With which INTERNALDATE.
        internal_at: Option<UnixMillis>,
    },
    /// Put a message that came from a file, which the operation carries, into the operation's folder.
    Import {
        /// BLAKE3 of the message, in hexadecimal digits: it is put there once.
        digest: String,
        /// With which flags.
        flags: MessageFlags,
        /// With which INTERNALDATE.
        internal_at: Option<UnixMillis>,
    },
    /// Put a draft into the operation's folder, a drafts folder; the copy that was there goes afterwards.
    UploadDraft {
        /// Which one.
        draft: DraftId,
        /// Which of its revisions.
        revision: u32,
        /// The copy's Message-ID, which no other message has.
        message_id: String,
    },
    /// Remove the copy of a draft from the operation's folder.
    RemoveCopy {
        /// Which one.
        copy: DraftCopy,
    },
}

/// How the copy of a draft in a folder is found again.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DraftCopy {
    /// Its UID, where it is known.
    pub uid: Option<u32>,
    /// The UIDVALIDITY that the UID belongs to.
    pub uid_validity: Option<u32>,
    /// Its Message-ID.
    pub message_id: Option<String>,
    /// The Message-ID is of our making: whatever has it is this copy.
    pub is_own: bool,
}

/// A change to be queued.
#[derive(Clone, Debug)]
pub struct NewOperation {
    /// The account.
    pub account_id: AccountId,
    /// The folder that it is about.
    pub folder_id: FolderId,
    /// The change.
    pub kind: OperationKind,
    /// The message of [`AppendSource::Operation`].
    pub raw: Option<CompressedBody>,
}

/// Where an operation stands. One that is done is gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OperationState {
    /// It will be tried at [`OperationRow::next_at`].
    Waiting,
    /// The server does not want it; its local effect is undone. It stays for the person to see.
    Refused,
}

impl OperationState {
    /// The name in the store.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Refused => "refused",
        }
    }

    fn from_name(name: &str) -> Option<Self> {
        [Self::Waiting, Self::Refused]
            .into_iter()
            .find(|state| state.as_str() == name)
    }
}

/// How far a folder was filled at some moment: what comes later has this UID or a later one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FilledUpTo {
    /// UIDVALIDITY.
    pub uid_validity: u32,
    /// UIDNEXT.
    pub uid_next: u32,
}

/// A change as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OperationRow {
    /// Its id; operations are carried out in this order.
    pub id: OperationId,
    /// The account.
    pub account_id: AccountId,
    /// The folder that it is about; `None` when the folder is gone.
    pub folder_id: Option<FolderId>,
    /// The change.
    pub kind: OperationKind,
    /// Where it stands.
    pub state: OperationState,
    /// How often it failed.
    pub attempts: u32,
    /// It was handed to the server, and whether the server did it is not known.
    pub is_begun: bool,
    /// When it is tried next.
    pub next_at: UnixMillis,
    /// When it was queued.
    pub created_at: UnixMillis,
    /// The one before which it was put: it concerns what that one has only shown so far.
    pub ahead_of: Option<OperationId>,
    /// The UIDVALIDITY that its UIDs belong to; `None` when it was not known when it was queued.
    pub uid_validity: Option<u32>,
    /// How far the target of a move or copy was filled when it was queued, or when it was first handed to the server;
    /// `None` while that is not known.
    pub target: Option<FilledUpTo>,
    /// What went wrong the last time.
    pub last_error: Option<StoredError>,
}

/// How an operation stood when it was to be taken back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It waited: it is gone, and so is its effect here.
    TakenBack,
    /// It was handed to the server, and its outcome is not known yet.
    Begun,
    /// The server had refused it; its effect here was gone.
    Refused,
    /// There is none: the server did it, or somebody gave it up.
    Over,
}

/// What the server said about an operation that is done.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OperationDone {
    /// COPYUID (RFC 4315 §3) of a move or copy: old UID, new UID in the target folder. Only when the UIDVALIDITY in it is
    /// the one that is known here.
    pub copied: Vec<(u32, u32)>,
    /// The messages of a move or deletion still lie in their folder, marked `\Deleted`: the server cannot remove single
    /// messages (no UIDPLUS, RFC 4315).
    pub is_left_marked: bool,
    /// Where an uploaded draft is: UIDVALIDITY and UID.
    pub appended: Option<(u32, u32)>,
}

impl OperationRow {
    pub(crate) fn read(row: &SqliteRow) -> Result<Self, StoreError> {
        Ok(Self {
            id: OperationId(row.value("id")?),
            account_id: AccountId(row.value("account_id")?),
            folder_id: row.value::<Option<i64>>("folder_id")?.map(FolderId),
            kind: row.json("kind")?,
            state: row.named("state", OperationState::from_name)?,
            attempts: row.unsigned32("attempts")?,
            is_begun: row.value("begun")?,
            next_at: row.at("next_at")?,
            created_at: row.at("created_at")?,
            ahead_of: row.value::<Option<i64>>("ahead_of")?.map(OperationId),
            uid_validity: row.unsigned32_option("uid_validity")?,
            target: match (
                row.value::<Option<i64>>("target_uid_validity")?,
                row.value::<Option<i64>>("target_uid_next")?,
            ) {
                (Some(_), Some(_)) => Some(FilledUpTo {
                    uid_validity: row.unsigned32("target_uid_validity")?,
                    uid_next: row.unsigned32("target_uid_next")?,
                }),
                _ => None,
            },
            last_error: row.stored_error()?,
        })
    }
}

/// UIDs in JSON as IMAP writes them.
mod uid_text {
    use mailroom_model::UidSet;
    use serde::de::Error;
    use serde::{Deserialize, Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(uids: &UidSet, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(uids)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<UidSet, D::Error> {
        String::deserialize(deserializer)?
            .parse()
            .map_err(|_| D::Error::custom("not a set of unique ids"))
    }
}
