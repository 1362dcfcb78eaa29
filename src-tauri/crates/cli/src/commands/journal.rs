//! `journal`: what happened between accounts and their servers.

use mailroom_api::dto::{JournalEntryView, JournalView};
use serde_json::json;

use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::{Output, Style, count};
use crate::session::{Session, read};
use crate::words;

pub(crate) async fn run(
    address: Option<&str>,
    limit: u32,
    session: &Session,
    output: &mut Output,
) -> Result<Exit, Failure> {
    let reply = session
        .call("journal_get", json!({ "address": address, "limit": limit }))
        .await?;
    let journals: Vec<JournalView> = read(&reply)?;
    output.reply(&reply, |output| {
        if journals.is_empty() {
            return output.line("There is no account yet. Add one with: mailroom account add ADDRESS");
        }
        for (index, journal) in journals.iter().enumerate() {
            if index > 0 {
                output.gap()?;
            }
            print(journal, output)?;
        }
        Ok(())
    })?;
    Ok(Exit::Success)
}

/// A journal, the newest entry last.
pub(crate) fn print(journal: &JournalView, output: &mut Output) -> Result<(), Failure> {
    output.styled(Style::Strong, &journal.address)?;
    if journal.entries.is_empty() {
        return output.paragraph(Style::Dim, 2, "Nothing has happened yet.");
    }
    for entry in journal.entries.iter().rev() {
        let style = if entry.error.is_some() {
            Style::Bad
        } else {
            Style::Plain
        };
        let line = format!("{}  {}", when(entry, output), what(entry));
        output.paragraph(style, 2, &line)?;
    }
    Ok(())
}

fn when(entry: &JournalEntryView, output: &Output) -> String {
    let (began, ended) = (output.moment(entry.began_at), output.moment(entry.ended_at));
    if began == ended {
        began
    } else {
        format!("{began} to {ended}")
    }
}

fn what(entry: &JournalEntryView) -> String {
    let operation = || words::traffic(entry.operation.as_deref().unwrap_or_default());
    let server = || match (&entry.host, entry.port) {
        (Some(host), Some(port)) => format!("{host}, port {port}"),
        (Some(host), None) => host.clone(),
        (None, _) => "the server".to_owned(),
    };
    let why = || {
        let error = entry.error.as_ref();
        let why = error.map(|error| words::explain(error).what).unwrap_or_default();
        why.trim_end_matches('.').to_owned()
    };
    let number = entry.count.unwrap_or_default();
    let told = match entry.kind.as_str() {
        "added" => "Account added".to_owned(),
        "signed_in" => "Signed in again".to_owned(),
        "sign_in_failed" => format!("Sign-in failed: {}", why()),
        "signed_out" => "Signed out; the mail that was here stayed".to_owned(),
        "approval_awaited" => "Waiting for the administrator's approval".to_owned(),
        "approval_granted" => "The administrator has approved".to_owned(),
        "connected" => format!("Connected to {}", server()),
        "failed" => format!("{} failed: {}", operation(), why()),
        "recovered" => format!("{} works again", operation()),
        "servers_changed" => format!("Other servers: {}", server()),
        "network_changed" => "This machine is in another network, or has one again".to_owned(),
        "network_lost" => "This machine has no network any more".to_owned(),
        "woke" => format!("This machine slept for {}", count(number, "minute", "minutes")),
        "quiet" => format!(
            "Nothing came for {}; a fresh connection showed that the mailbox is quiet",
            count(number, "hour", "hours")
        ),
        "tested" => "Tested: everything works".to_owned(),
        "test_failed" => format!(
            "Tested: {} failed: {}",
            words::proof(entry.proof.as_deref().unwrap_or_default()),
            why()
        ),
        other => words::readable(other),
    };
    if entry.times > 1 {
        format!("{told} ({} times)", entry.times)
    } else {
        told
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::output::tests::on_paper;

    #[test]
    fn journal_is_told_in_sentences_the_newest_last() {
        let entry = |kind: &str, rest: serde_json::Value| {
            let mut entry = json!({
                "id": 1, "kind": kind, "operation": null, "proof": null, "server": null, "host": null, "port": null, "count": null,
                "error": null, "times": 1, "began_at": 1_795_352_700_000_i64, "ended_at": 1_795_352_700_000_i64,
            });
            entry
                .as_object_mut()
                .unwrap()
                .extend(rest.as_object().unwrap().clone());
            entry
        };
        let error = json!({"code": "connect_timeout", "fixer": "provider", "params": {"host": "imap.x.pl"}, "detail": ""});
        let journal = read(&json!({"address": "a@x.pl", "entries": [
            entry("test_failed", json!({"proof": "smtp-sign-in", "error": error.clone()})),
            entry("sign_in_failed", json!({"error": error.clone()})),
            entry("woke", json!({"count": 90})),
            entry("recovered", json!({"operation": "receive"})),
            entry("failed", json!({"operation": "receive", "error": error, "times": 3, "ended_at": 1_795_352_820_000_i64})),
            entry("connected", json!({"server": "imap", "host": "imap.x.pl", "port": 993})),
        ]}))
        .unwrap();
        let (mut output, out, _) = on_paper(false, None);
        print(&journal, &mut output).unwrap();
        assert_eq!(
            out.text(),
            "a@x.pl\n  \
             2026-11-22 13:05  Connected to imap.x.pl, port 993\n  \
             2026-11-22 13:05 to 2026-11-22 13:07  Receiving failed: imap.x.pl did not answer in time (3 times)\n  \
             2026-11-22 13:05  Receiving works again\n  \
             2026-11-22 13:05  This machine slept for 90 minutes\n  \
             2026-11-22 13:05  Sign-in failed: imap.x.pl did not answer in time\n  \
             2026-11-22 13:05  Tested: Sign-in for sending failed: imap.x.pl did not answer in time\n"
        );
    }
}
