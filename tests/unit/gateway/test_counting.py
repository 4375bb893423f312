"""Counting what submissions are answered."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from prometheus_client import REGISTRY
from unit.gateway.fakes import FakeCache, FakeForesight, FakeProcessor, ticket
from unit.gateway.test_submissions import SUBMISSION

from services.gateway.counting import Counted
from services.gateway.pace import Pace
from services.gateway.submissions import NotDrawn, ResultNotFound, Submissions

if TYPE_CHECKING:
    from collections.abc import Mapping

HIT = {"result": "hit"}
MISS = {"result": "miss"}
IN_VAIN = "cache_lookup_misses_total"
BY_HASH, BY_DIGESTS = {"by": "input_hash"}, {"by": "digests"}


def counted(finished: str = "", *, distance: int | None = None) -> Counted:
    """Return submissions on a cache with a finished task, or with one that looks the same."""
    processor = FakeProcessor()
    if distance is not None:
        processor.answer = replace(processor.answer, is_hit=True, distance=distance)
    cache = FakeCache(ticket(finished) if finished else None)
    return Counted(Submissions(cache, processor, Pace(), FakeForesight()))


def value(name: str, labels: Mapping[str, str]) -> float:
    return REGISTRY.get_sample_value(name, dict(labels)) or 0.0


@pytest.mark.parametrize(
    ("own", "outcome", "result"),
    [
        (counted("SUCCESS"), "hit", HIT),
        (counted(), "new", MISS),
        (counted(distance=3), "similar", HIT),
    ],
    ids=["hit", "new", "similar"],
)
def test_a_submission_is_counted_by_what_became_of_it(
    own: Counted, outcome: str, result: Mapping[str, str]
) -> None:
    before = (
        value("task_submissions_total", {"outcome": outcome}),
        value("cache_requests_total", result),
    )

    asyncio.run(own.submit(SUBMISSION))

    assert value("task_submissions_total", {"outcome": outcome}) == before[0] + 1
    assert value("cache_requests_total", result) == before[1] + 1


def test_a_photo_that_is_looked_up_in_vain_and_then_sent_is_one_miss() -> None:
    own = counted()
    before = value("cache_requests_total", MISS)
    in_vain = value(IN_VAIN, BY_HASH), value(IN_VAIN, BY_DIGESTS)

    with pytest.raises(ResultNotFound):
        asyncio.run(own.lookup("ab" * 32))
    with pytest.raises(NotDrawn):
        asyncio.run(own.seek(SUBMISSION))
    asyncio.run(own.submit(SUBMISSION))

    assert value("cache_requests_total", MISS) == before + 1
    assert (value(IN_VAIN, BY_HASH), value(IN_VAIN, BY_DIGESTS)) == (
        in_vain[0] + 1,
        in_vain[1] + 1,
    )


def test_a_lookup_that_finds_is_a_hit() -> None:
    before = value("cache_requests_total", HIT)

    asyncio.run(counted("SUCCESS").lookup("ab" * 32))
    asyncio.run(counted("SUCCESS").seek(SUBMISSION))

    assert value("cache_requests_total", HIT) == before + 2


def test_the_ratio_is_that_of_all_questions() -> None:
    asyncio.run(counted("SUCCESS").lookup("ab" * 32))

    hits, misses = value("cache_requests_total", HIT), value("cache_requests_total", MISS)
    assert value("cache_hit_ratio", {}) == hits / (hits + misses)
