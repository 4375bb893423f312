"""Messages to callback URLs in Postgres: a row for each task and URL.

A message waits for the end of its task, which makes it due in the same transaction (`schema/`).
Whoever takes it has it until its next attempt is due; a taker that is lost merely loses that time.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from psycopg.rows import namedtuple_row

from services.cache.records import Delivery, DueDelivery

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import timedelta
    from uuid import UUID

    import psycopg

    from services.cache.records import Attempt

# Locks the task: it has ended, or will find the message.
MARK = "UPDATE task_results SET has_deliveries = true WHERE task_id = %(task_id)s"

# A message that is still to be sent will do for this submission too; one that was sent will not.
ADD = """
INSERT INTO deliveries (task_id, url) VALUES (%(task_id)s, %(url)s)
ON CONFLICT (task_id, url) DO UPDATE SET
    delivery_id = gen_random_uuid(), state = 'WAITING', facts = NULL, attempts = 0, due_at = NULL,
    http_status = NULL, error = '', created_at = now(), ended_at = NULL
WHERE deliveries.ended_at IS NOT NULL
"""
MAKE_DUE = "SELECT make_deliveries_due(%(task_id)s)"

OF = """
SELECT delivery_id, url, state, attempts, http_status, error, due_at, ended_at FROM deliveries
WHERE task_id = %s ORDER BY created_at, url
"""

TAKE = """
WITH due AS MATERIALIZED (
    SELECT task_id, url FROM deliveries WHERE state = 'PENDING' AND due_at <= now()
    ORDER BY due_at LIMIT %(limit)s FOR UPDATE SKIP LOCKED
)
UPDATE deliveries SET attempts = attempts + 1, due_at = now() + %(lease)s
FROM due WHERE deliveries.task_id = due.task_id AND deliveries.url = due.url
RETURNING deliveries.delivery_id, deliveries.task_id, deliveries.url, attempts, facts
"""

REPORT = """
UPDATE deliveries SET state = %(state)s, http_status = %(http_status)s, error = %(error)s,
    due_at = now() + %(retry_after)s::interval,
    ended_at = CASE WHEN %(retry_after)s::interval IS NULL THEN now() END
WHERE delivery_id = %(delivery_id)s AND attempts = %(attempt)s AND state = 'PENDING'
"""

ERASE = "DELETE FROM deliveries WHERE task_id = %s"

# Gone with their tasks; what nobody sends is kept no longer than it could be of use.
OUTLIVED = """
DELETE FROM deliveries WHERE (task_id, url) IN (
    SELECT task_id, url FROM deliveries
    WHERE NOT EXISTS (SELECT FROM task_results WHERE task_results.task_id = deliveries.task_id)
        AND (ended_at IS NOT NULL OR created_at <= now() - interval '7 days')
    LIMIT %s FOR UPDATE SKIP LOCKED
)
"""


class DeliveryRows:
    """The messages, within one transaction."""

    def __init__(self, raw: psycopg.AsyncConnection) -> None:
        self._raw = raw

    async def add(self, task_id: UUID, url: str) -> bool:
        """Have a URL told of a task's end; return whether there is that task."""
        values = {"task_id": task_id, "url": url}
        if (await self._raw.execute(MARK, values)).rowcount == 0:
            return False
        await self._raw.execute(ADD, values)
        await self._raw.execute(MAKE_DUE, values)
        return True

    async def of(self, task_id: UUID) -> Sequence[Delivery]:
        """Return the messages about a task, the earliest first."""
        return [Delivery(*row) for row in await self._rows(OF, (task_id,))]

    async def take(self, limit: int, lease: timedelta) -> Sequence[DueDelivery]:
        """Return messages to be sent now, and count an attempt that may take `lease`."""
        rows = await self._rows(TAKE, {"limit": limit, "lease": lease})
        return [DueDelivery(*row) for row in rows]

    async def report(self, delivery_id: UUID, attempt: Attempt) -> None:
        """Note what became of an attempt, unless it is not the last one."""
        values = {
            "delivery_id": delivery_id,
            "attempt": attempt.number,
            "state": attempt.state,
            "retry_after": attempt.retry_after,
            "http_status": attempt.http_status,
            "error": attempt.error,
        }
        await self._raw.execute(REPORT, values)

    async def erase(self, task_id: UUID) -> None:
        """Erase the messages about a task, sent or not."""
        await self._raw.execute(ERASE, (task_id,))

    async def erase_outlived(self, limit: int) -> int:
        """Erase messages whose time is over; return how many."""
        return (await self._raw.execute(OUTLIVED, (limit,))).rowcount

    async def _rows(self, query: Any, params: Any) -> Sequence[Any]:
        cursor = self._raw.cursor(binary=True, row_factory=namedtuple_row)
        return await (await cursor.execute(query, params)).fetchall()
