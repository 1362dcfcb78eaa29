//! Signing in, for `account add` and `account sign-in`: from options, or by asking.

use mailroom_api::dto::{AccountView, DetectionView, EventView};
use serde_json::{Value, json};

use super::detect::{best_offer, print_candidate};
use super::proof::print_proof;
use crate::args::SignIn;
use crate::ask;
use crate::browser;
use crate::failure::Failure;
use crate::output::{Output, Style};
use crate::session::{Happening, Session, read};

/// The `sign_in` part of a payload, and how the browser is to be used.
pub(crate) struct Chosen {
    sign_in: Value,
    browser: Option<bool>,
    /// The servers that the person agreed to.
    approved: Vec<String>,
}

impl Chosen {
    fn password(password: &str) -> Self {
        Self {
            sign_in: json!({ "kind": "password", "password": password }),
            browser: None,
            approved: Vec::new(),
        }
    }

    fn in_browser(options: &SignIn, client_secret: Option<&str>) -> Self {
        let mut sign_in = json!({ "kind": "oauth" });
        let values = [
            ("issuer", options.issuer.as_deref()),
            ("client_id", options.client_id.as_deref()),
            ("client_secret", client_secret),
            ("tenant", options.tenant.as_deref()),
            ("sign_in_as", options.delegate.as_deref()),
        ];
        for (name, value) in values {
            if let (Some(fields), Some(value)) = (sign_in.as_object_mut(), value) {
                fields.insert(name.to_owned(), value.into());
            }
        }
        Self {
            sign_in,
            browser: Some(!options.no_browser),
            approved: Vec::new(),
        }
    }
}

/// What is known before anybody is asked how to sign in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Known {
    /// A new account: its servers are looked up.
    Nothing,
    /// A new account with servers that were entered by hand.
    Servers,
    /// An account that is here: it signs in as it did before.
    Account,
}

/// What the options say, or else what the person says.
pub(crate) async fn choose(
    address: &str,
    options: &SignIn,
    known: Known,
    session: &Session,
    output: &mut Output,
) -> Result<Chosen, Failure> {
    if options.password_stdin {
        return Ok(Chosen::password(ask::first_line("--password-stdin")?.expose()));
    }
    if options.oauth {
        let secret = if options.client_secret_stdin {
            Some(ask::first_line("--client-secret-stdin")?)
        } else {
            None
        };
        return Ok(Chosen::in_browser(
            options,
            secret.as_ref().map(|secret| secret.expose().as_str()),
        ));
    }
    if output.is_json() || !output.can_ask() {
        return Err(Failure::input(
            "--password-stdin",
            "without a terminal to ask on, one of --password-stdin and --oauth is needed",
        ));
    }
    ask_for_it(address, options, known, session, output).await
}

async fn ask_for_it(
    address: &str,
    options: &SignIn,
    known: Known,
    session: &Session,
    output: &mut Output,
) -> Result<Chosen, Failure> {
    let mut approved = Vec::new();
    let method = match known {
        Known::Nothing => {
            let reply = session
                .call("account_detect", json!({ "address": address }))
                .await?;
            let detection: DetectionView = read(&reply)?;
            match detection.candidates.first() {
                Some(candidate) => {
                    print_candidate(1, candidate, output)?;
                    output.gap()?;
                    let method = best_offer(candidate).map(|offer| offer.method.clone());
                    // A known provider's own sign-in in the browser tells servers of others nothing.
                    let is_own = candidate.provider.is_some() && method.as_deref() == Some("oauth2");
                    if !candidate.confirmed && !is_own {
                        agree_to_servers(session, output).await?;
                        approved = [candidate.imap.clone(), candidate.smtp.clone()].concat();
                    }
                    method
                }
                None => None,
            }
        }
        Known::Servers => None,
        Known::Account => {
            let accounts: Vec<AccountView> = read(&session.call("account_list", json!({})).await?)?;
            let account = accounts
                .into_iter()
                .find(|account| account.address.eq_ignore_ascii_case(address));
            account.and_then(|account| account.auth)
        }
    };
    let prompt = match method.as_deref() {
        Some("oauth2") => {
            return Ok(Chosen {
                approved,
                ..Chosen::in_browser(options, None)
            });
        }
        Some("app-password") => format!("App password for {address} (it is not shown): "),
        _ => format!("Password for {address} (it is not shown): "),
    };
    let password = ask::password(&prompt, session.cancel()).await?;
    Ok(Chosen {
        approved,
        ..Chosen::password(password.expose())
    })
}

