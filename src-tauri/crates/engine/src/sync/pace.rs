//! When a watched account is looked at again. Facts in, decision out.

use std::time::Duration;

use mailroom_model::UnixMillis;
use mailroom_protocol::imap::Selected;
use mailroom_store::FolderCursor;

use crate::schedule::backoff;

/// How often a server that gives no trouble is asked at most, where something is amiss.
pub(crate) const POLL: Duration = Duration::from_mins(5);
/// The longest wait for announcements: routers forget quiet connections, and servers end them after half an hour
/// (RFC 2177).
pub(crate) const LONGEST_WAIT: Duration = Duration::from_mins(25);
/// Nothing calls for a look sooner than this, but an announcement.
const SHORTEST: Duration = Duration::from_secs(1);
/// A server that ends its waits by itself is looked at no more often than this.
const SHORTEST_WAIT: Duration = Duration::from_secs(30);

/// Why a rest ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Woken {
    /// The server announced something, and nothing new was found where it was announced.
    Announced,
    /// The server announced something that was fetched at once.
    Fetched,
    /// The server announced something, and the person gave up its being fetched.
    GivenUp,
    /// Time went by, something became due, or the server had moved on before the rest began.
    Otherwise,
}

/// What the rounds so far have shown.
#[derive(Debug, Default)]
pub(crate) struct Pace {
    failures: u32,
    lost_waits: u32,
    false_alarms: u32,
    seen: Option<State>,
}

/// What a server says about a folder when it is opened.
type State = (u32, Option<u32>, Option<u64>, u32);

impl Pace {
    /// A look failed: the pause before the next one, growing to a quarter of an hour.
    pub(crate) fn failed(&mut self, jitter: u8) -> Duration {
        self.failures = self.failures.saturating_add(1);
        wait(self.failures, jitter)
    }

    /// A look worked; `found` when it brought anything. The pause before the rest: none, but after announcements that
    /// turned out to be about nothing, so that a server which repeats them is not looked at without end.
    pub(crate) fn worked(&mut self, woken: Woken, found: bool, jitter: u8) -> Duration {
        self.failures = 0;
        if woken == Woken::Announced && !found {
            self.false_alarms = self.false_alarms.saturating_add(1);
        } else {
            self.false_alarms = 0;
        }
        match self.false_alarms {
            0 | 1 => Duration::ZERO,
            several => wait(several - 1, jitter).min(POLL),
        }
    }

    /// No connection could wait for announcements: the pause instead. The mail itself came, so it never is longer than
    /// the server would be asked anyway.
    pub(crate) fn lost_wait(&mut self, limit: Duration, jitter: u8) -> Duration {
        self.lost_waits = self.lost_waits.saturating_add(1);
        wait(self.lost_waits, jitter).min(limit)
    }

    /// A connection waits for announcements.
    pub(crate) fn waits(&mut self) {
        self.lost_waits = 0;
    }

    /// True when the server had moved on between the last look and the opening of the folder for the wait, so that
    /// nothing will announce it. A server whose numbers never fit is believed once.
    pub(crate) fn is_behind(&mut self, cursor: Option<&FolderCursor>, selected: &Selected) -> bool {
        let state: State = (
            selected.uid_validity,
            selected.uid_next,
            selected.highest_modseq,
            selected.exists,
        );
        let behind = cursor.is_some_and(|cursor| {
            cursor.is_complete
                && (cursor.uid_validity != selected.uid_validity
                    || selected.uid_next.is_some_and(|next| next != cursor.uid_next)
                    || cursor.exists != selected.exists
                    || selected.highest_modseq != cursor.highest_modseq)
        });
        let is_news = behind && self.seen != Some(state);
        self.seen = behind.then_some(state);
        is_news
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
    SHORTEST_WAIT.min(limit).saturating_sub(lasted)
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
        assert_eq!(pace.worked(Woken::Otherwise, false, 0), Duration::ZERO);
        assert_eq!(pace.failed(0), 5 * SECOND);
    }

    #[test]
    fn announcements_about_nothing_are_not_followed_without_end() {
        let mut pace = Pace::default();
        let pauses: Vec<u64> = (0..9)
            .map(|_| pace.worked(Woken::Announced, false, 0).as_secs())
            .collect();
        assert_eq!(pauses, [0, 5, 10, 20, 40, 80, 160, 300, 300]);
        assert_eq!(pace.worked(Woken::Announced, true, 0), Duration::ZERO);
        assert_eq!(pace.worked(Woken::Announced, false, 0), Duration::ZERO);
    }

    #[test]
    fn lost_waits_fall_back_to_asking() {
        let mut pace = Pace::default();
        let pauses: Vec<u64> = (0..8).map(|_| pace.lost_wait(POLL, 0).as_secs()).collect();
        assert_eq!(pauses, [5, 10, 20, 40, 80, 160, 300, 300]);
        pace.waits();
        assert_eq!(pace.lost_wait(2 * SECOND, 0), 2 * SECOND);
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

    #[test]
    fn what_came_between_look_and_wait_is_noticed_once() {
        let cursor = FolderCursor {
            uid_validity: 1,
            uid_next: 10,
            highest_modseq: Some(7),
            window_start: None,
            is_complete: true,
            exists: 5,
            at: UnixMillis(1),
        };
        let same = Selected {
            uid_validity: 1,
            uid_next: Some(10),
            highest_modseq: Some(7),
            exists: 5,
            ..Selected::default()
        };
        let differs = |change: fn(&mut Selected)| {
            let mut selected = same.clone();
            change(&mut selected);
            Pace::default().is_behind(Some(&cursor), &selected)
        };
        assert!(!differs(|_| {}));
        assert!(!differs(|selected| selected.uid_next = None));
        assert!(differs(|selected| selected.uid_next = Some(11)));
        assert!(differs(|selected| selected.exists = 4));
        assert!(differs(|selected| selected.highest_modseq = Some(8)));
        assert!(differs(|selected| selected.uid_validity = 2));
        let arrived = Selected {
            exists: 6,
            ..same.clone()
        };
        let mut pace = Pace::default();
        assert!(pace.is_behind(Some(&cursor), &arrived));
        assert!(
            !pace.is_behind(Some(&cursor), &arrived),
            "a number that never fits"
        );
        assert!(!pace.is_behind(Some(&cursor), &same));
        assert!(pace.is_behind(Some(&cursor), &arrived));
        let loading = FolderCursor {
            is_complete: false,
            ..cursor
        };
        assert!(!Pace::default().is_behind(Some(&loading), &arrived));
        assert!(!Pace::default().is_behind(None, &arrived));
    }
}
