//! Table `folders`.

use std::collections::{BTreeMap, HashSet};

use mailroom_model::{AccountId, FolderId, FolderRole, MailboxRights, UnixMillis};
use sqlx::SqliteConnection;
use sqlx::sqlite::SqliteRow;

use crate::column::{Columns, signed};
use crate::{Store, StoreError, StoredError, expected, folder_thread, operation};

/// A folder as LIST shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FolderSeen {
    /// The name as the server spells it (modified UTF-7 or UTF-8): what SELECT wants.
    pub wire_name: String,
    /// The decoded name with the server's delimiter.
    pub path: String,
    /// What separates levels; `None` for a flat name space.
    pub delimiter: Option<char>,
    /// What it is for.
    pub role: Option<FolderRole>,
    /// It can be opened.
    pub is_selectable: bool,
    /// The person subscribed to it.
    pub is_subscribed: bool,
    /// What may be done in it; `None` when the server did not say.
    pub rights: Option<MailboxRights>,
}

/// What a folder list changed here.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FolderChanges {
    /// New folders.
    pub added: Vec<FolderId>,
    /// Folders with another path, role, right or the like.
    pub updated: Vec<FolderId>,
    /// Folders that are gone, with their paths.
    pub removed: Vec<(FolderId, String)>,
}

/// Another name of a folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RenamedFolder {
    /// Which one.
    pub id: FolderId,
    /// The name as the server spells it now.
    pub wire_name: String,
    /// The decoded name.
    pub path: String,
}

/// How far a folder is synchronised.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FolderCursor {
    /// UIDVALIDITY of what is here.
    pub uid_validity: u32,
    /// UIDNEXT when it was last looked at.
    pub uid_next: u32,
    /// HIGHESTMODSEQ up to which flags are here (RFC 7162); `None` without CONDSTORE.
    pub highest_modseq: Option<u64>,
    /// Everything since this moment is here; `None` for everything at all.
    pub window_start: Option<UnixMillis>,
    /// The window is filled.
    pub is_complete: bool,
    /// How many messages the whole folder had when it was last looked at (EXISTS).
    pub exists: u32,
    /// When.
    pub at: UnixMillis,
}

/// A folder as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FolderRow {
    /// Its id.
    pub id: FolderId,
    /// Whose it is.
    pub account_id: AccountId,
    /// What LIST says.
    pub seen: FolderSeen,
    /// How far it is synchronised; `None` before the first time and after
    /// [`Folders::give_up`].
    pub cursor: Option<FolderCursor>,
    /// Messages here, without those that a waiting operation hides.
    pub total: u64,
    /// Unread ones among them.
    pub unread: u64,
    /// What last went wrong with it.
    pub error: Option<StoredError>,
}

/// Whose folder it is.
pub(crate) const OWNER: &str = FOLDER_OWNER;

