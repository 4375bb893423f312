"""One trace leads through every hop of a photo, whatever becomes of the queue."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

import pytest
import redis
from faces import face, fresh

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fixtures.collector import Collector, Seen
    from suite import Suite

HOPPER = face("hopper")
WITHOUT = "00f067aa0ba902b7"
"""The span of whoever sends the photo."""

SUBMIT = "gateway SERVER SubmitForm"
ACCEPT = "processor SERVER SubmitTask"
DRAW = "worker CONSUMER process masks"
BEGUN = "cache SERVER BeginTask"
STORED = "cache SERVER CompleteTask"

# From parent to child.
LOOKED_UP = {
    ("", SUBMIT),
    (SUBMIT, "gateway CLIENT FindResult"),
    ("gateway CLIENT FindResult", "cache SERVER FindResult"),
    ("cache SERVER FindResult", "cache CLIENT statement"),
}
ACCEPTED = {
    ("", SUBMIT),
    (SUBMIT, "gateway CLIENT SubmitTask"),
    ("gateway CLIENT SubmitTask", ACCEPT),
    (ACCEPT, "processor INTERNAL check"),
    (ACCEPT, "processor CLIENT BeginTask"),
    ("processor CLIENT BeginTask", BEGUN),
    (BEGUN, "cache CLIENT statement"),
}
QUEUED = {(ACCEPT, "processor PRODUCER send masks"), ("processor PRODUCER send masks", DRAW)}
DRAWN = {
    (DRAW, "worker CLIENT OpenTask"),
    ("worker CLIENT OpenTask", "cache SERVER OpenTask"),
    *(
        (DRAW, f"worker INTERNAL {step}")
        for step in ("read_photo", "read_landmarks", "lay_out", "outline", "place", "write")
    ),
    (DRAW, "worker CLIENT CompleteTask"),
    ("worker CLIENT CompleteTask", STORED),
    (STORED, "cache CLIENT statement"),
}

pytestmark = pytest.mark.e2e


@pytest.fixture
def trace_id() -> str:
    return uuid.uuid4().hex


def headers(trace_id: str, flags: str = "01") -> dict[str, str]:
    told = {"traceparent": f"00-{trace_id}-{WITHOUT}-{flags}", "tracestate": "vendor=1"}
    return {**told, "x-request-id": f"traced-{trace_id}"}


def come(suite: Suite, collector: Collector, trace_id: str, *last: str) -> Sequence[Seen]:
    """Return the spans of a trace once those that end last are there."""
    return suite.until(
        lambda: collector.of(trace_id),
        lambda spans: {*last} <= {str(span) for span in spans},
    )


def edges(spans: Sequence[Seen]) -> set[tuple[str, str]]:
    """Return who is whose parent; a parent that has not come is a failure."""
    known = {WITHOUT: "", **{span.span_id: str(span) for span in spans}}
    return {(known[span.parent_id], str(span)) for span in spans}


def test_one_photo_is_one_connected_trace(
    suite: Suite, collector: Collector, trace_id: str
) -> None:
    task = suite.submit(fresh(HOPPER, 701).files, headers=headers(trace_id))

    spans = come(suite, collector, trace_id, SUBMIT, STORED, DRAW)

    assert edges(spans) >= ACCEPTED | QUEUED | DRAWN
    assert collector.traces_with("facesvg.request_id", f"traced-{trace_id}") == {trace_id}
    assert collector.traces_with("facesvg.task_id", task["task_id"]) == {trace_id}
    assert [str(span) for span in spans if span.trouble] == []


def test_a_hit_is_a_look_and_nothing_more(
    suite: Suite, collector: Collector, trace_id: str
) -> None:
    photo = fresh(HOPPER, 703)
    suite.finished(suite.submit(photo.files)["task_id"])

    suite.submit(photo.files, headers=headers(trace_id))

    spans = come(suite, collector, trace_id, SUBMIT, "cache SERVER FindResult")
    assert edges(spans) == LOOKED_UP


def test_a_task_that_the_queue_lost_stays_in_its_trace(
    suite: Suite, collector: Collector, trace_id: str
) -> None:
    suite.stack.part("worker").stop()
    suite.submit(fresh(HOPPER, 702).files, headers=headers(trace_id))

    with redis.Redis.from_url(suite.stack.environment["REDIS_URL"]) as client:
        client.flushall()
    suite.stack.restart("worker")

    spans = come(suite, collector, trace_id, SUBMIT, STORED, DRAW)
    assert edges(spans) >= ACCEPTED | DRAWN | {(ACCEPT, DRAW)}
    [drawn] = [span for span in spans if str(span) == DRAW]
    assert drawn.facts["facesvg.request_id"] == f"traced-{trace_id}"


def test_a_trace_that_its_client_does_not_keep_is_not_sent(
    suite: Suite, collector: Collector, trace_id: str
) -> None:
    unkept = uuid.uuid4().hex
    suite.finished(suite.submit(fresh(HOPPER, 703).files, headers=headers(unkept, "00"))["task_id"])

    suite.submit(fresh(HOPPER, 704).files, headers=headers(trace_id))

    come(suite, collector, trace_id, SUBMIT, STORED, DRAW)
    assert collector.of(unkept) == []


def test_what_a_client_did_wrong_is_no_trouble_of_the_gateways(
    suite: Suite, collector: Collector, trace_id: str
) -> None:
    answer = suite.rest.get("/api/v1/frontal/crop/status/unknown", headers=headers(trace_id))

    [asked] = [
        span
        for span in come(suite, collector, trace_id, "gateway SERVER GetStatus")
        if str(span) == "gateway SERVER GetStatus"
    ]
    assert answer.status_code == 404
    assert (asked.facts["rpc.response.status_code"], asked.trouble) == ("NOT_FOUND", "")


def test_what_watches_the_suite_makes_no_spans(
    suite: Suite, collector: Collector, trace_id: str
) -> None:
    assert suite.rest.get("/health", headers=headers(trace_id)).status_code == 200

    come(suite, collector, trace_id, "gateway SERVER GetHealth")
    watching = ("grpc.health", "grpc.reflection", "facesvg.v1.OperationsService")
    assert not [name for name in collector.names() if name.startswith(watching)]
