-- What deleted jobs were and cost, by the hour of their acceptance: a report of what was spent must not shrink by a
-- deletion. `labels` as jobs has them, '{}' for none. Kept for 400 days.
CREATE TABLE deleted_usage(
    hour     INTEGER NOT NULL,  -- since 1970
    model    TEXT    NOT NULL,
    caller   TEXT    NOT NULL,
    status   TEXT    NOT NULL,
    labels   TEXT    NOT NULL,
    jobs     INTEGER NOT NULL,
    told     INTEGER NOT NULL,
    assumed  INTEGER NOT NULL,
    reserved INTEGER NOT NULL,
    PRIMARY KEY (hour, model, caller, status, labels)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER deleted_usage_add AFTER DELETE ON jobs BEGIN
    INSERT INTO deleted_usage(hour, model, caller, status, labels, jobs, told, assumed, reserved)
        VALUES(OLD.created_at / 3600000, OLD.model, OLD.caller, OLD.status, coalesce(OLD.labels, '{}'), 1, OLD.told, OLD.assumed, OLD.reserved)
        ON CONFLICT DO UPDATE SET jobs = jobs + 1, told = told + excluded.told, assumed = assumed + excluded.assumed,
            reserved = reserved + excluded.reserved;
    DELETE FROM deleted_usage WHERE hour < OLD.created_at / 3600000 - 9600;
END;
