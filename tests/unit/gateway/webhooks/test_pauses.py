"""How long until a message is sent again."""

from __future__ import annotations

from datetime import timedelta

import pytest

from services.gateway.webhooks.pauses import Pauses

EVEN = Pauses(spread=lambda low, high: (low + high) / 2)


def seconds(pauses: Pauses) -> list[float]:
    found = [pauses.after(attempt) for attempt in range(1, pauses.max_attempts)]
    return [pause.total_seconds() for pause in found if pause is not None]


def test_they_grow_over_some_hours() -> None:
    assert seconds(EVEN) == [10, 40, 160, 640, 2560, 10240, 14400]


@pytest.mark.parametrize("attempt", [8, 9, 100])
def test_there_is_none_after_the_last(attempt: int) -> None:
    assert EVEN.after(attempt) is None


def test_no_pause_is_too_long_for_any_number_of_attempts() -> None:
    assert Pauses(max_attempts=10**6, spread=EVEN.spread).after(10**5) == timedelta(hours=4)


def test_receivers_that_were_away_together_are_not_called_together() -> None:
    found = {Pauses().after(1) for _ in range(20)}

    assert len(found) > 1
    assert all(pause and timedelta(seconds=8) <= pause <= timedelta(seconds=12) for pause in found)


def test_a_receiver_may_ask_for_more_time() -> None:
    assert EVEN.after(1, timedelta(seconds=60)) == timedelta(seconds=60)
    assert EVEN.after(1, timedelta(seconds=1)) == timedelta(seconds=10)
    assert EVEN.after(1, timedelta(days=9)) == timedelta(hours=4)
