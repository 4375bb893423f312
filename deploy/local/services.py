"""The suite's own parts: cache, processor, worker and gateway."""

from __future__ import annotations

import sys
from dataclasses import replace
from typing import TYPE_CHECKING

from deploy.local import probes
from deploy.local.part import Part

if TYPE_CHECKING:
    from deploy.local.settings import Settings
    from services.runtime.tls import Certificates

LOOPBACK = "127.0.0.1"

PROCESS = {
    "MALLOC_ARENA_MAX": "2",  # else uploads leave their memory in many arenas
    # Else the top of the heap is given back after every photo and fetched again, page by page, for
    # the next: a third of what a hit takes of the gateway, a tenth of a drawing.
    "MALLOC_TRIM_THRESHOLD_": str(16 * 1024 * 1024),
    "MALLOC_TOP_PAD_": str(4 * 1024 * 1024),
    "OPENBLAS_NUM_THREADS": "1",  # worker processes are the parallelism
    "PYTHONUNBUFFERED": "1",
    "no_grpc_proxy": LOOPBACK,  # whatever proxy the machine sends its own calls through
}
MAX_MEGAPIXELS = 50
"""As the processor's own default; OpenCV reads its limit when it is loaded."""

SPARE_SECONDS = 5.0
"""What a part gets to end by itself beyond the time that its calls or tasks get."""

WORKER = {
    # An idle worker must not wait while a busy one holds tasks that it has only prefetched.
    "dramatiq_queue_prefetch": "1",
    # How often an idle worker looks unasked, in milliseconds: a new task rings for it. It is also
    # what ending one takes.
    "dramatiq_worker_timeout": "250",
}


def addresses(settings: Settings, database_url: str, redis_url: str) -> dict[str, str]:
    """Return the variables that lead a program to every part."""
    ports = settings.ports
    return {
        **ports.environment(),
        "CACHE_ADDRESS": f"{LOOPBACK}:{ports.cache_port}",
        "PROCESSOR_ADDRESS": f"{LOOPBACK}:{ports.processor_port}",
        "GATEWAY_ADDRESS": f"{LOOPBACK}:{ports.gateway_port}",
        "WORKER_METRICS_URL": f"http://{LOOPBACK}:{ports.worker_metrics_port}/metrics",
        "DATABASE_URL": database_url,
        "REDIS_URL": redis_url,
    }


def environment(settings: Settings) -> dict[str, str]:
    """Return what every part is told beside the addresses: the settings as they were given."""
    given = settings.environment
    pixels = int(float(given.get("MAX_IMAGE_MEGAPIXELS") or MAX_MEGAPIXELS) * 1e6)
    return {**PROCESS, "OPENCV_IO_MAX_IMAGE_PIXELS": str(pixels), **given}


def plan(settings: Settings, redis_url: str) -> list[Part]:
    """Return the four parts."""
    ports, shown = settings.ports, settings.certificates
    parts = [
        server("cache", ports.cache_port, ports.cache_metrics_port, shown, needs=("postgres",)),
        server(
            *("processor", ports.processor_port, ports.processor_metrics_port, shown),
            needs=("redis",),
        ),
        worker(settings, redis_url),
        server("gateway", ports.gateway_port, ports.gateway_metrics_port, shown),
    ]
    patience = settings.shutdown_grace + SPARE_SECONDS
    return [replace(part, grace=patience) for part in parts]


def server(
    name: str,
    port: int,
    metrics_port: int,
    certificates: Certificates | None,
    *,
    needs: tuple[str, ...] = (),
) -> Part:
    """Return the part that serves gRPC under `name`."""
    address = f"{LOOPBACK}:{port}"
    variable = name.upper()
    return Part(
        name=name,
        command=(sys.executable, "-m", f"services.{name}"),
        answers=lambda _: probes.grpc_health(address, certificates),
        address=address,
        ports={f"{variable}_PORT": port, f"{variable}_METRICS_PORT": metrics_port},
        needs=needs,
    )


def worker(settings: Settings, redis_url: str) -> Part:
    """Return the part that draws."""
    processes = settings.worker_processes
    return Part(
        name="worker",
        command=worker_command(processes, settings.shutdown_grace),
        answers=lambda since: probes.workers(redis_url, since) >= processes,
        address=f"{processes} processes",
        ports={"WORKER_METRICS_PORT": settings.ports.worker_metrics_port},
        needs=("redis",),
        environment=WORKER,
    )


def worker_command(processes: int, grace: float) -> tuple[str, ...]:
    """Return how to run so many processes that draw.

    A task under way is given back when they are told to end; what cannot be interrupted gets
    `grace` seconds. Dramatiq's own lines would come in a form of their own.
    """
    return (
        *(sys.executable, "-m", "dramatiq", "services.processor.actors", "--use-spawn"),
        "--skip-logging",
        *("--processes", str(processes), "--threads", "1"),
        *("--worker-shutdown-timeout", str(round(grace * 1000))),
    )
