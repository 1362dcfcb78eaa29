//! Looks at accounts that are under way, so that what a server announces meanwhile need not wait for their end.

use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard as SyncGuard, PoisonError, Weak};

use mailroom_model::{AccountId, FolderId};
use mailroom_store::FolderRow;
use tokio::sync::{Mutex as AsyncMutex, MutexGuard, OwnedMutexGuard};

use super::listen::Ear;
use crate::budget::Demand;
use crate::operations::turn_name;
use crate::turn::Turn;
use crate::{Engine, EngineError};

/// The looks of this program, and who listens meanwhile.
#[derive(Debug, Default)]
pub(crate) struct Looks {
    running: Mutex<HashMap<AccountId, Weak<Look>>>,
    ears: Mutex<HashMap<AccountId, Weak<Ear>>>,
}

impl Looks {
    /// From now on this ear hears how looks at the account go.
    pub(super) fn hear(&self, account: AccountId) -> Arc<Ear> {
        let ear = Arc::default();
        let mut ears = self.ears.lock().unwrap_or_else(PoisonError::into_inner);
        ears.insert(account, Arc::downgrade(&ear));
        ear
    }

    /// True while any account is looked at.
    pub(super) fn are_under_way(&self) -> bool {
        let running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        running.values().any(|look| look.strong_count() > 0)
    }

    /// Somebody has opened a folder that is not whole: a look that is under way comes to it next.
    pub(crate) fn want(&self, account: AccountId, folder: FolderId) {
        let running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(look) = running.get(&account).and_then(Weak::upgrade) {
            let mut course = look.course();
            if course.ahead.contains(&folder) {
                course.opened = Some(folder);
            }
        }
    }

    /// The newest messages of the folder that is listened to are here: whatever else there is to load, it is time to hear of
    /// new ones.
    pub(super) fn newest_are_here(&self, account: AccountId) {
        let ears = self.ears.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(ear) = ears.get(&account).and_then(Weak::upgrade) {
            ear.look_worked(true);
        }
    }
}

/// A look at one account. It has the account's turn; whoever joins it shares the turn.
#[derive(Debug)]
pub(crate) struct Look {
    _turn: Turn,
    /// Held by whoever changes what all folders share, or the folder that is listened to.
    alone: Arc<AsyncMutex<()>>,
    was_joined: AtomicBool,
    /// While the folder that is listened to is being loaded: the first UID that the load does not bring.
    loading_below: Mutex<Option<u32>>,
    course: Arc<Mutex<Course>>,
}

/// In which order a look goes through the folders.
#[derive(Debug, Default)]
struct Course {
    /// Those that were not begun yet.
    ahead: HashSet<FolderId>,
    /// The one among them that somebody has opened.
    opened: Option<FolderId>,
}

/// What calls a load away between two batches.
#[derive(Clone, Debug)]
pub(crate) struct Calls {
    demand: Demand,
    course: Arc<Mutex<Course>>,
}

impl Calls {
    /// True when somebody waits for the connection, or has opened a folder that the look has not come to.
    pub(crate) fn are_pressing(&self) -> bool {
        let course = self.course.lock().unwrap_or_else(PoisonError::into_inner);
        course.opened.is_some() || self.demand.is_pressing()
    }
}

/// The right to work on the folder that is listened to; given back when it is dropped.
#[derive(Debug)]
pub(crate) struct Beside {
    look: Arc<Look>,
    _alone: OwnedMutexGuard<()>,
}

impl Beside {
    /// While a load of the folder is under way: the first UID that it does not bring. What has a lower one, and everything
    /// that is known of the folder, is the load's.
    pub(super) fn loading_below(&self) -> Option<u32> {
        self.look.loading_below()
    }
}

