-- Jobs that were accepted together.

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
