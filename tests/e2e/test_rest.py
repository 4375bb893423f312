"""REST through Envoy, as any HTTP client speaks it."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

import pytest
from faces import face, fresh

if TYPE_CHECKING:
    import httpx
    from suite import Suite

HOPPER = face("hopper")
SVG = "{http://www.w3.org/2000/svg}"

pytestmark = pytest.mark.e2e


def data_url(data: bytes) -> str:
    return "data:image/png;base64," + base64.b64encode(data).decode()


def regions(svg: str) -> list[str]:
    return [
        path.attrib["data-region"]
        for path in ET.fromstring(svg).iter()  # noqa: S314 - our own drawing
        if "data-region" in path.attrib
    ]


def test_a_form_becomes_a_drawing(suite: Suite) -> None:
    submitted = suite.submit(fresh(HOPPER, 101).files)

    task = suite.finished(submitted["task_id"])

    assert task["status"] == "SUCCESS"
    assert task["progress"] == 100
    result = task["result"]
    assert result["regions_detected"] == len(result["regions"]) == 27
    assert set(result["mask_contours"]) == {str(n) for n in range(1, 28)}
    assert len(result["mask_contours"]["1"][0]) == 2
    svg = base64.b64decode(result["svg"]).decode()
    assert len(set(regions(svg))) == 27
    assert suite.rest.get(task["svg_url"]).text == svg


def test_the_submission_is_answered_as_the_seed_did(suite: Suite) -> None:
    answer = suite.submit(fresh(HOPPER, 102).files)

    assert set(answer) >= {
        "task_id",
        "status",
        "message",
        "submitted_at",
        "estimated_completion_time",
        "input_hash",
        "cache_hit",
    }
    assert answer["cache_hit"] is False
    assert answer["status"] in ("PENDING", "PROGRESS")


@pytest.mark.parametrize("encode", [data_url, lambda data: base64.b64encode(data).decode()])
def test_json_with_base64_becomes_a_drawing(suite: Suite, encode: Any) -> None:
    photo = fresh(HOPPER, 103)
    body = {
        "image": encode(photo.photo),
        "landmarks": json.loads(photo.landmarks),
        "segmentation_map": encode(photo.label_map),
        "preset": "features",
        "show_labels": True,
    }

    submitted = suite.posted(suite.rest.post("/api/v1/frontal/crop/submit", json=body))

    task = suite.finished(submitted["task_id"])
    assert "nose" in [region["name"] for region in task["result"]["regions"]]


def test_a_map_may_be_an_object_of_index_lists(suite: Suite) -> None:
    body = {
        "image": data_url(HOPPER.photo),
        "landmarks": json.loads(HOPPER.landmarks),
        "segmentation_map": {"between_the_eyes": [107, 336, 417, 193]},
    }

    submitted = suite.posted(suite.rest.post("/api/v1/frontal/crop/submit", json=body))

    task = suite.finished(submitted["task_id"])
    assert [region["name"] for region in task["result"]["regions"]] == ["between_the_eyes"]


def test_options_come_as_form_fields_or_query_alike(suite: Suite) -> None:
    parts = fresh(HOPPER, 104).files

    in_form = suite.submit(parts, data={"preset": "qoves5", "region_opacity": "0.5"})
    suite.finished(in_form["task_id"])
    in_query = suite.submit(parts, params={"preset": "qoves5", "region_opacity": "0.50"})

    assert in_query["cache_hit"] is True
    assert in_query["input_hash"] == in_form["input_hash"]


def test_render_answers_with_the_svg_itself(suite: Suite) -> None:
    answer = suite.rest.post("/api/v1/frontal/crop/render", files=HOPPER.files)

    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "image/svg+xml"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert ET.fromstring(answer.text).tag == f"{SVG}svg"  # noqa: S314 - our own drawing


def test_watching_ends_with_the_drawing(suite: Suite) -> None:
    submitted = suite.submit(fresh(HOPPER, 105).files)
    url = f"/api/v1/frontal/crop/watch/{submitted['task_id']}"

    with suite.rest.stream("GET", url) as answer:
        lines = [line for line in answer.iter_lines() if line]

    records = [json.loads(line.removeprefix("data: ")) for line in lines]
    assert answer.headers["content-type"] == "text/event-stream"
    assert all(line.startswith("data: ") for line in lines)
    assert records[-1]["status"] == "SUCCESS"
    assert records[-1]["result"]["regions_detected"] == 27
    assert all(record["status"] in ("PENDING", "PROGRESS") for record in records[:-1])


def test_a_hit_is_the_same_whatever_the_transport(suite: Suite) -> None:
    photo = fresh(HOPPER, 106)
    first = suite.submit(photo.files, data={"show_landmarks": "true"})
    suite.finished(first["task_id"])
    body = {
        "show_landmarks": True,
        "preset": "zones27",
        "landmarks": json.loads(photo.landmarks),
        "image": base64.b64encode(photo.photo).decode(),
        "segmentation_map": data_url(photo.label_map),
    }

    second = suite.posted(suite.rest.post("/api/v1/frontal/crop/submit", json=body))

    assert second["cache_hit"] is True
    assert second["task_id"] == first["task_id"]
    assert second["status"] == "SUCCESS"


def test_a_known_hash_is_answered_without_an_upload(suite: Suite) -> None:
    first = suite.submit(HOPPER.files)
    suite.finished(first["task_id"])

    found = suite.rest.get(f"/api/v1/frontal/crop/lookup/{first['input_hash']}")

    assert found.json()["task_id"] == first["task_id"]
    assert suite.rest.get("/api/v1/frontal/crop/lookup/" + "0" * 64).status_code == 404


def test_the_suite_is_healthy(suite: Suite) -> None:
    health = suite.rest.get("/health")
    database = suite.rest.get("/api/v1/database/health")

    assert health.json()["status"] == "healthy"
    assert {s["service"] for s in health.json()["services"]} == {"gateway", "processor", "cache"}
    assert database.json()["status"] == "healthy"


def test_metrics_of_all_services_are_on_one_page(suite: Suite) -> None:
    page = suite.rest.get("/metrics")

    assert page.headers["content-type"].startswith("text/plain")
    for service in ("gateway", "processor", "cache"):
        assert f'service="{service}"' in page.text


def test_the_cache_tells_what_it_did(suite: Suite) -> None:
    submitted = suite.submit(HOPPER.files)
    suite.finished(submitted["task_id"])

    stats = suite.rest.get("/api/v1/cache/stats", params={"days": 1}).json()
    recent = suite.rest.get("/api/v1/cache/recent", params={"limit": 3}).json()
    cleaned = suite.rest.post("/api/v1/cache/cleanup")

    assert stats["total_requests"] >= 1
    assert stats["tasks_by_status"]["SUCCESS"] >= 1
    assert isinstance(recent, list)
    assert 1 <= len(recent) <= 3
    assert recent[0]["task_id"]
    assert cleaned.status_code == 200


def test_lists_of_tasks_come_in_pages(suite: Suite) -> None:
    for number in (111, 112):
        suite.finished(suite.submit(fresh(HOPPER, number).files)["task_id"])

    first = suite.rest.get("/api/v1/tasks", params={"page_size": 1}).json()
    token = first["next_page_token"]
    second = suite.rest.get("/api/v1/tasks", params={"page_size": 1, "page_token": token}).json()

    assert first["tasks"][0]["task_id"] != second["tasks"][0]["task_id"]


def test_presets_are_listed_with_their_regions(suite: Suite) -> None:
    presets = suite.rest.get("/api/v1/regions").json()["presets"]

    assert presets[0]["name"] == "zones27"
    assert len(presets[0]["regions"]) == 27


def test_an_erased_task_is_gone(suite: Suite) -> None:
    submitted = suite.submit(fresh(HOPPER, 113).files)
    suite.finished(submitted["task_id"])

    erased = suite.rest.delete(f"/api/v1/frontal/crop/{submitted['task_id']}")

    assert erased.status_code == 200
    assert suite.rest.get(f"/api/v1/frontal/crop/status/{submitted['task_id']}").status_code == 404
    assert suite.submit(fresh(HOPPER, 113).files)["cache_hit"] is False


def test_a_browser_on_another_site_may_ask_first(suite: Suite) -> None:
    answer: httpx.Response = suite.rest.options(
        "/api/v1/frontal/crop/submit",
        headers={"origin": "http://localhost:3000", "access-control-request-method": "POST"},
    )

    assert answer.status_code == 200
