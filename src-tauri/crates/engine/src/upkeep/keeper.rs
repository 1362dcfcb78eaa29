//! What happens by itself while the database is open: a backup after changes, and once a day a look whether the database is
//! what it was.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Weak};
use std::time::Duration;

use mailroom_model::{Clock as _, Coded as _, MessageId, UnixMillis};
use mailroom_store::{BodiesLook, Store, StoreError};
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::backup::{TURN, back_up, list};
use crate::approval::ROUND as ROUND_OF_WAITING;
use crate::{Engine, EngineError, SystemClock};

/// A backup waits until changes have come to a rest.
const SETTLE: Duration = Duration::from_secs(10);
/// A command that is over sooner leaves what was begun to the next program.
const SOON: Duration = Duration::from_secs(1);
/// The first look at the database comes when a start is long over.
const FIRST_LOOK: Duration = Duration::from_mins(10);
/// How often it is asked whether a look is due.
const ROUND: Duration = Duration::from_hours(1);
/// Between two looks because of a suspicion.
const SUSPICION: Duration = Duration::from_mins(5);
/// Between two looks, in milliseconds.
const DAY: i64 = 86_400_000;
/// Messages that one look compares, taken from a place that moves on from day to day.
const SAMPLE: u32 = 500;
/// The setting that says when the last look was, and where it ended.
const LOOKED: &str = "upkeep_looked";

/// The tasks, ended with the engine.
#[derive(Debug, Default)]
pub(crate) struct Keeper {
    tasks: TaskTracker,
    closing: CancellationToken,
    /// Somebody met damage.
    suspicion: Arc<Notify>,
    begun: AtomicBool,
    /// Changes that the newest backup has.
    saved: AtomicU64,
}

/// When the last look was, where it ended, and what it could not mend.
#[derive(Clone, Copy, Debug, Default, serde::Serialize, serde::Deserialize)]
struct Looked {
    at: i64,
    message: i64,
    #[serde(default)]
    unsound: bool,
}

impl Keeper {
    /// Begins, once; `engine` is asked for what needs a server.
    pub(crate) fn begin(&self, store: &Store, engine: Weak<Engine>) {
        if store.path().is_none() || self.begun.swap(true, Ordering::SeqCst) {
            return;
        }
        let closing = self.closing.clone();
        self.tasks.spawn(keep_backups(engine.clone(), closing.clone()));
        let suspicion = Arc::clone(&self.suspicion);
        self.tasks.spawn(keep_going_on(engine.clone(), closing.clone()));
        self.tasks.spawn(keep_looking(engine, closing, suspicion));
    }

    /// Has the database looked at soon when what went wrong says that it is damaged.
    pub(crate) fn suspect(&self, error: &StoreError) {
        if error.is_damage() {
            self.suspicion.notify_one();
        }
    }

    /// Ends the tasks.
    pub(crate) async fn close(&self) {
        self.closing.cancel();
        self.tasks.close();
        self.tasks.wait().await;
    }
}

impl Engine {
    /// Writes a backup when something changed that the last one does not have, or when there is none.
    pub(crate) async fn back_up_if_changed(&self, store: &Store) -> Result<(), EngineError> {
        let changes = store.lasting_changes();
        let folder = self.home().join("backups");
        let is_saved = self.upkeep.saved.load(Ordering::SeqCst) == changes;
        let has_one = tokio::task::spawn_blocking(move || list(&folder).is_ok_and(|files| !files.is_empty()));
        if is_saved && has_one.await.map_err(|_| EngineError::Worker)? {
            return Ok(());
        }
        let _turn = self.take_turn(TURN).await?;
        back_up(store, self.home(), SystemClock.now()).await?;
        self.upkeep.saved.store(changes, Ordering::SeqCst);
        Ok(())
    }

