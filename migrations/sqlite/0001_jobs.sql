-- Jobs and all that belongs to them. Times are milliseconds since 1970 (UTC), from the daemon's clock.
-- `row` is the ULID's order: it rises with acceptance, so the primary key serves look-ups by id and newest-first lists.
-- JSON is text that the daemon wrote and checked; what is filtered by stands in columns and rows of its own.

CREATE TABLE jobs(
    row                INTEGER PRIMARY KEY,
    id                 TEXT    NOT NULL CHECK (length(id) = 26),
    status             TEXT    NOT NULL CHECK (status IN ('queued', 'submitting', 'generating', 'downloading',
                                                          'succeeded', 'failed', 'canceled')),
    step               TEXT    NOT NULL CHECK (step IN ('wait', 'submit', 'settle', 'poll', 'download', 'none')),
    step_at            INTEGER,
    wait_reason        TEXT,
    version            INTEGER NOT NULL CHECK (version >= 1),
    priority           INTEGER NOT NULL CHECK (priority BETWEEN -100 AND 100),
    caller             TEXT    NOT NULL,
    model              TEXT    NOT NULL,
    wire_model         TEXT    NOT NULL,
    family             TEXT    NOT NULL,
    kind               TEXT    NOT NULL,
    profile            TEXT    NOT NULL,
    scheduled_at       INTEGER,
    deadline_at        INTEGER,
    max_attempts       INTEGER NOT NULL CHECK (max_attempts >= 1),
    generation_retries INTEGER NOT NULL CHECK (generation_retries >= 0),
    longest_wait_s     INTEGER NOT NULL CHECK (longest_wait_s >= 0),
    created_at         INTEGER NOT NULL,
    updated_at         INTEGER NOT NULL,
    submitted_at       INTEGER,
    generated_at       INTEGER,
    finished_at        INTEGER,
    attempts           INTEGER NOT NULL CHECK (attempts >= 0),
    counted_attempts   INTEGER NOT NULL CHECK (counted_attempts BETWEEN 0 AND attempts),
    generation_tries   INTEGER NOT NULL CHECK (generation_tries >= 0),
    task_id            TEXT    NOT NULL,
    endpoint           TEXT    NOT NULL,
    upstream_state     TEXT    NOT NULL,
    polls              INTEGER NOT NULL CHECK (polls >= 0),
    last_polled_at     INTEGER,
    download_attempts  INTEGER NOT NULL CHECK (download_attempts >= 0),
    billed             TEXT    NOT NULL CHECK (billed IN ('no', 'yes', 'unknown')),
    credits            REAL,
    error_code         TEXT,
    error              TEXT,
    result             TEXT,
    warnings           TEXT,
    labels             TEXT,
    input              TEXT    NOT NULL,

    -- A job that is not terminal has exactly one next step; one that waits for a time says for which.
    CHECK (step IN ('wait', 'submit') = (status = 'queued')),
    CHECK ((step = 'settle')   = (status = 'submitting')),
    CHECK ((step = 'poll')     = (status = 'generating')),
    CHECK ((step = 'download') = (status = 'downloading')),
    CHECK ((step_at IS NULL)   = (step IN ('submit', 'none'))),
    CHECK ((wait_reason IS NOT NULL) = (step = 'wait')),
    CHECK ((finished_at IS NOT NULL) = (status IN ('succeeded', 'failed', 'canceled'))),
    CHECK ((error_code IS NOT NULL)  = (status = 'failed')),
    CHECK ((error IS NULL) = (error_code IS NULL))
) STRICT;

-- Whose turn it is; model and step are there so that held models are passed over without looking at the rows.
CREATE INDEX jobs_ready     ON jobs(priority DESC, caller, row, model, step) WHERE step = 'submit';
CREATE INDEX jobs_due       ON jobs(step, step_at) WHERE step_at IS NOT NULL;
CREATE INDEX jobs_deadlines ON jobs(deadline_at) WHERE deadline_at IS NOT NULL AND step <> 'none';
CREATE INDEX jobs_by_status ON jobs(status, row);

CREATE TABLE job_labels(
    key   TEXT    NOT NULL,
    value TEXT    NOT NULL,
    row   INTEGER NOT NULL,
    PRIMARY KEY (key, value, row)
) STRICT, WITHOUT ROWID;

