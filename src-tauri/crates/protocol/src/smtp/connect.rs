//! From an endpoint to a session: greeting, STARTTLS, EHLO, sign-in.

use lettre::transport::smtp::client::AsyncSmtpConnection;
use lettre::transport::smtp::extension::ClientId;
use mailroom_model::{Credentials, Endpoint, Security};
use tokio::io::AsyncWriteExt as _;

use super::error::SmtpError;
use super::meaning::Stage;
use super::session::SmtpSession;
use super::wire::{Fault, SmtpWire};
use super::{Capabilities, Probe, Reply, SmtpOptions};
use crate::dial::{DialError, Dialer, TlsFacts};
use crate::link::{BoxTransport, Peer};

/// Connects, and signs in when there are credentials. They go out after TLS only.
pub async fn connect(
    dialer: &Dialer,
    endpoint: &Endpoint,
    credentials: Option<&Credentials>,
    options: &SmtpOptions,
) -> Result<SmtpSession, SmtpError> {
    let caller = Caller::new(dialer, endpoint, options);
    let (mut session, _) = caller.open().await?;
    if let Some(credentials) = credentials {
        session.sign_in(credentials).await?;
    }
    Ok(session)
}

/// Connects, looks, and leaves without signing in.
pub async fn probe(dialer: &Dialer, endpoint: &Endpoint, options: &SmtpOptions) -> Result<Probe, SmtpError> {
    let (session, greeting) = Caller::new(dialer, endpoint, options).open().await?;
    let probe = Probe {
        capabilities: session.limits().clone(),
        tls: session.tls().clone(),
        greeting,
    };
    session.quit().await;
    Ok(probe)
}

pub(super) struct Caller<'a> {
    dialer: &'a Dialer,
    endpoint: &'a Endpoint,
    peer: Peer,
    hello_name: String,
}

impl<'a> Caller<'a> {
    pub(super) fn new(dialer: &'a Dialer, endpoint: &'a Endpoint, options: &SmtpOptions) -> Self {
        let hello_name: String = options
            .hello_name
            .chars()
            .filter(char::is_ascii_graphic)
            .collect();
        Self {
            dialer,
            endpoint,
            peer: Peer::from(endpoint),
            hello_name: if hello_name.is_empty() {
                SmtpOptions::default().hello_name
            } else {
                hello_name
            },
        }
    }

    async fn open(&self) -> Result<(SmtpSession, Reply), SmtpError> {
        let transport = self.dialer.open(self.endpoint).await?;
        match self.endpoint.security {
            Security::Tls => {
                let (transport, tls) = self.dialer.encrypt(transport, self.endpoint).await?;
                self.greet(transport, tls).await
            }
            Security::StartTls => {
                let (transport, greeting) = self.upgrade(transport).await?;
                let (transport, tls) = self.dialer.encrypt(transport, self.endpoint).await?;
                let wire = SmtpWire::new(transport, self.dialer.timeouts().reply);
                Ok((self.hello(wire, tls).await?, greeting))
            }
        }
    }

    /// Reads the greeting of an encrypted stream and says hello.
    pub(super) async fn greet(
        &self,
        transport: BoxTransport,
        tls: TlsFacts,
    ) -> Result<(SmtpSession, Reply), SmtpError> {
        let mut wire = SmtpWire::new(transport, self.dialer.timeouts().greeting);
        let greeting = self.expect(wire.reply().await, 220, Stage::Greeting)?;
        wire.ear().set_patience(self.dialer.timeouts().reply);
        Ok((self.hello(wire, tls).await?, greeting))
    }

    async fn hello(&self, mut wire: SmtpWire, tls: TlsFacts) -> Result<SmtpSession, SmtpError> {
        let ear = wire.ear();
        wire.pretend_greeting();
        let name = ClientId::Domain(self.hello_name.clone());
        let result = AsyncSmtpConnection::connect_with_transport(Box::new(wire), &name).await;
        let (reply, fault) = {
            let mut heard = ear.lock();
            (heard.reply.take(), heard.fault.take())
        };
        match (result, reply) {
            (Ok(connection), Some(reply)) if reply.code == 250 => Ok(SmtpSession::new(
                connection,
                ear,
                self.endpoint.clone(),
                tls,
                Capabilities::from_reply(&reply),
                *self.dialer.timeouts(),
            )),
            // lettre says QUIT after a refusal; whether the reply is to that or to EHLO, it was a no.
            (Err(_), Some(reply)) if reply.code == 221 => Err(SmtpError::ServerClosed {
                peer: self.peer.clone(),
                reply,
            }),
            (_, Some(reply)) => Err(self.refusal(reply, Stage::Hello)),
            (_, None) => Err(SmtpError::from_fault(&self.peer, fault.as_ref())),
        }
    }

    fn refusal(&self, reply: Reply, stage: Stage) -> SmtpError {
        let peer = self.peer.clone();
        match reply.code {
            421 => SmtpError::ServerClosed { peer, reply },
            400.. => SmtpError::Refused { peer, stage, reply },
            _ => SmtpError::ServerNonsense { peer },
        }
    }

    fn expect(&self, reply: Result<Reply, Fault>, code: u16, stage: Stage) -> Result<Reply, SmtpError> {
        let reply = reply.map_err(|fault| SmtpError::from_fault(&self.peer, Some(&fault)))?;
        if reply.code == code {
            Ok(reply)
        } else {
            Err(self.refusal(reply, stage))
        }
    }

    /// The plain part of a STARTTLS connection. What the server says in it is not believed afterwards.
    pub(super) async fn upgrade(&self, transport: BoxTransport) -> Result<(BoxTransport, Reply), SmtpError> {
        let mut wire = SmtpWire::new(transport, self.dialer.timeouts().greeting);
        let greeting = self.expect(wire.reply().await, 220, Stage::Greeting)?;
        wire.ear().set_patience(self.dialer.timeouts().reply);
        self.say(&mut wire, &format!("EHLO {}", self.hello_name)).await?;
        let offered = self.expect(wire.reply().await, 250, Stage::Hello)?;
        let missing = || DialError::StarttlsMissing {
            peer: self.peer.clone(),
        };
        if !Capabilities::from_reply(&offered).starttls {
            return Err(missing().into());
        }
        self.say(&mut wire, "STARTTLS").await?;
        let agreed = wire.reply().await;
        let agreed = agreed.map_err(|fault| SmtpError::from_fault(&self.peer, Some(&fault)))?;
        if agreed.code != 220 {
            return Err(missing().into());
        }
        if wire.has_unread() {
            return Err(DialError::StarttlsInjection {
                peer: self.peer.clone(),
            }
            .into());
        }
        Ok((wire.into_transport(), greeting))
    }

    async fn say(&self, wire: &mut SmtpWire, line: &str) -> Result<(), SmtpError> {
        let written = async {
            wire.write_all(format!("{line}\r\n").as_bytes()).await?;
            wire.flush().await
        };
        if written.await.is_err() {
            let fault = wire.ear().lock().fault.take();
            return Err(SmtpError::from_fault(&self.peer, fault.as_ref()));
        }
        Ok(())
    }
}
