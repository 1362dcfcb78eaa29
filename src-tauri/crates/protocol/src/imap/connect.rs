//! From an endpoint to a session: greeting, STARTTLS, capabilities, sign-in, and what is switched on after it.

use std::future::poll_fn;

use async_imap::Client;
use async_imap::error::Error as LibraryError;
use mailroom_model::{Coded as _, Credentials, Endpoint, Security};
use tokio::io::AsyncWriteExt as _;

use super::auth::{Dialogue, choose};
use super::command::{Command, quoted};
use super::error::ImapError;
use super::reply::{ResponseCode, ServerReply, Status};
use super::session::ImapSession;
use super::untagged::Untagged;
use super::wire::{Step, Wire};
use super::{Capabilities, ImapOptions, Probe};
use crate::dial::{DialError, Dialer, TlsFacts};
use crate::link::{BoxTransport, Peer, WireFault};
use crate::sasl::{Mechanism, initial_response};

/// Connects and signs in.
///
/// Credentials go out after TLS only, and never through compression. Afterwards the server is told who the client is (ID,
/// which NetEase demands), and QRESYNC is enabled where it is offered.
pub async fn connect(
    dialer: &Dialer,
    endpoint: &Endpoint,
    credentials: &Credentials,
    options: &ImapOptions,
) -> Result<ImapSession, ImapError> {
    let caller = Caller {
        dialer,
        endpoint,
        options,
        peer: Peer::from(endpoint),
    };
    let opened = caller.open().await?;
    caller.sign_in(opened, credentials).await
}

/// Connects, looks, and leaves without signing in.
pub async fn probe(dialer: &Dialer, endpoint: &Endpoint, options: &ImapOptions) -> Result<Probe, ImapError> {
    let caller = Caller {
        dialer,
        endpoint,
        options,
        peer: Peer::from(endpoint),
    };
    let mut opened = caller.open().await?;
    // Politeness: whether the goodbye arrives makes no difference.
    let _ = opened.client.run_command_and_check_ok("LOGOUT", None).await;
    Ok(Probe {
        capabilities: opened.capabilities,
        tls: opened.tls,
        greeting: opened.greeting,
    })
}

/// A connection that is encrypted and not signed in.
pub(super) struct Opened {
    client: Client<Wire>,
    capabilities: Capabilities,
    tls: TlsFacts,
    greeting: String,
}

pub(super) struct Caller<'a> {
    pub(super) dialer: &'a Dialer,
    pub(super) endpoint: &'a Endpoint,
    pub(super) options: &'a ImapOptions,
    pub(super) peer: Peer,
}

