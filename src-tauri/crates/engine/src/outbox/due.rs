//! What is due is sent, whether or not anybody looks at the account.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use mailroom_model::{AccountId, AccountState, Coded as _, EmailAddress, UnixMillis};
use mailroom_store::{AccountRow, Store};
use tokio_util::sync::CancellationToken;

use crate::event::Event;
use crate::preferences::is_sender;
use crate::schedule::backoff;
use crate::{Engine, EngineError};

/// The longest sleep: clocks are set, and machines sleep too.
const LONGEST: Duration = Duration::from_mins(1);
/// The shortest pause after work, so that what fails at once is not tried without end.
const SHORTEST: Duration = Duration::from_secs(1);
/// How long messages that are just being sent are waited for when nobody wants the rest any more.
const LAST_PATIENCE: Duration = Duration::from_secs(30);
/// How often it is looked meanwhile whether they are.
const LOOK: Duration = Duration::from_millis(50);

/// An account that failed.
struct Hold {
    failures: u32,
    until: UnixMillis,
}

type Holds = HashMap<AccountId, Hold>;

impl Engine {
    /// Sends messages when their time comes and carries changes to the servers when theirs does, of one account or all,
    /// until cancelled: a watch that waits for an announcement, or rests, does not notice what is queued meanwhile. What is
    /// being sent when it is cancelled is not cut off: nobody could tell then whether it was sent.
    pub(crate) async fn keep_sending(&self, address: Option<&EmailAddress>, cancel: &CancellationToken) {
        let mut events = self.subscribe();
        let mut changes = self.weather.listen();
        let mut older = true;
        let mut holds = Holds::new();
        let sends = AtomicBool::new(false);
        while !cancel.is_cancelled() {
            let next = {
                let work = self.do_what_is_due(address, &mut holds, &sends, cancel);
                tokio::pin!(work);
                tokio::select! {
                    next = &mut work => next,
                    () = cancel.cancelled() => {
                        tokio::select! {
                            _ = &mut work => {}
                            () = until_nothing_is_sent(&sends) => {}
                            () = tokio::time::sleep(LAST_PATIENCE) => {}
                        }
                        return;
                    }
                }
            };
            let pause = match next {
                Ok(next) => next,
                Err(error) => {
                    tracing::warn!(code = %error.code(), "what is due could not be looked at");
                    LONGEST
                }
            };
            if older {
                older = self.meet_older_people().await.unwrap_or(false);
            }
            let pause = if older { pause.min(SHORTEST) } else { pause };
            let sleep = tokio::time::sleep(pause);
            tokio::pin!(sleep);
            loop {
                tokio::select! {
                    () = cancel.cancelled() => return,
                    () = &mut sleep => break,
                    // What failed in another network may work in this one.
                    () = changes.changed() => {
                        holds.clear();
                        break;
                    }
                    event = events.next() => match event.as_deref() {
                        // Something was queued: its time may be nearer than what was waited for.
                        Some(Event::OutboxChanged { state, .. }) if state == "queued" => break,
                        Some(Event::OperationsChanged { .. } | Event::AccountChanged { .. }) => break,
                        Some(_) => {}
                        None => return,
                    },
                }
            }
        }
    }

    /// Does what is due now; gives how long nothing will be. An account that failed is left alone for a while, and one that
    /// has to be signed in until it was.
    async fn do_what_is_due(
        &self,
        address: Option<&EmailAddress>,
        holds: &mut Holds,
        sends: &AtomicBool,
        cancel: &CancellationToken,
    ) -> Result<Duration, EngineError> {
        let store = self.store().await?;
        self.forget_filed().await?;
        let mut pause = LONGEST;
        for account in self.accounts(address).await? {
            if cancel.is_cancelled() {
                break;
            }
            if account.state == AccountState::SignInNeeded {
                continue;
            }
            let now = self.now().await?;
            let held = holds.get(&account.id).map(|hold| hold.until);
            if held.is_none_or(|until| until <= now) {
                match self.work_off(&account, now, sends).await {
                    Ok(()) => drop(holds.remove(&account.id)),
                    Err(error) => {
                        tracing::debug!(code = %error.code(), "what is due could not be done now");
                        let failures = holds.get(&account.id).map_or(1, |hold| hold.failures + 1);
                        let [jitter] = self.random::<1>().await?;
                        let until = backoff(failures, self.now().await?, jitter);
                        holds.insert(account.id, Hold { failures, until });
                    }
                }
            }
            let held = holds.get(&account.id).map(|hold| hold.until);
            if let Some(next) = self.next_due(store, &account).await? {
                let next = held.map_or(next, |until| until.max(next));
                let wait = u64::try_from(next.0 - self.now().await?.0).unwrap_or_default();
                pause = pause.min(Duration::from_millis(wait).max(SHORTEST));
            }
        }
        Ok(pause)
    }

    /// `sends` is true while messages may be on their way.
    async fn work_off(
        &self,
        account: &AccountRow,
        now: UnixMillis,
        sends: &AtomicBool,
    ) -> Result<(), EngineError> {
        let store = self.store().await?;
        let is_due = |at: Option<UnixMillis>| at.is_some_and(|at| at <= now);
        if is_sender(account) && is_due(store.outbox().next_at(account.id).await?) {
            sends.store(true, Ordering::SeqCst);
            let sent = self.send_due(account).await;
            sends.store(false, Ordering::SeqCst);
            sent?;
        }
        if is_due(store.operations().next_at(account.id).await?) {
            self.push_due(account, &mut 0).await?;
        }
        Ok(())
    }

    async fn next_due(&self, store: &Store, account: &AccountRow) -> Result<Option<UnixMillis>, EngineError> {
        let message = store.outbox().next_at(account.id).await?;
        let change = store.operations().next_at(account.id).await?;
        let message = message.filter(|_| is_sender(account));
        Ok(message.into_iter().chain(change).min())
    }
}

async fn until_nothing_is_sent(sends: &AtomicBool) {
    while sends.load(Ordering::SeqCst) {
        tokio::time::sleep(LOOK).await;
    }
}
