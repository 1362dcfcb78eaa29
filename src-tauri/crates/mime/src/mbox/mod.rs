//! Mail in one file, message after message (RFC 4155, and the older habits around it): what begins a message, how its
//! text is kept from looking like a beginning, and what the file says about it.

mod marks;
mod reader;
mod writer;

pub(crate) use marks::is_keyword;
pub use marks::{MailboxMarks, mailbox_marks};
pub use reader::{MboxMessage, MboxReader};
pub use writer::{envelope_sender, mbox_from_line, mbox_pieces};

/// How every message of the file begins.
const FROM: &[u8] = b"From ";

/// The line with `>` in front of it taken away one by one until `From ` shows: true when it does.
fn is_quoted_from(line: &[u8]) -> bool {
    let quotes = line.iter().take_while(|byte| **byte == b'>').count();
    line.get(quotes..).is_some_and(|rest| rest.starts_with(FROM))
}

/// True for a line of nothing.
fn is_blank(line: &[u8]) -> bool {
    matches!(line, b"\n" | b"\r\n")
}

#[cfg(test)]
mod tests {
    use mailroom_model::UnixMillis;
    use proptest::prelude::*;

    use super::*;

    fn written(messages: &[&[u8]]) -> Vec<u8> {
        let mut file = Vec::new();
        for raw in messages {
            let line = mbox_from_line("anna@example.com", UnixMillis(1_795_341_600_000));
            for piece in mbox_pieces(&line, raw) {
                file.extend_from_slice(piece);
            }
        }
        file
    }

    fn read_in(file: &[u8], piece: usize, limit: usize) -> Vec<MboxMessage> {
        let mut reader = MboxReader::new(limit);
        let mut found = Vec::new();
        for line in file.split_inclusive(|byte| *byte == b'\n') {
            for part in line.chunks(piece.max(1)) {
                reader.feed(part, &mut found);
            }
        }
        reader.finish(&mut found);
        found
    }

    fn read(file: &[u8]) -> Vec<Vec<u8>> {
        read_in(file, 4096, 1 << 20)
            .into_iter()
            .map(|message| message.raw)
            .collect()
    }

    #[test]
    fn mbox_gives_back_every_byte_that_went_in() {
        let messages: [&[u8]; 7] = [
            b"Subject: a\r\n\r\nFrom here on\r\n>From there\r\n>>From everywhere\r\n",
            b"Subject: b\n\nplain line ends\n",
            b"Subject: c\r\n\r\nends with blank lines\r\n\r\n\r\n",
            b"Subject: d\r\n\r\nFrom anna@x.pl Mon Nov 23 10:00:00 2026\r\n",
            b"Subject: e\r\n\r\n\xff\xfe 8 bit \xc5\xbc\r\nbare\nlf\r\n",
            b"\r\nbody without a header\r\n",
            b"Content-Length: 99999\r\n\r\nless than it says\r\n",
        ];
        let file = written(&messages);
        let found = read_in(&file, 3, 1 << 20);
        assert_eq!(found.len(), messages.len());
        for (found, raw) in found.iter().zip(messages) {
            assert_eq!(found.raw, raw, "{}", String::from_utf8_lossy(raw));
            assert_eq!(found.sender, "anna@example.com");
            assert_eq!(found.received_at, Some(UnixMillis(1_795_341_600_000)));
            assert!(!found.is_cut);
        }
    }

