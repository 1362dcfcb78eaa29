//! Staying up to date: the server announces, or is asked again from time to time.

use std::collections::HashMap;
use std::time::Duration;

use futures::future::{Fuse, FusedFuture as _};
use futures::stream::FuturesUnordered;
use futures::{FutureExt as _, StreamExt as _};
use mailroom_connect::Quirk;
use mailroom_model::{
    AccountId, AccountState, Coded as _, EmailAddress, ErrorCode, FolderId, FolderSelection, Period,
    WorkingAccount,
};
use mailroom_protocol::imap::{IdleEnd, ImapSession};
use mailroom_store::{AccountRow, Traffic};
use tokio_util::sync::CancellationToken;

use super::order::{Kept, chosen};
use super::pace::{LONGEST_WAIT, POLL, Pace, Woken, pause_after_wait, rest_limit};
use super::until_written;
use crate::event::{Event, Rest};
use crate::operations::turn_name;
use crate::preferences::{Preferences, is_sender};
use crate::{Engine, EngineError, FolderOutcome, SyncOutcome};

/// The pause before the accounts are listed again after they could not be.
const LIST_AGAIN: Duration = Duration::from_secs(5);
/// Looks at the row of an account that has to be signed in, before its server is asked again all the same: a refusal may
/// have been the server's mistake, but every wrong password brings an account nearer to being locked.
const SIGN_IN_ROUNDS: u32 = 12;

/// What a watch works by. When it changes, the watch begins anew.
#[derive(Debug, PartialEq)]
struct Terms {
    working: Option<WorkingAccount>,
    period: Period,
    folders: FolderSelection,
    automatic: bool,
    interval: Duration,
    push: bool,
}

impl Terms {
    fn of(account: &AccountRow) -> Self {
        let preferences = Preferences::of(account);
        Self {
            working: account.working.clone(),
            period: account.period,
            folders: account.folders.clone(),
            automatic: preferences.is_watched(),
            interval: preferences.interval(),
            push: preferences.push,
        }
    }
}

/// A session that waits for announcements.
enum Waiting {
    /// The folder is open, and stands where the last look left it.
    Ready(Box<ImapSession>, FolderId),
    /// The server has moved on since the last look.
    Behind,
    /// This server does not announce.
    Never,
}

impl Engine {
    /// Keeps one account or all up to date until cancelled, or until none is left. Accounts that are added while it runs
    /// are watched as well, one that is removed is let go, and one whose servers or settings change begins anew.
    /// Failures are told as events and tried again with growing pauses. What waits to be sent goes out when its time comes.
    pub async fn watch(
        &self,
        address: Option<&EmailAddress>,
        cancel: &CancellationToken,
    ) -> Result<(), EngineError> {
        let mut events = self.subscribe();
        // A database that cannot be opened ends this; one that cannot be read at some later moment does not.
        self.store().await?;
        // Before anything is sent, and while nothing else goes on: what an earlier program left is told first.
        if let Err(error) = self.meet_outbox(address).await {
            tracing::warn!(code = %error.code(), "what was left in the outbox could not be looked at");
        }
        let mut watched: HashMap<AccountId, (Terms, CancellationToken)> = HashMap::new();
        let mut watches = FuturesUnordered::new();
        // Boxed: it holds the work of every account and is large.
        let mut sending = Box::pin(self.keep_sending(address, cancel).fuse());
        let mut indexing = Box::pin(self.keep_indexing(cancel).fuse());
        let listing = Fuse::terminated();
        tokio::pin!(listing);
        let (mut is_stale, mut is_first) = (true, true);
        let mut pause = Duration::ZERO;
        // Nothing is waited for but in this one place, where everything goes on: a watch that stood still meanwhile could
        // hold the connection to the database that is waited for.
        loop {
            if is_stale && listing.is_terminated() {
                is_stale = false;
                listing.set(self.accounts_after(pause, address, cancel).fuse());
            }
            if watches.is_empty() && listing.is_terminated() {
                break;
            }
            tokio::select! {
                listed = &mut listing => {
                    pause = Duration::ZERO;
                    let accounts = match listed {
                        Ok(accounts) => accounts,
                        Err(error @ EngineError::AccountMissing { .. }) if is_first => return Err(error),
                        // A named account that is gone ends its own watch.
                        Err(EngineError::AccountMissing { .. }) => Vec::new(),
                        Err(error) => {
                            // What runs goes on, above all a message that is on its way.
                            tracing::warn!(code = %error.code(), "accounts cannot be listed");
                            pause = LIST_AGAIN;
                            is_stale = !cancel.is_cancelled();
                            continue;
                        }
                    };
                    is_first = false;
                    for (id, (terms, watch)) in &watched {
                        // Removed, or wanted otherwise: whatever it waits for, nobody wants it any more.
                        let goes_on = |account: &AccountRow| account.id == *id && Terms::of(account) == *terms;
                        if !accounts.iter().any(goes_on) {
                            watch.cancel();
                        }
                    }
                    for account in accounts.iter().filter(|_| !cancel.is_cancelled()) {
                        watched.entry(account.id).or_insert_with(|| {
                            let watch = cancel.child_token();
                            watches.push(self.watch_account(account.id, watch.clone()));
                            (Terms::of(account), watch)
                        });
                    }
                }
                Some(id) = watches.next() => {
                    watched.remove(&id);
                    // It may have to begin anew on other terms.
                    is_stale |= !cancel.is_cancelled();
                }
                () = &mut sending => {}
                () = &mut indexing => {}
                event = events.next() => {
                    let is_change = matches!(event.as_deref(), Some(Event::AccountChanged { .. }));
                    is_stale |= is_change && !cancel.is_cancelled();
                }
            }
        }
        if cancel.is_cancelled() && !sending.is_terminated() {
            // A message that is on its way is not cut off.
            sending.await;
        }
        Ok(())
    }

