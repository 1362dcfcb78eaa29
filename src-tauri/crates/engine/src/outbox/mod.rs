//! Messages on their way out: composed, kept, sent once, and filed once.

mod decide;
mod due;
mod filing;
mod leave;
mod letter;

use mailroom_model::{AccountId, Coded as _, EmailAddress, OutboxId};
use mailroom_protocol::smtp::{Delivery, Envelope, SmtpError};
use mailroom_store::{AccountRow, CompressedBody, NewOutbox, OutboxRow, OutboxState, StoredError, Traffic};

use self::decide::{Attempt, Fate, after_attempt};
pub(crate) use self::filing::find_copy;
pub use self::leave::EndLimits;
pub(crate) use self::leave::Outgoing;
pub use self::letter::Letter;
use crate::event::Event;
use crate::preferences::is_sender;
use crate::work::until;
use crate::{Engine, EngineError};

/// An entry that is sent, filed and drawn the consequences of goes with its bytes after so many seconds: until then
/// whoever had it sent can still read how it ended.
const FILED_SECONDS: i64 = 60;

impl Engine {
    /// Puts a message into the outbox and tries to send it. What comes back says how far it got; a message that could not
    /// be sent stays in the outbox, and nothing of it is lost.
    pub async fn send(&self, letter: &Letter) -> Result<OutboxRow, EngineError> {
        let (account, identity) = self.sender(&letter.from).await?;
        if !is_sender(&account) {
            return Err(EngineError::SendingDisabled {
                address: account.address.to_string(),
            });
        }
        let ready = self.compose(letter, &identity).await?;
        let now = self.now().await?;
        let store = self.store().await?;
        let id = store
            .outbox()
            .enqueue(
                &NewOutbox {
                    account_id: account.id,
                    identity_id: Some(identity.id),
                    rfc_message_id: ready.message_id,
                    subject: letter.subject.clone(),
                    envelope_from: identity.address.to_string(),
                    envelope_to: ready.recipients.iter().map(ToString::to_string).collect(),
                    raw: CompressedBody::compress(&ready.raw)?,
                    send_after: now,
                    about: letter
                        .reply_to
                        .map(|answered| (answered, "\\Answered".to_owned())),
                },
                now,
            )
            .await?;
        self.tell_outbox(&account, id, OutboxState::Queued);
        if let Err(error) = self.send_due(&account).await {
            tracing::warn!(code = %error.code(), "the outbox could not be worked on now");
        }
        self.entry(id).await
    }

    /// Tries a message of the outbox again now, also one that was refused or whose fate is unknown: the person has decided.
    pub async fn retry_outbox(&self, id: OutboxId) -> Result<OutboxRow, EngineError> {
        let store = self.store().await?;
        let row = self.entry(id).await?;
        let account = store.accounts().get(row.account_id).await?;
        let account = account.ok_or(EngineError::EntryMissing { id: id.0 })?;
        if !is_sender(&account) {
            return Err(EngineError::SendingDisabled {
                address: account.address.to_string(),
            });
        }
        if store.outbox().requeue(id, self.now().await?).await? {
            // Whoever held it back: it is this program's now.
            self.outgoing.begin(id, account.id);
        }
        self.send_due(&account).await?;
        self.entry(id).await
    }

    /// An entry of the outbox.
    pub(crate) async fn entry(&self, id: OutboxId) -> Result<OutboxRow, EngineError> {
        let row = self.store().await?.outbox().get(id).await?;
        row.ok_or(EngineError::EntryMissing { id: id.0 })
    }

    /// The bytes of its message.
    pub(crate) async fn entry_bytes(&self, id: OutboxId) -> Result<Vec<u8>, EngineError> {
        let raw = self.store().await?.outbox().raw(id).await?;
        raw.ok_or(EngineError::EntryMissing { id: id.0 })
    }

    /// Sends what is due for the account and files copies that are missing. Returns how many messages the server took.
    /// A message that fails keeps its reason; only errors of this machine end the work.
    pub(crate) async fn send_due(&self, account: &AccountRow) -> Result<u64, EngineError> {
        let store = self.store().await?;
        let turn = self.take_turn(&turn_name(account.id)).await?;
        self.recover_cut_off(account).await?;
        let mut sent = 0;
        let due = store.outbox().due(account.id, self.now().await?).await?;
        // Read anew: the person may have switched sending off since.
        let account = &store
            .accounts()
            .get(account.id)
            .await?
            .unwrap_or_else(|| account.clone());
        let may_send = is_sender(account);
        for row in due.iter().filter(|_| may_send) {
            if self.stays(account, row).await? {
                continue;
            }
            sent += u64::from(self.send_one(account, row).await?);
        }
        // What was sent takes effect before anything else is asked of a server: a restart may come at any time.
        self.settle_sent(account).await?;
        // At the end of the program copies wait for the next one: each is looked for before it is put anywhere.
        // Boxed: the future holds the work on a mailbox and is large.
        let filing = Box::pin(self.file_copies(account));
        let filed = until(&self.outgoing.closing, filing).await;
        // A copy that turned up tells that its message was sent.
        self.settle_sent(account).await?;
        self.forget_filed().await?;
        drop(turn);
        match filed {
            // The messages are sent; their copies are filed with the next look at the account.
            Err(error @ (EngineError::Store(_) | EngineError::Worker)) => Err(error),
            _ => Ok(sent),
        }
    }

