"""Answers that are kept, and what one question vouches for."""

from __future__ import annotations

import asyncio
import random
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import pytest
from unit.gateway.fakes import FakeLog, ticket
from unit.loops import looped

from services.gateway.tickets import PAUSE, Asked, Erasures, Tickets

if TYPE_CHECKING:
    from asyncio import Future, Task

    from services.gateway.submissions import Ticket

GOOD_FOR, KEPT_FOR = 0.2, 600.0
DRAWN = ticket("SUCCESS", good_for=GOOD_FOR, kept_for=KEPT_FOR)


@dataclass
class House:
    """Tickets before a log, by a clock that stands until it is set."""

    size: int = 100
    time: float = 100.0
    log: FakeLog = field(default_factory=FakeLog)

    def __post_init__(self) -> None:
        self.tickets = Tickets(self.log, self.size, lambda: self.time)

    async def keep(self, task_id: str = "t", key: str = "") -> None:
        """Ask for a task, once there is a cursor, and keep it."""
        self.tickets.asked()
        await asyncio.sleep(0)
        answer = replace(DRAWN, task_id=task_id)
        self.tickets.keep(key or task_id, answer, self.tickets.asked())

    async def found(self, *keys: str) -> list[str]:
        """Return those of the keys that are answered."""
        return [key for key in keys if await self.tickets.find(key)]


@pytest.fixture
def house() -> House:
    return House()


@looped
async def test_one_question_vouches_for_all_that_is_kept(house: House) -> None:
    for number in range(50):
        await house.keep(f"t{number}")
    house.time += 60

    for number in range(50):
        assert await house.tickets.find(f"t{number}") == replace(DRAWN, task_id=f"t{number}")

    assert house.log.cursors == ["", "1"]


@looped
async def test_it_is_asked_again_when_it_is_no_longer_good(house: House) -> None:
    await house.keep()
    for later in (100.19, 100.2, 100.39, 100.4):
        house.time = later
        assert await house.found("t")

    assert house.log.cursors == ["", "1", "2"]


@looped
async def test_the_time_counts_from_before_the_question(house: House) -> None:
    await house.keep()
    house.time = 101.0
    asks = house.log.erasures

    async def slowly(cursor: str) -> Erasures:
        answer = await asks(cursor)
        house.time += GOOD_FOR
        return answer

    house.log.erasures = slowly  # type: ignore[method-assign]

    assert not await house.found("t")


@looped
async def test_what_was_erased_is_not_repeated(house: House) -> None:
    await house.keep("a")
    await house.keep("b", key="b1")
    await house.keep("b", key="b2")
    house.log.erased = {2: ["b", "unknown"]}
    house.time += 1

    assert await house.found("a", "b1", "b2") == ["a"]


@looped
async def test_nothing_is_repeated_when_all_has_to_be_taken_for_erased(house: House) -> None:
    await house.keep("a")
    await house.keep("b")
    house.log.forgets = True
    house.time += 1

    assert await house.found("a", "b") == []


@looped
async def test_nothing_is_repeated_beyond_its_own_end(house: House) -> None:
    await house.keep()
    house.time += KEPT_FOR

    assert not await house.found("t")
    assert house.log.cursors == [""]


@looped
async def test_what_the_cache_does_not_let_be_kept_is_repeated_for_a_moment(house: House) -> None:
    await house.keep("other")
    house.tickets.keep("t", replace(DRAWN, kept_for=0.0), house.tickets.asked())
    assert await house.found("t")

    house.time += GOOD_FOR

    assert not await house.found("t")


@looped
async def test_nobody_vouches_for_what_was_asked_before_there_was_a_cursor(house: House) -> None:
    house.tickets.keep("t", DRAWN, house.tickets.asked())
    await asyncio.sleep(0)
    house.time += GOOD_FOR

    assert not await house.found("t")


@looped
async def test_a_log_that_is_away_is_left_alone_for_a_while(house: House) -> None:
    await house.keep()
    house.log.is_away = True
    for _ in range(3):
        house.time += GOOD_FOR
        assert not await house.found("t")
    assert house.log.cursors == ["", "1"]

    house.log.is_away = False
    house.time += PAUSE

    assert await house.found("t")


