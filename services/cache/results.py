"""The life of a task as its clients see it: found or begun, looked at, read, cancelled, erased.

Each client is a tenant's, the empty one's while callers are not told apart, and another tenant's
tasks are to it as if they were not there.
"""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING

from services.cache import freshness, pages
from services.cache.beginning import Beginning, Outcome, answering, is_one_row, repeated
from services.cache.errors import DataLoss, TaskNotFinished, TaskNotFound
from services.cache.policy import INLINE_BYTES, Policy
from services.cache.ports import CorruptBlob
from services.cache.records import Page, Result, Source, Status, Submission, Task

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from uuid import UUID

    from services.cache.beginning import Begun
    from services.cache.erasures import Erased
    from services.cache.ports import Hits, Store, Transaction
    from services.cache.records import Delivery
    from services.cache.repeats import RepeatKey


class Results:
    """The clients' side of the cache."""

    def __init__(
        self, store: Store, hits: Hits, policy: Policy, *, lists: Store | None = None
    ) -> None:
        """`lists` is where lists are read, which may lag."""
        self._store = store
        self._lists = lists or store
        self._hits = hits
        self._policy = policy

    async def find(
        self,
        input_hash: str,
        tenant: str,
        repeat: RepeatKey | None = None,
        callback_url: str = "",
    ) -> Task | None:
        """Return the task that answers a tenant's submissions of a key, and count the hit.

        A submission that was sent before is answered with its own task, whatever that is by now.
        """
        if repeat is None and not callback_url:
            async with self._store.reading() as view:
                found = await answering(view, input_hash, tenant)
        else:
            async with self._store.transaction() as transaction:
                found = await repeated(transaction, repeat)
                if found is None:
                    task = await answering(transaction, input_hash, tenant)
                    beginning = Beginning(transaction, self._policy)
                    is_noted = task and await beginning.noted(task, repeat, callback_url)
                    found = task if is_noted else None
        if found is not None and found.is_answer:
            self._hits.count(found.task_id)
        return found

    async def find_all(self, entries: Sequence[tuple[str, str]]) -> Sequence[Task | None]:
        """Return the tasks that answer submissions, by key and tenant, and count the hits."""
        async with self._store.reading() as view:
            live = await view.tasks.read_live_all(entries)
        found = [task if task is not None and task.is_answer else None for task in live]
        for task in found:
            if task is not None:
                self._hits.count(task.task_id)
        return found

    async def erased_since(self, cursor: str, version: int) -> Erased:
        """Return which answers were erased since a cursor was returned."""
        async with self._store.reading() as view:
            return await view.erasures.since(cursor, version)

    def count_hits(self, hits: Mapping[UUID, int]) -> None:
        """Count answers that were repeated elsewhere."""
        for task_id, times in hits.items():
            self._hits.count(task_id, times)

    async def begin(self, submission: Submission) -> Begun:
        """Begin a task with its inputs, unless its key is done or under way.

        A submission that accepts it is answered with the drawing of a photo that looks the same.
        Of any number of a tenant's concurrent calls with one key exactly one is the owner; the
        same call again stays it. A submission that was sent before is answered with its own task.
        """
        begun = None
        if is_one_row(submission):  # and new, as nearly always: one statement then
            async with self._store.reading() as view:
                begun = await Beginning(view, self._policy).added(submission)
        if begun is None:
            async with self._store.transaction() as transaction:
                begun = await Beginning(transaction, self._policy).once(submission)
        if begun.outcome is Outcome.HIT and begun.task.is_answer:
            self._hits.count(begun.task.task_id)
        return begun

    async def get(self, task_id: UUID, tenant: str, *, with_result: bool = False) -> Task:
        """Return a task, maybe with its drawing; raise `TaskNotFound`."""
        async with self._store.reading() as view:
            if with_result:
                task = (await view.tasks.read_all([task_id])).get(task_id)
            else:
                task = await view.tasks.read(task_id)
            return known(task, task_id, tenant)

    async def result(self, task: Task) -> Result | None:
        """Return the drawing of a task, None when it has none.

        Raises `TaskNotFound` when it was erased since `task` was read, `DataLoss` when damaged.
        """
        if task.status is not Status.SUCCESS:
            return None
        if task.stored is not None:
            if sha256(task.stored.svg).digest() != task.svg_sha256:
                raise await self._dropped(task.task_id, task.svg_sha256)
            return Result(task.stored.record, task.stored.svg)
        try:
            async with self._store.reading() as view:
                result = await view.blobs.read_result(task.task_id, task.tenant, INLINE_BYTES)
        except CorruptBlob as corrupt:
            raise await self._dropped(task.task_id, corrupt.digest) from corrupt
        if result is None:
            raise TaskNotFound(task.task_id)
        return result

    async def deliveries(self, task: Task) -> Sequence[Delivery]:
        """Return what became of telling the URLs that want to know of a task's end."""
        if not task.has_deliveries:
            return ()
        async with self._store.reading() as view:
            return await view.deliveries.of(task.task_id)

    async def svg(self, task_id: UUID, tenant: str) -> Source:
        """Return the SVG of a task, digest checked.

        Raises `TaskNotFound`, `TaskNotFinished`, or `DataLoss` once the entry was dropped.
        """
        try:
            async with self._store.reading() as view:
                source = await view.blobs.read_svg(task_id, tenant)
                if source is None:
                    task = known(await view.tasks.read(task_id), task_id, tenant)
                    raise TaskNotFinished(task_id, task.status)
                return source
        except CorruptBlob as corrupt:
            raise await self._dropped(task_id, corrupt.digest) from corrupt

    async def _dropped(self, task_id: UUID, digest: bytes) -> DataLoss:
        """Erase every task that has the damaged bytes, and return what to raise."""
        async with self._store.transaction() as transaction:
            victims = sorted({task_id, *await transaction.blobs.referring(digest)})
            for victim in victims:
                await transaction.tasks.lock(victim)
            await transaction.tasks.erase(victims)
        await freshness.forgotten()
        return DataLoss(task_id)

    async def list(self, page_size: int, page_token: str, tenant: str) -> Page:
        """Return a page of a tenant's tasks, newest first.

        Raises `InvalidArgument` for a size or a token that cannot be.
        """
        size, after = pages.size(page_size), pages.place(page_token)
        async with self._lists.reading() as view:
            tasks = await view.tasks.read_page(size + 1, after, tenant)
        if len(tasks) <= size:
            return Page(tasks, "")
        last = tasks[size - 1]
        return Page(tasks[:size], pages.Place(last.submitted_at, last.task_id).token())

    async def cancel(self, task_id: UUID, tenant: str) -> Task:
        """Cancel a task that is not final, and return it as it is then."""
        async with self._store.transaction() as transaction:
            task = known(await transaction.tasks.lock(task_id), task_id, tenant)
            return task if task.status.is_final else await self._cancelled(transaction, task)

    async def leave(self, task_id: UUID, tenant: str) -> Task:
        """Let go of a task that a submission was told of, and return it as it is then.

        It is cancelled where no other submission was told of it, or all have let go.
        """
        async with self._store.transaction() as transaction:
            task = known(await transaction.tasks.lock(task_id), task_id, tenant)
            if task.status.is_final or not await transaction.tasks.let_go(task_id):
                return task
            return await self._cancelled(transaction, task)

    async def _cancelled(self, transaction: Transaction, task: Task) -> Task:
        task = await transaction.tasks.move(task, self._policy.cancelled())
        if not self._policy.keeps_inputs:
            await transaction.blobs.erase_inputs([task.task_id])
        return task

    async def delete(self, task_id: UUID, tenant: str) -> None:
        """Erase a task, its bytes and what is to be told of it; raise `TaskNotFound`.

        Afterwards nobody tells of it.
        """
        try:
            async with self._store.transaction() as transaction:
                known(await transaction.tasks.lock(task_id), task_id, tenant)
                await transaction.tasks.erase([task_id])
                await transaction.deliveries.erase(task_id)
        except TaskNotFound:  # another call may have erased it just now
            await freshness.forgotten()
            raise
        await freshness.forgotten()


def known(task: Task | None, task_id: UUID, tenant: str) -> Task:
    """Return the task; raise `TaskNotFound` when there is none, or it is another tenant's."""
    if task is None or task.tenant != tenant:
        raise TaskNotFound(task_id)
    return task
