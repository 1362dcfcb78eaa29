//! Messages on their way out: composed, kept, sent once, and filed once.

mod decide;
mod due;
mod filing;
mod letter;

use mailroom_model::{AccountId, EmailAddress, OutboxId};
use mailroom_protocol::smtp::{Delivery, Envelope, SmtpError};
use mailroom_store::{AccountRow, CompressedBody, NewOutbox, OutboxRow, OutboxState, StoredError, Traffic};

use self::decide::{Attempt, Fate, after_attempt};
pub use self::letter::Letter;
use crate::event::Event;
use crate::preferences::is_sender;
use crate::{Engine, EngineError};

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
            tracing::warn!(%error, "the outbox could not be worked on now");
        }
        store
            .outbox()
            .get(id)
            .await?
            .ok_or(EngineError::EntryMissing { id: id.0 })
    }

    /// Tries a message of the outbox again now, also one that was refused or whose fate is unknown: the person has decided.
    pub async fn retry_outbox(&self, id: OutboxId) -> Result<OutboxRow, EngineError> {
        let missing = || EngineError::EntryMissing { id: id.0 };
        let store = self.store().await?;
        let row = store.outbox().get(id).await?.ok_or_else(missing)?;
        let account = store.accounts().get(row.account_id).await?.ok_or_else(missing)?;
        if !is_sender(&account) {
            return Err(EngineError::SendingDisabled {
                address: account.address.to_string(),
            });
        }
        store.outbox().requeue(id, self.now().await?).await?;
        self.send_due(&account).await?;
        store.outbox().get(id).await?.ok_or_else(missing)
    }

    /// Sends what is due for the account and files copies that are missing. Returns how many messages the server took.
    /// A message that fails keeps its reason; only errors of this machine end the work.
    pub(crate) async fn send_due(&self, account: &AccountRow) -> Result<u64, EngineError> {
        let store = self.store().await?;
        let turn = self.take_turn(&turn_name(account.id)).await?;
        // Holding the turn, nobody sends: what still says so was cut off with its program.
        for id in store.outbox().recover(account.id).await? {
            self.tell_outbox(account, id, OutboxState::Unknown);
        }
        let mut sent = 0;
        let due = store.outbox().due(self.now().await?).await?;
        // Read anew: the person may have switched sending off since.
        let account = &store
            .accounts()
            .get(account.id)
            .await?
            .unwrap_or_else(|| account.clone());
        let may_send = is_sender(account);
        for row in due.iter().filter(|row| may_send && row.account_id == account.id) {
            sent += u64::from(self.send_one(account, row).await?);
        }
        // What was sent takes effect before anything else is asked of a server: a restart may come at any time.
        self.settle_sent(account).await?;
        let filed = self.file_copies(account).await;
        // A copy that turned up tells that its message was sent.
        self.settle_sent(account).await?;
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

    /// One attempt. True when the server took the message.
    async fn send_one(&self, account: &AccountRow, row: &OutboxRow) -> Result<bool, EngineError> {
        let store = self.store().await?;
        if !store.outbox().begin_sending(row.id, self.now().await?).await? {
            return Ok(false);
        }
        self.tell_outbox(account, row.id, OutboxState::Sending);
        let result = self.hand_over(account, row).await;
        let attempt = match &result {
            Ok(()) => Attempt::Accepted,
            Err(EngineError::Smtp(error)) => judge(error),
            Err(EngineError::Store(_)) => Attempt::Deferred,
            Err(error) if error.needs_sign_in() => Attempt::Refused,
            Err(_) => Attempt::Deferred,
        };
        let now = self.now().await?;
        let [jitter] = self.random::<1>().await?;
        let error = result.err();
        let kept = error.as_ref().map(|error| StoredError::new(error, now));
        let outbox = store.outbox();
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
                store
                    .accounts()
                    .touch_success(account.id, Traffic::Send, now)
                    .await?;
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
        let missing = || EngineError::EntryMissing { id: row.id.0 };
        let raw = self
            .store()
            .await?
            .outbox()
            .raw(row.id)
            .await?
            .ok_or_else(missing)?;
        let envelope = Envelope {
            from: Some(address(&row.envelope_from)?),
            to: row
                .envelope_to
                .iter()
                .map(|text| address(text))
                .collect::<Result<_, _>>()?,
        };
        let mut session = self.open_smtp(account).await?;
        self.note_size_limit(account, session.limits().size).await?;
        let receipt = session.send(&envelope, &raw).await;
        session.quit().await;
        receipt?;
        Ok(())
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
