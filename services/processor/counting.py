"""Counts what becomes of tasks, and times the steps of their drawings."""

from __future__ import annotations

import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

from services.processor import metrics

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from services.processor.jobs import Lease, Tasks
    from services.processor.masks import Drawing, MaskError


class CountedTasks:
    """Tasks as another source has them, counted."""

    def __init__(self, tasks: Tasks, now: Callable[[], float] = time.perf_counter) -> None:
        self._tasks = tasks
        self._now = now

    @contextmanager
    def lease(self, task_id: str) -> Iterator[Lease | None]:
        """Take a task; None when another holds it or it is final."""
        with self._tasks.lease(task_id) as lease, metrics.busy.track_inprogress():
            yield lease and CountedLease(lease, self._now)


class CountedLease:
    """A hold as another has it, counted."""

    def __init__(self, lease: Lease, now: Callable[[], float]) -> None:
        self.job = lease.job
        self._lease = lease
        self._now = now
        self._began = now()
        self._step: tuple[str, float] | None = None

    def progress(self, step: str, fraction: float) -> None:
        """Time the step before, and pass this one on."""
        self._end_step()
        self._step = (step, self._now())
        self._lease.progress(step, fraction)

    def complete(self, drawing: Drawing) -> None:
        """Store, then count."""
        self._end_step()
        self._lease.complete(drawing)
        metrics.landmarks.inc(drawing.landmarks_count)
        metrics.regions.inc(len(drawing.regions))
        self._end("SUCCESS")

    def fail(self, error: MaskError | None) -> None:
        """Store, then count."""
        self._lease.fail(error)
        if error is None:
            metrics.errors.labels("drawing", "worker").inc()
        self._end("FAILURE")

    def release(self) -> None:
        """Give back: nothing has come of it."""
        self._lease.release()

    def _end_step(self) -> None:
        if self._step is not None:
            step, began = self._step
            metrics.step_seconds.labels(step).observe(self._now() - began)
            self._step = None

    def _end(self, status: str) -> None:
        metrics.completions.labels(status).inc()
        metrics.processing_seconds.observe(self._now() - self._began)
