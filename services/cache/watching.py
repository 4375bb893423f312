"""Watching a task: its record now, on every change, and every 15 seconds, until it is final."""

from __future__ import annotations

import asyncio
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from contextlib import AbstractContextManager
    from uuid import UUID

    from services.cache.records import Task

LOOK_EVERY = 5.0
"""Seconds between looks when nothing is heard. Notifications are lost only with a connection that
nobody knows to be lost; a thousand watchers that look every second take a third of a core."""

REPEAT_EVERY = 15.0
"""Seconds between records without change: an idle stream would be cut off."""


class Looks(Protocol):
    """Reads tasks."""

    async def get(self, task_id: UUID, tenant: str) -> Task:
        """Return a tenant's task as it is now; raise `TaskNotFound`."""


class Changes(Protocol):
    """Tells of tasks that changed."""

    def of(self, task_id: UUID) -> AbstractContextManager[asyncio.Event]:
        """Yield an event that is set whenever the task may have changed; the watcher clears it."""

    def tell(self, task_id: UUID) -> None:
        """Set the events of a task."""


class Watches:
    """Follows tasks to their end."""

    def __init__(self, looks: Looks, changes: Changes) -> None:
        self._looks = looks
        self._changes = changes

    def tell(self, task_id: UUID) -> None:
        """Have a task looked at now: this process has changed it."""
        self._changes.tell(task_id)

    async def follow(self, task_id: UUID, tenant: str) -> AsyncIterator[Task]:
        """Yield a tenant's task now and on every change, its final record last.

        Raises `TaskNotFound`, also when the task is erased meanwhile.
        """
        shown, shown_at = None, 0.0
        with self._changes.of(task_id) as changed:
            while True:
                changed.clear()
                task = await self._looks.get(task_id, tenant)
                if look(task) != shown or time.monotonic() - shown_at >= REPEAT_EVERY:
                    yield task
                    shown, shown_at = look(task), time.monotonic()
                if task.status.is_final:
                    return
                with suppress(TimeoutError):
                    await asyncio.wait_for(changed.wait(), LOOK_EVERY)


def look(task: Task) -> tuple[object, ...]:
    """Return what of a task a watcher sees change."""
    return (task.status, task.progress, task.step, task.attempt)
