-- What a trace of a job takes besides the times of its events.
-- The W3C tracestate that came beside the traceparent.
ALTER TABLE jobs ADD COLUMN tracestate TEXT CHECK (length(tracestate) BETWEEN 1 AND 512);
-- Since when only the daemon itself stood before an event: of `submitting`, since when the job was the next to get a
-- token of the limiter; of what follows `generating`, when the task had ended at kie.ai. NULL where nobody knows.
ALTER TABLE events ADD COLUMN since INTEGER;
