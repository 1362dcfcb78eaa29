//! A folder goes: into the trash where the server lets it, else for good.

use std::collections::HashSet;

use mailroom_model::{Coded, EmailAddress, ErrorCode, FolderId, FolderRole};
use mailroom_store::{FolderRow, OperationKind, OperationState};

use super::allowed::refuse_used;
use super::at_server::{AtServer, refused};
use super::name::{lies_in, split};
use crate::server_traits::ServerTraits;
use crate::{Engine, EngineError};

/// Names that are tried in the trash when others of that name lie there.
const NAMES: u32 = 100;

/// What became of a folder that was deleted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FolderDeleted {
    /// The path of the folder in the trash that it is now; `None` when it is gone for good.
    pub moved_to: Option<String>,
}

impl Engine {
    /// Deletes a folder with the folders in it. One that is empty goes for good, and so does one on a server whose folders are
    /// labels, where its messages stay in the folder of all messages. One with messages becomes a folder of the trash. Where
    /// that cannot be (there is no trash, it lies there already, or the server refuses) it goes for good with its messages when
    /// the person has agreed to lose this many: `agreed`, with which the trash is not tried.
    ///
    /// Errors: [`EngineError::FolderNotEmpty`] with the number to agree to, [`EngineError::FolderProtected`],
    /// [`EngineError::FolderBusy`] while changes wait, [`EngineError::OnlineNeeded`]; the server's refusal.
    pub async fn delete_folder(
        &self,
        address: &EmailAddress,
        folder: &str,
        agreed: Option<u64>,
    ) -> Result<FolderDeleted, EngineError> {
        let account = self.account(address).await?;
        let known = self.store().await?.folders().list(account.id).await?;
        if let Ok(row) = Self::folder_named(&known, folder) {
            refuse_used(row, &known)?;
            if self.refuse_busy(row, &tree(row, &known)).await.is_err() {
                // They may only have to be asked once more; what fails is said below.
                drop(self.push_due(&account, &mut 0).await);
            }
        }
        let mut server = self.at_server(address).await?;
        let row = server.folder(folder)?;
        refuse_used(&row, &server.folders)?;
        let tree = tree(&row, &server.folders);
        self.refuse_busy(&row, &tree).await?;
        let messages = if ServerTraits::of(&server.account).has_labels {
            0
        } else {
            count(&mut server, &tree).await?
        };
        if messages > 0
            && agreed.is_none()
            && let Some(path) = self.move_to_trash(&mut server, &row).await?
        {
            server.finish(self).await?;
            return Ok(FolderDeleted { moved_to: Some(path) });
        }
        if messages > agreed.unwrap_or(0) {
            return Err(EngineError::FolderNotEmpty {
                path: row.seen.path,
                messages,
            });
        }
        let removed = remove(&mut server, &tree).await;
        // What went before a refusal is gone. The messages go with the next whole look: one may have been moved meanwhile.
        let finished = server.finish(self).await;
        removed?;
        finished?;
        Ok(FolderDeleted { moved_to: None })
    }

    /// Errors: [`EngineError::FolderBusy`] while changes of messages in these folders wait, or changes that bring some there.
    async fn refuse_busy(&self, row: &FolderRow, tree: &[FolderRow]) -> Result<(), EngineError> {
        let ids: HashSet<FolderId> = tree.iter().map(|folder| folder.id).collect();
        let operations = self.store().await?.operations().list(row.account_id).await?;
        let concerns = |kind: &OperationKind| match kind {
            OperationKind::Move { to_folder, .. } | OperationKind::Copy { to_folder, .. } => {
                ids.contains(to_folder)
            }
            _ => false,
        };
        let waiting = operations.iter().filter(|operation| {
            operation.state == OperationState::Waiting
                && (operation.folder_id.is_some_and(|id| ids.contains(&id)) || concerns(&operation.kind))
        });
        match waiting.count() as u64 {
            0 => Ok(()),
            changes => Err(EngineError::FolderBusy {
                path: row.seen.path.clone(),
                changes,
            }),
        }
    }

    /// Makes it a folder of the trash, under a name that is free there; `None` where that cannot be.
    async fn move_to_trash(
        &self,
        server: &mut AtServer,
        row: &FolderRow,
    ) -> Result<Option<String>, EngineError> {
        let is_trash = |folder: &&FolderRow| folder.seen.role == Some(FolderRole::Trash);
        let Some(trash) = server.folders.iter().find(is_trash) else {
            return Ok(None);
        };
        let lies_there = lies_in(&row.seen.wire_name, &trash.seen.wire_name, trash.seen.delimiter);
        let Ok(trash) = server.parent(&trash.seen.path) else {
            return Ok(None);
        };
        let Some(delimiter) = trash.seen.delimiter.filter(|_| !lies_there) else {
            return Ok(None);
        };
        let (_, level) = split(&row.seen.wire_name, row.seen.delimiter);
        let first = format!("{}{delimiter}{level}", trash.seen.wire_name);
        let mut names = (1..NAMES).map(|n| match n {
            1 => first.clone(),
            n => format!("{first} {n}"),
        });
        let Some(name) = names.find(|name| !server.knows(name)) else {
            return Ok(None);
        };
        match self.rename_at(server, row, &name).await {
            Ok(()) => Ok(Some(mailroom_protocol::imap::decode_path(&name, Some(delimiter)))),
            // There are servers on which nothing can lie in the trash.
            Err(EngineError::Imap(error)) if error.leaves_session_usable() => Ok(None),
            Err(EngineError::FolderRefused { .. } | EngineError::FolderExists { .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }
}

/// The folder and those in it, the deepest first.
fn tree(row: &FolderRow, folders: &[FolderRow]) -> Vec<FolderRow> {
    let mut tree: Vec<FolderRow> = folders
        .iter()
        .filter(|folder| lies_in(&folder.seen.wire_name, &row.seen.wire_name, row.seen.delimiter))
        .cloned()
        .collect();
    tree.sort_by(|one, other| other.seen.wire_name.cmp(&one.seen.wire_name));
    tree
}

/// How many messages they hold on the server: here may be fewer.
async fn count(server: &mut AtServer, tree: &[FolderRow]) -> Result<u64, EngineError> {
    let mut messages = 0;
    for folder in tree.iter().filter(|folder| folder.seen.is_selectable) {
        let status = server.session.folder_status(&folder.seen.wire_name).await?;
        messages += u64::from(status.messages);
    }
    Ok(messages)
}

/// Removes them on the server, in their order. Nodes that only hold others go with the last of these on some servers.
async fn remove(server: &mut AtServer, tree: &[FolderRow]) -> Result<(), EngineError> {
    for folder in tree {
        let name = &folder.seen.wire_name;
        match server.session.delete_folder(name).await {
            Ok(()) => {}
            Err(error)
                if error.leaves_session_usable()
                    && (error.code() == ErrorCode::FolderMissing || !folder.seen.is_selectable) => {}
            Err(error) => return Err(refused(error)),
        }
        if folder.seen.is_subscribed {
            server.subscribe(name, false).await?;
        }
    }
    Ok(())
}
