-- Messages while they are written, and the people to write to.

-- The largest message in bytes that the server for sending takes (RFC 1870), as it said last.
ALTER TABLE accounts ADD COLUMN size_limit INTEGER;

-- The message that an entry answers or passes on, and the flag that it gets once the entry was sent. Both empty when that
-- is done.
ALTER TABLE outbox ADD COLUMN about_id INTEGER REFERENCES messages (id) ON DELETE SET NULL;
ALTER TABLE outbox ADD COLUMN about_flag TEXT;
CREATE INDEX outbox_by_about ON outbox (about_id) WHERE about_id IS NOT NULL;

-- revision counts changes. outbox_id: it stands in the outbox and is only kept for being taken back.
-- copy_*: what of it is in a drafts folder of the server. copy_is_own: the Message-ID is of our making, so that no
-- other program's message can have it.
CREATE TABLE drafts (
    id                INTEGER PRIMARY KEY AUTOINCREMENT,
    account_id        INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    sender            TEXT NOT NULL,
    kind              TEXT NOT NULL CHECK (kind IN ('new', 'reply', 'reply_all', 'forward')),
    about_id          INTEGER REFERENCES messages (id) ON DELETE SET NULL,
    to_list           TEXT NOT NULL CHECK (json_valid(to_list)),
    cc_list           TEXT NOT NULL CHECK (json_valid(cc_list)),
    bcc_list          TEXT NOT NULL CHECK (json_valid(bcc_list)),
    subject           TEXT NOT NULL,
    text              TEXT NOT NULL,
    html              TEXT,
    in_reply_to       TEXT,
    thread_ids        TEXT NOT NULL CHECK (json_valid(thread_ids)),
    revision          INTEGER NOT NULL DEFAULT 1,
    -- 1 until it is saved for the first time.
    is_fresh          INTEGER NOT NULL CHECK (is_fresh IN (0, 1)),
    created_at        INTEGER NOT NULL,
    saved_at          INTEGER NOT NULL,
    outbox_id         INTEGER REFERENCES outbox (id) ON DELETE SET NULL,
    copy_folder_id    INTEGER REFERENCES folders (id) ON DELETE SET NULL,
    copy_uid          INTEGER,
    copy_uid_validity INTEGER,
    copy_message_id   TEXT,
    copy_is_own       INTEGER NOT NULL DEFAULT 0 CHECK (copy_is_own IN (0, 1)),
    uploaded_revision INTEGER,
    uploaded_at       INTEGER,
    -- The upload that waits.
    upload_id         INTEGER REFERENCES operations (id) ON DELETE SET NULL
) STRICT;
CREATE INDEX drafts_by_account ON drafts (account_id);
CREATE INDEX drafts_by_about ON drafts (about_id) WHERE about_id IS NOT NULL;
CREATE UNIQUE INDEX drafts_by_outbox ON drafts (outbox_id) WHERE outbox_id IS NOT NULL;
CREATE INDEX drafts_by_copy ON drafts (copy_folder_id, copy_uid) WHERE copy_folder_id IS NOT NULL;
CREATE INDEX drafts_by_upload ON drafts (upload_id) WHERE upload_id IS NOT NULL;

CREATE TABLE draft_files (
    id           INTEGER PRIMARY KEY AUTOINCREMENT,
    draft_id     INTEGER NOT NULL REFERENCES drafts (id) ON DELETE CASCADE,
    filename     TEXT NOT NULL,
    content_type TEXT NOT NULL,
    content_id   TEXT NOT NULL,
    is_inline    INTEGER NOT NULL CHECK (is_inline IN (0, 1)),
    size         INTEGER NOT NULL,
    bytes        BLOB NOT NULL
) STRICT;
CREATE INDEX draft_files_by_draft ON draft_files (draft_id, id);

-- Whom an account wrote to, and who wrote to it. address: in lower case. Scores grow with every message and weigh the
-- newer ones more; rank is what the best are found by.
CREATE TABLE people (
    id           INTEGER PRIMARY KEY,
    account_id   INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    address      TEXT NOT NULL,
    name         TEXT NOT NULL,
    sent_score   REAL,
    seen_score   REAL,
    is_automatic INTEGER NOT NULL CHECK (is_automatic IN (0, 1)),
    rank         REAL NOT NULL,
    UNIQUE (account_id, address)
) STRICT;
CREATE INDEX people_by_rank ON people (rank);

-- What somebody is found by, folded: the words of the name, the address, and the words before its @.
CREATE TABLE person_words (
    word      TEXT NOT NULL,
    person_id INTEGER NOT NULL REFERENCES people (id) ON DELETE CASCADE,
    PRIMARY KEY (word, person_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX person_words_by_person ON person_words (person_id, word);

-- Messages that are here already are looked through for people in small steps, newest first: the next one to look at.
INSERT INTO settings (key, value, changed_at)
    SELECT 'people_backfill', CAST(max(id) AS TEXT), 0 FROM messages HAVING max(id) IS NOT NULL;
