-- Jobs that were accepted together, and jobs that take another's result.

-- A batch is forgotten with the last of its jobs.
CREATE TABLE batches(
    id         TEXT    PRIMARY KEY CHECK (length(id) = 26),
    caller     TEXT    NOT NULL,
    labels     TEXT,
    jobs       INTEGER NOT NULL CHECK (jobs >= 1),  -- accepted with it
    created_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

ALTER TABLE jobs ADD COLUMN batch TEXT;
CREATE INDEX jobs_by_batch ON jobs(batch, row) WHERE batch IS NOT NULL;

-- What identical jobs of one caller have in common. Jobs of an earlier version have none, and are never reused.
ALTER TABLE jobs ADD COLUMN reuse_key   TEXT;
-- The job whose result this one has, or waits for while it is unfinished.
ALTER TABLE jobs ADD COLUMN reused_from TEXT;
-- Those that may answer for others, however many wait for them or have failed.
CREATE INDEX jobs_reusable  ON jobs(reuse_key, row) WHERE status = 'succeeded' AND reuse_key IS NOT NULL;
CREATE INDEX jobs_leading   ON jobs(reuse_key, row) WHERE step <> 'none' AND reused_from IS NULL AND reuse_key IS NOT NULL;
CREATE INDEX jobs_following ON jobs(reused_from, row) WHERE reused_from IS NOT NULL AND step <> 'none';
