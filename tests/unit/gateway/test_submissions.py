"""Answering submissions."""

from __future__ import annotations

import asyncio
import io
from dataclasses import dataclass
from datetime import timedelta

import pytest
from unit.gateway.fakes import SUBMITTED, FakeCache, FakeForesight, FakeProcessor, ticket

from services.gateway.pace import FIRST_GUESS, Pace
from services.gateway.submissions import (
    Begun,
    NotTaken,
    ResultNotFound,
    Submission,
    Submissions,
    Ticket,
    Trouble,
)


@dataclass
class Part:
    size: int = 1
    digest: bytes = b""
    file: io.BytesIO = io.BytesIO()  # noqa: RUF009 - never read here


SUBMISSION = Submission({}, Part(), Part())


def submissions(cache: FakeCache, processor: FakeProcessor) -> Submissions:
    return Submissions(cache, processor, Pace(), FakeForesight(), now=lambda: SUBMITTED)


def test_a_finished_task_is_answered_and_the_processor_is_not_asked() -> None:
    done = ticket("SUCCESS", completed_at=SUBMITTED)
    processor = FakeProcessor()

    answer = asyncio.run(submissions(FakeCache(done), processor).submit(SUBMISSION))

    assert (answer.ticket, answer.is_hit, answer.match) == (done, True, "EXACT")
    assert answer.estimated_completion == SUBMITTED
    assert processor.submitted == []


def test_an_unknown_photo_goes_to_the_processor() -> None:
    processor = FakeProcessor()

    answer = asyncio.run(submissions(FakeCache(), processor).submit(SUBMISSION))

    assert processor.submitted == [SUBMISSION]
    assert (answer.is_hit, answer.ticket.status) == (False, "PENDING")
    assert answer.estimated_completion == SUBMITTED + 5 * FIRST_GUESS


def test_a_result_that_came_meanwhile_is_a_hit() -> None:
    begun = Begun(ticket("SUCCESS", completed_at=SUBMITTED), is_hit=True, queue_depth=0)

    answer = asyncio.run(submissions(FakeCache(), FakeProcessor(begun)).submit(SUBMISSION))

    assert answer.is_hit


class Broken(Exception):
    """A peer that cannot answer."""


class BrokenCache(FakeCache):
    async def find(self, submission: Submission) -> Ticket | None:
        raise Broken("cache", submission)


class BrokenProcessor(FakeProcessor):
    async def submit(self, submission: Submission) -> Begun:
        raise NotTaken(Broken("processor", submission))


def test_the_cache_is_not_asked_in_vain() -> None:
    own = Submissions(BrokenCache(), FakeProcessor(), Pace(), FakeForesight(expected=False))

    assert asyncio.run(own.submit(SUBMISSION)).ticket.status == "PENDING"


def test_what_was_not_expected_is_found_though_the_processor_does_not_answer() -> None:
    done = ticket("SUCCESS")
    own = Submissions(FakeCache(done), BrokenProcessor(), Pace(), FakeForesight(expected=False))

    answer = asyncio.run(own.submit(SUBMISSION))

    assert (answer.ticket, answer.is_hit) == (done, True)


@pytest.mark.parametrize("is_expected", [True, False])
def test_what_the_processor_has_to_say_is_told(is_expected: bool) -> None:
    own = Submissions(FakeCache(), BrokenProcessor(), Pace(), FakeForesight(is_expected))

    with pytest.raises(Broken, match="processor"):
        asyncio.run(own.submit(SUBMISSION))


@pytest.mark.parametrize("is_expected", [True, False])
@pytest.mark.parametrize("is_hit", [True, False])
def test_every_answer_is_learned_from(is_hit: bool, is_expected: bool) -> None:
    foresight = FakeForesight(is_expected)
    processor = FakeProcessor(Begun(ticket(), is_hit, queue_depth=0))

    asyncio.run(Submissions(FakeCache(), processor, Pace(), foresight).submit(SUBMISSION))

    assert foresight.learned == [is_hit]


@pytest.mark.parametrize(
    ("is_hit", "distance", "match"),
    [(False, None, ""), (True, None, "EXACT"), (True, 0, "SIMILAR")],
)
def test_the_answer_says_what_in_the_cache_matched(
    is_hit: bool, distance: int | None, match: str
) -> None:
    begun = Begun(ticket("SUCCESS"), is_hit, queue_depth=0, distance=distance)

    answer = asyncio.run(submissions(FakeCache(), FakeProcessor(begun)).submit(SUBMISSION))

    assert (answer.match, answer.distance) == (match, distance)


@pytest.mark.parametrize(
    ("status", "message"),
    [
        ("PENDING", "waits to be drawn"),
        ("PROGRESS", "is being drawn"),
        ("SUCCESS", "is ready"),
        ("CANCELLED", "was cancelled"),
    ],
)
def test_the_message_says_where_the_task_stands(status: str, message: str) -> None:
    cache = FakeCache(ticket(status))

    answer = asyncio.run(submissions(cache, FakeProcessor()).submit(SUBMISSION))

    assert message in answer.message


def test_a_remembered_failure_is_told_with_its_reason() -> None:
    trouble = Trouble("CORRUPT_IMAGE", "row 7 is broken", is_clients=True)
    cache = FakeCache(ticket("FAILURE", trouble=trouble))

    answer = asyncio.run(submissions(cache, FakeProcessor()).submit(SUBMISSION))

    assert answer.message == "This photo cannot be drawn: row 7 is broken"


def test_a_failure_that_the_photo_is_not_to_blame_for_is_told_as_one() -> None:
    trouble = Trouble("INTERNAL", "internal error, request_id=r", is_clients=False)
    cache = FakeCache(ticket("FAILURE", trouble=trouble))

    answer = asyncio.run(submissions(cache, FakeProcessor()).submit(SUBMISSION))

    assert answer.message == "The drawing failed: internal error, request_id=r"


def test_a_task_that_was_submitted_before_and_is_under_way_is_no_hit() -> None:
    processor = FakeProcessor()

    answer = asyncio.run(submissions(FakeCache(ticket("PROGRESS")), processor).submit(SUBMISSION))

    assert (answer.ticket.task_id, answer.is_hit, answer.match) == ("t", False, "")
    assert processor.submitted == []


def test_a_known_hash_is_answered() -> None:
    done = ticket("SUCCESS")

    answer = asyncio.run(submissions(FakeCache(done), FakeProcessor()).lookup("ab" * 32))

    assert (answer.ticket, answer.is_hit) == (done, True)


def test_an_unknown_hash_is_not_found() -> None:
    with pytest.raises(ResultNotFound, match="submit the photo") as caught:
        asyncio.run(submissions(FakeCache(), FakeProcessor()).lookup("cd" * 32))

    assert caught.value.facts == {"input_hash": "cd" * 32}


def test_the_pace_follows_the_drawings() -> None:
    pace = Pace()

    for _ in range(100):
        pace.note(400)
    pace.note(0)

    assert pace.until_drawn(0) == pytest.approx(timedelta(milliseconds=400), rel=0.01)
