-- Which answers are answers no more, for those who keep them: by whatever statement it happened, one
-- typed by hand as well. A cursor is a snapshot; what it does not see and a later one does is new.

CREATE TABLE erasures (
    xid         xid8        NOT NULL DEFAULT pg_current_xact_id(),
    -- Null for all there were.
    task_id     uuid
) WITH (
    vacuum_truncate = off, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000
);
CREATE INDEX erasures_xid ON erasures (xid);
-- Room that it keeps: erasing must not need a page that a full disk lacks.
INSERT INTO erasures SELECT FROM generate_series(1, 3000);
DELETE FROM erasures;

CREATE FUNCTION note_erasures() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO erasures (task_id)
    SELECT task_id FROM erased
    WHERE is_live AND ttl_expires_at > now();  -- nobody keeps one beyond its end
    RETURN NULL;
END $$;

CREATE TRIGGER task_erased_note AFTER DELETE ON task_results
    REFERENCING OLD TABLE AS erased FOR EACH STATEMENT EXECUTE FUNCTION note_erasures();

CREATE FUNCTION note_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO erasures (task_id) VALUES (OLD.task_id);
    RETURN NULL;
END $$;

-- The cache itself never does this to an answer.
CREATE TRIGGER task_changed_note
    AFTER UPDATE OF task_id, input_hash, tenant, status, deterministic, ttl_expires_at
    ON task_results
    FOR EACH ROW WHEN (
        OLD.is_live AND OLD.ttl_expires_at > now() AND (
            NEW.ttl_expires_at < OLD.ttl_expires_at
            OR (OLD.task_id, OLD.input_hash, OLD.tenant, OLD.is_live)
                IS DISTINCT FROM (NEW.task_id, NEW.input_hash, NEW.tenant, NEW.is_live)
            OR NEW.completed_at IS NULL
        )
    )
    EXECUTE FUNCTION note_change();

CREATE FUNCTION note_truncation() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO erasures (task_id) VALUES (NULL);
    RETURN NULL;
END $$;

CREATE TRIGGER task_truncated_note AFTER TRUNCATE ON task_results
    FOR EACH STATEMENT EXECUTE FUNCTION note_truncation();
