//! What becomes of a message on its way out. Facts in, decision out.

use mailroom_model::UnixMillis;
use mailroom_store::{OutboxRow, OutboxState};

use crate::schedule::backoff;
use crate::settings::LONGEST_UNDO_S;

/// How an attempt to send ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Attempt {
    /// The server took the message.
    Accepted,
    /// The server will never take it as it is, or not from this account.
    Refused,
    /// It was surely not taken; the same may work later.
    Deferred,
    /// The connection ended after the whole message was handed over and before the server answered.
    Unknown,
}

/// The next state of the entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fate {
    /// Taken; the copy is still to be filed.
    Sent,
    /// Kept for the person to read the reason and decide.
    Failed,
    /// Tried again by itself at this time.
    TryAt(UnixMillis),
    /// Never sent again by itself: it may have arrived.
    Unknown,
}

/// Decides after attempt number `attempts` (the first is 1).
pub(crate) fn after_attempt(attempt: Attempt, attempts: u32, now: UnixMillis, jitter: u8) -> Fate {
    match attempt {
        Attempt::Accepted => Fate::Sent,
        Attempt::Refused => Fate::Failed,
        Attempt::Unknown => Fate::Unknown,
        Attempt::Deferred => Fate::TryAt(backoff(attempts, now, jitter)),
    }
}

/// True for a message that was held back so that it could be taken back, and was never tried.
pub(crate) fn was_held_back(row: &OutboxRow) -> bool {
    let longest = row.created_at.plus_seconds(i64::from(LONGEST_UNDO_S));
    row.state == OutboxState::Queued
        && row.attempts == 0
        && row.send_after > row.created_at
        && row.send_after <= longest
}

/// Who puts a copy of what was sent into the Sent folder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Filing {
    /// The provider does, as the provider table knows.
    Server,
    /// The provider is known, what it does is not: look twice.
    Uncertain,
    /// Mailroom does.
    Mailroom,
}

/// What to do for the copy after looking for its Message-ID in the Sent folder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum CopyStep {
    /// It is there, or the provider surely brings it later.
    Done,
    /// Put it there.
    Append,
    /// Look again a little later.
    LookAgain,
}

/// Decides after look number `looks` (the first is 1). A copy that is there is never put there twice. One that the provider
/// files is looked for twice as well: to be shown here it has to be found.
pub(crate) fn copy_step(filing: Filing, found: bool, looks: u32) -> CopyStep {
    match filing {
        _ if found => CopyStep::Done,
        Filing::Uncertain | Filing::Server if looks < 2 => CopyStep::LookAgain,
        Filing::Uncertain | Filing::Mailroom => CopyStep::Append,
        Filing::Server => CopyStep::Done,
    }
}

#[cfg(test)]
mod tests {
    use mailroom_model::{AccountId, OutboxId};

    use super::*;

    #[test]
    fn attempt_decides_fate() {
        let now = UnixMillis(1_000_000);
        assert_eq!(after_attempt(Attempt::Accepted, 1, now, 0), Fate::Sent);
        assert_eq!(after_attempt(Attempt::Refused, 1, now, 0), Fate::Failed);
        assert_eq!(after_attempt(Attempt::Unknown, 1, now, 0), Fate::Unknown);
        assert_eq!(
            after_attempt(Attempt::Deferred, 2, now, 0),
            Fate::TryAt(UnixMillis(1_010_000))
        );
    }

    #[test]
    fn held_back_is_what_waits_a_minute_at_most_and_was_never_tried() {
        let row = |state, attempts, wait| OutboxRow {
            id: OutboxId(1),
            account_id: AccountId(1),
            identity_id: None,
            rfc_message_id: String::new(),
            subject: String::new(),
            envelope_from: String::new(),
            envelope_to: Vec::new(),
            raw_size: 0,
            state,
            attempts,
            send_after: UnixMillis(1000).plus_seconds(wait),
            created_at: UnixMillis(1000),
            started_at: None,
            accepted_at: None,
            filed_at: None,
            last_error: None,
            about: None,
        };
        let cases = [
            (OutboxState::Queued, 0, 10, true),
            (OutboxState::Queued, 0, 60, true),
            // Sent at once, or later as the person wished.
            (OutboxState::Queued, 0, 0, false),
            (OutboxState::Queued, 0, 61, false),
            (OutboxState::Queued, 1, 10, false),
            (OutboxState::Failed, 0, 10, false),
        ];
        for (state, attempts, wait, expected) in cases {
            let row = row(state, attempts, wait);
            assert_eq!(was_held_back(&row), expected, "{state:?} {attempts} {wait}");
        }
    }

    #[test]
    fn copy_is_filed_once() {
        let cases = [
            (Filing::Mailroom, false, 1, CopyStep::Append),
            (Filing::Mailroom, true, 1, CopyStep::Done),
            (Filing::Server, false, 1, CopyStep::LookAgain),
            (Filing::Server, false, 2, CopyStep::Done),
            (Filing::Server, true, 1, CopyStep::Done),
            (Filing::Uncertain, false, 1, CopyStep::LookAgain),
            (Filing::Uncertain, false, 2, CopyStep::Append),
            (Filing::Uncertain, true, 2, CopyStep::Done),
        ];
        for (filing, found, looks, step) in cases {
            assert_eq!(
                copy_step(filing, found, looks),
                step,
                "{filing:?} {found} {looks}"
            );
        }
    }
}
