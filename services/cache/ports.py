"""What the use cases ask of the database."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from contextlib import AbstractAsyncContextManager
    from datetime import timedelta
    from uuid import UUID

    from services.cache.erasures import Erased
    from services.cache.likeness import Likeness, Near
    from services.cache.moves import Advanced, Leased, Move, Succeeded
    from services.cache.pages import Place
    from services.cache.records import (
        Attempt,
        Delivery,
        DueDelivery,
        Result,
        Source,
        Submission,
        Task,
    )
    from services.cache.repeats import Kept, RepeatKey
    from services.runtime.context import Origin


class Tasks(Protocol):
    """The tasks, within one transaction. What is locked stays as it is until its end."""

    async def lock(self, task_id: UUID) -> Task | None:
        """Return a task, locked."""

    async def lock_lapsed(self, limit: int) -> Sequence[Task]:
        """Return tasks whose lease ran out, locked, passing over those that others have locked."""

    async def read(self, task_id: UUID) -> Task | None:
        """Return a task."""

    async def read_all(self, task_ids: Sequence[UUID]) -> Mapping[UUID, Task]:
        """Return those of the tasks that there are, with their drawings where those are small."""

    async def read_live(self, input_hash: str, tenant: str) -> Task | None:
        """Return a tenant's one task of a key that is under way, or answers until it expires."""

    async def read_live_all(self, entries: Sequence[tuple[str, str]]) -> Sequence[Task | None]:
        """Return what `read_live` does for many keys and tenants, in their order."""

    async def read_page(self, limit: int, after: Place | None, tenant: str) -> Sequence[Task]:
        """Return a tenant's tasks after a place, newest first."""

    async def count_pending(self, before: Task | None = None) -> int:
        """Return how many tasks wait, or how many of them wait before another."""

    async def add(self, submission: Submission, most: int) -> tuple[Task, int] | None:
        """Add a pending task, with inputs of few bytes, and return it and how many waited before.

        None when its key has a live task, or another task its id, or `most` wait already.
        """

    async def hold(self, task_id: UUID) -> Task | None:
        """Count one more who holds a task and return it, locked; None when it is final."""

    async def let_go(self, task_id: UUID) -> bool:
        """Count one less who holds a locked task; return whether that was the last."""

    async def move(self, task: Task, move: Move) -> Task:
        """Make a move of a locked task and return it as it is then."""

    async def advance(self, task_id: UUID, holder: UUID, step: Advanced) -> bool:
        """Make a step of the task that `holder` holds; False, changing nothing, unless it does."""

    async def lease(
        self, task_id: UUID, ask: Leased, most: int
    ) -> tuple[Task, Mapping[int, Source]] | None:
        """Lease a task, as it is then; None, changing nothing, unless it may be had.

        It may while it is neither held nor final, and was not begun `most` times. Inputs of few
        bytes come along; raises `CorruptBlob` when a digest is wrong.
        """

    async def succeed(self, task_id: UUID, holder: UUID, drawn: Succeeded) -> bool:
        """Store the drawing of the task that `holder` holds; False, changing nothing, else."""

    async def succeed_alone(self, task_id: UUID, holder: UUID, drawn: Succeeded) -> bool:
        """The same by one statement; False also where bytes beside the row are concerned."""

    async def erase(self, task_ids: Sequence[UUID]) -> None:
        """Erase tasks and the bytes that only they have."""

    async def take_stranded(self, limit: int, older_than: timedelta) -> Mapping[UUID, Origin]:
        """Return waiting tasks that no message may stand for, and count them as enqueued now."""


class Blobs(Protocol):
    """The bytes of the tasks, within one transaction."""

    async def keep_inputs(self, task_id: UUID, inputs: Mapping[int, Source]) -> None:
        """Store the inputs of a task beside its row, each distinct one once."""

    async def read_inputs(self, task_id: UUID) -> Mapping[int, Source]:
        """Return the inputs of a task by part; raise `CorruptBlob` when their digest is wrong."""

    async def erase_inputs(self, task_ids: Sequence[UUID]) -> None:
        """Erase the inputs of tasks, save what other tasks have too."""

    async def referring(self, digest: bytes) -> Sequence[UUID]:
        """Return the tasks that have these bytes as an input or as their SVG."""

    async def read_svg(self, task_id: UUID, tenant: str) -> Source | None:
        """Return the SVG of a tenant's finished task; raise `CorruptBlob` when it is damaged."""

    async def read_result(self, task_id: UUID, tenant: str, max_svg_bytes: int) -> Result | None:
        """Return the drawing of a tenant's finished task, with an SVG of at most so many bytes."""


class Likenesses(Protocol):
    """What the photos of the tasks look like, within one transaction."""

    async def keep(self, task_id: UUID, likeness: Likeness) -> None:
        """Store what the photo of a task looks like."""

    async def nearest(self, likeness: Likeness, most: int) -> Near | None:
        """Return the finished task whose photo looks the same, within `most` bits, if any."""


class Repeats(Protocol):
    """What clients call their submissions, within one transaction."""

    async def lock(self, key: RepeatKey) -> Kept | None:
        """Keep other calls with this name out until the end, and return what it stands for."""

    async def keep(self, key: RepeatKey, task_id: UUID, ttl: timedelta) -> bool:
        """Let a name stand for a task; return whether there still is that task."""


class Deliveries(Protocol):
    """Messages to callback URLs, within one transaction."""

    async def add(self, task_id: UUID, url: str) -> bool:
        """Have a URL told of a task's end; return whether there is that task."""

    async def of(self, task_id: UUID) -> Sequence[Delivery]:
        """Return the messages about a task, the earliest first."""

    async def take(self, limit: int, lease: timedelta) -> Sequence[DueDelivery]:
        """Return messages to be sent now, and count an attempt that may take `lease`."""

    async def report(self, delivery_id: UUID, attempt: Attempt) -> None:
        """Note what became of an attempt, unless it is not the last one."""

    async def erase(self, task_id: UUID) -> None:
        """Erase the messages about a task, sent or not."""


class Erasures(Protocol):
    """What is an answer no more."""

    async def since(self, text: str, version: int) -> Erased:
        """Return what was erased since the moment of a cursor, all where that cannot be told.

        `version` is that of the keys: another one's answers are not this one's.
        """


class Transaction(Protocol):
    """All or nothing."""

    @property
    def tasks(self) -> Tasks:
        """The tasks."""

    @property
    def blobs(self) -> Blobs:
        """The bytes."""

    @property
    def likenesses(self) -> Likenesses:
        """What photos look like."""

    @property
    def repeats(self) -> Repeats:
        """What clients call their submissions."""

    @property
    def deliveries(self) -> Deliveries:
        """Messages to callback URLs."""

    @property
    def erasures(self) -> Erasures:
        """What is an answer no more."""


class Store(Protocol):
    """Where tasks and bytes are. Both managers raise `PostgresAway` when it does not answer."""

    def transaction(self) -> AbstractAsyncContextManager[Transaction]:
        """Return a transaction that commits at the end of its block."""

    def reading(self) -> AbstractAsyncContextManager[Transaction]:
        """Return a view without a transaction: each statement stands for itself."""


class Hits(Protocol):
    """Counts how often answers were served."""

    def count(self, task_id: UUID, times: int = 1) -> None:
        """Count hits."""


class CorruptBlob(Exception):
    """Stored bytes do not have their digest: some are missing or changed."""

    def __init__(self, digest: bytes) -> None:
        super().__init__(f"bytes stored as {digest.hex()} have another digest")
        self.digest = digest
