//! What an operation does to the rows here: when it is queued, done, or taken back.

use std::collections::{HashMap, HashSet};

use mailroom_model::{FolderId, OperationId, UidSet, UnixMillis};
use sqlx::SqliteConnection;

use crate::column::{Columns, number_list, range_list, signed};
use crate::operation_row::{DraftCopy, OperationDone, OperationKind};
use crate::overlay::Overlay;
use crate::place::{self, INSERT_PLACE, Place};
use crate::statement::insert_rows;
use crate::{StoreError, expected};

statements! {
    /// Hides places; those that another operation hides stay with it.
    HIDE = "UPDATE places SET operation_id = ?1 WHERE operation_id IS NULL AND (folder_id, uid) IN ( \
        SELECT p.folder_id, p.uid FROM json_each(?3) AS j CROSS JOIN places AS p ON p.folder_id = ?2 \
        AND p.uid BETWEEN (j.value ->> 0) AND (j.value ->> 1))";
    /// Hides the other places of the messages that an operation hides, all but those in its target.
    HIDE_ELSEWHERE = "UPDATE places SET operation_id = ?1 WHERE operation_id IS NULL AND folder_id <> ?2 \
        AND message_id IN (SELECT p.message_id FROM places AS p WHERE p.operation_id = ?1)";
    /// What an operation hides of some messages in other folders is shown again.
    SHOW_ELSEWHERE = "UPDATE places SET operation_id = NULL WHERE operation_id = ?1 AND folder_id <> ?2 AND message_id IN ( \
        SELECT p.message_id FROM json_each(?3) AS j CROSS JOIN places AS p ON p.folder_id = ?2 \
        AND p.uid BETWEEN (j.value ->> 0) AND (j.value ->> 1))";
    /// What an operation hides in a folder is what another one hides, or is shown.
    INHERIT = "UPDATE places SET operation_id = ?4 WHERE operation_id = ?1 AND (folder_id, uid) IN ( \
        SELECT p.folder_id, p.uid FROM json_each(?3) AS j CROSS JOIN places AS p ON p.folder_id = ?2 \
        AND p.uid BETWEEN (j.value ->> 0) AND (j.value ->> 1))";
    /// Shows again what an operation hides.
    UNHIDE = "UPDATE places SET operation_id = NULL WHERE operation_id = ?1";
    /// Removes what an operation moved away or deleted.
    REMOVE_HIDDEN = "DELETE FROM places WHERE operation_id = ?1 RETURNING message_id";
    /// What the UIDs of a folder belong to.
    UID_VALIDITY = "SELECT uid_validity FROM folders WHERE id = ?1";
    /// The target is still here.
    FOLDER_EXISTS = "SELECT 1 FROM folders WHERE id = ?1";
    /// Messages have a place again.
    MARK_PLACED = "UPDATE messages SET unplaced_at = NULL WHERE id IN (SELECT j.value FROM json_each(?1) AS j) \
        AND +unplaced_at IS NOT NULL";
}

/// The operation was queued.
pub(crate) async fn show(
    writing: &mut SqliteConnection,
    id: OperationId,
    folder: FolderId,
    kind: &OperationKind,
    ahead_of: Option<OperationId>,
) -> Result<(), StoreError> {
    match kind {
        OperationKind::SetFlags { uids, .. } => {
            let overlay = Overlay::of_folder(writing, folder).await?;
            refresh(writing, folder, uids, &overlay).await
        }
        OperationKind::Move { uids, .. } | OperationKind::Delete { uids } => {
            hide(writing, id, folder, uids).await?;
            if let Some(later) = ahead_of {
                expected::hide(writing, id, later, uids).await?;
            }
            if let OperationKind::Move {
                to_folder,
                everywhere: true,
                ..
            } = kind
            {
                sqlx::query(HIDE_ELSEWHERE)
                    .bind(id.0)
                    .bind(to_folder.0)
                    .execute(&mut *writing)
                    .await?;
            }
            expected::expect(writing, id, folder, kind).await
        }
        OperationKind::Copy { .. } => expected::expect(writing, id, folder, kind).await,
        OperationKind::RemoveCopy { copy } => hide_copy(writing, id, folder, copy).await,
        OperationKind::Append { .. } | OperationKind::Import { .. } | OperationKind::UploadDraft { .. } => {
            Ok(())
        }
    }
}

