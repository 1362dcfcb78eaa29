//! `folder`: list, make, rename, delete, mark as read.

use mailroom_api::dto::{FolderDeletedView, FolderSummary, Undoable};
use serde_json::json;

use super::message::{payload, say_waiting};
use crate::args::{Folder, FolderCreate, FolderDelete, FolderRename};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::{Column, Output, Style, Table, number};
use crate::session::{Session, read};
use crate::words;

pub(crate) async fn run(folder: Folder, session: &Session, output: &mut Output) -> Result<Exit, Failure> {
    match folder {
        Folder::List { address, refresh } => list(&address, refresh, session, output).await,
        Folder::Create(wanted) => create(wanted, session, output).await,
        Folder::Rename(wanted) => rename(wanted, session, output).await,
        Folder::Delete(wanted) => delete(wanted, session, output).await,
        Folder::Read { address, folder } => mark_read(&address, &folder, session, output).await,
    }
}

async fn list(address: &str, refresh: bool, session: &Session, output: &mut Output) -> Result<Exit, Failure> {
    let reply = session
        .call("folder_list", json!({ "address": address, "refresh": refresh }))
        .await?;
    let folders: Vec<FolderSummary> = read(&reply)?;
    output.reply(&reply, |output| print(&folders, output))?;
    Ok(Exit::Success)
}

async fn create(wanted: FolderCreate, session: &Session, output: &mut Output) -> Result<Exit, Failure> {
    let payload = payload([
        ("address", Some(wanted.address.into())),
        ("name", Some(wanted.name.into())),
        ("parent", wanted.parent.map(Into::into)),
    ]);
    let reply = session.call("folder_create", payload).await?;
    let made: FolderSummary = read(&reply)?;
    output.reply(&reply, |output| {
        output.styled(Style::Good, &format!("The folder “{}” is there.", made.path))
    })?;
    Ok(Exit::Success)
}

async fn rename(wanted: FolderRename, session: &Session, output: &mut Output) -> Result<Exit, Failure> {
    let parent = if wanted.top {
        Some(String::new())
    } else {
        wanted.parent
    };
    let payload = payload([
        ("address", Some(wanted.address.into())),
        ("folder", Some(wanted.folder.clone().into())),
        ("name", wanted.to.map(Into::into)),
        ("parent", parent.map(Into::into)),
    ]);
    let reply = session.call("folder_rename", payload).await?;
    let renamed: FolderSummary = read(&reply)?;
    output.reply(&reply, |output| {
        output.styled(
            Style::Good,
            &format!("“{}” is “{}” now.", wanted.folder, renamed.path),
        )
    })?;
    Ok(Exit::Success)
}

async fn delete(wanted: FolderDelete, session: &Session, output: &mut Output) -> Result<Exit, Failure> {
    let payload = payload([
        ("address", Some(wanted.address.into())),
        ("folder", Some(wanted.folder.clone().into())),
        ("agreed", wanted.forever.map(Into::into)),
    ]);
    let reply = session.call("folder_delete", payload).await?;
    let deleted: FolderDeletedView = read(&reply)?;
    output.reply(&reply, |output| {
        let told = match &deleted.moved_to {
            Some(path) => format!("“{}” lies in the trash now, as “{path}”.", wanted.folder),
            None => format!("“{}” is deleted.", wanted.folder),
        };
        output.styled(Style::Good, &told)
    })?;
    Ok(Exit::Success)
}

async fn mark_read(
    address: &str,
    folder: &str,
    session: &Session,
    output: &mut Output,
) -> Result<Exit, Failure> {
    let reply = session
        .call("folder_read", json!({ "address": address, "folder": folder }))
        .await?;
    let read: Undoable = read(&reply)?;
    // The program ends with the command, so the server is told now; a change that cannot be carried waits.
    drop(
        session
            .call("operation_push", json!({ "address": address }))
            .await,
    );
    if output.is_json() {
        output.document(&reply)?;
        return Ok(Exit::Success);
    }
    if read.undo.is_none() {
        output.line("Nothing in it was unread.")?;
        return Ok(Exit::Success);
    }
    output.line(&format!("Everything in “{folder}” is marked as read."))?;
    say_waiting(session, output).await?;
    Ok(Exit::Success)
}

fn print(folders: &[FolderSummary], output: &mut Output) -> Result<(), Failure> {
    if folders.is_empty() {
        return output.line("No folders are known here yet. With --refresh the server is asked.");
    }
    let mut table = Table::new(&[
        Column::squeezed("Folder"),
        Column::words("For"),
        Column::words("Kept here"),
        Column::numbers("Messages"),
        Column::numbers("Unread"),
        Column::words("Up to date"),
    ]);
    for folder in folders {
        let style = match (&folder.error, folder.chosen) {
            (Some(_), _) => Style::Bad,
            (None, true) => Style::Plain,
            (None, false) => Style::Dim,
        };
        let kept = match (folder.selectable, folder.chosen) {
            (false, _) => "folders only",
            (true, true) => "yes",
            (true, false) => "no",
        };
        table.row(
            style,
            [
                folder.path.clone(),
                folder.role.as_deref().map(words::folder_role).unwrap_or_default(),
                kept.to_owned(),
                number(folder.messages),
                number(folder.unread),
                folder.synced_at.map(|at| output.moment(at)).unwrap_or_default(),
            ],
        );
    }
    output.table(&table)?;
    for folder in folders {
        if let Some(error) = &folder.error {
            output.gap()?;
            output.styled(Style::Strong, &folder.path)?;
            output.explanation(2, error)?;
        }
    }
    Ok(())
}
