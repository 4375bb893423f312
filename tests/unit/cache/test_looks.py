"""Looks at tasks: many at once are few queries, each later than what it answers."""

from __future__ import annotations

import asyncio
import uuid
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, cast

import pytest

from services.cache.errors import PostgresAway, TaskNotFound
from services.cache.looks import AT_ONCE, Looks
from services.cache.records import Status, Task

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping, Sequence
    from uuid import UUID

    from services.cache.ports import Store

NOW = datetime(2026, 1, 1, tzinfo=UTC)
TASKS = {
    task_id: Task(task_id, "0" * 64, Status.PENDING, NOW, NOW, tenant="ana")
    for task_id in map(uuid.UUID, map("{:032x}".format, range(2000)))
}
FIRST = next(iter(TASKS))


class FakeStore:
    """Has tasks; counts the queries for them, and how many ran at a time."""

    def __init__(self) -> None:
        self.tasks = dict(TASKS)
        self.queries: list[int] = []
        self.asked = asyncio.Event()
        self.running = 0
        self.away = False

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[Any]:
        assert self.running == 0, "two queries at a time"
        self.running += 1
        try:
            if self.away:
                raise PostgresAway
            yield type("View", (), {"tasks": self})
        finally:
            self.running -= 1

    async def read_all(self, task_ids: Sequence[UUID]) -> Mapping[UUID, Task]:
        self.queries.append(len(task_ids))
        self.asked.set()
        found = {name: self.tasks[name] for name in task_ids if name in self.tasks}
        await asyncio.sleep(0)
        return found


def looks_at(store: FakeStore) -> Looks:
    return Looks(cast("Store", store))


def test_thousands_at_once_are_few_queries_one_at_a_time() -> None:
    store = FakeStore()

    async def look() -> list[Task]:
        looks = looks_at(store)
        return await asyncio.gather(*(looks.get(name, "ana") for name in [*TASKS, *TASKS]))

    assert asyncio.run(look()) == [*TASKS.values()] * 2
    assert store.queries == [AT_ONCE] * (len(TASKS) // AT_ONCE)


def test_who_asks_while_a_query_runs_gets_a_later_one() -> None:
    store = FakeStore()
    drawn = replace(TASKS[FIRST], status=Status.SUCCESS)

    async def look() -> Task:
        looks = looks_at(store)
        early = asyncio.create_task(looks.get(FIRST, "ana"))
        await store.asked.wait()
        store.tasks[FIRST] = drawn
        found = await looks.get(FIRST, "ana")
        assert (await early).status is Status.PENDING
        return found

    assert asyncio.run(look()) == drawn


def test_one_that_goes_leaves_the_look_to_the_others() -> None:
    store = FakeStore()

    async def look() -> Task:
        looks = looks_at(store)
        going, staying = (asyncio.create_task(looks.get(FIRST, "ana")) for _ in range(2))
        await asyncio.sleep(0)
        going.cancel()
        return await staying

    assert asyncio.run(look()) == TASKS[FIRST]


def test_an_absence_is_told_to_all_and_is_over_when_it_is_over() -> None:
    store = FakeStore()

    async def look() -> None:
        looks = looks_at(store)
        store.away = True
        answers = await asyncio.gather(
            *(looks.get(name, "ana") for name in list(TASKS)[:3]), return_exceptions=True
        )
        assert [type(answer) for answer in answers] == [PostgresAway] * 3
        store.away = False
        assert await looks.get(FIRST, "ana") == TASKS[FIRST]

    asyncio.run(look())


@pytest.mark.parametrize(("task_id", "tenant"), [(uuid.UUID(int=9999), "ana"), (FIRST, "ben")])
def test_what_is_not_there_or_anothers_is_not_found(task_id: UUID, tenant: str) -> None:
    with pytest.raises(TaskNotFound):
        asyncio.run(looks_at(FakeStore()).get(task_id, tenant))
