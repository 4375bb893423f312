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

WRAP = 1 << 32
"""No transaction has a multiple of it for its number."""

CURSOR = re.compile(
    r"(?P<snapshot>\d{1,18}:\d{1,18}:(?:\d{1,18}(?:,\d{1,18})*)?)"
    r"@(?P<server>\d{1,18}(?:\.\d{1,18}){2})@(?P<taken_at>\d{1,11})@(?P<version>\d{1,9})",
    re.ASCII,
)

# A standby that is promoted may lack commits, and so may a server whose process crashed; both use
# their transactions' numbers again. One has another start, the other's statistics begin anew. And
# what is restored has another table.
SINCE = """
SELECT
    pg_current_snapshot()::text,
    concat_ws(
        '.',
        (extract(epoch FROM pg_postmaster_start_time()) * 1000000)::bigint,
        (SELECT coalesce((extract(epoch FROM stats_reset) * 1000000)::bigint, 0) FROM pg_stat_wal),
        'erasures'::regclass::oid
    ),
    extract(epoch FROM now())::bigint,
    ARRAY(
        SELECT task_id FROM erasures
        WHERE xid >= pg_snapshot_xmin(%(snapshot)s::pg_snapshot)
            AND NOT pg_visible_in_snapshot(xid, %(snapshot)s::pg_snapshot)
            AND xid < pg_snapshot_xmax(pg_current_snapshot())  -- else another server's
        LIMIT %(limit)s
    )
"""

OUTLIVED = "DELETE FROM erasures WHERE xid < pg_snapshot_xmin(%s::pg_snapshot)"


@dataclass(frozen=True)
class Cursor:
    """A moment in the life of a server, as keys of a version saw it.

    `server` tells servers apart that may give one number to two transactions; `taken_at` is in
    seconds, by Postgres's own clock.
    """

    snapshot: str
    server: str
    taken_at: int
    version: int

    def __str__(self) -> str:
        """Return its text, which `parse` takes."""
        return f"{self.snapshot}@{self.server}@{self.taken_at}@{self.version}"

    @classmethod
    def parse(cls, text: str) -> Cursor | None:
        """Return the cursor of a text; None where it is none.

        >>> Cursor.parse("5:9:5,7@1.2.3@4@5")
        Cursor(snapshot='5:9:5,7', server='1.2.3', taken_at=4, version=5)
        >>> Cursor.parse("9:5:@1.2.3@4@5"), Cursor.parse("5:9:7,6@1.2.3@4@5"), Cursor.parse("")
        (None, None, None)
        """
        found = CURSOR.fullmatch(text)
        if found is None or not is_snapshot(found["snapshot"]):
            return None
        taken_at, version = map(int, found.group("taken_at", "version"))
        return cls(found["snapshot"], found["server"], taken_at, version)

    def reaches(self, earlier: Cursor) -> bool:
        """Return whether what was erased since an earlier moment can be told."""
        is_alike = (self.server, self.version) == (earlier.server, earlier.version)
        return is_alike and self.after(earlier) < REACH

    def after(self, earlier: Cursor) -> timedelta:
        """Return how much later it is than an earlier moment."""
        return timedelta(seconds=self.taken_at - earlier.taken_at)


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
        cursor, task_ids = await self._since(earlier, version)
        are_all = (
            earlier is None
            or not cursor.reaches(earlier)
            or len(task_ids) > MOST
            or None in task_ids
        )
        told = () if are_all else [task_id for task_id in task_ids if task_id is not None]
        return Erased(str(cursor), told, are_all)

    async def erase_outlived(self, earlier: Cursor | None) -> Cursor:
        """Erase what was committed before a moment that no cursor reaches; return the next moment.

        The lines themselves do not know when they were committed.
        """
        now, _ = await self._since(None, 0)
        if earlier is None or earlier.server != now.server:
            return now
        if now.after(earlier) < 2 * REACH:
            return earlier
        await self._raw.execute(OUTLIVED, (earlier.snapshot,))
        return now

    async def _since(
        self, earlier: Cursor | None, version: int
    ) -> tuple[Cursor, Sequence[UUID | None]]:
        params = {"snapshot": earlier.snapshot if earlier else None, "limit": MOST + 1}
        row = await (await self._raw.execute(SINCE, params)).fetchone()
        assert row is not None
        snapshot, server, taken_at, task_ids = row
        return Cursor(snapshot, server, taken_at, version), task_ids


def is_snapshot(text: str) -> bool:
    """Return whether Postgres takes numbers for a snapshot: the first, the next, those between."""
    first, following, running = text.split(":")
    low, high = int(first), int(following)
    between = [int(number) for number in running.split(",")] if running else []
    in_order = all(a < b for a, b in itertools.pairwise(between))
    in_range = low <= high and all(low <= number < high for number in between)
    return in_order and in_range and low % WRAP > 0 and high % WRAP > 0
