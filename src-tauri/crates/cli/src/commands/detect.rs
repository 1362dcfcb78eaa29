//! `detect`: how a mailbox may be reached.

use mailroom_api::dto::{AuthOfferView, CandidateView, DetectionView, StepView};
use serde_json::json;

use crate::args::Detect;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::{Output, Style};
use crate::session::{Session, read};
use crate::words;

pub(crate) async fn run(detect: Detect, session: &Session, output: &mut Output) -> Result<Exit, Failure> {
    let payload = json!({
        "address": detect.address,
        "offline": detect.offline,
        "allow_http": detect.allow_http,
    });
    let reply = match session.call("account_detect", payload).await {
        Ok(reply) => reply,
        Err(failure) => {
            if !output.is_json() {
                print_asked(&steps_of(&failure), output)?;
            }
            return Err(failure);
        }
    };
    let detection: DetectionView = read(&reply)?;
    output.reply(&reply, |output| print(&detection, output))?;
    Ok(if detection.candidates.is_empty() {
        Exit::NotFound
    } else {
        Exit::Success
    })
}

fn print(detection: &DetectionView, output: &mut Output) -> Result<(), Failure> {
    output.styled(Style::Strong, &detection.address)?;
    if detection.candidates.is_empty() {
        output.paragraph(
            Style::Plain,
            2,
            "No servers are known for this address. Ask whoever runs the mailbox for their names, and give them to `mailroom account add` with --imap and --smtp.",
        )?;
    }
    for (index, candidate) in detection.candidates.iter().enumerate() {
        output.gap()?;
        print_candidate(index + 1, candidate, output)?;
    }
    output.gap()?;
    let left = match detection.requests {
        0 => "Asked, with nothing sent over the network".to_owned(),
        1 => "Asked, with one question sent over the network".to_owned(),
        count => format!("Asked, with {count} questions sent over the network"),
    };
    output.styled(Style::Dim, &left)?;
    print_steps(&detection.steps, output)
}

fn print_steps(steps: &[StepView], output: &mut Output) -> Result<(), Failure> {
    for step in steps {
        output.paragraph(Style::Dim, 2, &step_text(step))?;
    }
    Ok(())
}

/// Who was asked in vain: whoever runs the domain can see what is missing.
fn print_asked(steps: &[StepView], output: &mut Output) -> Result<(), Failure> {
    if steps.is_empty() {
        return Ok(());
    }
    output.styled(Style::Dim, "Asked")?;
    print_steps(steps, output)?;
    output.gap()
}

/// What was asked before a detection failed: the JSON that the core puts into `steps`.
fn steps_of(failure: &Failure) -> Vec<StepView> {
    let Failure::Wire(error) = failure else {
        return Vec::new();
    };
    let steps = error
        .params
        .get("steps")
        .map(ToString::to_string)
        .unwrap_or_default();
    let steps: Vec<serde_json::Value> = serde_json::from_str(&steps).unwrap_or_default();
    let text = |step: &serde_json::Value, names: &[&str]| {
        let found = names.iter().find_map(|name| step.get(name)?.as_str());
        found.map(str::to_owned)
    };
    steps
        .iter()
        .filter_map(|step| {
            Some(StepView {
                source: text(step, &["source"])?,
                outcome: text(step, &["outcome"])?,
                detail: text(step, &["provider", "host", "code"]),
            })
        })
        .collect()
}

fn step_text(step: &StepView) -> String {
    let text = format!(
        "{}: {}",
        words::detection_source(&step.source),
        words::detection_outcome(&step.outcome)
    );
    match &step.detail {
        Some(detail) if step.outcome == "failed" => format!("{text} ({})", words::readable(detail)),
        Some(detail) => format!("{text} ({detail})"),
        None => text,
    }
}

/// One candidate; also shown before a password is asked for.
pub(crate) fn print_candidate(
    rank: usize,
    candidate: &CandidateView,
    output: &mut Output,
) -> Result<(), Failure> {
    let name = candidate.name.as_deref().unwrap_or("Unknown provider");
    output.styled(Style::Strong, &format!("{rank}. {name}"))?;
    let source = words::detection_source(&candidate.source);
    output.field(3, "Found in", &source)?;
    if !candidate.agreed.is_empty() {
        let agreed: Vec<String> = candidate
            .agreed
            .iter()
            .map(|source| words::detection_source(source))
            .collect();
        output.field(3, "", &format!("{} said the same.", agreed.join(" and ")))?;
    }
    if !candidate.confirmed {
        output.field(
            3,
            "",
            "Not confirmed: check the servers before a password is sent to them.",
        )?;
    }
    let or_none = |servers: &[String]| {
        if servers.is_empty() {
            "not known: enter the server by hand".to_owned()
        } else {
            words::endpoints(servers)
        }
    };
    output.field(3, "Reading", &or_none(&candidate.imap))?;
    output.field(3, "Sending", &or_none(&candidate.smtp))?;
    let username = match &candidate.login {
        Some(login) => login.clone(),
        None => words::address_form(&candidate.username),
    };
    output.field(3, "User name", &username)?;
    for (index, offer) in candidate.auth.iter().enumerate() {
        output.field(3, if index == 0 { "Sign-in" } else { "" }, &offer_text(offer))?;
    }
    for (index, note) in candidate.notes.iter().enumerate() {
        let mut text = words::note(&note.code);
        if let Some(url) = &note.url {
            text.push(' ');
            text.push_str(url);
        }
        output.field(3, if index == 0 { "Before" } else { "" }, &text)?;
    }
    Ok(())
}

