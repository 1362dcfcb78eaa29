-- How each thing that an account does went the last time, from traffic that happened. 'check' is the fresh connection that
-- proves a mailbox that has been silent for unusually long.
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

INSERT INTO traffic (account_id, operation, worked_at)
    SELECT id, 'receive', last_received_at FROM accounts WHERE last_received_at IS NOT NULL
    UNION ALL SELECT id, 'send', last_sent_at FROM accounts WHERE last_sent_at IS NOT NULL
    UNION ALL SELECT id, 'push', last_push_at FROM accounts WHERE last_push_at IS NOT NULL
    UNION ALL SELECT id, 'flags', last_flags_at FROM accounts WHERE last_flags_at IS NOT NULL;
ALTER TABLE accounts DROP COLUMN last_received_at;
ALTER TABLE accounts DROP COLUMN last_sent_at;
ALTER TABLE accounts DROP COLUMN last_push_at;
ALTER TABLE accounts DROP COLUMN last_flags_at;

-- What happened between an account and its servers: no content, no secret, no address but the account's own. Equal entries
-- in a row are one.
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
