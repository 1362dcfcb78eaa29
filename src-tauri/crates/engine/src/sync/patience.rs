//! What one failure of a watched account means: nothing yet. The next look comes within seconds and mostly mends it.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use mailroom_model::{AccountId, ErrorCode};

use crate::health::passes;

/// Failures in a row of the accounts that are watched.
#[derive(Debug, Default)]
pub(crate) struct Patience {
    failures: Mutex<HashMap<AccountId, u32>>,
}

/// An account is watched as long as this lives.
#[derive(Debug)]
pub(crate) struct Watched<'a> {
    patience: &'a Patience,
    account: AccountId,
}

impl Patience {
    /// The account is looked at again soon, whatever happens.
    pub(crate) fn watch(&self, account: AccountId) -> Watched<'_> {
        self.with(|failures| failures.insert(account, 0));
        Watched {
            patience: self,
            account,
        }
    }

    /// Counts a failure. True when nobody need be told: it is the first in a row, of a kind that passes, and the account is
    /// looked at again soon.
    pub(crate) fn forgives(&self, account: AccountId, code: ErrorCode) -> bool {
        self.with(|failures| {
            failures.get_mut(&account).is_some_and(|count| {
                *count = count.saturating_add(1);
                *count == 1 && passes(code)
            })
        })
    }

    /// A look worked.
    pub(crate) fn worked(&self, account: AccountId) {
        self.with(|failures| {
            if let Some(count) = failures.get_mut(&account) {
                *count = 0;
            }
        });
    }

    fn with<T>(&self, work: impl FnOnce(&mut HashMap<AccountId, u32>) -> T) -> T {
        work(&mut self.failures.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Drop for Watched<'_> {
    fn drop(&mut self) {
        self.patience.with(|failures| failures.remove(&self.account));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn first_failure_that_passes_is_forgiven_while_somebody_watches() {
        let (patience, account) = (Patience::default(), AccountId(1));
        assert!(
            !patience.forgives(account, ErrorCode::ConnectionLost),
            "nobody looks again"
        );
        let watched = patience.watch(account);
        assert!(patience.forgives(account, ErrorCode::ConnectionLost));
        assert!(
            !patience.forgives(account, ErrorCode::ConnectionLost),
            "the second"
        );
        patience.worked(account);
        assert!(
            !patience.forgives(account, ErrorCode::TlsCertificateExpired),
            "it stays as it is"
        );
        patience.worked(account);
        assert!(patience.forgives(account, ErrorCode::ServerUnavailable));
        drop(watched);
        assert!(!patience.forgives(account, ErrorCode::ConnectionLost));
    }
}
