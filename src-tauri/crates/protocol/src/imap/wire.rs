//! The stream that async-imap reads. It frames the server's responses itself: what async-imap needs (FETCH,
//! continuations, completions) is passed on in a form that its parser takes for certain; everything else is parsed
//! here and kept for the session. A line that nobody can read costs that line, not the connection.
//!
//! It never goes past the end of a response in one read, so that whoever reads stays in step with what was kept. Bodies are
//! not passed on: they are kept as well, where they are read once and moved from there, and async-imap sees
//! [`KEPT_BODY`](super::fetch_line::KEPT_BODY) in their place.

use std::collections::VecDeque;
use std::fmt;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::fetch_line::{After, FetchLine, Goes, is_fetch};
use super::reply::{ServerReply, Status};
use super::token::trailing_literal;
use super::untagged::{self, Untagged};
use crate::link::{BoxTransport, Link, WireFault};

/// Longest line that is no list of numbers.
const LINE_LIMIT: u64 = 1024 * 1024;
/// Longest list of numbers: two million messages, found one by one.
const NUMBERS_LIMIT: u64 = 24 * 1024 * 1024;
/// Longest literal outside FETCH: a mailbox name.
const NAME_LIMIT: u64 = 64 * 1024;
/// Unreadable lines before the server counts as talking nonsense.
const GARBAGE_LIMIT: u32 = 100;
/// Responses that are kept between two looks at them.
const KEPT_LIMIT: usize = 2_000_000;
/// Room for a literal that is made before any of it came, in bytes: a size is only what the server says.
const TRUSTED_SIZE: u64 = 1024 * 1024;

#[derive(Debug)]
enum State {
    /// At the start of a response.
    Line,
    /// Inside a literal that belongs to `line`.
    Collect(u64),
    /// At the start of a FETCH's next segment.
    Fetch(FetchLine),
    /// Inside a FETCH's literal; `body` is where its bytes go when they are wanted.
    Body {
        left: u64,
        body: Option<Vec<u8>>,
        goes: Goes,
        fetch: FetchLine,
    },
}

/// What one step brought.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// Bytes for async-imap are ready.
    Out,
    /// A response was kept, or thrown away.
    Kept,
    /// The stream ended.
    End,
}

/// See the module.
pub(super) struct Wire {
    link: Link,
    line: Vec<u8>,
    /// Where the last literal in `line` ends: what it holds is never the head of another.
    literal_end: usize,
    out: Vec<u8>,
    out_at: usize,
    state: State,
    max_literal: u64,
    garbage: u32,
    kept: Vec<Untagged>,
    /// The literals of the last FETCH response, in its order.
    bodies: VecDeque<Vec<u8>>,
    completion: Option<(String, ServerReply)>,
    goodbye: Option<ServerReply>,
    /// True once something readable was said: whoever begins with something else is no IMAP server.
    spoke: bool,
}

impl fmt::Debug for Wire {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Wire")
            .field("link", &self.link)
            .field("kept", &self.kept.len())
            .finish_non_exhaustive()
    }
}

impl Wire {
    pub(super) fn new(transport: BoxTransport, patience: Duration, max_literal: u64) -> Self {
        Self {
            link: Link::new(transport, patience),
            line: Vec::new(),
            literal_end: 0,
            out: Vec::new(),
            out_at: 0,
            state: State::Line,
            // The parser behind counts literals in 32 bits.
            max_literal: max_literal.min(u64::from(u32::MAX)),
            garbage: 0,
            kept: Vec::new(),
            bodies: VecDeque::new(),
            completion: None,
            goodbye: None,
            spoke: false,
        }
    }

    /// From here on both directions are compressed (RFC 4978); right after the server has agreed. Every limit goes on to
    /// count what comes out of the compression.
    pub(super) fn begin_deflate(&mut self) {
        self.link.begin_deflate();
    }

    /// True when both directions are compressed.
    #[cfg(test)]
    pub(super) fn is_deflated(&self) -> bool {
        self.link.is_deflated()
    }

    /// True when compression would pay, as far as bodies of messages have shown.
    pub(super) fn would_pay(&mut self) -> bool {
        self.link.would_pay()
    }

    pub(super) fn set_patience(&mut self, limit: Option<Duration>) {
        self.link.set_patience(limit);
    }

    pub(super) fn into_transport(self) -> BoxTransport {
        self.link.into_transport()
    }

    /// True when the server has said more than was read. Right after STARTTLS that is an attack.
    pub(super) fn has_unread(&self) -> bool {
        !self.link.buffered().is_empty() || !self.line.is_empty()
    }