impl Look {
    /// Waits until nobody is beside; nobody comes while this is held.
    pub(crate) async fn alone(&self) -> MutexGuard<'_, ()> {
        self.alone.lock().await
    }

    /// True when something was fetched beside this look.
    pub(crate) fn was_joined(&self) -> bool {
        self.was_joined.load(Ordering::SeqCst)
    }

    fn course(&self) -> SyncGuard<'_, Course> {
        self.course.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// These are all folders that the look goes through.
    pub(crate) fn set_out(&self, folders: &VecDeque<&FolderRow>) {
        self.course().ahead = folders.iter().map(|folder| folder.id).collect();
    }

    /// True when somebody has opened a folder that the look has not come to.
    pub(crate) fn is_called_elsewhere(&self) -> bool {
        self.course().opened.is_some()
    }

    /// The next folder: the one that somebody has opened, else the first.
    pub(crate) fn next_folder<'f>(&self, folders: &mut VecDeque<&'f FolderRow>) -> Option<&'f FolderRow> {
        let mut course = self.course();
        let opened = course.opened.take();
        let at = folders.iter().position(|folder| Some(folder.id) == opened);
        let next = folders.remove(at.unwrap_or(0))?;
        course.ahead.remove(&next.id);
        Some(next)
    }

    /// What calls a load over a connection away.
    pub(crate) fn calls(&self, demand: Demand) -> Calls {
        Calls {
            demand,
            course: Arc::clone(&self.course),
        }
    }

    fn loading_below(&self) -> Option<u32> {
        *self.loading_below.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn set_loading_below(&self, first: Option<u32>) {
        *self.loading_below.lock().unwrap_or_else(PoisonError::into_inner) = first;
    }
}

/// A look's hold of the folder that is listened to. It lets go of it while it only loads: a load may take hours, and brings
/// nothing that is announced meanwhile.
#[derive(Debug)]
pub(crate) struct Hold<'a> {
    look: Option<&'a Look>,
    alone: Option<MutexGuard<'a, ()>>,
    calls: Option<Calls>,
}

impl<'a> Hold<'a> {
    /// Of a folder that nobody listens to, or by somebody who holds it otherwise.
    pub(crate) fn none() -> Self {
        Self {
            look: None,
            alone: None,
            calls: None,
        }
    }

    /// The same for work that can be called away between two batches.
    pub(crate) fn giving_way(mut self, calls: Calls) -> Self {
        self.calls = Some(calls);
        self
    }

    /// What calls the work away.
    pub(crate) fn calls(&self) -> Option<Calls> {
        self.calls.clone()
    }

    /// Waits until nobody is beside.
    pub(crate) async fn of(look: &'a Look) -> Self {
        Self {
            look: Some(look),
            alone: Some(look.alone().await),
            calls: None,
        }
    }

    /// True for the folder that is listened to.
    pub(crate) fn is_listened_to(&self) -> bool {
        self.look.is_some()
    }

    /// Lets others fetch messages with UIDs from `first` on, until [`Self::close`]. Without that UID nobody is let in.
    pub(crate) fn open_from(&mut self, first: Option<u32>) {
        if let (Some(look), Some(first)) = (self.look, first) {
            look.set_loading_below(Some(first));
            self.alone = None;
        }
    }

    /// Waits until nobody is beside, and lets nobody in any more.
    pub(crate) async fn close(&mut self) {
        if let (Some(look), None) = (self.look, &self.alone) {
            self.alone = Some(look.alone().await);
            look.set_loading_below(None);
        }
    }
}

impl Drop for Hold<'_> {
    fn drop(&mut self) {
        if let Some(look) = self.look {
            look.set_loading_below(None);
        }
    }
}

impl Engine {
    /// Begins a look at an account, when its turn comes.
    pub(crate) async fn begin_look(&self, account: AccountId) -> Result<Arc<Look>, EngineError> {
        let look = Arc::new(Look {
            _turn: self.take_turn(&turn_name(account)).await?,
            alone: Arc::default(),
            was_joined: AtomicBool::new(false),
            loading_below: Mutex::default(),
            course: Arc::default(),
        });
        let mut running = self.looks.running.lock().unwrap_or_else(PoisonError::into_inner);
        running.insert(account, Arc::downgrade(&look));
        Ok(look)
    }

    /// The right to work on the folder that is listened to: beside a look that is under way, or when the account's turn
    /// comes.
    pub(crate) async fn beside_look(&self, account: AccountId) -> Result<Beside, EngineError> {
        let running = {
            let running = self.looks.running.lock().unwrap_or_else(PoisonError::into_inner);
            running.get(&account).and_then(Weak::upgrade)
        };
        let look = match running {
            Some(look) => look,
            None => self.begin_look(account).await?,
        };
        let alone = Arc::clone(&look.alone).lock_owned().await;
        look.was_joined.store(true, Ordering::SeqCst);
        Ok(Beside { look, _alone: alone })
    }
}
