//! A signed-in connection: one command at a time, every answer read to its end.

use std::collections::VecDeque;
use std::fmt;
use std::time::Duration;

use async_imap::Session;
use async_imap::error::Error as LibraryError;
use async_imap::imap_proto::{AttributeValue, RequestId, Response, SectionPath};
use mailroom_model::{Endpoint, MessageFlags, UnixMillis};
use tokio::io::AsyncWriteExt as _;

use super::command::{Command, Part};
use super::date::parse_internal_date;
use super::error::ImapError;
use super::reply::{ResponseCode, ServerReply, Status};
use super::untagged::{Namespaces, Untagged};
use super::wire::Wire;
use super::{Capabilities, Event};
use crate::dial::TlsFacts;
use crate::link::Peer;

/// The longest wait for the server's answer to a goodbye.
const GOODBYE: Duration = Duration::from_secs(3);

/// Events that are kept until somebody asks; beyond it only the folder's size is kept up to date.
const EVENT_LIMIT: usize = 10_000;

/// A signed-in connection to an IMAP server.
///
/// A call that is dropped before it ends leaves the conversation in the middle; every later call then fails with
/// [`ImapError::ConnectionLost`], and only a new connection helps. An error after which the session can go on says
/// so ([`ImapError::leaves_session_usable`]).
pub struct ImapSession {
    pub(super) session: Session<Wire>,
    pub(super) peer: Peer,
    endpoint: Endpoint,
    capabilities: Capabilities,
    tls: TlsFacts,
    pub(super) patience: Duration,
    /// Compression may be asked for where it pays.
    may_compress: bool,
    pub(super) qresync: bool,
    pub(super) namespaces: Option<Namespaces>,
    /// The selected folder.
    pub(super) selected: Option<String>,
    /// Number of messages in the selected folder.
    pub(super) exists: Option<u32>,
    in_flight: bool,
    events: Vec<Event>,
    alerts: Vec<String>,
}

impl fmt::Debug for ImapSession {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ImapSession")
            .field("endpoint", &self.endpoint)
            .finish_non_exhaustive()
    }
}

/// A command's whole answer.
#[derive(Debug, Default)]
pub(super) struct Done {
    pub(super) code: Option<ResponseCode>,
    pub(super) untagged: Vec<Untagged>,
    pub(super) fetched: Vec<Fetched>,
}

/// What came of commands that were sent together.
pub(super) struct Answers {
    /// Whether each was carried out.
    pub(super) ends: Vec<Result<(), ImapError>>,
    /// What was said meanwhile.
    pub(super) untagged: Vec<Untagged>,
}

/// One FETCH response.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Fetched {
    pub(super) sequence: u32,
    pub(super) uid: Option<u32>,
    pub(super) flags: Option<MessageFlags>,
    pub(super) modseq: Option<u64>,
    pub(super) internal_date: Option<UnixMillis>,
    pub(super) size: Option<u64>,
    pub(super) content_id: Option<String>,
    pub(super) body: Option<Vec<u8>>,
    /// The text of BODYSTRUCTURE.
    pub(super) structure: Option<Vec<u8>>,
    /// Parts by their sections: `1.2`, `1.2.MIME`.
    pub(super) sections: Vec<(String, Vec<u8>)>,
}

/// What came next.
pub(super) enum Answer {
    Fetched(Fetched),
    Continue,
    Done(ServerReply),
}

/// A command that was sent.
pub(super) struct Running {
    id: RequestId,
    pub(super) verb: &'static str,
}

impl ImapSession {
    pub(super) fn new(session: Session<Wire>, endpoint: Endpoint, tls: TlsFacts, patience: Duration) -> Self {
        Self {
            session,
            peer: Peer::from(&endpoint),
            endpoint,
            capabilities: Capabilities::default(),
            tls,
            patience,
            may_compress: false,
            qresync: false,
            namespaces: None,
            selected: None,
            exists: None,
            in_flight: false,
            events: Vec::new(),
            alerts: Vec::new(),
        }
    }

