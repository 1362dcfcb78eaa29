//! Table `folder_threads`: the threads of a folder. Triggers keep it (`migrations/0003_threads.sql`); only what concerns
//! whole threads and whole folders is written here.

use std::collections::HashMap;

use mailroom_model::{FolderId, Mailbox, MessageId, ThreadId};
use sqlx::SqliteConnection;

use crate::column::{Columns, to_json};
use crate::list::{self, summary};
use crate::{Cursor, MessageSummary, Messages, StoreError};

/// Members of one thread that are given at most.
const MOST_MEMBERS: u32 = 500;

/// A thread in a folder: its newest message there, and how many there are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ThreadHead {
    /// The newest message of the thread in the folder; its cursor is the thread's position in the list.
    pub newest: MessageSummary,
    /// Messages of the thread in the folder, without those that a waiting operation hides.
    pub messages: u32,
    /// Unread ones among them.
    pub unread: u32,
}

/// A message of a thread in a folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ThreadMember {
    /// The message.
    pub id: MessageId,
    /// Its first sender.
    pub from: Mailbox,
    /// Its recipients in one line.
    pub to_line: String,
}

statements! {
    /// A page of a folder's threads. ?2, ?3: before this moment and UID.
    PAGE = concat!(summary!(), ", t.messages AS thread_messages, t.unread AS thread_unread \
        FROM folder_threads AS t CROSS JOIN places AS p ON p.folder_id = t.folder_id AND p.uid = t.newest_uid \
        CROSS JOIN messages AS m ON m.id = p.message_id \
        WHERE t.folder_id = ?1 AND (t.newest_at, t.newest_uid) < (?2, ?3) \
        ORDER BY t.newest_at DESC, t.newest_uid DESC LIMIT ?4");
    /// What stands in the folders of some threads. ?1: [[thread, folder], …]
    MEMBERS = "SELECT m.thread_id, p.folder_id, m.id, m.from_name, m.from_address, m.to_line FROM json_each(?1) AS j \
        CROSS JOIN messages AS m ON m.thread_id = (j.value ->> 0) \
        CROSS JOIN places AS p ON p.message_id = m.id AND p.folder_id = (j.value ->> 1) \
        WHERE p.operation_id IS NULL ORDER BY j.key, p.internal_at DESC, p.uid DESC LIMIT ?2";
    /// A thread that goes into another takes its places along.
    MERGE = "INSERT INTO folder_threads (thread_id, folder_id, newest_at, newest_uid, messages, unread) \
        SELECT ?2, t.folder_id, t.newest_at, t.newest_uid, t.messages, t.unread FROM folder_threads AS t \
        WHERE t.thread_id = ?1 ON CONFLICT (thread_id, folder_id) DO UPDATE SET \
        messages = messages + excluded.messages, unread = unread + excluded.unread, \
        newest_uid = iif((excluded.newest_at, excluded.newest_uid) > (newest_at, newest_uid), excluded.newest_uid, \
        newest_uid), newest_at = max(newest_at, excluded.newest_at)";
    /// Nothing of a thread is anywhere.
    FORGET_THREAD = "DELETE FROM folder_threads WHERE thread_id = ?1";
    /// Nothing is in a folder.
    FORGET_FOLDER = "DELETE FROM folder_threads WHERE folder_id = ?1";
}

/// The messages of `from` are about to become messages of `into`.
pub(crate) async fn merge(
    writing: &mut SqliteConnection,
    from: ThreadId,
    into: ThreadId,
) -> Result<(), StoreError> {
    sqlx::query(MERGE)
        .bind(from.0)
        .bind(into.0)
        .execute(&mut *writing)
        .await?;
    sqlx::query(FORGET_THREAD).bind(from.0).execute(writing).await?;
    Ok(())
}

/// A folder is about to be emptied: without its threads, nothing has to be kept right while its places go.
pub(crate) async fn forget_folder(writing: &mut SqliteConnection, id: FolderId) -> Result<(), StoreError> {
    sqlx::query(FORGET_FOLDER).bind(id.0).execute(writing).await?;
    Ok(())
}

impl Messages<'_> {
    /// A page of at most `limit` threads of a folder, that with the newest message there first. Page 4,000 is as quick as
    /// page 1, however long the threads are.
    pub async fn list_threads(
        &self,
        folder: FolderId,
        limit: u32,
        before: Option<Cursor>,
    ) -> Result<Vec<ThreadHead>, StoreError> {
        let before = before.unwrap_or(list::START);
        let rows = sqlx::query(PAGE)
            .bind(folder.0)
            .bind(before.key)
            .bind(before.uid_bound(folder))
            .bind(i64::from(limit))
            .fetch_all(self.0.reads())
            .await?;
        rows.iter()
            .map(|row| {
                Ok(ThreadHead {
                    newest: MessageSummary::read(row, true)?,
                    messages: row.unsigned32("thread_messages")?,
                    unread: row.unsigned32("thread_unread")?,
                })
            })
            .collect()
    }

    /// The messages of threads in their folders, newest first, each once; the newest 500 of a longer one.
    pub async fn thread_members(
        &self,
        heads: &[ThreadHead],
    ) -> Result<HashMap<(ThreadId, FolderId), Vec<ThreadMember>>, StoreError> {
        let mut members: HashMap<_, Vec<ThreadMember>> = HashMap::with_capacity(heads.len());
        let (mut short, mut long) = (Vec::new(), Vec::new());
        for head in heads {
            let key = (head.newest.thread_id, head.newest.folder_id);
            let ids = (key.0.0, key.1.0);
            match head.messages {
                0 | 1 => {
                    let only = ThreadMember {
                        id: head.newest.id,
                        from: head.newest.from.clone(),
                        to_line: head.newest.to_line.clone(),
                    };
                    members.insert(key, vec![only]);
                }
                messages if messages <= MOST_MEMBERS => short.push(ids),
                _ => long.push(vec![ids]),
            }
        }
        if !short.is_empty() {
            self.add_members(&short, -1, &mut members).await?;
        }
        for thread in long {
            self.add_members(&thread, MOST_MEMBERS.into(), &mut members)
                .await?;
        }
        Ok(members)
    }

    async fn add_members(
        &self,
        threads: &[(i64, i64)],
        limit: i64,
        members: &mut HashMap<(ThreadId, FolderId), Vec<ThreadMember>>,
    ) -> Result<(), StoreError> {
        let rows = sqlx::query(MEMBERS)
            .bind(to_json(&threads)?)
            .bind(limit)
            .fetch_all(self.0.reads())
            .await?;
        for row in &rows {
            let key = (
                ThreadId(row.value("thread_id")?),
                FolderId(row.value("folder_id")?),
            );
            let id = MessageId(row.value("id")?);
            let thread = members.entry(key).or_default();
            // It may stand in the folder twice.
            if thread.iter().any(|member| member.id == id) {
                continue;
            }
            thread.push(ThreadMember {
                id,
                from: Mailbox {
                    name: row.value("from_name")?,
                    address: row.value("from_address")?,
                },
                to_line: row.value("to_line")?,
            });
        }
        Ok(())
    }
}
