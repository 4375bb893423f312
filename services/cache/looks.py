"""Looking at many tasks: whoever asks while a query runs shares the next one.

Watchers come by the thousand and look all at once, when a connection is back or their time is over.
One query at a time on one connection answers them all; the pool is left to those who do work.
"""

from __future__ import annotations

import asyncio
from contextvars import Context
from itertools import islice
from typing import TYPE_CHECKING

from services.cache.results import known

if TYPE_CHECKING:
    from asyncio import Future
    from asyncio import Task as Running
    from uuid import UUID

    from services.cache.ports import Store
    from services.cache.records import Task

AT_ONCE = 100
"""Tasks read in one query: a few milliseconds, and 25 MB where each has the largest drawing."""


class Looks:
    """Reads tasks for watchers."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._asked: dict[UUID, Future[Task | None]] = {}
        self._reader: Running[None] | None = None

    async def get(self, task_id: UUID, tenant: str) -> Task:
        """Return a tenant's task as it is now or later; raise `TaskNotFound`."""
        future = self._asked.get(task_id)
        if future is None:
            future = self._asked[task_id] = asyncio.get_running_loop().create_future()
        if self._reader is None or self._reader.done():
            # Of all who watch, not of the call that happened to begin it.
            self._reader = asyncio.create_task(self._read(), context=Context())
        # Shared: one watcher that goes must not end the look of another.
        return known(await asyncio.shield(future), task_id, tenant)

    async def _read(self) -> None:
        while self._asked:
            asked = dict(islice(self._asked.items(), AT_ONCE))
            for task_id in asked:
                del self._asked[task_id]
            try:
                async with self._store.reading() as view:
                    found = await view.tasks.read_all(list(asked))
            except Exception as error:  # noqa: BLE001 - it is raised to whoever asked
                for future in asked.values():
                    future.set_exception(error)
                    future.exception()  # seen, also where the watcher has gone
                continue
            for task_id, future in asked.items():
                future.set_result(found.get(task_id))
