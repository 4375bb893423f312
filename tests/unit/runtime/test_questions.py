"""Questions that are messages of one stream."""

from __future__ import annotations

import pytest

from services.runtime import metrics, questions

METHOD = "/facesvg.v1.CacheService/AskedInATest"


def counted() -> tuple[float, float, float]:
    """Return how many calls were begun, ended well, and timed."""
    began = metrics.started_of(METHOD)._value.get()
    ended = metrics.ended_of(METHOD, "OK")._value.get()
    (family,) = metrics.call_seconds.collect()
    timed = sum(
        sample.value
        for sample in family.samples
        if sample.labels.get("method") == METHOD and sample.name.endswith("_count")
    )
    return began, ended, timed


def test_each_counts_as_a_call() -> None:
    before = counted()

    with questions.each_is(METHOD, [], 3):
        pass

    assert [after - was for after, was in zip(counted(), before, strict=True)] == [3, 3, 3]


def test_none_counts_where_no_answer_was_found() -> None:
    before = counted()

    with pytest.raises(LookupError), questions.each_is(METHOD, [], 3):
        raise LookupError

    assert counted() == before
