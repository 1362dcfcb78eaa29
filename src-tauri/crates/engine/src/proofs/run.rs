//! The Test while it runs.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use mailroom_model::{Clock, EmailAddress, Endpoint, FolderRole, Param, WorkingAccount};
use mailroom_protocol::imap::ImapSession;
use mailroom_protocol::smtp::Envelope;
use mailroom_protocol::{Dialer, TlsFacts};
use mailroom_store::AccountRow;
use tokio_util::sync::CancellationToken;

use super::{
    End, Fact, FactKind, Half, Proof, ProofKind, ProofResult, SkipReason, TestReport, merged, report,
};
use crate::budget::Purpose;
use crate::certificates::ServerKind;
use crate::connection::Connection;
use crate::event::{Event, Fault};
use crate::redact::Redaction;
use crate::work::until;
use crate::{Engine, EngineError};

/// How long the push proof waits: a server that takes IDLE says so at once.
const IDLE_PROOF: Duration = Duration::from_secs(1);

/// The Test while it runs. Its two chains share it.
pub(super) struct Test<'a> {
    engine: &'a Engine,
    clock: Arc<dyn Clock>,
    address: String,
    /// How many servers the account has.
    servers: usize,
    halves: Mutex<BTreeMap<ProofKind, Vec<Half>>>,
    proofs: Mutex<Vec<Proof>>,
}

impl Test<'_> {
    fn now(&self) -> i64 {
        self.clock.now().0
    }

    /// Notes how a proof ended, and tells it; hands the value on when it passed.
    pub(super) fn end<T>(
        &self,
        kind: ProofKind,
        began: i64,
        tried: Vec<Fact>,
        result: Result<(T, Vec<Fact>), EngineError>,
    ) -> Option<T> {
        let (value, end) = ended(result);
        let half = Half {
            server: ServerKind::Imap,
            tried,
            end,
            took_ms: self.now() - began,
        };
        // A proof about one server says nothing of which.
        let mut proof = merged(kind, vec![half]);
        for fact in proof.tried.iter_mut().chain(&mut proof.seen) {
            fact.server = None;
        }
        self.note(proof);
        value
    }

    /// Notes what a server has to say to a proof about both; the proof is told as soon as both have spoken.
    fn half_end<T>(
        &self,
        kind: ProofKind,
        began: i64,
        (server, tried): (ServerKind, Vec<Fact>),
        result: Result<(T, Vec<Fact>), EngineError>,
    ) -> Option<T> {
        let (value, end) = ended(result);
        self.note_half(
            kind,
            Half {
                server,
                tried,
                end,
                took_ms: self.now() - began,
            },
        );
        value
    }

    fn note_half(&self, kind: ProofKind, half: Half) {
        let whole = {
            let mut halves = self.halves.lock().unwrap_or_else(PoisonError::into_inner);
            let known = halves.entry(kind).or_default();
            known.push(half);
            if known.len() < self.servers {
                return;
            }
            std::mem::take(known)
        };
        self.note(merged(kind, whole));
    }

    pub(super) fn skip(&self, kinds: &[ProofKind], reason: SkipReason) {
        for kind in kinds {
            self.note(Proof {
                kind: *kind,
                result: ProofResult::Skipped,
                tried: Vec::new(),
                seen: Vec::new(),
                took_ms: 0,
                skipped: Some(reason),
                fault: None,
            });
        }
    }

    fn note(&self, proof: Proof) {
        self.engine.tell(Event::ProofEnded {
            address: self.address.clone(),
            proof: proof.clone(),
        });
        self.proofs
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(proof);
    }

    fn has_passed(&self, kind: ProofKind) -> bool {
        let proofs = self.proofs.lock().unwrap_or_else(PoisonError::into_inner);
        proofs
            .iter()
            .any(|proof| proof.kind == kind && proof.result == ProofResult::Passed)
    }

    fn into_proofs(self) -> Vec<Proof> {
        let mut proofs = self.proofs.into_inner().unwrap_or_else(PoisonError::into_inner);
        proofs.sort_by_key(|proof| proof.kind);
        proofs
    }
}

fn ended<T>(result: Result<(T, Vec<Fact>), EngineError>) -> (Option<T>, End) {
    match result {
        Ok((value, seen)) => (Some(value), End::Passed(seen)),
        Err(error) => (None, End::Failed(Fault::of(&error))),
    }
}

fn number(value: impl TryInto<i64>) -> Param {
    Param::Number(value.try_into().unwrap_or(i64::MAX))
}

impl Engine {
    /// Runs the proofs of an account, and tells each as it ends: the server for reading and the one for sending side by side.
    /// Nobody receives a message but, with `full_loop`, the account itself, once, and that one is removed.
    pub async fn test_account(
        &self,
        address: &EmailAddress,
        full_loop: bool,
        cancel: &CancellationToken,
    ) -> Result<TestReport, EngineError> {
        let work = self.works.begin(address, cancel);
        // Boxed: the future holds the work of every proof and is large.
        until(work.cancel(), Box::pin(self.run_proofs(address, full_loop))).await
    }

