"""The moves of a task, and the one table of those that are allowed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, TypeAlias

from services.cache.records import Drawing, Failure, Status, Task

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import timedelta
    from uuid import UUID

ALLOWED: Mapping[Status, frozenset[Status]] = {
    Status.PENDING: frozenset({Status.PROGRESS, Status.FAILURE, Status.CANCELLED}),
    Status.PROGRESS: frozenset(Status),
    Status.SUCCESS: frozenset(),
    Status.FAILURE: frozenset(),
    Status.CANCELLED: frozenset(),
}


class ForbiddenMove(Exception):
    """A move that the table does not have: a mistake of the service itself."""


@dataclass(frozen=True)
class Leased:
    """A worker takes the task; counts an attempt."""

    to: ClassVar = Status.PROGRESS
    token: UUID
    worker: str
    lease: timedelta


@dataclass(frozen=True)
class Advanced:
    """The worker has begun another step; renews its lease."""

    to: ClassVar = Status.PROGRESS
    step: str
    progress: int


@dataclass(frozen=True)
class Released:
    """The worker gives the task back undone; takes the attempt back."""

    to: ClassVar = Status.PENDING


@dataclass(frozen=True)
class Lapsed:
    """The worker was not heard of for the length of its lease; the attempt stays counted."""

    to: ClassVar = Status.PENDING


@dataclass(frozen=True)
class Succeeded:
    """The drawing is there, and kept for `ttl`; its inputs go, unless they are kept too."""

    to: ClassVar = Status.SUCCESS
    drawing: Drawing
    ttl: timedelta
    keeps_inputs: bool = False


@dataclass(frozen=True)
class Failed:
    """There will be no drawing; the record is kept for `ttl`."""

    to: ClassVar = Status.FAILURE
    failure: Failure
    ttl: timedelta


@dataclass(frozen=True)
class Cancelled:
    """Nobody wants the drawing any more; the record is kept for `ttl`."""

    to: ClassVar = Status.CANCELLED
    ttl: timedelta


Move: TypeAlias = "Leased | Advanced | Released | Lapsed | Succeeded | Failed | Cancelled"


def check(task: Task, move: Move) -> None:
    """Raise `ForbiddenMove` unless the table has the move."""
    if move.to not in ALLOWED[task.status]:
        raise ForbiddenMove(f"task {task.task_id} cannot go from {task.status} to {move.to}")
