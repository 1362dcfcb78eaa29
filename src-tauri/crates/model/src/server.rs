//! Servers: host, port, security.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// True for a host name below `domain`, not for the domain itself; both in lower case.
pub fn is_subdomain(host: &str, domain: &str) -> bool {
    host.strip_suffix(domain)
        .and_then(|rest| rest.strip_suffix('.'))
        .is_some_and(|rest| !rest.is_empty())
}

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

/// The SHA-256 of a certificate in DER, by which it is told from every other. The text form is 64 hexadecimal digits, lower
/// case; colons and upper case are read too.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Fingerprint([u8; 32]);

/// The text is no [`Fingerprint`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected 64 hexadecimal digits")]
pub struct FingerprintError;

impl Fingerprint {
    /// The fingerprint with these bytes.
    pub fn new(digest: [u8; 32]) -> Self {
        Self(digest)
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Fingerprint({self})")
    }
}

impl FromStr for Fingerprint {
    type Err = FingerprintError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut digits = text.chars().filter(|c| *c != ':').map(|c| c.to_digit(16));
        let mut digest = [0_u8; 32];
        for byte in &mut digest {
            let mut digit = || digits.next().flatten().and_then(|digit| u8::try_from(digit).ok());
            let (Some(high), Some(low)) = (digit(), digit()) else {
                return Err(FingerprintError);
            };
            *byte = high << 4 | low;
        }
        match digits.next() {
            None => Ok(Self(digest)),
            Some(_) => Err(FingerprintError),
        }
    }
}

impl Serialize for Fingerprint {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Fingerprint {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?
            .parse()
            .map_err(serde::de::Error::custom)
    }
}

/// A certificate that a person trusts although nobody vouches for it: this one, at this server, and no other anywhere else.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct TrustedCertificate {
    /// The server's host, as in [`Endpoint::host`].
    pub host: String,
    /// The server's TCP port.
    pub port: u16,
    /// Which certificate.
    pub fingerprint: Fingerprint,
}

impl TrustedCertificate {
    /// True when it is about this server.
    pub fn is_for(&self, endpoint: &Endpoint) -> bool {
        self.port == endpoint.port && self.host == endpoint.host
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn subdomain_is_below_its_domain_by_whole_labels() {
        for (host, domain, is_below) in [
            ("imap.example.com", "example.com", true),
            ("a.b.example.com", "example.com", true),
            ("example.com", "example.com", false),
            (".example.com", "example.com", false),
            ("myexample.com", "example.com", false),
            ("example.com.evil.test", "example.com", false),
        ] {
            assert_eq!(is_subdomain(host, domain), is_below, "{host} {domain}");
        }
    }

    #[test]
    fn fingerprint_is_read_as_programs_print_it() {
        let digits = "00ff".repeat(16);
        let same: Fingerprint = digits.parse().unwrap();
        assert_eq!(same.to_string(), digits);
        let with_colons = ["00:FF"; 16].join(":");
        assert_eq!(with_colons.parse(), Ok(same));
        for text in ["", "00", &digits[1..], &format!("{digits}0"), &"zz".repeat(32)] {
            assert_eq!(text.parse::<Fingerprint>(), Err(FingerprintError), "{text}");
        }
    }

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
