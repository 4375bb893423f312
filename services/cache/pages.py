"""Page tokens: where in a list of tasks to go on, opaque to clients."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.cache.errors import InvalidArgument

DEFAULT_SIZE = 50
MAX_SIZE = 1000


@dataclass(frozen=True)
class Place:
    """The last task of a page; the list is sorted by these two, descending."""

    submitted_at: datetime
    task_id: UUID

    def token(self) -> str:
        """Return the place as a token."""
        text = f"{self.submitted_at.isoformat()} {self.task_id}"
        return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def place(token: str) -> Place | None:
    """Return the place that a token means, None for the empty one."""
    if not token:
        return None
    try:
        text = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
        when, _, task_id = text.decode().partition(" ")
        found = Place(datetime.fromisoformat(when), UUID(task_id))
    except (binascii.Error, ValueError):
        found = None
    if found is None or found.submitted_at.tzinfo is None:
        raise InvalidArgument("page_token", token, "the next_page_token of the page before")
    return found


def size(asked: int) -> int:
    """Return how many tasks a page has: 0 means the default, too many the most.

    >>> [size(0), size(7), size(5000)]
    [50, 7, 1000]
    """
    if asked < 0:
        raise InvalidArgument("page_size", asked, f"0 to {MAX_SIZE}")
    return min(asked or DEFAULT_SIZE, MAX_SIZE)