/// Servers that are only suspected get a password only when the person agrees to them.
async fn agree_to_servers(session: &Session, output: &mut Output) -> Result<(), Failure> {
    if ask::agreement(
        output,
        session.cancel(),
        "Are these the right servers for the mailbox?",
    )
    .await?
    {
        return Ok(());
    }
    output.remark("Nothing was sent to them. Give the right ones with --imap and --smtp.");
    Err(Failure::cancelled())
}

/// Calls `name` with the choice in its payload, and tells what happens on the way. With a browser and --json the reply
/// is the last line of a stream and is written here; `None` tells so.
pub(crate) async fn perform(
    name: &str,
    mut payload: Value,
    chosen: Chosen,
    session: &Session,
    output: &mut Output,
) -> Result<(Value, bool), Failure> {
    if let Some(fields) = payload.as_object_mut() {
        fields.insert("sign_in".to_owned(), chosen.sign_in);
        if !chosen.approved.is_empty() {
            fields.insert("approved_servers".to_owned(), chosen.approved.into());
        }
    }
    let streams = chosen.browser.is_some();
    let answers = (streams && output.can_ask()).then(ask::lines);
    let can_paste = answers.is_some();
    let mut on_event = |happening: Happening| match happening {
        Happening::Event(event) => {
            let tells = matches!(
                event,
                EventView::SigninOpened { .. } | EventView::ProofEnded { .. }
            );
            if let (EventView::SigninOpened { url, .. }, Some(true)) = (&event, chosen.browser) {
                // Whether a browser really came up cannot be known: the address is shown in any case.
                let _ = browser::open(url);
            }
            if output.is_json() {
                return if streams { output.document(&event) } else { Ok(()) };
            }
            if tells {
                tell(&event, chosen.browser == Some(true), can_paste, output)
            } else {
                Ok(())
            }
        }
        Happening::AnswerRefused(error) => {
            output.error(&error);
            Ok(())
        }
    };
    let reply = session
        .call_with_events(name, payload, answers, &mut on_event)
        .await?;
    if output.is_json() && streams {
        output.result(&reply)?;
        return Ok((reply, true));
    }
    Ok((reply, false))
}

fn tell(event: &EventView, opened: bool, can_paste: bool, output: &mut Output) -> Result<(), Failure> {
    match event {
        EventView::SigninOpened { url, .. } => {
            output.line(if opened {
                "Sign in in the browser that opens now. If none does, open this address:"
            } else {
                "Open this address in a browser and sign in:"
            })?;
            output.gap()?;
            output.styled(Style::Strong, url)?;
            output.gap()?;
            if can_paste {
                output.paragraph(
                    Style::Dim,
                    0,
                    "Waiting for the answer. If the browser runs on another machine, paste the address of its last page here.",
                )?;
            }
            Ok(())
        }
        EventView::ProofEnded { proof, .. } => print_proof(proof, output),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn choice_of_the_browser_carries_only_what_was_given() {
        let options = SignIn {
            password_stdin: false,
            oauth: true,
            issuer: Some("https://i".into()),
            client_id: None,
            client_secret_stdin: false,
            tenant: None,
            delegate: Some("me@x.pl".into()),
            no_browser: true,
        };
        let chosen = Chosen::in_browser(&options, Some("s"));
        assert_eq!(
            chosen.sign_in,
            json!({"kind": "oauth", "issuer": "https://i", "client_secret": "s", "sign_in_as": "me@x.pl"})
        );
        assert_eq!(chosen.browser, Some(false));
    }
}
