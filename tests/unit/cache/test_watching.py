"""Following a task, with changes told by hand."""

from __future__ import annotations

import asyncio
import uuid
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from services.cache import watching
from services.cache.records import Status, Task
from services.cache.watching import Watches

if TYPE_CHECKING:
    from collections.abc import Iterator
    from uuid import UUID

    import pytest

NOW = datetime(2026, 1, 1, tzinfo=UTC)
PENDING = Task(uuid.UUID(int=1), "0" * 64, Status.PENDING, submitted_at=NOW, read_at=NOW)
DRAWN = replace(PENDING, status=Status.SUCCESS)


class FakeResults:
    """Has one task."""

    def __init__(self, task: Task) -> None:
        self.task = task

    async def get(self, task_id: UUID, tenant: str) -> Task:
        assert (task_id, tenant) == (self.task.task_id, "ana")
        return self.task


class FakeChanges:
    """Lets a test tell of changes, and counts who listens."""

    def __init__(self) -> None:
        self.listening: list[asyncio.Event] = []

    @contextmanager
    def of(self, task_id: UUID) -> Iterator[asyncio.Event]:
        assert task_id == PENDING.task_id
        event = asyncio.Event()
        self.listening.append(event)
        yield event
        self.listening.remove(event)

    def tell(self, task_id: UUID) -> None:
        assert task_id == PENDING.task_id
        for event in self.listening:
            event.set()


def test_a_change_right_after_a_look_is_not_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watching, "LOOK_EVERY", 3600.0)
    changes = FakeChanges()

    class MovingResults(FakeResults):
        async def get(self, task_id: UUID, tenant: str) -> Task:
            found = await super().get(task_id, tenant)
            self.task = DRAWN
            changes.listening[0].set()
            return found

    async def follow() -> list[Status]:
        stream = Watches(MovingResults(PENDING), changes).follow(PENDING.task_id, "ana")
        return [task.status async for task in stream]

    assert asyncio.run(asyncio.wait_for(follow(), 10)) == [Status.PENDING, Status.SUCCESS]


def test_a_change_between_two_looks_is_not_lost() -> None:
    async def follow() -> list[Status]:
        results, changes = FakeResults(PENDING), FakeChanges()
        seen = []
        async for task in Watches(results, changes).follow(PENDING.task_id, "ana"):
            seen.append(task.status)
            results.task = DRAWN  # while the record is on its way to the client
            changes.listening[0].set()
        assert changes.listening == []
        return seen

    assert asyncio.run(follow()) == [Status.PENDING, Status.SUCCESS]


def test_a_call_for_nothing_shows_nothing() -> None:
    async def follow() -> list[Status]:
        results, changes = FakeResults(PENDING), FakeChanges()
        stream = Watches(results, changes).follow(PENDING.task_id, "ana")
        seen = [(await anext(stream)).status]
        waiting = asyncio.ensure_future(anext(stream))
        for _ in range(10):
            await asyncio.sleep(0)
            changes.listening[0].set()
        assert not waiting.done()
        results.task = DRAWN
        changes.listening[0].set()
        return [*seen, (await waiting).status]

    assert asyncio.run(follow()) == [Status.PENDING, Status.SUCCESS]


def test_what_this_process_changed_is_looked_at_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watching, "LOOK_EVERY", 3600.0)
    results, changes = FakeResults(PENDING), FakeChanges()
    watches = Watches(results, changes)

    async def seen() -> list[Status]:
        statuses = []
        async for task in watches.follow(PENDING.task_id, "ana"):
            statuses.append(task.status)
            results.task = DRAWN
            asyncio.get_running_loop().call_later(0, watches.tell, PENDING.task_id)
        return statuses

    assert asyncio.run(asyncio.wait_for(seen(), 30)) == [Status.PENDING, Status.SUCCESS]
