//! Who may come in: decided from a request's head.

use std::net::SocketAddr;

use axum::http::{HeaderMap, Method, Uri, header};

/// Why a request is turned away.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// It was sent to another name: a page elsewhere may have made this machine's address its own.
    Host,
    /// A page of another site sent it.
    Origin,
    /// It has a body that is not JSON, as a form on any page could send.
    ContentType,
    /// It has no session, or not this one; or the link was used already.
    Session,
    /// Its body is longer than the door takes.
    Size,
}

impl Refusal {
    /// The word on the wire.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Host => "host",
            Self::Origin => "origin",
            Self::ContentType => "content_type",
            Self::Session => "session",
            Self::Size => "size",
        }
    }
}

/// Checks what every request has to show: that it means this door, and that no foreign page made it.
///
/// A browser sends `Origin` with every request that a script makes to another site (Fetch, section 3.2); programs that
/// are no browsers send none.
pub(crate) fn check(method: &Method, uri: &Uri, headers: &HeaderMap, own: SocketAddr) -> Result<(), Refusal> {
    let own = own.to_string();
    if only(headers, header::HOST) != Some(own.as_str()) || uri.authority().is_some_and(|named| *named != own)
    {
        return Err(Refusal::Host);
    }
    let is_own = |origin: &str| origin.strip_prefix("http://") == Some(own.as_str());
    if headers.contains_key(header::ORIGIN) && !only(headers, header::ORIGIN).is_some_and(is_own) {
        return Err(Refusal::Origin);
    }
    if method == Method::POST && !only(headers, header::CONTENT_TYPE).is_some_and(is_json) {
        return Err(Refusal::ContentType);
    }
    Ok(())
}

/// The value of a header that stands there once.
pub(crate) fn only(headers: &HeaderMap, name: header::HeaderName) -> Option<&str> {
    let mut values = headers.get_all(name).iter();
    match (values.next(), values.next()) {
        (Some(value), None) => value.to_str().ok(),
        _ => None,
    }
}

fn is_json(content_type: &str) -> bool {
    let kind = content_type.split(';').next().unwrap_or_default();
    kind.trim().eq_ignore_ascii_case("application/json")
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    fn verdict(method: &Method, uri: &str, fields: &[(&'static str, &str)]) -> Result<(), Refusal> {
        let mut headers = HeaderMap::new();
        for (name, value) in fields {
            headers.append(*name, HeaderValue::from_str(value).unwrap());
        }
        check(
            method,
            &uri.parse().unwrap(),
            &headers,
            "127.0.0.1:4000".parse().unwrap(),
        )
    }

    #[test]
    fn host_is_the_bound_address_and_nothing_else() {
        let cases = [
            ("127.0.0.1:4000", true),
            ("localhost:4000", false),
            ("127.0.0.1", false),
            ("127.0.0.1:4001", false),
            ("127.0.0.1:4000.evil.example", false),
            ("evil.example:4000", false),
            ("[::1]:4000", false),
            ("", false),
        ];
        for (host, is_taken) in cases {
            let expected = if is_taken { Ok(()) } else { Err(Refusal::Host) };
            assert_eq!(
                verdict(&Method::GET, "/", &[("host", host)]),
                expected,
                "{host:?}"
            );
        }
        assert_eq!(verdict(&Method::GET, "/", &[]), Err(Refusal::Host));
        let twice = [("host", "127.0.0.1:4000"), ("host", "127.0.0.1:4000")];
        assert_eq!(verdict(&Method::GET, "/", &twice), Err(Refusal::Host));
        let one = [("host", "127.0.0.1:4000")];
        assert_eq!(
            verdict(&Method::GET, "http://evil.example/", &one),
            Err(Refusal::Host)
        );
        assert_eq!(verdict(&Method::GET, "http://127.0.0.1:4000/", &one), Ok(()));
    }

    #[test]
    fn origin_is_this_door_or_absent() {
        for (origin, is_taken) in [
            ("http://127.0.0.1:4000", true),
            ("https://127.0.0.1:4000", false),
            ("http://127.0.0.1:4001", false),
            ("http://localhost:4000", false),
            ("http://127.0.0.1:4000/", false),
            ("https://evil.example", false),
            ("null", false),
            ("", false),
        ] {
            let expected = if is_taken { Ok(()) } else { Err(Refusal::Origin) };
            let fields = [("host", "127.0.0.1:4000"), ("origin", origin)];
            assert_eq!(verdict(&Method::GET, "/events", &fields), expected, "{origin:?}");
        }
    }

    #[test]
    fn body_is_announced_as_json() {
        for (kind, is_taken) in [
            ("application/json", true),
            ("Application/JSON; charset=utf-8", true),
            ("application/x-www-form-urlencoded", false),
            ("multipart/form-data; boundary=application/json", false),
            ("text/plain", false),
            ("text/plain; application/json", false),
            ("application/jsonp", false),
        ] {
            let expected = if is_taken {
                Ok(())
            } else {
                Err(Refusal::ContentType)
            };
            let fields = [("host", "127.0.0.1:4000"), ("content-type", kind)];
            assert_eq!(verdict(&Method::POST, "/session", &fields), expected, "{kind:?}");
        }
        let none = [("host", "127.0.0.1:4000")];
        assert_eq!(
            verdict(&Method::POST, "/session", &none),
            Err(Refusal::ContentType)
        );
    }
}
