"""How long calls on a caller's behalf may last."""

from __future__ import annotations

import time
from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest

from services.runtime import channels, deadlines

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def four_seconds_left() -> Iterator[None]:
    token = deadlines._ends_at.set(time.monotonic() + 4)
    yield
    deadlines._ends_at.reset(token)


@pytest.fixture
def no_time_left() -> Iterator[None]:
    token = deadlines._ends_at.set(time.monotonic() - 1)
    yield
    deadlines._ends_at.reset(token)


def timeout(asked: float | None) -> float | None:
    details = SimpleNamespace(
        timeout=asked, metadata=None, method="/x", credentials=None, wait_for_ready=None
    )
    found: float | None = channels.completed(details, 5.0).timeout
    return found


@pytest.mark.parametrize(("asked", "given"), [(None, 5.0), (60.0, 60.0), (-1.0, None)])
def test_without_a_deadline_a_call_has_its_own(asked: float | None, given: float | None) -> None:
    assert timeout(asked) == given


@pytest.mark.usefixtures("four_seconds_left")
@pytest.mark.parametrize("asked", [None, 60.0, -1.0])
def test_no_call_lasts_longer_than_its_caller_waits(asked: float | None) -> None:
    given = timeout(asked)

    assert given is not None
    assert deadlines.LEAST_SECONDS < given <= 4.0  # less what a slow machine took to ask


@pytest.mark.usefixtures("four_seconds_left")
def test_a_shorter_call_stays_short() -> None:
    assert timeout(0.5) == 0.5


@pytest.mark.usefixtures("no_time_left")
def test_a_call_without_time_left_ends_at_once() -> None:
    assert timeout(None) == deadlines.LEAST_SECONDS


@pytest.mark.parametrize("wrong", ["", "2", "S", "-1S", "2 S", "123456789S", "2s"])
def test_what_is_no_time_is_none(wrong: str) -> None:
    assert deadlines.seconds(wrong) is None
