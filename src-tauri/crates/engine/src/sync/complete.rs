//! Messages of which a part is here because of a limit that was raised since: the rest comes by itself.

use std::collections::HashSet;
use std::sync::{Mutex, PoisonError};

use mailroom_model::{FolderId, MessageId};
use mailroom_protocol::imap::ImapSession;
use mailroom_store::AccountRow;
use tokio_util::sync::CancellationToken;

use super::batch::Limits;
use crate::connection::Connection;
use crate::download::fetch_pieces;
use crate::event::Event;
use crate::{Engine, EngineError, FolderOutcome};

/// Messages that are looked up at once.
const PAGE: u32 = 100;

/// What servers could not give as a whole, as long as this program runs.
#[derive(Debug, Default)]
pub(crate) struct LeftAlone(Mutex<HashSet<MessageId>>);

impl LeftAlone {
    fn contains(&self, id: MessageId) -> bool {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .contains(&id)
    }

    fn add(&self, id: MessageId) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(id);
    }
}

impl Engine {
    /// Fetches what is not whole and within the account's limit, newest first, over an open session. Ends early when a person
    /// waits, for a change or for a connection; the next look goes on. What a server does not give is asked for once while this program runs.
    pub(super) async fn complete_messages(
        &self,
        account: &AccountRow,
        session: &mut Connection,
        cancel: &CancellationToken,
    ) -> Result<(), EngineError> {
        let messages = self.store().await?.messages();
        let limit = Limits::of(account).message;
        let (mut before, mut open) = (None, None);
        loop {
            let some = messages.in_part(account.id, limit, before, PAGE).await?;
            let Some((_, last)) = some.last() else {
                return Ok(());
            };
            before = Some(*last);
            for (id, _) in some {
                if cancel.is_cancelled() {
                    return Err(EngineError::Cancelled);
                }
                if self.has_due_changes(account).await? || session.demand().is_pressing() {
                    return Ok(());
                }
                if self.left_alone.contains(id) {
                    continue;
                }
                match self.complete_message(account, id, session, &mut open).await {
                    Ok(true) => {}
                    Ok(false) => self.left_alone.add(id),
                    Err(EngineError::Imap(error)) if error.leaves_session_usable() => self.left_alone.add(id),
                    Err(error) => return Err(error),
                }
            }
        }
    }

    /// False when it cannot be had.
    async fn complete_message(
        &self,
        account: &AccountRow,
        id: MessageId,
        session: &mut ImapSession,
        open: &mut Option<FolderId>,
    ) -> Result<bool, EngineError> {
        let store = self.store().await?;
        let Some(row) = store.messages().get(id).await? else {
            return Ok(true);
        };
        let Some(place) = row
            .places
            .iter()
            .find(|place| place.operation_id.is_none())
            .cloned()
        else {
            return Ok(true);
        };
        let Some(folder) = store.folders().get(place.folder_id).await? else {
            return Ok(true);
        };
        if *open != Some(folder.id) {
            *open = None;
            let selected = session.select(&folder.seen.wire_name, None).await?;
            let is_same = folder
                .cursor
                .is_some_and(|cursor| cursor.uid_validity == selected.uid_validity);
            if !is_same {
                // The next look settles that.
                return Ok(true);
            }
            *open = Some(folder.id);
        }
        let Some(raw) = fetch_pieces(session, place.uid, row.size).await? else {
            return Ok(false);
        };
        let (_, is_whole) = self.keep_downloaded(&row, place, raw).await?;
        if !is_whole {
            return Ok(false);
        }
        self.tell(Event::FolderSynced {
            address: account.address.to_string(),
            outcome: FolderOutcome {
                path: folder.seen.path,
                changed: 1,
                ..FolderOutcome::default()
            },
        });
        Ok(true)
    }
}
