//! What is due is sent, whether or not anybody looks at the account.

use std::time::Duration;

use mailroom_model::{EmailAddress, UnixMillis};
use tokio_util::sync::CancellationToken;

use crate::event::Event;
use crate::preferences::is_sender;
use crate::{Engine, EngineError};

/// The longest sleep: clocks are set, and machines sleep too.
const LONGEST: Duration = Duration::from_mins(1);
/// The shortest pause after work, so that what fails at once is not tried without end.
const SHORTEST: Duration = Duration::from_secs(1);

impl Engine {
    /// Sends messages when their time comes and carries changes to the servers when theirs does, of one account or all,
    /// until cancelled: a watch that waits for an announcement, or rests, does not notice what is queued meanwhile.
    pub(crate) async fn keep_sending(&self, address: Option<&EmailAddress>, cancel: &CancellationToken) {
        let mut events = self.subscribe();
        let mut older = true;
        while !cancel.is_cancelled() {
            let next = tokio::select! {
                () = cancel.cancelled() => return,
                next = self.do_what_is_due(address) => next,
            };
            let pause = match next {
                Ok(next) => next,
                Err(error) => {
                    tracing::warn!(%error, "what is due could not be looked at");
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

    /// Does what is due now; gives how long nothing will be.
    async fn do_what_is_due(&self, address: Option<&EmailAddress>) -> Result<Duration, EngineError> {
        let store = self.store().await?;
        let mut pause = LONGEST;
        for account in self.accounts(address).await? {
            let message = store.outbox().next_at(account.id).await?;
            let change = store.operations().next_at(account.id).await?;
            let now = self.now().await?;
            let is_due = |at: Option<UnixMillis>| at.is_some_and(|at| at <= now);
            if is_due(message)
                && is_sender(&account)
                && let Err(error) = self.send_due(&account).await
            {
                tracing::warn!(%error, "the outbox could not be worked on now");
            }
            if is_due(change)
                && let Err(error) = self.push_changes(Some(&account.address)).await
            {
                tracing::debug!(%error, "changes could not be carried to the server now");
            }
            let message = store
                .outbox()
                .next_at(account.id)
                .await?
                .filter(|_| is_sender(&account));
            let change = store.operations().next_at(account.id).await?;
            if let Some(next) = message.into_iter().chain(change).min() {
                let wait = u64::try_from(next.0 - self.now().await?.0).unwrap_or_default();
                pause = pause.min(Duration::from_millis(wait).max(SHORTEST));
            }
        }
        Ok(pause)
    }
}