    async fn run_proofs(&self, address: &EmailAddress, full_loop: bool) -> Result<TestReport, EngineError> {
        let account = self.account(address).await?;
        let working = account.working.clone().ok_or_else(|| EngineError::SignInNeeded {
            address: address.to_string(),
        })?;
        let test = Test {
            engine: self,
            clock: Arc::clone(&self.edges().await?.clock),
            address: address.to_string(),
            servers: 1 + usize::from(working.smtp.is_some()),
            halves: Mutex::default(),
            proofs: Mutex::default(),
        };
        let dialer = self.dialer_for(&account).await?;
        let (reading, sending) = tokio::join!(
            // Boxed: each holds a whole conversation.
            Box::pin(self.prove_reading(&test, &dialer, &account, &working)),
            Box::pin(self.prove_sending(&test, &dialer, &account, &working)),
        );
        reading?;
        sending?;
        if full_loop {
            let may = [ProofKind::ReadHeader, ProofKind::RightToSend]
                .into_iter()
                .all(|kind| test.has_passed(kind));
            if may {
                Box::pin(self.prove_full_loop(&test, &account)).await;
            } else if working.smtp.is_none() {
                test.skip(&[ProofKind::FullLoop], SkipReason::ReceiveOnly);
            } else {
                test.skip(&[ProofKind::FullLoop], SkipReason::Earlier);
            }
        }
        let proofs = test.into_proofs();
        self.note_test(account.id, &proofs).await;
        let names = [working.imap_username.as_str(), working.smtp_username.as_str()];
        let text = report::text(&Redaction::new(address, &names), &proofs);
        Ok(TestReport { proofs, text })
    }

    /// Whether a server can be reached, and whether the connection is encrypted: a half of the first two proofs.
    async fn reaches(
        &self,
        test: &Test<'_>,
        dialer: &Dialer,
        account: &AccountRow,
        (server, endpoint): (ServerKind, &Endpoint),
    ) -> Result<bool, EngineError> {
        let tried = || vec![Fact::new(FactKind::Server, endpoint.to_string())];
        let began = test.now();
        let addresses = dialer.look_up(endpoint).await.map(|addresses| {
            let addresses: Vec<String> = addresses.iter().map(ToString::to_string).collect();
            ((), vec![Fact::new(FactKind::IpAddresses, addresses.join(" "))])
        });
        let found = test.half_end(
            ProofKind::NameLookup,
            began,
            (server, tried()),
            addresses.map_err(Into::into),
        );
        if found.is_none() {
            let skipped = Half {
                server,
                tried: Vec::new(),
                end: End::Skipped(SkipReason::Earlier),
                took_ms: 0,
            };
            test.note_half(ProofKind::Tls, skipped);
            return Ok(false);
        }
        let began = test.now();
        let looked = self.look_at_tls(dialer, server, endpoint).await;
        if let Ok(tls) = &looked {
            self.note_certificate(account, server, endpoint, tls).await?;
        }
        let looked = looked.map(|tls| ((), tls_seen(&tls)));
        Ok(test
            .half_end(ProofKind::Tls, began, (server, tried()), looked)
            .is_some())
    }

    async fn prove_reading(
        &self,
        test: &Test<'_>,
        dialer: &Dialer,
        account: &AccountRow,
        working: &WorkingAccount,
    ) -> Result<(), EngineError> {
        const REST: [ProofKind; 3] = [ProofKind::FolderList, ProofKind::ReadHeader, ProofKind::Push];
        let server = (ServerKind::Imap, &working.imap);
        if !self.reaches(test, dialer, account, server).await? {
            test.skip(&[ProofKind::ImapSignIn], SkipReason::Earlier);
            test.skip(&REST, SkipReason::Earlier);
            return Ok(());
        }
        let began = test.now();
        let opened = self.open_imap(account, Purpose::Person).await.map(|session| {
            let capabilities = session.capabilities().iter().collect::<Vec<_>>().join(" ");
            (session, vec![Fact::new(FactKind::Capabilities, capabilities)])
        });
        let tried = sign_in_tried(&working.imap, &working.imap_username);
        let Some(mut session) = test.end(ProofKind::ImapSignIn, began, tried, opened) else {
            test.skip(&REST, SkipReason::Earlier);
            return Ok(());
        };
        let began = test.now();
        let listed = session.list_folders().await.map(|folders| {
            let seen = vec![Fact::new(FactKind::Folders, number(folders.len()))];
            (folders, seen)
        });
        let folders = test.end(
            ProofKind::FolderList,
            began,
            Vec::new(),
            listed.map_err(Into::into),
        );
        let Some(folders) = folders else {
            test.skip(&[ProofKind::ReadHeader, ProofKind::Push], SkipReason::Earlier);
            return Ok(());
        };
        let is_inbox =
            |folder: &mailroom_protocol::imap::RemoteFolder| folder.role == Some(FolderRole::Inbox);
        let Some(inbox) = folders.into_iter().find(is_inbox) else {
            test.skip(&[ProofKind::ReadHeader, ProofKind::Push], SkipReason::NoInbox);
            return Ok(());
        };
        let began = test.now();
        let read = read_newest(&mut session, &inbox.wire_name).await;
        let tried = vec![Fact::new(FactKind::Folder, inbox.path)];
        let read = test.end(ProofKind::ReadHeader, began, tried, read.map(|seen| ((), seen)));
        if read.is_none() {
            test.skip(&[ProofKind::Push], SkipReason::Earlier);
            return Ok(());
        }
        prove_push(test, session).await;
        Ok(())
    }