    async fn accounts_after(
        &self,
        pause: Duration,
        address: Option<&EmailAddress>,
        cancel: &CancellationToken,
    ) -> Result<Vec<AccountRow>, EngineError> {
        sleep(pause, cancel).await;
        self.accounts(address).await
    }

    async fn watch_account(&self, id: AccountId, cancel: CancellationToken) -> AccountId {
        let cancel = &cancel;
        let _watched = self.patience.watch(id);
        let mut pace = Pace::default();
        let mut woken = Woken::Otherwise;
        while !cancel.is_cancelled() {
            // Period, folders and servers may have been changed since the last round.
            let account = match self.account_by_id(id).await {
                Ok(Some(account)) => account,
                Ok(None) => return id,
                Err(error) => {
                    tracing::warn!(code = %error.code(), "the account cannot be read");
                    sleep(pace.failed(self.jitter().await), cancel).await;
                    continue;
                }
            };
            if !Preferences::of(&account).is_watched() {
                self.rest_by_hand(&account, cancel).await;
                continue;
            }
            let outcome = self.sync_account(&account, cancel).await;
            if cancel.is_cancelled() {
                break;
            }
            if outcome
                .fault
                .as_ref()
                .is_some_and(|fault| fault.code == ErrorCode::Cancelled)
            {
                // The person gave this look up; the next one comes in its time.
                sleep(POLL, cancel).await;
                continue;
            }
            if outcome.fault.is_some() {
                let pause = pace.failed(self.jitter().await);
                if self.needs_person(id).await {
                    self.until_signed_in(id, cancel).await;
                } else {
                    sleep(pause, cancel).await;
                }
                woken = Woken::Otherwise;
                continue;
            }
            let pause = pace.worked(woken, brought_anything(&outcome), self.jitter().await);
            sleep(pause, cancel).await;
            if cancel.is_cancelled() {
                break;
            }
            woken = self.rest(&account, &mut pace, cancel).await;
            if woken == Woken::GivenUp {
                // As after a look that was given up.
                sleep(POLL, cancel).await;
            }
        }
        id
    }

    /// The account is not looked at by itself. What the person sends or changes is carried all the same
    /// ([`Engine::keep_sending`]).
    async fn rest_by_hand(&self, account: &AccountRow, cancel: &CancellationToken) {
        self.tell(Event::WatchRested {
            address: account.address.to_string(),
            rest: Rest::Manual,
        });
        sleep(LONGEST_WAIT, cancel).await;
    }

    async fn account_by_id(&self, id: AccountId) -> Result<Option<AccountRow>, EngineError> {
        Ok(self.store().await?.accounts().get(id).await?)
    }

    async fn needs_person(&self, id: AccountId) -> bool {
        let account = self.account_by_id(id).await;
        matches!(account, Ok(Some(account)) if account.state == AccountState::SignInNeeded)
    }

    /// Waits until the person has signed in (in whichever program), or removed the account.
    async fn until_signed_in(&self, id: AccountId, cancel: &CancellationToken) {
        let mut events = self.subscribe();
        for _ in 0..SIGN_IN_ROUNDS {
            let round = tokio::time::sleep(POLL);
            tokio::pin!(round);
            loop {
                tokio::select! {
                    () = cancel.cancelled() => return,
                    () = &mut round => break,
                    event = events.next() => match event.as_deref() {
                        Some(Event::AccountChanged { .. }) => {}
                        _ => continue,
                    },
                }
                if !self.needs_person(id).await {
                    return;
                }
            }
            if !self.needs_person(id).await {
                return;
            }
        }
    }

    async fn jitter(&self) -> u8 {
        self.random::<1>().await.map_or(0, |[byte]| byte)
    }

    /// Waits until there is a reason to look again.
    async fn rest(&self, account: &AccountRow, pace: &mut Pace, cancel: &CancellationToken) -> Woken {
        match self.wait_for_reason(account, pace, cancel).await {
            Ok(woken) => woken,
            Err(error) => {
                // The look itself worked; what is lost is only to be told at once.
                tracing::debug!(code = %error.code(), "the server cannot be waited for");
                let limit = self.limit(account).await.unwrap_or(POLL);
                let pause = pace.lost_wait(limit, self.jitter().await);
                self.tell(Event::WatchRested {
                    address: account.address.to_string(),
                    rest: Rest::Poll,
                });
                sleep(pause, cancel).await;
                Woken::Otherwise
            }
        }
    }

