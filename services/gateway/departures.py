"""A renderer that leaves lets go of its task: what nobody waits for is not drawn."""

from __future__ import annotations

import asyncio
import logging
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from services.runtime import deadlines, draining

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from services.gateway.submissions import Ticket

logger = logging.getLogger(__name__)


class Tasks(Protocol):
    """Where tasks are let go of."""

    async def leave(self, task_id: str) -> None:
        """Let go of a task that a submission was told of; raises `ConnectionError`."""


@dataclass(frozen=True)
class Departures:
    """Notices callers that leave while they wait."""

    tasks: Tasks
    _under_way: set[asyncio.Task[None]] = field(default_factory=set)

    @asynccontextmanager
    async def noticed(self, ticket: Ticket) -> AsyncIterator[None]:
        """Let go of a task if its caller leaves within the block.

        A call that this service ends, since it stops, lets go of nothing: its caller comes again.
        """
        try:
            yield
        except asyncio.CancelledError:
            if not (draining.is_ending() or ticket.is_final):
                leaving = asyncio.create_task(self._leave(ticket.task_id))
                self._under_way.add(leaving)  # the loop itself does not keep it
                leaving.add_done_callback(self._under_way.discard)
            raise

    async def _leave(self, task_id: str) -> None:
        deadlines.forget()
        facts = {"task_id": task_id}
        try:
            await self.tasks.leave(task_id)
        except ConnectionError:
            logger.warning("task that was left goes on", extra={"facts": facts})
        else:
            logger.info("task left", extra={"facts": facts})
