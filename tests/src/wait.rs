//! Waiting for a condition.

use std::thread;
use std::time::Duration;

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
