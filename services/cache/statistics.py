"""What the cache did and holds, read from its tables."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import text

from services.cache.errors import InvalidArgument
from services.cache.records import Statistics, Status

if TYPE_CHECKING:
    from services.cache.postgres import Database, View

DEFAULT_DAYS = 7
MAX_DAYS = 365

# Whole hours: one that has begun before the days asked for counts in full.
HISTORY = text("""
SELECT
    coalesce(sum(total) FILTER (WHERE metric_name = 'cache_hit'), 0)::bigint AS hits,
    coalesce(sum(total) FILTER (WHERE metric_name = 'cache_miss'), 0)::bigint AS misses,
    coalesce(
        sum(total) FILTER (WHERE metric_name = 'processing_time')
        / sum(samples) FILTER (WHERE metric_name = 'processing_time'), 0
    ) AS average_ms,
    coalesce(max(maximum) FILTER (WHERE metric_name = 'processing_time'), 0) AS max_ms,
    min(first_at) FILTER (WHERE metric_name = 'cache_miss') AS since
FROM metrics_by_hour
WHERE hour >= date_trunc('hour', now() - make_interval(days => :days), 'UTC')
""")

TALLIES = text("""
SELECT
    kind,
    coalesce(sum(items) FILTER (
        WHERE hour >= date_trunc('hour', now() - make_interval(days => :days), 'UTC')
    ), 0)::bigint AS recent,
    sum(items)::bigint AS items
FROM (SELECT * FROM tallies UNION ALL SELECT * FROM tally_changes) AS changed
GROUP BY kind HAVING sum(items) > 0
""")

# What indexes tell: tasks that wait, and those that expired since they were last swept.
NOW = text("""
SELECT
    (SELECT count(*) FROM task_results WHERE status = 'PENDING') AS pending,
    (
        SELECT extract(epoch FROM now() - min(submitted_at))::float FROM task_results
        WHERE status = 'PENDING'
    ) AS oldest_seconds,
    (
        SELECT count(*) FROM task_results WHERE ttl_expires_at <= now() AND status = 'SUCCESS'
    ) AS expired
""")

HELD_BYTES = text("""
SELECT coalesce(sum(bytes), 0)
FROM (SELECT bytes FROM tallies UNION ALL SELECT bytes FROM tally_changes) AS changed
""")


async def read(database: Database, days: int) -> Statistics:
    """Return the statistics of the last days; 0 means seven."""
    if not 0 <= days <= MAX_DAYS:
        raise InvalidArgument("days", days, f"1 to {MAX_DAYS}")
    span = {"days": days or DEFAULT_DAYS}
    async with database.reading() as view:
        history = (await view.connection.execute(HISTORY, span)).one()
        rows = (await view.connection.execute(TALLIES, span)).all()
        current = (await view.connection.execute(NOW)).one()
        held = await held_bytes(view)
    tasks = {row.kind: row for row in rows if row.kind in set(Status)}
    drawn = tasks.get(Status.SUCCESS)
    return Statistics(
        days=span["days"],
        hits=history.hits,
        misses=history.misses,
        tasks_by_status={status: row.recent for status, row in tasks.items() if row.recent},
        average_processing_ms=history.average_ms,
        max_processing_ms=history.max_ms,
        cached_entries=max(drawn.items - current.expired, 0) if drawn else 0,
        held_bytes=held,
        pending=current.pending,
        oldest_pending_seconds=current.oldest_seconds or 0,
        since=history.since,
    )


async def held_bytes(view: View) -> int:
    """Return the bytes of all inputs and drawings held now."""
    return int(await view.connection.scalar(HELD_BYTES) or 0)
