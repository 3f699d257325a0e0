-- Who is told of a job's events, and what is to be told or was. Times are milliseconds since 1970 (UTC).

-- `events`: their names, a blank between. `gone`: the receiver said that it is gone for good (410).
CREATE TABLE webhooks(
    row    INTEGER PRIMARY KEY REFERENCES jobs(row) ON DELETE CASCADE,
    url    TEXT    NOT NULL,
    host   TEXT    NOT NULL,
    events TEXT    NOT NULL,
    gone   INTEGER NOT NULL DEFAULT 0 CHECK (gone IN (0, 1))
) STRICT;

-- One row an event, written in the transaction that causes it; `n` counts a job's from 1. `body` is what is sent, as
-- the job was then. `tries` counts since the last redelivery. `next_at`: when the next try is due; NULL for what has
-- ended, and for what waits until the delivery before it has.
CREATE TABLE deliveries(
    row        INTEGER NOT NULL REFERENCES jobs(row) ON DELETE CASCADE,
    n          INTEGER NOT NULL CHECK (n >= 1),
    event      TEXT    NOT NULL,
    webhook_id TEXT    NOT NULL,
    host       TEXT    NOT NULL,
    body       TEXT    NOT NULL,
    state      TEXT    NOT NULL DEFAULT 'pending' CHECK (state IN ('pending', 'delivered', 'failed')),
    tries      INTEGER NOT NULL DEFAULT 0 CHECK (tries >= 0),
    next_at    INTEGER,
    CHECK (state = 'pending' OR next_at IS NULL),
    UNIQUE (row, n)
) STRICT;
CREATE INDEX deliveries_due ON deliveries(host, next_at) WHERE next_at IS NOT NULL;
CREATE INDEX deliveries_next ON deliveries(next_at) WHERE next_at IS NOT NULL;

CREATE TABLE delivery_tries(
    row         INTEGER NOT NULL REFERENCES jobs(row) ON DELETE CASCADE,
    n           INTEGER NOT NULL,
    idx         INTEGER NOT NULL,
    at          INTEGER NOT NULL,
    status      INTEGER,  -- of the answer; NULL without one
    error       TEXT    NOT NULL,
    duration_ms INTEGER NOT NULL,
    PRIMARY KEY (row, n, idx)
) STRICT, WITHOUT ROWID;

-- Kept by triggers, as job_counts is.
INSERT INTO totals(name, value) VALUES('deliveries_pending', 0);
CREATE TRIGGER deliveries_total_insert AFTER INSERT ON deliveries WHEN NEW.state = 'pending' BEGIN
    UPDATE totals SET value = value + 1 WHERE name = 'deliveries_pending';
END;
CREATE TRIGGER deliveries_total_update AFTER UPDATE OF state ON deliveries WHEN NEW.state <> OLD.state BEGIN
    UPDATE totals SET value = value + (NEW.state = 'pending') - (OLD.state = 'pending')
        WHERE name = 'deliveries_pending';
END;
CREATE TRIGGER deliveries_total_delete AFTER DELETE ON deliveries WHEN OLD.state = 'pending' BEGIN
    UPDATE totals SET value = value - 1 WHERE name = 'deliveries_pending';
END;
