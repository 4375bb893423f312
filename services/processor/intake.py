"""Accepting a submission: checked completely, stored, and only then queued."""

from __future__ import annotations

import asyncio
import logging
import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from services.processor import masks

if TYPE_CHECKING:
    from collections.abc import Sequence

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Submission:
    """A photo to be drawn; `upload` is what the store needs of it, opaque here."""

    inputs: masks.Inputs
    options: masks.Options
    upload: Any


@dataclass(frozen=True)
class Begun:
    """What a submission turned out to be; `task` is the store's record of it, opaque here."""

    is_hit: bool
    is_owner: bool
    task: Any
    queue_depth: int


class Store(Protocol):
    """Where tasks are kept."""

    async def begin(self, task_id: str, submission: Submission, facts: masks.Facts) -> Begun:
        """Commit the task and its inputs, unless the same is done or under way."""

    async def take_stranded(self) -> Sequence[str]:
        """Return tasks that wait without a message in the queue."""


class Queue(Protocol):
    """Where workers find what to do."""

    async def put(self, task_id: str) -> None:
        """Queue a task; a task may be queued twice."""


class Intake:
    """Accepts submissions."""

    def __init__(self, store: Store, queue: Queue, limits: masks.Limits) -> None:
        self._store = store
        self._queue = queue
        self._limits = limits

    async def accept(self, submission: Submission) -> Begun:
        """Return what the submission turned out to be; raises `MaskError` for one that is wrong.

        Once this has returned the task is durable. A queue that does not answer does not change
        that: `requeue_stranded` finds the task later.
        """
        facts = await asyncio.to_thread(
            masks.check, submission.inputs, submission.options, self._limits
        )
        task_id = str(uuid.uuid4())
        begun = await self._store.begin(task_id, submission, facts)
        if begun.is_owner:
            await self._enqueue(task_id)
        return begun

    async def requeue_stranded(self) -> int:
        """Queue again what waits without a message, and return how many tasks that were."""
        stranded = await self._store.take_stranded()
        for task_id in stranded:
            await self._enqueue(task_id)
        return len(stranded)

    async def _enqueue(self, task_id: str) -> None:
        try:
            await self._queue.put(task_id)
        except ConnectionError:
            logger.warning("queue does not answer", extra={"facts": {"task": task_id}})
