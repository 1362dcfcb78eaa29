//! Expected places: rows of `places` for what a waiting change will bring to a folder. They stand under UIDs above those that
//! servers give (32 bits), so that every list, count and search has them and no talk with a server can.

use std::collections::{BTreeSet, HashMap};

use mailroom_model::{AccountId, FolderId, MessageFlags, MessageId, OperationId, UidSet, UnixMillis};
use sqlx::SqliteConnection;
use sqlx::sqlite::SqliteRow;

use crate::column::{Columns, number_list, range_list};
use crate::operation_row::{OperationDone, OperationKind};
use crate::{Messages, Place, StoreError, place};

/// Where a waiting change will bring a message, or has brought it under a UID that is not known yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExpectedPlace {
    /// The folder.
    pub folder_id: FolderId,
    /// What is shown: the flags at the source, waiting changes included.
    pub flags: MessageFlags,
    /// Another waiting change takes it away from there.
    pub is_hidden: bool,
    /// The change that will bring it; `None` once it is done, until the folder is looked at.
    pub source: Option<ExpectedFrom>,
}

/// The change that will bring a message to a folder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ExpectedFrom {
    /// The change.
    pub operation: OperationId,
    /// Where the message still is.
    pub folder: FolderId,
    /// Its UID there.
    pub uid: u32,
    /// The server may have done it.
    pub is_begun: bool,
    /// It stays where it is, too.
    pub is_copy: bool,
}

/// What stands nowhere else goes with the next sweep: its folder was given up.
const AT_ONCE: UnixMillis = UnixMillis(0);

statements! {
    /// What an operation will bring to a folder that is kept here; what is shown there already is passed over.
    EXPECT = "INSERT INTO places (folder_id, uid, message_id, internal_at, flags, keywords, server_flags, server_keywords, \
        expects, stands_for) SELECT f.id, \
        max(4294967295, coalesce((SELECT max(t.uid) FROM places AS t WHERE t.folder_id = f.id), 0)) \
        + row_number() OVER (ORDER BY p.uid), p.message_id, p.internal_at, p.flags, p.keywords, p.flags, p.keywords, ?1, p.uid \
        FROM json_each(?4) AS j CROSS JOIN places AS p ON p.folder_id = ?2 AND p.uid BETWEEN (j.value ->> 0) AND (j.value ->> 1) \
        CROSS JOIN folders AS f ON f.id = ?3 \
        WHERE f.uid_validity IS NOT NULL AND NOT EXISTS (SELECT 1 FROM places AS q WHERE q.message_id = p.message_id \
        AND q.folder_id = f.id AND q.operation_id IS NULL) \
        AND NOT EXISTS (SELECT 1 FROM places AS e WHERE e.expects = ?1 AND e.stands_for = p.uid)";
    /// Nothing is expected of an operation.
    FORGET = "DELETE FROM places WHERE expects = ?1 RETURNING message_id";
    /// Nor of some of its messages.
    FORGET_SOME = "DELETE FROM places WHERE (folder_id, uid) IN (SELECT e.folder_id, e.uid FROM json_each(?2) AS j \
        CROSS JOIN places AS e ON e.expects = ?1 AND e.stands_for BETWEEN (j.value ->> 0) AND (j.value ->> 1)) \
        RETURNING message_id";
    /// Nor of those of a folder that were refused.
    FORGET_REFUSED = "DELETE FROM places WHERE (folder_id, uid) IN (SELECT e.folder_id, e.uid FROM operations AS o \
        CROSS JOIN places AS e ON e.expects = o.id WHERE o.folder_id = ?1 AND o.state = 'refused') RETURNING message_id";
    /// Nor of messages that are not any more where they were to be taken from, unless the server may have taken them.
    FORGET_BASELESS = "DELETE FROM places WHERE (folder_id, uid) IN (SELECT e.folder_id, e.uid FROM operations AS o \
        CROSS JOIN places AS e ON e.expects = o.id WHERE o.folder_id = ?1 AND o.begun = 0 \
        AND NOT EXISTS (SELECT 1 FROM places AS s WHERE s.folder_id = ?1 AND s.uid = e.stands_for)) RETURNING message_id";
    /// Hides what an operation expects, because another one takes it on.
    HIDE = "UPDATE places SET operation_id = ?1 WHERE operation_id IS NULL AND (folder_id, uid) IN ( \
        SELECT e.folder_id, e.uid FROM json_each(?3) AS j CROSS JOIN places AS e ON e.expects = ?2 \
        AND e.stands_for BETWEEN (j.value ->> 0) AND (j.value ->> 1))";
    /// An operation is done, and the server did not say where these are now.
    AWAIT = "UPDATE places SET expects = NULL, awaited_at = ?3 WHERE expects = ?1 \
        AND stands_for NOT IN (SELECT j.value FROM json_each(?2) AS j)";
    /// Anything is expected in a folder.
    ANY = "SELECT EXISTS (SELECT 1 FROM places AS e WHERE e.folder_id = ?1 AND e.uid > 4294967295)";
    /// Expected places of some messages in a folder that the server may have made.
    POSSIBLE = "SELECT e.uid, e.message_id FROM json_each(?2) AS j CROSS JOIN places AS e ON e.message_id = j.value \
        WHERE e.folder_id = ?1 AND e.stands_for IS NOT NULL AND (e.expects IS NULL OR EXISTS ( \
        SELECT 1 FROM operations AS o WHERE o.id = e.expects AND o.begun = 1)) ORDER BY e.awaited_at IS NULL, e.uid";
    /// Some of them.
    REMOVE = "DELETE FROM places WHERE folder_id = ?1 AND uid IN (SELECT j.value FROM json_each(?2) AS j)";
    /// The flags of what is expected are those at its source, as long as nobody began to take it from there.
    FOLLOW = "UPDATE places SET (flags, keywords, server_flags, server_keywords) = ( \
        SELECT s.flags, s.keywords, s.flags, s.keywords FROM places AS s WHERE s.folder_id = ?1 AND s.uid = places.stands_for) \
        WHERE (folder_id, uid) IN (SELECT e.folder_id, e.uid FROM operations AS o \
        CROSS JOIN places AS e ON e.expects = o.id WHERE o.folder_id = ?1 AND o.state = 'waiting' AND o.begun = 0 \
        AND e.stands_for IN (SELECT j.value FROM json_each(?2) AS j))";
    /// An account's places that a look did not find: the folder was looked at, and they were not there.
    FORGET_AWAITED = "DELETE FROM places WHERE (folder_id, uid) IN (SELECT e.folder_id, e.uid FROM places AS e \
        CROSS JOIN folders AS f ON f.id = e.folder_id WHERE e.awaited_at <= ?2 AND f.account_id = ?1 \
        AND f.error_code IS NULL) RETURNING message_id";
    /// Whether there are any.
    ANY_AWAITED = "SELECT EXISTS (SELECT 1 FROM places AS e WHERE e.awaited_at <= ?1)";
    /// Where a message is expected.
    OF_MESSAGE = "SELECT e.folder_id, e.flags, e.keywords, e.operation_id, e.expects, e.stands_for, o.folder_id AS source_id, \
        o.begun, o.kind ->> 'kind' = 'copy' AS is_copy FROM places AS e LEFT JOIN operations AS o ON o.id = e.expects \
        WHERE e.message_id = ?1 AND e.stands_for IS NOT NULL ORDER BY e.folder_id, e.uid";
}

