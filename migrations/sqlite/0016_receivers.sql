-- Who hangs is a receiver, not its host: deliveries are taken by host and path. What was there before knows its host only.
ALTER TABLE webhooks RENAME COLUMN host TO receiver;
ALTER TABLE deliveries RENAME COLUMN host TO receiver;
