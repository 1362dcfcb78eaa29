//! Listening to an account's server: one connection stays, hears what is announced, fetches it, and listens on.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use mailroom_connect::Quirk;
use mailroom_model::{AccountId, Coded as _, FolderId};
use mailroom_protocol::imap::IdleEnd;
use mailroom_store::{AccountRow, Traffic};
use tokio::sync::{Notify, watch};
use tokio_util::sync::CancellationToken;

use super::folder::Stand;
use super::look::Hold;
use super::note::session_is_over;
use super::order::{Kept, chosen};
use super::pace::{LIFETIME, LONGEST_WAIT, POLL, Pace, pause_after_wait};
use super::watch::sleep;
use super::{Occasion, until_written};
use crate::budget::Purpose;
use crate::connection::Connection;
use crate::event::{Event, Rest};
use crate::network::Changes;
use crate::preferences::Preferences;
use crate::server_traits::ServerTraits;
use crate::{Engine, EngineError, FolderOutcome};

/// How long a wait may take to end when the network has changed: nobody may be at the other end any more.
const PARTING: Duration = Duration::from_secs(1);

/// What looking and listening know of each other.
#[derive(Debug, Default)]
pub(super) struct Ear {
    has_looked: watch::Sender<bool>,
    wants_look: Notify,
    is_looking: AtomicBool,
    rest: Mutex<Option<Rest>>,
}

impl Ear {
    /// A look begins: nothing that ends a rest is told before its end.
    pub(super) fn begin_look(&self) {
        self.is_looking.store(true, Ordering::SeqCst);
    }

    /// A look ended. Gives what ends the rest that follows; `None` while that is being found out.
    pub(super) fn end_look(&self) -> Option<Rest> {
        self.is_looking.store(false, Ordering::SeqCst);
        *self.rest.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A look worked, or at least brought the newest messages of the folder that is listened to. Nobody listens to a server
    /// at which the last look failed.
    pub(super) fn look_worked(&self, worked: bool) {
        self.has_looked.send_replace(worked);
    }

    /// Asks for a look, which may be under way already and then comes once more.
    fn want_look(&self) {
        self.wants_look.notify_one();
    }

    /// Waits until a look is asked for.
    pub(super) async fn look_is_wanted(&self) {
        self.wants_look.notified().await;
    }

    /// Keeps what ends a rest. True when it is to be told now: no look is under way.
    fn set_rest(&self, rest: Rest) -> bool {
        *self.rest.lock().unwrap_or_else(PoisonError::into_inner) = Some(rest);
        !self.is_looking.load(Ordering::SeqCst)
    }
}

/// Why listening ended.
enum End {
    /// This server does not announce, or nobody wants it to.
    Deaf,
    /// The watch ended, the connection was as old as one may be, or it is needed for something else.
    Over,
    /// The person gave up what was being fetched.
    GivenUp,
}

/// What a fetch of the announced folder brought.
struct Followed {
    outcome: FolderOutcome,
    /// The folder had moved on, whether that shows or not.
    has_moved: bool,
    /// A load of it was under way.
    is_beside: bool,
}

impl Engine {
    /// Listens as long as looks work, until cancelled.
    pub(super) async fn keep_listening(&self, id: AccountId, ear: &Ear, cancel: &CancellationToken) {
        let mut looked = ear.has_looked.subscribe();
        let mut changes = self.weather.listen();
        let mut pace = Pace::default();
        loop {
            tokio::select! {
                biased;
                () = cancel.cancelled() => return,
                worked = looked.wait_for(|worked| *worked) => if worked.is_err() { return },
            }
            let pause = match self.account_by_id(id).await {
                // Boxed: it holds the work on a folder and is large.
                Ok(Some(account)) => {
                    match Box::pin(self.listen_until_change(&account, ear, &mut pace, &mut changes, cancel))
                        .await
                    {
                        Ok(End::Over) => Duration::ZERO,
                        Ok(End::GivenUp) => POLL,
                        Ok(End::Deaf) => {
                            self.rest_by_poll(&account, ear);
                            return;
                        }
                        Err(error) => {
                            // Looks go on; what is lost is only to be told at once.
                            tracing::debug!(code = %error.code(), "the server cannot be listened to");
                            if error.needs_sign_in() {
                                // The look that follows tells the person; what was refused is not shown again before.
                                ear.look_worked(false);
                            }
                            ear.want_look();
                            self.note_deaf(&account, &error).await;
                            let limit = self.limit(&account).await.unwrap_or(POLL);
                            let pause = pace.lost(limit, self.jitter().await);
                            if !pause.is_zero() {
                                self.rest_by_poll(&account, ear);
                            }
                            pause
                        }
                    }
                }
                Ok(None) => return,
                Err(_) => POLL,
            };
            tokio::select! {
                () = sleep(pause, cancel) => {}
                () = changes.changed() => pace = Pace::default(),
            }
        }
    }

