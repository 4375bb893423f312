"""The metrics that every service has, and the page they are read from."""

from __future__ import annotations

from prometheus_client import REGISTRY, Counter, Gauge, Histogram, generate_latest

from services import __version__

# From a cached answer to a long upload, in seconds.
BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)

started = Counter("grpc_server_started_total", "Calls begun, by method.", ("method",))
calls = Counter(
    "grpc_server_handled_total", "Calls ended, by method and status.", ("method", "code")
)
call_seconds = Histogram(
    "grpc_server_handling_seconds", "Time from call to end.", ("method",), buckets=BUCKETS
)
errors = Counter("errors_total", "Mistakes of our own, by type.", ("type",))
build = Gauge("build_info", "1, labelled with the version that runs.", ("version",))
build.labels(__version__).set(1)


def exposition() -> bytes:
    """Return all metrics of this process in Prometheus' text format."""
    return generate_latest(REGISTRY)
