-- What the queue did, minute by minute: kept by triggers as job_counts is. Jobs and their events are deleted some day,
-- and a chart of the last weeks must not change by that. A minute in which nothing happened has no row.
CREATE TABLE minutes(
    minute        INTEGER PRIMARY KEY,         -- since 1970
    accepted      INTEGER NOT NULL DEFAULT 0,
    creates       INTEGER NOT NULL DEFAULT 0,
    succeeded     INTEGER NOT NULL DEFAULT 0,
    failed        INTEGER NOT NULL DEFAULT 0,
    canceled      INTEGER NOT NULL DEFAULT 0,
    -- Of each job's first create: how long the job had stood in the queue since it might go, by its scheduled_at.
    waits         INTEGER NOT NULL DEFAULT 0,
    wait_ms       INTEGER NOT NULL DEFAULT 0,
    wait_max_ms   INTEGER NOT NULL DEFAULT 0,
    -- Of tasks whose end at kie.ai is known: how long it went unnoticed.
    notices       INTEGER NOT NULL DEFAULT 0,
    notice_ms     INTEGER NOT NULL DEFAULT 0,
    notice_max_ms INTEGER NOT NULL DEFAULT 0
) STRICT;

-- What the jobs that are there tell of the time before this table.
INSERT INTO minutes(minute, accepted)
    SELECT created_at / 60000, count(*) FROM jobs
    WHERE created_at / 60000 >= (SELECT max(at) / 60000 - 43200 FROM events) GROUP BY 1;
INSERT INTO minutes(minute, creates, succeeded, failed, canceled, notices, notice_ms, notice_max_ms)
    SELECT at / 60000, sum(name = 'submitting'), sum(name = 'succeeded'), sum(name = 'failed'), sum(name = 'canceled'),
        count(notice), coalesce(sum(notice), 0), coalesce(max(notice), 0)
    FROM (SELECT *, iif(name <> 'submitting', max(0, at - since), NULL) AS notice FROM events)
    WHERE at / 60000 >= (SELECT max(at) / 60000 - 43200 FROM events) GROUP BY 1
    ON CONFLICT(minute) DO UPDATE SET creates = excluded.creates, succeeded = excluded.succeeded, failed = excluded.failed,
        canceled = excluded.canceled, notices = excluded.notices, notice_ms = excluded.notice_ms,
        notice_max_ms = excluded.notice_max_ms;
UPDATE minutes SET waits = first.waits, wait_ms = first.sum_ms, wait_max_ms = first.max_ms
    FROM (SELECT at / 60000 AS minute, count(*) AS waits, sum(ms) AS sum_ms, max(ms) AS max_ms
          FROM (SELECT min(e.at) AS at, max(0, min(e.at) - max(j.created_at, coalesce(j.scheduled_at, 0))) AS ms
                FROM events e JOIN jobs j ON j.row = e.row WHERE e.name = 'submitting' GROUP BY e.row) GROUP BY 1) AS first
    WHERE minutes.minute = first.minute;

-- Thirty days.
CREATE TRIGGER minutes_forget AFTER INSERT ON minutes BEGIN
    DELETE FROM minutes WHERE minute < NEW.minute - 43200;
END;

CREATE TRIGGER minutes_accept AFTER INSERT ON jobs BEGIN
    INSERT INTO minutes(minute, accepted) VALUES(NEW.created_at / 60000, 1)
        ON CONFLICT(minute) DO UPDATE SET accepted = accepted + 1;
END;

CREATE TRIGGER minutes_create AFTER INSERT ON events WHEN NEW.name = 'submitting' BEGIN
    INSERT INTO minutes(minute, creates) VALUES(NEW.at / 60000, 1)
        ON CONFLICT(minute) DO UPDATE SET creates = creates + 1;
    UPDATE minutes SET waits = waits + 1, wait_ms = wait_ms + first.ms, wait_max_ms = max(wait_max_ms, first.ms)
        FROM (SELECT max(0, NEW.at - max(created_at, coalesce(scheduled_at, 0))) AS ms FROM jobs WHERE row = NEW.row
                AND NOT EXISTS(SELECT 1 FROM events WHERE row = NEW.row AND id < NEW.id AND name = 'submitting')) AS first
        WHERE minute = NEW.at / 60000;
END;

CREATE TRIGGER minutes_end AFTER INSERT ON events WHEN NEW.name IN ('succeeded', 'failed', 'canceled') BEGIN
    INSERT INTO minutes(minute, succeeded, failed, canceled)
        VALUES(NEW.at / 60000, NEW.name = 'succeeded', NEW.name = 'failed', NEW.name = 'canceled')
        ON CONFLICT(minute) DO UPDATE SET succeeded = succeeded + excluded.succeeded, failed = failed + excluded.failed,
            canceled = canceled + excluded.canceled;
END;

CREATE TRIGGER minutes_notice AFTER INSERT ON events WHEN NEW.since IS NOT NULL AND NEW.name <> 'submitting' BEGIN
    INSERT INTO minutes(minute, notices, notice_ms, notice_max_ms)
        VALUES(NEW.at / 60000, 1, max(0, NEW.at - NEW.since), max(0, NEW.at - NEW.since))
        ON CONFLICT(minute) DO UPDATE SET notices = notices + 1, notice_ms = notice_ms + excluded.notice_ms,
            notice_max_ms = max(notice_max_ms, excluded.notice_max_ms);
END;
