use std::time::{Duration, Instant};

/// Prints one line (or several) for the person at the terminal.
#[expect(
    clippy::print_stdout,
    reason = "a task's whole purpose is to be watched in a terminal"
)]
pub(crate) fn say(text: &str) {
    println!("{text}");
}

/// Prints one line (or several) to standard error.
#[expect(clippy::print_stderr, reason = "why a task failed belongs on standard error")]
pub(crate) fn complain(text: &str) {
    eprintln!("{text}");
}

/// Measures how long something takes.
pub(crate) struct Stopwatch(Instant);

impl Stopwatch {
    #[expect(
        clippy::disallowed_methods,
        reason = "tasks measure real time; nothing is decided by it but deadlines"
    )]
    pub(crate) fn start() -> Self {
        Self(Instant::now())
    }

    pub(crate) fn elapsed(&self) -> Duration {
        self.0.elapsed()
    }
}

/// A duration as people read it: "0.42 s", "12.3 s", "4 min 05 s".
pub(crate) fn seconds(duration: Duration) -> String {
    let seconds = duration.as_secs_f64();
    if seconds < 9.995 {
        format!("{seconds:.2} s")
    } else if seconds < 99.95 {
        format!("{seconds:.1} s")
    } else {
        let whole = duration.as_secs();
        format!("{} min {:02} s", whole / 60, whole % 60)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seconds_at_every_size_reads_naturally() {
        let cases = [
            (0, "0.00 s"),
            (420, "0.42 s"),
            (9_994, "9.99 s"),
            (12_340, "12.3 s"),
            (99_900, "99.9 s"),
            (100_000, "1 min 40 s"),
            (245_000, "4 min 05 s"),
        ];
        for (milliseconds, expected) in cases {
            assert_eq!(seconds(Duration::from_millis(milliseconds)), expected);
        }
    }
}
