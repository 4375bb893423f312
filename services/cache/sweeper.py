"""What the cache does unasked: writes hits, cleans up, looks for lost workers."""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from typing import TYPE_CHECKING

from services.cache import metrics, partitions, rollups, statistics
from services.cache.errors import PostgresAway
from services.runtime.metrics import is_on

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from datetime import timedelta

    from services.cache.erasing import Eraser
    from services.cache.hits import HitCounter
    from services.cache.leases import Leases
    from services.cache.postgres import Database

logger = logging.getLogger(__name__)

FLUSH_EVERY = 2.0
"""Seconds between writes of hits; a process that is killed loses those of at most as many."""

LAPSED_EVERY = 3.0
"""Seconds between looks for leases that ran out."""


class Sweeper:
    """Runs beside the service. Any number of processes may have one."""

    def __init__(
        self,
        database: Database,
        hits: HitCounter,
        leases: Leases,
        eraser: Eraser,
        history: timedelta,
    ) -> None:
        self._database = database
        self._hits = hits
        self._leases = leases
        self._eraser = eraser
        self._history = history
        self._ending = asyncio.Event()

    async def run(self, every: timedelta) -> None:
        """Clean up at every interval, the rest all the time, until told to end."""
        work = {
            self._hits.flush: FLUSH_EVERY,
            self._leases.put_back_lapsed: LAPSED_EVERY,
            self.fold: rollups.FOLD_EVERY,
            self.roll_up: rollups.ROLL_EVERY,
            self.clean_up: every.total_seconds(),
        }
        if is_on():
            work[self.look] = metrics.LOOK_EVERY
        async with asyncio.TaskGroup() as group:
            for piece, seconds in work.items():
                group.create_task(repeat(piece, seconds, self._ending))

    def end(self) -> None:
        """Let what is under way be the last: a connection is given back, not torn off."""
        self._ending.set()

    async def fold(self) -> None:
        """Keep the tallies short."""
        await rollups.fold(self._database)

    async def roll_up(self) -> None:
        """Keep the history quick to read."""
        await rollups.roll(self._database)

    async def look(self) -> None:
        """Keep the figures of the tasks that there are."""
        metrics.show(
            await statistics.read(self._database, days=1), await metrics.leased(self._database)
        )

    async def clean_up(self) -> None:
        """Do once what is done at every interval."""
        await partitions.maintain(self._database, self._history)
        swept = await self._eraser.sweep()
        if is_on():
            metrics.note(swept)
        facts = {
            "expired": swept.expired,
            "evicted": swept.evicted,
            "freed_bytes": swept.freed_bytes,
        }
        logger.info("cleaned up", extra={"facts": facts})


async def repeat(
    work: Callable[[], Awaitable[object]], seconds: float, ending: asyncio.Event
) -> None:
    """Do the work now and again after so many seconds, whatever befalls it, until the end."""
    while not ending.is_set():
        try:
            await work()
        except PostgresAway:
            logger.info("upkeep waits for postgres")
        except Exception:
            logger.exception("upkeep failed")
        with suppress(TimeoutError):
            await asyncio.wait_for(ending.wait(), seconds)
