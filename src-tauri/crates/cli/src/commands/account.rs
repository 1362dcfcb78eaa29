//! `account`: add, list, test, sign in again, change, remove.

use mailroom_api::WireError;
use mailroom_api::dto::{AccountView, EventView, TestReport};
use serde_json::{Value, json};

use super::proof::print_proof;
use super::sign_in::{Known, choose, perform};
use crate::args::{Account, AccountAdd, AccountSet, AccountSignIn, AccountTest};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::{Column, Output, Style, Table, number};
use crate::session::{Happening, Session, read};
use crate::words;

pub(crate) async fn run(account: Account, session: &Session, output: &mut Output) -> Result<Exit, Failure> {
    match account {
        Account::Add(add) => self::add(add, session, output).await,
        Account::List => list(session, output).await,
        Account::Test(test) => self::test(&test, session, output).await,
        Account::Certificate(certificate) => super::certificate::run(certificate, session, output).await,
        Account::SignIn(again) => sign_in(again, session, output).await,
        Account::Set(set) => self::set(set, session, output).await,
        Account::Approval(approval) => super::leaving::approval(approval, session, output).await,
        Account::Remove(remove) => super::leaving::remove(remove, session, output).await,
    }
}

async fn add(add: AccountAdd, session: &Session, output: &mut Output) -> Result<Exit, Failure> {
    let known = if add.imap.is_some() {
        Known::Servers
    } else {
        Known::Nothing
    };
    let chosen = choose(&add.address, &add.sign_in, known, session, output).await?;
    // The command line has no wizard: everything is chosen already.
    let mut payload = json!({ "address": add.address, "folders": add.folders, "setup_done": true });
    let given = [
        ("imap", add.imap),
        ("smtp", add.smtp),
        ("username", add.username),
        ("period", add.period),
    ];
    for (name, value) in given {
        insert(&mut payload, name, value);
    }
    insert(
        &mut payload,
        "approved_servers",
        (!add.approve_servers.is_empty()).then_some(add.approve_servers),
    );
    let trusted: Vec<Value> = add
        .trust_certificate
        .iter()
        .map(|(host, port, fingerprint)| json!({"host": host, "port": port, "fingerprint": fingerprint}))
        .collect();
    insert(
        &mut payload,
        "certificates",
        (!trusted.is_empty()).then_some(trusted),
    );
    let (reply, written) = perform("account_add", payload, chosen, session, output).await?;
    if !written {
        let account: AccountView = read(&reply)?;
        output.reply(&reply, |output| {
            output.styled(Style::Good, &format!("{} is connected.", account.address))?;
            print_account(&account, output)?;
            output.gap()?;
            output.line(&format!("Load its mail with: mailroom sync {}", account.address))
        })?;
    }
    Ok(Exit::Success)
}

async fn sign_in(again: AccountSignIn, session: &Session, output: &mut Output) -> Result<Exit, Failure> {
    let chosen = choose(&again.address, &again.sign_in, Known::Account, session, output).await?;
    let (reply, written) = perform(
        "account_signin",
        json!({ "address": again.address }),
        chosen,
        session,
        output,
    )
    .await?;
    if !written {
        let account: AccountView = read(&reply)?;
        output.reply(&reply, |output| {
            output.styled(Style::Good, &format!("{} is signed in again.", account.address))?;
            print_account(&account, output)
        })?;
    }
    Ok(Exit::Success)
}

async fn set(set: AccountSet, session: &Session, output: &mut Output) -> Result<Exit, Failure> {
    let mut payload = json!({ "address": set.address });
    insert(&mut payload, "period", set.period);
    if set.all_folders || !set.folder.is_empty() {
        insert(&mut payload, "folders", Some(set.folder));
    }
    let reply = session.call("account_update", payload).await?;
    let account: AccountView = read(&reply)?;
    output.reply(&reply, |output| {
        print_account(&account, output)?;
        output.gap()?;
        output.line("The next sync loads or removes messages accordingly.")
    })?;
    Ok(Exit::Success)
}

fn insert(payload: &mut Value, name: &str, value: Option<impl Into<Value>>) {
    if let (Some(fields), Some(value)) = (payload.as_object_mut(), value) {
        fields.insert(name.to_owned(), value.into());
    }
}

/// What is known of an account, line by line.
fn print_account(account: &AccountView, output: &mut Output) -> Result<(), Failure> {
    if let Some(provider) = &account.provider {
        output.field(2, "Provider", provider)?;
    }
    if let Some(method) = &account.auth {
        output.field(2, "Sign-in", &words::auth_method(method))?;
    }
    if let Some(name) = &account.signed_in_as {
        output.field(2, "Signed in as", name)?;
    }
    let server = |server: &Option<String>, none: &str| {
        server.as_deref().map_or_else(|| none.to_owned(), words::endpoint)
    };
    output.field(2, "Reading", &server(&account.imap, "none"))?;
    output.field(
        2,
        "Sending",
        &server(&account.smtp, "none: this account only receives"),
    )?;
    output.field(2, "Kept here", &kept(account))
}

