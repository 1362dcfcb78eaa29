//! Questions to a person on a terminal, and the first line of standard input from a program.

use std::io::{self, BufRead};

use mailroom_api::{CancellationToken, Secret};
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};
use tokio::task::spawn_blocking;

use crate::failure::Failure;
use crate::output::Output;

/// The longest secret that is read.
const LINE_LIMIT: u64 = 64 * 1024;

/// The first line of standard input without its end. `field` is what the reader calls it.
pub(crate) fn first_line(field: &str) -> Result<Secret<String>, Failure> {
    first_line_of(&mut io::stdin().lock(), field)
}

fn first_line_of(input: &mut dyn BufRead, field: &str) -> Result<Secret<String>, Failure> {
    let mut line = Vec::new();
    io::Read::take(input, LINE_LIMIT)
        .read_until(b'\n', &mut line)
        .map_err(|error| Failure::unreadable("standard input", &error))?;
    while line.last().is_some_and(|byte| matches!(byte, b'\n' | b'\r')) {
        line.pop();
    }
    if line.is_empty() {
        return Err(Failure::input(field, "the first line of standard input is empty"));
    }
    String::from_utf8(line)
        .map(Secret::new)
        .map_err(|_| Failure::input(field, "the first line of standard input is not UTF-8"))
}

/// A password, typed without an echo.
pub(crate) async fn password(prompt: &str, cancel: &CancellationToken) -> Result<Secret<String>, Failure> {
    let prompt = crate::output::clean_line(prompt);
    let typed = unless_cancelled(cancel, move || rpassword::prompt_password(prompt)).await?;
    match typed {
        Ok(text) if text.is_empty() => Err(Failure::cancelled()),
        Ok(text) => Ok(Secret::new(text)),
        Err(error)
            if matches!(
                error.kind(),
                io::ErrorKind::Interrupted | io::ErrorKind::UnexpectedEof
            ) =>
        {
            Err(Failure::cancelled())
        }
        Err(error) => Err(Failure::unreadable("the terminal", &error)),
    }
}

/// Yes or no; no when nothing is typed.
pub(crate) async fn agreement(
    output: &mut Output,
    cancel: &CancellationToken,
    question: &str,
) -> Result<bool, Failure> {
    output.question(&format!("{question} [y/N]"));
    let typed = unless_cancelled(cancel, || {
        let mut line = String::new();
        io::stdin().lock().read_line(&mut line).map(|_| line)
    })
    .await?;
    let line = typed.map_err(|error| Failure::unreadable("standard input", &error))?;
    Ok(is_yes(&line))
}

fn is_yes(line: &str) -> bool {
    matches!(line.trim().to_lowercase().as_str(), "y" | "yes")
}

/// Lines that the person types or pastes while something else goes on. The thread that reads them ends with the
/// process.
pub(crate) fn lines() -> UnboundedReceiver<String> {
    let (sender, receiver) = unbounded_channel();
    drop(spawn_blocking(move || {
        for line in io::stdin().lock().lines() {
            let Ok(line) = line else { return };
            let line = line.trim();
            if !line.is_empty() && sender.send(line.to_owned()).is_err() {
                return;
            }
        }
    }));
    receiver
}

/// Waits until standard input ends; what comes in is dropped. The thread that reads it ends with the process.
pub(crate) async fn end_of_input() {
    // An input that cannot be read has ended as well.
    let _ = spawn_blocking(|| io::copy(&mut io::stdin().lock(), &mut io::sink())).await;
}

async fn unless_cancelled<T: Send + 'static>(
    cancel: &CancellationToken,
    ask: impl FnOnce() -> T + Send + 'static,
) -> Result<T, Failure> {
    tokio::select! {
        () = cancel.cancelled() => Err(Failure::cancelled()),
        answer = spawn_blocking(ask) => answer.map_err(|error| Failure::internal(&error)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn first_line_of_input_is_the_secret() {
        for (input, secret) in [
            ("p w\n", "p w"),
            ("p\r\nrest\n", "p"),
            ("żółw", "żółw"),
            (" p \n", " p "),
        ] {
            assert_eq!(
                first_line_of(&mut input.as_bytes(), "password").unwrap().expose(),
                secret
            );
        }
        for input in [&b""[..], b"\n", b"\xff\n"] {
            assert!(
                matches!(first_line_of(&mut &*input, "password"), Err(Failure::Wire(_))),
                "{input:?}"
            );
        }
    }

    #[test]
    fn agreement_needs_a_yes() {
        for (line, agreed) in [
            ("y\n", true),
            ("Yes\n", true),
            ("\n", false),
            ("", false),
            ("no\n", false),
            ("yeah", false),
        ] {
            assert_eq!(is_yes(line), agreed, "{line:?}");
        }
    }
}
