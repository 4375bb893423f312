"""What the cache decides, without a database."""

from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from io import BytesIO

import pytest

from services.cache.errors import DrawingTooLarge, LeaseLost, QueueFull, TaskCancelled
from services.cache.moves import Failed, Lapsed, Leased
from services.cache.policy import MIB, SVG_BYTES, Policy, check_holder
from services.cache.records import Drawing, Failure, Source, Status, Task

NOW = datetime(2026, 1, 1, tzinfo=UTC)
SECOND = timedelta(seconds=1)
TOKEN = uuid.UUID(int=1)
ASK = Leased(TOKEN, "worker", timedelta(minutes=1))
CERTAIN = Failure("NO_FACE", "there is no face", deterministic=True)
CHANCE = Failure("INTERNAL", "the drawing failed", deterministic=False)

PENDING = Task(uuid.UUID(int=2), "0" * 64, Status.PENDING, submitted_at=NOW, read_at=NOW)
HELD = replace(
    PENDING, status=Status.PROGRESS, attempt=1, lease_token=TOKEN, lease_until=NOW + SECOND
)
DRAWN = replace(PENDING, status=Status.SUCCESS, expires_at=NOW + SECOND)


def drawing(size: int) -> Drawing:
    return Drawing(b"", {}, 0, Source(bytes(32), size, BytesIO()))


def test_a_task_within_its_attempts_is_leased() -> None:
    assert Policy().opened(replace(PENDING, attempt=2), ASK) is ASK


def test_a_task_beyond_its_attempts_is_given_up() -> None:
    move = Policy(max_attempts=3).opened(replace(PENDING, attempt=3), ASK)

    assert isinstance(move, Failed)
    assert move.failure.type == "TOO_MANY_ATTEMPTS"


def test_giving_up_answers_resubmissions_for_as_long_as_errors_do() -> None:
    policy = Policy(error_ttl=timedelta(minutes=5))

    move = policy.given_up(replace(PENDING, attempt=3))

    assert move.failure.deterministic
    assert move.ttl == timedelta(minutes=5)


@pytest.mark.parametrize(("attempt", "kind"), [(1, Lapsed), (2, Lapsed), (3, Failed)])
def test_a_lapsed_task_waits_again_while_it_has_attempts(attempt: int, kind: type) -> None:
    assert isinstance(Policy().lapsed(replace(HELD, attempt=attempt)), kind)


def test_failures_of_chance_are_kept_as_long_as_drawings() -> None:
    policy = Policy()

    assert policy.failed(CERTAIN).ttl == policy.error_ttl
    assert policy.failed(CHANCE).ttl == policy.result_ttl


def test_the_queue_takes_as_many_as_its_limit() -> None:
    Policy(queue_limit=2).admit(1)

    with pytest.raises(QueueFull, match="2 tasks wait already") as refused:
        Policy(queue_limit=2).admit(2)

    assert refused.value.retry_after > 0


def test_a_drawing_of_the_limit_is_stored_and_one_byte_more_is_not() -> None:
    Policy().succeeded(drawing(SVG_BYTES))

    with pytest.raises(DrawingTooLarge):
        Policy().succeeded(drawing(SVG_BYTES + 1))


def test_water_marks_are_ninety_and_eighty_per_cent() -> None:
    policy = Policy(max_bytes=100 * MIB)

    assert (policy.high_water, policy.low_water) == (90 * MIB, 80 * MIB)


def test_the_holder_may_go_on_even_late() -> None:
    check_holder(HELD, TOKEN)
    check_holder(replace(HELD, lease_until=NOW - SECOND), TOKEN)


def test_nobody_else_may() -> None:
    for task in (replace(HELD, lease_token=uuid.UUID(int=9)), PENDING, DRAWN):
        with pytest.raises(LeaseLost):
            check_holder(task, TOKEN)
    with pytest.raises(TaskCancelled):
        check_holder(replace(HELD, status=Status.CANCELLED), TOKEN)


@pytest.mark.parametrize(
    ("task", "answers"),
    [
        (PENDING, False),
        (HELD, False),
        (DRAWN, True),
        (replace(DRAWN, expires_at=NOW), False),
        (replace(DRAWN, status=Status.FAILURE, failure=CERTAIN), True),
        (replace(DRAWN, status=Status.FAILURE, failure=CERTAIN, expires_at=NOW), False),
        (replace(DRAWN, status=Status.FAILURE, failure=CHANCE), False),
        (replace(DRAWN, status=Status.CANCELLED), False),
    ],
)
def test_only_what_is_known_and_not_expired_is_an_answer(task: Task, *, answers: bool) -> None:
    assert task.is_answer is answers


@pytest.mark.parametrize(
    ("until", "held"), [(None, False), (NOW, False), (NOW - SECOND, False), (NOW + SECOND, True)]
)
def test_a_lease_holds_until_its_time(until: datetime | None, *, held: bool) -> None:
    assert replace(HELD, lease_until=until).is_held is held
