"""Guessing whether a submission is drawn already."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import TYPE_CHECKING

from services.gateway.foresight import Foresight
from services.gateway.submissions import Submission

if TYPE_CHECKING:
    import pytest


@dataclass
class Part:
    digest: bytes
    size: int = 1
    file: io.BytesIO = io.BytesIO()  # noqa: RUF009 - never read here


def submission(number: int, **options: str) -> Submission:
    return Submission(options, Part(number.to_bytes(32)), Part(b"landmarks"))


def test_what_came_before_is_expected_and_what_is_new_is_not() -> None:
    foresight = Foresight()

    assert not foresight.expects(submission(1))
    foresight.learn(submission(1), is_hit=False)

    assert foresight.expects(submission(1))
    assert not foresight.expects(submission(2))
    assert not foresight.expects(submission(1, preset="skin"))


def test_what_another_tenant_sent_is_new(request: pytest.FixtureRequest) -> None:
    foresight = Foresight()
    foresight.learn(submission(1), is_hit=False)

    request.getfixturevalue("as_somebody_else")

    assert not foresight.expects(submission(1))


def test_where_others_draw_everything_is_expected_until_it_turns_out_to_be_new() -> None:
    foresight = Foresight()

    for number in range(16):
        foresight.learn(submission(number), is_hit=True)
    assert foresight.expects(submission(100))

    for number in range(16, 48):
        foresight.learn(submission(number), is_hit=False)
    assert not foresight.expects(submission(100))


def test_hits_that_were_to_be_expected_say_nothing_of_what_is_new() -> None:
    foresight = Foresight()

    for _ in range(100):
        foresight.learn(submission(1), is_hit=True)

    assert not foresight.expects(submission(2))


def test_only_the_last_are_remembered() -> None:
    foresight = Foresight(size=2)

    for number in (1, 2, 1, 3):
        foresight.learn(submission(number), is_hit=False)

    assert [n for n in (1, 2, 3) if foresight.expects(submission(n))] == [1, 3]
