//! `status` and `doctor`: what works, what waits, what needs somebody.

use mailroom_api::dto::{AccountStatus, DoctorReport, ProofView, RepairView, StatusView};
use serde_json::json;

use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::{Output, Style, bytes, count, messages};
use crate::session::{Session, read};
use crate::words;

pub(crate) async fn status(seen: bool, session: &Session, output: &mut Output) -> Result<Exit, Failure> {
    if seen {
        session.call("restored_seen", json!({})).await?;
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
    let works = account.error.is_none() && account.state == "working";
    let state = match account.state.as_str() {
        _ if works => "works".to_owned(),
        "working" => "does not work at the moment".to_owned(),
        "sign-in-needed" => "needs a sign-in".to_owned(),
        other => words::account_state(other),
    };
    let style = if works { Style::Good } else { Style::Bad };
    output.styled(style, &format!("{}: {state}", account.address))?;

    let mut sentences = Vec::new();
    sentences.push(match account.received_at {
        Some(at) => format!("Mail was last received without a fault at {}.", output.moment(at)),
        None => "No mail has been received yet.".to_owned(),
    });
    if let Some(at) = status.sent_at {
        sentences.push(format!("Mail was last sent at {}.", output.moment(at)));
    }
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

/// One proof of a Test.
pub(crate) fn print_proof(proof: &ProofView, output: &mut Output) -> Result<(), Failure> {
    let (mark, style) = match proof.result.as_str() {
        "passed" => ("✓", Style::Good),
        "failed" => ("✗", Style::Bad),
        _ => ("–", Style::Dim),
    };
    let mut facts = vec![proof.tried.clone(), output.report(&proof.seen)];
    facts.retain(|fact| !fact.is_empty());
    if proof.result == "skipped" {
        facts.push("not tried".to_owned());
    } else {
        facts.push(format!("{} ms", proof.took_ms));
    }
    output.paragraph(
        style,
        0,
        &described(mark, &words::proof(&proof.proof), &facts.join(", ")),
    )?;
    match &proof.error {
        Some(error) if proof.result == "failed" => output.explanation(2, error),
        _ => Ok(()),
    }
}

fn described(mark: &str, name: &str, facts: &str) -> String {
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
    fn proof_is_told_with_what_was_seen() {
        let cases = [
            (
                json!({"proof": "imap-sign-in", "result": "passed", "tried": "h:993:tls", "seen": "PLAIN", "took_ms": 12, "error": null}),
                "✓ Sign-in for reading: h:993:tls, PLAIN, 12 ms\n",
            ),
            (
                json!({"proof": "push", "result": "skipped", "tried": "", "seen": "", "took_ms": 0, "error": null}),
                "– Push: not tried\n",
            ),
        ];
        for (value, text) in cases {
            let (mut output, out, _) = on_paper(false, None);
            print_proof(&read(&value).unwrap(), &mut output).unwrap();
            assert_eq!(out.text(), text);
        }
    }

    #[test]
    fn status_paragraph_says_since_when_and_what_waits() {
        let status = read(&json!({
            "account": {
                "id": 1, "address": "a@x.pl", "provider": null, "state": "sign-in-needed", "auth": "oauth2",
                "imap": null, "smtp": null, "period": "quarter", "folders": null, "messages": 1200, "unread": 3,
                "received_at": 1_795_352_700_000_i64,
                "error": {"code": "sign_in_again", "fixer": "you", "params": {"address": "a@x.pl"}, "detail": ""},
                "name": "a@x.pl", "identities": [], "setup_done": true, "automatic": true, "interval_min": 15, "download_up_to_mb": 20,
                "push": true, "sending": true, "is_default": true, "notify": "default",
            },
            "sent_at": null, "operations": [],
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
        assert_eq!(lines[0], "a@x.pl: needs a sign-in");
        assert_eq!(
            lines[1],
            "  Mail was last received without a fault at 2026-11-22 13:05. 1,200 messages kept here, 3 unread. 1 message is in the outbox."
        );
        assert_eq!(lines[2], "  The sign-in of a@x.pl has ended.");
        assert_eq!(lines.last(), Some(&"  Message 4 “Hi”: waiting."));
    }
}
