//! Messages on their way out: composed, kept, sent once, and filed once.

mod decide;
mod due;
mod letter;

use std::time::Duration;

use mailroom_connect::Quirk;
use mailroom_mime::parse_headers;
use mailroom_model::{
    AccountId, Coded, EmailAddress, ErrorCode, FolderRole, MessageFlags, OutboxId, UnixMillis,
};
use mailroom_protocol::imap::{ImapError, ImapSession};
use mailroom_protocol::smtp::{Delivery, Envelope, SmtpError};
use mailroom_store::{
    AccountRow, CompressedBody, FolderRow, NewOutbox, OutboxRow, OutboxState, StoredError, Traffic,
};

use self::decide::{Attempt, CopyStep, Fate, Filing, after_attempt, copy_step};
pub use self::letter::Letter;
use crate::event::Event;
use crate::preferences::is_sender;
use crate::{Engine, EngineError};

/// The pause before a second look for a copy that the provider may file by itself.
const SECOND_LOOK: Duration = Duration::from_secs(5);
/// How many of the newest messages are looked at where searching headers is not to be relied on.
const NEWEST: u32 = 30;

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

    /// Puts copies of sent messages where the person looks for them, each once: before one is put there, its Message-ID is
    /// looked for. A message of unknown fate whose copy is found was sent. What is in the way of a copy is kept with its
    /// message.
    async fn file_copies(&self, account: &AccountRow) -> Result<(), EngineError> {
        let store = self.store().await?;
        let rows = store.outbox().list(Some(account.id)).await?;
        let open: Vec<OutboxRow> = rows
            .into_iter()
            .filter(|row| matches!(row.state, OutboxState::Sent | OutboxState::Unknown))
            .collect();
        if open.is_empty() {
            return Ok(());
        }
        let result = self.file_open(account, &open).await;
        if let Err(error) = &result {
            let now = self.now().await?;
            let kept = StoredError::new(error, now);
            for row in &open {
                // Passes over those that were filed before the error.
                store.outbox().note_unfiled(row.id, &kept).await?;
            }
        }
        result
    }

    async fn file_open(&self, account: &AccountRow, open: &[OutboxRow]) -> Result<(), EngineError> {
        let store = self.store().await?;
        let mut session = self.open_imap(account).await?;
        let folder = self.sent_folder(account, &mut session).await?;
        session.select(&folder.seen.wire_name, None).await?;
        let cabinet = Cabinet {
            folder: &folder,
            filing: self.filing(account).await?,
            quirks: self.quirks(account).await?,
        };
        let mut open: Vec<&OutboxRow> = open.iter().collect();
        for looks in 1.. {
            let mut undecided = Vec::new();
            for row in open {
                match self.file_copy(&mut session, &cabinet, row, looks).await {
                    Ok(Copy::Filed) => {
                        store.outbox().mark_filed(row.id, self.now().await?).await?;
                        self.tell_outbox(account, row.id, OutboxState::Filed);
                    }
                    Ok(Copy::Unknown) => {}
                    Ok(Copy::LookAgain) => undecided.push(row),
                    Err(error) if is_about_one_message(&error) => {
                        let now = self.now().await?;
                        let kept = StoredError::new(&error, now);
                        store.outbox().note_unfiled(row.id, &kept).await?;
                    }
                    Err(error) => return Err(error),
                }
            }
            if undecided.is_empty() {
                break;
            }
            // One pause for all of them: whoever wants to send waits for it.
            tokio::time::sleep(SECOND_LOOK).await;
            session.noop().await?;
            open = undecided;
        }
        session.logout().await;
        Ok(())
    }

    async fn file_copy(
        &self,
        session: &mut ImapSession,
        cabinet: &Cabinet<'_>,
        row: &OutboxRow,
        looks: u32,
    ) -> Result<Copy, EngineError> {
        let found = find_copy(session, &cabinet.quirks, &row.rfc_message_id).await?;
        if row.state == OutboxState::Unknown {
            return Ok(if found { Copy::Filed } else { Copy::Unknown });
        }
        match copy_step(cabinet.filing, found, looks) {
            CopyStep::Done => return Ok(Copy::Filed),
            CopyStep::LookAgain => return Ok(Copy::LookAgain),
            CopyStep::Append => {}
        }
        let missing = || EngineError::EntryMissing { id: row.id.0 };
        let raw = self
            .store()
            .await?
            .outbox()
            .raw(row.id)
            .await?
            .ok_or_else(missing)?;
        let flags = MessageFlags {
            seen: true,
            ..MessageFlags::default()
        };
        let at: UnixMillis = row.accepted_at.unwrap_or(row.created_at);
        session
            .append(&cabinet.folder.seen.wire_name, &flags, Some(at), &raw)
            .await?;
        Ok(Copy::Filed)
    }

    async fn filing(&self, account: &AccountRow) -> Result<Filing, EngineError> {
        let filing = if self.quirks(account).await?.contains(&Quirk::ServerFilesSentCopy) {
            Filing::Server
        } else if account.provider.is_some() {
            Filing::Uncertain
        } else {
            Filing::Mailroom
        };
        Ok(filing)
    }

    /// The Sent folder; made when there is none, at the top or, where a server wants everything below the inbox, there.
    async fn sent_folder(
        &self,
        account: &AccountRow,
        session: &mut ImapSession,
    ) -> Result<FolderRow, EngineError> {
        const NAME: &str = "Sent";
        let is_sent = |folder: &FolderRow| folder.seen.role == Some(FolderRole::Sent);
        let folders = self.refresh_folders(account, session).await?;
        if let Some(sent) = folders.iter().find(|folder| is_sent(folder)) {
            return Ok(sent.clone());
        }
        let inbox = folders
            .iter()
            .find(|folder| folder.seen.role == Some(FolderRole::Inbox));
        let below = inbox.and_then(|inbox| {
            let delimiter = inbox.seen.delimiter?;
            Some(format!("{}{delimiter}{NAME}", inbox.seen.wire_name))
        });
        let mut name = NAME.to_owned();
        if let Err(error) = session.create_folder(&name).await {
            let Some(below) = below.filter(|_| error.leaves_session_usable()) else {
                return Err(error.into());
            };
            session.create_folder(&below).await?;
            name = below;
        }
        // Other programs show what is subscribed; a server that refuses has the folder all the same.
        match session.subscribe(&name).await {
            Err(error) if !error.leaves_session_usable() => return Err(error.into()),
            _ => {}
        }
        self.refresh_folders(account, session)
            .await?
            .into_iter()
            .find(is_sent)
            .ok_or(EngineError::FolderMissing { path: name })
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

/// Where copies go, and how its owner treats them.
struct Cabinet<'a> {
    folder: &'a FolderRow,
    filing: Filing,
    quirks: Vec<Quirk>,
}

