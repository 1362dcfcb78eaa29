//! Waiting for a condition.

use std::thread;
use std::time::Duration;

/// How long [`eventually`] waits: much longer than a busy machine needs. Without an end a test whose server has failed would
/// wait with it for ever.
const LONGEST: Duration = Duration::from_mins(5);

/// Asks again and again until `condition` holds, while everything else goes on.
///
/// # Panics
/// When it does not within five minutes.
pub async fn eventually(what: &str, mut condition: impl AsyncFnMut() -> bool) {
    let asking = async {
        while !condition().await {
            tokio::task::yield_now().await;
        }
    };
    let asked = tokio::time::timeout(LONGEST, asking).await;
    assert!(asked.is_ok(), "not within five minutes: {what}");
}

/// Asks every few milliseconds until `condition` holds; false when `limit` has passed without it.
pub fn until(limit: Duration, mut condition: impl FnMut() -> bool) -> bool {
    const STEP: Duration = Duration::from_millis(4);
    for _ in 0..limit.as_millis() / STEP.as_millis() {
        if condition() {
            return true;
        }
        thread::sleep(STEP);
    }
    condition()
}
