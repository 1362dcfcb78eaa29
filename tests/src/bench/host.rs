//! What the host of a virtual machine took of the processor: a figure from such a moment says nothing about the program.

use std::fs;

/// The kernel's counters at one moment.
#[derive(Clone, Copy, Debug, Default)]
pub struct Host {
    worked: u64,
    taken: u64,
}

impl Host {
    /// The counters of now (`/proc/stat`, proc(5)); nothing where there are none.
    pub fn now() -> Self {
        let text = fs::read_to_string("/proc/stat").unwrap_or_default();
        Self::of(&text)
    }

    fn of(text: &str) -> Self {
        let line = text.lines().find_map(|line| line.strip_prefix("cpu "));
        // user nice system idle iowait irq softirq steal
        let ticks: Vec<u64> = line
            .unwrap_or_default()
            .split_whitespace()
            .filter_map(|word| word.parse().ok())
            .collect();
        let at = |index: usize| ticks.get(index).copied().unwrap_or_default();
        Self {
            worked: at(0) + at(1) + at(2) + at(5) + at(6),
            taken: at(7),
        }
    }

    /// The share that the host took since then, of all the time in which something wanted to run: 0 to 1.
    #[expect(clippy::cast_precision_loss, reason = "ticks of some minutes")]
    pub fn taken_since(&self, now: &Self) -> f64 {
        let taken = now.taken.saturating_sub(self.taken) as f64;
        let worked = now.worked.saturating_sub(self.worked) as f64;
        if taken > 0.0 {
            taken / (taken + worked)
        } else {
            0.0
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn share_is_of_the_time_that_was_wanted() {
        let before = Host::of("cpu  100 0 50 9000 10 0 0 5 0 0\ncpu0 1 1 1 1\n");
        let after = Host::of("cpu  130 0 70 9900 90 0 0 30 0 0\n");
        assert!((before.taken_since(&after) - 25.0 / 75.0).abs() < 1e-9);
        assert!(before.taken_since(&before).abs() < 1e-9);
        assert!(Host::of("").taken_since(&Host::of("")).abs() < 1e-9);
    }
}
