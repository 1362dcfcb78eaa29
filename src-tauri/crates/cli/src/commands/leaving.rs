//! What waits for an administrator, what ends on a known day, and removing accounts with a receipt.

use mailroom_api::dto::{
    AccountView, ApprovalView, EventView, ExpiryView, ReceiptLineView, RemovalPreview, RemovalReceipt,
};
use serde_json::json;

use crate::args::{AccountApproval, AccountRemove};
use crate::ask;
use crate::browser;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::{Output, Style, bytes, count, messages};
use crate::session::{Happening, Session, read};
use crate::words;

/// What the administrator is asked for; with `open`, asks on the page itself.
pub(crate) async fn approval(
    approval: AccountApproval,
    session: &Session,
    output: &mut Output,
) -> Result<Exit, Failure> {
    if approval.open {
        let mut on_event = |happening: Happening| match happening {
            Happening::Event(EventView::SigninOpened { url, .. }) => {
                // Whether a browser really came up cannot be known: the address is shown in any case.
                let _ = browser::open(&url);
                output.remark(&format!("Allow the program in the browser, or open: {url}"));
                Ok(())
            }
            _ => Ok(()),
        };
        let payload = json!({ "address": approval.address });
        let reply = session
            .call_with_events("approval_open", payload, None, &mut on_event)
            .await?;
        output.reply(&reply, |output| {
            output.styled(Style::Good, "The program is allowed.")?;
            let next = format!(
                "Finish with: mailroom account sign-in {} --oauth",
                approval.address
            );
            output.line(&next)
        })?;
        return Ok(Exit::Success);
    }
    let accounts: Vec<AccountView> = read(&session.call("account_list", json!({})).await?)?;
    let account = accounts
        .into_iter()
        .find(|account| account.address.eq_ignore_ascii_case(&approval.address));
    let asked = account.as_ref().and_then(|account| account.approval.as_ref());
    let (Some(account), Some(asked)) = (&account, asked) else {
        return Err(Failure::input(
            "ADDRESS",
            "no account of this address waits for an administrator",
        ));
    };
    let reply = json!({ "address": account.address, "approval": asked });
    output.reply(&reply, |output| output.block(&letter(&account.address, asked)))?;
    Ok(Exit::Success)
}

/// A message to the administrator.
fn letter(address: &str, asked: &ApprovalView) -> String {
    let mut lines = vec![
        "Hello,".to_owned(),
        String::new(),
        format!(
            "I would like to read and send the mail of {address} with Mailroom, a mail program on my computer. \
             Our organisation's sign-in asks an administrator to allow the program first."
        ),
        String::new(),
    ];
    if let Some(url) = &asked.url {
        lines.extend(["Please open this page, sign in as an administrator, and accept:".to_owned()]);
        lines.extend([url.clone(), String::new()]);
    }
    lines.push("The program asks for:".to_owned());
    for scope in &asked.scopes {
        lines.push(format!("- {}: {scope}", words::scope(scope)));
    }
    lines.extend([
        String::new(),
        format!("The program's client id is {}.", asked.client_id),
        "Mail goes between your servers and my computer only; nobody else receives it.".to_owned(),
    ]);
    lines.join("\n")
}

/// Warnings about what ends soon.
pub(crate) fn print_expiries(expiries: &[ExpiryView], output: &mut Output) -> Result<(), Failure> {
    let near: Vec<&ExpiryView> = expiries.iter().filter(|expiry| expiry.is_near).collect();
    if near.is_empty() {
        return Ok(());
    }
    for expiry in near {
        let style = if expiry.days_left <= 0 {
            Style::Bad
        } else {
            Style::Strong
        };
        output.paragraph(style, 0, &ending(expiry, output))?;
        output.paragraph(Style::Plain, 2, words::expiry_help(&expiry.what))?;
        if let Some(url) = &expiry.url {
            output.paragraph(Style::Dim, 2, url)?;
        }
    }
    output.gap()
}

