//! What DNS says about a domain, from the system's resolver.

use std::time::Duration;

use async_trait::async_trait;
use hickory_resolver::net::NetError;
use hickory_resolver::net::runtime::TokioRuntimeProvider;
use hickory_resolver::proto::rr::{RData, RecordType};
use hickory_resolver::{ResolverBuilder, TokioResolver};
use mailroom_model::{Coded, ErrorCode};
use serde::Serialize;

/// How long one look-up may take in all.
const LOOKUP_LIMIT: Duration = Duration::from_secs(5);

/// One MX record (RFC 1035 §3.3.9).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct MxRecord {
    /// Lower is preferred.
    pub preference: u16,
    /// The mail exchanger; empty or `.` in a null MX (RFC 7505).
    pub host: String,
}

/// One SRV record (RFC 2782).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SrvRecord {
    /// Lower is preferred.
    pub priority: u16,
    /// Of equal priority, higher is chosen more often.
    pub weight: u16,
    /// The port.
    pub port: u16,
    /// The host; `.` when the service is not offered.
    pub target: String,
}

/// Why DNS gave no answer. That there are no records is no error.
#[derive(Clone, Debug, thiserror::Error)]
pub enum DnsError {
    /// The domain does not exist (NXDOMAIN).
    #[error("the domain does not exist")]
    NoSuchDomain,
    /// No answer within the time limit.
    #[error("no answer within the time limit")]
    Timeout,
    /// There is no resolver, or none could be reached, or it refused.
    #[error("the resolver failed")]
    Failed(#[source] NetError),
}

impl Coded for DnsError {
    fn code(&self) -> ErrorCode {
        match self {
            Self::NoSuchDomain => ErrorCode::NameNotFound,
            Self::Timeout => ErrorCode::ConnectTimeout,
            Self::Failed(_) => ErrorCode::NetworkUnreachable,
        }
    }
}

/// Where records of DNS come from.
#[async_trait]
pub trait Resolver: Send + Sync {
    /// The MX records of `domain` (A-labels) in any order; none when the domain exists without them.
    ///
    /// # Errors
    /// [`DnsError`] when nothing was learned about the domain, or it does not exist.
    async fn mx(&self, domain: &str) -> Result<Vec<MxRecord>, DnsError>;

    /// The SRV records of `name`, such as `_imaps._tcp.example.com`, in any order.
    ///
    /// # Errors
    /// As [`Self::mx`].
    async fn srv(&self, name: &str) -> Result<Vec<SrvRecord>, DnsError>;

    /// The TXT records of `name`, each with its strings put together.
    ///
    /// # Errors
    /// As [`Self::mx`].
    async fn txt(&self, name: &str) -> Result<Vec<String>, DnsError>;
}

/// The resolver that the system is configured with. The configuration is read at every look-up, so that it follows a
/// laptop from one network to the next.
#[derive(Clone, Copy, Debug, Default)]
pub struct HickoryResolver;

impl HickoryResolver {
    /// The system's resolver.
    pub fn system() -> Self {
        Self
    }
}

#[async_trait]
impl Resolver for HickoryResolver {
    async fn mx(&self, domain: &str) -> Result<Vec<MxRecord>, DnsError> {
        look_up(system()?, domain, RecordType::MX, |data| match data {
            RData::MX(mx) => Some(MxRecord {
                preference: mx.preference,
                host: mx.exchange.to_ascii(),
            }),
            _ => None,
        })
        .await
    }

    async fn srv(&self, name: &str) -> Result<Vec<SrvRecord>, DnsError> {
        look_up(system()?, name, RecordType::SRV, |data| match data {
            RData::SRV(srv) => Some(SrvRecord {
                priority: srv.priority,
                weight: srv.weight,
                port: srv.port,
                target: srv.target.to_ascii(),
            }),
            _ => None,
        })
        .await
    }

    async fn txt(&self, name: &str) -> Result<Vec<String>, DnsError> {
        look_up(system()?, name, RecordType::TXT, |data| match data {
            RData::TXT(txt) => Some(String::from_utf8_lossy(&txt.txt_data.concat()).into_owned()),
            _ => None,
        })
        .await
    }
}

fn system() -> Result<ResolverBuilder<TokioRuntimeProvider>, DnsError> {
    TokioResolver::builder_tokio().map_err(DnsError::Failed)
}

async fn look_up<T>(
    mut builder: ResolverBuilder<TokioRuntimeProvider>,
    name: &str,
    kind: RecordType,
    read: impl Fn(&RData) -> Option<T>,
) -> Result<Vec<T>, DnsError> {
    let options = builder.options_mut();
    options.timeout = Duration::from_secs(2);
    options.attempts = 2;
    let resolver = builder.build().map_err(DnsError::Failed)?;
    // With a final dot, so that the system's search domains are left out.
    let answer = tokio::time::timeout(LOOKUP_LIMIT, resolver.lookup(format!("{name}."), kind))
        .await
        .map_err(|_| DnsError::Timeout)?;
    match answer {
        Ok(lookup) => Ok(lookup
            .answers()
            .iter()
            .filter_map(|record| read(&record.data))
            .collect()),
        Err(error) if error.is_nx_domain() => Err(DnsError::NoSuchDomain),
        Err(error) if error.is_no_records_found() => Ok(Vec::new()),
        Err(NetError::Timeout) => Err(DnsError::Timeout),
        Err(error) => Err(DnsError::Failed(error)),
    }
}

#[cfg(test)]
mod tests {
    use hickory_resolver::config::{ConnectionConfig, NameServerConfig, ResolverConfig};
    use tokio::net::UdpSocket;