statements! {
    /// Whose folder it is.
    FOLDER_OWNER = "SELECT account_id FROM folders WHERE id = ?1";
    /// An account's folders by path.
    LIST = "SELECT * FROM folders AS f WHERE f.account_id = ?1 ORDER BY f.path";
    /// One folder.
    GET = "SELECT * FROM folders AS f WHERE f.id = ?1";
    /// One folder by its decoded name.
    BY_PATH = "SELECT * FROM folders AS f WHERE f.account_id = ?1 AND f.path = ?2";
    /// What LIST said last time.
    KNOWN = "SELECT f.id, f.wire_name, f.path, f.delimiter, f.role, f.selectable, f.subscribed, f.rights \
        FROM folders AS f WHERE f.account_id = ?1";
    /// A new folder.
    INSERT = "INSERT INTO folders (account_id, wire_name, path, delimiter, role, selectable, subscribed, rights) \
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) RETURNING id";
    /// A folder that changed.
    UPDATE = "UPDATE folders SET path = ?2, delimiter = ?3, role = ?4, selectable = ?5, subscribed = ?6, rights = ?7 \
        WHERE id = ?1";
    /// Another name, unless another folder has it.
    RENAME = "UPDATE folders SET wire_name = ?3, path = ?4 WHERE id = ?1 AND account_id = ?2 AND NOT EXISTS ( \
        SELECT 1 FROM folders AS o WHERE o.account_id = ?2 AND o.wire_name = ?3)";
    /// A folder that is gone.
    DELETE = "DELETE FROM folders WHERE id = ?1";
    /// Changes that waited for a folder which is gone: the person has to know.
    REFUSE_OPERATIONS = "UPDATE operations SET state = 'refused', error_code = 'folder_missing', error_params = NULL, \
        error_at = ?2 WHERE folder_id = ?1 AND state = 'waiting'";
    /// Changes that wait keep what their UIDs belong to.
    KEEP_VALIDITY = "UPDATE operations SET uid_validity = (SELECT f.uid_validity FROM folders AS f WHERE f.id = ?1) \
        WHERE folder_id = ?1 AND uid_validity IS NULL";
    /// Changes that waited for messages by UIDs which mean nothing any more.
    REFUSE_STALE = "UPDATE operations SET state = 'refused', error_code = 'folder_missing', error_params = NULL, \
        error_at = ?2 WHERE folder_id = ?1 AND state = 'waiting' AND kind ->> 'uids' IS NOT NULL AND uid_validity IS NOT ?3";
    /// Changes that were refused hide nothing in other folders any more. In this one nothing is left.
    SHOW_REFUSED = "UPDATE places SET operation_id = NULL WHERE folder_id <> ?1 AND operation_id IN \
        (SELECT o.id FROM operations AS o WHERE o.folder_id = ?1 AND o.state = 'refused')";
    /// Messages that lie in this folder only.
    MARK_UNPLACED = "UPDATE messages SET unplaced_at = ?2 WHERE id IN ( \
        SELECT p.message_id FROM places AS p WHERE p.folder_id = ?1 AND NOT EXISTS \
        (SELECT 1 FROM places AS q WHERE q.message_id = p.message_id AND q.folder_id <> ?1))";
    /// Empties a folder.
    REMOVE_PLACES = "DELETE FROM places WHERE folder_id = ?1";
    /// How far it is synchronised, unless it was emptied in the meantime.
    SET_CURSOR = "UPDATE folders SET uid_validity = ?2, uid_next = ?3, highest_modseq = ?4, window_start = ?5, \
        is_complete = ?6, exists_count = ?7, synced_at = ?8 WHERE id = ?1 AND uid_validity IS ?9";
    /// Nothing of it is here any more.
    CLEAR_CURSOR = "UPDATE folders SET uid_validity = NULL, uid_next = NULL, highest_modseq = NULL, \
        window_start = NULL, is_complete = 0, exists_count = NULL, synced_at = NULL WHERE id = ?1";
    /// What went wrong.
    SET_ERROR = "UPDATE folders SET error_code = ?2, error_params = ?3, error_at = ?4 WHERE id = ?1";
}

/// The folders of a [`Store`].
#[derive(Clone, Copy, Debug)]
pub struct Folders<'s>(&'s Store);

impl Store {
    /// Table `folders`.
    pub fn folders(&self) -> Folders<'_> {
        Folders(self)
    }
}

impl FolderSeen {
    fn read(row: &SqliteRow) -> Result<Self, StoreError> {
        let role: Option<String> = row.value("role")?;
        Ok(Self {
            wire_name: row.value("wire_name")?,
            path: row.value("path")?,
            delimiter: row
                .value::<Option<String>>("delimiter")?
                .and_then(|text| text.chars().next()),
            role: role
                .map(|name| FolderRole::from_name(&name).ok_or(StoreError::damaged("role")))
                .transpose()?,
            is_selectable: row.value("selectable")?,
            is_subscribed: row.value("subscribed")?,
            rights: row.value::<Option<String>>("rights")?.map(MailboxRights::new),
        })
    }
}

