"""The cache, not asked twice."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import pytest
from unit.gateway.fakes import FakeLog, ticket
from unit.loops import looped

from services.gateway.access.caller import ANYBODY, caller
from services.gateway.drawings import Svg
from services.gateway.hot import MAX_SVG_BYTES, Hot, inputs
from services.gateway.intake import Known
from services.gateway.memory import Memory
from services.gateway.submissions import Submission
from services.gateway.tickets import TICKET_BYTES, Tickets

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from services.gateway.submissions import Ticket

PHOTO = Submission({"preset": "features"}, Known(b"photo"), Known(b"landmarks"))
KEY = "ab" * 32


@dataclass
class Clock:
    """Stands until it is set."""

    time: float = 100.0

    def __call__(self) -> float:
        return self.time


@dataclass
class Slow:
    """A cache that takes a while, and counts its questions."""

    clock: Clock
    answer: Ticket | None = field(default_factory=lambda: ticket("SUCCESS", good_for=0.2))
    svg_bytes: bytes = b"<svg/>"
    takes: float = 0.05
    asked: int = 0

    async def find(self, submission: Submission) -> Ticket | None:
        del submission
        return self._answered()

    async def find_hash(self, input_hash: str) -> Ticket | None:
        del input_hash
        return self._answered()

    async def final(self, task_id: str) -> Ticket:
        return replace(ticket("SUCCESS"), task_id=task_id)

    async def svg(self, task_id: str) -> Svg:
        del task_id
        self._answered()

        async def pieces() -> AsyncIterator[bytes]:
            yield self.svg_bytes[:3]
            yield self.svg_bytes[3:]

        return Svg(len(self.svg_bytes), b"digest", pieces(), good_for=0.2)

    def _answered(self) -> Ticket | None:
        self.asked += 1
        self.clock.time += self.takes
        return self.answer


@dataclass
class House:
    """A hot cache before a slow one."""

    clock: Clock = field(default_factory=Clock)

    def __post_init__(self) -> None:
        self.cache = Slow(self.clock)
        self.hits: Counter[str] = Counter()
        tickets = Tickets(FakeLog(), 100, self.clock)
        self.hot = Hot(self.cache, self, Memory(1 << 22, self.clock), tickets)

    def count(self, task_id: str) -> None:
        self.hits[task_id] += 1

    async def read(self) -> bytes:
        svg = await self.hot.svg("t")
        return b"".join([piece async for piece in svg.pieces])


@pytest.fixture
def house() -> House:
    return House()


@looped
async def test_an_answer_is_repeated_for_a_moment_and_counted(house: House) -> None:
    first = await house.hot.find(PHOTO)
    again = await house.hot.find(PHOTO)

    assert again == first == house.cache.answer
    assert (house.cache.asked, house.hits) == (1, {"t": 1})


@looped
async def test_a_hash_is_answered_alike(house: House) -> None:
    for _ in range(3):
        assert await house.hot.find_hash(KEY) == house.cache.answer

    assert (house.cache.asked, house.hits) == (1, {"t": 2})


@looped
async def test_the_moment_begins_before_the_question(house: House) -> None:
    await house.hot.find(PHOTO)
    house.clock.time = 100.199
    await house.hot.find(PHOTO)
    assert house.cache.asked == 1

    house.clock.time = 100.2
    await house.hot.find(PHOTO)

    assert house.cache.asked == 2


@looped
async def test_an_answer_that_is_vouched_for_is_repeated_for_longer(house: House) -> None:
    house.cache.answer = ticket("SUCCESS", good_for=0.2, kept_for=600.0)
    for later in (100.0, 101.0, 102.0, 699.0):  # the first is asked before anything vouches for it
        house.clock.time = later
        assert await house.hot.find(PHOTO) == house.cache.answer
        await asyncio.sleep(0)

    assert (house.cache.asked, house.hits) == (2, {"t": 2})


@looped
async def test_an_answer_that_took_longer_than_it_is_good_for_is_not_repeated(
    house: House,
) -> None:
    house.cache.takes = 0.2

    await house.hot.find(PHOTO)
    await house.hot.find(PHOTO)

    assert house.cache.asked == 2


@looped
async def test_what_the_cache_does_not_let_be_repeated_is_asked_anew(house: House) -> None:
    house.cache.answer = ticket("SUCCESS")

    await house.hot.find(PHOTO)
    await house.hot.find(PHOTO)

    assert house.cache.asked == 2


@looped
async def test_that_there_is_nothing_is_asked_anew(house: House) -> None:
    house.cache.answer = None

    assert await house.hot.find(PHOTO) is None
    assert await house.hot.find(PHOTO) is None

    assert house.cache.asked == 2


@pytest.mark.parametrize(
    "other",
    [
        replace(PHOTO, image=Known(b"another")),
        replace(PHOTO, landmarks=Known(b"others")),
        replace(PHOTO, segmentation_map=Known(b"map")),
        replace(PHOTO, options={}),
    ],
    ids=["image", "landmarks", "segmentation map", "options"],
)
@looped
async def test_another_submission_is_asked_for(house: House, other: Submission) -> None:
    await house.hot.find(PHOTO)
    await house.hot.find(other)

    assert house.cache.asked == 2


def test_what_tells_submissions_apart_is_small_however_long_their_options_are() -> None:
    table = ",".join(f"{label}={'x' * 64}" for label in range(256))

    assert len(repr(inputs(replace(PHOTO, options={"label_table": table})))) < TICKET_BYTES


@pytest.mark.parametrize(
    "named",
    [
        replace(PHOTO, idempotency_key="mine"),
        replace(PHOTO, options={"callback_url": "https://hooks.example/"}),
    ],
    ids=["key", "callback"],
)
@looped
async def test_what_the_cache_has_to_note_is_asked_anew(house: House, named: Submission) -> None:

    for _ in range(2):
        await house.hot.find(PHOTO)
        await house.hot.find(named)

    assert house.cache.asked == 3


@looped
async def test_another_tenant_is_asked_for(house: House) -> None:
    await house.hot.find(PHOTO)
    await house.hot.find_hash(KEY)
    await house.read()
    token = caller.set(replace(ANYBODY, tenant="another"))
    try:
        await house.hot.find(PHOTO)
        await house.hot.find_hash(KEY)
        await house.read()
    finally:
        caller.reset(token)

    assert (house.cache.asked, house.hits) == (6, {})


@looped
async def test_a_drawing_is_handed_over_again_for_a_moment(house: House) -> None:
    assert [await house.read() for _ in range(3)] == [b"<svg/>"] * 3
    assert house.cache.asked == 1

    house.clock.time = 100.2
    assert await house.read() == b"<svg/>"

    assert house.cache.asked == 2


@looped
async def test_a_drawing_that_was_not_read_whole_is_not_kept(house: House) -> None:
    svg = await house.hot.svg("t")
    await anext(svg.pieces)

    assert await house.read() == b"<svg/>"
    assert house.cache.asked == 2


@looped
async def test_a_large_drawing_is_not_kept(house: House) -> None:
    house.cache.svg_bytes = bytes(MAX_SVG_BYTES + 1)

    await house.read()
    await house.read()

    assert house.cache.asked == 2
