"""The cache, not asked twice: what was answered is kept, with what one question vouches for it.

The cache tells with an answer how long it may be repeated, and whoever erases a task is answered
later than that: see `services/cache/freshness.py`. The time counts from before the question, so it
does not matter how long the way there and back was. Tickets are kept for longer, as `tickets` says;
drawings, which are faces, are not.
"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, Protocol

from services.gateway import metrics
from services.gateway.access.caller import tenant
from services.gateway.drawings import Svg, opened
from services.runtime.metrics import is_on

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Hashable

    from services.gateway.memory import Memory
    from services.gateway.submissions import Submission, Ticket
    from services.gateway.tickets import Tickets

MAX_SVG_BYTES = 1024 * 1024
"""Larger ones are rare, and would drive out many small ones."""


class Cache(Protocol):
    """Where tasks and drawings are found."""

    async def find(self, submission: Submission) -> Ticket | None:
        """Return the final task that answers a submission, if there is one."""

    async def find_hash(self, input_hash: str) -> Ticket | None:
        """Return the final task with this key, if there is one."""

    async def final(self, task_id: str) -> Ticket:
        """Return a task once it is final, with its drawing where that can come along."""

    async def svg(self, task_id: str) -> Svg:
        """Return a finished task's drawing."""


class Hits(Protocol):
    """Where hits are counted that the cache does not see."""

    def count(self, task_id: str) -> None:
        """Count one."""


@dataclass(frozen=True)
class Drawn:
    """A drawing as it is kept."""

    sha256: bytes
    data: bytes


@dataclass(frozen=True)
class Hot:
    """Finds tasks and drawings as the cache does, and repeats what it may."""

    cache: Cache
    hits: Hits
    memory: Memory
    tickets: Tickets

    async def find(self, submission: Submission) -> Ticket | None:
        """Return the final task that answers a submission, if there is one."""
        if submission.is_noted:
            return await self.cache.find(submission)
        return await self._found(inputs(submission), lambda: self.cache.find(submission))

    async def find_hash(self, input_hash: str) -> Ticket | None:
        """Return the final task with this key, if there is one."""
        key = (tenant(), input_hash)
        return await self._found(key, lambda: self.cache.find_hash(input_hash))

    async def final(self, task_id: str) -> Ticket:
        """Return a task once it is final, with its drawing where that can come along."""
        return await self.cache.final(task_id)

    async def svg(self, task_id: str) -> Svg:
        """Return a finished task's drawing."""
        key = ("svg", tenant(), task_id)
        drawn: Drawn | None = self.memory.find(key)
        if drawn is not None:
            return opened(drawn.data, drawn.sha256)
        asked = self.memory.now()
        svg = await self.cache.svg(task_id)
        if not 0 < svg.size_bytes <= MAX_SVG_BYTES or not svg.good_for:
            return svg
        return Svg(svg.size_bytes, svg.sha256, self._kept(key, svg, asked + svg.good_for))

    async def _found(
        self, key: Hashable, ask: Callable[[], Awaitable[Ticket | None]]
    ) -> Ticket | None:
        known = await self.tickets.find(key)
        if known is not None:
            self.hits.count(known.task_id)
            if is_on():
                metrics.hot_hits.inc()
            return known
        asked = self.tickets.asked()
        ticket = await ask()
        if ticket is not None:
            self.tickets.keep(key, ticket, asked)
        return ticket

    async def _kept(self, key: Hashable, svg: Svg, until: float) -> AsyncIterator[bytes]:
        """Yield a drawing, and keep it once it is whole."""
        found = []
        async for piece in svg.pieces:
            found.append(piece)
            yield piece
        data = b"".join(found)
        self.memory.keep(key, Drawn(svg.sha256, data), until=until, size=len(data))


def inputs(submission: Submission) -> Hashable:
    """Return what tells submissions apart, and callers; small, since it is kept for many."""
    segmentation_map = submission.segmentation_map
    options = repr(sorted(submission.options.items()))
    return (
        tenant(),
        submission.image.digest,
        submission.landmarks.digest,
        segmentation_map.digest if segmentation_map else b"",
        sha256(options.encode()).digest(),
    )
