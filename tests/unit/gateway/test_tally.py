"""Hits told in batches."""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import TYPE_CHECKING

from unit.loops import looped

from services.gateway.tally import Tally

if TYPE_CHECKING:
    from collections.abc import Mapping


class Book:
    """Is told; is away for the first `away` times."""

    def __init__(self, away: int = 0) -> None:
        self.told: Counter[str] = Counter()
        self.calls = 0
        self.heard = asyncio.Event()
        self._away = away

    async def count_hits(self, hits: Mapping[str, int]) -> None:
        self.calls += 1
        if self.calls <= self._away:
            raise ConnectionError
        self.told.update(hits)
        self.heard.set()


@looped
async def test_hits_are_told_together() -> None:
    book = Book()
    tally = Tally(book, after=0.01)

    for task_id in ("a", "b", "a"):
        tally.count(task_id)
    await asyncio.wait_for(book.heard.wait(), 10)

    assert (book.told, book.calls) == ({"a": 2, "b": 1}, 1)


@looped
async def test_what_could_not_be_told_is_told_later() -> None:
    book = Book(away=2)
    tally = Tally(book, after=0.001)

    tally.count("a")
    await asyncio.wait_for(book.heard.wait(), 10)

    assert (book.told, book.calls) == ({"a": 1}, 3)


@looped
async def test_the_rest_is_told_at_the_end() -> None:
    book = Book()
    tally = Tally(book, after=1000)
    tally.count("a")
    await asyncio.sleep(0)

    await tally.end()

    assert book.told == {"a": 1}


@looped
async def test_nothing_is_told_when_there_is_nothing() -> None:
    book = Book()

    await Tally(book).end()

    assert book.calls == 0
