//! One folder brought up to date over an open session.

use mailroom_model::{FolderRole, MessageId, UidSet, UnixMillis};
use mailroom_protocol::imap::{Delta, FlagState, FolderStatus, ImapSession, Resume, Selected};
use mailroom_store::{FlagUpdate, FolderCursor, FolderRow};

use super::load::Target;
use super::look::Hold;
use super::plan::{
    Arrivals, FlagChanges, LocalFolder, Plan, RemoteFolder, day_start, is_proved, oldest, plan,
};
use crate::event::Event;
use crate::{Arrived, Engine, EngineError, FolderOutcome};

/// New messages that are told by name.
const TOLD: usize = 5;
/// New messages among which the newest are looked for.
const TOLD_CANDIDATES: usize = 400;

/// What is to be done with a folder.
pub(crate) struct Work<'a> {
    pub(crate) engine: &'a Engine,
    pub(crate) address: &'a str,
    pub(crate) folder: &'a FolderRow,
    /// Where the wanted period begins.
    pub(crate) period_start: Option<UnixMillis>,
    /// The server shows only so many messages, the newest.
    pub(crate) cut_at: Option<u32>,
    pub(crate) target: Target<'a>,
    pub(crate) occasion: Occasion,
}

/// Why a folder is brought up to date.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Occasion {
    /// It is time to. New messages are told one by one.
    Look,
    /// The server was listened to since the last time, and announced new messages and nothing else.
    Arrival,
    /// The server announced something while a load of the folder is under way.
    Beside,
    /// Something was brought back: nothing in it is news.
    Undo,
}

/// Where a folder stands on the server, as far as it was told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Stand {
    uid_validity: u32,
    uid_next: Option<u32>,
    highest_modseq: Option<u64>,
    exists: u32,
}

impl From<&FolderCursor> for Stand {
    fn from(cursor: &FolderCursor) -> Self {
        Self {
            uid_validity: cursor.uid_validity,
            uid_next: Some(cursor.uid_next),
            highest_modseq: cursor.highest_modseq,
            exists: cursor.exists,
        }
    }
}

impl LocalFolder {
    /// `None` before the first time. `cut_at`: the server shows only so many messages, the newest.
    pub(crate) fn of(folder: &FolderRow, cut_at: Option<u32>) -> Option<Self> {
        folder.cursor.as_ref().map(|cursor| Self {
            uid_validity: cursor.uid_validity,
            uid_next: cursor.uid_next,
            highest_modseq: cursor.highest_modseq,
            exists: cursor.exists,
            window_start: cursor.window_start,
            complete: cursor.is_complete,
            // Those that a waiting change hides are not counted here.
            known: folder.total.max(cursor.exists.into()),
            was_cut: is_cut(cursor.exists, cut_at),
        })
    }
}

/// True for a folder of which the server shows the newest messages only.
fn is_cut(exists: u32, cut_at: Option<u32>) -> bool {
    cut_at.is_some_and(|most| exists >= most)
}

/// True when the folder need not be opened: it stands where the server says that it stands.
pub(crate) fn is_unchanged(
    folder: &FolderRow,
    status: &FolderStatus,
    period_start: Option<UnixMillis>,
    cut_at: Option<u32>,
) -> bool {
    let remote = RemoteFolder {
        uid_validity: status.uid_validity,
        uid_next: Some(status.uid_next),
        highest_modseq: status.highest_modseq,
        exists: status.messages,
        delta: false,
        only_grew: false,
        is_cut: is_cut(status.messages, cut_at),
    };
    folder.error.is_none()
        && LocalFolder::of(folder, cut_at)
            .is_some_and(|local| is_proved(&local, &remote, period_start.map(day_start)))
}

