"""Erases what expired, and the least recently used beyond the size limit.

In batches, each a transaction of its own: locks are short, and rows that another process has locked
are passed over, so that two of them share the work instead of doing it twice.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import text

from services.cache import freshness, statistics
from services.cache.records import Swept

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import TextClause

    from services.cache.erasures import Cursor
    from services.cache.policy import Policy
    from services.cache.postgres import Database, View

BATCH = 500
"""Tasks or blobs in one transaction."""

EXPIRED = text("""
SELECT task_id FROM task_results WHERE ttl_expires_at <= now()
ORDER BY ttl_expires_at LIMIT :batch FOR UPDATE SKIP LOCKED
""")

OUTLIVED_INPUTS = text("""
SELECT task_id FROM task_results
WHERE completed_at <= now() - :retention AND (
    input_parts IS NOT NULL
    OR EXISTS (SELECT FROM task_inputs WHERE task_inputs.task_id = task_results.task_id)
)
LIMIT :batch FOR UPDATE SKIP LOCKED
""")

# One process evicts at a time: two would each evict for the same excess. "evict" in ASCII.
EVICT_LOCK = text("SELECT pg_advisory_xact_lock(x'6576696374'::bigint)")

# The least recently used final tasks that together hold the excess, or a batch of them. Tasks under
# way are never among them, and bytes that any task left refers to stay.
LEAST_USED = text("""
WITH oldest AS MATERIALIZED (
    SELECT task_id, last_used_at, input_size, drawing_size, svg_size FROM task_results
    WHERE completed_at IS NOT NULL AND (
        drawing_size > 0 OR svg_size > 0 OR input_size > 0
        OR EXISTS (SELECT FROM task_inputs WHERE task_inputs.task_id = task_results.task_id)
    )
    ORDER BY last_used_at, task_id LIMIT :batch
), holding AS (
    SELECT task_id, last_used_at, input_size + drawing_size + coalesce(svg_size, 0) + coalesce((
        SELECT sum(size) FROM task_inputs JOIN blobs USING (digest)
        WHERE task_inputs.task_id = oldest.task_id
    ), 0) AS bytes
    FROM oldest
), ranked AS (
    SELECT task_id, sum(bytes) OVER (ORDER BY last_used_at, task_id) - bytes AS before
    FROM holding
), chosen AS MATERIALIZED (
    SELECT task_id FROM ranked WHERE before < :excess
)
SELECT task_id FROM task_results WHERE task_id IN (SELECT task_id FROM chosen)
FOR UPDATE SKIP LOCKED
""")


class Eraser:
    """Keeps the cache within its time and its size."""

    def __init__(self, database: Database, policy: Policy) -> None:
        self._database = database
        self._policy = policy
        self._reached: Cursor | None = None

    async def sweep(self) -> Swept:
        """Erase what is expired or too much, and return how much that was."""
        held = await self._held()
        expired = 0
        while count := await self._erase(EXPIRED, {}):
            expired += count
        while await self._erase_inputs():
            pass
        while await self._erase_unwanted():
            pass
        while await self._erase_outlived():
            pass
        left = await self._held()
        evicted = 0
        if left > self._policy.high_water:
            while count := await self._evict():
                evicted += count
            await freshness.forgotten()
            left = await self._held()
        async with self._database.reading() as view:
            self._reached = await view.erasures.erase_outlived(self._reached)
        return Swept(expired, evicted, max(held - left, 0))

    async def _held(self) -> int:
        async with self._database.reading() as view:
            return await statistics.held_bytes(view)

    async def _erase(self, which: TextClause, params: Mapping[str, object]) -> int:
        """Erase one batch of tasks; return how many."""
        async with self._database.transaction() as view:
            return await erased(view, which, {"batch": BATCH, **params})

    async def _evict(self) -> int:
        """Erase one batch of the least recently used; return how many, 0 when it is enough."""
        async with self._database.transaction() as view:
            await view.connection.execute(EVICT_LOCK)
            excess = await statistics.held_bytes(view) - self._policy.low_water
            if excess <= 0:
                return 0
            return await erased(view, LEAST_USED, {"batch": BATCH, "excess": excess})

    async def _erase_inputs(self) -> int:
        """Erase inputs of one batch of tasks that ended longer ago than inputs are kept."""
        params = {"batch": BATCH, "retention": self._policy.input_retention}
        async with self._database.transaction() as view:
            task_ids = list(await view.connection.scalars(OUTLIVED_INPUTS, params))
            await view.blobs.erase_inputs(task_ids)
            return len(task_ids)

    async def _erase_outlived(self) -> int:
        """Erase one batch of what clients wanted of their submissions long ago."""
        async with self._database.transaction() as view:
            keys = await view.repeats.erase_outlived(BATCH)
            return keys + await view.deliveries.erase_outlived(BATCH)

    async def _erase_unwanted(self) -> int:
        """Erase one batch of bytes that nothing refers to."""
        async with self._database.transaction() as view:
            return await view.blobs.erase_unwanted(await view.blobs.unwanted(BATCH))


async def erased(view: View, which: TextClause, params: Mapping[str, object]) -> int:
    """Erase the tasks that a query chooses and locks; return how many."""
    task_ids = list(await view.connection.scalars(which, params))
    if task_ids:
        await view.tasks.erase(task_ids)
    return len(task_ids)