fn kept(account: &AccountView) -> String {
    let period = words::period(&account.period);
    match &account.folders {
        None => format!("{period}, all folders"),
        Some(folders) => format!("{period}, only {}", folders.join(", ")),
    }
}

async fn list(session: &Session, output: &mut Output) -> Result<Exit, Failure> {
    let reply = session.call("account_list", json!({})).await?;
    let accounts: Vec<AccountView> = read(&reply)?;
    output.reply(&reply, |output| {
        if accounts.is_empty() {
            return output.line("There is no account yet. Add one with: mailroom account add ADDRESS");
        }
        let mut table = Table::new(&[
            Column::squeezed("Account"),
            Column::words("State"),
            Column::squeezed("Provider"),
            Column::words("Sign-in"),
            Column::numbers("Messages"),
            Column::numbers("Unread"),
            Column::words("Last received"),
        ]);
        for account in &accounts {
            let style = if account.error.is_some() {
                Style::Bad
            } else {
                Style::Plain
            };
            table.row(
                style,
                [
                    account.address.clone(),
                    words::account_state(&account.state),
                    account.provider.clone().unwrap_or_default(),
                    account
                        .auth
                        .as_deref()
                        .map(words::auth_method)
                        .unwrap_or_default(),
                    number(account.messages),
                    number(account.unread),
                    account
                        .received_at
                        .map_or_else(|| "never".to_owned(), |at| output.moment(at)),
                ],
            );
        }
        output.table(&table)?;
        for account in &accounts {
            if let Some(error) = &account.error {
                output.gap()?;
                output.styled(Style::Strong, &account.address)?;
                output.explanation(2, error)?;
            }
        }
        Ok(())
    })?;
    Ok(Exit::Success)
}

async fn test(test: &AccountTest, session: &Session, output: &mut Output) -> Result<Exit, Failure> {
    let mut shown = Vec::new();
    let reply = session
        .call_with_events(
            "account_test",
            json!({ "address": test.address, "full_loop": test.full_loop }),
            None,
            &mut |happening| {
                match happening {
                    Happening::Event(event) if output.is_json() => output.document(&event)?,
                    Happening::Event(EventView::ProofEnded { proof, .. }) if !test.report => {
                        print_proof(&proof, output)?;
                        shown.push(proof.proof);
                    }
                    _ => {}
                }
                Ok(())
            },
        )
        .await?;
    let report: TestReport = read(&reply)?;
    if output.is_json() {
        output.result(&reply)?;
    } else if test.report {
        for line in report.report.lines() {
            output.line(line)?;
        }
    } else {
        // Events may be lost when there are very many; the report has all proofs.
        for proof in report.proofs.iter().filter(|proof| !shown.contains(&proof.proof)) {
            print_proof(proof, output)?;
        }
        output.gap()?;
        if report.passed {
            output.styled(Style::Good, &format!("{} works.", report.address))?;
        } else {
            output.styled(
                Style::Bad,
                &format!("{} does not work completely.", report.address),
            )?;
        }
    }
    Ok(test_exit(&report))
}

/// The status of the first proof that failed.
fn test_exit(report: &TestReport) -> Exit {
    let failed = report.proofs.iter().find(|proof| proof.result == "failed");
    match failed {
        Some(proof) => proof
            .error
            .as_ref()
            .map_or(Exit::Failed, |error: &WireError| Exit::of(error.code)),
        None if report.passed => Exit::Success,
        None => Exit::Failed,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report(proofs: &Value, passed: bool) -> TestReport {
        read(&json!({ "address": "a@x.pl", "proofs": proofs, "passed": passed, "report": "" })).unwrap()
    }

    fn proof(result: &str, error: &Value) -> Value {
        json!({"proof": "tls", "result": result, "tried": [], "seen": [], "took_ms": 1, "skipped": null, "error": error})
    }

    #[test]
    fn test_ends_with_the_status_of_the_first_failure() {
        let error = |code: &str| json!({"code": code, "fixer": "you", "params": {}, "detail": ""});
        let cases = [
            (json!([]), true, Exit::Success),
            (
                json!([proof("passed", &Value::Null), proof("skipped", &Value::Null)]),
                true,
                Exit::Success,
            ),
            (
                json!([
                    proof("failed", &error("name_not_found")),
                    proof("failed", &error("auth_failed"))
                ]),
                false,
                Exit::Network,
            ),
            (
                json!([
                    proof("skipped", &error("auth_failed")),
                    proof("failed", &error("sender_rejected"))
                ]),
                false,
                Exit::Server,
            ),
            (json!([proof("failed", &Value::Null)]), false, Exit::Failed),
        ];
        for (proofs, passed, exit) in cases {
            assert_eq!(test_exit(&report(&proofs, passed)), exit, "{proofs}");
        }
    }
}
