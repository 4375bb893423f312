"""Waiting for a drawing, and handing it over."""

from __future__ import annotations

import asyncio
import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from services.gateway.submissions import CANCELLED, SUCCESS

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from datetime import timedelta

    from services.gateway.submissions import Ticket


@dataclass(frozen=True)
class Svg:
    """A finished drawing: length and digest first, then its bytes in pieces."""

    size_bytes: int
    sha256: bytes
    pieces: AsyncIterator[bytes]
    good_for: float = 0.0
    """Seconds, from before it was asked for, that it may be handed over again."""


class TaskError(Exception):
    """A task ended without a drawing."""

    def __init__(self, message: str, **facts: str) -> None:
        super().__init__(message)
        self.facts = facts


class TaskRefused(TaskError):
    """The drawing failed since the inputs are wrong."""


class TaskFailed(TaskError):
    """The drawing failed, and the inputs are not to blame."""


class TaskCancelled(TaskError):
    """Somebody cancelled the task."""


class RenderTimeout(TaskError):
    """The drawing takes longer than the call may."""


class Tasks(Protocol):
    """Where tasks are watched and drawings read."""

    async def final(self, task_id: str) -> Ticket:
        """Return a task once it is final, with its drawing where that can come along."""

    async def svg(self, task_id: str) -> Svg:
        """Return a finished task's drawing."""


@dataclass(frozen=True)
class Drawings:
    """Hands drawings over; waits at most `patience` for one."""

    tasks: Tasks
    patience: timedelta

    async def open(self, task_id: str) -> Svg:
        """Return the drawing of a finished task."""
        return await self.tasks.svg(task_id)

    async def wait(self, ticket: Ticket) -> Svg:
        """Return the drawing of a task once it is there; raises a `TaskError` when none will be."""
        task_id = ticket.task_id
        if not ticket.is_final:
            seconds = self.patience.total_seconds()
            try:
                ticket = await asyncio.wait_for(self.tasks.final(task_id), seconds)
            except TimeoutError:
                raise RenderTimeout(
                    f"task {task_id} is not drawn after {seconds:g} s; it goes on: ask for its "
                    f"status, or submit again",
                    task_id=task_id,
                    seconds=f"{seconds:g}",
                ) from None
        if ticket.status != SUCCESS:
            raise failure(ticket)
        if ticket.svg is not None:
            return opened(ticket.svg, hashlib.sha256(ticket.svg).digest())
        return await self.tasks.svg(task_id)


def opened(data: bytes, sha256: bytes) -> Svg:
    """Return a drawing that is at hand."""

    async def piece() -> AsyncIterator[bytes]:
        yield data

    return Svg(len(data), sha256, piece())


def failure(ticket: Ticket) -> TaskError:
    """Return what to raise for a task without a drawing."""
    task_id = ticket.task_id
    if ticket.status == CANCELLED:
        return TaskCancelled(f"task {task_id} was cancelled", task_id=task_id)
    if not ticket.trouble:
        return TaskFailed(f"task {task_id} failed", task_id=task_id)
    kind = TaskRefused if ticket.trouble.is_clients else TaskFailed
    return kind(ticket.trouble.message, task_id=task_id, type=ticket.trouble.reason)
