use std::ffi::OsStr;
use std::fmt::Write as _;
use std::io::{BufRead as _, BufReader, Read as _};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use crate::failure::{Failure, Outcome};
use crate::terminal::Stopwatch;
use crate::workspace;

/// A command in the workspace's root, with nothing on standard input.
pub(crate) fn command(program: impl AsRef<OsStr>, arguments: &[&str]) -> Command {
    let mut command = Command::new(program);
    command
        .args(arguments)
        .current_dir(workspace::root())
        .stdin(Stdio::null());
    command
}

/// The cargo that runs this task.
pub(crate) fn cargo(arguments: &[&str]) -> Command {
    command(option_env!("CARGO").unwrap_or("cargo"), arguments)
}

/// npm in a folder of the workspace.
pub(crate) fn npm(folder: &str, arguments: &[&str]) -> Command {
    let program = if cfg!(windows) { "npm.cmd" } else { "npm" };
    let mut command = command(program, arguments);
    command.current_dir(workspace::root().join(folder));
    command
}

/// Runs a command to its end, its output going to the terminal.
pub(crate) fn run(mut command: Command) -> Outcome<()> {
    let status = command
        .status()
        .map_err(|source| Failure::Start(name_of(&command), source))?;
    if status.success() {
        Ok(())
    } else {
        Err(Failure::Ended(line_of(&command), status))
    }
}

/// Runs a command to its end and returns its standard output; what it says on standard error is passed on
/// only when it fails.
pub(crate) fn capture(mut command: Command) -> Outcome<String> {
    let output = command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .output()
        .map_err(|source| Failure::Start(name_of(&command), source))?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    if output.status.success() {
        return Ok(text);
    }
    let mut shown = line_of(&command);
    let _ = write!(shown, "\n{text}{}", String::from_utf8_lossy(&output.stderr));
    Err(Failure::Ended(shown, output.status))
}

/// Runs a command to its end, handing over each line of its standard output as it comes. A command that says nothing for
/// `silence` is ended with everything that it started: it waits for what never comes.
pub(crate) fn run_with_lines(
    mut command: Command,
    silence: Duration,
    mut line: impl FnMut(&str),
) -> Outcome<()> {
    let mut child = command
        .stdout(Stdio::piped())
        .spawn()
        .map_err(|source| Failure::Start(name_of(&command), source))?;
    let (sender, lines) = mpsc::channel();
    if let Some(stdout) = child.stdout.take() {
        thread::spawn(move || {
            // By bytes: a line that is not UTF-8 must not end the reading.
            for text in BufReader::new(stdout).split(b'\n').map_while(Result::ok) {
                if sender.send(text).is_err() {
                    return;
                }
            }
        });
    } else {
        drop(sender);
    }
    loop {
        match lines.recv_timeout(silence) {
            Ok(text) => line(String::from_utf8_lossy(&text).trim_end_matches('\r')),
            Err(mpsc::RecvTimeoutError::Disconnected) => break,
            Err(mpsc::RecvTimeoutError::Timeout) => {
                end_descendants(child.id());
                let _ = child.kill();
                let _ = child.wait();
                return Err(Failure::Late(
                    format!("another line from {}", line_of(&command)),
                    silence,
                ));
            }
        }
    }
    let status = child
        .wait()
        .map_err(|source| Failure::Start(name_of(&command), source))?;
    if status.success() {
        Ok(())
    } else {
        Err(Failure::Ended(line_of(&command), status))
    }
}

/// Ends the programs that a program started, and those that they started, where the system lists them in /proc. They stay in
/// the group of the task itself: Ctrl+C in a terminal ends them too.
fn end_descendants(parent: u32) {
    let children: Vec<u32> = std::fs::read_dir("/proc")
        .into_iter()
        .flatten()
        .filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok())
        .filter(|process| parent_of(*process) == Some(parent))
        .collect();
    for child in children {
        end_descendants(child);
        let line = format!("kill -KILL {child} 2>/dev/null");
        let _ = Command::new("sh").args(["-c", &line]).status();
    }
}

