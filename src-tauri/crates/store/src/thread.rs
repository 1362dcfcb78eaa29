//! Tables `threads` and `thread_links`.

use std::collections::{BTreeSet, HashMap};

use mailroom_model::{AccountId, ThreadId, UnixMillis};
use sqlx::SqliteConnection;

use crate::column::{Columns, hex_list, to_json};
use crate::statement::insert_rows;
use crate::thread_resolver::{Link, Resolution, Resolver, SUBJECT_WINDOW, Threading};
use crate::{StoreError, folder_thread};

/// No message refers to more; a longer list keeps its newest part.
const REFERENCES_MAX: usize = 100;

statements! {
    /// What is known about some links.
    LINKED = "SELECT l.link, l.thread_id FROM json_each(?2) AS j CROSS JOIN thread_links AS l \
        ON l.account_id = ?1 AND l.link = unhex(j.value)";
    /// Open threads with some base subjects.
    ORPHANS = "SELECT t.id, t.base_subject, t.orphan_at FROM json_each(?2) AS j CROSS JOIN threads AS t \
        INDEXED BY threads_orphaned ON t.account_id = ?1 AND t.base_subject = j.value WHERE t.orphan_at IS NOT NULL";
    /// The thread with a base subject that has a message nearest to a moment.
    NEAR = "SELECT t.id, abs(m.received_at - ?5) AS distance FROM threads AS t CROSS JOIN messages AS m \
        ON m.thread_id = t.id WHERE t.account_id = ?1 AND t.base_subject = ?2 AND m.received_at BETWEEN ?3 AND ?4 \
        ORDER BY distance LIMIT 1";
    /// The largest id that was ever given to a thread or message.
    LAST_ID = "SELECT seq FROM sqlite_sequence WHERE name = ?1";
    /// A new thread.
    INSERT = "INSERT INTO threads (id, account_id, base_subject, orphan_at) VALUES (?, ?, ?, ?)";
    /// New links.
    INSERT_LINK = "INSERT OR IGNORE INTO thread_links (account_id, link, thread_id) VALUES (?, ?, ?)";
    /// Messages of a thread that goes into another.
    MOVE_MESSAGES = "UPDATE messages SET thread_id = ?2 WHERE thread_id = ?1";
    /// Links of a thread that goes into another.
    MOVE_LINKS = "UPDATE thread_links SET thread_id = ?2 WHERE thread_id = ?1";
    /// A thread that went into another.
    DELETE = "DELETE FROM threads WHERE id = ?1";
    /// A thread that found its original.
    ADOPT = "UPDATE threads SET orphan_at = NULL WHERE id = ?1";
}

/// What a Message-ID looks like in `thread_links`.
pub(crate) fn link_of(rfc_message_id: &str) -> Option<Link> {
    let id = rfc_message_id
        .trim()
        .trim_start_matches('<')
        .trim_end_matches('>');
    if id.is_empty() {
        return None;
    }
    let digest = blake3::hash(id.as_bytes());
    digest.as_bytes().first_chunk().copied()
}

/// The links of a message: its own and those of the newest references.
pub(crate) fn links_of(own: Option<&str>, references: &[String]) -> Vec<Link> {
    let skipped = references.len().saturating_sub(REFERENCES_MAX);
    own.into_iter()
        .chain(references.iter().skip(skipped).map(String::as_str))
        .filter_map(link_of)
        .collect::<BTreeSet<_>>()
        .into_iter()
        .collect()
}

/// The largest id that was ever given in an `AUTOINCREMENT` table.
pub(crate) async fn last_id(
    connection: &mut SqliteConnection,
    table: &'static str,
) -> Result<i64, StoreError> {
    let last: Option<i64> = sqlx::query_scalar(LAST_ID)
        .bind(table)
        .fetch_optional(connection)
        .await?;
    Ok(last.unwrap_or(0))
}

