-- What the bytes of an output say of themselves, read from them after they are stored. `probed`: they were looked into,
-- whether that told anything or not. Outputs of before are looked into as well.

ALTER TABLE outputs ADD COLUMN probed INTEGER NOT NULL DEFAULT 0 CHECK (probed IN (0, 1));
ALTER TABLE outputs ADD COLUMN width INTEGER CHECK (width > 0);
ALTER TABLE outputs ADD COLUMN height INTEGER CHECK (height > 0);
ALTER TABLE outputs ADD COLUMN duration_s REAL CHECK (duration_s >= 0);
ALTER TABLE outputs ADD COLUMN codec TEXT NOT NULL DEFAULT '';

CREATE INDEX outputs_unprobed ON outputs(row DESC, idx) WHERE digest IS NOT NULL AND probed = 0;
