//! Parts and attachments as others see them.

use serde::{Deserialize, Serialize};

use crate::filename::{default_filename, safe_filename};
use crate::structure::Node;
use crate::transfer::{self, Encoding, UuBlock};
use crate::word::{decode_words, for_display};

/// A part of a message: what it says about itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part {
    /// As IMAP counts (RFC 9051 §6.4.5): `1`, `2.1`; empty for a multipart that is the whole message.
    pub path: String,
    /// Type and subtype, lower case.
    pub content_type: String,
    /// As the sender calls it.
    pub charset: Option<String>,
    /// The transfer encoding: `identity`, `base64`, `quoted-printable` or `uuencode`.
    pub encoding: String,
    /// Bytes: decoded of a leaf, as it stands of a multipart.
    pub size: u64,
    /// `inline`, `attachment` or something else, lower case.
    pub disposition: Option<String>,
    /// Safe to show and to give to a file system.
    pub filename: Option<String>,
    /// Parts of a multipart.
    pub children: Vec<Part>,
}

/// Something that is not the text of the message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AttachmentInfo {
    /// What [`attachment_bytes`](crate::attachment_bytes) wants to know: the path of the part as IMAP counts, or
    /// `PATH.uuN` for the N-th uuencoded file in the text of a part.
    pub part: String,
    /// Safe to show and to give to a file system; never empty.
    pub filename: String,
    /// Type and subtype, lower case.
    pub content_type: String,
    /// Bytes when decoded.
    pub size: u64,
    /// Without angle brackets.
    pub content_id: Option<String>,
    /// Belongs into the HTML, which refers to it by its Content-ID.
    pub inline: bool,
    /// It was left on the server; then the size is about right.
    #[serde(default)]
    pub left: bool,
}

/// A calendar object (RFC 6047) in the message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CalendarPart {
    /// The path of the part.
    pub part: String,
    /// What the sender wants done with it, upper case: `REQUEST`, `REPLY`, `CANCEL`, …
    pub method: Option<String>,
}

/// How a message is protected. Noticed, not verified.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Protection {
    /// OpenPGP (RFC 3156, or inline).
    Pgp,
    /// S/MIME (RFC 8551).
    Smime,
}

impl Protection {
    /// The name on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pgp => "pgp",
            Self::Smime => "smime",
        }
    }
}

/// More uuencoded files in one text are not looked for.
const MAX_UU_BLOCKS: usize = 100;

pub(crate) fn describe(node: &Node<'_>) -> Part {
    let encoding = match node.encoding {
        Encoding::Identity => "identity",
        Encoding::Base64 => "base64",
        Encoding::QuotedPrintable => "quoted-printable",
        Encoding::Uuencode => "uuencode",
    };
    Part {
        path: node.path.clone(),
        content_type: node.content_type().to_owned(),
        charset: node.charset().map(str::to_owned),
        encoding: encoding.to_owned(),
        size: size(node),
        disposition: (!node.disposition.value.is_empty()).then(|| for_display(&node.disposition.value)),
        filename: node.raw_filename().map(|name| filename_or_default(node, name)),
        children: node.children.iter().map(describe).collect(),
    }
}

fn size(node: &Node<'_>) -> u64 {
    if let Some(octets) = node.octets.filter(|_| node.is_left()) {
        return node.encoding.decoded_about(octets);
    }
    let bytes = if node.is_multipart() {
        node.body.len()
    } else {
        node.encoding.decoded_len(node.body)
    };
    bytes as u64
}

pub(crate) fn attachment(node: &Node<'_>, in_related: bool) -> AttachmentInfo {
    let content_id = node.content_id();
    let is_inline = in_related || node.disposition.value == "inline";
    let filename = match node.raw_filename() {
        Some(name) => filename_or_default(node, name),
        None if node.content_type() == "message/rfc822" => embedded_filename(node),
        None => default_filename(&node.path, node.content_type()),
    };
    AttachmentInfo {
        part: node.path.clone(),
        filename,
        content_type: node.content_type().to_owned(),
        size: size(node),
        inline: is_inline && content_id.is_some(),
        content_id,
        left: node.is_left(),
    }
}

fn filename_or_default(node: &Node<'_>, name: &str) -> String {
    let safe = safe_filename(name);
    if safe.is_empty() {
        default_filename(&node.path, node.content_type())
    } else {
        safe
    }
}

/// An attached message is called by its subject.
fn embedded_filename(node: &Node<'_>) -> String {
    let (start, _) = node.encoding.decode(node.body, 16 << 10);
    let start = start.get(..16 << 10).unwrap_or(&start);
    let limits = crate::Limits::default();
    let block = crate::field::split(start, true, &limits, &mut crate::defect::Defects::default());
    let subject = block.fields.iter().find(|field| field.is("subject"));
    let subject = subject.map(|field| for_display(&decode_words(&field.unfolded(None))));
    let name = safe_filename(&subject.unwrap_or_default().replace(['/', '\\'], "_"));
    if name.is_empty() {
        default_filename(&node.path, node.content_type())
    } else {
        format!("{name}.eml")
    }
}

/// The uuencoded files in a text part, in order.
pub(crate) fn uu_blocks(node: &Node<'_>) -> Vec<UuBlock> {
    let mut blocks = Vec::new();
    if node.encoding == Encoding::Identity && node.content_type() == "text/plain" {
        let mut from = 0;
        while blocks.len() < MAX_UU_BLOCKS
            && let Some(block) = transfer::find_uuencoded_from(node.body, from)
        {
            from = block.end;
            blocks.push(block);
        }
    }
    blocks
}

pub(crate) fn uu_attachment(node: &Node<'_>, index: usize, block: &UuBlock) -> AttachmentInfo {
    let part = format!("{}.uu{}", node.path, index + 1);
    let name = safe_filename(&crate::charset::decode(node.charset(), &block.name).text);
    AttachmentInfo {
        filename: if name.is_empty() {
            default_filename(&part, "application/octet-stream")
        } else {
            name
        },
        part,
        content_type: "application/octet-stream".to_owned(),
        size: block.decode(node.body).len() as u64,
        content_id: None,
        inline: false,
        left: false,
    }
}