-- What kie.ai gave. An output with a digest is in the blob store, whole and synced.
CREATE TABLE outputs(
    row        INTEGER NOT NULL REFERENCES jobs(row) ON DELETE CASCADE,
    idx        INTEGER NOT NULL CHECK (idx >= 0),
    source_url TEXT    NOT NULL,
    role       TEXT    NOT NULL,
    digest     TEXT    CHECK (digest IS NULL OR length(digest) = 64),
    bytes      INTEGER NOT NULL CHECK (bytes >= 0),
    media_type TEXT    NOT NULL,
    filename   TEXT    NOT NULL,
    PRIMARY KEY (row, idx)
) STRICT, WITHOUT ROWID;
CREATE INDEX outputs_by_digest ON outputs(digest) WHERE digest IS NOT NULL;

-- AUTOINCREMENT: an id is never used twice, so a reader of events knows where it stopped.
CREATE TABLE events(
    id     INTEGER PRIMARY KEY AUTOINCREMENT,
    row    INTEGER NOT NULL REFERENCES jobs(row) ON DELETE CASCADE,
    name   TEXT    NOT NULL,
    at     INTEGER NOT NULL,
    detail TEXT    NOT NULL
) STRICT;
CREATE INDEX events_by_job ON events(row);

-- Outlives its job, so that a late repetition of the request never makes a second one.
CREATE TABLE idempotency(
    caller      TEXT    NOT NULL,
    route       TEXT    NOT NULL,
    key         TEXT    NOT NULL,
    body_sha256 TEXT    NOT NULL,
    row         INTEGER NOT NULL,
    job_id      TEXT    NOT NULL,
    created_at  INTEGER NOT NULL,
    PRIMARY KEY (caller, route, key)
) STRICT, WITHOUT ROWID;

CREATE TABLE holds(
    reason  TEXT    NOT NULL,
    model   TEXT    NOT NULL,
    detail  TEXT    NOT NULL,
    since   INTEGER NOT NULL,
    until   INTEGER,
    balance REAL,
    PRIMARY KEY (reason, model)
) STRICT, WITHOUT ROWID;

CREATE TABLE facts(
    name  TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- Kept by triggers, so that the depth of a queue of millions is read at once.
CREATE TABLE job_counts(
    model  TEXT    NOT NULL,
    status TEXT    NOT NULL,
    jobs   INTEGER NOT NULL CHECK (jobs >= 0),
    PRIMARY KEY (model, status)
) STRICT, WITHOUT ROWID;

CREATE TABLE totals(
    name  TEXT    PRIMARY KEY,
    value INTEGER NOT NULL CHECK (value >= 0)
) STRICT, WITHOUT ROWID;
INSERT INTO totals(name, value) VALUES('blob_bytes', 0);

CREATE TRIGGER jobs_count_insert AFTER INSERT ON jobs BEGIN
    INSERT INTO job_counts(model, status, jobs) VALUES(NEW.model, NEW.status, 1)
        ON CONFLICT(model, status) DO UPDATE SET jobs = jobs + 1;
END;
CREATE TRIGGER jobs_count_update AFTER UPDATE OF status ON jobs WHEN OLD.status <> NEW.status BEGIN
    UPDATE job_counts SET jobs = jobs - 1 WHERE model = OLD.model AND status = OLD.status;
    INSERT INTO job_counts(model, status, jobs) VALUES(NEW.model, NEW.status, 1)
        ON CONFLICT(model, status) DO UPDATE SET jobs = jobs + 1;
END;
CREATE TRIGGER jobs_count_delete AFTER DELETE ON jobs BEGIN
    UPDATE job_counts SET jobs = jobs - 1 WHERE model = OLD.model AND status = OLD.status;
END;

CREATE TRIGGER outputs_total_insert AFTER INSERT ON outputs WHEN NEW.digest IS NOT NULL BEGIN
    UPDATE totals SET value = value + NEW.bytes WHERE name = 'blob_bytes';
END;
CREATE TRIGGER outputs_total_delete AFTER DELETE ON outputs WHEN OLD.digest IS NOT NULL BEGIN
    UPDATE totals SET value = value - OLD.bytes WHERE name = 'blob_bytes';
END;
