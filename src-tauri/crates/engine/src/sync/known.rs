//! Messages that are known to be in a folder, because Mailroom put them there or found them: shown without a look at the
//! folder. The next look finds them here and goes on from where the last one ended.

use mailroom_mime::Limits;
use mailroom_model::{FolderId, UidSet};
use mailroom_protocol::imap::{FetchedMessage, ImapSession};
use mailroom_store::AccountRow;
use tokio_util::sync::CancellationToken;

use super::batch::{Limits as LoadLimits, Wanted};
use super::intake::prepare;
use super::load::{Target, load};
use crate::event::Event;
use crate::{Engine, EngineError, FolderOutcome};

impl Engine {
    /// Shows a message that was just put into the folder; it is not loaded again. Nothing where the folder is not kept
    /// here, or its UIDs mean something else here than `uid_validity`.
    pub(crate) async fn show_put(
        &self,
        account: &AccountRow,
        folder: FolderId,
        uid_validity: u32,
        message: FetchedMessage,
    ) -> Result<(), EngineError> {
        if self.kept_path(folder, uid_validity).await?.is_none() {
            return Ok(());
        }
        let preparing = tokio::task::spawn_blocking(move || prepare(&message, &Limits::default(), true));
        let prepared = preparing.await.map_err(|_| EngineError::Worker)??;
        self.store()
            .await?
            .messages()
            .ingest(account.id, folder, vec![prepared])
            .await?;
        self.tell_known(account, folder, uid_validity).await
    }

    /// Loads a message that was found in the folder, which is the one that `session` has open. Nothing where the folder is
    /// not kept here, or where the message is here already.
    pub(crate) async fn show_found(
        &self,
        account: &AccountRow,
        folder: FolderId,
        uid_validity: u32,
        session: &mut ImapSession,
        uid: u32,
    ) -> Result<(), EngineError> {
        if self.kept_path(folder, uid_validity).await?.is_none() {
            return Ok(());
        }
        let uids: UidSet = [uid].into_iter().collect();
        let store = self.store().await?;
        if !store.messages().places(folder, &uids).await?.is_empty() {
            return Ok(());
        }
        let facts = session.fetch_facts(&uids).await?;
        let wanted: Vec<Wanted> = facts
            .into_iter()
            .map(|facts| Wanted {
                uid: facts.uid,
                size: facts.size,
            })
            .collect();
        let target = Target {
            engine: self,
            store,
            account: account.id,
            folder,
            cancel: &CancellationToken::new(),
            limits: LoadLimits::of(account),
            calls: None,
        };
        load(session, &target, &wanted, crate::Progress::default(), drop).await?;
        self.tell_known(account, folder, uid_validity).await
    }

    async fn tell_known(
        &self,
        account: &AccountRow,
        folder: FolderId,
        uid_validity: u32,
    ) -> Result<(), EngineError> {
        if let Some(path) = self.kept_path(folder, uid_validity).await? {
            self.tell(Event::FolderSynced {
                address: account.address.to_string(),
                outcome: FolderOutcome {
                    path,
                    added: 1,
                    ..FolderOutcome::default()
                },
            });
        }
        Ok(())
    }

    /// The path of a folder that is kept here under these UIDs.
    async fn kept_path(&self, folder: FolderId, uid_validity: u32) -> Result<Option<String>, EngineError> {
        let folder = self.store().await?.folders().get(folder).await?;
        let is_kept = |cursor: &mailroom_store::FolderCursor| cursor.uid_validity == uid_validity;
        Ok(folder
            .filter(|folder| uid_validity != 0 && folder.cursor.as_ref().is_some_and(is_kept))
            .map(|folder| folder.seen.path))
    }
}
