//! TCP to whichever of a host's addresses answers first (RFC 8305 in small: families interleaved, one attempt
//! every quarter of a second, at once after a failure).

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use futures::StreamExt;
use futures::stream::FuturesUnordered;
use mailroom_model::Endpoint;
use socket2::{SockRef, TcpKeepalive};
use tokio::net::{TcpSocket, TcpStream};

use super::{DialError, Resolve};
use crate::link::Peer;

const STAGGER: Duration = Duration::from_millis(250);

pub(super) async fn connect(
    resolver: &dyn Resolve,
    source: Option<IpAddr>,
    endpoint: &Endpoint,
    limit: Duration,
) -> Result<TcpStream, DialError> {
    let peer = Peer::from(endpoint);
    match tokio::time::timeout(limit, race(resolver, source, endpoint, &peer)).await {
        Ok(result) => result,
        Err(_) => Err(DialError::Timeout {
            peer,
            after_ms: u64::try_from(limit.as_millis()).unwrap_or(u64::MAX),
        }),
    }
}

pub(super) async fn look_up(
    resolver: &dyn Resolve,
    endpoint: &Endpoint,
    limit: Duration,
) -> Result<Vec<IpAddr>, DialError> {
    let peer = Peer::from(endpoint);
    match tokio::time::timeout(limit, addresses(resolver, endpoint, &peer)).await {
        Ok(Ok(found)) if found.is_empty() => Err(DialError::NameNotFound { peer, source: None }),
        Ok(result) => result,
        Err(_) => Err(DialError::Timeout {
            peer,
            after_ms: u64::try_from(limit.as_millis()).unwrap_or(u64::MAX),
        }),
    }
}

async fn addresses(
    resolver: &dyn Resolve,
    endpoint: &Endpoint,
    peer: &Peer,
) -> Result<Vec<IpAddr>, DialError> {
    if let Ok(address) = endpoint.host.parse::<IpAddr>() {
        return Ok(vec![address]);
    }
    resolver
        .resolve(&endpoint.host)
        .await
        .map_err(|error| DialError::NameNotFound {
            peer: peer.clone(),
            source: Some(error),
        })
}

async fn race(
    resolver: &dyn Resolve,
    source: Option<IpAddr>,
    endpoint: &Endpoint,
    peer: &Peer,
) -> Result<TcpStream, DialError> {
    let mut waiting = interleaved(addresses(resolver, endpoint, peer).await?).into_iter();
    let mut running = FuturesUnordered::new();
    let mut failure: Option<io::Error> = None;
    loop {
        if let Some(address) = waiting.next() {
            running.push(attempt(source, SocketAddr::new(address, endpoint.port)));
        }
        if running.is_empty() {
            return Err(match failure {
                None => DialError::NameNotFound {
                    peer: peer.clone(),
                    source: None,
                },
                Some(error) => failed(peer.clone(), error),
            });
        }
        tokio::select! {
            Some(result) = running.next() => match result {
                Ok(stream) => return Ok(stream),
                Err(error) => failure = Some(worse(failure, error)),
            },
            () = tokio::time::sleep(STAGGER), if waiting.len() > 0 => {}
        }
    }
}

/// Both families in turn, beginning with the one that the resolver prefers.
fn interleaved(addresses: Vec<IpAddr>) -> Vec<IpAddr> {
    let first_is_v6 = addresses.first().is_some_and(IpAddr::is_ipv6);
    let (preferred, other): (Vec<_>, Vec<_>) = addresses
        .into_iter()
        .partition(|address| address.is_ipv6() == first_is_v6);
    let mut other = other.into_iter();
    let mut mixed = Vec::new();
    for address in preferred {
        mixed.push(address);
        mixed.extend(other.next());
    }
    mixed.extend(other);
    mixed
}

/// A connection on which nothing is said, such as one that listens for new mail, asks the other end whether it is still
/// there after this time. Routers that forget connections sooner than that are rare.
const ASKED_AFTER: Duration = Duration::from_mins(2);
/// How long an answer is waited for before it asks again.
const ASKED_EVERY: Duration = Duration::from_secs(20);
/// Questions without an answer after which the connection is given up: three minutes and a half after the last word.
const ASKED: u32 = 4;

async fn attempt(source: Option<IpAddr>, address: SocketAddr) -> io::Result<TcpStream> {
    let socket = if address.is_ipv6() {
        TcpSocket::new_v6()?
    } else {
        TcpSocket::new_v4()?
    };
    if let Some(source) = source.filter(|source| source.is_ipv6() == address.is_ipv6()) {
        socket.bind(SocketAddr::new(source, 0))?;
    }
    socket.set_nodelay(true)?;
    let alive = TcpKeepalive::new()
        .with_time(ASKED_AFTER)
        .with_interval(ASKED_EVERY)
        .with_retries(ASKED);
    SockRef::from(&socket).set_tcp_keepalive(&alive)?;
    socket.connect(address).await
}

/// A refusal says more than a missing route: some server at least answered.
fn worse(before: Option<io::Error>, now: io::Error) -> io::Error {
    match before {
        Some(before) if before.kind() == io::ErrorKind::ConnectionRefused => before,
        _ => now,
    }
}

fn failed(peer: Peer, source: io::Error) -> DialError {
    match source.kind() {
        io::ErrorKind::ConnectionRefused | io::ErrorKind::ConnectionReset => {
            DialError::Refused { peer, source }
        }
        io::ErrorKind::TimedOut => DialError::Timeout { peer, after_ms: 0 },
        _ => DialError::Unreachable { peer, source },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(target_os = "linux")]
    #[tokio::test]
    async fn silent_connection_asks_whether_somebody_is_there() {
        let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let stream = attempt(None, listener.local_addr().unwrap()).await.unwrap();
        let socket = SockRef::from(&stream);
        assert!(socket.keepalive().unwrap());
        assert_eq!(
            (
                socket.tcp_keepalive_time().unwrap(),
                socket.tcp_keepalive_interval().unwrap(),
                socket.tcp_keepalive_retries().unwrap()
            ),
            (ASKED_AFTER, ASKED_EVERY, ASKED)
        );
    }

    #[test]
    fn addresses_of_both_families_take_turns() {
        let list = |texts: &[&str]| texts.iter().map(|t| t.parse().unwrap()).collect::<Vec<IpAddr>>();
        assert_eq!(
            interleaved(list(&["::1", "::2", "10.0.0.1", "::3", "10.0.0.2"])),
            list(&["::1", "10.0.0.1", "::2", "10.0.0.2", "::3"])
        );
        assert_eq!(
            interleaved(list(&["10.0.0.1", "::1", "::2"])),
            list(&["10.0.0.1", "::1", "::2"])
        );
    }
}
