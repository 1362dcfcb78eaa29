//! A message as DATA wants it. Pure.

use std::borrow::Cow;

/// Every line end is CRLF and the last line has none, because the end mark brings its own. Bare CR and LF must not
/// go out: servers disagree about what they mean, which is how mail is smuggled (CVE-2023-51764 and kin).
pub(super) fn canonical(raw: &[u8]) -> Cow<'_, [u8]> {
    let mut previous = 0;
    let mut bytes = raw.iter().copied().peekable();
    let mut is_clean = true;
    while let Some(byte) = bytes.next() {
        let is_bare = match byte {
            b'\n' => previous != b'\r',
            b'\r' => bytes.peek() != Some(&b'\n'),
            _ => false,
        };
        if is_bare {
            is_clean = false;
            break;
        }
        previous = byte;
    }
    if is_clean {
        return Cow::Borrowed(raw.strip_suffix(b"\r\n").unwrap_or(raw));
    }
    let mut message = Vec::with_capacity(raw.len() + raw.len() / 32);
    let mut bytes = raw.iter().copied().peekable();
    while let Some(byte) = bytes.next() {
        match byte {
            b'\r' => {
                if bytes.peek() == Some(&b'\n') {
                    bytes.next();
                }
                message.extend_from_slice(b"\r\n");
            }
            b'\n' => message.extend_from_slice(b"\r\n"),
            _ => message.push(byte),
        }
    }
    if message.ends_with(b"\r\n") {
        message.truncate(message.len() - 2);
    }
    Cow::Owned(message)
}

/// Bytes on the wire before the end mark: one more for each line that begins with a dot (RFC 5321 §4.5.2).
pub(super) fn stuffed_length(message: &[u8]) -> u64 {
    let starts = u64::from(message.first() == Some(&b'.'));
    let inside = message.windows(3).filter(|window| *window == b"\r\n.").count() as u64;
    message.len() as u64 + starts + inside
}

/// True when the header block holds bytes outside ASCII.
pub(super) fn header_is_eight_bit(message: &[u8]) -> bool {
    let end = message
        .windows(4)
        .position(|window| window == b"\r\n\r\n")
        .unwrap_or(message.len());
    message.get(..end).is_some_and(|header| !header.is_ascii())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn line_ends_become_crlf_and_the_last_is_left_out() {
        let cases: &[(&[u8], &[u8])] = &[
            (b"a\r\nb\r\n", b"a\r\nb"),
            (b"a\r\nb", b"a\r\nb"),
            (b"a\nb\n", b"a\r\nb"),
            (b"a\rb\r", b"a\r\nb"),
            (b"a\n.\nQUIT\r\n", b"a\r\n.\r\nQUIT"),
            (b"a\r\n.\rb", b"a\r\n.\r\nb"),
            (b"a\r\n\r\n", b"a\r\n"),
            (b"", b""),
        ];
        for (raw, expected) in cases {
            assert_eq!(&*canonical(raw), *expected, "{raw:?}");
        }
        assert!(matches!(canonical(b"a\r\nb\r\n"), Cow::Borrowed(_)));
    }

    #[test]
    fn stuffing_and_headers_are_counted() {
        assert_eq!(stuffed_length(b".a\r\n.\r\nb.\r\n..c"), 14 + 3);
        assert_eq!(stuffed_length(b""), 0);
        assert!(header_is_eight_bit("Subject: ż\r\n\r\nx".as_bytes()));
        assert!(!header_is_eight_bit("Subject: x\r\n\r\nż".as_bytes()));
    }
}
