-- The schema of Mailroom's database, version 18. Written by a test of the store; do not edit.

CREATE TABLE registrations (
    id           INTEGER PRIMARY KEY,
    label        TEXT NOT NULL,
    issuer       TEXT NOT NULL,
    client_id    TEXT NOT NULL,
    tenant       TEXT NOT NULL DEFAULT '',
    redirect_uri TEXT,
    has_secret   INTEGER NOT NULL CHECK (has_secret IN (0, 1)),
    created_at   INTEGER NOT NULL, is_kept INTEGER NOT NULL DEFAULT 0 CHECK (is_kept IN (0, 1)), secret_ends_at INTEGER,
    UNIQUE (issuer, client_id, tenant)
) STRICT;

CREATE TABLE accounts (
    id               INTEGER PRIMARY KEY AUTOINCREMENT,
    address          TEXT NOT NULL COLLATE NOCASE,
    display_name     TEXT NOT NULL,
    provider         TEXT,
    state            TEXT NOT NULL CHECK (state IN ('working', 'sign-in-needed', 'unproved')),
    working          TEXT CHECK (json_valid(working)),
    period           TEXT NOT NULL,
    folders          TEXT NOT NULL CHECK (json_valid(folders)),
    registration_id  INTEGER REFERENCES registrations (id),
    issuer           TEXT,
    tenant           TEXT,
    options          TEXT NOT NULL CHECK (json_valid(options)),
    created_at       INTEGER NOT NULL,
    error_code       TEXT,
    error_params     TEXT CHECK (json_valid(error_params)),
    error_at         INTEGER,
    -- 1 from the first to the last step of a removal: invisible, and finished after a crash.
    removing         INTEGER NOT NULL DEFAULT 0 CHECK (removing IN (0, 1))
, signed_in_at INTEGER, size_limit INTEGER) STRICT;

CREATE UNIQUE INDEX accounts_by_address ON accounts (address) WHERE removing = 0;

CREATE INDEX accounts_by_registration ON accounts (registration_id) WHERE registration_id IS NOT NULL;

CREATE TABLE identities (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    account_id INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    address    TEXT NOT NULL COLLATE NOCASE,
    name       TEXT NOT NULL,
    is_default INTEGER NOT NULL CHECK (is_default IN (0, 1)), signature TEXT NOT NULL DEFAULT '',
    UNIQUE (account_id, address)
) STRICT;

CREATE UNIQUE INDEX identities_default ON identities (account_id) WHERE is_default = 1;

