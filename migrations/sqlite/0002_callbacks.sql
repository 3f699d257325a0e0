-- Callbacks from kie.ai, and tasks that are still asked for after their jobs were given up.

-- One row a create that asked for a callback. The token itself stands in the create alone: whoever reads the database
-- can't call back in kie.ai's name. task_id is '' until it is known.
CREATE TABLE submissions(
    row     INTEGER NOT NULL REFERENCES jobs(row) ON DELETE CASCADE,
    attempt INTEGER NOT NULL CHECK (attempt >= 1),
    token   TEXT    NOT NULL CHECK (length(token) = 64),
    task_id TEXT    NOT NULL,
    PRIMARY KEY (row, attempt)
) STRICT, WITHOUT ROWID;

-- Jobs that timed out, as long as their tasks may still succeed.
CREATE TABLE late_watch(
    row     INTEGER PRIMARY KEY REFERENCES jobs(row) ON DELETE CASCADE,
    next_at INTEGER NOT NULL
) STRICT;
CREATE INDEX late_watch_due ON late_watch(next_at);
