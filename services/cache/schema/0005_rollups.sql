-- Figures that are quick at any size: the history by hours and days, and how many tasks and bytes
-- there are. And the history's partitions, made for a role that owns no table.

-- By hour, for good: the history itself is dropped when it is old.
CREATE TABLE metrics_hourly (
    hour          timestamptz      NOT NULL,
    metric_name   text             NOT NULL,
    samples       bigint           NOT NULL,
    total         double precision NOT NULL,
    maximum       double precision NOT NULL,
    first_at      timestamptz      NOT NULL,
    PRIMARY KEY (hour, metric_name)
);

-- By day of UTC, out of the hours.
CREATE TABLE metrics_daily (
    day           date             NOT NULL,
    metric_name   text             NOT NULL,
    samples       bigint           NOT NULL,
    total         double precision NOT NULL,
    maximum       double precision NOT NULL,
    first_at      timestamptz      NOT NULL,
    PRIMARY KEY (day, metric_name)
);

-- What was before `until` is read from the rollups, what came later from the history: one row.
CREATE TABLE metrics_rolled (
    is_the_row    boolean          PRIMARY KEY DEFAULT true CHECK (is_the_row),
    until         timestamptz      NOT NULL DEFAULT '-infinity'
);
INSERT INTO metrics_rolled DEFAULT VALUES;

-- To find the last minutes of a day: rows lie in the order of their coming.
CREATE INDEX processing_metrics_recent ON processing_metrics
    USING brin (recorded_at) WITH (pages_per_range = 16, autosummarize = on);

-- Rolls up the hours from `since` to `before`, the last one as far as `until`. Each is summed anew,
-- so that a second time changes nothing and a late row is counted; an hour whose history is gone
-- stays as it is.
CREATE FUNCTION roll_up_metrics(since timestamptz, before timestamptz) RETURNS void
LANGUAGE sql AS $$
    INSERT INTO metrics_hourly AS known (hour, metric_name, samples, total, maximum, first_at)
    SELECT
        date_trunc('hour', recorded_at, 'UTC'), metric_name,
        count(*), sum(metric_value), max(metric_value), min(recorded_at)
    FROM processing_metrics
    WHERE recorded_at >= date_trunc('hour', since, 'UTC')
        AND recorded_at < (SELECT least(before, until) FROM metrics_rolled)
    GROUP BY 1, 2
    ON CONFLICT (hour, metric_name) DO UPDATE SET
        samples = excluded.samples, total = excluded.total,
        maximum = excluded.maximum, first_at = excluded.first_at
    WHERE (known.samples, known.total, known.maximum, known.first_at)
        IS DISTINCT FROM (excluded.samples, excluded.total, excluded.maximum, excluded.first_at);

    INSERT INTO metrics_daily AS known (day, metric_name, samples, total, maximum, first_at)
    SELECT
        (hour AT TIME ZONE 'UTC')::date, metric_name,
        sum(samples), sum(total), max(maximum), min(first_at)
    FROM metrics_hourly
    WHERE hour >= date_trunc('day', since, 'UTC')
        AND hour < date_trunc('day', before, 'UTC') + interval '1 day'
    GROUP BY 1, 2
    ON CONFLICT (day, metric_name) DO UPDATE SET
        samples = excluded.samples, total = excluded.total,
        maximum = excluded.maximum, first_at = excluded.first_at
    WHERE (known.samples, known.total, known.maximum, known.first_at)
        IS DISTINCT FROM (excluded.samples, excluded.total, excluded.maximum, excluded.first_at);
$$;

UPDATE metrics_rolled SET until = date_trunc('hour', now(), 'UTC');
SELECT roll_up_metrics('-infinity', now());

-- The history by hours, up to this moment: of the last one there may be two rows, to be added.
CREATE VIEW metrics_by_hour AS
SELECT hour, metric_name, samples, total, maximum, first_at
FROM metrics_hourly WHERE hour < (SELECT until FROM metrics_rolled)
UNION ALL
SELECT
    date_trunc('hour', recorded_at, 'UTC'), metric_name,
    count(*), sum(metric_value), max(metric_value), min(recorded_at)
FROM processing_metrics WHERE recorded_at >= (SELECT until FROM metrics_rolled)
GROUP BY 1, 2;

CREATE OR REPLACE VIEW cache_performance AS
SELECT
    day,
    coalesce(sum(total) FILTER (WHERE metric_name = 'cache_hit'), 0)::bigint AS cache_hits,
    coalesce(sum(total) FILTER (WHERE metric_name = 'cache_miss'), 0)::bigint AS cache_misses,
    coalesce(
        sum(total) FILTER (WHERE metric_name = 'cache_hit')
        / nullif(sum(total) FILTER (WHERE metric_name IN ('cache_hit', 'cache_miss')), 0),
        0
    ) AS hit_ratio,
    coalesce(sum(samples) FILTER (WHERE metric_name = 'processing_time'), 0)::bigint AS drawings,
    sum(total) FILTER (WHERE metric_name = 'processing_time')
        / sum(samples) FILTER (WHERE metric_name = 'processing_time')
        AS average_processing_time_ms,
    max(maximum) FILTER (WHERE metric_name = 'processing_time') AS max_processing_time_ms
FROM (
    SELECT day, metric_name, samples, total, maximum FROM metrics_daily
    WHERE day < (SELECT (until AT TIME ZONE 'UTC')::date FROM metrics_rolled)
    UNION ALL
    SELECT (hour AT TIME ZONE 'UTC')::date, metric_name, samples, total, maximum
    FROM metrics_by_hour
    WHERE hour >= (SELECT date_trunc('day', until, 'UTC') FROM metrics_rolled)
) AS days
GROUP BY day;

