from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from services.gateway.access.allowance import Allowances, QuotaUsedUp, TooFast
from services.gateway.access.keys import Key

NOON = datetime(2026, 11, 28, 12, tzinfo=UTC)


class Clock:
    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def key(name: str = "ana", rate: float | None = None, quota: int | None = None) -> Key:
    return Key(name, bytes(32), name, rate=rate, quota=quota)


def spend(allowances: Allowances, key: Key, calls: int, *, is_submission: bool = False) -> None:
    for _ in range(calls):
        allowances.spend(key, is_submission=is_submission)


def test_a_rate_lets_a_seconds_worth_of_calls_through_and_no_more(clock: Clock) -> None:
    allowances = Allowances(clock)
    spend(allowances, key(rate=5), 5)

    with pytest.raises(TooFast) as caught:
        spend(allowances, key(rate=5), 1)

    assert caught.value.retry_after == pytest.approx(0.2)
    clock.now += timedelta(seconds=0.2)
    spend(allowances, key(rate=5), 1)


def test_what_is_not_used_is_not_saved_up(clock: Clock) -> None:
    allowances = Allowances(clock)
    spend(allowances, key(rate=5), 1)
    clock.now += timedelta(hours=1)

    spend(allowances, key(rate=5), 5)
    with pytest.raises(TooFast):
        spend(allowances, key(rate=5), 1)


def test_a_rate_below_one_lets_a_call_through_every_so_often(clock: Clock) -> None:
    allowances = Allowances(clock)
    spend(allowances, key(rate=0.1), 1)

    with pytest.raises(TooFast) as caught:
        spend(allowances, key(rate=0.1), 1)

    assert caught.value.retry_after == pytest.approx(10)


def test_a_quota_counts_submissions_until_midnight(clock: Clock) -> None:
    allowances = Allowances(clock)
    spend(allowances, key(quota=2), 50)
    spend(allowances, key(quota=2), 2, is_submission=True)

    with pytest.raises(QuotaUsedUp) as caught:
        spend(allowances, key(quota=2), 1, is_submission=True)

    assert caught.value.retry_after == timedelta(hours=12).total_seconds()
    clock.now += timedelta(hours=12)
    spend(allowances, key(quota=2), 2, is_submission=True)


def test_every_key_has_its_own_account(clock: Clock) -> None:
    allowances = Allowances(clock)
    spend(allowances, key("ana", rate=1), 1)

    spend(allowances, key("bea", rate=1), 1)


def test_a_key_without_limits_has_none(clock: Clock) -> None:
    spend(Allowances(clock), key(), 10_000, is_submission=True)


def test_a_clock_that_goes_back_gives_nothing_away(clock: Clock) -> None:
    allowances = Allowances(clock)
    spend(allowances, key(rate=1), 1)
    clock.now -= timedelta(hours=1)

    with pytest.raises(TooFast):
        spend(allowances, key(rate=1), 1)
