//! How many connections a mail server gets from this program, over all accounts, and who gets them: what somebody waits for
//! comes first, then looks and changes, and listening last, without which mail comes as well, only later.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use mailroom_model::UnixMillis;
use tokio::sync::{Notify, Semaphore};

use crate::{Engine, EngineError};

/// Connections to a server of which nothing is known: what Dovecot allows one person from one address.
const CAREFUL: u32 = 10;
/// How long fewer connections are used after a server refused one.
const LOWERED: Duration = Duration::from_mins(2);
/// The longest time for which a server that refuses again and again is spared.
const LONGEST_LOWERED: Duration = Duration::from_mins(32);
/// Whoever waits for a connection looks at least so often whether there is room: what was lowered rises by itself.
const LOOK_AGAIN: Duration = Duration::from_secs(30);

/// How long work waits for a connection before a listener is called back for it.
const RECALL_AFTER: Duration = Duration::from_secs(2);

/// What a connection is for; the most urgent first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Purpose {
    /// Somebody waits for it: a message that was opened, a test, a list of folders.
    Person,
    /// Looks and loads, changes on their way, copies of what was sent.
    Work,
    /// Listening.
    Listening,
}

/// How many connections there may be while `limit` are allowed, for one more of this purpose to be opened: the last one is
/// kept for what somebody waits for, the one before it for work.
fn room(purpose: Purpose, limit: u32) -> u32 {
    match purpose {
        Purpose::Person => limit,
        Purpose::Work => limit.saturating_sub(1).max(1),
        Purpose::Listening => limit.saturating_sub(2),
    }
}

/// What a server lets be, as far as it is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Allowance {
    most: u32,
    lowered: Option<Lowered>,
}

/// A server refused one more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Lowered {
    to: u32,
    until: UnixMillis,
    times: u32,
}

impl Allowance {
    fn new(most: u32) -> Self {
        Self {
            most: most.max(1),
            lowered: None,
        }
    }

    fn limit(&self, now: UnixMillis) -> u32 {
        match self.lowered {
            Some(lowered) if now < lowered.until => lowered.to,
            _ => self.most,
        }
    }

    /// The server refused a connection beside `others`. It gets no more than these for a while, which doubles as long as
    /// refusals go on.
    fn refused(&mut self, others: u32, now: UnixMillis) {
        let times = self.lowered.map_or(0, |lowered| lowered.times).saturating_add(1);
        let wait = LOWERED
            .saturating_mul(1 << (times - 1).min(8))
            .min(LONGEST_LOWERED);
        self.lowered = Some(Lowered {
            to: others.clamp(1, self.most),
            until: now.plus_seconds(i64::try_from(wait.as_secs()).unwrap_or(i64::MAX)),
            times,
        });
    }

    /// The server took a connection beside `others`.
    fn taken(&mut self, others: u32) {
        if self.lowered.is_some_and(|lowered| others >= lowered.to) {
            self.lowered = None;
        }
    }
}

#[derive(Debug)]
struct State {
    allowance: Allowance,
    /// Connections that are open or being opened, by purpose.
    persons: u32,
    works: u32,
    listeners: u32,
    /// Who waits for one, in order.
    waiting: BTreeSet<(Purpose, u64)>,
    next_ticket: u64,
}

impl State {
    fn used(&self) -> u32 {
        self.persons + self.works + self.listeners
    }

    fn count(&mut self, purpose: Purpose) -> &mut u32 {
        match purpose {
            Purpose::Person => &mut self.persons,
            Purpose::Work => &mut self.works,
            Purpose::Listening => &mut self.listeners,
        }
    }
}

/// One server.
#[derive(Debug)]
pub(crate) struct Host {
    state: Mutex<State>,
    freed: Notify,
    /// Listeners that are to leave.
    recalls: Semaphore,
}

/// The right to one connection; given back when it is dropped.
#[derive(Debug)]
pub(crate) struct Slot {
    host: Arc<Host>,
    purpose: Purpose,
}

/// A place among those who wait; given up when it is dropped.
struct Ticket<'a> {
    host: &'a Arc<Host>,
    place: (Purpose, u64),
}

