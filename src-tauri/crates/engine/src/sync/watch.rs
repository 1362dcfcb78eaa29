//! Staying up to date: the server announces, or is asked again from time to time.

use std::time::Duration;

use futures::StreamExt;
use futures::stream::FuturesUnordered;
use mailroom_connect::Quirk;
use mailroom_model::{EmailAddress, FolderRole, UnixMillis};
use mailroom_protocol::imap::{IdleEnd, ImapSession};
use mailroom_store::{AccountRow, Traffic};
use tokio_util::sync::CancellationToken;

use crate::event::Event;
use crate::schedule::backoff;
use crate::{Engine, EngineError};

/// How long one IDLE may last: networks forget silent connections after ten minutes or so, RFC 2177 allows 29.
const IDLE_LIMIT: Duration = Duration::from_mins(9);
/// How often a server without push is asked, and folders other than the inbox with one.
const POLL: Duration = Duration::from_mins(5);

impl Engine {
    /// Keeps one account or all up to date until cancelled. Failures are told as events and tried again with growing
    /// pauses.
    pub async fn watch(
        &self,
        address: Option<&EmailAddress>,
        cancel: &CancellationToken,
    ) -> Result<(), EngineError> {
        let accounts = self.accounts(address).await?;
        let mut watches: FuturesUnordered<_> = accounts
            .iter()
            .map(|account| self.watch_account(account, cancel))
            .collect();
        while watches.next().await.is_some() {}
        Ok(())
    }

    async fn watch_account(&self, account: &AccountRow, cancel: &CancellationToken) {
        let mut failures = 0_u32;
        while !cancel.is_cancelled() {
            let outcome = self.sync_account(account, cancel).await;
            let rested = match outcome.fault {
                None => self.rest(account, cancel).await,
                Some(_) => Err(()),
            };
            let pause = if let Ok(pause) = rested {
                failures = 0;
                pause
            } else {
                failures += 1;
                self.pause_after(failures).await
            };
            tokio::select! {
                () = cancel.cancelled() => return,
                () = tokio::time::sleep(pause) => {}
            }
        }
    }

    async fn pause_after(&self, failures: u32) -> Duration {
        let jitter = self.random::<1>().await.map_or(0, |[byte]| byte);
        let until = backoff(failures, UnixMillis(0), jitter);
        Duration::from_millis(u64::try_from(until.0).unwrap_or(0))
    }

    /// Waits until there is a reason to look again. Returns the pause that remains: none after push.
    async fn rest(&self, account: &AccountRow, cancel: &CancellationToken) -> Result<Duration, ()> {
        let address = account.address.to_string();
        let pushes = !self
            .quirks(account)
            .await
            .map_err(drop)?
            .contains(&Quirk::IdleUnreliable);
        let session = if pushes {
            self.idle_session(account).await.map_err(drop)?
        } else {
            None
        };
        self.tell(Event::WatchRested {
            address,
            push: session.is_some(),
        });
        let Some(mut session) = session else {
            return Ok(POLL);
        };
        let end = session.idle(IDLE_LIMIT.min(POLL), cancel.cancelled()).await;
        match end {
            Ok(IdleEnd::Changed) => {
                if let (Ok(store), Ok(now)) = (self.store().await, self.now().await) {
                    store
                        .accounts()
                        .touch_success(account.id, Traffic::Push, now)
                        .await
                        .map_err(drop)?;
                }
            }
            Ok(IdleEnd::TimedOut | IdleEnd::Stopped) => {}
            Err(_) => return Err(()),
        }
        session.logout().await;
        Ok(Duration::ZERO)
    }

    /// A session with the inbox open, when the server can announce by itself.
    async fn idle_session(&self, account: &AccountRow) -> Result<Option<ImapSession>, EngineError> {
        let mut session = self.open_imap(account).await?;
        if !session.capabilities().has("IDLE") {
            session.logout().await;
            return Ok(None);
        }
        let folders = self.store().await?.folders().list(account.id).await?;
        let inbox = folders
            .iter()
            .find(|folder| folder.seen.role == Some(FolderRole::Inbox));
        let Some(inbox) = inbox else { return Ok(None) };
        session.select(&inbox.seen.wire_name, None).await?;
        Ok(Some(session))
    }
}
