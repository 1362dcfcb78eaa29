//! A proxy that breaks connections: between a client and a real or scripted server, turned while it runs.

use std::borrow::Cow;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::ops::Range;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{ReadHalf, WriteHalf};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;

/// How a connection ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// In order, as when a server closes (FIN).
    Close,
    /// Broken, as when a router forgets (RST).
    Reset,
}

/// What happens to new connections.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Admission {
    /// They reach the server.
    #[default]
    Pass,
    /// They are reset at once. (For a port where nothing listens: [`ClosedPort`].)
    Reset,
    /// They are accepted and left alone.
    Hang,
}

/// The faults of one direction. Positions count the bytes of one connection in this direction from 0.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Fault {
    /// After this many bytes the connection ends so.
    pub cut: Option<(u64, Ending)>,
    /// After this many bytes nothing passes any more, and the connection stays open.
    pub stall_after: Option<u64>,
    /// Every piece waits so long.
    pub delay: Option<Duration>,
    /// At most so many bytes a second.
    pub bytes_per_second: Option<u64>,
    /// The byte at this position has its lowest bit turned.
    pub garble_at: Option<u64>,
    /// These bytes never arrive; those behind them do.
    pub truncate: Option<Range<u64>>,
}

/// Which way bytes go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// From the client to the server.
    Up,
    /// From the server to the client.
    Down,
}

/// What has passed so far, over all connections.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Passed {
    /// Connections accepted.
    pub connections: u64,
    /// Bytes that reached the server.
    pub up: u64,
    /// Bytes that reached the client.
    pub down: u64,
}

#[derive(Clone, Debug, Default)]
struct Settings {
    up: Fault,
    down: Fault,
    admission: Admission,
    /// Connections accepted before this number are to end.
    ended_before: u64,
    ending: Option<Ending>,
}

/// The proxy. Dropping it ends all its connections.
#[derive(Debug)]
pub struct FaultProxy {
    port: u16,
    settings: watch::Sender<Settings>,
    passed: Arc<Mutex<Passed>>,
    _tasks: JoinSet<()>,
}

impl FaultProxy {
    /// Listens on 127.0.0.1 on a port of the system's choice, in front of `upstream` on 127.0.0.1.
    pub async fn start(upstream: u16) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let port = listener.local_addr()?.port();
        let (settings, watcher) = watch::channel(Settings::default());
        let passed = Arc::default();
        let mut tasks = JoinSet::new();
        tasks.spawn(accept(listener, upstream, watcher, Arc::clone(&passed)));
        Ok(Self {
            port,
            settings,
            passed,
            _tasks: tasks,
        })
    }

    /// Where it listens.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Replaces the faults of one direction, for connections of any age.
    pub fn set(&self, direction: Direction, fault: Fault) {
        self.settings.send_modify(|settings| match direction {
            Direction::Up => settings.up = fault,
            Direction::Down => settings.down = fault,
        });
    }

    /// Decides about new connections.
    pub fn admit(&self, admission: Admission) {
        self.settings
            .send_modify(|settings| settings.admission = admission);
    }

    /// Takes all faults away: what was stalled or left hanging goes on.
    pub fn clear(&self) {
        self.settings.send_modify(|settings| {
            settings.up = Fault::default();
            settings.down = Fault::default();
            settings.admission = Admission::Pass;
        });
    }

    /// Ends every connection that is open now.
    pub fn end_all(&self, ending: Ending) {
        let accepted = self.passed().connections;
        self.settings.send_modify(|settings| {
            settings.ended_before = accepted;
            settings.ending = Some(ending);
        });
    }

    /// What has passed so far.
    pub fn passed(&self) -> Passed {
        *lock(&self.passed)
    }
}

fn lock(passed: &Mutex<Passed>) -> MutexGuard<'_, Passed> {
    passed.lock().unwrap_or_else(PoisonError::into_inner)
}