/// One end in a sentence.
pub(crate) fn ending(expiry: &ExpiryView, output: &Output) -> String {
    let when = output.moment(expiry.at);
    let what = words::expiry(&expiry.what, &expiry.subject);
    match expiry.days_left {
        days if days <= 0 => format!("{what}: ended at {when}."),
        days => format!("{what}: ends at {when}, in {}.", count(days, "day", "days")),
    }
}

pub(crate) async fn remove(
    remove: AccountRemove,
    session: &Session,
    output: &mut Output,
) -> Result<Exit, Failure> {
    if !remove.yes && !output.is_json() && output.can_ask() {
        let reply = session
            .call("removal_preview", json!({ "address": remove.address }))
            .await?;
        print_preview(&read(&reply)?, remove.keep_mail, output)?;
        let question = if remove.keep_mail {
            format!(
                "Take the sign-in of {} away and keep its mail here?",
                remove.address
            )
        } else {
            format!(
                "Remove {} and its mail from this machine? On the server no message changes.",
                remove.address
            )
        };
        if !ask::agreement(output, session.cancel(), &question).await? {
            return Err(Failure::cancelled());
        }
    }
    let payload = json!({
        "address": remove.address, "messages": !remove.keep_mail, "completions": !remove.keep_completions,
        "older_secrets": remove.older_secrets,
    });
    let reply = session.call("account_remove", payload).await?;
    let receipt: RemovalReceipt = read(&reply)?;
    output.reply(&reply, |output| print_receipt(&receipt, output))?;
    session
        .call("removal_seen", json!({ "address": receipt.address }))
        .await?;
    Ok(if receipt.complete {
        Exit::Success
    } else {
        Exit::Failed
    })
}

/// What waits is shown before it goes.
fn print_preview(preview: &RemovalPreview, keeps_mail: bool, output: &mut Output) -> Result<(), Failure> {
    if !keeps_mail {
        let here = format!(
            "Here: {} ({}), {}.",
            messages(preview.messages),
            bytes(preview.bytes),
            count(preview.drafts, "draft", "drafts")
        );
        output.paragraph(Style::Plain, 0, &here)?;
    }
    for entry in &preview.outbox {
        output.paragraph(Style::Bad, 0, &format!("Not sent yet: “{}”", entry.subject))?;
    }
    for operation in &preview.operations {
        let line = format!(
            "Not on the server yet: {} of {} in {}",
            words::operation_kind(&operation.kind),
            messages(operation.messages.into()),
            operation.folder
        );
        output.paragraph(Style::Bad, 0, &line)?;
    }
    if preview.older_secrets {
        let line =
            "The keychain has a password of an older version for it; --older-secrets removes that as well.";
        output.paragraph(Style::Plain, 0, line)?;
    }
    Ok(())
}

/// Receipts of removals that were finished at a later start.
pub(crate) async fn print_receipts(session: &Session, output: &mut Output) -> Result<(), Failure> {
    let reply = session.call("removal_receipts", json!({})).await?;
    let receipts: Vec<RemovalReceipt> = read(&reply)?;
    for receipt in receipts.iter().filter(|receipt| receipt.was_resumed) {
        print_receipt(receipt, output)?;
        output.gap()?;
        session
            .call("removal_seen", json!({ "address": receipt.address }))
            .await?;
    }
    Ok(())
}

fn print_receipt(receipt: &RemovalReceipt, output: &mut Output) -> Result<(), Failure> {
    let title = match (receipt.keeps_mail, receipt.was_resumed) {
        (true, _) => format!("{} is signed out; its mail stays here.", receipt.address),
        (false, false) => format!("{} was removed from this machine.", receipt.address),
        (false, true) => format!(
            "{} was removed from this machine. That was interrupted, and is finished now.",
            receipt.address
        ),
    };
    output.styled(Style::Good, &title)?;
    for line in &receipt.lines {
        let style = if line.whereabouts == "left" {
            Style::Bad
        } else {
            Style::Plain
        };
        output.paragraph(style, 2, &receipt_line(line))?;
        if let Some(page) = &line.page {
            output.paragraph(Style::Strong, 4, page)?;
        }
        if let Some(error) = &line.error {
            output.explanation(4, error)?;
        }
    }
    if let Some(server) = &receipt.server {
        let stays = format!("On {server} no message changed.");
        output.paragraph(Style::Plain, 2, &stays)?;
    }
    Ok(())
}

