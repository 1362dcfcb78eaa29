use std::fs::File;
use std::io::{Seek as _, Write as _};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::Duration;

use serde_json::Value;

use super::office::Office;
use crate::failure::{At as _, Failure, Outcome};
use crate::process::{self, run_with_lines};
use crate::terminal::say;
use crate::workspace::debug_program;

/// The `mailroom` command with a home of its own that trusts the office's certificates.
pub(super) struct Mailroom {
    home: PathBuf,
    ca: String,
}

/// How long a command of the demonstration may say nothing.
const LONGEST_SILENCE: Duration = Duration::from_mins(5);

/// Opens the demonstration's encrypted vault file; it holds the passwords of invented people for a minute.
const PASSPHRASE: &str = "demonstration";

impl Mailroom {
    pub(super) fn at(home: PathBuf, office: &Office) -> Self {
        Self {
            home,
            ca: office.ca.clone(),
        }
    }

    /// A program of the debug build that works in this home.
    pub(super) fn in_its_environment(&self, program: &str) -> Command {
        let mut command = process::command(debug_program(program), &[]);
        command
            .env("MAILROOM_HOME", &self.home)
            .env("SSL_CERT_FILE", &self.ca)
            .env("MAILROOM_VAULT", "file")
            .env("MAILROOM_VAULT_PASSPHRASE", PASSPHRASE);
        command
    }

    /// The same as `in_its_environment`, for a person to paste before a command.
    pub(super) fn environment_for_a_shell(&self) -> String {
        format!(
            "  MAILROOM_HOME={} SSL_CERT_FILE={} MAILROOM_VAULT=file MAILROOM_VAULT_PASSPHRASE={PASSPHRASE} {}",
            self.home.display(),
            self.ca,
            debug_program("mailroom").display()
        )
    }

    /// Runs a command and prints it and what it prints.
    pub(super) fn show(&self, arguments: &[&str]) -> Outcome<()> {
        show_command(self.command(arguments))
    }

    /// The same, with text on its standard input.
    pub(super) fn show_with_input(&self, arguments: &[&str], input: &str) -> Outcome<()> {
        let mut command = self.command(arguments);
        command.stdin(self.input(input)?);
        show_command(command)
    }

    /// Runs a command with `--json` and returns its answer.
    pub(super) fn json(&self, arguments: &[&str]) -> Outcome<Value> {
        let text = process::capture(self.json_command(arguments))?;
        answer_in(&text).ok_or(Failure::Answer("an answer in JSON".into(), text))
    }

    /// Runs a command with `--json` and hands over each object of its stream as it comes.
    pub(super) fn stream(
        &self,
        arguments: &[&str],
        mut each: impl FnMut(&Value) -> Outcome<()>,
    ) -> Outcome<()> {
        say(&format!("    $ {}", process::line_of(&self.command(arguments))));
        let mut problem = None;
        let ended = run_with_lines(self.json_command(arguments), LONGEST_SILENCE, |line| {
            let handled = match serde_json::from_str(line) {
                Ok(event) => each(&event),
                Err(_) => Err(Failure::Answer("a JSON object a line".into(), line.to_owned())),
            };
            if let Err(failure) = handled {
                problem.get_or_insert(failure);
            }
        });
        problem.map_or(ended, Err)
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = self.in_its_environment("mailroom");
        command.args(arguments);
        command
    }

    fn json_command(&self, arguments: &[&str]) -> Command {
        let mut command = self.in_its_environment("mailroom");
        command.arg("--json").args(arguments);
        command
    }

    /// A file without a name that other users could read, holding `text`.
    fn input(&self, text: &str) -> Outcome<Stdio> {
        let path = self.home.with_extension("input");
        let mut file = File::options()
            .read(true)
            .write(true)
            .create(true)
            .truncate(true)
            .open(&path)
            .at(&path)?;
        file.write_all(text.as_bytes()).at(&path)?;
        file.rewind().at(&path)?;
        std::fs::remove_file(&path).at(&path)?;
        Ok(Stdio::from(file))
    }
}

fn show_command(command: Command) -> Outcome<()> {
    say(&format!("    $ {}", process::line_of(&command)));
    run_with_lines(command, LONGEST_SILENCE, |line| say(&format!("    {line}")))
}

/// The answer in what a command printed: one document, or the last line of a stream of events.
fn answer_in(text: &str) -> Option<Value> {
    if let Ok(document) = serde_json::from_str(text)
        && result_of(&document).is_none()
    {
        return Some(document);
    }
    let last: Value = serde_json::from_str(text.lines().rfind(|line| !line.trim().is_empty())?).ok()?;
    result_of(&last).cloned()
}

/// The value in `{"event": "result", "value": …}`, which ends every stream.
fn result_of(line: &Value) -> Option<&Value> {
    let is_result = line.get("event").and_then(Value::as_str) == Some("result");
    line.get("value").filter(|_| is_result)
}

/// The rows of an answer: the answer itself where it is a list, else the list it holds.
pub(super) fn rows(answer: &Value) -> &[Value] {
    match answer {
        Value::Array(rows) => rows,
        Value::Object(fields) => fields
            .values()
            .find_map(Value::as_array)
            .map_or(&[], Vec::as_slice),
        _ => &[],
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn rows_of_a_list_and_of_its_envelope_are_the_same() {
        let list = json!([{"id": 1}, {"id": 2}]);
        assert_eq!(rows(&list).len(), 2);
        assert_eq!(rows(&json!({"total": 2, "messages": list})).len(), 2);
        assert_eq!(rows(&json!("none")).len(), 0);
    }

    #[test]
    fn answer_in_a_document_is_the_document() {
        assert_eq!(answer_in("[1, 2]\n"), Some(json!([1, 2])));
        assert_eq!(
            answer_in("{\n \"messages\": []\n}\n"),
            Some(json!({"messages": []}))
        );
    }

    #[test]
    fn answer_in_a_stream_is_its_result() {
        let stream = "{\"event\":\"sync_started\"}\n{\"event\":\"result\",\"value\":{\"added\":3}}\n";
        assert_eq!(answer_in(stream), Some(json!({"added": 3})));
        assert_eq!(answer_in("{\"event\":\"result\",\"value\":[]}"), Some(json!([])));
        assert_eq!(
            answer_in("{\"event\":\"sync_started\"}\n{\"event\":\"sync_ended\"}\n"),
            None
        );
        assert_eq!(answer_in(""), None);
    }
}
