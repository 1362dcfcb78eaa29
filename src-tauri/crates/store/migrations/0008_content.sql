-- What a server calls the unchanging content of a message (Gmail's X-GM-MSGID, EMAILID of RFC 8474), the same in every
-- folder of the account: a message that is here already need not come again.
ALTER TABLE messages ADD COLUMN content_id TEXT;

CREATE INDEX messages_by_content ON messages (account_id, content_id) WHERE content_id IS NOT NULL;
