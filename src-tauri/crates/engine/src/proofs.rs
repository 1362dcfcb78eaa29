//! The Test of an account: eight proofs, each from traffic that happened.

use std::time::Duration;

use mailroom_model::{EmailAddress, Endpoint, FolderRole, UnixMillis};
use mailroom_protocol::TlsFacts;
use mailroom_protocol::imap::{self, IdleEnd, ImapSession};
use mailroom_protocol::smtp::Envelope;
use mailroom_store::AccountRow;
use time::OffsetDateTime;
use tokio_util::sync::CancellationToken;

use crate::budget::Purpose;
use crate::connection::Connection;
use crate::event::{Event, Fault};
use crate::work::until;
use crate::{Engine, EngineError};

/// What is proved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProofKind {
    /// The servers' names have addresses.
    NameLookup,
    /// The connection is encrypted and the certificate is good.
    Tls,
    /// The IMAP server accepts the sign-in.
    ImapSignIn,
    /// The folders can be listed.
    FolderList,
    /// A header can be read.
    ReadHeader,
    /// The SMTP server accepts the sign-in.
    SmtpSignIn,
    /// The SMTP server lets the account send as its address; nothing is sent.
    RightToSend,
    /// The server announces new mail by itself.
    Push,
}

impl ProofKind {
    /// Every proof, in order.
    pub const EVERY: [Self; 8] = [
        Self::NameLookup,
        Self::Tls,
        Self::ImapSignIn,
        Self::FolderList,
        Self::ReadHeader,
        Self::SmtpSignIn,
        Self::RightToSend,
        Self::Push,
    ];

    /// The name on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NameLookup => "name-lookup",
            Self::Tls => "tls",
            Self::ImapSignIn => "imap-sign-in",
            Self::FolderList => "folder-list",
            Self::ReadHeader => "read-header",
            Self::SmtpSignIn => "smtp-sign-in",
            Self::RightToSend => "right-to-send",
            Self::Push => "push",
        }
    }
}

/// How a proof ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProofResult {
    /// It works.
    Passed,
    /// It does not.
    Failed,
    /// It was not tried: an earlier one failed, or there is no such thing here.
    Skipped,
}

impl ProofResult {
    /// The name on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Passed => "passed",
            Self::Failed => "failed",
            Self::Skipped => "skipped",
        }
    }
}

/// One line of a Test.
#[derive(Clone, Debug)]
pub struct Proof {
    /// What is proved.
    pub kind: ProofKind,
    /// How it ended.
    pub result: ProofResult,
    /// What was tried.
    pub tried: String,
    /// What was seen, as facts for a report.
    pub seen: String,
    /// Milliseconds that it took.
    pub took_ms: i64,
    /// Why it failed.
    pub fault: Option<Fault>,
}

/// How long the push proof waits: a server that takes IDLE says so at once.
const IDLE_PROOF: Duration = Duration::from_secs(1);

/// The Test while it runs.
struct Test<'a> {
    engine: &'a Engine,
    address: String,
    proofs: Vec<Proof>,
    began: i64,
}

impl Test<'_> {
    async fn begin(&mut self) -> Result<(), EngineError> {
        self.began = self.engine.now().await?.0;
        Ok(())
    }

    /// Notes how the proof that was begun ended; hands the value on when it passed.
    async fn end<T>(
        &mut self,
        kind: ProofKind,
        tried: String,
        result: Result<(T, String), EngineError>,
    ) -> Result<Option<T>, EngineError> {
        let took_ms = self.engine.now().await?.0 - self.began;
        let (value, result, seen, fault) = match result {
            Ok((value, seen)) => (Some(value), ProofResult::Passed, seen, None),
            Err(error) => (None, ProofResult::Failed, String::new(), Some(Fault::of(&error))),
        };
        self.note(Proof {
            kind,
            result,
            tried,
            seen,
            took_ms,
            fault,
        });
        self.begin().await?;
        Ok(value)
    }

    fn skip(&mut self, kinds: &[ProofKind], tried: &str) {
        for kind in kinds {
            self.note(Proof {
                kind: *kind,
                result: ProofResult::Skipped,
                tried: tried.to_owned(),
                seen: String::new(),
                took_ms: 0,
                fault: None,
            });
        }
    }

    fn note(&mut self, proof: Proof) {
        self.engine.tell(Event::ProofEnded {
            address: self.address.clone(),
            proof: proof.clone(),
        });
        self.proofs.push(proof);
    }
}

