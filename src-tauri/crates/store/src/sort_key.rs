//! The order of messages across folders: newest first, unique, in one number.

use mailroom_model::{MessageId, UnixMillis};

use crate::StoreError;

/// Bits of the message id. The rest holds seconds: the sum stays below 2^63 until the year 2514.
const ID_BITS: u32 = 29;
/// The largest message id that a key can hold.
const ID_MAX: i64 = (1 << ID_BITS) - 1;
/// The largest number of seconds that a key can hold.
const SECONDS_MAX: i64 = (1 << (63 - ID_BITS)) - 1;

/// The key of a message: seconds of its arrival, then its id.
pub(crate) fn sort_key(received_at: UnixMillis, id: MessageId) -> Result<i64, StoreError> {
    if !(0..=ID_MAX).contains(&id.0) {
        return Err(StoreError::damaged("message id"));
    }
    Ok(floor(received_at) | id.0)
}

/// The smallest key of the second of `at`.
pub(crate) fn floor(at: UnixMillis) -> i64 {
    at.seconds().clamp(0, SECONDS_MAX) << ID_BITS
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn key_orders_by_second_then_id() {
        let key = |at, id| sort_key(UnixMillis(at), MessageId(id)).unwrap();
        assert_eq!(key(1_999, 5), (1 << 29) + 5);
        assert!(key(1_000, 7) < key(2_000, 1));
        assert!(key(2_000, 1) < key(2_999, 2));
        assert_eq!(key(-5_000, 3), 3);
        assert!(key(i64::MAX, ID_MAX) > 0);
        assert!(sort_key(UnixMillis(0), MessageId(ID_MAX + 1)).is_err());
    }
}
