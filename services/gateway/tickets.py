"""Answers of the cache that are kept for minutes, since one question vouches for all of them.

The cache tells which of its answers were erased since it was last asked (`ListErasures`). Answers
that were kept when that question was sent, and are not among the erased, may be repeated for as
long as one that was just given; whoever erases a task is answered later than that. So nothing has
to arrive here in time, and however many photos are known, it is one question in a moment.
"""

from __future__ import annotations

import asyncio
import time
from contextvars import Context
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from asyncio import Task
    from collections.abc import Callable, Hashable, Sequence

    from services.gateway.submissions import Ticket

TICKET_BYTES = 2048
"""What a ticket takes with its keys, at most."""

PAUSE = 1.0
"""Seconds without the question after one that was not answered; each hit asks for itself then."""


@dataclass(frozen=True)
class Erasures:
    """Tasks that are answers no more. `cursor` stands for this question, in the next one."""

    cursor: str
    task_ids: Sequence[str]
    are_all: bool
    good_for: float
    """Seconds, from before the question, that everything else may be repeated."""


class Log(Protocol):
    """Who knows what was erased."""

    async def erasures(self, cursor: str) -> Erasures:
        """Return what was erased since an earlier question, everything where there is none."""


@dataclass(frozen=True)
class Asked:
    """When a question was asked, and what stood then for the last one about erasures."""

    at: float
    cursor: str


@dataclass(frozen=True)
class Kept:
    """A ticket, until when it is good by itself, and until when if it is vouched for."""

    ticket: Ticket
    good_until: float
    kept_until: float


class Tickets:
    """Keeps so many tickets, those last asked for."""

    def __init__(self, log: Log, size: int, now: Callable[[], float] = time.monotonic) -> None:
        self._log = log
        self._size = size
        self._now = now
        self._kept: dict[Hashable, Kept] = {}
        self._keys: dict[str, set[Hashable]] = {}
        self._cursor = ""
        self._vouched_until = 0.0
        self._paused_until = 0.0
        self._asking: Task[None] | None = None

    async def find(self, key: Hashable) -> Ticket | None:
        """Return what is kept and may be repeated now."""
        kept = self._kept.get(key)
        if kept is None:
            return None
        if self._now() >= kept.good_until and not self._is_vouched(kept):
            if self._now() >= kept.kept_until:
                self._drop(key)
                return None
            await self._vouch()
            kept = self._kept.get(key)
            if kept is None or not self._is_vouched(kept):
                return None
        self._kept[key] = self._kept.pop(key)
        return kept.ticket

    def asked(self) -> Asked:
        """Return what `keep` wants to know of a question that is about to be asked."""
        if not self._cursor:
            self._begin()  # for the next one: this one need not wait
        return Asked(self._now(), self._cursor)

    def keep(self, key: Hashable, ticket: Ticket, asked: Asked) -> None:
        """Keep what a question was answered."""
        good_until = kept_until = asked.at + ticket.good_for
        # An answer about erasures that came meanwhile could not drop what was not here yet.
        if asked.cursor and asked.cursor == self._cursor:
            kept_until = asked.at + ticket.kept_for
        self._drop(key)
        if max(good_until, kept_until) <= self._now() or not self._size:
            return
        if len(self._kept) >= self._size:
            self._drop(next(iter(self._kept)))
        self._kept[key] = Kept(ticket, good_until, kept_until)
        self._keys.setdefault(ticket.task_id, set()).add(key)

    def _is_vouched(self, kept: Kept) -> bool:
        return self._now() < min(self._vouched_until, kept.kept_until)

    async def _vouch(self) -> None:
        """Ask what was erased, with all who want to know now."""
        self._begin()
        if self._asking is not None:
            # Shared: one who goes must not end the question of another.
            await asyncio.shield(self._asking)

    def _begin(self) -> None:
        is_asking = self._asking is not None and not self._asking.done()
        if self._size and not is_asking and self._now() >= self._paused_until:
            # Of all who ask, not of the call that happened to begin it.
            self._asking = asyncio.create_task(self._ask(), context=Context())

    async def _ask(self) -> None:
        began = self._now()
        try:
            erased = await self._log.erasures(self._cursor)
        except Exception:  # noqa: BLE001 - whatever it is, questions of their own will meet it
            self._paused_until = self._now() + PAUSE
            return
        for key in list(self._kept) if erased.are_all else self._of(erased.task_ids):
            self._drop(key)
        self._cursor = erased.cursor
        self._vouched_until = began + erased.good_for

    def _of(self, task_ids: Sequence[str]) -> list[Hashable]:
        return [key for task_id in task_ids for key in self._keys.get(task_id, ())]

    def _drop(self, key: Hashable) -> None:
        kept = self._kept.pop(key, None)
        if kept is None:
            return
        keys = self._keys[kept.ticket.task_id]
        keys.remove(key)
        if not keys:
            del self._keys[kept.ticket.task_id]
