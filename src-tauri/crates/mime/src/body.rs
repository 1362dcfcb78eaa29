//! Which parts of a message are its text, and which are attachments.

use crate::defect::Defects;
use crate::html;
use crate::part::{self, AttachmentInfo, CalendarPart, Protection};
use crate::plain;
use crate::structure::Node;
use crate::{Defect, charset};

/// The parts of a message sorted by what they are for.
#[derive(Debug, Default)]
pub(crate) struct Sorted<'n, 'a> {
    /// What to read one after the other for the plain text.
    pub(crate) as_text: Vec<&'n Node<'a>>,
    /// What to show one after the other; has HTML, or is the same as `as_text`.
    pub(crate) as_html: Vec<&'n Node<'a>>,
    pub(crate) attachments: Vec<AttachmentInfo>,
    pub(crate) calendar: Vec<CalendarPart>,
    pub(crate) tnef: bool,
    pub(crate) signed: Option<Protection>,
    pub(crate) encrypted: Option<Protection>,
}

type Bodies<'n, 'a> = (Vec<&'n Node<'a>>, Vec<&'n Node<'a>>);

/// Where a leaf stands.
#[derive(Clone, Copy)]
struct Place {
    /// Nothing stands before it that could be the text, so that it is the text even when it has a file name.
    is_first: bool,
    in_related: bool,
    in_encrypted: bool,
}

pub(crate) fn sort<'n, 'a>(root: &'n Node<'a>) -> Sorted<'n, 'a> {
    let mut sorted = Sorted::default();
    let place = Place {
        is_first: true,
        in_related: false,
        in_encrypted: false,
    };
    (sorted.as_text, sorted.as_html) = sorted.bodies(root, place);
    sorted
}

pub(crate) fn is_html(node: &Node<'_>) -> bool {
    node.content_type() == "text/html"
}