-- How many tasks of each status, by the hour of their submission, and how many blobs there are, and
-- their bytes. Triggers add changes, which never wait for one another; the service folds them into
-- the tallies. The truth is the sum of both.
CREATE TABLE tallies (
    kind          text             NOT NULL,
    hour          timestamptz      NOT NULL,
    items         bigint           NOT NULL,
    bytes         bigint           NOT NULL,
    PRIMARY KEY (kind, hour)
);
CREATE TABLE tally_changes (
    kind          text             NOT NULL,
    hour          timestamptz      NOT NULL,
    items         bigint           NOT NULL,
    bytes         bigint           NOT NULL
) WITH (
    vacuum_truncate = off, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000
);
-- Room that it keeps: erasing notes a change, and must not need a page that a full disk lacks.
INSERT INTO tally_changes SELECT 'BLOB', '-infinity', 0, 0 FROM generate_series(1, 3000);
DELETE FROM tally_changes;

CREATE FUNCTION row_bytes(drawing_size integer, svg_blob bytea, svg_size integer) RETURNS bigint
LANGUAGE sql IMMUTABLE AS $$
    SELECT (drawing_size + CASE WHEN svg_blob IS NULL THEN coalesce(svg_size, 0) ELSE 0 END)::bigint
$$;

CREATE FUNCTION tally_tasks() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO tally_changes
    SELECT
        status, date_trunc('hour', submitted_at, 'UTC'),
        TG_ARGV[0]::integer * count(*),
        TG_ARGV[0]::integer * sum(row_bytes(drawing_size, svg_blob, svg_size))
    FROM touched GROUP BY 1, 2;
    RETURN NULL;
END $$;

CREATE FUNCTION tally_move() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO tally_changes VALUES
        (OLD.status, date_trunc('hour', OLD.submitted_at, 'UTC'),
            -1, -row_bytes(OLD.drawing_size, OLD.svg_blob, OLD.svg_size)),
        (NEW.status, date_trunc('hour', NEW.submitted_at, 'UTC'),
            1, row_bytes(NEW.drawing_size, NEW.svg_blob, NEW.svg_size));
    RETURN NULL;
END $$;

CREATE FUNCTION tally_blobs() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO tally_changes
    SELECT
        'BLOB', '-infinity',
        TG_ARGV[0]::integer * count(*), TG_ARGV[0]::integer * coalesce(sum(size), 0)
    FROM touched HAVING count(*) > 0;
    RETURN NULL;
END $$;

CREATE TRIGGER task_added_tally AFTER INSERT ON task_results
    REFERENCING NEW TABLE AS touched FOR EACH STATEMENT EXECUTE FUNCTION tally_tasks('1');
CREATE TRIGGER task_erased_tally AFTER DELETE ON task_results
    REFERENCING OLD TABLE AS touched FOR EACH STATEMENT EXECUTE FUNCTION tally_tasks('-1');
CREATE TRIGGER task_moved_tally
    AFTER UPDATE OF status, submitted_at, drawing_size, svg_blob, svg_size ON task_results
    FOR EACH ROW WHEN (
        (OLD.status, OLD.submitted_at, OLD.drawing_size, OLD.svg_blob, OLD.svg_size)
        IS DISTINCT FROM
        (NEW.status, NEW.submitted_at, NEW.drawing_size, NEW.svg_blob, NEW.svg_size)
    )
    EXECUTE FUNCTION tally_move();
CREATE TRIGGER blob_added_tally AFTER INSERT ON blobs
    REFERENCING NEW TABLE AS touched FOR EACH STATEMENT EXECUTE FUNCTION tally_blobs('1');
CREATE TRIGGER blob_erased_tally AFTER DELETE ON blobs
    REFERENCING OLD TABLE AS touched FOR EACH STATEMENT EXECUTE FUNCTION tally_blobs('-1');

-- The triggers hold their tables until the migration ends, so that nothing is missed or counted
-- twice.
INSERT INTO tallies
SELECT
    status, date_trunc('hour', submitted_at, 'UTC'), count(*),
    sum(row_bytes(drawing_size, svg_blob, svg_size))
FROM task_results GROUP BY 1, 2;
INSERT INTO tallies SELECT 'BLOB', '-infinity', count(*), coalesce(sum(size), 0) FROM blobs;

-- Only an owner may make and drop partitions: these do, and no more, for whoever may call them.
CREATE FUNCTION make_history_day(day date) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    EXECUTE format(
        'CREATE TABLE %I PARTITION OF processing_metrics FOR VALUES FROM (%L) TO (%L)',
        'processing_metrics_' || to_char(day, 'YYYYMMDD'),
        day::timestamp AT TIME ZONE 'UTC', (day + 1)::timestamp AT TIME ZONE 'UTC'
    );
END $$;

CREATE FUNCTION drop_history_day(day date) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF day >= (now() AT TIME ZONE 'UTC')::date THEN
        RAISE EXCEPTION 'the day % is not over', day USING ERRCODE = 'invalid_parameter_value';
    END IF;
    PERFORM roll_up_metrics(
        day::timestamp AT TIME ZONE 'UTC', (day + 1)::timestamp AT TIME ZONE 'UTC'
    );
    EXECUTE format('DROP TABLE %I', 'processing_metrics_' || to_char(day, 'YYYYMMDD'));
END $$;

REVOKE ALL ON FUNCTION make_history_day(date), drop_history_day(date) FROM PUBLIC;
