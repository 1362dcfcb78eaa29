//! `outbox` and `operation`: what waits to leave this machine.

use mailroom_api::dto::{OperationView, OutboxView};
use serde_json::json;

use super::send;
use crate::args::{Operation, Outbox};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::{Column, Output, Style, Table};
use crate::session::{Session, read};
use crate::words;

pub(crate) async fn outbox(outbox: Outbox, session: &Session, output: &mut Output) -> Result<Exit, Failure> {
    match outbox {
        Outbox::List => list_outbox(session, output).await,
        Outbox::Retry { id } => send::deliver("outbox_retry", json!({ "id": id }), session, output).await,
        Outbox::Discard { id } => {
            let reply = session.call("outbox_discard", json!({ "id": id })).await?;
            output.reply(&reply, |output| {
                output.line(&format!("Message {id} was taken out of the outbox."))
            })?;
            Ok(Exit::Success)
        }
    }
}

async fn list_outbox(session: &Session, output: &mut Output) -> Result<Exit, Failure> {
    let reply = session.call("outbox_list", json!({})).await?;
    let entries: Vec<OutboxView> = read(&reply)?;
    output.reply(&reply, |output| {
        if entries.is_empty() {
            return output.line("The outbox is empty.");
        }
        let mut table = Table::new(&[
            Column::numbers("ID"),
            Column::words("State"),
            Column::squeezed("From"),
            Column::squeezed("To"),
            Column::squeezed("Subject"),
            Column::numbers("Attempts"),
            Column::words("Next attempt"),
        ]);
        for entry in &entries {
            let style = if matches!(entry.state.as_str(), "failed" | "unknown") {
                Style::Bad
            } else {
                Style::Plain
            };
            table.row(
                style,
                [
                    entry.id.to_string(),
                    words::outbox_state(&entry.state),
                    entry.account.clone(),
                    entry.to.join(", "),
                    entry.subject.clone(),
                    entry.attempts.to_string(),
                    entry.next_at.map(|at| output.moment(at)).unwrap_or_default(),
                ],
            );
        }
        output.table(&table)?;
        for entry in &entries {
            if let Some(error) = &entry.error {
                output.gap()?;
                output.styled(Style::Strong, &format!("Message {}", entry.id))?;
                output.explanation(2, error)?;
            }
        }
        Ok(())
    })?;
    Ok(Exit::Success)
}

pub(crate) async fn operation(
    operation: Operation,
    session: &Session,
    output: &mut Output,
) -> Result<Exit, Failure> {
    match operation {
        Operation::List => list_operations(session, output).await,
        Operation::Discard { id } => {
            let reply = session.call("operation_discard", json!({ "id": id })).await?;
            output.reply(&reply, |output| {
                output.line(&format!(
                    "Change {id} was given up; the server's state comes back with the next sync."
                ))
            })?;
            Ok(Exit::Success)
        }
    }
}

async fn list_operations(session: &Session, output: &mut Output) -> Result<Exit, Failure> {
    let reply = session.call("operation_list", json!({})).await?;
    let operations: Vec<OperationView> = read(&reply)?;
    output.reply(&reply, |output| {
        if operations.is_empty() {
            return output.line("No change waits to reach the server.");
        }
        let mut table = Table::new(&[
            Column::numbers("ID"),
            Column::words("State"),
            Column::squeezed("Account"),
            Column::squeezed("Folder"),
            Column::squeezed("To"),
            Column::words("Change"),
            Column::numbers("Messages"),
            Column::numbers("Attempts"),
        ]);
        for operation in &operations {
            let style = if operation.state == "refused" {
                Style::Bad
            } else {
                Style::Plain
            };
            table.row(
                style,
                [
                    operation.id.to_string(),
                    operation.state.clone(),
                    operation.account.clone(),
                    operation.folder.clone(),
                    operation.to_folder.clone().unwrap_or_default(),
                    words::operation_kind(&operation.kind),
                    operation.messages.to_string(),
                    operation.attempts.to_string(),
                ],
            );
        }
        output.table(&table)?;
        for operation in &operations {
            if let Some(error) = &operation.error {
                output.gap()?;
                output.styled(Style::Strong, &format!("Change {}", operation.id))?;
                output.explanation(2, error)?;
            }
        }
        Ok(())
    })?;
    Ok(Exit::Success)
}
