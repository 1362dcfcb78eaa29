//! `export` and `import`: mail as files.

use mailroom_api::ErrorCode;
use mailroom_api::dto::{MailExported, MailImported};
use serde_json::{Value, json};

use crate::args::{Export, Import};
use crate::ask;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::{Output, Style, bytes, count, messages};
use crate::session::{Happening, Session, path_text, read};

pub(crate) async fn export(export: Export, session: &Session, output: &mut Output) -> Result<Exit, Failure> {
    let target = path_text("--to", &export.to)?;
    let wish = |add: bool| {
        json!({
            "address": &export.address,
            "folders": &export.folder,
            "format": export.format.as_str(),
            "target": &target,
            "add": add,
            "local": export.local,
        })
    };
    let mut reply = transfer("mail_export", wish(export.add), session, output).await;
    if !output.is_json()
        && output.can_ask()
        && let Err(Failure::Wire(error)) = &reply
        && error.code == ErrorCode::TargetNotEmpty
    {
        let question = format!(
            "{} is not empty. Write into it all the same?",
            export.to.display()
        );
        if !ask::agreement(output, session.cancel(), &question).await? {
            return Err(Failure::cancelled());
        }
        reply = transfer("mail_export", wish(true), session, output).await;
    }
    let reply = reply?;
    let report: MailExported = read(&reply)?;
    if output.is_json() {
        output.result(&reply)?;
    } else {
        print_exported(&report, output)?;
    }
    Ok(if report.missing_count == 0 {
        Exit::Success
    } else {
        Exit::Failed
    })
}

/// A call that takes its time: events become lines for programs, or a bar for people.
async fn transfer(
    command: &str,
    payload: Value,
    session: &Session,
    output: &mut Output,
) -> Result<Value, Failure> {
    let mut progress = output.progress();
    session
        .call_with_events(command, payload, None, &mut |happening| {
            let Happening::Event(event) = happening else {
                return Ok(());
            };
            if output.is_json() {
                return output.document(&event);
            }
            if let Some(progress) = progress.as_mut() {
                progress.show(&event);
            }
            Ok(())
        })
        .await
}

fn print_exported(report: &MailExported, output: &mut Output) -> Result<(), Failure> {
    let (mut written, mut size) = (0, 0);
    for folder in &report.folders {
        written += folder.messages;
        size += folder.bytes;
        let others = [
            (folder.kept, "there already"),
            (folder.left, "only on the server"),
        ];
        let mut parts = vec![format!("{}: {}", folder.path, messages(folder.messages))];
        parts.extend(
            others
                .iter()
                .filter(|(number, _)| *number > 0)
                .map(|(number, words)| format!("{} {words}", messages(*number))),
        );
        output.paragraph(Style::Plain, 2, &parts.join(", "))?;
    }
    let done = format!(
        "{} ({}) written to {}",
        messages(written),
        bytes(size),
        report.target
    );
    output.paragraph(Style::Good, 0, &done)?;
    if report.missing_count > 0 {
        let line = format!(
            "{} missing:",
            count(report.missing_count, "message is", "messages are")
        );
        output.paragraph(Style::Bad, 0, &line)?;
        for missing in &report.missing {
            let line = format!("{}, UID {}: {}", missing.folder, missing.uid, missing.subject);
            output.paragraph(Style::Plain, 2, &line)?;
            output.explanation(4, &missing.error)?;
        }
    }
    Ok(())
}

pub(crate) async fn import(import: Import, session: &Session, output: &mut Output) -> Result<Exit, Failure> {
    let paths = import
        .paths
        .iter()
        .map(|path| path_text("PATH", path))
        .collect::<Result<Vec<String>, Failure>>()?;
    let payload = json!({ "address": import.address, "folder": import.folder, "paths": paths });
    let reply = transfer("mail_import", payload, session, output).await?;
    let report: MailImported = read(&reply)?;
    if output.is_json() {
        output.result(&reply)?;
    } else {
        print_imported(&report, &import.address, output)?;
    }
    Ok(match &report.error {
        Some(error) => Exit::of(error.code),
        None if report.refused_count > 0 => Exit::Failed,
        None => Exit::Success,
    })
}

fn print_imported(report: &MailImported, address: &str, output: &mut Output) -> Result<(), Failure> {
    let mut parts = vec![format!(
        "{} put into {}",
        messages(report.imported),
        report.folder
    )];
    let others = [
        (report.known, "there already"),
        (report.deleted, "deleted by the other program"),
        (report.waiting, "waiting for the server"),
    ];
    for (number, words) in others {
        if number > 0 {
            parts.push(format!("{} {words}", messages(number)));
        }
    }
    let style = if report.refused_count == 0 && report.error.is_none() {
        Style::Good
    } else {
        Style::Bad
    };
    output.paragraph(style, 0, &parts.join(", "))?;
    if report.refused_count > 0 {
        let line = format!(
            "{} not taken:",
            count(report.refused_count, "message was", "messages were")
        );
        output.paragraph(Style::Bad, 0, &line)?;
        for refused in &report.refused {
            output.paragraph(
                Style::Plain,
                2,
                &format!("{}: {}", refused.origin, refused.subject),
            )?;
            output.explanation(4, &refused.error)?;
        }
    }
    if let Some(error) = &report.error {
        output.explanation(0, error)?;
    }
    if report.imported > 0 {
        output.styled(Style::Dim, &format!("Show it here with: mailroom sync {address}"))?;
    }
    Ok(())
}
