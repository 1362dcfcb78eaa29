//! Table `places`: where messages lie, and their flags there.

use mailroom_model::{FolderId, MessageFlags, MessageId, OperationId, UidSet, UnixMillis};
use sqlx::SqliteConnection;
use sqlx::sqlite::SqliteRow;

use crate::column::{Columns, number_list, range_list, signed, to_json};
use crate::overlay::Overlay;
use crate::{Messages, StoreError, expected};

/// Places changed or removed in one transaction.
const CHUNK: usize = 4000;

/// A message in a folder, as the server has it. What a waiting change will bring there is an
/// [`ExpectedPlace`](crate::ExpectedPlace).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The folder.
    pub folder_id: FolderId,
    /// The UID there.
    pub uid: u32,
    /// The message.
    pub message_id: MessageId,
    /// INTERNALDATE.
    pub internal_at: UnixMillis,
    /// What is shown: the server's flags with waiting changes on top.
    pub flags: MessageFlags,
    /// What the server said last.
    pub server_flags: MessageFlags,
    /// MODSEQ of those (RFC 7162).
    pub modseq: Option<u64>,
    /// The move or deletion that waits and hides the place.
    pub operation_id: Option<OperationId>,
}

/// Flags that the server reports.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FlagUpdate {
    /// The message's UID.
    pub uid: u32,
    /// All its flags.
    pub flags: MessageFlags,
    /// Its MODSEQ (RFC 7162); `None` without CONDSTORE.
    pub modseq: Option<u64>,
}

statements! {
    /// One place.
    GET = "SELECT * FROM places AS p WHERE p.folder_id = ?1 AND p.uid = ?2";
    /// Where a message lies.
    OF_MESSAGE = "SELECT * FROM places AS p WHERE p.message_id = ?1 AND p.stands_for IS NULL ORDER BY p.folder_id, p.uid";
    /// The places of some UIDs.
    OF_UIDS = "SELECT p.* FROM json_each(?2) AS j CROSS JOIN places AS p ON p.folder_id = ?1 AND p.uid = j.value";
    /// The places of ranges of UIDs.
    OF_RANGES = "SELECT p.* FROM json_each(?2) AS j CROSS JOIN places AS p ON p.folder_id = ?1 \
        AND p.uid BETWEEN (j.value ->> 0) AND (j.value ->> 1)";
    /// All UIDs of a folder, as ranges: neighbours share the difference between their UID and their number.
    KNOWN_RANGES = "SELECT min(uid) AS first, max(uid) AS last FROM ( \
        SELECT p.uid, p.uid - row_number() OVER (ORDER BY p.uid) AS island FROM places AS p WHERE p.folder_id = ?1 \
        AND p.uid <= 4294967295) \
        GROUP BY island ORDER BY first";
    /// Other flags. ?2: [[uid, flags, keywords, server_flags, server_keywords, modseq], …]. An `UPDATE … FROM` would be the
    /// plainer one, but SQLite then walks through the whole folder, and through the list for each of its places.
    SET_FLAGS = "INSERT INTO places (folder_id, uid, message_id, internal_at, flags, keywords, server_flags, \
        server_keywords, modseq, operation_id) SELECT p.folder_id, p.uid, p.message_id, p.internal_at, j.value ->> 1, \
        j.value ->> 2, j.value ->> 3, j.value ->> 4, j.value ->> 5, p.operation_id \
        FROM json_each(?2) AS j CROSS JOIN places AS p WHERE p.folder_id = ?1 AND p.uid = (j.value ->> 0) \
        ON CONFLICT (folder_id, uid) DO UPDATE SET flags = excluded.flags, keywords = excluded.keywords, \
        server_flags = excluded.server_flags, server_keywords = excluded.server_keywords, modseq = excluded.modseq";
    /// Some places of ranges of UIDs.
    REMOVE_RANGES = "DELETE FROM places WHERE (folder_id, uid) IN (SELECT p.folder_id, p.uid \
        FROM json_each(?2) AS j CROSS JOIN places AS p ON p.folder_id = ?1 \
        AND p.uid BETWEEN (j.value ->> 0) AND (j.value ->> 1) LIMIT ?3) RETURNING message_id";
    /// Some places older than a moment. 0 is a date that nobody could read: such a message has no age.
    REMOVE_BEFORE = "DELETE FROM places WHERE (folder_id, uid) IN (SELECT p.folder_id, p.uid FROM places AS p \
        WHERE p.folder_id = ?1 AND p.internal_at < ?2 AND p.internal_at <> 0 LIMIT ?3) RETURNING message_id";
    /// Whether the server has any older than a moment that no waiting change takes away.
    ANY_SETTLED_BEFORE = "SELECT EXISTS (SELECT 1 FROM places AS p WHERE p.folder_id = ?1 AND p.internal_at < ?2 \
        AND p.internal_at <> 0 AND p.uid <= 4294967295 AND p.operation_id IS NULL)";
    /// Some of them.
    REMOVE_SETTLED_BEFORE = "DELETE FROM places WHERE (folder_id, uid) IN (SELECT p.folder_id, p.uid FROM places AS p \
        WHERE p.folder_id = ?1 AND p.internal_at < ?2 AND p.internal_at <> 0 AND p.uid <= 4294967295 \
        AND p.operation_id IS NULL LIMIT ?3) RETURNING message_id";
    /// Those of some messages that lie nowhere now: the next sweep may take them.
    MARK_UNPLACED = "UPDATE messages SET unplaced_at = ?2 WHERE id IN (SELECT j.value FROM json_each(?1) AS j \
        WHERE NOT EXISTS (SELECT 1 FROM places AS p WHERE p.message_id = j.value))";
    /// Those of some messages that lie nowhere now and that no operation needs.
    FORGET_UNPLACED = "DELETE FROM messages WHERE id IN (SELECT j.value FROM json_each(?1) AS j \
        WHERE NOT EXISTS (SELECT 1 FROM places AS p WHERE p.message_id = j.value) \
        AND NOT EXISTS (SELECT 1 FROM operations AS o WHERE o.message_id = j.value))";
    /// A new place.
    INSERT = "INSERT OR IGNORE INTO places (folder_id, uid, message_id, internal_at, flags, keywords, server_flags, \
        server_keywords, modseq, operation_id) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
}