    /// Compares part of the bodies with what came, and asks SQLite about the file for a moment. What is damaged and can be had
    /// from a server is fetched, and the index of words made anew; the rest is told by [`Engine::is_unsound`].
    async fn look_at_store(&self, now: UnixMillis, is_suspected: bool) -> Result<(), EngineError> {
        let store = self.store().await?;
        let before: Looked = store.settings().get(LOOKED).await?.unwrap_or_default();
        if !is_suspected && now.0.saturating_sub(before.at) < DAY {
            return Ok(());
        }
        // First: while it is damaged, nothing can be stored.
        self.mend_index(store, &self.upkeep.closing).await?;
        let BodiesLook { damaged, last, .. } =
            store.look_at_bodies(MessageId(before.message), SAMPLE).await?;
        for id in damaged {
            tracing::warn!(message = id.0, "the bytes of a message are damaged");
            // What cannot be had now is found again by the next look, or by a repair.
            drop(Box::pin(self.mend_body(id)).await);
        }
        let unsound = !store.quick_check().await?;
        let looked = Looked {
            at: now.0,
            message: last.map_or(0, |last| last.0),
            unsound,
        };
        store.settings().set(LOOKED, &looked, now).await?;
        Ok(())
    }

    /// What the last look found is mended.
    pub(super) async fn note_sound(&self, store: &Store) -> Result<(), EngineError> {
        let looked: Option<Looked> = store.settings().get(LOOKED).await?;
        if let Some(looked) = looked.filter(|looked| looked.unsound) {
            let looked = Looked {
                unsound: false,
                ..looked
            };
            store.settings().set(LOOKED, &looked, SystemClock.now()).await?;
        }
        Ok(())
    }

    /// True when the last look found what only a repair can mend.
    pub async fn is_unsound(&self) -> Result<bool, EngineError> {
        let looked: Option<Looked> = self.store().await?.settings().get(LOOKED).await?;
        Ok(looked.unwrap_or_default().unsound)
    }
}

async fn keep_backups(engine: Weak<Engine>, closing: CancellationToken) {
    let Some(mut changes) = changes_of(&engine).await else {
        return;
    };
    loop {
        tokio::select! {
            () = closing.cancelled() => return,
            changed = changes.changed() => if changed.is_err() { return },
        }
        tokio::select! {
            () = closing.cancelled() => return,
            () = tokio::time::sleep(SETTLE) => {}
        }
        let _ = changes.borrow_and_update();
        let Some(engine) = engine.upgrade() else { return };
        let done = match engine.store().await {
            Ok(store) => engine.back_up_if_changed(store).await,
            Err(error) => Err(error),
        };
        if let Err(error) = done {
            tracing::warn!(code = %error.code(), "no backup could be written");
        }
    }
}

/// Ends removals that were interrupted, tries what waits for an administrator, and looks at certificates that end, soon and from time to time.
async fn keep_going_on(engine: Weak<Engine>, closing: CancellationToken) {
    let mut is_first = true;
    let mut pause = SOON;
    loop {
        tokio::select! {
            () = closing.cancelled() => return,
            () = tokio::time::sleep(pause) => {}
        }
        pause = ROUND_OF_WAITING;
        let Some(engine) = engine.upgrade() else { return };
        let work = async {
            if is_first {
                Box::pin(engine.resume_removals()).await?;
            }
            Box::pin(engine.continue_waiting()).await?;
            Box::pin(engine.look_at_ending_certificates()).await
        };
        tokio::select! {
            () = closing.cancelled() => return,
            done = work => if let Err(error) = done {
                tracing::warn!(code = %error.code(), "what was begun could not be gone on with");
            }
        }
        is_first = false;
    }
}

async fn changes_of(engine: &Weak<Engine>) -> Option<tokio::sync::watch::Receiver<u64>> {
    let engine = engine.upgrade()?;
    let store = engine.store().await.ok()?;
    Some(store.watch_lasting_changes())
}

async fn keep_looking(engine: Weak<Engine>, closing: CancellationToken, suspicion: Arc<Notify>) {
    let mut pause = FIRST_LOOK;
    loop {
        let is_suspected = tokio::select! {
            () = closing.cancelled() => return,
            () = tokio::time::sleep(pause) => false,
            () = suspicion.notified() => true,
        };
        pause = ROUND;
        let Some(engine) = engine.upgrade() else { return };
        let work = async {
            let now = engine.now().await?;
            engine.look_at_store(now, is_suspected).await
        };
        tokio::select! {
            () = closing.cancelled() => return,
            done = Box::pin(work) => if let Err(error) = done {
                tracing::warn!(code = %error.code(), "the database could not be looked at");
            }
        }
        if is_suspected {
            // What a look cannot mend is met again and again.
            tokio::select! {
                () = closing.cancelled() => return,
                () = tokio::time::sleep(SUSPICION) => {}
            }
        }
    }
}
