//! The stream below both protocols: one large read buffer, and a limit on how long the other side may be silent.

use std::fmt;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use mailroom_model::{Endpoint, Params};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::Sleep;

/// Anything that carries a protocol: TCP, TLS over it, compression over that, or a test's pipe.
pub(crate) trait Transport: AsyncRead + AsyncWrite + Unpin + Send + Sync + fmt::Debug {}
impl<T: AsyncRead + AsyncWrite + Unpin + Send + Sync + fmt::Debug> Transport for T {}

/// A transport of any kind.
pub(crate) type BoxTransport = Box<dyn Transport>;

/// Who is at the other end, for errors.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Peer {
    /// Host name or address, as configured.
    pub host: Arc<str>,
    /// TCP port.
    pub port: u16,
}

impl Peer {
    /// The parameters `host` and `port`.
    pub fn params(&self) -> Params {
        Params::from([("host", self.host.as_ref().into()), ("port", self.port.into())])
    }
}

impl From<&Endpoint> for Peer {
    fn from(endpoint: &Endpoint) -> Self {
        Self {
            host: endpoint.host.as_str().into(),
            port: endpoint.port,
        }
    }
}

impl fmt::Display for Peer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.host, self.port)
    }
}

/// What the wire itself finds wrong; travels inside an [`io::Error`] through the libraries.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum WireFault {
    #[error("the server said nothing for {after_ms} ms")]
    Stalled { after_ms: u64 },
    #[error("a line is longer than {limit} bytes")]
    LineTooLong { limit: u64 },
    #[error("a literal of {size} bytes is over the limit of {limit}")]
    LiteralTooLarge { size: u64, limit: u64 },
    #[error("the server does not speak the protocol")]
    Nonsense,
}

impl WireFault {
    pub(crate) fn into_io(self) -> io::Error {
        io::Error::other(self)
    }

    /// The fault inside an error, if it came from here.
    pub(crate) fn of(error: &io::Error) -> Option<&Self> {
        error.get_ref()?.downcast_ref()
    }
}

/// Runs only while somebody waits for the other side.
#[derive(Debug)]
struct Silence {
    limit: Option<Duration>,
    timer: Option<Pin<Box<Sleep>>>,
}

impl Silence {
    fn new(limit: Duration) -> Self {
        Self {
            limit: Some(limit),
            timer: None,
        }
    }

    fn end(&mut self) {
        self.timer = None;
    }

    fn poll_fault(&mut self, cx: &mut Context<'_>) -> Poll<io::Error> {
        let Some(limit) = self.limit else {
            return Poll::Pending;
        };
        let timer = self
            .timer
            .get_or_insert_with(|| Box::pin(tokio::time::sleep(limit)));
        timer.as_mut().poll(cx).map(|()| {
            WireFault::Stalled {
                after_ms: u64::try_from(limit.as_millis()).unwrap_or(u64::MAX),
            }
            .into_io()
        })
    }
}

/// Bytes that are read from the transport in one go.
pub(crate) const READ_BUFFER: usize = 64 * 1024;

/// A transport with a read buffer and limits on silence.
pub(crate) struct Link {
    transport: BoxTransport,
    buffer: Box<[u8]>,
    start: usize,
    end: usize,
    hears: Silence,
    takes: Silence,
}

impl fmt::Debug for Link {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Link")
            .field("buffered", &(self.end - self.start))
            .finish_non_exhaustive()
    }
}

impl Link {
    pub(crate) fn new(transport: BoxTransport, patience: Duration) -> Self {
        Self {
            transport,
            buffer: vec![0; READ_BUFFER].into_boxed_slice(),
            start: 0,
            end: 0,
            hears: Silence::new(patience),
            takes: Silence::new(patience),
        }
    }

    /// How long the server may say nothing while it is waited for; `None` waits for ever (IDLE has its own limit).
    pub(crate) fn set_patience(&mut self, limit: Option<Duration>) {
        self.hears.limit = limit;
        self.hears.end();
    }

    /// The transport; only right when [`Self::buffered`] is empty.
    pub(crate) fn into_transport(self) -> BoxTransport {
        self.transport
    }

    /// Bytes that were read and not consumed.
    pub(crate) fn buffered(&self) -> &[u8] {
        self.buffer.get(self.start..self.end).unwrap_or_default()
    }

    pub(crate) fn consume(&mut self, count: usize) {
        self.start = self.start.saturating_add(count).min(self.end);
    }

    /// Reads more once the buffer is empty; 0 is the end of the stream. An end without TLS's goodbye is an end.
    pub(crate) fn poll_fill(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<usize>> {
        let mut read = ReadBuf::new(&mut self.buffer);
        match Pin::new(&mut self.transport).poll_read(cx, &mut read) {
            Poll::Ready(Ok(())) => {
                self.start = 0;
                self.end = read.filled().len();
                self.hears.end();
                Poll::Ready(Ok(self.end))
            }
            Poll::Ready(Err(error)) if error.kind() == io::ErrorKind::UnexpectedEof => Poll::Ready(Ok(0)),
            Poll::Ready(Err(error)) => Poll::Ready(Err(error)),
            Poll::Pending => self.hears.poll_fault(cx).map(Err),
        }
    }

    fn watched<T>(&mut self, cx: &mut Context<'_>, poll: Poll<io::Result<T>>) -> Poll<io::Result<T>> {
        if poll.is_ready() {
            self.takes.end();
            // Whoever writes begins a new exchange: a silence measured before does not count.
            self.hears.end();
            return poll;
        }
        self.takes.poll_fault(cx).map(Err)
    }

    pub(crate) fn poll_write(&mut self, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let poll = Pin::new(&mut self.transport).poll_write(cx, bytes);
        self.watched(cx, poll)
    }

    pub(crate) fn poll_flush(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let poll = Pin::new(&mut self.transport).poll_flush(cx);
        self.watched(cx, poll)
    }

    pub(crate) fn poll_shutdown(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let poll = Pin::new(&mut self.transport).poll_shutdown(cx);
        self.watched(cx, poll)
    }
}
