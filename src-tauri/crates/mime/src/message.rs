//! Bytes → message.

use serde::{Deserialize, Serialize};

use crate::body::{self, Sorted};
use crate::defect::Defects;
use crate::headers;
use crate::html::{self, SafeHtml};
use crate::part::{self, AttachmentInfo, CalendarPart, Part, Protection};
use crate::structure::{self, Node};
use crate::word::decode_words;
use crate::{Defect, Headers, Limits, ThreadKeys, plain, thread_keys};

/// A message with everything that can be shown of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ParsedMessage {
    /// The fields that matter, decoded.
    pub headers: Headers,
    /// Every field in the order of the message: name as written, value decoded on one line.
    pub raw_headers: Vec<(String, String)>,
    /// The plain text as a person reads it: charset, transfer encoding and format=flowed undone, line ends `\n`; made
    /// from the HTML when there is no text.
    pub text: String,
    /// The HTML, made safe; `None` when the message has none.
    pub html: Option<SafeHtml>,
    /// What is not the text, in the order of the message.
    pub attachments: Vec<AttachmentInfo>,
    /// The tree of parts.
    pub structure: Part,
    /// Calendar objects; they are among the attachments too.
    pub calendar: Vec<CalendarPart>,
    /// There is a TNEF container (`winmail.dat`); it is among the attachments.
    pub tnef: bool,
    /// The message says that it is signed. Nothing was verified.
    pub signed: Option<Protection>,
    /// The message is encrypted.
    pub encrypted: Option<Protection>,
    /// What was wrong with the message.
    pub defects: Vec<Defect>,
}

/// A message as lists, threads and the search index need it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct IndexedMessage {
    /// The fields that matter, decoded.
    pub headers: Headers,
    /// The first words of the text on one line.
    pub preview: String,
    /// The plain text, as in [`ParsedMessage::text`].
    pub text: String,
    /// What is not the text, in the order of the message.
    pub attachments: Vec<AttachmentInfo>,
    /// What puts the message into its thread.
    pub thread: ThreadKeys,
    /// The message has HTML.
    pub has_html: bool,
    /// Calendar objects; they are among the attachments too.
    pub calendar: Vec<CalendarPart>,
    /// The message says that it is signed. Nothing was verified.
    pub signed: Option<Protection>,
    /// The message is encrypted.
    pub encrypted: Option<Protection>,
    /// What was wrong with the message.
    pub defects: Vec<Defect>,
}

impl IndexedMessage {
    /// There is an attachment that a person would want to know of: one that is not a picture inside the HTML and not
    /// a signature.
    pub fn has_attachments(&self) -> bool {
        self.attachments.iter().any(|attachment| {
            !attachment.inline
                && !matches!(
                    attachment.content_type.as_str(),
                    "application/pgp-signature"
                        | "application/pkcs7-signature"
                        | "application/x-pkcs7-signature"
                )
        })
    }
}

/// Reads a message. Never fails: what is broken gives what can be had of it, and a [`Defect`].
pub fn parse(raw: &[u8], limits: &Limits) -> ParsedMessage {
    let mut defects = Defects::default();
    let root = structure::read(raw, limits, &mut defects);
    parsed(&root, limits, defects)
}

/// The same for a message of which not everything is here, as [`skeleton`](crate::skeleton()) puts it together.
pub fn parse_partial(raw: &[u8], limits: &Limits) -> ParsedMessage {
    let mut defects = Defects::default();
    let root = structure::read_partial(raw, limits, &mut defects);
    let mut message = parsed(&root, limits, defects);
    if let Some(ours) = message
        .raw_headers
        .iter()
        .position(|(name, _)| name == crate::skeleton::OCTETS)
    {
        message.raw_headers.remove(ours);
    }
    message
}

fn parsed(root: &Node<'_>, limits: &Limits, mut defects: Defects) -> ParsedMessage {
    let hint = charset_hint(root);
    let headers = headers::read(&root.fields, hint, limits, &mut defects);
    let raw_headers = root
        .fields
        .iter()
        .map(|field| {
            let name = crate::charset::decode(None, field.name).text.into_owned();
            (name, decode_words(field.unfolded(hint).trim()))
        })
        .collect();
    let mut sorted = body::sort(root);
    let text = body::plain_text(&sorted, limits, &mut defects);
    sorted.notice_inline_pgp(&text);
    let html = safe_html(&sorted, limits, &mut defects);
    ParsedMessage {
        headers,
        raw_headers,
        text,
        html,
        attachments: sorted.attachments,
        structure: part::describe(root),
        calendar: sorted.calendar,
        tnef: sorted.tnef,
        signed: sorted.signed,
        encrypted: sorted.encrypted,
        defects: defects.into_vec(),
    }
}

