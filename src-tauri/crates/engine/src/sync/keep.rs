//! Watching every account while a program runs, as accounts come, change and go.

use std::collections::BTreeMap;
use std::sync::Arc;

use mailroom_model::{AccountId, AccountState, EmailAddress, FolderSelection, Period, WorkingAccount};
use mailroom_store::AccountRow;
use serde_json::Value;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::Engine;
use crate::event::Event;

/// What a watch was started with. A change of it begins the watch anew, so that it holds at once and not after the
/// next announcement.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Watched {
    working: WorkingAccount,
    period: Period,
    folders: FolderSelection,
    options: Value,
    works: bool,
}

impl Watched {
    /// `None` for an account without a server to listen to.
    fn of(account: &AccountRow) -> Option<Self> {
        Some(Self {
            working: account.working.clone()?,
            period: account.period,
            folders: account.folders.clone(),
            options: account.options.clone(),
            works: account.state == AccountState::Working,
        })
    }

    /// An account that stopped working keeps its watch, which tries again by itself; one that works again is looked at
    /// at once.
    fn goes_on_as(&self, new: &Self) -> bool {
        let settings_are_the_same = *self
            == Self {
                works: self.works,
                ..new.clone()
            };
        settings_are_the_same && (self.works || !new.works)
    }
}

/// Accounts and what their watches are started with.
type Watches = BTreeMap<AccountId, Watched>;

/// Watches to end and to begin. One that is in both is begun anew.
#[derive(Debug, Default, PartialEq, Eq)]
struct Plan {
    end: Vec<AccountId>,
    begin: Vec<AccountId>,
}

/// What to do so that what runs becomes what is wanted.
fn plan(running: &Watches, wanted: &Watches) -> Plan {
    let stays = |id: &AccountId, old: &Watched| wanted.get(id).is_some_and(|new| old.goes_on_as(new));
    let end: Vec<_> = running
        .iter()
        .filter(|(id, old)| !stays(id, old))
        .map(|(id, _)| *id)
        .collect();
    let begin = wanted
        .keys()
        .filter(|id| !running.contains_key(id) || end.contains(id))
        .copied()
        .collect();
    Plan { end, begin }
}

impl Engine {
    /// Keeps every account up to date until cancelled: each has a watch of its own, which begins when the account is
    /// added, begins anew when its settings change, and ends with it. For programs that stay, with or without accounts.
    pub async fn keep_watching(self: Arc<Self>, cancel: CancellationToken) {
        let mut events = self.subscribe();
        let tasks = TaskTracker::new();
        let mut ends: BTreeMap<AccountId, CancellationToken> = BTreeMap::new();
        let mut running = Watches::new();
        loop {
            match self.accounts(None).await {
                Ok(accounts) => {
                    let wanted: Watches = accounts
                        .iter()
                        .filter_map(|account| Some((account.id, Watched::of(account)?)))
                        .collect();
                    let plan = plan(&running, &wanted);
                    for end in plan.end.iter().filter_map(|id| ends.remove(id)) {
                        end.cancel();
                    }
                    for (id, watched) in plan.begin.iter().filter_map(|id| wanted.get_key_value(id)) {
                        let end = cancel.child_token();
                        ends.insert(*id, end.clone());
                        let (engine, address) = (Arc::clone(&self), watched.working.address.clone());
                        // Boxed: the future holds the work of a whole look and is large.
                        tasks.spawn(Box::pin(async move { engine.watch_until(&address, &end).await }));
                    }
                    running = wanted;
                }
                // Whoever asks for the accounts is told why there are none; a change will wake this again.
                Err(error) => tracing::warn!(%error, "accounts cannot be listed"),
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
            tracing::info!(%error, "a watch ended");
        }
    }
}

#[cfg(test)]
mod tests {
    use mailroom_model::AuthMethod;
    use serde_json::json;

    use super::*;

    fn watched() -> Watched {
        Watched {
            working: WorkingAccount {
                address: "a@example.com".parse().unwrap(),
                provider: None,
                imap: "imap.example.com:993:tls".parse().unwrap(),
                imap_username: "a@example.com".to_owned(),
                smtp: None,
                smtp_username: String::new(),
                auth: AuthMethod::Password,
            },
            period: Period::Quarter,
            folders: FolderSelection::All,
            options: Value::Null,
            works: true,
        }
    }

    fn one(watched: Watched) -> Watches {
        Watches::from([(AccountId(1), watched)])
    }

    #[test]
    fn plan_follows_the_accounts() {
        let broken = Watched {
            works: false,
            ..watched()
        };
        let longer = Watched {
            period: Period::Year,
            ..watched()
        };
        let other = Watched {
            options: json!({"push": false}),
            ..watched()
        };
        let none = Watches::new();
        let a = || vec![AccountId(1)];
        let cases = [
            ("new", none.clone(), one(watched()), (vec![], a())),
            ("same", one(watched()), one(watched()), (vec![], vec![])),
            ("gone", one(watched()), none, (a(), vec![])),
            ("broke", one(watched()), one(broken.clone()), (vec![], vec![])),
            (
                "still broken",
                one(broken.clone()),
                one(broken.clone()),
                (vec![], vec![]),
            ),
            ("signed in again", one(broken), one(watched()), (a(), a())),
            ("keeps more", one(watched()), one(longer), (a(), a())),
            ("other options", one(watched()), one(other), (a(), a())),
        ];
        for (case, running, wanted, (end, begin)) in cases {
            assert_eq!(plan(&running, &wanted), Plan { end, begin }, "{case}");
        }
    }
}
