//! Changes on their way to the servers while nobody waits for them: one task for each account that has some, owned by the
//! engine and ended with it.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures::FutureExt as _;
use mailroom_model::{AccountId, AccountState, Coded as _, EmailAddress};
use mailroom_store::{AccountRow, Traffic};
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::budget::Purpose;
use crate::connection::Connection;
use crate::operations::turn_name;
use crate::schedule::backoff;
use crate::sync::LIFETIME;
use crate::turn::Turn;
use crate::{Engine, EngineError};

/// How long somebody who waits for a change waits for whoever works on the account: that one carries it out as well, only
/// later.
const TURN_PATIENCE: Duration = Duration::from_secs(3);
/// How long a connection is kept for the next change: a person who sorts mail makes many.
const LINGER: Duration = Duration::from_secs(8);
/// Nothing waits longer than this for another attempt.
const LONGEST_REST: Duration = Duration::from_mins(5);
/// How long the end of the program waits for a change that is just being made.
const LAST_PATIENCE: Duration = Duration::from_secs(2);
/// How long a goodbye may take when the program ends.
const GOODBYE: Duration = Duration::from_millis(500);
/// How long a kept connection may take to show that it lives. One that died while the machine slept says nothing at all.
pub(crate) const SIGN_OF_LIFE: Duration = Duration::from_secs(5);
/// The same while somebody waits: another connection takes less than the rest.
const QUICK_SIGN_OF_LIFE: Duration = Duration::from_secs(2);

/// The pushers of every account.
#[derive(Debug, Default)]
pub(crate) struct Pushers {
    tasks: TaskTracker,
    /// No further round begins.
    closing: CancellationToken,
    /// What runs is given up.
    ending: CancellationToken,
    accounts: Mutex<HashMap<AccountId, Arc<Pusher>>>,
}

/// One account's.
#[derive(Default)]
pub(crate) struct Pusher {
    /// A connection that is kept for the next change or look. Whoever has the account's turn takes it out.
    line: Mutex<Option<Connection>>,
    /// Watches that want it kept.
    watches: AtomicUsize,
    wake: Notify,
    runs: AtomicBool,
    carries: AtomicBool,
}

impl std::fmt::Debug for Pusher {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Pusher").finish_non_exhaustive()
    }
}

impl Pusher {
    fn take_line(&self) -> Option<Connection> {
        self.line.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    /// Keeps a connection for the next change; gives back the one that was kept.
    pub(crate) fn keep_line(&self, session: Connection) -> Option<Connection> {
        self.line
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .replace(session)
    }

    /// From now on a connection stays for the next look, until this is dropped.
    pub(crate) fn stay(&self) -> Staying<'_> {
        self.watches.fetch_add(1, Ordering::SeqCst);
        Staying(self)
    }

    /// Keeps a connection after a look where the account is watched; else ends it.
    pub(crate) async fn put_back(&self, session: Connection) {
        let superfluous = if self.watches.load(Ordering::SeqCst) > 0 {
            self.keep_line(session)
        } else {
            Some(session)
        };
        if let Some(session) = superfluous {
            session.logout().await;
        }
    }

    /// Ends the kept connection, unless a watch wants it.
    async fn let_go(&self) {
        if self.watches.load(Ordering::SeqCst) == 0 {
            self.hang_up().await;
        }
    }

    /// Lets the kept connection go without a word: nobody may be at its other end any more.
    pub(crate) fn drop_line(&self) {
        drop(self.take_line());
    }

    /// Ends the kept connection.
    pub(crate) async fn hang_up(&self) {
        if let Some(session) = self.take_line() {
            session.logout().await;
        }
    }
}

/// A watch that wants a connection kept, as long as it lives.
pub(crate) struct Staying<'a>(&'a Pusher);

impl Drop for Staying<'_> {
    fn drop(&mut self) {
        self.0.watches.fetch_sub(1, Ordering::SeqCst);
    }
}

/// Marks that the account's own task carries changes, as long as it lives.
struct Carrying<'a>(&'a AtomicBool);

impl<'a> Carrying<'a> {
    fn begin(flag: &'a AtomicBool) -> Self {
        flag.store(true, Ordering::SeqCst);
        Self(flag)
    }
}

impl Drop for Carrying<'_> {
    fn drop(&mut self) {
        self.0.store(false, Ordering::SeqCst);
    }
}

impl Pushers {
    pub(crate) fn of(&self, account: AccountId) -> Arc<Pusher> {
        let mut accounts = self.accounts.lock().unwrap_or_else(PoisonError::into_inner);
        accounts.entry(account).or_default().clone()
    }

