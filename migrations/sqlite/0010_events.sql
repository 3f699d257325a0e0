-- The newest event that is no more there: events go with their jobs. A reader that comes back with an older id has
-- missed some. No id is ever left out, so a gap in those that are there is one that went.
INSERT INTO totals(name, value) SELECT 'newest_event_erased', max(
    coalesce((SELECT max(id) - 1 FROM events AS e WHERE NOT EXISTS (SELECT 1 FROM events AS p WHERE p.id = e.id - 1)), 0),
    coalesce((SELECT seq FROM sqlite_sequence
        WHERE name = 'events' AND seq > (SELECT coalesce(max(id), 0) FROM events)), 0));

CREATE TRIGGER events_erased AFTER DELETE ON events BEGIN
    UPDATE totals SET value = OLD.id WHERE name = 'newest_event_erased' AND value < OLD.id;
END;
