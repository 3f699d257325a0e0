-- Files that jobs take as inputs, and jobs that wait for others.

-- What a job has to do with files and other jobs, as bits (server/domain/job.hpp, Links), so that most jobs cost no
-- second look.
ALTER TABLE jobs ADD COLUMN links INTEGER NOT NULL DEFAULT 0;
-- The input as it goes to kie.ai, with uploads' URLs and task ids in the place of references, and until when these
-- URLs are good. NULL until it is known.
ALTER TABLE jobs ADD COLUMN sent_input TEXT;
ALTER TABLE jobs ADD COLUMN sent_until INTEGER;

-- Blobs that a job's input names: kept as long as the job is.
CREATE TABLE job_files(
    row    INTEGER NOT NULL REFERENCES jobs(row) ON DELETE CASCADE,
    digest TEXT    NOT NULL CHECK (length(digest) = 64),
    bytes  INTEGER NOT NULL CHECK (bytes >= 0),
    PRIMARY KEY (row, digest)
) STRICT, WITHOUT ROWID;
CREATE INDEX job_files_by_digest ON job_files(digest);

-- `on_row` and `on_id` are the job that `row` waits for, or waited for. It may be deleted once `row` has ended.
CREATE TABLE dependencies(
    row    INTEGER NOT NULL REFERENCES jobs(row) ON DELETE CASCADE,
    on_row INTEGER NOT NULL,
    on_id  TEXT    NOT NULL CHECK (length(on_id) = 26),
    PRIMARY KEY (row, on_row)
) STRICT, WITHOUT ROWID;
CREATE INDEX dependencies_by_job ON dependencies(on_row);

-- Who uploaded which bytes to us: a caller that may only submit refers to its own files alone.
CREATE TABLE files(
    digest     TEXT    NOT NULL CHECK (length(digest) = 64),
    caller     TEXT    NOT NULL,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (digest, caller)
) STRICT, WITHOUT ROWID;

-- Where kie.ai has a copy of a blob, and until when that is used.
CREATE TABLE uploads(
    digest     TEXT    PRIMARY KEY CHECK (length(digest) = 64),
    url        TEXT    NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX uploads_by_expiry ON uploads(expires_at);

-- Of what waits, times count for some (server/store/sqlite/due.cpp), and uploads have an order of their own.
CREATE INDEX jobs_waiting   ON jobs(step_at) WHERE step = 'wait' AND wait_reason IN ('scheduled', 'retry_backoff');
CREATE INDEX jobs_uploading ON jobs(priority DESC, caller, row, step_at)
    WHERE step = 'wait' AND wait_reason = 'uploading';
