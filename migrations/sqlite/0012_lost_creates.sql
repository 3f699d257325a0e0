-- How many creates of a job were sent again after their answers were lost, and were never found: each may have made a
-- task and been charged for.
ALTER TABLE jobs ADD COLUMN lost_creates INTEGER NOT NULL DEFAULT 0 CHECK (lost_creates >= 0);