/// Hides what a move or deletion takes out of its folder.
pub(crate) async fn hide(
    writing: &mut SqliteConnection,
    id: OperationId,
    folder: FolderId,
    uids: &UidSet,
) -> Result<(), StoreError> {
    sqlx::query(HIDE)
        .bind(id.0)
        .bind(folder.0)
        .bind(range_list(uids))
        .execute(writing)
        .await?;
    Ok(())
}

/// Messages of a move or deletion are not its business any more: what it hides of them is what `heir` hides from now on, or
/// is shown; elsewhere it is shown in any case.
pub(crate) async fn let_go(
    writing: &mut SqliteConnection,
    id: OperationId,
    folder: FolderId,
    uids: &UidSet,
    heir: Option<OperationId>,
) -> Result<(), StoreError> {
    expected::forget_some(writing, id, uids).await?;
    sqlx::query(SHOW_ELSEWHERE)
        .bind(id.0)
        .bind(folder.0)
        .bind(range_list(uids))
        .execute(&mut *writing)
        .await?;
    sqlx::query(INHERIT)
        .bind(id.0)
        .bind(folder.0)
        .bind(range_list(uids))
        .bind(heir.map(|heir| heir.0))
        .execute(writing)
        .await?;
    Ok(())
}

/// Hides the copy of a draft, when its UID means here what it meant then.
async fn hide_copy(
    writing: &mut SqliteConnection,
    id: OperationId,
    folder: FolderId,
    copy: &DraftCopy,
) -> Result<(), StoreError> {
    let Some(uid) = copy.uid else {
        return Ok(());
    };
    let validity: Option<Option<i64>> = sqlx::query_scalar(UID_VALIDITY)
        .bind(folder.0)
        .fetch_optional(&mut *writing)
        .await?;
    if validity.flatten() == copy.uid_validity.map(i64::from) {
        sqlx::query(HIDE)
            .bind(id.0)
            .bind(folder.0)
            .bind(range_list(&[uid].into_iter().collect()))
            .execute(writing)
            .await?;
    }
    Ok(())
}

/// The operation was refused (its state says so already) or is about to be discarded.
pub(crate) async fn undo(
    writing: &mut SqliteConnection,
    id: OperationId,
    folder: FolderId,
    kind: &OperationKind,
) -> Result<(), StoreError> {
    expected::forget(writing, id).await?;
    match kind {
        OperationKind::SetFlags { uids, .. } => {
            let overlay = Overlay::without(writing, folder, Some(id)).await?;
            refresh(writing, folder, uids, &overlay).await
        }
        OperationKind::Move { .. } | OperationKind::Delete { .. } | OperationKind::RemoveCopy { .. } => {
            sqlx::query(UNHIDE).bind(id.0).execute(writing).await?;
            Ok(())
        }
        OperationKind::Copy { .. }
        | OperationKind::Append { .. }
        | OperationKind::Import { .. }
        | OperationKind::UploadDraft { .. } => Ok(()),
    }
}

/// The server did it. Gives the messages that may lie nowhere now and are not wanted any more.
pub(crate) async fn settle(
    writing: &mut SqliteConnection,
    id: OperationId,
    folder: FolderId,
    kind: &OperationKind,
    done: &OperationDone,
    now: UnixMillis,
) -> Result<Vec<i64>, StoreError> {
    match kind {
        OperationKind::SetFlags { uids, change } => {
            let overlay = Overlay::without(writing, folder, Some(id)).await?;
            let mut changed = place::of_ranges(writing, folder, uids).await?;
            for place in &mut changed {
                place.server_flags = place.server_flags.changed(change);
                place.flags = overlay.apply(place.uid, &place.server_flags);
            }
            place::write_flags(writing, folder, &changed).await?;
            Ok(Vec::new())
        }
        OperationKind::Move { uids, .. } | OperationKind::Delete { uids } if done.is_left_marked => {
            if let OperationKind::Move { to_folder, .. } = kind {
                copy_places(writing, folder, uids, *to_folder, done).await?;
                expected::await_unnamed(writing, id, done, now).await?;
            }
            sqlx::query(UNHIDE).bind(id.0).execute(&mut *writing).await?;
            mark_deleted(writing, id, folder, uids).await?;
            Ok(Vec::new())
        }
        OperationKind::Move { uids, to_folder, .. } => {
            copy_places(writing, folder, uids, *to_folder, done).await?;
            // Without COPYUID the target's next look finds them by their digests.
            expected::await_unnamed(writing, id, done, now).await?;
            let moved = remove_hidden(writing, id).await?;
            place::mark_unplaced(writing, &moved, now).await?;
            Ok(Vec::new())
        }
        OperationKind::Copy { uids, to_folder } => {
            copy_places(writing, folder, uids, *to_folder, done).await?;
            expected::await_unnamed(writing, id, done, now).await?;
            Ok(Vec::new())
        }
        OperationKind::RemoveCopy { copy } if done.is_left_marked => {
            sqlx::query(UNHIDE).bind(id.0).execute(&mut *writing).await?;
            let uids: UidSet = copy.uid.into_iter().collect();
            mark_deleted(writing, id, folder, &uids).await?;
            Ok(Vec::new())
        }
        OperationKind::Delete { .. } | OperationKind::RemoveCopy { .. } => remove_hidden(writing, id).await,
        OperationKind::Append { .. } | OperationKind::Import { .. } | OperationKind::UploadDraft { .. } => {
            Ok(Vec::new())
        }
    }
}