    use super::*;

    /// Preference and exchanger of each record, the labels written out with their lengths.
    type Records = Vec<(u16, &'static [u8])>;

    /// What the scripted server says to one query: a response code and answer records; `None` for silence.
    fn answer(name: &str) -> Option<(u8, Records)> {
        match name {
            "two.example" => Some((0, vec![(20, b"\x02mx\x01b\0"), (10, b"\x02mx\x01A\0")])),
            "null.example" => Some((0, vec![(0, b"\0")])),
            "none.example" => Some((0, Vec::new())),
            "gone.example" => Some((3, Vec::new())),
            "refused.example" => Some((5, Vec::new())),
            "broken.example" => Some((2, Vec::new())),
            _ => None,
        }
    }

    /// Asks a name server on loopback that answers one MX query after the other.
    async fn ask(domain: &str) -> Result<Vec<MxRecord>, DnsError> {
        let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        let address = socket.local_addr().unwrap();
        let mut server = NameServerConfig::udp(address.ip());
        let mut connection = ConnectionConfig::udp();
        connection.port = address.port();
        server.connections = vec![connection];
        let config = ResolverConfig::from_parts(None, Vec::new(), vec![server]);
        let builder = TokioResolver::builder_with_config(config, TokioRuntimeProvider::default());
        let serve = async {
            loop {
                let mut query = [0_u8; 512];
                let (length, peer) = socket.recv_from(&mut query).await.unwrap();
                let (reply, silent) = reply(&query[..length]);
                if !silent {
                    socket.send_to(&reply, peer).await.unwrap();
                }
            }
        };
        tokio::select! {
            found = look_up(builder, domain, RecordType::MX, |data| match data {
                RData::MX(mx) => Some(MxRecord { preference: mx.preference, host: mx.exchange.to_ascii() }),
                _ => None,
            }) => found,
            () = serve => unreachable!("the server never ends"),
        }
    }

    fn reply(query: &[u8]) -> (Vec<u8>, bool) {
        let mut name = Vec::new();
        let mut at = 12;
        while query[at] != 0 {
            let length = usize::from(query[at]);
            name.push(String::from_utf8_lossy(&query[at + 1..=at + length]).into_owned());
            at += length + 1;
        }
        let question = &query[12..at + 5];
        // Type MX, class IN, and a full name: search domains are left out.
        assert_eq!(&query[at + 1..at + 5], [0, 15, 0, 1]);
        let Some((code, records)) = answer(&name.join(".").to_ascii_lowercase()) else {
            return (Vec::new(), true);
        };
        let mut reply = query[..2].to_vec();
        reply.extend([
            0x81,
            0x80 | code,
            0,
            1,
            0,
            u8::try_from(records.len()).unwrap(),
            0,
            0,
            0,
            0,
        ]);
        reply.extend(question);
        for (preference, host) in records {
            reply.extend([0xC0, 12, 0, 15, 0, 1, 0, 0, 0, 60]);
            reply.extend(u16::try_from(host.len() + 2).unwrap().to_be_bytes());
            reply.extend(preference.to_be_bytes());
            reply.extend(host);
        }
        (reply, false)
    }

    #[tokio::test(start_paused = true)]
    async fn name_server_answer_becomes_records_or_the_reason() {
        let record = |preference: u16, host: &str| MxRecord {
            preference,
            host: host.to_owned(),
        };
        let mut two = ask("two.example").await.unwrap();
        two.sort();
        assert_eq!(two, [record(10, "mx.A."), record(20, "mx.b.")]);
        assert_eq!(ask("null.example").await.unwrap(), [record(0, ".")]);
        assert_eq!(ask("none.example").await.unwrap(), []);
        let failures = [
            ("gone.example", ErrorCode::NameNotFound),
            ("refused.example", ErrorCode::NetworkUnreachable),
            ("broken.example", ErrorCode::NetworkUnreachable),
            ("silent.example", ErrorCode::ConnectTimeout),
            ("not a name", ErrorCode::NetworkUnreachable),
        ];
        for (domain, expected) in failures {
            assert_eq!(ask(domain).await.unwrap_err().code(), expected, "{domain}");
        }
    }
}
