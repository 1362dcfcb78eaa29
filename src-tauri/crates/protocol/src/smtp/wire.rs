//! The stream that lettre reads. Replies are framed and parsed here and kept in full; lettre gets each as one plain
//! line, which its parser takes whatever the server's letters were.

use std::fmt;
use std::future::poll_fn;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use lettre::transport::smtp::client::AsyncTokioStream;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::Reply;
use crate::link::{BoxTransport, Link, WireFault};

const LINE_LIMIT: usize = 16 * 1024;
const REPLY_LINES: usize = 500;

/// What was heard and said, shared between the stream inside lettre and the session.
#[derive(Debug, Default)]
pub(super) struct Heard {
    pub(super) reply: Option<Reply>,
    pub(super) fault: Option<Fault>,
    /// Bytes that the stream took since the last reset.
    pub(super) written: u64,
    /// A new limit on silence, to be taken over with the next read.
    patience: Option<Duration>,
}

/// How a connection broke.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    Wire(WireFault),
    /// The stream ended.
    End,
    /// The socket failed.
    Io(io::ErrorKind),
}

/// See [`Heard`].
#[derive(Clone, Debug, Default)]
pub(super) struct Ear(Arc<Mutex<Heard>>);

impl Ear {
    pub(super) fn lock(&self) -> MutexGuard<'_, Heard> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn set_patience(&self, limit: Duration) {
        self.lock().patience = Some(limit);
    }
}

/// See the module.
pub(super) struct SmtpWire {
    link: Link,
    ear: Ear,
    line: Vec<u8>,
    code: Option<u16>,
    lines: Vec<String>,
    out: Vec<u8>,
}

impl fmt::Debug for SmtpWire {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SmtpWire")
            .field("link", &self.link)
            .finish_non_exhaustive()
    }
}

impl SmtpWire {
    pub(super) fn new(transport: BoxTransport, patience: Duration) -> Self {
        Self {
            link: Link::new(transport, patience),
            ear: Ear::default(),
            line: Vec::new(),
            code: None,
            lines: Vec::new(),
            out: Vec::new(),
        }
    }

    pub(super) fn ear(&self) -> Ear {
        self.ear.clone()
    }

    /// lettre begins by reading a greeting. The real one has been read, or belongs to the time before TLS.
    pub(super) fn pretend_greeting(&mut self) {
        self.out = b"220 ready\r\n".to_vec();
    }

    pub(super) fn into_transport(self) -> BoxTransport {
        self.link.into_transport()
    }

    pub(super) fn has_unread(&self) -> bool {
        !self.link.buffered().is_empty() || !self.line.is_empty()
    }

    /// The next reply, for dialogues that are held without lettre.
    pub(super) async fn reply(&mut self) -> Result<Reply, Fault> {
        let heard = poll_fn(|cx| self.poll_reply(cx)).await;
        self.out.clear();
        let mut shared = self.ear.lock();
        match (heard, shared.reply.take()) {
            (Ok(true), Some(reply)) => Ok(reply),
            (Ok(_), _) => Err(Fault::End),
            (Err(error), _) => Err(fault(&error)),
        }
    }

    /// Reads one whole reply into `out` and the shared ear; false at the end of the stream.
    fn poll_reply(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<bool>> {
        if let Some(limit) = self.ear.lock().patience.take() {
            self.link.set_patience(Some(limit));
        }
        loop {
            if self.link.buffered().is_empty() && ready!(self.link.poll_fill(cx))? == 0 {
                return Poll::Ready(Ok(false));
            }
            let buffered = self.link.buffered();
            let end = buffered.iter().position(|byte| *byte == b'\n');
            let count = end.map_or(buffered.len(), |at| at + 1);
            self.line
                .extend_from_slice(buffered.get(..count).unwrap_or_default());
            self.link.consume(count);
            if self.line.len() > LINE_LIMIT {
                let limit = LINE_LIMIT as u64;
                return Poll::Ready(Err(WireFault::LineTooLong { limit }.into_io()));
            }
            if end.is_some() && self.digest()? {
                return Poll::Ready(Ok(true));
            }
        }
    }

    /// Takes a complete line; true when it ends a reply.
    fn digest(&mut self) -> io::Result<bool> {
        let line = std::mem::take(&mut self.line);
        let line = String::from_utf8_lossy(&line);
        let line = line.trim_end_matches(['\r', '\n']);
        let nonsense = || WireFault::Nonsense.into_io();
        let (digits, rest) = line.split_at_checked(3).ok_or_else(nonsense)?;
        let code: u16 = digits.parse().map_err(|_| nonsense())?;
        let is_code = digits.bytes().all(|byte| byte.is_ascii_digit()) && (200..600).contains(&code);
        if !is_code || self.code.is_some_and(|own| own != code) || self.lines.len() >= REPLY_LINES {
            return Err(nonsense());
        }
        let (is_last, text) = match rest.split_at_checked(1) {
            None => (true, ""),
            Some((" ", text)) => (true, text),
            Some(("-", text)) => (false, text),
            Some(_) => return Err(nonsense()),
        };
        self.lines
            .push(text.chars().filter(|c| !c.is_control()).collect());
        if !is_last {
            self.code = Some(code);
            return Ok(false);
        }
        self.code = None;
        let reply = Reply::new(code, std::mem::take(&mut self.lines));
        self.out = format!("{code} said\r\n").into_bytes();
        self.ear.lock().reply = Some(reply);
        Ok(true)
    }

    fn note<T>(&self, poll: Poll<io::Result<T>>) -> Poll<io::Result<T>> {
        if let Poll::Ready(Err(error)) = &poll {
            // The first fault is the cause; what follows are its echoes.
            self.ear.lock().fault.get_or_insert_with(|| fault(error));
        }
        poll
    }
}

fn fault(error: &io::Error) -> Fault {
    WireFault::of(error).map_or(Fault::Io(error.kind()), |fault| Fault::Wire(fault.clone()))
}

impl AsyncRead for SmtpWire {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        if this.out.is_empty() {
            let poll = this.poll_reply(cx);
            if !ready!(this.note(poll))? {
                this.ear.lock().fault.get_or_insert(Fault::End);
                return Poll::Ready(Ok(()));
            }
        }
        let count = this.out.len().min(buf.remaining());
        let rest = this.out.split_off(count);
        buf.put_slice(&this.out);
        this.out = rest;
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for SmtpWire {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let poll = this.link.poll_write(cx, bytes);
        if let Poll::Ready(Ok(count)) = &poll {
            this.ear.lock().written += *count as u64;
        }
        this.note(poll)
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let poll = this.link.poll_flush(cx);
        this.note(poll)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.get_mut().link.poll_shutdown(cx)
    }
}

impl AsyncTokioStream for SmtpWire {
    fn peer_addr(&self) -> io::Result<SocketAddr> {
        Err(io::ErrorKind::Unsupported.into())
    }
}
