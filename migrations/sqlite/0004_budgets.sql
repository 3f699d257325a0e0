-- What jobs cost, what is reserved for them, and the sums that budgets are checked against. Amounts are thousandths of
-- a credit, in whole numbers: sums of them don't drift. The meaning of each column: server/domain/budget.hpp, Charge.

ALTER TABLE jobs ADD COLUMN budget_day      INTEGER NOT NULL DEFAULT 0;
ALTER TABLE jobs ADD COLUMN estimate        INTEGER NOT NULL DEFAULT 0 CHECK (estimate >= 0);
ALTER TABLE jobs ADD COLUMN earlier_told    INTEGER NOT NULL DEFAULT 0 CHECK (earlier_told >= 0);
ALTER TABLE jobs ADD COLUMN earlier_assumed INTEGER NOT NULL DEFAULT 0 CHECK (earlier_assumed >= 0);
ALTER TABLE jobs ADD COLUMN told            INTEGER NOT NULL DEFAULT 0 CHECK (told >= 0);
ALTER TABLE jobs ADD COLUMN assumed         INTEGER NOT NULL DEFAULT 0 CHECK (assumed >= 0);
ALTER TABLE jobs ADD COLUMN reserved        INTEGER NOT NULL DEFAULT 0 CHECK (reserved >= 0);

-- Jobs of an earlier version reserved nothing; what kie.ai said of them is known.
UPDATE jobs SET
    budget_day = created_at / 86400000,
    told = CASE WHEN billed = 'yes' AND credits > 0 THEN CAST(round(credits * 1000) AS INTEGER) ELSE 0 END;

-- By UTC day and caller. A job that is deleted stays in them: its credits are spent.
CREATE TABLE budget_days(
    day      INTEGER NOT NULL,
    caller   TEXT    NOT NULL,
    used     INTEGER NOT NULL CHECK (used >= 0),
    reserved INTEGER NOT NULL CHECK (reserved >= 0),
    PRIMARY KEY (day, caller)
) STRICT, WITHOUT ROWID;
INSERT INTO budget_days(day, caller, used, reserved)
    SELECT budget_day, caller, sum(told), 0 FROM jobs GROUP BY budget_day, caller;

INSERT INTO totals(name, value) SELECT 'credits_used', coalesce(sum(told), 0) FROM jobs;

-- What a model was last seen to cost.
CREATE TABLE prices(
    model      TEXT    PRIMARY KEY,
    credits    INTEGER NOT NULL CHECK (credits >= 0),
    updated_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX prices_by_age ON prices(updated_at);

-- Jobs in `queued` by caller, kept by triggers as job_counts is.
CREATE TABLE queued_counts(
    caller TEXT    PRIMARY KEY,
    jobs   INTEGER NOT NULL CHECK (jobs >= 0)
) STRICT, WITHOUT ROWID;
INSERT INTO queued_counts(caller, jobs) SELECT caller, count(*) FROM jobs WHERE status = 'queued' GROUP BY caller;

CREATE TRIGGER queued_count_insert AFTER INSERT ON jobs WHEN NEW.status = 'queued' BEGIN
    INSERT INTO queued_counts(caller, jobs) VALUES(NEW.caller, 1) ON CONFLICT(caller) DO UPDATE SET jobs = jobs + 1;
END;
CREATE TRIGGER queued_count_leave AFTER UPDATE OF status ON jobs
    WHEN OLD.status = 'queued' AND NEW.status <> 'queued' BEGIN
    UPDATE queued_counts SET jobs = jobs - 1 WHERE caller = OLD.caller;
END;
CREATE TRIGGER queued_count_return AFTER UPDATE OF status ON jobs
    WHEN OLD.status <> 'queued' AND NEW.status = 'queued' BEGIN
    INSERT INTO queued_counts(caller, jobs) VALUES(NEW.caller, 1) ON CONFLICT(caller) DO UPDATE SET jobs = jobs + 1;
END;
