//! Message → bytes.

mod body;
mod error;
mod field;

use mailroom_model::{Mailbox, UnixMillis};

pub use error::{ComposeError, ComposeField};

use crate::date::format_date;
use body::Entity;
use field::HeaderWriter;

/// A message to be written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Draft {
    /// Who writes.
    pub from: Mailbox,
    /// Who sends, when that is somebody else.
    pub sender: Option<Mailbox>,
    /// Where answers go, when not to the sender.
    pub reply_to: Vec<Mailbox>,
    /// Recipients.
    pub to: Vec<Mailbox>,
    /// Recipients of a copy.
    pub cc: Vec<Mailbox>,
    /// Recipients whom the others do not see: part of the envelope, never written into a message that is sent.
    pub bcc: Vec<Mailbox>,
    /// The message is a copy that only its writer sees: `bcc` is written into it.
    pub is_private: bool,
    /// On one line.
    pub subject: String,
    /// The plain text; any line ends.
    pub text: String,
    /// The HTML document that says the same.
    pub html: Option<String>,
    /// Pictures that the HTML refers to as `cid:CONTENT_ID`. Without HTML they are attachments.
    pub inline: Vec<InlineImage>,
    /// Files.
    pub attachments: Vec<AttachmentFile>,
    /// The identifier of the message that this one answers; angle brackets may be left out.
    pub in_reply_to: Option<String>,
    /// The identifiers of the thread, oldest first; angle brackets may be left out.
    pub references: Vec<String>,
}

/// A picture inside the HTML.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct InlineImage {
    /// Without angle brackets.
    pub content_id: String,
    /// What it is called when somebody saves it.
    pub filename: String,
    /// Type and subtype.
    pub content_type: String,
    /// Its content.
    pub bytes: Vec<u8>,
}

/// An attached file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AttachmentFile {
    /// What it is called.
    pub filename: String,
    /// Type and subtype; what is none becomes `application/octet-stream`.
    pub content_type: String,
    /// Its content.
    pub bytes: Vec<u8>,
}

/// What a message needs and this room cannot know.
#[derive(Clone, Debug)]
pub struct ComposeFacts<'a> {
    /// The new message's identifier ([`message_id_for`](crate::message_id_for)); angle brackets may be left out.
    pub message_id: &'a str,
    /// Now.
    pub date: UnixMillis,
    /// The writer's distance from UTC, east positive.
    pub utc_offset_minutes: i32,
    /// Random bytes for the boundaries between parts.
    pub boundary_seed: [u8; 16],
    /// The User-Agent field, when one is wanted.
    pub user_agent: Option<&'a str>,
}

/// True when an address of the draft has a local part beyond ASCII, so that the server must speak SMTPUTF8 (RFC 6531).
/// Domains never need it: they are written as A-labels.
pub fn needs_smtputf8(draft: &Draft) -> bool {
    let lists = [&draft.reply_to, &draft.to, &draft.cc, &draft.bcc];
    lists
        .into_iter()
        .flatten()
        .chain([&draft.from])
        .chain(&draft.sender)
        .any(|mailbox| {
            let local = mailbox.address.rsplit_once('@').map_or("", |(local, _)| local);
            !local.is_ascii()
        })
}

/// Writes a message (RFC 5322, RFC 2045–2047, RFC 2231) with CRLF line ends: lines of at most 78 characters wherever
/// a text can be broken, of at most 998 always. The text is `text/plain`; with HTML `multipart/alternative`, with inline
/// pictures `multipart/related` in it, with attachments `multipart/mixed` around it.
///
/// No field can be made to start another one: line ends and NUL in a field are an error, other controls become
/// blanks.
pub fn compose(draft: &Draft, facts: &ComposeFacts<'_>) -> Result<Vec<u8>, ComposeError> {
    let mut out = HeaderWriter::default();
    let date = format_date(facts.date, facts.utc_offset_minutes);
    out.raw("Date", &date);
    out.mailboxes(ComposeField::From, std::slice::from_ref(&draft.from))?;
    out.mailboxes(ComposeField::Sender, draft.sender.as_slice())?;
    out.mailboxes(ComposeField::ReplyTo, &draft.reply_to)?;
    out.mailboxes(ComposeField::To, &draft.to)?;
    out.mailboxes(ComposeField::Cc, &draft.cc)?;
    if draft.is_private {
        out.mailboxes(ComposeField::Bcc, &draft.bcc)?;
    } else {
        // Bcc is checked as strictly as the others, and then not written.
        HeaderWriter::default().mailboxes(ComposeField::Bcc, &draft.bcc)?;
    }
    if !draft.is_private && draft.to.is_empty() && draft.cc.is_empty() && !draft.bcc.is_empty() {
        out.raw("To", "undisclosed-recipients:;");
    }
    out.text(ComposeField::Subject, &draft.subject)?;
    out.ids(ComposeField::MessageId, &[facts.message_id])?;
    if let Some(id) = &draft.in_reply_to {
        out.ids(ComposeField::InReplyTo, &[id])?;
    }
    out.ids(ComposeField::References, &draft.references)?;
    if let Some(agent) = facts.user_agent {
        out.text(ComposeField::UserAgent, agent)?;
    }
    out.raw("MIME-Version", "1.0");
    let mut bytes = out.into_bytes();
    Entity::of_draft(draft)?.write(&mut bytes, &facts.boundary_seed);
    Ok(bytes)
}

#[cfg(test)]
mod tests;
