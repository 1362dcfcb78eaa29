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

/// What is wanted, in its order, batch by batch.
#[derive(Debug)]
pub(crate) struct Batches<'a> {
    left: std::slice::Iter<'a, Wanted>,
    open: Vec<Wanted>,
    bytes: u64,
}

impl<'a> Batches<'a> {
    pub(crate) fn of(wanted: &'a [Wanted]) -> Self {
        Self {
            left: wanted.iter(),
            open: Vec::new(),
            bytes: 0,
        }
    }

    /// The next batch within the limits.
    pub(crate) fn next(&mut self, limits: Limits) -> Option<Batch> {
        let most = limits.messages.max(1);
        while let Some(message) = self.left.as_slice().first() {
            let is_large = message.size > limits.message;
            let is_full = self.open.len() >= most || self.bytes + message.size > limits.bytes;
            if !is_large && is_full && !self.open.is_empty() {
                break;
            }
            self.left.next();
            if is_large {
                return Some(Batch::Header(*message));
            }
            self.open.push(*message);
            self.bytes += message.size;
        }
        self.bytes = 0;
        let open = std::mem::take(&mut self.open);
        (!open.is_empty()).then_some(Batch::Whole(open))
    }
}

/// Splits `wanted`, in its order, into batches within the limits.
pub(crate) fn batches(wanted: &[Wanted], limits: Limits) -> Vec<Batch> {
    let mut batches = Batches::of(wanted);
    std::iter::from_fn(|| batches.next(limits)).collect()
}

/// The first batch of a load: nobody knows yet how fast the line is.
pub(crate) const FIRST_BATCH: u64 = 256 << 10;
/// No batch is smaller, or asking for it would take longer than it does.
const SMALLEST_BATCH: u64 = 256 << 10;
/// What a batch should take: what it brings is shown and kept at its end, and whoever waits for the connection waits so long.
const BATCH_MS: u64 = 4_000;

/// How many bytes to ask for next, `most` at most, when `bytes` took so many milliseconds.
pub(crate) fn next_batch(bytes: u64, took_ms: u64, most: u64) -> u64 {
    (bytes.saturating_mul(BATCH_MS) / took_ms.max(1)).clamp(SMALLEST_BATCH.min(most), most)
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
    fn batches_are_as_large_as_the_line_is_fast() {
        let most = 8 << 20;
        let cases = [
            (FIRST_BATCH, 0, most),
            (FIRST_BATCH, 100, most),
            (FIRST_BATCH, 250, 4 << 20),
            (FIRST_BATCH, 10_000, SMALLEST_BATCH),
            (FIRST_BATCH, 100_000, SMALLEST_BATCH),
            (4 << 20, 8_000, 2 << 20),
            (0, 0, SMALLEST_BATCH),
        ];
        for (bytes, took, next) in cases {
            assert_eq!(next_batch(bytes, took, most), next, "{bytes} in {took}");
        }
        assert_eq!(next_batch(1, 1, 100), 100);
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
