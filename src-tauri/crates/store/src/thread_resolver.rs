//! Which messages are one conversation. Pure: takes what is known, gives what to write.
//!
//! 1. A message belongs to the thread of every message that it names in References or In-Reply-To, that names it, or
//!    that names the same message (RFC 5256 §3 without its tree). When it links two threads they become one.
//! 2. Otherwise a message with a reply mark belongs to the thread with the same base subject that has a message
//!    within 30 days. A thread's base subject is that of the message by which it was first known.
//! 3. Mail arrives newest first, so a reply without references may come before its original. It leaves its thread
//!    open for one message of the same base subject from the 30 days before that has no reply mark or that links
//!    another thread.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use mailroom_model::{ThreadId, UnixMillis};

/// The first 16 bytes of the BLAKE3 digest of a Message-ID.
pub(crate) type Link = [u8; 16];

/// How far a reply may be from its original, in milliseconds.
pub(crate) const SUBJECT_WINDOW: i64 = 30 * 86_400_000;

/// What the rules look at in a message.
#[derive(Clone, Debug, Default)]
pub(crate) struct Threading {
    /// Its own id and those that it refers to.
    pub(crate) links: Vec<Link>,
    /// It refers to others.
    pub(crate) has_references: bool,
    /// Without reply marks; empty when there is no subject.
    pub(crate) base_subject: String,
    /// The subject had a reply mark.
    pub(crate) has_reply_mark: bool,
    /// When it came.
    pub(crate) received_at: UnixMillis,
    /// For a message with a reply mark that no link in the store knows: the nearest thread by rule 2, and its
    /// distance in milliseconds.
    pub(crate) near: Option<(ThreadId, i64)>,
}

/// A thread to be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct NewThread {
    pub(crate) base_subject: String,
    pub(crate) orphan_at: Option<UnixMillis>,
}

/// What to write. Threads that became one are already replaced everywhere.
#[derive(Debug, Default)]
pub(crate) struct Resolution {
    /// The thread of every message, in their order.
    pub(crate) threads: Vec<ThreadId>,
    /// Threads to be created.
    pub(crate) created: BTreeMap<ThreadId, NewThread>,
    /// Stored threads that go into another: from, into.
    pub(crate) merged: Vec<(ThreadId, ThreadId)>,
    /// Stored threads that found their original.
    pub(crate) adopted: BTreeSet<ThreadId>,
    /// Links that were not known.
    pub(crate) links: Vec<(Link, ThreadId)>,
}

/// The rules at work on one batch.
#[derive(Debug)]
pub(crate) struct Resolver {
    next_id: i64,
    first_new: i64,
    links: HashMap<Link, ThreadId>,
    new_links: Vec<Link>,
    parents: HashMap<ThreadId, ThreadId>,
    created: BTreeMap<ThreadId, NewThread>,
    /// Messages of this batch by base subject.
    recent: HashMap<String, Vec<(UnixMillis, ThreadId)>>,
    /// Open threads by base subject.
    orphans: HashMap<String, Vec<(UnixMillis, ThreadId)>>,
    adopted: BTreeSet<ThreadId>,
}

impl Resolver {
    /// `first_new`: an id above all that were ever given; `links`: what the store knows about the batch's links;
    /// `orphans`: the store's open threads with the batch's base subjects.
    pub(crate) fn new(
        first_new: i64,
        links: HashMap<Link, ThreadId>,
        orphans: HashMap<String, Vec<(UnixMillis, ThreadId)>>,
    ) -> Self {
        Self {
            next_id: first_new,
            first_new,
            links,
            new_links: Vec::new(),
            parents: HashMap::new(),
            created: BTreeMap::new(),
            recent: HashMap::new(),
            orphans,
            adopted: BTreeSet::new(),
        }
    }