    /// What the server can do, as it said after the sign-in.
    pub fn capabilities(&self) -> &Capabilities {
        &self.capabilities
    }

    pub(super) fn set_capabilities(&mut self, capabilities: Capabilities) {
        self.capabilities = capabilities;
    }

    pub(super) fn set_qresync(&mut self, is_enabled: bool) {
        self.qresync = is_enabled;
    }

    /// True when QRESYNC was offered and enabled.
    pub fn has_qresync(&self) -> bool {
        self.qresync
    }

    /// What TLS agreed on.
    pub fn tls(&self) -> &TlsFacts {
        &self.tls
    }

    /// The server.
    pub fn endpoint(&self) -> &Endpoint {
        &self.endpoint
    }

    /// What the server wants people to read (`[ALERT]`), since the last call.
    pub fn take_alerts(&mut self) -> Vec<String> {
        std::mem::take(&mut self.alerts)
    }

    /// True when the server has said something about the open folder since it was opened, or since the last
    /// [`Self::noop`].
    pub fn has_events(&self) -> bool {
        !self.events.is_empty()
    }

    /// What the server has said about the open folder counts no more.
    pub fn forget_events(&mut self) {
        self.events.clear();
    }

    /// True when all that the server has said about the open folder since it was opened is that there are more messages.
    pub fn heard_only_arrivals(&self) -> bool {
        self.has_events() && self.events.iter().all(|event| matches!(event, Event::Exists(_)))
    }

    pub(super) fn take_events(&mut self) -> Vec<Event> {
        std::mem::take(&mut self.events)
    }

    pub(super) fn wire(&mut self) -> &mut Wire {
        self.session.as_mut()
    }

    pub(super) fn need(&self, capability: &'static str) -> Result<(), ImapError> {
        if self.capabilities.has(capability) {
            return Ok(());
        }
        Err(ImapError::CapabilityMissing {
            peer: self.peer.clone(),
            capability,
        })
    }

    pub(super) fn set_may_compress(&mut self, may_compress: bool) {
        self.may_compress = may_compress;
    }

