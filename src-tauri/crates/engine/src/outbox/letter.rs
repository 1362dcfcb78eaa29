//! From what a person wrote to the bytes of a message.

use std::path::{Path, PathBuf};

use mailroom_mime::{
    AttachmentFile, ComposeFacts, Draft, Limits, compose, message_id_for, parse_for_index, reply_subject,
};
use mailroom_model::{EmailAddress, Mailbox, MessageId};
use mailroom_store::{AccountRow, IdentityRow};

use crate::draft::{content_type, each_once, mailbox};
use crate::preferences::is_sender;
use crate::{Engine, EngineError};

/// A message as a person wrote it.
#[derive(Clone, Debug, Default)]
pub struct Letter {
    /// An account's address or one of its identities; `Name <address>` names the sender.
    pub from: String,
    /// Recipients: `address` or `Name <address>`.
    pub to: Vec<String>,
    /// Copies.
    pub cc: Vec<String>,
    /// Copies that nobody else sees.
    pub bcc: Vec<String>,
    /// The subject; that of the answered message when it is empty.
    pub subject: String,
    /// Plain text.
    pub text: String,
    /// The same as HTML.
    pub html: Option<String>,
    /// Files to attach.
    pub attachments: Vec<PathBuf>,
    /// The stored message that is answered.
    pub reply_to: Option<MessageId>,
}

/// A message ready for its way.
pub(super) struct Ready {
    pub(super) raw: Vec<u8>,
    pub(super) message_id: String,
    pub(super) recipients: Vec<EmailAddress>,
}

impl Engine {
    /// The account and identity that send as `from`.
    pub(crate) async fn sender(&self, from: &str) -> Result<(AccountRow, IdentityRow), EngineError> {
        let (mailbox, address) = mailbox(from)?;
        let store = self.store().await?;
        let mut accounts = store.accounts().list().await?;
        // An address that several accounts may send as belongs to its own account, else to one that can send.
        accounts.sort_by_key(|account| (account.address != address, !is_sender(account)));
        for account in accounts {
            let identities = store.identities().list(account.id).await?;
            if let Some(mut identity) = identities
                .into_iter()
                .find(|identity| identity.address == address)
            {
                if !mailbox.name.is_empty() {
                    identity.name = mailbox.name;
                }
                return Ok((account, identity));
            }
        }
        Err(EngineError::SenderUnknown {
            address: address.to_string(),
        })
    }

    pub(super) async fn compose(
        &self,
        letter: &Letter,
        identity: &IdentityRow,
    ) -> Result<Ready, EngineError> {
        let (to, cc, bcc) = (
            mailboxes(&letter.to)?,
            mailboxes(&letter.cc)?,
            mailboxes(&letter.bcc)?,
        );
        let everybody = to.iter().chain(&cc).chain(&bcc);
        let recipients = each_once(everybody.map(|(_, address)| address))?;
        let mut draft = Draft {
            from: Mailbox {
                name: identity.name.clone(),
                address: identity.address.to_string(),
            },
            to: names(to),
            cc: names(cc),
            subject: letter.subject.clone(),
            text: letter.text.clone(),
            html: letter.html.clone(),
            ..Draft::default()
        };
        for path in &letter.attachments {
            draft.attachments.push(attachment(path).await?);
        }
        if let Some(id) = letter.reply_to {
            self.thread_onto(&mut draft, id).await?;
        }
        let message_id = message_id_for(identity.address.domain(), self.random().await?);
        let facts = ComposeFacts {
            message_id: &message_id,
            date: self.now().await?,
            utc_offset_minutes: 0,
            boundary_seed: self.random().await?,
            user_agent: Some(concat!("Mailroom/", env!("CARGO_PKG_VERSION"))),
        };
        let raw = compose(&draft, &facts)?;
        Ok(Ready {
            raw,
            message_id,
            recipients,
        })
    }

    /// Makes the draft an answer (RFC 5322 §3.6.4).
    async fn thread_onto(&self, draft: &mut Draft, id: MessageId) -> Result<(), EngineError> {
        let store = self.store().await?;
        let row = self.message_row(id).await?;
        if draft.subject.is_empty() {
            draft.subject = reply_subject(&row.subject);
        }
        draft.in_reply_to.clone_from(&row.rfc_message_id);
        if let Some(raw) = store.messages().raw(id).await? {
            let headers = parse_for_index(&raw, &Limits::default()).headers;
            draft.references = if headers.references.is_empty() {
                headers.in_reply_to.clone()
            } else {
                headers.references.clone()
            };
        }
        draft.references.extend(row.rfc_message_id);
        Ok(())
    }
}

async fn attachment(path: &Path) -> Result<AttachmentFile, EngineError> {
    let bytes = tokio::fs::read(path)
        .await
        .map_err(|source| EngineError::unreadable(path, source))?;
    let filename = path
        .file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned();
    Ok(AttachmentFile {
        content_type: content_type(None, &filename),
        filename,
        bytes,
    })
}

fn mailboxes(texts: &[String]) -> Result<Vec<(Mailbox, EmailAddress)>, EngineError> {
    texts.iter().map(|text| mailbox(text)).collect()
}

fn names(mailboxes: Vec<(Mailbox, EmailAddress)>) -> Vec<Mailbox> {
    mailboxes.into_iter().map(|(mailbox, _)| mailbox).collect()
}
