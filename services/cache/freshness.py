"""How long an answer about a task may be repeated unasked, and how erasing waits for that.

Whoever got an answer may give it again for `GOOD_FOR`, counted from before it asked. What was read
before a task was erased is then repeated for no longer than that after the erasure, whoever repeats
it and however many they are; and whoever erased the task is answered later still. So nobody who
knows that a task is erased is told of it again, without anybody having been notified. Who asks what
was erased meanwhile may give all other answers again, for as long from there on.
"""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING

from services.cache.erasures import REACH

if TYPE_CHECKING:
    from services.cache.records import Task

GOOD_FOR = timedelta(milliseconds=200)
"""No setting: caches of different minds would break each other's promise."""

MARGIN = timedelta(milliseconds=10)
"""What two clocks may differ by meanwhile, and a timer come too early."""


def good_for(task: Task) -> timedelta:
    """Return how long it may be repeated that a task is the answer: never beyond its end."""
    return min(GOOD_FOR, kept_for(task))


def kept_for(task: Task) -> timedelta:
    """Return how long it may be, by whoever asks meanwhile what was erased."""
    if not task.is_answer or task.expires_at is None:
        return timedelta(0)
    return min(REACH, task.expires_at - task.read_at)


async def forgotten() -> None:
    """Return when nobody repeats any more what was read before now."""
    await asyncio.sleep((GOOD_FOR + MARGIN).total_seconds())
