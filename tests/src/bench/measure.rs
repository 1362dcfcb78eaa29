//! One program, measured from outside as a whole process.

use std::fs;
use std::io::{self, BufRead};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// What one run took.
#[derive(Clone, Copy, Debug, Default)]
pub struct Run {
    /// Wall time.
    pub wall: Duration,
    /// Processor time of the process, user and system, in seconds. Zero where the system does not tell.
    pub cpu_s: f64,
    /// The largest resident memory in bytes. Zero where the system does not tell.
    pub peak_bytes: u64,
}

/// Runs `command` to its end. Memory and processor time are read from `/proc` while it runs, every 10 ms, so the last
/// 10 ms may be missing from the processor time; the peak is the kernel's own high-water mark.
///
/// Errors: the program cannot be started, or ends with anything but success.
pub fn measure(command: &mut Command, log: &Path) -> io::Result<Run> {
    let output = fs::File::create(log)?;
    command.stdout(output.try_clone()?).stderr(output);
    let began = now();
    let child = spawn(command)?;
    finish(command, child, began, log)
}

/// The same, and when the first line with each of `marks` in it was printed, counted from the start; `None` when it never
/// was.
///
/// Errors: as those of [`measure`].
pub fn measure_marks(
    command: &mut Command,
    log: &Path,
    marks: &[&str],
) -> io::Result<(Run, Vec<Option<Duration>>)> {
    command.stdout(Stdio::piped()).stderr(fs::File::create(log)?);
    let began = now();
    let mut child = spawn(command)?;
    let lines = child.stdout.take().map(io::BufReader::new);
    std::thread::scope(|scope| {
        let reading = scope.spawn(|| {
            let mut seen = vec![None; marks.len()];
            for line in lines.into_iter().flat_map(BufRead::lines).map_while(Result::ok) {
                for (mark, at) in marks.iter().zip(&mut seen) {
                    if at.is_none() && line.contains(mark) {
                        *at = Some(began.elapsed());
                    }
                }
            }
            seen
        });
        let run = finish(command, child, began, log)?;
        let seen = reading
            .join()
            .map_err(|_| io::Error::other("the output could not be read"))?;
        Ok((run, seen))
    })
}

fn spawn(command: &mut Command) -> io::Result<Child> {
    command.stdin(Stdio::null()).spawn()
}

fn finish(command: &Command, mut child: Child, began: Instant, log: &Path) -> io::Result<Run> {
    let mut run = Run::default();
    let status = loop {
        observe(&child, &mut run);
        if let Some(status) = child.try_wait()? {
            break status;
        }
        std::thread::sleep(Duration::from_millis(10));
    };
    run.wall = began.elapsed();
    if status.success() {
        return Ok(run);
    }
    let words = fs::read_to_string(log).unwrap_or_default();
    Err(io::Error::other(format!(
        "{command:?} ended with {status}: {words}"
    )))
}

fn observe(child: &Child, run: &mut Run) {
    let id = child.id();
    if let Ok(status) = fs::read_to_string(format!("/proc/{id}/status")) {
        let peak = status
            .lines()
            .find_map(|line| line.strip_prefix("VmHWM:"))
            .and_then(|value| value.split_whitespace().next()?.parse::<u64>().ok());
        run.peak_bytes = run.peak_bytes.max(peak.unwrap_or(0) * 1024);
    }
    if let Ok(stat) = fs::read_to_string(format!("/proc/{id}/stat")) {
        // After the parenthesised name: state is field 3, utime 14, stime 15, in hundredths of a second.
        let fields: Vec<&str> = stat.rsplit(") ").next().unwrap_or_default().split(' ').collect();
        let ticks = |index: usize| {
            fields
                .get(index)
                .and_then(|field| field.parse::<f64>().ok())
                .unwrap_or(0.0)
        };
        run.cpu_s = run.cpu_s.max((ticks(11) + ticks(12)) / 100.0);
    }
}

/// The time, for benchmarks.
#[expect(
    clippy::disallowed_methods,
    reason = "a benchmark measures time; nothing is decided by it"
)]
pub fn now() -> Instant {
    Instant::now()
}