CREATE TABLE learned_domains (
    domain     TEXT PRIMARY KEY,
    provider   TEXT,
    servers    TEXT CHECK (json_valid(servers)),
    learned_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE folders (
    id             INTEGER PRIMARY KEY AUTOINCREMENT,
    account_id     INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    wire_name      TEXT NOT NULL,
    path           TEXT NOT NULL,
    delimiter      TEXT,
    role           TEXT,
    selectable     INTEGER NOT NULL CHECK (selectable IN (0, 1)),
    subscribed     INTEGER NOT NULL CHECK (subscribed IN (0, 1)),
    rights         TEXT,
    uid_validity   INTEGER,
    uid_next       INTEGER,
    highest_modseq INTEGER,
    window_start   INTEGER,
    is_complete    INTEGER NOT NULL DEFAULT 0 CHECK (is_complete IN (0, 1)),
    exists_count   INTEGER,
    synced_at      INTEGER,
    error_code     TEXT,
    error_params   TEXT CHECK (json_valid(error_params)),
    error_at       INTEGER, total INTEGER NOT NULL DEFAULT 0, unread INTEGER NOT NULL DEFAULT 0,
    UNIQUE (account_id, wire_name)
) STRICT;

CREATE INDEX folders_by_path ON folders (account_id, path);

CREATE TABLE threads (
    id           INTEGER PRIMARY KEY AUTOINCREMENT,
    account_id   INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    base_subject TEXT,
    -- When a reply without references started this thread: its original may still come.
    orphan_at    INTEGER
) STRICT;

CREATE INDEX threads_by_subject ON threads (account_id, base_subject);

CREATE INDEX threads_orphaned ON threads (account_id, base_subject) WHERE orphan_at IS NOT NULL;

CREATE TABLE thread_links (
    account_id INTEGER NOT NULL,
    link       BLOB NOT NULL CHECK (length(link) = 16),
    thread_id  INTEGER NOT NULL REFERENCES threads (id) ON DELETE CASCADE,
    PRIMARY KEY (account_id, link)
) STRICT, WITHOUT ROWID;

CREATE INDEX thread_links_by_thread ON thread_links (thread_id);

CREATE TABLE messages (
    id               INTEGER PRIMARY KEY AUTOINCREMENT,
    account_id       INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    thread_id        INTEGER NOT NULL REFERENCES threads (id),
    digest           BLOB NOT NULL CHECK (length(digest) = 32),
    -- Seconds of received_at * 2^29 + id: newest first, unique, and the rowid in search.
    sort_key         INTEGER NOT NULL,
    received_at      INTEGER NOT NULL,
    sent_at          INTEGER,
    size             INTEGER NOT NULL,
    body_state       TEXT NOT NULL CHECK (body_state IN ('stored', 'oversize')),
    attachment_count INTEGER NOT NULL,
    subject          TEXT NOT NULL,
    from_name        TEXT NOT NULL,
    from_address     TEXT NOT NULL,
    to_line          TEXT NOT NULL,
    preview          TEXT NOT NULL,
    rfc_message_id   TEXT,
    list_id          TEXT,
    -- When the message lost its last place; a sweep removes it unless a place comes back.
    unplaced_at      INTEGER, kept_size INTEGER NOT NULL DEFAULT 0, content_id TEXT, head_digest BLOB CHECK (head_digest IS NULL OR length(head_digest) = 32),
    UNIQUE (account_id, digest)
) STRICT;

CREATE INDEX messages_by_time ON messages (account_id, sort_key);

CREATE INDEX messages_by_thread ON messages (thread_id, received_at);

CREATE INDEX messages_unplaced ON messages (unplaced_at) WHERE unplaced_at IS NOT NULL;

CREATE TABLE bodies (
    message_id INTEGER PRIMARY KEY REFERENCES messages (id) ON DELETE CASCADE,
    raw_size   INTEGER NOT NULL,
    bytes      BLOB NOT NULL
) STRICT;

CREATE TABLE attachments (
    id           INTEGER PRIMARY KEY,
    message_id   INTEGER NOT NULL REFERENCES messages (id) ON DELETE CASCADE,
    part         TEXT NOT NULL,
    filename     TEXT NOT NULL,
    content_type TEXT NOT NULL,
    size         INTEGER NOT NULL,
    content_id   TEXT,
    is_inline    INTEGER NOT NULL CHECK (is_inline IN (0, 1))
) STRICT;

CREATE INDEX attachments_by_message ON attachments (message_id);

CREATE TABLE operations (
    id           INTEGER PRIMARY KEY AUTOINCREMENT,
    account_id   INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    folder_id    INTEGER REFERENCES folders (id) ON DELETE SET NULL,
    kind         TEXT NOT NULL CHECK (json_valid(kind)),
    message_id   INTEGER REFERENCES messages (id),
    raw          BLOB,
    raw_size     INTEGER,
    state        TEXT NOT NULL CHECK (state IN ('waiting', 'refused')),
    attempts     INTEGER NOT NULL DEFAULT 0,
    -- 1 while the server may have done it and nobody knows.
    begun        INTEGER NOT NULL DEFAULT 0 CHECK (begun IN (0, 1)),
    next_at      INTEGER NOT NULL,
    created_at   INTEGER NOT NULL,
    error_code   TEXT,
    error_params TEXT CHECK (json_valid(error_params)),
    error_at     INTEGER
, target_uid_validity INTEGER, target_uid_next INTEGER, uid_validity INTEGER, rank INTEGER NOT NULL DEFAULT 0, ahead_of INTEGER) STRICT;

CREATE INDEX operations_by_message ON operations (message_id) WHERE message_id IS NOT NULL;

CREATE TABLE outbox (
    id             INTEGER PRIMARY KEY AUTOINCREMENT,
    account_id     INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    identity_id    INTEGER REFERENCES identities (id) ON DELETE SET NULL,
    rfc_message_id TEXT NOT NULL,
    subject        TEXT NOT NULL,
    envelope_from  TEXT NOT NULL,
    envelope_to    TEXT NOT NULL CHECK (json_valid(envelope_to)),
    raw            BLOB NOT NULL,
    raw_size       INTEGER NOT NULL,
    state          TEXT NOT NULL CHECK (state IN ('queued', 'sending', 'sent', 'filed', 'failed', 'unknown')),
    attempts       INTEGER NOT NULL DEFAULT 0,
    send_after     INTEGER NOT NULL,
    created_at     INTEGER NOT NULL,
    started_at     INTEGER,
    accepted_at    INTEGER,
    filed_at       INTEGER,
    error_code     TEXT,
    error_params   TEXT CHECK (json_valid(error_params)),
    error_at       INTEGER
, about_id INTEGER REFERENCES messages (id) ON DELETE SET NULL, about_flag TEXT) STRICT;

CREATE INDEX outbox_by_account ON outbox (account_id, id);

CREATE INDEX outbox_by_state ON outbox (state, send_after);

CREATE INDEX outbox_by_identity ON outbox (identity_id) WHERE identity_id IS NOT NULL;

CREATE TABLE places (
    folder_id       INTEGER NOT NULL REFERENCES folders (id) ON DELETE CASCADE,
    uid             INTEGER NOT NULL CHECK (iif(stands_for IS NULL, uid BETWEEN 1 AND 4294967295, uid > 4294967295)),
    message_id      INTEGER NOT NULL REFERENCES messages (id) ON DELETE CASCADE,
    internal_at     INTEGER NOT NULL,
    flags           INTEGER NOT NULL,
    keywords        TEXT NOT NULL,
    server_flags    INTEGER NOT NULL,
    server_keywords TEXT NOT NULL,
    modseq          INTEGER,
    operation_id    INTEGER REFERENCES operations (id) ON DELETE SET NULL, expects INTEGER REFERENCES operations (id) ON DELETE CASCADE, stands_for INTEGER, awaited_at INTEGER,
    PRIMARY KEY (folder_id, uid)
) STRICT, WITHOUT ROWID;

CREATE INDEX places_by_time ON places (folder_id, internal_at DESC, uid DESC);

CREATE INDEX places_by_message ON places (message_id);

CREATE INDEX places_hidden ON places (operation_id, folder_id) WHERE operation_id IS NOT NULL;

CREATE VIRTUAL TABLE search USING fts5 (
    subject, sender, recipients, body, files,
    content = '', contentless_delete = 1, prefix = '1 2 3', tokenize = 'unicode61 remove_diacritics 0'
);

CREATE TRIGGER messages_forgotten AFTER DELETE ON messages BEGIN
    DELETE FROM search WHERE rowid = OLD.sort_key;
    DELETE FROM threads
     WHERE id = OLD.thread_id AND NOT EXISTS (SELECT 1 FROM messages WHERE thread_id = OLD.thread_id);
END;

CREATE TABLE settings (
    key        TEXT PRIMARY KEY,
    value      TEXT NOT NULL CHECK (json_valid(value)),
    changed_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE allowed_senders (
    address    TEXT PRIMARY KEY,
    allowed_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE folder_threads (
    thread_id  INTEGER NOT NULL REFERENCES threads (id) ON DELETE CASCADE,
    folder_id  INTEGER NOT NULL REFERENCES folders (id) ON DELETE CASCADE,
    newest_at  INTEGER NOT NULL,
    newest_uid INTEGER NOT NULL,
    messages   INTEGER NOT NULL,
    unread     INTEGER NOT NULL,
    PRIMARY KEY (thread_id, folder_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX folder_threads_by_time ON folder_threads (folder_id, newest_at DESC, newest_uid DESC);

CREATE TRIGGER places_added AFTER INSERT ON places WHEN NEW.operation_id IS NULL BEGIN
    UPDATE folders SET total = total + 1, unread = unread + (NEW.flags & 1 = 0) WHERE id = NEW.folder_id;
    INSERT INTO folder_threads (thread_id, folder_id, newest_at, newest_uid, messages, unread)
    SELECT m.thread_id, NEW.folder_id, NEW.internal_at, NEW.uid, 1, NEW.flags & 1 = 0
      FROM messages AS m WHERE m.id = NEW.message_id
    ON CONFLICT (thread_id, folder_id) DO UPDATE SET
        messages = messages + 1,
        unread = unread + excluded.unread,
        newest_uid = iif((excluded.newest_at, excluded.newest_uid) > (newest_at, newest_uid),
                         excluded.newest_uid, newest_uid),
        newest_at = max(newest_at, excluded.newest_at);
END;

CREATE TRIGGER places_shown AFTER UPDATE OF operation_id ON places
WHEN OLD.operation_id IS NOT NULL AND NEW.operation_id IS NULL BEGIN
    UPDATE folders SET total = total + 1, unread = unread + (NEW.flags & 1 = 0) WHERE id = NEW.folder_id;
    INSERT INTO folder_threads (thread_id, folder_id, newest_at, newest_uid, messages, unread)
    SELECT m.thread_id, NEW.folder_id, NEW.internal_at, NEW.uid, 1, NEW.flags & 1 = 0
      FROM messages AS m WHERE m.id = NEW.message_id
    ON CONFLICT (thread_id, folder_id) DO UPDATE SET
        messages = messages + 1,
        unread = unread + excluded.unread,
        newest_uid = iif((excluded.newest_at, excluded.newest_uid) > (newest_at, newest_uid),
                         excluded.newest_uid, newest_uid),
        newest_at = max(newest_at, excluded.newest_at);
END;

CREATE TRIGGER places_removed AFTER DELETE ON places WHEN OLD.operation_id IS NULL BEGIN
    UPDATE folders SET total = total - 1, unread = unread - (OLD.flags & 1 = 0) WHERE id = OLD.folder_id;
    UPDATE folder_threads SET messages = messages - 1, unread = unread - (OLD.flags & 1 = 0)
     WHERE thread_id = (SELECT m.thread_id FROM messages AS m WHERE m.id = OLD.message_id)
       AND folder_id = OLD.folder_id;
    DELETE FROM folder_threads
     WHERE thread_id = (SELECT m.thread_id FROM messages AS m WHERE m.id = OLD.message_id)
       AND folder_id = OLD.folder_id AND messages <= 0;
    UPDATE folder_threads SET (newest_at, newest_uid) = (
        SELECT p.internal_at, p.uid FROM messages AS m CROSS JOIN places AS p ON p.message_id = m.id
         WHERE m.thread_id = folder_threads.thread_id AND p.folder_id = folder_threads.folder_id
           AND p.operation_id IS NULL ORDER BY p.internal_at DESC, p.uid DESC LIMIT 1)
     WHERE thread_id = (SELECT m.thread_id FROM messages AS m WHERE m.id = OLD.message_id)
       AND folder_id = OLD.folder_id AND newest_uid = OLD.uid;
END;

CREATE TRIGGER places_hidden_away AFTER UPDATE OF operation_id ON places
WHEN OLD.operation_id IS NULL AND NEW.operation_id IS NOT NULL BEGIN
    UPDATE folders SET total = total - 1, unread = unread - (OLD.flags & 1 = 0) WHERE id = OLD.folder_id;
    UPDATE folder_threads SET messages = messages - 1, unread = unread - (OLD.flags & 1 = 0)
     WHERE thread_id = (SELECT m.thread_id FROM messages AS m WHERE m.id = OLD.message_id)
       AND folder_id = OLD.folder_id;
    DELETE FROM folder_threads
     WHERE thread_id = (SELECT m.thread_id FROM messages AS m WHERE m.id = OLD.message_id)
       AND folder_id = OLD.folder_id AND messages <= 0;
    UPDATE folder_threads SET (newest_at, newest_uid) = (
        SELECT p.internal_at, p.uid FROM messages AS m CROSS JOIN places AS p ON p.message_id = m.id
         WHERE m.thread_id = folder_threads.thread_id AND p.folder_id = folder_threads.folder_id
           AND p.operation_id IS NULL ORDER BY p.internal_at DESC, p.uid DESC LIMIT 1)
     WHERE thread_id = (SELECT m.thread_id FROM messages AS m WHERE m.id = OLD.message_id)
       AND folder_id = OLD.folder_id AND newest_uid = OLD.uid;
END;

CREATE TRIGGER places_read AFTER UPDATE OF flags ON places
WHEN OLD.operation_id IS NULL AND NEW.operation_id IS NULL AND (OLD.flags & 1) <> (NEW.flags & 1) BEGIN
    UPDATE folders SET unread = unread + (OLD.flags & 1) - (NEW.flags & 1) WHERE id = NEW.folder_id;
    UPDATE folder_threads SET unread = unread + (OLD.flags & 1) - (NEW.flags & 1)
     WHERE thread_id = (SELECT m.thread_id FROM messages AS m WHERE m.id = NEW.message_id)
       AND folder_id = NEW.folder_id;
END;

CREATE TRIGGER messages_unplaced_first BEFORE DELETE ON messages BEGIN
    DELETE FROM places WHERE message_id = OLD.id;
END;

CREATE INDEX outbox_by_about ON outbox (about_id) WHERE about_id IS NOT NULL;

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
, text_revision INTEGER NOT NULL DEFAULT 0) STRICT;

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

CREATE TABLE person_words (
    word      TEXT NOT NULL,
    person_id INTEGER NOT NULL REFERENCES people (id) ON DELETE CASCADE,
    PRIMARY KEY (word, person_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX person_words_by_person ON person_words (person_id, word);

CREATE INDEX places_unread ON places (message_id) WHERE flags & 1 = 0 AND operation_id IS NULL;

CREATE INDEX places_flagged ON places (message_id) WHERE flags & 4 <> 0 AND operation_id IS NULL;

CREATE INDEX outbox_queued ON outbox (account_id, send_after) WHERE state = 'queued';

CREATE INDEX outbox_filed ON outbox (filed_at) WHERE state = 'filed' AND about_flag IS NULL;

CREATE TABLE unindexed (
    sort_key INTEGER PRIMARY KEY
) STRICT;

CREATE TRIGGER messages_forgotten_unindexed AFTER DELETE ON messages BEGIN
    DELETE FROM unindexed WHERE sort_key = OLD.sort_key;
END;

CREATE INDEX messages_by_content ON messages (account_id, content_id) WHERE content_id IS NOT NULL;

CREATE INDEX messages_by_head ON messages (account_id, head_digest) WHERE head_digest IS NOT NULL;

CREATE TABLE parts (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    message_id INTEGER NOT NULL REFERENCES messages (id) ON DELETE CASCADE,
    part       TEXT NOT NULL,
    digest     BLOB NOT NULL CHECK (length(digest) = 32),
    bytes      BLOB NOT NULL,
    UNIQUE (message_id, part)
) STRICT;

CREATE INDEX messages_in_part ON messages (account_id, sort_key) WHERE body_state = 'oversize';

CREATE TABLE traffic (
    account_id   INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    operation    TEXT NOT NULL CHECK (operation IN ('receive', 'push', 'send', 'flags', 'check')),
    worked_at    INTEGER,
    -- Milliseconds until the server let us in, the last time and the time before.
    took_ms      INTEGER,
    before_ms    INTEGER,
    -- Failures in a row; 0 once it worked again. The last error stays.
    failures     INTEGER NOT NULL DEFAULT 0,
    error_code   TEXT,
    error_params TEXT CHECK (json_valid(error_params)),
    error_at     INTEGER,
    retry_at     INTEGER,
    PRIMARY KEY (account_id, operation)
) STRICT, WITHOUT ROWID;

CREATE TABLE journal (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    account_id INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    kind       TEXT NOT NULL,
    facts      TEXT NOT NULL CHECK (json_valid(facts)),
    error_code TEXT,
    times      INTEGER NOT NULL DEFAULT 1,
    began_at   INTEGER NOT NULL,
    ended_at   INTEGER NOT NULL
) STRICT;

CREATE INDEX journal_by_account ON journal (account_id, id);

CREATE INDEX places_expected ON places (expects, stands_for) WHERE expects IS NOT NULL;

CREATE INDEX places_awaited ON places (awaited_at, folder_id) WHERE awaited_at IS NOT NULL;

CREATE INDEX operations_ahead ON operations (ahead_of, rank) WHERE ahead_of IS NOT NULL;

CREATE INDEX operations_in_line ON operations (account_id, rank);

CREATE INDEX operations_in_folder ON operations (folder_id, rank);
