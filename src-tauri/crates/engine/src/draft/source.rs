//! What drafts are made of: the parts of messages that go over into them.

use mailroom_mime::{ParsedMessage, attachment_bytes, plain_as_html, quoted};
use mailroom_model::{Mailbox, UnixMillis};
use mailroom_store::NewDraftFile;

use super::mailto::decode;
use super::recipients::{Correspondence, list_post};

/// The message that is answered or passed on, for the page to write "On … wrote" and what follows in the person's words.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DraftQuote {
    /// Who wrote it.
    pub from: Vec<Mailbox>,
    /// To whom.
    pub to: Vec<Mailbox>,
    /// With copies to whom.
    pub cc: Vec<Mailbox>,
    /// When.
    pub date: Option<UnixMillis>,
    /// Its subject.
    pub subject: String,
    /// Its HTML, made safe, or its text as HTML.
    pub html: String,
    /// Its text.
    pub text: String,
    /// Its text with `> ` in front of each line.
    pub quoted: String,
}

pub(super) fn quote(parsed: &ParsedMessage, received_at: UnixMillis) -> DraftQuote {
    let headers = &parsed.headers;
    DraftQuote {
        from: headers.from.clone(),
        to: headers.to.clone(),
        cc: headers.cc.clone(),
        date: headers.date.or(Some(received_at)),
        subject: headers.subject.clone(),
        html: match &parsed.html {
            Some(safe) => safe.html.clone(),
            None => plain_as_html(&parsed.text),
        },
        text: parsed.text.clone(),
        quoted: quoted(&parsed.text),
    }
}

pub(super) fn correspondence(parsed: &ParsedMessage) -> Correspondence {
    let field = |wanted: &'static str| {
        parsed
            .raw_headers
            .iter()
            .filter(move |(name, _)| name.eq_ignore_ascii_case(wanted))
            .map(|(_, value)| value.trim())
    };
    let delivered = ["delivered-to", "x-original-to", "envelope-to"];
    let headers = &parsed.headers;
    Correspondence {
        from: headers.from.clone(),
        reply_to: headers.reply_to.clone(),
        to: headers.to.clone(),
        cc: headers.cc.clone(),
        bcc: headers.bcc.clone(),
        list_post: field("list-post").find_map(list_post),
        delivered_to: delivered
            .into_iter()
            .flat_map(field)
            .map(|value| value.trim_matches(['<', '>']).to_owned())
            .collect(),
    }
}

/// The References of an answer to a message (RFC 5322 §3.6.4).
pub(super) fn references(parsed: &ParsedMessage) -> Vec<String> {
    let headers = &parsed.headers;
    let mut ids = match (headers.references.as_slice(), headers.in_reply_to.as_slice()) {
        ([], [only]) => vec![only.clone()],
        (references, _) => references.to_vec(),
    };
    ids.extend(headers.message_id.clone());
    ids
}

/// Files of a message that go over into a draft: the pictures of its HTML and, with `every`, what is attached.
pub(super) fn files(raw: &[u8], parsed: &ParsedMessage, every: bool) -> Vec<NewDraftFile> {
    let html = parsed.html.as_ref().map_or("", |safe| safe.html.as_str());
    let mut files = Vec::new();
    for attachment in &parsed.attachments {
        let content_id = attachment.content_id.clone().unwrap_or_default();
        let is_inline = attachment.inline && refers_to(html, &content_id);
        if !is_inline && !every {
            continue;
        }
        if let Some(bytes) = attachment_bytes(raw, &attachment.part) {
            files.push(NewDraftFile {
                filename: attachment.filename.clone(),
                content_type: attachment.content_type.clone(),
                content_id,
                is_inline,
                bytes,
            });
        }
    }
    files
}

/// True when the HTML shows the picture with this Content-ID (RFC 2392 §2).
pub(super) fn refers_to(html: &str, content_id: &str) -> bool {
    !content_id.is_empty()
        && html.match_indices("cid:").any(|(at, mark)| {
            let rest = html.get(at + mark.len()..).unwrap_or_default();
            let end = rest.find(['"', '\'', ')', '>', ' ', '&']).unwrap_or(rest.len());
            let name = rest.get(..end).unwrap_or_default();
            name == content_id
                || decode(name) == content_id
                || content_id.strip_prefix(name).is_some_and(
                    // A reference in the name, written as HTML wants it.
                    |tail| tail.starts_with('&') && rest.starts_with(&content_id.replace('&', "&amp;")),
                )
        })
}

#[cfg(test)]
mod tests {
    use mailroom_mime::{Limits, parse};

    use super::*;

    #[test]
    fn pictures_of_the_text_are_found() {
        let html = "<img src=\"cid:a@x\"><img src='cid:b%40x'><div style=\"background:url(cid:c)\"><img src=\"cid:d&amp;e\">";
        for (id, found) in [
            ("a@x", true),
            ("b@x", true),
            ("c", true),
            ("d&e", true),
            ("a", false),
            ("z", false),
            ("", false),
        ] {
            assert_eq!(refers_to(html, id), found, "{id}");
        }
    }

    #[test]
    fn references_follow_the_standard() {
        let cases = [
            ("", "m"),
            ("In-Reply-To: <a>\r\n", "a m"),
            ("In-Reply-To: <a> <b>\r\n", "m"),
            ("References: <a> <b>\r\nIn-Reply-To: <b>\r\n", "a b m"),
        ];
        for (fields, expected) in cases {
            let raw = format!("Message-ID: <m>\r\n{fields}\r\n");
            let parsed = parse(raw.as_bytes(), &Limits::default());
            assert_eq!(references(&parsed).join(" "), expected, "{fields}");
        }
    }
}