/// The process that started this one (proc(5): the second field after the name in brackets).
fn parent_of(process: u32) -> Option<u32> {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    stat.rsplit_once(") ")?.1.split(' ').nth(1)?.parse().ok()
}

/// Whether a program of this name can be found in PATH.
#[expect(
    clippy::disallowed_methods,
    reason = "a task is a program's edge: it looks where the shell would"
)]
pub(crate) fn find(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path)
        .map(|folder| folder.join(format!("{program}{}", std::env::consts::EXE_SUFFIX)))
        .find(|candidate| candidate.is_file())
}

/// A command line as a shell would take it, for messages.
pub(crate) fn line_of(command: &Command) -> String {
    let mut line = name_of(command);
    for argument in command.get_args() {
        let argument = argument.to_string_lossy();
        let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:=@,+%".contains(c);
        if !argument.is_empty() && argument.chars().all(plain) {
            let _ = write!(line, " {argument}");
        } else {
            let _ = write!(line, " '{}'", argument.replace('\'', r"'\''"));
        }
    }
    line
}

fn name_of(command: &Command) -> String {
    let program = command.get_program();
    std::path::Path::new(program)
        .file_name()
        .unwrap_or(program)
        .to_string_lossy()
        .into_owned()
}

/// A program that runs beside the task and is ended, with the programs it started, when this is dropped.
pub(crate) struct Companion {
    child: Child,
    name: String,
}

impl Companion {
    /// Starts `command` in a process group of its own.
    pub(crate) fn start(mut command: Command) -> Outcome<Self> {
        #[cfg(unix)]
        std::os::unix::process::CommandExt::process_group(&mut command, 0);
        let name = name_of(&command);
        match command.spawn() {
            Ok(child) => Ok(Self { child, name }),
            Err(source) => Err(Failure::Start(name, source)),
        }
    }

    /// The first line it prints, for programs that say by it that they are ready. Its standard output must
    /// be piped; what follows the line is read and dropped, so that the program never blocks.
    pub(crate) fn first_line(&mut self, limit: Duration) -> Outcome<String> {
        let Some(stdout) = self.child.stdout.take() else {
            return Err(Failure::Answer(
                "a pipe".into(),
                format!("{} has none", self.name),
            ));
        };
        let (sender, receiver) = mpsc::channel();
        thread::spawn(move || {
            let mut reader = BufReader::new(stdout);
            let mut line = String::new();
            if reader.read_line(&mut line).is_ok() {
                let _ = sender.send(line);
            }
            let _ = std::io::copy(&mut reader, &mut std::io::sink());
        });
        match receiver.recv_timeout(limit) {
            Ok(line) if !line.trim().is_empty() => Ok(line.trim().to_owned()),
            Ok(_) | Err(mpsc::RecvTimeoutError::Disconnected) => Err(Failure::Answer(
                format!("{} to say that it is ready", self.name),
                self.ending(),
            )),
            Err(mpsc::RecvTimeoutError::Timeout) => {
                Err(Failure::Late(format!("\"ready\" from {}", self.name), limit))
            }
        }
    }

    /// Whether it still runs.
    pub(crate) fn is_running(&mut self) -> bool {
        matches!(self.child.try_wait(), Ok(None))
    }

    /// How it ended, with what it said on standard error if that is piped.
    pub(crate) fn ending(&mut self) -> String {
        let mut said = String::new();
        if let Ok(Some(status)) = self.child.try_wait() {
            let _ = write!(said, "{} ended with {status}", self.name);
            if let Some(mut stderr) = self.child.stderr.take() {
                said.push('\n');
                let _ = stderr.read_to_string(&mut said);
            }
        } else {
            let _ = write!(said, "{} still runs", self.name);
        }
        said
    }

    /// Waits for it to end by itself, at most `limit`.
    pub(crate) fn wait(&mut self, limit: Duration) -> Outcome<()> {
        await_condition(&format!("the end of {}", self.name), limit, || {
            match self.child.try_wait() {
                Ok(None) => None,
                Ok(Some(_)) | Err(_) => Some(()),
            }
        })
    }

