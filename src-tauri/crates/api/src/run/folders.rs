//! Folders, made, renamed, deleted and marked as read.

use mailroom_engine::FolderRenaming;

use super::{Reply, address};
use crate::command::Context;
use crate::dto::{
    FolderCreate, FolderDelete, FolderDeletedView, FolderRead, FolderRename, FolderSummary, Undoable,
};
use crate::view;

pub(crate) async fn folder_create(context: &Context, payload: FolderCreate) -> Reply<FolderSummary> {
    let made = context
        .engine
        .create_folder(
            &address(&payload.address)?,
            &payload.name,
            payload.parent.as_deref(),
        )
        .await?;
    Ok(view::folder(made))
}

pub(crate) async fn folder_rename(context: &Context, payload: FolderRename) -> Reply<FolderSummary> {
    let to = FolderRenaming {
        name: payload.name.as_deref(),
        parent: payload.parent.as_deref(),
    };
    let renamed = context
        .engine
        .rename_folder(&address(&payload.address)?, &payload.folder, to)
        .await?;
    Ok(view::folder(renamed))
}

pub(crate) async fn folder_delete(context: &Context, payload: FolderDelete) -> Reply<FolderDeletedView> {
    let deleted = context
        .engine
        .delete_folder(
            &address(&payload.address)?,
            &payload.folder,
            payload.agreed.map(u64::from),
        )
        .await?;
    Ok(FolderDeletedView {
        moved_to: deleted.moved_to,
    })
}

pub(crate) async fn folder_read(context: &Context, payload: FolderRead) -> Reply<Undoable> {
    let undo = context
        .engine
        .read_folder(&address(&payload.address)?, &payload.folder)
        .await?;
    Ok(Undoable { undo })
}
