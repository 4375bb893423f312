"""What may be repeated for a moment."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

import pytest
from unit.loops import looped

from services.gateway.memory import ENTRY_BYTES, Memory


@dataclass
class Clock:
    """Stands until it is set."""

    time: float = 100.0

    def __call__(self) -> float:
        return self.time


@pytest.fixture
def clock() -> Clock:
    return Clock()


@looped
async def test_what_is_kept_is_found_until_its_time(clock: Clock) -> None:
    memory = Memory(10 * ENTRY_BYTES, clock)

    memory.keep("a", 1, until=101)

    clock.time = 100.9
    assert memory.find("a") == 1
    clock.time = 101
    assert memory.find("a") is None


@looped
async def test_what_came_too_late_is_not_kept(clock: Clock) -> None:
    memory = Memory(10 * ENTRY_BYTES, clock)
    memory.keep("a", 1, until=101)

    memory.keep("a", 2, until=100)

    assert (memory.find("a"), memory.held_bytes) == (None, 0)


@looped
async def test_the_oldest_goes_when_there_is_no_room(clock: Clock) -> None:
    memory = Memory(3 * ENTRY_BYTES, clock)

    for key in ("a", "b", "c"):
        memory.keep(key, key, until=101)
    memory.keep("a", "anew", until=102)
    memory.keep("d", "d", until=102, size=ENTRY_BYTES)

    assert [memory.find(key) for key in "abcd"] == ["anew", None, None, "d"]
    assert memory.held_bytes == 3 * ENTRY_BYTES


@looped
async def test_what_is_larger_than_all_room_drives_nothing_out(clock: Clock) -> None:
    memory = Memory(2 * ENTRY_BYTES, clock)
    memory.keep("a", 1, until=101)

    memory.keep("b", 2, until=101, size=2 * ENTRY_BYTES)

    assert [memory.find(key) for key in "ab"] == [1, None]


@looped
async def test_nothing_is_kept_without_room(clock: Clock) -> None:
    memory = Memory(0, clock)

    memory.keep("a", 1, until=101)

    assert memory.find("a") is None


@looped
async def test_what_may_be_repeated_no_more_goes_by_itself() -> None:
    memory = Memory(10 * ENTRY_BYTES)
    memory.keep("a", 1, until=memory.now() + 0.01)
    memory.keep("b", 2, until=memory.now() + 0.02)

    async with asyncio.timeout(10):
        while memory.held_bytes:  # noqa: ASYNC110 - nobody tells
            await asyncio.sleep(0.005)
