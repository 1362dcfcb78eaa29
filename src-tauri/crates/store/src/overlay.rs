//! Changes that wait for the server, laid over what the server says.

use mailroom_model::{FlagChange, FolderId, MessageFlags, OperationId, UidSet};
use sqlx::SqliteConnection;

use crate::column::Columns;
use crate::operation_row::OperationKind;
use crate::{Place, StoreError};

statements! {
    /// What waits for a folder, oldest first.
    OF_FOLDER = "SELECT id, kind FROM operations WHERE folder_id = ?1 AND state = 'waiting' ORDER BY rank, id";
}

/// The waiting changes of one folder, oldest first.
#[derive(Clone, Debug, Default)]
pub(crate) struct Overlay {
    changes: Vec<(UidSet, FlagChange)>,
    /// What moves and deletions take away.
    taken: Vec<(UidSet, OperationId)>,
}

impl Overlay {
    /// Reads what waits for `folder`.
    pub(crate) async fn of_folder(
        connection: &mut SqliteConnection,
        folder: FolderId,
    ) -> Result<Self, StoreError> {
        Self::without(connection, folder, None).await
    }

    /// The same, as if one operation were not there.
    pub(crate) async fn without(
        connection: &mut SqliteConnection,
        folder: FolderId,
        left_out: Option<OperationId>,
    ) -> Result<Self, StoreError> {
        let rows = sqlx::query(OF_FOLDER)
            .bind(folder.0)
            .fetch_all(connection)
            .await?;
        let mut overlay = Self::default();
        for row in &rows {
            let id = OperationId(row.value("id")?);
            if Some(id) == left_out {
                continue;
            }
            match row.json("kind")? {
                OperationKind::SetFlags { uids, change } => overlay.changes.push((uids, change)),
                OperationKind::Move { uids, .. } | OperationKind::Delete { uids } => {
                    overlay.taken.push((uids, id));
                }
                _ => {}
            }
        }
        Ok(overlay)
    }

    /// The operation that takes a message away: its place is not shown, also when the folder was given up and is loaded
    /// again while the operation waits.
    pub(crate) fn taken_by(&self, uid: u32) -> Option<OperationId> {
        // Of several the last one hides it: the others were put before it.
        let taken = self.taken.iter().rfind(|(uids, _)| uids.contains(uid));
        taken.map(|(_, id)| *id)
    }

    /// What to show for a message whose flags on the server are `flags`.
    pub(crate) fn apply(&self, uid: u32, flags: &MessageFlags) -> MessageFlags {
        self.changes
            .iter()
            .filter(|(uids, _)| uids.contains(uid))
            .fold(flags.clone(), |flags, (_, change)| flags.changed(change))
    }

    /// Recomputes what is shown; gives the places that look different now.
    pub(crate) fn refresh(&self, places: Vec<Place>) -> Vec<Place> {
        places
            .into_iter()
            .filter_map(|mut place| {
                let shown = self.apply(place.uid, &place.server_flags);
                (shown != place.flags).then(|| {
                    place.flags = shown;
                    place
                })
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn overlay_applies_changes_in_their_order() {
        let change = |add: &[&str], remove: &[&str]| FlagChange {
            add: add.iter().map(ToString::to_string).collect(),
            remove: remove.iter().map(ToString::to_string).collect(),
        };
        let overlay = Overlay {
            changes: vec![
                (UidSet::range(1, 5), change(&["\\Seen"], &[])),
                (UidSet::range(5, 9), change(&["todo"], &["\\Seen"])),
            ],
            ..Overlay::default()
        };
        let server = MessageFlags::from_imap(["\\Flagged"]);
        assert_eq!(overlay.apply(1, &server).to_imap(), ["\\Seen", "\\Flagged"]);
        assert_eq!(overlay.apply(5, &server).to_imap(), ["\\Flagged", "todo"]);
        assert_eq!(overlay.apply(10, &server), server);
    }
}
