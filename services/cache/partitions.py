"""The partitions of the history: one for each day (UTC), made ahead and dropped when old.

Functions of the schema make and drop them, for a role that owns no table.
"""

from __future__ import annotations

import re
from datetime import UTC, date, timedelta
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from services.cache.postgres import Database

DAYS_AHEAD = 7
"""So many days the sweeper may fail before the history has nowhere to go."""

# "history" in ASCII: one process at a time makes and drops partitions.
LOCK = 0x686973746F7279

NAMES = """
SELECT relid::regclass::text FROM pg_partition_tree('processing_metrics') WHERE isleaf
"""


async def maintain(database: Database, retention: timedelta) -> None:
    """Make the partitions of the days to come, drop those whose days are long gone."""
    async with database.transaction() as view:
        await view.raw.execute("SELECT pg_advisory_xact_lock(%s)", (LOCK,))
        row = await (await view.raw.execute("SELECT now()")).fetchone()
        today = cast("datetime", (row or ())[0]).astimezone(UTC).date()
        rows = await (await view.raw.execute(NAMES)).fetchall()
        present = set(days(name for (name,) in rows))
        wanted = {today + timedelta(days=ahead) for ahead in range(DAYS_AHEAD + 1)}
        for day in sorted(wanted - present):
            await view.raw.execute("SELECT make_history_day(%s)", (day,))
        for day in sorted(day for day in present if day < today - retention):
            await view.raw.execute("SELECT drop_history_day(%s)", (day,))


def name(day: date) -> str:
    """Return the name of a day's partition.

    >>> name(date(2026, 11, 3))
    'processing_metrics_20261103'
    """
    return f"processing_metrics_{day:%Y%m%d}"


def days(names: Iterable[str]) -> Iterable[date]:
    """Yield the days of those names that are a day's partition."""
    for found in names:
        match = re.fullmatch(r"processing_metrics_(\d{4})(\d\d)(\d\d)", found)
        if match:
            yield date(*map(int, match.groups()))
