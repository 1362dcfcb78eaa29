//! Large messages: header and text first, the rest when somebody wants it.

use std::collections::HashMap;

use mailroom_mime::{Piece, skeleton};
use mailroom_protocol::imap::{BodyPart, FetchedMessage, ImapSession};

use crate::EngineError;

/// Messages up to this many bytes always come whole: asking for their parts costs more than the parts. Only larger ones
/// are recognised by their heads.
pub(crate) const SMALL: u64 = 256 << 10;
/// Bytes of a text that are fetched with the header.
const TEXT: u32 = 256 << 10;
/// Parts whose headers are fetched.
const PARTS: usize = 100;
/// Sections that are asked for with one command.
const SECTIONS: usize = 20;

/// A large message of which the header came, and what came with it.
#[derive(Clone, Debug)]
pub(crate) struct Head {
    /// Its `raw` is the header.
    pub(crate) message: FetchedMessage,
    /// Header, text, and places for the rest, in the form of a message; `None` when the server cannot tell its parts.
    pub(crate) skeleton: Option<Vec<u8>>,
}

/// What a large message is recognised by without its bytes.
pub(crate) fn head_digest(size: u64, header: &[u8]) -> [u8; 32] {
    let mut hasher = blake3::Hasher::new_derive_key("mailroom head of a large message");
    hasher.update(&size.to_le_bytes());
    hasher.update(header.trim_ascii());
    *hasher.finalize().as_bytes()
}

/// The header block of a whole message.
pub(crate) fn header_of(raw: &[u8]) -> &[u8] {
    let end = raw
        .windows(4)
        .position(|window| window == b"\r\n\r\n")
        .unwrap_or(raw.len());
    raw.get(..end).unwrap_or(raw)
}

/// Fetches header and text of a message of the open folder; `None` when it is gone. A server that cannot tell the parts
/// costs the text, not the header.
pub(crate) async fn fetch_head(session: &mut ImapSession, uid: u32) -> Result<Option<Head>, EngineError> {
    let Some(message) = session.fetch_header(uid).await? else {
        return Ok(None);
    };
    let structure = match session.fetch_structure(uid).await {
        Err(error) if error.leaves_session_usable() => None,
        structure => structure?,
    };
    let Some(structure) = structure else {
        return Ok(Some(Head {
            message,
            skeleton: None,
        }));
    };
    let wanted = sections(&structure);
    let mut came: HashMap<String, Vec<u8>> = HashMap::new();
    for some in wanted.chunks(SECTIONS) {
        match session.fetch_sections(uid, some, TEXT).await {
            Ok(sections) => came.extend(sections),
            Err(error) if error.leaves_session_usable() => {}
            Err(error) => return Err(error.into()),
        }
    }
    let root = piece(&structure, Some(&message.raw), &mut came);
    Ok(Some(Head {
        skeleton: skeleton(&root),
        message,
    }))
}

/// What is asked for: the headers of the parts, and the texts among them.
fn sections(root: &BodyPart) -> Vec<String> {
    let mut sections = Vec::new();
    let mut parts = vec![(root, true)];
    let mut count = 0;
    while let Some((part, is_root)) = parts.pop() {
        if count == PARTS {
            break;
        }
        count += 1;
        if !is_root {
            sections.push(format!("{}.MIME", part.path));
        }
        if is_text(part, is_root) {
            sections.push(part.path.clone());
        }
        parts.extend(part.children.iter().rev().map(|child| (child, false)));
    }
    sections
}

/// True for a part that is read with the message. What has a name is a file, unless it is all that there is.
fn is_text(part: &BodyPart, is_root: bool) -> bool {
    let is_text = matches!(
        part.media_type.as_str(),
        "text/plain" | "text/html" | "text/calendar"
    );
    is_text && !part.is_attachment && (is_root || !part.is_named || part.media_type == "text/calendar")
}

fn piece(part: &BodyPart, header: Option<&[u8]>, came: &mut HashMap<String, Vec<u8>>) -> Piece {
    let header = match header {
        Some(header) => header.to_vec(),
        // A part without its header has at least its type.
        None => came
            .remove(&format!("{}.MIME", part.path))
            .unwrap_or_else(|| format!("Content-Type: {}\r\n", part.media_type).into_bytes()),
    };
    Piece {
        header,
        body: came.remove(&part.path).unwrap_or_default(),
        octets: part.octets,
        children: part
            .children
            .iter()
            .map(|child| piece(child, None, came))
            .collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn leaf(path: &str, media_type: &str) -> BodyPart {
        BodyPart {
            path: path.to_owned(),
            media_type: media_type.to_owned(),
            octets: 10,
            ..BodyPart::default()
        }
    }

    #[test]
    fn headers_of_all_parts_and_texts_are_asked_for() {
        let mut notes = leaf("3", "text/plain");
        notes.is_named = true;
        let mut log = leaf("4", "text/plain");
        log.is_attachment = true;
        let root = BodyPart {
            media_type: "multipart/mixed".to_owned(),
            children: vec![
                BodyPart {
                    path: "1".to_owned(),
                    media_type: "multipart/alternative".to_owned(),
                    children: vec![leaf("1.1", "text/plain"), leaf("1.2", "text/html")],
                    ..BodyPart::default()
                },
                leaf("2", "application/pdf"),
                notes,
                log,
            ],
            ..BodyPart::default()
        };
        assert_eq!(
            sections(&root),
            [
                "1.MIME", "1.1.MIME", "1.1", "1.2.MIME", "1.2", "2.MIME", "3.MIME", "4.MIME"
            ]
        );
        let mut alone = leaf("1", "text/plain");
        alone.is_named = true;
        assert_eq!(sections(&alone), ["1"], "the header of the message is its header");
        let many = BodyPart {
            children: (1..=500).map(|n| leaf(&n.to_string(), "image/png")).collect(),
            ..root
        };
        assert_eq!(sections(&many).len(), PARTS - 1);
    }

    #[test]
    fn head_is_recognised_whoever_ends_the_header() {
        let raw = b"Subject: x\r\nFrom: a@x.pl\r\n\r\nText\r\n\r\nmore";
        assert_eq!(
            head_digest(7, header_of(raw)),
            head_digest(7, b"Subject: x\r\nFrom: a@x.pl\r\n\r\n")
        );
        assert_ne!(head_digest(7, header_of(raw)), head_digest(8, header_of(raw)));
        assert_eq!(header_of(b"Subject: x"), b"Subject: x");
    }
}
