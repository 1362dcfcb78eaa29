//! A clock that a test turns.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use mailroom_model::{Clock, UnixMillis};

/// A clock that stands still until it is turned. Copies show the same time.
#[derive(Clone, Debug)]
pub struct TestClock {
    now: Arc<AtomicI64>,
}

impl TestClock {
    /// A clock that shows `now`.
    pub fn new(now: UnixMillis) -> Self {
        Self {
            now: Arc::new(AtomicI64::new(now.0)),
        }
    }

    /// Turns the clock to `now`, forwards or back.
    pub fn set(&self, now: UnixMillis) {
        self.now.store(now.0, Ordering::SeqCst);
    }

    /// Turns the clock forward and returns the new time.
    pub fn advance(&self, by: Duration) -> UnixMillis {
        let by = i64::try_from(by.as_millis()).unwrap_or(i64::MAX);
        UnixMillis(self.now.fetch_add(by, Ordering::SeqCst).saturating_add(by))
    }
}

impl Default for TestClock {
    /// 22 November 2026, 10:00 UTC: a Sunday.
    fn default() -> Self {
        Self::new(UnixMillis(1_795_341_600_000))
    }
}

impl Clock for TestClock {
    fn now(&self) -> UnixMillis {
        UnixMillis(self.now.load(Ordering::SeqCst))
    }
}

/// The machine's time, for mail that real servers will stamp with theirs.
#[expect(
    clippy::disallowed_methods,
    reason = "the edge of the kit: the servers beside it use this clock too"
)]
pub fn wall_clock() -> UnixMillis {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    UnixMillis(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clock_turned_in_one_hand_shows_in_the_other() {
        let clock = TestClock::default();
        let other = clock.clone();
        assert_eq!(
            clock.advance(Duration::from_secs(90)),
            UnixMillis(1_795_341_690_000)
        );
        assert_eq!(other.now(), UnixMillis(1_795_341_690_000));
        other.set(UnixMillis(5));
        assert_eq!(clock.now(), UnixMillis(5));
    }
}