fn offer_text(offer: &AuthOfferView) -> String {
    let method = words::auth_method(&offer.method);
    match (&offer.unavailable, &offer.url) {
        (Some(reason), _) => format!("{method}: {}", words::unavailable(reason)),
        (None, Some(url)) => format!("{method}, made at {url}"),
        (None, None) => method,
    }
}

/// The way of signing in to use when the person did not say: the best that can be offered.
pub(crate) fn best_offer(candidate: &CandidateView) -> Option<&AuthOfferView> {
    candidate.auth.iter().find(|offer| offer.unavailable.is_none())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::output::tests::on_paper;

    fn sample() -> DetectionView {
        read(&json!({
            "address": "anna@example.com",
            "candidates": [{
                "provider": "x", "name": "Example\u{1b}[2J Mail", "source": "mx", "agreed": ["srv"], "confirmed": false,
                "imap": ["imap.example.com:993:tls", "imap.example.com:143:starttls"], "smtp": [],
                "username": "local", "login": null,
                "auth": [
                    {"method": "oauth2", "url": null, "unavailable": "no_client_id"},
                    {"method": "app-password", "url": "https://example.com/app", "unavailable": null},
                ],
                "notes": [{"code": "imap_setting", "url": "https://example.com/imap"}],
                "help": [],
            }],
            "steps": [{"source": "built_in", "outcome": "not_found", "detail": null}, {"source": "mx", "outcome": "found", "detail": "x"}],
            "requests": 7,
        }))
        .unwrap()
    }

    #[test]
    fn detection_says_where_from_and_what_will_be_asked() {
        let (mut output, out, _) = on_paper(false, None);
        print(&sample(), &mut output).unwrap();
        assert_eq!(
            out.text(),
            "anna@example.com\n\n\
             1. Example Mail\n\
             \u{20}  Found in      the domain's mail exchanger\n\
             \u{20}                the domain's SRV records said the same.\n\
             \u{20}                Not confirmed: check the servers before a password is sent to them.\n\
             \u{20}  Reading       imap.example.com, port 993, tls; or imap.example.com, port 143, starttls\n\
             \u{20}  Sending       not known: enter the server by hand\n\
             \u{20}  User name     the part before the @\n\
             \u{20}  Sign-in       sign-in in the browser: not possible here: there is no client id for this provider (give your own with --client-id)\n\
             \u{20}                app password, made at https://example.com/app\n\
             \u{20}  Before        Switch on access for other programs (IMAP) in the mailbox's settings. https://example.com/imap\n\n\
             Asked, with 7 questions sent over the network\n\
             \u{20} the built-in list: does not know the domain\n\
             \u{20} the domain's mail exchanger: found (x)\n"
        );
    }

    #[test]
    fn failed_detection_says_who_was_asked() {
        let steps = r#"[{"source":"built_in","outcome":"not_found"},{"source":"mx","outcome":"unknown_host","host":"mx.example.com"},
            {"source":"srv","outcome":"failed","code":"connect_timeout"}]"#;
        let error = mailroom_api::WireError::new(
            mailroom_api::ErrorCode::ProviderUnknown,
            &[("steps", steps.into())],
            "",
        );
        let (mut output, out, _) = on_paper(false, None);
        print_asked(&steps_of(&error.into()), &mut output).unwrap();
        assert_eq!(
            out.text(),
            "Asked\n\
             \u{20} the built-in list: does not know the domain\n\
             \u{20} the domain's mail exchanger: not in the list (mx.example.com)\n\
             \u{20} the domain's SRV records: no answer (connect timeout)\n\n"
        );
    }

    #[test]
    fn best_offer_is_the_first_that_is_possible() {
        assert_eq!(
            best_offer(&sample().candidates[0]).unwrap().method,
            "app-password"
        );
    }
}
