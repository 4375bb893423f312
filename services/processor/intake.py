"""Accepting a submission: checked completely, stored, and only then queued."""

from __future__ import annotations

import asyncio
import logging
import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from services.processor import masks
from services.processor.masks import likeness
from services.runtime import tracing

if TYPE_CHECKING:
    from collections.abc import Mapping

    from services.processor.masks.likeness import Likeness
    from services.runtime.context import Origin

logger = logging.getLogger(__name__)

DECODED_AT_ONCE = 2
"""Photos: the largest PNG takes 200 MB until it is reduced."""


@dataclass(frozen=True)
class Submission:
    """A photo to be drawn; `upload` is what the store needs of it, opaque here.

    `wants_similar` says that the drawing of a photo that looks the same will do.
    """

    inputs: masks.Inputs
    options: masks.Options
    upload: Any
    wants_similar: bool = False


@dataclass(frozen=True)
class Begun:
    """What a submission turned out to be; `task` is the store's record of it, opaque here.

    `distance` is how many bits of the photos' hashes differ where the task is another photo's.
    """

    is_hit: bool
    is_owner: bool
    task: Any
    queue_depth: int
    distance: int | None = None


class Store(Protocol):
    """Where tasks are kept, with `keeps_all` the photos of all of them."""

    keeps_all: bool

    async def begin(
        self,
        task_id: str,
        submission: Submission,
        facts: masks.Facts,
        looks: Likeness | None,
    ) -> Begun:
        """Commit the task and its inputs, unless the same is done or under way.

        `looks` is what the photo is found by, and finds others by; None for neither.
        """

    async def take_stranded(self) -> Mapping[str, Origin]:
        """Return tasks that wait without a message in the queue, and what brought them."""


class Queue(Protocol):
    """Where workers find what to do."""

    async def put(self, task_id: str, origin: Origin | None = None) -> None:
        """Queue a task that a call brought, the one under way or an earlier one.

        A task may be queued twice.
        """


class Intake:
    """Accepts submissions.

    With `knows_all`, every photo can be found by its looks, else those that want a similar one.
    """

    def __init__(
        self, store: Store, queue: Queue, limits: masks.Limits, *, knows_all: bool = False
    ) -> None:
        self._store = store
        self._queue = queue
        self._limits = limits
        self._knows_all = knows_all
        self._decoding = asyncio.Semaphore(DECODED_AT_ONCE)

    def lacks_image(self, submission: Submission) -> bool:
        """Return whether a submission has only its photo's header, and that is not enough."""
        return submission.inputs.photo is not None and (
            submission.options.needs_pixels
            or submission.wants_similar
            or self._knows_all
            or self._store.keeps_all
        )

    async def accept(self, submission: Submission) -> Begun:
        """Return what the submission turned out to be; raises `MaskError` for one that is wrong.

        Once this has returned the task is durable. A queue that does not answer does not change
        that: `requeue_stranded` finds the task later.
        """
        with tracing.span("check"):
            facts = await asyncio.to_thread(
                masks.check, submission.inputs, submission.options, self._limits
            )
        looks = await self._looks(submission)
        task_id = str(uuid.uuid4())
        begun = await self._store.begin(task_id, submission, facts, looks)
        if begun.is_owner:
            await self._enqueue(task_id)
        return begun

    async def requeue_stranded(self) -> int:
        """Queue again what waits without a message, and return how many tasks that were."""
        stranded = await self._store.take_stranded()
        for task_id, origin in stranded.items():
            await self._enqueue(task_id, origin)
        return len(stranded)

    async def _looks(self, submission: Submission) -> Likeness | None:
        if not (submission.wants_similar or self._knows_all):
            return None
        async with self._decoding:
            return await asyncio.to_thread(
                likeness.of, submission.inputs, submission.options, self._limits
            )

    async def _enqueue(self, task_id: str, origin: Origin | None = None) -> None:
        try:
            await self._queue.put(task_id, origin)
        except ConnectionError:
            logger.warning("queue does not answer", extra={"facts": {"task": task_id}})
