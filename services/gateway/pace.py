"""How fast photos are drawn, judged by those that were."""

from __future__ import annotations

from datetime import timedelta

FIRST_GUESS = timedelta(milliseconds=100)
WEIGHT = 0.1
"""Of the newest drawing: a dozen of another kind turn the mean."""


class Pace:
    """A moving mean of the time one drawing takes."""

    def __init__(self) -> None:
        self._mean = FIRST_GUESS

    def note(self, milliseconds: int) -> None:
        """Take one drawing's time into account; 0 is none."""
        if milliseconds:
            self._mean += (timedelta(milliseconds=milliseconds) - self._mean) * WEIGHT

    def until_drawn(self, waiting: int) -> timedelta:
        """Return when a photo is drawn that has `waiting` before it, one after the other."""
        return self._mean * (waiting + 1)
