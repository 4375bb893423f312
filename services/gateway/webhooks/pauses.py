"""How long until a message is sent again: longer each time, and never to the second."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from random import uniform
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

GROWTH = 4
LONGEST = timedelta(hours=4)
SPREAD = 0.2
"""Of a pause, up or down: receivers that were away together are not called together."""


@dataclass(frozen=True)
class Pauses:
    """With the defaults eight attempts in about eight hours: 10 s, 40 s, 160 s, ... 4 h apart."""

    first: timedelta = timedelta(seconds=10)
    max_attempts: int = 8
    spread: Callable[[float, float], float] = field(default=uniform)

    def after(self, attempt: int, asked: timedelta = timedelta(0)) -> timedelta | None:
        """Return the pause after an attempt, from 1; None after the last.

        `asked` is what the receiver asks for.
        """
        if attempt >= self.max_attempts:
            return None
        grown: int = GROWTH ** min(attempt - 1, 20)
        pause = min(self.first * grown, LONGEST) * self.spread(1 - SPREAD, 1 + SPREAD)
        return max(pause, min(asked, LONGEST))