fn receipt_line(line: &ReceiptLineView) -> String {
    let what = words::belonging(&line.what);
    let number = match line.what.as_str() {
        "messages" => format!(" ({}, {})", line.count, bytes(line.bytes)),
        "set_aside" => format!(" ({}, {})", count(line.count, "file", "files"), bytes(line.bytes)),
        "grant" | "settings" | "registration" | "older_secrets" => String::new(),
        _ => format!(" ({})", line.count),
    };
    format!("{what}{number}: {}", words::whereabouts(&line.whereabouts))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::output::tests::on_paper;

    #[test]
    fn receipt_says_what_went_and_what_stays() {
        let line = |what: &str, whereabouts: &str, count: i64, page: Option<&str>| json!({"what": what, "whereabouts": whereabouts, "count": count, "bytes": 5_600_000, "page": page, "error": null});
        let receipt = read(&json!({
            "address": "a@x.pl", "at": 1, "was_resumed": false, "keeps_mail": false, "server": "imap.x.pl",
            "messages": 1234, "bytes": 5_600_000, "revoked": false, "revoke_error": null, "secrets_removed": true,
            "complete": true,
            "lines": [
                line("grant", "by_hand", 1, Some("https://myapps.microsoft.com")),
                line("secrets", "gone", 2, None),
                line("messages", "gone", 1234, None),
            ],
        }))
        .unwrap();
        let (mut output, out, _) = on_paper(false, None);
        print_receipt(&receipt, &mut output).unwrap();
        assert_eq!(
            out.text(),
            "a@x.pl was removed from this machine.\n\
             \u{20} The access that was granted in the browser: to be ended by hand, on this page\n\
             \u{20}   https://myapps.microsoft.com\n\
             \u{20} Passwords and sign-ins (2): gone\n\
             \u{20} Messages (1234, 5.6 MB): gone\n\
             \u{20} On imap.x.pl no message changed.\n"
        );
    }

    #[test]
    fn letter_names_the_page_each_permission_and_the_client() {
        let asked = read(&json!({
            "since": 1, "tried_at": 1, "granted_at": null, "service": "microsoft", "client_id": "0a1b", "tenant": null,
            "url": "https://login.example/adminconsent", "returns": true, "aadsts": 90094, "error": "access_denied",
            "scopes": ["https://outlook.office.com/IMAP.AccessAsUser.All", "offline_access", "odd.scope"],
        }))
        .unwrap();
        let text = letter("a@x.pl", &asked);
        for part in [
            "mail of a@x.pl",
            "https://login.example/adminconsent",
            "- read and change mail over IMAP: https://outlook.office.com/IMAP.AccessAsUser.All",
            "- stay signed in: offline_access",
            "- odd.scope",
            "client id is 0a1b",
        ] {
            assert!(text.contains(part), "{part}: {text}");
        }
    }

    #[test]
    fn end_is_told_with_its_day_and_whether_it_is_over() {
        let expiry = |days: i64| -> ExpiryView {
            read(&json!({
                "key": "k", "what": "client_secret", "subject": "Ours", "at": 1_795_352_700_000_i64, "days_left": days,
                "fixer": "administrator", "accounts": [], "url": null, "is_near": true, "is_due": true,
            }))
            .unwrap()
        };
        let (output, ..) = on_paper(false, None);
        assert_eq!(
            ending(&expiry(7), &output),
            "The secret of the registration Ours: ends at 2026-11-22 13:05, in 7 days."
        );
        assert_eq!(
            ending(&expiry(0), &output),
            "The secret of the registration Ours: ended at 2026-11-22 13:05."
        );
    }
}
