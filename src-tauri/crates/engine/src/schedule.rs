//! When to try again.

use mailroom_model::UnixMillis;

/// The shortest wait after a failure.
const FIRST_SECONDS: i64 = 5;
/// The longest wait, so that a server that comes back is found within the quarter of an hour.
const LONGEST_SECONDS: i64 = 15 * 60;

/// When attempt number `attempt` (the first failure is 1) may be repeated: 5 s, 10 s, 20 s … 15 min, each shortened by
/// up to a quarter by `jitter` (0 to 255), so that many programs that lost the same server do not return as one.
pub(crate) fn backoff(attempt: u32, now: UnixMillis, jitter: u8) -> UnixMillis {
    let doublings = attempt.saturating_sub(1).min(16);
    let seconds = FIRST_SECONDS
        .saturating_mul(1_i64 << doublings)
        .min(LONGEST_SECONDS);
    let shortened = seconds * 1000 - seconds * 1000 / 4 * i64::from(jitter) / 255;
    UnixMillis(now.0.saturating_add(shortened))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn backoff_doubles_up_to_a_quarter_of_an_hour() {
        let waits: Vec<i64> = [0, 1, 2, 3, 8, 9, 40, u32::MAX]
            .into_iter()
            .map(|attempt| backoff(attempt, UnixMillis(0), 0).0 / 1000)
            .collect();
        assert_eq!(waits, [5, 5, 10, 20, 640, 900, 900, 900]);
    }

    #[test]
    fn backoff_jitter_takes_a_quarter_at_most() {
        assert_eq!(backoff(1, UnixMillis(0), 255), UnixMillis(3750));
    }
}
