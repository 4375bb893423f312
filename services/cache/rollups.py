"""Keeps figures ready: the history by hours and days, and the tallies of tasks and bytes.

`schema/0005_rollups.sql` says what they are. Any number of processes may do this at once: what one
does the others pass over, and doing it again changes nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from services.cache.postgres import Database

ROLL_EVERY = 120.0
"""Seconds; what came since is read row by row for statistics."""

FOLD_EVERY = 10.0
"""Seconds between foldings: four small rows a task come in between."""

# A minute is left to transactions under way. Later rows are found within their hour, once an hour
# for a day back, and for the last time when their day is dropped.
DUE = """
UPDATE metrics_rolled SET until = due.ended FROM (
    SELECT ended, CASE
        WHEN date_trunc('hour', until, 'UTC') = date_trunc('hour', ended, 'UTC')
            THEN until - interval '5 minutes'
        ELSE until - interval '1 day'
    END AS since
    FROM metrics_rolled,
        LATERAL (SELECT date_trunc('minute', now() - interval '1 minute') AS ended) AS clock
    WHERE until < ended FOR UPDATE OF metrics_rolled SKIP LOCKED
) AS due RETURNING due.since::text
"""

ROLL = "SELECT roll_up_metrics(%s::timestamptz, now())"

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
    """Roll up what came since the last time; return whether it was this process's turn."""
    async with database.transaction() as view:
        due = await (await view.raw.execute(DUE)).fetchone()
        if due is None:
            return False
        await view.raw.execute(ROLL, due)
        return True


async def fold(database: Database) -> None:
    """Fold the changes of the tallies into them."""
    async with database.transaction() as view:
        if await (await view.raw.execute(FOLD_LOCK)).fetchone() == (True,):
            await view.raw.execute(FOLD)
            await view.raw.execute(FORGET)
