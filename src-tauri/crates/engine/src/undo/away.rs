//! Messages that a server has moved: where they are now, and what has to be done there to have them back.

use mailroom_model::{FlagChange, UidSet};
use mailroom_protocol::imap::ImapSession;
use mailroom_store::FolderRow;

use crate::EngineError;

/// A message that the server has moved, and where it may be.
pub(super) struct Away {
    /// Its UID in the target, by COPYUID with the UIDVALIDITY.
    pub(super) copied: Option<(u32, u32)>,
    /// Its UID in the target, as known here.
    pub(super) known: Option<u32>,
    pub(super) rfc_message_id: Option<String>,
    /// The UID of the original where it was, when it was left there (no UIDPLUS) as far as is known here. That it is not
    /// marked `\Deleted` any more says nothing about its copy: an undo may have been interrupted.
    pub(super) left: Option<u32>,
}

/// Where moved messages were found.
#[derive(Default)]
pub(super) struct Found {
    /// Originals that were only marked, and are not any more.
    pub(super) originals: UidSet,
    /// To be moved back.
    pub(super) back: UidSet,
    /// Copies of those originals.
    pub(super) copies: UidSet,
    pub(super) gone: u64,
}

/// Looks for the messages where they were moved to, and then where they were: nothing is changed there before it is known
/// what has to go.
pub(super) async fn look(
    session: &mut ImapSession,
    source: &FolderRow,
    target: &FolderRow,
    away: &[Away],
) -> Result<(u32, Found), EngineError> {
    let (uid_validity, uids) = find(session, target, away).await?;
    let mut found = Found {
        originals: unmark(session, source, away).await?,
        ..Found::default()
    };
    for (one, uid) in away.iter().zip(uids) {
        found.add(one, uid);
    }
    Ok((uid_validity, found))
}

/// Takes `\Deleted` off the originals that a server without UIDPLUS left where they were, and says which of them are safe:
/// there, and marked no more. Only the copies of these may go. An original that somebody has expunged since, or whose UID
/// means another message now, lives on in its copy alone.
async fn unmark(session: &mut ImapSession, source: &FolderRow, away: &[Away]) -> Result<UidSet, EngineError> {
    let left: UidSet = away.iter().filter_map(|one| one.left).collect();
    if left.is_empty() {
        return Ok(left);
    }
    let selected = session.select(&source.seen.wire_name, None).await?;
    let known = source.cursor.as_ref().map(|cursor| cursor.uid_validity);
    if selected.uid_validity == 0 || known != Some(selected.uid_validity) {
        return Ok(UidSet::new());
    }
    session.store_flags(&left, &unmarking(), None).await?;
    let facts = session.fetch_facts(&left).await?;
    let safe = facts.into_iter().filter(|facts| !facts.flags.deleted);
    Ok(safe.map(|facts| facts.uid).collect())
}

/// What `\Deleted` is taken off with.
pub(super) fn unmarking() -> FlagChange {
    FlagChange {
        add: Vec::new(),
        remove: vec!["\\Deleted".to_owned()],
    }
}

/// Looks for the messages in the folder to which they were moved: its UIDVALIDITY, and the UID of each. One that has left the
/// place where it was put is gone: somebody moved it on, and another of the same Message-ID would be another message.
async fn find(
    session: &mut ImapSession,
    target: &FolderRow,
    away: &[Away],
) -> Result<(u32, Vec<Option<u32>>), EngineError> {
    let selected = session.select(&target.seen.wire_name, None).await?;
    let uid_validity = selected.uid_validity;
    let is_known = target
        .cursor
        .as_ref()
        .is_some_and(|cursor| cursor.uid_validity == uid_validity);
    let named = |one: &Away| {
        let copied = one.copied.filter(|(validity, _)| *validity == uid_validity);
        copied.map(|(_, uid)| uid).or(one.known.filter(|_| is_known))
    };
    let asked: UidSet = away.iter().filter_map(named).collect();
    let there: UidSet = if asked.is_empty() {
        UidSet::new()
    } else {
        let facts = session.fetch_facts(&asked).await?;
        facts.into_iter().map(|facts| facts.uid).collect()
    };
    let mut uids = Vec::with_capacity(away.len());
    for one in away {
        uids.push(match (named(one), &one.rfc_message_id) {
            (Some(uid), _) => Some(uid).filter(|uid| there.contains(*uid)),
            (None, Some(id)) => session.find_by_message_id(id).await?.last(),
            (None, None) => None,
        });
    }
    Ok((uid_validity, uids))
}

/// The same without asking; `None` when not every message is known. Whether an original is still there has to be asked.
pub(super) fn known(target: &FolderRow, away: &[Away]) -> Option<(u32, Found)> {
    if away.iter().any(|one| one.left.is_some()) {
        return None;
    }
    let cursor = target.cursor.as_ref().map(|cursor| cursor.uid_validity);
    let first = away
        .iter()
        .find_map(|one| one.copied)
        .map(|(validity, _)| validity);
    let uid_validity = cursor.or(first)?;
    let mut found = Found::default();
    for one in away {
        let copied = one.copied.filter(|(validity, _)| *validity == uid_validity);
        let uid = copied
            .map(|(_, uid)| uid)
            .or(one.known.filter(|_| cursor.is_some()))?;
        found.add(one, Some(uid));
    }
    Some((uid_validity, found))
}

impl Found {
    fn add(&mut self, one: &Away, uid: Option<u32>) {
        let is_original_safe = one.left.is_some_and(|uid| self.originals.contains(uid));
        match uid {
            Some(uid) if is_original_safe => self.copies.insert(uid),
            Some(uid) => self.back.insert(uid),
            // The original is there all the same.
            None if is_original_safe => {}
            None => self.gone += 1,
        }
    }
}