impl ExpectedPlace {
    fn read(row: &SqliteRow) -> Result<Self, StoreError> {
        let source = match (
            row.value::<Option<i64>>("expects")?,
            row.value::<Option<i64>>("source_id")?,
        ) {
            (Some(operation), Some(folder)) => Some(ExpectedFrom {
                operation: OperationId(operation),
                folder: FolderId(folder),
                uid: row.unsigned32("stands_for")?,
                is_begun: row.value("begun")?,
                is_copy: row.value("is_copy")?,
            }),
            _ => None,
        };
        Ok(Self {
            folder_id: FolderId(row.value("folder_id")?),
            flags: MessageFlags::from_bits(row.value("flags")?, row.value("keywords")?),
            is_hidden: row.value::<Option<i64>>("operation_id")?.is_some(),
            source,
        })
    }
}

/// Where a message is expected.
pub(crate) async fn of_message(
    connection: &mut SqliteConnection,
    id: MessageId,
) -> Result<Vec<ExpectedPlace>, StoreError> {
    let rows = sqlx::query(OF_MESSAGE).bind(id.0).fetch_all(connection).await?;
    rows.iter().map(ExpectedPlace::read).collect()
}

/// Shows the messages of a move or copy in its target. Nothing for other operations, and where the target is not kept here.
pub(crate) async fn expect(
    writing: &mut SqliteConnection,
    id: OperationId,
    folder: FolderId,
    kind: &OperationKind,
) -> Result<(), StoreError> {
    if let OperationKind::Move { uids, to_folder, .. } | OperationKind::Copy { uids, to_folder } = kind {
        sqlx::query(EXPECT)
            .bind(id.0)
            .bind(folder.0)
            .bind(to_folder.0)
            .bind(range_list(uids))
            .execute(writing)
            .await?;
    }
    Ok(())
}

/// What `later` expects of some messages is hidden by `id`, which takes them on.
pub(crate) async fn hide(
    writing: &mut SqliteConnection,
    id: OperationId,
    later: OperationId,
    uids: &UidSet,
) -> Result<(), StoreError> {
    sqlx::query(HIDE)
        .bind(id.0)
        .bind(later.0)
        .bind(range_list(uids))
        .execute(writing)
        .await?;
    Ok(())
}

