//! Copies of what was sent: filed once, and shown at once.

use std::time::Duration;

use mailroom_connect::Quirk;
use mailroom_mime::parse_headers;
use mailroom_model::{Coded, ErrorCode, FolderRole, MessageFlags, UnixMillis};
use mailroom_protocol::imap::{FetchedMessage, ImapError, ImapSession};
use mailroom_store::{AccountRow, FolderCursor, FolderRow, OutboxRow, OutboxState, StoredError};

use super::decide::{CopyStep, Filing, copy_step};
use crate::budget::Purpose;
use crate::sync::{Kept, is_chosen};
use crate::{Engine, EngineError};

/// The pause before a second look for a copy that the provider may file by itself.
const SECOND_LOOK: Duration = Duration::from_secs(5);
/// How many of the newest messages are looked at where searching headers is not to be relied on.
const NEWEST: u32 = 30;

impl Engine {
    /// Puts copies of sent messages where the person looks for them, each once: before one is put there, its Message-ID is
    /// looked for. A message of unknown fate whose copy is found was sent. What is in the way of a copy is kept with its
    /// message.
    pub(super) async fn file_copies(&self, account: &AccountRow) -> Result<(), EngineError> {
        let store = self.store().await?;
        let rows = store.outbox().list(account.id).await?;
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
        let mut session = self.open_imap(account, Purpose::Work).await?;
        let folder = self.sent_folder(account, &mut session).await?;
        let uid_validity = self.open_cabinet(account, &folder, &mut session).await?;
        let cabinet = Cabinet {
            folder: &folder,
            uid_validity,
            filing: self.filing(account).await?,
            quirks: self.quirks(account).await?,
        };
        let mut open: Vec<&OutboxRow> = open.iter().collect();
        for looks in 1.. {
            let mut undecided = Vec::new();
            for row in open {
                match self.file_copy(&mut session, &cabinet, row, looks).await {
                    Ok(Copy::Filed(copy)) => {
                        store.outbox().mark_filed(row.id, self.now().await?).await?;
                        // Whoever hears that it is filed finds it in its folder.
                        self.show_copy(account, &mut session, &cabinet, copy).await;
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

    /// Opens the Sent folder and gives its UIDVALIDITY. One that was just made has nothing to load: it is kept from here on,
    /// so that what is put there is shown.
    async fn open_cabinet(
        &self,
        account: &AccountRow,
        folder: &FolderRow,
        session: &mut ImapSession,
    ) -> Result<u32, EngineError> {
        let selected = session.select(&folder.seen.wire_name, None).await?;
        if selected.exists == 0 && folder.cursor.is_none() && is_chosen(folder, Kept::by(account)) {
            let cursor = FolderCursor {
                uid_validity: selected.uid_validity,
                uid_next: selected.uid_next.unwrap_or(1),
                highest_modseq: selected.highest_modseq,
                exists: 0,
                window_start: None,
                is_complete: true,
                at: self.now().await?,
            };
            self.store()
                .await?
                .folders()
                .set_cursor(folder.id, None, &cursor)
                .await?;
        }
        Ok(selected.uid_validity)
    }

    async fn file_copy(
        &self,
        session: &mut ImapSession,
        cabinet: &Cabinet<'_>,
        row: &OutboxRow,
        looks: u32,
    ) -> Result<Copy, EngineError> {
        let found = find_copy(session, &cabinet.quirks, &row.rfc_message_id).await?;
        let filed = |uid: Option<u32>| Copy::Filed(uid.map_or(Filed::Somewhere, Filed::Found));
        if row.state == OutboxState::Unknown {
            return Ok(if found.is_some() {
                filed(found)
            } else {
                Copy::Unknown
            });
        }
        match copy_step(cabinet.filing, found.is_some(), looks) {
            CopyStep::Done => return Ok(filed(found)),
            CopyStep::LookAgain => return Ok(Copy::LookAgain),
            CopyStep::Append => {}
        }
        let raw = self.entry_bytes(row.id).await?;
        let flags = MessageFlags {
            seen: true,
            ..MessageFlags::default()
        };
        let at: UnixMillis = row.accepted_at.unwrap_or(row.created_at);
        let appended = session
            .append(&cabinet.folder.seen.wire_name, &flags, Some(at), &raw)
            .await?;
        let uid = match (appended.uid_validity, appended.uid) {
            (Some(uid_validity), Some(uid)) if uid_validity == cabinet.uid_validity => Some(uid),
            (Some(_), Some(_)) => None,
            // A server without UIDPLUS does not say. That the copy is there is sure, also when looking for it fails.
            _ => find_copy(session, &cabinet.quirks, &row.rfc_message_id)
                .await
                .unwrap_or_default(),
        };
        Ok(Copy::Filed(uid.map_or(Filed::Somewhere, |uid| {
            Filed::Put(Box::new(FetchedMessage {
                uid,
                flags,
                modseq: None,
                internal_date: at,
                size: raw.len() as u64,
                content_id: None,
                raw,
            }))
        })))
    }

    /// Shows a copy in its folder here. What fails costs nothing: the next look at the folder brings it.
    async fn show_copy(
        &self,
        account: &AccountRow,
        session: &mut ImapSession,
        cabinet: &Cabinet<'_>,
        copy: Filed,
    ) {
        let (folder, uid_validity) = (cabinet.folder, cabinet.uid_validity);
        let shown = match copy {
            Filed::Put(message) => self.show_put(account, folder.id, uid_validity, *message).await,
            Filed::Found(uid) => {
                self.show_found(account, folder.id, uid_validity, session, uid)
                    .await
            }
            Filed::Somewhere => Ok(()),
        };
        if let Err(error) = shown {
            tracing::debug!(code = %error.code(), "the copy is shown with the next look");
        }
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
}

/// Where copies go, and how its owner treats them.
struct Cabinet<'a> {
    folder: &'a FolderRow,
    /// The generation of its UIDs.
    uid_validity: u32,
    filing: Filing,
    quirks: Vec<Quirk>,
}

/// What became of a copy.
enum Copy {
    /// It is where it should be.
    Filed(Filed),
    /// Nobody can tell yet whether the message was sent.
    Unknown,
    /// The provider may still bring it.
    LookAgain,
}

/// Where a filed copy is.
enum Filed {
    /// Mailroom has put it there.
    Put(Box<FetchedMessage>),
    /// It was there already, with this UID.
    Found(u32),
    /// The server does not say.
    Somewhere,
}

/// True when the copies of other messages may fare better.
fn is_about_one_message(error: &EngineError) -> bool {
    match error {
        EngineError::Imap(imap) => imap.leaves_session_usable() || imap.code() == ErrorCode::MessageTooLarge,
        EngineError::EntryMissing { .. } => true,
        _ => false,
    }
}

/// The UID of the message with this Message-ID in the open folder. Where searching headers is not to be relied on, the
/// newest messages are looked at one by one.
pub(crate) async fn find_copy(
    session: &mut ImapSession,
    quirks: &[Quirk],
    id: &str,
) -> Result<Option<u32>, EngineError> {
    if !quirks.contains(&Quirk::SearchHeaderUnreliable) {
        match search_copy(session, quirks, id).await {
            Err(error) if error.leaves_session_usable() => {}
            result => return Ok(result?),
        }
    }
    for uid in session.newest_uids(NEWEST).await?.into_iter().rev() {
        let header = session.fetch_header(uid).await?;
        if header.is_some_and(|header| parse_headers(&header.raw).thread.own.as_deref() == Some(id)) {
            return Ok(Some(uid));
        }
    }
    Ok(None)
}

async fn search_copy(
    session: &mut ImapSession,
    quirks: &[Quirk],
    id: &str,
) -> Result<Option<u32>, ImapError> {
    let found = session.find_by_message_id(id).await?;
    if found.is_empty() && quirks.contains(&Quirk::MessageIdRewritten) {
        return Ok(session.find_by_original_message_id(id).await?.last());
    }
    Ok(found.last())
}
