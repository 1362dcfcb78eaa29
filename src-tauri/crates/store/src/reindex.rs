//! The index of words as a whole: looked at, and made anew. Whatever is in it can be read again from the messages.

use sqlx::SqliteConnection;

use crate::{Store, StoreError};

/// FTS5's own check, which a reader may ask for as well: one line for each finding, or `ok`.
const CHECK: &str = "PRAGMA quick_check(search)";

/// The index and the four tables that FTS5 keeps it in.
const TABLES: i64 = 5;

statements! {
    /// How many of those are there.
    PRESENT = "SELECT count(*) FROM sqlite_schema WHERE type = 'table' \
        AND name IN ('search', 'search_data', 'search_idx', 'search_docsize', 'search_config')";
    /// Whether there are messages with words, and no page with a word: FTS5's check sees only pages that it is led to.
    HOLLOW = "SELECT NOT EXISTS (SELECT 1 FROM search_idx) \
        AND EXISTS (SELECT 1 FROM search_docsize AS d WHERE d.sz <> x'0000000000')";
}

/// Takes the index away, whatever is left of it, and makes an empty one, for which every message waits. FTS5 removes an index
/// only when it can read its configuration, so that is put right first.
const RENEW: &[&str] = &[
    "CREATE TABLE IF NOT EXISTS search_config (k PRIMARY KEY, v) WITHOUT ROWID",
    "INSERT OR REPLACE INTO search_config (k, v) VALUES ('version', 4)",
    "DROP TABLE IF EXISTS search",
    "DROP TABLE IF EXISTS search_data",
    "DROP TABLE IF EXISTS search_idx",
    "DROP TABLE IF EXISTS search_docsize",
    "DROP TABLE IF EXISTS search_config",
    "CREATE VIRTUAL TABLE search USING fts5 (
    subject, sender, recipients, body, files,
    content = '', contentless_delete = 1, prefix = '1 2 3', tokenize = 'unicode61 remove_diacritics 0'
)",
    "INSERT INTO search (search, rank) VALUES ('hashsize', 25165824)",
    "INSERT INTO search (search, rank) VALUES ('automerge', 32)",
    "INSERT INTO search (search, rank) VALUES ('crisismerge', 64)",
    "DELETE FROM unindexed",
    "INSERT INTO unindexed (sort_key) SELECT sort_key FROM messages",
];

/// What a look at the index found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum IndexLook {
    /// Nothing.
    Sound,
    /// It contradicts itself; SQLite's words, which its look at the whole file says as well.
    Contradicts(Vec<String>),
    /// It cannot even be opened.
    Unusable,
}

impl Store {
    /// False when the index of words contradicts itself, lacks what it is made of, or cannot be opened. Reads all of it, and
    /// holds nobody up.
    pub async fn index_is_sound(&self) -> Result<bool, StoreError> {
        Ok(self.look_at_index().await? == IndexLook::Sound)
    }

    pub(crate) async fn look_at_index(&self) -> Result<IndexLook, StoreError> {
        let present: i64 = sqlx::query_scalar(PRESENT).fetch_one(self.reads()).await?;
        if present < TABLES {
            return Ok(IndexLook::Unusable);
        }
        let looked = async {
            let lines: Vec<String> = sqlx::query_scalar(CHECK).fetch_all(self.reads()).await?;
            let is_hollow: bool = sqlx::query_scalar(HOLLOW).fetch_one(self.reads()).await?;
            Ok::<_, StoreError>((lines, is_hollow))
        };
        let (lines, is_hollow) = match looked.await {
            Ok(looked) => looked,
            Err(error) if error.is_damage() => return Ok(IndexLook::Unusable),
            Err(error) => return Err(error),
        };
        let lines: Vec<String> = lines.into_iter().filter(|line| line != "ok").collect();
        Ok(if lines.is_empty() && !is_hollow {
            IndexLook::Sound
        } else {
            IndexLook::Contradicts(lines)
        })
    }

    /// Makes the index of words anew, empty; every message waits for it from now on, and a search says so. All of it or nothing.
    /// Says how many messages wait.
    pub async fn renew_index(&self) -> Result<u64, StoreError> {
        let mut writing = self.begin_relaxed().await?;
        let waiting = renew(&mut writing).await?;
        writing.commit().await?;
        Ok(waiting)
    }
}

async fn renew(writing: &mut SqliteConnection) -> Result<u64, StoreError> {
    let mut waiting = 0;
    for sql in RENEW {
        // The last one says how many messages there are.
        waiting = sqlx::query(*sql).execute(&mut *writing).await?.rows_affected();
    }
    Ok(waiting)
}