/// Nothing is expected of an operation any more.
pub(crate) async fn forget(writing: &mut SqliteConnection, id: OperationId) -> Result<(), StoreError> {
    let ids = sqlx::query_scalar(FORGET)
        .bind(id.0)
        .fetch_all(&mut *writing)
        .await?;
    unplace(writing, &ids, AT_ONCE).await
}

/// Nor of some of its messages.
pub(crate) async fn forget_some(
    writing: &mut SqliteConnection,
    id: OperationId,
    uids: &UidSet,
) -> Result<(), StoreError> {
    let ids = sqlx::query_scalar(FORGET_SOME)
        .bind(id.0)
        .bind(range_list(uids))
        .fetch_all(&mut *writing)
        .await?;
    unplace(writing, &ids, AT_ONCE).await
}

/// Nothing is expected of operations of a folder that were refused.
pub(crate) async fn forget_refused(
    writing: &mut SqliteConnection,
    folder: FolderId,
    now: UnixMillis,
) -> Result<(), StoreError> {
    let ids = sqlx::query_scalar(FORGET_REFUSED)
        .bind(folder.0)
        .fetch_all(&mut *writing)
        .await?;
    unplace(writing, &ids, now).await
}

/// Nothing is expected of messages that went from a folder.
pub(crate) async fn forget_baseless(
    writing: &mut SqliteConnection,
    folder: FolderId,
    unplaced_at: Option<UnixMillis>,
) -> Result<(), StoreError> {
    let ids = sqlx::query_scalar(FORGET_BASELESS)
        .bind(folder.0)
        .fetch_all(&mut *writing)
        .await?;
    unplace(writing, &ids, unplaced_at.unwrap_or(AT_ONCE)).await
}

async fn unplace(writing: &mut SqliteConnection, ids: &[i64], now: UnixMillis) -> Result<(), StoreError> {
    if ids.is_empty() {
        return Ok(());
    }
    place::mark_unplaced(writing, ids, now).await
}

/// An operation was done: what the server named has its place; the rest is waited for.
pub(crate) async fn await_unnamed(
    writing: &mut SqliteConnection,
    id: OperationId,
    done: &OperationDone,
    now: UnixMillis,
) -> Result<(), StoreError> {
    sqlx::query(AWAIT)
        .bind(id.0)
        .bind(number_list(done.copied.iter().map(|(from, _)| i64::from(*from))))
        .bind(now.0)
        .execute(writing)
        .await?;
    Ok(())
}

/// Messages came to a folder: one that was expected there and that the server may have put there is not expected any more,
/// one for each that came.
pub(crate) async fn replace(
    writing: &mut SqliteConnection,
    folder: FolderId,
    came: &[MessageId],
) -> Result<(), StoreError> {
    let is_any: bool = sqlx::query_scalar(ANY)
        .bind(folder.0)
        .fetch_one(&mut *writing)
        .await?;
    if !is_any || came.is_empty() {
        return Ok(());
    }
    let mut left: HashMap<i64, usize> = HashMap::new();
    for id in came {
        *left.entry(id.0).or_default() += 1;
    }
    let messages: BTreeSet<i64> = left.keys().copied().collect();
    let rows = sqlx::query(POSSIBLE)
        .bind(folder.0)
        .bind(number_list(messages))
        .fetch_all(&mut *writing)
        .await?;
    let mut gone = Vec::new();
    for row in &rows {
        if let Some(left) = left.get_mut(&row.value("message_id")?).filter(|left| **left > 0) {
            *left -= 1;
            gone.push(row.value("uid")?);
        }
    }
    sqlx::query(REMOVE)
        .bind(folder.0)
        .bind(number_list(gone))
        .execute(writing)
        .await?;
    Ok(())
}

/// The flags of places changed: so do those of what stands for them elsewhere.
pub(crate) async fn follow(
    writing: &mut SqliteConnection,
    folder: FolderId,
    places: &[Place],
) -> Result<(), StoreError> {
    sqlx::query(FOLLOW)
        .bind(folder.0)
        .bind(number_list(places.iter().map(|place| i64::from(place.uid))))
        .execute(writing)
        .await?;
    Ok(())
}

impl Messages<'_> {
    /// A look at all of an account's folders that began at `began` is over: what was brought to a folder before and was not
    /// found there is not there. Folders that could not be looked at are left out.
    pub async fn forget_awaited(&self, account: AccountId, began: UnixMillis) -> Result<(), StoreError> {
        let is_any: bool = sqlx::query_scalar(ANY_AWAITED)
            .bind(began.0)
            .fetch_one(self.0.reads())
            .await?;
        if !is_any {
            return Ok(());
        }
        let mut writing = self.0.begin_relaxed().await?;
        let ids: Vec<i64> = sqlx::query_scalar(FORGET_AWAITED)
            .bind(account.0)
            .bind(began.0)
            .fetch_all(&mut *writing)
            .await?;
        unplace(&mut writing, &ids, began).await?;
        Ok(writing.commit().await?)
    }
}
