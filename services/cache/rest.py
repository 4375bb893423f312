"""Asks connections whether they are still there, but only those that rested for a while.

SQLAlchemy's `pool_pre_ping` asks at every checkout, which took longer than a lookup itself. One
that was used a moment ago is nearly always there; where it is not, its first statement says so.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from sqlalchemy import event, exc

if TYPE_CHECKING:
    from sqlalchemy import Engine

REST_SECONDS = 1.0
"""After a restart of Postgres, a pool gives out a dead connection only so long."""

SINCE = "rests_since"


class Doubt:
    """Whether connections that were used a moment ago are to be asked too: one was lost."""

    def __init__(self) -> None:
        self._since = 0.0

    def rise(self) -> None:
        """Have all asked that are in the pool by now."""
        self._since = time.monotonic()

    def is_about(self, since: float) -> bool:
        """Return whether to ask a connection that has been in the pool since then."""
        return since <= self._since or time.monotonic() - since >= REST_SECONDS


def ask_the_rested(engine: Engine) -> Doubt:
    """Have a connection that rested asked when it is taken from the pool.

    Whoever loses one says so to what is returned.
    """
    doubt = Doubt()

    def note(_: Any, record: Any) -> None:
        record.info[SINCE] = time.monotonic()

    def ask(connection: Any, record: Any, _: Any) -> None:
        since = record.info.get(SINCE)
        if since is None or not doubt.is_about(since):
            return
        try:
            engine.dialect.do_ping(connection)
        except Exception as error:
            # The pool takes another one, or makes it.
            raise exc.DisconnectionError from error

    event.listen(engine, "checkin", note)
    event.listen(engine, "checkout", ask)
    return doubt
