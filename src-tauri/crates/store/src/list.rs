//! Pages of messages, newest first.

use mailroom_model::{AccountId, FolderId, Mailbox, MessageFlags, MessageId, ThreadId, UnixMillis};
use serde::{Deserialize, Serialize};
use sqlx::sqlite::SqliteRow;

use crate::column::Columns;
use crate::message::BodyState;
use crate::{Messages, StoreError, rare, sort_key};

/// Which messages a list shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ListScope {
    /// One folder, by the time at which the message came there.
    Folder(FolderId),
    /// One account, each message once, by the time at which it first came.
    Account(AccountId),
    /// All accounts, like [`Self::Account`].
    Every,
}

/// What narrows a list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ListFilter {
    /// Not before this second.
    pub since: Option<UnixMillis>,
    /// Before this second.
    pub until: Option<UnixMillis>,
    /// Only those without (true) or with (false) `\Seen`.
    pub is_unread: Option<bool>,
    /// Only those with `\Flagged`.
    pub is_flagged: bool,
    /// Only those with attachments.
    pub has_attachment: bool,
}

/// A position in a list: everything after it is older. Take it from the last row of a page and give it to the same
/// list for the next page.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Cursor {
    pub(crate) key: i64,
    pub(crate) uid: i64,
    /// Lists that are put together of several folders tell apart by it what came at the same moment under the same UID.
    #[serde(default)]
    pub(crate) folder: i64,
}

impl Cursor {
    const START: Self = Self {
        key: i64::MAX,
        uid: i64::MAX,
        folder: 0,
    };

    /// The UID below which rows of `folder` that came at this very moment stand after it.
    pub(crate) fn uid_bound(self, folder: FolderId) -> i64 {
        self.uid.saturating_add(i64::from(folder.0 < self.folder))
    }
}

/// One row of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MessageSummary {
    /// The message.
    pub id: MessageId,
    /// Whose it is.
    pub account_id: AccountId,
    /// Its conversation.
    pub thread_id: ThreadId,
    /// The folder that the row stands for. Lists across folders choose one; "all mail" only when there is no other.
    pub folder_id: FolderId,
    /// Its UID there; `None` where a change that waits will bring it.
    pub uid: Option<u32>,
    /// Its flags there, waiting changes included.
    pub flags: MessageFlags,
    /// The decoded subject.
    pub subject: String,
    /// The first sender.
    pub from: Mailbox,
    /// The recipients (To; without them Cc, then Bcc) in one line: `Name <address>, address`.
    pub to_line: String,
    /// The Date header.
    pub sent_at: Option<UnixMillis>,
    /// When the server got it.
    pub received_at: UnixMillis,
    /// RFC822.SIZE in bytes.
    pub size: u64,
    /// The beginning of its text.
    pub preview: String,
    /// How many files hang on it.
    pub attachment_count: u32,
    /// Whether the raw message is here.
    pub body_state: BodyState,
    /// Its position in this list.
    pub cursor: Cursor,
}

/// What every list selects, from `messages AS m` and `places AS p`.
macro_rules! summary {
    () => {
        "SELECT m.id, m.account_id, m.thread_id, m.subject, m.from_name, m.from_address, m.to_line, m.sent_at, \
         m.received_at, m.size, m.preview, m.attachment_count, m.body_state, m.sort_key, p.folder_id, p.uid, p.flags, \
         p.keywords, p.internal_at "
    };
}

/// Parameters 5 to 7: unread, flagged, attachments.
macro_rules! narrowed {
    () => {
        " AND (?5 IS NULL OR p.flags & 1 <> ?5) AND (?6 = 0 OR p.flags & 4 <> 0) AND (?7 = 0 OR m.attachment_count > 0) "
    };
}

/// What [`narrowed`] asks of the rows, asked of small indexes of the message's id before any row is read: a common word
/// has many matches that a filter refuses. True for every message that passes the filter, and for a few others.
macro_rules! likely {
    ($id:literal) => {
        concat!(
            " AND (?5 IS NOT 1 OR EXISTS (SELECT 1 FROM places AS u WHERE u.message_id = ",
            $id,
            " AND u.flags & 1 = 0 AND u.operation_id IS NULL)) AND (?6 = 0 OR EXISTS (SELECT 1 FROM places AS s \
             WHERE s.message_id = ",
            $id,
            " AND s.flags & 4 <> 0 AND s.operation_id IS NULL)) AND (?7 = 0 OR EXISTS (SELECT 1 FROM attachments AS a \
             WHERE a.message_id = ",
            $id,
            ")) "
        )
    };
}

