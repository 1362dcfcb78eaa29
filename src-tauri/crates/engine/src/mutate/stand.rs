//! Where a message can be acted upon: in folders whose messages the server has, and, of what a waiting change has only shown in
//! its new folder so far, where it still is.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use mailroom_model::{
    AccountId, Coded as _, FolderId, FolderRole, MessageFlags, MessageId, OperationId, UidSet,
};
use mailroom_store::{MessageRow, OperationRow, OperationState, Place};

use super::under_way::while_under_way;
use crate::undo::Moved;
use crate::{Engine, EngineError};

/// Messages that are to be changed, and where each is shown.
#[derive(Clone, Debug, Default)]
pub struct Shown {
    /// The messages.
    pub ids: Vec<MessageId>,
    /// The folders in which they are seen, by path or role. One without is acted upon in the folder that comes first.
    pub folders: HashMap<MessageId, String>,
}

impl From<&[MessageId]> for Shown {
    fn from(ids: &[MessageId]) -> Self {
        Self {
            ids: ids.to_vec(),
            folders: HashMap::new(),
        }
    }
}

/// A message in a folder, as a change finds it.
pub(super) struct Stand {
    pub(super) message: MessageId,
    /// Its UID in [`Spot::folder`].
    pub(super) uid: u32,
    pub(super) flags: MessageFlags,
    pub(super) rfc_message_id: Option<String>,
}

/// Where messages stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Spot {
    /// The folder in which they are shown.
    pub(super) shown_in: FolderId,
    /// The folder that their UIDs belong to.
    pub(super) folder: FolderId,
    /// The change that will bring them from there to where they are shown: what else is wished comes before it.
    pub(super) before: Option<OperationId>,
}

pub(super) fn uids(stands: &[Stand]) -> UidSet {
    stands.iter().map(|stand| stand.uid).collect()
}

pub(super) fn moved(stands: &[Stand]) -> Vec<Moved> {
    let moved = |stand: &Stand| Moved {
        message: stand.message,
        uid: stand.uid,
        rfc_message_id: stand.rfc_message_id.clone(),
    };
    stands.iter().map(moved).collect()
}

impl Engine {
    /// Every place where messages stand, by folder.
    pub(super) async fn every_stand(
        &self,
        ids: &[MessageId],
    ) -> Result<BTreeMap<Spot, Vec<Stand>>, EngineError> {
        let mut stands: BTreeMap<Spot, Vec<Stand>> = BTreeMap::new();
        for id in ids {
            let (row, wanted) = self.settled_row(*id, |_| Wanted::Every).await?;
            for found in spots(&row, wanted) {
                add(&mut stands, &row, found);
            }
        }
        Ok(stands)
    }

    /// One place of each message, by folder: where it is shown, or the first one. What a waiting change has only shown in its
    /// new folder so far is acted upon where it still is. One that is being carried out is waited for. A message that is no
    /// more where it was shown is passed over. Errors: [`EngineError::OutcomeUnknown`] and [`EngineError::PlaceUnknown`] when
    /// nobody knows where a message is now; [`EngineError::FolderMissing`].
    pub(super) async fn stands(&self, shown: &Shown) -> Result<BTreeMap<Spot, Vec<Stand>>, EngineError> {
        let mut stands: BTreeMap<Spot, Vec<Stand>> = BTreeMap::new();
        let mut views: HashMap<FolderId, bool> = HashMap::new();
        let folders = self.folders_shown(shown, &mut views).await?;
        for id in &shown.ids {
            let name = shown.folders.get(id);
            let wanted = |account: AccountId| match name {
                None => Wanted::One,
                Some(name) => match folders.get(&(account, name.as_str())) {
                    // A view of everything is no place to move from.
                    Some(folder) if views.get(folder) == Some(&true) => Wanted::One,
                    folder => Wanted::In(folder.copied()),
                },
            };
            let (row, wanted) = self.settled_row(*id, wanted).await?;
            let mut chosen = None;
            for candidate in spots(&row, wanted) {
                let is_view = self.is_view_of(candidate.0.shown_in, &mut views).await?;
                if !is_view {
                    chosen = Some(candidate);
                    break;
                }
                chosen.get_or_insert(candidate);
            }
            if let Some(chosen) = chosen {
                add(&mut stands, &row, chosen);
            }
        }
        Ok(stands)
    }