impl FolderRow {
    fn read(row: &SqliteRow) -> Result<Self, StoreError> {
        let cursor = match (
            row.unsigned32_option("uid_validity")?,
            row.at_option("synced_at")?,
        ) {
            (Some(uid_validity), Some(at)) => Some(FolderCursor {
                uid_validity,
                uid_next: row.unsigned32_option("uid_next")?.unwrap_or_default(),
                highest_modseq: row.value::<Option<i64>>("highest_modseq")?.map(i64::unsigned_abs),
                window_start: row.at_option("window_start")?,
                is_complete: row.value("is_complete")?,
                exists: row.unsigned32_option("exists_count")?.unwrap_or_default(),
                at,
            }),
            _ => None,
        };
        Ok(Self {
            id: FolderId(row.value("id")?),
            account_id: AccountId(row.value("account_id")?),
            seen: FolderSeen::read(row)?,
            cursor,
            total: row.unsigned("total")?,
            unread: row.unsigned("unread")?,
            error: row.stored_error()?,
        })
    }
}

impl Folders<'_> {
    /// Makes the folders here those of `seen`, known by their wire names. A folder that is gone goes with its places; the
    /// messages that lay nowhere else wait for [`crate::Messages::sweep`], because the folder may only have another name.
    /// Operations that waited for it are refused with `folder_missing`.
    pub async fn sync_list(
        &self,
        account: AccountId,
        seen: &[FolderSeen],
        now: UnixMillis,
    ) -> Result<FolderChanges, StoreError> {
        let mut changes = FolderChanges::default();
        let mut writing = self.0.begin_relaxed().await?;
        let rows = sqlx::query(KNOWN)
            .bind(account.0)
            .fetch_all(&mut *writing)
            .await?;
        let mut known = rows
            .iter()
            .map(|row| {
                let seen = FolderSeen::read(row)?;
                Ok((seen.wire_name.clone(), (FolderId(row.value("id")?), seen)))
            })
            .collect::<Result<BTreeMap<_, _>, StoreError>>()?;
        let mut names = HashSet::new();
        for folder in seen {
            // Some servers list the inbox twice.
            if !names.insert(folder.wire_name.as_str()) {
                continue;
            }
            match known.remove(&folder.wire_name) {
                None => changes.added.push(insert(&mut writing, account, folder).await?),
                Some((id, old)) if old != *folder => {
                    update(&mut writing, id, folder).await?;
                    changes.updated.push(id);
                }
                Some(_) => {}
            }
        }
        for (id, old) in known.into_values() {
            sqlx::query(REFUSE_OPERATIONS)
                .bind(id.0)
                .bind(now.0)
                .execute(&mut *writing)
                .await?;
            show_refused(&mut writing, id, now).await?;
            operation::refuse_into(&mut writing, id, now).await?;
            release_places(&mut writing, id, now).await?;
            sqlx::query(DELETE).bind(id.0).execute(&mut *writing).await?;
            changes.removed.push((id, old.path));
        }
        writing.commit().await?;
        Ok(changes)
    }

    /// The server has renamed folders: they stay what they are, with their messages and what waits for these. One whose new name
    /// another folder has keeps its old one.
    pub async fn rename(&self, account: AccountId, renamed: &[RenamedFolder]) -> Result<(), StoreError> {
        let mut writing = self.0.begin_synced().await?;
        for folder in renamed {
            sqlx::query(RENAME)
                .bind(folder.id.0)
                .bind(account.0)
                .bind(&folder.wire_name)
                .bind(&folder.path)
                .execute(&mut *writing)
                .await?;
        }
        Ok(writing.commit().await?)
    }

    /// An account's folders by path.
    pub async fn list(&self, account: AccountId) -> Result<Vec<FolderRow>, StoreError> {
        let rows = sqlx::query(LIST)
            .bind(account.0)
            .fetch_all(self.0.reads())
            .await?;
        rows.iter().map(FolderRow::read).collect()
    }

    /// One folder.
    pub async fn get(&self, id: FolderId) -> Result<Option<FolderRow>, StoreError> {
        let row = sqlx::query(GET).bind(id.0).fetch_optional(self.0.reads()).await?;
        row.as_ref().map(FolderRow::read).transpose()
    }

    /// One folder by its decoded name.
    pub async fn by_path(&self, account: AccountId, path: &str) -> Result<Option<FolderRow>, StoreError> {
        let row = sqlx::query(BY_PATH)
            .bind(account.0)
            .bind(path)
            .fetch_optional(self.0.reads())
            .await?;
        row.as_ref().map(FolderRow::read).transpose()
    }

    /// How far a folder is synchronised. `over` is the UIDVALIDITY that was kept when the look at it began: where another
    /// one stands now, the folder was emptied meanwhile ([`Self::give_up`]), nothing is written, and the answer is false.
    /// Then what was loaded before is not here any more, and to call the folder complete would hide that for ever.
    pub async fn set_cursor(
        &self,
        id: FolderId,
        over: Option<u32>,
        cursor: &FolderCursor,
    ) -> Result<bool, StoreError> {
        let mut writing = self.0.begin_relaxed().await?;
        let is_set = set_cursor(&mut writing, id, over, cursor).await?;
        writing.commit().await?;
        Ok(is_set)
    }

    /// The same for many folders of which nothing was known, in one transaction; those of which something is known by now stay.
    pub async fn set_first_cursors(&self, cursors: &[(FolderId, FolderCursor)]) -> Result<(), StoreError> {
        let mut writing = self.0.begin_relaxed().await?;
        for (id, cursor) in cursors {
            set_cursor(&mut writing, *id, None, cursor).await?;
        }
        Ok(writing.commit().await?)
    }

    /// What went wrong with a folder; `None` when nothing does any more.
    pub async fn set_error(&self, id: FolderId, error: Option<&StoredError>) -> Result<(), StoreError> {
        let (code, params, at) = StoredError::columns(error)?;
        let query = sqlx::query(SET_ERROR).bind(id.0).bind(code).bind(params).bind(at);
        self.update(id, query).await
    }

    /// The folder is not kept any more, or nobody knows whether what is here is what is there. The places go; the messages stay
    /// until [`crate::Messages::sweep`], so that they are found again by their digests. Operations that wait for messages of
    /// the folder go on waiting: they know what their UIDs belong to.
    pub async fn give_up(&self, id: FolderId, now: UnixMillis) -> Result<(), StoreError> {
        let mut writing = self.0.begin_relaxed().await?;
        empty(&mut writing, id, now).await?;
        Ok(writing.commit().await?)
    }

    /// UIDVALIDITY is another one now (RFC 3501 §2.3.1.1): no UID means anything any more. As [`Self::give_up`], and operations
    /// that wait for messages under another UIDVALIDITY are refused with `folder_missing`: carried out later, they would hit
    /// others.
    pub async fn reset(&self, id: FolderId, uid_validity: u32, now: UnixMillis) -> Result<(), StoreError> {
        let mut writing = self.0.begin_relaxed().await?;
        empty(&mut writing, id, now).await?;
        refuse_stale(&mut writing, id, uid_validity, now).await?;
        Ok(writing.commit().await?)
    }

    async fn update(&self, id: FolderId, query: crate::statement::Bound<'_>) -> Result<(), StoreError> {
        let mut writing = self.0.begin_relaxed().await?;
        let done = query.execute(&mut *writing).await?;
        writing.commit().await?;
        if done.rows_affected() == 0 {
            return Err(StoreError::FolderMissing(id));
        }
        Ok(())
    }
}

