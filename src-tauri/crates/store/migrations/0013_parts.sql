-- Files of large messages that were fetched alone, decoded: the newest of them, as far as there is room.
CREATE TABLE parts (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    message_id INTEGER NOT NULL REFERENCES messages (id) ON DELETE CASCADE,
    part       TEXT NOT NULL,
    digest     BLOB NOT NULL CHECK (length(digest) = 32),
    bytes      BLOB NOT NULL,
    UNIQUE (message_id, part)
) STRICT;

-- Messages that are not here as a whole, newest first: for a limit that was raised.
CREATE INDEX messages_in_part ON messages (account_id, sort_key) WHERE body_state = 'oversize';
