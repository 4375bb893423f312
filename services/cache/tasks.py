"""Tasks in Postgres: one row each; `now()` is the only clock.

Over the raw connection, as the bytes are: SQLAlchemy takes longer to have a statement answered than
Postgres to answer it.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from psycopg.rows import namedtuple_row
from psycopg.types.json import Jsonb

from services.cache import inputs, moves, statements, writes
from services.cache.blobs import ROW_BYTES, BlobRows
from services.cache.moves import Succeeded
from services.cache.records import Failure, Source, Status, Stored, Submission, Task
from services.runtime.context import Origin

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import timedelta
    from uuid import UUID

    import psycopg

    from services.cache.moves import Advanced, Leased, Move
    from services.cache.pages import Place


class TaskRows:
    """The tasks, within one transaction."""

    def __init__(self, raw: psycopg.AsyncConnection, blobs: BlobRows) -> None:
        self._raw = raw
        self._blobs = blobs

    async def read(self, task_id: UUID) -> Task | None:
        """Return a task."""
        return await self._one(statements.BY_ID, (task_id,))

    async def read_all(self, task_ids: Sequence[UUID]) -> Mapping[UUID, Task]:
        """Return those of the tasks that there are, with their drawings where those are small."""
        rows = await self._rows(statements.BY_IDS, (list(task_ids),))
        return {row.task_id: replace(task(row), stored=stored(row)) for row in rows}

    async def lock(self, task_id: UUID) -> Task | None:
        """Return a task, locked."""
        return await self._one(statements.BY_ID_LOCKED, (task_id,))

    async def read_live(self, input_hash: str, tenant: str) -> Task | None:
        """Return a tenant's one task of a key that is under way, or answers until it expires."""
        return await self._one(statements.LIVE, (input_hash, tenant))

    async def read_live_all(self, entries: Sequence[tuple[str, str]]) -> Sequence[Task | None]:
        """Return what `read_live` does for many keys and tenants, in their order."""
        hashes, tenants = map(list, zip(*entries, strict=True)) if entries else ([], [])
        found = await self._all(statements.LIVE_ALL, (hashes, tenants))
        live = {(task.input_hash, task.tenant): task for task in found}
        return [live.get(entry) for entry in entries]

    async def lock_lapsed(self, limit: int) -> Sequence[Task]:
        """Return tasks whose lease ran out, locked, passing over those that others have locked."""
        return await self._all(statements.LAPSED, (limit,))

    async def read_page(self, limit: int, after: Place | None, tenant: str) -> Sequence[Task]:
        """Return a tenant's tasks after a place, newest first."""
        params = {"tenant": tenant, "limit": limit}
        if after is None:
            return await self._all(statements.NEWEST, params)
        place = {"submitted_at": after.submitted_at, "task_id": after.task_id}
        return await self._all(statements.NEXT, {**params, **place})

    async def count_pending(self, before: Task | None = None) -> int:
        """Return how many tasks wait, or how many of them wait before another."""
        if before is None:
            ((count,),) = await self._rows(statements.PENDING, ())
        else:
            ((count,),) = await self._rows(statements.PENDING_BEFORE, (before.submitted_at,))
        return int(count)

    async def add(self, submission: Submission, most: int) -> tuple[Task, int] | None:
        """Add a pending task, with inputs of few bytes, and return it and how many waited before.

        None when its key has a live task, or another task its id, or `most` wait already.
        """
        params = {
            "task_id": submission.task_id,
            "input_hash": submission.input_hash,
            "tenant": submission.tenant,
            "request_id": submission.origin.request_id,
            "traceparent": submission.origin.traceparent,
            "options": Jsonb(dict(submission.options)),
            "image_width": submission.image_width,
            "image_height": submission.image_height,
            "landmarks_count": submission.landmarks_count,
            "photo": submission.photo,
            "most": most,
            **inputs.row_of(submission.inputs),
        }
        rows = await self._rows(statements.ADD, params)
        return (task(rows[0]), rows[0].pending) if rows else None

    async def hold(self, task_id: UUID) -> Task | None:
        """Count one more who holds a task and return it, locked; None when it is final."""
        return await self._one(statements.HOLD, (task_id,))

    async def let_go(self, task_id: UUID) -> bool:
        """Count one less who holds a locked task; return whether that was the last."""
        return [left for (left,) in await self._rows(statements.LET_GO, (task_id,))] == [0]

    async def move(self, before: Task, move: Move) -> Task:
        """Make a move of a locked task and return it as it is then."""
        moves.check(before, move)
        if isinstance(move, Succeeded):
            await self._keep_large(move)
        params = {"task_id": before.task_id, **writes.values(move)}
        (after,) = await self._all(statements.MOVE[type(move)], params)
        return after

    async def advance(self, task_id: UUID, holder: UUID, step: Advanced) -> bool:
        """Make a step of the task that `holder` holds; False, changing nothing, unless it does."""
        params = {"task_id": task_id, "holder": holder, **writes.values(step)}
        return bool(await self._rows(statements.ADVANCE, params))

    async def lease(
        self, task_id: UUID, ask: Leased, most: int
    ) -> tuple[Task, Mapping[int, Source]] | None:
        """Lease a task, as it is then; None, changing nothing, unless it may be had.

        It may while it is neither held nor final, and was not begun `most` times. Inputs of few
        bytes come along; raises `CorruptBlob` when a digest is wrong.
        """
        params = {"task_id": task_id, "most": most, **writes.values(ask)}
        rows = await self._rows(statements.LEASE, params)
        return (task(rows[0]), inputs.kept(*rows[0][-inputs.COLUMNS :])) if rows else None

    async def succeed(self, task_id: UUID, holder: UUID, drawn: Succeeded) -> bool:
        """Store the drawing of the task that `holder` holds; False, changing nothing, else."""
        await self._keep_large(drawn)
        params = {"task_id": task_id, "holder": holder, **writes.values(drawn)}
        return bool(await self._rows(statements.SUCCEED, params))

    async def succeed_alone(self, task_id: UUID, holder: UUID, drawn: Succeeded) -> bool:
        """The same by one statement; False also where bytes beside the row are concerned."""
        if drawn.drawing.svg.size > ROW_BYTES:
            return False
        params = {"task_id": task_id, "holder": holder, **writes.values(drawn)}
        return bool(await self._rows(statements.SUCCEED_ALONE, params))

    async def erase(self, task_ids: Sequence[UUID]) -> None:
        """Erase tasks and the bytes that only they have."""
        digests = await self._blobs.referred(task_ids)
        await self._raw.execute(statements.ERASE, (list(task_ids),))
        await self._blobs.erase_unwanted(digests)

    async def take_stranded(self, limit: int, older_than: timedelta) -> Mapping[UUID, Origin]:
        """Return waiting tasks that no message may stand for, and count them as enqueued now."""
        params = {"limit": limit, "older_than": older_than}
        rows = await self._rows(statements.TAKE_STRANDED, params)
        return {task_id: Origin(*origin) for task_id, *origin in rows}

    async def _keep_large(self, drawn: Succeeded) -> None:
        if drawn.drawing.svg.size > ROW_BYTES:
            await self._blobs.keep([drawn.drawing.svg])

    async def _one(self, query: str, params: Any) -> Task | None:
        rows = await self._rows(query, params)
        return task(rows[0]) if rows else None

    async def _all(self, query: str, params: Any) -> Sequence[Task]:
        return [task(row) for row in await self._rows(query, params)]

    async def _rows(self, query: Any, params: Any) -> Sequence[Any]:
        cursor = self._raw.cursor(binary=True, row_factory=namedtuple_row)
        return await (await cursor.execute(query, params)).fetchall()


def stored(row: Any) -> Stored | None:
    """Return the drawing that a row has, if it does."""
    return None if row.svg_data is None else Stored(row.drawing, row.svg_data)


def task(row: Any) -> Task:
    """Return a row as a task."""
    failure = None
    if row.error_type is not None:
        failure = Failure(row.error_type, row.error_message, row.deterministic)
    return Task(
        task_id=row.task_id,
        input_hash=row.input_hash,
        tenant=row.tenant,
        status=Status(row.status),
        submitted_at=row.submitted_at,
        read_at=row.read_at,
        progress=row.progress,
        step=row.step,
        attempt=row.attempt,
        options=row.options,
        failure=failure,
        started_at=row.started_at,
        completed_at=row.completed_at,
        expires_at=row.ttl_expires_at,
        processing_time_ms=row.processing_time_ms,
        cache_hits=row.cache_hits,
        regions_detected=row.regions_detected,
        svg_sha256=row.svg_sha256 or b"",
        lease_token=row.lease_token,
        lease_until=row.lease_until,
        photo=row.photo,
        has_deliveries=row.has_deliveries,
    )
