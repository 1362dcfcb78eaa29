//! Rows that say the same thing twice and do not agree: what is kept for speed, held against what it was counted from.

use crate::{Store, StoreError};

/// What is derived from other rows, or belongs to them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Derived {
    /// `folders.total` and `folders.unread`.
    FolderCounters,
    /// `folder_threads`.
    ThreadHeads,
    /// Threads without a message.
    EmptyThreads,
    /// Rows of the index of words without a message, and messages without one that do not wait for it either.
    SearchRows,
    /// Messages that lie nowhere and no sweep would find, or that lie somewhere and a sweep looks at.
    UnplacedMarks,
    /// Places hidden by an operation that does not wait.
    HiddenPlaces,
    /// Places expected of an operation that does not wait.
    ExpectedPlaces,
    /// Messages whose bytes ought to be here and are not.
    Bodies,
}

impl Derived {
    /// A name for reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::FolderCounters => "folder_counters",
            Self::ThreadHeads => "thread_heads",
            Self::EmptyThreads => "empty_threads",
            Self::SearchRows => "search_rows",
            Self::UnplacedMarks => "unplaced_marks",
            Self::HiddenPlaces => "hidden_places",
            Self::ExpectedPlaces => "expected_places",
            Self::Bodies => "bodies",
        }
    }
}

/// Rows of one kind that do not agree with the others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Contradiction {
    /// The kind.
    pub about: Derived,
    /// How many.
    pub rows: u64,
}

statements! {
    /// Folders whose counters differ from a recount.
    FOLDER_COUNTERS = "SELECT count(*) FROM folders AS f WHERE (f.total, f.unread) IS NOT ( \
        SELECT count(*), coalesce(sum(p.flags & 1 = 0), 0) FROM places AS p \
        WHERE p.folder_id = f.id AND p.operation_id IS NULL)";
    /// Threads of folders that differ from a recount, and those that are missing.
    THREAD_HEADS = "WITH counted AS ( \
        SELECT m.thread_id, p.folder_id, count(*) AS messages, sum(p.flags & 1 = 0) AS unread \
        FROM places AS p CROSS JOIN messages AS m ON m.id = p.message_id \
        WHERE p.operation_id IS NULL GROUP BY m.thread_id, p.folder_id) \
        SELECT (SELECT count(*) FROM counted AS c LEFT JOIN folder_threads AS t \
            ON t.thread_id = c.thread_id AND t.folder_id = c.folder_id \
            WHERE (t.messages, t.unread) IS NOT (c.messages, c.unread)) \
        + (SELECT count(*) FROM folder_threads AS t WHERE (t.newest_at, t.newest_uid) IS NOT ( \
            SELECT p.internal_at, p.uid FROM messages AS m CROSS JOIN places AS p ON p.message_id = m.id \
            WHERE m.thread_id = t.thread_id AND p.folder_id = t.folder_id AND p.operation_id IS NULL \
            ORDER BY p.internal_at DESC, p.uid DESC LIMIT 1))";
    /// Threads without a message.
    EMPTY_THREADS = "SELECT count(*) FROM threads AS t \
        WHERE NOT EXISTS (SELECT 1 FROM messages AS m WHERE m.thread_id = t.id)";
    /// The index, and the list of what waits for it, against the messages: each is in one of them. The lower bits of
    /// their row ids are the messages'.
    SEARCH_ROWS = "SELECT (SELECT count(*) FROM search_docsize AS d WHERE NOT EXISTS ( \
            SELECT 1 FROM messages AS m WHERE m.id = (d.id & 536870911) AND m.sort_key = d.id)) \
        + (SELECT count(*) FROM unindexed AS w WHERE NOT EXISTS ( \
            SELECT 1 FROM messages AS m WHERE m.id = (w.sort_key & 536870911) AND m.sort_key = w.sort_key)) \
        + (SELECT count(*) FROM messages AS m WHERE \
            EXISTS (SELECT 1 FROM search_docsize AS d WHERE d.id = m.sort_key) \
            IS EXISTS (SELECT 1 FROM unindexed AS w WHERE w.sort_key = m.sort_key))";
    /// Messages with the wrong mark.
    UNPLACED_MARKS = "SELECT count(*) FROM messages AS m WHERE (m.unplaced_at IS NULL) IS NOT \
        EXISTS (SELECT 1 FROM places AS p WHERE p.message_id = m.id)";
    /// Places that nothing hides any more.
    HIDDEN_PLACES = "SELECT count(*) FROM places AS p WHERE p.operation_id IS NOT NULL AND NOT EXISTS ( \
        SELECT 1 FROM operations AS o WHERE o.id = p.operation_id AND o.state = 'waiting')";
    /// Places that nothing brings about, or whose source nobody knows.
    EXPECTED_PLACES = "SELECT count(*) FROM places AS p WHERE (p.stands_for IS NOT NULL) IS NOT \
        ((p.expects IS NULL) IS NOT (p.awaited_at IS NULL)) OR p.expects IS NOT NULL AND NOT EXISTS ( \
        SELECT 1 FROM operations AS o WHERE o.id = p.expects AND o.state = 'waiting')";
    /// Messages without their bytes.
    BODIES = "SELECT count(*) FROM messages AS m WHERE m.body_state = 'stored' \
        AND NOT EXISTS (SELECT 1 FROM bodies AS b WHERE b.message_id = m.id)";
}

impl Store {
    /// Counts everything again, the rows of the index where it has any. Reads every row but the messages' bytes.
    pub(crate) async fn contradictions(&self, with_index: bool) -> Result<Vec<Contradiction>, StoreError> {
        let checks = [
            (Derived::FolderCounters, FOLDER_COUNTERS),
            (Derived::ThreadHeads, THREAD_HEADS),
            (Derived::EmptyThreads, EMPTY_THREADS),
            (Derived::SearchRows, SEARCH_ROWS),
            (Derived::UnplacedMarks, UNPLACED_MARKS),
            (Derived::HiddenPlaces, HIDDEN_PLACES),
            (Derived::ExpectedPlaces, EXPECTED_PLACES),
            (Derived::Bodies, BODIES),
        ];
        // One moment for all of them: mail may arrive meanwhile.
        let mut view = self.snapshot().await?;
        let mut found = Vec::new();
        for (about, sql) in checks {
            if about == Derived::SearchRows && !with_index {
                continue;
            }
            let rows: i64 = sqlx::query_scalar(sql).fetch_one(&mut *view).await?;
            if rows != 0 {
                let rows = rows.unsigned_abs();
                found.push(Contradiction { about, rows });
            }
        }
        view.end().await?;
        Ok(found)
    }
}