impl Host {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn queue(self: &Arc<Self>, purpose: Purpose) -> Ticket<'_> {
        let mut state = self.state();
        let place = (purpose, state.next_ticket);
        state.next_ticket += 1;
        state.waiting.insert(place);
        Ticket { host: self, place }
    }

    /// True when a connection for `purpose` could be opened now.
    fn has_room(&self, purpose: Purpose, now: UnixMillis) -> bool {
        let state = self.state();
        state.waiting.is_empty() && state.used() < room(purpose, state.allowance.limit(now))
    }

    /// True when a listener would find room, were it not for connections that idle.
    fn lets_listen(&self, now: UnixMillis) -> bool {
        let state = self.state();
        state.listeners < room(Purpose::Listening, state.allowance.limit(now))
    }

    /// Asks one listener to leave, unless one is asked already.
    fn recall(&self) {
        if self.state().listeners > 0 && self.recalls.available_permits() == 0 {
            self.recalls.add_permits(1);
        }
    }
}

impl Ticket<'_> {
    /// The slot, when it is this one's turn and there is room.
    fn take(&self, now: UnixMillis) -> Option<Slot> {
        let mut state = self.host.state();
        let is_first = state.waiting.first() == Some(&self.place);
        let purpose = self.place.0;
        if !is_first || state.used() >= room(purpose, state.allowance.limit(now)) {
            return None;
        }
        *state.count(purpose) += 1;
        Some(Slot {
            host: Arc::clone(self.host),
            purpose,
        })
    }
}

impl Drop for Ticket<'_> {
    fn drop(&mut self) {
        self.host.state().waiting.remove(&self.place);
        // Nobody need leave for whoever has gone.
        self.host.recalls.forget_permits(1);
        self.host.freed.notify_waiters();
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        *self.host.state().count(self.purpose) -= 1;
        self.host.freed.notify_waiters();
    }
}

impl Slot {
    /// The server took the connection.
    pub(crate) fn was_taken(&self) {
        let mut state = self.host.state();
        let others = state.used().saturating_sub(1);
        state.allowance.taken(others);
    }

    /// The server refused it because there are too many. True when some of the others are ours, so that waiting for one of
    /// them to end may help.
    pub(crate) fn was_refused(self, now: UnixMillis) -> bool {
        let mut state = self.host.state();
        let others = state.used().saturating_sub(1);
        state.allowance.refused(others, now);
        others > 0
    }

    /// Waits until this connection, which listens, is needed for something else.
    pub(crate) async fn recalled(&self) {
        if let Ok(permit) = self.host.recalls.acquire().await {
            permit.forget();
        }
    }

    /// What tells whether this connection is needed for somebody who waits.
    pub(crate) fn demand(&self) -> Demand {
        Demand(Arc::clone(&self.host))
    }
}

/// What tells a long work whether somebody waits.
#[derive(Clone, Debug)]
pub(crate) struct Demand(Arc<Host>);

impl Demand {
    /// True when somebody waits who gets no connection before work gives one up.
    pub(crate) fn is_pressing(&self) -> bool {
        let state = self.0.state();
        state.persons == 0 && matches!(state.waiting.first(), Some((Purpose::Person, _)))
    }
}

/// Every server that this program talks to.
#[derive(Debug, Default)]
pub(crate) struct Budget {
    hosts: Mutex<HashMap<String, Arc<Host>>>,
}

impl Budget {
    fn of(&self, host: &str, most: Option<u32>) -> Arc<Host> {
        let mut hosts = self.hosts.lock().unwrap_or_else(PoisonError::into_inner);
        let host = hosts.entry(host.to_ascii_lowercase()).or_insert_with(|| {
            Arc::new(Host {
                state: Mutex::new(State {
                    allowance: Allowance::new(most.unwrap_or(CAREFUL)),
                    persons: 0,
                    works: 0,
                    listeners: 0,
                    waiting: BTreeSet::new(),
                    next_ticket: 0,
                }),
                freed: Notify::new(),
                recalls: Semaphore::new(0),
            })
        });
        Arc::clone(host)
    }
}

impl Engine {
    async fn host(&self, name: &str) -> Result<Arc<Host>, EngineError> {
        let most = self.table().await?.connections_to(name);
        Ok(self.budget.of(name, most))
    }

    /// True when a connection to the server could be opened now.
    pub(crate) async fn has_room(&self, host: &str, purpose: Purpose) -> Result<bool, EngineError> {
        let now = self.now().await?;
        Ok(self.host(host).await?.has_room(purpose, now))
    }

