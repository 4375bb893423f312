"""What the cache counts: its tasks as Postgres has them, and the work of its upkeep."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prometheus_client import Counter, Gauge
from sqlalchemy import text

from services.cache.records import Status

if TYPE_CHECKING:
    from services.cache.postgres import Database
    from services.cache.records import Statistics, Swept

waiting = Gauge("task_queue_size", "Tasks that wait to be drawn.")
active = Gauge("active_tasks_count", "Tasks that a worker holds.")
oldest = Gauge("oldest_pending_task_seconds", "How long the first of those that wait has waited.")
states = Gauge("tasks_by_state", "Tasks of the last day, by state.", ("state",))
entries = Gauge("cached_entries_total", "Drawings that answer equal submissions.")
held = Gauge("cache_size_bytes", "Bytes of inputs and drawings that are kept.")

sweeps = Counter("cache_sweeps_total", "Clean-ups done.")
erased = Counter("cache_erased_tasks_total", "Tasks that clean-ups erased, by why.", ("reason",))
freed = Counter("cache_freed_bytes_total", "Bytes that clean-ups freed.")
for reason in ("expired", "evicted"):  # what has not been yet is 0, not unknown
    erased.labels(reason)
for state in Status:
    states.labels(state)

LEASED = text("SELECT count(*) FROM task_results WHERE status = 'PROGRESS'")

LOOK_EVERY = 5.0
"""Seconds between looks at Postgres: more often than it is scraped would be for nothing."""


async def leased(database: Database) -> int:
    """Return how many tasks workers hold, out of an index."""
    async with database.reading() as view:
        return int(await view.connection.scalar(LEASED) or 0)


def show(statistics: Statistics, under_way: int) -> None:
    """Write down what Postgres tells."""
    waiting.set(statistics.pending)
    active.set(under_way)
    oldest.set(statistics.oldest_pending_seconds)
    entries.set(statistics.cached_entries)
    held.set(statistics.held_bytes)
    for state in Status:
        states.labels(state).set(statistics.tasks_by_status.get(state, 0))


def note(swept: Swept) -> None:
    """Count one clean-up."""
    sweeps.inc()
    erased.labels("expired").inc(swept.expired)
    erased.labels("evicted").inc(swept.evicted)
    freed.inc(swept.freed_bytes)