/// What became of a copy.
enum Copy {
    /// It is where it should be.
    Filed,
    /// Nobody can tell yet whether the message was sent.
    Unknown,
    /// The provider may still bring it.
    LookAgain,
}

/// True when the copies of other messages may fare better.
fn is_about_one_message(error: &EngineError) -> bool {
    match error {
        EngineError::Imap(imap) => imap.leaves_session_usable() || imap.code() == ErrorCode::MessageTooLarge,
        EngineError::EntryMissing { .. } => true,
        _ => false,
    }
}

/// True when the open folder has a message with this Message-ID. Where searching headers is not to be relied on, the
/// newest messages are looked at one by one.
async fn find_copy(session: &mut ImapSession, quirks: &[Quirk], id: &str) -> Result<bool, EngineError> {
    if !quirks.contains(&Quirk::SearchHeaderUnreliable) {
        match search_copy(session, quirks, id).await {
            Err(error) if error.leaves_session_usable() => {}
            result => return Ok(result?),
        }
    }
    for uid in session.newest_uids(NEWEST).await?.into_iter().rev() {
        let header = session.fetch_header(uid).await?;
        if header.is_some_and(|header| parse_headers(&header.raw).thread.own.as_deref() == Some(id)) {
            return Ok(true);
        }
    }
    Ok(false)
}

async fn search_copy(session: &mut ImapSession, quirks: &[Quirk], id: &str) -> Result<bool, ImapError> {
    let found = session.find_by_message_id(id).await?;
    if found.is_empty() && quirks.contains(&Quirk::MessageIdRewritten) {
        return Ok(!session.find_by_original_message_id(id).await?.is_empty());
    }
    Ok(!found.is_empty())
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