/// Finds the threads of new messages and writes what changes in `threads`, `thread_links` and stored messages.
/// Gives the thread of every message, in their order.
pub(crate) async fn assign(
    writing: &mut SqliteConnection,
    account: AccountId,
    mut messages: Vec<Threading>,
) -> Result<Vec<ThreadId>, StoreError> {
    let links = known_links(writing, account, &messages).await?;
    let orphans = open_threads(writing, account, &messages).await?;
    for message in &mut messages {
        let is_linked = message.links.iter().any(|link| links.contains_key(link));
        if message.has_reply_mark && !message.base_subject.is_empty() && !is_linked {
            message.near = nearest(writing, account, message).await?;
        }
    }
    let first_new = last_id(writing, "threads").await? + 1;
    let resolution = Resolver::new(first_new, links, orphans).resolve(&messages);
    write(writing, account, &resolution).await?;
    Ok(resolution.threads)
}

async fn known_links(
    writing: &mut SqliteConnection,
    account: AccountId,
    messages: &[Threading],
) -> Result<HashMap<Link, ThreadId>, StoreError> {
    let wanted: BTreeSet<&Link> = messages.iter().flat_map(|message| &message.links).collect();
    let rows = sqlx::query(LINKED)
        .bind(account.0)
        .bind(hex_list(wanted.into_iter().map(<[u8; 16]>::as_slice)))
        .fetch_all(writing)
        .await?;
    rows.iter()
        .map(|row| {
            let link: Vec<u8> = row.value("link")?;
            let link = link.try_into().map_err(|_| StoreError::damaged("link"))?;
            Ok((link, ThreadId(row.value("thread_id")?)))
        })
        .collect()
}

async fn open_threads(
    writing: &mut SqliteConnection,
    account: AccountId,
    messages: &[Threading],
) -> Result<HashMap<String, Vec<(UnixMillis, ThreadId)>>, StoreError> {
    let subjects: BTreeSet<&str> = messages
        .iter()
        .filter(|message| !message.base_subject.is_empty())
        .map(|message| message.base_subject.as_str())
        .collect();
    let rows = sqlx::query(ORPHANS)
        .bind(account.0)
        .bind(to_json(&subjects)?)
        .fetch_all(writing)
        .await?;
    let mut open: HashMap<String, Vec<_>> = HashMap::new();
    for row in &rows {
        open.entry(row.value("base_subject")?)
            .or_default()
            .push((row.at("orphan_at")?, ThreadId(row.value("id")?)));
    }
    Ok(open)
}

async fn nearest(
    writing: &mut SqliteConnection,
    account: AccountId,
    message: &Threading,
) -> Result<Option<(ThreadId, i64)>, StoreError> {
    let at = message.received_at.0;
    let row = sqlx::query(NEAR)
        .bind(account.0)
        .bind(&message.base_subject)
        .bind(at.saturating_sub(SUBJECT_WINDOW))
        .bind(at.saturating_add(SUBJECT_WINDOW))
        .bind(at)
        .fetch_optional(writing)
        .await?;
    row.map(|row| Ok((ThreadId(row.value("id")?), row.value("distance")?)))
        .transpose()
}

async fn write(
    writing: &mut SqliteConnection,
    account: AccountId,
    resolution: &Resolution,
) -> Result<(), StoreError> {
    let created = resolution
        .created
        .iter()
        .map(|(id, thread)| (*id, thread.clone()))
        .collect();
    insert_rows(writing, INSERT, created, |query, (id, thread)| {
        query
            .bind(id.0)
            .bind(account.0)
            .bind(Some(thread.base_subject).filter(|subject| !subject.is_empty()))
            .bind(thread.orphan_at.map(|at| at.0))
    })
    .await?;
    for (from, into) in &resolution.merged {
        folder_thread::merge(writing, *from, *into).await?;
        for sql in [MOVE_MESSAGES, MOVE_LINKS] {
            sqlx::query(sql)
                .bind(from.0)
                .bind(into.0)
                .execute(&mut *writing)
                .await?;
        }
        sqlx::query(DELETE).bind(from.0).execute(&mut *writing).await?;
    }
    for thread in &resolution.adopted {
        sqlx::query(ADOPT).bind(thread.0).execute(&mut *writing).await?;
    }
    insert_rows(
        writing,
        INSERT_LINK,
        resolution.links.clone(),
        |query, (link, thread)| query.bind(account.0).bind(link.to_vec()).bind(thread.0),
    )
    .await
}
