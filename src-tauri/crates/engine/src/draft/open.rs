//! How drafts begin.

use mailroom_mime::{Limits, ParsedMessage, base_subject, forward_subject, parse, reply_subject};
use mailroom_model::{DraftId, EmailAddress, FolderRole, Mailbox, MessageId, OutboxId};
use mailroom_store::{
    AccountRow, DraftCopy, DraftKind, DraftText, IdentityRow, NewDraft, OutboxState, TakeBack,
};

use super::mailto::parse_mailto;
use super::recipients::{Recipients, received_as, recipients};
use super::{OpenDraft, source};
use crate::event::Event;
use crate::preferences::is_sender;
use crate::{Engine, EngineError, ReadMessage};

/// What a draft begins with.
#[derive(Clone, Debug)]
pub enum DraftStart {
    /// Nothing, or what a `mailto:` address asks for.
    New {
        /// The identity's address; the default sender when absent.
        from: Option<String>,
        /// RFC 6068.
        mailto: Option<String>,
    },
    /// A stored message to be answered or passed on.
    About(DraftKind, MessageId),
    /// A message of a drafts folder.
    Message(MessageId),
    /// An entry of the outbox.
    Outbox(OutboxId),
    /// A draft that is here.
    Draft(DraftId),
}

impl Engine {
    /// Begins a draft, or opens one.
    pub async fn open_draft(&self, start: &DraftStart) -> Result<OpenDraft, EngineError> {
        let id = match start {
            DraftStart::New { from, mailto } => self.begin_new(from.as_deref(), mailto.as_deref()).await?,
            DraftStart::About(kind, id) => self.begin_about(*kind, *id).await?,
            DraftStart::Message(id) => self.begin_from_message(*id).await?,
            DraftStart::Outbox(id) => self.take_back(*id).await?,
            DraftStart::Draft(id) => match self.draft_row(*id).await?.outbox_id {
                Some(entry) => return Err(EngineError::SendUnderWay { id: entry.0 }),
                None => *id,
            },
        };
        self.draft(id).await
    }

    async fn begin_new(&self, from: Option<&str>, mailto: Option<&str>) -> Result<DraftId, EngineError> {
        let (account, identity) = match from {
            Some(from) => self.sender(from).await?,
            None => self.default_from().await?,
        };
        let mailto = mailto.map(parse_mailto).unwrap_or_default();
        let draft = NewDraft {
            account_id: account.id,
            kind: DraftKind::New,
            about: None,
            text: DraftText {
                sender: identity.address.to_string(),
                to: mailto.to,
                cc: mailto.cc,
                bcc: mailto.bcc,
                subject: mailto.subject,
                text: mailto.body,
                html: None,
            },
            in_reply_to: None,
            references: Vec::new(),
            is_fresh: true,
            copy: None,
            files: Vec::new(),
        };
        self.keep_draft(&draft).await
    }

    /// The account and identity of a message that nothing says anything about.
    async fn default_from(&self) -> Result<(AccountRow, IdentityRow), EngineError> {
        let accounts = self.accounts(None).await?;
        let default = self.default_sender().await?;
        let account = accounts
            .into_iter()
            .find(|account| Some(account.id) == default)
            .ok_or(EngineError::NoSender)?;
        let identity = self
            .default_identity(&account)
            .await?
            .ok_or(EngineError::NoSender)?;
        Ok((account, identity))
    }

