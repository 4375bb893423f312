"""From records to messages."""

from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from facesvg.v1 import mask_pb2, task_pb2
from services.cache import answers
from services.cache.policy import MIB, Policy
from services.cache.records import Failure, Result, Statistics, Status, Task

NOW = datetime(2026, 1, 1, tzinfo=UTC)
PENDING = Task(uuid.UUID(int=1), "0" * 64, Status.PENDING, submitted_at=NOW, read_at=NOW)
DRAWN = replace(
    PENDING,
    status=Status.SUCCESS,
    completed_at=NOW,
    expires_at=NOW + timedelta(hours=1),
    processing_time_ms=31,
    cache_hits=5,
)


def test_what_is_not_known_yet_is_absent() -> None:
    message = answers.task_of(PENDING)

    for name in ("started_at", "completed_at", "expires_at", "result", "error", "svg_url"):
        assert not message.HasField(name)


def test_a_drawing_carries_what_the_cache_knows_of_it() -> None:
    record = mask_pb2.Drawing(regions_detected=2, width=640).SerializeToString()

    message = answers.task_of(DRAWN, Result(record, b"<svg/>"))

    assert message.result == mask_pb2.Drawing(
        regions_detected=2, width=640, svg=b"<svg/>", processing_time_ms=31, cache_hits=5
    )
    assert message.svg_url == f"/api/v1/frontal/crop/svg/{DRAWN.task_id}"


def test_a_large_svg_stays_behind() -> None:
    message = answers.task_of(DRAWN, Result(b"", None))

    assert message.HasField("result")
    assert message.result.svg == b""


def test_of_a_drawing_only_what_is_wanted_comes_along() -> None:
    record = mask_pb2.Drawing(regions_detected=2, width=640).SerializeToString()
    result = Result(record, b"<svg/>")
    message = task_pb2.Task()

    answers.write_task(message, DRAWN, result, wanted={"width", "cache_hits"})

    assert message.result == mask_pb2.Drawing(width=640, cache_hits=5)
    assert message.processing_time_ms == 31


def test_a_record_of_which_nothing_is_wanted_is_not_read() -> None:
    unreadable = Result(b"\xff", b"<svg/>")
    message = task_pb2.Task()

    answers.write_task(message, DRAWN, unreadable, wanted={"svg", "processing_time_ms"})

    assert message.result == mask_pb2.Drawing(svg=b"<svg/>", processing_time_ms=31)


def test_a_failure_says_why() -> None:
    failed = replace(
        PENDING, status=Status.FAILURE, failure=Failure("NO_FACE", "no face", deterministic=True)
    )

    assert answers.task_of(failed).error.message == "no face"
    assert answers.summary_of(failed).error_type == "NO_FACE"


def test_statistics_come_in_the_units_of_the_contract() -> None:
    found = Statistics(
        days=7,
        hits=3,
        misses=1,
        tasks_by_status={"SUCCESS": 1},
        average_processing_ms=10,
        max_processing_ms=20,
        cached_entries=1,
        held_bytes=MIB // 2,
        pending=0,
        oldest_pending_seconds=0,
        since=None,
    )

    message = answers.stats_of(found, Policy())

    assert (message.total_requests, message.hit_ratio) == (4, 0.75)
    assert (message.size_mb, message.max_size_mb, message.ttl_hours) == (0.5, 1000, 24)
    assert not message.HasField("since")
