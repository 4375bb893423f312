"""The life of a task as its worker sees it: opened, advanced, completed, failed, given back."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, TypeGuard

from services.cache.errors import DataLoss, LeaseLost, TaskNotFound
from services.cache.moves import Advanced, Leased, Released
from services.cache.policy import Policy, check_holder
from services.cache.ports import CorruptBlob
from services.cache.records import Drawing, Failure, Source, Status, Task

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import timedelta
    from uuid import UUID

    from services.cache.moves import Move
    from services.cache.ports import Store, Transaction
    from services.runtime.context import Origin

LAPSED_AT_ONCE = 100
"""Leases put back in one transaction."""


class Grant(Enum):
    """The answer to a worker that asks for a task."""

    GRANTED = "the worker holds the task"
    HELD = "another worker holds it"
    FINAL = "it is final already"


@dataclass(frozen=True)
class Opened:
    """The answer to a worker; the receiver closes the inputs."""

    grant: Grant
    task: Task
    inputs: Mapping[int, Source] = field(default_factory=dict)


class Leases:
    """The workers' side of the cache."""

    def __init__(self, store: Store, policy: Policy) -> None:
        self._store = store
        self._policy = policy

    async def open(self, task_id: UUID, worker: str, lease: timedelta) -> Opened:
        """Lease a task and return its inputs, digests checked.

        Raises `TaskNotFound`, or `DataLoss` once the task was failed and its inputs dropped.
        """
        ask = Leased(uuid.uuid4(), worker, lease)
        try:
            async with self._store.reading() as view:
                leased = await view.tasks.lease(task_id, ask, self._policy.max_attempts)
                if leased is not None:
                    task, inputs = leased
                    inputs = inputs or await view.blobs.read_inputs(task_id)
                    if not inputs:  # erased since, with the task or by its end
                        raise TaskNotFound(task_id)
                    return Opened(Grant.GRANTED, task, inputs)
            async with self._store.transaction() as transaction:
                return await self._open(transaction, task_id, ask)
        except CorruptBlob as corrupt:
            await self._drop(task_id, corrupt.digest)
            raise DataLoss(task_id) from corrupt

    async def _open(self, transaction: Transaction, task_id: UUID, ask: Leased) -> Opened:
        task = await transaction.tasks.lock(task_id)
        if task is None:
            raise TaskNotFound(task_id)
        if task.status.is_final:
            return Opened(Grant.FINAL, task)
        if task.is_held:
            return Opened(Grant.HELD, task)
        task = await self._move(transaction, task, self._policy.opened(task, ask))
        if task.status.is_final:
            return Opened(Grant.FINAL, task)
        return Opened(Grant.GRANTED, task, await transaction.blobs.read_inputs(task_id))

    async def _drop(self, task_id: UUID, digest: bytes) -> None:
        """Drop damaged inputs, and fail every task that needs them: none could be drawn."""
        async with self._store.transaction() as transaction:
            victims = sorted({task_id, *await transaction.blobs.referring(digest)})
            for victim in victims:
                task = await transaction.tasks.lock(victim)
                if task is not None and not task.status.is_final:
                    failure = Failure("DATA_LOSS", str(DataLoss(victim)), deterministic=False)
                    await self._move(transaction, task, self._policy.failed(failure))
            await transaction.blobs.erase_inputs(victims)

    async def advance(self, task_id: UUID, token: UUID, step: str, progress: int) -> None:
        """Note the step begun and renew the lease; raise `LeaseLost` or `TaskCancelled`."""
        begun = Advanced(step, progress)
        async with self._store.reading() as view:
            if await view.tasks.advance(task_id, token, begun):
                return
        async with self._store.transaction() as transaction:  # it tells why not
            task = held(await transaction.tasks.lock(task_id), task_id, token)
            await transaction.tasks.move(task, begun)

    async def complete(self, task_id: UUID, token: UUID, drawing: Drawing) -> None:
        """Store a drawing; the same one again changes nothing.

        Raises `LeaseLost`, `TaskCancelled` or `DrawingTooLarge`.
        """
        move = self._policy.succeeded(drawing)
        async with self._store.reading() as view:
            if await view.tasks.succeed_alone(task_id, token, move):
                return
        async with self._store.transaction() as transaction:
            if await transaction.tasks.succeed(task_id, token, move):
                await self._ended(transaction, task_id)
                return
            task = await transaction.tasks.lock(task_id)  # it tells why not
            if is_repeated(task, token, Status.SUCCESS) and task.svg_sha256 == drawing.svg.digest:
                return
            held(task, task_id, token)

    async def fail(self, task_id: UUID, token: UUID, failure: Failure) -> None:
        """Store a failure; the same one again changes nothing."""
        async with self._store.transaction() as transaction:
            task = await transaction.tasks.lock(task_id)
            if is_repeated(task, token, Status.FAILURE) and task.failure == failure:
                return
            task = held(task, task_id, token)
            await self._move(transaction, task, self._policy.failed(failure))

    async def release(self, task_id: UUID, token: UUID) -> None:
        """Give a task back undone; again changes nothing."""
        async with self._store.transaction() as transaction:
            task = await transaction.tasks.lock(task_id)
            if not is_repeated(task, token, Status.PENDING):
                await transaction.tasks.move(held(task, task_id, token), Released())

    async def put_back_lapsed(self) -> int:
        """Put tasks whose lease ran out back to wait, or end them; return how many."""
        async with self._store.transaction() as transaction:
            lapsed = await transaction.tasks.lock_lapsed(LAPSED_AT_ONCE)
            for task in lapsed:
                await self._move(transaction, task, self._policy.lapsed(task))
            return len(lapsed)

    async def take_stranded(self, limit: int) -> Mapping[UUID, Origin]:
        """Return waiting tasks to enqueue again and what brought them.

        Each goes to one caller for a while.
        """
        await self.put_back_lapsed()
        async with self._store.transaction() as transaction:
            return await transaction.tasks.take_stranded(limit, self._policy.stranded_after)

    async def _move(self, transaction: Transaction, task: Task, move: Move) -> Task:
        """Make a move; erase the inputs when it is the last."""
        moved = await transaction.tasks.move(task, move)
        if moved.status.is_final:
            await self._ended(transaction, task.task_id)
        return moved

    async def _ended(self, transaction: Transaction, task_id: UUID) -> None:
        """Erase the inputs of a task that has ended."""
        if not self._policy.keeps_inputs:
            await transaction.blobs.erase_inputs([task_id])


def is_repeated(task: Task | None, token: UUID, status: Status) -> TypeGuard[Task]:
    """Return whether the holder of `token` has moved the task to `status` already."""
    return task is not None and task.status is status and task.lease_token == token


def held(task: Task | None, task_id: UUID, token: UUID) -> Task:
    """Return a locked task that `token` holds; raise `LeaseLost` or `TaskCancelled`."""
    if task is None:
        raise LeaseLost(task_id)
    check_holder(task, token)
    return task
