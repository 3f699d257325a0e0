-- Who is called when a job has ended, of jobs that came in kie.ai's own way (server/front). `base` is what the URLs in
-- the call begin with: where the create came in. next_at is when the next try is due, NULL while none is.

CREATE TABLE front_calls(
    row     INTEGER PRIMARY KEY REFERENCES jobs(row) ON DELETE CASCADE,
    url     TEXT    NOT NULL,
    base    TEXT    NOT NULL,
    tries   INTEGER NOT NULL DEFAULT 0 CHECK (tries >= 0),
    next_at INTEGER
) STRICT;
CREATE INDEX front_calls_due ON front_calls(next_at) WHERE next_at IS NOT NULL;

-- In the transaction that ends the job, whoever ends it: so no crash comes between. A job that is revived or retried
-- ends once more, and is told once more.
CREATE TRIGGER front_calls_on_end AFTER UPDATE OF status ON jobs
    WHEN NEW.status IN ('succeeded', 'failed', 'canceled') AND OLD.status NOT IN ('succeeded', 'failed', 'canceled')
BEGIN
    UPDATE front_calls SET next_at = NEW.finished_at, tries = 0 WHERE row = NEW.row;
END;
