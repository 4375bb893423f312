"""What every process counts, and the page it is read from; a service's own are in its folder."""

from __future__ import annotations

import os
import time
from functools import cache
from pathlib import Path

from prometheus_client import REGISTRY, Counter, Gauge, Histogram, generate_latest

from services import __version__

# From a cached answer to a long upload, in seconds.
BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)

OTHER = "other"
"""The label of whatever is not known: strangers must not make series."""

started = Counter("grpc_server_started_total", "Calls begun, by method.", ("method",))
calls = Counter(
    "grpc_server_handled_total", "Calls ended, by method and status.", ("method", "code")
)
call_seconds = Histogram(
    "grpc_server_handling_seconds", "Time from call to end.", ("method",), buckets=BUCKETS
)
errors = Counter("errors_total", "Mistakes of our own, by type and part.", ("type", "component"))
refusals = Counter(
    "refusals_total",
    "Calls ended by an error that is known, by type and part.",
    ("type", "component"),
)

# To look a series up costs more than to count in it; labels are of closed sets, so they are kept.
started_of, ended_of = cache(started.labels), cache(calls.labels)
seconds_of = cache(call_seconds.labels)

dependency_up = Gauge(
    "dependency_up", "1 where what this service depends on answers, else 0.", ("dependency",)
)
build = Gauge(
    "build_info",
    "1, labelled with the version that runs.",
    ("version",),
    multiprocess_mode="livemax",
)
memory = Gauge("memory_usage_bytes", "Resident memory.", multiprocess_mode="livesum")
cpu = Gauge(
    "cpu_usage_percent", "Of one core, since it was last asked.", multiprocess_mode="livesum"
)


_is_on = True


def turn_off() -> None:
    """Count nothing in this process, and show nothing."""
    global _is_on  # noqa: PLW0603 - the registry is the process's too
    _is_on = False


def is_on() -> bool:
    """Return whether this process counts."""
    return _is_on


def exposition() -> bytes:
    """Return all metrics of this process in Prometheus' text format; nothing where they are off."""
    return generate_latest(REGISTRY) if _is_on else b""


class Usage:
    """What this process takes of the machine."""

    def __init__(self) -> None:
        self._seen = (time.monotonic(), time.process_time())
        self._percent = 0.0

    def cpu_percent(self) -> float:
        """Return the share of one core since the last look, which was a moment ago at least."""
        now = (time.monotonic(), time.process_time())
        elapsed, spent = (new - old for new, old in zip(now, self._seen, strict=True))
        if elapsed >= MOMENT:
            self._seen, self._percent = now, 100 * spent / elapsed
        return self._percent

    @staticmethod
    def memory_bytes() -> float:
        """Return the resident memory; 0 where the system does not tell."""
        try:
            pages = int(Path("/proc/self/statm").read_text().split()[1])
        except OSError:
            return 0.0
        return float(pages * os.sysconf("SC_PAGE_SIZE"))


MOMENT = 0.1
"""Seconds below which a share of time says nothing."""


def describe() -> None:
    """Let a process that has a page of its own tell of itself whenever it is asked."""
    usage = Usage()
    memory.set_function(usage.memory_bytes)
    cpu.set_function(usage.cpu_percent)


def note(usage: Usage) -> None:
    """Write down what a process takes: where several share a page, none of them is asked."""
    build.labels(__version__).set(1)
    memory.set(usage.memory_bytes())
    cpu.set(usage.cpu_percent())


build.labels(__version__).set(1)
