"""When a call is made again."""

from __future__ import annotations

import pytest

from facesvg_client.errors import (
    Busy,
    DeadlineExceeded,
    FacesvgError,
    InvalidPhoto,
    QuotaUsedUp,
    ServiceError,
    Unavailable,
)
from facesvg_client.policy import Deadline, Retry

RETRY = Retry(attempts=4, first_pause=0.1, longest_pause=0.3, chance=lambda: 1.0)


def test_pauses_double_up_to_the_longest_and_then_it_is_over() -> None:
    pauses = [RETRY.pause(attempt, Unavailable("why")) for attempt in (1, 2, 3, 4)]

    assert pauses == [0.1, 0.2, 0.3, None]


def test_chance_halves_a_pause_at_the_most() -> None:
    unlucky = Retry(first_pause=0.1, chance=lambda: 0.0)

    assert unlucky.pause(1, Unavailable("why")) == 0.05


@pytest.mark.parametrize(
    ("error", "is_repeated"),
    [
        (Unavailable("why"), True),
        (Unavailable("why", reason="DEPENDENCY_UNAVAILABLE"), True),
        (DeadlineExceeded("why"), True),
        (ServiceError("a broken connection", code="INTERNAL"), True),
        (ServiceError("a mistake", code="INTERNAL", reason="INTERNAL"), False),
        (InvalidPhoto("why", reason="NOT_AN_IMAGE"), False),
        (QuotaUsedUp("why", retry_after=3600.0), False),
    ],
)
def test_only_what_may_succeed_is_tried_again(error: FacesvgError, is_repeated: bool) -> None:
    assert (RETRY.pause(1, error) is not None) is is_repeated


def test_a_busy_service_is_asked_when_it_says_however_often() -> None:
    assert RETRY.pause(1, Busy("why", retry_after=2.5)) == 2.5
    assert RETRY.pause(99, Busy("why", retry_after=2.5)) == 2.5
    assert RETRY.pause(99, Busy("why")) == 0.3


def test_a_deadline_bounds_attempts_and_pauses() -> None:
    now = [100.0]
    deadline = Deadline.after(5.0, lambda: now[0])

    assert deadline.left(10.0) == 5.0
    assert deadline.left(2.0) == 2.0
    assert deadline.allows(4.9)
    assert not deadline.allows(5.0)
    now[0] = 105.0
    with pytest.raises(DeadlineExceeded):
        deadline.left(None)


def test_no_deadline_allows_everything() -> None:
    assert Deadline.after(None).left(None) is None
    assert Deadline.after(None).allows(1e9)


def test_a_stream_cut_off_at_the_deadline_is_the_deadline() -> None:
    cut, told = ServiceError("stream removed"), ServiceError("why", reason="INTERNAL")

    assert isinstance(Deadline.after(0.05, lambda: 100.0).meaning(cut), DeadlineExceeded)
    assert Deadline.after(0.05, lambda: 100.0).meaning(told) is told
    assert Deadline.after(5.0, lambda: 100.0).meaning(cut) is cut
    assert Deadline.after(None).meaning(cut) is cut