async fn accept(
    listener: TcpListener,
    upstream: u16,
    settings: watch::Receiver<Settings>,
    passed: Arc<Mutex<Passed>>,
) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => {
                let Ok((client, _)) = accepted else { return };
                let number = {
                    let mut passed = lock(&passed);
                    let number = passed.connections;
                    passed.connections += 1;
                    number
                };
                connections.spawn(connection(client, upstream, number, settings.clone(), Arc::clone(&passed)));
            }
            Some(_) = connections.join_next() => {}
        }
    }
}

async fn connection(
    mut client: TcpStream,
    upstream: u16,
    number: u64,
    settings: watch::Receiver<Settings>,
    passed: Arc<Mutex<Passed>>,
) {
    let _ = client.set_nodelay(true);
    let mut orders = settings.clone();
    let ended = async move {
        // A proxy that is dropped ends this task anyway.
        let order = orders.wait_for(|settings| settings.ended_before > number).await;
        order
            .ok()
            .and_then(|settings| settings.ending)
            .unwrap_or(Ending::Reset)
    };
    tokio::pin!(ended);
    let admission = settings.borrow().admission;
    if admission == Admission::Reset {
        return end(client, None, Ending::Reset).await;
    }
    if admission == Admission::Hang {
        let mut watcher = settings.clone();
        let admitted = async move {
            // What is read here stays behind a lock: only that it came is of interest.
            watcher
                .wait_for(|settings| settings.admission == Admission::Pass)
                .await
                .is_ok()
        };
        let ending = tokio::select! {
            _ = admitted => None,
            ending = &mut ended => Some(ending),
        };
        if let Some(ending) = ending {
            return end(client, None, ending).await;
        }
    }
    let Ok(mut server) = TcpStream::connect((Ipv4Addr::LOCALHOST, upstream)).await else {
        return end(client, None, Ending::Reset).await;
    };
    let _ = server.set_nodelay(true);
    let ending = {
        let (from_client, to_client) = client.split();
        let (from_server, to_server) = server.split();
        let up = Pump {
            direction: Direction::Up,
            settings: settings.clone(),
            passed: Arc::clone(&passed),
            position: 0,
        };
        let down = Pump {
            direction: Direction::Down,
            settings,
            passed,
            position: 0,
        };
        let both = async {
            let (up, down) = (up.run(from_client, to_server), down.run(from_server, to_client));
            tokio::pin!(up, down);
            // A side that has merely finished leaves the other one talking; a cut ends both.
            let (first, up_is_first) = tokio::select! {
                ending = &mut up => (ending, true),
                ending = &mut down => (ending, false),
            };
            match first {
                Some(ending) => Some(ending),
                None if up_is_first => down.await,
                None => up.await,
            }
        };
        tokio::select! {
            ending = both => ending.unwrap_or(Ending::Close),
            ending = &mut ended => ending,
        }
    };
    end(client, Some(server), ending).await;
}

async fn end(mut client: TcpStream, server: Option<TcpStream>, ending: Ending) {
    match ending {
        Ending::Reset => {
            let _ = client.set_zero_linger();
            if let Some(server) = &server {
                let _ = server.set_zero_linger();
            }
        }
        Ending::Close => {
            let _ = client.shutdown().await;
            // Unread bytes would turn the close into a reset.
            let mut rest = [0; 4096];
            while matches!(client.try_read(&mut rest), Ok(count) if count > 0) {}
        }
    }
}

/// One direction of one connection.
struct Pump {
    direction: Direction,
    settings: watch::Receiver<Settings>,
    passed: Arc<Mutex<Passed>>,
    position: u64,
}

