//! A mailbox that has been silent for unusually long is proved on the spot.

use mailroom_model::{Coded as _, HOUR_MS, UnixMillis};
use mailroom_store::{AccountRow, JournalKind, Traffic};
use tokio_util::sync::CancellationToken;

use super::order::{Kept, chosen};
use crate::budget::Purpose;
use crate::silence::{HISTORY_HOURS, Silence, is_due, unusual};
use crate::{Engine, EngineError};

/// A shorter silence is never unusual.
const SHORTEST_MS: i64 = 2 * HOUR_MS;

impl Engine {
    /// Whether the account is silent for unusually long, from what is kept of its messages.
    pub(crate) async fn silence_of(
        &self,
        account: &AccountRow,
        now: UnixMillis,
    ) -> Result<Option<Silence>, EngineError> {
        let store = self.store().await?;
        let last = store.last_arrival(account.id).await?;
        let Some(last) = last.filter(|last| now.0.saturating_sub(last.0) >= SHORTEST_MS) else {
            return Ok(None);
        };
        let since = UnixMillis(now.0.saturating_sub(HISTORY_HOURS * HOUR_MS));
        let arrivals = store.arrivals(account.id, since).await?;
        Ok(unusual(&arrivals, last, now))
    }

    /// After a look that brought nothing: where that is unusual, a fresh connection shows whether the mailbox is quiet or
    /// something is broken. Returns true when the server has mail that the look did not see.
    pub(super) async fn mind_silence(&self, account: &AccountRow, cancel: &CancellationToken) -> bool {
        tokio::select! {
            () = cancel.cancelled() => false,
            // Boxed: it is seldom needed.
            looked = Box::pin(self.look_into_silence(account)) => looked.unwrap_or_else(|error| {
                tracing::debug!(code = %error.code(), "a silent mailbox could not be looked into");
                false
            }),
        }
    }

    async fn look_into_silence(&self, account: &AccountRow) -> Result<bool, EngineError> {
        let now = self.now().await?;
        let Some(silence) = self.silence_of(account, now).await? else {
            return Ok(false);
        };
        let traffic = self.store().await?.traffic();
        let check = traffic.get(account.id, Traffic::Check).await?;
        let failed_at = check
            .as_ref()
            .and_then(|row| row.last_error.as_ref())
            .map(|error| error.at);
        let looked_at = check.and_then(|row| row.worked_at).max(failed_at);
        if !is_due(&silence, looked_at, now) {
            return Ok(false);
        }
        match self.has_more_than_is_here(account).await {
            Ok(has_more) => {
                self.note_worked(account, Traffic::Check, None).await?;
                if !has_more {
                    let hours = u64::try_from(now.0.saturating_sub(silence.since.0) / HOUR_MS).unwrap_or(0);
                    self.note_journal(account.id, JournalKind::Quiet, &[("hours", hours.into())], None)
                        .await;
                }
                Ok(has_more)
            }
            Err(error @ (EngineError::Store(_) | EngineError::Cancelled)) => Err(error),
            Err(error) => {
                // The look that follows finds out by itself, and tells.
                let kept = self.judged(account, Traffic::Check, &error).await?;
                self.note_failed(account, Traffic::Check, &kept).await?;
                Ok(true)
            }
        }
    }

    /// Asks over a fresh connection whether the folder that is listened to has messages that are not here.
    async fn has_more_than_is_here(&self, account: &AccountRow) -> Result<bool, EngineError> {
        let pusher = self.pushers.of(account.id);
        // The one that was kept may be what is broken, and its place among the connections is needed.
        pusher.drop_line();
        let mut session = self.open_imap(account, Purpose::Work).await?;
        let folders = self.store().await?.folders().list(account.id).await?;
        let folder = chosen(&folders, Kept::by(account)).into_iter().next();
        let mut has_more = false;
        if let Some(folder) = folder {
            let told = session.folder_status(&folder.seen.wire_name).await?;
            has_more = folder
                .cursor
                .as_ref()
                .is_some_and(|here| told.uid_validity != here.uid_validity || told.uid_next > here.uid_next);
        }
        pusher.put_back(session).await;
        Ok(has_more)
    }
}