    /// The folders in which messages are shown, in each account that has one of the name.
    async fn folders_shown<'s>(
        &self,
        shown: &'s Shown,
        views: &mut HashMap<FolderId, bool>,
    ) -> Result<HashMap<(AccountId, &'s str), FolderId>, EngineError> {
        let mut found = HashMap::new();
        let names: BTreeSet<&str> = shown.folders.values().map(String::as_str).collect();
        for name in names {
            let mut fitting = self.folders_named(None, name).await?;
            if fitting.is_empty() {
                return Err(EngineError::FolderMissing {
                    path: name.to_owned(),
                });
            }
            // A folder that has just this name is meant before one that has it for a role.
            fitting.sort_by_key(|folder| folder.seen.path == name);
            for folder in fitting {
                self.is_view_of(folder.id, views).await?;
                found.insert((folder.account_id, name), folder.id);
            }
        }
        Ok(found)
    }

    async fn is_view_of(
        &self,
        folder: FolderId,
        known: &mut HashMap<FolderId, bool>,
    ) -> Result<bool, EngineError> {
        if let Some(is_view) = known.get(&folder) {
            return Ok(*is_view);
        }
        let is_view = self.is_view(folder).await?;
        known.insert(folder, is_view);
        Ok(is_view)
    }

    /// A message of which it is known where it stands.
    async fn settled_row(
        &self,
        id: MessageId,
        wanted: impl Fn(AccountId) -> Wanted,
    ) -> Result<(MessageRow, Wanted), EngineError> {
        let store = self.store().await?;
        let operations = &store.operations();
        let wanted = &wanted;
        let settled = while_under_way(|| async move {
            let row = self.message_row(id).await?;
            let wanted = wanted(row.account_id);
            let shown = || {
                row.expected
                    .iter()
                    .filter(|place| !place.is_hidden && wanted.includes(place.folder_id))
            };
            let Some(first) = shown().next().filter(|_| spots(&row, wanted).is_empty()) else {
                return Ok(Some((row, wanted)));
            };
            let begun = shown().find_map(|place| place.source.filter(|source| source.is_begun));
            let Some(begun) = begun else {
                // It was done without a word of where it is now, or it is a copy of what goes.
                return Err(match first.source {
                    Some(source) => EngineError::OutcomeUnknown {
                        id: source.operation.0,
                    },
                    None => EngineError::PlaceUnknown { id: id.0 },
                });
            };
            let operation = operations.get(begun.operation).await?;
            let now = self.now().await?;
            let is_broken = |operation: &OperationRow| operation.attempts > 0 || operation.next_at > now;
            if operation.as_ref().is_some_and(is_broken) {
                // The connection broke in the middle of it: nobody may be at it for long.
                return Err(EngineError::OutcomeUnknown {
                    id: begun.operation.0,
                });
            }
            if self.is_at_rest(row.account_id)? {
                // Boxed: it holds the work on a mailbox and is large.
                Box::pin(self.finish_left(&row, begun.operation)).await?;
            }
            Ok(None)
        });
        settled.await?.ok_or(EngineError::PlaceUnknown { id: id.0 })
    }

    /// Has a change carried out that nobody is at although it was begun: the program that was is gone. Errors:
    /// [`EngineError::OutcomeUnknown`] when that cannot be done now.
    async fn finish_left(&self, row: &MessageRow, begun: OperationId) -> Result<(), EngineError> {
        let unknown = EngineError::OutcomeUnknown { id: begun.0 };
        let store = self.store().await?;
        let Some(account) = store.accounts().get(row.account_id).await? else {
            return Err(unknown);
        };
        if let Err(error) = self.push_due(&account, &mut 0).await {
            tracing::debug!(code = %error.code(), "a change that was left in the middle waits for the server");
            return Err(unknown);
        }
        let left = store.operations().get(begun).await?;
        // Something else of its folder may have to wait, and it with that.
        left.filter(|left| left.state == OperationState::Waiting && left.attempts == 0)
            .map_or(Ok(()), |_| Err(unknown))
    }

    /// True for a folder that shows what stands elsewhere.
    pub(super) async fn is_view(&self, folder: FolderId) -> Result<bool, EngineError> {
        let folder = self.store().await?.folders().get(folder).await?;
        Ok(matches!(
            folder.and_then(|folder| folder.seen.role),
            Some(FolderRole::All | FolderRole::Flagged | FolderRole::Important)
        ))
    }
}

impl Spot {
    /// A folder of which the server has the messages.
    pub(super) fn of(folder: FolderId) -> Self {
        Self {
            shown_in: folder,
            folder,
            before: None,
        }
    }
}

/// Which places of a message are meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Wanted {
    /// All of them.
    Every,
    /// The one that it leaves.
    One,
    /// The one in this folder, which it leaves; none in a folder that its account does not have.
    In(Option<FolderId>),
}

impl Wanted {
    fn includes(self, folder: FolderId) -> bool {
        match self {
            Self::In(wanted) => wanted == Some(folder),
            Self::Every | Self::One => true,
        }
    }
}

type Found = (Spot, u32, MessageFlags);

fn add(stands: &mut BTreeMap<Spot, Vec<Stand>>, row: &MessageRow, (spot, uid, flags): Found) {
    stands.entry(spot).or_default().push(Stand {
        message: row.id,
        uid,
        flags,
        rfc_message_id: row.rfc_message_id.clone(),
    });
}

/// Where a message can be acted upon, by folder: all of them, or the candidates for the one that it
/// leaves. A copy that waits to be made is no place to leave.
fn spots(row: &MessageRow, wanted: Wanted) -> Vec<Found> {
    let every = wanted == Wanted::Every;
    let waiting = row
        .expected
        .iter()
        .filter(|place| !place.is_hidden)
        .filter_map(|place| Some((place, place.source.filter(|source| !source.is_begun)?)))
        .filter(|(_, source)| every || !source.is_copy)
        // Where its folder was given up here, nothing more can be said about it.
        .filter(|(_, source)| {
            let is_there = |place: &Place| (place.folder_id, place.uid) == (source.folder, source.uid);
            row.places.iter().any(is_there)
        });
    let waiting: Vec<_> = waiting
        .map(|(place, source)| {
            let spot = Spot {
                shown_in: place.folder_id,
                folder: source.folder,
                before: Some(source.operation),
            };
            (spot, source.uid, place.flags.clone())
        })
        .collect();
    let is_covered = |place: &Place| {
        every
            && waiting
                .iter()
                .any(|(spot, uid, _)| (spot.folder, *uid) == (place.folder_id, place.uid))
    };
    let there = row
        .places
        .iter()
        .filter(|place| place.operation_id.is_none() && !is_covered(place))
        .map(|place| (Spot::of(place.folder_id), place.uid, place.flags.clone()));
    let mut spots: Vec<_> = there.collect();
    spots.extend(waiting);
    spots.retain(|(spot, ..)| wanted.includes(spot.shown_in));
    // In the order in which lists choose the folder of a message; what a server without UIDPLUS only marks as gone comes last.
    spots.sort_by_key(|(spot, _, flags)| (spot.shown_in, flags.deleted));
    spots
}
