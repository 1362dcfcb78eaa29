//! What came to a folder: asked for, compared with what is here, and loaded.

use mailroom_model::{FolderRole, MessageId, UidSet, UnixMillis};
use mailroom_protocol::imap::{ImapSession, RemoteFacts, Selected};
use mailroom_store::{FolderCursor, NamedMessage};

use super::batch::Wanted;
use super::folder::{Occasion, Work};
use super::load::{Loaded, load};
use super::look::Hold;
use super::plan::{Arrivals, Plan, oldest};
use crate::event::Event;
use crate::{EngineError, FolderOutcome, Progress};

/// How many messages of the inbox come first.
const NEWEST: usize = 50;
/// UIDs whose facts are asked for with one command.
const FACTS_CHUNK: usize = 5000;

impl Work<'_> {
    /// Loads what is new. False when the server did not list everything that there is.
    #[expect(
        clippy::too_many_arguments,
        reason = "what a look at a folder knows, and what comes of it"
    )]
    pub(super) async fn arrivals(
        &self,
        session: &mut ImapSession,
        plan: &Plan,
        selected: &Selected,
        cursor: &FolderCursor,
        hold: &mut Hold<'_>,
        outcome: &mut FolderOutcome,
        unread: &mut Vec<MessageId>,
    ) -> Result<bool, EngineError> {
        let (missing, is_whole): (Vec<u32>, bool) = match plan.arrivals {
            Arrivals::None => return Ok(true),
            Arrivals::From(first) => {
                *unread = self
                    .recent(session, first, selected, cursor, hold, outcome)
                    .await?;
                return Ok(true);
            }
            Arrivals::Window => {
                // Remembered before anything is loaded, so that an interrupted load goes on with the changes since now.
                let over = self.kept_validity(plan);
                let folders = self.target.store.folders();
                if !folders.set_cursor(self.folder.id, over, cursor).await? {
                    // The person gave the folder up meanwhile.
                    return Ok(false);
                }
                hold.open_from(selected.uid_next);
                let remote = session.uids(cursor.window_start).await?;
                let is_whole =
                    cursor.window_start.is_some() || remote.len() >= u64::from(session.message_count());
                let known = self.target.store.messages().known_uids(self.folder.id).await?;
                (remote.difference(&known).iter().rev().collect(), is_whole)
            }
        };
        let is_inbox = self.folder.seen.role == Some(FolderRole::Inbox);
        let mut progress = Progress {
            messages_total: missing.len() as u64,
            ..Progress::default()
        };
        let head = missing.len().min(if is_inbox && missing.len() > NEWEST {
            NEWEST
        } else {
            0
        });
        let (newest, rest) = missing.split_at_checked(head).unwrap_or_default();
        if !newest.is_empty() {
            let wanted = self.facts(session, newest, cursor.window_start, outcome).await?;
            progress.bytes_total = wanted.iter().map(|message| message.size).sum();
            let loaded = self.load(session, &wanted, &mut progress).await?;
            add(outcome, &loaded);
            self.engine.tell(Event::InboxReadied {
                address: self.address.to_owned(),
                messages: loaded.messages,
            });
            if hold.is_listened_to() {
                self.engine.looks.newest_are_here(self.target.account);
            }
        }
        let wanted = self.facts(session, rest, cursor.window_start, outcome).await?;
        progress.bytes_total += wanted.iter().map(|message| message.size).sum::<u64>();
        progress.messages_total = progress.messages + wanted.len() as u64;
        let loaded = self.load(session, &wanted, &mut progress).await?;
        add(outcome, &loaded);
        if is_inbox && newest.is_empty() {
            self.engine.tell(Event::InboxReadied {
                address: self.address.to_owned(),
                messages: outcome.added,
            });
        }
        Ok(is_whole)
    }

    /// Loads messages that were there at the last look, but not shown by the server: of a folder with more than it shows, older
    /// ones take the place of those that go. They are no news.
    pub(super) async fn older(
        &self,
        session: &mut ImapSession,
        cursor: &FolderCursor,
        outcome: &mut FolderOutcome,
    ) -> Result<(), EngineError> {
        let came = self.folder.cursor.map_or(1, |cursor| cursor.uid_next);
        let remote = session.uids(cursor.window_start).await?;
        let known = self.target.store.messages().known_uids(self.folder.id).await?;
        let missing = remote
            .difference(&known)
            .difference(&UidSet::range(came, u32::MAX));
        let missing: Vec<u32> = missing.iter().rev().collect();
        let wanted = self
            .facts(session, &missing, cursor.window_start, outcome)
            .await?;
        let mut progress = Progress {
            messages_total: wanted.len() as u64,
            bytes_total: wanted.iter().map(|message| message.size).sum(),
            ..Progress::default()
        };
        let loaded = self.load(session, &wanted, &mut progress).await?;
        add(outcome, &loaded);
        Ok(())
    }

    /// Messages that came since the last look: their UIDs are known to be `first` or more.
    pub(super) async fn recent(
        &self,
        session: &mut ImapSession,
        first: u32,
        selected: &Selected,
        cursor: &FolderCursor,
        hold: &mut Hold<'_>,
        outcome: &mut FolderOutcome,
    ) -> Result<Vec<MessageId>, EngineError> {
        let facts = session.fetch_facts(&UidSet::range(first, u32::MAX)).await?;
        let mut facts = inside(facts, cursor.window_start);
        let uids: UidSet = facts.iter().map(|facts| facts.uid).collect();
        let places = self.target.store.messages().places(self.folder.id, &uids).await?;
        let known: UidSet = places.iter().map(|place| place.uid).collect();
        facts.retain(|facts| !known.contains(facts.uid));
        let wanted = self.not_here(&facts, outcome).await?;
        if wanted.len() > NEWEST && hold.is_listened_to() {
            // They will take their time, and come newest first.
            hold.open_from(selected.uid_next);
            self.engine.looks.newest_are_here(self.target.account);
        }
        let mut progress = Progress {
            messages_total: wanted.len() as u64,
            bytes_total: wanted.iter().map(|message| message.size).sum(),
            ..Progress::default()
        };
        let loaded = self.load(session, &wanted, &mut progress).await?;
        add(outcome, &loaded);
        Ok(loaded.unread)
    }

    /// Sizes of messages, in the order of `uids`; those that went in the meantime, those from before the window, and those
    /// whose content is here already, are left out.
    async fn facts(
        &self,
        session: &mut ImapSession,
        uids: &[u32],
        window_start: Option<UnixMillis>,
        outcome: &mut FolderOutcome,
    ) -> Result<Vec<Wanted>, EngineError> {
        let mut wanted = Vec::with_capacity(uids.len());
        for chunk in uids.chunks(FACTS_CHUNK) {
            let set: UidSet = chunk.iter().copied().collect();
            let facts = inside(session.fetch_facts(&set).await?, window_start);
            wanted.extend(self.not_here(&facts, outcome).await?);
            if self.target.cancel.is_cancelled() {
                return Err(EngineError::Cancelled);
            }
        }
        Ok(wanted)
    }

    /// What has to be loaded. A message that stands in another folder already, as far as the server gives contents a name,
    /// gets its place here without its bytes coming again.
    async fn not_here(
        &self,
        facts: &[RemoteFacts],
        outcome: &mut FolderOutcome,
    ) -> Result<Vec<Wanted>, EngineError> {
        let named: Vec<NamedMessage> = facts
            .iter()
            .filter_map(|facts| {
                Some(NamedMessage {
                    uid: facts.uid,
                    flags: facts.flags.clone(),
                    modseq: facts.modseq,
                    internal_at: facts.internal_date,
                    content_id: facts.content_id.clone()?,
                })
            })
            .collect();
        let here = if named.is_empty() {
            UidSet::new()
        } else {
            let target = &self.target;
            let messages = target.store.messages();
            messages
                .place_named(target.account, target.folder, &named)
                .await?
        };
        outcome.added += here.len();
        let missing = facts.iter().filter(|facts| !here.contains(facts.uid));
        Ok(missing.map(wanted_of).collect())
    }

    async fn load(
        &self,
        session: &mut ImapSession,
        wanted: &[Wanted],
        progress: &mut Progress,
    ) -> Result<Loaded, EngineError> {
        let start = *progress;
        load(session, &self.target, wanted, start, |now| {
            *progress = now;
            // Two loads of one folder would seem to go back and forth.
            if self.occasion != Occasion::Beside {
                self.engine.tell(Event::SyncProgressed {
                    address: self.address.to_owned(),
                    folder: self.folder.seen.path.clone(),
                    progress: now,
                });
            }
        })
        .await
    }
}

/// The messages inside the window, newest first. One without a readable date is inside: the server counted it in.
fn inside(mut facts: Vec<RemoteFacts>, window_start: Option<UnixMillis>) -> Vec<RemoteFacts> {
    let oldest = window_start.map(oldest);
    facts.sort_unstable_by_key(|facts| std::cmp::Reverse(facts.uid));
    facts.retain(|facts| {
        facts.internal_date.0 == 0 || oldest.is_none_or(|oldest| facts.internal_date >= oldest)
    });
    facts
}

fn wanted_of(facts: &RemoteFacts) -> Wanted {
    Wanted {
        uid: facts.uid,
        size: facts.size,
    }
}

fn add(outcome: &mut FolderOutcome, loaded: &Loaded) {
    outcome.added += loaded.messages;
    outcome.bytes += loaded.bytes;
}
