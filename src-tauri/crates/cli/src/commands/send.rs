//! `send`: write a message, and say what became of it.

use std::io::Read;
use std::path::Path;
use std::time::Duration;

use mailroom_api::dto::{EventView, OutboxView};
use serde_json::{Value, json};

use crate::args::Send;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::{Output, Style};
use crate::session::{Session, path_text, read};

/// How long a message that is being sent is waited for; a large one over a slow line takes minutes.
const PATIENCE: Duration = Duration::from_mins(10);

pub(crate) async fn run(send: Send, session: &Session, output: &mut Output) -> Result<Exit, Failure> {
    let payload = payload(&send)?;
    deliver("message_send", payload, session, output).await
}

fn payload(send: &Send) -> Result<Value, Failure> {
    let text = if send.body_file.as_os_str() == "-" {
        let mut bytes = Vec::new();
        std::io::stdin()
            .lock()
            .read_to_end(&mut bytes)
            .map_err(|error| Failure::unreadable("standard input", &error))?;
        decoded("--body-file", bytes)?
    } else {
        text_of("--body-file", &send.body_file)?
    };
    let mut payload = json!({
        "from": send.from, "to": send.to, "cc": send.cc, "bcc": send.bcc, "subject": send.subject, "text": text,
        "attachments": send.attach.iter().map(|path| path_text("--attach", path)).collect::<Result<Vec<_>, _>>()?,
    });
    if let Some(fields) = payload.as_object_mut() {
        if let Some(path) = &send.html_file {
            fields.insert("html".to_owned(), text_of("--html-file", path)?.into());
        }
        if let Some(id) = send.reply_to_message {
            fields.insert("reply_to".to_owned(), id.into());
        }
    }
    Ok(payload)
}

fn text_of(field: &str, path: &Path) -> Result<String, Failure> {
    let bytes =
        std::fs::read(path).map_err(|error| Failure::unreadable(&path.display().to_string(), &error))?;
    decoded(field, bytes)
}

/// UTF-8, without a byte order mark.
fn decoded(field: &str, bytes: Vec<u8>) -> Result<String, Failure> {
    let text = String::from_utf8(bytes).map_err(|_| Failure::input(field, "the text is not UTF-8"))?;
    Ok(text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text))
}

/// Calls a command that puts a message on its way, waits until its fate is known, and says it.
pub(crate) async fn deliver(
    name: &str,
    payload: Value,
    session: &Session,
    output: &mut Output,
) -> Result<Exit, Failure> {
    let mut events = session.events();
    let reply = session.call(name, payload).await?;
    let mut entry: OutboxView = read(&reply)?;
    if is_on_its_way(&entry) {
        let known = async {
            while let Some(event) = events.next().await {
                if let EventView::OutboxChanged { id, state, .. } = event
                    && id == entry.id
                {
                    entry.state = state;
                    if !is_on_its_way(&entry) {
                        return;
                    }
                }
            }
        };
        // Whatever is known when the patience ends is told.
        let _ = tokio::select! {
            () = session.cancel().cancelled() => Ok(()),
            ended = tokio::time::timeout(PATIENCE, known) => ended,
        };
        // The event has the state alone; the list has the server's words, as long as there is something to tell.
        let listed: Vec<OutboxView> = read(&session.call("outbox_list", json!({})).await?)?;
        if let Some(listed) = listed.into_iter().find(|listed| listed.id == entry.id) {
            entry = listed;
        }
    }
    let reply = serde_json::to_value(&entry).map_err(|error| Failure::internal(&error))?;
    output.reply(&reply, |output| print(&entry, output))?;
    Ok(exit(&entry))
}

fn is_on_its_way(entry: &OutboxView) -> bool {
    entry.state == "sending"
}

fn exit(entry: &OutboxView) -> Exit {
    match entry.state.as_str() {
        "failed" => entry
            .error
            .as_ref()
            .map_or(Exit::Server, |error| Exit::of(error.code)),
        "unknown" => Exit::Server,
        _ => Exit::Success,
    }
}

