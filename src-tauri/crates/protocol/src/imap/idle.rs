//! Waiting for something to happen (RFC 2177).
//!
//! async-imap's own handle for it wakes only for what its parser sees, swallows the session while it waits, and
//! takes a refusal for a wait without end; so the dialogue is held here.

use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::task::Poll;
use std::time::Duration;

use super::IdleEnd;
use super::command::Command;
use super::error::ImapError;
use super::reply::{ServerReply, Status};
use super::session::{Answer, ImapSession, Running};
use super::untagged::Untagged;

/// How a wait ended, seen from the wire.
enum Woken {
    Changed,
    Stopped,
    TimedOut,
    Ended(ServerReply),
}

impl ImapSession {
    /// Waits in the open folder until something happens, `limit` is over, or `stop` is ready. What the server has said
    /// since the folder was opened counts as happening: then there is no wait.
    ///
    /// End a wait through `stop`, not by dropping the call: a dropped call leaves the session in the middle. Servers
    /// end a wait after 30 minutes, routers forget a connection sooner: 9 to 25 minutes are good limits. Needs IDLE.
    pub async fn idle(
        &mut self,
        limit: Duration,
        stop: impl Future<Output = ()>,
    ) -> Result<IdleEnd, ImapError> {
        self.need("IDLE")?;
        self.absorb_kept();
        if self.has_events() {
            return Ok(IdleEnd::Changed);
        }
        let running = match self.send(Command::new("IDLE")).await? {
            Ok(running) => running,
            Err(reply) => return Err(self.refused("IDLE", None, false, reply)),
        };
        loop {
            match self.answer(&running).await? {
                Answer::Continue => break,
                Answer::Fetched(fetched) => self.absorb_fetched(fetched),
                Answer::Done(reply) => return self.ended(reply),
            }
        }
        self.wire().set_patience(None);
        let woken = self.wait(&running, limit, stop).await;
        let patience = self.patience;
        self.wire().set_patience(Some(patience));
        let end = match woken? {
            Woken::Ended(reply) => return self.ended(reply),
            Woken::Changed => IdleEnd::Changed,
            Woken::Stopped => IdleEnd::Stopped,
            Woken::TimedOut => IdleEnd::TimedOut,
        };
        let sent = self.session.run_command_untagged("DONE").await;
        sent.map_err(|error| self.broken(error))?;
        loop {
            match self.answer(&running).await? {
                Answer::Fetched(fetched) => self.absorb_fetched(fetched),
                Answer::Continue => {}
                Answer::Done(reply) => {
                    self.absorb_kept();
                    if reply.status != Status::Ok {
                        return Err(self.refused("IDLE", None, false, reply));
                    }
                    return Ok(end);
                }
            }
        }
    }

    /// The server ended the wait by itself.
    fn ended(&mut self, reply: ServerReply) -> Result<IdleEnd, ImapError> {
        self.absorb_kept();
        if reply.status == Status::Ok {
            Ok(IdleEnd::TimedOut)
        } else {
            Err(self.refused("IDLE", None, false, reply))
        }
    }

    async fn wait(
        &mut self,
        running: &Running,
        limit: Duration,
        stop: impl Future<Output = ()>,
    ) -> Result<Woken, ImapError> {
        let mut stop = pin!(stop);
        let mut timer = pin!(tokio::time::sleep(limit));
        poll_fn(|cx| {
            loop {
                // Reading keeps its place in the stream between calls, so that the future may be a new one each time.
                let answer = {
                    let reading = self.answer(running);
                    let mut reading = pin!(reading);
                    reading.as_mut().poll(cx)
                };
                match answer {
                    Poll::Ready(Err(error)) => return Poll::Ready(Err(error)),
                    Poll::Ready(Ok(Answer::Done(reply))) => return Poll::Ready(Ok(Woken::Ended(reply))),
                    Poll::Ready(Ok(Answer::Fetched(fetched))) => {
                        self.absorb_fetched(fetched);
                        return Poll::Ready(Ok(Woken::Changed));
                    }
                    Poll::Ready(Ok(Answer::Continue)) => continue,
                    Poll::Pending => {}
                }
                // What the wire keeps for itself does not wake the reader.
                let exists = self.exists;
                let is_change = |response: &Untagged| match response {
                    Untagged::Exists(count) => Some(*count) != exists,
                    Untagged::Expunge(_) | Untagged::Vanished { .. } => true,
                    _ => false,
                };
                if self.wire().kept().iter().any(is_change) {
                    return Poll::Ready(Ok(Woken::Changed));
                }
                if Pin::new(&mut stop).poll(cx).is_ready() {
                    return Poll::Ready(Ok(Woken::Stopped));
                }
                return Pin::new(&mut timer).poll(cx).map(|()| Ok(Woken::TimedOut));
            }
        })
        .await
    }
}
