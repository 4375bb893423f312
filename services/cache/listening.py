"""Wakes those who watch tasks: one LISTEN connection for the whole process."""

from __future__ import annotations

import asyncio
import logging
from collections import defaultdict
from contextlib import contextmanager
from typing import TYPE_CHECKING

import psycopg

if TYPE_CHECKING:
    from collections.abc import Iterator
    from uuid import UUID

logger = logging.getLogger(__name__)

CHANNEL = "task_changed"
RECONNECT_AFTER = 0.5
"""Seconds; meanwhile watchers look for themselves."""


class Changes:
    """Tells of tasks that changed.

    A notification is a hint to look, no more: none is repeated, and those of a lost connection are
    gone. So whoever subscribes looks first, and all are woken when the connection is back.
    """

    def __init__(self, dsn: str) -> None:
        self._dsn = dsn
        self._watchers: defaultdict[str, set[asyncio.Event]] = defaultdict(set)

    @contextmanager
    def of(self, task_id: UUID) -> Iterator[asyncio.Event]:
        """Yield an event that is set whenever the task may have changed; the watcher clears it."""
        event = asyncio.Event()
        name = str(task_id)
        self._watchers[name].add(event)
        try:
            yield event
        finally:
            self._watchers[name].discard(event)
            if not self._watchers[name]:
                del self._watchers[name]

    async def run(self) -> None:
        """Listen, connecting again whenever the connection is lost, until cancelled."""
        while True:
            try:
                await self._listen()
            except psycopg.Error as error:
                facts = {"error": str(error).strip()}
                logger.info("listening connection lost", extra={"facts": facts})
            await asyncio.sleep(RECONNECT_AFTER)

    async def _listen(self) -> None:
        connection = await psycopg.AsyncConnection.connect(
            self._dsn, autocommit=True, application_name="facesvg-cache-listen"
        )
        async with connection:
            await connection.execute(f"LISTEN {CHANNEL}")
            for name in self._watchers:
                self._wake(name)
            async for notification in connection.notifies():
                self._wake(notification.payload)

    def tell(self, task_id: UUID) -> None:
        """Wake those who watch a task here, before Postgres has told everywhere that it changed."""
        self._wake(str(task_id))

    def _wake(self, name: str) -> None:
        for event in self._watchers.get(name, ()):
            event.set()
