-- Accounts and how they sign in. Secrets are never here: they live in the keychain.

CREATE TABLE registrations (
    id           INTEGER PRIMARY KEY,
    label        TEXT NOT NULL,
    issuer       TEXT NOT NULL,
    client_id    TEXT NOT NULL,
    tenant       TEXT NOT NULL DEFAULT '',
    redirect_uri TEXT,
    has_secret   INTEGER NOT NULL CHECK (has_secret IN (0, 1)),
    created_at   INTEGER NOT NULL,
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
    last_received_at INTEGER,
    last_sent_at     INTEGER,
    last_push_at     INTEGER,
    last_flags_at    INTEGER,
    error_code       TEXT,
    error_params     TEXT CHECK (json_valid(error_params)),
    error_at         INTEGER,
    -- 1 from the first to the last step of a removal: invisible, and finished after a crash.
    removing         INTEGER NOT NULL DEFAULT 0 CHECK (removing IN (0, 1))
) STRICT;
CREATE UNIQUE INDEX accounts_by_address ON accounts (address) WHERE removing = 0;
CREATE INDEX accounts_by_registration ON accounts (registration_id) WHERE registration_id IS NOT NULL;

CREATE TABLE identities (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    account_id INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    address    TEXT NOT NULL COLLATE NOCASE,
    name       TEXT NOT NULL,
    is_default INTEGER NOT NULL CHECK (is_default IN (0, 1)),
    UNIQUE (account_id, address)
) STRICT;
CREATE UNIQUE INDEX identities_default ON identities (account_id) WHERE is_default = 1;

CREATE TABLE learned_domains (
    domain     TEXT PRIMARY KEY,
    provider   TEXT,
    servers    TEXT CHECK (json_valid(servers)),
    learned_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Folders and what of them is here.

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
    error_at       INTEGER,
    UNIQUE (account_id, wire_name)
) STRICT;
CREATE INDEX folders_by_path ON folders (account_id, path);

-- Conversations.

CREATE TABLE threads (
    id           INTEGER PRIMARY KEY AUTOINCREMENT,
    account_id   INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    base_subject TEXT,
    -- When a reply without references started this thread: its original may still come.
    orphan_at    INTEGER
) STRICT;
CREATE INDEX threads_by_subject ON threads (account_id, base_subject);
CREATE INDEX threads_orphaned ON threads (account_id, base_subject) WHERE orphan_at IS NOT NULL;

-- link: the first 16 bytes of the BLAKE3 digest of a Message-ID, own or referenced.
CREATE TABLE thread_links (
    account_id INTEGER NOT NULL,
    link       BLOB NOT NULL CHECK (length(link) = 16),
    thread_id  INTEGER NOT NULL REFERENCES threads (id) ON DELETE CASCADE,
    PRIMARY KEY (account_id, link)
) STRICT, WITHOUT ROWID;
CREATE INDEX thread_links_by_thread ON thread_links (thread_id);

-- Messages: one row for each message and account, and where it lies beside it.

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
    unplaced_at      INTEGER,
    UNIQUE (account_id, digest)
) STRICT;
CREATE INDEX messages_by_time ON messages (account_id, sort_key);
CREATE INDEX messages_by_thread ON messages (thread_id, received_at);
CREATE INDEX messages_unplaced ON messages (unplaced_at) WHERE unplaced_at IS NOT NULL;

-- bytes: the raw message as one zstd frame.
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

-- Changes that wait to reach the server, and messages that wait to be sent.

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
) STRICT;
CREATE INDEX operations_by_account ON operations (account_id, id);
CREATE INDEX operations_by_folder ON operations (folder_id, id);
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
) STRICT;
CREATE INDEX outbox_by_account ON outbox (account_id, id);
CREATE INDEX outbox_by_state ON outbox (state, send_after);
CREATE INDEX outbox_by_identity ON outbox (identity_id) WHERE identity_id IS NOT NULL;

-- Where a message lies. flags and keywords are what is shown: the server's, with waiting operations on top.
-- flags: seen 1, answered 2, flagged 4, deleted 8, draft 16. operation_id: a move or deletion that hides the place.
CREATE TABLE places (
    folder_id       INTEGER NOT NULL REFERENCES folders (id) ON DELETE CASCADE,
    uid             INTEGER NOT NULL CHECK (uid BETWEEN 1 AND 4294967295),
    message_id      INTEGER NOT NULL REFERENCES messages (id) ON DELETE CASCADE,
    internal_at     INTEGER NOT NULL,
    flags           INTEGER NOT NULL,
    keywords        TEXT NOT NULL,
    server_flags    INTEGER NOT NULL,
    server_keywords TEXT NOT NULL,
    modseq          INTEGER,
    operation_id    INTEGER REFERENCES operations (id) ON DELETE SET NULL,
    PRIMARY KEY (folder_id, uid)
) STRICT, WITHOUT ROWID;
CREATE INDEX places_by_time ON places (folder_id, internal_at DESC, uid DESC);
CREATE INDEX places_by_message ON places (message_id);
CREATE INDEX places_unread ON places (folder_id) WHERE flags & 1 = 0 AND operation_id IS NULL;
CREATE INDEX places_hidden ON places (operation_id, folder_id) WHERE operation_id IS NOT NULL;

-- The index of words; the caller folds case and diacritics. rowid = messages.sort_key, so that FTS5 itself
-- walks newest first. prefix: the first one, two and three letters of every word have lists of their own, so that
-- the newest matches of a word that is being typed are read without merging the lists of all its continuations.
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
