//! `status` and `doctor`: what works, what waits, what needs somebody.

use mailroom_api::dto::{
    AccountStatus, DoctorReport, OperationHealthView, RepairView, SilenceView, StatusView,
};
use serde_json::json;

use super::leaving::{print_expiries, print_receipts};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::{Output, Style, bytes, count, messages};
use crate::session::{Session, read};
use crate::words;

pub(crate) async fn status(seen: bool, session: &Session, output: &mut Output) -> Result<Exit, Failure> {
    if seen {
        session.call("restored_seen", json!({})).await?;
    }
    if !output.is_json() {
        print_receipts(session, output).await?;
    }
    let reply = session.call("status_get", json!({})).await?;
    let status: StatusView = read(&reply)?;
    output.reply(&reply, |output| {
        if let Some(restored) = &status.store_restored {
            output.explanation(0, restored)?;
            output.gap()?;
        }
        if status.store_unsound {
            let line = "The database is damaged in places. Close Mailroom everywhere and run: mailroom doctor --repair";
            output.paragraph(Style::Bad, 0, line)?;
            output.gap()?;
        }
        print_expiries(&status.expiries, output)?;
        if status.accounts.is_empty() {
            return output.line("There is no account yet. Add one with: mailroom account add ADDRESS");
        }
        for account in &status.accounts {
            print_account(account, output)?;
            output.gap()?;
        }
        output.styled(
            Style::Dim,
            &format!("The mail on this machine takes {}.", bytes(status.store_bytes)),
        )
    })?;
    Ok(Exit::Success)
}

fn print_account(status: &AccountStatus, output: &mut Output) -> Result<(), Failure> {
    let account = &status.account;
    let style = match account.condition.as_str() {
        "working" | "slow" => Style::Good,
        "switched-off" | "untried" => Style::Dim,
        _ => Style::Bad,
    };
    let mut state = match account.state.as_str() {
        state @ ("waiting-approval" | "signed-out") => words::account_state(state),
        _ => words::condition(&account.condition),
    };
    if let Some(at) = account.retry_at {
        state = format!("{state}; tried again at {}", output.moment(at));
    }
    output.styled(style, &format!("{}: {state}", account.address))?;
    for operation in &status.health {
        let name = words::traffic(&operation.operation);
        output.field(2, &name, &told(operation, output))?;
    }
    if let Some(line) = arrivals(status, output) {
        output.field(2, "Arrivals", &line)?;
    }
    if let Some(silence) = &status.silence {
        output.paragraph(Style::Plain, 2, &silent(silence, output))?;
        if let Some(error) = &silence.error {
            output.explanation(4, error)?;
        }
    }

    let mut sentences = Vec::new();
    sentences.push(format!(
        "{} kept here, {} unread.",
        messages(account.messages),
        account.unread
    ));
    sentences.extend(waiting(status));
    output.paragraph(Style::Plain, 2, &sentences.join(" "))?;

    if let Some(error) = &account.error {
        output.explanation(2, error)?;
    }
    if let Some(approval) = &account.approval {
        let line = match approval.granted_at {
            Some(_) => format!(
                "The program is allowed: mailroom account sign-in {} --oauth",
                account.address
            ),
            None => format!(
                "Waiting since {}. A message to the administrator: mailroom account approval {}",
                output.moment(approval.since),
                account.address
            ),
        };
        output.paragraph(Style::Plain, 2, &line)?;
    }
    for entry in &status.outbox {
        let line = format!(
            "Message {} “{}”: {}.",
            entry.id,
            entry.subject,
            words::outbox_state(&entry.state)
        );
        output.paragraph(Style::Plain, 2, &line)?;
        if let Some(error) = &entry.error {
            output.explanation(4, error)?;
        }
    }
    for operation in status
        .operations
        .iter()
        .filter(|operation| operation.state == "refused")
    {
        let line = format!(
            "Change {} ({} of {} in {}) was refused.",
            operation.id,
            words::operation_kind(&operation.kind),
            messages(operation.messages.into()),
            operation.folder
        );
        output.paragraph(Style::Plain, 2, &line)?;
        if let Some(error) = &operation.error {
            output.explanation(4, error)?;
        }
    }
    Ok(())
}