    /// The right to one connection to the server. Whoever waits has idle connections to it ended, and listeners called back.
    pub(crate) async fn slot(&self, host: &str, purpose: Purpose) -> Result<Slot, EngineError> {
        let name = host;
        let host = self.host(name).await?;
        let ticket = host.queue(purpose);
        // Most looks take a moment; a listener that leaves has to come back.
        let mut waits_long = purpose == Purpose::Person;
        loop {
            // Before looking: what is given back in between is not missed.
            let freed = host.freed.notified();
            tokio::pin!(freed);
            freed.as_mut().enable();
            let now = self.now().await?;
            if let Some(slot) = ticket.take(now) {
                return Ok(slot);
            }
            if (purpose != Purpose::Listening || host.lets_listen(now))
                && let Some(idle) = self.pushers.idle_line(name)
            {
                idle.logout().await;
                continue;
            }
            if waits_long && purpose != Purpose::Listening {
                host.recall();
            }
            let pause = if waits_long { LOOK_AGAIN } else { RECALL_AFTER };
            waits_long |= tokio::time::timeout(pause, freed).await.is_err();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn last_connections_are_kept_for_what_is_urgent() {
        let cases = [(15, [15, 14, 13]), (3, [3, 2, 1]), (2, [2, 1, 0]), (1, [1, 1, 0])];
        for (limit, rooms) in cases {
            let found =
                [Purpose::Person, Purpose::Work, Purpose::Listening].map(|purpose| room(purpose, limit));
            assert_eq!(found, rooms, "{limit}");
        }
    }

    #[test]
    fn refused_connection_lowers_the_limit_for_a_while_that_doubles() {
        let mut allowance = Allowance::new(10);
        let mut now = UnixMillis(0);
        assert_eq!(allowance.limit(now), 10);
        let mut waits = Vec::new();
        for _ in 0..6 {
            allowance.refused(4, now);
            assert_eq!(allowance.limit(now), 4);
            let until = allowance.lowered.unwrap().until;
            waits.push((until.0 - now.0) / 60_000);
            now = until;
            assert_eq!(allowance.limit(now), 10, "tried again");
        }
        assert_eq!(waits, [2, 4, 8, 16, 32, 32]);
        allowance.taken(3);
        assert!(allowance.lowered.is_some(), "as many were taken before");
        allowance.taken(4);
        assert_eq!(allowance.lowered, None);
        allowance.refused(0, now);
        assert_eq!(allowance.limit(now), 1, "others use the rest, for now");
        allowance.refused(20, now);
        assert_eq!(allowance.limit(now), 10);
    }

    #[test]
    fn slots_go_to_the_most_urgent_first_and_come_back() {
        let now = UnixMillis(0);
        let host = Budget::default().of("Mail.Example.org", Some(3));
        let take = |purpose| host.queue(purpose).take(now);
        let listening = take(Purpose::Listening).unwrap();
        assert!(take(Purpose::Listening).is_none(), "one of three");
        let work = take(Purpose::Work).unwrap();
        assert!(take(Purpose::Work).is_none(), "the last one is kept");
        let waits = host.queue(Purpose::Work);
        let person = take(Purpose::Person).unwrap();
        assert!(waits.take(now).is_none());
        let later = host.queue(Purpose::Person);
        let demand = work.demand();
        assert!(!demand.is_pressing(), "there is one that comes back soon");
        drop(person);
        assert!(demand.is_pressing());
        drop(listening);
        assert!(waits.take(now).is_none(), "not before the person");
        let person = later.take(now).unwrap();
        assert!(!demand.is_pressing());
        drop((later, person, work));
        assert!(!host.has_room(Purpose::Listening, now), "somebody waits");
        drop(waits.take(now).unwrap());
        drop(waits);
        assert!(host.has_room(Purpose::Listening, now));
        assert_eq!(host.state().used(), 0);
    }

    #[tokio::test]
    async fn listener_is_called_back_once_for_whoever_waits() {
        let host = Budget::default().of("mail.example.org", Some(3));
        let listening = host.queue(Purpose::Listening).take(UnixMillis(0)).unwrap();
        let waits = host.queue(Purpose::Work);
        host.recall();
        host.recall();
        listening.recalled().await;
        {
            let again = listening.recalled();
            tokio::pin!(again);
            assert!(futures::poll!(again).is_pending());
        }
        host.recall();
        drop(waits);
        let again = listening.recalled();
        tokio::pin!(again);
        assert!(futures::poll!(again).is_pending(), "nobody waits any more");
    }
}
