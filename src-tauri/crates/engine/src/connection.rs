//! A signed-in connection, with what has to be remembered of it.

use std::ops::{Deref, DerefMut};
use std::time::Duration;

use mailroom_model::UnixMillis;
use mailroom_protocol::imap::ImapSession;

use crate::budget::{Demand, Slot};

/// A signed-in connection to an account's server.
#[derive(Debug)]
pub(crate) struct Connection {
    session: ImapSession,
    opened_at: UnixMillis,
    /// Milliseconds until the server let us in, until somebody has asked.
    took_ms: Option<u64>,
    // Given back after the connection has ended.
    slot: Slot,
}

impl Connection {
    /// A session that was begun at `began_at` and is there at `opened_at`.
    pub(crate) fn new(session: ImapSession, began_at: UnixMillis, opened_at: UnixMillis, slot: Slot) -> Self {
        Self {
            session,
            opened_at,
            took_ms: u64::try_from(opened_at.0.saturating_sub(began_at.0)).ok(),
            slot,
        }
    }

    /// How many milliseconds the server took to let us in, for the first who asks: a connection that is used again says
    /// nothing new.
    pub(crate) fn take_opening_ms(&mut self) -> Option<u64> {
        self.took_ms.take()
    }

    /// Its place among the connections to the server.
    pub(crate) fn slot(&self) -> &Slot {
        &self.slot
    }

    /// What tells whether the connection is needed for somebody who waits.
    pub(crate) fn demand(&self) -> Demand {
        self.slot.demand()
    }

    /// The session, and its place among the connections to the server.
    pub(crate) fn parts(&mut self) -> (&mut ImapSession, &Slot) {
        (&mut self.session, &self.slot)
    }

    /// How much is left of `lifetime`.
    pub(crate) fn left(&self, lifetime: Duration, now: UnixMillis) -> Duration {
        let age = now.0.saturating_sub(self.opened_at.0);
        lifetime.saturating_sub(Duration::from_millis(u64::try_from(age).unwrap_or(0)))
    }

    /// Says goodbye.
    pub(crate) async fn logout(self) {
        self.session.logout().await;
    }
}

impl Deref for Connection {
    type Target = ImapSession;

    fn deref(&self) -> &ImapSession {
        &self.session
    }
}

impl DerefMut for Connection {
    fn deref_mut(&mut self) -> &mut ImapSession {
        &mut self.session
    }
}
