-- Each transaction leaves a piece of the index of words behind. Pieces are joined when nothing else is to be done, not while
-- mail is loaded: on the way only when there are so many that searching becomes slower.
INSERT INTO search (search, rank) VALUES ('automerge', 32);
INSERT INTO search (search, rank) VALUES ('crisismerge', 64);