impl Caller<'_> {
    async fn open(&self) -> Result<Opened, ImapError> {
        let transport = self.dialer.open(self.endpoint).await?;
        match self.endpoint.security {
            Security::Tls => {
                let (transport, tls) = self.dialer.encrypt(transport, self.endpoint).await?;
                self.greet(transport, tls).await
            }
            Security::StartTls => {
                let (transport, greeting) = self.upgrade(transport).await?;
                let (transport, tls) = self.dialer.encrypt(transport, self.endpoint).await?;
                self.opened(self.wire(transport), None, tls, greeting.text).await
            }
        }
    }

    /// Reads the greeting of an encrypted stream.
    pub(super) async fn greet(&self, transport: BoxTransport, tls: TlsFacts) -> Result<Opened, ImapError> {
        let mut wire = self.wire(transport);
        let greeting = self.greeting(&mut wire).await?;
        let said = match greeting.code {
            Some(ResponseCode::Capability(names)) => Some(Capabilities::new(names)),
            _ => None,
        };
        self.opened(wire, said, tls, greeting.text).await
    }

    async fn opened(
        &self,
        wire: Wire,
        said: Option<Capabilities>,
        tls: TlsFacts,
        greeting: String,
    ) -> Result<Opened, ImapError> {
        let mut client = Client::new(wire);
        let capabilities = match said {
            Some(capabilities) => capabilities,
            None => self.ask_capabilities(&mut client).await?,
        };
        Ok(Opened {
            client,
            capabilities,
            tls,
            greeting,
        })
    }

    fn wire(&self, transport: BoxTransport) -> Wire {
        Wire::new(transport, self.dialer.timeouts().reply, self.options.max_literal)
    }

    /// The server's first line. PREAUTH is refused: nothing would be proved by it, and before TLS it is how an
    /// attacker keeps a client from encrypting (RFC 9051 §11.3).
    async fn greeting(&self, wire: &mut Wire) -> Result<ServerReply, ImapError> {
        wire.set_patience(Some(self.dialer.timeouts().greeting));
        loop {
            let step = poll_fn(|cx| wire.poll_step(cx)).await;
            match step.map_err(|error| ImapError::from_io(&self.peer, error, wire.goodbye()))? {
                Step::End => return Err(ImapError::lost(&self.peer, None, wire.goodbye())),
                Step::Out => return Err(self.nonsense()),
                Step::Kept => {}
            }
            for response in wire.take_kept() {
                let Untagged::Status(reply) = response else {
                    continue;
                };
                match reply.status {
                    Status::Ok => {
                        wire.set_patience(Some(self.dialer.timeouts().reply));
                        return Ok(reply);
                    }
                    Status::Bye => return Err(ImapError::lost(&self.peer, None, Some(&reply))),
                    Status::Preauth if self.endpoint.security == Security::StartTls => {
                        return Err(DialError::StarttlsMissing {
                            peer: self.peer.clone(),
                        }
                        .into());
                    }
                    _ => return Err(self.nonsense()),
                }
            }
        }
    }

    fn nonsense(&self) -> ImapError {
        ImapError::ServerNonsense {
            peer: self.peer.clone(),
            source: WireFault::Nonsense.into_io(),
        }
    }

    /// The plain part of a STARTTLS connection. What the server says in it is not believed afterwards.
    pub(super) async fn upgrade(
        &self,
        transport: BoxTransport,
    ) -> Result<(BoxTransport, ServerReply), ImapError> {
        let mut wire = self.wire(transport);
        let greeting = self.greeting(&mut wire).await?;
        let (asked, said) = self.plain_command(&mut wire, "S1", "CAPABILITY").await?;
        let offered = said
            .into_iter()
            .find_map(|response| match response {
                Untagged::Capability(names) => Some(Capabilities::new(names)),
                _ => None,
            })
            .unwrap_or_default();
        let missing = || DialError::StarttlsMissing {
            peer: self.peer.clone(),
        };
        if asked.status != Status::Ok || !offered.has("STARTTLS") {
            return Err(missing().into());
        }
        let (agreed, said) = self.plain_command(&mut wire, "S2", "STARTTLS").await?;
        if agreed.status != Status::Ok {
            return Err(missing().into());
        }
        if wire.has_unread() || !said.is_empty() {
            return Err(DialError::StarttlsInjection {
                peer: self.peer.clone(),
            }
            .into());
        }
        Ok((wire.into_transport(), greeting))
    }

    async fn plain_command(
        &self,
        wire: &mut Wire,
        tag: &str,
        command: &str,
    ) -> Result<(ServerReply, Vec<Untagged>), ImapError> {
        let written = async {
            wire.write_all(format!("{tag} {command}\r\n").as_bytes()).await?;
            wire.flush().await
        };
        written
            .await
            .map_err(|error| ImapError::from_io(&self.peer, error, None))?;
        loop {
            let step = poll_fn(|cx| wire.poll_step(cx)).await;
            match step.map_err(|error| ImapError::from_io(&self.peer, error, wire.goodbye()))? {
                Step::End => return Err(ImapError::lost(&self.peer, None, wire.goodbye())),
                Step::Kept => {}
                Step::Out => {
                    wire.discard_out();
                    if let Some((_, reply)) = wire.take_completion().filter(|(own, _)| own == tag) {
                        return Ok((reply, wire.take_kept()));
                    }
                }
            }
        }
    }

    async fn ask_capabilities(&self, client: &mut Client<Wire>) -> Result<Capabilities, ImapError> {
        let result = client.run_command_and_check_ok("CAPABILITY", None).await;
        let wire = client.get_mut();
        let completion = wire.take_completion();
        if let Err(error) = result {
            return Err(self.failed(error, completion, wire.goodbye()));
        }
        Ok(announced(wire.take_kept()).unwrap_or_default())
    }

    /// An error of async-imap outside a session.
    fn failed(
        &self,
        error: LibraryError,
        completion: Option<(String, ServerReply)>,
        goodbye: Option<&ServerReply>,
    ) -> ImapError {
        match (error, completion) {
            (LibraryError::Io(error), _) => ImapError::from_io(&self.peer, error, goodbye),
            (_, Some((_, reply))) if reply.status != Status::Ok => ImapError::Refused {
                peer: self.peer.clone(),
                verb: "CAPABILITY",
                opens_folder: false,
                folder: None,
                reply: Box::new(reply),
            },
            (LibraryError::ConnectionLost, _) => ImapError::lost(&self.peer, None, goodbye),
            _ => self.nonsense(),
        }
    }

    pub(super) async fn sign_in(
        &self,
        opened: Opened,
        credentials: &Credentials,
    ) -> Result<ImapSession, ImapError> {
        let Opened {
            mut client,
            capabilities,
            tls,
            ..
        } = opened;
        let mechanism = choose(&capabilities, credentials).map_err(|none| ImapError::MechanismMissing {
            peer: self.peer.clone(),
            offered: none.offered,
        })?;
        client.get_mut().take_kept();
        let result = self
            .authenticate(client, &capabilities, mechanism, credentials)
            .await;
        let mut session = result.map_err(|failure| {
            let (error, mut client) = *failure;
            let wire = client.get_mut();
            match wire.take_completion() {
                Some((_, reply)) if reply.status != Status::Ok => ImapError::SignInRefused {
                    peer: self.peer.clone(),
                    bearer: matches!(credentials, Credentials::Bearer { .. }),
                    reply: Box::new(reply.without_secrets(credentials)),
                },
                completion => match error {
                    LibraryError::Validate(_) => ImapError::CredentialsUnsendable {
                        peer: self.peer.clone(),
                    },
                    error => self.failed(error, completion, wire.goodbye()),
                },
            }
        })?;
        tracing::debug!(peer = %self.peer, mechanism = mechanism.as_str(), "signed in to IMAP");

        // What was said before the sign-in no longer counts (RFC 9051 §7.2.2).
        let wire = session.get_mut();
        let code = wire.take_completion().and_then(|(_, reply)| reply.code);
        let said = match code {
            Some(ResponseCode::Capability(names)) => Some(Capabilities::new(names)),
            _ => announced(wire.take_kept()),
        };
        let mut session = ImapSession::new(session, self.endpoint.clone(), tls, self.dialer.timeouts().reply);
        let capabilities = if let Some(capabilities) = said {
            capabilities
        } else {
            let done = session.ask(Command::new("CAPABILITY")).await?;
            announced(done.untagged).unwrap_or_default()
        };
        session.set_capabilities(capabilities);
        self.switch_on(session).await
    }

    async fn authenticate(
        &self,
        client: Client<Wire>,
        capabilities: &Capabilities,
        mechanism: Mechanism,
        credentials: &Credentials,
    ) -> Result<async_imap::Session<Wire>, Box<(LibraryError, Client<Wire>)>> {
        if let (Mechanism::Login, Credentials::Password { username, password }) = (mechanism, credentials) {
            return client.login(username, password.expose()).await.map_err(Box::new);
        }
        let words = initial_response(mechanism, credentials, &self.endpoint.host, self.endpoint.port);
        if capabilities.has("SASL-IR") {
            use base64::Engine as _;
            let encoded = base64::engine::general_purpose::STANDARD.encode(words.expose());
            let command = mailroom_model::Secret::new(format!("{} {encoded}", mechanism.as_str()));
            return client
                .authenticate(command.expose(), Dialogue::new(mechanism, None))
                .await
                .map_err(Box::new);
        }
        client
            .authenticate(mechanism.as_str(), Dialogue::new(mechanism, Some(words)))
            .await
            .map_err(Box::new)
    }

    /// ID and QRESYNC, whose refusal changes nothing. Compression comes later, where it pays.
    async fn switch_on(&self, mut session: ImapSession) -> Result<ImapSession, ImapError> {
        let mut commands = Vec::new();
        if session.capabilities().has("ID") {
            let client = &self.options.client;
            let words = format!(
                "(\"name\" {} \"version\" {})",
                quoted(&printable(&client.name)),
                quoted(&printable(&client.version))
            );
            commands.push(Command::new("ID").text(&words));
        }
        let offers_compression = session.capabilities().has("COMPRESS=DEFLATE");
        session.set_may_compress(self.options.compress && offers_compression);
        if session.capabilities().has("QRESYNC") && session.capabilities().has("ENABLE") {
            commands.push(Command::new("ENABLE").text("QRESYNC"));
        }
        // One round trip for both.
        let answers = session.ask_all(commands, None).await?;
        let is_enabled = answers.untagged.into_iter().any(|response| {
            matches!(response, Untagged::Enabled(names)
                if names.iter().any(|name| name.eq_ignore_ascii_case("QRESYNC")))
        });
        session.set_qresync(is_enabled);
        Ok(session)
    }
}

/// A value for ID: printable ASCII.
fn printable(text: &str) -> String {
    text.chars().filter(|c| (' '..='~').contains(c)).collect()
}

fn announced(said: Vec<Untagged>) -> Option<Capabilities> {
    said.into_iter().rev().find_map(|response| match response {
        Untagged::Capability(names)
        | Untagged::Status(ServerReply {
            code: Some(ResponseCode::Capability(names)),
            ..
        }) => Some(Capabilities::new(names)),
        _ => None,
    })
}

impl ImapSession {
    /// Runs a command whose refusal does not matter; a broken connection does.
    pub(super) async fn ask_leniently(
        &mut self,
        command: Command,
    ) -> Result<super::session::Done, ImapError> {
        match self.ask(command).await {
            Err(error) if error.leaves_session_usable() => {
                tracing::debug!(code = %error.code(), "an optional command was refused");
                Ok(super::session::Done::default())
            }
            other => other,
        }
    }
}
