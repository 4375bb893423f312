-- The history of the cache, in a partition for each day (UTC) that the service makes and drops.

CREATE TABLE processing_metrics (
    metric_name   text             NOT NULL,
    metric_value  double precision NOT NULL,
    metric_unit   text             NOT NULL,
    component     text             NOT NULL,
    operation     text             NOT NULL,
    -- No reference: the history outlives the task.
    task_id       uuid,
    recorded_at   timestamptz      NOT NULL DEFAULT now()
) PARTITION BY RANGE (recorded_at);

CREATE INDEX processing_metrics_name ON processing_metrics (metric_name, recorded_at);

CREATE VIEW cache_performance AS
SELECT
    (recorded_at AT TIME ZONE 'UTC')::date AS day,
    coalesce(sum(metric_value) FILTER (WHERE metric_name = 'cache_hit'), 0)::bigint AS cache_hits,
    coalesce(sum(metric_value) FILTER (WHERE metric_name = 'cache_miss'), 0)::bigint
        AS cache_misses,
    coalesce(
        sum(metric_value) FILTER (WHERE metric_name = 'cache_hit')
        / nullif(sum(metric_value) FILTER (WHERE metric_name IN ('cache_hit', 'cache_miss')), 0),
        0
    ) AS hit_ratio,
    count(*) FILTER (WHERE metric_name = 'processing_time') AS drawings,
    avg(metric_value) FILTER (WHERE metric_name = 'processing_time') AS average_processing_time_ms,
    max(metric_value) FILTER (WHERE metric_name = 'processing_time') AS max_processing_time_ms
FROM processing_metrics
GROUP BY 1;