impl Engine {
    /// Runs the eight proofs of an account, and tells each as it ends. Nobody receives a message.
    pub async fn test_account(
        &self,
        address: &EmailAddress,
        cancel: &CancellationToken,
    ) -> Result<Vec<Proof>, EngineError> {
        let work = self.works.begin(address, cancel);
        // Boxed: the future holds the work of every proof and is large.
        until(work.cancel(), Box::pin(self.run_proofs(address))).await
    }

    async fn run_proofs(&self, address: &EmailAddress) -> Result<Vec<Proof>, EngineError> {
        let account = self.account(address).await?;
        let working = account.working.clone().ok_or_else(|| EngineError::SignInNeeded {
            address: address.to_string(),
        })?;
        let mut test = Test {
            engine: self,
            address: address.to_string(),
            proofs: Vec::new(),
            began: 0,
        };
        test.begin().await?;
        let reached = self.prove_connection(&mut test, &working.imap).await?;
        let session = if reached {
            let result = self.open_imap(&account, Purpose::Person).await.map(|session| {
                let seen = session.capabilities().iter().collect::<Vec<_>>().join(" ");
                (session, seen)
            });
            test.end(ProofKind::ImapSignIn, working.imap_username.clone(), result)
                .await?
        } else {
            test.skip(&[ProofKind::ImapSignIn], &working.imap.to_string());
            None
        };
        let session = if let Some(session) = session {
            self.prove_reading(&mut test, session).await?
        } else {
            test.skip(
                &[ProofKind::FolderList, ProofKind::ReadHeader],
                &working.imap.to_string(),
            );
            None
        };
        self.prove_sending(&mut test, &account, working.smtp.as_ref(), &working.smtp_username)
            .await?;
        match session {
            Some(session) => self.prove_push(&mut test, session).await?,
            None => test.skip(&[ProofKind::Push], &working.imap.to_string()),
        }
        Ok(test.proofs)
    }

    async fn prove_connection(&self, test: &mut Test<'_>, endpoint: &Endpoint) -> Result<bool, EngineError> {
        let dialer = &self.edges().await?.dialer;
        let addresses = dialer.look_up(endpoint).await.map(|addresses| {
            let seen = addresses
                .iter()
                .map(ToString::to_string)
                .collect::<Vec<_>>()
                .join(" ");
            ((), seen)
        });
        let found = test
            .end(
                ProofKind::NameLookup,
                endpoint.host.clone(),
                addresses.map_err(Into::into),
            )
            .await?;
        if found.is_none() {
            test.skip(&[ProofKind::Tls], &endpoint.to_string());
            return Ok(false);
        }
        let slot = self.slot(&endpoint.host, Purpose::Person).await?;
        let probed = imap::probe(dialer, endpoint, &imap::ImapOptions::default())
            .await
            .map(|probe| ((), tls_seen(&probe.tls)));
        drop(slot);
        Ok(test
            .end(ProofKind::Tls, endpoint.to_string(), probed.map_err(Into::into))
            .await?
            .is_some())
    }

