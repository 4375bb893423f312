"""How long whoever waits for a call will wait: no call made on their behalf lasts longer.

gRPC's own deadline ends a call without a reason, so the door keeps the client's to itself, gives
its reason when it is over, and tells the gateway by a header of its own.
"""

from __future__ import annotations

import re
import time
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

from services.runtime.around import Before
from services.runtime.headers import headers

if TYPE_CHECKING:
    import grpc

DEADLINE_KEY = "x-deadline"
"""Metadata key of the time that a client gave the door, written as in `grpc-timeout`."""

LEAST_SECONDS = 0.001
"""A call without time left still goes out, and comes back as DEADLINE_EXCEEDED."""

_TIMEOUT = re.compile(r"(\d{1,8})([HMSmun])")
_SECONDS = {"H": 3600.0, "M": 60.0, "S": 1.0, "m": 1e-3, "u": 1e-6, "n": 1e-9}

_ends_at: ContextVar[float | None] = ContextVar("ends_at", default=None)


class Deadlines(Before):
    """Notes when the caller of a call stops waiting."""

    def before(self, method: str, context: grpc.aio.ServicerContext[Any, Any]) -> None:
        """Bind the time for whatever the call does."""
        del method
        told = headers(context).get(DEADLINE_KEY)
        known = (context.time_remaining(), seconds(told) if told else None)
        left = min((limit for limit in known if limit is not None), default=None)
        _ends_at.set(None if left is None else time.monotonic() + left)


def seconds(timeout: str) -> float | None:
    """Return a time as `grpc-timeout` writes it; None for anything else.

    >>> seconds("250m"), seconds("2S"), seconds("soon")
    (0.25, 2.0, None)
    """
    found = _TIMEOUT.fullmatch(timeout)
    return int(found[1]) * _SECONDS[found[2]] if found else None


def remaining() -> float | None:
    """Return the seconds left to the call under way; None when nobody limits it."""
    ends_at = _ends_at.get()
    return None if ends_at is None else max(ends_at - time.monotonic(), LEAST_SECONDS)


def forget() -> None:
    """Let what this task of the loop does go on when the caller of its call waits no longer."""
    _ends_at.set(None)


def bounded(wanted: float | None) -> float | None:
    """Return a deadline in seconds that is not beyond what is left; None is none."""
    return min((limit for limit in (wanted, remaining()) if limit is not None), default=None)