/// The statement that [`crate::ingest`] runs.
pub(crate) const INSERT_PLACE: &str = INSERT;

impl Place {
    pub(crate) fn read(row: &SqliteRow) -> Result<Self, StoreError> {
        Ok(Self {
            folder_id: FolderId(row.value("folder_id")?),
            uid: row.unsigned32("uid")?,
            message_id: MessageId(row.value("message_id")?),
            internal_at: row.at("internal_at")?,
            flags: MessageFlags::from_bits(row.value("flags")?, row.value("keywords")?),
            server_flags: MessageFlags::from_bits(row.value("server_flags")?, row.value("server_keywords")?),
            modseq: row.value::<Option<i64>>("modseq")?.map(i64::unsigned_abs),
            operation_id: row.value::<Option<i64>>("operation_id")?.map(OperationId),
        })
    }
}

/// Where a message lies.
pub(crate) async fn of_message(
    connection: &mut SqliteConnection,
    id: MessageId,
) -> Result<Vec<Place>, StoreError> {
    let rows = sqlx::query(OF_MESSAGE).bind(id.0).fetch_all(connection).await?;
    rows.iter().map(Place::read).collect()
}

/// The places of a set of UIDs in a folder.
pub(crate) async fn of_ranges(
    connection: &mut SqliteConnection,
    folder: FolderId,
    uids: &UidSet,
) -> Result<Vec<Place>, StoreError> {
    let rows = sqlx::query(OF_RANGES)
        .bind(folder.0)
        .bind(range_list(uids))
        .fetch_all(connection)
        .await?;
    rows.iter().map(Place::read).collect()
}