    /// What was kept since the last call.
    pub(super) fn take_kept(&mut self) -> Vec<Untagged> {
        std::mem::take(&mut self.kept)
    }

    pub(super) fn kept(&self) -> &[Untagged] {
        &self.kept
    }

    /// The bodies of the FETCH response that was read last, in its order.
    pub(super) fn take_bodies(&mut self) -> VecDeque<Vec<u8>> {
        std::mem::take(&mut self.bodies)
    }

    /// The last tagged response with its tag.
    pub(super) fn take_completion(&mut self) -> Option<(String, ServerReply)> {
        self.completion.take()
    }

    /// The server's `BYE`.
    pub(super) fn goodbye(&self) -> Option<&ServerReply> {
        self.goodbye.as_ref()
    }

    /// Throws away what is ready for async-imap: for dialogues that are held before it is there.
    pub(super) fn discard_out(&mut self) {
        self.out.clear();
        self.out_at = 0;
    }

    /// Reads at most one response.
    pub(super) fn poll_step(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<Step>> {
        loop {
            if self.has_out() {
                return Poll::Ready(Ok(Step::Out));
            }
            if let State::Body { left: 0, .. } = self.state {
                let State::Body { fetch, body, .. } = std::mem::replace(&mut self.state, State::Line) else {
                    continue;
                };
                self.bodies.extend(body);
                self.state = State::Fetch(fetch);
            }
            self.link.set_flowing(matches!(self.state, State::Body { .. }));
            if self.link.buffered().is_empty() && ready!(self.link.poll_fill(cx))? == 0 {
                return Poll::Ready(Ok(Step::End));
            }
            match &mut self.state {
                State::Body {
                    left,
                    body,
                    goes,
                    fetch,
                } => {
                    let buffered = self.link.buffered();
                    let count = within(*left, buffered.len());
                    let bytes = buffered.get(..count).unwrap_or_default();
                    if let Some(body) = body {
                        body.extend_from_slice(bytes);
                    } else if *goes == Goes::Inside {
                        fetch.take_in(bytes);
                    }
                    *left -= count as u64;
                    self.link.consume(count);
                }
                State::Collect(left) => {
                    let buffered = self.link.buffered();
                    let count = within(*left, buffered.len());
                    self.line
                        .extend_from_slice(buffered.get(..count).unwrap_or_default());
                    *left -= count as u64;
                    if *left == 0 {
                        self.state = State::Line;
                        self.literal_end = self.line.len();
                    }
                    self.link.consume(count);
                }
                State::Line | State::Fetch(_) => {
                    if self.gather()? {
                        self.digest()?;
                        if matches!(self.state, State::Line) && self.line.is_empty() {
                            let is_out = self.has_out();
                            return Poll::Ready(Ok(if is_out { Step::Out } else { Step::Kept }));
                        }
                    }
                }
            }
        }
    }

    /// True when a whole response is ready for async-imap, or the rest of one.
    fn has_out(&self) -> bool {
        self.out_at < self.out.len() && !matches!(self.state, State::Body { .. } | State::Fetch(_))
    }

    /// Moves bytes into `line` up to and including a line end; true when the line is complete.
    fn gather(&mut self) -> io::Result<bool> {
        let buffered = self.link.buffered();
        let end = buffered.iter().position(|byte| *byte == b'\n');
        let count = end.map_or(buffered.len(), |at| at + 1);
        self.line
            .extend_from_slice(buffered.get(..count).unwrap_or_default());
        self.link.consume(count);
        let limit = if lists_numbers(&self.line) {
            NUMBERS_LIMIT
        } else {
            LINE_LIMIT
        };
        if self.line.len() as u64 > limit {
            return Err(WireFault::LineTooLong { limit }.into_io());
        }
        Ok(end.is_some())
    }

    /// Decides about a complete line. Leaves `line` empty unless a literal continues it.
    fn digest(&mut self) -> io::Result<()> {
        let mut line = std::mem::take(&mut self.line);
        let literal_end = std::mem::take(&mut self.literal_end);
        while matches!(line.last(), Some(b'\n' | b'\r')) {
            line.pop();
        }
        if let State::Fetch(fetch) = std::mem::replace(&mut self.state, State::Line) {
            return self.fetch_segment(fetch, &line);
        }
        if let Some(body) = line.strip_prefix(b"* ") {
            if is_fetch(body) {
                self.bodies.clear();
                return self.fetch_segment(FetchLine::default(), &line);
            }
            let unread = line.get(literal_end..).unwrap_or_default();
            if let Some(size) = trailing_literal(unread).filter(|_| ServerReply::parse(body).is_none()) {
                if size > NAME_LIMIT {
                    return Err(WireFault::LiteralTooLarge {
                        size,
                        limit: NAME_LIMIT,
                    }
                    .into_io());
                }
                line.extend_from_slice(b"\r\n");
                self.line = line;
                self.state = State::Collect(size);
                return Ok(());
            }
            return match untagged::parse(body) {
                Some(response) => self.keep(response),
                None => self.garbage(),
            };
        }
        if let Some(text) = line.strip_prefix(b"+") {
            // Only SASL puts something to read behind the plus, and that is base64.
            let text = std::str::from_utf8(text).unwrap_or_default().trim();
            let is_base64 = STANDARD.decode(text).is_ok();
            self.spoke = true;
            self.pass(&format!("+ {}\r\n", if is_base64 { text } else { "" }));
            return Ok(());
        }
        match completion(&line) {
            Some((tag, reply)) => {
                self.spoke = true;
                self.pass(&format!("{tag} {} done\r\n", reply.status.as_str()));
                self.completion = Some((tag, reply));
                Ok(())
            }
            None => self.garbage(),
        }
    }

    fn fetch_segment(&mut self, mut fetch: FetchLine, line: &[u8]) -> io::Result<()> {
        if self.out_at == self.out.len() {
            self.discard_out();
        }
        match fetch.segment(line, &mut self.out) {
            After::End => {
                if fetch.is_broken() {
                    self.garbage()?;
                }
            }
            After::Literal { size, goes } => {
                if size > self.max_literal {
                    let limit = self.max_literal;
                    return Err(WireFault::LiteralTooLarge { size, limit }.into_io());
                }
                let room = usize::try_from(size.min(TRUSTED_SIZE)).unwrap_or_default();
                self.state = State::Body {
                    left: size,
                    goes,
                    body: (goes == Goes::On).then(|| Vec::with_capacity(room)),
                    fetch,
                };
            }
        }
        Ok(())
    }

    fn pass(&mut self, line: &str) {
        self.discard_out();
        self.out.extend_from_slice(line.as_bytes());
    }

    fn keep(&mut self, response: Untagged) -> io::Result<()> {
        self.spoke = true;
        match &response {
            Untagged::Ignored => return Ok(()),
            Untagged::Status(reply) if reply.status == Status::Bye => self.goodbye = Some(reply.clone()),
            _ => {}
        }
        if self.kept.len() >= KEPT_LIMIT {
            return Err(WireFault::Nonsense.into_io());
        }
        self.kept.push(response);
        Ok(())
    }

    fn garbage(&mut self) -> io::Result<()> {
        self.garbage += 1;
        tracing::debug!(
            count = self.garbage,
            "a line of the IMAP server could not be read"
        );
        if self.garbage > GARBAGE_LIMIT || !self.spoke {
            return Err(WireFault::Nonsense.into_io());
        }
        Ok(())
    }
}

fn within(left: u64, available: usize) -> usize {
    usize::try_from(left).unwrap_or(usize::MAX).min(available)
}

fn lists_numbers(line: &[u8]) -> bool {
    const LISTS: [&[u8]; 3] = [b"* SEARCH", b"* ESEARCH", b"* VANISHED"];
    LISTS.iter().any(|list| {
        line.get(..list.len())
            .is_some_and(|start| start.eq_ignore_ascii_case(list))
    })
}

fn completion(line: &[u8]) -> Option<(String, ServerReply)> {
    let space = line.iter().position(|byte| *byte == b' ')?;
    let (tag, rest) = line.split_at(space);
    if tag.is_empty() || !tag.iter().all(u8::is_ascii_alphanumeric) {
        return None;
    }
    let reply = ServerReply::parse(rest.trim_ascii_start())?;
    if !matches!(reply.status, Status::Ok | Status::No | Status::Bad) {
        return None;
    }
    Some((String::from_utf8(tag.to_vec()).ok()?, reply))
}

impl AsyncRead for Wire {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        if buf.remaining() == 0 {
            return Poll::Ready(Ok(()));
        }
        loop {
            if this.has_out() {
                let ready_bytes = this.out.get(this.out_at..).unwrap_or_default();
                let count = ready_bytes.len().min(buf.remaining());
                buf.put_slice(ready_bytes.get(..count).unwrap_or_default());
                this.out_at += count;
                return Poll::Ready(Ok(()));
            }
            if ready!(this.poll_step(cx))? == Step::End {
                return Poll::Ready(Ok(()));
            }
        }
    }
}

impl AsyncWrite for Wire {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.get_mut().link.poll_write(cx, bytes)
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.get_mut().link.poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.get_mut().link.poll_shutdown(cx)
    }
}
