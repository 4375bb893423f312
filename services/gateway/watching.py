"""Watching that outlives the connection it goes over."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator, Callable
    from datetime import timedelta

logger = logging.getLogger(__name__)

Record = TypeVar("Record")

FIRST_PAUSE = 0.05
LONGEST_PAUSE = 2.0
"""Seconds between attempts, doubled from the first to the longest."""

BEGINNING = 2.5
"""Seconds until a stream that never brought a record is given up: a cache that is restarted is back
in one or two."""


class Interrupted(ConnectionError):
    """A stream of records ended before a final one."""

    def __init__(self) -> None:
        super().__init__("the task's records ended before a final one; ask for it again")
        self.facts = {"dependency": "cache"}


async def lasting(
    open_stream: Callable[[], AsyncIterator[Record]],
    is_final: Callable[[Record], bool],
    patience: timedelta,
) -> AsyncGenerator[Record, None]:
    """Yield records until a final one, opening the stream again when it ends before that.

    `open_stream` raises `ConnectionError` when the other side is away; whatever else it raises ends
    the watch, and so do `patience` without another record, and `BEGINNING` without any.
    """
    loop = asyncio.get_running_loop()
    heard, patience_seconds = loop.time(), BEGINNING
    pause = FIRST_PAUSE
    while True:
        try:
            async for record in open_stream():
                heard, patience_seconds = loop.time(), patience.total_seconds()
                pause = FIRST_PAUSE
                yield record
                if is_final(record):
                    return
            raise Interrupted
        except ConnectionError:
            if loop.time() - heard > patience_seconds:
                raise
        logger.info("watch opened again")
        await asyncio.sleep(pause)
        pause = min(pause * 2, LONGEST_PAUSE)