    /// Listens over one connection, which a change of the network ends: it may be dead, and a dead connection announces
    /// nothing.
    async fn listen_until_change(
        &self,
        account: &AccountRow,
        ear: &Ear,
        pace: &mut Pace,
        changes: &mut Changes,
        cancel: &CancellationToken,
    ) -> Result<End, EngineError> {
        let heard = cancel.child_token();
        // Boxed: it holds the work of a whole folder and is large.
        let mut listening = Box::pin(self.listen(account, ear, pace, &heard));
        tokio::select! {
            biased;
            end = &mut listening => end,
            () = changes.changed() => {
                heard.cancel();
                drop(tokio::time::timeout(PARTING, listening).await);
                Ok(End::Over)
            }
        }
    }

    /// Keeps that the server cannot be listened to.
    async fn note_deaf(&self, account: &AccountRow, error: &EngineError) {
        if let Err(error) = self.note_trouble(account, Traffic::Push, error).await {
            tracing::debug!(code = %error.code(), "how the push went could not be kept");
        }
    }

    fn rest_by_poll(&self, account: &AccountRow, ear: &Ear) {
        if ear.set_rest(Rest::Poll) {
            self.tell_rest(account, Rest::Poll);
        }
    }

    /// Listens over one connection.
    async fn listen(
        &self,
        account: &AccountRow,
        ear: &Ear,
        pace: &mut Pace,
        cancel: &CancellationToken,
    ) -> Result<End, EngineError> {
        let quirks = self.quirks(account).await?;
        let never_announces = ServerTraits::of(account).announces == Some(false);
        if never_announces || quirks.contains(&Quirk::IdleUnreliable) || !Preferences::of(account).push {
            return Ok(End::Deaf);
        }
        if let Some(working) = &account.working
            && !self.has_room(&working.imap.host, Purpose::Listening).await?
        {
            // Until there is room the server is asked.
            self.rest_by_poll(account, ear);
        }
        let mut connection = tokio::select! {
            () = cancel.cancelled() => return Ok(End::Over),
            opened = self.open_imap(account, Purpose::Listening) => opened?,
        };
        let folders = self.store().await?.folders().list(account.id).await?;
        let folder = chosen(&folders, Kept::by(account))
            .first()
            .map(|folder| folder.id)
            .filter(|_| connection.capabilities().has("IDLE"));
        let Some(folder) = folder else {
            connection.logout().await;
            return Ok(End::Deaf);
        };
        // At the beginning for what came since the last look: nobody announces that.
        let (mut was_announced, mut occasion) = (false, Occasion::Look);
        let mut stood = None;
        loop {
            let mut is_exact = true;
            let followed = match self
                .follow(account, folder, &mut connection, occasion, &mut stood, cancel)
                .await
            {
                Ok(Some(followed)) => followed,
                Ok(None) => {
                    connection.logout().await;
                    return Ok(End::Over);
                }
                Err(EngineError::Cancelled) => return Ok(End::GivenUp),
                Err(error) if session_is_over(&error) || !matches!(error, EngineError::Imap(_)) => {
                    return Err(error);
                }
                Err(error) => {
                    // The look keeps and tells what is wrong with the folder.
                    tracing::debug!(code = %error.code(), "what was announced could not be fetched at once");
                    ear.want_look();
                    is_exact = false;
                    Followed {
                        outcome: FolderOutcome::default(),
                        has_moved: false,
                        is_beside: false,
                    }
                }
            };
            if followed.outcome.removed > 0 || (followed.is_beside && was_announced) {
                // It may have gone to another folder; beside a load only arrivals are followed.
                ear.want_look();
            }
            if was_announced {
                sleep(pace.followed(followed.has_moved, self.jitter().await), cancel).await;
            }
            if !self.hears(account, &mut connection, ear, pace, cancel).await? {
                connection.logout().await;
                return Ok(End::Over);
            }
            was_announced = true;
            occasion = if is_exact && connection.heard_only_arrivals() {
                Occasion::Arrival
            } else {
                Occasion::Look
            };
        }
    }