    async fn prove_sending(
        &self,
        test: &Test<'_>,
        dialer: &Dialer,
        account: &AccountRow,
        working: &WorkingAccount,
    ) -> Result<(), EngineError> {
        const BOTH: [ProofKind; 2] = [ProofKind::SmtpSignIn, ProofKind::RightToSend];
        let Some(endpoint) = &working.smtp else {
            test.skip(&BOTH, SkipReason::ReceiveOnly);
            return Ok(());
        };
        let server = (ServerKind::Smtp, endpoint);
        if !self.reaches(test, dialer, account, server).await? {
            test.skip(&BOTH, SkipReason::Earlier);
            return Ok(());
        }
        let began = test.now();
        let opened = self.open_smtp(account).await;
        if let Ok(session) = &opened {
            self.note_size_limit(account, session.limits().size).await?;
        }
        let opened = opened.map(|session| {
            let limit = session.limits().size;
            let seen = limit.map(|limit| Fact::new(FactKind::SizeLimit, number(limit)));
            (session, seen.into_iter().collect())
        });
        let tried = sign_in_tried(endpoint, &working.smtp_username);
        let Some(mut session) = test.end(ProofKind::SmtpSignIn, began, tried, opened) else {
            test.skip(&[ProofKind::RightToSend], SkipReason::Earlier);
            return Ok(());
        };
        let envelope = Envelope {
            from: Some(account.address.clone()),
            to: vec![account.address.clone()],
        };
        let began = test.now();
        let allowed = session.may_send(&envelope).await.map(|()| ((), Vec::new()));
        let tried = vec![Fact::new(FactKind::Address, account.address.to_string())];
        test.end(ProofKind::RightToSend, began, tried, allowed.map_err(Into::into));
        session.quit().await;
        Ok(())
    }

    async fn prove_full_loop(&self, test: &Test<'_>, account: &AccountRow) {
        let began = test.now();
        let tried = vec![Fact::new(FactKind::Address, account.address.to_string())];
        match self.full_loop(account).await.transpose() {
            None => test.skip(&[ProofKind::FullLoop], SkipReason::Busy),
            Some(ended) => {
                test.end(ProofKind::FullLoop, began, tried, ended.map(|seen| ((), seen)));
            }
        }
    }
}

/// Where, and as whom.
fn sign_in_tried(endpoint: &Endpoint, user_name: &str) -> Vec<Fact> {
    vec![
        Fact::new(FactKind::Server, endpoint.to_string()),
        Fact::new(FactKind::UserName, user_name),
    ]
}

async fn prove_push(test: &Test<'_>, mut session: Connection) {
    if session.capabilities().has("IDLE") {
        let never = CancellationToken::new();
        let began = test.now();
        // What was said before would end the wait before it is asked for.
        session.forget_events();
        // Whatever ends the wait: the server took it.
        let idled = session.idle(IDLE_PROOF, never.cancelled()).await;
        let idled = idled.map(|_| ((), Vec::new()));
        test.end(ProofKind::Push, began, Vec::new(), idled.map_err(Into::into));
    } else {
        test.skip(&[ProofKind::Push], SkipReason::NotOffered);
    }
    session.logout().await;
}

/// The header of the newest message; an empty inbox proves that it can be opened.
async fn read_newest(session: &mut ImapSession, inbox: &str) -> Result<Vec<Fact>, EngineError> {
    let selected = session.select(inbox, None).await?;
    let mut seen = vec![Fact::new(FactKind::Messages, number(selected.exists))];
    if let Some(uid) = session.newest_uids(1).await?.first() {
        let header = session.fetch_header(*uid).await?;
        let bytes = header.map_or(0, |header| header.raw.len());
        seen.push(Fact::new(FactKind::Bytes, number(bytes)));
    }
    Ok(seen)
}

/// Version, cipher, and the server's certificate.
fn tls_seen(tls: &TlsFacts) -> Vec<Fact> {
    let mut seen = vec![
        Fact::new(FactKind::TlsVersion, tls.version.as_str()),
        Fact::new(FactKind::Cipher, tls.cipher.as_str()),
        Fact::new(FactKind::ChainLength, number(tls.chain.len())),
    ];
    if let Some(own) = tls.own_certificate() {
        seen.push(Fact::new(FactKind::Issuer, own.issuer));
        seen.extend(
            own.not_after
                .map(|until| Fact::new(FactKind::ValidUntil, until.0)),
        );
        seen.push(Fact::new(FactKind::Fingerprint, own.fingerprint.to_string()));
    }
    seen.extend(
        tls.excepted
            .map(|reason| Fact::new(FactKind::Excepted, reason.as_str())),
    );
    seen
}
