//! What was changed, as long as it can be brought back.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};

use mailroom_model::{
    AccountId, FlagChange, FolderId, MessageFlags, MessageId, OperationId, UidSet, UnixMillis,
};

/// Actions that are remembered.
const REMEMBERED: usize = 20;
/// What one command changed.
#[derive(Clone, Debug, Default)]
pub(crate) struct Action {
    pub(crate) steps: Vec<Change>,
}

/// One operation of it.
#[derive(Clone, Debug)]
pub(crate) struct Change {
    pub(crate) account: AccountId,
    pub(crate) folder: FolderId,
    pub(crate) operation: OperationId,
    pub(crate) what: What,
}

/// What it did, with what is needed to bring it back.
#[derive(Clone, Debug)]
pub(crate) enum What {
    Flags(Vec<Marked>),
    Move {
        to: FolderId,
        messages: Vec<Moved>,
    },
    Copy {
        to: FolderId,
        messages: Vec<Moved>,
    },
    /// Messages that waited to be brought to a folder were left where they are.
    Left {
        to: FolderId,
        messages: Vec<MessageId>,
    },
}

impl What {
    fn is_nothing(&self) -> bool {
        matches!(self, Self::Move { messages, .. } if messages.is_empty())
    }
}

/// A message whose flags changed, and what brings them back.
#[derive(Clone, Debug)]
pub(crate) struct Marked {
    pub(crate) message: MessageId,
    pub(crate) uid: u32,
    /// One for many messages where these were alike.
    pub(crate) back: Arc<FlagChange>,
}

/// A message that was moved or copied.
#[derive(Clone, Debug)]
pub(crate) struct Moved {
    pub(crate) message: MessageId,
    pub(crate) uid: u32,
    pub(crate) rfc_message_id: Option<String>,
}

/// What the server said about a move that it made (COPYUID, RFC 4315 §3).
#[derive(Clone, Debug)]
pub(super) struct Copied {
    pub(super) uid_validity: u32,
    pub(super) uids: HashMap<u32, u32>,
}

/// The actions that can be undone, oldest first.
#[derive(Debug, Default)]
pub(crate) struct UndoLog(Mutex<Log>);

#[derive(Debug, Default)]
struct Log {
    actions: VecDeque<(i64, Action)>,
    copied: HashMap<OperationId, Copied>,
    last: i64,
}

impl UndoLog {
    /// Remembers an action; `None` when there is nothing to bring back. Ids never come again, not even in another life of
    /// the program.
    pub(crate) fn keep(&self, action: Action, now: UnixMillis) -> Option<i64> {
        if action.steps.is_empty() {
            return None;
        }
        let mut log = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        log.last = now.0.max(log.last.saturating_add(1));
        let id = log.last;
        log.put(id, action);
        Some(id)
    }

    pub(super) fn put_back(&self, id: i64, action: Action) {
        let mut log = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        log.put(id, action);
    }

    pub(super) fn take(&self, id: i64) -> Option<Action> {
        let mut log = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let at = log.actions.iter().position(|(known, _)| *known == id)?;
        log.actions.remove(at).map(|(_, action)| action)
    }

    /// Remembers where the server put the messages of an operation.
    pub(crate) fn note_copied(&self, operation: OperationId, uid_validity: Option<u32>, uids: &[(u32, u32)]) {
        let Some(uid_validity) = uid_validity.filter(|_| !uids.is_empty()) else {
            return;
        };
        let uids = uids.iter().copied().collect();
        let mut log = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // The newest operations have the largest ids.
        if log.copied.len() > 4 * REMEMBERED
            && let Some(oldest) = log.copied.keys().min().copied()
        {
            log.copied.remove(&oldest);
        }
        log.copied.insert(operation, Copied { uid_validity, uids });
    }

    /// Messages of an operation were taken out of it: another change has decided what becomes of them, and that one can be
    /// undone.
    pub(crate) fn taken_out(&self, operation: OperationId, uids: &UidSet) {
        let mut log = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for (_, action) in &mut log.actions {
            for step in action.steps.iter_mut().filter(|step| step.operation == operation) {
                if let What::Move { messages, .. } = &mut step.what {
                    messages.retain(|message| !uids.contains(message.uid));
                }
            }
            action.steps.retain(|step| !step.what.is_nothing());
        }
        log.actions.retain(|(_, action)| !action.steps.is_empty());
    }

    pub(super) fn copied(&self, operation: OperationId) -> Option<Copied> {
        let log = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        log.copied.get(&operation).cloned()
    }
}

impl Log {
    fn put(&mut self, id: i64, action: Action) {
        self.actions.push_back((id, action));
        while self.actions.len() > REMEMBERED {
            self.actions.pop_front();
        }
    }
}

/// What leads from the flags after a change back to those before it.
pub(crate) fn way_back(before: &MessageFlags, after: &MessageFlags) -> FlagChange {
    let (before, after) = (before.to_imap(), after.to_imap());
    let without = |one: &[String], other: &[String]| -> Vec<String> {
        one.iter().filter(|name| !other.contains(name)).cloned().collect()
    };
    FlagChange {
        add: without(&before, &after),
        remove: without(&after, &before),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flags_go_back_to_what_each_message_had() {
        let cases: &[(&[&str], &[&str], &[&str], &[&str], &[&str])] = &[
            (&[], &["\\Seen"], &[], &[], &["\\Seen"]),
            (&["\\Seen"], &["\\Seen"], &[], &[], &[]),
            (
                &["\\Seen", "todo"],
                &["\\Flagged"],
                &["TODO", "\\Seen"],
                &["\\Seen", "todo"],
                &["\\Flagged"],
            ),
        ];
        for (before, add, remove, back_add, back_remove) in cases {
            let before = MessageFlags::from_imap(before.iter().copied());
            let names = |names: &[&str]| names.iter().map(ToString::to_string).collect::<Vec<_>>();
            let after = before.changed(&FlagChange {
                add: names(add),
                remove: names(remove),
            });
            let back = way_back(&before, &after);
            assert_eq!(
                (back.add.clone(), back.remove.clone()),
                (names(back_add), names(back_remove))
            );
            assert_eq!(after.changed(&back), before);
        }
    }

    #[test]
    fn log_remembers_the_last_twenty_each_once() {
        let log = UndoLog::default();
        let action = |n: i64| Action {
            steps: vec![Change {
                account: AccountId(1),
                folder: FolderId(1),
                operation: OperationId(n),
                what: What::Flags(Vec::new()),
            }],
        };
        assert_eq!(log.keep(Action::default(), UnixMillis(5)), None);
        let ids: Vec<i64> = (0..21)
            .filter_map(|n| log.keep(action(n), UnixMillis(100)))
            .collect();
        assert_eq!(ids.first().zip(ids.last()), Some((&100, &120)));
        assert!(log.take(100).is_none(), "the oldest was forgotten");
        assert!(log.take(101).is_some());
        assert!(log.take(101).is_none(), "once");
        let newest = log.take(120).unwrap();
        log.put_back(120, newest);
        assert!(log.take(120).is_some());
    }
}
