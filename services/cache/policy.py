"""What the cache decides: who may work, what is kept for how long, when it is full.

Pure: time comes with the records, by Postgres's clock.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from services.cache.errors import DrawingTooLarge, LeaseLost, QueueFull, TaskCancelled
from services.cache.moves import Cancelled, Failed, Lapsed, Leased, Succeeded
from services.cache.records import Drawing, Failure, Status, Task

if TYPE_CHECKING:
    from uuid import UUID

MIB = 1024 * 1024

INLINE_BYTES = 2 * MIB
"""The largest SVG that comes along in a record; beyond it clients read the stream."""

SVG_BYTES = 16 * MIB
"""The largest SVG that is stored: a photo of 25 MB embedded as JPEG, and room for outlines."""

RETRY_AFTER = 5.0
"""Seconds a client waits when the queue is full: two workers draw some hundred faces in them."""

HIGH_WATER = 0.9
LOW_WATER = 0.8
"""Fractions of the size limit: above the first, entries are evicted down to the second."""


@dataclass(frozen=True)
class Policy:
    """The numbers of the house."""

    result_ttl: timedelta = timedelta(hours=24)
    error_ttl: timedelta = timedelta(minutes=10)
    input_retention: timedelta = timedelta(0)
    repeat_ttl: timedelta = timedelta(hours=24)
    max_attempts: int = 3
    queue_limit: int = 1000
    stranded_after: timedelta = timedelta(seconds=10)
    max_bytes: int = 1000 * MIB

    @property
    def high_water(self) -> int:
        """The held bytes above which entries are evicted."""
        return int(self.max_bytes * HIGH_WATER)

    @property
    def low_water(self) -> int:
        """The held bytes down to which they are."""
        return int(self.max_bytes * LOW_WATER)

    @property
    def keeps_inputs(self) -> bool:
        """Whether inputs outlive their task's end."""
        return self.input_retention > timedelta(0)

    def admit(self, pending: int) -> None:
        """Raise `QueueFull` when no more tasks may wait."""
        if pending >= self.queue_limit:
            raise QueueFull(self.queue_limit, RETRY_AFTER)

    def exhausted(self, task: Task) -> bool:
        """Whether the task was begun as often as is allowed."""
        return task.attempt >= self.max_attempts

    def opened(self, task: Task, ask: Leased) -> Leased | Failed:
        """Return the move of a task that is neither held nor final and that a worker asks for."""
        return self.given_up(task) if self.exhausted(task) else ask

    def lapsed(self, task: Task) -> Lapsed | Failed:
        """Return the move of a task whose lease ran out."""
        return self.given_up(task) if self.exhausted(task) else Lapsed()

    def given_up(self, task: Task) -> Failed:
        """Return the failure of a task that never ended.

        It counts as deterministic: what brought down every worker that began it will bring down
        the next one, and no resubmission starts that over before the failure expires.
        """
        message = f"the task was begun {task.attempt} times and never ended"
        return self.failed(Failure("TOO_MANY_ATTEMPTS", message, deterministic=True))

    def failed(self, failure: Failure) -> Failed:
        """Return the move to a failure: short-lived when it answers later submissions."""
        return Failed(failure, self.error_ttl if failure.deterministic else self.result_ttl)

    def succeeded(self, drawing: Drawing) -> Succeeded:
        """Return the move to a drawing; raise `DrawingTooLarge` when it is."""
        if drawing.svg.size > SVG_BYTES:
            raise DrawingTooLarge(drawing.svg.size, SVG_BYTES)
        return Succeeded(drawing, self.result_ttl, self.keeps_inputs)

    def cancelled(self) -> Cancelled:
        """Return the move to cancelled."""
        return Cancelled(self.result_ttl)


def check_holder(task: Task, token: UUID) -> None:
    """Raise `LeaseLost` or `TaskCancelled` unless `token` holds the task.

    A lease that ran out still counts while nobody else has taken the task.
    """
    if task.status is Status.CANCELLED:
        raise TaskCancelled(task.task_id)
    if task.status is not Status.PROGRESS or task.lease_token != token:
        raise LeaseLost(task.task_id)
