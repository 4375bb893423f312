"""Hits, counted in memory and written in batches: a lookup costs one read and no write."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from uuid import UUID

    from services.cache.postgres import Database

FLUSH = """
WITH counted AS (
    SELECT * FROM unnest(%(ids)s::uuid[], %(counts)s::integer[]) AS counted (task_id, hits)
), touched AS (
    UPDATE task_results SET
        cache_hits = task_results.cache_hits + counted.hits,
        last_used_at = now()
    FROM counted WHERE task_results.task_id = counted.task_id
)
INSERT INTO processing_metrics
    (metric_name, metric_value, metric_unit, component, operation, task_id)
SELECT 'cache_hit', hits, 'count', 'cache', 'find', task_id FROM counted
"""


class HitCounter:
    """Counts hits and writes them to the tasks and to the history."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._counts: Counter[UUID] = Counter()

    def count(self, task_id: UUID, times: int = 1) -> None:
        """Count hits."""
        self._counts[task_id] += times

    async def flush(self) -> None:
        """Write what was counted; what cannot be written stays counted."""
        counts, self._counts = self._counts, Counter()
        if not counts:
            return
        try:
            async with self._database.transaction() as view:
                params = {"ids": list(counts), "counts": list(counts.values())}
                await view.raw.execute(FLUSH, params)
        except BaseException:
            self._counts.update(counts)
            raise
