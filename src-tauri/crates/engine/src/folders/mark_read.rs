//! A folder is marked as read as a whole.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use mailroom_model::{EmailAddress, FlagChange, FolderId, MessageId, UidSet};
use mailroom_store::OperationKind;

use crate::undo::{Action, Change, Marked, What};
use crate::{Engine, EngineError};

impl Engine {
    /// Marks every unread message of a folder as read that is here, wherever it stands: one change for each folder, however many
    /// messages there are. It waits for the server like any other. The result is for [`Engine::undo`]; `None` when nothing was
    /// unread.
    pub async fn read_folder(
        self: &Arc<Self>,
        address: &EmailAddress,
        folder: &str,
    ) -> Result<Option<i64>, EngineError> {
        let store = self.store().await?;
        let folders = store.folders().list(self.account(address).await?.id).await?;
        let folder = Self::folder_named(&folders, folder)?;
        let unread = store.messages().unread_in(folder.id).await?;
        // What a waiting change has only shown here so far is acted upon where it still is.
        let expected: BTreeSet<MessageId> = unread
            .iter()
            .filter(|place| place.uid.is_none())
            .map(|place| place.message_id)
            .collect();
        let seen = FlagChange {
            add: vec!["\\Seen".to_owned()],
            remove: Vec::new(),
        };
        let back = Arc::new(FlagChange {
            add: Vec::new(),
            remove: seen.add.clone(),
        });
        let mut by_folder: BTreeMap<FolderId, Vec<Marked>> = BTreeMap::new();
        for place in unread {
            if let Some(uid) = place.uid.filter(|_| !expected.contains(&place.message_id)) {
                by_folder.entry(place.folder_id).or_default().push(Marked {
                    message: place.message_id,
                    uid,
                    back: Arc::clone(&back),
                });
            }
        }
        let mut action = Action::default();
        for (folder, marked) in by_folder {
            let uids: UidSet = marked.iter().map(|one| one.uid).collect();
            let kind = OperationKind::SetFlags {
                uids,
                change: seen.clone(),
            };
            let (account, operation) = self.enqueue(folder, kind).await?;
            action.steps.push(Change {
                account,
                folder,
                operation,
                what: What::Flags(marked),
            });
        }
        for message in expected {
            match self.set_flags(&[message], &seen).await {
                Ok(one) => action.steps.extend(one.steps),
                // Where it is now is known with the next look at its folder.
                Err(EngineError::PlaceUnknown { .. } | EngineError::OutcomeUnknown { .. }) => {}
                Err(error) => return Err(error),
            }
        }
        self.finish(action).await
    }
}