/// The place that stands for a message in a list across folders: one that is no second view (RFC 6154 `\All`).
macro_rules! chosen_place {
    ($and:literal) => {
        concat!(
            "CROSS JOIN places AS p ON (p.folder_id, p.uid) = (SELECT q.folder_id, q.uid FROM places AS q \
             JOIN folders AS f ON f.id = q.folder_id WHERE q.message_id = m.id AND q.operation_id IS NULL ",
            $and,
            // A folder without a role comes neither before nor after those that have one.
            " ORDER BY ifnull(f.role IN ('all', 'flagged', 'important'), 0), q.folder_id, q.uid LIMIT 1) "
        )
    };
}

pub(crate) use {chosen_place, likely, narrowed, summary};

statements! {
    /// A page of a folder. ?2, ?3: before this moment and UID; ?8: not before this moment.
    LIST_FOLDER = concat!(summary!(), "FROM places AS p CROSS JOIN messages AS m ON m.id = p.message_id \
        WHERE p.folder_id = ?1 AND (p.internal_at, p.uid) < (?2, ?3) AND p.internal_at >= ?8 \
        AND p.operation_id IS NULL", narrowed!(), "ORDER BY p.internal_at DESC, p.uid DESC LIMIT ?4");
    /// A page of an account. ?2: before this key; ?3: not before this key.
    LIST_ACCOUNT = concat!(summary!(), "FROM messages AS m ", chosen_place!(""),
        "WHERE m.account_id = ?1 AND m.sort_key < ?2 AND m.sort_key >= ?3", likely!("m.id"), narrowed!(),
        "ORDER BY m.sort_key DESC LIMIT ?4");
    /// A conversation, oldest first, each message once: where it is not thrown away and no second view, if there is such a
    /// place.
    OF_THREAD = concat!(summary!(), ", (SELECT f.role IN ('trash', 'junk') FROM folders AS f WHERE f.id = p.folder_id) \
        AS thrown_away FROM messages AS m CROSS JOIN places AS p ON (p.folder_id, p.uid) = (SELECT q.folder_id, q.uid \
        FROM places AS q JOIN folders AS f ON f.id = q.folder_id WHERE q.message_id = m.id AND q.operation_id IS NULL \
        ORDER BY ifnull(f.role IN ('trash', 'junk'), 0), ifnull(f.role IN ('all', 'flagged', 'important'), 0), q.folder_id, q.uid LIMIT 1) \
        WHERE m.thread_id = ?1 ORDER BY m.received_at, m.id");
    /// The accounts that are not being removed.
    ACCOUNTS = "SELECT id FROM accounts WHERE removing = 0";
}

impl MessageSummary {
    /// `by_place`: the list is ordered by the place's time and UID instead of the message's key.
    pub(crate) fn read(row: &SqliteRow, by_place: bool) -> Result<Self, StoreError> {
        let uid: i64 = row.value("uid")?;
        Ok(Self {
            id: MessageId(row.value("id")?),
            account_id: AccountId(row.value("account_id")?),
            thread_id: ThreadId(row.value("thread_id")?),
            folder_id: FolderId(row.value("folder_id")?),
            uid: u32::try_from(uid).ok(),
            flags: MessageFlags::from_bits(row.value("flags")?, row.value("keywords")?),
            subject: row.value("subject")?,
            from: Mailbox {
                name: row.value("from_name")?,
                address: row.value("from_address")?,
            },
            to_line: row.value("to_line")?,
            sent_at: row.at_option("sent_at")?,
            received_at: row.at("received_at")?,
            size: row.unsigned("size")?,
            preview: row.value("preview")?,
            attachment_count: row.unsigned32("attachment_count")?,
            body_state: row.named("body_state", BodyState::from_name)?,
            cursor: Cursor {
                key: row.value(if by_place { "internal_at" } else { "sort_key" })?,
                uid,
                folder: row.value("folder_id")?,
            },
        })
    }
}

