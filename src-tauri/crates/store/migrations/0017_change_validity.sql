-- What the UIDs of a change belong to: the UIDVALIDITY of its folder when the change was made. The folder's own goes when the
-- folder is not kept any more, and the change still has to reach the server.
ALTER TABLE operations ADD COLUMN uid_validity INTEGER;
UPDATE operations SET uid_validity = coalesce(kind ->> 'uid_validity',
    (SELECT f.uid_validity FROM folders AS f WHERE f.id = operations.folder_id)) WHERE kind ->> 'uids' IS NOT NULL;