/// How one thing that an account does goes.
fn told(operation: &OperationHealthView, output: &Output) -> String {
    let mut parts = vec![match (operation.off.as_deref(), operation.condition.as_str()) {
        (Some("not-offered"), _) => "not offered by the server".to_owned(),
        (Some("signed-out"), _) => words::account_state("signed-out"),
        (Some("setup-open"), _) => "waits for the end of the setup".to_owned(),
        (_, condition) => words::condition(condition),
    }];
    if let Some(at) = operation.worked_at {
        parts.push(format!("last worked at {}", output.moment(at)));
    }
    if let (Some(at), Some(error)) = (operation.failed_at, &operation.error) {
        parts.push(format!("last failed at {} ({})", output.moment(at), error.code));
    }
    if let Some(at) = operation.retry_at {
        parts.push(format!("tried again at {}", output.moment(at)));
    }
    parts.join("; ")
}

/// The arrivals of the last days in one line; none where nothing ever came.
fn arrivals(status: &AccountStatus, output: &Output) -> Option<String> {
    let last = status.arrived_at?;
    let sum = |hours: &[i64]| -> i64 { hours.iter().sum() };
    let day = status.arrivals.rchunks(24).next().map_or(0, sum);
    Some(format!(
        "{} in the last 24 hours, {} in the last seven days; the newest at {}",
        messages(day),
        messages(sum(&status.arrivals)),
        output.moment(last)
    ))
}

/// A silence in words.
fn silent(silence: &SilenceView, output: &Output) -> String {
    let usual = count(silence.usual_minutes.into(), "minute", "minutes");
    let since = output.moment(silence.since);
    let told = format!("Nothing has come since {since}, where one usually comes every {usual}.");
    match (silence.proved_at, &silence.error) {
        (_, Some(_)) => format!("{told} A fresh connection could not be opened:"),
        (Some(at), None) => format!(
            "{told} The mailbox is quiet: a fresh connection at {} showed that nothing is there.",
            output.moment(at)
        ),
        (None, None) => told,
    }
}

fn waiting(status: &AccountStatus) -> Vec<String> {
    let operations = i64::try_from(status.operations.len()).unwrap_or(i64::MAX);
    let outbox = i64::try_from(status.outbox.len()).unwrap_or(i64::MAX);
    match (operations, outbox) {
        (0, 0) => vec!["Nothing waits.".to_owned()],
        (operations, outbox) => {
            let mut sentences = Vec::new();
            if operations > 0 {
                sentences.push(format!(
                    "{} to reach the server.",
                    count(operations, "change waits", "changes wait")
                ));
            }
            if outbox > 0 {
                sentences.push(format!(
                    "{} in the outbox.",
                    count(outbox, "message is", "messages are")
                ));
            }
            sentences
        }
    }
}

/// One thing that was mended, in words.
fn mended(repair: &RepairView) -> (Style, String) {
    let number = repair.count;
    match repair.what.as_str() {
        "rebuilt" => (
            Style::Good,
            format!(
                "The database could not be read. A new one has {}; the damaged one is {}. Load the mail with: mailroom sync",
                count(number, "saved entry", "saved entries"),
                repair.path.as_deref().unwrap_or_default()
            ),
        ),
        "bodies" => (Style::Good, format!("{} fetched again", messages(number))),
        "lost_bodies" => (
            Style::Bad,
            format!(
                "{} could not be mended: the server has other bytes, or none. The damaged ones are kept in set-aside",
                messages(number)
            ),
        ),
        "waiting_bodies" => (
            Style::Bad,
            format!(
                "{} could not be fetched now; try again when the server can be reached",
                messages(number)
            ),
        ),
        "index" => (
            Style::Good,
            format!(
                "the search index was damaged and is new, from {}",
                messages(number)
            ),
        ),
        "rows" => (
            Style::Good,
            format!(
                "counters put right, {} removed",
                count(number, "stray row", "stray rows")
            ),
        ),
        other => (Style::Plain, words::readable(other)),
    }
}

