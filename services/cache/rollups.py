"""Keeps figures ready: the history by hours and days, and the tallies of tasks and bytes.

`schema/0005_rollups.sql` says what they are. Any number of processes may do this at once: what one
does the others pass over, and doing it again changes nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from services.cache.postgres import Database

ROLL_EVERY = 300.0
"""Seconds between looks whether an hour is over: rolled up, it is no longer read row by row."""

FOLD_EVERY = 10.0
"""Seconds between foldings: four small rows a task come in between."""

# An hour ends five minutes late, for transactions under way. Later rows are found for a day, and
# those later still when their day is dropped.
DUE = """
SELECT until - interval '1 day' AS since, ended FROM metrics_rolled,
    LATERAL (SELECT date_trunc('hour', now() - interval '5 minutes', 'UTC') AS ended) AS clock
WHERE until < ended FOR UPDATE OF metrics_rolled SKIP LOCKED
"""

ROLL = f"""
WITH due AS MATERIALIZED ({DUE}), rolled AS MATERIALIZED (
    SELECT ended, roll_up_metrics(since, ended) FROM due
)
UPDATE metrics_rolled SET until = rolled.ended FROM rolled
"""  # noqa: S608 - of constants

# One folds at a time; "tally" in ASCII.
FOLD_LOCK = "SELECT pg_try_advisory_xact_lock(x'74616C6C79'::bigint)"

FOLD = """
WITH taken AS (DELETE FROM tally_changes RETURNING kind, hour, items, bytes)
INSERT INTO tallies AS known (kind, hour, items, bytes)
SELECT kind, hour, sum(items), sum(bytes) FROM taken GROUP BY kind, hour
ON CONFLICT (kind, hour) DO UPDATE SET
    items = known.items + excluded.items, bytes = known.bytes + excluded.bytes
"""

FORGET = "DELETE FROM tallies WHERE items = 0 AND bytes = 0"


async def roll(database: Database) -> bool:
    """Roll up the hours that are over; return whether there were any."""
    async with database.transaction() as view:
        return (await view.raw.execute(ROLL)).rowcount > 0


async def fold(database: Database) -> None:
    """Fold the changes of the tallies into them."""
    async with database.transaction() as view:
        if await (await view.raw.execute(FOLD_LOCK)).fetchone() == (True,):
            await view.raw.execute(FOLD)
            await view.raw.execute(FORGET)