    #[cfg(unix)]
    fn signal_group(&self, signal: &str) {
        // The shell's own `kill`: the program of that name is missing on bare machines. No "--" before the
        // group: dash takes it for a number and signals nobody.
        let line = format!("kill -{signal} -{} 2>/dev/null", self.child.id());
        let _ = Command::new("sh").args(["-c", &line]).status();
    }
}

impl Drop for Companion {
    fn drop(&mut self) {
        // Programs that end with their standard input do so now.
        drop(self.child.stdin.take());
        #[cfg(unix)]
        {
            if self.is_running() {
                self.signal_group("TERM");
                let _ = self.wait(Duration::from_secs(5));
            }
            self.signal_group("KILL");
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Asks `probe` again and again until it has an answer.
pub(crate) fn await_condition<T>(
    what: &str,
    limit: Duration,
    mut probe: impl FnMut() -> Option<T>,
) -> Outcome<T> {
    let watch = Stopwatch::start();
    loop {
        if let Some(answer) = probe() {
            return Ok(answer);
        }
        if watch.elapsed() >= limit {
            return Err(Failure::Late(what.to_owned(), limit));
        }
        thread::sleep(Duration::from_millis(50));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn line_of_arguments_with_spaces_quotes_them() {
        let shown = line_of(&command(
            "/usr/bin/mailroom",
            &["send", "--subject", "it's late", "--to", "a@b.c", ""],
        ));
        assert_eq!(shown, r"mailroom send --subject 'it'\''s late' --to a@b.c ''");
    }

    #[cfg(unix)]
    fn lives(process: &str) -> bool {
        std::fs::read_to_string(format!("/proc/{process}/stat")).is_ok_and(|stat| !stat.contains(") Z "))
    }

    #[cfg(unix)]
    fn await_end(process: &str) {
        await_condition("the end of the inner program", Duration::from_secs(20), || {
            (!lives(process)).then_some(())
        })
        .unwrap();
    }

    #[cfg(unix)]
    #[test]
    fn companion_dropped_ends_what_it_started() {
        let mut command = command("sh", &["-c", "sleep 600 & echo $!; wait"]);
        command.stdout(Stdio::piped());
        let mut companion = Companion::start(command).unwrap();
        let inner = companion.first_line(Duration::from_secs(20)).unwrap();
        if std::path::Path::new("/proc/self").exists() {
            assert!(lives(&inner));
            drop(companion);
            await_end(&inner);
        }
    }

    #[cfg(unix)]
    #[test]
    fn first_line_of_a_program_that_fails_tells_how_it_ended() {
        let mut command = command("sh", &["-c", "echo broken >&2; exit 3"]);
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut companion = Companion::start(command).unwrap();
        let failure = companion.first_line(Duration::from_secs(20)).unwrap_err();
        assert!(matches!(failure, Failure::Answer(..)), "{failure}");
    }

    #[cfg(unix)]
    #[test]
    fn run_with_lines_of_a_failing_program_hands_over_its_lines_first() {
        let mut lines = Vec::new();
        let outcome = run_with_lines(
            command("sh", &["-c", r"printf 'one\ntw\377o\nthree'; exit 4"]),
            Duration::from_secs(20),
            |line| {
                lines.push(line.to_owned());
            },
        );
        assert_eq!(lines, ["one", "tw\u{fffd}o", "three"]);
        assert!(matches!(outcome, Err(Failure::Ended(..))));
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn run_with_lines_of_a_program_that_falls_silent_ends_it_and_what_it_started() {
        let mut inner = None;
        let outcome = run_with_lines(
            command(
                "sh",
                &["-c", "exec 2>/dev/null; sh -c 'sleep 600; true' & echo $!; wait"],
            ),
            Duration::from_secs(10),
            |line| inner = Some(line.to_owned()),
        );
        assert!(matches!(outcome, Err(Failure::Late(..))));
        await_end(&inner.unwrap());
    }
}
