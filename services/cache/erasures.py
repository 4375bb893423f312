"""Which answers were erased since somebody last asked.

A trigger writes a line for each. The cursor of a question is the snapshot of its statement: the
next one returns the lines that it sees and that snapshot did not, so no order of commits hides one.
"""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    import psycopg

REACH = timedelta(minutes=10)
"""How far back a cursor may lie; as long are answers kept."""

MOST = 1000
"""Erasures that are told one by one: beyond, everything is taken for erased."""

CURSOR = re.compile(
    r"(?P<snapshot>\d{1,18}:\d{1,18}:(?:\d{1,18}(?:,\d{1,18})*)?)"
    r"@(?P<server>\d{1,18})@(?P<taken_at>\d{1,18})@(?P<version>\d{1,9})",
    re.ASCII,
)

SINCE = """
SELECT
    pg_current_snapshot()::text,
    (extract(epoch FROM pg_postmaster_start_time()) * 1000000)::bigint,
    extract(epoch FROM now())::bigint,
    ARRAY(
        SELECT task_id FROM erasures
        WHERE xid >= pg_snapshot_xmin(%(snapshot)s::pg_snapshot)
            AND NOT pg_visible_in_snapshot(xid, %(snapshot)s::pg_snapshot)
        LIMIT %(limit)s
    )
"""

OUTLIVED = "DELETE FROM erasures WHERE erased_at <= now() - %s"


@dataclass(frozen=True)
class Cursor:
    """A moment in the life of a server, as keys of a version saw it.

    `server` is when that started, in microseconds: a standby that was promoted may have lost
    commits, and uses their numbers again. `taken_at` is in seconds. Both are Postgres's own.
    """

    snapshot: str
    server: int
    taken_at: int
    version: int

    def __str__(self) -> str:
        """Return its text, which `parse` takes."""
        return f"{self.snapshot}@{self.server}@{self.taken_at}@{self.version}"

    @classmethod
    def parse(cls, text: str) -> Cursor | None:
        """Return the cursor of a text; None where it is none.

        >>> Cursor.parse("5:9:5,7@1@2@3")
        Cursor(snapshot='5:9:5,7', server=1, taken_at=2, version=3)
        >>> Cursor.parse("9:5:@1@2@3"), Cursor.parse("5:9:7,6@1@2@3"), Cursor.parse("")
        (None, None, None)
        """
        found = CURSOR.fullmatch(text)
        if found is None or not is_snapshot(found["snapshot"]):
            return None
        server, taken_at, version = map(int, found.group("server", "taken_at", "version"))
        return cls(found["snapshot"], server, taken_at, version)

    def reaches(self, earlier: Cursor) -> bool:
        """Return whether what was erased since an earlier moment can be told."""
        is_alike = (self.server, self.version) == (earlier.server, earlier.version)
        return is_alike and self.taken_at - earlier.taken_at < REACH.total_seconds()


@dataclass(frozen=True)
class Erased:
    """Answers that were erased; with `are_all`, everything has to be taken for erased."""

    cursor: str
    task_ids: Sequence[UUID]
    are_all: bool


class ErasureRows:
    """The erasures."""

    def __init__(self, raw: psycopg.AsyncConnection) -> None:
        self._raw = raw

    async def since(self, text: str, version: int) -> Erased:
        """Return what was erased since the moment of a cursor, all where that cannot be told."""
        earlier = Cursor.parse(text)
        params = {"snapshot": earlier.snapshot if earlier else None, "limit": MOST + 1}
        row = await (await self._raw.execute(SINCE, params)).fetchone()
        assert row is not None
        snapshot, server, taken_at, task_ids = row
        cursor = Cursor(snapshot, server, taken_at, version)
        are_all = (
            earlier is None
            or not cursor.reaches(earlier)
            or len(task_ids) > MOST
            or None in task_ids
        )
        return Erased(str(cursor), () if are_all else task_ids, are_all)

    async def erase_outlived(self) -> None:
        """Erase what no cursor reaches."""
        await self._raw.execute(OUTLIVED, (2 * REACH,))


def is_snapshot(text: str) -> bool:
    """Return whether Postgres takes numbers for a snapshot: the first, the next, those between."""
    first, following, running = text.split(":")
    low, high = int(first), int(following)
    between = [int(number) for number in running.split(",")] if running else []
    in_order = all(a < b for a, b in itertools.pairwise(between))
    return 0 < low <= high and in_order and all(low <= number < high for number in between)
