use mailroom_mime::{
    Limits, MboxReader, attachment_bytes, base_subject, fold_for_search, html_to_text, mailbox_marks,
    maildir_flags, maildir_letters, parse, parse_for_index, parse_headers, read_maildir_keywords,
    split_maildir_name, write_maildir_keywords,
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

/// Pieces that make a random text look like a mailbox file of some program.
fn mailbox_file() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        4 => prop::sample::select(vec![
            "From ", "From - Mon Nov 23 10:00:00 2026\n", "From a@x Mon Nov 23 10:00:00 2026\n", "From \r\n", ">From ", ">>From x\n",
            "\n", "\r\n", "\n\n", "\r", "Content-Length: ", "0\n", "7\n", "60\n", "18446744073709551615\n", "-1\n", "Status: RO\n",
            "X-Status: AFTD\n", "X-Keywords: a b\n", "X-Mozilla-Status: ", "0009\n", "ffffffff\n", "zz\n", "X-Mozilla-Keys: $x\n",
            "Subject: x\n", "Date: ", "text\n", "ż",
        ]).prop_map(|piece| piece.as_bytes().to_vec()),
        1 => prop::collection::vec(any::<u8>(), 0..12),
        1 => (0..1500_usize).prop_map(|length| vec![b'x'; length]),
    ];
    prop::collection::vec(piece, 0..60).prop_map(|pieces| pieces.concat())
}

/// Reads a mailbox file in pieces, and checks what must hold of any.
fn read_mailbox(file: &[u8], piece: usize, limit: usize, believes: bool) {
    let mut reader = MboxReader::new(limit);
    if !believes {
        reader = reader.without_lengths();
    }
    let mut found = Vec::new();
    for line in file.split_inclusive(|byte| *byte == b'\n') {
        for part in line.chunks(piece) {
            reader.feed(part, &mut found);
        }
    }
    reader.finish(&mut found);
    let sizes: u64 = found.iter().map(|message| message.size).sum();
    assert!(sizes <= file.len() as u64, "more than there is");
    for message in found {
        assert!(message.raw.len() as u64 <= message.size);
        // A line is held whole, and one that may be a beginning is at most so long.
        assert!(
            message.raw.len() <= limit + 1000 + piece,
            "more than the limit is held"
        );
        let marks = mailbox_marks(&message.raw);
        assert!(marks.is_told || marks.flags.to_imap().is_empty());
    }
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
    fn any_bytes_are_a_mailbox_file(
        file in mailbox_file(),
        piece in 1..2000_usize,
        limit in 0..4000_usize,
        believes in any::<bool>(),
    ) {
        read_mailbox(&file, piece, limit, believes);
    }

    #[test]
    fn any_text_is_a_name_in_a_maildir_and_a_list_of_keywords(
        name in "\\PC{0,20}([:;!]2,)?[a-zA-Zż]{0,8}",
        list in "([0-9-]{0,22} ?\\PC{0,9}\n?){0,40}",
    ) {
        let (base, letters) = split_maildir_name(&name);
        prop_assert!(name.starts_with(base) && name.ends_with(letters));
        let keywords = read_maildir_keywords(&list);
        prop_assert_eq!(keywords.len(), 26);
        let flags = maildir_flags(letters, &keywords);
        let again = maildir_letters(&flags, &keywords);
        prop_assert_eq!(maildir_flags(&again, &keywords), flags);
        let words: Vec<String> = keywords.iter().map(|word| word.trim().to_owned()).collect();
        prop_assert_eq!(read_maildir_keywords(&write_maildir_keywords(&words)), words);
    }

    #[test]
    fn any_text_is_html_a_subject_and_searchable(text in "\\PC{0,200}") {
        html_to_text(&text);
        base_subject(&text);
        let folded = fold_for_search(&text);
        prop_assert_eq!(fold_for_search(&folded), folded);
    }
}
