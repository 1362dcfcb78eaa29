-- What is moved or copied is shown in its target at once: as an expected place, under a UID that no server gives. stands_for is
-- the UID in the folder that it comes from. expects is the change that will bring it; where that is done and the server did not
-- say under which UID, awaited_at says since when the target's next look is waited for.
ALTER TABLE places ADD COLUMN expects INTEGER REFERENCES operations (id) ON DELETE CASCADE;
ALTER TABLE places ADD COLUMN stands_for INTEGER;
ALTER TABLE places ADD COLUMN awaited_at INTEGER;

-- A CHECK alone changes, and no row: SQLite's procedure for that (https://www.sqlite.org/lang_altertable.html, section 8) writes
-- the table's words anew. To copy the table would take a large mailbox minutes and its size once more on the disk.
PRAGMA writable_schema = ON;
UPDATE sqlite_schema SET sql = replace(sql, 'CHECK (uid BETWEEN 1 AND 4294967295)',
    'CHECK (iif(stands_for IS NULL, uid BETWEEN 1 AND 4294967295, uid > 4294967295))')
 WHERE type = 'table' AND name = 'places';
PRAGMA writable_schema = RESET;

CREATE INDEX places_expected ON places (expects, stands_for) WHERE expects IS NOT NULL;
CREATE INDEX places_awaited ON places (awaited_at, folder_id) WHERE awaited_at IS NOT NULL;

-- The order in which changes are carried out. One that concerns what an earlier one has only shown so far is put before it.
ALTER TABLE operations ADD COLUMN rank INTEGER NOT NULL DEFAULT 0;
UPDATE operations SET rank = id;
ALTER TABLE operations ADD COLUMN ahead_of INTEGER;
CREATE INDEX operations_ahead ON operations (ahead_of, rank) WHERE ahead_of IS NOT NULL;
CREATE INDEX operations_in_line ON operations (account_id, rank);
CREATE INDEX operations_in_folder ON operations (folder_id, rank);
DROP INDEX operations_by_account;
DROP INDEX operations_by_folder;
