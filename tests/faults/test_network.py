"""Bad networks between the parts: slow, thin, sliced, silent, reset."""

from __future__ import annotations

import time
from contextlib import ExitStack
from typing import TYPE_CHECKING

import pytest
from faults.inputs import files
from faults.proxy import Weather
from faults.traffic import NUMBERS, flowing, submit
from faults.ways import between

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from faults.proxy import Proxy
    from suite import Suite

# One stack is enough for all of them.
pytestmark = [pytest.mark.faults, pytest.mark.xdist_group("faults")]

WAYS = (
    ("envoy", "gateway"),
    ("gateway", "cache"),
    ("gateway", "processor"),
    ("processor", "cache"),
)


@pytest.fixture(scope="module")
def proxies(suite: Suite) -> Iterator[Sequence[Proxy]]:
    """Return proxies on all ways of a submission."""
    with ExitStack() as held:
        yield [held.enter_context(between(suite, *way)) for way in WAYS]


@pytest.fixture(autouse=True)
def fair(proxies: Sequence[Proxy]) -> Iterator[None]:
    """Let the sun shine after each test."""
    yield
    for proxy in proxies:
        proxy.clear()


@pytest.mark.parametrize(
    "weather",
    [
        Weather(latency=0.02),
        Weather(slice_bytes=100),
        Weather(bytes_per_second=500_000),
    ],
    ids=["late", "in slices", "thin"],
)
def test_a_bad_network_changes_nothing_but_the_time(
    suite: Suite, proxies: Sequence[Proxy], weather: Weather
) -> None:
    for proxy in proxies:
        proxy.weather = weather

    with flowing(suite, clients=2) as traffic:
        traffic.flows(3)

    assert all(proxy.connections for proxy in proxies)
    for proxy in proxies:
        proxy.clear()
    assert not traffic.history.refused
    traffic.history.check(suite)


def test_connections_reset_at_any_moment_lose_nothing(
    suite: Suite, proxies: Sequence[Proxy]
) -> None:
    with flowing(suite) as traffic:
        for proxy in [*proxies] * 3:
            proxy.reset()
            traffic.history.blows += 1
            traffic.flows(1)

    traffic.history.check(suite)


@pytest.mark.parametrize("way", range(len(WAYS)), ids=[" to ".join(way) for way in WAYS])
def test_a_part_that_hears_nothing_answers_within_its_deadline_and_recovers(
    suite: Suite, proxies: Sequence[Proxy], way: int
) -> None:
    photo = files(next(NUMBERS))
    if WAYS[way] == ("gateway", "cache"):
        suite.submit(photo)  # what is new to a gateway does not go this way
    proxies[way].mute()
    began = time.monotonic()

    answer = suite.rest.post(
        "/api/v1/frontal/crop/submit",
        files=photo,
        headers={"grpc-timeout": "1S"},
    )

    assert time.monotonic() - began < 4
    assert answer.status_code in (503, 504)
    assert answer.json()["details"][0]["reason"] in ("DEADLINE_EXCEEDED", "DEPENDENCY_UNAVAILABLE")
    proxies[way].clear()
    suite.until(lambda: submit(suite.rest, next(NUMBERS))[0], lambda reason: not reason)
