//! When a watched account is looked at again, and listened to again. Facts in, decision out.

use std::time::Duration;

use mailroom_model::UnixMillis;

use crate::schedule::backoff;

/// How often a server that gives no trouble is asked at most, where something is amiss.
pub(crate) const POLL: Duration = Duration::from_mins(5);
/// The longest wait for announcements: routers forget quiet connections, and servers end them after half an hour
/// (RFC 2177).
pub(crate) const LONGEST_WAIT: Duration = Duration::from_mins(25);
/// A connection is not kept idle for a look that is further away than this.
pub(crate) const WARM: Duration = Duration::from_mins(10);
/// A connection is opened anew when it is this old: servers look at what it was opened with then, and access tokens are
/// seldom good for longer than an hour.
pub(crate) const LIFETIME: Duration = Duration::from_mins(50);
/// A look that an announcement asks for comes no sooner after the last one.
pub(crate) const BETWEEN_LOOKS: Duration = Duration::from_secs(10);
/// Nothing calls for a look sooner than this, but an announcement.
const SHORTEST: Duration = Duration::from_secs(1);
/// A wait of this length was a good one: what went wrong before it is forgotten. A server that ends its waits by itself is
/// made to wait no more often.
const GOOD_WAIT: Duration = Duration::from_secs(30);
/// Announcements about nothing, one after the other, that are followed at once.
const FREE_ALARMS: u32 = 5;

/// What the rounds so far have shown.
#[derive(Debug, Default)]
pub(crate) struct Pace {
    failures: u32,
    false_alarms: u32,
}

impl Pace {
    /// A look failed: the pause before the next one, growing to a quarter of an hour.
    pub(crate) fn failed(&mut self, jitter: u8) -> Duration {
        self.failures = self.failures.saturating_add(1);
        wait(self.failures, jitter)
    }

    /// A look worked.
    pub(crate) fn worked(&mut self) {
        self.failures = 0;
    }

    /// The connection that listens was lost: the pause before another one. None after a good wait, then growing. The mail
    /// itself comes by looks, so it is never longer than the server would be asked anyway.
    pub(crate) fn lost(&mut self, limit: Duration, jitter: u8) -> Duration {
        let pause = match self.failures {
            0 => Duration::ZERO,
            several => wait(several, jitter).min(limit),
        };
        self.failures = self.failures.saturating_add(1);
        pause
    }

    /// A wait for announcements ended, by one or by itself.
    pub(crate) fn waited(&mut self, lasted: Duration) {
        if lasted >= GOOD_WAIT {
            *self = Self::default();
        }
    }

    /// The folder was looked at because of an announcement, and had moved on or not. The pause before the next wait: none,
    /// but after several announcements that turned out to be about nothing, so that a server which repeats them is not
    /// asked without end.
    pub(crate) fn followed(&mut self, has_moved: bool, jitter: u8) -> Duration {
        if has_moved {
            self.false_alarms = 0;
            return Duration::ZERO;
        }
        self.false_alarms = self.false_alarms.saturating_add(1);
        match self.false_alarms.saturating_sub(FREE_ALARMS) {
            0 => Duration::ZERO,
            several => wait(several, jitter).min(POLL),
        }
    }
}

/// How long a rest may last when the next thing is due at `next`, and the account is looked at every `interval`.
pub(crate) fn rest_limit(next: Option<UnixMillis>, now: UnixMillis, interval: Duration) -> Duration {
    let interval = interval.max(SHORTEST);
    next.map_or(interval, |next| until(next, now).clamp(SHORTEST, interval))
}

/// The pause after a wait that the server ended by itself after `lasted`.
pub(crate) fn pause_after_wait(lasted: Duration, limit: Duration) -> Duration {
    if lasted >= limit.saturating_sub(SHORTEST) {
        return Duration::ZERO;
    }
    GOOD_WAIT.min(limit).saturating_sub(lasted)
}

