-- What settings keep: signatures, registrations of the person's own, senders whose pictures are shown, sizes.

ALTER TABLE identities ADD COLUMN signature TEXT NOT NULL DEFAULT '';

-- 1 for one that the person saved for itself: it stays when no account uses it any more.
ALTER TABLE registrations ADD COLUMN is_kept INTEGER NOT NULL DEFAULT 0 CHECK (is_kept IN (0, 1));

-- The compressed body's bytes, so that sums need not read the bodies.
ALTER TABLE messages ADD COLUMN kept_size INTEGER NOT NULL DEFAULT 0;

UPDATE messages SET kept_size =
    coalesce((SELECT length(bodies.bytes) FROM bodies WHERE bodies.message_id = messages.id), 0);

CREATE TABLE allowed_senders (
    address    TEXT PRIMARY KEY,
    allowed_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