/// Writes the flags and MODSEQs of places of one folder.
pub(crate) async fn write_flags(
    writing: &mut SqliteConnection,
    folder: FolderId,
    places: &[Place],
) -> Result<(), StoreError> {
    if places.is_empty() {
        return Ok(());
    }
    let values: Vec<_> = places
        .iter()
        .map(|place| {
            (
                place.uid,
                place.flags.system_bits(),
                place.flags.keyword_line(),
                place.server_flags.system_bits(),
                place.server_flags.keyword_line(),
                place.modseq.map(signed),
            )
        })
        .collect();
    sqlx::query(SET_FLAGS)
        .bind(folder.0)
        .bind(to_json(&values)?)
        .execute(&mut *writing)
        .await?;
    expected::follow(writing, folder, places).await
}

/// Takes the server's flags for places that are here; waiting changes stay on top. Says how many look different now.
pub(crate) async fn merge_flags(
    writing: &mut SqliteConnection,
    folder: FolderId,
    updates: &[FlagUpdate],
    overlay: &Overlay,
) -> Result<u64, StoreError> {
    let rows = sqlx::query(OF_UIDS)
        .bind(folder.0)
        .bind(number_list(updates.iter().map(|update| update.uid.into())))
        .fetch_all(&mut *writing)
        .await?;
    let by_uid: std::collections::HashMap<u32, &FlagUpdate> =
        updates.iter().map(|update| (update.uid, update)).collect();
    let mut changed = Vec::new();
    let mut visibly_changed = 0;
    for row in &rows {
        let mut place = Place::read(row)?;
        let Some(update) = by_uid.get(&place.uid) else {
            continue;
        };
        let shown = overlay.apply(place.uid, &update.flags);
        let modseq = update.modseq.or(place.modseq);
        if place.server_flags == update.flags && place.flags == shown && place.modseq == modseq {
            continue;
        }
        visibly_changed += u64::from(place.flags != shown);
        place.server_flags = update.flags.clone();
        place.flags = shown;
        place.modseq = modseq;
        changed.push(place);
    }
    write_flags(writing, folder, &changed).await?;
    Ok(visibly_changed)
}

/// Removes the messages among `ids` that lie nowhere. Those that an operation needs stay until it is over.
pub(crate) async fn forget_unplaced(writing: &mut SqliteConnection, ids: &[i64]) -> Result<(), StoreError> {
    let list = number_list(ids.iter().copied());
    sqlx::query(FORGET_UNPLACED)
        .bind(&list)
        .execute(&mut *writing)
        .await?;
    mark_unplaced(writing, ids, UnixMillis(0)).await
}

/// Leaves the messages among `ids` that lie nowhere to a sweep.
pub(crate) async fn mark_unplaced(
    writing: &mut SqliteConnection,
    ids: &[i64],
    at: UnixMillis,
) -> Result<(), StoreError> {
    sqlx::query(MARK_UNPLACED)
        .bind(number_list(ids.iter().copied()))
        .bind(at.0)
        .execute(writing)
        .await?;
    Ok(())
}