fn until(next: UnixMillis, now: UnixMillis) -> Duration {
    Duration::from_millis(u64::try_from(next.0.saturating_sub(now.0)).unwrap_or(0))
}

fn wait(attempt: u32, jitter: u8) -> Duration {
    until(backoff(attempt, UnixMillis(0), jitter), UnixMillis(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn failures_are_spaced_out_and_forgotten_after_success() {
        let mut pace = Pace::default();
        let pauses: Vec<u64> = (0..10).map(|_| pace.failed(0).as_secs()).collect();
        assert_eq!(pauses, [5, 10, 20, 40, 80, 160, 320, 640, 900, 900]);
        pace.worked();
        assert_eq!(pace.failed(0), 5 * SECOND);
    }

    #[test]
    fn announcements_about_nothing_are_not_followed_without_end() {
        let mut pace = Pace::default();
        let pauses: Vec<u64> = (0..13).map(|_| pace.followed(false, 0).as_secs()).collect();
        assert_eq!(pauses, [0, 0, 0, 0, 0, 5, 10, 20, 40, 80, 160, 300, 300]);
        assert_eq!(pace.followed(true, 0), Duration::ZERO);
        assert_eq!(pace.followed(false, 0), Duration::ZERO);
        let pauses: Vec<u64> = (0..5).map(|_| pace.followed(false, 0).as_secs()).collect();
        assert_eq!(pauses, [0, 0, 0, 0, 5]);
        pace.waited(GOOD_WAIT);
        assert_eq!(pace.followed(false, 0), Duration::ZERO);
    }

    #[test]
    fn lost_connections_are_replaced_at_once_only_after_a_good_wait() {
        let mut pace = Pace::default();
        let pauses: Vec<u64> = (0..9).map(|_| pace.lost(POLL, 0).as_secs()).collect();
        assert_eq!(pauses, [0, 5, 10, 20, 40, 80, 160, 300, 300]);
        pace.waited(GOOD_WAIT.saturating_sub(SECOND));
        assert_eq!(
            pace.lost(2 * SECOND, 0),
            2 * SECOND,
            "a server that lets nobody wait"
        );
        pace.waited(GOOD_WAIT);
        let pauses: Vec<u64> = (0..2).map(|_| pace.lost(POLL, 0).as_secs()).collect();
        assert_eq!(pauses, [0, 5]);
    }

    #[test]
    fn rest_ends_when_something_is_due() {
        let now = UnixMillis(1_000_000);
        let cases = [
            (None, POLL),
            (Some(now), SECOND),
            (Some(UnixMillis(5)), SECOND),
            (Some(now.plus_seconds(20)), 20 * SECOND),
            (Some(now.plus_seconds(86_400)), POLL),
        ];
        for (next, limit) in cases {
            assert_eq!(rest_limit(next, now, POLL), limit, "{next:?}");
        }
    }

    #[test]
    fn rest_lasts_as_long_as_the_person_chose() {
        let clock = UnixMillis(1_000_000);
        let minute = 60 * SECOND;
        assert_eq!(rest_limit(None, clock, minute), minute);
        assert_eq!(rest_limit(None, clock, 1440 * minute), 1440 * minute);
        assert_eq!(
            rest_limit(Some(clock.plus_seconds(600)), clock, 15 * minute),
            10 * minute
        );
        assert_eq!(rest_limit(Some(clock.plus_seconds(600)), clock, minute), minute);
    }

    #[test]
    fn wait_that_the_server_ends_at_once_is_made_up_for() {
        let cases = [
            (0, 300, 30),
            (10, 300, 20),
            (40, 300, 0),
            (300, 300, 0),
            (5, 5, 0),
            (0, 5, 5),
        ];
        for (lasted, limit, pause) in cases {
            assert_eq!(
                pause_after_wait(lasted * SECOND, limit * SECOND),
                pause * SECOND,
                "{lasted} of {limit}"
            );
        }
    }
}
