//! `backup`: what exists only here, kept beside the database.

use std::path::Path;

use mailroom_api::dto::{BackupRestored, BackupView};
use serde_json::json;

use crate::args::Backup;
use crate::ask;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::{Column, Output, Style, Table, bytes};
use crate::session::{Session, path_text, read};

pub(crate) async fn run(backup: Backup, session: &Session, output: &mut Output) -> Result<Exit, Failure> {
    match backup {
        Backup::List => list(session, output).await,
        Backup::Write => write(session, output).await,
        Backup::Restore { file, yes } => restore(&file, yes, session, output).await,
    }
}

async fn list(session: &Session, output: &mut Output) -> Result<Exit, Failure> {
    let reply = session.call("backup_list", json!({})).await?;
    let backups: Vec<BackupView> = read(&reply)?;
    output.reply(&reply, |output| {
        if backups.is_empty() {
            return output.line("There is no backup yet. One is written after the first change.");
        }
        let mut table = Table::new(&[
            Column::words("Written"),
            Column::numbers("Size"),
            Column::words("File"),
        ]);
        for backup in &backups {
            let cells = vec![output.moment(backup.at), bytes(backup.bytes), backup.path.clone()];
            table.row(Style::Plain, cells);
        }
        output.table(&table)
    })?;
    Ok(Exit::Success)
}

async fn write(session: &Session, output: &mut Output) -> Result<Exit, Failure> {
    let reply = session.call("backup_write", json!({})).await?;
    let backup: BackupView = read(&reply)?;
    output.reply(&reply, |output| {
        output.styled(
            Style::Good,
            &format!("Written to {} ({}).", backup.path, bytes(backup.bytes)),
        )
    })?;
    Ok(Exit::Success)
}

async fn restore(file: &Path, yes: bool, session: &Session, output: &mut Output) -> Result<Exit, Failure> {
    if !yes {
        if output.is_json() || !output.can_ask() {
            return Err(Failure::input("--yes", "nobody can be asked here; add --yes"));
        }
        let question = "The present database is set aside, and mail is loaded again from its servers. Go on?";
        if !ask::agreement(output, session.cancel(), question).await? {
            return Err(Failure::cancelled());
        }
    }
    let payload = json!({ "path": path_text("FILE", file)? });
    let reply = session.call("backup_restore", payload).await?;
    let restored: BackupRestored = read(&reply)?;
    output.reply(&reply, |output| {
        output.styled(Style::Good, &format!("Restored: {} entries.", restored.rows))?;
        if let Some(path) = &restored.set_aside {
            output.line(&format!("The database from before is {path}."))?;
        }
        output.line("Load the mail with: mailroom sync")
    })?;
    Ok(Exit::Success)
}
