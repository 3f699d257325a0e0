-- What was learnt of how long each model's tasks take: a histogram as text, in the form of server/polling/durations.hpp.
-- Estimates and the times of queries rest on it; without it they start again from the catalogue's seconds.

CREATE TABLE durations(
    model      TEXT    PRIMARY KEY,
    histogram  TEXT    NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX durations_by_age ON durations(updated_at);
