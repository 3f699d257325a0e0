-- The W3C traceparent of the request that a job came with: it goes into the log and out with the job's webhooks.
ALTER TABLE jobs ADD COLUMN traceparent TEXT CHECK (length(traceparent) BETWEEN 55 AND 128);
