"""The figures that are shown, out of two looks at the suite."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from deploy.monitor.samples import Samples

SUCCEEDED = "OK"
BROKEN = frozenset({"INTERNAL", "UNKNOWN", "DATA_LOSS", "UNAVAILABLE", "DEADLINE_EXCEEDED"})
"""Native statuses that are not the client's doing; over REST it is what begins with 5."""


@dataclass(frozen=True)
class Route:
    """The requests of one route."""

    method: str
    endpoint: str
    per_second: float
    p50_seconds: float | None
    """None where nothing was asked in that time."""
    p95_seconds: float | None
    refused: int
    """By the client's doing."""
    broken: int
    total: int
    """Since the gateway started."""


@dataclass(frozen=True)
class Cache:
    """What the cache answered, and what it holds."""

    hit_ratio: float | None
    """Of that time; None where it was not asked."""
    hit_ratio_since_start: float
    entries: int
    size_bytes: int


@dataclass(frozen=True)
class Work:
    """What waits and what is drawn."""

    waiting: int
    oldest_seconds: float
    drawing: int
    """Tasks that a worker holds."""
    busy: int
    workers: int
    """Threads that can draw; 0 where no worker tells."""
    drawn_per_second: float
    failed: int
    p50_seconds: float | None
    p95_seconds: float | None


@dataclass(frozen=True)
class Mistake:
    """Errors of our own, of one type in one part."""

    component: str
    type: str
    count: int
    total: int


@dataclass(frozen=True)
class Usage:
    """What one service takes of the machine."""

    memory_bytes: int
    cpu_percent: float


@dataclass(frozen=True)
class Figures:
    """Everything; rates are means over `seconds`."""

    seconds: float
    routes: tuple[Route, ...]
    """The busiest first."""
    cache: Cache
    work: Work
    mistakes: tuple[Mistake, ...]
    usage: Mapping[str, Usage]
    """By service; one that does not tell is not there."""


def between(before: Samples, after: Samples, seconds: float) -> Figures:
    """Return the figures of a stretch of time that lies between two pages of metrics."""
    growth = after.since(before)
    return Figures(
        seconds=seconds,
        routes=routes(growth, after, seconds),
        cache=cache(growth, after),
        work=work(growth, after, seconds),
        mistakes=mistakes(growth, after),
        usage=usage(after),
    )


def routes(growth: Samples, now: Samples, seconds: float) -> tuple[Route, ...]:
    """Return every route that was ever asked; the others are there too, at 0."""
    name, timed = "api_requests_total", "api_request_duration_seconds"
    statuses = growth.by(name, "method", "endpoint", "status")
    found = []
    for (method, endpoint), total in now.by(name, "method", "endpoint").items():
        if not total:
            continue
        own = {
            status: count
            for (verb, route, status), count in statuses.items()
            if (verb, route) == (method, endpoint)
        }
        labels = {"method": method, "endpoint": endpoint}
        found.append(
            Route(
                method=method,
                endpoint=endpoint,
                per_second=sum(own.values()) / seconds,
                p50_seconds=growth.quantile(0.5, timed, **labels),
                p95_seconds=growth.quantile(0.95, timed, **labels),
                refused=round(sum(n for status, n in own.items() if is_refusal(status))),
                broken=round(sum(n for status, n in own.items() if is_break(status))),
                total=round(total),
            )
        )
    return tuple(sorted(found, key=lambda route: (-route.per_second, -route.total)))


def is_break(status: str) -> bool:
    """Return whether a request ended so by no fault of the client."""
    return status in BROKEN or status.startswith("5")


def is_refusal(status: str) -> bool:
    """Return whether a request ended so by the client's doing."""
    return not (is_break(status) or status == SUCCEEDED or status.startswith("2"))


def cache(growth: Samples, now: Samples) -> Cache:
    """Return what became of questions to the cache."""
    asked = growth.total("cache_requests_total")
    return Cache(
        hit_ratio=growth.total("cache_hits_total") / asked if asked else None,
        hit_ratio_since_start=now.total("cache_hit_ratio"),
        entries=round(now.total("cached_entries_total")),
        size_bytes=round(now.total("cache_size_bytes")),
    )


def work(growth: Samples, now: Samples, seconds: float) -> Work:
    """Return the state of the queue and of those that draw."""
    timed = "task_processing_duration_seconds"
    return Work(
        waiting=round(now.total("task_queue_size")),
        oldest_seconds=now.total("oldest_pending_task_seconds"),
        drawing=round(now.total("active_tasks_count")),
        busy=round(now.total("workers_busy")),
        workers=round(now.total("worker_threads")),
        drawn_per_second=growth.total("task_completions_total", status="SUCCESS") / seconds,
        failed=round(growth.total("task_completions_total", status="FAILURE")),
        p50_seconds=growth.quantile(0.5, timed),
        p95_seconds=growth.quantile(0.95, timed),
    )


def mistakes(growth: Samples, now: Samples) -> tuple[Mistake, ...]:
    """Return the errors that there ever were, the latest first."""
    grew = growth.by("errors_total", "component", "type")
    found = [
        Mistake(component, kind, round(grew[component, kind]), round(total))
        for (component, kind), total in now.by("errors_total", "component", "type").items()
        if total
    ]
    return tuple(sorted(found, key=lambda mistake: (-mistake.count, -mistake.total)))


def usage(now: Samples) -> dict[str, Usage]:
    """Return what each service takes."""
    cpu = now.by("cpu_usage_percent", "service")
    memory = now.by("memory_usage_bytes", "service")
    return {
        service: Usage(round(size), cpu.get((service,), 0.0)) for (service,), size in memory.items()
    }
