-- Messages that the index of words does not have yet: a large load is stored first, and the index follows from the kept
-- bytes, newest first. sort_key: that of the message, and its row in the index to be.
CREATE TABLE unindexed (
    sort_key INTEGER PRIMARY KEY
) STRICT;

CREATE TRIGGER messages_forgotten_unindexed AFTER DELETE ON messages BEGIN
    DELETE FROM unindexed WHERE sort_key = OLD.sort_key;
END;

-- Words are gathered in memory before they are written, in bytes: fewer and larger pieces, which are merged less often.
INSERT INTO search (search, rank) VALUES ('hashsize', 25165824);
