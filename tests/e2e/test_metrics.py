"""What the whole suite counts, on its one page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from faces import face
from prometheus_client.parser import text_string_to_metric_families

if TYPE_CHECKING:
    from prometheus_client.samples import Sample
    from suite import Suite

HOPPER = face("hopper")
STATUS = "/api/v1/frontal/crop/status/{task_id}"
STEPS = {"read_photo", "read_landmarks", "lay_out", "outline", "place", "write"}


def samples(suite: Suite, name: str, **labels: str) -> list[Sample]:
    """Return the samples of one name whose labels are these, among others."""
    page = suite.rest.get("/metrics").text
    return [
        sample
        for family in text_string_to_metric_families(page)
        for sample in family.samples
        if sample.name == name and labels.items() <= sample.labels.items()
    ]


def total(suite: Suite, name: str, **labels: str) -> float:
    return sum(sample.value for sample in samples(suite, name, **labels))


def test_a_request_is_counted_by_its_route_and_status(suite: Suite) -> None:
    labels = {"method": "GET", "endpoint": STATUS, "status": "404"}
    before = total(suite, "api_requests_total", **labels)

    suite.rest.get("/api/v1/frontal/crop/status/unknown")

    assert total(suite, "api_requests_total", **labels) == before + 1


def test_no_upload_that_has_ended_is_in_flight(suite: Suite) -> None:
    suite.submit(HOPPER.files)
    suite.settle()

    # Asking is itself a request, of no bytes.
    assert total(suite, "upload_bytes_in_flight") == 0


def test_the_steps_of_drawings_are_timed_in_all_workers(suite: Suite) -> None:
    task_id = suite.submit(HOPPER.files, params={"min_area": 3})["task_id"]
    suite.finished(task_id)

    timed = samples(suite, "image_processing_duration_seconds_count", service="worker")
    drawn = total(suite, "task_completions_total", status="SUCCESS")

    assert {sample.labels["step"] for sample in timed} >= STEPS
    assert drawn >= 1
    assert total(suite, "landmarks_processed_total") >= 478 * drawn / 2


def test_the_cache_tells_what_it_holds(suite: Suite) -> None:
    suite.finished(suite.submit(HOPPER.files)["task_id"])

    suite.until(lambda: total(suite, "cached_entries_total"), lambda count: count >= 1)
    assert total(suite, "task_queue_size") >= 0


def test_each_service_tells_whether_what_it_depends_on_answers(suite: Suite) -> None:
    told = {
        (sample.labels["service"], sample.labels["dependency"]): sample.value
        for sample in samples(suite, "dependency_up")
    }

    assert told["processor", "redis"] == told["cache", "postgres"] == 1


def test_a_refusal_is_counted_by_its_kind(suite: Suite) -> None:
    labels = {"type": "TaskNotFound", "component": "cache"}
    before = total(suite, "refusals_total", **labels)

    suite.rest.get("/api/v1/frontal/crop/status/2c4b2f5e-0000-4000-8000-000000000000")

    assert total(suite, "refusals_total", **labels) == before + 1