impl Messages<'_> {
    /// A page of at most `limit` messages, newest first. Page 4,000 is as quick as page 1.
    pub async fn list(
        &self,
        scope: ListScope,
        filter: &ListFilter,
        limit: u32,
        before: Option<Cursor>,
    ) -> Result<Vec<MessageSummary>, StoreError> {
        let before = before.unwrap_or(Cursor::START);
        let few = self.few(filter).await?;
        let few = few.as_deref();
        match scope {
            ListScope::Folder(folder) => self.list_folder(folder, filter, limit, before, few).await,
            ListScope::Account(account) => self.list_account(account.0, filter, limit, before, few).await,
            ListScope::Every => {
                // Each account has its own order by time: take a page of each and merge.
                let accounts: Vec<i64> = sqlx::query_scalar(ACCOUNTS).fetch_all(self.0.reads()).await?;
                let mut page = Vec::new();
                for account in accounts {
                    page.extend(self.list_account(account, filter, limit, before, few).await?);
                }
                page.sort_by_key(|summary| std::cmp::Reverse(summary.cursor.key));
                page.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
                Ok(page)
            }
        }
    }

    /// A conversation across folders, oldest first, each message once. What lies only in the trash or among junk is left
    /// out, unless nothing of it lies elsewhere.
    pub async fn of_thread(&self, thread: ThreadId) -> Result<Vec<MessageSummary>, StoreError> {
        let rows = sqlx::query(OF_THREAD)
            .bind(thread.0)
            .fetch_all(self.0.reads())
            .await?;
        let mut kept = Vec::new();
        let mut thrown_away = Vec::new();
        for row in &rows {
            let summary = MessageSummary::read(row, false)?;
            if row.value::<Option<bool>>("thrown_away")?.unwrap_or(false) {
                thrown_away.push(summary);
            } else {
                kept.push(summary);
            }
        }
        Ok(if kept.is_empty() { thrown_away } else { kept })
    }

    async fn list_folder(
        &self,
        folder: FolderId,
        filter: &ListFilter,
        limit: u32,
        before: Cursor,
        few: Option<&str>,
    ) -> Result<Vec<MessageSummary>, StoreError> {
        // The first millisecond of the second `until` is the first that is too new.
        let until = filter.until.map_or(Cursor::START, |until| Cursor {
            key: until.seconds().saturating_mul(1000),
            uid: 0,
            folder: 0,
        });
        let upper = if (until.key, until.uid) < (before.key, before.uid) {
            until
        } else {
            before
        };
        let since = filter
            .since
            .map_or(i64::MIN, |since| since.seconds().saturating_mul(1000));
        let rows = sqlx::query(few.map_or(LIST_FOLDER, |_| rare::LIST_FOLDER))
            .bind(folder.0)
            .bind(upper.key)
            .bind(upper.uid_bound(folder))
            .bind(i64::from(limit))
            .bind(filter.is_unread)
            .bind(filter.is_flagged)
            .bind(filter.has_attachment)
            .bind(since)
            .bind(few)
            .fetch_all(self.0.reads())
            .await?;
        rows.iter().map(|row| MessageSummary::read(row, true)).collect()
    }

    async fn list_account(
        &self,
        account: i64,
        filter: &ListFilter,
        limit: u32,
        before: Cursor,
        few: Option<&str>,
    ) -> Result<Vec<MessageSummary>, StoreError> {
        let (lower, upper) = key_bounds(filter, before);
        let rows = sqlx::query(few.map_or(LIST_ACCOUNT, |_| rare::LIST_ACCOUNT))
            .bind(account)
            .bind(upper)
            .bind(lower)
            .bind(i64::from(limit))
            .bind(filter.is_unread)
            .bind(filter.is_flagged)
            .bind(filter.has_attachment)
            .bind(few)
            .fetch_all(self.0.reads())
            .await?;
        rows.iter().map(|row| MessageSummary::read(row, false)).collect()
    }
}

/// The sort keys that may stand on a page: from the first, up to but without the second.
pub(crate) fn key_bounds(filter: &ListFilter, before: Cursor) -> (i64, i64) {
    let lower = filter.since.map_or(0, sort_key::floor);
    let upper = filter.until.map_or(i64::MAX, sort_key::floor).min(before.key);
    (lower, upper)
}

/// The position before the first row.
pub(crate) const START: Cursor = Cursor::START;