    /// Asks for compression (RFC 4978) when this connection has shown that its line is slower than a server that compresses.
    /// Between two commands only. A server that refuses is not asked again.
    pub(super) async fn compress_where_it_pays(&mut self) -> Result<(), ImapError> {
        if !self.may_compress || !self.wire().would_pay() {
            return Ok(());
        }
        self.may_compress = false;
        match self.ask(Command::new("COMPRESS").text("DEFLATE")).await {
            Ok(_) => {
                self.wire().begin_deflate();
                tracing::debug!(peer = %self.peer, "the line is slow: compressed from now on");
                Ok(())
            }
            Err(error) if error.leaves_session_usable() => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// True when the connection is compressed.
    #[cfg(test)]
    pub(super) fn is_compressed(&mut self) -> bool {
        self.wire().is_deflated()
    }

    /// Sends a command. `Err(reply)` inside: the server refused it before it was complete.
    pub(super) async fn send(&mut self, command: Command) -> Result<Result<Running, ServerReply>, ImapError> {
        if self.in_flight {
            return Err(ImapError::lost(&self.peer, None, None));
        }
        self.in_flight = true;
        self.absorb_kept();
        self.wire().take_completion();
        tracing::trace!(verb = command.verb, "IMAP command");
        let free_literal = self.capabilities.free_literal();
        let verb = command.verb;
        let mut running: Option<Running> = None;
        let mut parts = command.parts.into_iter().peekable();
        while let Some(part) = parts.next() {
            match part {
                Part::Text(mut text) => {
                    let mut waits = false;
                    if let Some(Part::Literal(bytes)) = parts.peek() {
                        // Large ones ask first even where they need not: a refusal then costs nothing.
                        waits = bytes.len() > free_literal.min(64 * 1024);
                        let mark = if waits { "" } else { "+" };
                        text = format!("{text} {{{}{mark}}}", bytes.len());
                    }
                    if running.is_none() {
                        let id = self.session.run_command(&text).await;
                        let id = id.map_err(|error| self.broken(error))?;
                        running = Some(Running { id, verb });
                    } else {
                        let sent = self.session.run_command_untagged(&text).await;
                        sent.map_err(|error| self.broken(error))?;
                    }
                    if let (true, Some(running)) = (waits, &running) {
                        loop {
                            match self.answer(running).await? {
                                Answer::Continue => break,
                                Answer::Done(reply) => return Ok(Err(reply)),
                                Answer::Fetched(fetched) => self.absorb_fetched(fetched),
                            }
                        }
                    }
                }
                Part::Literal(bytes) => {
                    let written = self.session.as_mut().write_all(&bytes).await;
                    written.map_err(|error| self.broken(LibraryError::Io(error)))?;
                    if parts.peek().is_none() {
                        let sent = self.session.run_command_untagged("").await;
                        sent.map_err(|error| self.broken(error))?;
                    }
                }
            }
        }
        running
            .map(Ok)
            .ok_or_else(|| ImapError::lost(&self.peer, None, None))
    }

    pub(super) fn broken(&mut self, error: LibraryError) -> ImapError {
        let peer = self.peer.clone();
        let goodbye = self.wire().goodbye().cloned();
        match error {
            LibraryError::Io(error) => ImapError::from_io(&peer, error, goodbye.as_ref()),
            _ => ImapError::lost(&peer, None, goodbye.as_ref()),
        }
    }

    /// The next thing that belongs to a command.
    pub(super) async fn answer(&mut self, running: &Running) -> Result<Answer, ImapError> {
        Ok(self.answer_among(&[running]).await?.1)
    }

    /// The next thing that belongs to one of several commands, and which of them has ended with it.
    async fn answer_among(&mut self, running: &[&Running]) -> Result<(usize, Answer), ImapError> {
        loop {
            let response = match self.session.read_response().await {
                Ok(Some(response)) => response,
                Ok(None) => return Err(self.broken(LibraryError::ConnectionLost)),
                Err(error) => return Err(self.broken(LibraryError::Io(error))),
            };
            match response.parsed() {
                Response::Fetch(sequence, attributes) => {
                    let bodies = self.wire().take_bodies();
                    return Ok((0, Answer::Fetched(fetched(*sequence, attributes, bodies))));
                }
                Response::Continue(_) => return Ok((0, Answer::Continue)),
                Response::Done { tag, .. } => {
                    let Some(at) = running.iter().position(|running| running.id == *tag) else {
                        continue;
                    };
                    self.in_flight = false;
                    if let Some((_, reply)) = self.wire().take_completion() {
                        if reply.code == Some(ResponseCode::Alert) {
                            self.alert(&reply);
                        }
                        return Ok((at, Answer::Done(reply)));
                    }
                    return Err(self.broken(LibraryError::ConnectionLost));
                }
                _ => {}
            }
        }
    }

    /// Runs a command to its end; NO and BAD are errors.
    pub(super) async fn ask(&mut self, command: Command) -> Result<Done, ImapError> {
        self.ask_about(command, None, false).await
    }

    /// The same, with the folder for the error.
    pub(super) async fn ask_about(
        &mut self,
        command: Command,
        folder: Option<&str>,
        opens_folder: bool,
    ) -> Result<Done, ImapError> {
        let verb = command.verb;
        let mut done = Done::default();
        let reply = match self.send(command).await? {
            Err(reply) => reply,
            Ok(running) => self.whole_answer(&running, &mut done).await?,
        };
        self.finished(verb, done, reply)
            .map_err(|reply| self.refused(verb, folder, opens_folder, reply))
    }

    /// Sends commands without waiting in between, and reads their answers: one round trip for all. None may hold a literal. A
    /// refusal stands in its command's place. A server may answer in another order than it was asked in, and what it says of
    /// one command before the end of another (RFC 3501 §5.5): what is said belongs to all of them. `first_within`: how long
    /// the server may be silent before the end of the first answer.
    pub(super) async fn ask_all(
        &mut self,
        commands: Vec<Command>,
        first_within: Option<Duration>,
    ) -> Result<Answers, ImapError> {
        let mut ends = Vec::with_capacity(commands.len());
        let mut running = Vec::with_capacity(commands.len());
        for command in commands {
            let verb = command.verb;
            match self.send(command).await? {
                Ok(sent) => {
                    running.push((ends.len(), sent));
                    ends.push(None);
                }
                Err(refusal) => ends.push(Some(Err(self.refused(verb, None, false, refusal)))),
            }
            self.in_flight = false;
        }
        if first_within.is_some() {
            self.wire().set_patience(first_within);
        }
        let patience = self.patience;
        let mut untagged = Vec::new();
        while !running.is_empty() {
            // As long as one is missing, nothing else can be asked.
            self.in_flight = true;
            let sent: Vec<&Running> = running.iter().map(|(_, sent)| sent).collect();
            let (at, reply) = match self.answer_among(&sent).await? {
                (_, Answer::Fetched(fetched)) => {
                    self.absorb_fetched(fetched);
                    continue;
                }
                (_, Answer::Continue) => continue,
                (at, Answer::Done(reply)) => (at, reply),
            };
            let kept = self.wire().take_kept();
            self.note(&kept);
            untagged.extend(kept);
            let (place, sent) = running.swap_remove(at);
            if let Some(end) = ends.get_mut(place) {
                *end = Some(if reply.status == Status::Ok {
                    Ok(())
                } else {
                    Err(self.refused(sent.verb, None, false, reply))
                });
            }
            if first_within.is_some() {
                self.wire().set_patience(Some(patience));
            }
        }
        self.in_flight = false;
        Ok(Answers {
            ends: ends.into_iter().flatten().collect(),
            untagged,
        })
    }

    async fn whole_answer(&mut self, running: &Running, done: &mut Done) -> Result<ServerReply, ImapError> {
        loop {
            match self.answer(running).await? {
                Answer::Fetched(fetched) => done.fetched.push(fetched),
                Answer::Continue => {}
                Answer::Done(reply) => return Ok(reply),
            }
        }
    }

    /// Takes what came with a command's answer; the reply itself when it is a refusal.
    fn finished(
        &mut self,
        verb: &'static str,
        mut done: Done,
        reply: ServerReply,
    ) -> Result<Done, ServerReply> {
        done.untagged = self.wire().take_kept();
        self.note(&done.untagged);
        if !matches!(verb, "FETCH" | "UID FETCH" | "SELECT") {
            // Nobody asked for these: somebody else changed flags.
            for fetched in std::mem::take(&mut done.fetched) {
                self.absorb_fetched(fetched);
            }
        }
        if reply.status != Status::Ok {
            return Err(reply);
        }
        done.code = reply.code;
        Ok(done)
    }

    pub(super) fn refused(
        &self,
        verb: &'static str,
        folder: Option<&str>,
        opens_folder: bool,
        reply: ServerReply,
    ) -> ImapError {
        ImapError::Refused {
            peer: self.peer.clone(),
            verb,
            opens_folder,
            folder: folder.map(str::to_owned),
            reply: Box::new(reply),
        }
    }

    fn alert(&mut self, reply: &ServerReply) {
        if self.alerts.len() < EVENT_LIMIT {
            self.alerts.push(reply.text.clone());
        }
    }

    /// What was kept between commands.
    pub(super) fn absorb_kept(&mut self) {
        let kept = self.wire().take_kept();
        self.note(&kept);
    }

    /// Keeps what concerns the selected folder, whichever command it came with.
    pub(super) fn note(&mut self, untagged: &[Untagged]) {
        for response in untagged {
            let event = match response {
                // Some repeat it with every answer.
                Untagged::Exists(count) if self.exists == Some(*count) => continue,
                Untagged::Exists(count) => {
                    self.exists = Some(*count);
                    Event::Exists(*count)
                }
                Untagged::Expunge(sequence) => {
                    self.exists = self.exists.map(|count| count.saturating_sub(1));
                    Event::Expunged { sequence: *sequence }
                }
                Untagged::Vanished { earlier: false, uids } => {
                    let gone = u32::try_from(uids.len()).unwrap_or(u32::MAX);
                    self.exists = self.exists.map(|count| count.saturating_sub(gone));
                    Event::Vanished(uids.clone())
                }
                Untagged::Status(reply) => {
                    if reply.code == Some(ResponseCode::Alert) {
                        self.alert(reply);
                    }
                    continue;
                }
                _ => continue,
            };
            self.push(event);
        }
    }

    pub(super) fn absorb_fetched(&mut self, fetched: Fetched) {
        if let Some(flags) = fetched.flags {
            self.push(Event::Flags {
                sequence: fetched.sequence,
                uid: fetched.uid,
                flags,
                modseq: fetched.modseq,
            });
        }
    }

    fn push(&mut self, event: Event) {
        if self.events.len() < EVENT_LIMIT {
            self.events.push(event);
        }
    }

    /// What the server has said about the selected folder since the last call, after asking it (NOOP).
    pub async fn noop(&mut self) -> Result<Vec<Event>, ImapError> {
        self.ask(Command::new("NOOP")).await?;
        Ok(self.take_events())
    }

    /// Says goodbye. Never fails, and does not wait long: the connection ends either way.
    pub async fn logout(mut self) {
        let parting = async {
            if let Ok(Ok(running)) = self.send(Command::new("LOGOUT")).await {
                while let Ok(Answer::Fetched(_) | Answer::Continue) = self.answer(&running).await {}
            }
            let _ = self.session.as_mut().shutdown().await;
        };
        let _ = tokio::time::timeout(GOODBYE, parting).await;
    }
}

/// `bodies`: those that the wire kept of the response.
fn fetched(sequence: u32, attributes: &[AttributeValue<'_>], mut bodies: VecDeque<Vec<u8>>) -> Fetched {
    let mut fetched = Fetched {
        sequence,
        ..Fetched::default()
    };
    for attribute in attributes {
        match attribute {
            AttributeValue::Uid(uid) => fetched.uid = Some(*uid).filter(|uid| *uid != 0),
            AttributeValue::Flags(flags) => {
                fetched.flags = Some(MessageFlags::from_imap(flags.iter().map(AsRef::as_ref)));
            }
            AttributeValue::ModSeq(modseq) => fetched.modseq = Some(*modseq),
            AttributeValue::InternalDate(date) => fetched.internal_date = parse_internal_date(date),
            AttributeValue::GmailMsgId(id) => fetched.content_id = Some(id.to_string()),
            AttributeValue::EmailId(id) => fetched.content_id = Some(id.to_string()),
            AttributeValue::Rfc822Size(size) => fetched.size = Some(u64::from(*size)),
            // It travels so: `fetch_line` says why.
            AttributeValue::Rfc822Header(Some(text)) => fetched.structure = Some(text.to_vec()),
            AttributeValue::BodySection {
                section: Some(SectionPath::Part(path, kind)),
                index,
                data,
            } => {
                let numbers: Vec<String> = path.iter().map(u32::to_string).collect();
                let kind = if kind.is_some() { ".MIME" } else { "" };
                // The mark says that the bytes were kept: see `fetch_line::kept`.
                let bytes = match index {
                    Some(_) => bodies.pop_front(),
                    None => data.as_ref().map(|data| data.to_vec()),
                };
                fetched
                    .sections
                    .push((numbers.join(".") + kind, bytes.unwrap_or_default()));
            }
            // See `fetch_line::KEPT_BODY`.
            AttributeValue::BodySection { section: Some(_), .. } => fetched.body = bodies.pop_front(),
            AttributeValue::BodySection { data: Some(data), .. } => fetched.body = Some(data.to_vec()),
            _ => {}
        }
    }
    fetched
}
