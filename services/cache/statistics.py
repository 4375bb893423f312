"""What the cache did and holds, read from its tables."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import text

from services.cache.errors import InvalidArgument
from services.cache.records import Statistics

if TYPE_CHECKING:
    from services.cache.postgres import Database, View

DEFAULT_DAYS = 7
MAX_DAYS = 365

HISTORY = text("""
SELECT
    coalesce(sum(metric_value) FILTER (WHERE metric_name = 'cache_hit'), 0)::bigint AS hits,
    coalesce(sum(metric_value) FILTER (WHERE metric_name = 'cache_miss'), 0)::bigint AS misses,
    coalesce(avg(metric_value) FILTER (WHERE metric_name = 'processing_time'), 0) AS average_ms,
    coalesce(max(metric_value) FILTER (WHERE metric_name = 'processing_time'), 0) AS max_ms,
    min(recorded_at) FILTER (WHERE metric_name = 'cache_miss') AS since
FROM processing_metrics WHERE recorded_at >= now() - make_interval(days => :days)
""")

BY_STATUS = text("""
SELECT status, count(*) FROM task_results
WHERE submitted_at >= now() - make_interval(days => :days) GROUP BY status
""")

HELD_NOW = text("""
SELECT
    count(*) FILTER (WHERE status = 'SUCCESS' AND ttl_expires_at > now()) AS entries,
    count(*) FILTER (WHERE status = 'PENDING') AS pending,
    coalesce(extract(epoch FROM now() - min(submitted_at) FILTER (WHERE status = 'PENDING')), 0)
        AS oldest_seconds
FROM task_results
""")

HELD_BYTES = text("""
SELECT (SELECT coalesce(sum(size), 0) FROM blobs) + (
    SELECT coalesce(sum(drawing_size + CASE WHEN svg_blob IS NULL THEN svg_size ELSE 0 END), 0)
    FROM task_results WHERE status = 'SUCCESS'
)
""")


async def read(database: Database, days: int) -> Statistics:
    """Return the statistics of the last days; 0 means seven."""
    if not 0 <= days <= MAX_DAYS:
        raise InvalidArgument("days", days, f"1 to {MAX_DAYS}")
    span = {"days": days or DEFAULT_DAYS}
    async with database.reading() as view:
        history = (await view.connection.execute(HISTORY, span)).one()
        by_status = (await view.connection.execute(BY_STATUS, span)).all()
        held = (await view.connection.execute(HELD_NOW)).one()
        size = await held_bytes(view)
    return Statistics(
        days=span["days"],
        hits=history.hits,
        misses=history.misses,
        tasks_by_status={status: count for status, count in by_status},  # noqa: C416 - rows
        average_processing_ms=history.average_ms,
        max_processing_ms=history.max_ms,
        cached_entries=held.entries,
        held_bytes=size,
        pending=held.pending,
        oldest_pending_seconds=float(held.oldest_seconds),
        since=history.since,
    )


async def held_bytes(view: View) -> int:
    """Return the bytes of all inputs and drawings held now."""
    return int(await view.connection.scalar(HELD_BYTES) or 0)
