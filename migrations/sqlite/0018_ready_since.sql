-- How long the one has waited that has been ready longest: a ready job's `updated_at` is when it became so.
CREATE INDEX jobs_ready_since ON jobs(updated_at) WHERE step = 'submit';