    /// Draws the consequences of what was sent: what it answers is marked, and drafts go.
    async fn settle_sent(&self, account: &AccountRow) -> Result<(), EngineError> {
        let drafts = self.store().await?.drafts();
        let sent = drafts.unsettled(account.id).await?;
        for id in &sent {
            drafts.settle(*id, self.now().await?).await?;
        }
        if !sent.is_empty() {
            self.tell(Event::OperationsChanged {
                address: account.address.to_string(),
            });
        }
        Ok(())
    }

    /// Removes what was filed a while ago.
    pub(crate) async fn forget_filed(&self) -> Result<(), EngineError> {
        let before = self.now().await?.plus_seconds(-FILED_SECONDS);
        self.store().await?.outbox().remove_filed(before).await?;
        Ok(())
    }

    /// One attempt. True when the server took the message.
    async fn send_one(&self, account: &AccountRow, row: &OutboxRow) -> Result<bool, EngineError> {
        let outbox = self.store().await?.outbox();
        if !outbox.begin_sending(row.id, self.now().await?).await? {
            return Ok(false);
        }
        self.outgoing.begin(row.id, account.id);
        self.tell_outbox(account, row.id, OutboxState::Sending);
        let result = self.hand_over(account, row).await;
        let sent = self.note_attempt(account, row, result).await;
        self.outgoing.end(row.id);
        sent
    }

    /// Keeps how an attempt ended. True when the server took the message.
    async fn note_attempt(
        &self,
        account: &AccountRow,
        row: &OutboxRow,
        result: Result<(), EngineError>,
    ) -> Result<bool, EngineError> {
        let store = self.store().await?;
        let outbox = store.outbox();
        let attempt = match &result {
            Ok(()) => Attempt::Accepted,
            Err(EngineError::Smtp(error)) => judge(error),
            Err(EngineError::Store(_)) => Attempt::Deferred,
            Err(error) if error.needs_sign_in() => Attempt::Refused,
            Err(_) => Attempt::Deferred,
        };
        if attempt == Attempt::Deferred && self.outgoing.closing.is_cancelled() {
            // There was no time for it: the next program meets it as it was.
            outbox.put_back(row.id).await?;
            self.tell_outbox(account, row.id, OutboxState::Queued);
            return Ok(false);
        }
        let now = self.now().await?;
        let [jitter] = self.random::<1>().await?;
        let error = result.err();
        let kept = error.as_ref().map(|error| StoredError::new(error, now));
        let state = match (after_attempt(attempt, row.attempts + 1, now, jitter), &kept) {
            (Fate::TryAt(at), Some(kept)) => {
                outbox.mark_deferred(row.id, at, kept).await?;
                OutboxState::Queued
            }
            (Fate::Failed, Some(kept)) => {
                outbox.mark_failed(row.id, kept).await?;
                OutboxState::Failed
            }
            (Fate::Unknown, Some(kept)) => {
                outbox.mark_unknown(row.id, kept).await?;
                OutboxState::Unknown
            }
            (_, _) => {
                outbox.mark_sent(row.id, now).await?;
                self.remember_recipients(account, row).await;
                OutboxState::Sent
            }
        };
        self.tell_outbox(account, row.id, state);
        match error {
            Some(error @ EngineError::Store(_)) => Err(error),
            _ => Ok(state == OutboxState::Sent),
        }
    }

    async fn hand_over(&self, account: &AccountRow, row: &OutboxRow) -> Result<(), EngineError> {
        let raw = self.entry_bytes(row.id).await?;
        let envelope = Envelope {
            from: Some(address(&row.envelope_from)?),
            to: row
                .envelope_to
                .iter()
                .map(|text| address(text))
                .collect::<Result<_, _>>()?,
        };
        let began_at = self.now().await?;
        let mut session = match until(&self.outgoing.ending, self.open_smtp(account)).await {
            Ok(session) => session,
            Err(error) => {
                // Boxed: it is seldom needed.
                Box::pin(self.note_trouble(account, Traffic::Send, &error)).await?;
                return Err(error);
            }
        };
        let took_ms = u64::try_from(self.now().await?.0.saturating_sub(began_at.0)).ok();
        self.note_size_limit(account, session.limits().size).await?;
        let receipt = session.send(&envelope, &raw).await;
        session.quit().await;
        // What the server has against this message is the message's affair.
        receipt?;
        Box::pin(self.note_worked(account, Traffic::Send, took_ms)).await
    }

    pub(crate) fn tell_outbox(&self, account: &AccountRow, id: OutboxId, state: OutboxState) {
        self.tell(Event::OutboxChanged {
            address: account.address.to_string(),
            id,
            state: state.as_str().to_owned(),
        });
    }
}

/// The name of the turn for sending.
pub(crate) fn turn_name(account: AccountId) -> String {
    format!("outbox-{account}")
}

fn judge(error: &SmtpError) -> Attempt {
    match error.delivery() {
        Delivery::Unknown => Attempt::Unknown,
        Delivery::Refused => Attempt::Refused,
        Delivery::NotSent => Attempt::Deferred,
    }
}

fn address(text: &str) -> Result<EmailAddress, EngineError> {
    text.parse().map_err(|source| EngineError::Address {
        text: text.to_owned(),
        source,
    })
}
