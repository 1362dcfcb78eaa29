//! From the bytes of a message to what the store keeps of it.

use super::partial::{Head, SMALL, head_digest, header_of};
use crate::people::people_of;
use crate::recipient_line::{line, line_of};
use mailroom_mime::{
    Defect, Headers, IndexedMessage, Limits, fold_for_search, parse_for_index, parse_headers,
    parse_partial_for_index,
};
use mailroom_model::Mailbox;
use mailroom_protocol::imap::FetchedMessage;
use mailroom_store::{CompressedBody, IncomingMessage, NewAttachment, SearchText, StoreError};

/// Prepares a whole message; its text for the index is made later unless `is_indexed`. Errors: [`StoreError::Encode`].
pub(crate) fn prepare(
    message: &FetchedMessage,
    limits: &Limits,
    is_indexed: bool,
) -> Result<IncomingMessage, StoreError> {
    let indexed = if is_indexed {
        parse_for_index(&message.raw, limits)
    } else {
        parse_for_list(&message.raw, limits)
    };
    let digest = *blake3::hash(&message.raw).as_bytes();
    let body = CompressedBody::compress(&message.raw)?;
    let search = is_indexed.then(|| search_text(&indexed));
    let head = (message.size > SMALL).then(|| head_digest(message.size, header_of(&message.raw)));
    Ok(IncomingMessage {
        head_digest: head,
        ..incoming(message, &indexed, digest, Some(body), search)
    })
}

/// Reads what lists show: of a long text only the beginning, unless the preview does not stand there.
fn parse_for_list(raw: &[u8], limits: &Limits) -> IndexedMessage {
    let beginning = Limits {
        max_text_bytes: limits.max_text_bytes.min(8 << 10),
        max_html_bytes: limits.max_html_bytes.min(64 << 10),
        ..limits.clone()
    };
    let read = parse_for_index(raw, &beginning);
    let is_cut = |defect: &Defect| matches!(defect, Defect::TextTruncated | Defect::HtmlTruncated);
    if read.preview.is_empty() && read.defects.iter().any(is_cut) {
        return parse_for_index(raw, limits);
    }
    read
}

/// Prepares a message above the limit, of which header and text were loaded. Errors: [`StoreError::Encode`].
pub(crate) fn prepare_head(head: &Head, limits: &Limits) -> Result<IncomingMessage, StoreError> {
    let header = prepare_header(&head.message);
    let Some(skeleton) = &head.skeleton else {
        return Ok(header);
    };
    let indexed = parse_partial_for_index(skeleton, limits);
    let body = CompressedBody::compress(skeleton)?;
    let search = search_text(&indexed);
    Ok(IncomingMessage {
        is_whole: false,
        head_digest: header.head_digest,
        ..incoming(&head.message, &indexed, header.digest, Some(body), Some(search))
    })
}

/// Prepares a message of which only the header was loaded because it is above the size limit.
pub(crate) fn prepare_header(message: &FetchedMessage) -> IncomingMessage {
    let indexed = parse_headers(&message.raw);
    let mut hasher = blake3::Hasher::new_derive_key("mailroom header-only message");
    hasher.update(&message.size.to_le_bytes());
    hasher.update(&message.raw);
    let search = search_text(&indexed);
    let digest = *hasher.finalize().as_bytes();
    IncomingMessage {
        is_whole: false,
        head_digest: (message.size > SMALL).then(|| head_digest(message.size, &message.raw)),
        ..incoming(message, &indexed, digest, None, Some(search))
    }
}

/// What a message is found by.
pub(crate) fn text_of(raw: &[u8], limits: &Limits) -> SearchText {
    search_text(&parse_for_index(raw, limits))
}

fn search_text(indexed: &IndexedMessage) -> SearchText {
    let headers = &indexed.headers;
    let recipients: Vec<Mailbox> = headers
        .to
        .iter()
        .chain(&headers.cc)
        .chain(&headers.bcc)
        .cloned()
        .collect();
    let files: Vec<&str> = indexed
        .attachments
        .iter()
        .map(|attachment| attachment.filename.as_str())
        .collect();
    SearchText {
        subject: fold_for_search(&headers.subject),
        sender: fold_for_search(&line(std::slice::from_ref(&sender(headers)))),
        recipients: fold_for_search(&line(&recipients)),
        body: fold_for_search(&indexed.text),
        files: fold_for_search(&files.join(" ")),
    }
}

fn sender(headers: &Headers) -> Mailbox {
    let sender = headers.from.first().or(headers.sender.first());
    sender.cloned().unwrap_or_default()
}

fn incoming(
    message: &FetchedMessage,
    indexed: &IndexedMessage,
    digest: [u8; 32],
    body: Option<CompressedBody>,
    search: Option<SearchText>,
) -> IncomingMessage {
    let headers = &indexed.headers;
    let keys = &indexed.thread;
    IncomingMessage {
        uid: message.uid,
        flags: message.flags.clone(),
        modseq: message.modseq,
        internal_at: message.internal_date,
        digest,
        content_id: message.content_id.clone(),
        head_digest: None,
        body,
        is_whole: true,
        size: message.size,
        subject: headers.subject.clone(),
        to_line: line_of(headers),
        sent_at: headers.date,
        rfc_message_id: keys.own.clone(),
        references: keys.references.clone(),
        base_subject: keys.base_subject.clone(),
        has_reply_mark: keys.has_reply_mark,
        preview: indexed.preview.clone(),
        list_id: headers.list_id.clone(),
        attachments: indexed
            .attachments
            .iter()
            .map(|attachment| NewAttachment {
                part: attachment.part.clone(),
                filename: attachment.filename.clone(),
                content_type: attachment.content_type.clone(),
                size: attachment.size,
                content_id: attachment.content_id.clone(),
                is_inline: attachment.inline,
            })
            .collect(),
        search,
        people: people_of(headers),
        from: sender(headers),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_show_the_same_of_a_long_message_as_of_its_beginning() {
        let long = "Good morning, here is the plan. ".repeat(2000);
        let style = format!("<style>{}</style>", "p { color: red } ".repeat(10_000));
        for (content_type, body) in [
            ("text/plain", long.clone()),
            ("text/plain", format!("{}{long}", "\r\n".repeat(20_000))),
            ("text/html", format!("<p>{long}</p>")),
            ("text/html", format!("{style}<p>{long}</p>")),
            ("text/html", style.clone()),
            ("text/plain", String::new()),
        ] {
            let raw = format!("Subject: Plan\r\nContent-Type: {content_type}\r\n\r\n{body}");
            let whole = parse_for_index(raw.as_bytes(), &Limits::default());
            let list = parse_for_list(raw.as_bytes(), &Limits::default());
            assert_eq!(list.preview, whole.preview);
            assert_eq!(list.headers, whole.headers);
            assert_eq!(list.attachments, whole.attachments);
        }
    }
}