fn print(entry: &OutboxView, output: &mut Output) -> Result<(), Failure> {
    let recipients = entry.to.join(", ");
    match entry.state.as_str() {
        "filed" => output.styled(
            Style::Good,
            &format!("Sent to {recipients}. A copy is in the folder for sent mail."),
        )?,
        "sent" => output.styled(
            Style::Good,
            &format!(
                "Sent to {recipients}. The copy for the folder of sent mail follows with the next sync."
            ),
        )?,
        "failed" => {
            output.styled(
                Style::Bad,
                &format!("Not sent: message {} to {recipients}.", entry.id),
            )?;
        }
        "unknown" => {
            output.styled(
                Style::Bad,
                &format!(
                    "It is not known whether message {} to {recipients} was sent.",
                    entry.id
                ),
            )?;
            output.paragraph(
                Style::Plain,
                2,
                "The connection ended before the server said whether it took the message. To send it twice would be worse than to ask, so it is not tried again by itself.",
            )?;
            output.paragraph(
                Style::Plain,
                2,
                &format!(
                    "Ask the recipient, or look into the folder for sent mail on the web. Then `mailroom outbox retry {0}` sends it again, and `mailroom outbox discard {0}` gives it up.",
                    entry.id
                ),
            )?;
        }
        "sending" => output.line(&format!(
            "Message {} is still being sent; `mailroom outbox list` tells more.",
            entry.id
        ))?,
        _ => {
            output.line(&format!(
                "Message {} to {recipients} waits in the outbox. The next `mailroom sync` sends it.",
                entry.id
            ))?;
        }
    }
    match &entry.error {
        Some(error) if !matches!(entry.state.as_str(), "filed") => output.explanation(2, error),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::output::tests::on_paper;

    fn entry(state: &str, error: &Value) -> OutboxView {
        read(&json!({
            "id": 3, "account": "a@x.pl", "state": state, "subject": "Hi", "to": ["b@x.pl"], "message_id": "m",
            "attempts": 1, "next_at": null, "left_over": false, "error": error,
        }))
        .unwrap()
    }

    #[test]
    fn outcome_of_sending_decides_the_status_and_the_sentence() {
        let rejected = json!({"code": "recipient_rejected", "fixer": "you", "params": {"reply": "550 5.1.1 no such user"}, "detail": ""});
        let cases = [
            (
                "filed",
                Value::Null,
                0,
                "Sent to b@x.pl. A copy is in the folder for sent mail.",
            ),
            ("sent", Value::Null, 0, "Sent to b@x.pl. The copy"),
            (
                "queued",
                Value::Null,
                0,
                "Message 3 to b@x.pl waits in the outbox. The next `mailroom sync` sends it.",
            ),
            ("failed", rejected, 5, "Not sent: message 3 to b@x.pl."),
            ("failed", Value::Null, 5, "Not sent"),
            ("unknown", Value::Null, 5, "It is not known whether message 3"),
        ];
        for (state, error, status, sentence) in cases {
            let entry = entry(state, &error);
            assert_eq!(exit(&entry).status(), status, "{state}");
            let (mut output, out, _) = on_paper(false, None);
            print(&entry, &mut output).unwrap();
            let text = out.text();
            assert!(text.starts_with(sentence), "{text}");
            assert_eq!(
                text.contains("The server said: “550 5.1.1 no such user”"),
                entry.error.is_some(),
                "{text}"
            );
        }
    }

    #[test]
    fn body_is_utf8_without_its_mark() {
        assert_eq!(
            decoded("body-file", b"\xef\xbb\xbfza\xc5\xbc".to_vec()).unwrap(),
            "zaż"
        );
        assert!(decoded("body-file", vec![0xff]).is_err());
    }

    #[test]
    fn payload_of_send_has_absolute_attachments_and_the_text() {
        let directory = tempfile::tempdir().unwrap();
        let body = directory.path().join("body.txt");
        std::fs::write(&body, "text").unwrap();
        let send = Send {
            from: "a@x.pl".into(),
            to: vec!["b@x.pl".into()],
            cc: vec![],
            bcc: vec![],
            subject: "S".into(),
            body_file: body.clone(),
            html_file: None,
            attach: vec!["relative.pdf".into()],
            reply_to_message: Some(7),
        };
        let payload = payload(&send).unwrap();
        assert_eq!(
            (payload["text"].as_str(), payload["reply_to"].as_i64()),
            (Some("text"), Some(7))
        );
        let attachment = payload["attachments"][0].as_str().unwrap();
        assert!(
            Path::new(attachment).is_absolute() && attachment.ends_with("relative.pdf"),
            "{attachment}"
        );
        assert!(payload.get("html").is_none());
    }
}