    /// Lists the folders and reads the newest header of the inbox.
    async fn prove_reading(
        &self,
        test: &mut Test<'_>,
        mut session: Connection,
    ) -> Result<Option<Connection>, EngineError> {
        let listed = session.list_folders().await.map(|folders| {
            let seen = format!("{} folders", folders.len());
            (folders, seen)
        });
        let folders = test
            .end(
                ProofKind::FolderList,
                "LIST".to_owned(),
                listed.map_err(Into::into),
            )
            .await?;
        let inbox = folders.and_then(|folders| {
            folders
                .into_iter()
                .find(|folder| folder.role == Some(FolderRole::Inbox))
        });
        let Some(inbox) = inbox else {
            test.skip(&[ProofKind::ReadHeader], "INBOX");
            return Ok(None);
        };
        let read = read_newest(&mut session, &inbox.wire_name)
            .await
            .map(|seen| ((), seen));
        let passed = test.end(ProofKind::ReadHeader, inbox.path, read).await?.is_some();
        Ok(passed.then_some(session))
    }

    async fn prove_sending(
        &self,
        test: &mut Test<'_>,
        account: &AccountRow,
        smtp: Option<&Endpoint>,
        username: &str,
    ) -> Result<(), EngineError> {
        let Some(endpoint) = smtp else {
            test.skip(&[ProofKind::SmtpSignIn, ProofKind::RightToSend], "");
            return Ok(());
        };
        let tried = format!("{username} {endpoint}");
        let opened = self.open_smtp(account).await.map(|session| {
            let limits = session.limits();
            let size = limits
                .size
                .map(|size| format!("SIZE {size} "))
                .unwrap_or_default();
            let eight_bit = if limits.eight_bit { "8BITMIME " } else { "" };
            let utf8 = if limits.smtputf8 { "SMTPUTF8" } else { "" };
            let seen = format!("{size}{eight_bit}{utf8}").trim_end().to_owned();
            (session, seen)
        });
        if let Ok((session, _)) = &opened {
            self.note_size_limit(account, session.limits().size).await?;
        }
        let Some(mut session) = test.end(ProofKind::SmtpSignIn, tried, opened).await? else {
            test.skip(&[ProofKind::RightToSend], &account.address.to_string());
            return Ok(());
        };
        let envelope = Envelope {
            from: Some(account.address.clone()),
            to: vec![account.address.clone()],
        };
        let allowed = session.may_send(&envelope).await.map(|()| ((), String::new()));
        test.end(
            ProofKind::RightToSend,
            account.address.to_string(),
            allowed.map_err(Into::into),
        )
        .await?;
        session.quit().await;
        Ok(())
    }

    async fn prove_push(&self, test: &mut Test<'_>, mut session: Connection) -> Result<(), EngineError> {
        if !session.capabilities().has("IDLE") {
            test.skip(&[ProofKind::Push], "IDLE");
            return Ok(());
        }
        let never = CancellationToken::new();
        let idled = session.idle(IDLE_PROOF, never.cancelled()).await.map(|end| {
            let seen = match end {
                IdleEnd::Changed => "mail was announced",
                IdleEnd::TimedOut | IdleEnd::Stopped => "waiting was accepted",
            };
            ((), seen.to_owned())
        });
        test.end(ProofKind::Push, "IDLE".to_owned(), idled.map_err(Into::into))
            .await?;
        session.logout().await;
        Ok(())
    }
}

/// The header of the newest message; an empty inbox proves that it can be opened.
async fn read_newest(session: &mut ImapSession, inbox: &str) -> Result<String, EngineError> {
    let selected = session.select(inbox, None).await?;
    let newest = session.newest_uids(1).await?;
    let Some(uid) = newest.first() else {
        return Ok(format!("{} messages", selected.exists));
    };
    let header = session.fetch_header(*uid).await?;
    let bytes = header.map_or(0, |header| header.raw.len());
    Ok(format!("{} messages, {bytes} bytes read", selected.exists))
}

/// Version, cipher and end of the certificate.
fn tls_seen(tls: &TlsFacts) -> String {
    let day = |at: UnixMillis| {
        OffsetDateTime::from_unix_timestamp(at.seconds())
            .ok()
            .map(OffsetDateTime::date)
    };
    let until = tls
        .not_after
        .and_then(day)
        .map(|day| format!(", certificate valid until {day}"))
        .unwrap_or_default();
    format!("{} {}{until}", tls.version, tls.cipher)
}
