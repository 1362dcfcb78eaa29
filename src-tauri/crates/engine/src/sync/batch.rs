//! Which messages are asked for together.

use mailroom_store::AccountRow;

use super::partial::SMALL;
use crate::preferences::{LARGEST_DOWNLOAD_MB, Preferences};

/// A message that is to be loaded: its UID and size in bytes as the server tells it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Wanted {
    /// Unique id in the folder.
    pub(crate) uid: u32,
    /// RFC822.SIZE.
    pub(crate) size: u64,
}

/// Messages that are asked for with one command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Batch {
    /// Load these whole.
    Whole(Vec<Wanted>),
    /// Above the limit: load header and text, leave the rest on the server.
    Header(Wanted),
}

/// Limits that keep memory bounded.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    /// Messages in one batch.
    pub(crate) messages: usize,
    /// Bytes in one batch; a single message may be larger.
    pub(crate) bytes: u64,
    /// Bytes of one message, above which only its header and text are loaded.
    pub(crate) message: u64,
}

impl Limits {
    /// Those of an account: memory's, and what the person chose to download.
    pub(crate) fn of(account: &AccountRow) -> Self {
        Self::downloading(Preferences::of(account).download_up_to_mb)
    }

    fn downloading(up_to_mb: u32) -> Self {
        let largest = u64::from(LARGEST_DOWNLOAD_MB) << 20;
        Self {
            messages: 400,
            bytes: 8 << 20,
            message: (u64::from(up_to_mb) << 20).clamp(SMALL, largest),
        }
    }
}

/// Splits `wanted`, in its order, into batches within the limits.
pub(crate) fn batches(wanted: &[Wanted], limits: Limits) -> Vec<Batch> {
    let mut result = Vec::new();
    let mut open: Vec<Wanted> = Vec::new();
    let mut bytes = 0_u64;
    let most = limits.messages.max(1);
    for message in wanted {
        if message.size > limits.message {
            result.push(Batch::Header(*message));
            continue;
        }
        if !open.is_empty() && (open.len() >= most || bytes + message.size > limits.bytes) {
            result.push(Batch::Whole(std::mem::take(&mut open)));
            bytes = 0;
        }
        open.push(*message);
        bytes += message.size;
    }
    if !open.is_empty() {
        result.push(Batch::Whole(open));
    }
    result
}

#[cfg(test)]
mod tests {
    use super::*;

    const FEW: Limits = Limits {
        messages: 3,
        bytes: 100,
        message: 200,
    };

    #[test]
    fn limit_of_a_message_is_what_the_person_chose_within_reason() {
        let cases = [
            (0, 256 << 10),
            (20, 20 << 20),
            (64, 64 << 20),
            (u32::MAX, 64 << 20),
        ];
        for (up_to_mb, expected) in cases {
            assert_eq!(Limits::downloading(up_to_mb).message, expected, "{up_to_mb}");
        }
    }

    fn sizes(batches: &[Batch]) -> Vec<Vec<u64>> {
        batches
            .iter()
            .map(|batch| match batch {
                Batch::Whole(messages) => messages.iter().map(|message| message.size).collect(),
                Batch::Header(message) => vec![message.size, 0],
            })
            .collect()
    }

    #[test]
    fn batches_keep_order_and_limits() {
        let cases: &[(&[u64], &[&[u64]])] = &[
            (&[], &[]),
            (&[10, 10, 10, 10], &[&[10, 10, 10], &[10]]),
            (&[60, 60, 30], &[&[60], &[60, 30]]),
            (&[150, 10], &[&[150], &[10]]),
            (&[10, 201, 10], &[&[201, 0], &[10, 10]]),
        ];
        for (input, expected) in cases {
            let wanted: Vec<Wanted> = (1_u32..)
                .zip(*input)
                .map(|(uid, size)| Wanted { uid, size: *size })
                .collect();
            assert_eq!(sizes(&batches(&wanted, FEW)), *expected, "{input:?}");
        }
    }
}
