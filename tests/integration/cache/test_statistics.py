"""GetStats and the view `cache_performance`: the figures are right."""

from __future__ import annotations

from typing import TYPE_CHECKING

import grpc
import pytest
from integration.cache import calls
from integration.cache.calls import Photo

from facesvg.v1 import cache_pb2 as pb

if TYPE_CHECKING:
    from collections.abc import Callable

    from integration.cache.house import House

pytestmark = pytest.mark.integration

MIB = 1024 * 1024


def stats(house: House, days: int = 0) -> pb.CacheStats:
    house.flush_hits()
    return house.stub.GetStats(pb.GetStatsRequest(days=days)).stats


def test_an_empty_cache_has_nothing(house: House) -> None:
    found = stats(house)

    assert (found.total_requests, found.hit_ratio, found.size_mb) == (0, 0, 0)
    assert (found.days, found.max_size_mb, found.ttl_hours) == (7, 1000, 24)
    assert not found.HasField("since")


def test_submissions_are_counted_as_what_they_were(house: House) -> None:
    drawn, waiting = Photo(), Photo()
    calls.completed(house.stub, drawn)
    calls.begun(house.stub, waiting)
    calls.begin(house.stub, waiting)  # a follower is neither
    calls.find(house.stub, Photo())  # a miss counts when its task begins
    calls.begin(house.stub, drawn)
    calls.find(house.stub, drawn)

    found = stats(house)

    assert (found.total_requests, found.cache_hits, found.cache_misses) == (4, 2, 2)
    assert found.hit_ratio == 0.5
    assert dict(found.tasks_by_status) == {"SUCCESS": 1, "PENDING": 1}
    assert (found.cached_entries, found.pending_tasks) == (1, 1)
    assert found.HasField("since")


def test_drawing_times_are_those_of_the_drawings(house: House) -> None:
    for milliseconds in (100, 300):
        task_id = calls.begun(house.stub)
        token = calls.leased(house.stub, task_id)
        house.sql(
            "UPDATE task_results SET started_at = now() - make_interval(secs => %s) "
            "WHERE task_id = %s",
            milliseconds / 1000,
            task_id,
        )
        house.stub.CompleteTask(calls.completion(task_id, token))

    found = stats(house)

    assert 200 <= found.average_processing_time_ms < 1200
    assert 300 <= found.max_processing_time_ms < 2300


def test_the_size_is_what_inputs_and_drawings_take(house: House) -> None:
    svg = calls.noise(MIB)
    photo = Photo(image=calls.noise(2 * MIB))
    calls.begun(house.stub, photo)
    calls.completed(house.stub, svg=svg)

    found = stats(house)

    drawing = house.value("SELECT octet_length(drawing) FROM task_results WHERE svg_blob <> ''")
    assert found.size_mb == pytest.approx(3 + (len(photo.landmarks) + drawing) / MIB)


def test_the_oldest_pending_tells_its_age(house: House) -> None:
    calls.begun(house.stub)
    house.sql("UPDATE task_results SET submitted_at = now() - interval '90 seconds'")

    assert 90 <= stats(house).oldest_pending_seconds < 120


def test_only_the_days_asked_for_count(house: House) -> None:
    calls.begun(house.stub)
    house.sql("UPDATE task_results SET submitted_at = now() - interval '3 days'")
    house.sql(
        "CREATE TABLE old PARTITION OF processing_metrics FOR VALUES FROM "
        "('2000-01-01') TO (current_date::timestamptz)"
    )
    house.sql("UPDATE processing_metrics SET recorded_at = now() - interval '3 days'")
    house.sql("SELECT roll_up_metrics('-infinity', now())")

    assert stats(house, days=2).cache_misses == 0
    assert dict(stats(house, days=2).tasks_by_status) == {}
    assert stats(house, days=4).cache_misses == 1
    assert dict(stats(house, days=4).tasks_by_status) == {"PENDING": 1}


def test_more_days_than_a_year_are_refused(house: House) -> None:
    with pytest.raises(grpc.RpcError) as refused:
        stats(house, days=366)

    assert calls.info(refused.value).metadata.items() >= {("field", "days"), ("value", "366")}


def test_the_history_outlives_its_tasks(house: House) -> None:
    photo = Photo()
    task_id = calls.completed(house.stub, photo)
    calls.find(house.stub, photo)
    house.flush_hits()

    house.stub.DeleteTask(pb.DeleteTaskRequest(task_id=task_id))

    found = stats(house)
    assert (found.cache_hits, found.cache_misses, found.cached_entries) == (1, 1, 0)


def test_the_view_has_a_line_for_each_day(house: House) -> None:
    photo = Photo()
    calls.completed(house.stub, photo)
    calls.find(house.stub, photo)
    house.flush_hits()

    ((hits, misses, ratio, drawings),) = house.sql(
        "SELECT cache_hits, cache_misses, hit_ratio, drawings FROM cache_performance"
    )

    assert (hits, misses, ratio, drawings) == (1, 1, 0.5, 1)


def test_partitions_are_made_ahead_and_dropped_when_old(
    house_with: Callable[..., House],
) -> None:
    house = house_with(CACHE_METRICS_DAYS="30")
    names = "SELECT relid::text FROM pg_partition_tree('processing_metrics') WHERE isleaf"
    assert len(house.sql(names)) == 8
    house.sql(
        "CREATE TABLE processing_metrics_20200229 PARTITION OF processing_metrics "
        "FOR VALUES FROM ('2020-02-29Z') TO ('2020-03-01Z')"
    )

    house_with(CACHE_METRICS_DAYS="30")

    assert len(house.sql(names)) == 8
