//! `domain` and `registration`: what was chosen by hand for domains, and the clients that sign-in services know.

use mailroom_api::dto::{DomainView, RegistrationView};
use serde_json::{Value, json};

use crate::args::{Domain, Registration, RegistrationSet};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::{Column, Output, Style, Table};
use crate::session::{Session, read};

pub(crate) async fn domain(domain: Domain, session: &Session, output: &mut Output) -> Result<Exit, Failure> {
    match domain {
        Domain::List => {
            let reply = session.call("domain_list", json!({})).await?;
            let domains: Vec<DomainView> = read(&reply)?;
            output.reply(&reply, |output| print_domains(&domains, output))?;
        }
        Domain::Forget { domain } => {
            let payload = json!({ "domain": domain });
            let reply = session.call("domain_forget", payload).await?;
            output.reply(&reply, |output| {
                output.styled(Style::Good, &format!("Nothing is remembered about {domain}."))
            })?;
        }
    }
    Ok(Exit::Success)
}

fn print_domains(domains: &[DomainView], output: &mut Output) -> Result<(), Failure> {
    if domains.is_empty() {
        return output.line("Nothing was chosen by hand for any domain.");
    }
    let mut table = Table::new(&[Column::words("Domain"), Column::words("Goes to")]);
    for known in domains {
        let servers = known.servers.as_ref().map(|servers| servers.imap.join(" "));
        let goes_to = known.provider.clone().or(servers).unwrap_or_default();
        table.row(Style::Plain, vec![known.domain.clone(), goes_to]);
    }
    output.table(&table)
}

pub(crate) async fn registration(
    registration: Registration,
    session: &Session,
    output: &mut Output,
) -> Result<Exit, Failure> {
    match registration {
        Registration::List => {
            let reply = session.call("registration_list", json!({})).await?;
            let known: Vec<RegistrationView> = read(&reply)?;
            output.reply(&reply, |output| print_registrations(&known, output))?;
        }
        Registration::Set(change) => {
            let known: Vec<RegistrationView> = read(&session.call("registration_list", json!({})).await?)?;
            let Some(before) = known.into_iter().find(|known| known.id == change.id) else {
                return Err(Failure::input(
                    "ID",
                    "there is no such registration; see: mailroom registration list",
                ));
            };
            let reply = session
                .call("registration_save", changed(&before, &change))
                .await?;
            let after: RegistrationView = read(&reply)?;
            output.reply(&reply, |output| {
                print_registrations(std::slice::from_ref(&after), output)
            })?;
        }
    }
    Ok(Exit::Success)
}

/// The registration as it is, with another end of its secret.
fn changed(before: &RegistrationView, change: &RegistrationSet) -> Value {
    json!({
        "id": before.id,
        "label": before.label,
        "service": before.service,
        "client_id": before.client_id,
        "tenant": before.tenant,
        "secret_ends_at": change.secret_ends,
    })
}

fn print_registrations(known: &[RegistrationView], output: &mut Output) -> Result<(), Failure> {
    if known.is_empty() {
        return output.line("There is no registration here.");
    }
    let mut table = Table::new(&[
        Column::numbers("No."),
        Column::words("Name"),
        Column::words("Service"),
        Column::words("Client id"),
        Column::words("Secret ends"),
    ]);
    for one in known {
        let ends = match (one.has_secret, one.secret_ends_at) {
            (_, Some(at)) => output.moment(at).split(' ').next().unwrap_or_default().to_owned(),
            (true, None) => "not known".to_owned(),
            (false, None) => String::new(),
        };
        let cells = vec![
            one.id.to_string(),
            one.label.clone(),
            one.service.clone(),
            one.client_id.clone(),
            ends,
        ];
        table.row(Style::Plain, cells);
    }
    output.table(&table)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::output::tests::on_paper;

    #[test]
    fn domains_and_registrations_are_told_in_tables() {
        let domains: Vec<DomainView> = read(&json!([
            {"domain": "a.pl", "provider": "fastmail", "servers": null},
            {"domain": "b.pl", "provider": null, "servers": {
                "imap": ["imap.b.pl:993:tls"], "smtp": [], "imap_username": "address", "smtp_username": "address",
            }},
        ]))
        .unwrap();
        let known: Vec<RegistrationView> = read(&json!([
            {"id": 3, "label": "Ours", "service": "microsoft", "client_id": "abc", "tenant": "", "has_secret": true,
             "secret_ends_at": 1_798_675_200_000_i64, "accounts": []},
            {"id": 4, "label": "Open", "service": "google", "client_id": "def", "tenant": "", "has_secret": false,
             "secret_ends_at": null, "accounts": []},
        ]))
        .unwrap();
        let (mut output, out, _) = on_paper(false, None);
        print_domains(&domains, &mut output).unwrap();
        print_registrations(&known, &mut output).unwrap();
        let text = out.text();
        for part in ["fastmail", "imap.b.pl:993:tls", "Ours", "2026-12-31"] {
            assert!(text.contains(part), "{part}: {text}");
        }
        let change = RegistrationSet {
            id: 3,
            secret_ends: None,
            secret_end_unknown: true,
        };
        let payload = changed(&known[0], &change);
        assert_eq!(
            (&payload["label"], &payload["secret_ends_at"]),
            (&json!("Ours"), &Value::Null)
        );
        assert!(payload.get("client_secret").is_none(), "the secret stays");
    }
}
