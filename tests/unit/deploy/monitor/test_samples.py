from __future__ import annotations

from math import inf

import pytest
from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest

from deploy.monitor.samples import Samples, quantile

BOUNDS = (0.1, 0.2, 0.4)


def page(*observed: float, asked: int = 0) -> Samples:
    """Return what a real service would show after these observations."""
    registry = CollectorRegistry()
    seconds = Histogram("seconds", "Time.", ("route",), buckets=BOUNDS, registry=registry)
    asks = Counter("asks", "Questions.", ("route", "status"), registry=registry)
    for value in observed:
        seconds.labels("a").observe(value)
    asks.labels("a", "200").inc(asked)
    asks.labels("b", "404").inc(1)
    return Samples.parsed(generate_latest(registry).decode())


def test_a_series_is_found_by_some_of_its_labels() -> None:
    assert page(asked=3).total("asks_total", route="a") == 3


def test_series_are_summed_by_the_labels_asked_for() -> None:
    assert page(asked=3).by("asks_total", "route") == {("a",): 3, ("b",): 1}


def test_what_is_not_on_the_page_is_nothing() -> None:
    assert page().total("nowhere") == 0
    assert page().quantile(0.5, "nowhere") is None


def test_growth_is_of_each_series_alone() -> None:
    growth = page(asked=5).since(page(asked=3))

    assert growth.by("asks_total", "route") == {("a",): 2, ("b",): 0}


def test_a_counter_that_began_anew_has_grown_by_what_it_shows() -> None:
    assert page(asked=2).since(page(asked=100)).total("asks_total", route="a") == 2


def test_a_quantile_of_growth_forgets_what_was_before() -> None:
    growth = page(*[0.05] * 100, *[0.3] * 4).since(page(*[0.05] * 100))

    assert growth.quantile(0.5, "seconds", route="a") == pytest.approx(0.3)


@pytest.mark.parametrize(
    ("share", "counts", "expected"),
    [
        pytest.param(0.5, {0.1: 10, inf: 10}, 0.05, id="first bucket, from zero"),
        pytest.param(0.95, {0.1: 0, 0.2: 100, inf: 100}, 0.195, id="within a bucket"),
        pytest.param(0.5, {0.1: 5, 0.2: 5, 0.4: 10, inf: 10}, 0.1, id="on a bound"),
        pytest.param(0.95, {0.1: 1, inf: 10}, 0.1, id="beyond the last bound"),
        pytest.param(0.5, {0.1: 0, inf: 0}, None, id="nothing observed"),
    ],
)
def test_quantiles_are_what_prometheus_would_say(
    share: float, counts: dict[float, float], expected: float | None
) -> None:
    assert quantile(share, counts) == (None if expected is None else pytest.approx(expected))
