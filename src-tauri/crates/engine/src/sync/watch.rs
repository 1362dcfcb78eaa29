//! Staying up to date: the server announces, or is asked again from time to time.

use std::collections::HashMap;
use std::time::Duration;

use futures::future::{Fuse, FusedFuture as _};
use futures::stream::FuturesUnordered;
use futures::{FutureExt as _, StreamExt as _};
use mailroom_model::{
    AccountId, AccountState, Coded as _, EmailAddress, ErrorCode, FolderSelection, Period, UnixMillis,
    WorkingAccount,
};
use mailroom_store::{AccountRow, Traffic};
use tokio_util::sync::CancellationToken;

use super::listen::Ear;
use super::pace::{BETWEEN_LOOKS, LONGEST_WAIT, POLL, Pace, WARM, rest_limit};
use crate::approval::rests_signed_out;
use crate::event::{Event, Rest};
use crate::network::Changes;
use crate::preferences::{Preferences, is_sender};
use crate::{Engine, EngineError, SyncOutcome};

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
        let mut finishing = Box::pin(self.keep_finishing_looks(cancel).fuse());
        let mut network = Box::pin(self.keep_watching_network(address, cancel).fuse());
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
                () = &mut finishing => {}
                () = &mut network => {}
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

    /// Looks at an account in its rhythm, and listens to its server in between and meanwhile, each over a connection that
    /// stays.
    async fn watch_account(&self, id: AccountId, cancel: CancellationToken) -> AccountId {
        let _watched = self.patience.watch(id);
        let (ear, listening) = (self.looks.hear(id), cancel.child_token());
        let pusher = self.pushers.of(id);
        let stays = pusher.stay();
        let looking = async {
            self.keep_looking(id, &ear, &cancel).await;
            listening.cancel();
        };
        // Boxed: both hold the work of a whole folder and are large.
        tokio::join!(
            Box::pin(looking),
            Box::pin(self.keep_listening(id, &ear, &listening))
        );
        drop(stays);
        pusher.hang_up().await;
        id
    }

    async fn keep_looking(&self, id: AccountId, ear: &Ear, cancel: &CancellationToken) {
        let mut pace = Pace::default();
        let mut changes = self.weather.listen();
        while !cancel.is_cancelled() {
            // Period, folders and servers may have been changed since the last round.
            let account = match self.account_by_id(id).await {
                Ok(Some(account)) => account,
                Ok(None) => return,
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
            if rests_signed_out(&account) {
                self.tell_rest(&account, Rest::Manual);
                self.until_signed_in(id, cancel).await;
                continue;
            }
            ear.begin_look();
            let Some(outcome) = self.look_until_change(&account, &mut changes, cancel).await else {
                ear.end_look();
                pace.worked();
                continue;
            };
            if cancel.is_cancelled() {
                return;
            }
            match outcome.fault {
                None => {
                    pace.worked();
                    ear.look_worked(true);
                    if self.mind_silence(&account, cancel).await {
                        continue;
                    }
                    self.rest(&account, ear, &mut changes, cancel).await;
                }
                // The person gave this look up; the next one comes in its time.
                Some(fault) if fault.code == ErrorCode::Cancelled => {
                    ear.end_look();
                    sleep(POLL, cancel).await;
                }
                Some(_) => {
                    ear.end_look();
                    ear.look_worked(false);
                    let pause = pace.failed(self.jitter().await);
                    if self.needs_person(id).await {
                        self.until_signed_in(id, cancel).await;
                        continue;
                    }
                    self.note_retry(&account, pause).await;
                    tokio::select! {
                        () = sleep(pause, cancel) => {}
                        () = changes.changed() => pace.worked(),
                    }
                }
            }
        }
    }

    /// One look. `None` when the network changed meanwhile: what the look waits for may come no more.
    async fn look_until_change(
        &self,
        account: &AccountRow,
        changes: &mut Changes,
        cancel: &CancellationToken,
    ) -> Option<SyncOutcome> {
        let wanted = cancel.child_token();
        // Boxed: it holds the work of every folder and is large.
        let mut look = Box::pin(self.sync_account(account, &wanted));
        tokio::select! {
            biased;
            outcome = &mut look => Some(outcome),
            () = changes.changed() => {
                wanted.cancel();
                look.await;
                self.pushers.of(account.id).drop_line();
                None
            }
        }
    }

    /// Keeps when the account is looked at again after a failure.
    async fn note_retry(&self, account: &AccountRow, pause: Duration) {
        let note = async {
            let pause = i64::try_from(pause.as_millis()).unwrap_or(i64::MAX);
            let at = UnixMillis(self.now().await?.0.saturating_add(pause));
            let traffic = self.store().await?.traffic();
            Ok::<_, EngineError>(traffic.set_retry(account.id, Traffic::Receive, at).await?)
        };
        match note.await {
            Ok(()) => self.tell_changed(&account.address),
            Err(error) => {
                tracing::debug!(code = %error.code(), "when the account is tried again could not be kept");
            }
        }
    }

    /// Waits until it is time for the next look, or something calls for one.
    async fn rest(&self, account: &AccountRow, ear: &Ear, changes: &mut Changes, cancel: &CancellationToken) {
        // What ends the rest was found out while the look was under way; or it is told when it is.
        if let Some(rest) = ear.end_look() {
            self.tell_rest(account, rest);
        }
        let limit = self.limit(account).await.unwrap_or(POLL).min(LONGEST_WAIT);
        let soonest = tokio::time::sleep(BETWEEN_LOOKS);
        if limit > WARM {
            self.pushers.of(account.id).hang_up().await;
        }
        tokio::select! {
            () = cancel.cancelled() => {}
            () = tokio::time::sleep(limit) => {}
            () = changes.changed() => self.pushers.of(account.id).drop_line(),
            () = async {
                ear.look_is_wanted().await;
                soonest.await;
            } => {}
        }
    }

    pub(super) fn tell_rest(&self, account: &AccountRow, rest: Rest) {
        self.tell(Event::WatchRested {
            address: account.address.to_string(),
            rest,
        });
    }

    /// The account is not looked at by itself. What the person sends or changes is carried all the same
    /// ([`Engine::keep_sending`]).
    async fn rest_by_hand(&self, account: &AccountRow, cancel: &CancellationToken) {
        self.tell_rest(account, Rest::Manual);
        sleep(LONGEST_WAIT, cancel).await;
    }

    pub(super) async fn account_by_id(&self, id: AccountId) -> Result<Option<AccountRow>, EngineError> {
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

    pub(super) async fn jitter(&self) -> u8 {
        self.random::<1>().await.map_or(0, |[byte]| byte)
    }

    /// How long the account may rest: until a message or a change that failed is tried again.
    pub(super) async fn limit(&self, account: &AccountRow) -> Result<Duration, EngineError> {
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
}

pub(super) async fn sleep(pause: Duration, cancel: &CancellationToken) {
    tokio::select! {
        () = cancel.cancelled() => {}
        () = tokio::time::sleep(pause) => {}
    }
}
