-- Tasks, their inputs and their drawings. The constraints hold what no code may break.

CREATE TABLE task_results (
    id                  uuid        PRIMARY KEY DEFAULT gen_random_uuid(),
    task_id             uuid        NOT NULL UNIQUE,
    input_hash          text        NOT NULL CHECK (input_hash ~ '^[0-9a-f]{64}$'),
    status              text        NOT NULL DEFAULT 'PENDING'
        CHECK (status IN ('PENDING', 'PROGRESS', 'SUCCESS', 'FAILURE', 'CANCELLED')),
    progress            integer     NOT NULL DEFAULT 0 CHECK (progress BETWEEN 0 AND 100),
    step                text        NOT NULL DEFAULT '',

    options             jsonb       NOT NULL DEFAULT '{}',
    image_width         integer     NOT NULL DEFAULT 0 CHECK (image_width >= 0),
    image_height        integer     NOT NULL DEFAULT 0 CHECK (image_height >= 0),
    landmarks_count     integer     NOT NULL DEFAULT 0 CHECK (landmarks_count >= 0),

    submitted_at        timestamptz NOT NULL DEFAULT now(),
    -- When a message for the task last went to the queue; null when there is none for certain.
    enqueued_at         timestamptz DEFAULT now(),
    started_at          timestamptz,
    completed_at        timestamptz,
    ttl_expires_at      timestamptz,

    attempt             integer     NOT NULL DEFAULT 0 CHECK (attempt >= 0),
    worker              text,
    lease               interval,
    lease_token         uuid,
    lease_until         timestamptz,

    error_type          text,
    error_message       text,
    deterministic       boolean     NOT NULL DEFAULT false,

    result_data         jsonb,
    drawing             bytea,
    drawing_size        integer     NOT NULL DEFAULT 0,
    svg_data            bytea,
    svg_blob            bytea       REFERENCES blobs,
    svg_size            integer,
    svg_sha256          bytea       CHECK (octet_length(svg_sha256) = 32),
    regions_detected    integer     NOT NULL DEFAULT 0 CHECK (regions_detected >= 0),
    processing_time_ms  integer     NOT NULL DEFAULT 0 CHECK (processing_time_ms >= 0),

    cache_hits          integer     NOT NULL DEFAULT 0 CHECK (cache_hits >= 0),
    last_used_at        timestamptz NOT NULL DEFAULT now(),

    -- Under way, or an answer to submissions of the same key.
    is_live             boolean     NOT NULL GENERATED ALWAYS AS (
        status IN ('PENDING', 'PROGRESS', 'SUCCESS') OR (status = 'FAILURE' AND deterministic)
    ) STORED,

    CONSTRAINT final_has_an_end CHECK (
        num_nonnulls(completed_at, ttl_expires_at)
        = CASE WHEN status IN ('SUCCESS', 'FAILURE', 'CANCELLED') THEN 2 ELSE 0 END
    ),
    CONSTRAINT progress_has_a_lease CHECK (
        (status = 'PROGRESS') = (lease_until IS NOT NULL)
        AND (status <> 'PROGRESS' OR num_nulls(lease_token, lease, worker, started_at) = 0)
    ),
    CONSTRAINT failure_has_a_reason CHECK (
        (status = 'FAILURE') = (error_type IS NOT NULL)
        AND (status = 'FAILURE') = (error_message IS NOT NULL)
        AND (status = 'FAILURE' OR NOT deterministic)
    ),
    CONSTRAINT success_has_a_drawing CHECK (
        CASE status
            WHEN 'SUCCESS' THEN progress = 100
                AND num_nulls(drawing, result_data, svg_size, svg_sha256) = 0
                AND num_nonnulls(svg_data, svg_blob) = 1
            ELSE num_nonnulls(drawing, result_data, svg_size, svg_sha256, svg_data, svg_blob) = 0
        END
    )
) WITH (fillfactor = 90);

-- Single flight: of any number of concurrent submissions of one key, one begins the task.
CREATE UNIQUE INDEX task_results_live ON task_results (input_hash) WHERE is_live;

CREATE INDEX task_results_newest ON task_results (submitted_at DESC, task_id DESC);
CREATE INDEX task_results_waiting ON task_results (submitted_at) WHERE status = 'PENDING';
CREATE INDEX task_results_leased ON task_results (lease_until) WHERE status = 'PROGRESS';
CREATE INDEX task_results_expiring ON task_results (ttl_expires_at) WHERE ttl_expires_at IS NOT NULL;
CREATE INDEX task_results_svg_blob ON task_results (svg_blob) WHERE svg_blob IS NOT NULL;

CREATE TABLE task_inputs (
    task_id      uuid        NOT NULL REFERENCES task_results (task_id) ON DELETE CASCADE,
    part         smallint    NOT NULL CHECK (part BETWEEN 1 AND 3),
    digest       bytea       NOT NULL REFERENCES blobs,
    PRIMARY KEY (task_id, part)
);

CREATE INDEX task_inputs_digest ON task_inputs (digest);

-- Wakes whoever watches a task; delivered when the change is committed.
CREATE FUNCTION tell_task_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('task_changed', coalesce(NEW.task_id, OLD.task_id)::text);
    RETURN NULL;
END $$;

CREATE TRIGGER task_moved AFTER UPDATE OF status, progress, step, attempt ON task_results
    FOR EACH ROW EXECUTE FUNCTION tell_task_changed();
CREATE TRIGGER task_erased AFTER DELETE ON task_results
    FOR EACH ROW EXECUTE FUNCTION tell_task_changed();
