//! The demonstration: a private mail office, and Mailroom used on it as anyone would use it.

mod command;
mod office;

use std::time::Duration;

use serde_json::Value;

use crate::failure::{Failure, Outcome};
use crate::process::{self, await_condition};
use crate::run;
use crate::setup;
use crate::terminal::{Stopwatch, say, seconds};
use crate::workspace::Scratch;
use command::{Mailroom, rows};
use office::Office;

/// Signs in at the provider's page.
const ALICE: &str = "alice@mailroom.test";
/// Signs in with a password.
const BOB: &str = "bob@mailroom.test";

/// How long a message may be on its way between two mailboxes of one office.
const DELIVERY_LIMIT: Duration = Duration::from_secs(30);

/// Connects both mailboxes, loads, finds and sends mail, and prints each step with its time.
pub(crate) fn headless() -> Outcome<()> {
    setup::for_office()?;
    let watch = Stopwatch::start();
    let scratch = Scratch::create("demo")?;
    let office = open_office()?;
    let mailroom = Mailroom::at(scratch.folder("home")?, &office);

    connect_by_sign_in(&mailroom, &office)?;
    connect_by_password(&mailroom, &office)?;
    step("Load the mail of both", || mailroom.show(&["sync"]))?;
    step("The two accounts", || {
        mailroom.show(&["account", "list"])?;
        expect_at_least("accounts", 2, &mailroom.json(&["account", "list"])?)
    })?;
    step("Alice's folders", || {
        mailroom.show(&["folder", "list", ALICE])?;
        expect_at_least("folders", 2, &mailroom.json(&["folder", "list", ALICE])?)
    })?;
    step("The newest messages", || {
        mailroom.show(&["message", "list", "--limit", "8"])
    })?;
    find_a_known_message(&mailroom)?;
    let subject = send_to_bob(&mailroom)?;
    receive_at_bob(&mailroom, &subject)?;
    step("Prove that Alice's account works", || {
        mailroom.show(&["account", "test", ALICE])
    })?;
    step("The state of everything", || mailroom.show(&["status"]))?;

    say(&format!(
        "\nConnected two mailboxes, loaded and found mail, and sent a message that arrived, in {}.",
        seconds(watch.elapsed())
    ));
    Ok(())
}

/// Opens the desktop application with a home of its own beside the office, and waits until it is closed.
pub(crate) fn window() -> Outcome<()> {
    let Stage { mailroom, office, .. } = &Stage::set()?;
    connect_by_sign_in(mailroom, office)?;
    connect_by_password(mailroom, office)?;
    step("Load the mail of both", || mailroom.show(&["sync"]))?;
    say(
        "\nThe window opens; close it to end the demonstration. In another terminal, the same mail is at hand with",
    );
    say(&mailroom.environment_for_a_shell());
    process::run(mailroom.in_its_environment("mailroom-desktop"))
}

/// Opens the desktop application as a new person finds it, on a machine whose organisation runs the office: its two
/// addresses can be connected there.
pub(crate) fn empty_window() -> Outcome<()> {
    let Stage { mailroom, office, .. } = &Stage::set()?;
    say(
        "\nThe window opens at its first screen. Two mailboxes can be connected, in the browser or by password:",
    );
    for address in [ALICE, BOB] {
        say(&format!(
            "    {address}   password {}",
            office.password_of(address)?
        ));
    }
    say(
        "The provider's page has a certificate of the office's own: the browser asks once whether to trust it.",
    );
    let mut window = mailroom.in_its_environment("mailroom-desktop");
    window.env("MAILROOM_POLICY", &office.policy);
    process::run(window)
}

/// The application, an office, and a home in which nothing is yet.
struct Stage {
    mailroom: Mailroom,
    office: Office,
    /// Held for its end only.
    _scratch: Scratch,
}

impl Stage {
    fn set() -> Outcome<Self> {
        setup::for_desktop()?;
        setup::for_office()?;
        run::build_page()?;
        run::build_desktop()?;
        let scratch = Scratch::create("demo")?;
        let office = open_office()?;
        Ok(Self {
            mailroom: Mailroom::at(scratch.folder("home")?, &office),
            office,
            _scratch: scratch,
        })
    }
}

fn open_office() -> Outcome<Office> {
    step("Build the command and the office", run::build_programs)?;
    step(
        "Open the office: Dovecot, Exim and an OpenID provider on loopback",
        || {
            let office = Office::open()?;
            say(&format!(
                "    IMAP with TLS on port {}, SMTP with TLS on port {}",
                office.imaps_port, office.submissions_port
            ));
            say(&format!("    sign-in at {}", office.issuer));
            Ok(office)
        },
    )
}

