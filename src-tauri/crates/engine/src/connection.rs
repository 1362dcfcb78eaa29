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
    // Given back after the connection has ended.
    slot: Slot,
}

impl Connection {
    pub(crate) fn new(session: ImapSession, opened_at: UnixMillis, slot: Slot) -> Self {
        Self {
            session,
            opened_at,
            slot,
        }
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