    async fn wait_for_reason(
        &self,
        account: &AccountRow,
        pace: &mut Pace,
        cancel: &CancellationToken,
    ) -> Result<Woken, EngineError> {
        let waiting = self.waiting_session(account, pace).await?;
        let limit = self.limit(account).await?;
        let rested = |rest| Event::WatchRested {
            address: account.address.to_string(),
            rest,
        };
        let (mut session, folder) = match waiting {
            Waiting::Behind => return Ok(Woken::Otherwise),
            Waiting::Never => {
                self.tell(rested(Rest::Poll));
                sleep(limit, cancel).await;
                return Ok(Woken::Otherwise);
            }
            Waiting::Ready(session, folder) => (session, folder),
        };
        pace.waits();
        self.tell(rested(Rest::Push));
        let limit = limit.min(LONGEST_WAIT);
        let began = self.now().await?;
        let end = session.idle(limit, cancel.cancelled()).await?;
        let now = self.now().await?;
        let woken = match end {
            IdleEnd::Changed => {
                let accounts = self.store().await?.accounts();
                accounts.touch_success(account.id, Traffic::Push, now).await?;
                self.fetch_announced(account, folder, &mut session, cancel).await
            }
            _ => Woken::Otherwise,
        };
        if woken != Woken::GivenUp {
            session.logout().await;
        }
        match end {
            IdleEnd::Changed => Ok(woken),
            IdleEnd::Stopped => Ok(Woken::Otherwise),
            IdleEnd::TimedOut => {
                let lasted = Duration::from_millis(u64::try_from(now.0 - began.0).unwrap_or(0));
                sleep(pause_after_wait(lasted, limit), cancel).await;
                Ok(Woken::Otherwise)
            }
        }
    }

    /// Brings the folder that was announced up to date over the connection that heard it, before everything else is
    /// looked at over another: so a new message is there at once. A failure is the following look's to keep and tell.
    async fn fetch_announced(
        &self,
        account: &AccountRow,
        folder: FolderId,
        session: &mut ImapSession,
        cancel: &CancellationToken,
    ) -> Woken {
        let work = self.works.begin(&account.address, cancel);
        let cancel = work.cancel();
        let fetched = async {
            let _turn = self.take_turn(&turn_name(account.id)).await?;
            let Some(folder) = self.store().await?.folders().get(folder).await? else {
                return Ok(FolderOutcome::default());
            };
            self.update_folder(account, &folder, session, cancel, true).await
        };
        match until_written(cancel, fetched).await {
            Ok(outcome) if outcome.added + outcome.changed + outcome.removed > 0 => Woken::Fetched,
            Ok(_) => Woken::Announced,
            Err(EngineError::Cancelled) => Woken::GivenUp,
            Err(error) => {
                tracing::debug!(code = %error.code(), "what was announced was not fetched at once");
                Woken::Announced
            }
        }
    }

    /// How long the account may rest: until a message or a change that failed is tried again.
    async fn limit(&self, account: &AccountRow) -> Result<Duration, EngineError> {
        let store = self.store().await?;
        let message = store.outbox().next_at(account.id).await?;
        let message = message.filter(|_| is_sender(account));
        let change = store.operations().next_at(account.id).await?;
        let next = message.into_iter().chain(change).min();
        Ok(rest_limit(
            next,
            self.now().await?,
            Preferences::of(account).interval(),
        ))
    }

    /// A session with the inbox open, or with the first folder that is kept.
    async fn waiting_session(&self, account: &AccountRow, pace: &mut Pace) -> Result<Waiting, EngineError> {
        let quirks = self.quirks(account).await?;
        if quirks.contains(&Quirk::IdleUnreliable) || !Preferences::of(account).push {
            return Ok(Waiting::Never);
        }
        let mut session = self.open_imap(account).await?;
        let folders = self.store().await?.folders().list(account.id).await?;
        let folders = chosen(&folders, Kept::by(account));
        let (Some(folder), true) = (folders.first(), session.capabilities().has("IDLE")) else {
            session.logout().await;
            return Ok(Waiting::Never);
        };
        let selected = session.select(&folder.seen.wire_name, None).await?;
        if pace.is_behind(folder.cursor.as_ref(), &selected) {
            session.logout().await;
            return Ok(Waiting::Behind);
        }
        Ok(Waiting::Ready(Box::new(session), folder.id))
    }
}

fn brought_anything(outcome: &SyncOutcome) -> bool {
    outcome.operations > 0
        || outcome.sent > 0
        || outcome
            .folders
            .iter()
            .any(|folder| folder.added + folder.changed + folder.removed > 0)
}

async fn sleep(pause: Duration, cancel: &CancellationToken) {
    tokio::select! {
        () = cancel.cancelled() => {}
        () = tokio::time::sleep(pause) => {}
    }
}
