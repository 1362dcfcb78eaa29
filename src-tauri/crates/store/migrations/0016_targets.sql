-- How far the target of a move or copy was filled when the change was made: what the change puts there has this UID or a
-- later one. NULL where that is not known.
ALTER TABLE operations ADD COLUMN target_uid_validity INTEGER;
ALTER TABLE operations ADD COLUMN target_uid_next INTEGER;
