//! A very small HTTP client for plain `http://` on loopback: no redirects, no cookies, one connection per request.

use std::fmt::Write as _;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{TcpStream, ToSocketAddrs};
use std::time::Duration;

use url::Url;

/// What a server answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Response {
    /// The status code.
    pub status: u16,
    /// The headers in order, names in lower case.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
}

impl Response {
    /// The first header of this name (in lower case).
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(header, _)| header == name)
            .map(|(_, value)| value.as_str())
    }

    /// The body as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The body as JSON; null when it is none.
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }
}

/// Asks for a page.
pub fn get(url: &Url, headers: &[(&str, &str)]) -> io::Result<Response> {
    send("GET", url, headers, b"")
}

/// Sends a form (`application/x-www-form-urlencoded`).
pub fn post_form(url: &Url, headers: &[(&str, &str)], fields: &[(&str, &str)]) -> io::Result<Response> {
    let body = url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs(fields)
        .finish();
    let mut all = vec![("Content-Type", "application/x-www-form-urlencoded")];
    all.extend_from_slice(headers);
    send("POST", url, &all, body.as_bytes())
}

/// Sends a JSON document.
pub fn post_json(url: &Url, document: &serde_json::Value) -> io::Result<Response> {
    send(
        "POST",
        url,
        &[("Content-Type", "application/json")],
        document.to_string().as_bytes(),
    )
}

fn send(method: &str, url: &Url, headers: &[(&str, &str)], body: &[u8]) -> io::Result<Response> {
    let (Some(host), Some(port), "http") = (url.host_str(), url.port_or_known_default(), url.scheme()) else {
        return Err(io::Error::new(
            io::ErrorKind::InvalidInput,
            "only http:// addresses with a host",
        ));
    };
    let target = match url.query() {
        Some(query) => format!("{}?{query}", url.path()),
        None => url.path().to_owned(),
    };
    let mut request = format!("{method} {target} HTTP/1.1\r\nHost: {host}:{port}\r\nConnection: close\r\n");
    for (name, value) in headers {
        let _ = write!(request, "{name}: {value}\r\n");
    }
    if method != "GET" {
        let _ = write!(request, "Content-Length: {}\r\n", body.len());
    }
    request.push_str("\r\n");
    let address = (host.trim_matches(['[', ']']), port)
        .to_socket_addrs()?
        .next()
        .ok_or_else(|| io::Error::from(io::ErrorKind::AddrNotAvailable))?;
    let mut stream = TcpStream::connect_timeout(&address, Duration::from_secs(5))?;
    stream.set_read_timeout(Some(Duration::from_secs(20)))?;
    stream.write_all(&[request.as_bytes(), body].concat())?;
    read_response(BufReader::new(stream))
}

fn read_response(mut stream: impl BufRead) -> io::Result<Response> {
    let nonsense = |what| io::Error::new(io::ErrorKind::InvalidData, what);
    let mut line = String::new();
    stream.read_line(&mut line)?;
    let status = line
        .strip_prefix("HTTP/1.")
        .and_then(|rest| rest.get(2..5))
        .and_then(|code| code.parse().ok())
        .ok_or_else(|| nonsense("no HTTP status line"))?;
    let mut headers = Vec::new();
    loop {
        line.clear();
        if stream.read_line(&mut line)? == 0 {
            return Err(nonsense("headers without an end"));
        }
        let Some((name, value)) = line.trim_end().split_once(':') else {
            break;
        };
        headers.push((name.to_ascii_lowercase(), value.trim().to_owned()));
    }
    let mut response = Response {
        status,
        headers,
        body: Vec::new(),
    };
    let chunked = response
        .header("transfer-encoding")
        .is_some_and(|value| value.eq_ignore_ascii_case("chunked"));
    if chunked {
        loop {
            line.clear();
            stream.read_line(&mut line)?;
            let size = line.trim().split(';').next().unwrap_or_default();
            let size = u64::from_str_radix(size, 16).map_err(|_| nonsense("no chunk size"))?;
            (&mut stream).take(size).read_to_end(&mut response.body)?;
            line.clear();
            stream.read_line(&mut line)?;
            if size == 0 {
                return Ok(response);
            }
        }
    }
    match response
        .header("content-length")
        .and_then(|length| length.parse().ok())
    {
        Some(length) => stream.take(length).read_to_end(&mut response.body)?,
        None => stream.read_to_end(&mut response.body)?,
    };
    Ok(response)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn response_bodies_end_by_length_chunks_or_close() {
        let cases: [(&[u8], &[u8]); 3] = [
            (b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabcd", b"abc"),
            (
                b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2;x=y\r\nde\r\n0\r\n\r\n",
                b"abcde",
            ),
            (b"HTTP/1.0 200 OK\r\n\r\nabcd", b"abcd"),
        ];
        for (bytes, body) in cases {
            let response = read_response(bytes).unwrap();
            assert_eq!((response.status, response.body.as_slice()), (200, body));
        }
        assert!(read_response(&b"220 smtp.example ESMTP\r\n"[..]).is_err());
    }
}
