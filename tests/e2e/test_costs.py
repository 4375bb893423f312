"""What a hit and a miss cost, counted in calls between the services: no clock, no luck."""

from __future__ import annotations

from typing import TYPE_CHECKING

from faces import face, fresh
from prometheus_client.parser import text_string_to_metric_families

if TYPE_CHECKING:
    from collections.abc import Mapping

    from suite import Suite

HOPPER = face("hopper")
LOOKUP = "/api/v1/frontal/crop/lookup/"
RENDER = "/api/v1/frontal/crop/render"

OWN_TIME = {
    *("CacheService/TakeStranded", "CacheService/ReportProgress", "CacheService/CountHits"),
    *("CacheService/TakeDeliveries", "CacheService/ReportDelivery", "CacheService/ListErasures"),
    "CacheService/FindResults",  # whose questions count as FindResult
}
"""Calls that come by the clock, not by the photo."""


def calls(suite: Suite) -> dict[str, float]:
    """Return how many calls each method of the cache and the processor was begun with."""
    suite.settle()
    found = {}
    for family in text_string_to_metric_families(suite.rest.get("/metrics").text):
        for sample in family.samples:
            method = sample.labels.get("method", "").removeprefix("/facesvg.v1.")
            if sample.name == "grpc_server_started_total" and method not in OWN_TIME:
                found[method] = sample.value
    return {
        method: count
        for method, count in found.items()
        if method.startswith(("CacheService/", "ProcessorService/"))
    }


def between(before: Mapping[str, float], after: Mapping[str, float]) -> dict[str, float]:
    """Return what was called meanwhile."""
    more = {method: count - before.get(method, 0) for method, count in after.items()}
    return {method: count for method, count in more.items() if count}


def test_a_hit_is_one_call(suite: Suite) -> None:
    photo = fresh(HOPPER, 401)
    first = suite.submit(photo.files)
    suite.finished(first["task_id"])

    before = calls(suite)
    suite.submit(photo.files)
    assert between(before, calls(suite)) == {"CacheService/FindResult": 1}

    before = calls(suite)
    assert suite.rest.get(LOOKUP + first["input_hash"]).status_code == 200
    assert between(before, calls(suite)) == {"CacheService/FindResult": 1}


def test_a_miss_makes_each_call_once(suite: Suite) -> None:
    before = calls(suite)
    answer = suite.rest.post(RENDER, files=dict(fresh(HOPPER, 402).files))

    assert answer.status_code == 200
    called = between(before, calls(suite))
    # In vain, by a gateway that learned from other tests that much of what is new to it is drawn.
    called.pop("CacheService/FindResult", None)
    assert called == {
        "ProcessorService/SubmitTask": 1,
        "CacheService/BeginTask": 1,
        "CacheService/OpenTask": 1,
        "CacheService/CompleteTask": 1,
        "CacheService/WatchTask": 1,
    }
