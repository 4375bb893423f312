"""Figures kept ready agree with what they stand for, at any time and in any order."""

from __future__ import annotations

import random
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import TYPE_CHECKING

import grpc
import psycopg
import pytest
from integration.cache import calls
from integration.cache.house import House, until
from integration.cache.lives import life

from facesvg.v1 import cache_pb2 as pb
from services.cache import partitions, rollups
from services.cache.migrate import migrate, migrations

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = pytest.mark.integration

# Ten days ago and before, out of an older history: a day's partition each.
HISTORY = """
DO $$ BEGIN
    FOR ago IN 10..14 LOOP
        PERFORM make_history_day(((now() AT TIME ZONE 'UTC')::date - ago));
    END LOOP;
END $$;
INSERT INTO processing_metrics
SELECT name, value, 'unit', 'cache', 'test', NULL,
    date_trunc('day', now(), 'UTC') - make_interval(days => ago, mins => -7 * n)
FROM generate_series(10, 14) AS ago, generate_series(0, 199) AS n,
    (VALUES ('cache_hit', 2), ('cache_miss', 1), ('processing_time', 40)) AS kinds (name, value)
"""

RAW = """
SELECT (recorded_at AT TIME ZONE 'UTC')::date, metric_name, count(*), sum(metric_value)
FROM processing_metrics GROUP BY 1, 2 ORDER BY 1, 2
"""
DAILY = "SELECT day, metric_name, samples, total FROM metrics_daily ORDER BY 1, 2"
HOURLY = """
SELECT (hour AT TIME ZONE 'UTC')::date, metric_name, sum(samples)::bigint, sum(total)
FROM metrics_by_hour GROUP BY 1, 2 ORDER BY 1, 2
"""
PERFORMANCE = "SELECT * FROM cache_performance ORDER BY day"

TOLD = """
SELECT kind, sum(items)::bigint, sum(bytes)::bigint
FROM (SELECT * FROM tallies UNION ALL SELECT * FROM tally_changes) AS changed
GROUP BY kind HAVING sum(items) <> 0 OR sum(bytes) <> 0 ORDER BY kind
"""
TRUE = """
SELECT * FROM (
    SELECT status AS kind, count(*),
        sum(
            input_size + drawing_size
            + CASE WHEN svg_blob IS NULL THEN coalesce(svg_size, 0) ELSE 0 END
        )::bigint
    FROM task_results GROUP BY status
    UNION ALL
    SELECT 'BLOB', count(*), sum(size)::bigint FROM blobs HAVING count(*) > 0
) AS found ORDER BY kind
"""


def roll_all(house: House) -> None:
    house.sql("SELECT roll_up_metrics('-infinity', now() + interval '1 hour')")


def rolled(house: House, ago: str) -> bool:
    """Roll, and return whether that or the sweeper got further than so long ago."""
    house.run(rollups.roll(house.cache.database))
    query = "SELECT until > date_trunc('hour', now()) - %s::interval FROM metrics_rolled"
    return bool(house.value(query, ago))


def drop_history(house: House) -> None:
    """Drop the days of the history that are over."""
    retention = house.settings.metrics_retention * 0
    house.run(partitions.maintain(house.cache.database, retention))


def test_the_days_are_those_of_the_history(house: House) -> None:
    house.sql(HISTORY)
    raw = house.sql(RAW)

    roll_all(house)

    assert house.sql(DAILY) == raw
    assert house.sql(HOURLY) == raw


def test_a_second_roll_changes_nothing(house: House) -> None:
    house.sql(HISTORY)
    roll_all(house)
    before = house.sql("SELECT xmin, * FROM metrics_hourly ORDER BY hour, metric_name")

    roll_all(house)

    assert house.sql("SELECT xmin, * FROM metrics_hourly ORDER BY hour, metric_name") == before


def test_dropped_days_stay_in_the_statistics(house: House) -> None:
    house.sql(HISTORY)
    roll_all(house)
    performance = house.sql(PERFORMANCE)
    before = house.stub.GetStats(pb.GetStatsRequest(days=30)).stats

    drop_history(house)

    after = house.stub.GetStats(pb.GetStatsRequest(days=30)).stats
    assert house.value("SELECT count(*) FROM processing_metrics") == 0
    assert house.sql(PERFORMANCE) == performance
    assert (after.cache_hits, after.cache_misses) == (before.cache_hits, before.cache_misses)
    assert after.cache_hits == 2 * after.cache_misses == 2000
    assert after.average_processing_time_ms == before.average_processing_time_ms == 40
    assert after.since == before.since


def test_rows_that_came_after_their_hour_are_counted_before_their_day_goes(house: House) -> None:
    house.sql(HISTORY)  # nothing looks so far back unasked

    drop_history(house)

    assert house.stub.GetStats(pb.GetStatsRequest(days=30)).stats.cache_misses == 1000


def test_a_late_row_is_counted_by_the_next_roll(house: House) -> None:
    yesterday = "(now() AT TIME ZONE 'UTC')::date - 1"
    house.sql(f"SELECT make_history_day({yesterday})")
    row = "INSERT INTO processing_metrics VALUES ('cache_miss', 1, 'count', 'cache', 'test', NULL,"
    house.sql(f"{row} now() - interval '3 hours')")
    house.sql("UPDATE metrics_rolled SET until = date_trunc('hour', now()) - interval '3 hours'")
    until(lambda: rolled(house, "2 hours"))
    house.sql(f"{row} now() - interval '3 hours')")
    house.sql("UPDATE metrics_rolled SET until = date_trunc('hour', now()) - interval '2 hours'")

    until(lambda: rolled(house, "2 hours"))

    assert house.stub.GetStats(pb.GetStatsRequest(days=2)).stats.cache_misses == 2


