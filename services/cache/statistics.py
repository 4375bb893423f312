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

HISTORY = text("""
SELECT
    coalesce(sum(metric_value) FILTER (WHERE metric_name = 'cache_hit'), 0)::bigint AS hits,
    coalesce(sum(metric_value) FILTER (WHERE metric_name = 'cache_miss'), 0)::bigint AS misses,
    coalesce(avg(metric_value) FILTER (WHERE metric_name = 'processing_time'), 0) AS average_ms,
    coalesce(max(metric_value) FILTER (WHERE metric_name = 'processing_time'), 0) AS max_ms,
    min(recorded_at) FILTER (WHERE metric_name = 'cache_miss') AS since
FROM processing_metrics WHERE recorded_at >= now() - make_interval(days => :days)
""")

# One scan of the tasks for all that is said of them.
BY_STATUS = text("""
SELECT
    status,
    count(*) FILTER (WHERE submitted_at >= now() - make_interval(days => :days)) AS tasks,
    count(*) FILTER (WHERE ttl_expires_at > now()) AS unexpired,
    count(*) AS all_tasks,
    extract(epoch FROM now() - min(submitted_at))::float AS oldest_seconds,
    sum(drawing_size + CASE WHEN svg_blob IS NULL THEN coalesce(svg_size, 0) ELSE 0 END) AS bytes
FROM task_results GROUP BY status
""")

BLOB_BYTES = text("SELECT coalesce(sum(size), 0) FROM blobs")

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
        rows = (await view.connection.execute(BY_STATUS, span)).all()
        blob_bytes = await view.connection.scalar(BLOB_BYTES) or 0
    by_status = {row.status: row for row in rows}
    drawn, waiting = by_status.get(Status.SUCCESS), by_status.get(Status.PENDING)
    return Statistics(
        days=span["days"],
        hits=history.hits,
        misses=history.misses,
        tasks_by_status={row.status: row.tasks for row in rows if row.tasks},
        average_processing_ms=history.average_ms,
        max_processing_ms=history.max_ms,
        cached_entries=drawn.unexpired if drawn else 0,
        held_bytes=int(blob_bytes) + (int(drawn.bytes) if drawn else 0),
        pending=waiting.all_tasks if waiting else 0,
        oldest_pending_seconds=waiting.oldest_seconds if waiting else 0,
        since=history.since,
    )


async def held_bytes(view: View) -> int:
    """Return the bytes of all inputs and drawings held now."""
    return int(await view.connection.scalar(HELD_BYTES) or 0)
