//! From an endpoint to a connected, encrypted stream.

mod certificate;
mod error;
mod resolve;
mod tcp;
#[cfg(test)]
mod tests;
mod tls;

use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use mailroom_model::{Endpoint, TrustedCertificate};
use tokio::io::BufReader;

use crate::link::{BoxTransport, READ_BUFFER};

pub use certificate::CertificateFacts;
pub use error::{CertificateReason, DialError};
pub use resolve::{FixedResolver, Resolve, SystemResolver};
pub use tls::{Roots, TlsFacts};

/// How long each step may take. Every wait on a server has one of these limits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timeouts {
    /// Name lookup and TCP together, over all addresses of the host.
    pub connect: Duration,
    /// The TLS handshake.
    pub tls: Duration,
    /// The server's first line.
    pub greeting: Duration,
    /// The longest silence inside one exchange, not its whole length: a large answer may take as long as it needs.
    pub reply: Duration,
    /// The wait for the reply to a whole message (RFC 5321 §4.5.3.2.6 asks for ten minutes: giving up earlier is
    /// how messages get sent twice).
    pub delivery: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(20),
            tls: Duration::from_secs(15),
            greeting: Duration::from_secs(30),
            reply: Duration::from_mins(1),
            delivery: Duration::from_mins(10),
        }
    }
}

/// Opens connections: resolver, source address, trusted roots and time limits in one cheap handle.
#[derive(Clone)]
pub struct Dialer(Arc<Settings>);

#[derive(Clone)]
struct Settings {
    trust: tls::Trust,
    exceptions: Vec<TrustedCertificate>,
    timeouts: Timeouts,
    resolver: Arc<dyn Resolve>,
    source: Option<IpAddr>,
}

impl fmt::Debug for Dialer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Dialer")
            .field("timeouts", &self.0.timeouts)
            .field("source", &self.0.source)
            .finish_non_exhaustive()
    }
}

impl Dialer {
    /// A dialer that trusts `roots`. Loads the platform's certificates, so make one and clone it.
    /// Errors: [`DialError::Roots`] when no certificate at all can be trusted or an extra root is not one.
    pub fn new(roots: Roots, timeouts: Timeouts) -> Result<Self, DialError> {
        Ok(Self(Arc::new(Settings {
            trust: tls::Trust::new(roots)?,
            exceptions: Vec::new(),
            timeouts,
            resolver: Arc::new(SystemResolver),
            source: None,
        })))
    }

    /// The same dialer with another way of finding addresses.
    pub fn with_resolver(self, resolver: Arc<dyn Resolve>) -> Self {
        let mut settings = Arc::unwrap_or_clone(self.0);
        settings.resolver = resolver;
        Self(Arc::new(settings))
    }

    /// The same dialer, connecting from this local address.
    pub fn with_source_address(self, source: IpAddr) -> Self {
        let mut settings = Arc::unwrap_or_clone(self.0);
        settings.source = Some(source);
        Self(Arc::new(settings))
    }

    /// The same dialer, which takes these certificates too: each at its own server and nowhere else. A server that shows another
    /// one is judged as always.
    pub fn with_exceptions(self, exceptions: Vec<TrustedCertificate>) -> Self {
        let mut settings = Arc::unwrap_or_clone(self.0);
        settings.exceptions = exceptions;
        Self(Arc::new(settings))
    }

    /// The time limits.
    pub fn timeouts(&self) -> &Timeouts {
        &self.0.timeouts
    }

    /// The addresses of the endpoint's host, as a connection would try them. Errors: [`DialError::NameNotFound`],
    /// [`DialError::Timeout`].
    pub async fn look_up(&self, endpoint: &Endpoint) -> Result<Vec<IpAddr>, DialError> {
        tcp::look_up(self.0.resolver.as_ref(), endpoint, self.0.timeouts.connect).await
    }

    /// A TCP connection to one of the host's addresses.
    pub(crate) async fn open(&self, endpoint: &Endpoint) -> Result<BoxTransport, DialError> {
        let stream = tcp::connect(
            self.0.resolver.as_ref(),
            self.0.source,
            endpoint,
            self.0.timeouts.connect,
        )
        .await?;
        Ok(Box::new(stream))
    }

    /// TLS over `transport`, with the certificate checked against the endpoint's host.
    pub(crate) async fn encrypt(
        &self,
        transport: BoxTransport,
        endpoint: &Endpoint,
    ) -> Result<(BoxTransport, TlsFacts), DialError> {
        // TLS reads 4 KB at a time; a large load would be a system call for each.
        let transport = Box::new(BufReader::with_capacity(READ_BUFFER, transport));
        let excepted = self.0.exceptions.iter().find(|known| known.is_for(endpoint));
        let excepted = excepted.map(|known| known.fingerprint);
        tls::handshake(&self.0.trust, transport, endpoint, excepted, self.0.timeouts.tls).await
    }
}