impl Pump {
    /// Passes bytes on until the sender has finished (`None`), or until a fault or an error ends the connection.
    async fn run(mut self, mut from: ReadHalf<'_>, mut to: WriteHalf<'_>) -> Option<Ending> {
        let mut buffer = vec![0; 64 * 1024];
        loop {
            let fault = self.fault();
            if let Some((limit, ending)) = fault.cut
                && self.position >= limit
            {
                return Some(ending);
            }
            if fault.stall_after.is_some_and(|limit| self.position >= limit) {
                // Until the fault is changed.
                self.settings.changed().await.ok()?;
                continue;
            }
            let room = self.room(&fault, buffer.len());
            // A cut that is set while nothing flows has to be seen as well.
            let count = tokio::select! {
                read = from.read(buffer.get_mut(..room).unwrap_or_default()) => match read {
                    Ok(0) => {
                        let _ = to.shutdown().await;
                        return None;
                    }
                    Ok(count) => count,
                    Err(_) => return Some(Ending::Reset),
                },
                changed = self.settings.changed() => {
                    changed.ok()?;
                    continue;
                }
            };
            let piece = buffer.get(..count).unwrap_or_default();
            let piece = altered(piece, self.position, &fault);
            if let Some(delay) = fault.delay {
                tokio::time::sleep(delay).await;
            }
            if to.write_all(&piece).await.is_err() {
                return Some(Ending::Reset);
            }
            self.position += u64::try_from(count).unwrap_or(0);
            let written = u64::try_from(piece.len()).unwrap_or(0);
            {
                let mut passed = lock(&self.passed);
                match self.direction {
                    Direction::Up => passed.up += written,
                    Direction::Down => passed.down += written,
                }
            }
            if let Some(rate) = fault.bytes_per_second {
                tokio::time::sleep(Duration::from_micros(
                    written.saturating_mul(1_000_000) / rate.max(1),
                ))
                .await;
            }
        }
    }

    fn fault(&mut self) -> Fault {
        let settings = self.settings.borrow_and_update();
        match self.direction {
            Direction::Up => settings.up.clone(),
            Direction::Down => settings.down.clone(),
        }
    }

    /// How much may be read at once, so that a fault falls between two pieces.
    fn room(&self, fault: &Fault, most: usize) -> usize {
        let limits = [fault.cut.map(|(limit, _)| limit), fault.stall_after];
        let near = limits
            .into_iter()
            .flatten()
            .map(|limit| limit.saturating_sub(self.position));
        // Fifty pieces a second look even.
        let even = fault.bytes_per_second.map(|rate| (rate / 50).max(1));
        near.chain(even)
            .filter_map(|limit| usize::try_from(limit).ok())
            .fold(most, usize::min)
            .max(1)
    }
}

/// A piece that begins at `position`, with bytes turned and bytes missing.
fn altered<'a>(piece: &'a [u8], position: u64, fault: &Fault) -> Cow<'a, [u8]> {
    if fault.garble_at.is_none() && fault.truncate.is_none() {
        return Cow::Borrowed(piece);
    }
    (position..)
        .zip(piece)
        .filter(|(at, _)| {
            !fault
                .truncate
                .as_ref()
                .is_some_and(|missing| missing.contains(at))
        })
        .map(|(at, byte)| {
            if fault.garble_at == Some(at) {
                byte ^ 1
            } else {
                *byte
            }
        })
        .collect()
}

/// A port where nothing listens and nothing else can begin to: connections are refused while this value lives.
#[derive(Debug)]
pub struct ClosedPort {
    socket: TcpSocket,
}

impl ClosedPort {
    /// Takes a port of the system's choice on 127.0.0.1.
    pub fn take() -> io::Result<Self> {
        let socket = TcpSocket::new_v4()?;
        socket.bind(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)))?;
        Ok(Self { socket })
    }

    /// The port.
    pub fn number(&self) -> io::Result<u16> {
        Ok(self.socket.local_addr()?.port())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn piece_is_altered_only_where_the_fault_says() {
        let fault = Fault {
            garble_at: Some(11),
            truncate: Some(12..14),
            ..Fault::default()
        };
        assert_eq!(altered(b"abcdef", 10, &fault).as_ref(), b"acef");
        assert_eq!(altered(b"abcdef", 20, &fault).as_ref(), b"abcdef");
    }
}