    /// A kept connection to the server, of whichever account: its owner opens another one when it needs one.
    pub(crate) fn idle_line(&self, host: &str) -> Option<Connection> {
        let accounts = self.accounts.lock().unwrap_or_else(PoisonError::into_inner);
        accounts.values().find_map(|pusher| {
            let mut line = pusher.line.lock().unwrap_or_else(PoisonError::into_inner);
            line.take_if(|line| line.endpoint().host.eq_ignore_ascii_case(host))
        })
    }

    /// Lets what is just being made come to its end, for a moment, and ends the rest.
    pub(crate) async fn close(&self) {
        self.closing.cancel();
        self.tasks.close();
        if tokio::time::timeout(LAST_PATIENCE, self.tasks.wait())
            .await
            .is_err()
        {
            self.ending.cancel();
            self.tasks.wait().await;
        }
    }
}

/// What a round left to do.
enum Left {
    /// Nothing waits.
    Nothing,
    /// Something is due after this.
    Until(Duration),
}

impl Engine {
    /// Carries the account's waiting changes to its server as soon as it can be reached; returns at once. Changes that are
    /// made meanwhile go with them.
    pub(crate) fn push_soon(self: &Arc<Self>, account: AccountId) {
        let pushers = &self.pushers;
        if pushers.closing.is_cancelled() {
            return;
        }
        let pusher = pushers.of(account);
        pusher.wake.notify_one();
        if !pusher.runs.swap(true, Ordering::SeqCst) {
            // Boxed: the future holds the work on a mailbox and is large.
            let task = Box::pin(Arc::clone(self).push_until_done(account, pusher));
            pushers.tasks.spawn(task);
        }
    }

    async fn push_until_done(self: Arc<Self>, id: AccountId, pusher: Arc<Pusher>) {
        let (closing, ending) = (&self.pushers.closing, &self.pushers.ending);
        let mut failures = 0;
        loop {
            // What woke this round is in the store already: it asks for no second one.
            let _ = pusher.wake.notified().now_or_never();
            let left = tokio::select! {
                biased;
                () = ending.cancelled() => break,
                left = self.push_round(id, &pusher, &mut failures) => left,
            };
            let rest = match left {
                Left::Nothing => LINGER,
                Left::Until(rest) => rest,
            };
            tokio::select! {
                biased;
                () = closing.cancelled() => break,
                () = pusher.wake.notified() => continue,
                () = tokio::time::sleep(rest) => {}
            }
            if let Left::Nothing = left {
                pusher.let_go().await;
                pusher.runs.store(false, Ordering::SeqCst);
                // A change may have come between the end of the rest and this line.
                let is_woken = pusher.wake.notified().now_or_never().is_some();
                if !is_woken || pusher.runs.swap(true, Ordering::SeqCst) {
                    return;
                }
            }
        }
        drop(tokio::time::timeout(GOODBYE, pusher.hang_up()).await);
    }

    async fn push_round(&self, id: AccountId, pusher: &Pusher, failures: &mut u32) -> Left {
        match self.push_what_is_due(id, pusher).await {
            Ok(left) => {
                *failures = 0;
                left
            }
            // Whoever signs in again looks at the whole account, changes included.
            Err(error) if error.needs_sign_in() => Left::Nothing,
            Err(error) => {
                tracing::debug!(code = %error.code(), "changes wait for the server");
                *failures = failures.saturating_add(1);
                let now = self.now().await.unwrap_or_default();
                let jitter = self.random::<1>().await.map_or(0, |[byte]| byte);
                let wait = backoff(*failures, now, jitter).0.saturating_sub(now.0);
                Left::Until(Duration::from_millis(wait.unsigned_abs()).min(LONGEST_REST))
            }
        }
    }

    async fn push_what_is_due(&self, id: AccountId, pusher: &Pusher) -> Result<Left, EngineError> {
        let store = self.store().await?;
        loop {
            let Some(account) = store.accounts().get(id).await? else {
                return Ok(Left::Nothing);
            };
            refuse_unsigned(&account)?;
            let Some(next) = store.operations().next_at(id).await? else {
                return Ok(Left::Nothing);
            };
            let wait = next.0.saturating_sub(self.now().await?.0);
            if wait > 0 {
                let rest = Duration::from_millis(wait.unsigned_abs()).min(LONGEST_REST);
                return Ok(Left::Until(rest));
            }
            // Whoever has the turn may carry the changes; then there is nothing left to do.
            let _turn = self.take_turn(&turn_name(id)).await?;
            if self.has_due_changes(&account).await? {
                self.carry_over(&account, pusher, &mut 0).await?;
            }
        }
    }

