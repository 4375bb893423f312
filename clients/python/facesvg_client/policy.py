"""When a call is made again, and how long all of them may take."""

from __future__ import annotations

import random
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from facesvg_client.errors import Busy, DeadlineExceeded, FacesvgError, ServiceError, Unavailable

if TYPE_CHECKING:
    from collections.abc import Callable

LEEWAY = 0.1
"""Seconds by which a deadline may be kept early on the way."""


@dataclass(frozen=True)
class Retry:
    """Makes a call again that may be: the same bytes again give the same task.

    Up to `attempts` times where nobody answers, with pauses (seconds) that double from
    `first_pause` to `longest_pause` and are spread by chance. Where the service is busy it is asked
    again when it says, as long as the deadline allows.
    """

    attempts: int = 5
    first_pause: float = 0.1
    longest_pause: float = 5.0
    chance: Callable[[], float] = field(default=random.random, repr=False)

    def pause(self, attempt: int, error: FacesvgError) -> float | None:
        """Return the seconds to wait after a failed attempt (from 1); None when it was the last."""
        asked = error.retry_after
        if isinstance(error, Busy):
            return max(asked or 0.0, self._backoff(min(attempt, 4)))
        if attempt >= self.attempts or not is_transient(error):
            return None
        return max(asked or 0.0, self._backoff(attempt))

    def _backoff(self, attempt: int) -> float:
        longest: float = min(self.first_pause * 2 ** (attempt - 1), self.longest_pause)
        return longest * (0.5 + self.chance() / 2)


def is_transient(error: FacesvgError) -> bool:
    """Return whether the same call may succeed: nobody has answered it, or a part was away.

    A mistake of the service comes with its reason; one without is a connection that broke.
    """
    if isinstance(error, ServiceError):
        return not error.reason
    return isinstance(error, Unavailable | DeadlineExceeded)


@dataclass(frozen=True)
class Deadline:
    """A moment after which nothing is tried any more; None is never."""

    at: float | None
    clock: Callable[[], float] = field(default=time.monotonic, repr=False)

    @classmethod
    def after(cls, seconds: float | None, clock: Callable[[], float] = time.monotonic) -> Deadline:
        """Return the moment in so many seconds."""
        return cls(None if seconds is None else clock() + seconds, clock)

    def allows(self, seconds: float) -> bool:
        """Return whether there is more time than so many seconds."""
        return self.at is None or self.clock() + seconds < self.at

    def left(self, most: float | None) -> float | None:
        """Return the seconds that one attempt may take; raises `DeadlineExceeded` without any."""
        if self.at is None:
            return most
        left = self.at - self.clock()
        if left <= 0:
            raise self.passed()
        return left if most is None else min(left, most)

    def meaning(self, error: FacesvgError) -> FacesvgError:
        """Return what an error means: a stream that is cut off when the time is up says no reason.

        Envoy keeps the deadline too, and may be a moment before the caller's own clock.
        """
        return error if error.reason or self.allows(LEEWAY) else self.passed()

    @staticmethod
    def passed() -> DeadlineExceeded:
        """Return what to raise once there is no time left."""
        return DeadlineExceeded(
            "there was no answer in the time allowed; a task that was submitted goes on",
            code="DEADLINE_EXCEEDED",
        )
