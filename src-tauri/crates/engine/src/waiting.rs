//! Changes that wait to reach the server, or that it refused, with what a person knows them by.

use std::collections::HashMap;

use mailroom_model::{AccountId, EmailAddress, FolderId, UidSet};
use mailroom_store::{OperationKind, OperationRow, Store, StoreError};

use crate::{Engine, EngineError};

/// Changes of an account that are named by their messages; of thousands nobody reads each.
const NAMED: usize = 50;
/// Messages of a change that are named.
const SUBJECTS: usize = 3;

/// A change that waits, or was refused.
#[derive(Clone, Debug)]
pub struct WaitingOperation {
    /// What it is, and how it stands.
    pub row: OperationRow,
    /// The path of the folder that it is about; empty when there is none any more.
    pub folder: String,
    /// The path of the folder that a move or copy leads to.
    pub to_folder: Option<String>,
    /// The subjects of its first messages; none beyond the first changes of an account, or where they were not asked for.
    pub subjects: Vec<String>,
}

/// Whether changes are named by their messages, which takes a look at each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Naming {
    /// By their messages.
    Subjects,
    /// By their kind and their folder alone.
    Folders,
}

impl Engine {
    /// Changes that wait to reach the server, and those that it refused, in order.
    pub async fn waiting_operations(
        &self,
        address: Option<&EmailAddress>,
        naming: Naming,
    ) -> Result<Vec<WaitingOperation>, EngineError> {
        let mut waiting = Vec::new();
        for account in self.accounts(address).await? {
            waiting.extend(self.waiting_of(account.id, naming).await?);
        }
        Ok(waiting)
    }

    async fn waiting_of(
        &self,
        account: AccountId,
        naming: Naming,
    ) -> Result<Vec<WaitingOperation>, EngineError> {
        let store = self.store().await?;
        let mut paths = Paths::default();
        let mut waiting = Vec::new();
        for (place, row) in store.operations().list(account).await?.into_iter().enumerate() {
            let target = match row.kind {
                OperationKind::Move { to_folder, .. } | OperationKind::Copy { to_folder, .. } => {
                    Some(to_folder)
                }
                _ => None,
            };
            waiting.push(WaitingOperation {
                folder: paths.of(store, row.folder_id).await?.unwrap_or_default(),
                to_folder: paths.of(store, target).await?,
                subjects: if place < NAMED && naming == Naming::Subjects {
                    subjects(store, &row).await?
                } else {
                    Vec::new()
                },
                row,
            });
        }
        Ok(waiting)
    }
}

/// Folders' paths, each looked up once: thousands of changes are about a few folders.
#[derive(Default)]
struct Paths(HashMap<FolderId, Option<String>>);

impl Paths {
    async fn of(&mut self, store: &Store, folder: Option<FolderId>) -> Result<Option<String>, StoreError> {
        let Some(id) = folder else { return Ok(None) };
        if let Some(known) = self.0.get(&id) {
            return Ok(known.clone());
        }
        let path = store.folders().get(id).await?.map(|folder| folder.seen.path);
        self.0.insert(id, path.clone());
        Ok(path)
    }
}

async fn subjects(store: &Store, operation: &OperationRow) -> Result<Vec<String>, StoreError> {
    let uids = match &operation.kind {
        OperationKind::SetFlags { uids, .. }
        | OperationKind::Move { uids, .. }
        | OperationKind::Copy { uids, .. }
        | OperationKind::Delete { uids } => uids,
        OperationKind::UploadDraft { draft, .. } => {
            let draft = store.drafts().get(*draft).await?;
            return Ok(draft.map(|draft| draft.text.subject).into_iter().collect());
        }
        OperationKind::Append { .. } | OperationKind::Import { .. } | OperationKind::RemoveCopy { .. } => {
            return Ok(Vec::new());
        }
    };
    let Some(folder) = operation.folder_id else {
        return Ok(Vec::new());
    };
    let first: UidSet = uids.iter().take(SUBJECTS).collect();
    let mut subjects = Vec::new();
    for place in store.messages().places(folder, &first).await? {
        let message = store.messages().get(place.message_id).await?;
        subjects.extend(message.map(|message| message.subject));
    }
    Ok(subjects)
}
