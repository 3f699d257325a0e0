-- A sum of what the row says, written with it: a byte that the disk changed in a text is no fault to SQLite. NULL: the
-- row was last written before there were sums.
ALTER TABLE jobs ADD COLUMN sum INTEGER;
