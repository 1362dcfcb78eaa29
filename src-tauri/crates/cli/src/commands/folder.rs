//! `folder`: the folders of an account.

use mailroom_api::dto::FolderSummary;
use serde_json::json;

use crate::args::Folder;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::{Column, Output, Style, Table, number};
use crate::session::{Session, read};
use crate::words;

pub(crate) async fn run(folder: Folder, session: &Session, output: &mut Output) -> Result<Exit, Failure> {
    let Folder::List { address, refresh } = folder;
    let reply = session
        .call("folder_list", json!({ "address": address, "refresh": refresh }))
        .await?;
    let folders: Vec<FolderSummary> = read(&reply)?;
    output.reply(&reply, |output| print(&folders, output))?;
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
