//! Messages while they are written.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// What a new draft starts from.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum DraftOpen {
    /// An empty message.
    New {
        /// The identity to write as; the default sender when absent.
        #[serde(default)]
        #[ts(optional)]
        from: Option<String>,
        /// A `mailto:` address (RFC 6068) that fills fields in.
        #[serde(default)]
        #[ts(optional)]
        mailto: Option<String>,
    },
    /// An answer to the sender of a stored message.
    Reply {
        /// The message's row id.
        message: i64,
    },
    /// An answer to the sender and to everybody who received it.
    ReplyAll {
        /// The message's row id.
        message: i64,
    },
    /// A stored message, with its attachments, to somebody else.
    Forward {
        /// The message's row id.
        message: i64,
    },
    /// A message of a drafts folder. The draft replaces it when it is saved there again or sent.
    Message {
        /// The message's row id.
        message: i64,
    },
    /// An entry of the outbox that is not on its way yet: it leaves the outbox and is a draft again.
    Outbox {
        /// The entry's row id.
        id: i64,
    },
    /// A draft that is kept here already.
    Draft {
        /// The draft's row id.
        id: i64,
    },
}

/// Payload that names one draft.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, TS)]
pub struct DraftId {
    /// Row id.
    pub id: i64,
}

/// Payload of `draft_save`: the whole text of a draft, kept here at once.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct DraftSave {
    /// Row id.
    pub id: i64,
    /// The identity's address to write as.
    pub from: String,
    /// Recipients as typed, `address` or `Name <address>`; what is no address yet is kept too.
    pub to: Vec<String>,
    /// Copies.
    pub cc: Vec<String>,
    /// Copies that nobody else sees.
    pub bcc: Vec<String>,
    /// Subject.
    pub subject: String,
    /// Plain text.
    pub text: String,
    /// The same as HTML; `null` for a plain text message.
    pub html: Option<String>,
    /// Counts the texts of whoever writes, on from the [`DraftView`]'s. A save that comes late, after one with a higher
    /// number, changes nothing and gives the newer text. Absent: this is the newest.
    #[serde(default)]
    #[ts(optional)]
    pub revision: Option<u32>,
    /// True to bring it into the account's drafts folder too.
    pub upload: bool,
}

/// Payload of `draft_attach`.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct DraftAttach {
    /// The draft's row id.
    pub id: i64,
    /// The file's name without folders.
    pub filename: String,
    /// Its content type; guessed from the name when absent.
    #[serde(default)]
    #[ts(optional)]
    pub content_type: Option<String>,
    /// True for an image that stands in the text.
    pub inline: bool,
    /// The bytes.
    pub base64: String,
}

/// Payload of `draft_detach`.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, TS)]
pub struct DraftDetach {
    /// The draft's row id.
    pub id: i64,
    /// The file's row id.
    pub file: i64,
}

/// Payload of `draft_file`.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, TS)]
pub struct DraftFileShow {
    /// The draft's row id.
    pub id: i64,
    /// The file's row id.
    pub file: i64,
}

/// The bytes of a file of a draft.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct DraftFileBytes {
    /// Content type.
    pub content_type: String,
    /// The bytes.
    pub base64: String,
}

/// Payload of `draft_send`.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, TS)]
pub struct DraftSend {
    /// The draft's row id.
    pub id: i64,
    /// Not before this moment (send later); after the pause for taking it back when absent.
    #[serde(default)]
    #[ts(optional)]
    pub not_before: Option<i64>,
}

/// One file of a draft.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct DraftFile {
    /// Row id.
    pub id: i64,
    /// The file's name.
    pub filename: String,
    /// Content type.
    pub content_type: String,
    /// Bytes.
    pub size: i64,
    /// True for an image that stands in the text.
    pub inline: bool,
    /// The name by which the HTML refers to it (`cid:…`), without brackets.
    pub content_id: String,
}

/// One draft.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct DraftView {
    /// Row id.
    pub id: i64,
    /// The account's address.
    pub account: String,
    /// The identity's address to write as.
    pub from: String,
    /// Recipients.
    pub to: Vec<String>,
    /// Copies.
    pub cc: Vec<String>,
    /// Copies that nobody else sees.
    pub bcc: Vec<String>,
    /// Subject.
    pub subject: String,
    /// The number of the text that is kept: see [`DraftSave`].
    pub revision: u32,
    /// Plain text: what was written; of a draft in which nobody wrote yet, what it was begun with.
    pub text: String,
    /// The same as HTML; `null` for a plain text message.
    pub html: Option<String>,
    /// The identity's signature as safe HTML, while the draft was never saved: whoever saves it first puts it into the text.
    pub signature: Option<String>,
    /// The message that is answered or passed on, while the draft was never saved.
    pub quote: Option<DraftQuote>,
    /// Its files.
    pub files: Vec<DraftFile>,
    /// `new`, `reply`, `reply_all` or `forward`.
    pub kind: String,
    /// The stored message that is answered or passed on.
    pub about: Option<i64>,
    /// The largest message that the account's server takes (RFC 1870), when it says so.
    pub size_limit: Option<i64>,
    /// Bytes that the message will have about, encoded.
    pub size: i64,
    /// When it was last kept here.
    pub saved_at: i64,
    /// When this state was last brought to the drafts folder; `null` when it was not.
    pub uploaded_at: Option<i64>,
}

/// A message that is answered or passed on: facts for the line "On … wrote" or the head of a forwarded message, which are
/// written in the person's words.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct DraftQuote {
    /// Who wrote it.
    pub from: Vec<String>,
    /// To whom.
    pub to: Vec<String>,
    /// With copies to whom.
    pub cc: Vec<String>,
    /// When it was written.
    pub date: Option<i64>,
    /// Its subject.
    pub subject: String,
    /// Its text as safe HTML. Pictures of it (`cid:`) are files of the draft; those of a network are kept back
    /// (`data-remote-src`) and go out in their places.
    pub html: String,
    /// Its plain text.
    pub text: String,
    /// Its plain text with `> ` in front of each line.
    pub quoted: String,
}

/// One draft in a list.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct DraftRow {
    /// Row id.
    pub id: i64,
    /// The account's address.
    pub account: String,
    /// Recipients.
    pub to: Vec<String>,
    /// Subject.
    pub subject: String,
    /// When it was last kept here.
    pub saved_at: i64,
    /// Its copy in the drafts folder, as a stored message.
    pub message: Option<i64>,
}

/// Payload of `people_search`.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct PeopleSearch {
    /// The beginning of a name, of one of its words, or of an address.
    pub query: String,
    /// At most so many.
    #[serde(default)]
    #[ts(optional)]
    pub limit: Option<u32>,
}

/// Somebody who was written to, or who wrote.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct PersonView {
    /// The name, possibly empty.
    pub name: String,
    /// The address.
    pub address: String,
}