pub(crate) async fn doctor(repair: bool, session: &Session, output: &mut Output) -> Result<Exit, Failure> {
    let reply = session.call("doctor_run", json!({ "repair": repair })).await?;
    let report: DoctorReport = read(&reply)?;
    output.reply(&reply, |output| {
        output.line(&format!("Mailroom {} on {}", report.version, report.platform))?;
        output.field(0, "Home", &report.home)?;
        output.gap()?;
        for repair in &report.repairs {
            let (style, line) = mended(repair);
            output.paragraph(style, 0, &line)?;
        }
        if repair && report.repairs.is_empty() {
            output.line("Nothing had to be mended.")?;
        }
        if repair {
            output.gap()?;
        }
        for check in &report.checks {
            let (mark, style) = if check.passed {
                ("✓", Style::Good)
            } else {
                ("✗", Style::Bad)
            };
            let line = described(mark, &words::doctor_check(&check.check), &check.seen);
            output.paragraph(style, 0, &line)?;
            if let Some(error) = &check.error {
                output.explanation(2, error)?;
            }
        }
        for journal in &report.journals {
            output.gap()?;
            super::journal::print(journal, output)?;
        }
        Ok(())
    })?;
    Ok(doctor_exit(&report))
}

fn doctor_exit(report: &DoctorReport) -> Exit {
    match report.checks.iter().find(|check| !check.passed) {
        Some(check) => check
            .error
            .as_ref()
            .map_or(Exit::Failed, |error| Exit::of(error.code)),
        None => Exit::Success,
    }
}

pub(super) fn described(mark: &str, name: &str, facts: &str) -> String {
    if facts.is_empty() {
        format!("{mark} {name}")
    } else {
        format!("{mark} {name}: {facts}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::output::tests::on_paper;

    #[test]
    fn status_paragraph_says_since_when_and_what_waits() {
        let status = read(&json!({
            "account": {
                "id": 1, "address": "a@x.pl", "provider": null, "state": "sign-in-needed", "auth": "oauth2", "sign_ins": [],
                "imap": null, "smtp": null, "period": "quarter", "folders": null, "messages": 1200, "unread": 3,
                "received_at": 1_795_352_700_000_i64,
                "error": {"code": "sign_in_again", "fixer": "you", "params": {"address": "a@x.pl"}, "detail": ""},
                "name": "a@x.pl", "identities": [], "setup_done": true, "automatic": true, "interval_min": 15, "download_up_to_mb": 20,
                "push": true, "sending": true, "is_default": true, "notify": "default",
                "condition": "needs-you", "retry_at": null,
            },
            "health": [
                {"operation": "receive", "condition": "needs-you", "off": null, "worked_at": 1_795_352_700_000_i64,
                 "failed_at": 1_795_352_820_000_i64, "error": {"code": "sign_in_again", "fixer": "you", "params": {}, "detail": ""},
                 "retry_at": null, "took_ms": 120},
                {"operation": "push", "condition": "switched-off", "off": "not-offered", "worked_at": null, "failed_at": null,
                 "error": null, "retry_at": null, "took_ms": null},
            ],
            "heard_at": null, "arrived_at": 1_795_352_700_000_i64, "arrivals": [0, 1, 2, 3], "arrivals_since": 0,
            "silence": {"since": 1_795_352_700_000_i64, "usual_minutes": 12, "proved_at": 1_795_352_820_000_i64, "error": null},
            "operations": [],
            "outbox": [{
                "id": 4, "account": "a@x.pl", "state": "queued", "subject": "Hi", "to": ["b@x.pl"],
                "message_id": "m", "attempts": 0, "next_at": null, "left_over": false, "error": null,
            }],
        }))
        .unwrap();
        let (mut output, out, _) = on_paper(false, None);
        print_account(&status, &mut output).unwrap();
        let text = out.text();
        let lines: Vec<&str> = text.lines().collect();
        let told = [
            "a@x.pl: needs you",
            "  Receiving     needs you; last worked at 2026-11-22 13:05; last failed at 2026-11-22 13:07 (sign_in_again)",
            "  Push          not offered by the server",
            "  Arrivals      6 messages in the last 24 hours, 6 messages in the last seven days; the newest at 2026-11-22 13:05",
            "  Nothing has come since 2026-11-22 13:05, where one usually comes every 12 minutes. \
             The mailbox is quiet: a fresh connection at 2026-11-22 13:07 showed that nothing is there.",
            "  1,200 messages kept here, 3 unread. 1 message is in the outbox.",
            "  The sign-in of a@x.pl has ended.",
        ];
        assert_eq!(lines[..told.len()], told);
        assert_eq!(lines.last(), Some(&"  Message 4 “Hi”: waiting."));
    }
}