def test_an_hour_is_rolled_once_by_whoever_comes_first(house_with: Callable[..., House]) -> None:
    houses = [house_with() for _ in range(4)]
    houses[0].sql("UPDATE metrics_rolled SET until = '-infinity'")

    with ThreadPoolExecutor(4) as threads:
        rolled = threads.map(lambda house: house.run(rollups.roll(house.cache.database)), houses)

    assert sum(rolled) <= 1  # a sweeper may have been before all of them
    until(lambda: houses[0].value("SELECT until > '-infinity' FROM metrics_rolled"))


def test_what_is_not_rolled_yet_is_counted(house: House) -> None:
    house.sql("UPDATE metrics_rolled SET until = '-infinity'")
    calls.completed(house.stub)

    assert house.stub.GetStats(pb.GetStatsRequest()).stats.cache_misses == 1
    assert house.sql("SELECT cache_misses, drawings FROM cache_performance") == [(1, 1)]


def test_an_hour_half_rolled_is_counted_once(house: House) -> None:
    for ago in (300, 200, 100):
        house.sql(
            "INSERT INTO processing_metrics"
            " VALUES ('cache_miss', 1, 'count', 'cache', 'test', NULL,"
            " greatest(now() - make_interval(secs => %s), date_trunc('day', now(), 'UTC')))",
            ago,
        )
        house.sql("UPDATE metrics_rolled SET until = until - interval '1 minute'")
        house.run(rollups.roll(house.cache.database))
    calls.begun(house.stub)

    assert house.stub.GetStats(pb.GetStatsRequest()).stats.cache_misses == 4
    assert house.value("SELECT sum(cache_misses)::integer FROM cache_performance") == 4


def test_today_is_not_dropped(house: House) -> None:
    with pytest.raises(psycopg.errors.InvalidParameterValue, match="is not over"):
        house.sql("SELECT drop_history_day((now() AT TIME ZONE 'UTC')::date)")


def test_tallies_agree_with_the_tables_after_anything(house: House) -> None:
    chance = random.Random(5)  # noqa: S311 - not a secret
    svgs = [calls.SVG, calls.noise(300 * 1024), calls.noise(400 * 1024)]

    def anything(seed: int) -> None:
        with suppress(grpc.RpcError):
            task_id = calls.begun(house.stub)
            if seed % 5 == 0:
                house.stub.CancelTask(pb.CancelTaskRequest(task_id=task_id))
            elif seed % 5 < 4:
                token = calls.leased(house.stub, task_id)
                if seed % 5 == 1:
                    house.stub.FailTask(calls.failing(task_id, token, deterministic=True))
                elif seed % 5 == 2:
                    house.stub.CompleteTask(calls.completion(task_id, token, svgs[seed % 3]))
            if seed % 7 == 0:
                house.stub.DeleteTask(pb.DeleteTaskRequest(task_id=task_id))
            if seed % 11 == 0:
                house.run(rollups.fold(house.cache.database))

    with ThreadPoolExecutor(6) as threads:
        list(threads.map(anything, chance.sample(range(120), 120)))

    assert house.sql(TOLD) == house.sql(TRUE)
    house.run(rollups.fold(house.cache.database))
    assert house.value("SELECT count(*) FROM tally_changes") == 0
    assert house.sql(TOLD) == house.sql(TRUE)


def test_folding_at_once_counts_nothing_twice(house_with: Callable[..., House]) -> None:
    houses = [house_with() for _ in range(3)]
    for _ in range(20):
        calls.begun(houses[0].stub)

    with ThreadPoolExecutor(6) as threads:
        folds = [house.run for house in houses for _ in range(5)]
        owners = [house for house in houses for _ in range(5)]
        list(threads.map(lambda run, house: run(rollups.fold(house.cache.database)), folds, owners))

    assert houses[0].sql(TOLD) == houses[0].sql(TRUE)


def test_tallies_of_what_is_gone_are_gone(house: House) -> None:
    life(house, 1)

    house.run(rollups.fold(house.cache.database))

    assert house.sql("SELECT kind FROM tallies") == []


def test_a_database_of_the_version_before_keeps_its_figures(database_url: str) -> None:
    steps = migrations()
    migrate(database_url, [step for step in steps if step.version < 5])
    with psycopg.connect(database_url) as connection:
        connection.execute(
            "CREATE TABLE processing_metrics_20240102 PARTITION OF processing_metrics "
            "FOR VALUES FROM ('2024-01-02Z') TO ('2024-01-03Z')"
        )
        connection.execute(
            "INSERT INTO processing_metrics VALUES"
            " ('cache_miss', 1, 'count', 'cache', 'begin', NULL, '2024-01-02 03:04Z'),"
            " ('processing_time', 50, 'ms', 'cache', 'draw', NULL, '2024-01-02 03:05Z')"
        )
        connection.execute(
            "INSERT INTO task_results (task_id, input_hash)"
            " SELECT gen_random_uuid(), encode(sha256(n::text::bytea), 'hex')"
            " FROM generate_series(1, 3) AS n"
        )
        connection.execute("INSERT INTO blobs (digest, size) VALUES (sha256('a'), 7)")
        connection.execute(
            "INSERT INTO task_inputs SELECT task_id, 1, sha256('a') FROM task_results"
        )
        before = connection.execute(PERFORMANCE.encode()).fetchall()

    with House(database_url) as house:
        stats = house.stub.GetStats(pb.GetStatsRequest()).stats

        assert house.sql(PERFORMANCE) == before
        assert house.sql(TOLD) == house.sql(TRUE)
        assert dict(stats.tasks_by_status) == {"PENDING": 3}
        assert stats.size_mb > 0