/// What an operation could only mark.
async fn mark_deleted(
    writing: &mut SqliteConnection,
    id: OperationId,
    folder: FolderId,
    uids: &UidSet,
) -> Result<(), StoreError> {
    let overlay = Overlay::without(writing, folder, Some(id)).await?;
    let mut marked = place::of_ranges(writing, folder, uids).await?;
    for place in &mut marked {
        place.server_flags.deleted = true;
        place.flags = overlay.apply(place.uid, &place.server_flags);
    }
    place::write_flags(writing, folder, &marked).await
}

/// Removes messages that lie nowhere.
pub(crate) async fn forget(writing: &mut SqliteConnection, ids: &[i64]) -> Result<(), StoreError> {
    if ids.is_empty() {
        return Ok(());
    }
    place::forget_unplaced(writing, ids).await
}

async fn refresh(
    writing: &mut SqliteConnection,
    folder: FolderId,
    uids: &UidSet,
    overlay: &Overlay,
) -> Result<(), StoreError> {
    let places = place::of_ranges(writing, folder, uids).await?;
    place::write_flags(writing, folder, &overlay.refresh(places)).await
}

async fn remove_hidden(writing: &mut SqliteConnection, id: OperationId) -> Result<Vec<i64>, StoreError> {
    let rows = sqlx::query(REMOVE_HIDDEN).bind(id.0).fetch_all(writing).await?;
    rows.iter().map(|row| row.value("message_id")).collect()
}

/// Gives messages the places in the target folder that COPYUID names.
async fn copy_places(
    writing: &mut SqliteConnection,
    folder: FolderId,
    uids: &UidSet,
    to_folder: FolderId,
    done: &OperationDone,
) -> Result<(), StoreError> {
    let exists: Option<i64> = sqlx::query_scalar(FOLDER_EXISTS)
        .bind(to_folder.0)
        .fetch_optional(&mut *writing)
        .await?;
    if exists.is_none() || done.copied.is_empty() {
        return Ok(());
    }
    let targets: HashMap<u32, u32> = done.copied.iter().copied().collect();
    let mut used = HashSet::new();
    let copies: Vec<(u32, Place)> = place::of_ranges(writing, folder, uids)
        .await?
        .into_iter()
        .filter_map(|place| Some((*targets.get(&place.uid)?, place)))
        .filter(|(target, _)| *target != 0 && used.insert(*target))
        .collect();
    let messages = number_list(copies.iter().map(|(_, place)| place.message_id.0));
    insert_rows(writing, INSERT_PLACE, copies, |query, (target, place)| {
        query
            .bind(to_folder.0)
            .bind(i64::from(target))
            .bind(place.message_id.0)
            .bind(place.internal_at.0)
            .bind(place.server_flags.system_bits())
            .bind(place.server_flags.keyword_line())
            .bind(place.server_flags.system_bits())
            .bind(place.server_flags.keyword_line())
            // The copy has a MODSEQ of its own, which is not known yet.
            .bind(None::<u64>.map(signed))
            .bind(None::<i64>)
    })
    .await?;
    sqlx::query(MARK_PLACED).bind(messages).execute(writing).await?;
    Ok(())
}
