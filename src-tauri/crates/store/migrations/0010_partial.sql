-- What a large message is recognised by when only its header and text are here: its size and header.
ALTER TABLE messages ADD COLUMN head_digest BLOB CHECK (head_digest IS NULL OR length(head_digest) = 32);

CREATE INDEX messages_by_head ON messages (account_id, head_digest) WHERE head_digest IS NOT NULL;