fn connect_by_sign_in(mailroom: &Mailroom, office: &Office) -> Outcome<()> {
    step(
        "Connect alice by signing in at the provider (OAuth 2.0 with PKCE)",
        || {
            let (imap, smtp) = office.servers();
            let arguments = [
                "account",
                "add",
                ALICE,
                "--imap",
                &imap,
                "--smtp",
                &smtp,
                "--oauth",
                "--issuer",
                &office.issuer,
                "--client-id",
                &office.client_id,
                "--no-browser",
            ];
            mailroom.stream(&arguments, |event| {
                let is_waiting = event.get("event").and_then(Value::as_str) == Some("signin_opened");
                match event.get("url").and_then(Value::as_str) {
                    Some(url) if is_waiting => {
                        say(
                            "    Mailroom asks to open the provider's page; the demonstration signs in there",
                        );
                        office.approve(url, ALICE)
                    }
                    _ => Ok(()),
                }
            })
        },
    )
}

fn connect_by_password(mailroom: &Mailroom, office: &Office) -> Outcome<()> {
    step("Connect bob by password, read from standard input", || {
        let (imap, smtp) = office.servers();
        let arguments = [
            "account",
            "add",
            BOB,
            "--imap",
            &imap,
            "--smtp",
            &smtp,
            "--password-stdin",
        ];
        mailroom.show_with_input(&arguments, office.password_of(BOB)?)
    })
}

/// Searches for a word of a message that is there, whatever the sample mail holds, and opens what is found.
fn find_a_known_message(mailroom: &Mailroom) -> Outcome<()> {
    step("Find a message by a word of its subject", || {
        let list = mailroom.json(&["message", "list", "--limit", "50"])?;
        let messages = rows(&list);
        let subjects = messages
            .iter()
            .filter_map(|message| message.get("subject")?.as_str());
        let Some(word) = subjects.flat_map(words).max_by_key(|word| word.len()) else {
            return Err(Failure::Answer(
                "a message with a word in its subject".into(),
                list.to_string(),
            ));
        };
        mailroom.show(&["search", word])?;
        let found = mailroom.json(&["search", word])?;
        expect_at_least("messages found", 1, &found)?;
        let id = rows(&found).first().and_then(id_of).unwrap_or_default();
        mailroom.show(&["message", "show", &id])
    })
}

fn send_to_bob(mailroom: &Mailroom) -> Outcome<String> {
    // Unlike any other subject, so that finding it proves that this very message arrived.
    let subject = format!("Greeting number {}", std::process::id());
    step("Send a message from alice to bob", || {
        mailroom.show_with_input(
            &[
                "send",
                "--from",
                ALICE,
                "--to",
                BOB,
                "--subject",
                &subject,
                "--body-file",
                "-",
            ],
            "Dear Bob,\n\nthis came through a real server.\nDzień dobry! Добрый день!\n\nAlice\n",
        )
    })?;
    Ok(subject)
}

fn receive_at_bob(mailroom: &Mailroom, subject: &str) -> Outcome<()> {
    step("Find it in bob's mailbox", || {
        let id = await_condition("the message in bob's mailbox", DELIVERY_LIMIT, || {
            match arrived(mailroom, subject) {
                Ok(found) => found.map(Ok),
                Err(failure) => Some(Err(failure)),
            }
        })??;
        mailroom.show(&["message", "show", &id])
    })
}

/// The id of the message in bob's account, once it is loaded; alice's copy in Sent does not count.
fn arrived(mailroom: &Mailroom, subject: &str) -> Outcome<Option<String>> {
    mailroom.json(&["sync", BOB])?;
    let found = mailroom.json(&["search", "--account", BOB, subject])?;
    Ok(rows(&found).first().and_then(id_of))
}

/// Runs one step between a headline and its time.
fn step<T>(name: &str, work: impl FnOnce() -> Outcome<T>) -> Outcome<T> {
    say(&format!("\n* {name}"));
    let watch = Stopwatch::start();
    let done = work()?;
    say(&format!("  done in {}", seconds(watch.elapsed())));
    Ok(done)
}

fn expect_at_least(what: &str, least: usize, answer: &Value) -> Outcome<()> {
    if rows(answer).len() < least {
        return Err(Failure::Answer(
            format!("at least {least} {what}"),
            answer.to_string(),
        ));
    }
    Ok(())
}

/// A message's id, whether it is written as a number or as text.
fn id_of(message: &Value) -> Option<String> {
    match message.get("id")? {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// The words of a subject that a search would take as words, without operators or punctuation.
fn words(subject: &str) -> impl Iterator<Item = &str> {
    subject
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| word.chars().count() >= 4)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_a_subject_leave_out_what_search_could_misread() {
        let found: Vec<&str> = words("Re: Faktura FV/2026/11 — за ноябрь").collect();
        assert_eq!(found, ["Faktura", "2026", "ноябрь"]);
    }

    #[test]
    fn id_of_a_number_and_of_text_are_the_same() {
        assert_eq!(id_of(&serde_json::json!({"id": 7})).as_deref(), Some("7"));
        assert_eq!(id_of(&serde_json::json!({"id": "7"})).as_deref(), Some("7"));
        assert_eq!(id_of(&serde_json::json!({"id": null})), None);
    }
}
