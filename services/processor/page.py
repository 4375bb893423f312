"""The page of a worker's metrics: one for all of its processes, served by one more."""

from __future__ import annotations

import os
import signal
import threading
from typing import TYPE_CHECKING

import dramatiq
from prometheus_client import CollectorRegistry, multiprocess, start_http_server

from services.processor import _multiprocess, metrics  # noqa: F401 - tells the folder
from services.runtime.metrics import Usage, note
from services.runtime.settings import Env, PageSettings

if TYPE_CHECKING:
    from collections.abc import Callable

    from dramatiq import Broker, Worker
    from dramatiq.broker import MessageProxy


def serve() -> int:
    """Serve the page until told to stop; Dramatiq runs this in a process of its own."""
    settings = PageSettings.from_env(Env(os.environ), "worker", 9104)
    registry = CollectorRegistry()
    multiprocess.MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    try:
        start_http_server(settings.port, settings.host, registry)
    except OSError:
        raise SystemExit(
            f"worker: metrics port {settings.port} on {settings.host} is taken; "
            "set WORKER_METRICS_PORT to a free one"
        ) from None
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    stop.wait()
    return 0


class Page(dramatiq.Middleware):
    """Has the page served, and keeps what it says of each process."""

    def __init__(self) -> None:
        self._usage = Usage()

    @property
    def forks(self) -> list[Callable[[], int]]:
        """Return what Dramatiq runs beside the workers."""
        return [serve]

    def after_process_boot(self, broker: Broker) -> None:
        """Note what the process takes before it does anything."""
        del broker
        metrics.busy.set(0)
        note(self._usage)

    def after_worker_boot(self, broker: Broker, worker: Worker) -> None:
        """Note how many it draws with."""
        del broker
        metrics.threads.set(worker.worker_threads)

    def after_process_message(self, broker: Broker, message: MessageProxy, **more: object) -> None:
        """Note what it takes after each task."""
        del broker, message, more
        note(self._usage)

    def after_worker_shutdown(self, broker: Broker, worker: Worker) -> None:
        """Take what holds for living processes off the page."""
        del broker, worker
        multiprocess.mark_process_dead(os.getpid())  # type: ignore[no-untyped-call]
