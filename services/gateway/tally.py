"""Hits that the cache did not see, told to it in batches."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from contextvars import Context
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping

logger = logging.getLogger(__name__)

TELL_AFTER = 1.0
"""Seconds: what is not told when the process is killed is at most as old."""


class Cache(Protocol):
    """Whom they are told."""

    async def count_hits(self, hits: Mapping[str, int]) -> None:
        """Tell how often tasks were answers; raises `ConnectionError`."""


class Tally:
    """Counts hits by task, and tells the cache soon after the first."""

    def __init__(self, cache: Cache, after: float = TELL_AFTER) -> None:
        self._cache = cache
        self._after = after
        self._counts: Counter[str] = Counter()
        self._telling: asyncio.Task[None] | None = None

    def count(self, task_id: str) -> None:
        """Count one."""
        self._counts[task_id] += 1
        if self._telling is None or self._telling.done():
            # Nobody's call: neither its request id nor its deadline is that of the first.
            self._telling = asyncio.create_task(self._tell_soon(), context=Context())

    async def end(self) -> None:
        """Tell what is left."""
        if self._telling is not None:
            self._telling.cancel()
            await asyncio.gather(self._telling, return_exceptions=True)
        await self._tell()

    async def _tell_soon(self) -> None:
        while self._counts:
            await asyncio.sleep(self._after)
            await self._tell()

    async def _tell(self) -> None:
        counts, self._counts = self._counts, Counter()
        if not counts:
            return
        try:
            await self._cache.count_hits(counts)
        except ConnectionError:
            self._counts.update(counts)
            logger.info("hits are not told yet", extra={"facts": {"tasks": len(counts)}})