    /// Carries what is due over the kept connection or a new one. Whoever calls has the account's turn.
    pub(crate) async fn carry_over(
        &self,
        account: &AccountRow,
        pusher: &Pusher,
        done: &mut u64,
    ) -> Result<(), EngineError> {
        let mut session = match self.line(account, pusher, Purpose::Work).await {
            Ok(session) => session,
            Err(error) => {
                // Boxed: whoever waits for a change would be larger by it.
                Box::pin(self.note_trouble(account, Traffic::Flags, &error)).await?;
                return Err(error);
            }
        };
        // Not before there is a connection: whoever waits for the end of this may hold the one that it waits for.
        let _carrying = Carrying::begin(&pusher.carries);
        self.replay(account, &mut session, done).await?;
        if let Some(older) = pusher.keep_line(session) {
            older.logout().await;
        }
        Ok(())
    }

    /// A connection: the kept one if it still lives and is not too old, else a new one.
    pub(crate) async fn line(
        &self,
        account: &AccountRow,
        pusher: &Pusher,
        purpose: Purpose,
    ) -> Result<Connection, EngineError> {
        let patience = match purpose {
            Purpose::Person => QUICK_SIGN_OF_LIFE,
            Purpose::Work | Purpose::Listening => SIGN_OF_LIFE,
        };
        if let Some(mut session) = self.kept_line(pusher).await?
            && matches!(tokio::time::timeout(patience, session.noop()).await, Ok(Ok(_)))
        {
            return Ok(session);
        }
        self.open_imap(account, purpose).await
    }

    /// The kept connection if it is not too old. It may have died: whoever takes it finds out within [`SIGN_OF_LIFE`].
    pub(crate) async fn kept_line(&self, pusher: &Pusher) -> Result<Option<Connection>, EngineError> {
        let now = self.now().await?;
        Ok(pusher
            .take_line()
            .filter(|session| !session.left(LIFETIME, now).is_zero()))
    }

    /// The account's turn, unless somebody else keeps it for long. A push of this program is waited for.
    pub(crate) async fn turn_beside(
        &self,
        account: AccountId,
        pusher: &Pusher,
    ) -> Result<Option<Turn>, EngineError> {
        let name = turn_name(account);
        loop {
            match tokio::time::timeout(TURN_PATIENCE, self.take_turn(&name)).await {
                Ok(turn) => return turn.map(Some),
                Err(_) if pusher.carries.load(Ordering::SeqCst) => {}
                Err(_) => return Ok(None),
            }
        }
    }

    /// Carries waiting changes of the accounts to their servers now, also those that were put off, and waits for it. What
    /// cannot be carried waits for the next look. An account that fails does not stop the others; the first error is the
    /// result.
    pub async fn push_changes(&self, address: Option<&EmailAddress>) -> Result<u64, EngineError> {
        let mut done = 0;
        let mut result = Ok(());
        for account in self.accounts(address).await? {
            result = result.and(self.push_account(&account, &mut done).await);
        }
        result.map(|()| done)
    }

    async fn push_account(&self, account: &AccountRow, done: &mut u64) -> Result<(), EngineError> {
        let operations = self.store().await?.operations();
        if operations.next_at(account.id).await?.is_some() {
            operations.hasten(account.id, self.now().await?).await?;
        }
        self.push_due(account, done).await
    }

    /// Carries what is due of an account to its server now, and waits for it; `done` grows by how many changes it took. What
    /// was put off stays put off.
    pub(crate) async fn push_due(&self, account: &AccountRow, done: &mut u64) -> Result<(), EngineError> {
        let pusher = self.pushers.of(account.id);
        if self.has_due_changes(account).await? {
            refuse_unsigned(account)?;
            let Some(_turn) = self.turn_beside(account.id, &pusher).await? else {
                return Ok(());
            };
            if self.has_due_changes(account).await? {
                self.carry_over(account, &pusher, done).await?;
            }
        }
        // Whoever waits has nothing more to say for now.
        pusher.let_go().await;
        Ok(())
    }

    /// True when a change waits that can be tried now.
    pub(crate) async fn has_due_changes(&self, account: &AccountRow) -> Result<bool, EngineError> {
        let operations = self.store().await?.operations();
        let next = operations.next_at(account.id).await?;
        let now = self.now().await?;
        Ok(next.is_some_and(|next| next <= now))
    }
}

/// Every change that a person makes, and every draft that is kept, comes here: each refused sign-in brings the account nearer
/// to being locked, so what was refused is not shown again.
pub(crate) fn refuse_unsigned(account: &AccountRow) -> Result<(), EngineError> {
    if account.state == AccountState::SignInNeeded {
        return Err(EngineError::SignInNeeded {
            address: account.address.to_string(),
        });
    }
    Ok(())
}
