//! The stream below both protocols: one large read buffer, and a limit on how long the other side may be silent.

use std::fmt;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use mailroom_model::{Endpoint, Params};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Instant, Sleep};

use crate::deflate::{COUNTED_WAIT, Deflate, Flow, Inflated, Pays};

/// Anything that carries a protocol: TCP, TLS over it, or a test's pipe.
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

#[expect(
    clippy::disallowed_methods,
    reason = "how long a socket's other side is waited for is measured here, at its edge"
)]
fn moment() -> Instant {
    Instant::now()
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
    deflate: Option<Deflate>,
    /// What bodies of messages show of the line.
    flow: Flow,
    /// A body is being read.
    is_flowing: bool,
    waits_since: Option<Instant>,
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
            deflate: None,
            flow: Flow::default(),
            is_flowing: false,
            waits_since: None,
        }
    }

    /// From here on both directions are compressed; what was read and not consumed is compressed already.
    pub(crate) fn begin_deflate(&mut self) {
        self.deflate = Some(Deflate::new(self.buffered()));
        (self.start, self.end) = (0, 0);
    }

    /// True when both directions are compressed.
    #[cfg(test)]
    pub(crate) fn is_deflated(&self) -> bool {
        self.deflate.is_some()
    }

    /// What is read next is the body of a message, or something else: that may come slowly for other reasons.
    pub(crate) fn set_flowing(&mut self, is_body: bool) {
        self.is_flowing = is_body;
        if !is_body {
            self.waits_since = None;
        }
    }

    /// Whether compression would pay, as far as bodies have shown.
    pub(crate) fn would_pay(&mut self) -> bool {
        let pays = self.flow.pays();
        if pays == Pays::No {
            // The line may become slower.
            self.flow = Flow::default();
        }
        pays == Pays::Yes
    }

    /// Counts a read that came, or is waited for.
    fn measure(&mut self, came: Option<usize>) {
        if !self.is_flowing {
            return;
        }
        match came {
            None => {
                self.waits_since.get_or_insert_with(moment);
            }
            Some(count) => {
                self.flow.bytes += count as u64;
                if let Some(since) = self.waits_since.take() {
                    self.flow.waited += moment().saturating_duration_since(since).min(COUNTED_WAIT);
                }
            }
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
        loop {
            if let Some(deflate) = &mut self.deflate {
                match deflate.read(&mut self.buffer)? {
                    Inflated::Bytes(count) => {
                        (self.start, self.end) = (0, count);
                        return Poll::Ready(Ok(count));
                    }
                    Inflated::End => return Poll::Ready(Ok(0)),
                    Inflated::Needs => {}
                }
            }
            let room = match &mut self.deflate {
                Some(deflate) => deflate.room(),
                None => &mut *self.buffer,
            };
            let mut read = ReadBuf::new(room);
            let poll = Pin::new(&mut self.transport).poll_read(cx, &mut read);
            let count = read.filled().len();
            if let Some(deflate) = &mut self.deflate {
                deflate.filled(count);
            }
            match poll {
                Poll::Ready(Ok(())) => {
                    self.hears.end();
                    self.measure(Some(count));
                    if self.deflate.is_some() && count > 0 {
                        continue;
                    }
                    (self.start, self.end) = (0, count);
                    return Poll::Ready(Ok(count));
                }
                Poll::Ready(Err(error)) if error.kind() == io::ErrorKind::UnexpectedEof => {
                    return Poll::Ready(Ok(0));
                }
                Poll::Ready(Err(error)) => return Poll::Ready(Err(error)),
                Poll::Pending => {
                    self.measure(None);
                    return self.hears.poll_fault(cx).map(Err);
                }
            }
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

    /// Writes what was compressed.
    fn poll_drain(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        while let Some(deflate) = self
            .deflate
            .as_mut()
            .filter(|deflate| !deflate.waiting().is_empty())
        {
            let poll = Pin::new(&mut self.transport).poll_write(cx, deflate.waiting());
            if let Poll::Ready(Ok(count)) = poll {
                deflate.written(count);
            }
            if ready!(self.watched(cx, poll))? == 0 {
                return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
            }
        }
        Poll::Ready(Ok(()))
    }

    pub(crate) fn poll_write(&mut self, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        if self.deflate.is_some() {
            ready!(self.poll_drain(cx))?;
        }
        if let Some(deflate) = &mut self.deflate {
            let piece = bytes.get(..bytes.len().min(READ_BUFFER)).unwrap_or_default();
            deflate.write(piece)?;
            return Poll::Ready(Ok(piece.len()));
        }
        let poll = Pin::new(&mut self.transport).poll_write(cx, bytes);
        self.watched(cx, poll)
    }

    pub(crate) fn poll_flush(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if let Some(deflate) = &mut self.deflate {
            deflate.flush()?;
            ready!(self.poll_drain(cx))?;
        }
        let poll = Pin::new(&mut self.transport).poll_flush(cx);
        self.watched(cx, poll)
    }

    pub(crate) fn poll_shutdown(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if let Some(deflate) = &mut self.deflate {
            deflate.flush()?;
            ready!(self.poll_drain(cx))?;
        }
        let poll = Pin::new(&mut self.transport).poll_shutdown(cx);
        self.watched(cx, poll)
    }
}
