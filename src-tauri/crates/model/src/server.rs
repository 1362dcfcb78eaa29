//! Servers: host, port, security.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// How a connection is protected. There is no "plain": a password never crosses a network in the clear.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Security {
    /// TLS from the first byte (RFC 8314 §3, "implicit TLS").
    Tls,
    /// Plain greeting, then STARTTLS, which is required: without it the connection ends.
    StartTls,
}

impl Security {
    /// The name used on the wire of the API and in command lines: `tls` or `starttls`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Tls => "tls",
            Self::StartTls => "starttls",
        }
    }
}

impl fmt::Display for Security {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// One server address: host (name or IP literal, ASCII, lower case), TCP port, security.
///
/// The text form is `HOST:PORT:SECURITY`, an IPv6 literal in brackets: `[::1]:993:tls`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Endpoint {
    /// DNS name as A-labels, or an IP literal without brackets.
    pub host: String,
    /// TCP port, never 0.
    pub port: u16,
    /// How the connection is protected.
    pub security: Security,
}

/// Why a text is no [`Endpoint`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EndpointError {
    /// Not of the form `HOST:PORT:tls` or `HOST:PORT:starttls`.
    #[error("expected HOST:PORT:tls or HOST:PORT:starttls")]
    Shape,
    /// The host is neither a DNS name nor an IP address.
    #[error("the host is not a valid name")]
    Host,
    /// The port is not a number from 1 to 65535.
    #[error("the port is not a number from 1 to 65535")]
    Port,
    /// The security is neither `tls` nor `starttls`.
    #[error("the security is neither tls nor starttls")]
    Security,
}

impl Endpoint {
    /// An endpoint from parts that are known to be good (built-in tables, tests).
    pub fn new(host: impl Into<String>, port: u16, security: Security) -> Self {
        Self {
            host: host.into(),
            port,
            security,
        }
    }

    /// True when the host is this machine: `localhost` or a loopback IP.
    pub fn is_loopback(&self) -> bool {
        self.host == "localhost"
            || self
                .host
                .parse::<std::net::IpAddr>()
                .is_ok_and(|ip| ip.is_loopback())
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.host.contains(':') {
            write!(f, "[{}]:{}:{}", self.host, self.port, self.security)
        } else {
            write!(f, "{}:{}:{}", self.host, self.port, self.security)
        }
    }
}

impl FromStr for Endpoint {
    type Err = EndpointError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (rest, security) = text.trim().rsplit_once(':').ok_or(EndpointError::Shape)?;
        let (host, port) = rest.rsplit_once(':').ok_or(EndpointError::Shape)?;
        let security = match security.to_ascii_lowercase().as_str() {
            "tls" => Security::Tls,
            "starttls" => Security::StartTls,
            _ => return Err(EndpointError::Security),
        };
        let port = port
            .parse::<u16>()
            .ok()
            .filter(|port| *port != 0)
            .ok_or(EndpointError::Port)?;
        let host = host
            .strip_prefix('[')
            .and_then(|h| h.strip_suffix(']'))
            .unwrap_or(host);
        if host.parse::<std::net::IpAddr>().is_ok() {
            return Ok(Self {
                host: host.to_ascii_lowercase(),
                port,
                security,
            });
        }
        let host = idna::domain_to_ascii_strict(host).map_err(|_| EndpointError::Host)?;
        if host.is_empty() || host.contains(':') {
            return Err(EndpointError::Host);
        }
        Ok(Self { host, port, security })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn endpoint_text_parses_or_says_what_is_wrong() {
        let good = [
            ("imap.example.com:993:tls", "imap.example.com:993:tls"),
            ("IMAP.Example.com:143:STARTTLS", "imap.example.com:143:starttls"),
            ("[::1]:993:tls", "[::1]:993:tls"),
            ("127.0.0.1:1143:starttls", "127.0.0.1:1143:starttls"),
            ("poczta.żółw.pl:993:tls", "poczta.xn--w-uga1v8h.pl:993:tls"),
        ];
        for (text, printed) in good {
            assert_eq!(text.parse::<Endpoint>().unwrap().to_string(), printed);
        }
        let bad = [
            ("imap.example.com", EndpointError::Shape),
            ("imap.example.com:993", EndpointError::Shape),
            ("imap.example.com:993:ssl", EndpointError::Security),
            ("imap.example.com:0:tls", EndpointError::Port),
            ("imap.example.com:99999:tls", EndpointError::Port),
            ("imap example:993:tls", EndpointError::Host),
            (":993:tls", EndpointError::Host),
        ];
        for (text, error) in bad {
            assert_eq!(text.parse::<Endpoint>(), Err(error), "{text}");
        }
    }
}