    /// Applies the rules, oldest message first.
    pub(crate) fn resolve(mut self, messages: &[Threading]) -> Resolution {
        let mut order: Vec<usize> = (0..messages.len()).collect();
        order.sort_by_key(|index| messages.get(*index).map(|message| message.received_at));
        let mut found: HashMap<usize, ThreadId> = HashMap::with_capacity(messages.len());
        for index in order {
            if let Some(message) = messages.get(index) {
                let thread = self.thread_of(message);
                found.insert(index, thread);
            }
        }
        let threads = (0..messages.len())
            .filter_map(|index| found.get(&index))
            .map(|thread| self.root(*thread))
            .collect();
        let merged: Vec<_> = self
            .parents
            .keys()
            .filter(|thread| thread.0 < self.first_new)
            .map(|thread| (*thread, self.root(*thread)))
            .collect();
        let links = self
            .new_links
            .iter()
            .filter_map(|link| Some((*link, self.root(*self.links.get(link)?))))
            .collect();
        let created = self
            .created
            .iter()
            .filter(|(thread, _)| !self.parents.contains_key(thread))
            .map(|(thread, row)| (*thread, row.clone()))
            .collect();
        let adopted = self
            .adopted
            .iter()
            .map(|thread| self.root(*thread))
            .filter(|thread| thread.0 < self.first_new)
            .collect();
        Resolution {
            threads,
            created,
            merged,
            adopted,
            links,
        }
    }

    fn thread_of(&mut self, message: &Threading) -> ThreadId {
        let mut joined: BTreeSet<ThreadId> = message
            .links
            .iter()
            .filter_map(|link| self.links.get(link))
            .map(|thread| self.root(*thread))
            .collect();
        if !joined.is_empty() || !message.has_reply_mark {
            joined.extend(self.adopt(message));
        }
        let thread = match joined.first() {
            Some(oldest) => {
                for other in joined.iter().skip(1) {
                    self.parents.insert(*other, *oldest);
                }
                *oldest
            }
            None => self.by_subject(message).unwrap_or_else(|| self.create(message)),
        };
        for link in &message.links {
            if !self.links.contains_key(link) {
                self.new_links.push(*link);
                self.links.insert(*link, thread);
            }
        }
        if !message.base_subject.is_empty() {
            self.recent
                .entry(message.base_subject.clone())
                .or_default()
                .push((message.received_at, thread));
        }
        thread
    }

    /// Rule 2.
    fn by_subject(&self, message: &Threading) -> Option<ThreadId> {
        if message.base_subject.is_empty() || !message.has_reply_mark {
            return None;
        }
        let here = self
            .recent
            .get(&message.base_subject)
            .into_iter()
            .flatten()
            .map(|(at, thread)| (*thread, at.0.abs_diff(message.received_at.0)));
        let stored = message
            .near
            .map(|(thread, distance)| (thread, distance.unsigned_abs()));
        let (thread, _) = here
            .chain(stored)
            .filter(|(_, distance)| *distance <= SUBJECT_WINDOW.unsigned_abs())
            .min_by_key(|(thread, distance)| (*distance, thread.0))?;
        Some(self.root(thread))
    }

    /// Rule 3. Open threads of this batch need no look: their originals were older and came first.
    fn adopt(&mut self, message: &Threading) -> Option<ThreadId> {
        let open = self.orphans.get_mut(&message.base_subject)?;
        let position = open
            .iter()
            .position(|(at, _)| (0..=SUBJECT_WINDOW).contains(&at.0.saturating_sub(message.received_at.0)))?;
        let (_, thread) = open.swap_remove(position);
        let thread = self.root(thread);
        self.adopted.insert(thread);
        Some(thread)
    }

    fn create(&mut self, message: &Threading) -> ThreadId {
        let thread = ThreadId(self.next_id);
        self.next_id += 1;
        let is_orphan = message.has_reply_mark && !message.has_references && !message.base_subject.is_empty();
        self.created.insert(
            thread,
            NewThread {
                base_subject: message.base_subject.clone(),
                orphan_at: is_orphan.then_some(message.received_at),
            },
        );
        thread
    }

