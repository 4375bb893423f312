"""Tasks in Postgres: one row each; `now()` is the only clock."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import (
    ARRAY,
    Uuid,
    any_,
    bindparam,
    func,
    insert,
    literal,
    null,
    or_,
    select,
    tuple_,
    update,
)
from sqlalchemy import delete as delete_rows
from sqlalchemy.dialects.postgresql import insert as upsert

from services.cache import moves, writes
from services.cache.blobs import ROW_BYTES, BlobRows
from services.cache.moves import Move, Succeeded
from services.cache.records import Failure, Status, Submission, Task
from services.cache.tables import processing_metrics, task_results
from services.runtime.context import Origin

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import timedelta
    from uuid import UUID

    from sqlalchemy.ext.asyncio import AsyncConnection

    from services.cache.pages import Place

t = task_results.c
now = func.now()

READ = (
    t.task_id,
    t.input_hash,
    t.tenant,
    t.status,
    t.progress,
    t.step,
    t.attempt,
    t.options,
    t.error_type,
    t.error_message,
    t.deterministic,
    t.submitted_at,
    t.started_at,
    t.completed_at,
    t.ttl_expires_at,
    t.processing_time_ms,
    t.cache_hits,
    t.regions_detected,
    t.svg_sha256,
    t.lease_token,
    t.lease_until,
    now.label("read_at"),
)

UNDER_WAY = [status.value for status in Status if not status.is_final]

# Lists may be read as a role that sees no leases.
LISTED = tuple(null().label("lease_token") if c is t.lease_token else c for c in READ)

# Made once: to make one anew costs more than to have it answered.
BY_ID = select(*READ).where(t.task_id == bindparam("task_id"))
BY_IDS = select(*READ).where(t.task_id == any_(bindparam("task_ids", type_=ARRAY(Uuid))))
BY_ID_LOCKED = BY_ID.with_for_update()
LIVE = select(*READ).where(
    t.input_hash == bindparam("input_hash"), t.tenant == bindparam("tenant"), t.is_live
)


class TaskRows:
    """The tasks, within one transaction."""

    def __init__(self, connection: AsyncConnection, blobs: BlobRows) -> None:
        self._connection = connection
        self._blobs = blobs

    async def read(self, task_id: UUID) -> Task | None:
        """Return a task."""
        return await self._one(BY_ID, {"task_id": task_id})

    async def read_all(self, task_ids: Sequence[UUID]) -> Mapping[UUID, Task]:
        """Return those of the tasks that there are."""
        rows = await self._connection.execute(BY_IDS, {"task_ids": task_ids})
        return {row.task_id: task(row) for row in rows}

    async def lock(self, task_id: UUID) -> Task | None:
        """Return a task, locked."""
        return await self._one(BY_ID_LOCKED, {"task_id": task_id})

    async def read_live(self, input_hash: str, tenant: str) -> Task | None:
        """Return a tenant's one task of a key that is under way, or answers until it expires."""
        return await self._one(LIVE, {"input_hash": input_hash, "tenant": tenant})

    async def lock_lapsed(self, limit: int) -> Sequence[Task]:
        """Return tasks whose lease ran out, locked, passing over those that others have locked."""
        query = (
            select(*READ)
            .where(t.status == Status.PROGRESS, t.lease_until <= now)
            .order_by(t.lease_until)
            .limit(limit)
            .with_for_update(skip_locked=True)
        )
        return [task(row) for row in await self._connection.execute(query)]

    async def read_page(self, limit: int, after: Place | None, tenant: str) -> Sequence[Task]:
        """Return a tenant's tasks after a place, newest first."""
        query = select(*LISTED).where(t.tenant == tenant).limit(limit)
        query = query.order_by(t.submitted_at.desc(), t.task_id.desc())
        if after is not None:
            place = tuple_(literal(after.submitted_at), literal(after.task_id))
            query = query.where(tuple_(t.submitted_at, t.task_id) < place)
        return [task(row) for row in await self._connection.execute(query)]

    async def count_pending(self, before: Task | None = None) -> int:
        """Return how many tasks wait, or how many of them wait before another."""
        query = select(func.count()).where(t.status == Status.PENDING)
        if before is not None:
            query = query.where(t.submitted_at < before.submitted_at)
        return await self._connection.scalar(query) or 0

    async def add(self, submission: Submission) -> Task | None:
        """Add a pending task; None when its key has a live task, or another task its id."""
        added = await self._one(
            upsert(task_results)
            .values(
                task_id=submission.task_id,
                input_hash=submission.input_hash,
                tenant=submission.tenant,
                request_id=submission.origin.request_id,
                traceparent=submission.origin.traceparent,
                options=dict(submission.options),
                image_width=submission.image_width,
                image_height=submission.image_height,
                landmarks_count=submission.landmarks_count,
                holders=1,
            )
            .on_conflict_do_nothing()
            .returning(*READ)
        )
        if added is not None:
            await self._note("cache_miss", 1, "count", "begin", added)
        return added

    async def hold(self, task_id: UUID) -> Task | None:
        """Count one more who holds a task and return it, locked; None when it is final."""
        held = update(task_results).where(t.task_id == task_id, t.status.in_(UNDER_WAY))
        return await self._one(held.values(holders=t.holders + 1).returning(*READ))

    async def let_go(self, task_id: UUID) -> bool:
        """Count one less who holds a locked task; return whether that was the last."""
        held = update(task_results).where(t.task_id == task_id, t.holders > 0)
        query = held.values(holders=t.holders - 1).returning(t.holders)
        left: int | None = await self._connection.scalar(query)
        return left == 0

    async def move(self, before: Task, move: Move) -> Task:
        """Make a move of a locked task and return it as it is then."""
        moves.check(before, move)
        if isinstance(move, Succeeded) and move.drawing.svg.size > ROW_BYTES:
            await self._blobs.keep([move.drawing.svg])
        changed = update(task_results).where(t.task_id == before.task_id)
        (row,) = await self._connection.execute(changed.values(writes.of(move)).returning(*READ))
        after = task(row)
        if after.status is Status.SUCCESS:
            await self._note("processing_time", after.processing_time_ms, "ms", "draw", after)
        return after

    async def erase(self, task_ids: Sequence[UUID]) -> None:
        """Erase tasks and the bytes that only they have."""
        digests = await self._blobs.referred(task_ids)
        await self._connection.execute(delete_rows(task_results).where(t.task_id.in_(task_ids)))
        await self._blobs.erase_unwanted(digests)

    async def take_stranded(self, limit: int, older_than: timedelta) -> Mapping[UUID, Origin]:
        """Return waiting tasks that no message may stand for, and count them as enqueued now."""
        stranded = (
            select(t.task_id)
            .where(t.status == Status.PENDING)
            .where(or_(t.enqueued_at.is_(None), t.enqueued_at <= now - writes.span(older_than)))
            .order_by(t.submitted_at)
            .limit(limit)
            .with_for_update(skip_locked=True)
            .cte("stranded")
            .prefix_with("MATERIALIZED", dialect="postgresql")
        )
        query = (
            update(task_results)
            .where(t.task_id.in_(select(stranded.c.task_id)))
            .values(enqueued_at=now)
            .returning(t.task_id, t.request_id, t.traceparent)
        )
        return {row[0]: Origin(*row[1:]) for row in await self._connection.execute(query)}

    async def _one(self, query: Any, params: Mapping[str, object] | None = None) -> Task | None:
        row = (await self._connection.execute(query, params)).one_or_none()
        return task(row) if row is not None else None

    async def _note(self, name: str, value: float, unit: str, operation: str, of: Task) -> None:
        await self._connection.execute(
            insert(processing_metrics).values(
                metric_name=name,
                metric_value=value,
                metric_unit=unit,
                component="cache",
                operation=operation,
                task_id=of.task_id,
            )
        )


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
    )
