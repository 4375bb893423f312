-- Inputs of few bytes lie in the row of their task, as a small SVG does: so a task is begun, leased
-- and drawn by one statement each. Those of more bytes are in `task_inputs`, and so are all that a
-- service of an earlier version stored.

ALTER TABLE task_results
    ADD COLUMN input_parts   smallint[],
    ADD COLUMN input_digests bytea[],
    ADD COLUMN input_data    bytea[],
    ADD COLUMN input_size    integer NOT NULL DEFAULT 0 CHECK (input_size >= 0),
    ADD CONSTRAINT inputs_are_whole CHECK (
        num_nonnulls(input_parts, input_digests, input_data) IN (0, 3)
        AND cardinality(input_parts) = cardinality(input_digests)
        AND cardinality(input_parts) = cardinality(input_data)
        AND (input_size = 0 OR input_parts IS NOT NULL)
    );
ALTER TABLE task_results ALTER COLUMN input_data SET STORAGE EXTERNAL;

-- Their bytes are held as those of drawings are.
CREATE FUNCTION row_bytes(
    input_size integer, drawing_size integer, svg_blob bytea, svg_size integer
) RETURNS bigint
LANGUAGE sql IMMUTABLE AS $$
    SELECT input_size + row_bytes(drawing_size, svg_blob, svg_size)
$$;

CREATE OR REPLACE FUNCTION tally_tasks() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO tally_changes
    SELECT
        status, date_trunc('hour', submitted_at, 'UTC'),
        TG_ARGV[0]::integer * count(*),
        TG_ARGV[0]::integer * sum(row_bytes(input_size, drawing_size, svg_blob, svg_size))
    FROM touched GROUP BY 1, 2;
    RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION tally_move() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO tally_changes VALUES
        (OLD.status, date_trunc('hour', OLD.submitted_at, 'UTC'),
            -1, -row_bytes(OLD.input_size, OLD.drawing_size, OLD.svg_blob, OLD.svg_size)),
        (NEW.status, date_trunc('hour', NEW.submitted_at, 'UTC'),
            1, row_bytes(NEW.input_size, NEW.drawing_size, NEW.svg_blob, NEW.svg_size));
    RETURN NULL;
END $$;

DROP TRIGGER task_moved_tally ON task_results;
CREATE TRIGGER task_moved_tally
    AFTER UPDATE OF status, submitted_at, input_size, drawing_size, svg_blob, svg_size
    ON task_results
    FOR EACH ROW WHEN (
        (OLD.status, OLD.submitted_at, OLD.input_size, OLD.drawing_size, OLD.svg_blob, OLD.svg_size)
        IS DISTINCT FROM
        (NEW.status, NEW.submitted_at, NEW.input_size, NEW.drawing_size, NEW.svg_blob, NEW.svg_size)
    )
    EXECUTE FUNCTION tally_move();
