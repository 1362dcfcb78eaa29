//! A network that a test changes.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use mailroom_engine::{Network, NetworkLook};
use tokio::sync::Notify;

/// A network that stays as it is until a test changes it. Nobody looks at it in between.
#[derive(Debug)]
pub struct TestNetwork {
    look: Mutex<NetworkLook>,
    again: Notify,
}

impl Default for TestNetwork {
    /// At home.
    fn default() -> Self {
        Self {
            look: Mutex::new(NetworkLook {
                addresses: vec![[192, 168, 1, 7].into()],
                ways: Vec::new(),
            }),
            again: Notify::new(),
        }
    }
}

impl TestNetwork {
    /// The machine moves to where it has this address; it has no network without one.
    pub fn move_to(&self, address: Option<[u8; 4]>) {
        let mut look = self.look.lock().unwrap_or_else(PoisonError::into_inner);
        look.addresses = address.map(Into::into).into_iter().collect();
        drop(look);
        self.look_again();
    }

    /// Has whoever watches look at once, as after a sleep.
    pub fn look_again(&self) {
        self.again.notify_one();
    }
}

#[async_trait]
impl Network for TestNetwork {
    fn look(&self) -> NetworkLook {
        self.look.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    async fn pause(&self) -> Duration {
        self.again.notified().await;
        Duration::ZERO
    }
}
