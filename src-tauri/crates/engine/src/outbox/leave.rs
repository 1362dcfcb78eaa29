//! The outbox at the end of a program and at the beginning of the next.
//!
//! Whoever presses "send" and then closes the program means the message to be on its way. What a program holds back so that
//! it can be taken back is therefore sent at its end, as far as a server is reached within a moment. What stays is not sent
//! by the next program behind the person's back: it waits a little longer, is told, and can still be taken back.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use futures::future::join_all;
use mailroom_model::{AccountId, AccountState, Coded as _, EmailAddress, OutboxId};
use mailroom_store::{AccountRow, OutboxRow, OutboxState};
use tokio_util::sync::CancellationToken;

use super::decide::was_held_back;
use super::turn_name;
use crate::{Engine, EngineError};

/// A message of so many bytes is not begun any more: it could take longer than there is time.
const LARGE: u64 = 1024 * 1024;
/// Whoever keeps the turn for sending longer than this is alive, and has looked at what an earlier program left.
const TURN_PATIENCE: Duration = Duration::from_secs(1);
/// How long a message of an earlier program waits at least, in seconds: the window that tells of it is just opening.
const ANNOUNCED_SECONDS: u32 = 30;

/// How long the end of a program may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EndLimits {
    /// How long servers are tried to be reached.
    pub reach: Duration,
    /// How long messages are waited for that are just being handed over: cut off, nobody could tell whether they were sent.
    pub hand_over: Duration,
}

impl Default for EndLimits {
    /// No longer than this, because whoever starts the program again waits too.
    fn default() -> Self {
        Self {
            reach: Duration::from_secs(3),
            hand_over: Duration::from_secs(7),
        }
    }
}

/// Messages that only this program knows more about than the store.
#[derive(Debug, Default)]
pub(crate) struct Outgoing {
    entries: Mutex<Entries>,
    /// The program ends: what can wait is not begun.
    pub(super) closing: CancellationToken,
    /// No further server is reached.
    pub(super) ending: CancellationToken,
}

#[derive(Debug, Default)]
struct Entries {
    /// Held back, or being sent.
    own: BTreeMap<OutboxId, AccountId>,
    /// Held back by an earlier program, told, and not tried since.
    left_over: BTreeSet<OutboxId>,
    /// Accounts of which everything that an earlier program held back is told: what others hold back is theirs now.
    met: BTreeSet<AccountId>,
}

impl Outgoing {
    fn change<T>(&self, change: impl FnOnce(&mut Entries) -> T) -> T {
        change(&mut self.entries.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Notes that a message is held back, or being sent.
    pub(crate) fn begin(&self, id: OutboxId, account: AccountId) {
        self.change(|entries| {
            entries.left_over.remove(&id);
            entries.own.insert(id, account)
        });
    }

    /// Notes that it is not any more.
    pub(super) fn end(&self, id: OutboxId) {
        self.change(|entries| entries.own.remove(&id));
    }
}

impl Engine {
    /// True for a message that an earlier program held back and could not send: it is sent at its time, and until then the
    /// person can take it back.
    pub fn is_left_over(&self, id: OutboxId) -> bool {
        self.outgoing.change(|entries| entries.left_over.contains(&id))
    }

    /// Looks at what an earlier program left, once it is known that nothing else sends it: what was being sent when it
    /// ended is of unknown fate, whether or not anything else is due; what it held back waits once more, and is told.
    pub(crate) async fn meet_outbox(&self, address: Option<&EmailAddress>) -> Result<(), EngineError> {
        let store = self.store().await?;
        for account in self.accounts(address).await? {
            if store.outbox().is_sending(account.id).await?
                && let Ok(turn) =
                    tokio::time::timeout(TURN_PATIENCE, self.take_turn(&turn_name(account.id))).await
            {
                let _turn = turn?;
                self.recover_cut_off(&account).await?;
            }
            // Also those whose pause is not over: nobody is shown any more that they can be taken back.
            for row in store.outbox().list(account.id).await? {
                self.meet_held_back(&account, &row).await?;
            }
            self.outgoing.change(|entries| entries.met.insert(account.id));
        }
        Ok(())
    }

    /// Lets a message wait once more that an earlier program held back, and tells it. False when it is no such message.
    async fn meet_held_back(&self, account: &AccountRow, row: &OutboxRow) -> Result<bool, EngineError> {
        let is_known = self
            .outgoing
            .change(|entries| entries.own.contains_key(&row.id) || entries.left_over.contains(&row.id));
        if is_known || !was_held_back(row) {
            return Ok(false);
        }
        let seconds = self.settings().await?.undo_send_s.max(ANNOUNCED_SECONDS);
        let later = self.now().await?.plus_seconds(i64::from(seconds));
        if self.store().await?.outbox().reschedule(row.id, later).await? {
            self.outgoing.change(|entries| entries.left_over.insert(row.id));
            self.tell_outbox(account, row.id, OutboxState::Queued);
        }
        Ok(true)
    }

    /// True for a message that is not sent now although its time has come: a large one at the end of the program, and one
    /// that an earlier program held back and of which nobody was told yet.
    pub(super) async fn stays(&self, account: &AccountRow, row: &OutboxRow) -> Result<bool, EngineError> {
        if row.raw_size >= LARGE && self.outgoing.closing.is_cancelled() {
            return Ok(true);
        }
        let is_met = self.outgoing.change(|entries| entries.met.contains(&account.id));
        Ok(!is_met && self.meet_held_back(account, row).await?)
    }

    /// What still says that it is being sent was cut off with its program. Whoever calls has the account's turn for sending.
    pub(super) async fn recover_cut_off(&self, account: &AccountRow) -> Result<(), EngineError> {
        for id in self.store().await?.outbox().recover(account.id).await? {
            self.tell_outbox(account, id, OutboxState::Unknown);
        }
        Ok(())
    }

    /// At the end of the program: sends what it holds back, and waits for what is being sent. A server that cannot be
    /// reached within a moment is given up; its messages, and large ones, stay as they are.
    pub(crate) async fn send_last(&self) {
        self.outgoing.closing.cancel();
        let own = self.outgoing.change(|entries| entries.own.clone());
        if own.is_empty() {
            return;
        }
        let Ok(limits) = self.edges().await.map(|edges| edges.end) else {
            return;
        };
        // Boxed: it holds the work on several accounts and is large.
        let sending = tokio::time::timeout(limits.hand_over, Box::pin(self.send_own(own)));
        let reaching = async {
            tokio::time::sleep(limits.reach).await;
            self.outgoing.ending.cancel();
            std::future::pending::<()>().await;
        };
        tokio::select! {
            sent = sending => {
                if let Ok(Err(error)) = sent {
                    tracing::warn!(code = %error.code(), "what was held back could not be sent at the end");
                }
            }
            () = reaching => {}
        }
    }

    async fn send_own(&self, own: BTreeMap<OutboxId, AccountId>) -> Result<(), EngineError> {
        let store = self.store().await?;
        let now = self.now().await?;
        for id in own.keys() {
            let row = store.outbox().get(*id).await?;
            if row.is_some_and(|row| row.raw_size < LARGE) {
                // Passes over what is being sent, and what was taken back.
                store.outbox().reschedule(*id, now).await?;
            }
        }
        let mut accounts = Vec::new();
        for id in own.into_values().collect::<BTreeSet<_>>() {
            let account = store.accounts().get(id).await?;
            accounts.extend(account.filter(|account| account.state != AccountState::SignInNeeded));
        }
        let sent = join_all(accounts.iter().map(|account| self.send_due(account))).await;
        sent.into_iter().try_for_each(|sent| sent.map(drop))
    }
}