    /// Follows merges; ids only ever point to smaller ids.
    fn root(&self, mut thread: ThreadId) -> ThreadId {
        while let Some(parent) = self.parents.get(&thread) {
            thread = *parent;
        }
        thread
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: i64 = 86_400_000;

    fn message(links: &[u8], subject: &str, day: i64) -> Threading {
        let base = subject.trim_start_matches("Re: ");
        Threading {
            links: links.iter().map(|byte| [*byte; 16]).collect(),
            has_references: links.len() > 1,
            base_subject: base.to_owned(),
            has_reply_mark: base != subject,
            received_at: UnixMillis(day * DAY),
            near: None,
        }
    }

    fn resolve(messages: &[Threading]) -> Vec<i64> {
        let resolution = Resolver::new(100, HashMap::new(), HashMap::new()).resolve(messages);
        resolution.threads.iter().map(|thread| thread.0).collect()
    }

    #[test]
    fn messages_join_by_reference_or_by_marked_subject() {
        let cases: &[(&str, Vec<Threading>, &[i64])] = &[
            (
                "reply names its original",
                vec![message(&[1], "a", 1), message(&[2, 1], "b", 90)],
                &[100, 100],
            ),
            (
                "siblings name a message that is not here",
                vec![message(&[2, 1], "a", 1), message(&[3, 1], "a", 2)],
                &[100, 100],
            ),
            (
                "a later message links two threads",
                vec![
                    message(&[1], "a", 1),
                    message(&[2], "b", 2),
                    message(&[3, 1, 2], "c", 3),
                ],
                &[100, 100, 100],
            ),
            (
                "marked subject within the window",
                vec![message(&[1], "a", 1), message(&[2], "Re: a", 31)],
                &[100, 100],
            ),
            (
                "marked subject outside the window",
                vec![message(&[1], "a", 1), message(&[2], "Re: a", 32)],
                &[100, 101],
            ),
            (
                "the same subject without a mark",
                vec![message(&[1], "a", 1), message(&[2], "a", 2)],
                &[100, 101],
            ),
            (
                "no subject, only a mark",
                vec![message(&[1], "", 1), message(&[2], "Re: ", 2)],
                &[100, 101],
            ),
            (
                "the nearest of two",
                vec![
                    message(&[1], "a", 1),
                    message(&[2], "a", 20),
                    message(&[3], "Re: a", 22),
                ],
                &[100, 101, 101],
            ),
            (
                "the order of arrival does not matter",
                vec![message(&[2, 1], "Re: a", 5), message(&[1], "a", 1)],
                &[100, 100],
            ),
        ];
        for (name, messages, threads) in cases {
            assert_eq!(resolve(messages), *threads, "{name}");
        }
    }

    #[test]
    fn stored_threads_merge_into_the_oldest() {
        let links = HashMap::from([([1; 16], ThreadId(7)), ([2; 16], ThreadId(3))]);
        let resolution = Resolver::new(100, links, HashMap::new())
            .resolve(&[message(&[9, 1, 2], "x", 1), message(&[8, 9], "y", 2)]);
        assert_eq!(resolution.threads, [ThreadId(3), ThreadId(3)]);
        assert_eq!(resolution.merged, [(ThreadId(7), ThreadId(3))]);
        assert!(resolution.created.is_empty());
        assert_eq!(resolution.links, [([9; 16], ThreadId(3)), ([8; 16], ThreadId(3))]);
    }

    #[test]
    fn orphaned_reply_adopts_one_original() {
        let reply = Resolver::new(100, HashMap::new(), HashMap::new()).resolve(&[message(&[2], "Re: a", 10)]);
        let row = reply.created.get(&ThreadId(100)).unwrap();
        assert_eq!(row.orphan_at, Some(UnixMillis(10 * DAY)));

        let open = HashMap::from([("a".to_owned(), vec![(UnixMillis(10 * DAY), ThreadId(100))])]);
        let batch = [
            message(&[1], "a", 9),
            message(&[3], "a", 8),
            message(&[4], "a", 11),
        ];
        let resolution = Resolver::new(101, HashMap::new(), open).resolve(&batch);
        // Oldest first: day 8 is taken for the original; nothing after it, nothing later than the reply.
        assert_eq!(resolution.threads, [101, 100, 102].map(ThreadId));
        assert_eq!(resolution.adopted, BTreeSet::from([ThreadId(100)]));
    }
}
