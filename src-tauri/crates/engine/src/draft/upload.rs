//! A draft's copy in the account's drafts folder.

use std::sync::Arc;

use mailroom_model::{DraftId, FolderRole, MessageFlags, UidSet, UnixMillis};
use mailroom_protocol::imap::{FetchedMessage, ImapSession};
use mailroom_store::{CompressedBody, DraftCopy, FolderRow};

use super::letter::Audience;
use crate::event::Event;
use crate::{Engine, EngineError};

impl Engine {
    /// Brings what is in a draft now into its account's drafts folder and waits for it. What cannot be brought now waits for
    /// its time like every change. Nothing is done when the server has it, or the account has no drafts folder.
    pub async fn upload_draft(self: &Arc<Self>, id: DraftId) -> Result<(), EngineError> {
        let row = self.draft_row(id).await?;
        if row.is_uploaded() || row.is_fresh || row.outbox_id.is_some() {
            return Ok(());
        }
        let store = self.store().await?;
        let account = store.accounts().get(row.account_id).await?;
        let account = account.ok_or(EngineError::EntryMissing { id: id.0 })?;
        let folders = store.folders().list(account.id).await?;
        let folder = folders
            .into_iter()
            .find(|folder| folder.seen.is_selectable && folder.seen.role == Some(FolderRole::Drafts));
        let (Some(folder), Some(identity)) = (folder, self.identity(&row).await?) else {
            return Ok(());
        };
        let composed = self.compose_draft(&row, &identity, Audience::Writer).await?;
        let queued = store
            .drafts()
            .queue_upload(
                id,
                row.revision,
                folder.id,
                &composed.message_id,
                CompressedBody::compress(&composed.raw)?,
                self.now().await?,
            )
            .await?;
        self.tell(Event::OperationsChanged {
            address: account.address.to_string(),
        });
        if queued.is_some() {
            // What stands in the way is told with the change that waits.
            drop(self.push_due(&account, &mut 0).await);
            if let Some(owner) = self.copy_owner(&row).await?.filter(|owner| *owner != account.id) {
                self.push_soon(owner);
            }
        }
        Ok(())
    }
}

/// Where an uploaded message is.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Landed {
    pub(crate) uid_validity: u32,
    pub(crate) uid: u32,
}

/// Puts a copy into the folder, once: after an attempt of unknown outcome it is looked for first.
pub(crate) async fn put_copy(
    session: &mut ImapSession,
    folder: &FolderRow,
    message_id: &str,
    raw: &[u8],
    may_be_there: bool,
) -> Result<Option<Landed>, EngineError> {
    if may_be_there && let Some(landed) = find_copy(session, folder, message_id).await? {
        return Ok(Some(landed));
    }
    let appended = session
        .append(&folder.seen.wire_name, &flags(), None, raw)
        .await?;
    match (appended.uid_validity, appended.uid) {
        (Some(uid_validity), Some(uid)) => Ok(Some(Landed { uid_validity, uid })),
        // A server without UIDPLUS does not say.
        _ => find_copy(session, folder, message_id).await,
    }
}

async fn find_copy(
    session: &mut ImapSession,
    folder: &FolderRow,
    message_id: &str,
) -> Result<Option<Landed>, EngineError> {
    let selected = session.select(&folder.seen.wire_name, None).await?;
    let found = session.find_by_message_id(message_id).await?;
    Ok(found.last().map(|uid| Landed {
        uid_validity: selected.uid_validity,
        uid,
    }))
}

/// Removes a copy: the message with its UID while that means what it meant, and whatever has a Message-ID of our making.
/// A message of another program's whose UID means nothing any more stays. True when it could only be marked.
pub(crate) async fn remove_copy(
    session: &mut ImapSession,
    folder: &FolderRow,
    copy: &DraftCopy,
) -> Result<bool, EngineError> {
    let selected = session.select(&folder.seen.wire_name, None).await?;
    let mut uids = UidSet::new();
    if copy.uid_validity == Some(selected.uid_validity) && selected.uid_validity != 0 {
        uids = copy.uid.into_iter().collect();
    }
    if let (true, Some(id)) = (copy.is_own, &copy.message_id) {
        for uid in session.find_by_message_id(id).await?.iter() {
            uids.insert(uid);
        }
    }
    if uids.is_empty() {
        return Ok(false);
    }
    if selected.read_only {
        return Err(EngineError::FolderReadOnly {
            path: folder.seen.path.clone(),
        });
    }
    Ok(session.delete_messages(&uids).await?)
}

/// An uploaded copy as a look at its folder would find it.
pub(crate) fn copy_as_found(landed: Landed, raw: Vec<u8>, now: UnixMillis) -> FetchedMessage {
    FetchedMessage {
        uid: landed.uid,
        flags: flags(),
        modseq: None,
        internal_date: now,
        size: raw.len() as u64,
        content_id: None,
        raw,
    }
}

fn flags() -> MessageFlags {
    MessageFlags {
        seen: true,
        draft: true,
        ..MessageFlags::default()
    }
}
