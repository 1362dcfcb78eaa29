-- Filters beside words: whether a match is unread or starred is asked of a small index, before its row is looked at.

CREATE INDEX places_unread ON places (message_id) WHERE flags & 1 = 0 AND operation_id IS NULL;
CREATE INDEX places_flagged ON places (message_id) WHERE flags & 4 <> 0 AND operation_id IS NULL;
