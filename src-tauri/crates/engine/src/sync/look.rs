//! Looks at accounts that are under way, so that what a server announces meanwhile need not wait for their end.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};

use mailroom_model::AccountId;
use tokio::sync::{Mutex as AsyncMutex, MutexGuard, OwnedMutexGuard};

use crate::operations::turn_name;
use crate::turn::Turn;
use crate::{Engine, EngineError};

/// The looks of this program.
#[derive(Debug, Default)]
pub(crate) struct Looks(Mutex<HashMap<AccountId, Weak<Look>>>);

/// A look at one account. It has the account's turn; whoever joins it shares the turn.
#[derive(Debug)]
pub(crate) struct Look {
    _turn: Turn,
    /// Held by whoever changes what all folders share, or the folder that is listened to.
    alone: Arc<AsyncMutex<()>>,
    was_joined: AtomicBool,
}

/// The right to work on the folder that is listened to; given back when it is dropped.
#[derive(Debug)]
pub(crate) struct Beside {
    _look: Arc<Look>,
    _alone: OwnedMutexGuard<()>,
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
}

impl Engine {
    /// Begins a look at an account, when its turn comes.
    pub(crate) async fn begin_look(&self, account: AccountId) -> Result<Arc<Look>, EngineError> {
        let look = Arc::new(Look {
            _turn: self.take_turn(&turn_name(account)).await?,
            alone: Arc::default(),
            was_joined: AtomicBool::new(false),
        });
        let mut looks = self.looks.0.lock().unwrap_or_else(PoisonError::into_inner);
        looks.insert(account, Arc::downgrade(&look));
        Ok(look)
    }

    /// The right to work on the folder that is listened to: beside a look that is under way, or when the account's turn
    /// comes.
    pub(crate) async fn beside_look(&self, account: AccountId) -> Result<Beside, EngineError> {
        let running = {
            let looks = self.looks.0.lock().unwrap_or_else(PoisonError::into_inner);
            looks.get(&account).and_then(Weak::upgrade)
        };
        let look = match running {
            Some(look) => look,
            None => self.begin_look(account).await?,
        };
        let alone = Arc::clone(&look.alone).lock_owned().await;
        look.was_joined.store(true, Ordering::SeqCst);
        Ok(Beside {
            _look: look,
            _alone: alone,
        })
    }
}