/// Reads of a message what lists, threads and the search index need. Never fails. Attachments are counted, not
/// decoded, and HTML becomes text without a tree.
pub fn parse_for_index(raw: &[u8], limits: &Limits) -> IndexedMessage {
    let mut defects = Defects::default();
    let root = structure::read(raw, limits, &mut defects);
    indexed(&root, limits, defects)
}

/// The same for a message of which not everything is here, as [`skeleton`](crate::skeleton()) puts it together.
pub fn parse_partial_for_index(raw: &[u8], limits: &Limits) -> IndexedMessage {
    let mut defects = Defects::default();
    let root = structure::read_partial(raw, limits, &mut defects);
    indexed(&root, limits, defects)
}

fn indexed(root: &Node<'_>, limits: &Limits, mut defects: Defects) -> IndexedMessage {
    let headers = headers::read(&root.fields, charset_hint(root), limits, &mut defects);
    let mut sorted = body::sort(root);
    let text = body::plain_text(&sorted, limits, &mut defects);
    sorted.notice_inline_pgp(&text);
    IndexedMessage {
        preview: plain::preview(&text, limits.max_preview_bytes),
        text,
        thread: thread_keys(&headers),
        headers,
        has_html: sorted.as_html.iter().any(|node| body::is_html(node)),
        attachments: sorted.attachments,
        calendar: sorted.calendar,
        signed: sorted.signed,
        encrypted: sorted.encrypted,
        defects: defects.into_vec(),
    }
}

/// Reads a header block alone (`BODY[HEADER]`) within the default limits; everything about the body is empty. Never
/// fails.
pub fn parse_headers(raw_header: &[u8]) -> IndexedMessage {
    let mut defects = Defects::default();
    let limits = Limits::default();
    let block = crate::field::split(raw_header, true, &limits, &mut defects);
    let hint = block
        .fields
        .iter()
        .find(|field| field.is("content-type"))
        .map(|field| crate::param::parse(field.unfolded(None).trim()));
    let hint = hint.as_ref().and_then(|content| content.param("charset"));
    let headers = headers::read(&block.fields, hint, &limits, &mut defects);
    IndexedMessage {
        thread: thread_keys(&headers),
        headers,
        defects: defects.into_vec(),
        ..IndexedMessage::default()
    }
}

/// The decoded bytes of an attachment, or of any other leaf of the message; `part` is [`AttachmentInfo::part`]. `None`
/// when there is no such part, or when it is a multipart. Reads the message with the default limits, as
/// [`parse`] and [`parse_for_index`] do when they are given these.
pub fn attachment_bytes(raw: &[u8], part: &str) -> Option<Vec<u8>> {
    let root = structure::read(raw, &Limits::default(), &mut Defects::default());
    if let Some((path, index)) = part.split_once(".uu") {
        let node = root.at(path)?;
        let index: usize = index.parse().ok()?;
        let blocks = part::uu_blocks(node);
        return Some(blocks.get(index.checked_sub(1)?)?.decode(node.body));
    }
    let node = root.at(part).filter(|node| !node.is_multipart())?;
    Some(node.encoding.decode(node.body, usize::MAX).0)
}

/// The charset of the first text that names one.
fn charset_hint<'n>(root: &'n Node<'_>) -> Option<&'n str> {
    if root.content_type().starts_with("text/") || !root.is_multipart() {
        return root.charset();
    }
    root.children.iter().find_map(charset_hint)
}

fn safe_html(sorted: &Sorted<'_, '_>, limits: &Limits, defects: &mut Defects) -> Option<SafeHtml> {
    if !sorted.as_html.iter().any(|node| body::is_html(node)) {
        return None;
    }
    let mut joined = SafeHtml::default();
    let mut room = limits.max_html_bytes;
    for node in &sorted.as_html {
        let text = body::decode_text(node, room, defects);
        room = room.saturating_sub(text.len());
        if text.is_empty() {
            continue;
        }
        if !joined.html.is_empty() {
            joined.html.push_str("<hr>");
        }
        if body::is_html(node) {
            let safe = html::sanitise(&text);
            joined.html.push_str(&safe.html);
            for remote in safe.remote {
                if !joined.remote.contains(&remote) {
                    joined.remote.push(remote);
                }
            }
        } else {
            joined.html.push_str(&html::plain_as_html(&text));
        }
    }
    Some(joined)
}
