-- What leaves, by what is still open and not by what ever was.

-- Whoever writes counts the texts; an older one never takes the place of a newer one.
ALTER TABLE drafts ADD COLUMN text_revision INTEGER NOT NULL DEFAULT 0;

-- What is due.
CREATE INDEX outbox_queued ON outbox (account_id, send_after) WHERE state = 'queued';
-- What is done with, and only waits to be removed.
CREATE INDEX outbox_filed ON outbox (filed_at) WHERE state = 'filed' AND about_flag IS NULL;
