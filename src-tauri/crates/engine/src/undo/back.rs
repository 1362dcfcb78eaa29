//! Moved messages are brought back to where they were.

use mailroom_model::{FolderId, FolderRole};
use mailroom_protocol::imap::ImapSession;
use mailroom_store::{AccountRow, FolderRow, OperationKind, Place};
use tokio_util::sync::CancellationToken;

use super::away::{Away, Found, known, look, unmarking};
use super::log::{Change, Moved};
use crate::budget::Purpose;
use crate::sync::Occasion;
use crate::{Engine, EngineError};

impl Engine {
    /// Brings messages back that the server has moved; says how many it cannot.
    pub(super) async fn move_back(
        &self,
        account: &AccountRow,
        change: &Change,
        to: FolderId,
        moved: &[Moved],
    ) -> Result<u64, EngineError> {
        let store = self.store().await?;
        let (source, target) = (
            store.folders().get(change.folder).await?,
            store.folders().get(to).await?,
        );
        let (Some(source), Some(target)) = (source, target) else {
            return Ok(moved.len() as u64);
        };
        let copied = self.undo_log.copied(change.operation);
        let mut away = Vec::new();
        for one in moved {
            let row = store.messages().get(one.message).await?;
            let places = row.map(|row| row.places).unwrap_or_default();
            let in_folder = |folder| {
                let is_there =
                    move |place: &&Place| place.folder_id == folder && place.operation_id.is_none();
                places.iter().find(is_there)
            };
            let here = in_folder(source.id);
            let left = here.filter(|place| place.uid == one.uid).map(|place| place.uid);
            if here.is_some() && left.is_none() {
                // It is back already.
                continue;
            }
            away.push(Away {
                copied: copied
                    .as_ref()
                    .and_then(|copied| Some((copied.uid_validity, *copied.uids.get(&one.uid)?))),
                known: in_folder(target.id).map(|place| place.uid),
                rfc_message_id: one.rfc_message_id.clone(),
                left,
            });
        }
        if away.is_empty() {
            return Ok(0);
        }
        let pusher = self.pushers.of(account.id);
        let opened = match self.line(account, &pusher, Purpose::Person).await {
            Ok(mut session) => match look(&mut session, &source, &target, &away).await {
                Ok((uid_validity, found)) => Ok((session, uid_validity, found)),
                Err(error) => Err(error),
            },
            Err(error) => Err(error),
        };
        let (session, uid_validity, found) = match opened {
            Ok((session, uid_validity, found)) => (Some(session), uid_validity, found),
            // What is known without the server is enough to bring them back later.
            Err(error) => {
                let (uid_validity, found) = known(&target, &away).ok_or(error)?;
                (None, uid_validity, found)
            }
        };
        self.enqueue_back(&source, &target, uid_validity, &found).await?;
        if let Some(mut session) = session {
            if let Some(_turn) = self.turn_beside(account.id, &pusher).await? {
                // What fails now waits, and says so among the waiting changes.
                let carried = self.replay(account, &mut session, &mut 0).await;
                if carried.is_ok() && source.cursor.is_some() {
                    self.show_back(account, source.id, moved, &mut session).await?;
                }
                if carried.is_err() {
                    return Ok(found.gone);
                }
            }
            if let Some(older) = pusher.keep_line(session) {
                older.logout().await;
            }
        }
        Ok(found.gone)
    }

    async fn enqueue_back(
        &self,
        source: &FolderRow,
        target: &FolderRow,
        uid_validity: u32,
        found: &Found,
    ) -> Result<(), EngineError> {
        if !found.originals.is_empty() {
            // They are unmarked on the server already; this shows it here.
            let kind = OperationKind::SetFlags {
                uids: found.originals.clone(),
                change: unmarking(),
            };
            self.enqueue(source.id, kind).await?;
        }
        let is_known = target
            .cursor
            .as_ref()
            .is_some_and(|cursor| cursor.uid_validity == uid_validity);
        if !found.copies.is_empty() && is_known {
            let uids = found.copies.clone();
            self.enqueue(target.id, OperationKind::Delete { uids }).await?;
        }
        let adds_label =
            target.seen.role == Some(FolderRole::All) && self.traits_beside(target.id).await?.has_labels;
        if !found.back.is_empty() && adds_label && is_known {
            // Nothing leaves the folder of all messages: what was archived gets its label again.
            let kind = OperationKind::Copy {
                uids: found.back.clone(),
                to_folder: source.id,
            };
            self.enqueue(target.id, kind).await?;
        } else if !found.back.is_empty() {
            let kind = OperationKind::Move {
                uids: found.back.clone(),
                to_folder: source.id,
                uid_validity: Some(uid_validity),
                everywhere: false,
            };
            self.enqueue(target.id, kind).await?;
        }
        Ok(())
    }

    /// Looks at the folder when the server did not say where in it the messages are now.
    async fn show_back(
        &self,
        account: &AccountRow,
        folder: FolderId,
        moved: &[Moved],
        session: &mut ImapSession,
    ) -> Result<(), EngineError> {
        let store = self.store().await?;
        let mut is_missing = false;
        for one in moved {
            let row = store.messages().get(one.message).await?;
            is_missing |= !row.is_some_and(|row| row.places.iter().any(|place| place.folder_id == folder));
        }
        let Some(row) = store.folders().get(folder).await?.filter(|_| is_missing) else {
            return Ok(());
        };
        // A look that fails is made up for by the next one.
        drop(
            self.sync_folder(account, &row, session, &CancellationToken::new(), Occasion::Undo)
                .await,
        );
        Ok(())
    }
}
