//! Changes that wait to reach the server, or that it refused, with what a person knows them by.

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
    /// The subjects of its first messages; none beyond the first changes of an account.
    pub subjects: Vec<String>,
}

impl Engine {
    /// Changes that wait to reach the server, and those that it refused, in order.
    pub async fn waiting_operations(
        &self,
        address: Option<&EmailAddress>,
    ) -> Result<Vec<WaitingOperation>, EngineError> {
        let mut waiting = Vec::new();
        for account in self.accounts(address).await? {
            waiting.extend(self.waiting_of(account.id).await?);
        }
        Ok(waiting)
    }

    async fn waiting_of(&self, account: AccountId) -> Result<Vec<WaitingOperation>, EngineError> {
        let store = self.store().await?;
        let mut waiting = Vec::new();
        for (place, row) in store.operations().list(account).await?.into_iter().enumerate() {
            let target = match row.kind {
                OperationKind::Move { to_folder, .. } | OperationKind::Copy { to_folder, .. } => {
                    Some(to_folder)
                }
                _ => None,
            };
            waiting.push(WaitingOperation {
                folder: path_of(store, row.folder_id).await?.unwrap_or_default(),
                to_folder: path_of(store, target).await?,
                subjects: if place < NAMED {
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

async fn path_of(store: &Store, folder: Option<FolderId>) -> Result<Option<String>, StoreError> {
    let Some(id) = folder else { return Ok(None) };
    Ok(store.folders().get(id).await?.map(|folder| folder.seen.path))
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