    #[test]
    fn foreign_mailbox_files_are_read_as_their_writers_meant() {
        let cases: [(&str, &str, &[&str]); 10] = [
            ("empty", "", &[]),
            (
                "no mailbox",
                "Subject: x\n\nFrom a Mon Nov 23 10:00:00 2026\n",
                &[],
            ),
            (
                "mboxo",
                "From a@x Mon Nov 23 10:00:00 2026\nA: 1\n\n>From me\n\nFrom b@x Mon Nov 23 10:00:00 2026\nB: 2\n\ny\n\n",
                &["A: 1\n\nFrom me\n", "B: 2\n\ny\n"],
            ),
            (
                "an unquoted sentence",
                "From a@x Mon Nov 23 10:00:00 2026\nA: 1\n\nx\n\nFrom now on all is well\n",
                &["A: 1\n\nx\n\nFrom now on all is well\n"],
            ),
            (
                "mboxcl2: the length counts, nothing is quoted",
                "From a@x Mon Nov 23 10:00:00 2026\nContent-Length: 45\n\nx\n\nFrom z@x Mon Nov 23 10:00:00 2026\n>From q\n\nFrom b@x Mon Nov 23 10:00:00 2026\nB: 2\n\ny\n",
                &[
                    "Content-Length: 45\n\nx\n\nFrom z@x Mon Nov 23 10:00:00 2026\n>From q\n",
                    "B: 2\n\ny\n",
                ],
            ),
            (
                "a length that is wrong",
                "From a@x Mon Nov 23 10:00:00 2026\nContent-Length: 900\n\nx\n\nFrom b@x Mon Nov 23 10:00:00 2026\nB: 2\n\ny\n\nFrom c@x Mon Nov 23 10:00:00 2026\nC: 3\n\nz\n",
                &["Content-Length: 900\n\nx\n", "B: 2\n\ny\n", "C: 3\n\nz\n"],
            ),
            (
                "Thunderbird",
                "From - Mon Nov 23 10:00:00 2026\r\nA: 1\r\n\r\nx\r\n\r\nFrom \r\nB: 2\r\n\r\ny\r\n\r\n",
                &["A: 1\r\n\r\nx\r\n", "B: 2\r\n\r\ny\r\n"],
            ),
            (
                "Takeout",
                "From 1792@xxx Mon Nov 23 10:00:00 +0000 2026\r\nA: 1\r\n\r\nx\r\n\r\nFrom 1793@xxx Mon Nov 23 10:00:00 +0000 2026\r\nB: 2\r\n\r\ny",
                &["A: 1\r\n\r\nx\r\n", "B: 2\r\n\r\ny"],
            ),
            (
                "blank lines before the first",
                "\n\nFrom a@x Mon Nov 23 10:00:00 2026\nA: 1\n\nx\n",
                &["A: 1\n\nx\n"],
            ),
            (
                "a message of nothing",
                "From a@x Mon Nov 23 10:00:00 2026\n\nFrom b@x Mon Nov 23 10:00:00 2026\nB: 2\n\ny\n",
                &["", "B: 2\n\ny\n"],
            ),
        ];
        for (what, file, expected) in cases {
            for piece in [1, 4096] {
                let found: Vec<String> = read_in(file.as_bytes(), piece, 1 << 20)
                    .into_iter()
                    .map(|message| String::from_utf8(message.raw).unwrap())
                    .collect();
                assert_eq!(found, expected, "{what}");
            }
        }
    }

    #[test]
    fn message_above_the_limit_is_counted_and_not_held() {
        let long = [b"A: 1\n\n".as_slice(), &b"0123456789".repeat(100), b"\n"].concat();
        let found = read_in(&written(&[&long, b"B: 2\n\ny\n"]), 7, 64);
        assert_eq!(found.len(), 2);
        assert!(found[0].is_cut && found[0].raw.len() < 1100);
        assert_eq!(found[0].size, long.len() as u64 + 1);
        assert_eq!(found[1].raw, b"B: 2\n\ny\n");
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(200))]

        #[test]
        fn mbox_reader_never_fails_and_pieces_do_not_matter(
            file in prop::collection::vec(prop::sample::select(vec![
                "From ", "From a@x Mon Nov 23 10:00:00 2026", ">From ", "\n", "\r\n", "\n\n", "Content-Length: ", "7", "40", "Subject: x",
                "-", " ", "\u{0}", "ż", "text",
            ]), 0..80),
            piece in 1_usize..9,
        ) {
            let file = file.concat().into_bytes();
            let whole = read(&file);
            let parts: Vec<Vec<u8>> = read_in(&file, piece, 1 << 20).into_iter().map(|message| message.raw).collect();
            prop_assert_eq!(whole, parts);
        }

        #[test]
        fn what_is_written_is_read(bodies in prop::collection::vec("(From |>|\n|\r\n|a|ż){0,12}", 1..6)) {
            let messages: Vec<Vec<u8>> = bodies.iter().map(|body| format!("{body}\n").into_bytes()).collect();
            let slices: Vec<&[u8]> = messages.iter().map(Vec::as_slice).collect();
            prop_assert_eq!(read(&written(&slices)), messages);
        }
    }
}
