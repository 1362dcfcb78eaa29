//! # Room: mime
//!
//! Bytes ⇄ messages: parse, decode, sanitise, compose, thread.
//!
//! - **Does**: read any message ([`parse`], [`parse_for_index`], [`parse_headers`], [`attachment_bytes`]) without ever failing or
//!   panicking, also one of which only the header and some parts are here ([`skeleton()`], [`parse_partial`]); turn HTML into something that can be shown ([`SafeHtml`]) or searched ([`html_to_text`]); find what puts messages into
//!   threads ([`thread_keys`], [`base_subject`]); fold text for search ([`fold_for_search`]); write messages ([`compose()`]); take
//!   mailbox files apart and put them together ([`MboxReader`], [`mbox_pieces`]), read the names of a Maildir.
//! - **Owns**: the [`Limits`] on the work that one message can cause, the closed list of [`Defect`]s, part paths, safe file names.
//! - **Never**: opens a socket or a file, asks for the time or for randomness (both are passed in), keeps a message
//!   (the raw bytes are kept elsewhere, so that nothing that was cut or guessed here is lost).
//!
//! mailparse stands in front: it reads header fields, address lists and identifier lists. What it refuses is read again
//! here, piece by piece, because it gives up a whole message, field or list at the first thing that breaks a rule. The
//! tree of parts is read here in any case: mailparse takes a boundary for another that it is the beginning of, and an error in
//! one part, or too deep a nesting, for an error of the message. Charsets, encoded words, parameters and dates are
//! read here because the world has more forms of them than the standards.

mod address;
mod body;
mod charset;
mod compose;
mod date;
mod defect;
mod field;
mod filename;
mod fold;
mod headers;
mod html;
mod limits;
mod maildir;
mod mbox;
mod message;
mod message_id;
mod param;
mod part;
mod plain;
mod quote;
mod skeleton;
mod structure;
mod subject;
mod thread;
mod transfer;
mod wire_form;
mod word;

pub use address::parse_mailboxes;
pub use compose::{
    AttachmentFile, ComposeError, ComposeFacts, ComposeField, Draft, InlineImage, compose, needs_smtputf8,
};
pub use defect::Defect;
pub use filename::safe_filename;
pub use fold::fold_for_search;
pub use headers::Headers;
pub use html::{RemoteContent, RemoteKind, SafeHtml, html_to_text, outgoing_html, plain_as_html, safe_html};
pub use limits::Limits;
pub use maildir::{
    maildir_flags, maildir_letters, read_maildir_keywords, split_maildir_name, write_maildir_keywords,
};
pub use mbox::{
    MailboxMarks, MboxMessage, MboxReader, envelope_sender, mailbox_marks, mbox_from_line, mbox_pieces,
};
pub use message::{
    IndexedMessage, ParsedMessage, attachment_bytes, parse, parse_for_index, parse_headers, parse_partial,
    parse_partial_for_index,
};
pub use message_id::message_id_for;
pub use part::{AttachmentInfo, CalendarPart, Part, Protection};
pub use quote::quoted;
pub use skeleton::{PartDecoder, Piece, decode_part, left_octets, skeleton};
pub use subject::{BaseSubject, base_subject, forward_subject, reply_subject, thread_keys};
pub use thread::ThreadKeys;
pub use wire_form::{NoMessage, wire_form};
