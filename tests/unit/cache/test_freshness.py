"""How long an answer may be repeated."""

from __future__ import annotations

import time
import uuid
from datetime import UTC, datetime, timedelta

import pytest
from unit.loops import looped

from services.cache.erasures import REACH
from services.cache.freshness import GOOD_FOR, forgotten, good_for, kept_for
from services.cache.records import Status, Task

READ_AT = datetime(2026, 1, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("left", "expected"),
    [
        (timedelta(hours=1), GOOD_FOR),
        (timedelta(milliseconds=5), timedelta(milliseconds=5)),
        (None, timedelta(0)),
    ],
    ids=["long before its end", "shortly before its end", "without an end"],
)
def test_an_answer_is_good_for_a_moment_and_never_beyond_its_end(
    left: timedelta | None, expected: timedelta
) -> None:
    expires_at = None if left is None else READ_AT + left
    task = Task(
        task_id=uuid.uuid4(),
        input_hash="ab" * 32,
        status=Status.SUCCESS,
        submitted_at=READ_AT,
        read_at=READ_AT,
        expires_at=expires_at,
    )

    assert good_for(task) == expected
    assert kept_for(task) == max(expected, min(REACH, left or expected))


@looped
async def test_what_was_read_before_is_forgotten_only_when_nobody_may_repeat_it() -> None:
    began = time.monotonic()

    await forgotten()

    assert time.monotonic() - began > GOOD_FOR.total_seconds()
