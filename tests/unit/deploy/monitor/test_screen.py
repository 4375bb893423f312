from __future__ import annotations

import io
from datetime import UTC, datetime, timedelta

import pytest
from rich.console import Console

from deploy.monitor.figures import Cache, Figures, Mistake, Route, Usage, Work
from deploy.monitor.screen import drawn
from deploy.monitor.watch import Service, Snapshot

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
SERVICES = (
    Service("gateway", is_healthy=False, version="", told="cache: postgres: does not answer"),
    Service("processor", is_healthy=True, version="0.1.0", told="redis healthy"),
    Service("cache", is_healthy=False, version="", told="does not answer"),
    Service("worker", is_healthy=True, version="0.1.0", told=""),
)
ROUTES = tuple(
    Route("GET", f"/api/v1/frontal/crop/{'very-' * 8}long/{{task_id}}", 1000, 0.01, 12, n, n, 10**7)
    for n in range(20)
)
TASK = {
    "task_id": "b040fab1-2bf3-4552-9337-492147c0ef8a",
    "status": "FAILURE",
    "submitted_at": (NOW - timedelta(seconds=5)).isoformat(),
    "processing_time_ms": 0,
    "cache_hits": 3,
    "regions_detected": 0,
    "error_type": "CORRUPT_IMAGE",
}
SNAPSHOT = Snapshot(
    "http://127.0.0.1:8000",
    SERVICES,
    Figures(
        60.0,
        ROUTES,
        Cache(None, 0.5, 12, 3_400_000),
        Work(7, 75, 2, 2, 2, 3.25, 1, 0.035, 1.2),
        (Mistake("worker", "drawing", 1, 3),) * 5,
        {"worker": Usage(214_000_000, 103.4)},
    ),
    (TASK,) * 20,
)


def shown(snapshot: Snapshot = SNAPSHOT, *, width: int = 80, lines: int = 24) -> list[str]:
    """Return the lines that a terminal would have."""
    console = Console(file=io.StringIO(), width=width)
    with console.capture() as captured:
        console.print(drawn(snapshot, NOW, lines))
    return captured.get().splitlines()


@pytest.mark.parametrize("lines", [24, 50])
def test_it_fits_a_terminal_whatever_there_is_to_tell(lines: int) -> None:
    told = shown(lines=lines)

    assert len(told) <= lines
    assert max(map(len, told)) <= 80


def test_a_service_that_cannot_work_says_why() -> None:
    [line] = [line for line in shown() if "gateway" in line]

    assert line.startswith("✗")
    assert "postgres: does not answer" in line


def test_what_waits_stands_with_its_age_and_who_draws() -> None:
    told = shown()

    assert "queue  7 waiting, the oldest for 1 min 15 s; 2 of 2 workers busy" in told
    assert "drawn  3.2 per s, p50 35 ms, p95 1.2 s; 1 failed" in told


def test_a_failed_task_stands_with_its_reason() -> None:
    [line, *_] = [line for line in shown() if line.startswith("b040fab1")]

    assert line.split() == ["b040fab1", "FAILURE", "5", "s", "–", "0", "3", "CORRUPT_IMAGE"]  # noqa: RUF001


def test_a_suite_that_went_away_is_told_above_what_it_said_last() -> None:
    gone = Snapshot("u", SERVICES, SNAPSHOT.figures, (), trouble="u does not answer")

    assert shown(gone)[1] == "u does not answer"
