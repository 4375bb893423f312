-- Who is to be told of a task's end: a row for each URL, written with the submission that names it.

ALTER TABLE task_results ADD COLUMN has_deliveries boolean NOT NULL DEFAULT false;

CREATE TABLE deliveries (
    -- Told to the receiver, the same in every attempt.
    delivery_id uuid        NOT NULL UNIQUE DEFAULT gen_random_uuid(),
    -- No reference: what is on its way outlives a record that expires.
    task_id     uuid        NOT NULL,
    url         text        NOT NULL CHECK (octet_length(url) BETWEEN 1 AND 2048),
    state       text        NOT NULL DEFAULT 'WAITING'
        CHECK (state IN ('WAITING', 'PENDING', 'DELIVERED', 'FAILED')),
    -- What is told of the task, as it ended.
    facts       jsonb,
    attempts    integer     NOT NULL DEFAULT 0 CHECK (attempts >= 0),
    due_at      timestamptz,
    http_status integer,
    error       text        NOT NULL DEFAULT '',
    created_at  timestamptz NOT NULL DEFAULT now(),
    ended_at    timestamptz,
    PRIMARY KEY (task_id, url),

    CONSTRAINT waiting_has_nothing_to_tell CHECK ((state = 'WAITING') = (facts IS NULL)),
    CONSTRAINT pending_has_a_time CHECK ((state = 'PENDING') = (due_at IS NOT NULL)),
    CONSTRAINT done_has_an_end CHECK (
        (state IN ('DELIVERED', 'FAILED')) = (ended_at IS NOT NULL)
    )
);

CREATE INDEX deliveries_due ON deliveries (due_at) WHERE state = 'PENDING';
CREATE INDEX deliveries_created ON deliveries (created_at);

-- Makes what waits for the end of a task due, once it has ended.
CREATE FUNCTION make_deliveries_due(ended uuid) RETURNS void LANGUAGE sql AS $$
    UPDATE deliveries SET state = 'PENDING', due_at = now(), facts = jsonb_build_object(
        'status', task.status,
        'input_hash', task.input_hash,
        'submitted_at', task.submitted_at,
        'completed_at', task.completed_at,
        'processing_time_ms', task.processing_time_ms,
        'regions_detected', task.regions_detected,
        'error_type', task.error_type,
        'error_message', task.error_message
    )
    FROM task_results task
    WHERE task.task_id = ended AND task.completed_at IS NOT NULL
        AND deliveries.task_id = ended AND deliveries.state = 'WAITING'
$$;

CREATE FUNCTION tell_task_ended() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM make_deliveries_due(NEW.task_id);
    RETURN NULL;
END $$;

-- In the transaction that ends the task, whichever statement does: neither is ever without the other.
CREATE TRIGGER task_ended AFTER UPDATE OF completed_at ON task_results
    FOR EACH ROW WHEN (NEW.has_deliveries AND NEW.completed_at IS NOT NULL)
    EXECUTE FUNCTION tell_task_ended();
