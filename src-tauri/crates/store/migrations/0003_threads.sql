-- What lists of folders and of threads show, kept by triggers: no list counts, and no writer can forget to.
-- Places that a waiting operation hides are counted nowhere.

ALTER TABLE folders ADD COLUMN total INTEGER NOT NULL DEFAULT 0;
ALTER TABLE folders ADD COLUMN unread INTEGER NOT NULL DEFAULT 0;

-- When the person last signed in: a refusal of what was shown before is old news.
ALTER TABLE accounts ADD COLUMN signed_in_at INTEGER;

-- A thread in a folder. newest_at, newest_uid: the place of its newest message there.
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

INSERT INTO folder_threads (thread_id, folder_id, newest_at, newest_uid, messages, unread)
SELECT m.thread_id, p.folder_id, max(p.internal_at), 0, count(*), sum(p.flags & 1 = 0)
  FROM places AS p CROSS JOIN messages AS m ON m.id = p.message_id
 WHERE p.operation_id IS NULL GROUP BY m.thread_id, p.folder_id;
UPDATE folder_threads SET newest_uid = (
    SELECT max(p.uid) FROM messages AS m CROSS JOIN places AS p ON p.message_id = m.id
     WHERE m.thread_id = folder_threads.thread_id AND p.folder_id = folder_threads.folder_id
       AND p.internal_at = folder_threads.newest_at AND p.operation_id IS NULL);
UPDATE folders SET
    total = (SELECT coalesce(sum(t.messages), 0) FROM folder_threads AS t WHERE t.folder_id = folders.id),
    unread = (SELECT coalesce(sum(t.unread), 0) FROM folder_threads AS t WHERE t.folder_id = folders.id);

-- Nothing counts by it any more.
DROP INDEX places_unread;

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

-- The places of a message go while their thread is still known.
CREATE TRIGGER messages_unplaced_first BEFORE DELETE ON messages BEGIN
    DELETE FROM places WHERE message_id = OLD.id;
END;