async fn empty(writing: &mut SqliteConnection, id: FolderId, now: UnixMillis) -> Result<(), StoreError> {
    sqlx::query(KEEP_VALIDITY)
        .bind(id.0)
        .execute(&mut *writing)
        .await?;
    let done = sqlx::query(CLEAR_CURSOR)
        .bind(id.0)
        .execute(&mut *writing)
        .await?;
    if done.rows_affected() == 0 {
        return Err(StoreError::FolderMissing(id));
    }
    release_places(writing, id, now).await
}

/// Operations for UIDs under another UIDVALIDITY than this one are refused.
async fn refuse_stale(
    writing: &mut SqliteConnection,
    id: FolderId,
    uid_validity: u32,
    now: UnixMillis,
) -> Result<(), StoreError> {
    sqlx::query(REFUSE_STALE)
        .bind(id.0)
        .bind(now.0)
        .bind(i64::from(uid_validity))
        .execute(&mut *writing)
        .await?;
    show_refused(writing, id, now).await
}

/// What operations of the folder did that were refused just now is undone in the others.
async fn show_refused(
    writing: &mut SqliteConnection,
    id: FolderId,
    now: UnixMillis,
) -> Result<(), StoreError> {
    expected::forget_refused(writing, id, now).await?;
    sqlx::query(SHOW_REFUSED).bind(id.0).execute(writing).await?;
    Ok(())
}

