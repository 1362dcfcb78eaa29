//! `sync`: bring accounts up to date, once or until stopped.

use mailroom_api::dto::{EventView, SyncReport};
use serde_json::{Value, json};

use crate::args::Sync;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::{Output, Style, SyncProgress, bytes, count, messages, number};
use crate::session::{Happening, Session, read, tell_inbox};
use crate::words;

pub(crate) async fn run(sync: Sync, session: &Session, output: &mut Output) -> Result<Exit, Failure> {
    let payload = sync
        .address
        .map_or_else(|| json!({}), |address| json!({ "address": address }));
    if sync.watch {
        watch(payload, session, output).await
    } else {
        once(payload, session, output).await
    }
}

async fn once(payload: Value, session: &Session, output: &mut Output) -> Result<Exit, Failure> {
    let mut progress = output.progress();
    let reply = session
        .call_with_events("sync_run", payload, None, &mut |happening| {
            let Happening::Event(event) = happening else {
                return Ok(());
            };
            if output.is_json() {
                return output.document(&event);
            }
            draw(&event, progress.as_mut());
            match &event {
                EventView::InboxReadied { address, messages } => {
                    around(progress.as_ref(), || tell_inbox(output, address, *messages))
                }
                _ => Ok(()),
            }
        })
        .await;
    drop(progress);
    let reply = reply?;
    let reports: Vec<SyncReport> = read(&reply)?;
    if output.is_json() {
        output.result(&reply)?;
    } else {
        print(&reports, output)?;
    }
    Ok(exit(&reports))
}

fn exit(reports: &[SyncReport]) -> Exit {
    let folder_failed = reports
        .iter()
        .flat_map(|report| &report.folders)
        .any(|folder| folder.error.is_some());
    Exit::of_parts(reports.iter().map(|report| report.error.as_ref()), folder_failed)
}

fn print(reports: &[SyncReport], output: &mut Output) -> Result<(), Failure> {
    if reports.is_empty() {
        return output.line("There is no account yet. Add one with: mailroom account add ADDRESS");
    }
    for report in reports {
        let failed = report
            .folders
            .iter()
            .filter(|folder| folder.error.is_some())
            .count();
        let style = if report.error.is_none() && failed == 0 {
            Style::Good
        } else {
            Style::Bad
        };
        output.paragraph(style, 0, &format!("{}: {}", report.address, summary(report)))?;
        for folder in &report.folders {
            if folder.added + folder.changed + folder.removed > 0 {
                let line = format!(
                    "{}: {}",
                    folder.path,
                    difference(folder.added, folder.changed, folder.removed)
                );
                output.paragraph(Style::Plain, 2, &line)?;
            }
            if let Some(error) = &folder.error {
                output.paragraph(Style::Bad, 2, &format!("{}: not up to date", folder.path))?;
                output.explanation(4, error)?;
            }
        }
        if let Some(error) = &report.error {
            output.explanation(2, error)?;
        }
    }
    Ok(())
}

fn summary(report: &SyncReport) -> String {
    let mut parts = Vec::new();
    if report.error.is_some() {
        parts.push("not up to date".to_owned());
    }
    let nothing = report.added + report.changed + report.removed + report.operations + report.sent == 0;
    if nothing && report.error.is_none() {
        parts.push("nothing new".to_owned());
    } else if report.added + report.changed + report.removed > 0 {
        parts.push(difference(report.added, report.changed, report.removed));
    }
    if report.bytes > 0 {
        parts.push(format!("{} loaded", bytes(report.bytes)));
    }
    if report.operations > 0 {
        parts.push(format!(
            "{} reached the server",
            count(report.operations, "change", "changes")
        ));
    }
    if report.sent > 0 {
        parts.push(format!("{} sent", messages(report.sent)));
    }
    parts.join(", ")
}

fn difference(added: i64, changed: i64, removed: i64) -> String {
    let parts = [(added, "new"), (changed, "changed"), (removed, "gone")];
    parts
        .iter()
        .filter(|(value, _)| *value > 0)
        .map(|(value, word)| format!("{} {word}", number(*value)))
        .collect::<Vec<_>>()
        .join(", ")
}

async fn watch(payload: Value, session: &Session, output: &mut Output) -> Result<Exit, Failure> {
    let mut progress = output.progress();
    if !output.is_json() {
        output.remark("Keeping the mail up to date. Ctrl-C ends it.");
    }
    let mut resting = Resting::default();
    let reply = session
        .call_with_events("sync_watch", payload, None, &mut |happening| {
            let Happening::Event(event) = happening else {
                return Ok(());
            };
            if output.is_json() {
                return output.document(&event);
            }
            draw(&event, progress.as_mut());
            match news(&event, &mut resting) {
                Some((style, text)) => around(progress.as_ref(), || {
                    output.paragraph(style, 0, &text)?;
                    match failure_of(&event) {
                        Some(error) => output.explanation(2, error),
                        None => Ok(()),
                    }
                }),
                None => Ok(()),
            }
        })
        .await;
    drop(progress);
    let reply = reply?;
    if output.is_json() {
        output.result(&reply)?;
    }
    Ok(Exit::Success)
}

