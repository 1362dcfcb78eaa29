//! The form in which a message may travel.

/// Why bytes cannot become a message on a server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoMessage {
    /// There are none.
    Empty,
    /// A byte 0 stands in it, which IMAP's literals may not hold (RFC 3501 §9, CHAR8).
    HasNul,
}

/// A message with every line ended by CRLF, as servers want it (RFC 5322 §2.3): a bare LF gets its CR, and everything else
/// stays, bare CRs included. What has that form already is handed through untouched.
pub fn wire_form(raw: Vec<u8>) -> Result<Vec<u8>, NoMessage> {
    if raw.is_empty() {
        return Err(NoMessage::Empty);
    }
    if memchr::memchr(0, &raw).is_some() {
        return Err(NoMessage::HasNul);
    }
    let mut bare = 0;
    for at in memchr::memchr_iter(b'\n', &raw) {
        bare += usize::from(at.checked_sub(1).and_then(|before| raw.get(before)) != Some(&b'\r'));
    }
    if bare == 0 {
        return Ok(raw);
    }
    let mut result = Vec::with_capacity(raw.len() + bare);
    for line in raw.split_inclusive(|byte| *byte == b'\n') {
        match line.strip_suffix(b"\n") {
            Some(rest) if !rest.ends_with(b"\r") => {
                result.extend_from_slice(rest);
                result.extend_from_slice(b"\r\n");
            }
            _ => result.extend_from_slice(line),
        }
    }
    Ok(result)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_end_as_servers_want() {
        let cases: [(&[u8], Result<&[u8], NoMessage>); 7] = [
            (b"a\r\nb\r\n", Ok(b"a\r\nb\r\n")),
            (b"a\nb\n", Ok(b"a\r\nb\r\n")),
            (b"a\nb\r\nc\n\n", Ok(b"a\r\nb\r\nc\r\n\r\n")),
            (b"a\rb\xff", Ok(b"a\rb\xff")),
            (b"\n", Ok(b"\r\n")),
            (b"", Err(NoMessage::Empty)),
            (b"a\0b", Err(NoMessage::HasNul)),
        ];
        for (raw, expected) in cases {
            assert_eq!(wire_form(raw.to_vec()), expected.map(<[u8]>::to_vec), "{raw:?}");
        }
    }
}