impl Messages<'_> {
    /// The UIDs of a folder that are here, hidden ones included.
    pub async fn known_uids(&self, folder: FolderId) -> Result<UidSet, StoreError> {
        let rows = sqlx::query(KNOWN_RANGES)
            .bind(folder.0)
            .fetch_all(self.0.reads())
            .await?;
        let mut uids = UidSet::new();
        for row in &rows {
            uids.insert_range(row.unsigned32("first")?, row.unsigned32("last")?);
        }
        Ok(uids)
    }

    /// The message with `uid` in `folder`.
    pub async fn place(&self, folder: FolderId, uid: u32) -> Result<Option<Place>, StoreError> {
        let row = sqlx::query(GET)
            .bind(folder.0)
            .bind(i64::from(uid))
            .fetch_optional(self.0.reads())
            .await?;
        row.as_ref().map(Place::read).transpose()
    }

    /// The places of `uids` in `folder`, those that are here.
    pub async fn places(&self, folder: FolderId, uids: &UidSet) -> Result<Vec<Place>, StoreError> {
        let mut view = self.0.snapshot().await?;
        let found = of_ranges(&mut view, folder, uids).await?;
        view.end().await?;
        Ok(found)
    }

    /// Takes over flags that the server reports. Changes that wait in operations stay on top; unknown UIDs are
    /// passed over. Says how many messages look different now.
    pub async fn apply_flags(&self, folder: FolderId, updates: &[FlagUpdate]) -> Result<u64, StoreError> {
        let mut changed = 0;
        for chunk in updates.chunks(CHUNK) {
            let mut writing = self.0.begin_relaxed().await?;
            let overlay = Overlay::of_folder(&mut writing, folder).await?;
            changed += merge_flags(&mut writing, folder, chunk, &overlay).await?;
            writing.commit().await?;
        }
        Ok(changed)
    }

    /// Forgets UIDs that are gone on the server. Messages that lay nowhere else wait for [`Self::sweep`]: another program may
    /// have moved them to a folder that is looked at later, and then they are still the same messages. Says how many
    /// places went.
    pub async fn remove_uids(
        &self,
        folder: FolderId,
        uids: &UidSet,
        now: UnixMillis,
    ) -> Result<u64, StoreError> {
        if uids.is_empty() {
            return Ok(0);
        }
        let ranges = range_list(uids);
        self.remove(folder, Some(now), || {
            sqlx::query_scalar(REMOVE_RANGES)
                .bind(folder.0)
                .bind(ranges.clone())
        })
        .await
    }

    /// Forgets what is older than the window, here only, with the messages that lay nowhere else. Says how many
    /// places went.
    pub async fn remove_before(&self, folder: FolderId, at: UnixMillis) -> Result<u64, StoreError> {
        self.remove(folder, None, || {
            sqlx::query_scalar(REMOVE_BEFORE).bind(folder.0).bind(at.0)
        })
        .await
    }

    /// The same for what was brought to the folder since it was trimmed. What waits, and what waits to go, stays. Says how many
    /// places went.
    pub async fn remove_settled_before(&self, folder: FolderId, at: UnixMillis) -> Result<u64, StoreError> {
        let is_any: bool = sqlx::query_scalar(ANY_SETTLED_BEFORE)
            .bind(folder.0)
            .bind(at.0)
            .fetch_one(self.0.reads())
            .await?;
        if !is_any {
            return Ok(0);
        }
        self.remove(folder, None, || {
            sqlx::query_scalar(REMOVE_SETTLED_BEFORE)
                .bind(folder.0)
                .bind(at.0)
        })
        .await
    }

    /// Runs a removal of at most [`CHUNK`] places until nothing is left to remove. Messages that lie nowhere then are left
    /// to a sweep since `unplaced_at`, or go at once.
    async fn remove<'q>(
        &self,
        folder: FolderId,
        unplaced_at: Option<UnixMillis>,
        query: impl Fn() -> RemovalQuery<'q>,
    ) -> Result<u64, StoreError> {
        let mut removed = 0;
        loop {
            let mut writing = self.0.begin_relaxed().await?;
            let ids: Vec<i64> = query()
                .bind(signed(CHUNK as u64))
                .fetch_all(&mut *writing)
                .await?;
            match unplaced_at {
                Some(at) => mark_unplaced(&mut writing, &ids, at).await?,
                None => forget_unplaced(&mut writing, &ids).await?,
            }
            writing.commit().await?;
            removed += ids.len() as u64;
            if ids.len() < CHUNK {
                let mut writing = self.0.begin_relaxed().await?;
                expected::forget_baseless(&mut writing, folder, unplaced_at).await?;
                writing.commit().await?;
                return Ok(removed);
            }
        }
    }
}

/// A removal that returns message ids.
type RemovalQuery<'q> = sqlx::query::QueryScalar<'q, sqlx::Sqlite, i64, sqlx::sqlite::SqliteArguments>;
