"""What clients call their submissions: the same name again is answered with the same task.

A name lives as long as its task does, at most for a day or so: who sends something again does so
soon. In the transaction that begins the task, so that neither is ever without the other.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import timedelta
    from uuid import UUID

    import psycopg

# Calls with one name follow one another: the second finds what the first has begun.
LOCK = "SELECT pg_advisory_xact_lock(hashtextextended(%(key)s, hashtextextended(%(tenant)s, 0)))"

READ = """
SELECT fingerprint, task_id FROM repeat_keys
WHERE tenant = %(tenant)s AND key = %(key)s AND expires_at > now()
"""

KEEP = """
INSERT INTO repeat_keys (tenant, key, fingerprint, task_id, expires_at)
SELECT %(tenant)s, %(key)s, %(fingerprint)s, task_id, now() + %(ttl)s
FROM task_results WHERE task_id = %(task_id)s FOR KEY SHARE
ON CONFLICT (tenant, key) DO UPDATE SET
    fingerprint = excluded.fingerprint, task_id = excluded.task_id,
    expires_at = excluded.expires_at
"""

OUTLIVED = """
DELETE FROM repeat_keys WHERE (tenant, key) IN (
    SELECT tenant, key FROM repeat_keys WHERE expires_at <= now()
    LIMIT %s FOR UPDATE SKIP LOCKED
)
"""


@dataclass(frozen=True)
class RepeatKey:
    """What a tenant calls a submission; `fingerprint` is the SHA-256 of what was submitted."""

    tenant: str
    text: str
    fingerprint: bytes


@dataclass(frozen=True)
class Kept:
    """What a name stands for."""

    fingerprint: bytes
    task_id: UUID


class RepeatRows:
    """The names of submissions, within one transaction."""

    def __init__(self, raw: psycopg.AsyncConnection) -> None:
        self._raw = raw

    async def lock(self, key: RepeatKey) -> Kept | None:
        """Keep other calls with this name out, and return what it stands for."""
        named = {"tenant": key.tenant, "key": key.text}
        await self._raw.execute(LOCK, named)
        row = await (await self._raw.execute(READ, named)).fetchone()
        return Kept(*row) if row else None

    async def keep(self, key: RepeatKey, task_id: UUID, ttl: timedelta) -> bool:
        """Let a name stand for a task; return whether there still is that task."""
        values = {
            "tenant": key.tenant,
            "key": key.text,
            "fingerprint": key.fingerprint,
            "task_id": task_id,
            "ttl": ttl,
        }
        return (await self._raw.execute(KEEP, values)).rowcount > 0

    async def erase_outlived(self, limit: int) -> int:
        """Forget names whose time is over; return how many."""
        return (await self._raw.execute(OUTLIVED, (limit,))).rowcount