async fn set_cursor(
    writing: &mut SqliteConnection,
    id: FolderId,
    over: Option<u32>,
    cursor: &FolderCursor,
) -> Result<bool, StoreError> {
    let done = sqlx::query(SET_CURSOR)
        .bind(id.0)
        .bind(i64::from(cursor.uid_validity))
        .bind(i64::from(cursor.uid_next))
        .bind(cursor.highest_modseq.map(signed))
        .bind(cursor.window_start.map(|at| at.0))
        .bind(cursor.is_complete)
        .bind(i64::from(cursor.exists))
        .bind(cursor.at.0)
        .bind(over.map(i64::from))
        .execute(&mut *writing)
        .await?;
    let is_set = done.rows_affected() == 1;
    if is_set && over != Some(cursor.uid_validity) {
        // Changes may have waited since the folder was kept the last time, in it and on the way to it.
        refuse_stale(writing, id, cursor.uid_validity, cursor.at).await?;
        operation::show_in(writing, id).await?;
    }
    Ok(is_set)
}

async fn release_places(
    writing: &mut SqliteConnection,
    id: FolderId,
    now: UnixMillis,
) -> Result<(), StoreError> {
    sqlx::query(MARK_UNPLACED)
        .bind(id.0)
        .bind(now.0)
        .execute(&mut *writing)
        .await?;
    folder_thread::forget_folder(writing, id).await?;
    sqlx::query(REMOVE_PLACES).bind(id.0).execute(writing).await?;
    Ok(())
}

async fn insert(
    writing: &mut SqliteConnection,
    account: AccountId,
    folder: &FolderSeen,
) -> Result<FolderId, StoreError> {
    let id: i64 = sqlx::query_scalar(INSERT)
        .bind(account.0)
        .bind(&folder.wire_name)
        .bind(&folder.path)
        .bind(folder.delimiter.map(String::from))
        .bind(folder.role.map(FolderRole::as_str))
        .bind(folder.is_selectable)
        .bind(folder.is_subscribed)
        .bind(folder.rights.as_ref().map(MailboxRights::letters))
        .fetch_one(writing)
        .await?;
    Ok(FolderId(id))
}

async fn update(writing: &mut SqliteConnection, id: FolderId, folder: &FolderSeen) -> Result<(), StoreError> {
    sqlx::query(UPDATE)
        .bind(id.0)
        .bind(&folder.path)
        .bind(folder.delimiter.map(String::from))
        .bind(folder.role.map(FolderRole::as_str))
        .bind(folder.is_selectable)
        .bind(folder.is_subscribed)
        .bind(folder.rights.as_ref().map(MailboxRights::letters))
        .execute(writing)
        .await?;
    Ok(())
}