    async fn begin_about(&self, kind: DraftKind, id: MessageId) -> Result<DraftId, EngineError> {
        let message = self.read_message(id).await?;
        let correspondence = source::correspondence(&message.parsed);
        let (account, identity) = self.answers_as(&message, &correspondence).await?;
        let subject = &message.parsed.headers.subject;
        let (recipients, subject) = if kind == DraftKind::Forward {
            (Recipients::default(), forward_subject(subject))
        } else {
            let own = self.own_addresses().await?;
            let everybody = kind == DraftKind::ReplyAll;
            (
                recipients(&correspondence, &own, everybody),
                reply_subject(subject),
            )
        };
        let raw = match self.store().await?.messages().raw(id).await? {
            Some(raw) => raw,
            // What is passed on goes with its files; an answer needs no more than is here.
            None if kind == DraftKind::Forward => self.fetch_whole(id).await?,
            None => Vec::new(),
        };
        let files = apart(move || {
            let parsed = parse(&raw, &Limits::default());
            source::files(&raw, &parsed, kind == DraftKind::Forward)
        })
        .await?;
        let draft = NewDraft {
            account_id: account.id,
            kind,
            about: Some(id),
            text: DraftText {
                sender: identity.address.to_string(),
                to: lines(&recipients.to),
                cc: lines(&recipients.cc),
                subject,
                ..DraftText::default()
            },
            in_reply_to: message
                .parsed
                .headers
                .message_id
                .clone()
                .filter(|_| kind != DraftKind::Forward),
            references: source::references(&message.parsed),
            is_fresh: true,
            copy: None,
            files,
        };
        self.keep_draft(&draft).await
    }

    /// As whom a message is answered: the identity that received it, else its account's default, else the default sender.
    async fn answers_as(
        &self,
        message: &ReadMessage,
        correspondence: &super::recipients::Correspondence,
    ) -> Result<(AccountRow, IdentityRow), EngineError> {
        let store = self.store().await?;
        let account = store.accounts().get(message.row.account_id).await?;
        let Some(account) = account.filter(is_sender) else {
            return self.default_from().await;
        };
        let mut identities = store.identities().list(account.id).await?;
        let addresses: Vec<EmailAddress> = identities
            .iter()
            .map(|identity| identity.address.clone())
            .collect();
        let chosen = received_as(correspondence, &addresses).unwrap_or_default();
        if chosen < identities.len() {
            let identity = identities.swap_remove(chosen);
            return Ok((account, identity));
        }
        self.default_from().await
    }

    async fn own_addresses(&self) -> Result<Vec<EmailAddress>, EngineError> {
        let store = self.store().await?;
        let mut own = Vec::new();
        for account in store.accounts().list().await? {
            let identities = store.identities().list(account.id).await?;
            own.extend(identities.into_iter().map(|identity| identity.address));
            own.push(account.address);
        }
        Ok(own)
    }

    /// A message as a draft. The one that it is the copy of already is opened instead.
    async fn begin_from_message(&self, id: MessageId) -> Result<DraftId, EngineError> {
        let store = self.store().await?;
        let row = self.message_row(id).await?;
        let mut copy = None;
        for place in &row.places {
            let folder = store.folders().get(place.folder_id).await?;
            let Some(folder) = folder.filter(|folder| folder.seen.role == Some(FolderRole::Drafts)) else {
                continue;
            };
            let uid_validity = folder.cursor.as_ref().map(|cursor| cursor.uid_validity);
            if let Some(draft) = store.drafts().by_copy(folder.id, place.uid, uid_validity).await? {
                if let Some(entry) = draft.outbox_id {
                    return Err(EngineError::SendUnderWay { id: entry.0 });
                }
                return Ok(draft.id);
            }
            copy = Some((
                folder.id,
                DraftCopy {
                    uid: Some(place.uid),
                    uid_validity,
                    message_id: row.rfc_message_id.clone(),
                    is_own: false,
                },
            ));
        }
        let raw = match store.messages().raw(id).await? {
            Some(raw) => raw,
            None => self.fetch_whole(id).await?,
        };
        let account = store.accounts().get(row.account_id).await?;
        let account = account.ok_or(EngineError::MessageMissing { id: id.0 })?;
        let mut draft = self.draft_of(&account, raw, &[]).await?;
        draft.copy = copy;
        let answered = draft.in_reply_to.as_ref().or(draft
            .references
            .last()
            .filter(|_| draft.kind == DraftKind::Forward));
        if let Some(answered) = answered {
            let thread = store.messages().of_thread(row.thread_id).await?;
            for summary in thread {
                let other = self.message_row(summary.id).await?;
                if other.rfc_message_id.as_ref() == Some(answered) {
                    draft.about = Some(other.id);
                }
            }
        }
        self.keep_draft(&draft).await
    }

