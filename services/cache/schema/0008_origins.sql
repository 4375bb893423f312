-- The call that brought a task, so that what is done for it later belongs to that, also when the queue
-- has lost the message that said so.
ALTER TABLE task_results
    ADD COLUMN request_id text NOT NULL DEFAULT '' CHECK (octet_length(request_id) <= 512),
    ADD COLUMN traceparent text NOT NULL DEFAULT '' CHECK (octet_length(traceparent) <= 512);