    /// Waits for an announcement. False when the watch ended or the connection became too old.
    async fn hears(
        &self,
        account: &AccountRow,
        connection: &mut Connection,
        ear: &Ear,
        pace: &mut Pace,
        cancel: &CancellationToken,
    ) -> Result<bool, EngineError> {
        if ear.set_rest(Rest::Push) && !connection.has_events() {
            self.tell_rest(account, Rest::Push);
        }
        loop {
            let began = self.now().await?;
            let limit = connection.left(LIFETIME, began).min(LONGEST_WAIT);
            if limit.is_zero() {
                return Ok(false);
            }
            let took_ms = connection.take_opening_ms();
            let (session, slot) = connection.parts();
            // Awaited once the server has agreed to announce.
            let enough = async {
                if let Err(error) = self.note_worked(account, Traffic::Push, took_ms).await {
                    tracing::debug!(code = %error.code(), "how the push went could not be kept");
                }
                tokio::select! {
                    () = cancel.cancelled() => {}
                    () = slot.recalled() => {}
                }
            };
            let end = session.idle(limit, enough).await?;
            let lasted = self.now().await?.0.saturating_sub(began.0);
            let lasted = Duration::from_millis(u64::try_from(lasted).unwrap_or(0));
            pace.waited(lasted);
            match end {
                IdleEnd::Changed => return Ok(true),
                IdleEnd::Stopped => return Ok(false),
                IdleEnd::TimedOut => sleep(pause_after_wait(lasted, limit), cancel).await,
            }
        }
    }

    /// Brings the folder up to date over the connection that listens, beside a look at the others. `None` when the connection
    /// is needed for something else: what waits for it may be what this would wait for.
    async fn follow(
        &self,
        account: &AccountRow,
        folder: FolderId,
        connection: &mut Connection,
        occasion: Occasion,
        stood: &mut Option<Stand>,
        cancel: &CancellationToken,
    ) -> Result<Option<Followed>, EngineError> {
        let work = self.works.begin(&account.address, cancel);
        let cancel = work.cancel();
        let fetched = async {
            let beside = tokio::select! {
                biased;
                beside = self.beside_look(account.id) => beside?,
                () = connection.slot().recalled() => return Ok(None),
            };
            let folders = self.store().await?.folders();
            let missing = || EngineError::FolderMissing { path: String::new() };
            let before = folders.get(folder).await?.ok_or_else(missing)?;
            // One that is not whole is a look's to load, also when that look was cut off.
            let unfinished = before.cursor.filter(|cursor| !cursor.is_complete);
            let first = beside
                .loading_below()
                .or(unfinished.map(|cursor| cursor.uid_next));
            let (outcome, stand) = if let Some(first) = first {
                let (outcome, stand) = self
                    .update_beside(account, &before, connection, cancel, first)
                    .await?;
                (outcome, Some(stand))
            } else {
                *stood = before.cursor.as_ref().map(Stand::from);
                let outcome = self
                    .update_folder(account, &before, connection, cancel, occasion, &mut Hold::none())
                    .await?;
                let after = folders.get(folder).await?.ok_or_else(missing)?;
                (outcome, after.cursor.as_ref().map(Stand::from))
            };
            let is_news = outcome.added + outcome.changed + outcome.removed > 0;
            if is_news {
                self.tell(Event::FolderSynced {
                    address: account.address.to_string(),
                    outcome: outcome.clone(),
                });
            }
            let has_moved = is_news || *stood != stand;
            *stood = stand;
            Ok(Some(Followed {
                outcome,
                has_moved,
                is_beside: first.is_some(),
            }))
        };
        until_written(cancel, fetched).await
    }
}
