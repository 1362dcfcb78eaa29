//! Keeping every account up to date while the program runs.

use std::collections::BTreeMap;
use std::sync::Arc;

use mailroom_api::dto::AccountView;
use mailroom_api::{CancellationToken, Context, Engine, WireError, dispatch};
use serde_json::{Value, json};
use tokio::sync::Notify;
use tokio_util::task::TaskTracker;

/// What a watch was started with. The core reads an account once, when its watch begins.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Watched {
    imap: String,
    smtp: Option<String>,
    auth: Option<String>,
    period: String,
    folders: Option<Vec<String>>,
    works: bool,
}

/// Watches to end and to begin, by address. One that is in both is begun anew.
#[derive(Debug, Default, PartialEq, Eq)]
struct Plan {
    end: Vec<String>,
    begin: Vec<String>,
}

/// Watches every account until `ending`, and follows the accounts as they come, change and go.
pub(crate) async fn keep(engine: Arc<Engine>, accounts_changed: Arc<Notify>, ending: CancellationToken) {
    let tasks = TaskTracker::new();
    let mut running: BTreeMap<String, (Watched, CancellationToken)> = BTreeMap::new();
    loop {
        match accounts(&engine, &ending).await {
            Ok(accounts) => {
                let wanted = wanted(&accounts);
                let now = running
                    .iter()
                    .map(|(address, (watched, _))| (address.clone(), watched.clone()))
                    .collect();
                let plan = plan(&now, &wanted);
                for address in plan.end {
                    if let Some((_, cancel)) = running.remove(&address) {
                        cancel.cancel();
                    }
                }
                for address in plan.begin {
                    let cancel = ending.child_token();
                    let context = Context {
                        engine: Arc::clone(&engine),
                        cancel: cancel.clone(),
                    };
                    if let Some(watched) = wanted.get(&address) {
                        running.insert(address.clone(), (watched.clone(), cancel));
                        tasks.spawn(watch(context, address));
                    }
                }
                for (address, (watched, _)) in &mut running {
                    if let Some(state) = wanted.get(address) {
                        watched.works = state.works;
                    }
                }
            }
            // The page asks for the same list and says why there is none; a change will wake this again.
            Err(error) => tracing::warn!(code = error.code.as_str(), "accounts cannot be listed"),
        }
        tokio::select! {
            () = ending.cancelled() => break,
            () = accounts_changed.notified() => {}
        }
    }
    tasks.close();
    tasks.wait().await;
}

async fn watch(context: Context, address: String) {
    let payload = json!({ "address": address });
    // Failures of the traffic are events; what ends a watch is that its account is gone.
    if let Err(error) = Box::pin(dispatch(&context, "sync_watch", payload)).await {
        tracing::info!(code = error.code.as_str(), "a watch ended");
    }
}

async fn accounts(engine: &Arc<Engine>, ending: &CancellationToken) -> Result<Vec<AccountView>, WireError> {
    let context = Context {
        engine: Arc::clone(engine),
        cancel: ending.clone(),
    };
    let reply = Box::pin(dispatch(&context, "account_list", Value::Null)).await?;
    serde_json::from_value(reply).map_err(|error| WireError::input("account_list", error.to_string()))
}

/// The accounts that have a server to listen to.
fn wanted(accounts: &[AccountView]) -> BTreeMap<String, Watched> {
    accounts
        .iter()
        .filter_map(|account| {
            let watched = Watched {
                imap: account.imap.clone()?,
                smtp: account.smtp.clone(),
                auth: account.auth.clone(),
                period: account.period.clone(),
                folders: account.folders.clone(),
                works: account.state == "working",
            };
            Some((account.address.clone(), watched))
        })
        .collect()
}

/// What to do so that what runs becomes what is wanted. An account that stopped working keeps its watch, which tries
/// again by itself; one that works again is looked at at once.
fn plan(running: &BTreeMap<String, Watched>, wanted: &BTreeMap<String, Watched>) -> Plan {
    let mut plan = Plan::default();
    for (address, old) in running {
        let stays = wanted.get(address).is_some_and(|new| {
            let settings_are_the_same = Watched {
                works: old.works,
                ..new.clone()
            } == *old;
            settings_are_the_same && (old.works || !new.works)
        });
        if !stays {
            plan.end.push(address.clone());
        }
    }
    for address in wanted.keys() {
        if !running.contains_key(address) || plan.end.contains(address) {
            plan.begin.push(address.clone());
        }
    }
    plan
}

#[cfg(test)]
mod tests {
    use super::*;

    fn watched() -> Watched {
        Watched {
            imap: "imap.example.com:993:tls".to_owned(),
            smtp: None,
            auth: Some("password".to_owned()),
            period: "quarter".to_owned(),
            folders: None,
            works: true,
        }
    }

    fn one(watched: Watched) -> BTreeMap<String, Watched> {
        BTreeMap::from([("a@example.com".to_owned(), watched)])
    }

    #[test]
    fn plan_follows_the_accounts() {
        let broken = Watched {
            works: false,
            ..watched()
        };
        let longer = Watched {
            period: "year".to_owned(),
            ..watched()
        };
        let none = BTreeMap::new();
        let a = || vec!["a@example.com".to_owned()];
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
        ];
        for (case, running, wanted, (end, begin)) in cases {
            assert_eq!(plan(&running, &wanted), Plan { end, begin }, "{case}");
        }
    }
}