@looped
async def test_many_who_want_to_know_ask_once(house: House) -> None:
    await house.keep()
    house.time += 1

    found = await asyncio.gather(*(house.tickets.find("t") for _ in range(64)))

    assert found == [DRAWN] * 64
    assert house.log.cursors == ["", "1"]


@looped
async def test_one_who_goes_leaves_the_question_to_the_others(house: House) -> None:
    await house.keep()
    house.time += 1
    first = asyncio.create_task(house.tickets.find("t"))
    second = asyncio.create_task(house.tickets.find("t"))
    await asyncio.sleep(0)

    first.cancel()

    assert await second == DRAWN


@looped
async def test_those_last_asked_for_are_kept() -> None:
    house = House(size=2)
    await house.keep("a")
    await house.keep("b")
    await house.found("a")
    await house.keep("c")

    assert await house.found("a", "b", "c") == ["a", "c"]


@looped
async def test_where_nothing_may_be_kept_nothing_is_asked() -> None:
    house = House(size=0)
    await house.keep()

    assert not await house.found("t")
    assert house.log.cursors == []


class Postgres:
    """Erases tasks in some order, and answers questions late: each sees what was there at once."""

    def __init__(self) -> None:
        self.time = 0.0
        self.log: list[str] = []
        self.erased_at: dict[str, float] = {}
        self.waiting: list[Future[None]] = []

    def erase(self, task_id: str) -> None:
        self.log.append(task_id)
        self.erased_at[task_id] = self.time

    async def erasures(self, cursor: str) -> Erasures:
        await self._moment()
        seen, told = str(len(self.log)), self.log[int(cursor or 0) :]
        await self._moment()
        return Erasures(seen, told, not cursor, GOOD_FOR)

    async def _moment(self) -> None:
        waiting = asyncio.get_running_loop().create_future()
        self.waiting.append(waiting)
        await waiting

    async def go_on(self, chance: random.Random) -> None:
        if self.waiting:
            self.waiting.pop(chance.randrange(len(self.waiting))).set_result(None)
        await asyncio.sleep(0)
        await asyncio.sleep(0)


class Crowd:
    """Asks, keeps and finds in any order, and notes how long after its erasure a task was told."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)  # noqa: S311
        self.postgres = Postgres()
        self.tickets = Tickets(self.postgres, 6, lambda: self.postgres.time)
        self.asked: list[tuple[str, Asked, bool]] = []
        self.finding: list[tuple[str, Task[Ticket | None]]] = []
        self.told: list[float] = []

    async def step(self, name: str) -> None:
        await self.chance.choice(
            [self.wait, self.ask, self.answer, self.find, self.find, self.erase]
        )(name)
        await self.postgres.go_on(self.chance)
        for found in [one for one in self.finding if one[1].done()]:
            self.finding.remove(found)
            if found[1].result() is not None:
                now = self.postgres.time
                self.told.append(now - self.postgres.erased_at.get(found[0], now))

    async def wait(self, _: str) -> None:
        self.postgres.time += self.chance.choice((0.001, 0.05, 0.1, 0.3))

    async def ask(self, name: str) -> None:
        question = self.tickets.asked()
        for _ in range(self.chance.randrange(2)):
            await self.postgres.go_on(self.chance)
        self.asked.append((name, question, name not in self.postgres.erased_at))

    async def answer(self, _: str) -> None:
        if self.asked:
            name, question, is_there = self.asked.pop(self.chance.randrange(len(self.asked)))
            if is_there:
                self.tickets.keep(name, replace(DRAWN, task_id=name), question)

    async def find(self, name: str) -> None:
        self.finding.append((name, asyncio.create_task(self.tickets.find(name))))

    async def erase(self, name: str) -> None:
        if name not in self.postgres.erased_at and not self.chance.randrange(4):
            self.postgres.erase(name)


@pytest.mark.parametrize("seed", range(40))
@looped
async def test_nobody_is_told_who_may_know_that_it_is_erased(seed: int) -> None:
    crowd = Crowd(seed)

    for step in range(3000):
        await crowd.step(f"t{crowd.chance.randrange(8)}-{step // 300}")
    while crowd.postgres.waiting:
        await crowd.postgres.go_on(crowd.chance)

    assert len(crowd.told) > 30
    assert max(crowd.told) < GOOD_FOR
