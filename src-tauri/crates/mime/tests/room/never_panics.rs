use mailroom_mime::{
    Limits, attachment_bytes, base_subject, fold_for_search, html_to_text, parse, parse_for_index,
    parse_headers,
};
use proptest::prelude::*;

use crate::samples::EVERY;

/// Reads a message in every way, and checks what must hold of any message.
fn read_all(raw: &[u8]) {
    let small = Limits {
        max_depth: 2,
        max_parts: 3,
        max_text_bytes: 40,
        max_html_bytes: 60,
        max_headers: 4,
        max_header_bytes: 30,
        max_mailboxes: 2,
        max_preview_bytes: 10,
    };
    parse(raw, &small);
    parse_for_index(raw, &small);
    parse_headers(raw);
    let limits = Limits::default();
    let full = parse(raw, &limits);
    let indexed = parse_for_index(raw, &limits);
    assert_eq!(indexed.headers, full.headers);
    assert_eq!(indexed.text, full.text);
    assert_eq!(indexed.attachments, full.attachments);
    for info in &full.attachments {
        assert!(!info.filename.is_empty() && !info.filename.contains(['/', '\\', '\0', '\n']));
        let bytes = attachment_bytes(raw, &info.part).expect("a listed attachment is there");
        assert_eq!(bytes.len() as u64, info.size);
    }
}

/// Pieces that make a random text look like a message.
fn fragments() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        4 => prop::sample::select(vec![
            "Content-Type: ", "multipart/mixed; boundary=b", "text/html", "text/plain; charset=", "utf-7", "koi8-r", "message/rfc822",
            "Content-Transfer-Encoding: ", "base64", "quoted-printable", "x-uuencode", "Content-Disposition: attachment; ",
            "filename*0*=utf-8''%C5", "filename=\"", "From: ", "To: ", "Subject: ", "Date: ", "References: ", "=?utf-8?B?", "?=",
            "\r\n", "\n", "\n\n", "\r", "--b", "--b--", "--", "<", ">", "(", ")", "\"", ";", ":", ",", "@", "=", "begin 644 x\n", "#0V%T\n",
            "end\n", "<p>", "<a href=", "<table><td>", "<style>", "</", "<!--", "&#", "+AGE", "Re: ", "[x]", "\u{301}", "й",
        ]).prop_map(|piece| piece.as_bytes().to_vec()),
        1 => prop::collection::vec(any::<u8>(), 0..12),
    ];
    prop::collection::vec(piece, 0..60).prop_map(|pieces| pieces.concat())
}

/// A real message with bytes changed, cut out and doubled.
fn mutated() -> impl Strategy<Value = Vec<u8>> {
    let change = (any::<prop::sample::Index>(), 0..4_u8, any::<u8>(), 1..40_usize);
    (
        prop::sample::select(EVERY.to_vec()),
        prop::collection::vec(change, 1..12),
    )
        .prop_map(|((_, raw), changes)| {
            let mut raw = raw.to_vec();
            for (at, kind, byte, length) in changes {
                if raw.is_empty() {
                    break;
                }
                let at = at.index(raw.len());
                let end = (at + length).min(raw.len());
                match kind {
                    0 => raw[at] = byte,
                    1 => drop(raw.drain(at..end)),
                    2 => {
                        let doubled = raw[at..end].to_vec();
                        raw.splice(at..at, doubled);
                    }
                    _ => raw.truncate(raw.len() - length.min(raw.len())),
                }
            }
            raw
        })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn any_bytes_are_a_message(raw in prop::collection::vec(any::<u8>(), 0..600)) {
        read_all(&raw);
    }

    #[test]
    fn anything_like_a_message_is_a_message(raw in fragments()) {
        read_all(&raw);
    }

    #[test]
    fn damaged_message_is_a_message(raw in mutated()) {
        read_all(&raw);
    }

    #[test]
    fn any_text_is_html_a_subject_and_searchable(text in "\\PC{0,200}") {
        html_to_text(&text);
        base_subject(&text);
        let folded = fold_for_search(&text);
        prop_assert_eq!(fold_for_search(&folded), folded);
    }
}
