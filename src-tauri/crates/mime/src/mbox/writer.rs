//! Writing.

use mailroom_model::UnixMillis;
use time::OffsetDateTime;

use super::is_quoted_from;
use crate::parse_headers;

/// Stands for a sender whom nobody knows, as mail servers write it.
const NOBODY: &str = "MAILER-DAEMON";

/// The line before a message, without its end: who sent it and when it was received, in UTC (RFC 4155, appendix A).
pub fn mbox_from_line(sender: &str, received_at: UnixMillis) -> String {
    const DAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
    const MONTHS: [&str; 12] = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ];
    let at = OffsetDateTime::from_unix_timestamp(received_at.seconds()).unwrap_or(OffsetDateTime::UNIX_EPOCH);
    let day = usize::from(at.weekday().number_days_from_monday());
    let month = usize::from(u8::from(at.month())) - 1;
    format!(
        "From {sender} {} {} {:2} {:02}:{:02}:{:02} {:04}",
        DAYS.get(day).copied().unwrap_or_default(),
        MONTHS.get(month).copied().unwrap_or_default(),
        at.day(),
        at.hour(),
        at.minute(),
        at.second(),
        at.year(),
    )
}

/// The envelope's sender of a message: what the last server wrote down (`Return-Path`, RFC 5321 §4.4), else the author.
pub fn envelope_sender(raw: &[u8]) -> String {
    let noted = raw
        .split_inclusive(|byte| *byte == b'\n')
        .take_while(|line| !super::is_blank(line))
        .find_map(|line| {
            let (name, value) = line.split_at_checked("return-path:".len())?;
            name.eq_ignore_ascii_case(b"return-path:").then_some(value)
        });
    let noted = noted.map(|value| {
        String::from_utf8_lossy(value)
            .trim()
            .trim_start_matches('<')
            .trim_end_matches('>')
            .to_owned()
    });
    let is_plain = |address: &String| {
        !address.is_empty() && !address.contains(|c: char| c.is_whitespace() || c.is_control())
    };
    noted
        .filter(is_plain)
        .or_else(|| {
            let headers = parse_headers(raw).headers;
            headers.from.into_iter().next().map(|from| from.address)
        })
        .filter(is_plain)
        .unwrap_or_else(|| NOBODY.to_owned())
}

/// An entry of the file in pieces, none of them copied: `from_line`, the message with every line that looks like a
/// beginning marked by one more `>` (the form called mboxrd, which can be undone), and a blank line. Lines end as those of
/// the message do. A message without an end of its last line gets one; its reader cannot tell.
pub fn mbox_pieces<'a>(from_line: &'a str, raw: &'a [u8]) -> impl Iterator<Item = &'a [u8]> {
    let first_end = raw.iter().position(|byte| *byte == b'\n');
    let is_dos = first_end.is_some_and(|end| end.checked_sub(1).and_then(|at| raw.get(at)) == Some(&b'\r'));
    let end: &[u8] = if is_dos { b"\r\n" } else { b"\n" };
    let is_open = !raw.is_empty() && !raw.ends_with(b"\n");
    let lines = raw.split_inclusive(|byte| *byte == b'\n').flat_map(|line| {
        let mark: &[u8] = if is_quoted_from(line) { b">" } else { b"" };
        [mark, line]
    });
    let close: &[u8] = if is_open { end } else { b"" };
    [from_line.as_bytes(), end]
        .into_iter()
        .chain(lines)
        .chain([close, end])
        .filter(|piece| !piece.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn beginning_names_sender_and_moment() {
        let at = UnixMillis(1_795_341_600_000);
        assert_eq!(
            mbox_from_line("a@x.pl", at),
            "From a@x.pl Sun Nov 22 10:00:00 2026"
        );
        let cases: [(&[u8], &str); 6] = [
            (b"Return-Path: <b@x.pl>\r\nFrom: a@x.pl\r\n\r\n", "b@x.pl"),
            (b"RETURN-PATH:b@x.pl\nFrom: a@x.pl\n\n", "b@x.pl"),
            (b"Return-Path: <>\r\nFrom: A <a@x.pl>\r\n\r\n", "a@x.pl"),
            (b"From: A <a@x.pl>\r\n\r\nReturn-Path: <b@x.pl>\r\n", "a@x.pl"),
            (b"Return-Path: <b c@x.pl>\r\n\r\n", "MAILER-DAEMON"),
            (b"", "MAILER-DAEMON"),
        ];
        for (raw, sender) in cases {
            assert_eq!(envelope_sender(raw), sender, "{}", String::from_utf8_lossy(raw));
        }
    }

    #[test]
    fn entry_marks_what_looks_like_a_beginning() {
        let text =
            |raw: &[u8]| String::from_utf8(mbox_pieces("From x", raw).collect::<Vec<_>>().concat()).unwrap();
        assert_eq!(
            text(b"A: 1\n\nFrom a\n>From b\nFromage\n"),
            "From x\nA: 1\n\n>From a\n>>From b\nFromage\n\n"
        );
        assert_eq!(text(b"A: 1\r\n\r\nx\r\n"), "From x\r\nA: 1\r\n\r\nx\r\n\r\n");
        assert_eq!(text(b"A: 1\r\n\r\nx"), "From x\r\nA: 1\r\n\r\nx\r\n\r\n");
        assert_eq!(text(b""), "From x\n\n");
    }
}
