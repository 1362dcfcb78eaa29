//! As much of HTTP/1.1 as one answer from a browser needs.

use std::io;

use tokio::io::AsyncReadExt as _;
use tokio::net::TcpStream;

/// The longest request head, in bytes.
const HEAD_LIMIT: usize = 8 * 1024;

/// What a connection sent.
pub(super) enum Head {
    Complete(Vec<u8>),
    TooLong,
    Closed,
}

/// Reads up to the empty line that ends a request head.
pub(super) async fn read_head(stream: &mut TcpStream) -> io::Result<Head> {
    let mut head = Vec::with_capacity(2048);
    let mut chunk = [0_u8; 2048];
    loop {
        let count = stream.read(&mut chunk).await?;
        if count == 0 {
            return Ok(Head::Closed);
        }
        head.extend_from_slice(chunk.get(..count).unwrap_or_default());
        if let Some(end) = head.windows(4).position(|window| window == b"\r\n\r\n") {
            head.truncate(end);
            return Ok(if end > HEAD_LIMIT {
                Head::TooLong
            } else {
                Head::Complete(head)
            });
        }
        if head.len() > HEAD_LIMIT {
            return Ok(Head::TooLong);
        }
    }
}

/// Method, target and host of an HTTP/1 request (RFC 9112 §3, RFC 9110 §7.2: one `Host`, no more).
pub(super) fn request_parts(head: &str) -> Option<(&str, &str, &str)> {
    let mut lines = head.split("\r\n");
    let mut words = lines.next()?.split(' ');
    let (method, target, version) = (words.next()?, words.next()?, words.next()?);
    if words.next().is_some() || !version.starts_with("HTTP/1.") || !target.starts_with('/') {
        return None;
    }
    let mut hosts = lines
        .filter_map(|line| line.split_once(':'))
        .filter(|(name, _)| name.eq_ignore_ascii_case("host"))
        .map(|(_, value)| value.trim());
    let host = hosts.next()?;
    hosts.next().is_none().then_some((method, target, host))
}

/// A reply without a page.
pub(super) fn bare(status: u16, reason: &str) -> Vec<u8> {
    reply(status, reason, "")
}

fn reply(status: u16, reason: &str, body: &str) -> Vec<u8> {
    format!(
        "HTTP/1.1 {status} {reason}\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: {}\r\n\
         Connection: close\r\nCache-Control: no-store\r\nReferrer-Policy: no-referrer\r\n\
         X-Content-Type-Options: nosniff\r\n\
         Content-Security-Policy: default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'\r\n\
         \r\n{body}",
        body.len()
    )
    .into_bytes()
}

fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            c => escaped.push(c),
        }
    }
    escaped
}

/// A small page without scripts, styles or links.
pub(super) fn page(status: u16, reason: &str, language: &str, title: &str, text: &str) -> Vec<u8> {
    let (language, title, text) = (escape(language), escape(title), escape(text));
    reply(
        status,
        reason,
        &format!(
            "<!doctype html>\n<html lang=\"{language}\"><head><meta charset=\"utf-8\">\
                 <meta name=\"color-scheme\" content=\"light dark\">\
                 <meta name=\"viewport\" content=\"width=device-width\"><title>{title}</title></head>\
                 <body><h1>{title}</h1><p>{text}</p></body></html>\n"
        ),
    )
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn request_head_is_understood_or_refused() {
        let cases = [
            ("GET /a?b HTTP/1.1\r\nHost: x:1", Some(("GET", "/a?b", "x:1"))),
            ("POST / HTTP/1.0\r\nA: b\r\nhost:x", Some(("POST", "/", "x"))),
            ("GET /a HTTP/1.1", None),
            ("GET /a HTTP/2\r\nHost: x", None),
            ("GET /a b HTTP/1.1\r\nHost: x", None),
            ("GET x HTTP/1.1\r\nHost: x", None),
            ("GET / HTTP/1.1\r\nHost: x\r\nHost: x", None),
            ("", None),
        ];
        for (head, expected) in cases {
            assert_eq!(request_parts(head), expected, "{head:?}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(128))]
        #[test]
        fn request_head_of_any_text_never_panics(head in "(GET |/| HTTP/1.1|\r\n|Host:|[^a]){0,12}") {
            request_parts(&head);
        }
    }
}