    async fn keep_draft(&self, draft: &NewDraft) -> Result<DraftId, EngineError> {
        let drafts = self.store().await?.drafts();
        Ok(drafts.insert(draft, self.now().await?).await?)
    }

    /// What can be had of a message as a draft. `envelope` names recipients that may stand nowhere in it.
    async fn draft_of(
        &self,
        account: &AccountRow,
        raw: Vec<u8>,
        envelope: &[String],
    ) -> Result<NewDraft, EngineError> {
        let (parsed, files) = apart(move || {
            let parsed = parse(&raw, &Limits::default());
            let files = source::files(&raw, &parsed, true);
            (parsed, files)
        })
        .await?;
        let headers = &parsed.headers;
        let identities = self.store().await?.identities().list(account.id).await?;
        let sender = headers
            .from
            .iter()
            .find_map(|from| {
                let address: EmailAddress = from.address.parse().ok()?;
                identities.iter().find(|identity| identity.address == address)
            })
            .or(identities.first())
            .map_or_else(
                || account.address.to_string(),
                |identity| identity.address.to_string(),
            );
        let mut bcc = lines(&headers.bcc);
        for address in envelope {
            let is_named = |mailbox: &Mailbox| mailbox.address.eq_ignore_ascii_case(address);
            let named = headers.to.iter().chain(&headers.cc).chain(&headers.bcc);
            if !named.into_iter().any(is_named) {
                bcc.push(address.clone());
            }
        }
        Ok(NewDraft {
            account_id: account.id,
            kind: kind_of(&parsed),
            about: None,
            text: DraftText {
                sender,
                to: lines(&headers.to),
                cc: lines(&headers.cc),
                bcc,
                subject: headers.subject.clone(),
                text: parsed.text.clone(),
                html: parsed.html.as_ref().map(|safe| safe.html.clone()),
            },
            in_reply_to: headers.in_reply_to.first().cloned(),
            references: headers.references.clone(),
            is_fresh: false,
            copy: None,
            files,
        })
    }

    /// Takes an entry out of the outbox that is not on its way; what it was made of is a draft again, whole.
    async fn take_back(&self, id: OutboxId) -> Result<DraftId, EngineError> {
        let store = self.store().await?;
        let missing = || EngineError::EntryMissing { id: id.0 };
        let row = self.entry(id).await?;
        let account = store.accounts().get(row.account_id).await?.ok_or_else(missing)?;
        let mut taken = store.drafts().take_back(id, None, self.now().await?).await?;
        if taken == TakeBack::NoDraft {
            let raw = self.entry_bytes(id).await?;
            let mut draft = self.draft_of(&account, raw, &row.envelope_to).await?;
            draft.about = row.about.map(|(about, _)| about);
            taken = store
                .drafts()
                .take_back(id, Some(&draft), self.now().await?)
                .await?;
        }
        match taken {
            TakeBack::Draft(draft) => {
                self.tell(Event::OutboxChanged {
                    address: account.address.to_string(),
                    id,
                    state: "discarded".to_owned(),
                });
                Ok(draft)
            }
            TakeBack::Missing | TakeBack::NoDraft | TakeBack::OnItsWay(OutboxState::Filed) => Err(missing()),
            TakeBack::OnItsWay(_) => Err(EngineError::SendUnderWay { id: id.0 }),
        }
    }
}

/// What a message that was written elsewhere is.
fn kind_of(parsed: &ParsedMessage) -> DraftKind {
    let headers = &parsed.headers;
    if !headers.in_reply_to.is_empty() {
        DraftKind::Reply
    } else if !headers.references.is_empty() && base_subject(&headers.subject).forward_mark {
        DraftKind::Forward
    } else {
        DraftKind::New
    }
}

fn lines(mailboxes: &[Mailbox]) -> Vec<String> {
    mailboxes.iter().map(ToString::to_string).collect()
}

/// Work that takes a while, away from the threads that serve connections.
async fn apart<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, EngineError> {
    tokio::task::spawn_blocking(work)
        .await
        .map_err(|_| EngineError::Worker)
}