/// What every account last said it rests by, so that it is told once and not after every look.
#[derive(Debug, Default)]
struct Resting(std::collections::BTreeMap<String, String>);

/// What a person who watches wants to read about an event.
fn news(event: &EventView, resting: &mut Resting) -> Option<(Style, String)> {
    match event {
        EventView::InboxReadied { address, messages: 1 } => Some((
            Style::Plain,
            format!("{address}: the newest message of the inbox can be read."),
        )),
        EventView::InboxReadied {
            address,
            messages: many,
        } => Some((
            Style::Plain,
            format!(
                "{address}: the newest {} of the inbox can be read.",
                messages(*many)
            ),
        )),
        EventView::FolderSynced {
            address,
            folder,
            error: Some(_),
            ..
        } => Some((Style::Bad, format!("{address}, {folder}: not up to date"))),
        EventView::FolderSynced {
            address,
            folder,
            added,
            changed,
            removed,
            error: None,
        } if added + changed + removed > 0 => Some((
            Style::Plain,
            format!("{address}, {folder}: {}", difference(*added, *changed, *removed)),
        )),
        EventView::SyncEnded {
            address,
            error: Some(_),
        } => {
            resting.0.remove(address);
            Some((Style::Bad, format!("{address}: not up to date")))
        }
        EventView::WatchRested { address, by } => {
            let told = resting.0.insert(address.clone(), by.clone());
            let how = match by.as_str() {
                "push" => "up to date; the server announces new mail",
                _ => "up to date; the server does not announce new mail, so it is asked now and then",
            };
            (told.as_ref() != Some(by)).then(|| (Style::Good, format!("{address}: {how}")))
        }
        EventView::OutboxChanged { address, id, state } => Some((
            Style::Plain,
            format!("{address}, outgoing message {id}: {}", words::outbox_state(state)),
        )),
        _ => None,
    }
}

fn failure_of(event: &EventView) -> Option<&mailroom_api::WireError> {
    match event {
        EventView::FolderSynced { error, .. } | EventView::SyncEnded { error, .. } => error.as_ref(),
        _ => None,
    }
}

fn draw(event: &EventView, progress: Option<&mut SyncProgress>) {
    if let Some(progress) = progress {
        progress.show(event);
    }
}

fn around<R>(progress: Option<&SyncProgress>, write: impl FnOnce() -> R) -> R {
    match progress {
        Some(progress) => progress.around(write),
        None => write(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::output::tests::on_paper;

    fn report(changes: &Value) -> SyncReport {
        let mut report = json!({
            "address": "a@x.pl", "added": 0, "changed": 0, "removed": 0, "bytes": 0, "operations": 0, "sent": 0,
            "folders": [], "error": null,
        });
        for (name, value) in changes.as_object().unwrap() {
            report[name] = value.clone();
        }
        read(&report).unwrap()
    }

    fn error(code: &str) -> Value {
        json!({"code": code, "fixer": "you", "params": {}, "detail": ""})
    }

    fn folder(path: &str, added: i64, error: &Value) -> Value {
        json!({"path": path, "added": added, "changed": 0, "removed": 0, "error": error})
    }

    #[test]
    fn sync_tells_what_came_and_what_failed() {
        let (mut output, out, _) = on_paper(false, None);
        let reports = [
            report(
                &json!({"added": 1234, "removed": 2, "bytes": 5_000_000, "sent": 1,
                "folders": [folder("INBOX", 1234, &Value::Null), folder("Work", 0, &Value::Null)]}),
            ),
            report(&json!({"address": "b@x.pl"})),
        ];
        print(&reports, &mut output).unwrap();
        assert_eq!(
            out.text(),
            "a@x.pl: 1,234 new, 2 gone, 5 MB loaded, 1 message sent\n  INBOX: 1,234 new\nb@x.pl: nothing new\n"
        );
    }

    #[test]
    fn sync_status_tells_part_from_whole() {
        let fine = || report(&json!({}));
        let refused = || report(&json!({"error": error("auth_failed")}));
        let part = || report(&json!({"folders": [folder("X", 0, &error("folder_not_selectable"))]}));
        let cases: [(&[SyncReport], Exit); 6] = [
            (&[], Exit::Success),
            (&[fine()], Exit::Success),
            (&[refused()], Exit::SignIn),
            (&[refused(), fine()], Exit::Failed),
            (&[part()], Exit::Failed),
            (&[part(), refused()], Exit::Failed),
        ];
        for (reports, expected) in cases {
            assert_eq!(exit(reports), expected, "{reports:?}");
        }
    }

    #[test]
    fn watch_tells_how_it_rests_once() {
        let mut resting = Resting::default();
        let rested = |by: &str| EventView::WatchRested {
            address: "a@x.pl".into(),
            by: by.into(),
        };
        assert!(news(&rested("push"), &mut resting).is_some());
        assert!(news(&rested("push"), &mut resting).is_none());
        assert!(news(&rested("poll"), &mut resting).is_some());
        let quiet = EventView::FolderSynced {
            address: "a@x.pl".into(),
            folder: "INBOX".into(),
            added: 0,
            changed: 0,
            removed: 0,
            error: None,
        };
        assert!(news(&quiet, &mut resting).is_none());
    }
}
