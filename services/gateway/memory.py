"""What may be repeated for a moment, within so many bytes; the oldest goes first."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

ENTRY_BYTES = 1024
"""What an entry takes beside its bytes: its key, its record, its place."""


@dataclass(frozen=True)
class Kept:
    """A value, until when it may be repeated, and what it takes."""

    value: Any
    until: float
    size: int


class Memory:
    """Keeps values for as long as each may be repeated.

    What may be repeated no more is not only not found: it goes by itself, since it may be a face.
    """

    def __init__(self, max_bytes: int, now: Callable[[], float] = time.monotonic) -> None:
        self._max_bytes = max_bytes
        self._now = now
        self._kept: dict[Hashable, Kept] = {}
        self._held = 0
        self._sweep: asyncio.TimerHandle | None = None

    @property
    def held_bytes(self) -> int:
        """What is kept takes."""
        return self._held

    def now(self) -> float:
        """Return the time that `keep` counts from."""
        return self._now()

    def find(self, key: Hashable) -> Any:
        """Return what is kept under a key and may be repeated, else None."""
        kept = self._kept.get(key)
        return kept.value if kept is not None and self._now() < kept.until else None

    def keep(self, key: Hashable, value: Any, *, until: float, size: int = 0) -> None:
        """Keep a value until a time; `size` is what it takes beside its record."""
        kept = Kept(value, until, size + ENTRY_BYTES)
        self._drop(key)
        self._drop_lapsed()
        if kept.size > self._max_bytes or until <= self._now():
            return
        while self._held + kept.size > self._max_bytes:
            self._drop(next(iter(self._kept)))
        self._kept[key] = kept
        self._held += kept.size
        self._watch()

    def _drop(self, key: Hashable) -> None:
        kept = self._kept.pop(key, None)
        if kept is not None:
            self._held -= kept.size

    def _drop_lapsed(self) -> None:
        now = self._now()
        while self._kept:
            key, kept = next(iter(self._kept.items()))
            if now < kept.until:
                return
            self._drop(key)

    def _watch(self) -> None:
        """Look again when the oldest may be repeated no more."""
        if self._sweep is None:
            oldest = next(iter(self._kept.values()))
            delay = max(oldest.until - self._now(), 0)
            self._sweep = asyncio.get_running_loop().call_later(delay, self._swept)

    def _swept(self) -> None:
        self._sweep = None
        self._drop_lapsed()
        if self._kept:
            self._watch()