impl<'n, 'a> Sorted<'n, 'a> {
    fn bodies(&mut self, node: &'n Node<'a>, place: Place) -> Bodies<'n, 'a> {
        if !node.is_multipart() {
            return self.leaf(node, place);
        }
        self.notice_protection(node);
        let subtype = node.content_type().strip_prefix("multipart/").unwrap_or_default();
        let mut found: Vec<Bodies<'n, 'a>> = Vec::new();
        for (index, child) in node.children.iter().enumerate() {
            let place = Place {
                is_first: place.is_first && (index == 0 || subtype == "alternative"),
                in_related: place.in_related && index == 0 || subtype == "related" && index > 0,
                in_encrypted: place.in_encrypted || subtype == "encrypted",
            };
            found.push(self.bodies(child, place));
        }
        if subtype != "alternative" {
            let (text, html): (Vec<_>, Vec<_>) = found.into_iter().unzip();
            return (text.concat(), html.concat());
        }
        // RFC 2046 §5.1.4: the alternatives come plainest first.
        let has_html = |nodes: &[&Node<'_>]| nodes.iter().any(|node| is_html(node));
        let best_html = found.iter().rposition(|(_, html)| has_html(html));
        let best_text = found
            .iter()
            .position(|(text, _)| !text.is_empty() && !has_html(text))
            .or_else(|| found.iter().position(|(text, _)| !text.is_empty()));
        let take = |index: Option<usize>| index.and_then(|index| found.get(index));
        let text = take(best_text).map(|(text, _)| text.clone()).unwrap_or_default();
        let html = take(best_html).map_or_else(|| text.clone(), |(_, html)| html.clone());
        (text, html)
    }

    fn leaf(&mut self, node: &'n Node<'a>, place: Place) -> Bodies<'n, 'a> {
        self.notice_protection(node);
        let is_text = matches!(node.content_type(), "text/plain" | "text/html");
        let is_part_of_html = place.in_related && node.content_id().is_some();
        // Text without a type that is packed up and has a name is a file.
        let is_body = is_text
            && node.disposition.value != "attachment"
            && !place.in_encrypted
            && !is_part_of_html
            && (node.raw_filename().is_none() || (place.is_first && node.is_typed));
        if is_body {
            for (index, block) in part::uu_blocks(node).iter().enumerate() {
                self.attachments.push(part::uu_attachment(node, index, block));
            }
            return (vec![node], vec![node]);
        }
        let info = part::attachment(node, place.in_related);
        if matches!(node.content_type(), "text/calendar" | "application/ics") {
            let method = node
                .content
                .param("method")
                .map(|method| crate::word::for_display(method).to_uppercase());
            self.calendar.push(CalendarPart {
                part: node.path.clone(),
                method,
            });
        }
        self.tnef |= matches!(
            node.content_type(),
            "application/ms-tnef" | "application/vnd.ms-tnef"
        ) || info.filename.eq_ignore_ascii_case("winmail.dat");
        // An empty part without a name is what is left of something, not a file.
        if info.size > 0 || node.raw_filename().is_some() {
            self.attachments.push(info);
        }
        (Vec::new(), Vec::new())
    }

    fn notice_protection(&mut self, node: &Node<'_>) {
        let protocol = node
            .content
            .param("protocol")
            .unwrap_or_default()
            .to_ascii_lowercase();
        let by_protocol = if protocol.contains("pgp") {
            Protection::Pgp
        } else {
            Protection::Smime
        };
        match node.content_type() {
            "multipart/signed" => self.signed = self.signed.or(Some(by_protocol)),
            "multipart/encrypted" => self.encrypted = self.encrypted.or(Some(by_protocol)),
            "application/pgp-encrypted" => self.encrypted = self.encrypted.or(Some(Protection::Pgp)),
            "application/pkcs7-mime" | "application/x-pkcs7-mime" => {
                let kind = node.content.param("smime-type").unwrap_or_default();
                if kind.eq_ignore_ascii_case("signed-data") {
                    self.signed = self.signed.or(Some(Protection::Smime));
                } else {
                    self.encrypted = self.encrypted.or(Some(Protection::Smime));
                }
            }
            _ => {}
        }
    }

    /// OpenPGP inside the text itself.
    pub(crate) fn notice_inline_pgp(&mut self, text: &str) {
        if text.contains("-----BEGIN PGP MESSAGE-----") {
            self.encrypted = self.encrypted.or(Some(Protection::Pgp));
        } else if text.contains("-----BEGIN PGP SIGNED MESSAGE-----") {
            self.signed = self.signed.or(Some(Protection::Pgp));
        }
    }
}

/// The text of a text part: transfer encoding, charset and flow undone. `limit` bounds the decoded bytes.
pub(crate) fn decode_text(node: &Node<'_>, limit: usize, defects: &mut Defects) -> String {
    let cut = if is_html(node) {
        Defect::HtmlTruncated
    } else {
        Defect::TextTruncated
    };
    let mut raw = std::borrow::Cow::Borrowed(node.body);
    let blocks = part::uu_blocks(node);
    if !blocks.is_empty() {
        let mut kept = Vec::new();
        let mut from = 0;
        for block in &blocks {
            kept.extend_from_slice(node.body.get(from..block.start).unwrap_or_default());
            from = block.end;
        }
        kept.extend_from_slice(node.body.get(from..).unwrap_or_default());
        raw = kept.into();
    }
    let (mut bytes, damage) = node.encoding.decode(&raw, limit.saturating_add(1));
    defects.note_some(damage);
    let is_cut = bytes.len() > limit;
    if is_cut {
        defects.note(cut);
        bytes.truncate(limit);
    }
    let from_meta;
    let label = match node.charset() {
        Some(label) => Some(label),
        None if is_html(node) => {
            from_meta = charset_in_html(&bytes);
            from_meta.as_deref()
        }
        None => None,
    };
    let decoded = charset::decode(label, &bytes);
    if !is_cut || decoded.defect != Some(Defect::CharsetDamaged) {
        defects.note_some(decoded.defect);
    }
    let text = decoded.text;
    if is_html(node) {
        return text.into_owned();
    }
    let text = plain::tidy(&text);
    let is_flowed = node
        .content
        .param("format")
        .is_some_and(|format| format.eq_ignore_ascii_case("flowed"));
    if is_flowed {
        let del_sp = node
            .content
            .param("delsp")
            .is_some_and(|value| value.eq_ignore_ascii_case("yes"));
        plain::unflow(&text, del_sp)
    } else {
        text
    }
}

/// The charset that an HTML document says it is in (`<meta charset>`), for documents that are not UTF-8.
fn charset_in_html(bytes: &[u8]) -> Option<String> {
    let head = bytes.get(..2_048).unwrap_or(bytes);
    if std::str::from_utf8(bytes).is_ok() {
        return None;
    }
    let head = head.to_ascii_lowercase();
    let at = memchr::memmem::find(&head, b"charset")? + 7;
    let rest = head
        .get(at..)?
        .trim_ascii_start()
        .strip_prefix(b"=")?
        .trim_ascii_start();
    let label: String = rest
        .iter()
        .skip_while(|byte| matches!(byte, b'"' | b'\''))
        .take_while(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
        .map(|byte| char::from(*byte))
        .collect();
    charset::is_known(&label).then_some(label)
}

/// The plain text of a message: its text parts joined, HTML as text where there is nothing else.
pub(crate) fn plain_text(sorted: &Sorted<'_, '_>, limits: &crate::Limits, defects: &mut Defects) -> String {
    let text = join_text(&sorted.as_text, limits, defects);
    let has_html = sorted.as_html.iter().any(|node| is_html(node));
    let is_placeholder = sorted.as_text.iter().all(|node| !is_html(node)) && text.trim().is_empty();
    if has_html && is_placeholder {
        return join_text(&sorted.as_html, limits, defects);
    }
    text
}

fn join_text(nodes: &[&Node<'_>], limits: &crate::Limits, defects: &mut Defects) -> String {
    let mut joined = String::new();
    for node in nodes {
        let room = limits.max_text_bytes.saturating_sub(joined.len());
        if room == 0 {
            defects.note(Defect::TextTruncated);
            break;
        }
        let text = if is_html(node) {
            let html = decode_text(node, limits.max_html_bytes, defects);
            html::html_to_text_within(&html, room)
        } else {
            decode_text(node, room, defects)
        };
        if text.len() > room {
            defects.note(Defect::TextTruncated);
        }
        let text = crate::limits::prefix(&text, room);
        if !joined.is_empty() && !text.is_empty() {
            joined.push_str("\n\n");
        }
        joined.push_str(text);
    }
    joined.truncate(joined.floor_char_boundary(limits.max_text_bytes));
    joined
}
