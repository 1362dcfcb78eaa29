//! Watching every account while a program runs, as accounts come, change and go.

use std::collections::BTreeMap;
use std::sync::Arc;

use mailroom_model::{AccountId, Coded as _, EmailAddress};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::Engine;
use crate::event::Event;

impl Engine {
    /// Keeps every account up to date until cancelled: each has a watch in a task of its own, which begins when the account
    /// is added and ends with it. A watch begins anew by itself when what it works by changes ([`Engine::watch`]). For
    /// programs that stay, with or without accounts.
    pub async fn keep_watching(self: Arc<Self>, cancel: CancellationToken) {
        let mut events = self.subscribe();
        let tasks = TaskTracker::new();
        let mut watches: BTreeMap<AccountId, CancellationToken> = BTreeMap::new();
        loop {
            match self.accounts(None).await {
                Ok(accounts) => {
                    watches.retain(|id, end| {
                        let stays = accounts.iter().any(|account| account.id == *id);
                        if !stays {
                            end.cancel();
                        }
                        stays
                    });
                    // Without a server there is nobody to listen to.
                    for account in accounts.into_iter().filter(|account| account.working.is_some()) {
                        watches.entry(account.id).or_insert_with(|| {
                            let end = cancel.child_token();
                            let (engine, ended) = (Arc::clone(&self), end.clone());
                            // Boxed: the future holds the work of a whole look and is large.
                            tasks.spawn(Box::pin(async move {
                                engine.watch_until(&account.address, &ended).await;
                            }));
                            end
                        });
                    }
                }
                // Whoever asks for the accounts is told why there are none; a change will wake this again.
                Err(error) => tracing::warn!(code = %error.code(), "accounts cannot be listed"),
            }
            loop {
                let event = tokio::select! {
                    () = cancel.cancelled() => None,
                    event = events.next() => event,
                };
                match event.as_deref() {
                    Some(Event::AccountChanged { .. }) => break,
                    Some(_) => {}
                    None => {
                        cancel.cancel();
                        tasks.close();
                        tasks.wait().await;
                        return;
                    }
                }
            }
        }
    }

    async fn watch_until(&self, address: &EmailAddress, end: &CancellationToken) {
        // Failures of the traffic are events; what ends a watch is that its account is gone.
        if let Err(error) = self.watch(Some(address), end).await {
            tracing::info!(code = %error.code(), "a watch ended");
        }
    }
}