impl Work<'_> {
    /// Brings the folder up to date and says what was done. An error leaves what was reached; the next call goes on
    /// there.
    pub(crate) async fn run(
        &self,
        session: &mut ImapSession,
        hold: &mut Hold<'_>,
    ) -> Result<FolderOutcome, EngineError> {
        let mut outcome = FolderOutcome {
            path: self.folder.seen.path.clone(),
            ..FolderOutcome::default()
        };
        let selected = session
            .select(&self.folder.seen.wire_name, self.resume().as_ref())
            .await?;
        let window_start = self.period_start.map(day_start);
        let local = LocalFolder::of(self.folder, self.cut_at);
        let remote = RemoteFolder {
            uid_validity: selected.uid_validity,
            uid_next: selected.uid_next,
            highest_modseq: selected.highest_modseq,
            exists: selected.exists,
            delta: selected.delta.is_some(),
            only_grew: self.occasion == Occasion::Arrival,
            is_cut: is_cut(selected.exists, self.cut_at),
        };
        let mut plan = plan(local.as_ref(), &remote, window_start);
        // Messages that came while the folder was being emptied: nobody knows what became of them since.
        plan.reset |= local.is_none() && self.folder.total > 0;
        if plan.is_nothing() && self.stands_at(&selected) {
            return Ok(outcome);
        }
        self.settle(session, &plan, &selected, &mut outcome).await?;
        let cursor = self.cursor(&selected, window_start).await?;
        if plan.look_for_older {
            self.older(session, &cursor, &mut outcome).await?;
        }
        let mut unread = Vec::new();
        let brought = self
            .arrivals(
                session,
                &plan,
                &selected,
                &cursor,
                hold,
                &mut outcome,
                &mut unread,
            )
            .await;
        hold.close().await;
        let is_complete = brought?;
        let folders = self.target.store.folders();
        let cursor = FolderCursor {
            is_complete,
            uid_next: self.next_uid(&selected).await?,
            ..cursor
        };
        let over = match plan.arrivals {
            Arrivals::Window => Some(cursor.uid_validity),
            Arrivals::None | Arrivals::From(_) => self.kept_validity(&plan),
        };
        folders.set_cursor(self.folder.id, over, &cursor).await?;
        if self.folder.error.is_some() {
            folders.set_error(self.folder.id, None).await?;
        }
        self.tell_arrivals(unread).await?;
        Ok(outcome)
    }

    /// Fetches what has UIDs from `first` on, while a load of everything below is under way over another connection. What else
    /// changed is the next look's: the load ends where it began. Gives also where the folder stands on the server.
    pub(crate) async fn run_beside(
        &self,
        session: &mut ImapSession,
        first: u32,
    ) -> Result<(FolderOutcome, Stand), EngineError> {
        let mut outcome = FolderOutcome {
            path: self.folder.seen.path.clone(),
            ..FolderOutcome::default()
        };
        let selected = session.select(&self.folder.seen.wire_name, None).await?;
        let stand = Stand {
            uid_validity: selected.uid_validity,
            uid_next: selected.uid_next,
            highest_modseq: selected.highest_modseq,
            exists: selected.exists,
        };
        let is_same = |cursor: &FolderCursor| {
            cursor.uid_validity == selected.uid_validity && selected.uid_validity != 0
        };
        if let Some(cursor) = self.folder.cursor.filter(is_same)
            && selected.uid_next.is_none_or(|next| next > first)
        {
            let unread = self
                .recent(
                    session,
                    first,
                    &selected,
                    &cursor,
                    &mut Hold::none(),
                    &mut outcome,
                )
                .await?;
            self.tell_arrivals(unread).await?;
        }
        Ok((outcome, stand))
    }

    /// Tells of messages that came since the last look. Our own are no news: what was sent, and what is being written.
    async fn tell_arrivals(&self, unread: Vec<MessageId>) -> Result<(), EngineError> {
        let role = self.folder.seen.role;
        if unread.is_empty()
            || self.occasion == Occasion::Undo
            || matches!(role, Some(FolderRole::Sent | FolderRole::Drafts))
        {
            return Ok(());
        }
        let (account, folder) = (self.target.account, self.folder.id);
        // Boxed: it is seldom more than a look at a row.
        let mut unread = Box::pin(self.engine.without_late_loops(account, folder, unread)).await?;
        if unread.is_empty() {
            return Ok(());
        }
        // Ids are given in the order of time within a batch, and newer batches come first.
        let mut rows = Vec::new();
        let count = unread.len() as u64;
        unread.sort_unstable();
        let skipped = unread.len().saturating_sub(TOLD_CANDIDATES);
        for id in unread.into_iter().skip(skipped) {
            rows.extend(self.target.store.messages().get(id).await?);
        }
        rows.sort_by_key(|row| std::cmp::Reverse((row.received_at, row.id)));
        rows.truncate(TOLD);
        self.engine.tell(Event::MessagesArrived {
            address: self.address.to_owned(),
            folder: self.folder.seen.path.clone(),
            role,
            messages: rows
                .into_iter()
                .map(|row| Arrived {
                    id: row.id,
                    from: row.from,
                    subject: row.subject,
                })
                .collect(),
            count,
        });
        Ok(())
    }

    /// True when nothing would be written: what is kept about the folder is what the server says.
    fn stands_at(&self, selected: &Selected) -> bool {
        self.folder.error.is_none()
            && selected.delta.as_ref().is_none_or(Delta::is_empty)
            && self.folder.cursor.as_ref().is_some_and(|cursor| {
                cursor.is_complete
                    && cursor.highest_modseq == selected.highest_modseq
                    && cursor.exists == selected.exists
            })
    }

    /// What the server needs to know to answer with the changes alone. The known UIDs are not told: it would take a look
    /// at all of them, and only spares a server without memory from naming others.
    fn resume(&self) -> Option<Resume> {
        let cursor = self.folder.cursor.as_ref()?;
        Some(Resume {
            uid_validity: cursor.uid_validity,
            highest_modseq: cursor.highest_modseq?,
            known_uids: None,
        })
    }

    /// Everything but arrivals: what is known here becomes what the server has.
    async fn settle(
        &self,
        session: &mut ImapSession,
        plan: &Plan,
        selected: &Selected,
        outcome: &mut FolderOutcome,
    ) -> Result<(), EngineError> {
        let (store, id) = (self.target.store, self.folder.id);
        let now = self.engine.now().await?;
        if plan.reset {
            return Ok(store.folders().reset(id, selected.uid_validity, now).await?);
        }
        if let (Some(before), Some(cursor)) = (plan.trim_before, &self.folder.cursor) {
            // Written first: what is trimmed must be missed when the window is widened again, also after a look that was cut
            // before its end.
            let cursor = FolderCursor {
                window_start: Some(before),
                ..*cursor
            };
            let over = Some(cursor.uid_validity);
            store.folders().set_cursor(id, over, &cursor).await?;
            outcome.removed += store.messages().remove_before(id, oldest(before)).await?;
        } else if let Some(start) = self.period_start.map(day_start) {
            // What was moved or copied here since may be of any age.
            let messages = store.messages();
            outcome.removed += messages.remove_settled_before(id, oldest(start)).await?;
        }
        if let Some(delta) = &selected.delta {
            outcome.removed += store.messages().remove_uids(id, &delta.vanished, now).await?;
            outcome.changed += self.apply(&delta.changed).await?;
        }
        if plan.compare_removals {
            let remote = session.uids(None).await?;
            // Some servers cut long answers off. What is missing in a list that is too short did not go.
            if remote.len() >= u64::from(session.message_count()) {
                let mut gone = store.messages().known_uids(id).await?.difference(&remote);
                if let (true, Some(oldest)) = (is_cut(session.message_count(), self.cut_at), remote.first()) {
                    // Newer ones have pushed these out of what the server shows; they are still there.
                    gone = gone.difference(&UidSet::range(1, oldest.saturating_sub(1)));
                }
                outcome.removed += store.messages().remove_uids(id, &gone, now).await?;
            }
        }
        match plan.flags {
            FlagChanges::None => {}
            FlagChanges::Since(modseq) => {
                let fetched = session
                    .fetch_flags(&UidSet::range(1, u32::MAX), Some(modseq))
                    .await?;
                outcome.removed += store.messages().remove_uids(id, &fetched.vanished, now).await?;
                outcome.changed += self.apply(&fetched.states).await?;
            }
            FlagChanges::All => {
                let known = store.messages().known_uids(id).await?;
                let fetched = session.fetch_flags(&known, None).await?;
                outcome.changed += self.apply(&fetched.states).await?;
            }
        }
        Ok(())
    }

    async fn apply(&self, states: &[FlagState]) -> Result<u64, EngineError> {
        let updates: Vec<FlagUpdate> = states
            .iter()
            .map(|state| FlagUpdate {
                uid: state.uid,
                flags: state.flags.clone(),
                modseq: state.modseq,
            })
            .collect();
        Ok(self
            .target
            .store
            .messages()
            .apply_flags(self.folder.id, &updates)
            .await?)
    }

    /// Where this look at the folder stands. It is the server's word at the time of SELECT: what changes later is seen the
    /// next time.
    pub(super) async fn cursor(
        &self,
        selected: &Selected,
        window_start: Option<UnixMillis>,
    ) -> Result<FolderCursor, EngineError> {
        Ok(FolderCursor {
            uid_validity: selected.uid_validity,
            uid_next: self.next_uid(selected).await?,
            highest_modseq: selected.highest_modseq,
            exists: selected.exists,
            window_start,
            is_complete: false,
            at: self.engine.now().await?,
        })
    }

    /// The UIDVALIDITY that the store has for the folder once `plan` is settled.
    pub(super) fn kept_validity(&self, plan: &Plan) -> Option<u32> {
        let cursor = self.folder.cursor.as_ref().filter(|_| !plan.reset);
        cursor.map(|cursor| cursor.uid_validity)
    }

    /// The first UID that is new: the server's word, or else what comes after the last one here.
    pub(super) async fn next_uid(&self, selected: &Selected) -> Result<u32, EngineError> {
        if let Some(next) = selected.uid_next {
            return Ok(next);
        }
        let known = self.target.store.messages().known_uids(self.folder.id).await?;
        Ok(known.last().map_or(1, |last| last.saturating_add(1)))
    }
}
